//! `Tracer`: writes a guest's actions as they happen: host calls as `strace` shows system calls,
//! function calls, instructions and memory accesses. The output is text, JSON lines, or the format
//! of Chrome's and Perfetto's viewers.

mod format;
mod objects;
mod summary;

pub use format::Format;

use crate::pattern::like;
use crate::symbols::{FuncId, Symbols};
use crate::values;
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

/// The events to trace, and the output.
///
/// See [`Tracer`] for an example.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Traces calls of imported host functions.
    pub host: bool,
    /// Traces calls of functions.
    pub calls: bool,
    /// Traces instructions, each with its topmost operands.
    pub instructions: bool,
    /// Traces reads and writes of memory, and growth of memories and tables.
    pub memory: bool,
    /// Traces allocations of objects, exceptions that are thrown and caught, and collections of
    /// garbage.
    pub objects: bool,
    /// Restricts memory accesses to those that touch one of these address ranges; no restriction if
    /// empty.
    pub addresses: Vec<Range<u64>>,
    /// Restricts events other than host calls to functions whose names match one of these patterns;
    /// no restriction if empty. Patterns are those of [`Filter`], and match the names as shown as
    /// well.
    pub funcs: Vec<String>,
    /// Restricts host calls to imports whose names match one of these patterns; no restriction if
    /// empty.
    pub imports: Vec<String>,
    /// Restricts calls to those nested less deep than this.
    pub depth: Option<usize>,
    /// The maximum number of calls and other events to write. The guest then continues unobserved,
    /// and calls that are still in progress get no results.
    pub limit: Option<u64>,
    /// Shows the duration of each call.
    pub times: bool,
    /// Writes only a table at the end, with the number of calls of each function, their errors and
    /// their total time.
    pub summary: bool,
    /// Shows the paths of file descriptors, starting from those in `fds`.
    pub paths: bool,
    /// The directories that the guest is given.
    pub fds: Fds,
    /// The format of the output.
    pub format: Format,
}

/// Writes a trace of a guest's actions.
///
/// Every event is written when it happens. For a host call, everything known before the call is
/// written before the call. If writing fails, the guest is stopped with that error.
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

/// The state that the hooks of a tracer share.
struct State<W> {
    options: Options,
    symbols: Symbols,
    fds: Fds,
    writer: Writer<W>,
    summary: Summary,
    /// The calls in progress, the outermost first.
    calls: Vec<Open>,
    began: Instant,
    left: u64,
    /// The hooks to detach when the limit is reached.
    hooks: Vec<HookId<Observer<W>>>,
}

/// A call in progress.
struct Open {
    place: Location,
    shown: bool,
    since: Instant,
    /// The decoded arguments of a WASI call.
    wasi: Option<wasi::Call>,
}

/// A hook of a tracer, either for host calls or for events in functions.
struct Observer<W> {
    shared: Arc<Mutex<State<W>>>,
}

/// Locks the shared state, ignoring poison: another thread may end the trace at any point, but no
/// code panics while it holds the lock.
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
        // A table has no points in time for a timeline, so it is written as JSON.
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

    /// Ends the trace and returns the output.
    ///
    /// # Errors
    ///
    /// Returns an error if writing failed, or if a clone has already ended the trace.
    pub fn finish(self) -> io::Result<W> {
        let state = &mut *lock(&self.shared);
        if state.options.summary {
            let text = state.summary.text(state.options.format == Format::Text);
            state.writer.put(&text);
        }
        state.writer.finish()
    }
}

/// Returns the filters of a tracer's hooks.
fn filters(options: &Options, symbols: &Symbols) -> Vec<Filter> {
    let mut filters = Vec::new();
    // Paths follow file descriptors through all host calls, even if only some are shown.
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
        (options.objects, Events::ALLOCATIONS | Events::EXCEPTIONS),
        // Collections happen in no function in particular.
        (options.objects && options.funcs.is_empty(), Events::COLLECTIONS),
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
        .union(Events::ALLOCATIONS)
        .union(Events::EXCEPTIONS)
        .union(Events::COLLECTIONS)
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
                    let args = values::plain(&mut store, args);
                    state.enter("call", place.at(None), args, None);
                }
            }
            Event::FuncLeave(leave) => state.leave(&mut store, leave),
            Event::Instruction => state.instruction(&mut store)?,
            Event::MemoryRead(access) => state.access(&mut store, "read", access),
            Event::MemoryWrite(access) => state.access(&mut store, "write", access),
            Event::HeapGrow { old, new } => state.heap_growth(&mut store, old, new),
            Event::MemoryGrow(growth) => state.growth(&mut store, "memory.grow", growth),
            Event::TableGrow(growth) => state.growth(&mut store, "table.grow", growth),
            Event::Allocate(allocation) => state.allocation(&mut store, allocation),
            Event::Throw { tag, values } => state.exception(&mut store, "throw", Some(tag), values),
            Event::Catch { tag, values, .. } => state.exception(&mut store, "catch", tag, values),
            Event::Collected(collection) => state.collection(&mut store, collection),
            Event::ThrowRef(_) => state.object(&mut store, "throw_ref", Vec::new()),
            Event::Trap(trap) => {
                if let Some((place, _)) = state.here(&mut store) {
                    state.instant("trap", place, trap.to_string(), Vec::new());
                }
            }
            _ => {}
        }
        // Stays attached until the last host call that is shown has its result.
        if state.left == 0 && !host {
            state.hooks.drain(..).for_each(|id| store.detach(id));
        }
        state.writer.check().map_err(|error| Error::new(error).context("failed to write the trace"))
    }
}

/// Returns the memory of WASI calls, which is the one that the calling instance exports.
fn memory<'a, T: 'static>(store: &'a mut StoreContextMut<'_, T>, frame: Option<Frame>) -> &'a [u8] {
    let memory = frame.and_then(|frame| frame.instance().get_memory(&mut *store, "memory"));
    memory.map_or(&[], |memory| memory.data(&*store))
}

impl<W: Write> State<W> {
    /// Returns the guest's current position.
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
            None => values::plain(store, call.args),
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
                _ => record.results = values::plain(store, values),
            },
            Err(error) => record.error = Some(error),
        }
        self.left_call(&open, &record);
    }

    /// Handles the begin of a host call or of a function call.
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

    /// Returns `true` if a call is selected by the options.
    fn wants(&self, place: &Location) -> bool {
        let fits = |import: &String| {
            let (module, name) = import.rsplit_once('.').unwrap_or(("*", import));
            like(module, &place.module) && like(name, &place.name)
        };
        let imports = &self.options.imports;
        !place.host || imports.is_empty() || imports.iter().any(fits)
    }

    fn leave<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>, leave: Leave<'_>) {
        let Some(open) = self.calls.pop() else { return };
        let mut record = self.record("call", &open);
        match leave {
            Leave::Return(values) => record.results = values::plain(store, values),
            Leave::TailCall => record.error = Some("tail call".into()),
            Leave::Exception => record.error = Some("exception".into()),
            Leave::Unwind => record.error = Some("unwound".into()),
        }
        record.failed = matches!(leave, Leave::Exception | Leave::Unwind);
        self.left_call(&open, &record);
    }

    /// Writes or counts a call that has ended.
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
        let shown = |value| Named { name: "", value: values::show(store, value) };
        let operands = last.iter().map(shown).collect();
        self.instant("instruction", place, operator, operands);
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

    /// Writes an event without duration.
    fn instant(&mut self, kind: &'static str, place: Location, what: String, args: Vec<Named>) {
        if self.take() && !self.options.summary {
            let now = Instant::now();
            let open = Open { place, shown: true, since: now, wasi: None };
            let record = Record { args, what: Some(what), ..self.record(kind, &open) };
            self.writer.instant(&record);
        }
    }

    /// Uses up one of the events to show, and returns `true` if there was one left.
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
