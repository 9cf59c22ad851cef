//! Exceptions: `throw`, `throw_ref`, and host functions that throw.

use super::{Flow, Machine, OutOfLine, Stop};
use crate::exception::Thrown;
use crate::unwind::{FirstFrame, Landing};
use burdock_ir::control;
use burdock_types::Trap;

/// `throw`
pub(crate) struct Throw;

impl OutOfLine for Throw {
    fn run(m: &mut Machine) -> Flow {
        let control::Throw { args, tag } = m.operands();
        let tag = m.instance().tags[tag as usize];
        let values = m.frame_position() + usize::from(args);
        m.throw(&Thrown::from_stack(tag, values))
    }
}

/// `throw_ref`
pub(crate) struct ThrowRef;

impl OutOfLine for ThrowRef {
    fn run(m: &mut Machine) -> Flow {
        let control::ThrowRef { exception } = m.operands();
        let exception = m.slot(exception);
        let thrown = m.vm().thrown_again(exception).ok_or(Trap::NullReference)?;
        m.throw(&thrown)
    }
}

impl Machine {
    /// Throws an exception at this instruction.
    #[cold]
    fn throw(&mut self, thrown: &Thrown) -> Flow {
        self.park();
        let landing = self.vm().find_handler(thrown, FirstFrame::Parked);
        if landing.is_none_or(|landing| landing.wants_reference()) && !thrown.is_object() {
            self.make_room_for(thrown)?;
        }
        match landing {
            Some(landing) => self.land(&landing, thrown),
            None => {
                let vm = self.vm();
                let exception = vm.reference_to(thrown);
                vm.set_pending_exception(exception);
                vm.run.paused_at = None;
                let host = vm.run.host;
                (host.vtable.uncaught)(host.data);
                Err(Stop::HOST_ERROR)
            }
        }
    }

    /// Makes room for the object of an exception.
    fn make_room_for(&mut self, thrown: &Thrown) -> Flow {
        let Some((current, desired)) = self.vm().exception_growth(thrown.tag)? else {
            return Ok(());
        };
        let granted = self.ask(|m| {
            let host = m.vm().run.host;
            (host.vtable.exceptions_grow)(host.data, current, desired).ok()
        })?;
        if !granted {
            return Err(Trap::OutOfMemory.into());
        }
        self.vm().grant_exceptions(desired);
        Ok(())
    }

    /// Catches the exception that a host function has thrown, if a guest has a handler.
    pub(super) fn catch_from_host(&mut self, first: FirstFrame) -> Option<Flow> {
        let host = self.vm().run.host;
        if !(host.vtable.throws)(host.data) {
            return None;
        }
        let vm = self.vm();
        let thrown = vm.thrown_again(vm.pending_exception())?;
        let landing = vm.find_handler(&thrown, first)?;
        vm.set_pending_exception(0);
        (host.vtable.caught)(host.data);
        Some(self.land(&landing, &thrown))
    }

    /// Continues where an exception is caught.
    fn land(&mut self, landing: &Landing, thrown: &Thrown) -> Flow {
        if landing.left > 0 && self.vm().has_observed() {
            self.ask(|m| {
                let host = m.vm().run.host;
                (host.vtable.unwinding)(host.data, landing.left).ok()
            })?;
        }
        let at = self.vm().land(landing, thrown);
        self.ip = at.ip;
        self.return_to_frame(at.sp);
        self.reload_memory();
        Ok(())
    }
}
