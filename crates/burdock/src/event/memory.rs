//! Events of memories and tables: accesses and growth.

/// An access to memory.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Stores;
/// impl Hook<Vec<MemoryAccess>> for Stores {
///     const EVENTS: Events = Events::MEMORY_WRITES;
///     fn event(
///         &mut self,
///         mut store: StoreContextMut<'_, Vec<MemoryAccess>>,
///         event: Event<'_>,
///     ) -> Result<()> {
///         if let Event::MemoryWrite(access) = event {
///             store.data_mut().push(access);
///         }
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), Vec::new());
/// store.attach(Filter::new(), Stores);
/// let module = Module::new(store.engine(), r#"
///     (module (memory 1) (func (export "run")
///         (i32.store16 offset=4 (i32.const 16) (i32.const 0x1234))))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// let expected = MemoryAccess { memory: 0, address: 20, len: 2, value: Some(0x1234) };
/// assert_eq!(*store.data(), [expected]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct MemoryAccess {
    /// The memory's index in the module.
    pub memory: u32,
    /// The address of the first byte: the sum of the operand and the instruction's offset.
    pub address: u64,
    /// The number of bytes.
    pub len: u64,
    /// The bytes read or to be written, as a little-endian number. `None` for `memory.fill`,
    /// `memory.copy` and `memory.init`.
    pub value: Option<u128>,
}

/// A memory or table that was asked to grow.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Sizes;
/// impl Hook<Vec<Growth>> for Sizes {
///     const EVENTS: Events = Events::GROWTH;
///     fn event(
///         &mut self,
///         mut store: StoreContextMut<'_, Vec<Growth>>,
///         event: Event<'_>,
///     ) -> Result<()> {
///         if let Event::MemoryGrow(growth) = event {
///             store.data_mut().push(growth);
///         }
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), Vec::new());
/// store.attach(Filter::new(), Sizes);
/// let module = Module::new(store.engine(), r#"
///     (module (memory 1 3) (func (export "run")
///         (drop (memory.grow (i32.const 2)))
///         (drop (memory.grow (i32.const 1)))))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// let grown = Growth { index: 0, old: Some(1), new: 3 };
/// let failed = Growth { index: 0, old: None, new: 3 };
/// assert_eq!(*store.data(), [grown, failed]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The index of the memory or table in the module.
    pub index: u32,
    /// The previous size in pages or elements; `None` if growing failed.
    pub old: Option<u64>,
    /// The current size in pages or elements.
    pub new: u64,
}
