//! `Session`: a run of a guest that can be looked at from its beginning to its end, forwards and
//! backwards, instruction by instruction.
//!
//! The guest runs once, with its host, while a [`Recorder`] writes down what the host answers.
//! From then on every question is answered by running the guest again with those answers, from the
//! nearest of the snapshots that are taken on the way to the instruction that is asked for: the run is
//! the same each time, so that going back arrives at exactly what was there.

mod html;
mod record;
mod replay;
mod session;
mod state;

pub use record::{Recorder, Recording};
pub use session::{Entry, Session, Stops, Until, Way};
pub use state::{CodePosition, Pages, State};
