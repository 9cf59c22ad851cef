//! `Auditor`: holds a guest to a policy. A host call that the policy denies is stopped before the
//! host function runs. Every decision is reported.

mod check;
mod policy;
mod report;
mod targets;
mod types;

pub use policy::Policy;
pub use report::{Decision, Report};

use crate::Symbols;
use crate::pattern::like;
use crate::symbols::import_name;
use crate::wasi::{self, Call, Fds};
use burdock::names::Escaped;
use burdock::{
    Error, Event, Events, Filter, Frame, Growth, Hook, HookId, HostAnswer, HostCall, Result, Store,
    StoreContextMut, Val,
};
use policy::{CallIndirect, Verdict};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use targets::Targets;

/// Holds a guest to a policy.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Symbols, audit::{Auditor, Policy, Violation}, wasi::Fds};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (import "env" "pay" (func $pay (param i32)))
///     (func (export "run") (call $pay (i32.const 5)) (call $pay (i32.const 500))))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "pay", |mut caller: Caller<'_, i32>, sum: i32| {
///     *caller.data_mut() += sum;
/// })?;
/// let mut store = Store::new(&engine, 0);
/// let policy: Policy = r#"allow = [{ import = "env.pay", when = { 0 = [1, 5] } }]"#.parse()?;
/// let auditor = Auditor::attach(&mut store, policy, Fds::default(), Symbols::default());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// assert!(error.downcast_ref::<Violation>().is_some());
/// assert_eq!(*store.data(), 5);
/// let report = auditor.finish(&mut store);
/// assert_eq!(report.denied().next().unwrap().call, "env.pay(500)");
/// # Ok::<(), Error>(())
/// ```
pub struct Auditor {
    guard: HookId<Guard>,
    targets: Option<HookId<Targets>>,
    shared: Arc<Mutex<Shared>>,
}

/// The name of a host function that no module imports.
const HOST_FUNC: &str = "a function of the host";

/// The maximum number of callers that a decision names.
const CALLERS: usize = 16;

/// The error that stops a guest that violates the policy.
///
/// See [`Auditor`] for an example.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy violation: {call} at {at} (rule: {rule})")]
pub struct Violation {
    /// The call that was denied.
    pub call: String,
    /// The function that was about to make the call.
    pub at: String,
    /// The rule that forbids the call.
    pub rule: String,
}

/// The decision about a host call.
struct Concluded {
    call: String,
    watched: bool,
    /// The rule that denies the call, and the error number to return to the guest.
    denied: Option<(String, Option<u32>)>,
}

struct Guard {
    policy: Policy,
    fds: Fds,
    shared: Arc<Mutex<Shared>>,
    /// For each import, the number of its calls, and the times of those in the last second.
    calls: HashMap<String, (u64, Vec<Instant>)>,
    /// The host calls in progress; `None` for those that are not WASI's.
    open: Vec<Option<Call>>,
}

/// The state that the hooks of an auditor share.
struct Shared {
    symbols: Symbols,
    report: Report,
}

impl Shared {
    /// Reports that a call is denied, and returns the error that ends the guest.
    fn violation(&mut self, call: String, chain: &[String], rule: String) -> Error {
        let decision = Decision::new("deny", call, chain, rule);
        let Decision { call, at, rule, .. } = decision.clone();
        self.report.decide(decision);
        Error::new(Violation { call, at, rule })
    }

    /// Returns the names of a frame's function and of its callers, the innermost first.
    fn chain<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        mut frame: Option<Frame>,
    ) -> Vec<String> {
        let mut chain = Vec::new();
        while let Some(here) = frame.take_if(|_| chain.len() < CALLERS) {
            let func = self.symbols.func(&*store, &here);
            chain.push(self.symbols.full_name(func));
            frame = here.caller(&*store).ok().flatten();
        }
        if frame.is_some() {
            chain.push("...".to_owned());
        }
        chain
    }
}

/// Locks the shared state, ignoring poison: no code panics while it holds the lock.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Auditor {
    /// Attaches to a store before the guest runs. `fds` are the directories that the guest is
    /// given. The policy's rules for `call_indirect` apply to calls in the modules whose code
    /// `symbols` knows, or in all modules if it knows none.
    pub fn attach<T: 'static>(
        store: &mut Store<T>,
        policy: Policy,
        fds: Fds,
        symbols: Symbols,
    ) -> Self {
        let mut events = Events::HOST_CALLS;
        if policy.limit.iter().any(|limit| limit.memory.is_some() || limit.heap.is_some()) {
            events = events | Events::GROWTH;
        }
        let rules = policy.call_indirect.clone();
        let shared = Shared { symbols, report: Report::default() };
        let shared = Arc::new(Mutex::new(shared));
        let targets = rules.map(|rules| Targets::attach(store, rules, shared.clone()));
        let (calls, open) = (HashMap::new(), Vec::new());
        let guard = Guard { policy, fds, shared: shared.clone(), calls, open };
        let guard = store.attach(Filter::new().events(events), guard);
        Self { guard, targets, shared }
    }

    /// Attaches to a store to learn what the guest does. Everything is allowed, and
    /// [`Report::policy`] returns the policy that allows exactly what was done.
    pub fn learn<T: 'static>(store: &mut Store<T>, fds: Fds, symbols: Symbols) -> Self {
        let call_indirect = Some(CallIndirect::allow());
        let policy = Policy { default: Verdict::Allow, call_indirect, ..Policy::default() };
        Self::attach(store, policy, fds, symbols)
    }

    /// Detaches from the store and returns the decisions.
    pub fn finish<T: 'static>(self, store: &mut Store<T>) -> Report {
        store.detach(self.guard);
        self.targets.map(|targets| store.detach(targets));
        self.reporter()()
    }

    /// Returns a function that returns the decisions so far. The function needs no store and can be
    /// called on any thread, for a guest that does not return from a host call.
    pub fn reporter(&self) -> impl FnOnce() -> Report + Send + 'static {
        let shared = self.shared.clone();
        move || std::mem::take(&mut lock(&shared).report)
    }
}

impl<T: 'static> Hook<T> for Guard {
    const EVENTS: Events = Events::HOST_CALLS.union(Events::GROWTH);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let frame = store.frame();
        match event {
            Event::HostEnter(call) => {
                let instance = frame.as_ref().map(Frame::instance);
                let memory = instance.and_then(|own| own.get_memory(&mut store, "memory"));
                let decision = self.enter(call, memory.map_or(&[], |memory| memory.data(&store)));
                match decision {
                    Some(decision) => self.conclude(store, frame, decision),
                    None => Ok(()),
                }
            }
            Event::HostLeave(call, result) => {
                let Some(Some(decoded)) = self.open.pop() else { return Ok(()) };
                let errno =
                    result.ok().and_then(|values| values.get(0)).and_then(|value| value.i32());
                if errno == Some(0) {
                    let memory =
                        frame.and_then(|frame| frame.instance().get_memory(&mut store, "memory"));
                    let memory = memory.map_or(&[][..], |memory| memory.data(&store));
                    self.fds.succeeded(call.name, &decoded, memory);
                }
                Ok(())
            }
            Event::MemoryGrow(growth) => {
                let over = self.over_limit(growth);
                self.limited(&mut store, frame, over)
            }
            Event::HeapGrow { new, .. } => {
                let over = self.over_heap_limit(new);
                self.limited(&mut store, frame, over)
            }
            _ => Ok(()),
        }
    }
}

impl Guard {
    /// Decides about a host call. Returns `None` if the call is allowed and not watched.
    fn enter(&mut self, call: &HostCall<'_>, memory: &[u8]) -> Option<Concluded> {
        let args: Vec<_> = call.args.iter().collect();
        let of_wasi = Call::imported(call.module, call.name, &args, memory);
        let decoded = of_wasi.clone().unwrap_or_else(|| Call::plain(call.args));
        self.open.push(of_wasi);
        // A rule for a WASI function applies under both names of WASI's module.
        let module = if call.module == wasi::UNSTABLE { wasi::MODULE } else { call.module };
        let import = format!("{module}.{}", call.name);
        let paths = self.fds.paths_about(&decoded);
        let denied = self.rule_against(&import, &decoded, &paths);
        let watched = self.policy.watch.iter().any(|rule| rule.catches(&import, &decoded, &paths));
        lock(&self.shared).report.note(&import, &decoded, &paths);
        let shown = || match self.fds.paths_of(&decoded).as_slice() {
            [] => format!("{}({decoded})", import_name(call.module, call.name)),
            paths => {
                let paths = paths.join(", ");
                format!("{}({})", import_name(call.module, call.name), Escaped(&paths))
            }
        };
        (watched || denied.is_some()).then(|| Concluded { call: shown(), watched, denied })
    }

    /// Reports a decision, and stops the call if it is denied.
    fn conclude<T: 'static>(
        &mut self,
        mut store: StoreContextMut<'_, T>,
        frame: Option<Frame>,
        Concluded { call, watched, denied }: Concluded,
    ) -> Result<()> {
        let shared = &mut *lock(&self.shared);
        let chain = shared.chain(&mut store, frame);
        if watched {
            let rule = "watch".to_owned();
            shared.report.decide(Decision::new("watch", call.clone(), &chain, rule));
        }
        let Some((rule, errno)) = denied else { return Ok(()) };
        // Only functions that are decoded as WASI's are known to return an error number.
        match errno.filter(|_| matches!(self.open.last(), Some(Some(call)) if call.has_errno())) {
            Some(errno) => {
                let mut decision = Decision::new("deny", call, &chain, rule);
                decision.errno = Some(wasi::errno(errno));
                shared.report.decide(decision);
                Err(HostAnswer::new([Val::I32(errno as i32)]).into())
            }
            None => {
                // A refused call delivers no event on leaving, so its entry is removed here.
                self.open.pop();
                Err(shared.violation(call, &chain, rule))
            }
        }
    }

    /// Returns the rule that forbids a call, with the error number to return to the guest; `None`
    /// if the call is allowed.
    fn rule_against(
        &mut self,
        import: &str,
        call: &Call,
        paths: &[String],
    ) -> Option<(String, Option<u32>)> {
        let mut denying = self.policy.deny.iter();
        if let Some(rule) = denying.find(|rule| rule.catches(import, call, paths)) {
            return Some((format!("deny {}", rule.import), rule.errno));
        }
        let allowed = self.policy.allow.iter().any(|rule| rule.allows(import, call, paths));
        let rule = match allowed || self.policy.default == Verdict::Allow {
            true => self.limit_against(import)?,
            false => "default".to_owned(),
        };
        Some((rule, self.policy.errno))
    }

    fn limit_against(&mut self, import: &str) -> Option<String> {
        let now = Instant::now();
        let (count, recent) = self.calls.entry(import.to_owned()).or_default();
        *count += 1;
        for limit in &self.policy.limit {
            let over = |limits: &std::collections::BTreeMap<String, u64>, count: u64| {
                limits
                    .iter()
                    .find(|(pattern, most)| like(pattern, import) && count > **most)
                    .map(|(pattern, most)| format!("at most {most} calls of {pattern}"))
            };
            if let Some(rule) = over(&limit.calls, *count) {
                return Some(rule);
            }
            if !limit.calls_per_second.is_empty() {
                recent.retain(|then| now.duration_since(*then) < Duration::from_secs(1));
                recent.push(now);
                if let Some(rule) = over(&limit.calls_per_second, recent.len() as u64) {
                    return Some(format!("{rule} per second"));
                }
            }
        }
        None
    }

    /// Fails if growth exceeds a limit: with the call and the rule.
    fn limited<T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        frame: Option<Frame>,
        over: Option<(String, String)>,
    ) -> Result<()> {
        let Some((call, rule)) = over else { return Ok(()) };
        let shared = &mut *lock(&self.shared);
        let chain = shared.chain(store, frame);
        Err(shared.violation(call, &chain, rule))
    }

    /// Returns the event and the rule if the heap has grown beyond a limit.
    fn over_heap_limit(&self, bytes: u64) -> Option<(String, String)> {
        let most = self.policy.limit.iter().filter_map(|limit| limit.heap).min();
        let most = most.filter(|most| bytes > *most)?;
        let call = format!("growth of the heap to {bytes} bytes");
        Some((call, format!("at most {most} bytes of heap")))
    }

    /// Returns the call and the rule if growth exceeds a limit. Growth is in pages of 64 KiB.
    fn over_limit(&self, growth: Growth) -> Option<(String, String)> {
        let bytes = growth.new.saturating_mul(1 << 16);
        let most = self.policy.limit.iter().filter_map(|limit| limit.memory).min();
        let most = most.filter(|most| bytes > *most && growth.old != Some(growth.new))?;
        let call = format!("memory.grow to {bytes} bytes");
        Some((call, format!("at most {most} bytes of memory")))
    }
}
