//! Settings of memories.

use super::Config;

/// The settings of memories.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemorySettings {
    pub(super) huge_pages: bool,
    may_move: bool,
    reservation: u64,
}

impl Default for MemorySettings {
    fn default() -> Self {
        let reservation = if cfg!(target_pointer_width = "64") { 4 << 30 } else { 10 << 20 };
        Self { huge_pages: true, may_move: true, reservation }
    }
}

impl MemorySettings {
    /// Returns the number of bytes that memories can grow to without moving; `None` if they may
    /// move.
    pub(super) fn room(&self) -> Option<usize> {
        let room = usize::try_from(self.reservation).unwrap_or(usize::MAX);
        (!self.may_move).then_some(room)
    }
}

impl Config {
    /// Returns the number of bytes that most memories can grow to.
    pub(crate) fn memory_room(&self) -> usize {
        self.memories.room().unwrap_or(usize::MAX)
    }

    /// Sets whether memories that have grown to 8 MiB or more use huge pages, where the system has
    /// them (Linux, with transparent huge pages set to `madvise` or `always`). On by default.
    ///
    /// Huge pages make guests that fill large memories faster: the system provides 2 MiB at each
    /// page fault in place of 4 KiB. A guest that touches a large memory only here and there takes
    /// more of the host's memory with them.
    ///
    /// ```
    /// let mut config = burdock::Config::new();
    /// config.memory_huge_pages(false);
    /// ```
    pub fn memory_huge_pages(&mut self, enable: bool) -> &mut Self {
        self.memories.huge_pages = enable;
        self
    }

    /// Sets whether a memory may move to another place when it grows. On by default.
    ///
    /// If this is off, the address of a memory ([`Memory::data_ptr`](crate::Memory::data_ptr)) is
    /// the same as long as its store lives. Addresses are reserved for each memory: for
    /// [`Config::memory_reservation`] bytes, or for its maximum if that is less. Growth beyond them
    /// fails. Where the system cannot reserve addresses (without `std`, or if it is neither Unix
    /// nor Windows), memories cannot grow.
    ///
    /// Source: Wasmtime's `Config::memory_may_move`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut config = Config::new();
    /// config.memory_may_move(false).memory_reservation(3 << 16);
    /// let mut store = Store::new(&Engine::new(&config)?, ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// let place = memory.data_ptr(&store);
    /// memory.grow(&mut store, 2)?;
    /// assert_eq!(memory.data_ptr(&store), place);
    /// assert!(memory.grow(&mut store, 1).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn memory_may_move(&mut self, enable: bool) -> &mut Self {
        self.memories.may_move = enable;
        self
    }

    /// Sets for how many bytes of a memory addresses are reserved, if memories may not move
    /// ([`Config::memory_may_move`]); otherwise nothing is reserved. A memory that is larger from
    /// the start cannot grow. 4 GiB by default, and 10 MiB on machines with addresses of 32 bits.
    ///
    /// Source: Wasmtime's `Config::memory_reservation`.
    pub fn memory_reservation(&mut self, bytes: u64) -> &mut Self {
        self.memories.reservation = bytes;
        self
    }
}
