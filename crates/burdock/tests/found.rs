//! What fuzzing found: programs whose result was wrong once, each with the right one.

mod common;

use burdock::*;
use common::instance;

/// Name, text of a module that exports `f`, the result of `f`.
const FOUND: &[(&str, &str, i64)] = &[(
    "a vector is stored at a constant address, which counted twice",
    "(module (memory 1)
        (func (export \"f\") (result i64)
            (v128.store offset=16 (i32.const 235) (v128.const i64x2 42 7))
            (i64.load (i32.const 251))))",
    42,
)];

#[test]
fn what_was_found_stays_mended() {
    for config in common::configs() {
        for (name, wat, expected) in FOUND {
            let (mut store, instance) = instance(&config, wat);
            let f = instance.get_typed_func::<(), i64>(&mut store, "f").unwrap();
            assert_eq!(f.call(&mut store, ()).unwrap(), *expected, "{name}");
        }
    }
}
