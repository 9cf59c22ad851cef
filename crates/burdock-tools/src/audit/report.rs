//! `Report`: the observations and decisions of an audit, and the policy that allows exactly what
//! was observed.

use super::policy::{Policy, Rights};
use crate::wasi::{Call, Shown};
use burdock::names::Escaped;
use burdock::{Result, bail};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

/// The observations and decisions of an audit.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Symbols, audit::Auditor, wasi::Fds};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module $m
///     (import "env" "pay" (func $pay (param i32)))
///     (func (export "run") (call $pay (i32.const 5))))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "pay", |_: i32| ())?;
/// let mut store = Store::new(&engine, ());
/// let auditor = Auditor::learn(&mut store, Fds::default(), Symbols::default());
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// let report = auditor.finish(&mut store);
/// assert!(report.decisions().is_empty());
/// assert_eq!(report.json()["calls"]["env.pay"]["count"], 1);
/// assert!(report.policy().contains(r#"import = "env.pay""#));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Report {
    decisions: Vec<Decision>,
    seen: BTreeMap<String, Seen>,
    /// The targets of indirect calls with their callers; `None` if indirect calls are not observed.
    targets: Option<BTreeSet<[String; 2]>>,
}

/// The decision about one call.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Symbols, audit::{Auditor, Policy}, wasi::Fds};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module $m
///     (import "env" "pay" (func $pay (param i32)))
///     (func $run (export "run") (call $pay (i32.const 500))))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "pay", |_: i32| ())?;
/// let mut store = Store::new(&engine, ());
/// let policy: Policy = r#"default = "deny""#.parse()?;
/// let auditor = Auditor::attach(&mut store, policy, Fds::default(), Symbols::default());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// assert!(run.call(&mut store, ()).is_err());
/// let report = auditor.finish(&mut store);
/// let decision = &report.decisions()[0];
/// assert_eq!(decision.verdict, "deny");
/// assert_eq!(decision.to_string(), "DENY  env.pay(500) at m!run  (rule: default)");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `deny` or `watch`.
    pub verdict: &'static str,
    /// The call, with whole paths, and other arguments as they were passed.
    pub call: String,
    /// The function that made the call.
    pub at: String,
    /// The callers of that function, the innermost first.
    pub callers: Vec<String>,
    /// The rule that decided.
    pub rule: String,
    /// The error that a denied call returned; `None` if the call ended the guest or was not denied.
    pub errno: Option<String>,
}

impl Decision {
    /// Creates a decision about a call that the first function of a chain of callers made.
    pub(super) fn new(verdict: &'static str, call: String, chain: &[String], rule: String) -> Self {
        let at = chain.first().map_or("the host", String::as_str).to_owned();
        let callers = chain.iter().skip(1).cloned().collect();
        Self { verdict, call, at, callers, rule, errno: None }
    }
}

impl fmt::Display for Decision {
    /// One line: `DENY  env.pay(500) at m!charge, called by m!run  (rule: default)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verdict, call, at, callers, rule, errno } = self;
        write!(f, "{}  {call} at {at}", verdict.to_uppercase())?;
        if !callers.is_empty() {
            write!(f, ", called by {}", callers.join(", "))?;
        }
        write!(f, "  (rule: {}", Escaped(rule))?;
        if let Some(errno) = errno {
            write!(f, "; answered {errno}")?;
        }
        f.write_str(")")
    }
}

/// The arguments with which an import was called.
#[derive(Clone, Debug, Default)]
struct Seen {
    count: u64,
    /// Each path with the access that was requested.
    paths: BTreeMap<String, Access>,
    /// The standard streams that were used.
    streams: BTreeSet<u32>,
    /// `true` if there were calls with neither a path nor a standard stream.
    others: bool,
}

/// The access with which a path was opened.
#[derive(Clone, Copy, Debug, Default)]
struct Access {
    read: bool,
    write: bool,
}

impl Report {
    pub(super) fn decide(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    pub(super) fn note(&mut self, import: &str, call: &Call, paths: &[String]) {
        let seen = self.seen.entry(import.to_owned()).or_default();
        seen.count += 1;
        let writes = super::policy::writes(call);
        for path in paths {
            let access = seen.paths.entry(path.clone()).or_default();
            access.read |= !writes;
            access.write |= writes;
        }
        match call.arg("fd") {
            _ if !paths.is_empty() => {}
            Some(Shown::Int(fd)) if *fd < 3 => _ = seen.streams.insert(*fd as u32),
            _ => seen.others = true,
        }
    }

    /// Notes that indirect calls are observed.
    pub(super) fn expect_targets(&mut self) {
        self.targets.get_or_insert_default();
    }

    pub(super) fn note_target(&mut self, target: &str, caller: &str) {
        let targets = self.targets.get_or_insert_default();
        targets.insert([target.to_owned(), caller.to_owned()]);
    }

    /// Adds the observations of an earlier run, as recorded in its [`policy`](Self::policy).
    ///
    /// # Errors
    ///
    /// Returns an error if the policy has a rule that learned policies do not have.
    pub fn add_learned(&mut self, policy: &Policy) -> Result<()> {
        let other = [policy.deny.len(), policy.watch.len(), policy.limit.len()];
        if other.iter().any(|rules| *rules > 0) || policy.errno.is_some() {
            bail!("the policy was not learned: it denies, watches or limits");
        }
        for rule in &policy.allow {
            let seen = self.seen.entry(rule.import.clone()).or_default();
            let mut streams = rule.when.get("fd").map(|fds| fds.integers()).unwrap_or_default();
            streams.retain(|fd| (0..3).contains(fd));
            if rule.when.keys().any(|name| name != "fd") {
                bail!(
                    "the policy was not learned: it has a rule on arguments of `{}`",
                    rule.import
                );
            }
            for path in rule.path.iter().flatten() {
                let access = seen.paths.entry(path.clone()).or_default();
                access.read |= rule.rights != Some(Rights::Write);
                access.write |= rule.rights != Some(Rights::Read);
            }
            seen.others |= rule.path.is_none() && rule.when.is_empty();
            seen.streams.extend(streams.into_iter().map(|fd| fd as u32));
        }
        for target in policy.call_indirect.iter().flat_map(|rules| &rules.allow) {
            self.note_target(&target.func, &target.from);
        }
        if policy.call_indirect.is_some() {
            self.expect_targets();
        }
        Ok(())
    }

    /// Returns all decisions in order.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Returns the decisions that denied a call.
    pub fn denied(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.verdict == "deny")
    }

    /// Returns the report as JSON: the decisions, the number of calls of each import, and, if
    /// indirect calls were observed, their targets.
    pub fn json(&self) -> Value {
        let decision = |decision: &Decision| {
            let Decision { verdict, call, at, callers, rule, errno } = decision;
            let mut object = json!({
                "verdict": verdict, "call": call, "at": at, "callers": callers, "rule": rule,
            });
            if let Some(errno) = errno {
                object["errno"] = errno.as_str().into();
            }
            object
        };
        let calls = self.seen.iter().map(|(import, seen)| {
            let paths: Vec<_> = seen.paths.keys().collect();
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

    /// Returns a policy in TOML that allows exactly what was observed: the imports, with the paths
    /// and the standard streams that they were called with, writing only to files that were opened
    /// for writing, and the targets of indirect calls with their callers.
    pub fn policy(&self) -> String {
        let mut text = "default = \"deny\"\n".to_owned();
        for (import, seen) in &self.seen {
            for rule in seen.rules(import.ends_with(".path_open")) {
                // Writing to a string does not fail.
                let _ = write!(text, "\n[[allow]]\nimport = {}\n{rule}", quote(import));
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

impl Seen {
    /// Returns the conditions of the rules that allow the observed calls of an import.
    fn rules(&self, opens: bool) -> Vec<String> {
        let mut rules = Vec::new();
        if self.others {
            // These calls have nothing by which a rule could restrict them.
            return vec![String::new()];
        }
        if !self.streams.is_empty() {
            let fds: Vec<_> = self.streams.iter().map(ToString::to_string).collect();
            rules.push(format!("when = {{ fd = [{}] }}\n", fds.join(", ")));
        }
        let mut paths = |wanted: fn(&Access) -> bool, rights: &str| {
            let fitting = self.paths.iter().filter(|(_, access)| wanted(access));
            let paths: Vec<String> = fitting.map(|(path, _)| quote(&literal(path))).collect();
            if !paths.is_empty() {
                rules.push(format!("path = [{}]\n{rights}", paths.join(", ")));
            }
        };
        if opens {
            paths(|access| access.read, "rights = \"read\"\n");
            paths(|access| access.write, "rights = \"write\"\n");
        } else {
            paths(|_| true, "");
        }
        rules
    }
}

/// Returns a pattern that matches this path, and no other path except those with another character
/// in place of a `*`.
fn literal(path: &str) -> String {
    path.replace('*', "?")
}

/// Returns a TOML string in which control characters and marks that reorder text are escaped.
fn quote(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        let mut buffer = [0; 4];
        let own: &str = c.encode_utf8(&mut buffer);
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if Escaped(own).to_string() != own => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\U{:08X}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
