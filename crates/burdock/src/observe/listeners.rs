//! `Listeners`: the hook that each site calls, where an event finds it at once.

use super::attach::Attached;
use super::deliver::ErasedHook;
use super::observation::Observation;
use super::version::SiteAt;
use crate::store::StoreInner;
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_translate::Point;
use core::ops::Range;

/// The hooks of sites, for delivery: an event with one hook and few values needs nothing else.
pub(crate) struct Listeners<T: 'static> {
    /// For each site, the position of its hook, if there is one and few values are shown; else
    /// `NO_HOOK` or `SEVERAL`.
    pub(super) sites: Vec<u32>,
    /// The hooks in the order of `Observation::hooks`; `None` while one runs, after it has
    /// panicked, and for a counter.
    pub(super) hooks: Vec<Option<Box<dyn ErasedHook<T>>>>,
}

impl<T> Listeners<T> {
    pub(crate) const NONE: Self = Self { sites: Vec::new(), hooks: Vec::new() };
    pub(super) const NO_HOOK: u32 = u32::MAX;
    pub(super) const SEVERAL: u32 = u32::MAX - 1;
}

impl<T: 'static> Listeners<T> {
    /// Takes a hook out of the store, unless it runs.
    #[inline(always)]
    pub(super) fn take(&mut self, hook: usize) -> Option<Box<dyn ErasedHook<T>>> {
        self.hooks.get_mut(hook)?.take()
    }

    /// Puts a hook back to its position.
    #[inline(always)]
    pub(super) fn put_back(&mut self, hook: usize, taken: Box<dyn ErasedHook<T>>) {
        match self.hooks.get_mut(hook) {
            Some(place) => {
                let none = place.replace(taken);
                debug_assert!(none.is_none());
                // Saves the test for something to drop.
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
        observation.hook_lists.clear();
        self.hooks.listeners.sites.clear();
        let all = 0..observation.sites.len();
        self.find_listeners_at([all]);
    }

    /// Finds the hooks of the sites of these plans' versions.
    pub(super) fn find_listeners_of(&mut self, plans: &[u32]) {
        let Some(observation) = &self.hooks.observation else { return };
        let versions = plans.iter().flat_map(|plan| {
            observation.plans[*plan as usize].versions.values().map(|version| *version as usize)
        });
        let sites: Vec<_> = versions.map(|at| observation.versions[at].numbers()).collect();
        self.find_listeners_at(sites);
    }

    /// Finds the hooks of the sites of these numbers.
    fn find_listeners_at(&mut self, numbers: impl IntoIterator<Item = Range<usize>>) {
        let Some(observation) = &mut self.hooks.observation else { return };
        let Observation { hooks, plans, sites, hook_lists, .. } = &mut **observation;
        self.hooks.listeners.sites.resize(sites.len(), Listeners::<T>::NO_HOOK);
        let mut list = Vec::new();
        let mut last = hook_lists.len();
        for number in numbers.into_iter().flatten() {
            let site = &mut sites[number];
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
            self.hooks.listeners.sites[number] = match *list {
                [] => Listeners::<T>::NO_HOOK,
                [hook] if site.shows_few() => hook,
                _ => Listeners::<T>::SEVERAL,
            };
            list.push(SiteAt::END);
            if hook_lists[last..] != list {
                last = hook_lists.len();
                hook_lists.extend(&list);
            }
            site.hooks = last as u32;
        }
    }
}
