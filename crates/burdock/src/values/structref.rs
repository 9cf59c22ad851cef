//! `StructRef`: a structure of guests.

use super::Rooted;
use super::rooted::Root;
use crate::error::Context;
use crate::limits::until_answered;
use crate::store::{StoreId, StoreOpaque};
use crate::types::{Concrete, raw};
use crate::{AsContext, AsContextMut, Result, StoreContextMut, StructType, Val, bail, ensure};
use alloc::vec::Vec;
use burdock_core::heap::{Object, RuntimeType};
use burdock_types::{CompositeType, DESCRIPTOR, Storage};

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
    /// if structures of the type have a descriptor; or if the heap has no room for the structure,
    /// or the store's limiter fails.
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
        store.inner.ensure_immediate_limiter()?;
        Self::try_new(&mut store, allocator, fields)
    }

    /// Creates a structure, or fails with a question to an asynchronous limiter.
    fn try_new<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        allocator: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        allocator.store.assert_same(store.id());
        ensure!(
            allocator.ty.descriptor().is_none(),
            "a structure of type {} needs a descriptor",
            allocator.ty
        );
        Self::make(store, allocator, fields, None)
    }

    /// Creates a structure with a descriptor and these fields, as `struct.new_desc` does
    /// ([`Config::wasm_custom_descriptors`](crate::Config::wasm_custom_descriptors)).
    ///
    /// # Errors
    ///
    /// Fails as [`StructRef::new`] does, and if the type of `descriptor` is not exactly the
    /// [`descriptor`](StructType::descriptor) of the structure's type.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` or `descriptor` belongs to another store.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::new(Config::new().wasm_custom_descriptors(true))?;
    /// let module = Module::new(&engine, r#"(module (rec
    ///     (type $point (descriptor $class) (struct (field i32)))
    ///     (type $class (describes $point) (struct (field i32))))
    ///     (global (export "origin") (ref $point)
    ///         (struct.new_default_desc $point (struct.new $class (i32.const 7)))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let origin = instance.get_global(&mut store, "origin").unwrap().get(&mut store);
    /// let origin = origin.unwrap_anyref().unwrap().unwrap_struct(&store)?;
    /// let class = origin.descriptor(&store)?.unwrap();
    /// assert_eq!(class.field(&mut store, 0)?.unwrap_i32(), 7);
    /// let ty = origin.ty(&store)?;
    /// let point = StructRefPre::new(&mut store, ty);
    /// let point = StructRef::new_with_descriptor(&mut store, &point, &class, &[Val::I32(3)])?;
    /// assert!(Rooted::ref_eq(&store, &point.descriptor(&store)?.unwrap(), &class)?);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new_with_descriptor(
        mut store: impl AsContextMut,
        allocator: &StructRefPre,
        descriptor: &Rooted<StructRef>,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        Self::try_new_with_descriptor(&mut store, allocator, descriptor, fields)
    }

    /// Creates a structure with a descriptor, or fails with a question to an asynchronous limiter.
    fn try_new_with_descriptor<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        allocator: &StructRefPre,
        descriptor: &Rooted<StructRef>,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        allocator.store.assert_same(store.id());
        let found = store.opaque().found(descriptor.root())?;
        let Some(expected) = allocator.ty.descriptor() else {
            bail!("a structure of type {} has no descriptor", allocator.ty);
        };
        ensure!(
            expected.0.id() == found.ty.id(),
            "type mismatch: expected a descriptor of exactly type {expected}, found one of type {}",
            StructType(Concrete::new(store.engine(), found.ty))
        );
        Self::make(store, allocator, fields, Some(found.object))
    }

    fn make<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        allocator: &StructRefPre,
        fields: &[Val],
        descriptor: Option<Object>,
    ) -> Result<Rooted<StructRef>> {
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
        let descriptor = descriptor.map(|object| object.reference().to_slot());
        let held: Vec<u64> = values.iter().map(|value| value[0]).chain(descriptor).collect();
        let object = store.allocate_object(allocator.runtime, None, &held)?;
        if let Some(slot) = descriptor {
            let vm = &mut store.opaque().vm;
            vm.write_field(object, DESCRIPTOR, Storage::Reference, [slot, 0]);
        }
        for ((storage, at), value) in allocator.layout.iter().zip(values) {
            store.opaque().vm.write_field(object, *at, *storage, value);
        }
        Ok(store.opaque().root(object.reference()))
    }

    /// Creates a structure; see [`StructRef::new`]. Waits for the store's limiter if that is
    /// asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`StructRef::new`] does.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    pub async fn new_async(
        mut store: impl AsContextMut,
        allocator: &StructRefPre,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        let mut store = store.as_context_mut();
        until_answered(&mut store, |store| Self::try_new(store, allocator, fields)).await
    }

    /// Creates a structure with a descriptor; see [`StructRef::new_with_descriptor`]. Waits for the
    /// store's limiter if that is asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`StructRef::new_with_descriptor`] does.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` or `descriptor` belongs to another store.
    pub async fn new_with_descriptor_async(
        mut store: impl AsContextMut,
        allocator: &StructRefPre,
        descriptor: &Rooted<StructRef>,
        fields: &[Val],
    ) -> Result<Rooted<StructRef>> {
        let mut store = store.as_context_mut();
        let make = |store: &mut StoreContextMut<'_, _>| {
            Self::try_new_with_descriptor(store, allocator, descriptor, fields)
        };
        until_answered(&mut store, make).await
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

    /// Returns the structure's descriptor, if its type has one
    /// ([`StructType::descriptor`]).
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the structure any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn descriptor(&self, store: impl AsContext) -> Result<Option<Rooted<StructRef>>> {
        let store = store.as_context().opaque();
        let found = store.found(self.0)?;
        Ok(match &found.ty.ty().composite {
            CompositeType::Struct(ty) if ty.descriptor.is_some() => {
                Some(store.root(store.vm.heap().read_reference(found.object, DESCRIPTOR)))
            }
            _ => None,
        })
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
        CompositeType::Struct(ty) => &ty.fields,
        _ => &[],
    }
}
