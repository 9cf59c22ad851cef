//! `Session`: steps forwards and backwards through a finished run of a guest, instruction by
//! instruction.
//!
//! The guest runs once with its host, while a [`Recorder`] records the host's results. Every later
//! question is answered by running the guest again with these results, from the nearest earlier
//! snapshot to the instruction in question. The run is the same each time, so stepping backwards
//! reaches exactly the earlier states.

mod html;
mod record;
mod replay;
mod session;
mod state;

pub(crate) use record::Answer;
pub use record::{Recorder, Recording};
pub(crate) use replay::{Answered, ReplayedExit, answers};
pub use session::{Entry, Session, Stops, Until, Way};
pub use state::{CodePosition, Pages, State};
