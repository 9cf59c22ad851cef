//! `Table`: tables of references.

use crate::errors::TableError;
use crate::{AsContext, AsContextMut, Error, Ref, TableType};
use burdock::ResourceLimitError;

/// A table of references.
#[derive(Copy, Clone, Debug)]
pub struct Table(burdock::Table);

/// Returns why a table could not be created.
#[cold]
pub(crate) fn creation_failed(error: &burdock::Error) -> TableError {
    match error.is::<TableError>() || error.is::<ResourceLimitError>() {
        true => TableError::ResourceLimiterDeniedAllocation,
        false => TableError::OutOfSystemMemory,
    }
}

impl Table {
    /// Creates a table of the type's minimum size, whose elements are `init`.
    ///
    /// # Errors
    ///
    /// Fails if `init` is of another type or store, if the limiter does not allow the table, or if
    /// the system has no memory left.
    pub fn new(mut ctx: impl AsContextMut, ty: TableType, init: Ref) -> Result<Self, Error> {
        if init.ty() != ty.element() {
            return Err(TableError::ElementTypeMismatch.into());
        }
        let store = ctx.as_context_mut().store;
        let table = burdock::Table::new(store, ty.to_burdock(), init.to_burdock());
        Ok(Self(table.map_err(|error| creation_failed(&error))?))
    }

    /// Returns the type with which the table was created.
    ///
    /// # Panics
    ///
    /// Panics if the table is one of another store.
    pub fn ty(&self, ctx: impl AsContext) -> TableType {
        TableType::from_burdock(&self.0.ty(ctx.as_context().store))
    }

    /// Returns the number of elements.
    ///
    /// # Panics
    ///
    /// Panics if the table is one of another store.
    pub fn size(&self, ctx: impl AsContext) -> u64 {
        self.0.size(ctx.as_context().store)
    }

    /// Grows the table by elements that are `init`, and returns the previous number of elements.
    ///
    /// # Errors
    ///
    /// Fails if `init` is of another type, and if the type, the limiter or the system does not
    /// allow the growth.
    ///
    /// # Panics
    ///
    /// Panics if the table is one of another store.
    pub fn grow(
        &self,
        mut ctx: impl AsContextMut,
        delta: u64,
        init: Ref,
    ) -> Result<u64, TableError> {
        self.check(&ctx, &init)?;
        let grown = self.0.grow(ctx.as_context_mut().store, delta, init.to_burdock());
        grown.map_err(|error| match error.is::<TableError>() {
            true => TableError::ResourceLimiterDeniedAllocation,
            false => TableError::GrowOutOfBounds,
        })
    }

    /// Returns an element, or `None` beyond the end of the table.
    ///
    /// # Panics
    ///
    /// Panics if the table is one of another store.
    pub fn get(&self, ctx: impl AsContext, index: u64) -> Option<Ref> {
        let store = ctx.as_context().store;
        Some(Ref::from_burdock(self.0.get(store, index)?, store))
    }

    /// Sets an element.
    ///
    /// # Errors
    ///
    /// Fails if `value` is of another type, or if there is no such element.
    ///
    /// # Panics
    ///
    /// Panics if the table is one of another store.
    pub fn set(
        &self,
        mut ctx: impl AsContextMut,
        index: u64,
        value: Ref,
    ) -> Result<(), TableError> {
        self.check(&ctx, &value)?;
        let set = self.0.set(ctx.as_context_mut().store, index, value.to_burdock());
        set.map_err(|_| TableError::SetOutOfBounds)
    }

    /// Copies elements from one table to another, or within one.
    ///
    /// # Errors
    ///
    /// Fails if the elements are beyond the end of a table, or of different types.
    ///
    /// # Panics
    ///
    /// Panics if a table is one of another store.
    pub fn copy(
        mut store: impl AsContextMut,
        dst_table: &Table,
        dst_index: u64,
        src_table: &Table,
        src_index: u64,
        len: u64,
    ) -> Result<(), TableError> {
        let store = store.as_context_mut().store;
        let (dst, src) = (&dst_table.0, &src_table.0);
        let copied = burdock::Table::copy(store, dst, dst_index, src, src_index, len);
        copied.map_err(|_| TableError::CopyOutOfBounds)
    }

    /// Sets elements to one value.
    ///
    /// # Errors
    ///
    /// Fails if `val` is of another type, or if the elements are beyond the end of the table.
    ///
    /// # Panics
    ///
    /// Panics if the table is one of another store.
    pub fn fill(
        &self,
        mut ctx: impl AsContextMut,
        dst: u64,
        val: Ref,
        len: u64,
    ) -> Result<(), TableError> {
        self.check(&ctx, &val)?;
        let filled = self.0.fill(ctx.as_context_mut().store, dst, val.to_burdock(), len);
        filled.map_err(|_| TableError::FillOutOfBounds)
    }

    /// Fails if a reference cannot be an element.
    fn check(&self, ctx: impl AsContext, value: &Ref) -> Result<(), TableError> {
        match self.ty(ctx).element() == value.ty() {
            true => Ok(()),
            false => Err(TableError::ElementTypeMismatch),
        }
    }

    /// Returns Burdock's table.
    pub fn as_burdock(&self) -> burdock::Table {
        self.0
    }

    /// Returns a table of Burdock as one of this crate.
    pub fn from_burdock(table: burdock::Table) -> Self {
        Self(table)
    }
}
