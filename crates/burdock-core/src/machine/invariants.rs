//! The invariants of docs/INVARIANTS.md as far as they can be looked at between two instructions.
//! Builds with debug assertions look under `loop` dispatch, whenever the frame is another one:
//! after calls and returns. Others have no trace of this.

use super::Machine;
#[cfg(loop_dispatch)]
use crate::host::RawHost;
#[cfg(loop_dispatch)]
use core::ptr;

impl Machine {
    /// Returns the name of an invariant that does not hold, if there is one.
    #[cfg(loop_dispatch)]
    pub(crate) fn broken_invariant(&self) -> Option<&'static str> {
        // SAFETY: [OWN] nothing else uses the store while the machine runs.
        let vm = unsafe { &*self.vm };
        // SAFETY: [ADDR] the instance, if there is one, lives as long as the store.
        let Some(instance) = (unsafe { vm.run.instance.as_ref() }) else {
            return Some("ADDR");
        };
        // SAFETY: [ADDR] the instance's memories live as long as the store.
        let memory = unsafe { &*instance.memory() };
        let memory = (memory.data.as_ptr(), memory.len);
        let checks = [
            ("CODE", vm.hot.stubs.holds(self.ip) || instance.may_hold(self.ip)),
            (
                "SLOT",
                vm.runs.stack.holds(self.sp)
                    && vm.runs.stack.spans(vm.hot.stack_base, vm.hot.stack_end),
            ),
            ("MEM", (self.memory, self.memory_len) == memory),
            (
                "ADDR",
                vm.hot.entries == instance.entries.as_ptr()
                    && vm.hot.memory == instance.memory()
                    && vm.hot.instance_globals == instance.globals.as_ptr(),
            ),
            ("HOST", !ptr::eq(vm.run.host.vtable, RawHost::NONE.vtable)),
        ];
        checks.into_iter().find(|(_, holds)| !holds).map(|(name, _)| name)
    }

    /// Returns `true` if a slot of the frame lies before the end of the stack. Another check
    /// ensures that the frame does not begin before the stack.
    #[inline(always)]
    pub(crate) fn has_slot(&self, slot: u16) -> bool {
        // SAFETY: [OWN] nothing else uses the store while the machine runs.
        let end = unsafe { (*self.vm).hot.stack_end };
        self.sp as usize + slot as usize * size_of::<u64>() < end as usize
    }
}
