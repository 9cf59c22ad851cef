//! The memory of a translated module: the growth of the resident set of a process that does nothing
//! else. This counts all memory, including what a runtime maps or allocates in C.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::Result;
use crate::program::Program;
use crate::runtime;

/// The first argument of a process that measures itself.
pub(crate) const CHILD: &str = "--measure-memory";

/// Returns the bytes of memory that a runtime takes for a translated module, or the peak during
/// translation if `peak` is set. Measured in a process of its own.
pub(crate) fn of(runtime: &str, wasm: &[u8], peak: bool) -> Result<u64> {
    let field = if peak { "VmHWM:" } else { "VmRSS:" };
    let mut child = Command::new(std::env::current_exe()?)
        .args([CHILD, runtime, field])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child.stdin.take().ok_or("no input")?.write_all(wasm)?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the measuring process failed: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Runs the measuring process: compiles a small module so that everything is loaded, then the
/// module on standard input, and prints the growth in bytes.
pub(crate) fn child(args: &[String]) -> Result {
    let mut wasm = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin(), &mut wasm)?;
    let program = Program::new(wasm)?;
    let small = Program::new(wat::parse_str("(module (func (export \"f\")))")?)?;
    let runtimes = runtime::all();
    let runtime = runtimes
        .iter()
        .find(|runtime| args.first().is_some_and(|name| name == runtime.name()))
        .ok_or("no such runtime")?;
    drop(runtime.compile(&small)?.instantiate()?);
    let field = args.get(1).ok_or("no field")?;
    let before = resident(field)?;
    let mut compiled = runtime.compile(&program)?;
    let instance = compiled.instantiate();
    let grown = resident(field)?.saturating_sub(before);
    drop(instance);
    println!("{grown}");
    Ok(())
}

/// Returns the resident set, or its peak, in bytes, as Linux reports it in `/proc/self/status`.
fn resident(field: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(field)).ok_or("no such field")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
    Ok(kib * 1024)
}
