//! Chooses the dispatcher. Handlers that jump to each other (`tail`) need a calling convention with
//! enough registers; without, or in code that is not optimized, the handlers return to a `loop`.
//! The `native` handlers are written as well, for targets that have them.

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
    let sibling_calls = registers && makes_sibling_calls();
    let native = native_may_be(optimized && registers) && write_native();
    let asked = registers && env::var_os("CARGO_FEATURE_DISPATCH_TAIL").is_some();
    let tail = sibling_calls || native || asked;
    if native {
        println!("cargo::rustc-cfg=native_dispatch");
    }
    let system = matches!(var("CARGO_CFG_TARGET_FAMILY").as_str(), "unix" | "windows");
    // Miri has no mappings.
    let mappings = system && env::var_os("CARGO_CFG_MIRI").is_none();
    if mappings && env::var_os("CARGO_FEATURE_STD").is_some() {
        println!("cargo::rustc-cfg=mapped_memories");
        if var("CARGO_CFG_TARGET_POINTER_WIDTH") == "64" {
            println!("cargo::rustc-cfg=reserved_heap");
        }
    }
    if sibling_calls {
        println!("cargo::rustc-cfg=sibling_calls");
    }
    if tail {
        println!("cargo::rustc-cfg=tail_dispatch");
    }
    if !(tail && optimized) || env::var_os("CARGO_FEATURE_DISPATCH_LOOP").is_some() {
        println!("cargo::rustc-cfg=loop_dispatch");
    }
}

/// Returns `true` if rustc is known to make the last call of every handler a jump, which
/// `cargo xtask handlers` checks: if it optimizes for speed, and adds nothing to the code.
fn makes_sibling_calls() -> bool {
    let fast = matches!(var("OPT_LEVEL").as_str(), "2" | "3");
    let asserts = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some();
    let flags = var("CARGO_ENCODED_RUSTFLAGS");
    println!("cargo::rerun-if-env-changed={COVERED}");
    let changed =
        env::var_os(COVERED).is_some() || CHANGING.iter().any(|flag| flags.contains(flag));
    fast && !asserts && !changed
}

/// Parts of the flags of rustc that choose other passes, or add to the code.
const CHANGING: &[&str] = &[
    "opt-level",
    "passes",
    "llvm-args",
    "mir-",
    "codegen-backend",
    "instrument-",
    "profile-generate",
    "sanitizer",
];

/// The variable that `cargo llvm-cov` sets, whose flags come from a wrapper around rustc.
const COVERED: &str = "CARGO_LLVM_COV";

fn var(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// The variable that leaves native handlers out, for programs that have to be small. No feature
/// does it, because features only add.
const WITHOUT_NATIVE: &str = "BURDOCK_WITHOUT_NATIVE";

/// Whether native handlers can be assembled for the target, and work there. They jump to those of
/// `tail`, and need std to ask what the processor has. They are written for ELF, for pointers of 64
/// bits and for little-endian processors; other targets have not been tried.
fn native_may_be(tail_may_be: bool) -> bool {
    let elf = matches!(var("CARGO_CFG_TARGET_OS").as_str(), "linux" | "android" | "freebsd");
    let words =
        var("CARGO_CFG_TARGET_POINTER_WIDTH") == "64" && var("CARGO_CFG_TARGET_ENDIAN") == "little";
    let asked = env::var_os("CARGO_FEATURE_DISPATCH_NATIVE").is_some();
    println!("cargo::rerun-if-env-changed={WITHOUT_NATIVE}");
    let wanted = env::var_os(WITHOUT_NATIVE).is_none();
    wanted && elf && words && (tail_may_be || asked) && env::var_os("CARGO_FEATURE_STD").is_some()
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
