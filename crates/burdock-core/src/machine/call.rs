//! Calls and returns. A frame's record (return position, distance to the caller's frame) lies in
//! the callee's frame behind its parameters and results. There is no other call stack.

use super::operand::{InSlot, Reg, Slot, Source};
use super::{Flow, Instruction, Machine, OutOfLine, SlowWay, Stop};
use crate::instance::Instance;
use crate::unwind::FirstFrame;
use crate::vm::Switch;
use crate::{FuncAddr, InstanceAddr, SourceError};
use burdock_ir::{Operands, control};
use burdock_types::Trap;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

impl Machine {
    /// Returns the entry of a function of this instance.
    #[inline(always)]
    pub(super) fn entry(&mut self, func: u32) -> *const u64 {
        let entry = self.vm().hot.entries.wrapping_add(func as usize);
        // SAFETY: [ADDR] the index is one of the instance's functions.
        unsafe { *entry }
    }

    /// Begins the callee's frame at the arguments, and writes its record.
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

    /// Returns from a function with all results in place.
    #[inline(always)]
    pub(super) fn leave_frame(&mut self, record: u16) {
        self.pop_frame(record);
    }

    /// Makes another instance the current one.
    pub(super) fn switch_to(&mut self, instance: NonNull<Instance>) {
        self.vm().enter_instance(instance);
        self.reload_memory();
    }

    /// Returns where a function of this instance begins. Functions of others are called the slow
    /// way.
    #[inline(always)]
    pub(super) fn own_entry(&mut self, func: FuncAddr) -> Result<*const u64, Stop> {
        let callee = self.vm().callee(func);
        let instance = callee.instance.map_or(ptr::null_mut(), NonNull::as_ptr);
        if instance == self.vm().run.instance { Ok(callee.entry) } else { Err(Stop::SLOW) }
    }

    /// Calls a function of any kind. The call instruction has `words` words.
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

    /// Returns the function that an element of a table refers to. The upper half of an `i32` index
    /// is zero.
    #[inline(always)]
    fn table_func(&mut self, table: u32, index: u64) -> Result<FuncAddr, Trap> {
        let instance = self.instance();
        // SAFETY: [ADDR] the instance's tables live as long as the store.
        let table = unsafe { instance.tables[table as usize].as_ref() };
        let element = table.get(index).ok_or(Trap::TableOutOfBounds)?;
        FuncAddr::from_raw(element).ok_or(Trap::IndirectCallToNull)
    }

    /// Returns the function that an indirect call calls, if the function has exactly the type that
    /// the call names. If it has another, which may be a subtype, asks for the slow path.
    #[inline(always)]
    pub(super) fn callee_of_type(
        &mut self,
        table: u32,
        index: u64,
        ty: u32,
    ) -> Result<FuncAddr, Stop> {
        let func = self.table_func(table, index)?;
        match self.vm().callee(func).ty == self.instance().types()[ty as usize].id {
            true => Ok(func),
            false => Err(Stop::SLOW),
        }
    }

    /// Returns the function that an indirect call calls, whose type may be a subtype of the one
    /// that the call names.
    pub(super) fn callee_of_subtype(
        &mut self,
        table: u32,
        index: u64,
        ty: u32,
    ) -> Result<FuncAddr, Trap> {
        let func = self.table_func(table, index)?;
        let (own, expected) = (self.vm().callee(func).ty, self.instance().types()[ty as usize].id);
        if own == expected {
            return Ok(func);
        }
        let host = self.vm().run.host;
        match (host.vtable.is_subtype)(host.data, own, expected) {
            true => Ok(func),
            false => Err(Trap::BadSignature),
        }
    }

    /// Grows the stack for a frame of `frame` slots.
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

/// Enters a function: reserves its frame, and sets its locals to zero.
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
            // Volatile, because LLVM otherwise replaces the loop by a call of `memset`, which is
            // slower for few locals.
            // SAFETY: [SLOT] locals lie within the frame.
            unsafe { first.wrapping_add(local).write_volatile(0) };
        }
        m.advance(control::Enter::LENGTH);
        Ok(())
    }
}

impl Enter {
    /// Grows the stack. The instruction is then executed again.
    fn slow(m: &mut Machine) -> Flow {
        let control::Enter { frame, .. } = m.operands();
        m.grow_stack(frame as usize)
    }
}

/// Binds a function at its first call, and continues at its first instruction.
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
        let control::Call { args, record, func, .. } = m.operands();
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

    /// Calls a host function.
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
            return m.host_failed(func, args, control::CallImported::LENGTH, FirstFrame::Parked);
        }
        m.call_func(func, args, record, control::CallImported::LENGTH)
    }
}

/// `call_indirect`, with the index in a slot or in the register.
pub(crate) struct Indirect<A>(PhantomData<A>);

impl<A: Source<i64>> Instruction for Indirect<A> {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// Calls a function of the same instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let index = A::get(m) as u64;
        let control::CallIndirect { args, record, ty, table, .. } = m.operands();
        let func = m.callee_of_type(table, index, ty)?;
        let entry = m.own_entry(func)?;
        let back = m.ip.wrapping_add(control::CallIndirect::LENGTH);
        m.push_frame(args, record, back);
        m.ip = entry;
        Ok(())
    }
}

impl<A: Source<i64>> Indirect<A> {
    fn slow(m: &mut Machine) -> Flow {
        let index = A::get(m) as u64;
        let control::CallIndirect { args, record, ty, table, .. } = m.operands();
        let func = m.callee_of_subtype(table, index, ty)?;
        m.call_func(func, args, record, control::CallIndirect::LENGTH)
    }
}

pub(crate) type CallIndirect = Indirect<Slot<{ control::CallIndirect::index().number() }>>;
pub(crate) type CallIndirectR = Indirect<Reg>;

/// `call_ref`, with the reference in a slot or the register.
pub(crate) struct ByRef<A>(PhantomData<A>);

impl<A: Source<i64>> Instruction for ByRef<A> {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// Calls a function of the same instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let func = Self::func(m)?;
        let control::CallRef { args, record, .. } = m.operands();
        let entry = m.own_entry(func)?;
        let back = m.ip.wrapping_add(control::CallRef::LENGTH);
        m.push_frame(args, record, back);
        m.ip = entry;
        Ok(())
    }
}

impl<A: Source<i64>> ByRef<A> {
    /// Returns the function to call, whose type validation has checked.
    #[inline(always)]
    fn func(m: &Machine) -> Result<FuncAddr, Trap> {
        FuncAddr::from_raw(A::get(m) as u64).ok_or(Trap::NullReference)
    }

    fn slow(m: &mut Machine) -> Flow {
        let func = Self::func(m)?;
        let control::CallRef { args, record, .. } = m.operands();
        m.call_func(func, args, record, control::CallRef::LENGTH)
    }
}

pub(crate) type CallRef = ByRef<Slot<{ control::CallRef::func().number() }>>;
pub(crate) type CallRefR = ByRef<Reg>;

/// `return` with all results in place.
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

/// Ends the run. The outermost frame returns to this instruction.
pub(crate) struct Exit;

impl Instruction for Exit {
    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::DONE)
    }
}

/// Returns to the instance that called this one.
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

/// Translates a function at its first call, and continues in the function.
pub(crate) struct TranslateFunc;

impl OutOfLine for TranslateFunc {
    fn run(m: &mut Machine) -> Flow {
        let control::TranslateFunc { func } = m.operands();
        let left = m.vm().hot.fuel;
        let instance = m.instance();
        let address = InstanceAddr(instance.address);
        let fuel = instance.code.fuel_to_translate(func);
        if fuel > 0 && left < i64::try_from(fuel).unwrap_or(i64::MAX) {
            return m.out_of_fuel(fuel);
        }
        match instance.code.translate(func) {
            Ok(entry) => {
                m.vm().hot.fuel = left.wrapping_sub_unsigned(fuel);
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
}
