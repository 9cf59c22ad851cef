//! `default_value`: entities of zeros and nulls, as stand-ins for imports.

use crate::{
    AsContextMut, Extern, ExternType, Func, FuncType, Global, GlobalType, Memory, MemoryType, Ref,
    Result, Table, TableType, Tag, TagType, Val, ValType, bail,
};
use alloc::vec::Vec;

impl FuncType {
    /// Creates a function that ignores its parameters and returns zeros and nulls.
    ///
    /// Source: Wasmtime's `FuncType::default_value`.
    ///
    /// # Errors
    ///
    /// Fails if a result has no default value: it is a reference that is never null.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Func> {
        let results: Result<Vec<Val>> = self.results().map(|ty| zero(&ty)).collect();
        let defaults = results?;
        Ok(Func::new(store, self.clone(), move |_, _, results| {
            results.copy_from_slice(&defaults);
            Ok(())
        }))
    }
}

impl GlobalType {
    /// Creates a global that contains zero or null.
    ///
    /// Source: Wasmtime's `GlobalType::default_value`.
    ///
    /// # Errors
    ///
    /// Fails if its content has no default value: it is a reference that is never null.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Global> {
        Global::new(store, self.clone(), zero(self.content())?)
    }
}

impl TableType {
    /// Creates a table of the minimum size, of nulls.
    ///
    /// Source: Wasmtime's `TableType::default_value`.
    ///
    /// # Errors
    ///
    /// Fails as [`Table::new`] does, and if elements are never null.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Table> {
        if !self.element().is_nullable() {
            bail!("type has no default value: {}", self.element());
        }
        Table::new(store, self.clone(), Ref::null(self.element().heap_type()))
    }
}

impl MemoryType {
    /// Creates a memory of the minimum size, of zeros.
    ///
    /// Source: Wasmtime's `MemoryType::default_value`.
    ///
    /// # Errors
    ///
    /// Fails as [`Memory::new`] does.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Extern> {
        Ok(Memory::new(store, self.clone())?.into())
    }
}

impl TagType {
    /// Creates a tag. Tags have no content but their type, so this is [`Tag::new`].
    ///
    /// Source: Wasmtime's `TagType::default_value`.
    ///
    /// # Errors
    ///
    /// Fails as [`Tag::new`] does.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Tag> {
        Tag::new(store, self)
    }
}

impl ExternType {
    /// Creates a stand-in for a missing import: a function that returns zeros and nulls, a memory,
    /// table or global of them, or a tag.
    ///
    /// # Errors
    ///
    /// Fails if there is no such value: the type has references that are never null.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Extern> {
        Ok(match self {
            Self::Func(ty) => ty.default_value(store)?.into(),
            Self::Global(ty) => ty.default_value(store)?.into(),
            Self::Table(ty) => ty.default_value(store)?.into(),
            Self::Memory(ty) => ty.default_value(store)?,
            Self::Tag(ty) => ty.default_value(store)?.into(),
        })
    }
}

fn zero(ty: &ValType) -> Result<Val> {
    match Val::default_for_ty(ty) {
        Some(value) => Ok(value),
        None => bail!("type has no default value: {ty}"),
    }
}
