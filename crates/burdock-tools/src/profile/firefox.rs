//! A profile for Firefox's profiler.

use super::{LineId, Profile, Unit};
use fxprof_processed_profile as firefox;
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::SystemTime;

/// Stands in a label between a function's name and the number of a line.
const AT_LINE: char = '\u{1f}';

impl Profile {
    /// For Firefox's profiler (<https://profiler.firefox.com>): a sample for each stack, with its
    /// weight; for each line of it, if lines are known.
    pub fn firefox(&self, name: &str) -> Value {
        let nanos = match self.unit {
            Unit::Samples(nanos) => nanos,
            Unit::Fuel | Unit::Instructions => 1,
        };
        // A profile says the same whenever it is made.
        let start = SystemTime::UNIX_EPOCH;
        let interval = firefox::SamplingInterval::from_nanos(nanos.max(1));
        let mut profile = firefox::Profile::new(name, start.into(), interval);
        profile.set_symbolicated(true);
        let zero = firefox::Timestamp::from_nanos_since_reference(0);
        let process = profile.add_process(name, 1, zero);
        let thread = profile.add_thread(process, 1, zero, true);
        profile.set_thread_name(thread, self.unit.name());
        let mut now = 0;
        for number in 0..self.stacks.len() {
            for (line, weight) in self.parts(number) {
                let mut frames = self.frames(number, line);
                frames.reverse();
                let infos: Vec<_> = frames
                    .into_iter()
                    .map(|(name, line)| firefox::FrameInfo {
                        frame: firefox::Frame::Label(
                            profile.intern_string(&self.label(name, line)),
                        ),
                        category_pair: firefox::CategoryHandle::OTHER.into(),
                        flags: firefox::FrameFlags::empty(),
                    })
                    .collect();
                let handle = profile.intern_stack_frames(thread, infos.into_iter());
                let mut rest = weight;
                while rest > 0 {
                    let weight = i32::try_from(rest).unwrap_or(i32::MAX);
                    let at = firefox::Timestamp::from_nanos_since_reference(now);
                    let spent = firefox::CpuDelta::from_nanos(weight as u64 * nanos);
                    profile.add_sample(thread, at, handle, spent, weight);
                    now += weight as u64 * nanos;
                    rest -= weight as u64;
                }
            }
        }
        let mut profile = serde_json::to_value(&profile).unwrap_or_default();
        if !self.lines.is_empty() {
            self.add_lines(&mut profile["threads"][0]);
        }
        profile
    }

    fn label(&self, name: usize, line: Option<LineId>) -> String {
        match line {
            Some(line) => format!("{}{AT_LINE}{line}", self.names[name]),
            None => self.names[name].clone(),
        }
    }

    /// Labels have no lines in the crate that writes profiles: takes them out of the labels' texts,
    /// and puts them where the format has them. All frames of one function get one entry.
    fn add_lines(&self, thread: &mut Value) {
        let mut strings: Vec<String> = list(&thread["stringArray"]);
        let names: Vec<usize> = list(&thread["funcTable"]["name"]);
        let funcs: Vec<usize> = list(&thread["frameTable"]["func"]);
        // By name: the first of a function's entries.
        let mut first: HashMap<String, usize> = HashMap::new();
        for (frame, func) in funcs.into_iter().enumerate() {
            let text = strings[names[func]].clone();
            let (name, line) = match text.split_once(AT_LINE) {
                Some((name, line)) => (name, line.parse::<usize>().ok()),
                None => (text.as_str(), None),
            };
            let func = *first.entry(name.to_owned()).or_insert(func);
            thread["frameTable"]["func"][frame] = json!(func);
            if let Some((file, line)) = line.and_then(|line| self.lines.get(line)) {
                thread["frameTable"]["line"][frame] = json!(line);
                let file = number(&mut strings, file);
                thread["funcTable"]["fileName"][func] = json!(file);
            }
        }
        for (func, name) in names.into_iter().enumerate() {
            let text = strings[name].split(AT_LINE).next().unwrap_or_default().to_owned();
            let name = number(&mut strings, &text);
            thread["funcTable"]["name"][func] = json!(name);
        }
        // What is in no label any more would be shown nowhere, but looked for.
        for text in &mut strings {
            if let Some(end) = text.find(AT_LINE) {
                text.truncate(end);
            }
        }
        thread["stringArray"] = json!(strings);
    }
}

/// A column of the format.
fn list<V: serde::de::DeserializeOwned>(column: &Value) -> Vec<V> {
    Vec::deserialize(column).unwrap_or_default()
}

/// The number of a string, which is added if it is not there.
fn number(strings: &mut Vec<String>, text: &str) -> usize {
    strings.iter().position(|known| known == text).unwrap_or_else(|| {
        strings.push(text.to_owned());
        strings.len() - 1
    })
}
