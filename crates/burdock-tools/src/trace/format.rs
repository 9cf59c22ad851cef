//! A trace as text, as JSON lines, and in the Trace Event Format, which Chrome and Perfetto read.

use crate::wasi::{self, Named};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// As what a trace is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A line for a call, or two if something else is shown in between.
    #[default]
    Text,
    /// An object a line.
    Json,
    /// The Trace Event Format (an array), which `chrome://tracing` and Perfetto open.
    Chrome,
}

/// What is written of one moment.
pub(super) struct Record {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) args: Vec<Named>,
    pub(super) results: Vec<Named>,
    /// Of WASI.
    pub(super) errno: Option<String>,
    pub(super) error: Option<String>,
    pub(super) depth: usize,
    /// Since the trace began.
    pub(super) at: Duration,
    pub(super) took: Option<Duration>,
}

impl Record {
    /// What comes behind a call that is over.
    fn outcome(&self) -> String {
        let took = self.took.map_or(String::new(), |took| format!("   {}", micros(took)));
        let text = match (&self.error, &self.errno, self.results.as_slice()) {
            (Some(error), ..) => format!(" ! {error}"),
            (_, Some(errno), []) => format!(" = {errno}"),
            (_, Some(errno), results) => format!(" = {errno} ({})", wasi::list(results)),
            (_, None, []) => String::new(),
            (_, None, [one]) => format!(" = {}", one.value.text()),
            (_, None, results) => format!(" = ({})", wasi::list(results)),
        };
        text + &took
    }

    fn json(&self, phase: &str) -> Value {
        let mut object =
            json!({ "kind": self.kind, "phase": phase, "name": self.name, "depth": self.depth });
        if phase != "leave" {
            object["args"] = values(&self.args);
        }
        if phase == "leave" {
            match (&self.error, &self.errno) {
                (Some(error), _) => object["error"] = error.as_str().into(),
                (_, Some(errno)) => object["errno"] = errno.as_str().into(),
                _ => {}
            }
            object["results"] = values(&self.results);
        }
        if let Some(took) = self.took {
            object["ns"] = (took.as_nanos() as u64).into();
        }
        object
    }

    fn chrome(&self, phase: &str) -> Value {
        let mut args = Map::new();
        for (key, named) in [("args", &self.args), ("results", &self.results)] {
            if !named.is_empty() {
                args.insert(key.into(), values(named));
            }
        }
        for (key, text) in [("errno", &self.errno), ("error", &self.error)] {
            args.extend(text.iter().map(|text| (key.to_owned(), text.as_str().into())));
        }
        json!({
            "name": self.name, "cat": self.kind, "ph": phase, "pid": 1, "tid": 1,
            "ts": self.at.as_nanos() as f64 / 1000.0, "args": args,
        })
    }
}

/// An object, or an array where there are no names.
fn values(named: &[Named]) -> Value {
    if named.iter().any(|named| named.name.is_empty()) {
        return named.iter().map(|named| named.value.json()).collect();
    }
    let pairs = named.iter().map(|named| (named.name.to_owned(), named.value.json()));
    Value::Object(pairs.collect())
}

/// A time in microseconds, or in larger units.
fn micros(time: Duration) -> String {
    match time.as_nanos() {
        nanos if nanos < 1_000_000 => format!("{:.1}us", nanos as f64 / 1e3),
        nanos if nanos < 1_000_000_000 => format!("{:.1}ms", nanos as f64 / 1e6),
        nanos => format!("{:.2}s", nanos as f64 / 1e9),
    }
}

/// Writes records; an error of writing ends that, quietly until the end.
pub(super) struct Writer<W> {
    out: Option<W>,
    format: Format,
    /// Of text, a call that may get its result on the same line, and how deep it is.
    pending: Option<(String, usize)>,
    count: u64,
    error: Option<io::Error>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, format: Format) -> Self {
        Self { out: Some(out), format, pending: None, count: 0, error: None }
    }

    pub(super) fn enter(&mut self, record: &Record) {
        match self.format {
            Format::Text => {
                self.end_line();
                self.pending = Some((heading(record), record.depth));
            }
            Format::Json => self.put(&record.json("enter").to_string()),
            Format::Chrome => self.element(record.chrome("B")),
        }
    }

    pub(super) fn leave(&mut self, record: &Record) {
        match self.format {
            Format::Text => {
                let line = match self.pending.take_if(|(_, depth)| *depth == record.depth) {
                    Some((line, _)) => line,
                    None => {
                        self.end_line();
                        format!("{}{}", indent(record.depth), record.name)
                    }
                };
                self.put(&(line + &record.outcome()));
            }
            Format::Json => self.put(&record.json("leave").to_string()),
            Format::Chrome => self.element(record.chrome("E")),
        }
    }

    pub(super) fn instant(&mut self, record: &Record) {
        match self.format {
            Format::Text => {
                self.end_line();
                let args = wasi::list(&record.args);
                let line = format!("{}{} {args}", indent(record.depth), record.name);
                self.put(line.trim_end());
            }
            Format::Json => self.put(&record.json("instant").to_string()),
            Format::Chrome => {
                let mut element = record.chrome("i");
                element["s"] = "t".into();
                self.element(element);
            }
        }
    }

    /// Ends the output and gives it back.
    pub(super) fn finish(&mut self) -> io::Result<W> {
        self.end_line();
        if self.format == Format::Chrome {
            self.put(if self.count == 0 { "[]" } else { "]" });
        }
        let mut out = self.out.take().expect("a trace is finished once: that consumes the tracer");
        match self.error.take() {
            Some(error) => Err(error),
            None => out.flush().map(|()| out),
        }
    }

    /// Writes the call that waits for its result: something comes in between.
    fn end_line(&mut self) {
        if let Some((line, _)) = self.pending.take() {
            self.put(&line);
        }
    }

    fn element(&mut self, element: Value) {
        let separator = if self.count == 0 { "[" } else { "," };
        self.put(&format!("{separator}{element}"));
    }

    fn put(&mut self, line: &str) {
        self.count += 1;
        if let (Some(out), None) = (&mut self.out, &self.error)
            && let Err(error) = writeln!(out, "{line}")
        {
            self.error = Some(error);
        }
    }
}

fn heading(record: &Record) -> String {
    format!("{}{}({})", indent(record.depth), record.name, wasi::list(&record.args))
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth.min(100))
}
