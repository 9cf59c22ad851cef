//! Memories and tables as wholes. Operands lie in consecutive slots from the first field on.

use super::{Flow, Instruction, Machine, Stop};
use crate::table::range;
use crate::{InstanceAddr, MemoryAddr, TableAddr};
use burdock_types::{DataIdx, ElemIdx, IndexType, MemoryIdx, TableIdx, Trap};

impl Machine {
    /// The `n`-th operand.
    #[inline(always)]
    fn operand(&self, n: u16) -> u64 {
        self.slot(self.field(0) + n)
    }

    fn instance_addr(&mut self) -> InstanceAddr {
        InstanceAddr(self.instance().address)
    }

    fn memory_addr(&mut self, memory: u64) -> MemoryAddr {
        self.instance().memories[memory as u32 as usize].1
    }

    /// Where a range of a memory begins, if it lies within.
    #[inline(always)]
    fn bytes(&mut self, memory: u32, at: u64, len: u64) -> Result<*mut u8, Trap> {
        let memory = self.instance().memories[memory as usize].0;
        // SAFETY: [ADDR] the instance's memories live as long as the store.
        let memory = unsafe { memory.as_ref() };
        let range = range(at, len, memory.len as u64).ok_or(Trap::MemoryOutOfBounds)?;
        Ok(memory.data.as_ptr().wrapping_add(range.start))
    }

    fn table_addr(&mut self, table: u64) -> TableAddr {
        let table = self.instance().tables[table as u32 as usize];
        // SAFETY: [ADDR] a table lives as long as the store.
        unsafe { table.as_ref() }.address
    }

    /// Two indices in one word: the lower and the upper half.
    fn index_pair(&self) -> (u32, u32) {
        let pair = self.word(2);
        (pair as u32, (pair >> 32) as u32)
    }
}

/// A size or -1, as `memory.grow` and `table.grow` give it.
fn grown(size: Option<u64>, index: IndexType) -> u64 {
    match (size, index) {
        (Some(size), _) => size,
        (None, IndexType::I32) => u32::MAX.into(),
        (None, IndexType::I64) => u64::MAX,
    }
}

/// `memory.size`
pub(crate) struct MemorySize;

impl Instruction for MemorySize {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let memory = m.memory_addr(m.imm().into());
        let size = m.vm().memory_size(memory);
        m.set_slot(m.field(0), size);
        m.advance(2);
        Ok(())
    }
}

/// `memory.grow`
pub(crate) struct MemoryGrow;

impl Instruction for MemoryGrow {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let memory = m.memory_addr(m.imm().into());
        let delta = m.slot(m.field(1));
        let size = m.ask(|m| {
            let seat = m.vm().run.seat;
            (seat.services.memory_grow)(seat.door, memory, delta).ok()
        })?;
        let index = m.vm().memory_type(memory).index;
        m.set_slot(m.field(0), grown(size, index));
        m.advance(2);
        Ok(())
    }
}

/// `memory.fill`
pub(crate) struct MemoryFill;

impl Instruction for MemoryFill {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let (at, value, len) = (m.operand(0), m.operand(1) as u8, m.operand(2));
        let target = m.bytes(m.imm(), at, len)?;
        // SAFETY: [MEM] so many bytes lie there.
        unsafe { target.write_bytes(value, len as usize) };
        m.advance(2);
        Ok(())
    }
}

/// `memory.copy`
pub(crate) struct MemoryCopy;

impl Instruction for MemoryCopy {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let (to_memory, from_memory) = m.index_pair();
        let (to, from, len) = (m.operand(0), m.operand(1), m.operand(2));
        let source = m.bytes(from_memory, from, len)?;
        let target = m.bytes(to_memory, to, len)?;
        // SAFETY: [MEM] so many bytes lie at both; they may overlap.
        unsafe { core::ptr::copy(source, target, len as usize) };
        m.advance(3);
        Ok(())
    }
}

/// `memory.init`
pub(crate) struct MemoryInit;

impl Instruction for MemoryInit {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let (memory, data) = m.index_pair();
        let (to, from, len) = (m.operand(0), m.operand(1), m.operand(2));
        let instance = m.instance_addr();
        m.vm().memory_init(instance, MemoryIdx(memory), DataIdx(data), to, from, len)?;
        m.advance(3);
        Ok(())
    }
}

/// `data.drop`
pub(crate) struct DataDrop;

impl Instruction for DataDrop {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let (instance, data) = (m.instance_addr(), DataIdx(m.imm()));
        m.vm().data_drop(instance, data);
        m.advance(2);
        Ok(())
    }
}

/// `table.get`
pub(crate) struct TableGet;

impl Instruction for TableGet {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let table = m.table_addr(m.imm().into());
        let index = m.slot(m.field(1));
        let value = m.vm().table_get(table, index).ok_or(Trap::TableOutOfBounds)?;
        m.set_slot(m.field(0), value);
        m.advance(2);
        Ok(())
    }
}

/// `table.set`
pub(crate) struct TableSet;

impl Instruction for TableSet {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let table = m.table_addr(m.imm().into());
        let (index, value) = (m.slot(m.field(0)), m.slot(m.field(1)));
        m.vm().table_set(table, index, value)?;
        m.advance(2);
        Ok(())
    }
}

/// `table.size`
pub(crate) struct TableSize;

impl Instruction for TableSize {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let table = m.table_addr(m.imm().into());
        let size = m.vm().table_size(table);
        m.set_slot(m.field(0), size);
        m.advance(2);
        Ok(())
    }
}

/// `table.grow`
pub(crate) struct TableGrow;

impl Instruction for TableGrow {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let table = m.table_addr(m.imm().into());
        let (init, delta) = (m.operand(0), m.operand(1));
        let size = m.ask(|m| {
            let seat = m.vm().run.seat;
            (seat.services.table_grow)(seat.door, table, delta, init).ok()
        })?;
        let index = m.vm().table_type(table).index;
        m.set_slot(m.field(0), grown(size, index));
        m.advance(2);
        Ok(())
    }
}

/// `table.fill`
pub(crate) struct TableFill;

impl Instruction for TableFill {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let table = m.table_addr(m.imm().into());
        let (at, value, len) = (m.operand(0), m.operand(1), m.operand(2));
        m.vm().table_fill(table, at, value, len)?;
        m.advance(2);
        Ok(())
    }
}

/// `table.copy`
pub(crate) struct TableCopy;

impl Instruction for TableCopy {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let (to_table, from_table) = m.index_pair();
        let (to, from, len) = (m.operand(0), m.operand(1), m.operand(2));
        let (to_table, from_table) =
            (m.table_addr(to_table.into()), m.table_addr(from_table.into()));
        m.vm().table_copy(to_table, to, from_table, from, len)?;
        m.advance(3);
        Ok(())
    }
}

/// `table.init`
pub(crate) struct TableInit;

impl Instruction for TableInit {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let (table, elem) = m.index_pair();
        let (to, from, len) = (m.operand(0), m.operand(1), m.operand(2));
        let instance = m.instance_addr();
        m.vm().table_init(instance, TableIdx(table), ElemIdx(elem), to, from, len)?;
        m.advance(3);
        Ok(())
    }
}

/// `elem.drop`
pub(crate) struct ElemDrop;

impl Instruction for ElemDrop {
    const SLOW: bool = true;

    fn execute(_: &mut Machine) -> Flow {
        Err(Stop::SLOW)
    }

    fn slow(m: &mut Machine) -> Flow {
        let (instance, elem) = (m.instance_addr(), ElemIdx(m.imm()));
        m.vm().elem_drop(instance, elem);
        m.advance(2);
        Ok(())
    }
}
