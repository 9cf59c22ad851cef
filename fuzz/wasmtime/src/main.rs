//! `cargo run --release -- TARGET SECONDS [SEED]`, in this directory: the modules of the target
//! `execute` (with relaxed SIMD) or `objects`, run by Burdock and by Wasmtime. See
//! `burdock_fuzz::sweep`.

use burdock_fuzz::runner::{Outcome, f32_text, f64_text, number};
use burdock_fuzz::{BYTES, Source, Way, With, agree, burdock_run, module, show};
use wasmtime::{
    Config, Engine, Error, Func, GcHeapOutOfMemory, Module, OptLevel, Store, StoreLimits,
    StoreLimitsBuilder, Trap, Val, ValType,
};

fn main() {
    burdock_fuzz::sweep::main(|name| match name {
        "execute" => Some(|data| compare(data, Source::Relaxed)),
        "objects" => Some(|data| compare(data, Source::Objects)),
        _ => None,
    });
}

/// Checks that Burdock and Wasmtime agree on a module.
fn compare(data: &[u8], source: Source) {
    let Some(bytes) = module(data, source) else { return };
    show(&bytes);
    let way = Way { canonical_nans: true, ..Way::default() };
    let own = burdock_run(&bytes, way, With::Nothing);
    if std::env::var_os("SHOW").is_some() {
        eprintln!("{own:?}");
    }
    if !own.unfit() {
        agree(&bytes, "Burdock and Wasmtime", &own, &wasmtime_run(&bytes));
    }
}

/// The calls that a store's host functions have seen, and the store's limits.
#[derive(Default)]
struct Seen {
    log: Vec<String>,
    limits: StoreLimits,
}

fn note(seen: &mut Seen, line: String) -> String {
    if line.is_empty() {
        return std::mem::take(&mut seen.log).join("; ");
    }
    seen.log.push(line);
    String::new()
}

burdock_fuzz::runner!(run_wasmtime, wasmtime, Seen, collect, instantiate, note);

/// Returns the text of a value, as Burdock's run has it.
fn text(val: &Val) -> String {
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
        Val::ContRef(_) => "contref".into(),
    }
}

fn default(ty: ValType, seed: u64) -> Option<Val> {
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

fn trap(error: &Error) -> Option<String> {
    if error.is::<GcHeapOutOfMemory<()>>() {
        return Some("OutOfMemory".into());
    }
    error.downcast_ref::<Trap>().map(|trap| format!("{trap:?}"))
}

/// Runs in Wasmtime.
fn wasmtime_run(bytes: &[u8]) -> Outcome {
    let mut out = Outcome::default();
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::None)
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(1 << 20)
        .relaxed_simd_deterministic(true)
        .wasm_custom_page_sizes(true)
        .wasm_exceptions(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_memory64(true)
        .wasm_multi_memory(true)
        .wasm_tail_call(true)
        .wasm_wide_arithmetic(true);
    let engine = Engine::new(&config).expect("a supported configuration");
    let module = Module::new(&engine, bytes).expect("a valid module");
    let make_store = || {
        let limits = StoreLimitsBuilder::new().memory_size(BYTES).build();
        let mut store = Store::new(&engine, Seen { limits, ..Seen::default() });
        store.limiter(|seen| &mut seen.limits);
        store
    };
    let call = |func: &Func, store: &mut Store<Seen>, params: &[Val], results: &mut [Val]| {
        let done = func.call(&mut *store, params, results);
        store.take_pending_exception();
        done
    };
    let left = |_: &Store<Seen>| None;
    run_wasmtime(&engine, &module, make_store, text, default, trap, call, left, &mut out);
    out
}
