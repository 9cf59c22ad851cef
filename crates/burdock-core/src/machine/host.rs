//! Requests of instructions to the host: calls of host functions, and questions that may fail.

use super::{Flow, Machine, Stop};
use crate::instance::Func;
use crate::run::PausedAt;
use crate::run_state::OnError;
use crate::unwind::FirstFrame;
use crate::vm::Parked;
use crate::{FuncAddr, HostFunc};
use alloc::boxed::Box;

impl Machine {
    /// Calls a host function whose arguments begin at a slot. Returns `false` if the function
    /// fails. Value registers contain nothing that is needed later, because translation moves all
    /// values to their home slots before a call.
    #[inline(always)]
    pub(super) fn ask_host(&mut self, callee: Func, args: u16) -> bool {
        let position = self.park();
        let vm = self.vm();
        let slots = vm.host_slots(position + usize::from(args), callee);
        vm.run.top = slots.start + slots.len;
        let host = vm.run.host;
        let result = (host.vtable.call_host)(host.data, HostFunc(callee.index), slots);
        self.return_to_frame(position);
        self.reload_memory();
        (self.int, self.f32, self.f64) = (0, 0.0, 0.0);
        result.is_ok()
    }

    /// Calls a host function; continues behind the instruction.
    pub(super) fn call_host(
        &mut self,
        func: FuncAddr,
        callee: Func,
        args: u16,
        words: usize,
    ) -> Flow {
        if !self.ask_host(callee, args) {
            return self.host_failed(func, args, words, FirstFrame::Parked);
        }
        self.advance(words);
        Ok(())
    }

    /// Continues after an error of a host function: where a guest catches the exception for which
    /// the error stands, or nowhere. If the call is resumed, it continues behind the instruction.
    #[cold]
    pub(super) fn host_failed(
        &mut self,
        func: FuncAddr,
        args: u16,
        words: usize,
        first: FirstFrame,
    ) -> Flow {
        if let Some(caught) = self.catch_from_host(first) {
            return caught;
        }
        let ip = self.ip.wrapping_add(words);
        let results = self.frame_position() + usize::from(args);
        let at = self.left_at(ip);
        Err(self.pause(PausedAt::host_call(at, func, results, first), Stop::HOST_ERROR))
    }

    /// Stops after an error of the host at a site. A run that is resumed continues behind the site.
    #[cold]
    pub(super) fn observer_failed(&mut self) -> Stop {
        let at = self.left_at(self.ip);
        self.pause(PausedAt::delivered_site(at), Stop::HOST_ERROR)
    }

    /// Returns the place of a guest that continues at the instruction at `ip`.
    pub(super) fn left_at(&mut self, ip: *const u64) -> Parked {
        Parked { ip, sp: self.frame_position(), instance: self.vm().run.instance }
    }

    /// Records where the run can continue, if it can be resumed.
    #[cold]
    pub(super) fn pause(&mut self, place: PausedAt, stop: Stop) -> Stop {
        self.vm().run.paused_at = Some(Box::new(place));
        stop
    }

    /// Calls a fallible method of the host, with the frame protected from nested runs.
    pub(super) fn ask<R>(&mut self, ask: impl FnOnce(&mut Self) -> Option<R>) -> Result<R, Stop> {
        let position = self.park();
        let vm = self.vm();
        vm.run.top = vm.end_of_frame(&vm.run.parked);
        vm.run.paused_at = None;
        let answer = ask(self);
        self.return_to_frame(position);
        self.reload_memory();
        answer.ok_or(Stop::HOST_ERROR)
    }

    /// Calls a method of the host as [`ask_or_wait`](Self::ask_or_wait) does, for an instruction
    /// around which values may be in registers.
    #[cold]
    pub(super) fn ask_or_keep<R>(
        &mut self,
        ask: impl FnOnce(&mut Self) -> Option<R>,
    ) -> Result<R, Stop> {
        let answer = self.ask(ask);
        if answer.is_err() && self.vm().run.on_error == OnError::Suspend {
            let at = self.left_at(self.ip);
            self.vm().kept.keep_at(at.ip);
            return Err(self.pause(PausedAt::question_with_registers(at), Stop::WAIT));
        }
        answer
    }

    /// Calls a method of the host that may have to wait for its answer. A run that can wait then
    /// executes the instruction again, which has changed nothing and whose values are in slots.
    pub(super) fn ask_or_wait<R>(
        &mut self,
        ask: impl FnOnce(&mut Self) -> Option<R>,
    ) -> Result<R, Stop> {
        let answer = self.ask(ask);
        if answer.is_err() && self.vm().run.on_error == OnError::Suspend {
            let at = self.left_at(self.ip);
            return Err(self.pause(PausedAt::question(at), Stop::HOST_ERROR));
        }
        answer
    }
}
