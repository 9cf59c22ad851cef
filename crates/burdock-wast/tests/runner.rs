//! Tests of the runner itself: scripts that must fail, and with which words.

use burdock_wast::{Options, Report, Runner};

fn run(text: &str) -> Report {
    let mut runner = Runner::new(Options::default());
    runner.run("t.wast", text);
    runner.into_report()
}

/// Functions that the scripts below call.
const FUNCTIONS: &str = r#"
(module
  (func (export "one") (result i32) (i32.const 1))
  (func (export "id") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "f64") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
  (func (export "vector") (result v128) (v128.const i32x4 1 2 3 0x7fc00001))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "nofunc") (result funcref) (ref.null func))
  (func $f (export "func") (result funcref) (ref.func $f))
  (func (export "unreachable") (unreachable))
  (func (export "div") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
  (func $deep (export "deep") (call $deep))
  (tag $tag)
  (func (export "throw") (throw $tag))
  (func (export "nothing"))
  (memory (export "memory") 1)
  (global (export "g") f32 (f32.const -0)))
"#;

#[test]
fn what_does_not_hold_is_reported() {
    let rows = [
        // directive, message without its place
        (
            "(assert_return (invoke \"one\") (i32.const 2))",
            "assert_return `one`: expected (i32 2), got (i32 1)",
        ),
        (
            "(assert_return (invoke \"one\") (i64.const 1))",
            "assert_return `one`: expected (i64 1), got (i32 1)",
        ),
        ("(assert_return (invoke \"one\"))", "assert_return `one`: expected (), got (i32 1)"),
        (
            "(assert_return (invoke \"nothing\") (i32.const 0))",
            "assert_return `nothing`: expected (i32 0), got ()",
        ),
        (
            "(assert_return (invoke \"one\") (either (i32.const 2) (i32.const 3)))",
            "assert_return `one`: expected (either (i32 2, i32 3)), got (i32 1)",
        ),
        (
            "(assert_return (invoke \"none\"))",
            "assert_return `none`: expected (), got error: no exported function `none`",
        ),
        (
            "(assert_return (invoke \"div\") (i32.const 0))",
            "assert_return `div`: expected (i32 0), got trap: ",
        ),
        (
            "(assert_return (get \"g\") (f32.const 0))",
            "assert_return global `g`: expected (f32 0.0 0x00000000), got (f32 -0.0 0x80000000)",
        ),
        (
            "(assert_return (get \"h\") (f32.const 0))",
            "assert_return global `h`: expected (f32 0.0 0x00000000), got error: no exported global `h`",
        ),
        (
            "(assert_return (invoke \"f32\" (i32.const 0x7fc00001)) (f32.const nan:canonical))",
            "assert_return `f32`: expected (f32 nan:canonical), got (f32 NaN 0x7fc00001)",
        ),
        (
            "(assert_return (invoke \"f32\" (i32.const 0x7fa00000)) (f32.const nan:arithmetic))",
            "assert_return `f32`: expected (f32 nan:arithmetic), got (f32 NaN 0x7fa00000)",
        ),
        (
            "(assert_return (invoke \"f32\" (i32.const 0x7f800000)) (f32.const nan:arithmetic))",
            "assert_return `f32`: expected (f32 nan:arithmetic), got (f32 inf 0x7f800000)",
        ),
        (
            "(assert_return (invoke \"f64\" (i64.const 0x7ff8000000000001)) (f64.const nan:canonical))",
            "assert_return `f64`: expected (f64 nan:canonical), got (f64 NaN 0x7ff8000000000001)",
        ),
        (
            "(assert_return (invoke \"vector\") (v128.const i32x4 1 2 3 4))",
            "assert_return `vector`: expected (v128 0x00000004000000030000000200000001), got (v128 0x7fc00001000000030000000200000001)",
        ),
        (
            "(assert_return (invoke \"vector\") (v128.const f32x4 0x1p-149 0x1p-148 0x1.8p-148 nan:canonical))",
            "assert_return `vector`: expected (v128 f32x4 (1e-45 0x00000001, 3e-45 0x00000002, 4e-45 0x00000003, nan:canonical)), got (v128 0x7fc00001000000030000000200000001)",
        ),
        (
            "(assert_return (invoke \"extern\" (ref.extern 7)) (ref.extern 8))",
            "assert_return `extern`: expected (Extern 8), got (Extern 7)",
        ),
        (
            "(assert_return (invoke \"extern\" (ref.null extern)) (ref.extern 8))",
            "assert_return `extern`: expected (Extern 8), got (null Extern)",
        ),
        (
            "(assert_return (invoke \"extern\" (ref.extern 7)) (ref.null extern))",
            "assert_return `extern`: expected (null Extern), got (Extern 7)",
        ),
        (
            "(assert_return (invoke \"nofunc\") (ref.null extern))",
            "assert_return `nofunc`: expected (null Extern), got (null Func)",
        ),
        (
            "(assert_return (invoke \"nofunc\") (ref.func))",
            "assert_return `nofunc`: expected (RefFunc(None)), got (null Func)",
        ),
        (
            "(assert_trap (invoke \"one\") \"unreachable\")",
            "assert_trap `one`: expected trap: unreachable, got (i32 1)",
        ),
        (
            "(assert_trap (invoke \"div\") \"integer overflow\")",
            "assert_trap `div`: expected trap: integer overflow, got trap: ",
        ),
        (
            "(assert_trap (invoke \"none\") \"unreachable\")",
            "assert_trap `none`: expected trap: unreachable, got error: no exported function `none`",
        ),
        (
            "(assert_exception (invoke \"one\"))",
            "assert_exception `one`: expected an exception, got (i32 1)",
        ),
        (
            "(assert_exception (invoke \"div\"))",
            "assert_exception `div`: expected an exception, got trap: ",
        ),
        (
            "(assert_return (invoke \"throw\"))",
            "assert_return `throw`: expected (), got an exception",
        ),
        (
            "(assert_trap (module (func)) \"unreachable\")",
            "assert_trap of a module: expected trap: unreachable, got ()",
        ),
        (
            "(assert_exhaustion (invoke \"one\") \"call stack exhausted\")",
            "assert_exhaustion `one`: expected trap: call stack exhausted, got (i32 1)",
        ),
        (
            "(assert_exhaustion (invoke \"div\") \"call stack exhausted\")",
            "assert_exhaustion `div`: expected trap: call stack exhausted, got trap: ",
        ),
        (
            "(assert_malformed (module quote \"(func)\") \"unexpected token\")",
            "assert_malformed: expected a module that is refused: unexpected token, got a module that compiles",
        ),
        (
            "(assert_malformed (module binary \"\\00asm\\01\\00\\00\\00\") \"magic\")",
            "assert_malformed: expected a module that is refused: magic, got a module that compiles",
        ),
        (
            "(assert_invalid (module (func)) \"type mismatch\")",
            "assert_invalid: expected a module that is refused: type mismatch, got a module that compiles",
        ),
        (
            "(assert_unlinkable (module (import \"spectest\" \"print\" (func))) \"unknown import\")",
            "assert_unlinkable: expected a module that does not link: unknown import, got an instance",
        ),
        (
            "(assert_unlinkable (module (func $f (unreachable)) (start $f)) \"unknown import\")",
            "assert_unlinkable: expected a module that does not link: unknown import, got trap: ",
        ),
        (
            "(assert_unlinkable (module (func (result i32))) \"unknown import\")",
            "assert_unlinkable: expected to compile, got error: ",
        ),
        ("(invoke \"unreachable\")", "invoke `unreachable`: expected to return, got trap: "),
        ("(module (func (result i32)))", "module: expected to compile, got error: "),
        ("(module (import \"no\" \"no\" (func)))", "module: expected to instantiate, got error: "),
        (
            "(module (func $f (unreachable)) (start $f))",
            "module: expected to instantiate, got trap: ",
        ),
        (
            "(module definition (func (result i32)))",
            "module definition: expected to compile, got error: ",
        ),
        ("(module quote \"(fun)\")", "module: expected a module, got "),
    ];
    for (directive, message) in rows {
        let report = run(&format!("{FUNCTIONS}{directive}"));
        let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
        // The module of `module quote` starts at its second word.
        let column = if directive.starts_with("(module quote") { 9 } else { 2 };
        let place = format!("t.wast:19:{column}: ");
        let same = match &failures[..] {
            [failure] => {
                failure.strip_prefix(place.as_str()).is_some_and(|rest| rest.starts_with(message))
            }
            _ => false,
        };
        assert!(same, "{directive}\n  expected {place}{message}\n  got      {failures:#?}");
        assert!(!report.is_ok());
    }
}

#[test]
fn what_holds_is_counted() {
    let report = run(&format!(
        r#"{FUNCTIONS}
        (assert_return (invoke "one") (i32.const 1))
        (assert_return (invoke "one") (either (i32.const 2) (i32.const 1)))
        (assert_return (invoke "id" (i64.const -1)) (i64.const 0xffffffffffffffff))
        (assert_return (invoke "f32" (i32.const 0xffc00000)) (f32.const nan:canonical))
        (assert_return (invoke "f32" (i32.const 0x7fc00001)) (f32.const nan:arithmetic))
        (assert_return (invoke "f32" (i32.const 0x7fc00001)) (f32.const nan:0x400001))
        (assert_return (invoke "vector") (v128.const f32x4 0x1p-149 0x1p-148 0x1.8p-148 nan:arithmetic))
        (assert_return (invoke "extern" (ref.extern 7)) (ref.extern 7))
        (assert_return (invoke "extern" (ref.extern 7)) (ref.extern))
        (assert_return (invoke "extern" (ref.null extern)) (ref.null))
        (assert_return (invoke "func") (ref.func))
        (assert_return (invoke "nofunc") (ref.null func))
        (assert_exception (invoke "throw"))
        (assert_return (get "g") (f32.const -0))
        (assert_trap (invoke "unreachable") "unreachable")
        (assert_trap (invoke "div") "integer divide by zero")
        (assert_trap (module (func $f (unreachable)) (start $f)) "unreachable")
        (assert_exhaustion (invoke "deep") "call stack exhausted")
        (assert_malformed (module quote "(fun)") "unexpected token")
        (assert_invalid (module (func (result i32))) "type mismatch")
        (assert_unlinkable (module (import "no" "no" (func))) "unknown import")
        (register "m")
        (module $n (import "m" "one" (func (result i32))) (import "m" "memory" (memory 1))
          (export "two" (func 0)))
        (assert_return (invoke "two") (i32.const 1))
        (module definition $d (global (export "x") (mut i32) (i32.const 5)))
        (module instance $i $d)
        (module instance $j $d)
        (assert_return (get $i "x") (i32.const 5))
        (assert_return (invoke $n "two") (i32.const 1))
        (module quote "(func (export \"q\"))")
        (invoke "q")"#
    ));
    assert_eq!(report.failures, []);
    assert_eq!(report.skips, []);
    assert_eq!((report.files, report.modules, report.assertions), (1, 4, 24));
    assert!(report.is_ok());
}

#[test]
fn what_cannot_be_run_is_skipped_with_the_reason() {
    let rows = [
        ("(assert_suspension (invoke \"one\") \"unhandled\")", "stack switching is not supported"),
        ("(thread $t (module (func)))", "threads are not supported"),
        ("(component)", "components are not supported"),
        ("(assert_return (invoke $nobody \"one\"))", "its module is not there"),
        ("(module instance $i $nobody)", "its module is not there"),
        (
            "(assert_malformed_custom (module quote \"(@name)\") \"\")",
            "custom sections are not checked when a module is compiled",
        ),
    ];
    for (directive, reason) in rows {
        let report = run(&format!("{FUNCTIONS}{directive}"));
        assert_eq!(report.failures, [], "{directive}");
        assert_eq!(report.skips.len(), 1, "{directive}");
        assert_eq!(report.skips[0].reason, reason, "{directive}");
        assert_eq!(report.assertions, 0, "{directive}");
    }
}

#[test]
fn a_failed_module_takes_its_assertions_with_it() {
    let report = run(r#"(module $a (func (export "f")))
           (module $b (func (export "f") (result i32)))
           (assert_return (invoke "f"))
           (assert_return (invoke $a "f"))"#);
    assert_eq!((report.modules, report.assertions), (2, 1));
    assert_eq!((report.failures.len(), report.skips.len()), (1, 1));
    assert_eq!(report.skips[0].to_string(), "t.wast:3:13: skipped: its module is not there");
}

#[test]
fn a_script_that_is_none_fails() {
    for (text, place) in
        [("(modul)", "t.wast:1:"), ("(module", "t.wast:1:"), ("\n(module \"", "t.wast:2:")]
    {
        let report = run(text);
        assert_eq!(report.failures.len(), 1, "{text}");
        assert!(report.failures[0].to_string().starts_with(place), "{}", report.failures[0]);
        assert!(!report.is_ok());
    }
    assert!(!run("").is_ok(), "an empty script proves nothing");
}

#[test]
fn the_filter_leaves_scripts_out() {
    let mut runner = Runner::new(Options { filter: Some("yes".into()), ..Options::default() });
    runner.run("yes.wast", "(module)");
    runner.run("no.wast", "(module) (invoke \"f\")");
    let report = runner.into_report();
    assert_eq!((report.files, report.filtered, report.modules), (1, 1, 1));
    assert!(report.is_ok());
}

#[test]
fn the_hook_counts() {
    let count = |hook| {
        let mut runner = Runner::new(Options { hook, ..Options::default() });
        runner.run(
            "hook.wast",
            r#"(module (import "spectest" "print" (func $p))
                 (func (export "f") (call $p) (call $p)))
               (invoke "f")"#,
        );
        assert!(runner.report().is_ok());
        runner.report().hook_events
    };
    assert_eq!(count(false), 0);
    // Into the guest and out, and twice out to the host and back.
    assert_eq!(count(true), 6);
}

#[test]
fn places_and_counts_are_printed() {
    let report = run("(module)\n  (assert_suspension (invoke \"f\") \"\")");
    assert_eq!(
        report.to_string(),
        "1 files, 1 modules, 0 assertions, 0 failures, 1 skips\n  1 skipped: stack switching is not supported"
    );
}

/// Runs a script with `options`. Returns the failures as text, and the reasons for skips.
fn outcome(options: Options, text: &str) -> (Vec<String>, Vec<String>) {
    let mut runner = Runner::new(options);
    runner.run("t.wast", text);
    let report = runner.into_report();
    let failures = report.failures.iter().map(ToString::to_string).collect();
    (failures, report.skips.iter().map(|skip| skip.reason.clone()).collect())
}

const NONE: &[&str] = &[];

#[test]
fn a_named_module_is_imported_by_its_name() {
    let text = r#"
        (module $A (func (export "f") (result i32) (i32.const 7)))
        (module (import "A" "f" (func (result i32))) (func (export "g") (result i32) (call 0)))
        (assert_return (invoke "g") (i32.const 7))
        (module definition $D (func (export "f") (result i32) (i32.const 8)))
        (module instance $B $D)
        (module (import "B" "f" (func (result i32))) (func (export "g") (result i32) (call 0)))
        (assert_return (invoke "g") (i32.const 8))
        (module $A (func (export "f") (result i32) (i32.const 9)))
        (module (import "A" "f" (func (result i32))) (func (export "g") (result i32) (call 0)))
        (assert_return (invoke "g") (i32.const 9))
        (assert_unlinkable (module (import "C" "f" (func))) "unknown import")
        (assert_unlinkable (module (memory 0) (data (i32.const 1) "x")) "out of bounds")"#;
    assert_eq!(outcome(Options::default(), text), (vec![], vec![]));
}

#[test]
fn scripts_have_the_fuel_and_the_time_that_the_options_give() {
    let text = r#"(module (func (export "f") (result i32) (i32.const 7)) (func (export "g") (loop (br 0))))
        (assert_return (invoke "f") (i32.const 7))
        (assert_trap (invoke "g") "all fuel consumed by WebAssembly")"#;
    let fuel = |fuel| Options { fuel: Some(fuel), ..Options::default() };
    assert_eq!(outcome(fuel(1000), text), (vec![], vec![]));
    let (failures, _) = outcome(fuel(1), text);
    let expected = "t.wast:2:10: assert_return `f`: expected (i32 7), got trap: \
                    all fuel consumed by WebAssembly";
    assert_eq!(failures, [expected]);
    // Every script gets the full amount.
    let mut runner = Runner::new(fuel(1000));
    runner.run("first.wast", text);
    runner.run("second.wast", text);
    assert!(runner.report().is_ok());

    let timeout = Some(std::time::Duration::from_millis(50));
    let endless = r#"(module (func (export "f") (result i32) (i32.const 7)) (func (export "g") (loop (br 0))))
        (assert_return (invoke "f") (i32.const 7))
        (assert_return (invoke "g"))
        (assert_return (invoke "f") (i32.const 8))"#;
    let (failures, _) = outcome(Options { timeout, ..Options::default() }, endless);
    let expected = "t.wast:3:10: assert_return `g`: expected to end within 50ms, got a timeout";
    assert_eq!(failures, [expected]);
}

#[test]
fn headers_say_which_features_a_script_needs() {
    let vector = r#"(module (func (drop (i8x16.splat (i32.const 0)))))"#;
    let without = "(assert_invalid (module (func (drop (i8x16.splat (i32.const 0))))) \"SIMD\")";
    let sums = "(module (func (export \"f\") (param f64) (result f64) (f64.add (local.get 0) (f64.const 1))))
        (assert_return (invoke \"f\" (f64.const -nan:0x8000000000001)) (f64.const nan))";
    for (header, text, failures, skips) in [
        ("", vector, NONE, NONE),
        (";;! simd = true\n", vector, NONE, NONE),
        (";;! simd = false\n", without, NONE, NONE),
        (";;! simd = true\n", without, &["t.wast:2:2: assert_invalid: "], NONE),
        (";;! nan_canonicalization = true\n", sums, NONE, NONE),
        (
            ";;! threads = true\n",
            "(module (type (struct)))",
            NONE,
            &["the threads proposal is not supported"],
        ),
        (";;! gc = false\n", vector, NONE, NONE),
        (
            ";;! component_model_async = true\n",
            "(component (core module))",
            NONE,
            &["the component-model proposal is not supported"],
        ),
        ("\n;;! simd = nonsense\n", vector, NONE, NONE),
        (
            ";;! simd = true\n;;! memory32 = true\n",
            vector,
            &["t.wast:2:1: header: expected a name of Wasmtime's headers, got `memory32`"],
            NONE,
        ),
    ] {
        let got = outcome(Options::default(), &format!("{header}{text}"));
        assert_eq!(got.0.len(), failures.len(), "{header}: {got:?}");
        assert!(got.0.iter().zip(failures).all(|(got, start)| got.starts_with(start)), "{got:?}");
        assert_eq!(got.1, skips, "{header}");
    }
}
