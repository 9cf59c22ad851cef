//! A run as an HTML page that plays it in a browser, without a server.

use super::{Breakpoint, State, Stepper};
use crate::dwarf::Variable;
use crate::json_text;
use burdock::Result;
use indexmap::IndexSet;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("player.html");

/// The most frames of a step on the page.
const MOST_FRAMES: usize = 50;

impl Stepper {
    /// Returns an HTML page that plays the run from the current position on, at most `most`
    /// instructions, forwards and backwards: source, code, variables, locals, operands, memory,
    /// frames and output.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated.
    pub fn html(&mut self, title: &str, most: u64) -> Result<String> {
        let first = self.state().step;
        let steps = first..first.saturating_add(most).min(self.session.len());
        let states = self.session.states(steps)?;
        let mut page = Page {
            stepper: self,
            files: BTreeMap::new(),
            places: IndexSet::new(),
            stacks: IndexSet::new(),
            last: None,
        };
        let steps: Vec<Value> = states.iter().map(|state| page.step(state)).collect();
        let Page { files, places, stacks, .. } = page;
        let data = json!({
            "title": title,
            "first": first,
            "code": self.code_rows(&states),
            "sources": self.source_rows(files),
            "places": places.into_iter().collect::<Vec<_>>(),
            "stacks": stacks.into_iter().collect::<Vec<_>>(),
            "steps": steps,
            "outputs": self.outputs(),
            "all": self.session.len(),
            "ending": self.session.recording().ending(),
        });
        // Escapes `<`, because `</script>` in a string would end the script.
        let data = json_text(&data, false).replace('<', "\\u003c");
        let title = crate::coverage::escape(title);
        Ok(PAGE.replace("TITLE", &title).replace("\"DATA\"", &data))
    }

    /// Returns the lines of the module's text, with their numbers, of functions that the run
    /// enters.
    fn code_rows(&self, states: &[State]) -> Vec<(usize, &str)> {
        let program = &self.program;
        let funcs: BTreeSet<u32> =
            states.iter().flat_map(|state| state.stack.iter().map(|place| place.func)).collect();
        let bodies = funcs.iter().filter_map(|func| program.code().body(*func));
        let rows: BTreeSet<usize> =
            bodies.filter_map(|body| program.text_rows(body)).flatten().collect();
        rows.into_iter().map(|row| (row + 1, program.text()[row].as_str())).collect()
    }

    /// Returns the text of source files by their paths; those without a text are left out.
    fn source_rows(&mut self, files: BTreeMap<String, u32>) -> Map<String, Value> {
        let mut rows = Map::new();
        for (path, number) in files {
            if let Ok(lines) = self.sources.lines(&path) {
                rows.insert(number.to_string(), json!({ "path": path, "lines": *lines }));
            }
        }
        rows
    }

    /// Returns the text that each host call has printed, behind an empty one.
    fn outputs(&self) -> Vec<String> {
        let text = |output: &[u8]| String::from_utf8_lossy(output).into_owned();
        let calls = self.session.recording().calls.iter().map(|call| text(&call.output));
        std::iter::once(String::new()).chain(calls).collect()
    }
}

/// A call on the page: the function's name, the number of the code's line, and the number of the
/// source file with the line in it.
type Place = (String, usize, Option<(u32, u32)>);

/// A page that is being made.
struct Page<'s> {
    stepper: &'s Stepper,
    /// The numbers of source files.
    files: BTreeMap<String, u32>,
    /// The calls of all steps.
    places: IndexSet<Place>,
    /// The callers of all steps, as numbers of places. Most steps have those of the step before.
    stacks: IndexSet<Vec<usize>>,
    last: Option<(State, Value)>,
}

impl Page<'_> {
    fn step(&mut self, state: &State) -> Value {
        let program = &self.stepper.program;
        let calls = program.calls(state, MOST_FRAMES);
        let mut numbers = Vec::with_capacity(calls.len());
        for call in &calls {
            let position = &call.position;
            let row = state.stack.get(call.frame).map_or(0, |place| program.text_row(place.offset));
            let line = position.line.as_ref().map(|(path, line)| {
                let next = self.files.len() as u32;
                (*self.files.entry(path.clone()).or_insert(next), *line)
            });
            numbers.push(self.places.insert_full((position.func.clone(), row + 1, line)).0);
        }
        let callers = numbers.get(1..).unwrap_or_default().to_vec();
        let callers = self.stacks.insert_full(callers).0;
        let empty = super::Pages::default();
        let before = self.last.as_ref().map_or(&empty, |(last, _)| &last.memory);
        let memory: Vec<Value> = state
            .memory
            .changes(before)
            .into_iter()
            .map(|(at, bytes)| json!([at, hex(&bytes)]))
            .collect();
        let variables = calls.first().map(|call| program.variables(state, call));
        let variables: Vec<Value> = variables.iter().flatten().map(variable).collect();
        let variables = Value::from(variables);
        // Most instructions leave all variables as they are.
        let same = self.last.as_ref().is_some_and(|(_, last)| *last == variables);
        let offset = state.place().offset;
        let stops = |point: &Breakpoint| point.offsets.contains(&offset);
        let value = json!({
            "at": numbers.first(),
            "callers": callers,
            "depth": state.depth,
            "begins": state.begins_line,
            "stops": self.stepper.breakpoints().iter().any(stops),
            "locals": state.locals,
            "operands": state.operands,
            "variables": if same { Value::Null } else { variables.clone() },
            "memory": memory,
            "calls": state.host_calls,
        });
        self.last = Some((state.clone(), variables));
        value
    }
}

fn variable(variable: &Variable) -> Value {
    json!([variable.name, variable.ty, variable.value])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
