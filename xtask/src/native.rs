//! `cargo xtask native [--check]`: that native handlers do what the op table says. With `--check`
//! all of them, from many states; else a sample, in a few seconds.

use crate::Result;
use crate::run::{cargo, status, switch};

/// What the tests of native dispatch in burdock-core ask for.
const ALL: &str = "BURDOCK_NATIVE_CHECK";

pub(crate) fn run(args: &[String]) -> Result {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        println!("not checked: this machine has no native handlers");
        return Ok(());
    }
    let mut test = cargo();
    test.args(["test", "--quiet", "-p", "burdock-core", "--features", "dispatch-native", "--lib"]);
    test.env_remove(ALL);
    if switch(args, "--check") {
        test.arg("--release").env(ALL, "1");
    }
    status(test.args(["native::check", "--", "--nocapture"]))
}
