//! `cargo xtask bench ...`: builds and runs benches/, a workspace of its own, so that building and
//! testing the project never builds a peer. All arguments are handed on; see benches/README.md.

use crate::Result;
use crate::run::{cargo, root, status, switch};

pub(crate) fn run(args: &[String]) -> Result {
    let manifest = root().join("benches/Cargo.toml");
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--manifest-path"]).arg(manifest);
    // Only the peer that is quick to build.
    if switch(args, "--quick") {
        command.args(["--no-default-features", "--features", "quick"]);
    }
    status(command.arg("--").args(args))
}
