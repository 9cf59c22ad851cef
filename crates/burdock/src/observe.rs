//! Observation: hooks that are attached to a store, told of what happens within guests.
//!
//! What is observed in a function is compiled into code of its own, for the instance
//! (`attach.rs`, `code.rs`); imported host functions get others in their place (`hosts.rs`); who is told of
//! what is in `deliver.rs`; `snapshot.rs` puts a guest aside that is observed. A store to which nothing was ever attached has none of this.

mod attach;
mod code;
mod count;
mod crossings;
mod deliver;
mod filter;
mod frame;
mod hosts;
mod snapshot;

pub use attach::HookId;
pub(crate) use attach::{Listeners, Observation};
pub(crate) use code::operator_from;
pub use count::{Count, Counter};
pub(crate) use crossings::{Audience, doors};
pub use filter::Filter;
pub use frame::Frame;
pub use snapshot::Snapshot;
