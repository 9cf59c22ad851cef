//! `burdock step --format json`: commands on standard input, answers on standard output.

use crate::tools::written;
use crate::watch::{SIGNAL_CHECKS, Stop};
use anyhow::Context;
use burdock_tools::json_text;
use burdock_tools::step::{Answer, Command, Stepper};
use serde_json::{Value, json};
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, RecvTimeoutError};

/// The longest command, in bytes.
const LONGEST: u64 = 1 << 16;

/// Answers commands until one ends the session, the input ends, or a signal arrives.
pub(super) fn converse(stepper: &mut Stepper, stop: &Stop) -> anyhow::Result<()> {
    let before = stop.reason();
    let (lines, received) = mpsc::channel();
    // Reading cannot be interrupted, so another thread does it. The program ends without it.
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(line) = read(&mut input) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    let start = stepper.stopped();
    answer(Ok(start))?;
    while stop.reason() == before {
        let line = match received.recv_timeout(SIGNAL_CHECKS) {
            Ok(line) => line.context("failed to read standard input")?,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let answered = match line {
            Some(line) => Command::parse(&line).and_then(|command| stepper.execute(&command)),
            None => Err(format!("a command has at most {LONGEST} bytes")),
        };
        let is_over = matches!(answered, Ok(Answer::Quit));
        answer(answered)?;
        if is_over {
            break;
        }
    }
    Ok(())
}

/// Reads a line, which is `None` if it is too long. Returns `None` at the end.
fn read(input: &mut impl BufRead) -> Option<io::Result<Option<String>>> {
    let mut line = Vec::new();
    let result = match io::Read::take(&mut *input, LONGEST).read_until(b'\n', &mut line) {
        Ok(0) => return None,
        Ok(len) if len as u64 == LONGEST && !line.ends_with(b"\n") => {
            input.skip_until(b'\n').map(|_| None)
        }
        Ok(_) => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
        Err(error) => Err(error),
    };
    Some(result)
}

/// Writes an answer as a line.
fn answer(answered: Result<Answer, String>) -> anyhow::Result<()> {
    let value = match answered {
        Ok(answer) => {
            let mut value = json!({ "ok": true });
            if let (Value::Object(all), Value::Object(own)) = (&mut value, answer.to_json()) {
                all.extend(own);
            }
            value
        }
        Err(message) => json!({ "ok": false, "error": message }),
    };
    let mut out = io::stdout().lock();
    written(writeln!(out, "{}", json_text(&value, false)).and_then(|()| out.flush()))
}
