//! `Tracer`: writes down what a guest does while it does it: calls of the host as `strace` shows
//! them, calls of functions, instructions, memory. As text, as lines of JSON, or for Chrome's and
//! Perfetto's viewer.

mod format;
mod summary;

pub use format::Format;

use crate::pattern::like;
use crate::symbols::{FuncId, Symbols};
use crate::wasi::{self, Fds, Named, Shown};
use burdock::names::Escaped;
use burdock::{
    Error, Event, Events, Filter, Frame, Growth, Hook, HookId, HostCall, Leave, MemoryAccess,
    Result, Store, StoreContextMut, Values,
};
use format::{Location, Record, Writer};
use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use summary::Summary;

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
    /// Of memory, only accesses that touch these addresses.
    pub addresses: Vec<Range<u64>>,
    /// Only in functions of names like these; of host calls, only those whose import is like one of
    /// `imports`. Patterns as in [`Filter`]; they are for names as they are shown, too.
    pub funcs: Vec<String>,
    /// Of host calls, only these imports, by names like these.
    pub imports: Vec<String>,
    /// Only calls nested less deep than this.
    pub depth: Option<usize>,
    /// At most this many calls and other events. Once they are written, the guest runs on without
    /// being observed: calls that are on at that moment have no results.
    pub limit: Option<u64>,
    /// How long each call takes.
    pub times: bool,
    /// Write only a table at the end: how often what was called, with how many errors, for how long.
    pub summary: bool,
    /// Show the paths of file descriptors, which `fds` knows at the beginning.
    pub paths: bool,
    /// The directories that the guest is given.
    pub fds: Fds,
    /// As what it is written.
    pub format: Format,
}

/// Writes down what a guest does.
///
/// Every event is written when it happens; of a call of the host, what is known before it is
/// written before. When writing fails, the guest is stopped with that error.
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

impl<W> Clone for Tracer<W> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

/// What the hooks of a tracer share.
struct State<W> {
    options: Options,
    symbols: Symbols,
    fds: Fds,
    writer: Writer<W>,
    summary: Summary,
    /// Calls that are on, the outermost first.
    calls: Vec<Open>,
    began: Instant,
    left: u64,
    /// What is detached when enough is written.
    hooks: Vec<HookId<Observer<W>>>,
}

/// A call that is on.
struct Open {
    place: Location,
    shown: bool,
    since: Instant,
    /// Of a call of WASI, what its arguments are.
    wasi: Option<wasi::Call>,
}

/// One of the hooks of a tracer: for calls of the host, or for what happens in functions.
struct Observer<W> {
    shared: Arc<Mutex<State<W>>>,
}

/// A trace that another thread ends may be cut off anywhere, but nothing panics that holds it.
fn lock<W>(shared: &Mutex<State<W>>) -> MutexGuard<'_, State<W>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<W: Write + Send + 'static> Tracer<W> {
    /// Attaches to a store.
    pub fn attach<T: 'static>(
        store: &mut Store<T>,
        options: Options,
        symbols: Symbols,
        out: W,
    ) -> Self {
        let filters = filters(&options, &symbols);
        // A table has no moments in time.
        let format = match options.format {
            Format::Chrome if options.summary => Format::Json,
            format => format,
        };
        let state = State {
            fds: options.fds.clone(),
            writer: Writer::new(out, format),
            summary: Summary::default(),
            calls: Vec::new(),
            began: Instant::now(),
            left: options.limit.unwrap_or(u64::MAX),
            hooks: Vec::new(),
            symbols,
            options,
        };
        let shared = Arc::new(Mutex::new(state));
        for filter in filters {
            let id = store.attach(filter, Observer { shared: shared.clone() });
            lock(&shared).hooks.push(id);
        }
        Self { shared }
    }

    /// Ends the trace and gives back what it was written to.
    ///
    /// # Errors
    ///
    /// Writing has failed, or the trace has been ended before, by a clone.
    pub fn finish(self) -> io::Result<W> {
        let state = &mut *lock(&self.shared);
        if state.options.summary {
            let text = state.summary.text(state.options.format == Format::Text);
            state.writer.put(&text);
        }
        state.writer.finish()
    }
}

/// What the hooks of a tracer look at.
fn filters(options: &Options, symbols: &Symbols) -> Vec<Filter> {
    let mut filters = Vec::new();
    // File descriptors are followed through all calls, whichever are shown.
    let follows = options.paths && !options.imports.is_empty();
    if options.host {
        let mut filter = Filter::new().events(Events::HOST_CALLS);
        for import in options.imports.iter().filter(|_| !follows) {
            let (module, name) = import.rsplit_once('.').unwrap_or(("*", import));
            filter = filter.import(module, name);
        }
        filters.push(filter);
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
            for (_, code) in symbols.codes() {
                filter = code.raw_names_like(func).into_iter().fold(filter, Filter::func);
            }
        }
        filter = options.addresses.iter().cloned().fold(filter, Filter::memory);
        filters.push(filter);
    }
    filters
}

impl<T: 'static, W: Write + Send + 'static> Hook<T> for Observer<W> {
    const EVENTS: Events = Events::HOST_CALLS
        .union(Events::FUNCS)
        .union(Events::INSTRUCTIONS)
        .union(Events::MEMORY)
        .union(Events::GROWTH)
        .union(Events::TRAPS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let mut state = lock(&self.shared);
        let state = &mut *state;
        let host = matches!(event, Event::HostEnter(_));
        match event {
            Event::HostEnter(call) => state.host_enter(&mut store, call),
            Event::HostLeave(call, result) => {
                let result = match result {
                    Ok(values) => Ok(values),
                    Err(error) => Err(Escaped(&error.root_cause().to_string()).to_string()),
                };
                state.host_leave(&mut store, call, result);
            }
            Event::FuncEnter(args) => {
                if let Some((place, _)) = state.here(&mut store) {
                    state.enter("call", place.at(None), wasi::plain(args), None);
                }
            }
            Event::FuncLeave(leave) => state.leave(leave),
            Event::Instruction => state.instruction(&mut store)?,
            Event::MemoryRead(access) => state.access(&mut store, "read", access),
            Event::MemoryWrite(access) => state.access(&mut store, "write", access),
            Event::MemoryGrow(growth) => state.growth(&mut store, "memory.grow", growth),
            Event::TableGrow(growth) => state.growth(&mut store, "table.grow", growth),
            Event::Trap(trap) => {
                if let Some((place, _)) = state.here(&mut store) {
                    state.instant("trap", place, trap.to_string(), Vec::new());
                }
            }
            _ => {}
        }
        // The result of the last call of the host that is shown is waited for.
        if state.left == 0 && !host {
            state.hooks.drain(..).for_each(|id| store.detach(id));
        }
        state.writer.check().map_err(|error| Error::new(error).context("failed to write the trace"))
    }
}

/// The memory that WASI works on: the one that the calling instance exports.
fn memory<'a, T: 'static>(store: &'a mut StoreContextMut<'_, T>, frame: Option<Frame>) -> &'a [u8] {
    let memory = frame.and_then(|frame| frame.instance().get_memory(&mut *store, "memory"));
    memory.map_or(&[], |memory| memory.data(&*store))
}

impl<W: Write> State<W> {
    /// Where the guest is.
    fn here<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
    ) -> Option<(Location, FuncId)> {
        let frame = store.frame()?;
        let func = self.symbols.func(&*store, &frame);
        let module = self.symbols.module_name(func).to_owned();
        let name = self.symbols.name(func).to_owned();
        Some((Location { module, name, host: false, offset: Some(frame.offset()) }, func))
    }

    fn host_enter<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>, call: &HostCall<'_>) {
        let mut decoded = None;
        if call.module.starts_with("wasi_") {
            let args: Vec<_> = call.args.iter().collect();
            let frame = store.frame();
            decoded = wasi::Call::imported(call.module, call.name, &args, memory(store, frame));
        }
        let mut args = match &decoded {
            Some(decoded) => decoded.args.clone(),
            None => wasi::plain(call.args),
        };
        if self.options.paths {
            self.fds.annotate(&mut args);
        }
        let [module, name] = [call.module, call.name].map(|name| Escaped(name).to_string());
        self.enter("host", Location { module, name, host: true, offset: None }, args, decoded);
    }

    fn host_leave<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        call: &HostCall<'_>,
        result: Result<Values<'_>, String>,
    ) {
        let Some(open) = self.calls.pop() else { return };
        let mut record = self.record("host", &open);
        match result {
            Ok(values) => match (&open.wasi, values.get(0).and_then(|value| value.i32())) {
                (Some(decoded), Some(errno)) if call.name != "proc_exit" => {
                    record.errno = Some(wasi::errno(errno as u32));
                    record.failed = errno != 0;
                    let frame = store.frame();
                    if errno == 0 {
                        let memory = memory(store, frame);
                        record.results = decoded.results(memory);
                        self.fds.succeeded(call.name, decoded, memory);
                    }
                    if self.options.paths {
                        self.fds.annotate(&mut record.results);
                    }
                }
                _ => record.results = wasi::plain(values),
            },
            Err(error) => record.error = Some(error),
        }
        self.left_call(&open, &record);
    }

    /// A call begins, of the host or of a function.
    fn enter(
        &mut self,
        kind: &'static str,
        place: Location,
        args: Vec<Named>,
        wasi: Option<wasi::Call>,
    ) {
        let deep = self.options.depth.is_some_and(|depth| self.calls.len() >= depth);
        let shown = !deep && self.wants(&place) && self.take();
        let open = Open { place, shown, since: Instant::now(), wasi };
        if shown && !self.options.summary {
            let mut record = self.record(kind, &open);
            record.args = args;
            self.writer.enter(&record);
        }
        self.calls.push(open);
    }

    /// Whether a call is one of those that were asked for.
    fn wants(&self, place: &Location) -> bool {
        let fits = |import: &String| {
            let (module, name) = import.rsplit_once('.').unwrap_or(("*", import));
            like(module, &place.module) && like(name, &place.name)
        };
        let imports = &self.options.imports;
        !place.host || imports.is_empty() || imports.iter().any(fits)
    }

    fn leave(&mut self, leave: Leave<'_>) {
        let Some(open) = self.calls.pop() else { return };
        let mut record = self.record("call", &open);
        match leave {
            Leave::Return(values) => record.results = wasi::plain(values),
            Leave::TailCall => record.error = Some("tail call".into()),
            Leave::Unwind => record.error = Some("unwound".into()),
        }
        record.failed = matches!(leave, Leave::Unwind);
        self.left_call(&open, &record);
    }

    /// A call is over.
    fn left_call(&mut self, open: &Open, record: &Record) {
        if open.shown && self.options.summary {
            self.summary.add(record, open.since.elapsed());
        } else if open.shown {
            self.writer.leave(record);
        }
    }

    fn instruction<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>) -> Result<()> {
        let Some(frame) = store.frame() else { return Ok(()) };
        let Some((place, func)) = self.here(store) else { return Ok(()) };
        let operator = self.symbols.operator(func, frame.offset()).to_owned();
        let operands = frame.operands(&*store)?;
        let last = &operands[operands.len().saturating_sub(4)..];
        let operands = last.iter().map(|value| Named { name: "", value: wasi::show(value) });
        self.instant("instruction", place, operator, operands.collect());
        Ok(())
    }

    fn access<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        kind: &str,
        access: MemoryAccess,
    ) {
        let MemoryAccess { memory, address, len, value } = access;
        let mut fields = vec![
            Named { name: "address", value: Shown::Hex(address.into()) },
            Named { name: "len", value: Shown::Int(i128::from(len)) },
        ];
        fields.extend(value.map(|value| Named { name: "value", value: Shown::Hex(value) }));
        if memory != 0 {
            fields.push(Named { name: "memory", value: Shown::Int(i128::from(memory)) });
        }
        if let Some((place, _)) = self.here(store) {
            self.instant("memory", place, kind.to_owned(), fields);
        }
    }

    fn growth<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        kind: &str,
        growth: Growth,
    ) {
        let old = growth.old.map_or(Shown::Word("failed".into()), |old| Shown::Int(old.into()));
        let new = Shown::Int(growth.new.into());
        let fields = vec![Named { name: "old", value: old }, Named { name: "new", value: new }];
        if let Some((place, _)) = self.here(store) {
            self.instant("memory", place, kind.to_owned(), fields);
        }
    }

    /// Something without duration.
    fn instant(&mut self, kind: &'static str, place: Location, what: String, args: Vec<Named>) {
        if self.take() && !self.options.summary {
            let now = Instant::now();
            let open = Open { place, shown: true, since: now, wasi: None };
            let record = Record { args, what: Some(what), ..self.record(kind, &open) };
            self.writer.instant(&record);
        }
    }

    /// Whether one more may be shown.
    fn take(&mut self) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }

    fn record(&self, kind: &'static str, open: &Open) -> Record {
        let now = Instant::now();
        Record {
            kind,
            place: open.place.clone(),
            what: None,
            args: Vec::new(),
            results: Vec::new(),
            errno: None,
            error: None,
            failed: false,
            depth: if self.options.calls { self.calls.len() } else { 0 },
            at: now.duration_since(self.began),
            took: now.duration_since(open.since),
            times: self.options.times,
        }
    }
}
