//! Stands for `observe.rs` in builds with `--cfg burdock_hookless`, which have no hooks.
//! `cargo xtask hookfree` compares the instructions that a program without a hook executes in both
//! builds.

use crate::store::{AtSite, CallSuspendable, RunHooks};
use crate::{Events, Hook, Result, StoreContextMut};
use burdock_core::Transition;
use core::marker::PhantomData;

/// The public items of `observe.rs`: none.
pub(crate) mod api {}

/// The hooks of a store: none.
pub(crate) struct StoreHooks<T>(PhantomData<fn() -> T>);

impl<T> StoreHooks<T> {
    pub(crate) const NONE: Self = Self(PhantomData);
}

/// The part of a store's vtable that only hooks need: none.
pub(crate) struct VTableHooks<T>(PhantomData<fn() -> T>);

impl<T> VTableHooks<T> {
    pub(crate) const NONE: Self = Self(PhantomData);
}

/// A store's own hook, which no store can have.
pub(crate) struct OwnHook<H>(PhantomData<fn() -> H>);

impl<T: 'static, H: Hook<T>> RunHooks<T> for OwnHook<H> {
    const EVENTS: Events = H::EVENTS;
    const AT_SITE: Option<AtSite<T>> = None;

    fn notify(_: StoreContextMut<'_, T>, _: Transition) -> Result<()> {
        Ok(())
    }
}

/// Returns `None`: no hook is asynchronous.
pub(crate) fn behind_hook<T: 'static>(_: &StoreContextMut<'_, T>) -> Option<CallSuspendable<T>> {
    None
}

/// Does nothing: no hook is asynchronous.
pub(crate) async fn transition<T: 'static>(
    _: &mut StoreContextMut<'_, T>,
    _: Transition,
    _: &[u64],
) -> Result<()> {
    Ok(())
}

/// Does nothing: there is no debugger.
pub(crate) fn prepare_for_debugger<T>(_: &mut StoreContextMut<'_, T>) {}
