//! Operators whose second operand is a constant. Instructions for them differ from the operators.

use crate::common;
use burdock::*;

/// Returns the results of an operator of a type for a value and each of some constants.
fn results<T: WasmParams + WasmResults + Copy>(
    config: &Config,
    operator: &str,
    value: T,
    constants: &[i64],
) -> Vec<T> {
    let ty = operator.split('.').next().unwrap();
    let funcs = constants.iter().enumerate().map(|(n, constant)| {
        format!(
            r#"(func (export "{n}") (param {ty}) (result {ty})
                ({operator} (local.get 0) ({ty}.const {constant})))"#
        )
    });
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, format!("(module {})", funcs.collect::<String>())).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let call = |n: usize| {
        let func = instance.get_typed_func::<T, T>(&mut store, &n.to_string()).unwrap();
        func.call(&mut store, value).unwrap()
    };
    (0..constants.len()).map(call).collect()
}

#[test]
fn a_constant_is_subtracted() {
    let (min, max) = (i64::from(i32::MIN), i64::from(i32::MAX));
    let short = [0, 1, -1, 7, min, min + 1, max];
    let long = [0, 1, -1, min, min + 1, min - 1, max, max + 1, max + 2, i64::MIN, i64::MAX];
    for config in common::configs() {
        for value in [0, 1, -1, i32::MIN, i32::MAX, 123_456_789] {
            let expected: Vec<i32> = short.map(|c| value.wrapping_sub(c as i32)).into();
            assert_eq!(results(&config, "i32.sub", value, &short), expected, "{value}");
        }
        for value in [0, 1, -1, i64::MIN, i64::MAX, min, max, 0x1234_5678_9abc_def0] {
            let expected: Vec<i64> = long.map(|c| value.wrapping_sub(c)).into();
            assert_eq!(results(&config, "i64.sub", value, &long), expected, "{value}");
        }
    }
}
