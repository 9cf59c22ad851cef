//! `ArrayRef`: an array of guests.

use super::Rooted;
use super::rooted::Root;
use crate::error::Context;
use crate::limits::until_answered;
use crate::store::{StoreId, StoreOpaque};
use crate::types::{Concrete, raw};
use crate::{ArrayType, AsContext, AsContextMut, Result, StoreContextMut, Val, bail, ensure};
use alloc::vec::Vec;
use burdock_core::heap::{Object, RuntimeType};
use burdock_types::{CompositeType, HEADER, Storage};

/// An array. Always used behind [`Rooted`] or [`OwnedRooted`](crate::OwnedRooted).
///
/// Source: Wasmtime's `ArrayRef`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let bytes = ArrayType::new(store.engine(), FieldType::new(Mutability::Var, StorageType::I8));
/// let bytes = ArrayRefPre::new(&mut store, bytes);
/// let array = ArrayRef::new(&mut store, &bytes, &Val::I32(7), 3)?;
/// array.set(&mut store, 2, Val::I32(-1))?;
/// let elements: Vec<i32> = array.elems(&mut store)?.map(|element| element.unwrap_i32()).collect();
/// assert_eq!(elements, [7, 7, 255]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct ArrayRef(pub(super) Root);

/// The preparation for making arrays of a type.
///
/// Source: Wasmtime's `ArrayRefPre`.
#[derive(Debug)]
pub struct ArrayRefPre {
    store: StoreId,
    ty: ArrayType,
    runtime: RuntimeType,
}

impl ArrayRefPre {
    /// Prepares for making arrays of a type in a store.
    ///
    /// # Panics
    ///
    /// Panics if the type is of another engine.
    pub fn new(mut store: impl AsContextMut, ty: ArrayType) -> Self {
        let mut store = store.as_context_mut();
        let runtime = store.opaque().add_type(&ty.0);
        Self { store: store.id(), ty, runtime }
    }
}

impl ArrayRef {
    /// Creates an array of `len` elements that have the same value.
    ///
    /// # Errors
    ///
    /// Fails if the value is of another type or store; or if the heap has no room for the array, or
    /// the store's limiter fails.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    // The name is Wasmtime's.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elem: &Val,
        len: u32,
    ) -> Result<Rooted<ArrayRef>> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        Self::try_new(&mut store, allocator, elem, len)
    }

    /// Creates an array, or fails with a question to an asynchronous limiter.
    fn try_new<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        allocator: &ArrayRefPre,
        elem: &Val,
        len: u32,
    ) -> Result<Rooted<ArrayRef>> {
        allocator.store.assert_same(store.id());
        let ty = element_of(&allocator.ty.0).storage;
        let value = store.opaque().lower_field(elem, ty)?;
        let object = store.allocate_object(allocator.runtime, Some(len), &[value[0]])?;
        let storage = Storage::of(ty);
        // A new array is zero.
        if value != [0, 0] {
            for index in 0..len {
                store.opaque().vm.write_field(object, offset(storage, index), storage, value);
            }
        }
        Ok(store.opaque().root(object.reference()))
    }

    /// Creates an array of these elements.
    ///
    /// # Errors
    ///
    /// Fails if a value is of another type or store, or if there are more than 2³² - 1; or if the
    /// heap has no room for the array, or the store's limiter fails.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    pub fn new_fixed(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[Val],
    ) -> Result<Rooted<ArrayRef>> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        Self::try_new_fixed(&mut store, allocator, elems)
    }

    /// Creates an array, or fails with a question to an asynchronous limiter.
    fn try_new_fixed<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        allocator: &ArrayRefPre,
        elems: &[Val],
    ) -> Result<Rooted<ArrayRef>> {
        allocator.store.assert_same(store.id());
        let ty = element_of(&allocator.ty.0).storage;
        let len = u32::try_from(elems.len()).context("too many elements")?;
        let mut values = Vec::with_capacity(elems.len());
        for (index, elem) in elems.iter().enumerate() {
            let value = store.opaque().lower_field(elem, ty);
            values.push(value.with_context(|| alloc::format!("element {index}"))?);
        }
        let held: Vec<u64> = values.iter().map(|value| value[0]).collect();
        let object = store.allocate_object(allocator.runtime, Some(len), &held)?;
        let storage = Storage::of(ty);
        for (index, value) in (0..).zip(values) {
            store.opaque().vm.write_field(object, offset(storage, index), storage, value);
        }
        Ok(store.opaque().root(object.reference()))
    }

    /// Creates an array; see [`ArrayRef::new`]. Waits for the store's limiter if that is
    /// asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`ArrayRef::new`] does.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    pub async fn new_async(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elem: &Val,
        len: u32,
    ) -> Result<Rooted<ArrayRef>> {
        let mut store = store.as_context_mut();
        until_answered(&mut store, |store| Self::try_new(store, allocator, elem, len)).await
    }

    /// Creates an array; see [`ArrayRef::new_fixed`]. Waits for the store's limiter if that is
    /// asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`ArrayRef::new_fixed`] does.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    pub async fn new_fixed_async(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[Val],
    ) -> Result<Rooted<ArrayRef>> {
        let mut store = store.as_context_mut();
        until_answered(&mut store, |store| Self::try_new_fixed(store, allocator, elems)).await
    }

    /// Creates an array of `i8` with these elements.
    ///
    /// # Errors
    ///
    /// Fails if the type has other elements, or if there are more than 2³² - 1; or if the heap has
    /// no room for the array, or the store's limiter fails.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = ArrayType::new(store.engine(), FieldType::new(Mutability::Var, StorageType::I8));
    /// let pre = ArrayRefPre::new(&mut store, ty);
    /// let array = ArrayRef::new_from_i8_slice(&mut store, &pre, b"text")?;
    /// array.set(&mut store, 0, Val::I32(b'n'.into()))?;
    /// let mut bytes = [0; 4];
    /// array.copy_to_i8_slice(&store, &mut bytes)?;
    /// assert_eq!(&bytes, b"next");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new_from_i8_slice(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[u8],
    ) -> Result<Rooted<ArrayRef>> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        Self::try_new_from_bytes(&mut store, allocator, elems)
    }

    /// Creates an array, or fails with a question to an asynchronous limiter.
    fn try_new_from_bytes<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        allocator: &ArrayRefPre,
        elems: &[u8],
    ) -> Result<Rooted<ArrayRef>> {
        allocator.store.assert_same(store.id());
        ensure_bytes(&allocator.ty.0)?;
        let len = u32::try_from(elems.len()).context("too many elements")?;
        let object = store.allocate_object(allocator.runtime, Some(len), &[])?;
        store.opaque().vm.write_bytes(object, HEADER, elems);
        Ok(store.opaque().root(object.reference()))
    }

    /// Creates an array; see [`ArrayRef::new_from_i8_slice`]. Waits for the store's limiter if
    /// that is asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`ArrayRef::new_from_i8_slice`] does.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` belongs to another store.
    pub async fn new_from_i8_slice_async(
        mut store: impl AsContextMut,
        allocator: &ArrayRefPre,
        elems: &[u8],
    ) -> Result<Rooted<ArrayRef>> {
        let mut store = store.as_context_mut();
        until_answered(&mut store, |store| Self::try_new_from_bytes(store, allocator, elems)).await
    }

    /// Copies the elements of an array of `i8`.
    ///
    /// # Errors
    ///
    /// Fails if the array has other elements or another number of them than `bytes`, or if nothing
    /// holds it any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn copy_to_i8_slice(&self, store: impl AsContext, bytes: &mut [u8]) -> Result<()> {
        let store = store.as_context().opaque();
        let found = store.found(self.0)?;
        ensure_bytes(&Concrete::new(store.engine(), found.ty))?;
        let len = store.vm.heap().array_len(found.object) as usize;
        ensure!(bytes.len() == len, "expected {} elements, the array has {len}", bytes.len());
        bytes.copy_from_slice(store.vm.heap().bytes(found.object, HEADER, len));
        Ok(())
    }

    /// Returns the array's type.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the array any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<ArrayType> {
        let store = store.as_context().opaque();
        Ok(ArrayType(Concrete::new(store.engine(), store.found(self.0)?.ty)))
    }

    /// Returns `true` if the array is of a type.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the array any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ArrayType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// Returns the number of elements.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the array any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn len(&self, store: impl AsContext) -> Result<u32> {
        let store = store.as_context().opaque();
        let object = store.found(self.0)?.object;
        Ok(store.vm.heap().array_len(object))
    }

    /// Returns the values of all elements.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the array any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn elems<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let store = &store.into().inner.opaque;
        let found = store.found(self.0)?;
        let ty = element_of(&Concrete::new(store.engine(), found.ty)).storage;
        let len = store.vm.heap().array_len(found.object) as usize;
        let element = move |index: usize| {
            let at = offset(Storage::of(ty), index as u32);
            store.read_field(found.object, at, ty)
        };
        Ok((0..len).map(element))
    }

    /// Returns the value of an element. A packed one is extended by zeros.
    ///
    /// # Errors
    ///
    /// Fails if there is no such element, or if nothing holds the array any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val> {
        let store = store.as_context_mut();
        let store = &store.inner.opaque;
        let (object, ty) = store.element_place(self.0, index)?;
        Ok(store.read_field(object, offset(Storage::of(ty.storage), index), ty.storage))
    }

    /// Writes an element. Of a packed one, the lower bits of the value are kept.
    ///
    /// # Errors
    ///
    /// Fails if there is no such element, if the elements are not mutable, if the value is of
    /// another type or store, or if nothing holds the array any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn set(&self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<()> {
        let mut store = store.as_context_mut();
        let store = store.opaque();
        let (object, ty) = store.element_place(self.0, index)?;
        ensure!(ty.mutable, "cannot set element {index}: elements are not mutable");
        store
            .write_field(object, offset(Storage::of(ty.storage), index), ty.storage, &value)
            .with_context(|| alloc::format!("cannot set element {index}"))
    }
}

impl StoreOpaque {
    /// Returns the array that a root leads to, which has an element of this index, and the type of
    /// its elements.
    #[track_caller]
    fn element_place(&self, root: Root, index: u32) -> Result<(Object, raw::FieldType)> {
        let found = self.found(root)?;
        let len = self.vm.heap().array_len(found.object);
        if index >= len {
            bail!("no element {index}: the array has {len} elements");
        }
        Ok((found.object, element_of(&Concrete::new(self.engine(), found.ty))))
    }
}

fn element_of(ty: &Concrete) -> raw::FieldType {
    match ty.registered().ty().composite {
        CompositeType::Array(element) => element,
        _ => unreachable!("a reference to an array leads to one"),
    }
}

/// Fails if an array of a type has other elements than `i8`.
fn ensure_bytes(ty: &Concrete) -> Result<()> {
    let storage = element_of(ty).storage;
    ensure!(storage == raw::StorageType::I8, "expected an array of i8, found one of {storage}");
    Ok(())
}

/// Returns the offset of an element from the beginning of its array.
fn offset(storage: Storage, index: u32) -> u32 {
    HEADER.wrapping_add(index.wrapping_mul(storage.size()))
}
