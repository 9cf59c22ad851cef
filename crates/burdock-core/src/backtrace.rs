//! Walking frames: from where guest code was left, out to where the host called it, and on through
//! the runs that wait.

use crate::InstanceAddr;
use crate::instance::Instance;
use crate::run_state::RunState;
use crate::vm::{Parked, RawFrame, Vm};
use alloc::vec::Vec;
use burdock_types::FuncIdx;

impl Vm {
    /// Returns the frames of all guest code that is running or waiting, on all stacks, innermost
    /// first; at most `max` frames.
    pub fn backtrace(&self, max: usize) -> Vec<RawFrame> {
        let mut frames = Vec::new();
        let mut switches = self.runs.switches.len();
        let mut next = self.guest_outside(self.runs.waiting.len() + 1);
        while let Some(number) = next.filter(|_| frames.len() < max)
            && let Some(run) = self.run_at(number)
        {
            self.walk(run, &mut switches, max, &mut frames);
            next = self.guest_outside(number);
        }
        frames
    }

    /// Appends the frames of one run.
    fn walk(&self, run: &RunState, switches: &mut usize, max: usize, frames: &mut Vec<RawFrame>) {
        let (stack, Parked { mut sp, mut instance, .. }) = (self.stack_of(run), run.parked);
        let mut ip = run.parked.ip();
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
            let record = stack.slots(sp + usize::from(position.meta.record), 2);
            ip = record[0] as *const u64;
            sp -= record[1] as usize;
            is_return_address = true;
            if ip == self.hot.stubs.exit.as_ptr() {
                break;
            }
            if ip == self.hot.stubs.return_to_instance.as_ptr() {
                let Some(index) = switches.checked_sub(1) else {
                    break;
                };
                *switches = index;
                ip = self.runs.switches[index].ip;
                instance = self.runs.switches[index].instance;
            }
        }
    }
}

/// Returns the position of an address; a return address belongs to the call before it.
fn find(
    instance: &Instance,
    ip: *const u64,
    is_return_address: bool,
) -> Option<crate::code::Position> {
    let ip = if is_return_address { ip.wrapping_sub(1) } else { ip };
    Some(instance.find(ip)?.0)
}
