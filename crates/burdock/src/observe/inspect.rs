//! Knowledge about a frame: whether its event is being delivered, its locals, its operands.

use super::stop::Stopped;
use super::version::SiteAt;
use crate::Result;
use crate::store::StoreInner;
use crate::types::raw;
use alloc::vec::Vec;
use burdock_core::{Cursor, FrameLocation};
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
        let FrameLocation { instance, version, site, offset, .. } = cursor.place;
        let observation = self.hooks.observation.as_ref().filter(|_| site.is_none());
        let version = observation.zip(version).map(|(o, v)| &o.versions[v as usize]);
        let known = version.and_then(|version| version.sites.operands_at(offset));
        let Some(mut operands) = known.map(erased) else { return self.operands_of(cursor) };
        let bytes = self.opaque.instance(instance).module.bytes();
        if self.waits_for_call(cursor) && burdock_parse::calls_indirectly(bytes, offset) {
            // The call's index operand is not an argument.
            operands.pop();
        }
        Ok(operands)
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

/// Returns places of operands, whose types name no types of the module.
fn erased(places: Vec<(ValType, u32)>) -> Vec<(raw::ValType, u32)> {
    places.into_iter().map(|(ty, slot)| (ty.erased(), slot)).collect()
}
