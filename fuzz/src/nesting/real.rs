//! The actual outcome: the script's host functions and hook, in the engine.

use super::script::{Act, Kind, Place, Script};
use super::{Setup, guest};
use burdock::{
    AsContextMut, CallHook, Caller, CompilationMode, Config, Dispatch, Engine, Error, Event,
    Events, Filter, Frame, Func, Hook, HookId, Instance, Leave, Linker, Memory, Module, Ref,
    Result, ResumableCall, Snapshot, Store, StoreContextMut, Table, TableType, Trap, Val, bail,
};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The store's data for host functions and the hook.
struct World {
    script: Script,
    funcs: Vec<Func>,
    memories: Vec<Memory>,
    kept: Vec<Frame>,
    attached: Vec<HookId<Nop>>,
    open: Vec<CallHook>,
    /// A snapshot of a guest, and the script as it was when the event began.
    snapshot: Option<(Snapshot, Script)>,
    snapshots: bool,
}

type Here<'s> = StoreContextMut<'s, World>;

/// A panic's number.
struct Thrown(u8);

/// A hook that does nothing.
struct Nop;

impl Hook<World> for Nop {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, _: Here<'_>, _: Event<'_>) -> Result<()> {
        Ok(())
    }
}

/// The hook that follows the script.
struct Scripted;

impl Hook<World> for Scripted {
    const EVENTS: Events = Events::FUNCS.union(Events::TRAPS);

    fn event(&mut self, mut store: Here<'_>, event: Event<'_>) -> Result<()> {
        let numbers = |values: burdock::Values<'_>| {
            let numbers: Vec<_> = values.iter().map(|value| value.unwrap_i64()).collect();
            format!("{numbers:?}")
        };
        let func = number(&store.frame().expect("an event is in a guest"), &store);
        // The hook is told of an early return at another event's site, where a restored guest would
        // go on.
        let enters = matches!(event, Event::FuncEnter(_));
        let before = enters.then(|| store.data().script.clone());
        let (line, place) = match event {
            Event::FuncEnter(args) => (format!("enter f{func} {}", numbers(args)), Place::Site),
            Event::FuncLeave(Leave::Return(results)) => {
                (format!("leave {}", numbers(results)), Place::Site)
            }
            Event::FuncLeave(_) => (format!("unwind f{func}"), Place::Stop),
            Event::Trap(_) => ("stop trap".into(), Place::Stop),
            Event::HostError(error) => (format!("stop {}", fail(error)), Place::Stop),
            event => panic!("not asked for: {event:?}"),
        };
        store.data_mut().script.say(line);
        let told = AssertUnwindSafe(|| handle(&mut store, place, before.as_ref()));
        match catch_unwind(told) {
            Ok(done) => done.map(|_| ()),
            Err(panic) => {
                store.data_mut().script.hook_lost = true;
                resume_unwind(panic)
            }
        }
    }
}

/// Returns the number of a frame's function among the functions of both instances.
fn number(frame: &Frame, store: &Here<'_>) -> String {
    let name = frame.func_name(store).expect("all functions have names");
    name.trim_start_matches('f').to_string()
}

/// Returns the model's name for an error.
fn fail(error: &Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) => "trap".into(),
        Some(other) => format!("{other:?}"),
        None => {
            let text = error.root_cause().to_string();
            if text.contains("can't wait for it") { "cannot wait".into() } else { text }
        }
    }
}

fn first_five(locals: Vec<Val>) -> Vec<i64> {
    locals.iter().take(5).map(|local| local.unwrap_i64()).collect()
}

/// Performs the actions of a host function or the hook. Returns its value, and whether it has
/// leaked a call.
fn handle(store: &mut Here<'_>, place: Place, before: Option<&Script>) -> Result<(i64, bool)> {
    for action in 0..3 {
        match store.data_mut().script.next(place) {
            Act::Done(value) => return Ok((value, false)),
            Act::Fail(number) => bail!("host {number}"),
            Act::Panic(number) => {
                store.data_mut().script.broken = true;
                resume_unwind(Box::new(Thrown(number)))
            }
            Act::Call { func, args, kind, catch } => {
                let leaks_not = kind == Kind::Leaked && place == Place::Paused;
                let kind = if leaks_not { Kind::Dropped } else { kind };
                if calls(store, func, args, kind, catch)? {
                    return Ok((0, true));
                }
            }
            Act::Look { up } => {
                let line = match frame(store, up)? {
                    Some(frame) => {
                        store.data_mut().kept.push(frame);
                        let locals = first_five(frame.locals(&store)?);
                        format!("frame f{} {locals:?}", number(&frame, store))
                    }
                    None => "no frame".into(),
                };
                store.data_mut().script.say(line);
            }
            Act::Write { up, local, value } => {
                if let Some(frame) = frame(store, up)? {
                    frame.set_local(&mut *store, local as u32, Val::I64(value))?;
                    let line = format!("write f{} {local} {value}", number(&frame, store));
                    store.data_mut().script.say(line);
                }
            }
            Act::Kept => {
                for frame in store.data().kept.clone() {
                    let line = if frame.is_live(&store) {
                        let locals = first_five(frame.locals(&store)?);
                        format!("kept f{} {locals:?}", number(&frame, store))
                    } else {
                        assert!(frame.locals(&store).is_err(), "a stale frame");
                        assert!(frame.set_local(&mut *store, 0, Val::I64(0)).is_err());
                        assert!(frame.caller(&store).is_err());
                        "stale".into()
                    };
                    store.data_mut().script.say(line);
                }
            }
            Act::ReturnEarly(value) => {
                let frame = store.frame().expect("a guest waits");
                let can = frame.return_early(&mut *store, &[Val::I64(value)]).is_ok();
                store.data_mut().script.say(format!("early {can}"));
            }
            Act::Grow { memory: number } => {
                let memory = store.data().memories[number];
                let old = memory.size(&store);
                let _ = memory.grow(&mut *store, 1);
                store.data_mut().script.say(format!("grow {number} from {old}"));
            }
            Act::Attach => {
                let id = store.attach(Filter::new(), Nop);
                store.data_mut().attached.push(id);
            }
            Act::Detach => {
                if let Some(id) = store.data_mut().attached.pop() {
                    store.detach(id);
                }
            }
            Act::Snapshot => {
                store.data_mut().kept.clear();
                if let (Some(before), true) = (before, store.data().snapshots)
                    && store.data().snapshot.is_none()
                    && store.data().script.depth == 0
                    && action == 0
                    && let Ok(snapshot) = store.snapshot(None)
                {
                    store.data_mut().snapshot = Some((snapshot, before.clone()));
                }
            }
        }
    }
    Ok((0, false))
}

/// Returns the frame `up` callers outside of the innermost one.
fn frame(store: &mut Here<'_>, up: usize) -> Result<Option<Frame>> {
    let mut next = store.frame();
    for _ in 0..up {
        let Some(frame) = next else { break };
        next = frame.caller(&store)?;
    }
    Ok(next)
}

/// Performs a call by a host function or a hook. Returns whether the call was leaked.
fn calls(
    store: &mut Here<'_>,
    func: usize,
    args: [i64; 2],
    kind: Kind,
    catch: bool,
) -> Result<bool> {
    let script = &mut store.data_mut().script;
    script.say(format!("call f{func} {args:?} {kind:?}"));
    let depth = script.depth;
    script.depth += 1;
    let ended = catch_unwind(AssertUnwindSafe(|| call(store, func, args, kind)));
    let script = &mut store.data_mut().script;
    script.depth = depth;
    match ended {
        Ok(Ok(None)) => {
            script.say(format!("{kind:?}"));
            return Ok(kind == Kind::Leaked);
        }
        Ok(Ok(Some(value))) => script.say(format!("= {value}")),
        Ok(Err(error)) if catch => script.say(format!("caught {}", fail(&error))),
        Ok(Err(error)) => return Err(error),
        Err(panic) => match panic.downcast_ref::<Thrown>() {
            Some(Thrown(number)) if catch => script.say(format!("caught panic {number}")),
            _ => resume_unwind(panic),
        },
    }
    Ok(false)
}

/// Calls a guest. Returns `None` if the call is abandoned while it waits.
fn call(store: &mut Here<'_>, func: usize, args: [i64; 2], kind: Kind) -> Result<Option<i64>> {
    let func = store.data().funcs[func];
    let args = args.map(Val::I64);
    let mut results = [Val::I64(0)];
    match kind {
        Kind::Plain => func.call(&mut *store, &args, &mut results)?,
        Kind::Resumable => {
            let ended = func.call_resumable(&mut *store, &args, &mut results)?;
            return resume(store, ended, &mut results).map(Some);
        }
        Kind::Asynchronous => {
            let mut call = pin!(func.call_async(&mut *store, &args, &mut results));
            loop {
                if let Poll::Ready(ended) = poll(call.as_mut()) {
                    ended?;
                    break;
                }
            }
        }
        Kind::Dropped | Kind::Leaked => {
            let mut call = Box::pin(func.call_async(&mut *store, &args, &mut results));
            match poll(call.as_mut()) {
                Poll::Ready(ended) => ended?,
                Poll::Pending => {
                    if kind == Kind::Leaked {
                        std::mem::forget(call);
                    } else {
                        drop(call);
                    }
                    store.data_mut().script.broken = true;
                    return Ok(None);
                }
            }
        }
    }
    Ok(Some(results[0].unwrap_i64()))
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Resumes a call that may have stopped, as the script says, until it ends.
fn resume(store: &mut Here<'_>, mut ended: ResumableCall, results: &mut [Val; 1]) -> Result<i64> {
    loop {
        let error = match &ended {
            ResumableCall::Finished => return Ok(results[0].unwrap_i64()),
            ResumableCall::HostTrap(stop) => stop.host_error(),
            ResumableCall::HookError(stop) => stop.hook_error(),
            ResumableCall::OutOfFuel(stop) => panic!("{stop:?}"),
        };
        let line = format!("paused {}", fail(error));
        store.data_mut().script.say(line);
        handle(store, Place::Paused, None)?;
        let Some(value) = store.data_mut().script.resumes() else {
            store.data_mut().script.say("given up".into());
            return Ok(0);
        };
        ended = match ended {
            ResumableCall::HostTrap(stop) => {
                stop.resume(&mut *store, &[Val::I64(value)], results)?
            }
            ResumableCall::HookError(stop) => stop.resume(&mut *store, results)?,
            other => panic!("{other:?}"),
        };
    }
}

/// A future that is ready when it is polled for the second time.
#[derive(Default)]
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn act(mut caller: Caller<'_, World>, (func, a): (i64, i64)) -> Result<i64> {
    caller.data_mut().script.say(format!("act {func} {a}"));
    Ok(handle(&mut caller.as_context_mut(), Place::Host, None)?.0)
}

async fn wait(mut caller: Caller<'_, World>, (func, a): (i64, i64)) -> Result<i64> {
    caller.data_mut().script.say(format!("act {func} {a}"));
    let (value, leaked) = handle(&mut caller.as_context_mut(), Place::Host, None)?;
    Later::default().await;
    if leaked {
        return Ok(value);
    }
    Ok(value + handle(&mut caller.as_context_mut(), Place::Host, None)?.0)
}

fn engine(setup: &Setup) -> Engine {
    let mut config = Config::new();
    config
        .dispatch(
            [Dispatch::default(), Dispatch::Loop, Dispatch::Tail][usize::from(setup.dispatch % 3)],
        )
        .compilation_mode(
            [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy]
                [usize::from(setup.mode % 3)],
        )
        .consume_fuel(setup.fuel)
        .epoch_interruption(setup.epochs);
    Engine::new(&config).expect("a supported configuration")
}

fn store(setup: &Setup, script: Script) -> Result<Store<World>> {
    let engine = engine(setup);
    let world = World {
        script,
        funcs: Vec::new(),
        memories: Vec::new(),
        kept: Vec::new(),
        attached: Vec::new(),
        open: Vec::new(),
        snapshot: None,
        snapshots: false,
    };
    let mut store = Store::new(&engine, world);
    if setup.fuel {
        store.set_fuel(u64::MAX)?;
    }
    if setup.epochs {
        store.set_epoch_deadline(1);
    }
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "act", |caller: Caller<'_, World>, func: i64, a: i64| {
        act(caller, (func, a))
    })?;
    linker.func_wrap_async("host", "wait", |caller: Caller<'_, World>, args: (i64, i64)| {
        Box::new(wait(caller, args))
    })?;
    let ty = TableType::new(burdock::RefType::FUNCREF, 8, None);
    let table = Table::new(&mut store, ty, Ref::Func(None))?;
    linker.define(&store, "host", "table", table)?;
    let instances: Vec<Instance> = (0..2)
        .map(|number| {
            let module = Module::new(&engine, guest::module(number))?;
            linker.instantiate(&mut store, &module)
        })
        .collect::<Result<_>>()?;
    for number in 0..guest::FUNCS {
        let instance = instances[guest::instance_of(number)];
        let func = instance.get_func(&mut store, &format!("f{number}")).expect("it is exported");
        table.set(&mut store, number as u64, Ref::Func(Some(func)))?;
        store.data_mut().funcs.push(func);
    }
    for instance in instances {
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        store.data_mut().memories.push(memory);
    }
    Ok(store)
}

/// Checks that crossings between host and guests nest.
fn crossing(world: &mut World, event: CallHook) {
    if world.script.broken {
        return;
    }
    use CallHook::{CallingHost, CallingWasm, ReturningFromHost, ReturningFromWasm};
    match event {
        CallingWasm | CallingHost => world.open.push(event),
        ReturningFromWasm => assert_eq!(world.open.pop(), Some(CallingWasm)),
        ReturningFromHost => assert_eq!(world.open.pop(), Some(CallingHost)),
    }
}

/// Returns the script's log at its end.
pub(super) fn run(setup: &Setup, script: Script) -> Vec<String> {
    let mut store = store(setup, script).expect("the guests are valid");
    store.call_hook(|mut store, event| {
        crossing(store.data_mut(), event);
        Ok(())
    });
    if setup.company {
        store.attach(Filter::new(), Nop);
    }
    store.attach(Filter::new(), Scripted);
    let kind = setup.kind;
    store.data_mut().snapshots = kind == Kind::Resumable;
    let func = usize::from(setup.entry) % guest::FUNCS;
    let args = setup.arguments.map(i64::from);
    let mut context = store.as_context_mut();
    let ended = catch_unwind(AssertUnwindSafe(|| call(&mut context, func, args, kind)));
    finish(&mut store, ended);
    let log = store.data().script.log.clone();
    again(&mut store, &log);
    log
}

type Ended = std::thread::Result<Result<Option<i64>>>;

/// Logs the outcome of the call.
fn finish(store: &mut Store<World>, ended: Ended) {
    let line = match ended {
        Ok(Ok(value)) => format!("ends with {}", value.expect("the first call is not given up")),
        Ok(Err(error)) => format!("ends with {}", fail(&error)),
        Err(panic) => match panic.downcast_ref::<Thrown>() {
            Some(Thrown(number)) => format!("ends with panic {number}"),
            None => resume_unwind(panic),
        },
    };
    let World { memories, funcs, .. } = store.data();
    let (memories, count) = (memories.clone(), funcs.len());
    let numbers: Vec<i64> = (0..count)
        .map(|func| {
            let bytes = memories[guest::instance_of(func)].data(&store);
            i64::from_le_bytes(bytes[8 * func..8 * func + 8].try_into().expect("eight bytes"))
        })
        .collect();
    let pages: Vec<u64> = memories.iter().map(|memory| memory.size(&store)).collect();
    let world = store.data_mut();
    assert!(world.script.broken || world.open.is_empty(), "open: {:?}", world.open);
    world.script.say(line);
    world.script.say(format!("memory {numbers:?} {pages:?}"));
}

/// Checks that a restored guest goes on as it did before.
fn again(store: &mut Store<World>, log: &[String]) {
    let Some((snapshot, script)) = store.data_mut().snapshot.take() else { return };
    if store.data().script.hook_lost {
        return;
    }
    let world = store.data_mut();
    let from = script.log.len();
    (world.script, world.snapshots) = (script, false);
    world.open.clear();
    world.kept.clear();
    let mut results = [Val::I64(0)];
    let mut context = store.as_context_mut();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let ended = snapshot.resume(&mut context, &mut results)?;
        resume(&mut context, ended, &mut results).map(Some)
    }));
    finish(store, ended);
    let found = &store.data().script.log;
    let differ = (from..log.len().max(found.len())).find(|&at| log.get(at) != found.get(at));
    if let Some(at) = differ {
        let before = found[at.saturating_sub(30)..at.min(found.len())].join("\n  ");
        panic!(
            "again:\n  {before}\nthen expected\n  {:?}\nbut found\n  {:?}",
            log.get(at),
            found.get(at)
        );
    }
}
