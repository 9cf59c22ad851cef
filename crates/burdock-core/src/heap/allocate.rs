//! Allocation: from the current run, or from one that is searched for; large objects in blocks of
//! their own.

use super::Heap;
use super::blocks::{BLOCK, Block, LARGEST_SHARED, State, offset_of};
use super::layout::HEADER;
use super::object::Object;
use super::pace::Shortage;
use super::space::MAX_BYTES;
use super::sweep::Run;
use super::types::RuntimeType;

/// The size in bytes of the largest objects that are allocated in the current run only. A larger
/// one would often end a run that has room for many small ones.
const LARGEST_SMALL: u64 = burdock_types::LARGEST_SMALL as u64;

/// Allocation. The contents of a new object are zero: numbers are 0, and references are null.
///
/// If there is a [`Shortage`], the caller does what it says and tries again. An object that is in
/// no object yet and in no root may be freed by that.
impl Heap {
    /// Allocates a struct or an exception.
    #[inline]
    pub fn allocate_struct(&mut self, ty: RuntimeType) -> Result<Object, Shortage> {
        let size = self.types.row(ty).size;
        self.allocate(ty, 0, u64::from(size))
    }

    /// Allocates an array of `len` elements.
    #[inline]
    pub fn allocate_array(&mut self, ty: RuntimeType, len: u32) -> Result<Object, Shortage> {
        let size = self.types.row(ty).size_of(len);
        self.allocate(ty, len, size)
    }

    /// Allocates an object that stands for the embedder's value of this index.
    pub fn allocate_host(&mut self, value: u32) -> Result<Object, Shortage> {
        self.types.begin();
        self.refresh();
        // All may die in the next collection.
        let most = self.hosts.len() + 1;
        let reserved = self.hosts.try_reserve(1).and(self.dead_host_values.try_reserve(most));
        reserved.map_err(|_| Shortage::Full)?;
        let object = self.allocate_struct(RuntimeType::HOST)?;
        self.write(object, HEADER, value.to_ne_bytes());
        self.hosts.push(object);
        Ok(object)
    }

    /// Allocates an object in the current run, or returns `None` if the run has no room for `size`
    /// bytes.
    #[inline(always)]
    pub(crate) fn allocate_in_run(
        &mut self,
        ty: RuntimeType,
        len: u32,
        size: u32,
    ) -> Option<Object> {
        let offset = self.bump.cursor;
        if self.bump.limit - offset < size {
            return None;
        }
        self.set(offset, ty.0.to_ne_bytes())?;
        self.set(offset + 4, len.to_ne_bytes())?;
        self.bump.cursor = offset + size;
        Some(Object::at(offset))
    }

    #[inline(always)]
    fn allocate(&mut self, ty: RuntimeType, len: u32, size: u64) -> Result<Object, Shortage> {
        let bump = &mut self.bump;
        if u64::from(bump.limit - bump.cursor) < size {
            return self.allocate_slowly(ty, len, size);
        }
        let offset = bump.cursor;
        bump.cursor += size as u32;
        Ok(self.begin_object(offset, ty, len))
    }

    #[cold]
    #[inline(never)]
    fn allocate_slowly(
        &mut self,
        ty: RuntimeType,
        len: u32,
        size: u64,
    ) -> Result<Object, Shortage> {
        if size > u64::from(LARGEST_SHARED) {
            return self.allocate_large(ty, len, size);
        }
        if size > LARGEST_SMALL {
            return self.allocate_medium(ty, len, size as u32);
        }
        self.prepare(size as u32)?;
        self.allocate(ty, len, size)
    }

    /// Makes the current run one with room for an object of `size` bytes, at most
    /// [`LARGEST_PREPARED`](super::LARGEST_PREPARED).
    pub fn prepare(&mut self, size: u32) -> Result<(), Shortage> {
        self.pace.check()?;
        let mut run = self.find_run(size)?;
        if self.pace.is_under_stress() {
            // The next allocation has to come here as well.
            self.statistics.handed_out -= u64::from(run.len() - size);
            run.end = run.start + size;
        }
        self.statistics.handed_out -= u64::from(self.bump.limit - self.bump.cursor);
        self.bump.cursor = run.start;
        self.bump.limit = run.end;
        Ok(())
    }

    /// Allocates an object in the run that is kept for objects of medium size.
    fn allocate_medium(
        &mut self,
        ty: RuntimeType,
        len: u32,
        size: u32,
    ) -> Result<Object, Shortage> {
        self.pace.check()?;
        if self.medium.len() < size {
            let run = match self.block_run() {
                Some(run) => run,
                None => self.find_run(size)?,
            };
            self.statistics.handed_out -= u64::from(self.medium.len());
            self.medium = run;
        }
        let offset = self.medium.start;
        self.medium.start += size;
        self.pace.hand_out(0);
        Ok(self.begin_object(offset, ty, len))
    }

    /// Allocates an object in blocks of its own.
    fn allocate_large(&mut self, ty: RuntimeType, len: u32, size: u64) -> Result<Object, Shortage> {
        if size > u64::from(MAX_BYTES) {
            return Err(Shortage::TooLarge);
        }
        self.pace.check()?;
        let needed = size.div_ceil(u64::from(BLOCK));
        let count = u32::try_from(needed).unwrap_or(u32::MAX);
        let Some((first, is_zero)) = self.blocks.take_free(count) else {
            let at_end = self.blocks.table.iter().rev().take_while(|block| block.is_free()).count();
            let least = needed.saturating_sub(at_end as u64).max(1) * u64::from(BLOCK);
            return Err(self.pace.shortage(self.space.len(), least));
        };
        let blocks = &mut self.blocks.table[first..first + count as usize];
        for (distance, block) in blocks.iter_mut().enumerate() {
            let span = distance as u32;
            *block = Block { state: State::Continued, span, ..Block::FREE };
        }
        blocks[0] = Block { state: State::Large, span: count, ..Block::FREE };
        self.blocks.set_young(first);
        let offset = offset_of(first);
        if !is_zero {
            self.space.bytes_mut(offset, size as usize).fill(0);
        }
        self.pace.hand_out(count * BLOCK);
        self.statistics.handed_out += size;
        Ok(self.begin_object(offset, ty, len))
    }

    /// Finds a free run, between objects if possible.
    fn find_run(&mut self, size: u32) -> Result<Run, Shortage> {
        if let Some(run) = self.next_run(size).or_else(|| self.block_run()) {
            return Ok(run);
        }
        Err(self.pace.shortage(self.space.len(), u64::from(BLOCK)))
    }

    /// Writes the header of a new object.
    #[inline(always)]
    fn begin_object(&mut self, offset: u32, ty: RuntimeType, len: u32) -> Object {
        let object = Object::at(offset);
        let [[a, b, c, d], [e, f, g, h]] = [ty.0.to_ne_bytes(), len.to_ne_bytes()];
        self.write(object, 0, [a, b, c, d, e, f, g, h]);
        object
    }
}
