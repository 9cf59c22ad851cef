//! Tells crates that depend on this one where the headers are (`DEP_BURDOCK_C_API_INCLUDE`), and
//! names the shared library.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let here = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:include={}", Path::new(&here).join("include").display());
    let os = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let major = env::var("CARGO_PKG_VERSION_MAJOR").unwrap_or_default();
    let minor = env::var("CARGO_PKG_VERSION_MINOR").unwrap_or_default();
    // docs/C-API.md says what the number in the name promises.
    let abi = if major == "0" { format!("0.{minor}") } else { major };
    match os.as_str() {
        "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libburdock.so.{abi}");
        }
        "macos" | "ios" => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libburdock.{abi}.dylib");
        }
        _ => {}
    }
}
