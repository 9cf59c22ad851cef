//! Runs of a module in Burdock and in wasmi, and their observable outcome.

use crate::tools::{self, Tool};
use crate::watch::Watch;
use burdock::{CallHook, CompilationMode, Config};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The outcome of a run, one line for each observation. Equal runs have equal lines.
#[derive(Default, PartialEq, Eq, Debug)]
pub(crate) struct Outcome(pub(crate) Vec<String>);

impl Outcome {
    /// Returns `true` if the engines may differ from here on, because they count fuel and stack
    /// differently.
    pub(crate) fn unfit(&self) -> bool {
        let limits = ["StackOverflow", "OutOfFuel", "OutOfSystemMemory", "refused"];
        self.0.iter().any(|line| limits.iter().any(|limit| line.contains(limit)))
    }
}

/// Returns a pseudo-random number, for arguments and the results of host functions.
fn mix(seed: u64) -> u64 {
    let x = (seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ x >> 29
}

fn number(seed: u64) -> u64 {
    let x = mix(seed);
    match x % 4 {
        0 => (x >> 8) % 8,
        1 => ((x >> 8) % 8).wrapping_neg(),
        2 => (x >> 8) & 0xffff,
        _ => x,
    }
}

pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(14695981039346656037, |h, &b| (h ^ u64::from(b)).wrapping_mul(1099511628211))
}

fn f32_text(bits: u32) -> String {
    if f32::from_bits(bits).is_nan() { "f32 nan".into() } else { format!("f32 {bits:#x}") }
}

fn f64_text(bits: u64) -> String {
    if f64::from_bits(bits).is_nan() { "f64 nan".into() } else { format!("f64 {bits:#x}") }
}

fn texts<V>(vals: &[V], text: impl Fn(&V) -> String) -> String {
    vals.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// The number of exported functions that are called, and the number of calls of each.
const FUNCS: usize = 8;
const FUEL: u64 = 300_000;

macro_rules! runner {
    ($name:ident, $krate:ident, $data:ty, $list:ident, $log:expr) => {
        fn $name(
            engine: &$krate::Engine,
            module: &$krate::Module,
            make_store: impl Fn() -> $krate::Store<$data>,
            text: fn(&$krate::Val) -> String,
            default: fn($krate::ValType, u64) -> $krate::Val,
            trap: fn(&$krate::Error) -> Option<String>,
            call: impl Fn(
                &$krate::Func,
                &mut $krate::Store<$data>,
                &[$krate::Val],
                &mut [$krate::Val],
            ) -> Result<(), $krate::Error>,
            left: impl Fn(&$krate::Store<$data>) -> Option<String>,
            out: &mut Outcome,
        ) -> $krate::Store<$data> {
            let mut linker = <$krate::Linker<$data>>::new(engine);
            for import in module.imports() {
                let $krate::ExternType::Func(ty) = import.ty().clone() else {
                    continue;
                };
                let results: Vec<$krate::ValType> = ty.results().$list();
                let label = import.name().to_string();
                let _ = linker.func_new(
                    import.module(),
                    import.name(),
                    ty,
                    move |mut caller, params, outs| {
                        let line = format!("{label}({})", texts(params, text));
                        let seed = hash(line.as_bytes());
                        for (i, (slot, ty)) in outs.iter_mut().zip(&results).enumerate() {
                            *slot = default(ty.clone(), seed.wrapping_add(i as u64));
                        }
                        #[allow(clippy::redundant_closure_call)]
                        $log(caller.data_mut(), line);
                        Ok(())
                    },
                );
            }
            let mut names: Vec<String> = module.exports().map(|e| e.name().to_string()).collect();
            // wasmi returns exports in another order.
            names.sort();
            let mut calls = 0;
            let mut last = make_store();
            for (index, name) in names.iter().enumerate() {
                let Some($krate::ExternType::Func(ty)) = module.get_export(name) else { continue };
                if calls == FUNCS {
                    break;
                }
                calls += 1;
                let mut store = make_store();
                let instance = match linker.instantiate_and_start(&mut store, module) {
                    Ok(instance) => instance,
                    Err(error) => {
                        // The engines have different texts for a segment out of bounds.
                        out.0.push(match trap(&error) {
                            Some(t) if !t.contains("OutOfBounds") => format!("start: {t}"),
                            _ => "not instantiated".into(),
                        });
                        return store;
                    }
                };
                let func = instance.get_func(&mut store, name).expect("an exported function");
                for round in 0..3u64 {
                    let seed = (index as u64 * 64 + round) * 64;
                    let types: Vec<$krate::ValType> = ty.params().$list();
                    let params: Vec<_> = types
                        .into_iter()
                        .enumerate()
                        .map(|(i, ty)| default(ty, seed + i as u64))
                        .collect();
                    let types: Vec<$krate::ValType> = ty.results().$list();
                    let mut results: Vec<_> = types.into_iter().map(|ty| default(ty, 0)).collect();
                    let done = call(&func, &mut store, &params, &mut results);
                    out.0.push(match done {
                        Ok(()) => format!("{name}: {}", texts(&results, text)),
                        Err(error) => match trap(&error) {
                            Some(trap) => format!("{name}: {trap}"),
                            None => format!("{name}: error"),
                        },
                    });
                    #[allow(clippy::redundant_closure_call)]
                    out.0.push($log(store.data_mut(), String::new()));
                }
                for name in &names {
                    if let Some(memory) = instance.get_memory(&mut store, name) {
                        let data = memory.data(&store);
                        out.0.push(format!("memory {name}: {} {:x}", data.len(), hash(data)));
                    } else if let Some(global) = instance.get_global(&mut store, name) {
                        let value = global.get(&mut store);
                        out.0.push(format!("global {name}: {}", text(&value)));
                    } else if let Some(table) = instance.get_table(&mut store, name) {
                        out.0.push(format!("table {name}: {}", table.size(&store)));
                    }
                }
                out.0.extend(left(&store));
                last = store;
            }
            last
        }
    };
}

/// The observations of the host functions and the hook.
#[derive(Default)]
pub(crate) struct Seen {
    log: Vec<String>,
    open: Vec<CallHook>,
    events: u64,
    watch: Option<(burdock::HookId<Watch>, burdock::Counter)>,
    tool: Option<tools::Attached>,
}

/// The observer of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum With {
    /// Nobody.
    Nothing,
    /// Hooks that check their events.
    Hooks,
    /// A tool.
    Tool(Tool),
}

fn note(seen: &mut Seen, line: String) -> String {
    if line.is_empty() {
        assert!(seen.open.is_empty(), "events are left open: {:?}", seen.open);
        return std::mem::take(&mut seen.log).join("; ");
    }
    seen.log.push(line);
    String::new()
}

runner!(run_burdock, burdock, Seen, collect, note);
runner!(run_wasmi, wasmi, Vec<String>, to_vec, |log: &mut Vec<String>, line: String| {
    if line.is_empty() {
        return std::mem::take(log).join("; ");
    }
    log.push(line);
    String::new()
});

fn burdock_text(val: &burdock::Val) -> String {
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

pub(crate) fn burdock_val(ty: burdock::ValType, seed: u64) -> burdock::Val {
    use burdock::{Val, ValType};
    let x = number(seed);
    match ty {
        ValType::I32 => Val::I32(x as i32),
        ValType::I64 => Val::I64(x as i64),
        ValType::F32 => Val::F32((x as i64 as f32).to_bits()),
        ValType::F64 => Val::F64((x as i64 as f64).to_bits()),
        ValType::V128 => Val::V128(u128::from(x).into()),
        other => Val::default_for_ty(&other).expect("a nullable type"),
    }
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

fn wasmi_val(ty: wasmi::ValType, seed: u64) -> wasmi::Val {
    use wasmi::{F32, F64, V128, Val, ValType};
    let x = number(seed);
    match ty {
        ValType::I32 => Val::I32(x as i32),
        ValType::I64 => Val::I64(x as i64),
        ValType::F32 => Val::F32(F32::from_bits((x as i64 as f32).to_bits())),
        ValType::F64 => Val::F64(F64::from_bits((x as i64 as f64).to_bits())),
        ValType::V128 => Val::V128(V128::from(u128::from(x))),
        other => Val::default_for_ty(other),
    }
}

/// Runs in Burdock; the bits of `choice` are 1 with fuel, 2 lazily translated, 4 `loop` dispatch,
/// 32 `tail` dispatch, 8 canonical NaNs, 16 with epochs, 64 the fuel that is left is part of the
/// outcome, 128 calls yield: whenever a little fuel is used up, and at each look at the epoch.
pub(crate) fn burdock_run(bytes: &[u8], choice: u8, with: With) -> Outcome {
    let mut out = Outcome::default();
    let mut config = Config::new();
    config
        .dispatch(crate::dispatch(choice))
        .wasm_custom_page_sizes(true)
        .max_wasm_stack(1 << 20)
        .consume_fuel(choice & 1 != 0)
        .cranelift_nan_canonicalization(choice & 8 != 0)
        .epoch_interruption(choice & 16 != 0);
    if choice & 2 != 0 {
        config.compilation_mode(CompilationMode::Lazy);
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
        let mut store = burdock::Store::new(&engine, Seen::default());
        if choice & 1 != 0 {
            store.set_fuel(FUEL).expect("fuel is on");
        }
        if choice & 16 != 0 {
            store.set_epoch_deadline(1);
        }
        if choice & 144 == 144 {
            store.set_epoch_deadline(0);
            store.epoch_deadline_async_yield_and_update(0);
        }
        if choice & 129 == 129 {
            let interval = Some(1 + bytes.len() as u64 % 50);
            store.fuel_async_yield_interval(interval).expect("fuel is on");
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
    let trap =
        |error: &burdock::Error| error.downcast_ref::<burdock::Trap>().map(|t| format!("{t:?}"));
    let call = |func: &burdock::Func,
                store: &mut burdock::Store<Seen>,
                params: &[burdock::Val],
                results: &mut [burdock::Val]| match choice & 128 {
        0 => func.call(store, params, results),
        _ => block_on(func.call_async(store, params, results)),
    };
    let left = |store: &burdock::Store<Seen>| match choice & 64 {
        0 => None,
        _ => store.get_fuel().ok().map(|fuel| format!("fuel {fuel}")),
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
        assert!(out.0.is_empty() || store.data().events > 0 || out.0[0] == "not instantiated");
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
