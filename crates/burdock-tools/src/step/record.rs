//! `Recorder`: records the results of host calls, so that a run can be repeated without the host.

use super::digest;
use super::state::differences;
use crate::symbols::import_name;
use crate::wasi::{Call, Shown};
use burdock::{
    Count, Counter, Error, Event, Events, Filter, Growth, Hook, HookId, HostCall, Module, Result,
    Store, StoreContextMut, Trap, Val, Values, bail,
};

/// Records a run of a store's guests.
///
/// For each host call, its results are recorded, and what it writes to the memory that the caller
/// exports as `memory`. Other effects of the host on a guest (on globals, tables, other memories)
/// are not recorded. A host function that returns references or calls a guest ends the run with an
/// error, because its effects cannot be repeated from its results.
///
/// Growth of memories and tables that failed is recorded, and digests of the guest's state at host
/// calls, with which each repetition is compared.
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
    /// The number of functions entered and loop iterations begun, in all modules.
    pub(crate) ticks: u64,
    /// The growths of memories and tables that failed, by their numbers in the run, with the size
    /// in bytes or elements that the limiter is told.
    pub(crate) refused: Vec<(usize, u64)>,
    /// The error that ended the run; `None` if the run returned.
    pub(crate) ending: Option<String>,
}

/// The results and effects of a host call.
#[derive(Clone, Debug)]
pub(crate) struct HostAnswer {
    pub(crate) name: String,
    /// The digest of the guest's state before the call.
    pub(crate) state: u32,
    pub(crate) results: Result<Vec<Val>, String>,
    /// The writes to memory: addresses with the bytes there.
    pub(crate) writes: Vec<(usize, Vec<u8>)>,
    /// The bytes that the guest printed with this call.
    pub(crate) output: Vec<u8>,
}

#[derive(Default)]
struct Listener {
    calls: Vec<HostAnswer>,
    /// The host call in progress: without its results yet.
    current: Option<HostAnswer>,
    /// The memory before the call. It is kept for the next call, because new memory costs more than
    /// the copy.
    before: Vec<u8>,
    /// The number of growths so far.
    grown: usize,
    refused: Vec<(usize, u64)>,
}

impl Recorder {
    /// Attaches to a store before the recorded module is instantiated. Other modules can be
    /// instantiated before; only their host calls are recorded.
    pub fn attach<T: 'static>(store: &mut Store<T>, module: &Module) -> Self {
        let counted = Events::INSTRUCTIONS | Events::FUNCS | Events::LOOPS;
        let counter = store.count(Filter::new().events(counted));
        let id = store.attach(Filter::new(), Listener::default());
        Self { id, counter, module: module.clone() }
    }

    /// Ends the recording. `ending` is the error that ended the run, or `None` if the run returned.
    pub fn finish<T: 'static>(self, store: &mut Store<T>, ending: Option<String>) -> Recording {
        let counts = store.stop_counting(self.counter);
        let (steps, ticks): (Vec<&Count>, Vec<_>) =
            counts.iter().partition(|count| count.event == Events::INSTRUCTIONS);
        let own = |count: &&Count| Module::same(count.instance.module(&*store), &self.module);
        let steps = steps.into_iter().filter(own).map(|count| count.count).sum();
        let ticks = ticks.into_iter().map(|count| count.count).sum();
        let Listener { mut calls, current, refused, .. } =
            store.detach(self.id).unwrap_or_default();
        // The run has ended in a host call, which did not return.
        if let (Some(call), Some(ending)) = (current, &ending) {
            calls.push(HostAnswer { results: Err(ending.clone()), ..call });
        }
        Recording { calls, steps, ticks, refused, ending }
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

    /// Fails unless the error that has ended a repetition of the run ended the run as well. A
    /// repetition of a run that was stopped from outside goes on from there until it ends somehow.
    pub(super) fn compare_ending(&self, error: Error) -> Result<()> {
        let found = error.root_cause().to_string();
        match &self.ending {
            Some(ending) if *ending == found || was_stopped(ending) => Ok(()),
            Some(ending) => Err(error.context(format!(
                "the run could not be repeated: it ended with `{found}`, and the recorded run \
                with `{ending}`"
            ))),
            None => Err(error.context("the run could not be repeated")),
        }
    }
}

/// Returns `true` if the error that ended a run has no cause in the guest, but is a lack of fuel, a
/// timeout or an interrupt.
fn was_stopped(ending: &str) -> bool {
    [Trap::OutOfFuel, Trap::Interrupt].iter().any(|trap| trap.to_string() == ending)
}

impl<T: 'static> Hook<T> for Listener {
    const EVENTS: Events = Events::HOST_CALLS.union(Events::CALLS).union(Events::GROWTH);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        match event {
            Event::HostEnter(call) => {
                let state = digest::of_call(&mut store, call, self.calls.len())?;
                let memory = memory(&mut store);
                self.before.clear();
                self.before.extend_from_slice(memory);
                let (name, results) = (import_name(call.module, call.name), Ok(Vec::new()));
                let (writes, output) = (Vec::new(), printed(call, memory));
                self.current = Some(HostAnswer { name, state, results, writes, output });
                Ok(())
            }
            Event::HostLeave(_, results) => self.leave(results, memory(&mut store)),
            Event::CallingWasm => match &self.current {
                Some(HostAnswer { name, .. }) => {
                    bail!("a run in which the host calls guests back can't be recorded: {name}")
                }
                None => Ok(()),
            },
            _ => {
                self.grown += usize::from(is_growth(&event));
                if let Some(size) = refused_size(&mut store, &event) {
                    self.refused.push((self.grown - 1, size));
                }
                Ok(())
            }
        }
    }
}

/// Returns the memory that the calling guest exports as `memory`.
fn memory<'s, T: 'static>(store: &'s mut StoreContextMut<'_, T>) -> &'s [u8] {
    let frame = store.frame();
    let memory = frame.and_then(|frame| frame.instance().get_memory(&mut *store, "memory"));
    memory.map_or(&[], |memory| memory.data(&*store))
}

/// Returns `true` if a memory or table was asked to grow.
pub(super) fn is_growth(event: &Event<'_>) -> bool {
    matches!(event, Event::MemoryGrow(_) | Event::TableGrow(_))
}

/// Returns the size of a memory in bytes, or of a table in elements, that could not grow.
fn refused_size<T: 'static>(store: &mut StoreContextMut<'_, T>, event: &Event<'_>) -> Option<u64> {
    match event {
        Event::MemoryGrow(Growth { index, old: None, .. }) => {
            let memory = store.frame()?.instance().debug_memory(&*store, *index)?;
            Some(memory.data_size(&*store) as u64)
        }
        Event::TableGrow(Growth { old: None, new, .. }) => Some(*new),
        _ => None,
    }
}

impl Listener {
    fn leave(&mut self, results: Result<Values<'_>, &Error>, memory: &[u8]) -> Result<()> {
        let Some(mut answer) = self.current.take() else { return Ok(()) };
        answer.results = match results {
            Ok(values) => Ok(values.iter().collect::<Vec<_>>()),
            Err(error) => Err(error.root_cause().to_string()),
        };
        if let Ok(values) = &answer.results
            && values.iter().any(|value| value.ref_().is_some())
        {
            bail!("a run in which the host returns references can't be recorded: {}", answer.name);
        }
        let common = self.before.len().min(memory.len());
        answer.writes = differences(&self.before[..common], &memory[..common]).collect();
        if memory.len() > common {
            answer.writes.push((common, memory[common..].to_vec()));
        }
        self.calls.push(answer);
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
