//! Where handlers lie: as they come, but no run of instructions in two cache lines.
//!
//! What that leaves over between runs is lost, 0.7 MB in all. With short handlers to fill it, lines
//! were full, more handlers began where a line begins, and programs whose jumps are hard to predict
//! took a third longer: how a processor tells the ways apart on which it came to a jump seems to
//! depend on where in their lines handlers begin.

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
