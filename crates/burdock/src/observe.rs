//! Observation: hooks that are attached to a store, told of what happens within guests.
//!
//! The observed events of a function are compiled into code of its own, for the instance
//! (`attach.rs`, `code.rs`). Imported host functions are replaced by others (`hosts.rs`).
//! `deliver.rs` selects the hooks for each event; `snapshot.rs` puts an observed guest aside. A
//! store to which nothing was ever attached has none of this.

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
