//! Circles among the modules of a crate, found in the paths that its files contain: `crate::a::b`,
//! `super::a`, `a::b` for a submodule `a`. A file is a module; inline modules belong to their file,
//! and code under `#[cfg(test)]` is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::Result;

/// The modules of a crate with the modules that each uses. The root module has the empty name.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Returns a message for a circle among the modules of the crate with this source directory.
pub(crate) fn check(src: &Path) -> Result<Option<String>> {
    let mut files = BTreeMap::new();
    read(src, "", &mut files)?;
    Ok(circle(&uses(&files)).map(|circle| {
        let names = circle.iter().map(|name| if name.is_empty() { "main" } else { name });
        format!(
            "{}: modules form a circle: {}",
            src.display(),
            names.collect::<Vec<_>>().join(" -> ")
        )
    }))
}

/// Reads the files of a directory, by the names of their modules.
fn read(dir: &Path, module: &str, files: &mut BTreeMap<String, String>) -> Result {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let name = match stem {
            "main" | "lib" | "mod" => module.to_owned(),
            _ if module.is_empty() => stem.to_owned(),
            _ => format!("{module}::{stem}"),
        };
        if path.is_dir() {
            read(&path, &name, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(name, fs::read_to_string(path)?);
        }
    }
    Ok(())
}

/// Returns the modules that each module uses, itself excluded.
fn uses(files: &BTreeMap<String, String>) -> Uses {
    let mut uses = Uses::new();
    for (module, text) in files {
        let text = code(text);
        let mut targets = BTreeSet::new();
        for path in absolute_paths(module, &text, files) {
            let lengths = (0..=path.len()).rev();
            let mut prefixes = lengths.map(|length| path[..length].join("::"));
            targets.extend(prefixes.find(|prefix| files.contains_key(prefix)));
        }
        targets.remove(module);
        uses.insert(module.clone(), targets);
    }
    uses
}

/// Returns the code of a file without comments and tests. In inline modules, `super` is `self`.
fn code(text: &str) -> String {
    let mut code = String::new();
    let (mut in_tests, mut inline) = (false, false);
    for line in text.lines() {
        in_tests |= line == "#[cfg(test)]";
        inline |= line.ends_with('{') && line.split(' ').any(|word| word == "mod");
        if !in_tests && !line.trim_start().starts_with("//") {
            let line = if inline { line.replacen("super::", "self::", 1) } else { line.to_owned() };
            code += &(line + "\n");
        }
        in_tests &= line != "}";
        inline &= line != "}";
    }
    code
}

/// Returns the paths in the code of a module, as seen from the crate's root.
fn absolute_paths<'t>(
    module: &'t str,
    text: &'t str,
    files: &'t BTreeMap<String, String>,
) -> Vec<Vec<&'t str>> {
    let own: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
    let mut paths = Vec::new();
    for rest in starts(text, "crate::") {
        path_tree(rest, &[], &mut paths);
    }
    for rest in starts(text, "super::") {
        let (mut rest, mut parent) = (rest, own.len().saturating_sub(1));
        while let Some(next) = rest.strip_prefix("super::") {
            (rest, parent) = (next, parent.saturating_sub(1));
        }
        path_tree(rest, &own[..parent], &mut paths);
    }
    for child in files.keys() {
        let (parent, name) = child.rsplit_once("::").unwrap_or(("", child));
        if parent == module && !name.is_empty() {
            let mut path = own.clone();
            path.push(name);
            if !starts(text, &format!("{name}::")).is_empty() {
                paths.push(path);
            }
        }
    }
    paths
}

/// Returns the texts behind each `start` with which a path begins.
fn starts<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let found = text.match_indices(start).filter(|(at, _)| !text[..*at].ends_with(inside));
    found.map(|(at, _)| &text[at + start.len()..]).collect()
}

/// Adds the paths of a tree such as `a::{self, b::c}` at the beginning of a text. Returns the text
/// behind the tree.
fn path_tree<'t>(mut rest: &'t str, prefix: &[&'t str], paths: &mut Vec<Vec<&'t str>>) -> &'t str {
    let mut path = prefix.to_vec();
    loop {
        if let Some(mut group) = rest.trim_start().strip_prefix('{') {
            while !group.trim_start().starts_with('}') {
                group = path_tree(group.trim_start(), &path, paths);
                let end = group.find([',', '}', ';']).unwrap_or(group.len());
                group = group[end..].strip_prefix(',').unwrap_or(&group[end..]);
                if group.is_empty() || group.starts_with(';') {
                    return group;
                }
            }
            return &group.trim_start()[1..];
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        path.push(name);
        match behind.strip_prefix("::") {
            Some(next) => rest = next,
            None => {
                paths.push(path);
                return behind;
            }
        }
    }
}

/// Returns a circle, whose first module is also its last.
fn circle(uses: &Uses) -> Option<Vec<&str>> {
    let mut done = BTreeSet::new();
    uses.keys().find_map(|module| visit(module, uses, &mut Vec::new(), &mut done))
}

fn visit<'u>(
    module: &'u str,
    uses: &'u Uses,
    way: &mut Vec<&'u str>,
    done: &mut BTreeSet<&'u str>,
) -> Option<Vec<&'u str>> {
    if let Some(at) = way.iter().position(|passed| *passed == module) {
        return Some(way[at..].iter().copied().chain([module]).collect());
    }
    if !done.insert(module) {
        return None;
    }
    way.push(module);
    let found = uses.get(module)?.iter().find_map(|used| visit(used, uses, way, done));
    way.pop();
    found
}

#[cfg(test)]
mod tests {
    use super::{circle, uses};
    use std::collections::BTreeMap;

    /// The files of a crate, as modules with their texts.
    type Files = [(&'static str, &'static str)];

    #[test]
    fn circles_are_found() {
        let rows: &[(&Files, &[&str])] = &[
            (&[("", "mod a;\nmod b;"), ("a", "use crate::b;"), ("b", "use std::fs;")], &[]),
            (&[("a", "use crate::b::B;"), ("b", "crate::a::f()")], &["a", "b", "a"]),
            (
                &[("a", "use crate::{c, d::{self, D}};"), ("c", ""), ("d", "use crate::a;")],
                &["a", "d", "a"],
            ),
            (&[("a", "use crate::{\n    b,\n};"), ("b", "")], &[]),
            // An item of the root, which uses all modules.
            (&[("", "mod a;\na::f();"), ("a", "use crate::Item;")], &["", "a", ""]),
            // Comments, tests, other paths, and names that end alike.
            (
                &[
                    ("a", "use crate::b;"),
                    ("b", "// crate::a\n#[cfg(test)]\nmod t {\n crate::a\n}"),
                ],
                &[],
            ),
            (&[("a", "use crate::b;"), ("b", "other::crate::a; xcrate::a;")], &[]),
            // Modules within modules.
            (&[("a", "mod b;\nb::f();"), ("a::b", "use super::g;")], &["a", "a::b", "a"]),
            (&[("a", "mod b;"), ("a::b", "use super::c;"), ("a::c", "")], &[]),
            (
                &[("a::b", "use super::c::C;"), ("a::c", "use crate::a::b;")],
                &["a::b", "a::c", "a::b"],
            ),
            (
                &[("a::b", "use super::super::c;"), ("c", "crate::a::b::f();")],
                &["a::b", "c", "a::b"],
            ),
        ];
        for (files, expected) in rows {
            let files: BTreeMap<String, String> =
                files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
            let uses = uses(&files);
            assert_eq!(circle(&uses).unwrap_or_default(), *expected, "{files:?}");
        }
    }
}
