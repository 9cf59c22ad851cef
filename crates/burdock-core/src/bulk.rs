//! Operations that copy elements between tables, and the contents of segments into tables and
//! memories.

use crate::table::range;
use crate::vm::Vm;
use crate::{InstanceAddr, TableAddr};
use alloc::boxed::Box;
use burdock_types::{DataIdx, ElemIdx, MemoryIdx, TableIdx, Trap};

impl Vm {
    /// Copies elements, within a table or from one to another.
    ///
    /// # Errors
    ///
    /// `TableOutOfBounds`
    pub fn table_copy(
        &mut self,
        to_table: TableAddr,
        to: u64,
        from_table: TableAddr,
        from: u64,
        len: u64,
    ) -> Result<(), Trap> {
        if to_table == from_table {
            return self.entities.tables.get_mut(to_table.index()).copy_within(to, from, len);
        }
        let out_of_bounds = Trap::TableOutOfBounds;
        let [to_size, from_size] = [to_table, from_table].map(|table| self.table_size(table));
        let to = range(to, len, to_size).ok_or(out_of_bounds)?;
        let from = range(from, len, from_size).ok_or(out_of_bounds)?;
        // The elements go through a buffer, because a table may not be borrowed while another is
        // written.
        let mut buffer = [0; 512];
        for done in (0..to.len()).step_by(buffer.len()) {
            let part = &mut buffer[..(to.len() - done).min(512)];
            let (to, from) = ((to.start + done) as u64, (from.start + done) as u64);
            part.copy_from_slice(
                self.entities.tables.get(from_table.index()).read(from, part.len() as u64)?,
            );
            self.entities.tables.get_mut(to_table.index()).write(to, part)?;
        }
        Ok(())
    }

    /// Executes `table.init`.
    ///
    /// # Errors
    ///
    /// `TableOutOfBounds`
    pub fn table_init(
        &mut self,
        instance: InstanceAddr,
        table: TableIdx,
        elem: ElemIdx,
        to: u64,
        from: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let table = self.instance_table(instance, table);
        let elem = &self.entities.instances.get(instance.index()).elems[elem.index()];
        let range = range(from, len, elem.len() as u64).ok_or(Trap::TableOutOfBounds)?;
        self.entities.tables.get_mut(table.index()).write(to, &elem[range])
    }

    /// Executes `memory.init`.
    ///
    /// # Errors
    ///
    /// `MemoryOutOfBounds`
    pub fn memory_init(
        &mut self,
        instance: InstanceAddr,
        memory: MemoryIdx,
        data: DataIdx,
        to: u64,
        from: u64,
        len: u64,
    ) -> Result<(), Trap> {
        let memory = self.instance_memory(instance, memory);
        let data = self.entities.instances.get(instance.index()).data(data);
        let memory = self.entities.memories.get_mut(memory.index()).bytes_mut();
        let from = range(from, len, data.len() as u64);
        let to = range(to, len, memory.len() as u64);
        let (Some(from), Some(to)) = (from, to) else {
            return Err(Trap::MemoryOutOfBounds);
        };
        memory[to].copy_from_slice(&data[from]);
        Ok(())
    }

    /// Executes `elem.drop`.
    pub fn elem_drop(&mut self, instance: InstanceAddr, elem: ElemIdx) {
        self.instance_mut(instance).elems[elem.index()] = Box::default();
    }

    /// Executes `data.drop`.
    pub fn data_drop(&mut self, instance: InstanceAddr, data: DataIdx) {
        self.instance_mut(instance).datas[data.index()] = 0..0;
    }
}
