//! `Tracer`: writes down what a guest does while it does it: calls of the host as `strace` shows
//! them, calls of functions, instructions, memory. As text, as lines of JSON, or for Chrome's and
//! Perfetto's viewer.

mod format;

pub use format::Format;

use crate::symbols::{FuncId, Symbols};
use crate::wasi::{self, Named, Shown};
use burdock::{
    Event, Events, Filter, Frame, Growth, Hook, HostCall, Leave, MemoryAccess, Result, Store,
    StoreContextMut, Values,
};
use format::{Record, Writer};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What is traced, and how it is written.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Calls of imported host functions.
    pub host: bool,
    /// Calls of functions.
    pub calls: bool,
    /// Instructions, each with the operands below it.
    pub instructions: bool,
    /// Memory that is read or written, and memories and tables that grow.
    pub memory: bool,
    /// Only in functions of names like these; of host calls, only those whose import is like one of
    /// `imports`. Patterns as in [`Filter`].
    pub funcs: Vec<String>,
    /// Of host calls, only these imports, by names like these.
    pub imports: Vec<String>,
    /// Only calls nested less deep than this.
    pub depth: Option<usize>,
    /// At most so many lines.
    pub limit: Option<u64>,
    /// How long each call takes.
    pub times: bool,
    /// As what it is written.
    pub format: Format,
}

/// Writes down what a guest does.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::trace::{Options, Tracer};
/// use burdock_tools::Symbols;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module $m
///     (import "env" "now" (func $now (result i32)))
///     (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
///     (func (export "run") (result i32) (call $add (call $now) (i32.const 1))))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "now", || 41)?;
/// let mut store = Store::new(&engine, ());
/// let options = Options { host: true, calls: true, ..Options::default() };
/// let tracer = Tracer::attach(&mut store, options, Symbols::default(), Vec::new());
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?;
/// let written = tracer.finish()?;
/// assert_eq!(String::from_utf8(written)?, "\
/// m!run()
///   env.now() = 41
///   m!add(41, 1) = 42
/// m!run = 42
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Tracer<W> {
    shared: Arc<Mutex<State<W>>>,
}

/// What the hooks of a tracer share.
struct State<W> {
    options: Options,
    symbols: Symbols,
    writer: Writer<W>,
    /// Calls that are on, the outermost first.
    calls: Vec<Open>,
    began: Instant,
    left: u64,
}

/// A call that is on.
struct Open {
    name: String,
    shown: bool,
    since: Instant,
    /// Of a call of WASI, what its arguments are.
    wasi: Option<wasi::Call>,
}

/// One of the hooks of a tracer: for calls of the host, or for what happens in functions.
struct Observer<W> {
    shared: Arc<Mutex<State<W>>>,
}

impl<W: Write + Send + 'static> Tracer<W> {
    /// Attaches to a store.
    pub fn attach<T: 'static>(
        store: &mut Store<T>,
        options: Options,
        symbols: Symbols,
        out: W,
    ) -> Self {
        let writer = Writer::new(out, options.format);
        let left = options.limit.unwrap_or(u64::MAX);
        let (calls, began) = (Vec::new(), Instant::now());
        let state = State { options: options.clone(), symbols, writer, calls, began, left };
        let shared = Arc::new(Mutex::new(state));
        let observer = || Observer { shared: shared.clone() };
        if options.host {
            let mut filter = Filter::new().events(Events::HOST_CALLS);
            for import in &options.imports {
                let (module, name) = import.rsplit_once('.').unwrap_or(("*", import));
                filter = filter.import(module, name);
            }
            store.attach(filter, observer());
        }
        let mut events = Events::NONE;
        for (wanted, kinds) in [
            (options.calls, Events::FUNCS),
            (options.instructions, Events::INSTRUCTIONS),
            (options.memory, Events::MEMORY | Events::GROWTH),
        ] {
            events = if wanted { events | kinds } else { events };
        }
        if !events.is_empty() {
            let mut filter = Filter::new().events(events | Events::TRAPS);
            for func in &options.funcs {
                filter = filter.func(func.as_str());
            }
            store.attach(filter, observer());
        }
        Self { shared }
    }

    /// Ends the trace and gives back what it was written to.
    ///
    /// # Errors
    ///
    /// Writing has failed. The guest was not told.
    pub fn finish(self) -> io::Result<W> {
        let mut state = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        state.writer.finish()
    }
}

impl<T: 'static, W: Write + Send + 'static> Hook<T> for Observer<W> {
    const EVENTS: Events = Events::HOST_CALLS
        .union(Events::FUNCS)
        .union(Events::INSTRUCTIONS)
        .union(Events::MEMORY)
        .union(Events::GROWTH)
        .union(Events::TRAPS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let mut state = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        match event {
            Event::HostEnter(call) => state.host_enter(&mut store, call),
            Event::HostLeave(call, result) => {
                let result = match result {
                    Ok(values) => Ok(values),
                    Err(error) => Err(error.root_cause().to_string()),
                };
                state.host_leave(&mut store, call, result);
            }
            Event::FuncEnter(args) => {
                if let Some(func) = state.here(&mut store) {
                    let name = state.symbols.full_name(func);
                    state.enter(name, wasi::plain(args), None);
                }
            }
            Event::FuncLeave(leave) => state.leave(leave),
            Event::Instruction => state.instruction(&mut store)?,
            Event::MemoryRead(access) => state.access("read", access),
            Event::MemoryWrite(access) => state.access("write", access),
            Event::MemoryGrow(growth) => state.growth("memory.grow", growth),
            Event::TableGrow(growth) => state.growth("table.grow", growth),
            Event::Trap(trap) => state.line("trap", trap.to_string(), Vec::new()),
            _ => {}
        }
        Ok(())
    }
}

/// The memory that WASI works on: the one that the calling instance exports.
fn memory<'a, T: 'static>(store: &'a mut StoreContextMut<'_, T>, frame: Option<Frame>) -> &'a [u8] {
    let memory = frame.and_then(|frame| frame.instance().get_memory(&mut *store, "memory"));
    memory.map_or(&[], |memory| memory.data(&*store))
}

impl<W: Write> State<W> {
    fn here<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>) -> Option<FuncId> {
        let frame = store.frame()?;
        Some(self.symbols.func(&*store, &frame))
    }

    fn host_enter<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>, call: &HostCall<'_>) {
        let name = format!("{}.{}", call.module, call.name);
        let mut decoded = None;
        if call.module == wasi::MODULE {
            let args: Vec<_> = call.args.iter().collect();
            let frame = store.frame();
            decoded = wasi::Call::new(call.name, &args, memory(store, frame));
        }
        let args = match &decoded {
            Some(decoded) => decoded.args.clone(),
            None => wasi::plain(call.args),
        };
        self.enter(name, args, decoded);
    }

    fn host_leave<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        call: &HostCall<'_>,
        result: Result<Values<'_>, String>,
    ) {
        let Some(open) = self.calls.pop() else { return };
        let mut record = self.record(&open);
        match result {
            Ok(values) => match (&open.wasi, values.get(0).and_then(|value| value.i32())) {
                (Some(decoded), Some(errno)) if call.name != "proc_exit" => {
                    record.errno = Some(wasi::errno(errno as u32));
                    let frame = store.frame();
                    if errno == 0 {
                        record.results = decoded.results(memory(store, frame));
                    }
                }
                _ => record.results = wasi::plain(values),
            },
            Err(error) => record.error = Some(error),
        }
        if open.shown {
            self.writer.leave(&record);
        }
    }

    /// A call begins, of the host or of a function.
    fn enter(&mut self, name: String, args: Vec<Named>, decoded: Option<wasi::Call>) {
        let deep = self.options.depth.is_some_and(|depth| self.calls.len() >= depth);
        let shown = !deep && self.take();
        let open = Open { name, shown, since: Instant::now(), wasi: decoded };
        if shown {
            let mut record = self.record(&open);
            record.args = args;
            self.writer.enter(&record);
        }
        self.calls.push(open);
    }

    fn leave(&mut self, leave: Leave<'_>) {
        let Some(open) = self.calls.pop() else { return };
        if !open.shown {
            return;
        }
        let mut record = self.record(&open);
        match leave {
            Leave::Return(values) => record.results = wasi::plain(values),
            Leave::TailCall => record.error = Some("tail call".into()),
            Leave::Unwind => record.error = Some("unwound".into()),
        }
        self.writer.leave(&record);
    }

    fn instruction<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>) -> Result<()> {
        let Some(frame) = store.frame() else { return Ok(()) };
        if self.left == 0 {
            return Ok(());
        }
        let func = self.symbols.func(&*store, &frame);
        let operator = self.symbols.operator(func, frame.offset()).to_owned();
        let operands = frame.operands(&*store)?;
        let last = &operands[operands.len().saturating_sub(4)..];
        let operands: Vec<_> =
            last.iter().map(|value| Named { name: "", value: wasi::show(value) }).collect();
        let separator = if operands.is_empty() { "" } else { "  ;" };
        let name =
            format!("{}@{:#x} {operator}{separator}", self.symbols.full_name(func), frame.offset());
        self.line("instruction", name, operands);
        Ok(())
    }

    fn access(&mut self, kind: &'static str, access: MemoryAccess) {
        let MemoryAccess { memory, address, len, value } = access;
        let mut fields = vec![
            Named { name: "address", value: Shown::Word(format!("{address:#x}")) },
            Named { name: "len", value: Shown::Int(i128::from(len)) },
        ];
        if let Some(value) = value {
            fields.push(Named { name: "value", value: Shown::Word(format!("{value:#x}")) });
        }
        if memory != 0 {
            fields.push(Named { name: "memory", value: Shown::Int(i128::from(memory)) });
        }
        self.line("memory", kind.to_owned(), fields);
    }

    fn growth(&mut self, kind: &str, growth: Growth) {
        let old = growth.old.map_or(Shown::Word("failed".into()), |old| Shown::Int(old.into()));
        let new = Shown::Int(growth.new.into());
        let fields = vec![Named { name: "old", value: old }, Named { name: "new", value: new }];
        self.line("memory", kind.to_owned(), fields);
    }

    /// Something without duration.
    fn line(&mut self, kind: &'static str, name: String, args: Vec<Named>) {
        if self.take() {
            let now = Instant::now();
            let open = Open { name, shown: true, since: now, wasi: None };
            let record = Record { kind, args, ..self.record(&open) };
            self.writer.instant(&record);
        }
    }

    /// Whether one more may be shown.
    fn take(&mut self) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }

    fn record(&self, open: &Open) -> Record {
        let now = Instant::now();
        Record {
            kind: "call",
            name: open.name.clone(),
            args: Vec::new(),
            results: Vec::new(),
            errno: None,
            error: None,
            depth: if self.options.calls { self.calls.len() } else { 0 },
            at: now.duration_since(self.began),
            took: self.options.times.then(|| now.duration_since(open.since)),
        }
    }
}
