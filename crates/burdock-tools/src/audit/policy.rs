//! `Policy`: the rules for a guest, written in TOML.

use crate::pattern::like;
use crate::wasi::{self, Call, Shown};
use burdock::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// The rules for what a guest may do.
///
/// The first matching rule decides about a host call; rules that deny come before rules that allow.
/// If no rule matches, `default` decides.
///
/// # Example
///
/// ```
/// use burdock_tools::audit::Policy;
/// let policy: Policy = r#"
///     default = "deny"
///     [[allow]]
///     import = "wasi_snapshot_preview1.path_open"
///     path = ["/data/**"]
///     [[deny]]
///     import = "*.path_unlink_file"
///     [[limit]]
///     memory = "64MiB"
///     heap = "256MiB"
///     calls = { "env.get" = 3 }
///     [call_indirect]
///     allow = [{ func = "on_*" }, { type = "(func (param i32))" }]
/// "#.parse()?;
/// assert!("default = 1".parse::<Policy>().is_err());
/// # let _ = policy;
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    #[serde(default)]
    pub(super) default: Verdict,
    #[serde(default)]
    pub(super) allow: Vec<Rule>,
    #[serde(default)]
    pub(super) deny: Vec<Rule>,
    #[serde(default)]
    pub(super) limit: Vec<Limit>,
    #[serde(default)]
    pub(super) watch: Vec<Rule>,
    pub(super) call_indirect: Option<CallIndirect>,
    /// The error number that WASI calls return if no rule allows them or they exceed a limit.
    /// Without it, such calls end the guest.
    #[serde(default, deserialize_with = "errno")]
    pub(super) errno: Option<u32>,
}

/// The rules for the targets of indirect calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallIndirect {
    #[serde(default)]
    default: Verdict,
    #[serde(default)]
    pub(super) allow: Vec<Target>,
    #[serde(default)]
    pub(super) deny: Vec<Target>,
    #[serde(default)]
    pub(super) watch: Vec<Target>,
}

/// A rule for targets of indirect calls. All of its patterns have to match; `*` and `?` are
/// wildcards.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// A name of the function that is called.
    #[serde(default = "anything")]
    pub(super) func: String,
    /// The type of the called function as [`FuncType`](burdock::FuncType) shows it:
    /// `(func (param i32) (result i64))`.
    #[serde(default = "anything", rename = "type")]
    pub(super) ty: String,
    /// A name of the function that calls.
    #[serde(default = "anything")]
    pub(super) from: String,
}

fn anything() -> String {
    "*".to_owned()
}

impl CallIndirect {
    /// Allows every call.
    pub(super) fn allow() -> Self {
        let (allow, deny, watch) = (Vec::new(), Vec::new(), Vec::new());
        Self { default: Verdict::Allow, allow, deny, watch }
    }

    /// Returns the rule that forbids a call of a function with these names and this type from a
    /// function with the names `from`, or `None` if the call is allowed.
    pub(super) fn rule_against(
        &self,
        func: &[String],
        ty: &str,
        from: &[String],
    ) -> Option<String> {
        let fits = |rule: &&Target| rule.fits(func, ty, from);
        if let Some(rule) = self.deny.iter().find(fits) {
            return Some(format!("deny {rule}"));
        }
        let allowed = self.default == Verdict::Allow || self.allow.iter().any(|rule| fits(&rule));
        (!allowed).then(|| "default of call_indirect".to_owned())
    }

    /// Returns `true` if the call is to be reported.
    pub(super) fn watches(&self, func: &[String], ty: &str, from: &[String]) -> bool {
        self.watch.iter().any(|rule| rule.fits(func, ty, from))
    }
}

impl Target {
    fn fits(&self, func: &[String], ty: &str, from: &[String]) -> bool {
        let has = |names: &[String], pattern| names.iter().any(|name| like(pattern, name));
        has(func, &self.func) && like(&self.ty, ty) && has(from, &self.from)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("", &self.func), ("type ", &self.ty), ("from ", &self.from)];
        let said = parts.iter().filter(|(_, pattern)| *pattern != "*");
        let said: Vec<String> = said.map(|(what, pattern)| format!("{what}{pattern}")).collect();
        f.write_str(if said.is_empty() { "*".to_owned() } else { said.join(" ") }.as_str())
    }
}

/// The decision about calls that no rule matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    #[default]
    Deny,
    Allow,
}

/// A rule for host calls. All of its conditions have to hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// `module.name`, with `*` and `?`.
    pub(super) import: String,
    /// Conditions on arguments, by WASI's name or by position: the argument has one of the values.
    #[serde(default)]
    pub(super) when: BTreeMap<String, OneOf>,
    /// Patterns for the paths in the call, or for the path of its file descriptor if it names no
    /// path. To be allowed, all paths have to match; to be denied or watched, one is enough.
    pub(super) path: Option<Vec<String>>,
    /// The access with which a file is opened. A rule that allows `read` allows nothing else; rules
    /// that deny or watch `read` or `write` also match a file that is opened for both.
    pub(super) rights: Option<Rights>,
    /// The error number that a denied call returns instead of ending the guest. Only for rules that
    /// deny.
    #[serde(default, deserialize_with = "errno")]
    pub(super) errno: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rights {
    Read,
    Write,
}

/// A value, or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOf {
    // A list would also parse as a single value, so this variant comes first.
    Any(Vec<toml::Value>),
    One(toml::Value),
}

/// Limits on a guest's resources.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    /// The maximum size of each memory in bytes: a number, or a number with KiB, MiB or GiB.
    #[serde(default, deserialize_with = "bytes")]
    pub(super) memory: Option<u64>,
    /// The maximum size of the heap of objects in bytes, garbage that is not collected yet
    /// included.
    #[serde(default, deserialize_with = "bytes")]
    pub(super) heap: Option<u64>,
    /// The maximum number of calls, by pattern for imports.
    #[serde(default)]
    pub(super) calls: BTreeMap<String, u64>,
    /// The maximum number of calls within one second, by pattern for imports.
    #[serde(default)]
    pub(super) calls_per_second: BTreeMap<String, u64>,
}

impl std::str::FromStr for Policy {
    type Err = Error;

    /// Parses a policy in TOML. Errors name the place of the mistake.
    fn from_str(text: &str) -> Result<Self> {
        let mut policy: Self = toml::from_str(text).map_err(Error::new)?;
        policy.name_wasi_once();
        policy.ensure_possible()?;
        Ok(policy)
    }
}

impl Policy {
    /// Renames the WASI functions of the older module `wasi_unstable` to those of the current one.
    fn name_wasi_once(&mut self) {
        let once = |pattern: &mut String| {
            if let Some(name) = pattern.strip_prefix(wasi::UNSTABLE).filter(|n| n.starts_with('.'))
            {
                *pattern = format!("{}{name}", wasi::MODULE);
            }
        };
        let rules = [&mut self.allow, &mut self.deny, &mut self.watch];
        rules.into_iter().flatten().for_each(|rule| once(&mut rule.import));
        for limit in &mut self.limit {
            for limits in [&mut limit.calls, &mut limit.calls_per_second] {
                let renamed = std::mem::take(limits).into_iter().map(|(mut pattern, most)| {
                    once(&mut pattern);
                    (pattern, most)
                });
                *limits = renamed.collect();
            }
        }
    }

    /// Returns all rules, each with its kind.
    pub(super) fn rules(&self) -> impl Iterator<Item = (&'static str, &Rule)> {
        let kinds = [("allow", &self.allow), ("deny", &self.deny), ("watch", &self.watch)];
        kinds.into_iter().flat_map(|(kind, rules)| rules.iter().map(move |rule| (kind, rule)))
    }
}

impl Limit {
    /// Returns the patterns for imports.
    pub(super) fn imports(&self) -> impl Iterator<Item = &str> {
        self.calls.keys().chain(self.calls_per_second.keys()).map(String::as_str)
    }
}

impl Rule {
    /// Returns `true` if the rule allows a call of an import with these arguments and paths. All of
    /// the paths have to match.
    pub(super) fn allows(&self, import: &str, call: &Call, paths: &[String]) -> bool {
        let paths_fit = !paths.is_empty() && paths.iter().all(|path| self.has_path(path));
        let rights_fit = self.rights.is_none_or(|rights| (rights == Rights::Write) == writes(call));
        self.fits(import, call) && rights_fit && (self.path.is_none() || paths_fit)
    }

    /// Returns `true` if the rule denies or watches a call of an import with these arguments and
    /// paths. One matching path is enough.
    pub(super) fn catches(&self, import: &str, call: &Call, paths: &[String]) -> bool {
        let path_fits = paths.iter().any(|path| self.has_path(path));
        let rights_fit = self.rights.is_none_or(|rights| match rights {
            Rights::Read => reads(call),
            Rights::Write => writes(call),
        });
        self.fits(import, call) && rights_fit && (self.path.is_none() || path_fits)
    }

    fn has_path(&self, path: &str) -> bool {
        self.path.iter().flatten().any(|own| path_like(own, path))
    }

    fn fits(&self, import: &str, call: &Call) -> bool {
        like(&self.import, import)
            && self.when.iter().all(|(name, values)| values.has(argument(call, name)))
    }
}

/// Returns an argument by its name or position.
fn argument<'c>(call: &'c Call, name: &str) -> Option<&'c Shown> {
    match name.parse::<usize>() {
        Ok(position) => call.args.get(position).map(|arg| &arg.value),
        Err(_) => call.arg(name),
    }
}

impl OneOf {
    /// Returns the values.
    pub(super) fn values(&self) -> &[toml::Value] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Any(values) => values,
        }
    }

    /// Returns the integers among the values.
    pub(super) fn integers(&self) -> Vec<i64> {
        self.values().iter().filter_map(toml::Value::as_integer).collect()
    }

    fn has(&self, found: Option<&Shown>) -> bool {
        let Some(found) = found else { return false };
        let same = |value: &toml::Value| match (value, found) {
            (toml::Value::Integer(value), Shown::Int(found)) => i128::from(*value) == *found,
            (toml::Value::String(pattern), found) => {
                let text = match found {
                    Shown::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    other => other.text(),
                };
                like(pattern, &text)
            }
            _ => false,
        };
        self.values().iter().any(same)
    }
}

/// Returns `true` if a file that a call of `path_open` opens can be read. It can without any right.
fn reads(call: &Call) -> bool {
    const READ: u64 = 1 << 1;
    const WRITE: u64 = 1 << 6;
    call.number("rights_base").is_some_and(|rights| rights & READ != 0 || rights & WRITE == 0)
}

/// Returns `true` if a call of `path_open` requests access other than reading.
pub(super) fn writes(call: &Call) -> bool {
    // fd_write, fd_allocate and fd_filestat_set_size of the rights; creat and trunc of the oflags.
    const WRITING: u64 = 1 << 6 | 1 << 8 | 1 << 22;
    call.number("rights_base").is_some_and(|rights| rights & WRITING != 0)
        || call.number("oflags").is_some_and(|flags| flags & 0b1001 != 0)
}

/// Returns `true` if a path matches a pattern. `*` matches any characters within one component,
/// `**` any number of components.
pub(super) fn path_like(pattern: &str, path: &str) -> bool {
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern.split_first(), path.split_first()) {
            (None, None) => true,
            (Some((&"**", rest)), _) => (0..=path.len()).any(|skip| parts(rest, &path[skip..])),
            (Some((first, rest)), Some((part, others))) => like(first, part) && parts(rest, others),
            _ => false,
        }
    }
    let (pattern, path): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), path.split('/').collect());
    parts(&pattern, &path)
}

/// Parses the name of a WASI error number.
fn errno<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let name = String::deserialize(from)?;
    match wasi::errno_number(&name) {
        Some(0) | None => Err(serde::de::Error::custom(format!(
            "`{name}` is no error of WASI: `NOTCAPABLE`, `ACCES`, `PERM`, `NOENT`, ..."
        ))),
        number => Ok(number),
    }
}

/// Parses a number of bytes.
fn bytes<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Bytes {
        Number(u64),
        Text(String),
    }
    let text = match Bytes::deserialize(from)? {
        Bytes::Number(number) => return Ok(Some(number)),
        Bytes::Text(text) => text,
    };
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match text[digits.len()..].trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 0,
    };
    let number = digits.replace('_', "").parse::<u64>().ok();
    match number.and_then(|number| number.checked_mul(unit)).filter(|_| unit > 0) {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(serde::de::Error::custom(format!(
            "`{text}` is no size: `64MiB`, `512KiB`, `65536`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_like_patterns() {
        for (pattern, path, expected) in [
            ("/data/**", "/data/a/b.txt", true),
            ("/data/**", "/data", true),
            ("/data/**", "/database/x", false),
            ("/data/*", "/data/a", true),
            ("/data/*", "/data/a/b", false),
            ("/data/*.txt", "/data/a.txt", true),
            ("**/x", "/a/b/x", true),
            ("/data/**", "/etc/passwd", false),
        ] {
            assert_eq!(path_like(pattern, path), expected, "{pattern} {path}");
        }
    }
}
