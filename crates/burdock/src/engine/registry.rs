//! The types that an engine has seen, each with its number: equal types have equal numbers, so that
//! `call_indirect` and linking compare one word.
//!
//! Types are equal if their recursion groups are, and they have the same position there (spec
//! section 3.1.3). A group is therefore registered as a whole, in a form in which its types name
//! each other by position ([`member`]), and all other types by their numbers. Most groups consist
//! of one type that does not name itself, and have this form already.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::TypeId;
use burdock_types::{FuncType, SubType, TypeIdx};
use core::hash::{BuildHasher, Hash, Hasher};
use core::ops::Range;
use hashbrown::{DefaultHashBuilder, HashTable};
use smallvec::SmallVec;
use spin::RwLock;

/// The bit that distinguishes a position in a group from the number of a type.
const MEMBER: u32 = 1 << 31;

/// Returns the name of a type in the definition of its own group.
const fn member(position: u32) -> TypeId {
    TypeId(MEMBER | position)
}

/// Returns the position of a type if the name is that of a type of the same group.
fn position(name: TypeId) -> Option<u32> {
    (name.0 & MEMBER != 0).then_some(name.0 & !MEMBER)
}

/// The types of a recursion group, of which most have one.
type Types = SmallVec<[SubType<TypeId>; 1]>;

/// A recursion group: types with consecutive numbers.
///
/// A number is valid as long as somebody else than the registry holds the group: modules, host
/// functions and the embedder's types do, so that every number in a store has its type.
pub(crate) struct RecGroup {
    first: TypeId,
    types: Types,
    /// The types as the group defines them; `None` if no type names one of the group.
    relative: Option<Types>,
    /// The hash of the types as the group defines them.
    hash: u64,
    /// For each type, the declared supertypes from the most general one on, and the type itself.
    chains: SmallVec<[SmallVec<[TypeId; 4]>; 1]>,
    /// The groups that the types mention. They are held because their numbers are part of the key.
    _mentioned: Box<[Arc<RecGroup>]>,
}

impl RecGroup {
    /// Returns the types as the group defines them.
    fn key(&self) -> &[SubType<TypeId>] {
        self.relative.as_ref().unwrap_or(&self.types)
    }

    fn ids(&self) -> Range<u32> {
        self.first.0..self.first.0 + self.types.len() as u32
    }
}

/// A registered type: its group, which it holds, and its position there.
#[derive(Clone)]
pub(crate) struct EngineType {
    group: Arc<RecGroup>,
    position: u32,
}

impl EngineType {
    /// Returns the type's number.
    pub(crate) fn id(&self) -> TypeId {
        TypeId(self.group.first.0 + self.position)
    }

    /// Returns the type.
    pub(crate) fn ty(&self) -> &SubType<TypeId> {
        &self.group.types[self.position as usize]
    }

    /// Returns the function type.
    ///
    /// # Panics
    ///
    /// Panics if the type is another one.
    pub(crate) fn func(&self) -> &FuncType<TypeId> {
        self.ty().as_func().expect("the type of a function")
    }

    /// Returns the numbers of the declared supertypes from the most general one on, and that of
    /// the type itself.
    pub(crate) fn chain(&self) -> &[TypeId] {
        &self.group.chains[self.position as usize]
    }

    /// Returns `true` if the type is the other, or a subtype of it.
    pub(crate) fn is_subtype(&self, other: TypeId) -> bool {
        self.chain().contains(&other)
    }
}

impl PartialEq for EngineType {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && Arc::ptr_eq(&self.group, &other.group)
    }
}

impl Eq for EngineType {}

impl Hash for EngineType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().0.hash(state);
    }
}

impl core::fmt::Debug for EngineType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&self.id(), f)
    }
}

/// The types of a module, held together with their numbers.
pub(crate) struct ModuleTypes {
    /// The number of each type, by `TypeIdx`.
    pub(crate) ids: Vec<TypeId>,
    groups: Vec<Arc<RecGroup>>,
}

impl ModuleTypes {
    /// Returns a type of the module.
    pub(crate) fn get(&self, ty: TypeIdx) -> EngineType {
        let id = self.ids[ty.index()];
        // A group begins at or before each of its types.
        let group = self.groups.iter().find(|group| group.ids().contains(&id.0));
        let group = Arc::clone(group.expect("every type of the module is in a group of its"));
        let position = id.0 - group.first.0;
        EngineType { group, position }
    }
}

/// Recursion groups by what they define, and by the numbers of their types.
#[derive(Default)]
pub(crate) struct Registry {
    hasher: DefaultHashBuilder,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    groups: HashTable<Arc<RecGroup>>,
    /// The group of each number.
    by_id: Vec<Option<Arc<RecGroup>>>,
    /// Consecutive numbers that are no type's, by how many they are.
    free: BTreeMap<u32, Vec<TypeId>>,
    /// The number of groups at which unused ones are removed.
    limit: usize,
}

/// The number of groups below which unused ones are not searched for.
const LEAST: usize = 64;

impl Registry {
    /// Registers the types of a module; `groups` are its recursion groups of more than one type.
    pub(crate) fn register_module(&self, types: &[SubType], groups: &[Range<u32>]) -> ModuleTypes {
        let mut found = ModuleTypes { ids: Vec::with_capacity(types.len()), groups: Vec::new() };
        found.groups.reserve_exact(types.len());
        let mut groups = groups.iter().peekable();
        while found.ids.len() < types.len() {
            let first = found.ids.len() as u32;
            let end = groups.next_if(|group| group.start == first).map_or(first + 1, |g| g.end);
            let name = |x: TypeIdx| match x.0.checked_sub(first) {
                Some(position) => member(position),
                None => found.ids[x.index()],
            };
            let key = match &types[first as usize..end as usize] {
                [one] => Types::from_buf([one.map(name)]),
                all => all.iter().map(|ty| ty.map(name)).collect(),
            };
            let group = self.register_group(key, types.len() - first as usize);
            found.ids.extend(group.ids().map(TypeId));
            found.groups.push(group);
        }
        found
    }

    /// Registers a type that is a group of its own, and mentions types that are registered and
    /// held.
    pub(crate) fn register(&self, ty: SubType<TypeId>) -> EngineType {
        let group = self.register_group(Types::from_buf([ty]), 1);
        EngineType { group, position: 0 }
    }

    /// Registers a group, after which groups with `room` types in all are likely to follow, this
    /// one included.
    fn register_group(&self, key: Types, room: usize) -> Arc<RecGroup> {
        let mut hasher = self.hasher.build_hasher();
        key.iter().for_each(|ty| ty.hash(&mut hasher));
        let hash = hasher.finish();
        if let Some(group) = self.known.read().find(hash, &key) {
            return group;
        }
        let mut known = self.known.write();
        match known.find(hash, &key) {
            Some(group) => group,
            None => {
                known.make_room(room);
                known.add(hash, key)
            }
        }
    }

    /// Returns the type that has this number.
    pub(crate) fn get(&self, id: TypeId) -> Option<EngineType> {
        self.known.read().get(id)
    }

    /// Returns `true` if the first type is the second, or is declared to be a subtype of it.
    pub(crate) fn is_subtype(&self, ty: TypeId, other: TypeId) -> bool {
        ty == other || self.get(ty).is_some_and(|ty| ty.is_subtype(other))
    }
}

impl Known {
    fn get(&self, id: TypeId) -> Option<EngineType> {
        let group = Arc::clone(self.by_id.get(id.0 as usize)?.as_ref()?);
        let position = id.0 - group.first.0;
        Some(EngineType { group, position })
    }

    fn find(&self, hash: u64, key: &[SubType<TypeId>]) -> Option<Arc<RecGroup>> {
        let equal = |group: &Arc<RecGroup>| group.hash == hash && group.key() == key;
        self.groups.find(hash, equal).map(Arc::clone)
    }

    /// Adds a group that is not known.
    fn add(&mut self, hash: u64, key: Types) -> Arc<RecGroup> {
        let first = self.numbers(key.len() as u32);
        let group = match &key[..] {
            [ty] if ty.is_closed() => RecGroup {
                first,
                types: key,
                relative: None,
                hash,
                chains: SmallVec::from_buf([SmallVec::from_slice(&[first])]),
                _mentioned: Box::default(),
            },
            _ => self.resolve(first, hash, key),
        };
        let group = Arc::new(group);
        for id in group.ids() {
            self.by_id[id as usize] = Some(Arc::clone(&group));
        }
        self.groups.insert_unique(hash, Arc::clone(&group), |group| group.hash);
        group
    }

    /// Returns the group with these numbers, whose types name each other or other types.
    fn resolve(&self, first: TypeId, hash: u64, key: Types) -> RecGroup {
        let mut mentioned: Vec<Arc<RecGroup>> = Vec::new();
        let mut is_relative = false;
        let mut types = Types::with_capacity(key.len());
        let mut chains: SmallVec<[SmallVec<[TypeId; 4]>; 1]> = SmallVec::with_capacity(key.len());
        for (number, ty) in (first.0..).zip(&key) {
            types.push(ty.map(|name| {
                if let Some(position) = position(name) {
                    is_relative = true;
                    return TypeId(first.0 + position);
                }
                if let Some(group) = &self.by_id[name.0 as usize]
                    && !mentioned.iter().any(|known| Arc::ptr_eq(known, group))
                {
                    mentioned.push(Arc::clone(group));
                }
                name
            }));
            let mut chain = ty.supertype.map_or_else(SmallVec::new, |name| match position(name) {
                Some(position) => chains[position as usize].clone(),
                None => self.get(name).map_or_else(SmallVec::new, |ty| ty.chain().into()),
            });
            chain.push(TypeId(number));
            chains.push(chain);
        }
        let relative = is_relative.then_some(key);
        RecGroup { first, types, relative, hash, chains, _mentioned: mentioned.into() }
    }

    /// Returns the first of so many consecutive numbers that are no type's.
    fn numbers(&mut self, count: u32) -> TypeId {
        if let Some(first) = self.free.get_mut(&count).and_then(Vec::pop) {
            return first;
        }
        // Memory ends before there are as many types as `MEMBER`.
        let first = TypeId(self.by_id.len() as u32);
        self.by_id.resize(self.by_id.len() + count as usize, None);
        first
    }

    /// Makes room for so many types. Removes unused groups each time the number of groups has
    /// doubled.
    fn make_room(&mut self, types: usize) {
        self.groups.reserve(types, |group| group.hash);
        self.by_id.reserve(types);
        if self.groups.len() < self.limit.max(LEAST) {
            return;
        }
        let Self { groups, by_id, free, limit } = self;
        groups.retain(|group| {
            // One holder is in `groups`, and one for each type is in `by_id`.
            let held = Arc::strong_count(group) > 1 + group.types.len();
            if !held {
                free.entry(group.types.len() as u32).or_default().push(group.first);
                group.ids().for_each(|id| by_id[id as usize] = None);
            }
            held
        });
        *limit = 2 * groups.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burdock_types::{
        CompositeType, FieldType, HeapType, RefType, StorageType, StructType, ValType,
    };

    fn func(params: &[ValType<TypeId>]) -> SubType<TypeId> {
        SubType::func(FuncType::new(params.iter().copied(), []))
    }

    /// Returns a structure with a field of each of these structure types.
    fn structure(fields: &[u32], supertype: Option<u32>) -> SubType {
        let field = |x: &u32| FieldType {
            storage: StorageType::Val(ValType::Ref(RefType::new(
                true,
                HeapType::ConcreteStruct(TypeIdx(*x)),
            ))),
            mutable: true,
        };
        let composite = CompositeType::Struct(StructType::new(fields.iter().map(field)));
        SubType { is_final: false, supertype: supertype.map(TypeIdx), composite }
    }

    #[test]
    fn equal_types_have_equal_numbers() {
        let registry = Registry::default();
        let one = registry.register(func(&[ValType::I32]));
        let other = registry.register(func(&[ValType::I64]));
        let again = registry.register(func(&[ValType::I32]));
        assert_eq!(one, again);
        assert_ne!(one, other);
        assert_eq!(one, registry.get(one.id()).unwrap());
    }

    #[test]
    fn groups_are_equal_as_wholes() {
        let registry = Registry::default();
        // Two types that refer to each other, as a group.
        let pair = [structure(&[1], None), structure(&[0], None)];
        let pair = registry.register_module(&pair, core::slice::from_ref(&(0..2)));
        // The same group, behind another type.
        let moved = [structure(&[], None), structure(&[2], None), structure(&[1], None)];
        let moved = registry.register_module(&moved, core::slice::from_ref(&(1..3)));
        assert_eq!(pair.ids[..], moved.ids[1..]);
        // Both types look alike, but have different positions.
        assert_ne!(pair.ids[0], pair.ids[1]);
        // A group of one type that refers to itself is not the same as one of the pair.
        let alone = registry.register_module(&[structure(&[0], None)], &[]);
        assert!(!pair.ids.contains(&alone.ids[0]));
        let again = registry.register_module(&[structure(&[], None), structure(&[1], None)], &[]);
        assert_eq!(alone.ids[0], again.ids[1]);
        assert_eq!(moved.get(TypeIdx(2)).id(), moved.ids[2]);
    }

    #[test]
    fn descriptors_are_part_of_a_type() {
        let registry = Registry::default();
        // Pairs of types without fields, of which the first may have the second as descriptor.
        let pair = |first: u32, is_described: bool| {
            let clause = |position| is_described.then_some(TypeIdx(first + position));
            [(clause(1), None), (None, clause(0))].map(|(descriptor, describes)| SubType {
                is_final: true,
                supertype: None,
                composite: CompositeType::Struct(StructType {
                    descriptor,
                    describes,
                    ..StructType::new([])
                }),
            })
        };
        let register = |types: &[SubType], group: Range<u32>| {
            registry.register_module(types, core::slice::from_ref(&group))
        };
        let plain = register(&pair(0, false), 0..2);
        let described = register(&pair(0, true), 0..2);
        assert!(plain.ids.iter().all(|id| !described.ids.contains(id)));
        // The same group, behind another type.
        let moved = [&[structure(&[], None)][..], &pair(1, true)].concat();
        assert_eq!(register(&moved, 1..3).ids[1..], described.ids[..]);
        let [shape, class] = [0, 1].map(|x| described.get(TypeIdx(x)));
        let clauses = |ty: &EngineType| match &ty.ty().composite {
            CompositeType::Struct(ty) => (ty.descriptor, ty.describes),
            _ => panic!("a structure type"),
        };
        assert_eq!(clauses(&shape), (Some(class.id()), None));
        assert_eq!(clauses(&class), (None, Some(shape.id())));
    }

    #[test]
    fn declared_supertypes_are_found_over_any_distance() {
        let registry = Registry::default();
        let types = [structure(&[], None), structure(&[], Some(0)), structure(&[0], Some(1))];
        let types = registry.register_module(&types, core::slice::from_ref(&(1..3)));
        let [a, b, c] = types.ids[..] else { panic!("three types") };
        let check = |this, other, expected| {
            assert_eq!(registry.is_subtype(this, other), expected, "{this} <: {other}");
        };
        for (this, other) in [(a, a), (b, a), (c, a), (c, b)] {
            check(this, other, true);
        }
        for (this, other) in [(a, b), (a, c), (b, c)] {
            check(this, other, false);
        }
        assert_eq!(registry.get(c).unwrap().chain(), [a, b, c]);
    }

    #[test]
    fn types_that_nobody_holds_are_forgotten() {
        let registry = Registry::default();
        let ty = |n: usize| func(&alloc::vec![ValType::I32; n]);
        let held = registry.register(ty(1));
        for n in 2..1000 {
            registry.register(ty(n));
        }
        let known = registry.known.read();
        assert!(known.by_id.len() <= LEAST && known.groups.len() <= LEAST, "{}", known.by_id.len());
        drop(known);
        assert_eq!(held, registry.get(held.id()).unwrap());
        assert_eq!(registry.register(ty(1)), held);
        assert_ne!(registry.register(ty(2000)), held);
    }

    #[test]
    fn types_that_a_held_type_mentions_are_kept() {
        let registry = Registry::default();
        let mentioned = registry.register(func(&[ValType::F64]));
        let reference = ValType::Ref(RefType::new(true, HeapType::ConcreteFunc(mentioned.id())));
        let holder = registry.register(func(&[reference]));
        let id = mentioned.id();
        drop(mentioned);
        for n in 2..1000 {
            registry.register(func(&alloc::vec![ValType::I32; n]));
        }
        assert_eq!(registry.get(id).unwrap().func().params(), [ValType::F64]);
        assert_eq!(holder.func().params(), [reference]);
    }
}
