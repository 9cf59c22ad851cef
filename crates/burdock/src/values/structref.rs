//! `StructRef`: a structure of guests.

use super::Rooted;
use super::rooted::Root;
use crate::error::Context;
use crate::store::{StoreId, StoreOpaque};
use crate::types::{Concrete, raw};
use crate::{AsContext, AsContextMut, Result, StoreContextMut, StructType, Val, bail, ensure};
use alloc::vec::Vec;
use burdock_core::heap::{Object, RuntimeType};
use burdock_types::{CompositeType, Storage};

/// A structure. Always used behind [`Rooted`] or [`OwnedRooted`](crate::OwnedRooted).
///
/// Source: Wasmtime's `StructRef`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let field = FieldType::new(Mutability::Var, ValType::I32.into());
/// let pair = StructType::new(store.engine(), [field.clone(), field])?;
/// let pair = StructRefPre::new(&mut store, pair);
/// let point = StructRef::new(&mut store, &pair, &[Val::I32(3), Val::I32(4)])?;
/// point.set_field(&mut store, 1, Val::I32(5))?;
/// assert_eq!(point.field(&mut store, 1)?.unwrap_i32(), 5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct StructRef(pub(super) Root);

/// The preparation for making structures of a type.
///
/// Source: Wasmtime's `StructRefPre`.
#[derive(Debug)]
pub struct StructRefPre {
    store: StoreId,
    ty: StructType,
    runtime: RuntimeType,
    layout: Vec<(Storage, u32)>,
}

impl StructRefPre {
    /// Prepares for making structures of a type in a store.
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    pub fn new(mut store: impl AsContextMut, ty: StructType) -> Self {
        let mut store = store.as_context_mut();
        let runtime = store.opaque().add_type(&ty.0);
        let layout = ty.0.registered().field_layout();
        Self { store: store.id(), ty, runtime, layout }
    }
}

impl StoreOpaque {
    /// Adds a structure or array type to the store, which keeps it.
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    pub(super) fn add_type(&mut self, ty: &Concrete) -> RuntimeType {
        assert!(crate::Engine::same(ty.engine(), self.engine()), "type used with wrong engine");
        self.hold_type(ty.registered());
        ty.registered().add_to(&mut self.vm)
    }
}

impl StructRef {
    /// Creates a structure with these fields.
    ///
    /// # Errors
    ///
    /// Fails if the values are not as many as the fields, or of other types, or of another store;
    /// or if the heap has no room for the structure, or the store's limiter fails.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    // The name is Wasmtime's.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        let mut store = store.as_context_mut();
        allocator.store.assert_same(store.id());
        let types = fields_of(&allocator.ty.0);
        ensure!(
            types.len() == fields.len(),
            "expected {} fields, got {}",
            types.len(),
            fields.len()
        );
        let mut values = Vec::with_capacity(fields.len());
        for (index, (ty, field)) in types.iter().zip(fields).enumerate() {
            let value = store.inner.opaque.lower_field(field, ty.storage);
            values.push(value.with_context(|| alloc::format!("field {index}"))?);
        }
        let held: Vec<u64> = values.iter().map(|value| value[0]).collect();
        let object = store.allocate_object(allocator.runtime, None, &held)?;
        for ((storage, at), value) in allocator.layout.iter().zip(values) {
            store.opaque().vm.write_field(object, *at, *storage, value);
        }
        Ok(store.opaque().root(object.reference()))
    }

    /// Creates a structure; see [`StructRef::new`]. Never waits.
    ///
    /// # Errors
    ///
    /// Fails as [`StructRef::new`] does.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    pub async fn new_async(
        store: impl AsContextMut,
        allocator: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        Self::new(store, allocator, fields)
    }

    /// Returns the structure's type.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the structure any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<StructType> {
        let store = store.as_context().opaque();
        Ok(StructType(Concrete::new(store.engine(), store.found(self.0)?.ty)))
    }

    /// Returns `true` if the structure is of a type.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the structure any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &StructType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// Returns the values of all fields.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the structure any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn fields<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let store = &store.into().inner.opaque;
        let found = store.found(self.0)?;
        let ty = Concrete::new(store.engine(), found.ty);
        let layout = ty.registered().field_layout();
        let places = fields_of(&ty).iter().zip(layout);
        let read =
            |(ty, (_, at)): (&raw::FieldType, _)| store.read_field(found.object, at, ty.storage);
        Ok(places.map(read).collect::<Vec<_>>().into_iter())
    }

    /// Returns the value of a field. A packed one is extended by zeros.
    ///
    /// # Errors
    ///
    /// Fails if there is no such field, or if nothing holds the structure any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val> {
        let store = store.as_context_mut();
        let store = &store.inner.opaque;
        let (object, ty, at) = store.field_place(self.0, index)?;
        Ok(store.read_field(object, at, ty.storage))
    }

    /// Writes a field. Of a packed one, the lower bits of the value are kept.
    ///
    /// # Errors
    ///
    /// Fails if there is no such field, if it is not mutable, if the value is of another type or
    /// store, or if nothing holds the structure any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn set_field(&self, mut store: impl AsContextMut, index: usize, value: Val) -> Result<()> {
        let mut store = store.as_context_mut();
        let store = store.opaque();
        let (object, ty, at) = store.field_place(self.0, index)?;
        ensure!(ty.mutable, "cannot set field {index}: field is not mutable");
        store
            .write_field(object, at, ty.storage, &value)
            .with_context(|| alloc::format!("cannot set field {index}"))
    }
}

impl StoreOpaque {
    /// Returns a structure's field: the object, and the field's type and offset.
    #[track_caller]
    fn field_place(&self, root: Root, index: usize) -> Result<(Object, raw::FieldType, u32)> {
        let found = self.found(root)?;
        let ty = Concrete::new(self.engine(), found.ty);
        let fields = fields_of(&ty);
        let layout = ty.registered().field_layout();
        match fields.get(index).zip(layout.get(index)) {
            Some((field, (_, at))) => Ok((found.object, *field, *at)),
            None => bail!("no field {index}: the structure has {} fields", fields.len()),
        }
    }
}

fn fields_of(ty: &Concrete) -> &[raw::FieldType] {
    match &ty.registered().ty().composite {
        CompositeType::Struct(fields) => fields,
        _ => &[],
    }
}
