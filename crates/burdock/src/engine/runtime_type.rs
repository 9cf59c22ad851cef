//! The types of a store's objects, which are registered types that the store knows.

use super::registry::EngineType;
use alloc::vec::Vec;
use burdock_core::Vm;
use burdock_core::heap::{Contents, RuntimeType, TypeDesc};
use burdock_types::{CompositeType, ObjectLayout, Storage};

impl EngineType {
    /// Returns a store's index of a structure or array type, which is added to the store. Who adds
    /// it keeps the type as long as the store lives.
    pub(crate) fn add_to(&self, vm: &mut Vm) -> RuntimeType {
        let storages;
        let contents = match &self.ty().composite {
            CompositeType::Func(_) => return RuntimeType::NONE,
            CompositeType::Struct(ty) => {
                storages = self.storages();
                match ty.descriptor {
                    Some(_) => Contents::DescribedStruct(&storages),
                    None => Contents::Struct(&storages),
                }
            }
            CompositeType::Array(element) => Contents::Array(Storage::of(element.storage)),
        };
        let (supertypes, is_final) = (self.chain(), self.ty().is_final);
        vm.add_runtime_type(&TypeDesc { supertypes, is_final, contents })
    }

    /// Returns the representations of a structure's fields, and where they are.
    pub(crate) fn field_layout(&self) -> Vec<(Storage, u32)> {
        let storages = self.storages();
        let layout = ObjectLayout::of(&storages);
        storages.into_iter().zip(layout.offsets).collect()
    }

    fn storages(&self) -> Vec<Storage> {
        match &self.ty().composite {
            CompositeType::Struct(ty) => {
                ty.fields.iter().map(|field| Storage::of(field.storage)).collect()
            }
            _ => Vec::new(),
        }
    }
}
