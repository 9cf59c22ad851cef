//! The layout of handlers: in their order, with no run of instructions that spans two cache lines.
//!
//! The gaps between runs take 0.7 MB in all. Filling them with short handlers was tried: lines were
//! full, more handlers began at the beginning of a line, and programs whose jumps are hard to
//! predict took a third longer. The processor's history of jumps seems to depend on the offsets of
//! handlers within their lines.

use super::length::length;
use std::fmt::Write;

/// The bytes of a cache line.
const LINE: usize = 64;

/// Handlers as one text, in which each run, from where a jump leads to the next jump, lies within a
/// cache line: what spans two takes the processor two steps to fetch.
pub(super) fn layout(handlers: &[String]) -> String {
    let mut text = String::new();
    let mut run = String::new();
    for line in handlers.iter().flat_map(|handler| handler.lines()) {
        run.push_str(line);
        run.push('\n');
        if line.starts_with("jmp") {
            let longest = length(&run).min(LINE) - 1;
            let _ = write!(text, ".p2align 6,0xcc,{longest}\n{run}");
            run.clear();
        }
    }
    text + &run
}
