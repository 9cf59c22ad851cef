//! Observed code: versions of one function's code for one instance, beside the module's own code,
//! and the cells of counters.

use crate::code::{Block, FuncLocation, Handling, Position};
use crate::instance::Instance;
use crate::vm::Vm;
use crate::{FuncAddr, HostFunc, InstanceAddr};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use burdock_ir::{CodeBuffer, Meaning};
use burdock_types::FuncIdx;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

/// The code of observed functions in a store, and the counters.
#[derive(Default)]
pub(crate) struct Instrumentation {
    /// The heads that an instruction `observe` may have; none before any code is observed.
    pub(crate) heads: Vec<u64>,
    /// The cells of what code counts; `Hot::cells` points to them.
    pub(crate) counters: Vec<u64>,
    /// The instance of each version of a function's code, and the address at which the code begins.
    pub(crate) versions: Vec<(InstanceAddr, usize)>,
    /// For each site, the position at which a guest continues if its function has newer code.
    pub(crate) successors: Vec<Option<NonNull<u64>>>,
    /// By the addresses of instructions behind calls, where guests continue that return there.
    pub(crate) detours: BTreeMap<usize, Newer>,
}

/// The position behind a call in newer code of a function.
pub(crate) struct Newer {
    pub(crate) to: NonNull<u64>,
    /// The head of the instruction behind the call in the older code.
    head: u64,
}

/// A version of a function's code for observation. A version lives as long as the instance, because
/// frames may be in it.
pub(crate) struct ObservedCode {
    /// The version's number among those of the store.
    pub(crate) version: u32,
    /// The function, counted without the imported ones.
    pub(crate) defined: u32,
    block: Block,
}

impl Instance {
    /// Returns the position of an address, if the address lies in this instance's code.
    pub(crate) fn find(&self, ip: *const u64) -> Option<(Position, Option<&ObservedCode>)> {
        let before = self.observed.range(..=ip as usize).next_back();
        if let Some((_, code)) = before
            && let Some(position) = code.block.find(ip, code.defined)
        {
            return Some((position, Some(code)));
        }
        Some((self.code.find(ip)?, None))
    }

    /// Returns what an exception finds at an instruction of this instance's code.
    pub(crate) fn handling(&self, ip: *const u64) -> Option<Handling<'_>> {
        let before = self.observed.range(..=ip as usize).next_back();
        let observed = before.and_then(|(_, code)| code.block.handling(ip));
        observed.or_else(|| self.code.handling(ip))
    }

    /// Returns the function that an address lies in, if the address lies in this instance's code.
    pub(crate) fn place(&self, ip: *const u64) -> Option<FuncLocation> {
        let before = self.observed.range(..=ip as usize).next_back();
        let observed = before.and_then(|(_, code)| code.block.place(ip, code.defined));
        observed.or_else(|| self.code.place(ip))
    }
}

#[cfg(loop_dispatch)]
impl Instance {
    /// Returns `true` if an address may lie in this instance's code; see `Code::may_hold`.
    pub(crate) fn may_hold(&self, ip: *const u64) -> bool {
        let before = self.observed.range(..=ip as usize).next_back();
        let observed = before.is_some_and(|(_, code)| code.block.position(ip).is_some());
        observed && ip.is_aligned() || self.code.may_hold(ip)
    }
}

impl Vm {
    /// Returns `true` if any function has had code for observation.
    pub(crate) fn has_observed(&self) -> bool {
        !self.instrumentation.versions.is_empty()
    }

    /// Adds a version of the code of a function that an instance defines. The next calls of the
    /// function run this version. The buffer has this function only, with the heads of the store's
    /// dispatcher; its counters are in `cells` new cells. Returns the version's number.
    pub fn observe_func(
        &mut self,
        instance: InstanceAddr,
        func: FuncIdx,
        buffer: CodeBuffer,
        cells: u32,
    ) -> u32 {
        if self.instrumentation.heads.is_empty() {
            self.instrumentation.heads = self.config.dispatch.heads(Meaning::Observe.only_op());
        }
        self.instrumentation
            .counters
            .resize(self.instrumentation.counters.len() + cells as usize, 0);
        self.hot.cells = self.instrumentation.counters.as_mut_ptr();
        self.exceptions.cache.forget_paths();
        let version = self.instrumentation.versions.len() as u32;
        let block = Block::new(buffer);
        self.config.dispatch.bind(block.words());
        let key = block.words().as_ptr() as usize;
        self.instrumentation.versions.push((instance, key));
        let owner = self.entities.instances.get_mut(instance.index());
        let defined = func.0 - owner.imported.len() as u32;
        let entry = block.entry(0);
        owner.observed.insert(key, ObservedCode { version, defined, block });
        self.set_entry(instance, defined, entry);
        version
    }

    /// Has the next calls of a function run a version of its code that was made before.
    pub fn use_version(&mut self, version: u32) {
        let (instance, key) = self.instrumentation.versions[version as usize];
        if let Some(code) = self.entities.instances.get(instance.index()).observed.get(&key) {
            let (defined, entry) = (code.defined, code.block.entry(0));
            self.set_entry(instance, defined, entry);
        }
    }

    /// Makes guests that are at one site of a version go on at the same place in another version of
    /// the function's code: `to` is that version and the position in its code. `None` makes them go
    /// on at the site.
    ///
    /// An instruction begins at the position. Both places stand for the same operator and the same
    /// values, all of which are in their slots (invariant CODE).
    pub fn set_successor(&mut self, site: u32, to: Option<(u32, u32)>) {
        let site = site as usize;
        let to = to.and_then(|(version, position)| self.instruction_of(version, position));
        if to.is_some() && self.instrumentation.successors.len() <= site {
            self.instrumentation.successors.resize(site + 1, None);
            self.run.detours |= Self::NEWER;
        }
        if let Some(successor) = self.instrumentation.successors.get_mut(site) {
            *successor = to;
        }
    }

    /// Makes guests that return to a position of a version go on behind the same call in another
    /// version of the function's code: `to` is that version and the position in its code. `None`
    /// makes them go on at the position.
    ///
    /// An instruction begins at both positions. Both stand for the same values, all of which are in
    /// their slots (invariant CODE). Whoever jumps to the position may arrive in the other version
    /// as well.
    pub fn set_detour(&mut self, version: u32, position: u32, to: Option<(u32, u32)>) {
        let to = to.and_then(|(version, position)| self.instruction_of(version, position));
        let Some(at) = self.instruction_of(version, position) else { return };
        let detours = &mut self.instrumentation.detours;
        let address = at.as_ptr() as usize;
        // SAFETY: [CODE] the words of a version live as long as the store, and are atomic.
        let first = unsafe { at.cast::<AtomicU64>().as_ref() };
        match to {
            Some(to) => {
                let before = detours.get(&address).map(|newer| newer.head);
                let head = before.unwrap_or_else(|| first.load(Ordering::Relaxed));
                detours.insert(address, Newer { to, head });
                let detour = self.config.dispatch.heads(Meaning::Detour.only_op());
                first.store(detour[0], Ordering::Relaxed);
            }
            None => {
                if let Some(newer) = detours.remove(&address) {
                    first.store(newer.head, Ordering::Relaxed);
                }
            }
        }
    }

    /// Returns the instruction at a position of a version's code.
    fn instruction_of(&self, version: u32, position: u32) -> Option<NonNull<u64>> {
        let (instance, key) = *self.instrumentation.versions.get(version as usize)?;
        let code = self.entities.instances.get(instance.index()).observed.get(&key)?;
        Some(NonNull::from(code.block.words().get(position as usize)?).cast())
    }

    /// Has the next calls of a function run the module's code again.
    pub fn use_ordinary_code(&mut self, instance: InstanceAddr, func: FuncIdx) {
        let owner = self.entities.instances.get(instance.index());
        let defined = func.0 - owner.imported.len() as u32;
        let entry = owner.code.entry(defined);
        self.set_entry(instance, defined, entry);
    }

    /// Has calls of a host function call another one of the same type.
    pub fn replace_host_func(&mut self, func: FuncAddr, host: HostFunc) {
        self.entities.funcs[func.index()].index = host.0;
    }

    /// Returns the counters.
    pub fn counters(&self) -> &[u64] {
        &self.instrumentation.counters
    }

    /// Returns the counters, to be reset.
    pub fn counters_mut(&mut self) -> &mut [u64] {
        &mut self.instrumentation.counters
    }

    /// Returns the functions that an instance imports, in the order of their indices.
    pub fn imported_funcs(&self, instance: InstanceAddr) -> &[FuncAddr] {
        &self.entities.instances.get(instance.index()).imported
    }

    /// Returns the bytes of a data segment; empty once the segment was dropped.
    pub fn data_bytes(&self, instance: InstanceAddr, data: burdock_types::DataIdx) -> &[u8] {
        self.entities.instances.get(instance.index()).data(data)
    }
}
