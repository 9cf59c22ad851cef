//! `Recorder`: records the results of host calls, so that a run can be repeated without the host.

use super::state::differences;
use crate::symbols::import_name;
use crate::wasi::{Call, Shown};
use burdock::{
    Count, Counter, Error, Event, Events, Filter, Hook, HookId, HostCall, Module, Result, Store,
    StoreContextMut, Val, Values, bail,
};

/// Records a run of a store's guests.
///
/// For each host call, its results are recorded, and what it writes to the memory that the caller
/// exports as `memory`. Other effects of the host on a guest (on globals, tables, other memories)
/// are not recorded. A host function that returns references or calls a guest ends the run with an
/// error, because its effects cannot be repeated from its results.
///
/// See [`Session`](super::Session) for an example.
pub struct Recorder {
    id: HookId<Listener>,
    counter: Counter,
    module: Module,
}

/// The results of the host calls of a run.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::step::Recorder;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "run") unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let recorder = Recorder::attach(&mut store, &module);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// let recording = recorder.finish(&mut store, Some(error.root_cause().to_string()));
/// assert_eq!(recording.ending(), Some("wasm trap: wasm `unreachable` instruction executed"));
/// assert_eq!(recording.output(0), "");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recording {
    pub(crate) calls: Vec<HostAnswer>,
    pub(crate) steps: u64,
    /// The error that ended the run; `None` if the run returned.
    pub(crate) ending: Option<String>,
}

/// The results and effects of a host call.
#[derive(Clone, Debug)]
pub(crate) struct HostAnswer {
    pub(crate) name: String,
    pub(crate) results: Result<Vec<Val>, String>,
    /// The writes to memory: addresses with the bytes there.
    pub(crate) writes: Vec<(usize, Vec<u8>)>,
    /// The bytes that the guest printed with this call.
    pub(crate) output: Vec<u8>,
}

#[derive(Default)]
struct Listener {
    calls: Vec<HostAnswer>,
    /// The name of each host call in progress, and the memory before the call.
    before: Vec<(String, Vec<u8>)>,
    output: Vec<Vec<u8>>,
}

impl Recorder {
    /// Attaches to a store before the recorded module is instantiated. Other modules can be
    /// instantiated before; only their host calls are recorded.
    pub fn attach<T: 'static>(store: &mut Store<T>, module: &Module) -> Self {
        let counter = store.count(Filter::new().events(Events::INSTRUCTIONS));
        let id = store.attach(Filter::new(), Listener::default());
        Self { id, counter, module: module.clone() }
    }

    /// Ends the recording. `ending` is the error that ended the run, or `None` if the run returned.
    pub fn finish<T: 'static>(self, store: &mut Store<T>, ending: Option<String>) -> Recording {
        let counts = self.counter.counts(&*store).into_iter();
        let own = |count: &Count| Module::same(count.instance.module(&*store), &self.module);
        let steps = counts.filter(own).map(|count| count.count).sum();
        store.stop_counting(self.counter);
        let calls = store.detach(self.id).map(|listener| listener.calls).unwrap_or_default();
        Recording { calls, steps, ending }
    }
}

impl Recording {
    /// Returns the text that the guest printed in the first `host_calls` host calls.
    pub fn output(&self, host_calls: usize) -> String {
        let calls = self.calls.iter().take(host_calls);
        let bytes: Vec<u8> = calls.flat_map(|call| call.output.iter().copied()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns the error that ended the run, or `None` if the run returned.
    pub fn ending(&self) -> Option<&str> {
        self.ending.as_deref()
    }
}

impl<T: 'static> Hook<T> for Listener {
    const EVENTS: Events = Events::HOST_CALLS.union(Events::CALLS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let frame = store.frame();
        let memory = frame.and_then(|frame| frame.instance().get_memory(&mut store, "memory"));
        let memory = memory.map_or(&[][..], |memory| memory.data(&store));
        match event {
            Event::HostEnter(call) => {
                let name = import_name(call.module, call.name);
                self.before.push((name, memory.to_vec()));
                self.output.push(printed(call, memory));
                Ok(())
            }
            Event::HostLeave(_, results) => self.leave(results, memory),
            Event::CallingWasm => match self.before.last() {
                Some((name, _)) => {
                    bail!("a run in which the host calls guests back can't be recorded: {name}")
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

impl Listener {
    fn leave(&mut self, results: Result<Values<'_>, &Error>, memory: &[u8]) -> Result<()> {
        let (name, before) = self.before.pop().unwrap_or_default();
        let output = self.output.pop().unwrap_or_default();
        let results = match results {
            Ok(values) => Ok(values.iter().collect::<Vec<_>>()),
            Err(error) => Err(error.root_cause().to_string()),
        };
        if let Ok(values) = &results
            && values.iter().any(|value| value.ref_().is_some())
        {
            bail!("a run in which the host returns references can't be recorded: {name}");
        }
        let common = before.len().min(memory.len());
        let mut writes: Vec<_> = differences(&before[..common], &memory[..common]).collect();
        if memory.len() > common {
            writes.push((common, memory[common..].to_vec()));
        }
        self.calls.push(HostAnswer { name, results, writes, output });
        Ok(())
    }
}

/// Returns the bytes that a host call prints, that is, what `fd_write` writes to a standard stream.
fn printed(call: &HostCall<'_>, memory: &[u8]) -> Vec<u8> {
    if call.name != "fd_write" {
        return Vec::new();
    }
    let args: Vec<_> = call.args.iter().collect();
    let decoded = Call::imported(call.module, call.name, &args, memory);
    let to_stream = |call: &Call| call.fd("fd").is_some_and(|fd| fd == 1 || fd == 2);
    match decoded.filter(to_stream).as_ref().and_then(|call| call.arg("iovs")) {
        Some(Shown::Text(bytes)) => bytes.clone(),
        _ => Vec::new(),
    }
}
