//! `cargo xtask bench ...`: builds and runs benches/, a workspace of its own, so that building and
//! testing the project never builds a peer. `--peers` names those to build; all other arguments are
//! handed on, see benches/README.md.
//! Unless rows are chosen by `--filter`, a short run of criterion's benchmarks follows, which need
//! no peer.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::run::{answers, cargo, cargo_of, option, program, root, status, switch};

/// The toolchain that the newest of the peers need.
const TOOLCHAIN: &str = "1.98";

/// Peers that are built with a Rust compiler alone.
const RUST: &str = "quick,stitch,tinywasm,submilli,wasmtime";

/// The peers of a quick comparison: only wasmi.
const QUICK: &str = "quick";

/// Peers in C, whose build also needs cmake and clang's library.
const C: &str = "wasm3,wamr";

/// The groups of criterion's benchmarks that are run after the comparison with peers.
const SHORT: &str = "^(load|instantiate|link|calls|programs)/";

pub(crate) fn run(args: &[String]) -> Result {
    let named = option(args, "--peers")?;
    let features = match (switch(args, "--quick"), named, missing_for_c()) {
        (true, None, _) => QUICK.to_owned(),
        (_, Some(named), _) => named.to_owned(),
        (_, _, None) => format!("{RUST},{C}"),
        (_, _, Some(missing)) => {
            eprintln!("left out: {C}; their build needs {missing}");
            RUST.to_owned()
        }
    };
    // wasmi builds with the workspace's own toolchain.
    let peers = match [QUICK, "wasmi"].contains(&&*features) {
        true => cargo(),
        false => cargo_of(TOOLCHAIN, "a comparison with these peers")?,
    };
    let mut command = in_benches(peers, "run", "burdock-benches");
    command.args(["--quiet", "--release", "--no-default-features", "--features", &features]);
    let mut rest = args.to_vec();
    if let Some(at) = rest.iter().position(|arg| arg == "--peers") {
        rest.drain(at..at + 2);
    }
    status(command.arg("--").args(rest))?;
    if switch(args, "--filter") {
        return Ok(());
    }
    status(
        in_benches(cargo(), "bench", "burdock-criterion").args(["--quiet", "--", "--quick", SHORT]),
    )
}

/// Runs each of criterion's benchmarks once, without measuring. Not optimized: what is compiled for
/// measurements takes minutes to build.
pub(crate) fn check(_: &[String]) -> Result {
    status(in_benches(cargo(), "test", "burdock-criterion").args(["--quiet", "--benches"]))
}

/// Returns a command of `cargo` for a package of the workspace in benches/.
fn in_benches(mut cargo: Command, command: &str, package: &str) -> Command {
    cargo.args([command, "--package", package, "--manifest-path"]);
    cargo.arg(root().join("benches/Cargo.toml"));
    cargo
}

/// Returns a tool or library that the build of peers in C needs and that this machine lacks, if
/// there is one. The build itself would report it only after minutes.
fn missing_for_c() -> Option<&'static str> {
    if !answers(program("cmake").arg("--version")) {
        return Some("cmake");
    }
    if !answers(program("cc").arg("--version")) {
        return Some("a C compiler (`cc`)");
    }
    // Some systems have the program clang without its library.
    let libclang = libclang_dirs().iter().any(|dir| holds_libclang(dir));
    (!libclang).then_some("clang's library (libclang.so), in the system's places or LIBCLANG_PATH")
}

/// Returns the directories in which bindgen looks for clang's library.
fn libclang_dirs() -> Vec<PathBuf> {
    if let Some(dir) = std::env::var_os("LIBCLANG_PATH") {
        return vec![dir.into()];
    }
    let mut dirs: Vec<PathBuf> =
        ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu"]
            .map(PathBuf::from)
            .into();
    dirs.push("/usr/lib/aarch64-linux-gnu".into());
    let installed = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let llvm = installed.filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm-"));
    dirs.extend(llvm.map(|entry| entry.path().join("lib")));
    dirs
}

fn holds_libclang(dir: &Path) -> bool {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.any(|name| {
        let version = name.strip_prefix("libclang");
        version.is_some_and(|rest| rest.contains(".so") && rest.starts_with(['-', '.']))
            && !name.starts_with("libclang-cpp")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_told_from_its_like() {
        let dir = std::env::temp_dir().join(format!("burdock-libclang-{}", std::process::id()));
        for (file, expected) in [
            ("libclang-cpp.so.19", false),
            ("libclang_rt.so", false),
            ("libclang.a", false),
            ("libclang-19.so.1", true),
        ] {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join(file), "").unwrap();
            assert_eq!(holds_libclang(&dir), expected, "{file}");
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
