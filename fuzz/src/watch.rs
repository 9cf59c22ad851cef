//! `Watch`: a hook for all events in guests, which checks that the events are consistent.

use burdock::{Event, Events, Frame, Hook, Leave, Result, StoreContextMut, Trap};

/// Checks events and inspects the values of frames. Changes nothing.
#[derive(Default)]
pub(crate) struct Watch {
    /// The functions that were entered and not left.
    open: Vec<u32>,
    /// The number of instruction events.
    pub(crate) instructions: u64,
    events: u64,
}

impl<T: 'static> Hook<T> for Watch {
    const EVENTS: Events = Events::ALL;

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        self.events += 1;
        let Some(frame) = store.frame() else {
            // No guest runs yet, or it is a start function of the host.
            use Event::{CallingHost, CallingWasm, HostEnter, HostLeave};
            use Event::{ReturningFromHost, ReturningFromWasm};
            let outside = matches!(
                event,
                CallingWasm
                    | CallingHost
                    | HostEnter(_)
                    | HostLeave(..)
                    | ReturningFromHost
                    | ReturningFromWasm
            );
            assert!(outside, "{event:?}");
            return Ok(());
        };
        match event {
            Event::FuncEnter(args) => {
                let locals = frame.num_locals(&mut store)?;
                assert!(args.len() <= locals as usize);
                self.open.push(frame.func_index());
            }
            Event::FuncLeave(how) => {
                assert_eq!(self.open.pop(), Some(frame.func_index()), "{how:?}");
                if let Leave::Return(results) = how {
                    let operands = frame.num_operands(&mut store)?;
                    assert!(results.len() <= operands as usize);
                }
            }
            Event::Instruction => {
                self.instructions += 1;
                assert_eq!(self.open.last(), Some(&frame.func_index()));
            }
            // A function without room for its frame delivers no events.
            Event::Trap(Trap::StackOverflow) => return Ok(()),
            _ => {}
        }
        // The first ones, and then some: values are costly to read.
        let looked_at = self.events < 200 || self.events.is_multiple_of(64);
        if looked_at && !matches!(event, Event::Trap(_) | Event::HostError(_) | Event::OutOfFuel) {
            look(&frame, &mut store)?;
        }
        Ok(())
    }
}

/// Reads every value of a frame and of its callers, all of which are observed.
fn look<T: 'static>(frame: &Frame, store: &mut StoreContextMut<'_, T>) -> Result<()> {
    let mut next = Some(*frame);
    for _ in 0..8 {
        let Some(frame) = next else { break };
        for local in 0..frame.num_locals(&mut *store)? {
            let value = frame.local(&mut *store, local)?;
            frame.set_local(&mut *store, local, value)?;
        }
        // An epoch's deadline, a function's leaving by a trap: not every place has operands known.
        if let Ok(operands) = frame.num_operands(&mut *store) {
            for operand in 0..operands {
                let value = frame.operand(&mut *store, operand)?;
                let is_ref = value.ref_().is_some();
                let written = frame.set_operand(&mut *store, operand, value);
                // The exact type of a reference on the operand stack may not be known.
                if !is_ref {
                    written?;
                }
            }
        }
        next = frame.caller(&*store)?;
    }
    Ok(())
}
