//! The guests: two modules whose functions ask the host for their next action. Each function is
//! followed by the next one.

use std::fmt::Write;

/// The number of functions that can be called, which belong to both instances in turn.
pub(super) const FUNCS: usize = 6;

/// The value that makes a function trap: its first local, modulo 16.
pub(super) const TRAP: i64 = 13;

/// Returns `true` if a function asks the host through the asynchronous function.
pub(super) fn waits(func: usize) -> bool {
    func % 3 == 2
}

/// Returns the number of a function's instance, of the two.
pub(super) fn instance_of(func: usize) -> usize {
    func / 2 % 2
}

/// Returns the module of one instance. Each function calls the next one: directly if it is in the
/// same instance, otherwise through the table.
pub(super) fn module(instance: usize) -> String {
    let mut text = String::from(
        r#"(module
        (import "host" "act" (func $act (param i64 i64) (result i64)))
        (import "host" "wait" (func $wait (param i64 i64) (result i64)))
        (import "host" "table" (table $table 8 funcref))
        (memory (export "memory") 1 20)
        (type $f (func (param i64 i64) (result i64)))
        "#,
    );
    for func in (0..FUNCS).filter(|func| instance_of(*func) == instance) {
        let host = if waits(func) { "$wait" } else { "$act" };
        // A large frame makes the stack move.
        let many = if func % 4 == 1 { "i64 ".repeat(600) } else { String::new() };
        let next = match func + 1 {
            FUNCS => "(i64.const 0)".to_string(),
            next if instance_of(next) == instance => {
                format!("(call $f{next} (local.get $b) (local.get $x))")
            }
            next => format!(
                "(call_indirect $table (type $f) (local.get $b) (local.get $x) (i32.const {next}))"
            ),
        };
        write!(
            text,
            r#"
        (func $f{func} (export "f{func}") (param $x i64) (param $y i64) (result i64)
            (local $a i64) (local $b i64) (local $c i64) (local {many})
            (local.set $a (i64.add (i64.mul (local.get $x) (i64.const 31))
                (i64.add (local.get $y) (i64.const {func}))))
            (local.set $b (call {host} (i64.const {func}) (local.get $a)))
            (i64.store (i32.const {at}) (i64.add (i64.load (i32.const {at})) (local.get $b)))
            (if (i64.eq (i64.and (local.get $a) (i64.const 15)) (i64.const {TRAP}))
                (then unreachable))
            (if (i32.wrap_i64 (i64.and (local.get $a) (i64.const 1)))
                (then (local.set $c {next})))
            (i64.add
                (i64.add (local.get $a) (i64.mul (local.get $b) (i64.const 3)))
                (i64.add
                    (i64.add (i64.mul (local.get $c) (i64.const 5)) (i64.mul (local.get $x) (i64.const 7)))
                    (i64.add (i64.mul (local.get $y) (i64.const 11)) (i64.load (i32.const {at}))))))"#,
            at = 8 * func
        )
        .expect("a string has room");
    }
    text.push(')');
    text
}
