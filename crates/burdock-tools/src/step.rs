//! `Session`: steps forwards and backwards through a finished run of a guest, instruction by
//! instruction.
//!
//! The guest runs once with its host, while a [`Recorder`] records the host's results. Every later
//! question is answered by running the guest again with these results, from the nearest earlier
//! snapshot to the instruction in question. The run is the same each time, so stepping backwards
//! reaches exactly the earlier states.

mod answer;
mod command;
mod digest;
mod execute;
mod html;
mod observer;
mod place;
mod points;
mod program;
mod record;
mod replay;
mod session;
mod sources;
mod state;
mod statements;
mod stepper;

pub use answer::{Answer, Explanation, variable_text};
pub use command::{Command, HELP, Info, Watched, number};
pub use observer::Interrupted;
pub use points::{Breakpoint, WatchedPlace, Watchpoint};
pub use program::{CallFrame, Position, Program};
pub(crate) use record::HostAnswer;
pub use record::{Recorder, Recording};
pub(crate) use replay::{Answered, Progress, ReplayedExit, Rerun};
pub use session::{Entry, Found, Session, Stops, Until, Way, Why};
pub use sources::Sources;
pub use state::{CodePosition, FrameValues, Pages, State};
pub use statements::Statements;
pub use stepper::{Motion, Reason, Stepper};
