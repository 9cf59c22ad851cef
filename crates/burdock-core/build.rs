//! Chooses the dispatcher. Handlers that jump to each other (`tail`) need a compiler that makes
//! sibling calls, which rustc does for optimised code, and a calling convention with enough
//! registers; otherwise the handlers return to a `loop`.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(tail_dispatch)");
    println!("cargo::rustc-check-cfg=cfg(loop_dispatch)");
    let var = |name: &str| env::var(name).unwrap_or_default();
    let optimised = !matches!(var("OPT_LEVEL").as_str(), "0" | "1");
    let registers = matches!(var("CARGO_CFG_TARGET_ARCH").as_str(), "x86_64" | "aarch64")
        && var("CARGO_CFG_TARGET_OS") != "windows";
    let tail = optimised && registers;
    if tail || env::var_os("CARGO_FEATURE_DISPATCH_TAIL").is_some() {
        println!("cargo::rustc-cfg=tail_dispatch");
    }
    if !tail || env::var_os("CARGO_FEATURE_DISPATCH_LOOP").is_some() {
        println!("cargo::rustc-cfg=loop_dispatch");
    }
}
