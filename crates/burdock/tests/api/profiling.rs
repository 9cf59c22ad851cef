//! Profiles for Firefox's profiler: stacks, names, times and markers.

#![cfg(feature = "profiling")]

use burdock::*;
use serde_json::Value;
use std::num::NonZeroUsize;
use std::time::Duration;

/// The time between samples, as far as the profile is concerned.
const INTERVAL: Duration = Duration::from_millis(2);

/// The data of a store of these tests.
struct Data {
    profiler: Option<GuestProfiler>,
    /// The stacks of all samples, as `WasmBacktrace` has them.
    seen: Vec<String>,
}

impl Data {
    fn sample(mut store: StoreContextMut<'_, Data>) {
        let mut profiler = store.data_mut().profiler.take().unwrap();
        profiler.sample(&store, INTERVAL / 2);
        let backtrace = WasmBacktrace::force_capture(&store);
        store.data_mut().seen.push(stack_of(&backtrace));
        store.data_mut().profiler = Some(profiler);
    }
}

/// Returns the frames of a backtrace of profiled modules, the outermost first.
fn stack_of(backtrace: &WasmBacktrace) -> String {
    let frames = backtrace.frames().iter().rev();
    let frames = frames.filter(|frame| frame.module().name() != Some("secret"));
    let frames = frames.map(|frame| {
        let name = match frame.func_name() {
            Some(name) => names::FuncName(name).to_string(),
            None => format!("<wasm function {}>", frame.func_index()),
        };
        format!("{}@{}", name, frame.module_offset().unwrap())
    });
    frames.collect::<Vec<_>>().join(" ")
}

/// A profile as JSON, with the tables of its only thread.
struct Profile(Value);

impl Profile {
    fn at(&self, table: &str, column: &str, row: &Value) -> &Value {
        &self.0["threads"][0][table][column][row.as_u64().unwrap() as usize]
    }

    fn string(&self, row: &Value) -> &str {
        self.0["threads"][0]["stringArray"][row.as_u64().unwrap() as usize].as_str().unwrap()
    }

    /// Returns the frames of a stack with `show` for each.
    fn stack(&self, stack: &Value, show: impl Fn(&Value) -> String) -> String {
        let (mut frames, mut next) = (Vec::new(), stack);
        while !next.is_null() {
            frames.push(show(self.at("stackTable", "frame", next)));
            next = self.at("stackTable", "prefix", next);
        }
        frames.reverse();
        frames.join(" ")
    }

    fn name(&self, frame: &Value) -> &str {
        let func = self.at("frameTable", "func", frame);
        self.string(self.at("funcTable", "name", func))
    }

    /// Returns a frame with the offset of its operator in the module.
    fn place(&self, frame: &Value) -> String {
        format!("{}@{}", self.name(frame), self.at("frameTable", "address", frame))
    }

    /// Returns a frame with its module and the offset of its operator in the function.
    fn frame(&self, frame: &Value) -> String {
        let func = self.at("frameTable", "func", frame);
        let library = self.at("resourceTable", "lib", self.at("funcTable", "resource", func));
        let library = &self.0["libs"][library.as_u64().unwrap() as usize]["name"];
        let symbol = self.at("frameTable", "nativeSymbol", frame);
        let start = self.at("nativeSymbols", "address", symbol).as_u64().unwrap();
        let offset = self.at("frameTable", "address", frame).as_u64().unwrap() - start;
        let size = self.at("nativeSymbols", "functionSize", symbol).as_u64().unwrap();
        assert!(offset < size, "an operator in the function");
        format!("{}!{}+{offset}", library.as_str().unwrap(), self.name(frame))
    }

    fn samples(&self, show: impl Fn(&Value) -> String) -> Vec<String> {
        let stacks = self.0["threads"][0]["samples"]["stack"].as_array().unwrap();
        stacks.iter().map(|stack| self.stack(stack, &show)).collect()
    }

    /// Returns the markers: their phases, 2 for the beginning of an interval and 3 for the end, and
    /// stacks.
    fn markers(&self) -> Vec<String> {
        let markers = &self.0["threads"][0]["markers"];
        let (phases, data) = (markers["phase"].as_array().unwrap(), &markers["data"]);
        let shown = phases.iter().zip(data.as_array().unwrap()).map(|(phase, data)| {
            let stack = self.stack(&data["cause"]["stack"], |frame| self.frame(frame));
            format!("{} {phase} {stack}", data["type"].as_str().unwrap())
        });
        shown.collect()
    }
}

/// Runs `main` of the last module. The modules are linked under their names, and called by them in
/// the profile; a module of the name `secret` is not profiled. Samples are taken at each check of
/// the epoch and by the host function `host.sample`.
fn profile(modules: &[&str]) -> Profile {
    let mut config = Config::new();
    config.epoch_interruption(true).wasm_backtrace_max_frames(NonZeroUsize::new(10_000));
    let engine = Engine::new(&config).unwrap();
    let modules = modules.iter().map(|text| Module::new(&engine, text).unwrap());
    let modules: Vec<Module> = modules.collect();
    let profiled = modules.iter().filter(|module| module.name() != Some("secret"));
    let profiled = profiled.map(|module| (module.name().unwrap().to_owned(), module.clone()));
    let profiler = GuestProfiler::new(&engine, "the guest", INTERVAL, profiled).unwrap();

    let mut store = Store::new(&engine, Data { profiler: Some(profiler), seen: Vec::new() });
    store.epoch_deadline_callback(|mut store| {
        Data::sample(store.as_context_mut());
        Ok(UpdateDeadline::Continue(0))
    });
    store.call_hook(|mut store, kind| {
        let mut profiler = store.data_mut().profiler.take().unwrap();
        profiler.call_hook(&store, kind);
        store.data_mut().profiler = Some(profiler);
        Ok(())
    });
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "sample", |mut caller: Caller<'_, Data>| {
            Data::sample(caller.as_context_mut());
        })
        .unwrap();
    for module in &modules {
        let instance = linker.instantiate(&mut store, module).unwrap();
        linker.instance(&mut store, module.name().unwrap(), instance).unwrap();
    }
    let main = linker.get(&mut store, modules.last().unwrap().name().unwrap(), "main").unwrap();
    let main = main.into_func().unwrap().typed::<(), ()>(&store).unwrap();
    main.call(&mut store, ()).unwrap();

    let Data { profiler, seen } = store.into_data();
    let mut bytes = Vec::new();
    profiler.unwrap().finish(&mut bytes).unwrap();
    let profile = Profile(serde_json::from_slice(&bytes).unwrap());
    assert_eq!(profile.samples(|frame| profile.place(frame)), seen);
    profile
}

fn check(modules: &[&str], samples: &[&str], markers: &[&str]) {
    let profile = profile(modules);
    assert_eq!(profile.samples(|frame| profile.frame(frame)), samples);
    assert_eq!(profile.markers(), markers);
}

#[test]
fn samples_have_the_stacks_of_guests() {
    // A body begins with one byte of locals. Checks stand at its first operator and at `loop`,
    // which comes after `nop`.
    check(
        &[r#"(module $guest
            (func $count (param i32)
                nop
                (loop
                    (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                    (br_if 0 (local.get 0))))
            (func (export "main") nop (call $count (i32.const 2))))"#],
        &[
            "guest!<wasm function 1>+1",
            "guest!<wasm function 1>+4 guest!count+1",
            "guest!<wasm function 1>+4 guest!count+2",
            "guest!<wasm function 1>+4 guest!count+2",
        ],
        &[],
    );
}

#[test]
fn host_calls_have_markers() {
    let start = "hostcall 2 guest!main+1";
    check(
        &[r#"(module $guest
            (import "host" "sample" (func $sample))
            (func $main (export "main") call $sample call $sample))"#],
        &["guest!main+1", "guest!main+1", "guest!main+3"],
        &[start, "hostcall 3 ", "hostcall 2 guest!main+3", "hostcall 3 "],
    );
}

#[test]
fn only_the_given_modules_are_shown() {
    check(
        &[
            r#"(module $library
                (func $_ZN4core3fmt5write17h0123456789abcdefE (export "write")))"#,
            r#"(module $secret
                (import "library" "write" (func $write))
                (import "host" "sample" (func $sample))
                (func $hidden (export "hidden") call $sample call $write))"#,
            r#"(module $guest
                (import "secret" "hidden" (func $hidden))
                (func $main (export "main") call $hidden))"#,
        ],
        &[
            "guest!main+1",
            "guest!main+1",
            "guest!main+1",
            "guest!main+1 library!core::fmt::write::h0123456789abcdef+1",
        ],
        &["hostcall 2 guest!main+1", "hostcall 3 "],
    );
}

#[test]
fn times_and_titles_are_those_of_the_run() {
    let guest = r#"(module $guest (func (export "main") (loop)))"#;
    let Profile(profile) = profile(&[guest]);
    let (meta, thread) = (&profile["meta"], &profile["threads"][0]);
    assert_eq!((&meta["product"], &meta["interval"]), (&"the guest".into(), &2.0.into()));
    assert_eq!(meta["symbolicated"], true);
    assert_eq!(thread["samples"]["threadCPUDelta"], serde_json::json!([1000, 1000]));
    let times = thread["samples"]["timeDeltas"].as_array().unwrap();
    let elapsed: f64 = times.iter().map(|time| time.as_f64().unwrap()).sum();
    let end = thread["processShutdownTime"].as_f64().unwrap();
    assert!(0.0 < elapsed && elapsed <= end, "{elapsed} of {end}");
}

/// A stack that is deeper than an error's backtrace is sampled as a whole.
#[test]
fn deep_stacks_are_whole() {
    let profile = profile(&[r#"(module $guest
        (func $down (param i32)
            (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "main") (call $down (i32.const 999))))"#]);
    let samples = profile.samples(|frame| profile.name(frame).to_owned());
    let depths: Vec<_> = samples.iter().map(|stack| stack.matches("down").count()).collect();
    assert_eq!(depths, (0..=1000).collect::<Vec<_>>());
}

#[test]
fn an_idle_store_has_an_empty_stack() {
    let engine = Engine::default();
    let mut profiler = GuestProfiler::new(&engine, "nothing", INTERVAL, []).unwrap();
    let store = Store::new(&engine, ());
    profiler.sample(&store, Duration::ZERO);
    profiler.call_hook(&store, CallHook::CallingHost);
    let mut bytes = Vec::new();
    profiler.finish(&mut bytes).unwrap();
    let profile = Profile(serde_json::from_slice(&bytes).unwrap());
    assert_eq!(profile.samples(|frame| profile.frame(frame)), [""]);
    assert_eq!(profile.markers(), ["hostcall 2 "]);
}

#[test]
#[should_panic(expected = "module used with wrong engine")]
fn modules_are_of_the_engine() {
    let module = Module::new(&Engine::default(), "(module)").unwrap();
    let modules = [("guest".to_owned(), module)];
    let _ = GuestProfiler::new(&Engine::default(), "", INTERVAL, modules);
}
