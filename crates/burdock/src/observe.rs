//! Observation: hooks that are attached to a store, told of what happens within guests.
//!
//! The observed events of a function are compiled into code of its own, for the instance
//! (`version.rs`, `code.rs`): `plan.rs` says what each function's code observes. Imported host
//! functions are replaced by others (`hosts.rs`). `deliver.rs` calls the hooks that an event
//! concerns; `site_event.rs` makes the event. `snapshot.rs` puts an observed guest aside. A store to
//! which nothing was ever attached has none of this.

mod attach;
mod code;
mod count;
mod crossings;
mod deliver;
mod filter;
mod frame;
mod hosts;
mod inspect;
mod listeners;
mod observation;
mod plan;
mod site_event;
mod snapshot;
mod stop;
mod version;

pub use attach::HookId;
pub(crate) use code::operator_from;
pub use count::{Count, Counter};
pub(crate) use crossings::{Audience, doors};
pub use filter::Filter;
pub use frame::Frame;
pub(crate) use listeners::Listeners;
pub(crate) use observation::Observation;
pub use snapshot::Snapshot;
