//! Knowledge about a frame: whether its event is being delivered, its locals, its operands.

use super::stop::Stopped;
use super::version::SiteAt;
use crate::Result;
use crate::store::StoreInner;
use crate::types::raw;
use alloc::vec::Vec;
use burdock_core::{Cursor, FrameLocation, Vm};
use burdock_ir::Bank;
use burdock_translate::{Addend, Register, Source};
use burdock_types::ValType;

impl<T: 'static> StoreInner<T> {
    /// Returns the frame of the event that is being delivered.
    pub(super) fn observed_here(&mut self) -> Option<Cursor> {
        let observation = self.hooks.observation.as_ref()?;
        if let Some(stopped) = self.stopped_here() {
            return stopped.leaving;
        }
        let place = observation.place(self.opaque.vm.parked_site()?);
        self.opaque.vm.frame_at_site(place)
    }

    /// Writes to their slots the values that a guest which has trapped has elsewhere.
    pub(super) fn bring_home(&mut self) {
        let vm = &mut self.opaque.vm;
        let Some(observation) = &self.hooks.observation else { return };
        let Some(cursor) = vm.innermost_frame().filter(|cursor| !cursor.is_entering()) else {
            return;
        };
        let Some(version) = cursor.place.version else { return };
        let sites = &observation.versions[version as usize].sites;
        let values = sites.values_at_trap(cursor.place.offset);
        // All are read before the first one is written: a slot may have another value.
        let read = |(slot, source): &(u32, Source)| Some((*slot, value_at(vm, &cursor, *source)?));
        let values: Vec<(u32, u64)> = values.iter().filter_map(read).collect();
        for (slot, value) in values {
            vm.frame_slots_mut(&cursor, slot as usize, 1)[0] = value;
        }
    }

    /// Returns the innermost guest, if it is being stopped or interrupted.
    fn stopped_here(&self) -> Option<Stopped> {
        self.stopped_at(self.opaque.vm.depth())
    }

    /// Returns the guest of the run with `depth` runs outside of it, if the guest is being stopped
    /// or interrupted.
    fn stopped_at(&self, depth: usize) -> Option<Stopped> {
        let stopped = &self.hooks.observation.as_ref()?.stopped;
        stopped.iter().rfind(|stopped| stopped.depth == depth).copied()
    }

    /// Returns `true` if the function of a frame waits for a callee, which may be a guest's
    /// function or a host function.
    pub(crate) fn waits_for_call(&self, cursor: &Cursor) -> bool {
        let place = &cursor.place;
        place.calls
            || place.site.is_none()
                && self.stopped_at(cursor.run()).is_none_or(|stopped| stopped.by_host_call)
    }

    /// Returns `true` if the event that is being delivered happens in this frame.
    pub(super) fn is_at_site(&mut self, cursor: &Cursor) -> bool {
        let vm = &self.opaque.vm;
        let here = cursor.run() == vm.depth() && cursor.place.site.is_some();
        here && self.stopped_here().is_none() && vm.parked_site() == cursor.place.site
    }

    /// Returns the type and slot of each local of a frame.
    pub(super) fn locals_of(&self, cursor: &Cursor) -> Result<&[(ValType, u16)]> {
        if cursor.is_entering() {
            // The stack had no room for the locals: the slots hold other values.
            crate::bail!("the function has no locals yet: the stack has overflowed at its entry");
        }
        let observation = self.hooks.observation.as_ref();
        let version = observation.zip(cursor.place.version);
        match version {
            Some((observation, version)) => {
                Ok(&observation.versions[version as usize].sites.locals)
            }
            None => crate::bail!("the locals of a function that is not observed are not known"),
        }
    }

    /// Returns the type and slot of each operand of a frame in the form that a debugger wants: if
    /// the function waits for a call, with the arguments of the call.
    pub(super) fn operands_with_args(&self, cursor: &Cursor) -> Result<Vec<(raw::ValType, u32)>> {
        let FrameLocation { version, site, offset, .. } = cursor.place;
        let observation = self.hooks.observation.as_ref().filter(|_| site.is_none());
        let version = observation.zip(version).map(|(o, v)| &o.versions[v as usize]);
        let known = version.and_then(|version| match self.waits_for_call(cursor) {
            true => version.sites.operands_with_args(offset),
            false => version.sites.operands_at(offset),
        });
        known.map_or_else(|| self.operands_of(cursor), |operands| Ok(erased(operands)))
    }

    /// Returns the type and slot of each operand of a frame.
    pub(super) fn operands_of(&self, cursor: &Cursor) -> Result<Vec<(raw::ValType, u32)>> {
        let place = &cursor.place;
        let known = self.hooks.observation.as_ref().and_then(|observation| match place.site {
            Some(site) => {
                let SiteAt { version, index, .. } = observation.sites[site as usize];
                let sites = &observation.versions[version as usize].sites;
                Some(sites.operands(&sites.sites[index as usize]))
            }
            None => {
                let version = observation.versions.get(place.version? as usize)?;
                let sites = &version.sites;
                sites.operands_at_call(place.offset).or_else(|| sites.operands_at(place.offset))
            }
        });
        if let Some(operands) = known {
            return Ok(erased(operands));
        }
        crate::bail!("the operands of a function that is not observed are not known")
    }
}

/// Returns a value of the frame of a guest that has trapped, as it would lie in a slot.
fn value_at(vm: &Vm, cursor: &Cursor, source: Source) -> Option<u64> {
    let slot = |slot: u16| vm.frame_slots(cursor, slot.into(), 1).first().copied();
    let int = |register: u8| vm.kept_registers()?.int.get(usize::from(register)).copied();
    let addend = |addend: Addend| match addend {
        Addend::Slot(number) => slot(number),
        Addend::Register(number) => int(number),
    };
    match source {
        Source::Const(bits) => Some(bits),
        Source::Slot(number) => slot(number),
        Source::Sum(a, b) => Some((addend(a)? as u32).wrapping_add(addend(b)? as u32).into()),
        Source::Register(Register { bank, number }) => match bank {
            Bank::Int => int(number),
            Bank::F32 => {
                vm.kept_registers()?.f32.get(usize::from(number)).map(|bits| *bits as u32 as u64)
            }
            Bank::F64 => vm.kept_registers()?.f64.get(usize::from(number)).copied(),
        },
        Source::Home | Source::Local(_) => None,
    }
}

/// Returns places of operands, whose types name no types of the module.
fn erased(places: Vec<(ValType, u32)>) -> Vec<(raw::ValType, u32)> {
    places.into_iter().map(|(ty, slot)| (ty.erased(), slot)).collect()
}
