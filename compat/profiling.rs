//! Profiles of guests: the names in the stacks of samples, and the markers of host calls.

use serde_json::Value;
use std::time::Duration;
use wasmtime::{
    Config, Engine, Func, GuestProfiler, Instance, Module, Result, Store, UpdateDeadline,
};

pub fn run() -> Result<()> {
    profile(true)?;
    // Wasmtime also tells a hook of checks of the epoch, Burdock only of host functions.
    profile(false)
}

/// Profiles a guest, by samples or by host calls.
fn profile(samples: bool) -> Result<()> {
    let mut config = Config::new();
    config.epoch_interruption(samples);
    let engine = Engine::new(&config)?;
    let text = r#"(module
        (import "host" "pause" (func $pause))
        (func $work (param $n i32)
            (loop $next
                (call $pause)
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $next (local.get $n))))
        (func $main (export "main") (call $work (i32.const 3)) (call $work (i32.const 1))))"#;
    let module = Module::new(&engine, text)?;
    let modules = [("guest.wasm".to_string(), module.clone())];
    let interval = Duration::from_millis(3);
    let profiler = GuestProfiler::new(&engine, "guest", interval, modules)?;
    let mut store = Store::new(&engine, Some(profiler));
    if samples {
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(move |mut store| {
            let mut profiler = store.data_mut().take().expect("a profiler");
            profiler.sample(&store, interval);
            *store.data_mut() = Some(profiler);
            Ok(UpdateDeadline::Continue(0))
        });
    } else {
        store.call_hook(|mut store, kind| {
            let mut profiler = store.data_mut().take().expect("a profiler");
            profiler.call_hook(&store, kind);
            *store.data_mut() = Some(profiler);
            Ok(())
        });
    }
    let pause = Func::try_wrap(&mut store, || {})?;
    let instance = Instance::new(&mut store, &module, &[pause.into()])?;
    instance.get_typed_func::<(), ()>(&mut store, "main")?.call(&mut store, ())?;
    let mut profile = Vec::new();
    store.into_data().expect("a profiler").finish(&mut profile)?;
    show(&serde_json::from_slice(&profile)?);
    Ok(())
}

fn show(profile: &Value) {
    let thread = &profile["threads"][0];
    let number = |value: &Value| value.as_u64().expect("a number") as usize;
    let stack = |stack: &Value| {
        let (mut names, mut next) = (Vec::new(), stack);
        while !next.is_null() {
            let frame = &thread["stackTable"]["frame"][number(next)];
            let func = &thread["frameTable"]["func"][number(frame)];
            let name = &thread["funcTable"]["name"][number(func)];
            names.push(thread["stringArray"][number(name)].as_str().expect("a name"));
            next = &thread["stackTable"]["prefix"][number(next)];
        }
        names.join(" < ")
    };
    println!("{} {} {}", profile["meta"]["product"], profile["meta"]["interval"], thread["name"]);
    println!("{} {}", profile["libs"][0]["name"], profile["meta"]["markerSchema"]);
    let samples = &thread["samples"];
    for sample in samples["stack"].as_array().expect("stacks") {
        println!("sample: {}", stack(sample));
    }
    println!("{} {}", samples["threadCPUDelta"], samples["weight"]);
    let markers = &thread["markers"];
    let phases = markers["phase"].as_array().expect("phases");
    for (phase, data) in phases.iter().zip(markers["data"].as_array().expect("data")) {
        println!("{} {phase} {}", data["type"], stack(&data["cause"]["stack"]));
    }
}
