//! Allocation of arrays, and operators on ranges of elements: as a whole, in pieces, and what they
//! cost.

use super::bulk::{PIECE_ELEMENTS, Work};
use super::{Flow, Instruction, Machine, OutOfLine, Stop};
use crate::heap::{HEADER, Object, Reference, RuntimeType};
use burdock_ir::{Bulk, Operands, control};
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

    /// Returns `len` of the elements, from the `skipped`-th on.
    fn part(&self, skipped: u32, len: u32) -> Self {
        Self { index: self.index + skipped, len, ..*self }
    }
}

/// The elements that an operator writes, and where it finds their values.
#[derive(Clone, Copy)]
struct Range {
    to: Elements,
    from: Source,
}

/// The values of elements that are written.
#[derive(Clone, Copy)]
enum Source {
    /// The value in the slot, or in two from there on.
    Value(u16),
    /// The elements of an array.
    Array(Elements),
    /// The contents of a data segment, from a byte on.
    Data(u32, u32),
    /// The elements of an element segment, from an index on.
    Elem(u32, u32),
}

impl Source {
    /// Returns the values behind those of so many elements, which take so many bytes each.
    fn skip(self, skipped: u32, log2_size: u8) -> Self {
        match self {
            Self::Value(_) => self,
            Self::Array(elements) => Self::Array(elements.part(skipped, elements.len - skipped)),
            Self::Data(data, from) => Self::Data(data, from + (skipped << log2_size)),
            Self::Elem(elem, from) => Self::Elem(elem, from + skipped),
        }
    }
}

/// The slots of the operands that change from piece to piece.
struct Slots {
    /// The index of the first element that is written.
    to: u16,
    /// The position of the first value that is read, if values are read one after the other.
    from: Option<u16>,
    len: u16,
}

impl Machine {
    /// Returns the number of slots that the values of an array type's elements take.
    fn element_slots(&mut self, ty: u32) -> u16 {
        if self.element_log2_size(ty) == 4 { 2 } else { 1 }
    }

    /// Returns the binary logarithm of the size of an array type's elements.
    fn element_log2_size(&mut self, ty: u32) -> u8 {
        let ty = self.runtime_type(ty);
        self.heap().types().row(ty).log2_element
    }

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

    /// Traps unless a segment has values for so many elements, of so many bytes each.
    fn check_source(&mut self, from: Source, len: u32, log2_size: u8) -> Result<(), Trap> {
        let (start, len, available, trap) = match from {
            Source::Value(_) | Source::Array(_) => return Ok(()),
            Source::Data(data, start) => {
                let available = self.instance().data(DataIdx(data)).len();
                (start, u64::from(len) << log2_size, available, Trap::MemoryOutOfBounds)
            }
            Source::Elem(elem, start) => {
                let available = self.instance().elems[elem as usize].len();
                (start, u64::from(len), available, Trap::TableOutOfBounds)
            }
        };
        match u64::from(start) + len <= available as u64 {
            true => Ok(()),
            false => Err(trap),
        }
    }

    /// Returns the slots of the operands of an operator on an array that exists.
    fn array_slots(&mut self, Work { bulk, first, indices: (ty, _) }: Work) -> Slots {
        let (from, len) = match bulk {
            Bulk::ArrayFill => (None, first + 2 + self.element_slots(ty)),
            Bulk::ArrayCopy => (Some(first + 3), first + 4),
            _ => (Some(first + 2), first + 3),
        };
        Slots { to: first + 1, from, len }
    }

    /// Returns what an operator on an array that exists does.
    ///
    /// # Errors
    ///
    /// `NullReference`, or the trap of a range that is out of bounds.
    fn array_range(&mut self, work: Work) -> Result<Range, Trap> {
        let Work { bulk, first, indices: (_, segment) } = work;
        let Slots { to, len, .. } = self.array_slots(work);
        let array = self.object(first)?;
        let source = match bulk {
            Bulk::ArrayCopy => Some(self.object(first + 2)?),
            _ => None,
        };
        let len = self.slot(len);
        let to = self.elements(array, self.slot(to), len)?;
        let start = self.slot(first + 2) as u32;
        let from = match (bulk, source) {
            (Bulk::ArrayInitData, _) => Source::Data(segment, start),
            (Bulk::ArrayInitElem, _) => Source::Elem(segment, start),
            (_, Some(source)) => Source::Array(self.elements(source, self.slot(first + 3), len)?),
            _ => Source::Value(first + 2),
        };
        self.check_source(from, to.len, to.log2_size)?;
        Ok(Range { to, from })
    }

    /// Writes elements.
    fn write_elements(&mut self, Range { to, from }: Range) {
        match from {
            Source::Value(slot) => self.fill(to, slot),
            Source::Array(from) => {
                let copied = self.heap().copy_elements(
                    (from.array, from.index),
                    (to.array, to.index),
                    to.len,
                );
                debug_assert!(copied.is_some(), "both ranges were checked");
            }
            Source::Data(data, start) => self.copy_data(to, data, start),
            Source::Elem(elem, start) => self.copy_elem(to, elem, start),
        }
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

    /// Copies the contents of a data segment to all elements of a range; it has enough.
    fn copy_data(&mut self, elements: Elements, data: u32, from: u32) {
        let (from, len) = (from as usize, elements.bytes());
        let instance = self.vm().run.instance;
        // SAFETY: [ADDR] the instance lives as long as the store.
        let instance = unsafe { &*instance };
        let data = &instance.data(DataIdx(data))[from..from + len];
        let at = elements.at();
        let target = self.heap().bytes_mut(elements.array, at, len);
        target.copy_from_slice(data);
        // Segments are little-endian, elements are numbers of the processor, vectors two of them.
        if cfg!(target_endian = "big") {
            target.chunks_exact_mut(1 << elements.log2_size.min(3)).for_each(<[u8]>::reverse);
        }
    }

    /// Copies references of an element segment to all elements of a range; it has enough.
    fn copy_elem(&mut self, elements: Elements, elem: u32, from: u32) {
        let (from, len) = (from as usize, elements.len as usize);
        let instance = self.vm().run.instance;
        // SAFETY: [ADDR] the instance lives as long as the store.
        let instance = unsafe { &*instance };
        let refs = &instance.elems[elem as usize][from..from + len];
        let heap = self.heap();
        for (at, value) in (elements.at()..).step_by(1 << elements.log2_size).zip(refs) {
            match elements.are_references {
                true => {
                    heap.write_reference(elements.array, at, Reference::from_slot(*value));
                }
                false => heap.write(elements.array, at, value.to_ne_bytes()),
            }
        }
    }

    /// Allocates an array and returns all its elements.
    fn new_array(&mut self, ty: u32, len: u32) -> Result<Elements, Stop> {
        let ty: RuntimeType = self.runtime_type(ty);
        let array = self.allocate(|heap| heap.allocate_array(ty, len))?;
        Ok(self.elements(array, 0, len.into())?)
    }

    /// Returns the number of elements of the array that an operator makes, and their values.
    fn new_array_source(&mut self, work: Work) -> (u32, Source) {
        let Work { bulk, first, indices: (ty, segment) } = work;
        let (from, len) = match bulk {
            Bulk::ArrayNewData => (Source::Data(segment, self.slot(first) as u32), first + 1),
            Bulk::ArrayNewElem => (Source::Elem(segment, self.slot(first) as u32), first + 1),
            Bulk::ArrayNewDefault => (Source::Value(first), first),
            _ => (Source::Value(first), first + self.element_slots(ty)),
        };
        (self.slot(len) as u32, from)
    }

    /// Allocates the array that an operator makes.
    ///
    /// # Errors
    ///
    /// A trap: a segment has too few values, or there is no room.
    fn new_array_of(&mut self, work: Work) -> Result<Range, Stop> {
        let (len, from) = self.new_array_source(work);
        // Before memory is taken: a large length is more likely wrong than granted.
        let log2_size = self.element_log2_size(work.indices.0);
        self.check_source(from, len, log2_size)?;
        let to = self.new_array(work.indices.0, len)?;
        Ok(Range { to, from })
    }

    /// Makes an array, and writes all its elements. The reference to the array is in the first
    /// operand's slot afterwards.
    fn make_array(&mut self, work: Work) -> Flow {
        let range = self.new_array_of(work)?;
        self.write_elements(range);
        self.set_slot(work.first, range.to.array.reference().to_slot());
        Ok(())
    }

    /// Executes an operator on an array that exists in one piece.
    fn do_array(&mut self, work: Work) -> Flow {
        let range = self.array_range(work)?;
        self.write_elements(range);
        Ok(())
    }

    /// Executes a piece of the work of an operator on an array that exists. Returns `true` if work
    /// remains, which the operands then describe.
    pub(super) fn array_piece(&mut self, work: Work) -> Result<bool, Trap> {
        let Range { to, from } = self.array_range(work)?;
        let slots = self.array_slots(work);
        let most = PIECE_ELEMENTS as u32;
        let (piece, rest) = (to.len.min(most), to.len.saturating_sub(most));
        // Copies upwards proceed from the end of the range, because source and target may overlap.
        let backwards = matches!(from, Source::Array(from) if to.index > from.index);
        let skipped = if backwards { rest } else { 0 };
        let from = from.skip(skipped, to.log2_size);
        self.write_elements(Range { to: to.part(skipped, piece), from });
        if !backwards {
            self.set_slot(slots.to, (to.index + piece).into());
            if let Some(slot) = slots.from {
                let step = if work.bulk == Bulk::ArrayInitData { to.log2_size } else { 0 };
                let from = self.slot(slot) as u32 + (piece << step);
                self.set_slot(slot, from.into());
            }
        }
        self.set_slot(slots.len, rest.into());
        Ok(rest > 0)
    }

    /// Returns the number of elements that an operator writes; 0 if it traps.
    pub(super) fn array_units(&mut self, work: Work) -> u64 {
        match work.bulk {
            Bulk::ArrayFill | Bulk::ArrayCopy | Bulk::ArrayInitData | Bulk::ArrayInitElem => {
                self.array_range(work).map_or(0, |range| range.to.len.into())
            }
            _ => {
                let (len, from) = self.new_array_source(work);
                let log2_size = self.element_log2_size(work.indices.0);
                self.check_source(from, len, log2_size).map_or(0, |()| len.into())
            }
        }
    }
}

/// `array.new` of vectors
pub(crate) struct ArrayNew;

impl OutOfLine for ArrayNew {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayNew { to, value, len, ty } = m.operands();
        let to_elements = m.new_array(ty, m.slot(len) as u32)?;
        m.fill(to_elements, value);
        m.set_slot(to, to_elements.array.reference().to_slot());
        m.advance(control::ArrayNew::LENGTH);
        Ok(())
    }
}

/// The part of `array.new` behind the allocation: writes the value to all elements of the array,
/// and to what rounds up their size.
pub(crate) struct ArrayFillNew;

impl Instruction for ArrayFillNew {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let operands = m.operands();
        let control::ArrayFillNew { array, value, log2_size, unused_bits, multiplier } = operands;
        let array = m.object(array)?;
        let value = m.slot(value).wrapping_shl(unused_bits.into());
        let value = value.wrapping_shr(unused_bits.into()).wrapping_mul(multiplier);
        let heap = m.heap();
        let bytes = (heap.array_len(array) as usize) << (log2_size & 3);
        let elements = heap.bytes_mut(array, HEADER, bytes.next_multiple_of(8));
        elements.as_chunks_mut().0.fill(value.to_ne_bytes());
        m.advance(control::ArrayFillNew::LENGTH);
        Ok(())
    }
}

/// `array.new_data`
pub(crate) struct ArrayNewData;

impl OutOfLine for ArrayNewData {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayNewData { first, ty, data } = m.operands();
        m.make_array(Work { bulk: Bulk::ArrayNewData, first, indices: (ty, data) })?;
        m.advance(control::ArrayNewData::LENGTH);
        Ok(())
    }
}

/// `array.new_elem`
pub(crate) struct ArrayNewElem;

impl OutOfLine for ArrayNewElem {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayNewElem { first, ty, elem } = m.operands();
        m.make_array(Work { bulk: Bulk::ArrayNewElem, first, indices: (ty, elem) })?;
        m.advance(control::ArrayNewElem::LENGTH);
        Ok(())
    }
}

/// Allocates the array of an operator whose work is done in pieces. Writes the operands of the
/// operator that writes the elements behind those of the operator: the array, the index 0, the
/// value or the position in a segment, and the number of elements.
pub(crate) struct ArrayNewZeroed;

impl OutOfLine for ArrayNewZeroed {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayNewZeroed { first, operator: bulk, ty, segment } = m.operands();
        let Range { to, from } = m.new_array_of(Work { bulk, first, indices: (ty, segment) })?;
        let values = match from {
            Source::Value(_) => m.element_slots(ty),
            _ => 1,
        };
        let block = first + values + 1;
        m.set_slot(block, to.array.reference().to_slot());
        m.set_slot(block + 1, 0);
        for slot in 0..values {
            m.set_slot(block + 2 + slot, m.slot(first + slot));
        }
        m.set_slot(block + 2 + values, to.len.into());
        m.advance(control::ArrayNewZeroed::LENGTH);
        Ok(())
    }
}

/// `array.fill`
pub(crate) struct ArrayFill;

impl OutOfLine for ArrayFill {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayFill { first, ty } = m.operands();
        m.do_array(Work { bulk: Bulk::ArrayFill, first, indices: (ty, 0) })?;
        m.advance(control::ArrayFill::LENGTH);
        Ok(())
    }
}

/// `array.copy`
pub(crate) struct ArrayCopy;

impl Instruction for ArrayCopy {
    #[inline(always)]
    fn execute(m: &mut Machine) -> Flow {
        let control::ArrayCopy { first, .. } = m.operands();
        let to = (m.object(first)?, m.slot(first + 1) as u32);
        let from = (m.object(first + 2)?, m.slot(first + 3) as u32);
        let len = m.slot(first + 4) as u32;
        m.heap().copy_elements(from, to, len).ok_or(Trap::ArrayOutOfBounds)?;
        m.advance(control::ArrayCopy::LENGTH);
        Ok(())
    }
}

/// `array.init_data`
pub(crate) struct ArrayInitData;

impl OutOfLine for ArrayInitData {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayInitData { first, ty, data } = m.operands();
        m.do_array(Work { bulk: Bulk::ArrayInitData, first, indices: (ty, data) })?;
        m.advance(control::ArrayInitData::LENGTH);
        Ok(())
    }
}

/// `array.init_elem`
pub(crate) struct ArrayInitElem;

impl OutOfLine for ArrayInitElem {
    fn run(m: &mut Machine) -> Flow {
        let control::ArrayInitElem { first, ty, elem } = m.operands();
        m.do_array(Work { bulk: Bulk::ArrayInitElem, first, indices: (ty, elem) })?;
        m.advance(control::ArrayInitElem::LENGTH);
        Ok(())
    }
}
