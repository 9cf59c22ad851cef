//! The function types that an engine has seen, each with its number: equal types have equal
//! numbers, so that `call_indirect` and linking compare one word.

use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::TypeId;
use burdock_types::FuncType;
use hashbrown::HashMap;
use spin::RwLock;

/// Function types by number and numbers by function type. A number is valid as long as somebody
/// else holds the type: modules, host functions and the embedder's `FuncType`s do, so that every
/// number in a store has its type.
#[derive(Default)]
pub(crate) struct Registry {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    ids: HashMap<Arc<FuncType>, TypeId>,
    types: Vec<Option<Arc<FuncType>>>,
    /// Numbers that are no type's.
    free: Vec<TypeId>,
    /// The number of types at which unused ones are removed.
    limit: usize,
}

/// The number of types below which unused ones are not searched for.
const LEAST: usize = 64;

impl Registry {
    /// Registers several types as [`register`](Self::register) does; known types take one lock.
    pub(crate) fn register_all(&self, types: &[FuncType]) -> Vec<(TypeId, Arc<FuncType>)> {
        let mut registered = Vec::with_capacity(types.len());
        let known = self.known.read();
        registered.extend(types.iter().map_while(|ty| known.find(ty)));
        drop(known);
        let unknown = &types[registered.len()..];
        registered.extend(unknown.iter().map(|ty| self.register(ty)));
        registered
    }

    /// Returns the number of a type and the one copy of the type that all users share.
    pub(crate) fn register(&self, ty: &FuncType) -> (TypeId, Arc<FuncType>) {
        if let Some(found) = self.known.read().find(ty) {
            return found;
        }
        let mut known = self.known.write();
        if let Some(found) = known.find(ty) {
            return found;
        }
        known.make_room();
        let id = known.free.pop().unwrap_or_else(|| {
            known.types.push(None);
            TypeId(known.types.len() as u32 - 1)
        });
        let ty = Arc::new(ty.clone());
        known.types[id.0 as usize] = Some(Arc::clone(&ty));
        known.ids.insert(Arc::clone(&ty), id);
        (id, ty)
    }

    /// Returns the type that has this number.
    pub(crate) fn get(&self, id: TypeId) -> Option<Arc<FuncType>> {
        self.known.read().types.get(id.0 as usize).cloned().flatten()
    }
}

impl Known {
    fn find(&self, ty: &FuncType) -> Option<(TypeId, Arc<FuncType>)> {
        let (ty, id) = self.ids.get_key_value(ty)?;
        Some((*id, Arc::clone(ty)))
    }

    /// Removes unused types each time the number of types has doubled.
    fn make_room(&mut self) {
        if self.ids.len() < self.limit.max(LEAST) {
            return;
        }
        let Self { ids, types, free, limit } = self;
        ids.retain(|ty, id| {
            // One holder is the key, the other is in `types`.
            let held = Arc::strong_count(ty) > 2;
            if !held {
                types[id.0 as usize] = None;
                free.push(*id);
            }
            held
        });
        *limit = 2 * ids.len();
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
        assert!(Arc::ptr_eq(&shared, &registry.get(one).unwrap()));
    }

    #[test]
    fn types_that_nobody_holds_are_forgotten() {
        let registry = Registry::default();
        let ty = |n: usize| FuncType::new(core::iter::repeat_n(ValType::I32, n), []);
        let (held, shared) = registry.register(&ty(1));
        for n in 2..1000 {
            registry.register(&ty(n));
        }
        let known = registry.known.read();
        assert!(known.types.len() <= LEAST && known.ids.len() <= LEAST, "{}", known.types.len());
        drop(known);
        assert!(Arc::ptr_eq(&shared, &registry.get(held).unwrap()));
        assert_eq!(registry.register(&ty(1)).0, held);
        let (other, _) = registry.register(&ty(2000));
        assert_ne!(other, held);
    }
}
