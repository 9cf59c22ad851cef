//! `Report`: what an audit has seen and decided, and the policy that would allow just that.

use crate::wasi::{Call, Shown};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What an audit has seen and decided.
#[derive(Clone, Debug, Default)]
pub struct Report {
    decisions: Vec<Decision>,
    seen: BTreeMap<String, Seen>,
    /// What was called through tables, and by whom, if there are such calls to be looked at.
    targets: Option<BTreeSet<[String; 2]>>,
}

/// What was decided about one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `deny` or `watch`.
    pub verdict: &'static str,
    /// The call: paths in whole, other arguments as they were given.
    pub call: String,
    /// The function that called.
    pub at: String,
    /// The rule that decided.
    pub rule: String,
}

/// What an import was called with.
#[derive(Clone, Debug, Default)]
struct Seen {
    count: u64,
    paths: BTreeSet<String>,
    /// The standard streams, where only those were used.
    fds: BTreeSet<u32>,
    only_reads: bool,
}

impl Report {
    pub(super) fn decide(&mut self, verdict: &'static str, call: &str, at: &str, rule: &str) {
        let (call, at, rule) = (call.to_owned(), at.to_owned(), rule.to_owned());
        self.decisions.push(Decision { verdict, call, at, rule });
    }

    pub(super) fn note(&mut self, import: &str, call: &Call, paths: &[String]) {
        let fresh = Seen { only_reads: true, ..Seen::default() };
        let seen = self.seen.entry(import.to_owned()).or_insert(fresh);
        seen.count += 1;
        seen.paths.extend(paths.iter().cloned());
        if let Some(Shown::Int(fd)) = call.arg("fd") {
            seen.fds.insert(*fd as u32);
        }
        seen.only_reads &= !super::policy::writes(call);
    }

    /// There are calls through tables, which are looked at.
    pub(super) fn expect_targets(&mut self) {
        self.targets.get_or_insert_default();
    }

    pub(super) fn note_target(&mut self, target: &str, caller: &str) {
        let targets = self.targets.get_or_insert_default();
        targets.insert([target.to_owned(), caller.to_owned()]);
    }

    /// All that was decided, in order.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// What was denied.
    pub fn denied(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.verdict == "deny")
    }

    /// As JSON: the decisions, how often each import was called, and, where that was looked at, which
    /// functions were called through tables.
    pub fn json(&self) -> Value {
        let decision = |decision: &Decision| {
            let Decision { verdict, call, at, rule } = decision;
            json!({ "verdict": verdict, "call": call, "at": at, "rule": rule })
        };
        let calls = self.seen.iter().map(|(import, seen)| {
            let paths: Vec<_> = seen.paths.iter().collect();
            (import.clone(), json!({ "count": seen.count, "paths": paths }))
        });
        let mut all = json!({
            "decisions": self.decisions.iter().map(decision).collect::<Vec<_>>(),
            "calls": Value::Object(calls.collect()),
        });
        if let Some(targets) = &self.targets {
            let target = |[func, from]: &[String; 2]| json!({ "func": func, "from": from });
            all["call_indirect"] = targets.iter().map(target).collect();
        }
        all
    }

    /// A policy, in TOML, that allows what was seen and nothing else: the imports, the paths, of what
    /// was only used on standard streams those, and what was called through tables, by whom.
    pub fn policy(&self) -> String {
        let mut text = "default = \"deny\"\n".to_owned();
        for (import, seen) in &self.seen {
            // Writing to a string does not fail.
            let _ = write!(text, "\n[[allow]]\nimport = {}\n", quote(import));
            if !seen.paths.is_empty() {
                let paths: Vec<_> = seen.paths.iter().map(|path| quote(path)).collect();
                let _ = writeln!(text, "path = [{}]", paths.join(", "));
            } else if !seen.fds.is_empty() && seen.fds.iter().all(|fd| *fd < 3) {
                let fds: Vec<_> = seen.fds.iter().map(ToString::to_string).collect();
                let _ = writeln!(text, "when = {{ fd = [{}] }}", fds.join(", "));
            }
            if import.ends_with(".path_open") && seen.only_reads {
                text += "rights = \"read\"\n";
            }
        }
        if let Some(targets) = &self.targets {
            text += "\n[call_indirect]\ndefault = \"deny\"\nallow = [\n";
            for [func, from] in targets {
                let (func, from) = (quote(func), quote(from));
                let _ = writeln!(text, "  {{ func = {func}, from = {from} }},");
            }
            text += "]\n";
        }
        text
    }
}

fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
