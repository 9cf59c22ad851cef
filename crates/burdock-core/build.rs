//! Chooses the dispatcher. Handlers that jump to each other (`tail`) need a compiler that makes
//! sibling calls, which rustc does for optimized code, and a calling convention with enough
//! registers; otherwise the handlers return to a `loop`. Where the target has them, `native`
//! handlers are written as well.

use burdock_native::Sequences;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(sibling_calls)");
    println!("cargo::rustc-check-cfg=cfg(tail_dispatch)");
    println!("cargo::rustc-check-cfg=cfg(loop_dispatch)");
    println!("cargo::rustc-check-cfg=cfg(native_dispatch)");
    println!("cargo::rustc-check-cfg=cfg(burdock_mine)");
    println!("cargo::rustc-check-cfg=cfg(mapped_memories)");
    println!("cargo::rustc-check-cfg=cfg(reserved_heap)");
    let optimized = !matches!(var("OPT_LEVEL").as_str(), "0" | "1");
    let registers = matches!(var("CARGO_CFG_TARGET_ARCH").as_str(), "x86_64" | "aarch64")
        && var("CARGO_CFG_TARGET_OS") != "windows";
    let tail = optimized && registers;
    let native = native_may_be(tail) && write_native();
    if native {
        println!("cargo::rustc-cfg=native_dispatch");
    }
    let system = matches!(var("CARGO_CFG_TARGET_FAMILY").as_str(), "unix" | "windows");
    if system && env::var_os("CARGO_FEATURE_STD").is_some() {
        println!("cargo::rustc-cfg=mapped_memories");
        if var("CARGO_CFG_TARGET_POINTER_WIDTH") == "64" {
            println!("cargo::rustc-cfg=reserved_heap");
        }
    }
    if tail {
        println!("cargo::rustc-cfg=sibling_calls");
    }
    if tail || native || env::var_os("CARGO_FEATURE_DISPATCH_TAIL").is_some() {
        println!("cargo::rustc-cfg=tail_dispatch");
    }
    if !tail || env::var_os("CARGO_FEATURE_DISPATCH_LOOP").is_some() {
        println!("cargo::rustc-cfg=loop_dispatch");
    }
}

fn var(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// The variable that leaves native handlers out, for programs that have to be small. No feature
/// does it, because features only add.
const WITHOUT_NATIVE: &str = "BURDOCK_WITHOUT_NATIVE";

/// Whether native handlers can be assembled for the target, and work there. They jump to those of
/// `tail`, and need std to ask what the processor has. They are written for ELF, for pointers of 64
/// bits and for little-endian processors; other targets have not been tried.
fn native_may_be(tail: bool) -> bool {
    let elf = matches!(var("CARGO_CFG_TARGET_OS").as_str(), "linux" | "android" | "freebsd");
    let words =
        var("CARGO_CFG_TARGET_POINTER_WIDTH") == "64" && var("CARGO_CFG_TARGET_ENDIAN") == "little";
    let asked = env::var_os("CARGO_FEATURE_DISPATCH_NATIVE").is_some();
    println!("cargo::rerun-if-env-changed={WITHOUT_NATIVE}");
    let wanted = env::var_os(WITHOUT_NATIVE).is_none();
    wanted && elf && words && (tail || asked) && env::var_os("CARGO_FEATURE_STD").is_some()
}

/// The sequences of a build that is optimized for size. *Rationale:* without the other four fifths
/// programs take 2 % longer, and the handlers take 2.5 MB less.
const SMALL: usize = 2000;

/// Writes the native handlers of the target's processor, if there are such.
fn write_native() -> bool {
    println!("cargo::rerun-if-env-changed={}", Sequences::VARIABLE);
    let mut sequences = Sequences::load().expect("the sequences can be read");
    if let Some(file) = sequences.file() {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    if matches!(var("OPT_LEVEL").as_str(), "s" | "z") {
        sequences = sequences.first(SMALL);
    }
    let written = burdock_native::handlers(&var("CARGO_CFG_TARGET_ARCH"), sequences.text());
    let Some(written) = written.unwrap_or_else(|error| panic!("sequences: {error}")) else {
        return false;
    };
    let out = var("OUT_DIR");
    let save = |name: &str, text: &str| {
        fs::write(Path::new(&out).join(name), text).expect("OUT_DIR can be written to");
    };
    save("native.s", &written.text);
    save("native.rs", &written.table);
    true
}
