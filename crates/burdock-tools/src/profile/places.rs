//! Functions as other profilers' formats define them: each belongs to one source file, and its
//! lines are lines of that file.

use super::{LineId, Profile};
use indexmap::IndexSet;
use std::collections::HashMap;

/// The functions of a profile. Code that was inlined from another file belongs to a second function
/// of the same name.
pub(super) struct Places<'p> {
    profile: &'p Profile,
    /// The functions by number, each as the number of its name and its file if known.
    pub(super) funcs: Vec<(usize, Option<&'p str>)>,
    /// The numbers of the functions of each name.
    named: HashMap<usize, Vec<usize>>,
}

impl<'p> Places<'p> {
    pub(super) fn new(profile: &'p Profile) -> Self {
        Self { profile, funcs: Vec::new(), named: HashMap::new() }
    }

    /// Returns the number of the executing function and its line in that function's file. Without a
    /// known line, this is the first function with the name.
    pub(super) fn find(&mut self, name: usize, line: Option<LineId>) -> (usize, Option<u32>) {
        let known = line.and_then(|line| self.profile.lines.get(line as usize));
        let (file, line) = (known.map(|(file, _)| &**file), known.map(|(_, line)| *line));
        let named = self.named.entry(name).or_default();
        let fits = |func: &&usize| {
            let known = self.funcs[**func].1;
            file.is_none() || known.is_none() || known == file
        };
        if let Some(&func) = named.iter().find(fits) {
            self.funcs[func].1 = self.funcs[func].1.or(file);
            return (func, line);
        }
        named.push(self.funcs.len());
        self.funcs.push((name, file));
        (self.funcs.len() - 1, line)
    }
}

/// A table of distinct strings.
#[derive(Default)]
pub(super) struct Strings {
    pub(super) list: IndexSet<String>,
}

impl Strings {
    /// Returns the number of a string, adding it if it is new.
    pub(super) fn number(&mut self, text: &str) -> i64 {
        self.list.insert_full(text.to_owned()).0 as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Stack, Unit};

    /// Returns the profile of `main` in a.c, with code inlined from a.h, and of its callee `leaf`,
    /// without known lines.
    fn profile() -> Profile {
        let lines = vec![("a.c".to_owned(), 7), ("a.h".to_owned(), 3)];
        let stack = |parent: Option<usize>, name, weight, by_line| {
            let from = parent.map(|_| 0);
            Stack { parent, name, from, weight, calls: 1, by_line, cut: None }
        };
        Profile {
            unit: Unit::Instructions,
            names: vec!["main".to_owned(), "leaf".to_owned()],
            stacks: vec![stack(None, 0, 6, vec![(0, 2), (1, 3)]), stack(Some(0), 1, 4, vec![])],
            lines,
        }
    }

    #[test]
    fn a_line_is_of_its_functions_file() {
        let profile = profile();
        let mut places = Places::new(&profile);
        let found = [(0, None), (0, Some(0)), (0, Some(1)), (1, None), (0, Some(0)), (0, None)]
            .map(|(name, line)| places.find(name, line));
        let expected = [(0, None), (0, Some(7)), (1, Some(3)), (2, None), (0, Some(7)), (0, None)];
        assert_eq!(found, expected);
        assert_eq!(places.funcs, [(0, Some("a.c")), (0, Some("a.h")), (1, None)]);
    }

    #[test]
    fn firefox_finds_each_line_in_its_file() {
        let profile = profile().firefox("a.wasm");
        let thread = &profile["threads"][0];
        let number = |value: &serde_json::Value| value.as_u64().map(|number| number as usize);
        let string = |value| Some(thread["stringArray"][number(value)?].as_str().unwrap());
        let samples = &thread["samples"];
        let samples =
            samples["stack"].as_array().unwrap().iter().zip(samples["weight"].as_array().unwrap());
        let samples: Vec<_> = samples
            .map(|(stack, weight)| {
                let frame = number(&thread["stackTable"]["frame"][number(stack).unwrap()]).unwrap();
                let func = number(&thread["frameTable"]["func"][frame]).unwrap();
                let funcs = &thread["funcTable"];
                let name = string(&funcs["name"][func]).unwrap();
                let line = number(&thread["frameTable"]["line"][frame]);
                (name, string(&funcs["fileName"][func]), line, weight.as_u64().unwrap())
            })
            .collect();
        let expected = [
            ("main", Some("a.c"), Some(7), 2),
            ("main", Some("a.h"), Some(3), 3),
            ("main", Some("a.c"), None, 1),
            ("leaf", None, None, 4),
        ];
        assert_eq!(samples, expected);
    }
}
