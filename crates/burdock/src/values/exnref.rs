//! `ExnRef`: an exception as a value.

use super::Rooted;
use super::rooted::{Root, Rooting};
use crate::limits::until_answered;
use crate::store::{StoreId, StoreOpaque};
use crate::{
    AsContext, AsContextMut, ExnType, FuncType, HeapType, Result, StoreContextMut, Tag, Val, bail,
    ensure,
};
use alloc::vec::Vec;
use burdock_core::TagAddr;

/// An exception. Always used behind [`Rooted`] or [`OwnedRooted`](crate::OwnedRooted).
///
/// Source: Wasmtime's `ExnRef`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
/// let tag = Tag::new(&mut store, &ty)?;
/// let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(&ty)?);
/// let exception = ExnRef::new(&mut store, &pre, &tag, &[Val::I32(7)])?;
/// assert_eq!(exception.field(&mut store, 0)?.i32(), Some(7));
/// assert!(Tag::eq(&exception.tag(&mut store)?, &tag, &store));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct ExnRef(pub(super) Root);

/// The preparation for making exceptions of a type.
///
/// Source: Wasmtime's `ExnRefPre`.
#[derive(Debug)]
pub struct ExnRefPre {
    store: StoreId,
    ty: ExnType,
}

impl ExnRefPre {
    /// Prepares for making exceptions of a type in a store.
    pub fn new(mut store: impl AsContextMut, ty: ExnType) -> Self {
        Self { store: store.as_context_mut().id(), ty }
    }
}

impl ExnRef {
    /// Creates an exception with these values.
    ///
    /// # Errors
    ///
    /// Fails if the tag is of another type than `allocator`, if the values are of other types or of
    /// another store, or if the heap has no room for the exception.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` or the tag belongs to another store.
    // The name is Wasmtime's.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(
        mut store: impl AsContextMut,
        allocator: &ExnRefPre,
        tag: &Tag,
        fields: &[Val],
    ) -> Result<Rooted<ExnRef>> {
        let mut store = store.as_context_mut();
        store.inner.ensure_immediate_limiter()?;
        Self::try_new(&mut store, allocator, tag, fields)
    }

    /// Creates an exception, or fails with a question to an asynchronous limiter.
    fn try_new<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        allocator: &ExnRefPre,
        tag: &Tag,
        fields: &[Val],
    ) -> Result<Rooted<ExnRef>> {
        let id = store.id();
        allocator.store.assert_same(id);
        let ty = tag.ty(&store);
        ensure!(ty == allocator.ty.tag_type(), "tag type does not match the exception type");
        let types = ty.ty().raw().params();
        ensure!(
            types.len() == fields.len(),
            "expected {} fields, got {}",
            types.len(),
            fields.len()
        );
        let mut slots = Vec::new();
        for (ty, field) in types.iter().zip(fields) {
            let halves = field.lower_as(store.opaque(), ty)?;
            slots.extend_from_slice(&halves[..usize::from(ty.slots())]);
        }
        let object = store.allocate_exception(tag.addr(id), &slots)?;
        Ok(store.opaque().root(object.reference()))
    }

    /// Creates an exception; see [`ExnRef::new`]. Waits for the store's limiter if that is
    /// asynchronous.
    ///
    /// # Errors
    ///
    /// Fails as [`ExnRef::new`] does.
    ///
    /// # Panics
    ///
    /// Panics if `allocator` or the tag belongs to another store.
    pub async fn new_async(
        mut store: impl AsContextMut,
        allocator: &ExnRefPre,
        tag: &Tag,
        fields: &[Val],
    ) -> Result<Rooted<ExnRef>> {
        let mut store = store.as_context_mut();
        until_answered(&mut store, |store| Self::try_new(store, allocator, tag, fields)).await
    }

    /// Returns `true` if the exception is of a type.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the exception any more.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool> {
        Ok(HeapType::from(self.ty(store)?).matches(ty))
    }

    /// Returns the exception's tag and values.
    #[track_caller]
    fn parts(&self, store: &StoreOpaque) -> Result<(TagAddr, Vec<u64>)> {
        match store.vm.exception(self.0.resolve(store)?.to_slot()) {
            Some(parts) => Ok(parts),
            None => bail!("the reference leads to no exception"),
        }
    }

    /// Returns the exception's type.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<ExnType> {
        let store = store.as_context().opaque();
        let (tag, _) = self.parts(store)?;
        let ty = FuncType::from_id(store.engine(), store.vm.tag_type(tag));
        Ok(ExnType::of_tags(ty))
    }

    /// Returns the exception's tag.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn tag(&self, mut store: impl AsContextMut) -> Result<Tag> {
        let mut store = store.as_context_mut();
        let id = store.id();
        let (tag, _) = self.parts(store.opaque())?;
        Ok(Tag::from_addr(id, tag))
    }

    /// Returns the exception's values.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn fields<'a, T: 'static>(
        &'a self,
        store: impl Into<crate::StoreContextMut<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a> {
        let store = store.into();
        let ty = self.ty(&store)?.tag_type();
        let store = &store.inner.opaque;
        let (_, slots) = self.parts(store)?;
        let mut slots = &slots[..];
        let mut fields = Vec::new();
        for ty in ty.ty().raw().params() {
            let (field, rest) = Val::load(*ty, slots, Rooting::Scoped(store));
            fields.push(field);
            slots = rest;
        }
        Ok(fields.into_iter())
    }

    /// Returns one of the exception's values.
    ///
    /// # Errors
    ///
    /// Fails if the exception has no value of this number.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val> {
        let mut store = store.as_context_mut();
        let field = self.fields(store.reborrow())?.nth(index);
        match field {
            Some(field) => Ok(field),
            None => bail!("cannot get field {index}: field index out of bounds"),
        }
    }
}
