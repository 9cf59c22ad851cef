//! `cargo xtask native [--check] [--target PROCESSOR]`: checks that native handlers do what the op
//! table specifies: with `--check` all handlers from many states, otherwise a sample in a few
//! seconds. For another processor the check runs in an emulator.

use crate::Result;
use crate::emulate::processor;
use crate::run::{cargo, option, status, switch};

/// The environment variable that makes the tests of native dispatch in burdock-core check all
/// handlers.
const ALL: &str = "BURDOCK_NATIVE_CHECK";

pub(crate) fn run(args: &[String]) -> Result {
    let mut test = match option(args, "--target")? {
        Some(name) => match processor(name)?.cargo("test")? {
            Some(test) => test,
            None => return Ok(()),
        },
        None if cfg!(all(
            any(target_arch = "x86_64", target_arch = "aarch64"),
            target_os = "linux"
        )) =>
        {
            let mut test = cargo();
            test.arg("test");
            test
        }
        None => {
            println!("not checked: this machine has no native handlers");
            return Ok(());
        }
    };
    // Some instructions continue in handlers in Rust, which end with jumps only in optimized code.
    test.args(["--quiet", "--release", "-p", "burdock-core", "--features", "dispatch-native"]);
    test.arg("--lib").env_remove(ALL);
    if switch(args, "--check") {
        test.env(ALL, "1");
    }
    status(test.args(["native::check", "--", "--nocapture"]))
}
