//! A trace as text, as JSON lines, and in the Trace Event Format, which Chrome and Perfetto read.

use crate::json_text;
use crate::wasi::{self, Named};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// The format of a trace.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::Symbols;
/// use burdock_tools::trace::{Format, Options, Tracer};
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module $m (func $f (export "f")))"#)?;
/// let options = Options { calls: true, format: Format::Json, ..Options::default() };
/// let tracer = Tracer::attach(&mut store, options, Symbols::default(), Vec::new());
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
/// f.call(&mut store, ())?;
/// let text = String::from_utf8(tracer.finish()?)?;
/// let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap())?;
/// assert_eq!((&line["kind"], &line["func"]), (&"call".into(), &"f".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One line for each call, or two if other events come in between.
    #[default]
    Text,
    /// One JSON object for each line.
    Json,
    /// The Trace Event Format (an array), which `chrome://tracing` and Perfetto open.
    Chrome,
}

/// The place of an event: a function of the guest, or the host function that is called.
#[derive(Clone, Debug, Default)]
pub(super) struct Location {
    pub(super) module: String,
    pub(super) name: String,
    pub(super) host: bool,
    /// The byte offset of the operator in the module.
    pub(super) offset: Option<u32>,
}

impl Location {
    pub(super) fn at(self, offset: Option<u32>) -> Self {
        Self { offset, ..self }
    }

    /// Returns `module.name` for an import, `module!name` for a function of the guest, and the name
    /// alone for what belongs to no module.
    pub(super) fn full_name(&self) -> String {
        if self.module.is_empty() {
            return self.name.clone();
        }
        format!("{}{}{}", self.module, if self.host { '.' } else { '!' }, self.name)
    }
}

/// The data of one event.
pub(super) struct Record {
    /// `host`, `call`, `instruction`, `memory` or `trap`.
    pub(super) kind: &'static str,
    pub(super) place: Location,
    /// The operator, the kind of access, or the trap.
    pub(super) what: Option<String>,
    pub(super) args: Vec<Named>,
    pub(super) results: Vec<Named>,
    /// The name of WASI's error number.
    pub(super) errno: Option<String>,
    pub(super) error: Option<String>,
    pub(super) failed: bool,
    pub(super) depth: usize,
    /// The time since the trace began.
    pub(super) at: Duration,
    pub(super) took: Duration,
    /// `true` if text shows the durations of calls.
    pub(super) times: bool,
}

impl Record {
    /// Returns the text that follows a call that has ended: its results or its error.
    fn outcome(&self) -> String {
        let took = if self.times { format!("   {}", micros(self.took)) } else { String::new() };
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

    /// Returns the line of text for an event without duration.
    fn line(&self) -> String {
        let place = self.place.full_name();
        let at = self.place.offset.map_or(String::new(), |offset| format!("@{offset:#x}"));
        let what = self.what.as_deref().unwrap_or_default();
        let separator = match (self.kind, self.args.is_empty()) {
            (_, true) => "",
            ("instruction", _) => "  ; ",
            _ => " ",
        };
        format!("{}{place}{at} {what}{separator}{}", indent(self.depth), wasi::list(&self.args))
    }

    fn json(&self, phase: &str) -> Value {
        let Location { module, name, offset, .. } = &self.place;
        let mut object = json!({
            "kind": self.kind, "phase": phase, "module": module, "func": name,
            "depth": self.depth, "time": self.at.as_nanos() as u64,
        });
        if let Some(offset) = offset {
            object["offset"] = (*offset).into();
        }
        if let Some(what) = &self.what {
            object["what"] = what.as_str().into();
        }
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
            object["ns"] = (self.took.as_nanos() as u64).into();
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
        let name = match &self.what {
            Some(what) => format!("{} {what}", self.place.full_name()),
            None => self.place.full_name(),
        };
        json!({
            "name": name, "cat": self.kind, "ph": phase, "pid": 1, "tid": 1,
            "ts": self.at.as_nanos() as f64 / 1000.0, "args": args,
        })
    }
}

/// Returns values as a JSON object, or as an array if they have no names.
fn values(named: &[Named]) -> Value {
    if named.iter().any(|named| named.name.is_empty()) {
        return named.iter().map(|named| named.value.json()).collect();
    }
    let pairs = named.iter().map(|named| (named.name.to_owned(), named.value.json()));
    Value::Object(pairs.collect())
}

/// Returns a time as text, in microseconds or in larger units.
fn micros(time: Duration) -> String {
    match time.as_nanos() {
        nanos if nanos < 1_000_000 => format!("{:.1}us", nanos as f64 / 1e3),
        nanos if nanos < 1_000_000_000 => format!("{:.1}ms", nanos as f64 / 1e6),
        nanos => format!("{:.2}s", nanos as f64 / 1e9),
    }
}

/// Writes each record immediately. After a write error, nothing more is written.
pub(super) struct Writer<W> {
    out: Option<W>,
    format: Format,
    /// The depth of the call whose line of text is unfinished, because its result may follow.
    unfinished: Option<usize>,
    elements: u64,
    error: Option<io::Error>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, format: Format) -> Self {
        Self { out: Some(out), format, unfinished: None, elements: 0, error: None }
    }

    pub(super) fn enter(&mut self, record: &Record) {
        match self.format {
            Format::Text => {
                let end = self.end_of_line();
                self.write(&format!("{end}{}", heading(record)));
                self.unfinished = Some(record.depth);
            }
            Format::Json => self.put(&json_text(&record.json("enter"), false)),
            Format::Chrome => self.element(record.chrome("B")),
        }
    }

    pub(super) fn leave(&mut self, record: &Record) {
        match self.format {
            Format::Text => {
                let begin = match self.unfinished.take_if(|depth| *depth == record.depth) {
                    Some(_) => String::new(),
                    None => {
                        let end = self.end_of_line();
                        format!("{end}{}{}", indent(record.depth), record.place.full_name())
                    }
                };
                self.write(&format!("{begin}{}\n", record.outcome()));
            }
            Format::Json => self.put(&json_text(&record.json("leave"), false)),
            Format::Chrome => self.element(record.chrome("E")),
        }
    }

    pub(super) fn instant(&mut self, record: &Record) {
        match self.format {
            Format::Text => self.put(record.line().trim_end()),
            Format::Json => self.put(&json_text(&record.json("instant"), false)),
            Format::Chrome => {
                let mut element = record.chrome("i");
                element["s"] = "t".into();
                self.element(element);
            }
        }
    }

    /// Ends the output and returns it.
    pub(super) fn finish(&mut self) -> io::Result<W> {
        let end = self.end_of_line();
        self.write(end);
        if self.format == Format::Chrome {
            self.put(if self.elements == 0 { "[]" } else { "]" });
        }
        let ended = || io::Error::other("the trace has been ended before");
        let mut out = self.out.take().ok_or_else(ended)?;
        self.check()?;
        out.flush()?;
        Ok(out)
    }

    /// Returns the error with which writing ended, if any.
    pub(super) fn check(&self) -> io::Result<()> {
        match &self.error {
            Some(error) => Err(io::Error::new(error.kind(), error.to_string())),
            None => Ok(()),
        }
    }

    /// Returns the text that ends an unfinished line when another event comes in between.
    fn end_of_line(&mut self) -> &'static str {
        if self.unfinished.take().is_some() { "\n" } else { "" }
    }

    fn element(&mut self, element: Value) {
        let separator = if self.elements == 0 { "[" } else { "," };
        self.elements += 1;
        self.put(&format!("{separator}{}", json_text(&element, false)));
    }

    /// Writes a whole line.
    pub(super) fn put(&mut self, line: &str) {
        let end = self.end_of_line();
        self.write(&format!("{end}{line}\n"));
    }

    fn write(&mut self, text: &str) {
        if let (Some(out), None) = (&mut self.out, &self.error)
            && let Err(error) = out.write_all(text.as_bytes())
        {
            self.error = Some(error);
        }
    }
}

fn heading(record: &Record) -> String {
    let name = record.place.full_name();
    format!("{}{name}({})", indent(record.depth), wasi::list(&record.args))
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth.min(100))
}
