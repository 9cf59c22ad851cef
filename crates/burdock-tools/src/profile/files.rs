//! A profile as files: folded stacks, a flame graph, Firefox's profiler, pprof, a table, JSON.

use super::{Profile, Unit};
use flate2::{Compression, write::GzEncoder};
use fxprof_processed_profile as firefox;
use prost::Message;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

impl Profile {
    /// A line a stack, `outer;inner WEIGHT`: what flame graphs are made of.
    pub fn folded(&self) -> String {
        let stacks = self.stacks.iter().enumerate().filter(|(_, stack)| stack.weight > 0);
        let line = |(number, stack): (usize, &super::Stack)| {
            let path: Vec<_> =
                self.path(number).iter().map(|name| name.replace(';', ":")).collect();
            format!("{} {}\n", path.join(";"), stack.weight)
        };
        stacks.map(line).collect()
    }

    /// The functions as a table, at most so many of them.
    pub fn table(&self, rows: usize) -> String {
        let funcs = self.funcs();
        let all = self.total();
        let percent = |part: u64| 100.0 * part as f64 / all.max(1) as f64;
        let mut text = format!(
            "{:>14} {:>7} {:>14} {:>7} {:>12}  function\n",
            "self", "%", "total", "%", "calls"
        );
        for func in funcs.iter().take(rows) {
            let calls = func.calls.map_or("-".to_owned(), |calls| calls.to_string());
            text += &format!(
                "{:>14} {:>7.2} {:>14} {:>7.2} {calls:>12}  {}\n",
                func.own,
                percent(func.own),
                func.total,
                percent(func.total),
                func.name
            );
        }
        if funcs.len() > rows {
            text += &format!("and {} more functions\n", funcs.len() - rows);
        }
        text += &format!("{all:>14} {} in all\n", self.unit.name());
        text
    }

    /// The functions as JSON.
    pub fn json(&self) -> Value {
        let func = |func: super::FuncProfile| json!({ "name": func.name, "self": func.own, "total": func.total, "calls": func.calls });
        let funcs: Vec<Value> = self.funcs().into_iter().map(func).collect();
        json!({ "unit": self.unit.name(), "total": self.total(), "functions": funcs })
    }

    /// A flame graph, as an SVG that can be clicked through in a browser.
    ///
    /// # Errors
    ///
    /// There is nothing in the profile, or writing fails.
    pub fn flamegraph(&self, title: &str, out: impl Write) -> io::Result<()> {
        let mut options = inferno::flamegraph::Options::default();
        options.title = title.to_owned();
        options.count_name = self.unit.name().to_owned();
        options.deterministic = true;
        let folded = self.folded();
        inferno::flamegraph::from_lines(&mut options, folded.lines(), out)
    }

    /// For Firefox's profiler (<https://profiler.firefox.com>): a sample for each stack, with its
    /// weight.
    pub fn firefox(&self, name: &str) -> Value {
        let nanos = match self.unit {
            Unit::Samples(nanos) => nanos,
            Unit::Fuel => 1,
        };
        // A profile says the same whenever it is made.
        let start = SystemTime::UNIX_EPOCH;
        let interval = firefox::SamplingInterval::from_nanos(nanos.max(1));
        let mut profile = firefox::Profile::new(name, start.into(), interval);
        let zero = firefox::Timestamp::from_nanos_since_reference(0);
        let process = profile.add_process(name, 1, zero);
        let thread = profile.add_thread(process, 1, zero, true);
        profile.set_thread_name(thread, self.unit.name());
        let mut now = 0;
        for (number, stack) in self.stacks.iter().enumerate() {
            let labels: Vec<_> =
                self.path(number).into_iter().map(|name| profile.intern_string(name)).collect();
            let frames = labels.into_iter().map(|label| firefox::FrameInfo {
                frame: firefox::Frame::Label(label),
                category_pair: firefox::CategoryHandle::OTHER.into(),
                flags: firefox::FrameFlags::empty(),
            });
            let handle = profile.intern_stack_frames(thread, frames);
            let mut rest = stack.weight;
            while rest > 0 {
                let weight = i32::try_from(rest).unwrap_or(i32::MAX);
                let at = firefox::Timestamp::from_nanos_since_reference(now);
                let spent = firefox::CpuDelta::from_nanos(weight as u64 * nanos);
                profile.add_sample(thread, at, handle, spent, weight);
                now += weight as u64 * nanos;
                rest -= weight as u64;
            }
        }
        profile.set_thread_end_time(thread, firefox::Timestamp::from_nanos_since_reference(now));
        serde_json::to_value(&profile).unwrap_or(Value::Null)
    }

    /// For `go tool pprof`: a gzipped message of `profile.proto`.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn pprof(&self, out: impl Write) -> io::Result<()> {
        let mut strings = Strings::default();
        strings.number("");
        let sample_type = match self.unit {
            Unit::Fuel => vec![
                ValueType { r#type: strings.number("fuel"), unit: strings.number("operators") },
                ValueType { r#type: strings.number("calls"), unit: strings.number("count") },
            ],
            Unit::Samples(_) => vec![
                ValueType { r#type: strings.number("samples"), unit: strings.number("count") },
                ValueType { r#type: strings.number("time"), unit: strings.number("nanoseconds") },
            ],
        };
        let sample = |(number, stack): (usize, &super::Stack)| {
            let locations = self.ancestors(number).map(|place| self.stacks[place].name as u64 + 1);
            let second = match self.unit {
                Unit::Fuel => stack.calls,
                Unit::Samples(nanos) => stack.weight * nanos,
            };
            Sample {
                location_id: locations.collect(),
                value: vec![stack.weight as i64, second as i64],
            }
        };
        let ids = 1..=self.names.len() as u64;
        let line = |id| vec![Line { function_id: id, line: 0 }];
        let names = self.names.iter().zip(1..);
        let message = PprofProfile {
            sample_type,
            sample: self.stacks.iter().enumerate().map(sample).collect(),
            location: ids.map(|id| Location { id, line: line(id) }).collect(),
            function: names
                .map(|(name, id)| {
                    let name = strings.number(name);
                    Function { id, name, system_name: name }
                })
                .collect(),
            string_table: strings.list,
            duration_nanos: match self.unit {
                Unit::Samples(nanos) => (self.total() * nanos) as i64,
                Unit::Fuel => Duration::ZERO.as_nanos() as i64,
            },
        };
        let mut encoder = GzEncoder::new(out, Compression::default());
        encoder.write_all(&message.encode_to_vec())?;
        encoder.finish()?.flush()
    }
}

/// A table of strings, each once.
#[derive(Default)]
struct Strings {
    list: Vec<String>,
    numbers: HashMap<String, i64>,
}

impl Strings {
    fn number(&mut self, text: &str) -> i64 {
        *self.numbers.entry(text.to_owned()).or_insert_with(|| {
            self.list.push(text.to_owned());
            self.list.len() as i64 - 1
        })
    }
}

// What is used of pprof's `proto/profile.proto`, with its field numbers.

#[derive(Clone, PartialEq, Message)]
struct PprofProfile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    r#type: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
}
