//! Tail calls: calls in place of the function that makes them.

use super::{Flow, Instruction, Machine, OutOfLine, SlowWay};
use crate::FuncAddr;
use crate::unwind::FirstFrame;
use crate::vm::Switch;
use burdock_ir::{Operands, control};
use burdock_types::Trap;

/// The operands of a tail call.
#[derive(Clone, Copy)]
struct TailCall {
    /// The slot of the first argument, and the number of arguments.
    args: u16,
    params: u16,
    /// The slots of this frame's record and of the callee's.
    own_record: u16,
    record: u16,
}

impl Machine {
    /// Replaces this frame by the callee's: moves the arguments to the frame's beginning, and
    /// writes the record behind them.
    #[inline(always)]
    fn replace_frame(&mut self, call: TailCall, back: *const u64) {
        let TailCall { args, own_record, record, params } = call;
        let distance = self.slot(own_record + 1);
        self.copy_slots(0, args, params);
        self.set_slot(record, back as u64);
        self.set_slot(record + 1, distance);
    }

    /// Makes a tail call of a function of this instance.
    #[inline(always)]
    fn own_tail_call(&mut self, func: FuncAddr, call: TailCall) -> Flow {
        let entry = self.own_entry(func)?;
        let back = self.slot(call.own_record) as *const u64;
        self.replace_frame(call, back);
        self.ip = entry;
        Ok(())
    }

    /// Makes a tail call of a function of any kind. After a host function, continues behind the
    /// instruction, where the function's results are returned.
    fn tail_call(&mut self, func: FuncAddr, call: TailCall, words: usize) -> Flow {
        let callee = self.vm().callee(func);
        let mut back = self.slot(call.own_record) as *const u64;
        let Some(instance) = callee.instance else {
            if !self.ask_host(callee, call.args) {
                return self.host_failed(func, call.args, words, FirstFrame::Caller);
            }
            self.advance(words);
            return Ok(());
        };
        let vm = self.vm();
        if instance.as_ptr() != vm.run.instance {
            let stub = vm.hot.stubs.return_to_instance.as_ptr();
            // A frame that already returns through the stub needs no second switch. Endless tail
            // calls between instances therefore need no memory.
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
    /// Returns how to call the function.
    #[inline(always)]
    fn call(m: &mut Machine) -> TailCall {
        let control::ReturnCallIndirect { args, own_record, record, params, .. } = m.operands();
        TailCall { args, own_record, record, params }
    }
}

impl Instruction for ReturnCallIndirect {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// Calls a function of the same instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::ReturnCallIndirect { index, ty, table, .. } = m.operands();
        let func = m.callee_of_type(table, m.slot(index), ty)?;
        let call = Self::call(m);
        m.own_tail_call(func, call)
    }
}

impl ReturnCallIndirect {
    fn slow(m: &mut Machine) -> Flow {
        let control::ReturnCallIndirect { index, ty, table, .. } = m.operands();
        let func = m.callee_of_subtype(table, m.slot(index), ty)?;
        let call = Self::call(m);
        m.tail_call(func, call, control::ReturnCallIndirect::LENGTH)
    }
}

/// `return_call_ref`
pub(crate) struct ReturnCallRef;

impl ReturnCallRef {
    /// Returns the function to call, and how.
    #[inline(always)]
    fn callee(m: &mut Machine) -> Result<(FuncAddr, TailCall), Trap> {
        let control::ReturnCallRef { args, own_record, record, params, func } = m.operands();
        let func = FuncAddr::from_raw(m.slot(func)).ok_or(Trap::NullReference)?;
        Ok((func, TailCall { args, own_record, record, params }))
    }
}

impl Instruction for ReturnCallRef {
    const SLOW: Option<SlowWay> = Some(Self::slow);

    /// Calls a function of the same instance.
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let (func, call) = Self::callee(m)?;
        m.own_tail_call(func, call)
    }
}

impl ReturnCallRef {
    fn slow(m: &mut Machine) -> Flow {
        let (func, call) = Self::callee(m)?;
        m.tail_call(func, call, control::ReturnCallRef::LENGTH)
    }
}
