//! Operators on whole memories and tables, and the payment for operators whose work depends on an
//! operand. The operands of most lie in consecutive slots. Arrays are in `array.rs`.

use super::{Flow, Instruction, Machine, OutOfLine, Stop};
use crate::table::range;
use crate::{InstanceAddr, MemoryAddr, RawRef, TableAddr};
use burdock_ir::{Bulk, Operands, control};
use burdock_types::{DataIdx, ElemIdx, IndexType, MemoryIdx, TableIdx, Trap};

/// The number of bytes of a memory that are processed between two checks of the epoch.
const PIECE_BYTES: u64 = 1 << 20;
/// The number of elements of a table or an array that are processed between two checks of the
/// epoch.
pub(super) const PIECE_ELEMENTS: u64 = 1 << 17;

/// The range that an operator works on.
#[derive(Clone, Copy)]
struct Span {
    to: u64,
    /// The position that the operator reads from; the value, if the operator is a `fill`.
    from: u64,
    len: u64,
}

/// The operator whose fuel an instruction takes, or of which it executes a piece.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) bulk: Bulk,
    /// The slot of the first operand.
    pub(super) first: u16,
    /// The memories, tables, types or segments that the operator works on.
    pub(super) indices: (u32, u32),
}

impl Machine {
    /// Returns the three operands that lie in consecutive slots.
    #[inline(always)]
    fn span(&self, first: u16) -> Span {
        Span { to: self.slot(first), from: self.slot(first + 1), len: self.slot(first + 2) }
    }

    fn instance_addr(&mut self) -> InstanceAddr {
        InstanceAddr(self.instance().address)
    }

    /// Returns the address in the store of a memory of the present instance.
    pub(super) fn memory_addr(&mut self, memory: u32) -> MemoryAddr {
        self.instance().memories[memory as usize].1
    }

    /// Returns a pointer to a range of a memory.
    #[inline(always)]
    fn bytes(&mut self, memory: u32, at: u64, len: u64) -> Result<*mut u8, Trap> {
        let memory = self.instance().memories[memory as usize].0;
        // SAFETY: [ADDR] the instance's memories live as long as the store.
        let memory = unsafe { memory.as_ref() };
        let range = range(at, len, memory.len as u64).ok_or(Trap::MemoryOutOfBounds)?;
        Ok(memory.data.as_ptr().wrapping_add(range.start))
    }

    fn table_addr(&mut self, table: u32) -> TableAddr {
        let table = self.instance().tables[table as usize];
        // SAFETY: [ADDR] a table lives as long as the store.
        unsafe { table.as_ref() }.address
    }

    /// Traps unless a range lies within a table.
    fn check_elements(&mut self, table: u32, at: u64, len: u64) -> Result<(), Trap> {
        let table = self.table_addr(table);
        let size = self.vm().table_size(table);
        range(at, len, size).map(|_| ()).ok_or(Trap::TableOutOfBounds)
    }

    /// Traps unless all ranges of an operator lie within bounds.
    fn check_bounds(&mut self, work: Work, span: Span) -> Result<(), Trap> {
        let Work { bulk, indices: (first, second), .. } = work;
        let Span { to, from, len } = span;
        match bulk {
            Bulk::MemoryFill | Bulk::MemoryCopy | Bulk::MemoryInit => {
                self.bytes(first, to, len)?;
            }
            Bulk::TableFill | Bulk::TableCopy | Bulk::TableInit => {
                self.check_elements(first, to, len)?;
            }
            _ => {}
        }
        match bulk {
            Bulk::MemoryCopy => {
                self.bytes(second, from, len)?;
            }
            Bulk::MemoryInit => {
                let data = self.instance().data(DataIdx(second)).len();
                range(from, len, data as u64).ok_or(Trap::MemoryOutOfBounds)?;
            }
            Bulk::TableCopy => self.check_elements(second, from, len)?,
            Bulk::TableInit => {
                let elem = self.instance().elems[second as usize].len();
                range(from, len, elem as u64).ok_or(Trap::TableOutOfBounds)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns `true` if the type of the memory or table allows growth by `delta` pages or
    /// elements.
    fn may_grow(&mut self, bulk: Bulk, index: u32, delta: u64) -> bool {
        let (size, max) = match bulk {
            Bulk::MemoryGrow => {
                let memory = self.memory_addr(index);
                let vm = self.vm();
                let ty = vm.memory_type(memory);
                (vm.memory_size(memory), ty.max.unwrap_or(u64::MAX).min(ty.index_limit()))
            }
            _ => {
                let table = self.table_addr(index);
                let vm = self.vm();
                let max = vm.table_type(table).max.unwrap_or(u64::MAX);
                (vm.table_size(table), max.min(crate::table::MAX_ELEMENTS))
            }
        };
        size.checked_add(delta).is_some_and(|size| size <= max)
    }

    fn memory_fill(&mut self, memory: u32, Span { to, from, len }: Span) -> Result<(), Trap> {
        let target = self.bytes(memory, to, len)?;
        // SAFETY: [MEM] `len` bytes lie at `target`.
        unsafe { target.write_bytes(from as u8, len as usize) };
        Ok(())
    }

    fn memory_copy(&mut self, indices: (u32, u32), span: Span) -> Result<(), Trap> {
        let Span { to, from, len } = span;
        let source = self.bytes(indices.1, from, len)?;
        let target = self.bytes(indices.0, to, len)?;
        // SAFETY: [MEM] `len` bytes lie at `target` and at `source`; the two ranges may overlap.
        unsafe { core::ptr::copy(source, target, len as usize) };
        Ok(())
    }

    fn memory_init(&mut self, indices: (u32, u32), span: Span) -> Result<(), Trap> {
        let Span { to, from, len } = span;
        let (instance, memory) = (self.instance_addr(), MemoryIdx(indices.0));
        self.vm().memory_init(instance, memory, DataIdx(indices.1), to, from, len)
    }

    fn table_fill(&mut self, table: u32, Span { to, from, len }: Span) -> Result<(), Trap> {
        let table = self.table_addr(table);
        self.vm().table_fill(table, to, from, len)
    }

    /// Grows a table by the second operand; the result is in the first one's slot.
    fn table_grow(&mut self, first: u16, table: u32, init: RawRef) -> Result<Option<u64>, Stop> {
        let table = self.table_addr(table);
        let delta = self.slot(first + 1);
        let size = self.ask_or_wait(|m| {
            let host = m.vm().run.host;
            (host.vtable.table_grow)(host.data, table, delta, init).ok()
        })?;
        let index = self.vm().table_type(table).index;
        self.set_slot(first, grown(size, index));
        Ok(size)
    }

    fn table_copy(&mut self, indices: (u32, u32), span: Span) -> Result<(), Trap> {
        let Span { to, from, len } = span;
        let (to_table, from_table) = (self.table_addr(indices.0), self.table_addr(indices.1));
        self.vm().table_copy(to_table, to, from_table, from, len)
    }

    fn table_init(&mut self, indices: (u32, u32), span: Span) -> Result<(), Trap> {
        let Span { to, from, len } = span;
        let (instance, table) = (self.instance_addr(), TableIdx(indices.0));
        self.vm().table_init(instance, table, ElemIdx(indices.1), to, from, len)
    }

    /// Executes an operator in one piece.
    fn do_bulk(&mut self, Work { bulk, indices, .. }: Work, span: Span) -> Result<(), Trap> {
        match bulk {
            Bulk::MemoryFill => self.memory_fill(indices.0, span),
            Bulk::MemoryCopy => self.memory_copy(indices, span),
            Bulk::MemoryInit => self.memory_init(indices, span),
            Bulk::TableFill => self.table_fill(indices.0, span),
            Bulk::TableCopy => self.table_copy(indices, span),
            Bulk::TableInit => self.table_init(indices, span),
            // Growth is not done in pieces, and arrays have operands of another form.
            _ => Ok(()),
        }
    }
}

/// Returns a size or -1, the result of `memory.grow` and `table.grow`.
fn grown(size: Option<u64>, index: IndexType) -> u64 {
    match (size, index) {
        (Some(size), _) => size,
        (None, IndexType::I32) => u32::MAX.into(),
        (None, IndexType::I64) => u64::MAX,
    }
}

/// `memory.size`
pub(crate) struct MemorySize;

impl OutOfLine for MemorySize {
    fn run(m: &mut Machine) -> Flow {
        let control::MemorySize { to, memory } = m.operands();
        let memory = m.memory_addr(memory);
        let size = m.vm().memory_size(memory);
        m.set_slot(to, size);
        m.advance(control::MemorySize::LENGTH);
        Ok(())
    }
}

/// `memory.grow`
pub(crate) struct MemoryGrow;

impl OutOfLine for MemoryGrow {
    fn run(m: &mut Machine) -> Flow {
        let control::MemoryGrow { to, delta, memory } = m.operands();
        let (memory, delta) = (m.memory_addr(memory), m.slot(delta));
        let size = m.ask_or_wait(|m| {
            let host = m.vm().run.host;
            (host.vtable.memory_grow)(host.data, memory, delta).ok()
        })?;
        let index = m.vm().memory_type(memory).index;
        m.set_slot(to, grown(size, index));
        m.advance(control::MemoryGrow::LENGTH);
        Ok(())
    }
}

/// `memory.fill`
pub(crate) struct MemoryFill;

impl Instruction for MemoryFill {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::MemoryFill { first, memory } = m.operands();
        m.memory_fill(memory, m.span(first))?;
        m.advance(control::MemoryFill::LENGTH);
        Ok(())
    }
}

/// `memory.copy`
pub(crate) struct MemoryCopy;

impl Instruction for MemoryCopy {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::MemoryCopy { first, to, from } = m.operands();
        m.memory_copy((to, from), m.span(first))?;
        m.advance(control::MemoryCopy::LENGTH);
        Ok(())
    }
}

/// `memory.init`
pub(crate) struct MemoryInit;

impl OutOfLine for MemoryInit {
    fn run(m: &mut Machine) -> Flow {
        let control::MemoryInit { first, memory, data } = m.operands();
        m.memory_init((memory, data), m.span(first))?;
        m.advance(control::MemoryInit::LENGTH);
        Ok(())
    }
}

/// `data.drop`
pub(crate) struct DataDrop;

impl OutOfLine for DataDrop {
    fn run(m: &mut Machine) -> Flow {
        let control::DataDrop { data } = m.operands();
        let (instance, data) = (m.instance_addr(), DataIdx(data));
        m.vm().data_drop(instance, data);
        m.advance(control::DataDrop::LENGTH);
        Ok(())
    }
}

/// `table.get`
pub(crate) struct TableGet;

impl OutOfLine for TableGet {
    fn run(m: &mut Machine) -> Flow {
        let control::TableGet { to, index, table } = m.operands();
        let (table, index) = (m.table_addr(table), m.slot(index));
        let value = m.vm().table_get(table, index).ok_or(Trap::TableOutOfBounds)?;
        m.set_slot(to, value);
        m.advance(control::TableGet::LENGTH);
        Ok(())
    }
}

/// `table.set`
pub(crate) struct TableSet;

impl OutOfLine for TableSet {
    fn run(m: &mut Machine) -> Flow {
        let control::TableSet { index, value, table } = m.operands();
        let (table, index, value) = (m.table_addr(table), m.slot(index), m.slot(value));
        m.vm().table_set(table, index, value)?;
        m.advance(control::TableSet::LENGTH);
        Ok(())
    }
}

/// `table.size`
pub(crate) struct TableSize;

impl OutOfLine for TableSize {
    fn run(m: &mut Machine) -> Flow {
        let control::TableSize { to, table } = m.operands();
        let table = m.table_addr(table);
        let size = m.vm().table_size(table);
        m.set_slot(to, size);
        m.advance(control::TableSize::LENGTH);
        Ok(())
    }
}

/// `table.grow`
pub(crate) struct TableGrow;

impl OutOfLine for TableGrow {
    fn run(m: &mut Machine) -> Flow {
        let control::TableGrow { first, table } = m.operands();
        let init = m.slot(first);
        m.table_grow(first, table, init)?;
        m.advance(control::TableGrow::LENGTH);
        Ok(())
    }
}

/// `table.grow` with null elements. Writes the operands of the `table.fill` that follows: the first
/// new element, the value, and the number of elements.
pub(crate) struct TableGrowNull;

impl OutOfLine for TableGrowNull {
    fn run(m: &mut Machine) -> Flow {
        let control::TableGrowNull { first, table } = m.operands();
        let (init, delta) = (m.slot(first), m.slot(first + 1));
        let (to, len) = match m.table_grow(first, table, 0)? {
            Some(size) if init != 0 => (size, delta),
            _ => (0, 0),
        };
        for (n, operand) in [to, init, len].into_iter().enumerate() {
            m.set_slot(first + 2 + n as u16, operand);
        }
        m.advance(control::TableGrowNull::LENGTH);
        Ok(())
    }
}

/// `table.fill`
pub(crate) struct TableFill;

impl OutOfLine for TableFill {
    fn run(m: &mut Machine) -> Flow {
        let control::TableFill { first, table } = m.operands();
        m.table_fill(table, m.span(first))?;
        m.advance(control::TableFill::LENGTH);
        Ok(())
    }
}

/// `table.copy`
pub(crate) struct TableCopy;

impl OutOfLine for TableCopy {
    fn run(m: &mut Machine) -> Flow {
        let control::TableCopy { first, to, from } = m.operands();
        m.table_copy((to, from), m.span(first))?;
        m.advance(control::TableCopy::LENGTH);
        Ok(())
    }
}

/// `table.init`
pub(crate) struct TableInit;

impl OutOfLine for TableInit {
    fn run(m: &mut Machine) -> Flow {
        let control::TableInit { first, table, elem } = m.operands();
        m.table_init((table, elem), m.span(first))?;
        m.advance(control::TableInit::LENGTH);
        Ok(())
    }
}

/// `elem.drop`
pub(crate) struct ElemDrop;

impl OutOfLine for ElemDrop {
    fn run(m: &mut Machine) -> Flow {
        let control::ElemDrop { elem } = m.operands();
        let (instance, elem) = (m.instance_addr(), ElemIdx(elem));
        m.vm().elem_drop(instance, elem);
        m.advance(control::ElemDrop::LENGTH);
        Ok(())
    }
}

/// Takes the fuel for the range that an operator works on, if the range lies within bounds.
/// Otherwise takes nothing, as the operator traps or fails without doing any work.
pub(crate) struct ConsumeFuelBy;

impl ConsumeFuelBy {
    /// Returns the number of bytes, pages or elements to pay for.
    fn units(m: &mut Machine, work: Work) -> u64 {
        if let Bulk::MemoryGrow | Bulk::TableGrow = work.bulk {
            let delta = m.slot(work.first);
            return if m.may_grow(work.bulk, work.indices.0, delta) { delta } else { 0 };
        }
        if work.bulk.writes_array() || work.bulk.makes_array() {
            return m.array_units(work);
        }
        let span = m.span(work.first);
        m.check_bounds(work, span).map_or(0, |()| span.len)
    }
}

impl OutOfLine for ConsumeFuelBy {
    fn run(m: &mut Machine) -> Flow {
        let control::ConsumeFuelBy { first, operator, cost, to, from } = m.operands();
        let units = Self::units(m, Work { bulk: operator, first, indices: (to, from) });
        let cost = units.saturating_mul(cost.into());
        let cost = i64::try_from(cost).unwrap_or(i64::MAX);
        let vm = m.vm();
        if units > 0 && vm.hot.fuel <= cost {
            return m.out_of_fuel((cost as u64).saturating_add(1));
        }
        vm.hot.fuel -= cost;
        m.advance(control::ConsumeFuelBy::LENGTH);
        Ok(())
    }
}

/// Executes a piece of an operator's work, and jumps if work remains. The operands describe the
/// remaining work.
pub(crate) struct BulkPiece;

impl OutOfLine for BulkPiece {
    fn run(m: &mut Machine) -> Flow {
        let control::BulkPiece { first, operator: bulk, again, to, from } = m.operands();
        let work = Work { bulk, first, indices: (to, from) };
        let is_array = bulk.writes_array();
        match if is_array { m.array_piece(work)? } else { m.piece(work)? } {
            true => m.jump(again),
            false => m.advance(control::BulkPiece::LENGTH),
        }
        Ok(())
    }
}

impl Machine {
    /// Executes a piece of the work of an operator on a memory or a table. Returns `true` if work
    /// remains, which the operands then describe.
    fn piece(&mut self, work: Work) -> Result<bool, Trap> {
        let Work { bulk, first, .. } = work;
        let span = self.span(first);
        self.check_bounds(work, span)?;
        let most = match bulk {
            Bulk::MemoryFill | Bulk::MemoryCopy | Bulk::MemoryInit => PIECE_BYTES,
            _ => PIECE_ELEMENTS,
        };
        let Span { to, from, len } = span;
        let (piece, rest) = (len.min(most), len.saturating_sub(most));
        // Copies upwards proceed from the end of the range, because source and target may overlap.
        let copies = matches!(bulk, Bulk::MemoryCopy | Bulk::TableCopy);
        if copies && to > from {
            self.do_bulk(work, Span { to: to + rest, from: from + rest, len: piece })?;
        } else {
            self.do_bulk(work, Span { len: piece, ..span })?;
            let fills = matches!(bulk, Bulk::MemoryFill | Bulk::TableFill);
            self.set_slot(first, to + piece);
            self.set_slot(first + 1, if fills { from } else { from + piece });
        }
        self.set_slot(first + 2, rest);
        Ok(rest > 0)
    }
}
