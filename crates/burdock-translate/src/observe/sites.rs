//! `Sites`: where in the code of a function events occur, and where its values are at them.

use super::{Counted, Point, Register, Site, Source};
use alloc::vec::Vec;
use burdock_types::ValType;

/// The sites of a function's code, and where its values are at them.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    /// The sites in the order of their numbers.
    pub sites: Vec<Site>,
    /// The slot of the frame's record.
    pub record: u16,
    /// The number of the frame's slots.
    pub frame: u32,
    /// Type and first slot of each local.
    pub locals: Vec<(ValType, u16)>,
    /// The places that are counted.
    pub counted: Vec<Counted>,
    /// The number of cells.
    pub cells: u32,
    /// The frame before each reachable operator, where operands are known there.
    pub(super) operators: Vec<Before>,
    /// Byte offsets of calls, and the positions behind them, in code without sites there.
    pub returns: Vec<(u32, u32)>,
    /// The sets of locals that are pinned to registers; the first is empty.
    pub(super) pins: Vec<Vec<(u32, Register)>>,
    /// The positions at which guests that stand in other code of the function go on: behind each
    /// site and, where values are known before each operator, behind each place where a site could
    /// be. Sorted.
    pub(super) places: Vec<(u32, Point, u32)>,
    /// The frame during each call and throw.
    pub(super) calls: Vec<Waiting>,
    /// The first of the slots to which the arguments of a call may be copied, if they are kept.
    pub(super) arguments: Option<u32>,
    /// Operands, each with the position of the one below it, so that stacks share what they have
    /// in common.
    pub(super) stacks: Vec<Operand>,
    /// The first slot of the operand stack.
    pub(super) base: u32,
}

/// An operand as it lies at sites.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub(super) ty: ValType,
    pub(super) slot: u16,
    pub(super) below: u32,
    /// The place of the value before an operator that may trap.
    pub(super) at: Source,
}

/// The frame before an operator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    /// The operator's byte offset.
    pub(super) offset: u32,
    /// The topmost operand.
    pub(super) top: u32,
    /// The set of pinned locals whose slots may have older values.
    pub(super) pins: u32,
}

/// The frame during a call or a throw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// The call's byte offset.
    pub(super) offset: u32,
    /// The topmost operand below the arguments.
    pub(super) top: u32,
    /// The number of arguments; `None` for a throw, whose arguments stay where they are.
    pub(super) args: Option<u32>,
    /// `true` if the arguments were copied.
    pub(super) copied: bool,
}

/// No position in `stacks`.
pub(super) const BOTTOM: u32 = u32::MAX;

impl Sites {
    /// Returns the type and first slot of each operand at a site, from the bottom of the stack.
    pub fn operands(&self, site: &Site) -> Vec<(ValType, u32)> {
        self.stack(site.top)
    }

    /// Returns the operands during a call at this byte offset, without the call's arguments.
    pub fn operands_at_call(&self, offset: u32) -> Option<Vec<(ValType, u32)>> {
        Some(self.stack(self.call_at(offset)?.top))
    }

    /// Returns the type and slot of each operand during a call at this byte offset, and of each of
    /// the call's arguments if they are kept.
    pub fn operands_with_args(&self, offset: u32) -> Option<Vec<(ValType, u32)>> {
        let Waiting { top, args, copied, .. } = *self.call_at(offset)?;
        let mut operands = self.operands_at(offset)?;
        let Some(args) = args else { return Some(operands) };
        let below = self.stack(top).len();
        let Some(mut copy) = self.arguments else {
            operands.truncate(below);
            return Some(operands);
        };
        operands.truncate(below + args as usize);
        for (ty, slot) in operands.iter_mut().skip(below).filter(|_| copied) {
            *slot = copy;
            copy += u32::from(ty.slots());
        }
        Some(operands)
    }

    fn call_at(&self, offset: u32) -> Option<&Waiting> {
        let found = self.calls.binary_search_by_key(&offset, |call| call.offset).ok()?;
        self.calls.get(found)
    }

    /// Returns the byte offset of the first reachable operator at or behind `offset`, `else` and
    /// `end` included. Known only where values are.
    pub fn operator_from(&self, offset: u32) -> Option<u32> {
        let next = self.operators.partition_point(|before| before.offset < offset);
        self.operators.get(next).map(|before| before.offset)
    }

    /// Returns the position at which a guest that stands at this place in other code of the
    /// function goes on.
    pub fn position_behind(&self, offset: u32, point: Point) -> Option<u32> {
        let key = (offset, point);
        let found = self.places.binary_search_by_key(&key, |(offset, point, _)| (*offset, *point));
        found.ok().map(|place| self.places[place].2)
    }

    /// Returns the operands before the operator at this byte offset.
    pub fn operands_at(&self, offset: u32) -> Option<Vec<(ValType, u32)>> {
        Some(self.stack(self.before(offset)?.top))
    }

    /// Returns what is known before the operator at this byte offset.
    fn before(&self, offset: u32) -> Option<Before> {
        let found = self.operators.binary_search_by_key(&offset, |before| before.offset).ok()?;
        Some(self.operators[found])
    }

    /// Returns the slots whose values are elsewhere when the operator at this byte offset traps,
    /// and where they are.
    pub fn values_at_trap(&self, offset: u32) -> Vec<(u32, Source)> {
        let Some(Before { top, pins, .. }) = self.before(offset) else { return Vec::new() };
        let pins = self.pins.get(pins as usize).map_or(&[][..], |pins| pins);
        let locals = pins.iter().filter_map(|(local, register)| {
            let (_, slot) = self.locals.get(*local as usize)?;
            Some((u32::from(*slot), Source::Register(*register)))
        });
        let mut values: Vec<(u32, Source)> = locals.collect();
        let mut at = top;
        while let Some(operand) = self.stacks.get(at as usize) {
            at = operand.below;
            for half in 0..u32::from(operand.ty.slots()) {
                let source = match operand.at {
                    Source::Home => continue,
                    Source::Local(local) => self.source_of_local(local, half, pins),
                    source => source,
                };
                values.push((u32::from(operand.slot) + half, source));
            }
        }
        values
    }

    /// Returns where one slot of a local's value is.
    fn source_of_local(&self, local: u32, half: u32, pins: &[(u32, Register)]) -> Source {
        if let Some((_, register)) = pins.iter().find(|(pinned, _)| *pinned == local) {
            return Source::Register(*register);
        }
        let slot = self.locals.get(local as usize).map_or(0, |(_, slot)| *slot);
        Source::Slot(slot + half as u16)
    }

    fn stack(&self, top: u32) -> Vec<(ValType, u32)> {
        let mut operands = Vec::new();
        let mut at = top;
        while let Some(operand) = self.stacks.get(at as usize) {
            operands.push((operand.ty, operand.slot.into()));
            at = operand.below;
        }
        operands.reverse();
        operands
    }

    /// Returns the type of the topmost operand at a site.
    pub fn top(&self, site: &Site) -> Option<ValType> {
        self.stacks.get(site.top as usize).map(|operand| operand.ty)
    }

    /// Returns the first slot above the operands at a site.
    pub fn end(&self, site: &Site) -> u32 {
        let top = self.stacks.get(site.top as usize);
        top.map_or(self.base, |top| u32::from(top.slot) + u32::from(top.ty.slots()))
    }
}
