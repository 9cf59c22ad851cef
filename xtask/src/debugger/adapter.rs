//! LLDB's adapter for editors, with the configurations for VS Code.

use super::conversation::Conversation;
use super::{Guest, LONGEST, burdock, directory, text};
use crate::Result;
use crate::run::{answers, output, program};
use serde_json::{Value, json};
use std::process::Command;

/// The line of the breakpoint, behind the one that sets `one`.
const LINE: u32 = 44;

/// Runs a session with each configuration. Returns their names and results.
pub(super) fn run(adapter: &str) -> Vec<(&'static str, Result)> {
    if !answers(program(adapter).arg("--version")) {
        println!("{adapter} is not installed: no editor is tried");
        return Vec::new();
    }
    vec![("launch", launch(adapter)), ("attach", attach(adapter))]
}

/// Returns the configurations that burdock prints.
fn configurations() -> Result<Vec<Value>> {
    let mut command = Command::new(burdock());
    command.args(["debug", "--print-vscode", "shapes-O0.wasm"]).current_dir(directory());
    let printed: Value = serde_json::from_str(&output(&mut command)?)?;
    Ok(printed["configurations"].as_array().cloned().unwrap_or_default())
}

fn launch(adapter: &str) -> Result {
    let configuration = configurations()?.first().cloned().ok_or("no configuration")?;
    let mut editor = Editor::start(adapter)?;
    editor.begin(&configuration)?;
    editor.look_around()?;
    // The guest's output goes to the editor's console.
    let output = editor.wait(|message| {
        let output = message["body"]["output"].as_str().unwrap_or_default();
        message["event"] == "output" && output.contains("t=663")
    })?;
    drop(output);
    editor.wait(|message| message["event"] == "exited" && message["body"]["exitCode"] == 0)?;
    Ok(())
}

fn attach(adapter: &str) -> Result {
    let mut guest = Guest::start("run shapes-O0.wasm")?;
    let configuration = configurations()?.get(1).cloned().ok_or("no second configuration")?;
    let configuration = configuration.to_string().replace("127.0.0.1:4444", &guest.address);
    let mut editor = Editor::start(adapter)?;
    editor.begin(&serde_json::from_str(&configuration)?)?;
    editor.wait(|message| message["event"] == "stopped" && message["body"]["reason"] == "entry")?;
    editor.request("continue", json!({ "threadId": 1 }))?;
    editor.look_around()?;
    editor.wait(|message| message["event"] == "exited" && message["body"]["exitCode"] == 0)?;
    match guest.finish()? {
        (printed, Some(0)) if printed == "t=663\np=120\n" => Ok(()),
        (printed, status) => Err(format!("{status:?} {printed:?}").into()),
    }
}

/// An editor that speaks with the adapter.
struct Editor {
    talk: Conversation,
    /// The number of the last request.
    last: u64,
    /// Messages that were not waited for yet.
    passed: Vec<Value>,
}

impl Editor {
    fn start(adapter: &str) -> Result<Self> {
        let mut command = Command::new(adapter);
        command.arg("--no-lldbinit").current_dir(directory());
        Ok(Self { talk: Conversation::start(command)?, last: 0, passed: Vec::new() })
    }

    /// Begins a session with a configuration and a breakpoint.
    fn begin(&mut self, configuration: &Value) -> Result {
        let editor = json!({ "adapterID": "lldb-dap", "pathFormat": "path" });
        self.request("initialize", editor)?;
        let kind = configuration["request"].as_str().ok_or("no kind of request")?;
        // Answered only after the configuration is done.
        self.send(kind, configuration)?;
        self.wait(|message| message["event"] == "initialized")?;
        let source = json!({ "path": text(&directory().join("shapes.c")) });
        let points = json!({ "source": source, "breakpoints": [{ "line": LINE }] });
        let set = self.request("setBreakpoints", points)?;
        if set["breakpoints"][0]["verified"] != true {
            return Err(format!("the breakpoint is not verified: {set}").into());
        }
        self.request("configurationDone", json!({}))?;
        Ok(())
    }

    /// Looks around at the breakpoint, changes a variable, and lets the guest go.
    fn look_around(&mut self) -> Result {
        self.wait(|m| m["event"] == "stopped" && m["body"]["reason"] == "breakpoint")?;
        let stack = self.request("stackTrace", json!({ "threadId": 1 }))?;
        let frames = &stack["stackFrames"];
        let shown = |frame: &Value| format!("{}:{}", frame["name"], frame["line"]);
        let found = [shown(&frames[0]), shown(&frames[1])];
        if found != [r#""add":44"#, r#""_start":51"#] {
            return Err(format!("the frames are {found:?}").into());
        }
        let scopes = self.request("scopes", json!({ "frameId": frames[0]["id"] }))?;
        let locals = scopes["scopes"][0]["variablesReference"].clone();
        let locals = json!({ "variablesReference": locals });
        let variables = self.request("variables", locals.clone())?;
        let variables = variables["variables"].as_array().cloned().unwrap_or_default();
        let one = variables.iter().find(|variable| variable["name"] == "one");
        if one.is_none_or(|one| one["value"] != "6") {
            return Err(format!("the variables are {variables:?}").into());
        }
        let mut change = locals;
        (change["name"], change["value"]) = (json!("one"), json!("60"));
        self.request("setVariable", change)?;
        let source = json!({ "path": text(&directory().join("shapes.c")) });
        self.request("setBreakpoints", json!({ "source": source, "breakpoints": [] }))?;
        self.request("continue", json!({ "threadId": 1 }))?;
        Ok(())
    }

    fn send(&mut self, command: &str, arguments: &Value) -> Result<u64> {
        self.last += 1;
        let message = json!({
            "seq": self.last, "type": "request", "command": command, "arguments": arguments,
        });
        let message = message.to_string();
        self.talk.send(&format!("Content-Length: {}\r\n\r\n{message}", message.len()))?;
        Ok(self.last)
    }

    /// Sends a request and returns the body of the answer.
    fn request(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let seq = self.send(command, &arguments)?;
        let answer = self.wait(|message| message["request_seq"] == seq)?;
        match answer["success"].as_bool() {
            Some(true) => Ok(answer["body"].clone()),
            _ => Err(format!("{command}: {answer}").into()),
        }
    }

    /// Waits for a message, whatever else comes before it.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        if let Some(at) = self.passed.iter().position(&wanted) {
            return Ok(self.passed.remove(at));
        }
        loop {
            let Some(message) = self.talk.until(LONGEST, message)? else {
                return Err(self.talk.missing("an answer or event"));
            };
            let message: Value = serde_json::from_slice(&message)?;
            if wanted(&message) {
                return Ok(message);
            }
            self.passed.push(message);
        }
    }
}

/// Returns the first message in some output, with the number of bytes up to its end.
fn message(output: &[u8]) -> Option<(usize, Vec<u8>)> {
    let head = output.windows(4).position(|part| part == b"\r\n\r\n")?;
    let header = std::str::from_utf8(&output[..head]).ok()?;
    let len: usize = header.split("Content-Length: ").nth(1)?.lines().next()?.parse().ok()?;
    let end = head + 4 + len;
    Some((end, output.get(head + 4..end)?.to_vec()))
}
