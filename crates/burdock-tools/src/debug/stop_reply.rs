//! Answers that say why a guest stands.

use super::address::of_memory;
use super::debuggee::{Access, Stop};
use super::packet::to_hex;

/// The only thread of a guest.
pub(super) const THREAD: &str = "1";

/// The number of SIGTRAP, of every stop that the debugger has asked for.
const SIGTRAP: u8 = 5;

/// The number of SIGINT.
const SIGINT: u8 = 2;

/// Returns the answer for a stop. `pc` is the address of the innermost frame's operator, if there
/// is a frame.
pub(super) fn stop_reply(stop: &Stop, pc: Option<u64>) -> String {
    let (signal, reason) = match stop {
        Stop::Exited(status) => return format!("W{status:02x}"),
        // SIGKILL.
        Stop::Killed => return "X09".to_owned(),
        // SIGABRT. LLDB reads no description without the last semicolon.
        Stop::Aborted(text) => return format!("X06;description:{};", to_hex(text.as_bytes())),
        Stop::Entry => (SIGTRAP, "reason:signal;".to_owned()),
        // LLDB calls every stop without a breakpoint at its place a step.
        Stop::Breakpoint => (SIGTRAP, "reason:breakpoint;".to_owned()),
        Stop::Step => (SIGTRAP, "reason:trace;".to_owned()),
        Stop::Interrupt => (SIGINT, "reason:signal;".to_owned()),
        Stop::Watch { watch, address } => {
            let kind = match watch.access {
                Access::Write => "watch",
                Access::Read => "rwatch",
                Access::Any => "awatch",
            };
            // A description would replace the values that LLDB shows.
            (SIGTRAP, format!("{kind}:{:x};", of_memory(watch.space, *address)))
        }
        Stop::Failure(text) => {
            let text = to_hex(text.as_bytes());
            (SIGTRAP, format!("reason:exception;description:{text};"))
        }
        Stop::Beginning => (SIGTRAP, "replaylog:begin;".to_owned()),
        Stop::End => (SIGTRAP, "replaylog:end;".to_owned()),
    };
    // Register 0 is the program counter.
    let pc = pc.map_or(String::new(), |pc| format!("00:{};", to_hex(&pc.to_le_bytes())));
    format!("T{signal:02x}thread:{THREAD};{reason}{pc}")
}
