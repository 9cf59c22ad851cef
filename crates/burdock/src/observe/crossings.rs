//! Attached hooks that are told when control passes between host and guests: the doors of the
//! store are made for that, beside the store's own hook.

use super::deliver::Delivery;
use crate::store::{Crossings, Doors, Own, StoreInner};
use crate::{Events, Hook, NoHook, Result, StoreContextMut};
use core::marker::PhantomData;

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
}

/// The doors for a store with a hook of this type, which is alone or has attached ones beside it.
pub(crate) fn doors<T: 'static, H: Hook<T>>(before: &Doors<T>, attached: bool) -> Doors<T> {
    let Doors { instantiated, at_site, notice, .. } = *before;
    let doors = match attached {
        true => Doors::of::<WithAttached<H>>(),
        false => Doors::of::<Own<H>>(),
    };
    Doors { instantiated, at_site, notice, crossings: Some(self::doors::<T, H>), attached, ..doors }
}

impl<T: 'static> StoreInner<T> {
    /// Has attached hooks told of crossings if any wants that. A run that is on goes on as it is.
    pub(super) fn choose_doors(&mut self) {
        let Some(observation) = &self.observation else { return };
        let attached = observation.hooks.iter().any(|hook| hook.events.contains(Events::CALLS));
        if attached != self.doors.attached {
            let doors = self.doors.crossings.unwrap_or(doors::<T, NoHook>);
            self.doors = doors(&self.doors, attached);
        }
    }
}
