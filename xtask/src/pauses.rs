//! `cargo xtask pauses [MIB ...]`: how long collections of garbage take in heaps in which so many
//! MiB live, and what it costs to allocate and drop a structure there. The program that measures is
//! crates/burdock/examples/pauses.rs.

use crate::Result;
use crate::run::{cargo, status};

pub(crate) fn run(args: &[String]) -> Result {
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "-p", "burdock", "--example", "pauses", "--"]);
    status(command.args(args))
}
