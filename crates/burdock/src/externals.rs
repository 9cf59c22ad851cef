//! `Extern`: an entity that can be imported and exported.

use crate::store::{StoreId, StoreOpaque};
use crate::types::Definition;
use crate::{AsContext, ExternType, Func, Global, Memory, Table, Tag};
use burdock_core::InstanceAddr;
use burdock_parse::ExternIdx;

/// A function, global, table, memory or tag.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module (memory (export "mem") 1))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// match instance.get_export(&mut store, "mem") {
///     Some(Extern::Memory(memory)) => assert_eq!(memory.size(&store), 1),
///     other => panic!("no memory: {other:?}"),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
#[non_exhaustive]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A global.
    Global(Global),
    /// A table.
    Table(Table),
    /// A memory.
    Memory(Memory),
    /// A tag.
    Tag(Tag),
}

macro_rules! conversions {
    ($($ty:ident $into:ident)*) => {
        $(impl From<$ty> for Extern {
            fn from(item: $ty) -> Self {
                Self::$ty(item)
            }
        })*

        impl Extern {
            $(#[doc = concat!("Returns the `", stringify!($ty), "` if the entity is one.")]
            pub fn $into(self) -> Option<$ty> {
                match self {
                    Self::$ty(item) => Some(item),
                    _ => None,
                }
            })*
        }

        impl Export<'_> {
            $(#[doc = concat!("Returns the `", stringify!($ty), "` if the entity is one.")]
            pub fn $into(self) -> Option<$ty> {
                self.item.$into()
            })*
        }
    };
}

conversions! {
    Func into_func
    Global into_global
    Table into_table
    Memory into_memory
    Tag into_tag
}

impl Extern {
    /// Returns the entity's type.
    ///
    /// # Panics
    ///
    /// Panics if the entity belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        match self {
            Extern::Func(func) => func.ty(store).into(),
            Extern::Global(global) => global.ty(store).into(),
            Extern::Table(table) => table.ty(store).into(),
            Extern::Memory(memory) => memory.ty(store).into(),
            Extern::Tag(tag) => tag.ty(store).into(),
        }
    }

    pub(crate) fn belongs_to(&self, store: StoreId) -> bool {
        match self {
            Extern::Func(func) => func.belongs_to(store),
            Extern::Global(global) => global.belongs_to(store),
            Extern::Table(table) => table.belongs_to(store),
            Extern::Memory(memory) => memory.belongs_to(store),
            Extern::Tag(tag) => tag.belongs_to(store),
        }
    }

    /// Returns the entity's type and current size.
    ///
    /// # Panics
    ///
    /// Panics if the entity belongs to another store.
    pub(crate) fn definition(&self, store: &StoreOpaque) -> Definition {
        let (id, vm) = (store.id(), &store.vm);
        match self {
            Extern::Func(func) => Definition::Func(vm.func(func.addr(id)).ty),
            Extern::Global(global) => Definition::Global(vm.global_type(global.addr(id))),
            Extern::Table(table) => {
                let addr = table.addr(id);
                Definition::Table(vm.table_type(addr), vm.table_size(addr))
            }
            Extern::Memory(memory) => {
                let addr = memory.addr(id);
                Definition::Memory(vm.memory_type(addr), vm.memory_size(addr))
            }
            Extern::Tag(tag) => Definition::Tag(vm.tag_type(tag.addr(id))),
        }
    }

    /// Returns the entity at a position of an instance's index spaces.
    pub(crate) fn of_instance(store: &StoreOpaque, instance: InstanceAddr, idx: ExternIdx) -> Self {
        let (id, vm) = (store.id(), &store.vm);
        match idx {
            ExternIdx::Func(func) => Func::from_addr(id, vm.instance_func(instance, func)).into(),
            ExternIdx::Table(table) => {
                Table::from_addr(id, vm.instance_table(instance, table)).into()
            }
            ExternIdx::Memory(memory) => {
                Memory::from_addr(id, vm.instance_memory(instance, memory)).into()
            }
            ExternIdx::Global(global) => {
                Global::from_addr(id, vm.instance_global(instance, global)).into()
            }
            ExternIdx::Tag(tag) => Tag::from_addr(id, vm.instance_tag(instance, tag)).into(),
        }
    }
}

/// An export of an instance: a name and what it names.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module (table (export "t") 2 funcref))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let names: Vec<_> = instance.exports(&mut store).map(|export| export.name()).collect();
/// assert_eq!(names, ["t"]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Export<'instance> {
    name: &'instance str,
    item: Extern,
}

impl<'instance> Export<'instance> {
    pub(crate) fn new(name: &'instance str, item: Extern) -> Self {
        Self { name, item }
    }

    /// Returns the name of the export.
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// Returns the type of the export.
    ///
    /// # Panics
    ///
    /// Panics if the export belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.item.ty(store)
    }

    /// Returns the exported entity.
    pub fn into_extern(self) -> Extern {
        self.item
    }
}
