//! `cargo xtask debugger [--lldb PROGRAM] [--lldb-dap PROGRAM] [--only NAME]`: that LLDB debugs
//! guests, and so does its adapter for editors with the configurations that `burdock debug
//! --print-vscode` prints.
//!
//! The sessions are texts in `crates/burdock-cli/tests/debugger`. A line `$ COMMAND ARGS` runs a
//! command of burdock with `-g`. A line `> COMMAND` is given to LLDB once everything expected of
//! the commands before it has been printed; the lines `< TEXT` after it are parts of what it
//! prints, in this order. A line `* COMMAND` is given once a second until the `< TEXT` after it has
//! been printed: LLDB forgets an interrupt when the guest has not quite begun to run. `= TEXT` is a
//! line that the guest prints, and `exit N` the status of burdock. Every wait has an end, so a
//! session that hangs fails. `needs LLDB N` leaves a session out if LLDB is older.
//!
//! LLDB 23 is the program `lldb` of the package `lldb-for-pwndbg` from PyPI, which has no adapter.

mod adapter;
mod conversation;

use crate::Result;
use crate::run::{answers, cargo, option, output, program, root, status};
use conversation::Conversation;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest time that anything may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);

pub(crate) fn run(args: &[String]) -> Result {
    let lldb = option(args, "--lldb")?.unwrap_or("lldb-22");
    let only = option(args, "--only")?;
    let adapter = option(args, "--lldb-dap")?.unwrap_or("lldb-dap-22");
    if !answers(program(lldb).arg("--version")) {
        println!("{lldb} is not installed: no debugger is tried (Debian: apt-get install lldb-22)");
        return Ok(());
    }
    let version = version(lldb)?;
    status(cargo().args(["build", "--quiet", "-p", "burdock-cli"]))?;
    let mut sessions: Vec<PathBuf> = fs::read_dir(directory())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    sessions.sort();
    let mut failures = Vec::new();
    let names = sessions.iter().map(|path| path.file_stem().unwrap_or_default().to_string_lossy());
    for (path, name) in sessions.iter().zip(names) {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let text = fs::read_to_string(path)?;
        if let Some(needed) = needed(&text)?
            && version < needed
        {
            println!("{name}: left out, it needs LLDB {needed}");
            continue;
        }
        let start = Instant::now();
        match session(lldb, &text) {
            Ok(()) => println!("{name}: {:.1} s", start.elapsed().as_secs_f64()),
            Err(error) => {
                eprintln!("{name}: {error}");
                failures.push(name.into_owned());
            }
        }
    }
    if sessions.len() < 5 {
        return Err(format!("only {} sessions found", sessions.len()).into());
    }
    let adapted = if only.is_none() { adapter::run(adapter) } else { Vec::new() };
    for (name, result) in adapted {
        match result {
            Ok(()) => println!("adapter, {name}"),
            Err(error) => {
                eprintln!("adapter, {name}: {error}");
                failures.push(name.to_owned());
            }
        }
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failures.join(", ")).into())
    }
}

/// Returns the directory of the sessions and their programs.
pub(crate) fn directory() -> PathBuf {
    root().join("crates/burdock-cli/tests/debugger")
}

/// Returns the path of the program burdock.
pub(crate) fn burdock() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| root().join("target"));
    target.join("debug").join(format!("burdock{}", std::env::consts::EXE_SUFFIX))
}

/// Returns the major version of an LLDB.
fn version(lldb: &str) -> Result<u32> {
    let text = output(Command::new(lldb).arg("--version"))?;
    let number = text.split("version ").nth(1).and_then(|rest| rest.split('.').next());
    Ok(number.ok_or_else(|| format!("`{lldb} --version` prints {text:?}"))?.parse()?)
}

/// The beginning of a line that names the version of LLDB that a session needs.
const NEEDS: &str = "needs LLDB ";

/// Returns the version of LLDB that a session needs, if it needs one.
fn needed(text: &str) -> Result<Option<u32>> {
    let needed = text.lines().find_map(|line| line.strip_prefix(NEEDS));
    Ok(needed.map(str::parse).transpose()?)
}

/// Runs one session.
fn session(lldb: &str, text: &str) -> Result {
    let says = |line: &&str| !line.starts_with('#') && !line.starts_with(NEEDS);
    let mut lines = text.lines().filter(says).peekable();
    let args = lines.next().and_then(|line| line.strip_prefix("$ "));
    let mut guest = Guest::start(args.ok_or("no arguments of burdock")?)?;
    let mut command = Command::new(lldb);
    command.args(["--no-use-colors", "--no-lldbinit"]).current_dir(directory());
    let mut talk = Conversation::start(command)?;
    talk.send("settings set auto-confirm true\n")?;
    talk.send(&format!("process connect --plugin wasm connect://{}\n", guest.address))?;
    talk.expect("stop reason = ")?;
    let (mut output, mut exit) = (String::new(), 0);
    let mut again = None;
    for line in lines {
        if let Some(command) = line.strip_prefix("* ") {
            again = Some(format!("{command}\n"));
        } else if let Some(command) = line.strip_prefix("> ") {
            talk.send(&format!("{command}\n"))?;
        } else if let Some(text) = line.strip_prefix("< ") {
            match again.take() {
                Some(command) => talk.insist(&command, text)?,
                None => talk.expect(text)?,
            }
        } else if let Some(text) = line.strip_prefix("= ") {
            output += &format!("{text}\n");
        } else if let Some(status) = line.strip_prefix("exit ") {
            exit = status.parse()?;
        } else if !line.is_empty() {
            return Err(format!("not understood: `{line}`").into());
        }
    }
    talk.send("quit\n")?;
    let (printed, status) = guest.finish()?;
    if (printed.as_str(), status) != (output.as_str(), Some(exit)) {
        return Err(format!("the guest printed {printed:?} and ended with {status:?}").into());
    }
    Ok(())
}

/// A guest that waits for a debugger.
pub(crate) struct Guest {
    child: Child,
    /// Where it waits.
    pub(crate) address: String,
}

impl Guest {
    pub(crate) fn start(args: &str) -> Result<Self> {
        let mut command = Command::new(burdock());
        let mut args = args.split(' ');
        command.args(args.next()).args(["-g", "0"]).args(args).current_dir(directory());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn()?;
        let mut guest = Self { child, address: String::new() };
        let stderr = guest.child.stderr.as_mut().ok_or("no standard error")?;
        let mut line = String::new();
        BufReader::new(stderr).read_line(&mut line)?;
        let address = line.trim().strip_prefix("note: waiting for a debugger on ");
        guest.address = address.ok_or_else(|| format!("burdock says {line:?}"))?.to_owned();
        Ok(guest)
    }

    /// Waits for the guest's end. Returns its output and exit status.
    pub(crate) fn finish(&mut self) -> Result<(String, Option<i32>)> {
        let deadline = Instant::now() + LONGEST;
        let status = loop {
            match self.child.try_wait()? {
                Some(status) => break status,
                None if Instant::now() > deadline => return Err("the guest does not end".into()),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let mut output = String::new();
        if let Some(stdout) = &mut self.child.stdout {
            stdout.read_to_string(&mut output)?;
        }
        Ok((output, status.code()))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // It has ended already unless the session failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a path as text.
pub(crate) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
