//! `Observation`: everything that is observed in a store.

use super::attach::{Attached, Change};
use super::deliver::ErasedHook;
use super::hosts::HostPlan;
use super::plan::Plan;
use super::stop::Stopped;
use super::version::{SiteAt, Version};
use crate::debug::{Breakpoints, OnException};
use alloc::boxed::Box;
use alloc::vec::Vec;
use burdock_core::{FuncAddr, InstanceAddr};
use burdock_types::FuncIdx;
use hashbrown::HashMap;

/// Everything that is observed in a store.
pub(crate) struct Observation<T: 'static> {
    /// The attached hooks, in the order in which they were attached and are called.
    pub(super) hooks: Vec<Attached>,
    /// The id of the next hook.
    pub(super) next: u64,
    /// The number of events at no site that are being delivered, each within the one before.
    pub(super) delivering: u32,
    /// Changes that wait until no event is being delivered.
    pub(super) later: Vec<Change<T>>,
    /// The observed functions.
    pub(super) plans: Vec<Plan>,
    pub(super) plan_of: HashMap<(InstanceAddr, FuncIdx), u32>,
    /// The versions of observed functions, by the numbers that the machine gave them.
    pub(super) versions: Vec<Version>,
    /// The sites of all versions, by their numbers.
    pub(super) sites: Vec<SiteAt>,
    /// The sites' lists of hooks: positions in `hooks`, in order, with `END` at the end.
    pub(super) hook_lists: Vec<u32>,
    /// Host functions that are, or were, observed.
    pub(super) hosts: Vec<HostPlan>,
    pub(super) host_of: HashMap<FuncAddr, usize>,
    /// The breakpoints of a debugger. Once there is one, the values of all functions are known
    /// wherever a guest stops.
    pub(super) breakpoints: Option<Breakpoints>,
    /// The debugger's hook.
    pub(super) debugger: Option<u64>,
    /// The debugger's handler of exceptions.
    pub(super) on_exception: Option<OnException<T>>,
    /// Guests that are being stopped or interrupted while their hooks run, the outermost first.
    pub(super) stopped: Vec<Stopped>,
    /// Hooks that have panicked, by their ids. They get no more events, but can still be detached.
    pub(super) panicked: Vec<(u64, Box<dyn ErasedHook<T>>)>,
}

impl<T> Default for Observation<T> {
    fn default() -> Self {
        Self {
            hooks: Vec::new(),
            next: 0,
            delivering: 0,
            later: Vec::new(),
            plans: Vec::new(),
            plan_of: HashMap::new(),
            versions: Vec::new(),
            sites: Vec::new(),
            hook_lists: Vec::new(),
            hosts: Vec::new(),
            host_of: HashMap::new(),
            breakpoints: None,
            debugger: None,
            on_exception: None,
            stopped: Vec::new(),
            panicked: Vec::new(),
        }
    }
}

impl<T> Observation<T> {
    /// Removes a hook that has panicked, and returns it.
    pub(super) fn take_panicked(&mut self, id: u64) -> Option<Box<dyn ErasedHook<T>>> {
        let at = self.panicked.iter().position(|(hook, _)| *hook == id)?;
        Some(self.panicked.swap_remove(at).1)
    }

    /// Returns `true` if changes wait.
    pub(super) fn has_changes(&self) -> bool {
        !self.later.is_empty()
    }
}
