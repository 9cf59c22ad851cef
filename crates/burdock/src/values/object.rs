//! Access to the fields of structures and the elements of arrays.

use super::rooted::{Root, Rooting};
use crate::engine::EngineType;
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{Result, Val, bail};
use burdock_core::heap::Object;
use burdock_types::Storage;

/// An object that a root leads to, and its type.
pub(super) struct Found {
    pub(super) object: Object,
    pub(super) ty: EngineType,
}

impl StoreOpaque {
    /// Returns the structure or array that a root leads to.
    ///
    /// # Errors
    ///
    /// Fails if nothing holds the object any more.
    ///
    /// # Panics
    ///
    /// Panics if the root belongs to another store.
    #[track_caller]
    pub(super) fn found(&self, root: Root) -> Result<Found> {
        let reference = root.resolve(self)?;
        let heap = self.vm.heap();
        let object = reference.object();
        let id = object.and_then(|object| heap.types().id(heap.type_of(object)));
        let ty = id.and_then(|id| self.engine().types().get(id));
        match object.zip(ty) {
            Some((object, ty)) => Ok(Found { object, ty }),
            None => bail!("the reference leads to no structure and no array"),
        }
    }

    /// Reads a field or an element.
    pub(super) fn read_field(&self, object: Object, at: u32, ty: raw::StorageType) -> Val {
        let halves = self.vm.read_field(object, at, Storage::of(ty));
        Val::from_halves(ty.unpacked(), halves, Rooting::Scoped(self))
    }

    /// Returns a value as it lies in slots, if it can be what a field or an element contains.
    pub(super) fn lower_field(&self, value: &Val, ty: raw::StorageType) -> Result<[u64; 2]> {
        value.lower_as(self, &ty.unpacked())
    }

    /// Writes a field or an element.
    pub(super) fn write_field(
        &mut self,
        object: Object,
        at: u32,
        ty: raw::StorageType,
        value: &Val,
    ) -> Result<()> {
        let halves = self.lower_field(value, ty)?;
        self.vm.write_field(object, at, Storage::of(ty), halves);
        Ok(())
    }
}
