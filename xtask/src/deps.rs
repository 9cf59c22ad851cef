//! `cargo xtask deps`: checks the dependencies between crates of the workspace, the crates that may
//! use the parser of Wasm, and that the modules of the program form no circle. Dev-dependencies are
//! free, as a layer's tests may use the layers above it.

use serde_json::Value;

use crate::run::{cargo, output, root};
use crate::{Result, circles};

/// Every crate with the crates of the workspace that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("burdock-types", &[]),
    ("burdock-parse", &["burdock-types"]),
    ("burdock-ir", &["burdock-types"]),
    ("burdock-translate", &["burdock-types", "burdock-parse", "burdock-ir"]),
    ("burdock-native", &["burdock-types", "burdock-ir"]),
    ("burdock-core", &["burdock-types", "burdock-ir", "burdock-native"]),
    (
        "burdock",
        &["burdock-types", "burdock-parse", "burdock-ir", "burdock-translate", "burdock-core"],
    ),
    ("burdock-wasi", &["burdock"]),
    ("burdock-tools", &["burdock"]),
    ("burdock-wasmi", &["burdock"]),
    ("burdock-wasmi-wasi", &["burdock-wasmi", "burdock-wasi"]),
    ("burdock-wast", &["burdock"]),
    ("burdock-c-api", &["burdock", "burdock-wasi", "burdock-tools"]),
    ("burdock-cli", ALL),
    ("burdock-examples", &["burdock", "burdock-wasi", "burdock-tools"]),
    ("xtask", &["burdock-ir"]),
];

/// The dependencies of the program, which is the top layer.
const ALL: &[&str] = &[
    "burdock-types",
    "burdock-parse",
    "burdock-ir",
    "burdock-translate",
    "burdock-core",
    "burdock",
    "burdock-wasi",
    "burdock-tools",
    "burdock-wast",
];

/// Crates from outside that only some may depend on.
const RESERVED: &[(&str, &[&str])] = &[
    // The program shows modules that the engine refuses as well; tools name the operators of
    // events.
    ("wasmparser", &["burdock-parse", "burdock-translate", "burdock-tools", "burdock-cli"]),
    // The program shows the lines of text modules in which the engine finds errors.
    ("wast", &["burdock-wast", "burdock-cli"]),
    ("clap", &["burdock-cli"]),
    ("cap-std", &["burdock-wasi", "burdock-cli"]),
    // The errors of the program, and the errors that the library converts to and from its own.
    ("anyhow", &["burdock", "burdock-cli"]),
    ("wasmi", &[]),
    ("wasmtime", &[]),
];

pub(crate) fn run(_: &[String]) -> Result {
    let metadata = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let mut complaints = check(&serde_json::from_str(&metadata)?);
    complaints.extend(circles::check(&root().join("crates/burdock-cli/src"))?);
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n").into()) }
}

/// Returns the forbidden dependencies in the output of `cargo metadata`.
fn check(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            complaints.push(format!("{name}: not in the list of crates (xtask/src/deps.rs)"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
        for dependency in dependencies.iter().filter(|edge| edge["kind"] != "dev") {
            let on = dependency["name"].as_str().unwrap_or_default();
            let ours = ALLOWED.iter().any(|(known, _)| *known == on);
            let reserved = RESERVED.iter().find(|(outside, _)| *outside == on);
            if ours && !allowed.contains(&on) {
                complaints.push(format!("{name} must not depend on {on}"));
            } else if reserved.is_some_and(|(_, who)| !who.contains(&name)) {
                complaints.push(format!("{name} must not depend on {on} from outside"));
            }
        }
    }
    if packages.is_empty() {
        complaints.push("`cargo metadata` lists no packages".to_owned());
    }
    complaints
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    fn edge(from: &str, on: &str, kind: Option<&str>) -> Value {
        json!({"packages": [{"name": from, "dependencies": [{"name": on, "kind": kind}]}]})
    }

    #[test]
    fn forbidden_edges_are_found() {
        let rows = [
            (edge("burdock-core", "burdock-ir", None), None),
            (
                edge("burdock-core", "burdock-translate", None),
                Some("burdock-core must not depend on burdock-translate"),
            ),
            (
                edge("burdock-core", "burdock-translate", Some("build")),
                Some("burdock-core must not depend on burdock-translate"),
            ),
            (edge("burdock-core", "burdock-translate", Some("dev")), None),
            (
                edge("burdock-core", "wasmparser", None),
                Some("burdock-core must not depend on wasmparser from outside"),
            ),
            (edge("burdock-parse", "wasmparser", None), None),
            (edge("burdock", "wasmi", None), Some("burdock must not depend on wasmi from outside")),
            (
                edge("burdock-new", "libm", None),
                Some("burdock-new: not in the list of crates (xtask/src/deps.rs)"),
            ),
            (json!({}), Some("`cargo metadata` lists no packages")),
        ];
        for (metadata, complaint) in rows {
            assert_eq!(check(&metadata), complaint.into_iter().collect::<Vec<_>>(), "{metadata}");
        }
    }
}
