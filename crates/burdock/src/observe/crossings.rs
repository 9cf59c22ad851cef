//! The doors of a store to which hooks are attached, beside its own hook: made for sites, and, where
//! one of them is told when control passes between host and guests, for that.

use super::deliver::{self, Delivery};
use crate::store::{Crossings, Doors, Own, StoreInner};
use crate::{Error, Events, Hook, NoHook, Result, StoreContextMut};
use burdock_core::Failed;
use core::marker::PhantomData;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Of crossings the store's own hook; nothing was attached.
    Own,
    /// Attached hooks at sites, of crossings only the store's own hook.
    Sites,
    /// Of crossings attached hooks, too.
    Crossings,
}

/// The store's hook, of this type; others are told at sites.
struct AtSites<H>(PhantomData<fn() -> H>);

impl<T: 'static, H: Hook<T>> Crossings<T> for AtSites<H> {
    const EVENTS: Events = H::EVENTS;

    fn tell(store: StoreContextMut<'_, T>, event: burdock_core::Event) -> Result<()> {
        Own::<H>::tell(store, event)
    }

    #[inline]
    fn at_site(
        store: StoreContextMut<'_, T>,
        site: u32,
        error: &mut Option<Error>,
    ) -> Result<(), Failed> {
        deliver::at_site(store, site, error)
    }
}

/// The store's hook, of this type, and then those that are attached.
struct WithAttached<H>(PhantomData<fn() -> H>);

impl<T: 'static, H: Hook<T>> Crossings<T> for WithAttached<H> {
    const EVENTS: Events = H::EVENTS.union(Events::CALLS);

    fn tell(mut store: StoreContextMut<'_, T>, event: burdock_core::Event) -> Result<()> {
        if const { H::EVENTS.contains(Events::CALLS) } {
            Own::<H>::tell(store.reborrow(), event)?;
        }
        let mut delivery = Delivery::new(store);
        let mut next = 0;
        while let Some(observation) = &delivery.store.inner.observation
            && let Some(hook) = observation.hooks.get(next)
        {
            let wants = hook.events.contains(Events::CALLS);
            if wants {
                delivery.tell(next, &event.into())?;
            }
            next += 1;
        }
        Ok(())
    }

    #[inline]
    fn at_site(
        store: StoreContextMut<'_, T>,
        site: u32,
        error: &mut Option<Error>,
    ) -> Result<(), Failed> {
        AtSites::<H>::at_site(store, site, error)
    }
}

/// The doors for a store with a hook of this type, which is alone or has attached ones beside it.
pub(crate) fn doors<T: 'static, H: Hook<T>>(before: &Doors<T>, audience: Audience) -> Doors<T> {
    let Doors { instantiated, at_site, notice, .. } = *before;
    let doors = match audience {
        Audience::Own => Doors::of::<Own<H>>(),
        Audience::Sites => Doors::of::<AtSites<H>>(),
        Audience::Crossings => Doors::of::<WithAttached<H>>(),
    };
    Doors { instantiated, at_site, notice, crossings: Some(self::doors::<T, H>), audience, ..doors }
}

impl<T: 'static> StoreInner<T> {
    /// Chooses the doors for who is told. A run that is on goes on as it is.
    pub(super) fn choose_doors(&mut self) {
        let Some(observation) = &self.observation else { return };
        let crossings = |hook: &super::attach::Attached| hook.events.contains(Events::CALLS);
        let audience = match &*observation.hooks {
            [] => Audience::Own,
            hooks if hooks.iter().any(crossings) => Audience::Crossings,
            _ => Audience::Sites,
        };
        if audience != self.doors.audience {
            let doors = self.doors.crossings.unwrap_or(doors::<T, NoHook>);
            self.doors = doors(&self.doors, audience);
        }
    }
}
