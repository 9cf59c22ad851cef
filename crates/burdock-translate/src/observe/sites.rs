//! `Sites`: where in the code of a function events occur, and where its values are at them.

use super::{Counted, Point, Site};
use alloc::vec::Vec;
use burdock_types::ValType;

/// The sites of a function's code, and where its values are at them.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    /// The sites in the order of their numbers.
    pub sites: Vec<Site>,
    /// The slot of the frame's record.
    pub record: u16,
    /// Type and first slot of each local.
    pub locals: Vec<(ValType, u16)>,
    /// The places that are counted.
    pub counted: Vec<Counted>,
    /// The number of cells.
    pub cells: u32,
    /// Byte offsets of reachable operators, and the topmost operand before each of them, where
    /// operands are exact.
    pub(super) operators: Vec<(u32, u32)>,
    /// The positions at which guests that stand in other code of the function go on: behind each
    /// site and, where values are exact, behind each place where a site could be. Sorted.
    pub(super) places: Vec<(u32, Point, u32)>,
    /// Byte offsets of calls, and the topmost operand below the arguments.
    pub(super) calls: Vec<(u32, u32)>,
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
        let call = self.calls.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
        Some(self.stack(self.calls[call].1))
    }

    /// Returns the byte offset of the first reachable operator at or behind `offset`, `else` and
    /// `end` included. Known only where values are exact.
    pub fn operator_from(&self, offset: u32) -> Option<u32> {
        let next = self.operators.partition_point(|(own, _)| *own < offset);
        self.operators.get(next).map(|(offset, _)| *offset)
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
        let found = self.operators.binary_search_by_key(&offset, |(offset, _)| *offset).ok()?;
        Some(self.stack(self.operators[found].1))
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
