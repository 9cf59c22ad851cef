//! `Tag`: the tag of exceptions in a store.

use crate::store::StoreId;
use crate::{AsContext, AsContextMut, FuncType, Result, TagType, ensure};
use burdock_core::TagAddr;
use burdock_types::Storage;

/// A tag in a store: exceptions are thrown with a tag, and caught by it. The type is a `Copy`
/// handle that is valid only with its store.
///
/// Every method panics if it is called with another store.
///
/// Source: Wasmtime's `Tag`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TagType::new(FuncType::new(store.engine(), [ValType::I64], []));
/// let tag = Tag::new(&mut store, &ty)?;
/// assert_eq!(tag.ty(&store).ty().params().len(), 1);
/// assert!(!Tag::eq(&tag, &Tag::new(&mut store, &ty)?, &store));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Tag {
    store: StoreId,
    addr: TagAddr,
}

impl Tag {
    pub(crate) fn from_addr(store: StoreId, addr: TagAddr) -> Self {
        Self { store, addr }
    }

    pub(crate) fn belongs_to(&self, store: StoreId) -> bool {
        self.store == store
    }

    /// Returns the tag's index among the store's tags.
    pub(crate) fn number(&self) -> u64 {
        self.addr.index() as u64
    }

    #[track_caller]
    pub(crate) fn addr(&self, store: StoreId) -> TagAddr {
        self.store.assert_same(store);
        self.addr
    }

    /// Creates a tag.
    ///
    /// # Errors
    ///
    /// Fails if the type has results or belongs to another engine, or if
    /// [`Config::gc_support`](crate::Config::gc_support) is off.
    pub fn new(mut store: impl AsContextMut, ty: &TagType) -> Result<Self> {
        let mut store = store.as_context_mut();
        let func = ty.ty();
        ensure!(crate::Engine::same(store.engine(), func.engine()), "type used with wrong engine");
        ensure!(func.results().len() == 0, "the type of a tag has no results");
        let id = store.id();
        let store = store.opaque();
        store.ensure_objects()?;
        store.hold_type(func.concrete().registered());
        let addr =
            store.vm.alloc_tag(func.id(), func.raw().params().iter().copied().map(Storage::of_val));
        Ok(Self::from_addr(id, addr))
    }

    /// Returns the tag's type.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        let store = store.as_context().opaque();
        let ty = store.vm.tag_type(self.addr(store.id()));
        TagType::new(FuncType::from_id(store.engine(), ty))
    }

    /// Returns `true` if both are the same tag.
    pub fn eq(a: &Tag, b: &Tag, store: impl AsContext) -> bool {
        let id = store.as_context().opaque().id();
        a.addr(id) == b.addr(id)
    }
}
