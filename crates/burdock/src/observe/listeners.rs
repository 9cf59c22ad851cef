//! `Listeners`: the hook that each site calls, where an event finds it at once.

use super::attach::Attached;
use super::deliver::Told;
use super::observation::Observation;
use super::version::SiteAt;
use crate::store::StoreInner;
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_translate::Point;

/// What an event of a site needs at once, as close as it can be: nothing else is looked at for one
/// hook and few values.
pub(crate) struct Listeners<T: 'static> {
    /// Of each site, the one hook that is told, if few values are shown; or `NOBODY` or `SEVERAL`.
    pub(super) sites: Vec<u32>,
    /// In the order of the observation's hooks; `None` while one runs, after it has panicked, and
    /// for a counter.
    pub(super) hooks: Vec<Option<Box<dyn Told<T>>>>,
}

impl<T> Listeners<T> {
    pub(crate) const NONE: Self = Self { sites: Vec::new(), hooks: Vec::new() };
    pub(super) const NOBODY: u32 = u32::MAX;
    pub(super) const SEVERAL: u32 = u32::MAX - 1;
}

impl<T: 'static> Listeners<T> {
    /// Takes a hook out of the store, if it is there.
    #[inline(always)]
    pub(super) fn take(&mut self, hook: usize) -> Option<Box<dyn Told<T>>> {
        self.hooks.get_mut(hook)?.take()
    }

    /// Puts it back.
    #[inline(always)]
    pub(super) fn put_back(&mut self, hook: usize, taken: Box<dyn Told<T>>) {
        match self.hooks.get_mut(hook) {
            Some(place) => {
                let none = place.replace(taken);
                debug_assert!(none.is_none());
                // There is nothing to drop, and no need to look.
                core::mem::forget(none);
            }
            None => lose(taken),
        }
    }
}

/// Apart, so that what drops it is not part of every event.
#[cold]
#[inline(never)]
fn lose<H>(_: H) {}

impl<T: 'static> StoreInner<T> {
    /// Finds out of each site who is told of it.
    pub(super) fn find_listeners(&mut self) {
        let Some(observation) = &mut self.observation else { return };
        let Observation { hooks, plans, sites, told, .. } = &mut **observation;
        let mut list = Vec::new();
        let mut last = 0;
        told.clear();
        self.listeners.sites.clear();
        for site in sites {
            let plan = &plans[site.plan as usize];
            let listening = plan.told.iter().filter(|(hook, events)| {
                let Attached { filter, counts, .. } = &hooks[*hook];
                events.intersects(site.kind)
                    && counts.is_none()
                    && (site.point != Point::Delimiter || filter.breakpoints.is_some())
                    && filter.has_place(site.kind, &plan.module, site.offset)
            });
            list.clear();
            list.extend(listening.map(|(hook, _)| *hook as u32));
            self.listeners.sites.push(match *list {
                [] => Listeners::<T>::NOBODY,
                [hook] if site.shows_few() => hook,
                _ => Listeners::<T>::SEVERAL,
            });
            list.push(SiteAt::END);
            if told[last..] != list {
                last = told.len();
                told.extend(&list);
            }
            site.told = last as u32;
        }
    }
}
