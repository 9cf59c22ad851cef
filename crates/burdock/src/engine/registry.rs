//! The function types that an engine has seen, each with its number: equal types have equal
//! numbers, so that `call_indirect` and linking compare one word.

use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::TypeId;
use burdock_types::FuncType;
use hashbrown::HashMap;
use spin::RwLock;

/// Function types by number and numbers by function type. Nothing is ever taken out: a number
/// stays valid as long as the engine.
#[derive(Default)]
pub(crate) struct Registry {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    ids: HashMap<Arc<FuncType>, TypeId>,
    types: Vec<Arc<FuncType>>,
}

impl Registry {
    /// The number of a type and the one copy of it that all users share.
    pub(crate) fn register(&self, ty: &FuncType) -> (TypeId, Arc<FuncType>) {
        if let Some((ty, id)) = self.known.read().ids.get_key_value(ty) {
            return (*id, Arc::clone(ty));
        }
        let mut known = self.known.write();
        if let Some((ty, id)) = known.ids.get_key_value(ty) {
            return (*id, Arc::clone(ty));
        }
        let id = TypeId(known.types.len() as u32);
        let ty = Arc::new(ty.clone());
        known.types.push(Arc::clone(&ty));
        known.ids.insert(Arc::clone(&ty), id);
        (id, ty)
    }

    /// The type that has a number.
    pub(crate) fn get(&self, id: TypeId) -> Arc<FuncType> {
        Arc::clone(&self.known.read().types[id.0 as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burdock_types::ValType;

    #[test]
    fn equal_types_have_equal_numbers() {
        let registry = Registry::default();
        let ty = |params: &[ValType]| FuncType::new(params.iter().copied(), []);
        let (one, _) = registry.register(&ty(&[ValType::I32]));
        let (other, _) = registry.register(&ty(&[ValType::I64]));
        let (again, shared) = registry.register(&ty(&[ValType::I32]));
        assert_eq!(one, again);
        assert_ne!(one, other);
        assert!(Arc::ptr_eq(&shared, &registry.get(one)));
    }
}
