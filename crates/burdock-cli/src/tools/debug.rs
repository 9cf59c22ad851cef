//! `burdock debug`: runs a module under LLDB, and describes the run for VS Code.

use super::gdb::{self, Debugger, full_path};
use super::recorded;
use crate::cli::DebugArgs;
use crate::output;
use crate::report::{self, Failure};
use crate::watch;
use anyhow::Context;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};

/// The first version of LLDB that can debug WebAssembly.
const FIRST: u32 = 22;

/// Names of LLDB's program, in the order in which they are tried.
const NAMES: &[&str] = &["lldb", "lldb-24", "lldb-23", "lldb-22"];

pub(crate) fn execute(args: &DebugArgs, address: Option<&str>) -> Result<ExitCode, Failure> {
    if args.print_vscode {
        output::print(&(burdock_tools::json_text(&launch_json(args)?, true) + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let debugger = debugger(args, address)?;
    match (args.reverse, args.replay) {
        (false, false) => gdb::debug(&args.run, debugger),
        (true, _) => recorded::reverse(&args.run, debugger),
        (_, true) => recorded::replay(&args.run, debugger),
    }
}

/// Returns the debugger: one that connects to an address, if one is given, or else LLDB.
fn debugger(args: &DebugArgs, address: Option<&str>) -> Result<Debugger, Failure> {
    if let Some(address) = address {
        return Debugger::listen(address);
    }
    let debugger = Debugger::listen("0")?;
    let lldb = match &args.lldb {
        Some(path) => Some(path.clone()),
        None => NAMES.iter().map(PathBuf::from).find(|name| version(name) >= Some(FIRST)),
    };
    let Some(lldb) = lldb else { return Ok(debugger.announced_by(explain)) };
    watch::leave_interrupts_to_children().context("failed to set up signals")?;
    Ok(debugger.started_by(Box::new(move |address| start(&lldb, address))))
}

/// Starts LLDB, which connects at once.
fn start(lldb: &Path, address: SocketAddr) -> anyhow::Result<Child> {
    let mut command = Command::new(lldb);
    command.arg("-o").arg(connect(address));
    command.spawn().with_context(|| format!("failed to start `{}`", lldb.display()))
}

/// Returns the command with which LLDB connects.
fn connect(address: SocketAddr) -> String {
    format!("process connect --plugin wasm connect://{address}")
}

/// Says how to debug without LLDB on this machine's path.
fn explain(address: SocketAddr) {
    let connect = connect(address);
    report::hint(&format!(
        "there is no LLDB {FIRST} or later on the path; in one that is elsewhere: `{connect}`"
    ));
    report::note(&format!("waiting for a debugger on {address}"));
}

/// Returns the major version of an LLDB; `None` if the program cannot be started.
fn version(lldb: &Path) -> Option<u32> {
    let output = Command::new(lldb).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // `lldb version 22.1.8`, with the vendor's name before it.
    let number = text.split("version ").nth(1)?.split('.').next()?;
    number.trim().parse().ok()
}

/// Returns the configurations for the extension LLDB DAP of VS Code: one that starts the module,
/// and one that connects to a module that waits.
fn launch_json(args: &DebugArgs) -> anyhow::Result<serde_json::Value> {
    let burdock = std::env::current_exe().context("failed to find this program")?;
    let (file, guest_args) = args.run.file_and_args.split_first().context("a file is missing")?;
    let file = full_path(Path::new(file));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut launch = vec![
        "platform select wasm".to_owned(),
        format!("settings set -- platform.plugin.wasm.runtime-path {}", quoted(&burdock)),
        "settings set -- platform.plugin.wasm.port-arg -g=".to_owned(),
        "settings set -- platform.plugin.wasm.runtime-args run".to_owned(),
        format!("target create {}", quoted(&file)),
    ];
    if !guest_args.is_empty() {
        let args: Vec<String> = guest_args.iter().map(|arg| quoted(Path::new(arg))).collect();
        launch.push(format!("settings set -- target.run-args {}", args.join(" ")));
    }
    // Breakpoints are set before the module continues.
    launch.push("process launch --stop-at-entry".to_owned());
    let attach = connect(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 4444));
    Ok(json!({
        "version": "0.2.0",
        "configurations": [
            {
                "type": "lldb-dap",
                "request": "launch",
                "name": format!("Debug {name}"),
                "launchCommands": launch,
            },
            {
                "type": "lldb-dap",
                "request": "attach",
                "name": "Connect to `burdock run -g 4444`",
                "attachCommands": [attach],
                "stopOnEntry": true,
            },
        ],
    }))
}

/// Returns a path as a word of LLDB's commands.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+=,:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
