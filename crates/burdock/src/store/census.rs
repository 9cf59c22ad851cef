//! The objects that live in a store, by type, and what holds them.

use super::{Store, StoreContextMut, StoreOpaque};
use crate::types::Concrete;
use crate::{ArrayType, HeapType, Instance, Result, StructType, format_err};
use alloc::vec::Vec;
use burdock_core::heap::{Kind, RuntimeType};
use burdock_core::{Holder as RawHolder, OutOfMemory, TypeId};
use burdock_types::DESCRIPTOR;
use burdock_types::TypeIdx;

pub use burdock_core::RootKind;

/// The objects of one type that live in a store.
///
/// See [`Store::live_types`] for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LiveType {
    /// The type: a concrete one of structures or arrays, [`HeapType::Exn`] for the exceptions of a
    /// tag, or [`HeapType::Extern`] for host values.
    pub ty: HeapType,
    /// An instance whose module defines the type, and the type's index there; `None` if only the
    /// host has defined it, and for exceptions and host values.
    pub defined: Option<(Instance, u32)>,
    /// The number of objects.
    pub objects: u64,
    /// The number of bytes of all objects.
    pub bytes: u64,
    /// The number of bytes that would be freed with the objects: their own, and those of objects to
    /// which all references lead through one of them. (If only several of the objects together hold
    /// another one, it does not count.)
    pub retained_bytes: u64,
    /// The number of references to the objects, by the place of the references, most first.
    pub held_by: Vec<(Holder, u64)>,
}

/// A place of references to objects.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A root: a place outside of the heap.
    Root(RootKind),
    /// Arrays or exceptions of the type at this index of the list.
    Type(usize),
    /// A field of structures of the type at this index of the list.
    Field {
        /// The index of the type in the list.
        ty: usize,
        /// The index of the field.
        field: u32,
    },
    /// Structures of the type at this index of the list, which have the objects as descriptors.
    Descriptor(usize),
}

impl<T: 'static> Store<T> {
    /// Collects all garbage, and returns the types of the objects that live, those with the most
    /// bytes first.
    ///
    /// # Errors
    ///
    /// Fails if the system is out of memory, or with the error of a hook that is told of the
    /// collection.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module
    ///     (type $list (struct (field (ref null $list))))
    ///     (global $kept (ref $list) (struct.new $list (struct.new $list (ref.null $list)))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// Instance::new(&mut store, &module, &[])?;
    /// let types = store.live_types()?;
    /// let [list] = types.as_slice() else { panic!("{types:?}") };
    /// assert_eq!((list.objects, list.bytes, list.retained_bytes), (2, 32, 32));
    /// let next = Holder::Field { ty: 0, field: 0 };
    /// let held_by = [(Holder::Root(RootKind::Global), 1), (next, 1)];
    /// assert_eq!(list.held_by, held_by);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn live_types(&mut self) -> Result<Vec<LiveType>> {
        StoreContextMut { inner: &mut self.parts.inner, hosts: &self.parts.hosts }.live_types()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Collects all garbage, and returns the types of the objects that live; see
    /// [`Store::live_types`].
    ///
    /// # Errors
    ///
    /// Fails if the system is out of memory, or with the error of a hook that is told of the
    /// collection.
    pub fn live_types(&mut self) -> Result<Vec<LiveType>> {
        let census = self.opaque().vm.census();
        self.opaque().drop_dead_host_values();
        self.report_collections()?;
        let census = census.ok_or_else(|| format_err!("{}", OutOfMemory))?;
        let mut types: Vec<_> = census.types.into_iter().collect();
        types.sort_by(|(a, of_a), (b, of_b)| of_b.bytes.cmp(&of_a.bytes).then(a.cmp(b)));
        let order: Vec<RuntimeType> = types.iter().map(|(ty, _)| *ty).collect();
        let store = self.opaque();
        let position = |ty| order.iter().position(|own| *own == ty).unwrap_or(usize::MAX);
        let holder = |holder| match holder {
            RawHolder::Root(kind) => Holder::Root(kind),
            RawHolder::Objects(ty) => Holder::Type(position(ty)),
            RawHolder::Field(ty, DESCRIPTOR) => Holder::Descriptor(position(ty)),
            RawHolder::Field(ty, at) => {
                Holder::Field { ty: position(ty), field: store.field_at(ty, at) }
            }
        };
        let types = types.into_iter().map(|(_, own)| {
            let mut held_by: Vec<_> =
                own.held_by.into_iter().map(|(from, count)| (holder(from), count)).collect();
            held_by.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
            let (ty, defined) = store.named(own.kind, own.id);
            let (objects, bytes, retained_bytes) = (own.objects, own.bytes, own.retained);
            LiveType { ty, defined, objects, bytes, retained_bytes, held_by }
        });
        Ok(types.collect())
    }
}

impl StoreOpaque {
    /// Returns the index of the field that structures of a type have at an offset.
    fn field_at(&self, ty: RuntimeType, at: u32) -> u32 {
        let id = self.vm.heap().types().id(ty);
        let ty = id.and_then(|id| self.engine().types().get(id));
        let layout = ty.map(|ty| ty.field_layout()).unwrap_or_default();
        let field = layout.iter().position(|(_, offset)| *offset == at);
        field.map_or(u32::MAX, |field| field as u32)
    }

    /// Returns a type of objects, and where it is defined.
    fn named(&self, kind: Kind, id: Option<TypeId>) -> (HeapType, Option<(Instance, u32)>) {
        let (Kind::Struct | Kind::Array, Some(id)) = (kind, id) else {
            let ty = if kind == Kind::Host { HeapType::Extern } else { HeapType::Exn };
            return (ty, None);
        };
        let Some(engine_type) = self.engine().types().get(id) else { return (HeapType::Any, None) };
        let concrete = Concrete::new(self.engine(), engine_type);
        let ty = match kind {
            Kind::Array => HeapType::ConcreteArray(ArrayType(concrete)),
            _ => HeapType::ConcreteStruct(StructType(concrete)),
        };
        let defined = self.vm.instances().find_map(|instance| {
            let types = self.instance(instance).module.types();
            let index = types.iter().position(|ty| ty.id == id)?;
            Some((Instance::from_addr(self.id(), instance), TypeIdx(index as u32).0))
        });
        (ty, defined)
    }
}
