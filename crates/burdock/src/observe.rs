//! Hooks: the store's own hook, and hooks that are attached to observe guests.
//!
//! The observed events of a function are compiled into code of its own, for the instance
//! (`version.rs`, `code.rs`); `plan.rs` decides what each function's code observes. Imported host
//! functions are replaced by others (`hosts.rs`). `deliver.rs` calls the hooks that an event
//! concerns; `site_event.rs` makes the event. `snapshot.rs` saves and restores an observed guest. A
//! store without attached hooks has none of this.

mod async_hook;
mod attach;
mod code;
mod count;
mod deliver;
mod filter;
mod frame;
mod hosts;
mod inspect;
mod listeners;
mod observation;
mod own_hook;
mod plan;
mod run_hooks;
mod site_event;
mod snapshot;
mod stop;
mod version;

pub(crate) use async_hook::transition;
pub(crate) use code::operator_from;
pub(crate) use run_hooks::{OwnHook, VTableHooks, behind_hook};

use crate::{CallHookHandler, StoreContextMut};
use alloc::boxed::Box;
use listeners::Listeners;
use observation::Observation;
use own_hook::ErasedCallHook;

/// The public items of this module and of `debug.rs`.
pub(crate) mod api {
    pub use super::attach::HookId;
    pub use super::count::{Count, Counter};
    pub use super::filter::Filter;
    pub use super::frame::Frame;
    pub use super::snapshot::Snapshot;
    pub use crate::debug::{
        Breakpoint, BreakpointEdit, DebugEvent, DebugHandler, DefinedFuncIndex, FrameHandle,
        ModulePC,
    };
}

/// The hooks of a store.
pub(crate) struct StoreHooks<T: 'static> {
    /// The store's own hook; `None` while the hook runs, and if there is none. The store's vtable
    /// is compiled for the hook's type.
    own: Option<Box<dyn ErasedCallHook<T>>>,
    /// The store's own hook if it is asynchronous; `None` while its future is awaited.
    handler: Option<Box<dyn CallHookHandler<T> + Send + Sync>>,
    /// The observation, present once a hook was attached.
    pub(crate) observation: Option<Box<Observation<T>>>,
    /// The attached hooks, by the sites that call them.
    listeners: Listeners<T>,
}

impl<T: 'static> StoreHooks<T> {
    pub(crate) const NONE: Self =
        Self { own: None, handler: None, observation: None, listeners: Listeners::NONE };
}

/// Prepares a store for a debugger, which needs to know frames from the first call on.
pub(crate) fn prepare_for_debugger<T: 'static>(store: &mut StoreContextMut<'_, T>) {
    store.debugging();
}
