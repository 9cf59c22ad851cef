//! Exceptions: `throw`, `throw_ref`, and host functions that throw.

use super::{Flow, Instruction, Machine, OutOfLine, SlowWay, Stop};
use crate::exception::Thrown;
use crate::unwind::{FirstFrame, Landing, Route};
use burdock_ir::control;
use burdock_types::Trap;

/// `throw`
pub(crate) struct Throw;

impl Instruction for Throw {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// Catches the exception if it goes a way that is known.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Throw { args, .. } = m.operands();
        let (ip, position) = (m.ip, m.frame_position());
        let Some(Route { to, distance, values, slot, left }) = m.vm().known_route(ip, position)
        else {
            return Err(Stop::SLOW);
        };
        let thrower = m.sp;
        let catcher = thrower.wrapping_sub(distance);
        let move_value = |m: &mut Machine, n: u16| {
            m.sp = thrower;
            let bits = m.slot(args + n);
            m.sp = catcher;
            m.set_slot(slot + n, bits);
        };
        // Apart from the loop, which LLVM unrolls: one value alone took 16 instructions more.
        match values {
            0 => {}
            1 => move_value(m, 0),
            _ => (0..values).for_each(|n| move_value(m, n)),
        }
        m.sp = catcher;
        let frames = &mut m.vm().run.frames;
        // 0 in code that counts no frames.
        *frames = frames.saturating_sub(left);
        m.ip = to;
        Ok(())
    }
}

impl Throw {
    fn slow(m: &mut Machine) -> Flow {
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
        if self.vm().exceptions.watched {
            return self.throw_watched(thrown);
        }
        self.park();
        let landing = self.vm().find_handler(thrown, FirstFrame::Parked);
        let thrown = match landing {
            Some(landing) if !landing.wants_reference() => *thrown,
            _ => self.move_to_object(thrown)?,
        };
        match landing {
            Some(landing) => {
                self.vm().note_path(&landing, &thrown);
                self.land(&landing, &thrown)
            }
            None => {
                let object = thrown.object().map_or(0, |object| object.reference().to_slot());
                self.vm().set_pending_exception(object);
                Err(self.uncaught())
            }
        }
    }

    /// Throws an exception of which the host is told first. The exception is pending meanwhile,
    /// where the host can replace it and the collector finds it.
    fn throw_watched(&mut self, thrown: &Thrown) -> Flow {
        self.park();
        let object = self.move_to_object(thrown)?.object();
        let reference = object.map_or(0, |object| object.reference().to_slot());
        self.vm().set_pending_exception(reference);
        self.tell_of_exception(false)?;
        self.park();
        // There is none if the host has taken it away.
        let Some(thrown) = self.vm().thrown_pending() else { return Err(self.uncaught()) };
        match self.vm().find_handler(&thrown, FirstFrame::Parked) {
            Some(landing) => {
                self.vm().set_pending_exception(0);
                self.land(&landing, &thrown)
            }
            None => Err(self.uncaught()),
        }
    }

    /// Tells the host that the pending exception is thrown. If the host fails, nothing is thrown.
    fn tell_of_exception(&mut self, by_host_call: bool) -> Result<(), Stop> {
        let told = self.ask(|m| {
            let host = m.vm().run.host;
            (host.vtable.throwing)(host.data, by_host_call).ok()
        });
        if told.is_err() {
            self.vm().set_pending_exception(0);
        }
        told
    }

    /// Stops with the error for the pending exception, which no guest of the run catches.
    fn uncaught(&mut self) -> Stop {
        let vm = self.vm();
        vm.run.paused_at = None;
        let host = vm.run.host;
        (host.vtable.uncaught)(host.data);
        Stop::HOST_ERROR
    }

    /// Returns an exception whose values are in an object. They are in slots until there is one,
    /// where the collector finds them.
    fn move_to_object(&mut self, thrown: &Thrown) -> Result<Thrown, Stop> {
        loop {
            match self.vm().move_to_object(thrown) {
                Ok(thrown) => return Ok(thrown),
                Err(shortage) => self.make_room(shortage)?,
            }
        }
    }

    /// Catches the exception that a host function has thrown, if a guest has a handler.
    pub(super) fn catch_from_host(&mut self, first: FirstFrame) -> Option<Flow> {
        let host = self.vm().run.host;
        if !(host.vtable.throws)(host.data) {
            return None;
        }
        let vm = self.vm();
        let mut thrown = vm.thrown_pending()?;
        if vm.exceptions.watched {
            if let Err(stop) = self.tell_of_exception(true) {
                return Some(Err(stop));
            }
            thrown = self.vm().thrown_pending()?;
        }
        let vm = self.vm();
        let landing = vm.find_handler(&thrown, first)?;
        vm.set_pending_exception(0);
        (host.vtable.caught)(host.data);
        Some(self.land(&landing, &thrown))
    }

    /// Continues where an exception is caught.
    fn land(&mut self, landing: &Landing, thrown: &Thrown) -> Flow {
        if landing.left > 0 && self.vm().has_observed() {
            // The exception's object may be in no slot, and a hook may collect garbage.
            let held = self.vm().hold(thrown.object().map(|object| object.reference().to_slot()));
            let told = self.ask(|m| {
                let host = m.vm().run.host;
                (host.vtable.unwinding)(host.data, landing.left).ok()
            });
            self.vm().release(held);
            told?;
        }
        let at = self.vm().land(landing, thrown);
        self.ip = at.ip;
        self.return_to_frame(at.sp);
        self.reload_memory();
        Ok(())
    }
}
