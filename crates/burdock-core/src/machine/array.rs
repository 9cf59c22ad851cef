//! Allocation of arrays, and operators on ranges of elements.

use super::{Flow, Machine, OutOfLine, Stop};
use crate::heap::{HEADER, Object, Reference};
use burdock_ir::{Operands, control};
use burdock_types::{DataIdx, Trap};

/// A range of an array's elements.
#[derive(Clone, Copy)]
struct Elements {
    array: Object,
    index: u32,
    len: u32,
    log2_size: u8,
    are_references: bool,
}

impl Elements {
    /// Returns the offset of the first byte in the object.
    fn at(&self) -> u32 {
        HEADER + (self.index << self.log2_size)
    }

    fn bytes(&self) -> usize {
        (self.len as usize) << self.log2_size
    }
}

impl Machine {
    /// Returns a range of an array's elements if it lies within the array.
    fn elements(&mut self, array: Object, index: u64, len: u64) -> Result<Elements, Trap> {
        let (index, len) = (index as u32, len as u32);
        let heap = self.heap();
        let end = index.checked_add(len).filter(|end| *end <= heap.array_len(array));
        end.ok_or(Trap::ArrayOutOfBounds)?;
        let row = heap.types().row(heap.type_of(array));
        let (log2_size, are_references) = (row.log2_element, row.references != 0);
        Ok(Elements { array, index, len, log2_size, are_references })
    }

    /// Writes a value, which lies in one or two slots, to all elements of a range.
    fn fill(&mut self, elements: Elements, value: u16) {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.slot(value).to_ne_bytes());
        if elements.log2_size == 4 {
            bytes[8..].copy_from_slice(&self.slot(value + 1).to_ne_bytes());
        }
        let size = 1 << elements.log2_size;
        // The value's bits are the lower ones of its slot.
        let start = if cfg!(target_endian = "little") || size > 8 { 0 } else { 8 - size };
        let value = &bytes[start..start + size];
        let heap = self.heap();
        let (at, len) = (elements.at(), elements.bytes());
        let target = heap.bytes_mut(elements.array, at, len);
        match value {
            [byte] => target.fill(*byte),
            value => target.chunks_exact_mut(size).for_each(|to| to.copy_from_slice(value)),
        }
        if elements.are_references {
            heap.mark_cards(elements.array.offset().wrapping_add(at), len);
        }
    }

    /// Copies the contents of a data segment to all elements of a range.
    fn copy_data(&mut self, elements: Elements, data: u32, from: u64) -> Result<(), Trap> {
        let (from, len) = (u64::from(from as u32), elements.bytes());
        let instance = self.vm().run.instance;
        // SAFETY: [ADDR] the instance lives as long as the store.
        let instance = unsafe { &*instance };
        let data = instance.data(DataIdx(data));
        let range = crate::table::range(from, len as u64, data.len() as u64);
        let data = &data[range.ok_or(Trap::MemoryOutOfBounds)?];
        let at = elements.at();
        self.heap().bytes_mut(elements.array, at, len).copy_from_slice(data);
        Ok(())
    }

    /// Copies references of an element segment to all elements of a range.
    fn copy_elem(&mut self, elements: Elements, elem: u32, from: u64) -> Result<(), Trap> {
        let (from, len) = (u64::from(from as u32), u64::from(elements.len));
        let instance = self.vm().run.instance;
        // SAFETY: [ADDR] the instance lives as long as the store.
        let instance = unsafe { &*instance };
        let refs = &instance.elems[elem as usize];
        let range = crate::table::range(from, len, refs.len() as u64);
        let refs = &refs[range.ok_or(Trap::TableOutOfBounds)?];
        let heap = self.heap();
        for (at, value) in (elements.at()..).step_by(1 << elements.log2_size).zip(refs) {
            match elements.are_references {
                true => {
                    heap.write_reference(elements.array, at, Reference::from_slot(*value));
                }
                false => heap.write(elements.array, at, value.to_ne_bytes()),
            }
        }
        Ok(())
    }

    /// Allocates an array and returns all its elements.
    fn new_array(&mut self, ty: u32, len: u64) -> Result<Elements, Stop> {
        let (ty, len) = (self.runtime_type(ty), len as u32);
        let array = self.allocate(|heap| heap.allocate_array(ty, len))?;
        Ok(self.elements(array, 0, len.into())?)
    }
}

/// `array.new`
pub(crate) struct ArrayNew;

impl OutOfLine for ArrayNew {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayNew { to, value, len, ty } = m.operands();
        let elements = m.new_array(ty, m.slot(len))?;
        m.fill(elements, value);
        m.set_slot(to, elements.array.reference().to_slot());
        m.advance(control::ArrayNew::LENGTH);
        Ok(())
    }
}

/// `array.new_data`
pub(crate) struct ArrayNewData;

impl OutOfLine for ArrayNewData {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayNewData { first, ty, data } = m.operands();
        let (from, len) = (m.slot(first), m.slot(first + 1));
        // Before memory is taken: a large length is more likely wrong than granted.
        let log2_size = m.element_log2_size(ty);
        let available = m.instance().data(DataIdx(data)).len() as u64;
        let end = u64::from(from as u32) + (u64::from(len as u32) << log2_size);
        if end > available {
            return Err(Trap::MemoryOutOfBounds.into());
        }
        let elements = m.new_array(ty, len)?;
        m.copy_data(elements, data, from)?;
        m.set_slot(first, elements.array.reference().to_slot());
        m.advance(control::ArrayNewData::LENGTH);
        Ok(())
    }
}

/// `array.new_elem`
pub(crate) struct ArrayNewElem;

impl OutOfLine for ArrayNewElem {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayNewElem { first, ty, elem } = m.operands();
        let (from, len) = (m.slot(first), m.slot(first + 1));
        let available = m.instance().elems[elem as usize].len() as u64;
        if u64::from(from as u32) + u64::from(len as u32) > available {
            return Err(Trap::TableOutOfBounds.into());
        }
        let elements = m.new_array(ty, len)?;
        m.copy_elem(elements, elem, from)?;
        m.set_slot(first, elements.array.reference().to_slot());
        m.advance(control::ArrayNewElem::LENGTH);
        Ok(())
    }
}

impl Machine {
    /// Returns the binary logarithm of the size of an array type's elements.
    fn element_log2_size(&mut self, ty: u32) -> u8 {
        let ty = self.runtime_type(ty);
        self.heap().types().row(ty).log2_element
    }
}

/// `array.fill`
pub(crate) struct ArrayFill;

impl OutOfLine for ArrayFill {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayFill { first, ty } = m.operands();
        let array = m.object(first)?;
        let value = first + 2;
        let len = value + if m.element_log2_size(ty) == 4 { 2 } else { 1 };
        let elements = m.elements(array, m.slot(first + 1), m.slot(len))?;
        m.fill(elements, value);
        m.advance(control::ArrayFill::LENGTH);
        Ok(())
    }
}

/// `array.copy`
pub(crate) struct ArrayCopy;

impl OutOfLine for ArrayCopy {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayCopy { first, .. } = m.operands();
        let (to, from) = (m.object(first)?, m.object(first + 2)?);
        let len = m.slot(first + 4);
        let to = m.elements(to, m.slot(first + 1), len)?;
        let from = m.elements(from, m.slot(first + 3), len)?;
        m.heap().copy((from.array, from.at()), (to.array, to.at()), to.bytes());
        m.advance(control::ArrayCopy::LENGTH);
        Ok(())
    }
}

/// `array.init_data`
pub(crate) struct ArrayInitData;

impl OutOfLine for ArrayInitData {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayInitData { first, data, .. } = m.operands();
        let array = m.object(first)?;
        let elements = m.elements(array, m.slot(first + 1), m.slot(first + 3))?;
        m.copy_data(elements, data, m.slot(first + 2))?;
        m.advance(control::ArrayInitData::LENGTH);
        Ok(())
    }
}

/// `array.init_elem`
pub(crate) struct ArrayInitElem;

impl OutOfLine for ArrayInitElem {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayInitElem { first, elem, .. } = m.operands();
        let array = m.object(first)?;
        let elements = m.elements(array, m.slot(first + 1), m.slot(first + 3))?;
        m.copy_elem(elements, elem, m.slot(first + 2))?;
        m.advance(control::ArrayInitElem::LENGTH);
        Ok(())
    }
}
