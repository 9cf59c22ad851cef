//! `cargo xtask bench ...`: builds and runs benches/, a workspace of its own, so that building and
//! testing the project never builds a peer. All arguments are handed on; see benches/README.md.

use crate::Result;
use crate::run::{answers, cargo, program, root, status, switch};

/// Peers that are built with a Rust compiler alone.
const RUST: &str = "quick,stitch,tinywasm,submilli,wasmtime";

/// Peers in C, whose build also needs cmake and clang's library.
const C: &str = "wasm3,wamr";

pub(crate) fn run(args: &[String]) -> Result {
    let features = if switch(args, "--quick") {
        "quick".to_owned()
    } else if builds_c() {
        format!("{RUST},{C}")
    } else {
        eprintln!("left out: {C}; they need cmake, and clang or LIBCLANG_PATH");
        RUST.to_owned()
    };
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--no-default-features", "--features", &features]);
    command.arg("--manifest-path").arg(root().join("benches/Cargo.toml"));
    status(command.arg("--").args(args))
}

fn builds_c() -> bool {
    let clang = std::env::var_os("LIBCLANG_PATH").is_some();
    let clang = clang || answers(program("clang").arg("--version"));
    clang && answers(program("cmake").arg("--version"))
}
