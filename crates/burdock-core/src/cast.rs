//! The question of whether a reference is of a type, for casts and for hooks at casts.

use crate::heap::{Reference, RuntimeType};
use crate::instance::Instance;
use crate::vm::Vm;
use crate::{FuncAddr, InstanceAddr, RawRef, TypeId};
use burdock_types::{HeapType, RefType};

/// The type that a reference is compared with, as the store names it.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// A type of functions.
    Func(TypeId),
    /// A type of functions to which subtypes do not belong.
    ExactFunc(TypeId),
    /// Any other type.
    Other(HeapType<RuntimeType>),
}

impl Instance {
    /// Returns the store's name of a type of the instance's module.
    pub(crate) fn expected(&self, heap: HeapType) -> Expected {
        match heap {
            HeapType::ConcreteFunc(x) => Expected::Func(self.types()[x.index()].id),
            HeapType::ExactFunc(x) => Expected::ExactFunc(self.types()[x.index()].id),
            heap => Expected::Other(heap.map(|x| self.runtime_types[x.index()])),
        }
    }
}

impl Vm {
    /// Returns `true` if a reference is of a type of an instance's module. `is_subtype` says
    /// whether a type of functions is declared to be a subtype of another; it is asked when they
    /// are not the same.
    pub fn is_of_type(
        &self,
        instance: InstanceAddr,
        reference: RawRef,
        ty: RefType,
        is_subtype: impl FnOnce(TypeId, TypeId) -> bool,
    ) -> bool {
        let expected = self.entities.instances.get(instance.index()).expected(ty.heap);
        match reference {
            0 => ty.nullable,
            _ => self.is_of(reference, expected, is_subtype),
        }
    }

    /// Returns `true` if a reference that is not null is of a type; see
    /// [`is_of_type`](Self::is_of_type).
    pub(crate) fn is_of(
        &self,
        reference: RawRef,
        expected: Expected,
        is_subtype: impl FnOnce(TypeId, TypeId) -> bool,
    ) -> bool {
        match expected {
            Expected::Func(expected) => {
                let Some(func) = FuncAddr::from_raw(reference) else { return false };
                let own = self.callee(func).ty;
                own == expected || is_subtype(own, expected)
            }
            Expected::ExactFunc(expected) => {
                FuncAddr::from_raw(reference).is_some_and(|func| self.callee(func).ty == expected)
            }
            Expected::Other(HeapType::Func) => true,
            Expected::Other(HeapType::NoFunc) => false,
            Expected::Other(heap) => self.heap.is_of_type(Reference::from_slot(reference), heap),
        }
    }
}
