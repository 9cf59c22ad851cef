//! A run as an HTML page that plays it in a browser, without a server.

use super::{Session, State};
use crate::{Code, Lines, json_text};
use burdock::Result;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PAGE: &str = include_str!("player.html");

impl Session {
    /// Returns an HTML page that plays the first `most` instructions of the run forwards and
    /// backwards: code, locals, operands, memory, frames and output.
    ///
    /// # Errors
    ///
    /// Returns an error if the run cannot be repeated, or if the module cannot be disassembled.
    pub fn html(&mut self, title: &str, code: &Code, most: u64) -> Result<String> {
        let (text, lines) = Lines::from_disassembly(code, "")?;
        let states = self.states(0..most.min(self.len()))?;
        let mut steps: Vec<Value> = Vec::new();
        let mut before = &super::Pages::default();
        for state in &states {
            let memory: Vec<Value> = state
                .memory
                .changes(before)
                .into_iter()
                .map(|(at, bytes)| json!([at, hex(&bytes)]))
                .collect();
            before = &state.memory;
            steps.push(json!({
                "stack": stack(state, &lines),
                "locals": state.locals,
                "operands": state.operands,
                "memory": memory,
                "calls": state.host_calls,
            }));
        }
        let recording = self.recording();
        let mut outputs = vec![String::new()];
        outputs.extend(
            recording.calls.iter().map(|call| String::from_utf8_lossy(&call.output).into_owned()),
        );
        // Only functions that the run enters are shown.
        let funcs: BTreeSet<u32> =
            states.iter().flat_map(|state| state.stack.iter().map(|place| place.func)).collect();
        let ranges = funcs.iter().filter_map(|func| lines.between(code.body(*func)?));
        let shown: BTreeSet<u32> = ranges.flatten().collect();
        let rows = (1..).zip(text.lines()).filter(|(line, _)| shown.contains(line));
        let names: Vec<String> = (0..code.num_funcs()).map(|func| code.func_name(func)).collect();
        let data = json!({
            "title": title,
            "code": rows.collect::<Vec<(u32, &str)>>(),
            "names": names,
            "steps": steps,
            "outputs": outputs,
            "all": self.len(),
            "ending": recording.ending(),
        });
        // Escapes `<`, because `</script>` in a string would end the script.
        let data = json_text(&data, false).replace('<', "\\u003c");
        let title = crate::coverage::escape(title);
        Ok(PAGE.replace("TITLE", &title).replace("\"DATA\"", &data))
    }
}

/// Returns the function and the line of each frame, the innermost first.
fn stack(state: &State, lines: &Lines) -> Vec<Value> {
    let place = |place: &super::CodePosition| {
        json!([place.func, lines.at(place.offset).map_or(0, |(_, line)| line)])
    };
    state.stack.iter().map(place).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
