//! A profile for Firefox's profiler.

use super::places::{Places, Strings};
use super::{LineId, Profile, Unit};
use fxprof_processed_profile as firefox;
use serde::Deserialize as _;
use serde_json::{Value, json};
use std::time::SystemTime;

impl Profile {
    /// Returns the profile in the format of Firefox's profiler (<https://profiler.firefox.com>): a
    /// sample with its weight for each stack, and for each line of its innermost function if lines
    /// are known.
    pub fn firefox(&self, name: &str) -> Value {
        let nanos = match self.unit {
            Unit::Samples(nanos) => nanos,
            // The format's unit for the load of a thread.
            Unit::Fuel | Unit::Instructions | Unit::Bytes | Unit::Objects => 1_000,
        };
        // The start is fixed, so that the same run always gives the same file.
        let start = SystemTime::UNIX_EPOCH;
        let interval = firefox::SamplingInterval::from_nanos(nanos.max(1));
        let mut profile = firefox::Profile::new(name, start.into(), interval);
        profile.set_symbolicated(true);
        let zero = firefox::Timestamp::from_nanos_since_reference(0);
        let process = profile.add_process(name, 1, zero);
        let thread = profile.add_thread(process, 1, zero, true);
        profile.set_thread_name(thread, self.unit.name());
        let (mut now, mut last) = (0, 0);
        for number in 0..self.stacks.len() {
            for (line, weight) in self.parts(number) {
                let mut frames = self.frames(number, line);
                frames.reverse();
                let infos: Vec<_> = frames
                    .into_iter()
                    .map(|(name, line)| firefox::FrameInfo {
                        frame: firefox::Frame::Label(profile.intern_string(&label(name, line))),
                        category_pair: firefox::CategoryHandle::OTHER.into(),
                        flags: firefox::FrameFlags::empty(),
                    })
                    .collect();
                let handle = profile.intern_stack_frames(thread, infos.into_iter());
                let mut rest = weight;
                while rest > 0 {
                    let weight = i32::try_from(rest).unwrap_or(i32::MAX);
                    let at = firefox::Timestamp::from_nanos_since_reference(now);
                    // The whole time since the last sample counts as load.
                    let spent = firefox::CpuDelta::from_nanos(now - last);
                    profile.add_sample(thread, at, handle, spent, weight);
                    last = now;
                    now += weight as u64 * nanos;
                    rest -= weight as u64;
                }
            }
        }
        let mut profile = serde_json::to_value(&profile).unwrap_or_default();
        self.name_frames(&mut profile["threads"][0]);
        profile
    }

    /// Puts names, files and lines in their fields. The crate that writes profiles has no lines,
    /// and makes a function of each label.
    fn name_frames(&self, thread: &mut Value) {
        let labels: Vec<String> = list(&thread["stringArray"]);
        let label_of: Vec<usize> = list(&thread["funcTable"]["name"]);
        let funcs: Vec<usize> = list(&thread["frameTable"]["func"]);
        let mut places = Places::new(self);
        let mut kept = Vec::new();
        for (frame, func) in funcs.into_iter().enumerate() {
            let mut label = labels[label_of[func]].split(' ');
            let name = label.next().and_then(|name| name.parse().ok()).unwrap_or_default();
            let line = label.next().and_then(|line| line.parse().ok());
            let (number, line) = places.find(name, line);
            if number == kept.len() {
                kept.push(func);
            }
            thread["frameTable"]["func"][frame] = json!(number);
            thread["frameTable"]["line"][frame] = json!(line);
        }
        let columns = thread["funcTable"].as_object_mut().into_iter().flatten();
        for column in columns.filter_map(|(_, column)| column.as_array_mut()) {
            *column = kept.iter().map(|&row| column[row].take()).collect();
        }
        let mut strings = Strings::default();
        let table = &mut thread["funcTable"];
        table["length"] = json!(kept.len());
        let names = places.funcs.iter().map(|(name, _)| strings.number(&self.names[*name]));
        table["name"] = names.collect();
        let files = places.funcs.iter().map(|(_, file)| Some(strings.number((*file)?)));
        table["fileName"] = files.collect();
        thread["stringArray"] = strings.list.into_iter().collect::<Value>();
    }
}

/// Returns the temporary label of a frame: the numbers of the function's name and of the line.
fn label(name: usize, line: Option<LineId>) -> String {
    line.map_or(name.to_string(), |line| format!("{name} {line}"))
}

/// Returns a column of one of the format's tables.
fn list<V: serde::de::DeserializeOwned>(column: &Value) -> Vec<V> {
    Vec::deserialize(column).unwrap_or_default()
}
