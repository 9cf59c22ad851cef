//! Conditions of breakpoints in a running guest: a handler evaluates them in the guest's thread.

use burdock::{
    Config, DebugEvent, DebugHandler, Engine, Instance, Module, ModulePC, Store, StoreContextMut,
};
use burdock_tools::Code;
use burdock_tools::condition::Condition;
use burdock_tools::dwarf::LiveFrame;
use std::sync::Arc;

const COUNTDOWN: &str = r#"(module
    (global $limit (mut i32) (i32.const 3))
    (func $f (export "run") (param $n i32) (param $x f64) (local i64)
        (loop
            (nop)
            (local.set 2 (i64.sub (local.get 2) (i64.const 4000000000)))
            (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;

/// Counts the stops, and notes the first local where the condition is true.
#[derive(Clone)]
struct Conditional(Arc<Condition>);

impl DebugHandler for Conditional {
    type Data = (u32, Vec<String>);

    fn handle(&self, mut store: StoreContextMut<'_, Self::Data>, _: DebugEvent<'_>) {
        let Some(frame) = store.frame() else { return };
        let holds = self.0.holds(&LiveFrame::new(&mut store, frame));
        let local = frame.local(&mut store, 0).unwrap().unwrap_i32();
        let (stops, seen) = store.data_mut();
        *stops += 1;
        match holds {
            Ok(true) => seen.push(local.to_string()),
            Ok(false) => {}
            Err(error) => seen.push(error.to_string()),
        }
    }
}

/// Returns the locals where a condition is true, or the error.
fn seen(text: &str) -> String {
    let engine = Engine::new(Config::new().guest_debug(true)).unwrap();
    let bytes = wat::parse_str(COUNTDOWN).unwrap();
    let module = Module::new(&engine, &bytes).unwrap();
    let code = Code::new(&bytes).unwrap();
    // The instruction behind `loop`.
    let nop = code.first_operator(0).unwrap() + 2;
    let condition = match Condition::new(text, &code, None, nop) {
        Ok(condition) => condition,
        Err(error) => return error.to_string(),
    };
    assert_eq!(condition.text(), text);
    let mut store = Store::new(&engine, (0, Vec::new()));
    store.set_debug_handler(Conditional(Arc::new(condition)));
    store.edit_breakpoints().unwrap().add_breakpoint(&module, ModulePC::new(nop)).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance.get_typed_func::<(i32, f64), ()>(&mut store, "run").unwrap();
    run.call(&mut store, (5, 0.5)).unwrap();
    assert_eq!(store.data().0, 5);
    store.data().1.join(" ")
}

#[test]
fn handlers_evaluate_conditions() {
    let rows = [
        ("$n > 2", "5 4 3"),
        ("n == $global[0]", "3"),
        ("$x * 4.0 == $0", "2"),
        ("$2 < -4000000000 && !(n <= 1)", "3 2"),
        ("not ($n % 2 == 1) or $n / 2 * 2 == 0", "4 2 1"),
        ("$n & 4 && -$n + 1 <= -4", "5"),
        ("0x3 == n || n == '\u{4}'", "4 3"),
        ("1 < $n && $n < 3 == 1", "2"),
        ("$x", "5 4 3 2 1"),
        ("0 && 1 / 0", ""),
        ("$global[1] == 0", &["column 1 of `$global[1] == 0`: there is no global 1"; 5].join(" ")),
        (
            "$global[x] == 0",
            "column 1 of `$global[x] == 0`: `$global[x]` has no valid index: write `$global[0]`",
        ),
        (
            "$operand[0] == 0",
            "column 1 of `$operand[0] == 0`: conditions have locals and globals, no operands",
        ),
        ("", "column 1 of ``: expected a value at the end"),
        ("$m", "column 1 of `$m`: no variable `$m` is in scope"),
        ("é", "column 1 of `é`: no variable `é` is in scope"),
        ("n == é", "column 6 of `n == é`: no variable `é` is in scope"),
        ("n == ?", "column 6 of `n == ?`: expected a value instead of `?`"),
        (
            "n == 99999999999999999999",
            "column 6 of `n == 99999999999999999999`: `99999999999999999999` is no number",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(seen(text), expected, "{text}");
    }
    let deep = format!("{}n{}", "(".repeat(100), ")".repeat(100));
    assert!(seen(&deep).ends_with("the expression is nested too deeply"), "{}", seen(&deep));
}
