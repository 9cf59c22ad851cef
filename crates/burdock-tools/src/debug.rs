//! Debugging of live guests, and LLDB's protocol to do it from other programs.
//!
//! [`Debuggee`] is what a debugger needs of a guest: frames with their values, memory, breakpoints,
//! watchpoints, and ways to continue. [`Live`] implements it for the guests of a store. [`serve`]
//! answers a debugger that speaks the gdb-remote protocol, such as LLDB 22, over any transport;
//! [`Server`] accepts connections of TCP.
//!
//! Three threads take part. The guest's thread stops in the handler of the store and executes what
//! the second thread asks for; the second thread answers the debugger's packets; a third one reads
//! the transport, so that the debugger can interrupt a running guest.

mod address;
mod callee;
mod commands;
mod debuggee;
mod file;
mod handler;
mod live;
mod monitor;
mod packet;
mod recorded;
mod seek;
mod serve;
mod server;
mod stop_reply;
mod watch;

pub use commands::{Answer, Commands};
pub use debuggee::{
    Access, Debuggee, FrameInfo, Interrupt, ModuleInfo, Resume, Space, Stop, Value, Watch,
};
pub use handler::{Guest, Killed, Naming, Options, attach};
pub use live::Live;
pub use packet::{Incoming, Packets, encode};
pub use recorded::{Recorded, Run};
pub use serve::{End, serve};
pub use server::{Server, parse_address};
