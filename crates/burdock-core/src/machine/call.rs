//! Calls and returns. A frame's record (return position, distance to the caller's frame) lies in
//! the callee's frame behind its parameters and results; that is all there is of a call stack.

use super::operand::{InSlot, Reg, Slot, Source};
use super::{Flow, Instruction, Machine, OutOfLine, SlowWay, Stop};
use crate::instance::{Func, Instance};
use crate::run::PausedAt;
use crate::vm::{Parked, Switch};
use crate::{FuncAddr, HostFunc, InstanceAddr, SourceError};
use alloc::boxed::Box;
use burdock_ir::{Operands, control};
use burdock_types::Trap;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering;

impl Machine {
    /// Where a call of a function of this instance begins.
    #[inline(always)]
    fn entry(&mut self, func: u32) -> *const u64 {
        let entry = self.vm().hot.entries.wrapping_add(func as usize);
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
                vm.runs.switches.push(Switch { ip: back, instance: vm.run.instance });
                let stub = vm.hot.stubs.return_to_instance.as_ptr();
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
        let host = vm.run.host;
        let result = (host.vtable.call_host)(host.data, HostFunc(callee.index), slots);
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

    /// The host has failed at a site. A run that is resumed goes on behind the site.
    #[cold]
    pub(super) fn observer_failed(&mut self) -> Stop {
        let at = self.left_at(self.ip);
        self.pause(PausedAt::delivered_site(at), Stop::HOST_ERROR)
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
            let host = m.vm().run.host;
            (host.vtable.out_of_fuel)(host.data, required).ok()
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
    fn table_func(&mut self, table: u32, index: u64, ty: u32) -> Result<FuncAddr, Trap> {
        let instance = self.instance();
        let expected = instance.types()[ty as usize].id;
        // SAFETY: [ADDR] the instance's tables live as long as the store.
        let table = unsafe { instance.tables[table as usize].as_ref() };
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
        if !vm.runs.stack.reserve(position + frame) {
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
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Enter { first_local, locals, frame } = m.operands();
        if m.sp.wrapping_add(frame as usize) > m.vm().hot.stack_end {
            return Err(Stop::SLOW);
        }
        let first = m.sp.wrapping_add(first_local.into());
        for local in 0..usize::from(locals) {
            // Volatile, so that the loop is not made a call of `memset`: locals are few.
            // SAFETY: [SLOT] locals lie within the frame.
            unsafe { first.wrapping_add(local).write_volatile(0) };
        }
        m.advance(control::Enter::LENGTH);
        Ok(())
    }
}

impl Enter {
    /// Makes room; the instruction is then executed again.
    fn slow(m: &mut Machine) -> Flow {
        let control::Enter { frame, .. } = m.operands();
        m.grow_stack(frame as usize)
    }
}

/// Binds the function, which is called for the first time, and goes on with its first instruction.
pub(crate) struct BindFunc;

impl OutOfLine for BindFunc {
    fn run(m: &mut Machine) -> Flow {
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
        let control::Call { args, record, func } = m.operands();
        let back = m.ip.wrapping_add(control::Call::LENGTH);
        m.push_frame(args, record, back);
        m.ip = m.entry(func);
        Ok(())
    }
}

/// `call` of an imported function.
pub(crate) struct CallImported;

impl Instruction for CallImported {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// The way to a host function.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::CallImported { args, func, .. } = m.operands();
        let func = m.instance().imported[func as usize];
        let callee = m.vm().callee(func);
        if callee.instance.is_some() {
            return Err(Stop::SLOW);
        }
        if !m.ask_host(callee, args) {
            m.vm().run.host_failed = true;
            return Err(Stop::SLOW);
        }
        m.advance(control::CallImported::LENGTH);
        Ok(())
    }
}

impl CallImported {
    fn slow(m: &mut Machine) -> Flow {
        let control::CallImported { args, record, func } = m.operands();
        let func = m.instance().imported[func as usize];
        if core::mem::take(&mut m.vm().run.host_failed) {
            return Err(m.host_failed(func, args, control::CallImported::LENGTH));
        }
        m.call_func(func, args, record, control::CallImported::LENGTH)
    }
}

/// `call_indirect`, with the index in a slot or the register.
pub(crate) struct Indirect<A>(PhantomData<A>);

impl<A: Source<i64>> Instruction for Indirect<A> {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// The way within the instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let index = A::get(m) as u64;
        let control::CallIndirect { args, record, ty, table, .. } = m.operands();
        let func = m.table_func(table, index, ty)?;
        let callee = m.vm().callee(func);
        if callee.instance.map_or(ptr::null_mut(), NonNull::as_ptr) != m.vm().run.instance {
            return Err(Stop::SLOW);
        }
        let back = m.ip.wrapping_add(control::CallIndirect::LENGTH);
        m.push_frame(args, record, back);
        m.ip = callee.entry;
        Ok(())
    }
}

impl<A: Source<i64>> Indirect<A> {
    fn slow(m: &mut Machine) -> Flow {
        let index = A::get(m) as u64;
        let control::CallIndirect { args, record, ty, table, .. } = m.operands();
        let func = m.table_func(table, index, ty)?;
        m.call_func(func, args, record, control::CallIndirect::LENGTH)
    }
}

pub(crate) type CallIndirect = Indirect<Slot<{ control::CallIndirect::index().number() }>>;
pub(crate) type CallIndirectR = Indirect<Reg>;

/// A call in place of the function that makes it.
#[derive(Clone, Copy)]
struct TailCall {
    /// The slot where the arguments begin, and their number.
    args: u16,
    params: u16,
    /// Where the record of this function's frame lies, and that of the callee's.
    own_record: u16,
    record: u16,
}

impl Machine {
    /// Replaces this frame by the callee's: its arguments to the front, the record behind them.
    #[inline(always)]
    fn replace_frame(&mut self, call: TailCall, back: *const u64) {
        let TailCall { args, own_record, record, params } = call;
        let distance = self.slot(own_record + 1);
        self.copy_slots(0, args, params);
        self.set_slot(record, back as u64);
        self.set_slot(record + 1, distance);
    }

    /// Calls a function in place of this one. After a host function goes on behind the
    /// instruction, where its results are returned.
    fn tail_call(&mut self, func: FuncAddr, call: TailCall, words: usize) -> Flow {
        let callee = self.vm().callee(func);
        let mut back = self.slot(call.own_record) as *const u64;
        let Some(instance) = callee.instance else {
            return self.call_host(func, callee, call.args, words);
        };
        let vm = self.vm();
        if instance.as_ptr() != vm.run.instance {
            let stub = vm.hot.stubs.return_to_instance.as_ptr();
            // Who already returns by way of the stub needs no second one: tail calls between
            // instances take no room.
            if back != stub {
                vm.runs.switches.push(Switch { ip: back, instance: vm.run.instance });
                back = stub;
            }
        }
        self.replace_frame(call, back);
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
        let control::ReturnCall { args, own_record, record, params, func } = m.operands();
        let back = m.slot(own_record) as *const u64;
        m.replace_frame(TailCall { args, own_record, record, params }, back);
        m.ip = m.entry(func);
        Ok(())
    }
}

/// `return_call` of an imported function.
pub(crate) struct ReturnCallImported;

impl OutOfLine for ReturnCallImported {
    fn run(m: &mut Machine) -> Flow {
        let control::ReturnCallImported { args, own_record, record, params, func } = m.operands();
        let func = m.instance().imported[func as usize];
        let call = TailCall { args, own_record, record, params };
        m.tail_call(func, call, control::ReturnCallImported::LENGTH)
    }
}

/// `return_call_indirect`
pub(crate) struct ReturnCallIndirect;

impl ReturnCallIndirect {
    /// Returns the function to call, and how.
    #[inline(always)]
    fn callee(m: &mut Machine) -> Result<(FuncAddr, TailCall), Trap> {
        let operands: control::ReturnCallIndirect = m.operands();
        let control::ReturnCallIndirect { index, ty, table, .. } = operands;
        let func = m.table_func(table, m.slot(index), ty)?;
        let control::ReturnCallIndirect { args, own_record, record, params, .. } = operands;
        Ok((func, TailCall { args, own_record, record, params }))
    }
}

impl Instruction for ReturnCallIndirect {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// The way within the instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let (func, call) = Self::callee(m)?;
        let callee = m.vm().callee(func);
        if callee.instance.map_or(ptr::null_mut(), NonNull::as_ptr) != m.vm().run.instance {
            return Err(Stop::SLOW);
        }
        let back = m.slot(call.own_record) as *const u64;
        m.replace_frame(call, back);
        m.ip = callee.entry;
        Ok(())
    }
}

impl ReturnCallIndirect {
    fn slow(m: &mut Machine) -> Flow {
        let (func, call) = Self::callee(m)?;
        m.tail_call(func, call, control::ReturnCallIndirect::LENGTH)
    }
}

/// `return`, the results being in place.
pub(crate) struct Return;

impl Instruction for Return {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::Return { record } = m.operands();
        m.pop_frame(record);
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
        let control::ReturnSlot { record, .. } = m.operands();
        m.pop_frame(record);
        Ok(())
    }
}

pub(crate) type ReturnSlot = ReturnOf<i64, Slot<{ control::ReturnSlot::value().number() }>>;
pub(crate) type ReturnI = ReturnOf<i64, Reg>;
pub(crate) type ReturnF32 = ReturnOf<f32, Reg>;
pub(crate) type ReturnF64 = ReturnOf<f64, Reg>;

/// `return` of a constant of 32 bits.
pub(crate) struct ReturnImm;

impl Instruction for ReturnImm {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::ReturnImm { record, value } = m.operands();
        i32::write(m, 0, value as i32);
        m.pop_frame(record);
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

impl OutOfLine for ReturnToInstance {
    fn run(m: &mut Machine) -> Flow {
        let Some(Switch { ip, instance }) = m.vm().runs.switches.pop() else {
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

impl OutOfLine for TranslateFunc {
    fn run(m: &mut Machine) -> Flow {
        let control::TranslateFunc { func } = m.operands();
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
            let host = m.vm().run.host;
            (host.vtable.translation_error)(host.data, error);
            None::<()>
        });
        failed.err().unwrap_or(Stop::HOST_ERROR)
    }

    /// If a hook fails, the run can be resumed, and the host is called again.
    #[cold]
    #[inline(never)]
    fn epoch_deadline(&mut self) -> Flow {
        let reached = |m: &mut Self| {
            let host = m.vm().run.host;
            (host.vtable.epoch_reached)(host.data).ok()
        };
        if self.ask(reached).is_err() {
            return Err(self.observer_failed());
        }
        self.ask(|m| {
            let host = m.vm().run.host;
            (host.vtable.epoch_deadline)(host.data).ok()
        })
    }

    /// Whether the epoch has reached its deadline.
    #[inline(always)]
    fn is_epoch_over(&mut self) -> bool {
        let vm = self.vm();
        vm.epoch.load(Ordering::Relaxed) >= vm.hot.epoch_deadline
    }
}

/// Asks the host when the epoch has reached its deadline. Nothing is in registers that is wanted
/// behind it.
pub(crate) struct CheckEpoch;

impl Instruction for CheckEpoch {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        if m.is_epoch_over() {
            return Err(Stop::SLOW);
        }
        m.advance(control::CheckEpoch::LENGTH);
        Ok(())
    }
}

impl CheckEpoch {
    fn slow(m: &mut Machine) -> Flow {
        m.epoch_deadline()?;
        m.advance(control::CheckEpoch::LENGTH);
        Ok(())
    }
}

/// Jumps unless the epoch has reached its deadline.
pub(crate) struct BrBeforeDeadline;

impl Instruction for BrBeforeDeadline {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::BrBeforeDeadline { to } = m.operands();
        match m.is_epoch_over() {
            true => m.advance(control::BrBeforeDeadline::LENGTH),
            false => m.jump(to),
        }
        Ok(())
    }
}

/// Counts the frame that has been made by the `enter` before it.
pub(crate) struct EnterDepth;

impl Instruction for EnterDepth {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let vm = m.vm();
        if vm.run.frames >= vm.hot.max_frames {
            return Err(Stop::SLOW);
        }
        vm.run.frames += 1;
        m.advance(control::EnterDepth::LENGTH);
        Ok(())
    }
}

impl EnterDepth {
    /// There are too many: the function is left where it was not entered yet.
    fn slow(m: &mut Machine) -> Flow {
        m.ip = m.ip.wrapping_sub(control::Enter::LENGTH);
        Err(Trap::StackOverflow.into())
    }
}

/// Counts a frame no more.
pub(crate) struct LeaveDepth;

impl Instruction for LeaveDepth {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        m.vm().run.frames -= 1;
        m.advance(control::LeaveDepth::LENGTH);
        Ok(())
    }
}
