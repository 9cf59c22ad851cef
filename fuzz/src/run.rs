//! Runs of a module in Burdock and in wasmi.

use crate::debugged::{self, Steps};
use crate::runner;
use crate::runner::{Outcome, f32_text, f64_text, number};
use crate::tools::{self, Tool};
use crate::watch::Watch;
use burdock::{CallHook, CompilationMode, Config, Dispatch, StoreLimits, StoreLimitsBuilder};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The observations of the host functions and the hook.
#[derive(Default)]
pub(crate) struct Seen {
    limits: StoreLimits,
    log: Vec<String>,
    open: Vec<CallHook>,
    events: u64,
    watch: Option<(burdock::HookId<Watch>, burdock::Counter)>,
    tool: Option<tools::Attached>,
}

/// The observer of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// Nobody.
    Nothing,
    /// Hooks that check their events.
    Hooks,
    /// A tool.
    Tool(Tool),
    /// A debugger that notes what it sees.
    Debugger(Steps),
}

impl Seen {
    /// Adds a line to the log.
    pub(crate) fn log(&mut self, line: String) {
        self.log.push(line);
    }
}

fn note(seen: &mut Seen, line: String) -> String {
    if line.is_empty() {
        assert!(seen.open.is_empty(), "events are left open: {:?}", seen.open);
        return std::mem::take(&mut seen.log).join("; ");
    }
    seen.log.push(line);
    String::new()
}

runner!(run_burdock, burdock, Seen, collect, instantiate_and_start, note);
runner!(
    run_wasmi,
    wasmi,
    Vec<String>,
    to_vec,
    instantiate_and_start,
    |log: &mut Vec<String>, line: String| {
        if line.is_empty() {
            return std::mem::take(log).join("; ");
        }
        log.push(line);
        String::new()
    }
);

pub(crate) fn burdock_text(val: &burdock::Val) -> String {
    use burdock::Val;
    match val {
        Val::I32(x) => format!("i32 {x}"),
        Val::I64(x) => format!("i64 {x}"),
        Val::F32(x) => f32_text(*x),
        Val::F64(x) => f64_text(*x),
        Val::V128(x) => format!("v128 {:x}", x.as_u128()),
        Val::FuncRef(x) => format!("funcref {}", x.is_some()),
        Val::ExternRef(x) => format!("externref {}", x.is_some()),
        Val::AnyRef(x) => format!("anyref {}", x.is_some()),
        Val::ExnRef(x) => format!("exnref {}", x.is_some()),
    }
}

/// Returns a value of this type, if the type has one that belongs to no store.
pub(crate) fn burdock_val(ty: burdock::ValType, seed: u64) -> Option<burdock::Val> {
    use burdock::{Val, ValType};
    let x = number(seed);
    Some(match ty {
        ValType::I32 => Val::I32(x as i32),
        ValType::I64 => Val::I64(x as i64),
        ValType::F32 => Val::F32((x as i64 as f32).to_bits()),
        ValType::F64 => Val::F64((x as i64 as f64).to_bits()),
        ValType::V128 => Val::V128(u128::from(x).into()),
        other => return Val::default_for_ty(&other),
    })
}

fn wasmi_text(val: &wasmi::Val) -> String {
    use wasmi::Val;
    match val {
        Val::I32(x) => format!("i32 {x}"),
        Val::I64(x) => format!("i64 {x}"),
        Val::F32(x) => f32_text(x.to_bits()),
        Val::F64(x) => f64_text(x.to_bits()),
        Val::V128(x) => format!("v128 {:x}", x.as_u128()),
        Val::FuncRef(x) => format!("funcref {}", !x.is_null()),
        Val::ExternRef(x) => format!("externref {}", !x.is_null()),
    }
}

fn wasmi_val(ty: wasmi::ValType, seed: u64) -> Option<wasmi::Val> {
    use wasmi::{F32, F64, V128, Val, ValType};
    let x = number(seed);
    Some(match ty {
        ValType::I32 => Val::I32(x as i32),
        ValType::I64 => Val::I64(x as i64),
        ValType::F32 => Val::F32(F32::from_bits((x as i64 as f32).to_bits())),
        ValType::F64 => Val::F64(F64::from_bits((x as i64 as f64).to_bits())),
        ValType::V128 => Val::V128(V128::from(u128::from(x))),
        other => Val::default_for_ty(other),
    })
}

/// A way in which Burdock runs a module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    pub dispatch: Dispatch,
    pub fuel: bool,
    /// The fuel that is left is part of the outcome.
    pub fuel_left: bool,
    pub epochs: bool,
    /// Calls yield whenever a little fuel is used up, and at each look at the epoch.
    pub yields: bool,
    pub lazy: bool,
    pub canonical_nans: bool,
    /// Garbage is collected before each allocation.
    pub collecting: bool,
}

const FUEL: u64 = 300_000;

/// The most bytes of a store's heap, and of each of its memories.
pub const BYTES: usize = 16 << 20;

/// Runs in Burdock.
pub fn burdock_run(bytes: &[u8], way: Way, with: With) -> Outcome {
    let mut out = Outcome::default();
    let mut config = Config::new();
    config
        .dispatch(way.dispatch)
        .wasm_custom_page_sizes(true)
        .max_wasm_stack(1 << 20)
        .consume_fuel(way.fuel)
        .cranelift_nan_canonicalization(way.canonical_nans)
        .epoch_interruption(way.epochs)
        .collect_at_every_allocation(way.collecting);
    if way.lazy {
        config.compilation_mode(CompilationMode::Lazy);
    }
    if matches!(with, With::Debugger(_)) {
        debugged::configure(&mut config);
    }
    let engine = burdock::Engine::new(&config).expect("a supported configuration");
    let module = match burdock::Module::from_binary(&engine, bytes) {
        Ok(module) => module,
        Err(error) => {
            let text = format!("{error:?}");
            assert!(text.contains("frame slots"), "a valid module is refused: {text}");
            out.0.push("refused".into());
            return out;
        }
    };
    let make_store = || {
        let limits = StoreLimitsBuilder::new().memory_size(BYTES).build();
        let mut store = burdock::Store::new(&engine, Seen { limits, ..Seen::default() });
        store.limiter(|seen| &mut seen.limits);
        if way.fuel {
            store.set_fuel(FUEL).expect("fuel is on");
        }
        if way.epochs {
            store.set_epoch_deadline(1);
        }
        if way.epochs && way.yields {
            store.set_epoch_deadline(0);
            store.epoch_deadline_async_yield_and_update(0);
        }
        if way.fuel && way.yields {
            let interval = Some(1 + bytes.len() as u64 % 50);
            store.fuel_async_yield_interval(interval).expect("fuel is on");
        }
        if let With::Debugger(steps) = with {
            debugged::attach(&mut store, steps);
        }
        if let With::Tool(tool) = with {
            let attached = tool.attach(&mut store, &module, bytes);
            store.data_mut().tool = Some(attached);
        }
        if with == With::Hooks {
            store.call_hook(|mut store, event| {
                nested(store.data_mut(), event);
                Ok(())
            });
            let filter = burdock::Filter::new().events(burdock::Events::INSTRUCTIONS);
            let watch = store.attach(burdock::Filter::new(), Watch::default());
            let counter = store.count(filter);
            store.data_mut().watch = Some((watch, counter));
        }
        store
    };
    let trap = |error: &burdock::Error| match error.downcast_ref::<burdock::Trap>() {
        Some(trap) => Some(format!("{trap:?}")),
        None => error.is::<burdock::GcHeapOutOfMemory<()>>().then(|| "OutOfMemory".into()),
    };
    let call = |func: &burdock::Func,
                store: &mut burdock::Store<Seen>,
                params: &[burdock::Val],
                results: &mut [burdock::Val]| match way.yields {
        false => func.call(store, params, results),
        true => block_on(func.call_async(store, params, results)),
    };
    let left = |store: &burdock::Store<Seen>| match way.fuel_left {
        false => None,
        true => store.get_fuel().ok().map(|fuel| format!("fuel {fuel}")),
    };
    let mut store = run_burdock(
        &engine,
        &module,
        make_store,
        burdock_text,
        burdock_val,
        trap,
        call,
        left,
        &mut out,
    );
    if let Some(tool) = store.data_mut().tool.take() {
        tool.finish(&mut store, &module, bytes);
    }
    if let Some((watch, counter)) = store.data().watch {
        let told = store.hook(watch).expect("it is attached").instructions;
        assert_eq!(told, counter.total(&store), "instructions told, and counted");
        // The trap of a constant expression comes before any guest runs.
        let ran = |line: &String| line != "not instantiated" && !line.starts_with("start: ");
        assert!(store.data().events > 0 || !out.0.first().is_some_and(ran), "{out:?}");
    }
    out
}

/// Polls a future until it is done.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Checks that an event matches the open calls.
fn nested(seen: &mut Seen, event: CallHook) {
    seen.events += 1;
    match event {
        CallHook::CallingWasm => {
            assert!(matches!(seen.open.last(), None | Some(CallHook::CallingHost)));
            seen.open.push(event);
        }
        CallHook::CallingHost => {
            assert_eq!(seen.open.last(), Some(&CallHook::CallingWasm));
            seen.open.push(event);
        }
        CallHook::ReturningFromWasm => {
            assert_eq!(seen.open.pop(), Some(CallHook::CallingWasm));
        }
        CallHook::ReturningFromHost => {
            assert_eq!(seen.open.pop(), Some(CallHook::CallingHost));
        }
    }
}

/// The exit code of a process that a panic of wasmi's ended.
pub const PEER_ENDED: i32 = 77;

/// Runs a module in wasmi. Its panics on some modules are not findings; such modules count as
/// unfit. Some of its panics cannot be caught, and end the process with [`PEER_ENDED`].
pub(crate) fn wasmi_run(bytes: &[u8]) -> Outcome {
    // The fuzzer's hook would end the process.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        if info.to_string().contains("function that cannot unwind") {
            std::process::exit(PEER_ENDED);
        }
    }));
    let outcome = std::panic::catch_unwind(|| try_wasmi(bytes));
    std::panic::set_hook(hook);
    outcome.unwrap_or_else(|_| Outcome(vec!["refused".into()]))
}

fn try_wasmi(bytes: &[u8]) -> Outcome {
    let mut out = Outcome::default();
    let mut config = wasmi::Config::default();
    config
        .wasm_custom_page_sizes(true)
        .wasm_wide_arithmetic(true)
        .wasm_memory64(true)
        .wasm_multi_memory(true)
        .wasm_simd(true)
        .set_max_stack_height(4 << 20)
        .set_max_recursion_depth(100_000);
    let engine = wasmi::Engine::new(&config);
    let Ok(module) = wasmi::Module::new(&engine, bytes) else {
        out.0.push("refused".into());
        return out;
    };
    let trap = |error: &wasmi::Error| error.as_trap_code().map(|code| format!("{code:?}"));
    let make_store = || wasmi::Store::new(&engine, Vec::new());
    let call = |func: &wasmi::Func,
                store: &mut wasmi::Store<Vec<String>>,
                params: &[wasmi::Val],
                results: &mut [wasmi::Val]| func.call(store, params, results);
    let left = |_: &wasmi::Store<Vec<String>>| None;
    run_wasmi(&engine, &module, make_store, wasmi_text, wasmi_val, trap, call, left, &mut out);
    out
}
