//! Calls and returns. A frame's record (return position, distance to the caller's frame) lies in
//! the callee's frame behind its parameters and results; that is all there is of a call stack.

use super::operand::{Banked, InSlot, Reg, Slot, Source};
use super::{Flow, Instruction, Machine, Stop};
use crate::instance::{Func, Instance};
use crate::run::PausedAt;
use crate::vm::{Parked, Switch};
use crate::{FuncAddr, HostFunc, InstanceAddr, SourceError};
use alloc::boxed::Box;
use burdock_ir::Meaning;
use burdock_types::Trap;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering;

impl Machine {
    /// Where a call of a function of this instance begins.
    #[inline(always)]
    fn entry(&mut self, func: u32) -> *const u64 {
        let entry = self.vm().entries.wrapping_add(func as usize);
        // SAFETY: [ADDR] the index is one of the instance's functions.
        unsafe { *entry }
    }

    /// Moves the frame to where the arguments are and writes its record.
    #[inline(always)]
    fn push_frame(&mut self, args: u16, record: u16, back: *const u64) {
        self.sp = self.sp.wrapping_add(args.into());
        self.set_slot(record, back as u64);
        self.set_slot(record + 1, args.into());
    }

    /// Returns to the caller.
    #[inline(always)]
    fn pop_frame(&mut self, record: u16) {
        self.ip = self.slot(record) as *const u64;
        let distance = self.slot(record + 1) as usize;
        self.sp = self.sp.wrapping_sub(distance);
    }

    /// Returns from a function, the results being in place.
    #[inline(always)]
    pub(super) fn leave_frame(&mut self, record: u16) {
        self.pop_frame(record);
    }

    /// Makes another instance the one whose code runs.
    fn switch_to(&mut self, instance: NonNull<Instance>) {
        self.vm().enter_instance(instance);
        self.reload_memory();
    }

    /// Calls a function of whatever kind; the call instruction is `words` long.
    #[inline]
    fn call_func(&mut self, func: FuncAddr, args: u16, record: u16, words: usize) -> Flow {
        let callee = self.vm().callee(func);
        let back = self.ip.wrapping_add(words);
        match callee.instance {
            None => return self.call_host(func, callee, args, words),
            Some(instance) if instance.as_ptr() == self.vm().run.instance => {
                self.push_frame(args, record, back);
            }
            Some(instance) => {
                let vm = self.vm();
                vm.switches.push(Switch { ip: back, instance: vm.run.instance });
                let stub = vm.stubs.return_to_instance.as_ptr();
                self.push_frame(args, record, stub);
                self.switch_to(instance);
            }
        }
        self.ip = callee.entry;
        Ok(())
    }

    /// Calls a host function whose arguments begin at a slot; false if it erred. Value registers
    /// hold nothing that is wanted later: a call brings everything home.
    #[inline(always)]
    fn ask_host(&mut self, callee: Func, args: u16) -> bool {
        let position = self.park();
        let vm = self.vm();
        let slots = vm.host_slots(position + usize::from(args), callee);
        vm.run.top = slots.start + slots.len;
        let seat = vm.run.seat;
        let result = (seat.services.call_host)(seat.door, HostFunc(callee.index), slots);
        self.return_to_frame(position);
        self.reload_memory();
        (self.int, self.f32, self.f64) = (0, 0.0, 0.0);
        result.is_ok()
    }

    /// Calls a host function; goes on behind the instruction.
    fn call_host(&mut self, func: FuncAddr, callee: Func, args: u16, words: usize) -> Flow {
        if !self.ask_host(callee, args) {
            return Err(self.host_failed(func, args, words));
        }
        self.advance(words);
        Ok(())
    }

    /// A host function has erred: the call goes on behind the instruction if it is resumed.
    #[cold]
    fn host_failed(&mut self, func: FuncAddr, args: u16, words: usize) -> Stop {
        let ip = self.ip.wrapping_add(words);
        let results = self.frame_position() + usize::from(args);
        let at = self.left_at(ip);
        self.pause(PausedAt::host_call(at, func, results), Stop::HOST_ERROR)
    }

    /// The host has erred when it was told of a site: the run goes on behind that if it is resumed.
    #[cold]
    pub(super) fn observer_failed(&mut self) -> Stop {
        let at = self.left_at(self.ip);
        self.pause(PausedAt::told_site(at), Stop::HOST_ERROR)
    }

    /// Returns the place of the guest as it is if the guest goes on at the instruction at `ip`.
    fn left_at(&mut self, ip: *const u64) -> Parked {
        Parked { ip, sp: self.frame_position(), instance: self.vm().run.instance }
    }

    /// Notes where the run could go on, if it can be resumed.
    #[cold]
    fn pause(&mut self, place: PausedAt, stop: Stop) -> Stop {
        self.vm().run.paused_at = Some(Box::new(place));
        stop
    }

    /// There is too little fuel for this instruction, which nothing is in registers for: it is done
    /// again if the host has more.
    #[cold]
    #[inline(never)]
    pub(super) fn out_of_fuel(&mut self, required: u64) -> Flow {
        let more = self.ask(|m| {
            let seat = m.vm().run.seat;
            (seat.services.out_of_fuel)(seat.door, required).ok()
        });
        match more {
            Ok(true) => Ok(()),
            Ok(false) => {
                let at = self.left_at(self.ip);
                Err(self.pause(PausedAt::out_of_fuel(at, required), Stop::OUT_OF_FUEL))
            }
            Err(_) => Err(self.observer_failed()),
        }
    }

    /// Asks the host something that may err, with the frame out of its way.
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

    /// The function that an indirect call calls. An `i32` index has zeros above it.
    #[inline(always)]
    fn table_func(&mut self, index: u64, callee: u64) -> Result<FuncAddr, Trap> {
        let (ty, table) = (callee as u32, (callee >> 32) as usize);
        let instance = self.instance();
        let expected = instance.types()[ty as usize].id;
        // SAFETY: [ADDR] the instance's tables live as long as the store.
        let table = unsafe { instance.tables[table].as_ref() };
        let element = table.get(index).ok_or(Trap::TableOutOfBounds)?;
        let func = FuncAddr::from_raw(element).ok_or(Trap::IndirectCallToNull)?;
        match self.vm().callee(func).ty == expected {
            true => Ok(func),
            false => Err(Trap::BadSignature),
        }
    }

    /// Makes room for a frame of so many slots.
    #[cold]
    #[inline(never)]
    fn grow_stack(&mut self, frame: usize) -> Flow {
        let position = self.frame_position();
        let vm = self.vm();
        if !vm.stack.reserve(position + frame) {
            return Err(Trap::StackOverflow.into());
        }
        vm.refresh_stack();
        self.return_to_frame(position);
        Ok(())
    }
}

/// Enters a function: room for its frame, zero for its locals.
pub(crate) struct Enter;

impl Instruction for Enter {
    const SLOW: bool = true;

    /// Makes room; the instruction is then executed again.
    fn slow(m: &mut Machine) -> Flow {
        m.grow_stack(m.imm() as usize)
    }

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        if m.sp.wrapping_add(m.imm() as usize) > m.vm().stack_end {
            return Err(Stop::SLOW);
        }
        let first = m.sp.wrapping_add(m.field(0).into());
        for local in 0..usize::from(m.field(1)) {
            // Volatile, so that the loop is not made a call of `memset`: locals are few.
            // SAFETY: [SLOT] locals lie within the frame.
            unsafe { first.wrapping_add(local).write_volatile(0) };
        }
        m.advance(2);
        Ok(())
    }
}

/// Binds the function, which is called for the first time, and goes on with its first instruction.
pub(crate) struct BindFunc;

impl Instruction for BindFunc {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let ip = m.ip;
        m.instance().code.bind(ip);
        Ok(())
    }
}

/// `call` of a function of the same module.
pub(crate) struct Call;

impl Instruction for Call {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let callee = m.imm();
        let back = m.ip.wrapping_add(2);
        let (args, record) = (m.field(0), m.field(1));
        m.push_frame(args, record, back);
        m.ip = m.entry(callee);
        Ok(())
    }
}

/// `call` of an imported function.
pub(crate) struct CallImported;

impl Instruction for CallImported {
    const SLOW: bool = true;

    /// The way to a host function.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let index = m.imm() as usize;
        let func = m.instance().imported[index];
        let callee = m.vm().callee(func);
        if callee.instance.is_some() {
            return Err(Stop::SLOW);
        }
        if !m.ask_host(callee, m.field(0)) {
            m.vm().run.host_failed = true;
            return Err(Stop::SLOW);
        }
        m.advance(2);
        Ok(())
    }

    fn slow(m: &mut Machine) -> Flow {
        let index = m.imm() as usize;
        let func = m.instance().imported[index];
        let (args, record) = (m.field(0), m.field(1));
        if core::mem::take(&mut m.vm().run.host_failed) {
            return Err(m.host_failed(func, args, 2));
        }
        m.call_func(func, args, record, 2)
    }
}

/// `call_indirect`, with the index in a slot or the register.
pub(crate) struct Indirect<A>(PhantomData<A>);

impl<A: Source<i64>> Instruction for Indirect<A> {
    const SLOW: bool = true;

    /// The way within the instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let index = A::get(m) as u64;
        let func = m.table_func(index, m.word(2))?;
        let callee = m.vm().callee(func);
        if callee.instance.map_or(ptr::null_mut(), NonNull::as_ptr) != m.vm().run.instance {
            return Err(Stop::SLOW);
        }
        let back = m.ip.wrapping_add(3);
        m.push_frame(m.field(0), m.field(2), back);
        m.ip = callee.entry;
        Ok(())
    }

    fn slow(m: &mut Machine) -> Flow {
        let index = A::get(m) as u64;
        let func = m.table_func(index, m.word(2))?;
        m.call_func(func, m.field(0), m.field(2), 3)
    }
}

pub(crate) type CallIndirect = Indirect<Slot<1>>;
pub(crate) type CallIndirectR = Indirect<Reg>;

impl Machine {
    /// Replaces this frame by the callee's: its arguments to the front, the record behind them.
    #[inline(always)]
    fn replace_frame(&mut self, own: u16, callee: u16, back: *const u64) {
        let distance = self.slot(own + 1);
        self.copy_slots(0, self.field(0), self.field(3));
        self.set_slot(callee, back as u64);
        self.set_slot(callee + 1, distance);
    }

    /// Calls a function in place of this one. After a host function goes on behind the
    /// instruction, where its results are returned.
    fn tail_call(&mut self, func: FuncAddr, own: u16, words: usize) -> Flow {
        let callee = self.vm().callee(func);
        let mut back = self.slot(own) as *const u64;
        let Some(instance) = callee.instance else {
            return self.call_host(func, callee, self.field(0), words);
        };
        let vm = self.vm();
        if instance.as_ptr() != vm.run.instance {
            let stub = vm.stubs.return_to_instance.as_ptr();
            // Who already returns by way of the stub needs no second one: tail calls between
            // instances take no room.
            if back != stub {
                vm.switches.push(Switch { ip: back, instance: vm.run.instance });
                back = stub;
            }
        }
        self.replace_frame(own, self.field(2), back);
        if instance.as_ptr() != self.vm().run.instance {
            self.switch_to(instance);
        }
        self.ip = callee.entry;
        Ok(())
    }
}

/// `return_call` of a function of the same module.
pub(crate) struct ReturnCall;

impl Instruction for ReturnCall {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let callee = m.word(2) as u32;
        let own = m.field(1);
        let back = m.slot(own) as *const u64;
        m.replace_frame(own, m.field(2), back);
        m.ip = m.entry(callee);
        Ok(())
    }
}

/// `return_call` of an imported function.
pub(crate) struct ReturnCallImported;

impl Instruction for ReturnCallImported {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let index = m.word(2) as usize;
        let func = m.instance().imported[index];
        m.tail_call(func, m.field(1), 3)
    }
}

/// `return_call_indirect`
pub(crate) struct ReturnCallIndirect;

impl Instruction for ReturnCallIndirect {
    const SLOW: bool = true;

    /// The way within the instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let index = m.slot(m.field(1));
        let func = m.table_func(index, m.word(2))?;
        let callee = m.vm().callee(func);
        if callee.instance.map_or(ptr::null_mut(), NonNull::as_ptr) != m.vm().run.instance {
            return Err(Stop::SLOW);
        }
        let own = m.word(3) as u16;
        let back = m.slot(own) as *const u64;
        m.replace_frame(own, m.field(2), back);
        m.ip = callee.entry;
        Ok(())
    }

    fn slow(m: &mut Machine) -> Flow {
        let index = m.slot(m.field(1));
        let func = m.table_func(index, m.word(2))?;
        m.tail_call(func, m.word(3) as u16, 4)
    }
}

/// `return`, the results being in place.
pub(crate) struct Return;

impl Instruction for Return {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.pop_frame(m.field(1));
        Ok(())
    }
}

/// `return` of one value.
pub(crate) struct ReturnOf<T, A>(PhantomData<(T, A)>);

impl<T: InSlot, A: Source<T>> Instruction for ReturnOf<T, A> {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = A::get(m);
        T::write(m, 0, value);
        m.pop_frame(m.field(1));
        Ok(())
    }
}

pub(crate) type ReturnSlot = ReturnOf<i64, Slot<0>>;
pub(crate) type ReturnI = ReturnOf<i64, Reg>;
pub(crate) type ReturnF32 = ReturnOf<f32, Reg>;
pub(crate) type ReturnF64 = ReturnOf<f64, Reg>;

/// `return` of a constant of 32 bits.
pub(crate) struct ReturnImm;

impl Instruction for ReturnImm {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let value = <i32 as Banked>::imm(m);
        i32::write(m, 0, value);
        m.pop_frame(m.field(1));
        Ok(())
    }
}

/// Ends the run: the outermost frame returns here.
pub(crate) struct Exit;

impl Instruction for Exit {
    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::DONE)
    }
}

/// Goes back to the instance that called this one.
pub(crate) struct ReturnToInstance;

impl Instruction for ReturnToInstance {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let Some(Switch { ip, instance }) = m.vm().switches.pop() else {
            return Err(Stop::DONE);
        };
        if let Some(instance) = NonNull::new(instance) {
            m.switch_to(instance);
        }
        m.ip = ip;
        Ok(())
    }
}

/// Translates the function that is called for the first time, and goes on in it.
pub(crate) struct TranslateFunc;

impl Instruction for TranslateFunc {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let func = m.imm();
        let instance = m.instance();
        let address = InstanceAddr(instance.address);
        match instance.code.translate(func) {
            Ok(entry) => {
                m.vm().set_entry(address, func, entry);
                m.ip = entry;
                Ok(())
            }
            Err(error) => Err(m.translation_error(error)),
        }
    }
}

impl Machine {
    #[cold]
    fn translation_error(&mut self, error: SourceError) -> Stop {
        let failed = self.ask(|m| {
            let seat = m.vm().run.seat;
            (seat.services.translation_error)(seat.door, error);
            None::<()>
        });
        failed.err().unwrap_or(Stop::HOST_ERROR)
    }

    /// If those who are told of it err, the run can be resumed: where it is asked again.
    #[cold]
    #[inline(never)]
    fn epoch_deadline(&mut self) -> Flow {
        let reached = |m: &mut Self| {
            let seat = m.vm().run.seat;
            (seat.services.epoch_reached)(seat.door).ok()
        };
        if self.ask(reached).is_err() {
            return Err(self.observer_failed());
        }
        self.ask(|m| {
            let seat = m.vm().run.seat;
            (seat.services.epoch_deadline)(seat.door).ok()
        })
    }

    /// Whether the epoch has reached its deadline.
    #[inline(always)]
    fn is_epoch_over(&mut self) -> bool {
        let vm = self.vm();
        vm.epoch.load(Ordering::Relaxed) >= vm.epoch_deadline
    }
}

/// Asks the host when the epoch has reached its deadline. Nothing is in registers that is wanted
/// behind it.
pub(crate) struct CheckEpoch;

impl Instruction for CheckEpoch {
    const SLOW: bool = true;

    fn slow(m: &mut Machine) -> Flow {
        m.epoch_deadline()?;
        m.advance(1);
        Ok(())
    }

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        if m.is_epoch_over() {
            return Err(Stop::SLOW);
        }
        m.advance(1);
        Ok(())
    }
}

/// Jumps unless the epoch has reached its deadline.
pub(crate) struct BrBeforeDeadline;

impl Instruction for BrBeforeDeadline {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        match m.is_epoch_over() {
            true => m.advance(2),
            false => m.jump(m.imm() as i32),
        }
        Ok(())
    }
}

/// Counts the frame that has been made by the `enter` before it.
pub(crate) struct EnterDepth;

impl Instruction for EnterDepth {
    const SLOW: bool = true;

    /// There are too many: the function is left where it was not entered yet.
    fn slow(m: &mut Machine) -> Flow {
        m.ip = m.ip.wrapping_sub(Meaning::Enter.only_op().words());
        Err(Trap::StackOverflow.into())
    }

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let vm = m.vm();
        if vm.run.frames >= vm.config.max_frames {
            return Err(Stop::SLOW);
        }
        vm.run.frames += 1;
        m.advance(1);
        Ok(())
    }
}

/// Counts a frame no more.
pub(crate) struct LeaveDepth;

impl Instruction for LeaveDepth {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.vm().run.frames -= 1;
        m.advance(1);
        Ok(())
    }
}
