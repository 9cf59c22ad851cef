//! `cargo xtask native [--check] [--target PROCESSOR]`: that native handlers do what the op table says.
//! With `--check` all of them, from many states; else a sample, in a few seconds. For another
//! processor it is done in an emulator.

use crate::Result;
use crate::emulate::processor;
use crate::run::{cargo, option, status, switch};

/// What the tests of native dispatch in burdock-core ask for.
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
    // Handlers in Rust, with which some instructions go on, jump in optimised code only.
    test.args(["--quiet", "--release", "-p", "burdock-core", "--features", "dispatch-native"]);
    test.arg("--lib").env_remove(ALL);
    if switch(args, "--check") {
        test.env(ALL, "1");
    }
    status(test.args(["native::check", "--", "--nocapture"]))
}
