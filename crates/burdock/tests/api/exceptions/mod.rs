//! Exceptions, as text: each `NAME.wat` has modules and says in comments what is called, and
//! `NAME.out` has the results. `BLESS=1` writes them anew.
//!
//! ```text
//! ;; module: NAME     what follows is a module, whose exports the next ones import under this name
//! ;; call: export 1   a call of the last module's export, with numbers as arguments
//! ```
//!
//! Every file is run under each dispatcher and translation mode, and there in several ways, which
//! must all have the same results.

use crate::common;
use burdock::*;
use std::fmt::Write as _;
use std::path::Path;

/// A way to run a file, in addition to the engine's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Plain,
    /// With fuel, epochs and a limit on the frames that calls leave behind.
    Limited,
    /// With hooks that look at everything.
    Observed,
    /// With counters of everything.
    Counted,
    /// With a hook for transitions.
    Hooked,
    /// By calls that could be resumed.
    Resumable,
    /// By calls that wait for host functions, which throw later.
    Async,
    /// With a collection of garbage before each allocation.
    Collected,
    /// With hooks that look at everything, in addition.
    CollectedAndObserved,
    /// With a debugger that looks at everything, and collections as above.
    Debugged,
    /// With a debugger, by calls that wait for host functions.
    DebuggedAsync,
}

impl Way {
    fn is_async(self) -> bool {
        matches!(self, Self::Async | Self::DebuggedAsync)
    }

    fn is_debugged(self) -> bool {
        matches!(self, Self::Debugged | Self::DebuggedAsync)
    }
}

const WAYS: [Way; 11] = [
    Way::Plain,
    Way::Limited,
    Way::Observed,
    Way::Counted,
    Way::Hooked,
    Way::Resumable,
    Way::Async,
    Way::Collected,
    Way::CollectedAndObserved,
    Way::Debugged,
    Way::DebuggedAsync,
];

/// The frames that a test needs at most at once.
const DEPTH: usize = 60;

/// The data of a store: the functions that were entered and not left.
#[derive(Default)]
struct Data {
    entered: i64,
    tag: Option<Tag>,
}

/// Counts entered and left functions.
struct Balance;

impl Hook<Data> for Balance {
    const EVENTS: Events = Events::ALL;

    fn event(&mut self, mut store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
        match event {
            Event::FuncEnter(_) => store.data_mut().entered += 1,
            Event::FuncLeave(_) => {
                store.data_mut().entered -= 1;
                let frame = store.frame().expect("the frame that is left");
                assert!(frame.func_index() < 1000);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Looks at every exception and at all frames, and collects garbage.
#[derive(Clone)]
struct Debugger;

impl DebugHandler for Debugger {
    type Data = Data;

    fn handle(&self, mut store: StoreContextMut<'_, Data>, event: DebugEvent<'_>) {
        if let DebugEvent::Exception(exception) = &event {
            let exception = exception.to_rooted(&mut store);
            assert!(exception.fields(&mut store).unwrap().count() < 100);
        }
        let mut next = store.debug_exit_frames().next();
        while let Some(frame) = next {
            assert!(frame.frame().locals(&mut store).unwrap().len() < 1000);
            next = frame.parent(&mut store).unwrap();
        }
        store.gc(None).unwrap();
    }
}

fn engine(config: &Config, way: Way) -> Engine {
    let mut config = config.clone();
    config.wasm_exceptions(true).wasm_legacy_exceptions(true).wasm_function_references(true);
    config.wasm_gc(true);
    if way == Way::Limited {
        config.consume_fuel(true).epoch_interruption(true).set_max_recursion_depth(DEPTH);
    }
    if matches!(way, Way::Collected | Way::CollectedAndObserved | Way::Debugged) {
        config.collect_at_every_allocation(true);
    }
    config.guest_debug(way.is_debugged());
    Engine::new(&config).unwrap()
}

/// Throws an exception with the host's tag.
fn throw<R>(caller: &mut Caller<'_, Data>, value: i32) -> Result<R> {
    let tag = caller.data().tag.expect("the host's tag");
    let ty = ExnType::from_tag_type(&tag.ty(&*caller))?;
    let pre = ExnRefPre::new(&mut *caller, ty);
    let exception = ExnRef::new(&mut *caller, &pre, &tag, &[Val::I32(value)])?;
    caller.as_context_mut().throw(exception)
}

fn call_inner(caller: &mut Caller<'_, Data>) -> Result<()> {
    let inner = caller.get_export("inner").and_then(Extern::into_func).expect("`inner`");
    inner.typed::<(), ()>(&*caller)?.call(caller, ())
}

/// Defines the host functions that throw.
fn throw_at_once(linker: &mut Linker<Data>) -> Result<()> {
    linker.func_wrap("host", "throw", |mut caller: Caller<'_, Data>, value: i32| {
        throw::<()>(&mut caller, value)
    })?;
    linker.func_wrap("host", "get", |mut caller: Caller<'_, Data>, value: i32| {
        throw::<i32>(&mut caller, value)
    })?;
    Ok(())
}

/// Defines the host functions that throw such that they do so after a while.
fn throw_later(linker: &mut Linker<Data>) -> Result<()> {
    linker.func_wrap_async("host", "throw", |mut caller, (value,): (i32,)| {
        Box::new(async move {
            common::Later::default().await;
            throw::<()>(&mut caller, value)
        })
    })?;
    linker.func_wrap_async("host", "get", |mut caller, (value,): (i32,)| {
        Box::new(async move {
            common::Later::default().await;
            throw::<i32>(&mut caller, value)
        })
    })?;
    Ok(())
}

fn linker(engine: &Engine, store: &mut Store<Data>, way: Way) -> Linker<Data> {
    let mut linker = Linker::new(engine);
    let ty = TagType::new(FuncType::new(engine, [ValType::I32], []));
    let tag = Tag::new(&mut *store, &ty).unwrap();
    store.data_mut().tag = Some(tag);
    linker.define(&mut *store, "host", "tag", tag).unwrap();
    let host = "host";
    match way.is_async() {
        true => throw_later(&mut linker).unwrap(),
        false => throw_at_once(&mut linker).unwrap(),
    }
    linker.func_wrap(host, "fail", || -> Result<()> { bail!("no") }).unwrap();
    linker.func_wrap(host, "trap", || -> Result<()> { Err(Trap::IntegerOverflow.into()) }).unwrap();
    linker.func_wrap(host, "stale", || -> Result<()> { Err(ThrownException.into()) }).unwrap();
    // Calls the guest's export `inner`, and passes on what it throws.
    linker.func_wrap(host, "call", |mut caller: Caller<'_, _>| call_inner(&mut caller)).unwrap();
    // Calls it, and returns the value of what it throws.
    linker
        .func_wrap(host, "take", |mut caller: Caller<'_, _>| -> Result<i32> {
            let error = call_inner(&mut caller).expect_err("an exception");
            assert!(error.is::<ThrownException>());
            let mut store = caller.as_context_mut();
            let exception = store.take_pending_exception().expect("a pending exception");
            exception.field(&mut store, 0).map(|field| field.unwrap_i32())
        })
        .unwrap();
    linker
}

/// Runs a file's modules and calls as its comments say; returns what happened.
fn run(text: &str, config: &Config, way: Way) -> String {
    let engine = engine(config, way);
    let mut store = Store::new(&engine, Data::default());
    if way == Way::Limited {
        store.set_fuel(100_000_000).unwrap();
        store.set_epoch_deadline(1);
    }
    match way {
        Way::Observed | Way::CollectedAndObserved => {
            let _ = store.attach(Filter::new(), Balance);
        }
        Way::Counted => drop(store.count(Filter::new())),
        Way::Hooked => store.call_hook(|_, _| Ok(())),
        Way::Debugged | Way::DebuggedAsync => store.set_debug_handler(Debugger),
        _ => {}
    }
    let mut linker = linker(&engine, &mut store, way);
    let mut out = String::new();
    for part in text.split(";; module: ").skip(1) {
        let (name, text) = part.split_once('\n').unwrap();
        let module = Module::new(&engine, text).unwrap();
        let instance = match way.is_async() {
            true => common::block_on(linker.instantiate_async(&mut store, &module)).0,
            false => linker.instantiate(&mut store, &module),
        };
        let instance = match instance {
            Ok(instance) => instance,
            Err(error) => {
                let what = failed(&mut store, &error);
                writeln!(out, "instance {name}\n! {what}").unwrap();
                continue;
            }
        };
        linker.instance(&mut store, name, instance).unwrap();
        for call in text.lines().filter_map(|line| line.trim().strip_prefix(";; call: ")) {
            writeln!(out, "call {call}").unwrap();
            let result = call_export(&mut store, instance, call, way);
            writeln!(out, "{result}").unwrap();
            assert!(!store.has_pending_exception(), "{call}: an exception is left");
            assert_eq!(store.data().entered, 0, "{call}: functions were entered and not left");
        }
    }
    out
}

/// Calls an export; returns the results or the error.
fn call_export(store: &mut Store<Data>, instance: Instance, call: &str, way: Way) -> String {
    let mut words = call.split_whitespace();
    let name = words.next().unwrap();
    let func = instance.get_func(&mut *store, name).unwrap();
    let args: Vec<Val> = words.map(|word| Val::I32(word.parse().unwrap())).collect();
    let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
    let ended = match way {
        Way::Resumable => match func.call_resumable(&mut *store, &args, &mut results) {
            Ok(ResumableCall::Finished) => Ok(()),
            Ok(ResumableCall::HostTrap(trap)) => Err(trap.into_host_error()),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        },
        _ if way.is_async() => {
            common::block_on(func.call_async(&mut *store, &args, &mut results)).0
        }
        _ => func.call(&mut *store, &args, &mut results),
    };
    match ended {
        Ok(()) => format!("= {}", values(&results)),
        Err(error) => format!("! {}", failed(store, &error)),
    }
}

/// Returns an error as text: the exception that it stands for with its values, which is no longer
/// pending then, or its message.
fn failed(store: &mut Store<Data>, error: &Error) -> String {
    let frames = error.downcast_ref::<WasmBacktrace>().map(|backtrace| {
        let names = backtrace.frames().iter().map(|frame| frame.func_name().unwrap_or("?"));
        names.collect::<Vec<_>>().join(" ")
    });
    let frames = frames.map_or(String::new(), |frames| format!(" in {frames}"));
    if !error.is::<ThrownException>() {
        return format!("{}{frames}", error.root_cause());
    }
    match store.take_pending_exception() {
        None => format!("{}{frames}", error.root_cause()),
        Some(exception) => {
            let fields: Vec<_> = exception.fields(&mut *store).unwrap().collect();
            format!("exception ({}){frames}", values(&fields))
        }
    }
}

fn values(values: &[Val]) -> String {
    let text = values.iter().map(|value| match *value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => format!("{:?}", f32::from_bits(bits)),
        Val::F64(bits) => format!("{:?}", f64::from_bits(bits)),
        Val::V128(value) => format!("{:#x}", value.as_u128()),
        Val::ExnRef(Some(_)) => "an exception".into(),
        ref other => format!("{other:?}"),
    });
    text.collect::<Vec<_>>().join(" ")
}

/// Returns results without the frames of errors.
fn without_frames(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(" in ") {
        Some((error, _)) if line.starts_with('!') => error,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn modules_throw_and_catch_as_their_files_say() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/exceptions");
    let mut count = 0;
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        count += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let golden = path.with_extension("out");
        for config in common::configs() {
            for way in WAYS {
                let found = run(&text, &config, way);
                if std::env::var_os("BLESS").is_some() && way == Way::Plain {
                    std::fs::write(&golden, &found).unwrap();
                }
                let mut expected = std::fs::read_to_string(&golden).unwrap_or_default();
                let mut found = found;
                if way == Way::Resumable {
                    // A call that could be resumed gives the host's error as it is.
                    (found, expected) = (without_frames(&found), without_frames(&expected));
                }
                assert_eq!(found, expected, "{}: {way:?} {config:?}", path.display());
            }
        }
    }
    assert!(count > 0);
}

/// The bytes that a store's heap may take in these tests.
const HEAP: usize = 1 << 20;

const KEEPER: &str = r#"(module
    (tag $t (export "t") (param i64))
    (table $kept 100000 exnref)
    (func $throw (result exnref)
        (block $caught (result i64 exnref)
            (try_table (catch_ref $t $caught) (throw $t (i64.const 1)))
            (unreachable))
        (return))
    (func (export "drop") (param $n i32)
        (loop $more
            (drop (call $throw))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "keep") (param $n i32)
        (loop $more
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (table.set $kept (local.get $n) (call $throw))
            (br_if $more (local.get $n))))
    (func (export "forget")
        (table.fill $kept (i32.const 0) (ref.null exn) (i32.const 100000))))"#;

#[test]
fn exceptions_are_collected_and_bounded_like_other_objects() {
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, KEEPER).unwrap();
        let limits = StoreLimitsBuilder::new().memory_size(HEAP).build();
        let mut store = Store::new(&engine, limits);
        store.limiter(|limits| limits);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let [throw, keep] = ["drop", "keep"]
            .map(|name| instance.get_typed_func::<i32, ()>(&mut store, name).unwrap());
        let forget = instance.get_typed_func::<(), ()>(&mut store, "forget").unwrap();
        // Each exception takes 24 bytes.
        throw.call(&mut store, 60_000).unwrap();
        keep.call(&mut store, 30_000).unwrap();
        throw.call(&mut store, 30_000).unwrap();
        let error = keep.call(&mut store, 60_000).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::AllocationTooLarge), "{error:#}");
        // The host has no more room than guests.
        let tag = instance.get_tag(&mut store, "t").unwrap();
        let ty = ExnType::from_tag_type(&tag.ty(&store)).unwrap();
        let pre = ExnRefPre::new(&mut store, ty);
        let mut scope = RootScope::new(&mut store);
        let mut made = || ExnRef::new(&mut scope, &pre, &tag, &[Val::I64(1)]);
        let error = (0..60_000).find_map(|_| made().err()).expect("a heap that is full");
        assert!(error.is::<GcHeapOutOfMemory<()>>(), "{error:#}");
        drop(scope);
        forget.call(&mut store, ()).unwrap();
        keep.call(&mut store, 10).unwrap();
    }
}

/// Counts functions that are left.
struct Left;

impl Hook<u32> for Left {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, mut store: StoreContextMut<'_, u32>, event: Event<'_>) -> Result<()> {
        *store.data_mut() += u32::from(matches!(event, Event::FuncLeave(_)));
        Ok(())
    }
}

#[test]
fn hooks_that_are_attached_later_see_functions_being_left() {
    let wat = r#"(module
        (tag $e)
        (func $throw (throw $e))
        (func (export "catch") (param $n i32)
            (loop $more
                (block $caught
                    (try_table (catch $e $caught) (call $throw))
                    (unreachable))
                (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, 0);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let catch = instance.get_typed_func::<i32, ()>(&mut store, "catch").unwrap();
        catch.call(&mut store, 10).unwrap();
        store.attach(Filter::new(), Left);
        catch.call(&mut store, 10).unwrap();
        assert_eq!(*store.data(), 11, "{config:?}");
    }
}

#[test]
fn instances_of_one_module_have_tags_of_their_own() {
    let wat = r#"(module
        (import "" "a" (tag $a (param i32)))
        (import "" "b" (tag $b (param i32)))
        (func $throw (param $x i32) (throw $a (local.get $x)))
        (func (export "which") (param $n i32) (result i32)
            (local $sum i32)
            (loop $more
                (block $done (result i32)
                    (block $caught (result i32)
                        (try_table (catch $b $done) (catch $a $caught) (call $throw (i32.const 1)))
                        (unreachable))
                    (i32.const 10)
                    (i32.mul))
                (local.set $sum (i32.add (local.get $sum)))
                (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#;
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
        let [a, b] = [(); 2].map(|()| Tag::new(&mut store, &ty).unwrap());
        let instances = [(a, b, 40), (a, a, 4)].map(|(a, b, expected)| {
            (Instance::new(&mut store, &module, &[a.into(), b.into()]).unwrap(), expected)
        });
        for _ in 0..3 {
            for (instance, expected) in instances {
                let which = instance.get_typed_func::<i32, i32>(&mut store, "which").unwrap();
                assert_eq!(which.call(&mut store, 4).unwrap(), expected);
            }
        }
    }
}
