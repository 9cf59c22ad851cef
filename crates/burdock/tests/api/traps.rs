//! Traps, backtraces and deep recursion.

use crate::common::{self, instance, module};
use burdock::*;

#[test]
fn every_way_to_trap_has_its_name() {
    let wat = r#"(module
        (memory 1) (table 3 funcref) (elem (i32.const 1) $other)
        (type $t (func)) (func $other (param i32))
        (func (export "unreachable") unreachable)
        (func (export "div") (drop (i32.div_s (i32.const 1) (i32.const 0))))
        (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
        (func (export "trunc") (drop (i32.trunc_f32_s (f32.const nan))))
        (func (export "trunc big") (drop (i32.trunc_f64_u (f64.const 1e10))))
        (func (export "load") (drop (i32.load (i32.const 65533))))
        (func (export "fill") (memory.fill (i32.const 65535) (i32.const 0) (i32.const 2)))
        (func (export "table") (drop (table.get (i32.const 3))))
        (func (export "null") (call_indirect (type $t) (i32.const 0)))
        (func (export "mismatch") (call_indirect (type $t) (i32.const 1)))
        (func (export "beyond") (call_indirect (type $t) (i32.const 3))))"#;
    let expected = [
        ("unreachable", Trap::UnreachableCodeReached),
        ("div", Trap::IntegerDivisionByZero),
        ("overflow", Trap::IntegerOverflow),
        ("trunc", Trap::BadConversionToInteger),
        ("trunc big", Trap::IntegerOverflow),
        ("load", Trap::MemoryOutOfBounds),
        ("fill", Trap::MemoryOutOfBounds),
        ("table", Trap::TableOutOfBounds),
        ("null", Trap::IndirectCallToNull),
        ("mismatch", Trap::BadSignature),
        ("beyond", Trap::TableOutOfBounds),
    ];
    for config in common::configs() {
        let (mut store, instance) = instance(&config, wat);
        for (name, trap) in expected {
            let func = instance.get_typed_func::<(), ()>(&mut store, name).unwrap();
            let error = func.call(&mut store, ()).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&trap), "{name}");
            let text = format!("wasm trap: {}", trap.message());
            assert_eq!(error.root_cause().to_string(), text);
        }
    }
}

const NESTED: &str = r#"(module $mod
    (import "host" "f" (func $host))
    (func $inner (export "inner") unreachable)
    (func $middle (param i32)
        local.get 0
        if
            call $host
        else
            call $inner
        end)
    (func (export "outer") (param i32) local.get 0 call $middle))"#;

fn nested(
    f: impl Fn(Caller<'_, ()>) -> Result<()> + Send + Sync + 'static,
) -> (Store<()>, TypedFunc<i32, ()>) {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "f", f).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, NESTED)).unwrap();
    let outer = instance.get_typed_func(&mut store, "outer").unwrap();
    (store, outer)
}

#[test]
fn a_trap_says_where_in_wasmtimes_words() {
    let (mut store, outer) = nested(|_| Ok(()));
    let error = outer.call(&mut store, 0).unwrap_err();
    let text = format!("{error:?}");
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let frames = backtrace.frames();
    let names: Vec<_> = frames.iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("inner"), Some("middle"), None]);
    let indices: Vec<_> = frames.iter().map(|frame| frame.func_index()).collect();
    assert_eq!(indices, [1, 2, 3]);
    let offsets: Vec<_> = frames.iter().map(|frame| frame.module_offset().unwrap()).collect();
    let bytes = wat::parse_str(NESTED).unwrap();
    assert_eq!(bytes[offsets[0]], 0x00, "the `unreachable`");
    assert_eq!(bytes[offsets[1]], 0x10, "the `call $inner`");
    assert_eq!(bytes[offsets[2]], 0x10, "the `call $middle`");
    assert_eq!(frames[0].func_offset(), Some(1));
    let expected = format!(
        "error while executing at wasm backtrace:\n    0: {:#8x} - mod!inner\n    1: {:#8x} - mod!middle\n    2: {:#8x} - mod!<wasm function 3>\n\nCaused by:\n    wasm trap: wasm `unreachable` instruction executed",
        offsets[0], offsets[1], offsets[2]
    );
    assert_eq!(text, expected);
}

#[test]
fn an_error_of_the_host_has_a_backtrace_and_keeps_its_type() {
    let (mut store, outer) = nested(|_| Err(std::fmt::Error.into()));
    let error = outer.call(&mut store, 1).unwrap_err();
    assert!(error.is::<std::fmt::Error>());
    let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames();
    let names: Vec<_> = frames.iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("middle"), None]);
}

#[test]
fn a_trap_in_a_host_call_in_a_guest_call_has_one_backtrace_over_all() {
    let (mut store, outer) = nested(|mut caller| {
        let inner = caller.get_export("inner").unwrap().into_func().unwrap();
        let result = inner.call(&mut caller, &[], &mut []);
        // Whoever catches it can continue.
        assert!(result.is_err());
        let again = inner.typed::<(), ()>(&caller)?.call(&mut caller, ());
        again.map_err(|error| error.context("in the host"))
    });
    let error = outer.call(&mut store, 1).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert_eq!(error.to_string(), "in the host");
    let backtraces = error.chain().filter(|link| link.to_string().contains("backtrace"));
    assert_eq!(backtraces.count(), 1);
    let frames = error.downcast_ref::<WasmBacktrace>().unwrap().frames();
    let names: Vec<_> = frames.iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("inner"), Some("middle"), None]);
}

#[test]
fn the_host_can_capture_a_backtrace() {
    let (mut store, outer) = nested(|caller| {
        let backtrace = WasmBacktrace::capture(&caller);
        assert_eq!(backtrace.frames().len(), 2);
        assert_eq!(backtrace.frames()[0].func_name(), Some("middle"));
        assert_eq!(backtrace.frames()[0].module().name(), Some("mod"));
        Ok(())
    });
    outer.call(&mut store, 1).unwrap();
    assert!(WasmBacktrace::capture(&store).frames().is_empty());
}

#[test]
fn backtraces_can_be_short_or_off() {
    let wat = r#"(module (func $f (export "f") (param i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        (call $f (i32.sub (local.get 0) (i32.const 1)))))"#;
    let check = |frames: Option<usize>, expected: Option<usize>| {
        let mut config = Config::new();
        config.wasm_backtrace_max_frames(frames.map(|n| n.try_into().unwrap()));
        let (mut store, instance) = instance(&config, wat);
        let f = instance.get_typed_func::<i32, ()>(&mut store, "f").unwrap();
        let error = f.call(&mut store, 50).unwrap_err();
        let backtrace = error.downcast_ref::<WasmBacktrace>();
        assert_eq!(backtrace.map(|backtrace| backtrace.frames().len()), expected);
    };
    check(Some(20), Some(20));
    check(Some(3), Some(3));
    check(Some(100), Some(51));
    check(None, None);
    let mut config = Config::new();
    config.wasm_backtrace(false);
    let (mut store, instance) = instance(&config, r#"(module (func (export "f") unreachable))"#);
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    assert!(!f.call(&mut store, ()).unwrap_err().is::<WasmBacktrace>());
}

const DEPTH: &str = r#"(module
    (func $depth (export "depth") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (call $depth (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
            (else (i32.const 0))))
    (func $forever (export "forever") (param i64) (result i64)
        (i64.add (call $forever (local.get 0)) (i64.const 1)))
    (func $tail (export "tail") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
        (return_call $tail (i32.sub (local.get 0) (i32.const 1)))))"#;

#[test]
fn a_hundred_thousand_nested_calls_are_fine() {
    for config in common::configs() {
        let (mut store, instance) = instance(&config, DEPTH);
        let depth = instance.get_typed_func::<i32, i32>(&mut store, "depth").unwrap();
        assert_eq!(depth.call(&mut store, 100_000).unwrap(), 100_000);
        let tail = instance.get_typed_func::<i32, i32>(&mut store, "tail").unwrap();
        assert_eq!(tail.call(&mut store, 1_000_000).unwrap(), 7);
    }
}

#[test]
fn endless_recursion_overflows_the_guest_stack_only() {
    for mut config in common::configs() {
        config.max_wasm_stack(1 << 20);
        let (mut store, instance) = instance(&config, DEPTH);
        let forever = instance.get_typed_func::<i64, i64>(&mut store, "forever").unwrap();
        let depth = instance.get_typed_func::<i32, i32>(&mut store, "depth").unwrap();
        for _ in 0..3 {
            let error = forever.call(&mut store, 1).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
            assert_eq!(error.root_cause().to_string(), "wasm trap: call stack exhausted");
            assert_eq!(depth.call(&mut store, 100).unwrap(), 100);
        }
    }
}

#[test]
fn endless_recursion_through_the_host_overflows_too() {
    let (mut store, outer) = nested(|mut caller| {
        let outer = caller.get_export("outer").unwrap().into_func().unwrap();
        outer.call(&mut caller, &[Val::I32(1)], &mut [])
    });
    let error = outer.call(&mut store, 1).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
}

#[test]
fn names_are_demangled() {
    let wat = r#"(module $m
        (func (export "f") (call $_RNvCs1234_7mycrate3foo))
        (func $_RNvCs1234_7mycrate3foo (call $_ZN5space3barEi))
        (func $_ZN5space3barEi unreachable))"#;
    let (mut store, instance) = instance(&Config::new(), wat);
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    let error = f.call(&mut store, ()).unwrap_err();
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let shown = backtrace.to_string();
    let lines: Vec<_> = shown.lines().skip(1).map(|line| line.split_once('!').unwrap().1).collect();
    assert_eq!(lines, ["space::bar(int)", "mycrate[3c1c0]::foo", "<wasm function 0>"]);
    assert_eq!(backtrace.frames()[0].func_name(), Some("_ZN5space3barEi"), "as it stands there");
}

/// A module with debug information that leads back to its text.
fn with_lines() -> Vec<u8> {
    let wat = "(module $m\n  (func (export \"f\")\n    call $inner)\n  (func $inner\n    nop\n    unreachable))";
    let mut parser = wat::Parser::new();
    parser.generate_dwarf(wat::GenerateDwarf::Full);
    parser.parse_str(Some("dir/lines.wat".as_ref()), wat).unwrap()
}

fn trace_with(details: WasmBacktraceDetails, wasm: &[u8]) -> Error {
    let mut config = Config::new();
    config.wasm_backtrace_details(details);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    f.call(&mut store, ()).unwrap_err()
}

#[test]
fn debug_information_leads_to_source_lines() {
    let error = trace_with(WasmBacktraceDetails::Enable, &with_lines());
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let symbols = backtrace.frames().iter().map(|frame| {
        let [symbol] = frame.symbols() else { panic!("{frame:?}") };
        (
            symbol.name(),
            symbol.file().unwrap().ends_with("lines.wat"),
            symbol.line(),
            symbol.column(),
        )
    });
    let expected = [
        (Some("inner"), true, Some(6), Some(5)),
        (Some("wasm-function[0]"), true, Some(3), Some(5)),
    ];
    assert_eq!(symbols.collect::<Vec<_>>(), expected);
    let shown = backtrace.to_string();
    assert!(shown.contains(" - inner\n                    at "), "{shown}");
    assert!(shown.contains("lines.wat:6:5\n"), "{shown}");
    assert!(shown.ends_with("lines.wat:3:5"), "{shown}");
}

#[test]
fn debug_information_is_read_when_asked_for() {
    let note = "WASMTIME_BACKTRACE_DETAILS=1";
    for (details, noted) in
        [(WasmBacktraceDetails::Disable, false), (WasmBacktraceDetails::Environment, true)]
    {
        let error = trace_with(details, &with_lines());
        let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
        assert!(backtrace.frames().iter().all(|frame| frame.symbols().is_empty()));
        assert_eq!(backtrace.to_string().contains(note), noted, "{backtrace}");
    }
}

#[test]
fn malformed_debug_information_is_none() {
    let mut wasm = wat::parse_str(r#"(module (func (export "f") unreachable))"#).unwrap();
    let mut section = vec![11];
    section.extend(b".debug_info");
    section.extend([0xFF; 40]);
    wasm.push(0);
    wasm.push(section.len() as u8);
    wasm.extend(section);
    let error = trace_with(WasmBacktraceDetails::Enable, &wasm);
    let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
    assert!(backtrace.frames()[0].symbols().is_empty());
}

#[test]
fn without_an_address_map_a_backtrace_has_names_alone() {
    let wat = r#"(module $m (func $f (export "f") unreachable) (func (export "g") unreachable))"#;
    for (enable, offset) in [(true, Some(0)), (false, None)] {
        let mut config = Config::new();
        config.generate_address_map(enable).wasm_backtrace_details(WasmBacktraceDetails::Enable);
        let (mut store, instance) = common::instance(&config, wat);
        for (name, shown) in [("f", "0: m!f"), ("g", "0: m!<wasm function 1>")] {
            let func = instance.get_typed_func::<(), ()>(&mut store, name).unwrap();
            let error = func.call(&mut store, ()).unwrap_err();
            let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
            let [frame] = backtrace.frames() else { panic!("{backtrace}") };
            assert_eq!(frame.module_offset().map(|_| 0), offset);
            assert_eq!(frame.func_offset().map(|_| 0), offset);
            assert_eq!(backtrace.to_string().contains(shown), !enable, "{backtrace}");
            assert_eq!(backtrace.to_string().contains(" - "), enable, "{backtrace}");
        }
    }
}
