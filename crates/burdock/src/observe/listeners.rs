//! `Listeners`: the hook that each site calls, where an event finds it at once.

use super::attach::Attached;
use super::deliver::ErasedHook;
use super::observation::Observation;
use super::version::SiteAt;
use crate::store::StoreInner;
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_translate::Point;

/// What an event of a site needs at once, as close as it can be: nothing else is looked at for one
/// hook and few values.
pub(crate) struct Listeners<T: 'static> {
    /// Of each site, the one hook, if few values are shown; or `NOBODY` or `SEVERAL`.
    pub(super) sites: Vec<u32>,
    /// In the order of the observation's hooks; `None` while one runs, after it has panicked, and
    /// for a counter.
    pub(super) hooks: Vec<Option<Box<dyn ErasedHook<T>>>>,
}

impl<T> Listeners<T> {
    pub(crate) const NONE: Self = Self { sites: Vec::new(), hooks: Vec::new() };
    pub(super) const NOBODY: u32 = u32::MAX;
    pub(super) const SEVERAL: u32 = u32::MAX - 1;
}

impl<T: 'static> Listeners<T> {
    /// Takes a hook out of the store, if it is there.
    #[inline(always)]
    pub(super) fn take(&mut self, hook: usize) -> Option<Box<dyn ErasedHook<T>>> {
        self.hooks.get_mut(hook)?.take()
    }

    /// Puts it back.
    #[inline(always)]
    pub(super) fn put_back(&mut self, hook: usize, taken: Box<dyn ErasedHook<T>>) {
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

/// Drops a hook. Out of line, so that no event contains the code that drops a hook.
#[cold]
#[inline(never)]
fn lose<H>(_: H) {}

impl<T: 'static> StoreInner<T> {
    /// Finds the hooks of each site.
    pub(super) fn find_listeners(&mut self) {
        let Some(observation) = &mut self.hooks.observation else { return };
        let Observation { hooks, plans, sites, hook_lists, .. } = &mut **observation;
        let mut list = Vec::new();
        let mut last = 0;
        hook_lists.clear();
        self.hooks.listeners.sites.clear();
        for site in sites {
            let plan = &plans[site.plan as usize];
            let listening = plan.hooks.iter().filter(|(hook, events)| {
                let Attached { filter, counts, .. } = &hooks[*hook];
                events.intersects(site.kind)
                    && counts.is_none()
                    && (site.point != Point::Delimiter || filter.breakpoints.is_some())
                    && filter.has_place(site.kind, &plan.module, site.offset)
            });
            list.clear();
            list.extend(listening.map(|(hook, _)| *hook as u32));
            self.hooks.listeners.sites.push(match *list {
                [] => Listeners::<T>::NOBODY,
                [hook] if site.shows_few() => hook,
                _ => Listeners::<T>::SEVERAL,
            });
            list.push(SiteAt::END);
            if hook_lists[last..] != list {
                last = hook_lists.len();
                hook_lists.extend(&list);
            }
            site.hooks = last as u32;
        }
    }
}
