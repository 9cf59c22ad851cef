//! The examples in `examples/c`, compiled and run. A machine without a compiler skips them by name.

mod common;

use common::{Language, compile, run};

#[track_caller]
fn check(file: &str, expected: &str) {
    let Some(program) = compile(Language::of(file), &common::examples().join(file)) else { return };
    assert_eq!(run(&program), expected, "{file}");
}

#[test]
fn hello() {
    check("hello.c", "hello from the guest\n");
}
