//! The types that references belong to.

use super::Heap;
use super::layout::DESCRIPTOR;
use super::object::{Object, Reference};
use super::types::{Kind, RuntimeType};
use burdock_types::HeapType;

impl Heap {
    /// Returns `true` if a reference that is not null, of the same hierarchy as a type, is of the
    /// type.
    ///
    /// # Panics
    ///
    /// If the type is a function type, or one of the exceptions of certain tags: the heap contains
    /// no functions, and knows no tags.
    pub fn is_of_type(&self, reference: Reference, ty: HeapType<RuntimeType>) -> bool {
        let kind = || reference.object().map(|object| self.kind_of(object));
        match ty {
            HeapType::Any | HeapType::Extern | HeapType::Exn => true,
            HeapType::None | HeapType::NoExtern | HeapType::NoExn => false,
            HeapType::I31 => reference.i31().is_some(),
            HeapType::Eq => matches!(kind(), None | Some(Kind::Struct | Kind::Array)),
            HeapType::Struct => kind() == Some(Kind::Struct),
            HeapType::Array => kind() == Some(Kind::Array),
            HeapType::ConcreteStruct(expected) | HeapType::ConcreteArray(expected) => {
                let object = reference.object();
                object.is_some_and(|object| self.types.is_subtype(self.type_of(object), expected))
            }
            HeapType::ExactStruct(expected) | HeapType::ExactArray(expected) => {
                reference.object().is_some_and(|object| self.type_of(object) == expected)
            }
            HeapType::Func
            | HeapType::NoFunc
            | HeapType::ConcreteFunc(_)
            | HeapType::ExactFunc(_) => unreachable!("the heap contains no functions"),
            HeapType::ConcreteExn(_) => unreachable!("no module has a type of certain exceptions"),
        }
    }

    /// Returns `true` if a reference is to a structure that has this descriptor, an object.
    pub fn has_descriptor(&self, reference: Reference, descriptor: Object) -> bool {
        reference.object().is_some_and(|object| {
            // In the headers of other objects, a length or 0 is at the place of the descriptor.
            self.kind_of(object) == Kind::Struct
                && self.read_reference(object, DESCRIPTOR) == descriptor.reference()
        })
    }
}
