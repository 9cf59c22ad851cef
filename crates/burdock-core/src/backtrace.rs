//! Walking frames: from where guest code was left, out to where the host called it, and on through
//! the runs that wait.

use crate::InstanceAddr;
use crate::instance::Instance;
use crate::vm::{Parked, RawFrame, Vm};
use alloc::vec::Vec;
use burdock_types::FuncIdx;

impl Vm {
    /// The frames of all guest code that is running or waiting, innermost first; at most `max`. A
    /// resumable call has a stack of its own: what has called it is not among them.
    pub fn backtrace(&self, max: usize) -> Vec<RawFrame> {
        let mut frames = Vec::new();
        let mut switches = self.switches.len();
        let mut next = self.outer_run(self.outer.len() + 1);
        while let Some(run) = next {
            self.walk(self.parked_run(run), &mut switches, max, &mut frames);
            next = self.outer_run(run);
        }
        frames
    }

    /// The frames of the run that ended last in a trap or another error. Asking takes them.
    pub fn take_trap_backtrace(&mut self) -> Vec<RawFrame> {
        core::mem::take(&mut self.trap_backtrace)
    }

    /// The frames of one run.
    fn walk(&self, parked: &Parked, switches: &mut usize, max: usize, frames: &mut Vec<RawFrame>) {
        let Parked { mut sp, mut instance, .. } = *parked;
        let mut ip = parked.ip();
        let mut is_return_address = false;
        while frames.len() < max && !ip.is_null() {
            // SAFETY: [ADDR] an instance lives as long as the store.
            let Some(current) = (unsafe { instance.as_ref() }) else {
                break;
            };
            let Some(position) = find(current, ip, is_return_address) else {
                break;
            };
            frames.push(RawFrame {
                instance: InstanceAddr(current.address),
                func: FuncIdx(current.imported.len() as u32 + position.defined),
                offset: position.offset,
            });
            let record = self.stack.slots(sp + usize::from(position.meta.record), 2);
            ip = record[0] as *const u64;
            sp -= record[1] as usize;
            is_return_address = true;
            if ip == self.stubs.exit.as_ptr() {
                break;
            }
            if ip == self.stubs.return_to_instance.as_ptr() {
                let Some(index) = switches.checked_sub(1) else {
                    break;
                };
                *switches = index;
                ip = self.switches[index].ip;
                instance = self.switches[index].instance;
            }
        }
    }
}

/// Where an address lies; a return address belongs to the call before it.
fn find(
    instance: &Instance,
    ip: *const u64,
    is_return_address: bool,
) -> Option<crate::code::Position> {
    let ip = if is_return_address { ip.wrapping_sub(1) } else { ip };
    Some(instance.find(ip)?.0)
}
