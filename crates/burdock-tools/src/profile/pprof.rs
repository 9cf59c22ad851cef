//! A profile for `go tool pprof`.

use super::places::{Places, Strings};
use super::{LineId, Profile, Unit};
use flate2::{Compression, write::GzEncoder};
use indexmap::IndexSet;
use prost::Message as _;
use std::io::{self, Write};

impl Profile {
    /// Writes the profile for `go tool pprof`: a gzipped message of `profile.proto`. `name` is the
    /// name of the program.
    ///
    /// # Errors
    ///
    /// Returns an error if writing fails.
    pub fn pprof(&self, name: &str, out: impl Write) -> io::Result<()> {
        let mut encoder = GzEncoder::new(out, Compression::default());
        encoder.write_all(&self.message(name).encode_to_vec())?;
        encoder.finish()?.flush()
    }

    fn message(&self, name: &str) -> Message {
        let mut strings = Strings::default();
        strings.number("");
        let mut unit =
            |what, unit| ValueType { r#type: strings.number(what), unit: strings.number(unit) };
        let sample_type = match self.unit {
            Unit::Bytes => vec![unit("bytes", "bytes"), unit("calls", "count")],
            Unit::Fuel | Unit::Instructions | Unit::Objects => {
                vec![unit(self.unit.name(), "count"), unit("calls", "count")]
            }
            Unit::Samples(_) => vec![unit("samples", "count"), unit("time", "nanoseconds")],
        };
        let (period_type, period) = match self.unit {
            Unit::Samples(nanos) => (sample_type.get(1).copied(), nanos),
            _ => (sample_type.first().copied(), 1),
        };
        let mut locations = Locations::default();
        let mut sample = Vec::new();
        for (number, stack) in self.stacks.iter().enumerate() {
            // A function without work of its own still has calls to record.
            let mut parts = self.parts(number);
            if parts.is_empty() {
                parts.push((None, 0));
            }
            for (part, (line, weight)) in parts.into_iter().enumerate() {
                let second = match self.unit {
                    Unit::Samples(nanos) => weight * nanos,
                    _ if part == 0 => stack.calls,
                    _ => 0,
                };
                let frames = self.frames(number, line).into_iter();
                sample.push(Sample {
                    location_id: frames.map(|frame| locations.number(frame)).collect(),
                    value: vec![weight as i64, second as i64],
                });
            }
        }
        let mut places = Places::new(self);
        let location = (1..).zip(&locations.list).map(|(id, (name, line))| {
            let (func, line) = places.find(*name, *line);
            let line = Line { function_id: func as u64 + 1, line: line.unwrap_or(0).into() };
            Location { id, mapping_id: 1, line: vec![line] }
        });
        let location = location.collect();
        let function = (1..).zip(&places.funcs).map(|(id, (name, file))| {
            let name = strings.number(&self.names[*name]);
            let filename = strings.number(file.unwrap_or(""));
            // With an equal `system_name`, pprof would demangle the name as C++ and drop text
            // between `<` and `>`.
            Function { id, name, system_name: 0, filename }
        });
        let function = function.collect();
        let has_lines = !self.lines.is_empty();
        let mapping = Mapping {
            id: 1,
            filename: strings.number(name),
            has_functions: true,
            has_filenames: has_lines,
            has_line_numbers: has_lines,
        };
        Message {
            sample,
            mapping: vec![mapping],
            location,
            function,
            duration_nanos: match self.unit {
                Unit::Samples(nanos) => (self.total() * nanos) as i64,
                _ => 0,
            },
            period_type,
            period: period as i64,
            // Without a default, readers show the last of several types.
            default_sample_type: sample_type.first().map_or(0, |shown| shown.r#type),
            sample_type,
            string_table: strings.list.into_iter().collect(),
        }
    }
}

/// Distinct pairs of function and line.
#[derive(Default)]
struct Locations {
    list: IndexSet<(usize, Option<LineId>)>,
}

impl Locations {
    /// Returns the number of a location, from 1.
    fn number(&mut self, at: (usize, Option<LineId>)) -> u64 {
        self.list.insert_full(at).0 as u64 + 1
    }
}

// The part of pprof's `proto/profile.proto` that is used here, with its field numbers.

#[derive(Clone, PartialEq, prost::Message)]
struct Message {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    period: i64,
    #[prost(int64, tag = "14")]
    default_sample_type: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    r#type: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(uint64, tag = "2")]
    mapping_id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Mapping {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "5")]
    filename: i64,
    #[prost(bool, tag = "7")]
    has_functions: bool,
    #[prost(bool, tag = "8")]
    has_filenames: bool,
    #[prost(bool, tag = "9")]
    has_line_numbers: bool,
}
