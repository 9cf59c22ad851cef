//! `cargo xtask install-c --prefix DIR`: builds the C library and installs it with its headers, and
//! with what pkg-config and CMake read. Without `--debug` the library is optimized, with `--small`
//! for size; what follows `--features` replaces the default features.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::run::{cargo, option, output, root, status, switch};

/// Options for the compiler of a small library: no tables for unwinding, which a library that
/// aborts does not need, and relocations in a compact form, which the dynamic linkers of glibc 2.36
/// and musl 1.2.4 read.
const SMALL: &[&str] = if cfg!(target_os = "linux") {
    &["-C", "force-unwind-tables=no", "-C", "link-arg=-Wl,-z,pack-relative-relocs"]
} else {
    &["-C", "force-unwind-tables=no"]
};

/// The package.
const PACKAGE: &str = "burdock-c-api";

pub(crate) fn run(args: &[String]) -> Result {
    let Some(prefix) = option(args, "--prefix")? else {
        return Err("install-c needs `--prefix DIR`".into());
    };
    let features = option(args, "--features")?;
    let prefix = std::path::absolute(prefix)?;
    let mut command = cargo();
    command.args(["build", "-p", PACKAGE]);
    let (profile, built) = match (switch(args, "--debug"), switch(args, "--small")) {
        (true, true) => return Err("a library is built with `--debug` or with `--small`".into()),
        (true, false) => ("dev", "debug"),
        (false, true) => ("small", "small"),
        (false, false) => ("release", "release"),
    };
    command.args(["--profile", profile]);
    if profile == "small" {
        command.args(["--config", &format!("build.rustflags={SMALL:?}")]);
    }
    if let Some(features) = features {
        command.args(["--no-default-features", "--features", features]);
    }
    if switch(args, "--without-native") {
        command.env("BURDOCK_WITHOUT_NATIVE", "1");
    }
    status(&mut command)?;
    let (target, version) = target_and_version()?;
    install(&target.join(built), &prefix, &version, features)?;
    println!("installed in {}", prefix.display());
    Ok(())
}

/// Returns the directory in which cargo builds, and the package's version.
fn target_and_version() -> Result<(PathBuf, String)> {
    let metadata = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let package = packages.iter().find(|package| package["name"] == PACKAGE);
    let version = package.and_then(|package| package["version"].as_str());
    let version = version.ok_or_else(|| format!("there is no package {PACKAGE}"))?;
    Ok((metadata["target_directory"].as_str().unwrap_or("target").into(), version.to_owned()))
}

/// Returns the version of the ABI, with which the shared library's name ends.
fn abi(version: &str) -> String {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or("0"), parts.next().unwrap_or("0"));
    if major == "0" { format!("0.{minor}") } else { major.to_owned() }
}

fn install(built: &Path, prefix: &Path, version: &str, features: Option<&str>) -> Result {
    let lib = prefix.join("lib");
    let include = prefix.join("include");
    fs::create_dir_all(lib.join("pkgconfig"))?;
    fs::create_dir_all(lib.join("cmake/burdock"))?;
    copy_dir(&root().join("crates").join(PACKAGE).join("include"), &include)?;
    let mut libraries = 0;
    for (from, to) in names(&abi(version)) {
        let from = built.join(from);
        if from.exists() {
            // A program may be using the old library.
            let _ = fs::remove_file(lib.join(&to));
            fs::copy(&from, lib.join(&to))
                .map_err(|error| format!("cannot install {}: {error}", lib.join(&to).display()))?;
            libraries += 1;
        }
    }
    if libraries == 0 {
        return Err(format!("{} contains no library", built.display()).into());
    }
    link_plain_name(&lib, &abi(version))?;
    let without = without(features);
    fs::write(lib.join("pkgconfig/burdock.pc"), pkg_config(prefix, version, &without))?;
    let config = cmake(&abi(version), &without);
    fs::write(lib.join("cmake/burdock/burdock-config.cmake"), config)?;
    fs::write(lib.join("cmake/burdock/burdock-config-version.cmake"), cmake_version(version))?;
    Ok(())
}

/// Returns the names of libraries as cargo builds them and as they are installed.
fn names(abi: &str) -> [(&'static str, String); 5] {
    [
        ("libburdock_c_api.a", "libburdock.a".to_owned()),
        ("libburdock_c_api.so", format!("libburdock.so.{abi}")),
        ("libburdock_c_api.dylib", format!("libburdock.{abi}.dylib")),
        ("burdock_c_api.dll", "burdock.dll".to_owned()),
        ("burdock_c_api.dll.lib", "burdock.lib".to_owned()),
    ]
}

/// Makes the name without a version, which linkers look for.
fn link_plain_name(lib: &Path, abi: &str) -> Result {
    for (versioned, plain) in [
        (format!("libburdock.so.{abi}"), "libburdock.so"),
        (format!("libburdock.{abi}.dylib"), "libburdock.dylib"),
    ] {
        if !lib.join(&versioned).exists() {
            continue;
        }
        let _ = fs::remove_file(lib.join(plain));
        #[cfg(unix)]
        std::os::unix::fs::symlink(&versioned, lib.join(plain))?;
        #[cfg(not(unix))]
        fs::copy(lib.join(&versioned), lib.join(plain))?;
    }
    Ok(())
}

/// Copies the files of a directory and of those in it.
fn copy_dir(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Returns the definitions that hide what the library was built without.
fn without(features: Option<&str>) -> Vec<&'static str> {
    let Some(features) = features else { return Vec::new() };
    let has = |name: &str| features.split([',', ' ']).any(|feature| feature == name);
    [
        ("wasi", "BURDOCK_WITHOUT_WASI"),
        ("wat", "BURDOCK_WITHOUT_WAT"),
        ("tools", "BURDOCK_WITHOUT_TOOLS"),
    ]
    .into_iter()
    .filter(|(feature, _)| !has(feature))
    .map(|(_, definition)| definition)
    .collect()
}

/// The libraries of the system that the static library needs.
const SYSTEM: &str = "-lpthread -ldl -lm";

fn pkg_config(prefix: &Path, version: &str, without: &[&str]) -> String {
    let defines: String = without.iter().map(|name| format!(" -D{name}")).collect();
    format!(
        "prefix={}\nincludedir=${{prefix}}/include\nlibdir=${{prefix}}/lib\n\n\
         Name: burdock\nDescription: A WebAssembly interpreter\nVersion: {version}\n\
         Cflags: -I${{includedir}}{defines}\nLibs: -L${{libdir}} -lburdock\n\
         Libs.private: {SYSTEM}\n",
        prefix.display()
    )
}

/// Returns the package for CMake, with the targets `burdock::burdock` and `burdock::static`.
fn cmake(abi: &str, without: &[&str]) -> String {
    let defines = without.join(";");
    format!(
        r#"get_filename_component(_burdock "${{CMAKE_CURRENT_LIST_DIR}}/../../.." ABSOLUTE)
if(APPLE)
  set(_burdock_shared "${{_burdock}}/lib/libburdock.{abi}.dylib")
elseif(WIN32)
  set(_burdock_shared "${{_burdock}}/lib/burdock.dll")
else()
  set(_burdock_shared "${{_burdock}}/lib/libburdock.so.{abi}")
endif()
if(NOT TARGET burdock::burdock)
  add_library(burdock::burdock SHARED IMPORTED)
  set_target_properties(burdock::burdock PROPERTIES
    IMPORTED_LOCATION "${{_burdock_shared}}"
    IMPORTED_IMPLIB "${{_burdock}}/lib/burdock.lib"
    INTERFACE_INCLUDE_DIRECTORIES "${{_burdock}}/include"
    INTERFACE_COMPILE_DEFINITIONS "{defines}")
  add_library(burdock::static STATIC IMPORTED)
  set_target_properties(burdock::static PROPERTIES
    IMPORTED_LOCATION "${{_burdock}}/lib/libburdock.a"
    INTERFACE_INCLUDE_DIRECTORIES "${{_burdock}}/include"
    INTERFACE_COMPILE_DEFINITIONS "{defines}")
  if(UNIX)
    set_target_properties(burdock::static PROPERTIES
      INTERFACE_LINK_LIBRARIES "pthread;${{CMAKE_DL_LIBS}};m")
  endif()
endif()
"#
    )
}

/// Says which versions a program may ask for: the same ABI, and not a later version.
fn cmake_version(version: &str) -> String {
    let abi = abi(version);
    format!(
        r#"set(PACKAGE_VERSION "{version}")
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
elseif(NOT "${{PACKAGE_FIND_VERSION}}" MATCHES "^{}(\\.|$)")
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
"#,
        abi.replace('.', "\\\\.")
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{abi, cmake, install, pkg_config, without};
    use crate::run::{answers, output, program};

    #[test]
    fn the_abi_is_what_may_not_change() {
        for (version, expected) in [("0.1.0", "0.1"), ("0.12.3", "0.12"), ("2.3.4", "2")] {
            assert_eq!(abi(version), expected);
        }
    }

    #[test]
    fn missing_features_are_defined() {
        assert!(without(None).is_empty());
        assert_eq!(
            without(Some("wat,addr2line")),
            ["BURDOCK_WITHOUT_WASI", "BURDOCK_WITHOUT_TOOLS"]
        );
        let text = pkg_config(Path::new("/usr"), "0.1.0", &["BURDOCK_WITHOUT_WAT"]);
        assert!(text.contains("Cflags: -I${includedir} -DBURDOCK_WITHOUT_WAT\n"), "{text}");
        assert!(cmake("0.1", &["BURDOCK_WITHOUT_WAT"]).contains("\"BURDOCK_WITHOUT_WAT\""));
    }

    /// A project that finds the package, in a version, and prints what its target defines.
    const PROJECT: &str = "cmake_minimum_required(VERSION 3.16)
project(test NONE)
find_package(burdock ${WANTED} REQUIRED)
get_target_property(defines burdock::static INTERFACE_COMPILE_DEFINITIONS)
foreach(define ${defines})
  message(STATUS \"defines ${define}\")
endforeach()
";

    #[test]
    fn cmake_finds_the_package() {
        if !answers(program("cmake").arg("--version")) {
            println!("skipped: cmake is not installed");
            return;
        }
        let dir = std::env::temp_dir().join(format!("burdock-cmake-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("libburdock_c_api.a"), "x").unwrap();
        std::fs::write(dir.join("CMakeLists.txt"), PROJECT).unwrap();
        install(&dir, &dir.join("prefix"), "0.1.0", Some("wasi")).unwrap();
        let configure = |wanted: &str| {
            let mut cmake = program("cmake");
            cmake.arg("-S").arg(&dir).arg("-B").arg(dir.join("build"));
            cmake.arg(format!("-DWANTED={wanted}"));
            output(cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", dir.join("prefix").display())))
        };
        let found = configure("0.1").unwrap();
        for define in ["BURDOCK_WITHOUT_WAT", "BURDOCK_WITHOUT_TOOLS"] {
            assert!(found.contains(&format!("-- defines {define}\n")), "{found}");
        }
        let refused = configure("0.2").unwrap_err().to_string();
        assert!(refused.contains("compatible with requested version"), "{refused}");
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_directory_without_a_library_is_an_error() {
        let empty = std::env::temp_dir().join(format!("burdock-install-{}", std::process::id()));
        std::fs::create_dir_all(&empty).unwrap();
        let error = install(&empty, &empty.join("prefix"), "0.1.0", None).unwrap_err();
        assert!(error.to_string().contains("contains no library"), "{error}");
        std::fs::write(empty.join("libburdock_c_api.so"), "x").unwrap();
        install(&empty, &empty.join("prefix"), "0.1.0", None).unwrap();
        for file in ["lib/libburdock.so.0.1", "lib/libburdock.so", "include/wasmtime/val.h"] {
            assert!(empty.join("prefix").join(file).exists(), "{file}");
        }
        std::fs::remove_dir_all(&empty).unwrap();
    }
}
