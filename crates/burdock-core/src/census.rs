//! `Census`: the objects that live in a store's heap by type, and what holds them.

use crate::TypeId;
use crate::dominators::Graph;
use crate::heap::{Heap, Kind, Object, Reference, RuntimeType};
use crate::roots::{RootKind, Roots};
use crate::vm::Vm;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// The objects that live in a store's heap, by type.
#[derive(Debug, Default)]
pub struct Census {
    /// The types of which objects live.
    pub types: BTreeMap<RuntimeType, TypeCensus>,
}

/// The objects of one type.
#[derive(Debug)]
pub struct TypeCensus {
    /// The kind of the type.
    pub kind: Kind,
    /// The engine's id of the type; `None` for host values.
    pub id: Option<TypeId>,
    /// The number of objects.
    pub objects: u64,
    /// The number of bytes of all objects.
    pub bytes: u64,
    /// The number of bytes that would be freed with the objects: their own, and those of objects to
    /// which all references lead through one of them. Those that several of them hold do not count.
    pub retained: u64,
    /// The number of references to the objects, by the place of the references.
    pub held_by: BTreeMap<Holder, u64>,
}

/// A place of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A root.
    Root(RootKind),
    /// Arrays or exceptions of a type.
    Objects(RuntimeType),
    /// The field at an offset of structures of a type.
    Field(RuntimeType, u32),
}

impl Census {
    fn add_object(&mut self, heap: &Heap, object: Object) {
        let ty = heap.type_of(object);
        let of_type = self.types.entry(ty).or_insert_with(|| TypeCensus {
            kind: heap.kind_of(object),
            id: heap.types().id(ty),
            objects: 0,
            bytes: 0,
            retained: 0,
            held_by: BTreeMap::new(),
        });
        of_type.objects += 1;
        of_type.bytes += heap.size_of(object);
    }

    fn add_reference(&mut self, heap: &Heap, object: Object, holder: Holder) {
        if let Some(of_type) = self.types.get_mut(&heap.type_of(object)) {
            *of_type.held_by.entry(holder).or_default() += 1;
        }
    }

    /// Computes what the objects of each type retain; `held` are the objects that roots refer to.
    fn add_retained(&mut self, heap: &Heap, held: &[Object]) {
        // In the order of their offsets, so that numbers can be searched for.
        let mut objects = Vec::new();
        heap.each_live_object(|object| objects.push(object));
        // Number 0 stands for the roots.
        let number = |object| objects.binary_search(&object).ok().map(|index| index as u32 + 1);
        let mut graph = Graph::default();
        graph.begin_node();
        held.iter().copied().filter_map(number).for_each(|number| graph.add_edge(number));
        for object in &objects {
            graph.begin_node();
            heap.each_reference_in(*object, |_, reference| {
                if let Some(number) = reference.object().and_then(number) {
                    graph.add_edge(number);
                }
            });
        }
        let types: Vec<RuntimeType> = self.types.keys().copied().collect();
        let retained = graph.dominators().retained(types.len(), |node| {
            let object = objects[node as usize - 1];
            let ty = types.binary_search(&heap.type_of(object)).unwrap_or_default();
            (ty, heap.size_of(object))
        });
        for (of_type, retained) in self.types.values_mut().zip(retained) {
            of_type.retained = retained;
        }
    }
}

impl Vm {
    /// Collects all garbage, and counts what is left. Returns `None`, and frees nothing, if the
    /// system is out of memory.
    pub fn census(&mut self) -> Option<Census> {
        let mut census = Census::default();
        if self.heap.is_empty() {
            return Some(census);
        }
        if !self.collect_all_garbage() {
            return None;
        }
        let Self { heap, images, runs, run, entities, exceptions, handles, .. } = self;
        let roots = Roots { run, runs, entities, exceptions, handles: handles.get_mut() };
        heap.each_live_object(|object| census.add_object(heap, object));
        heap.each_live_object(|object| {
            let ty = heap.type_of(object);
            let is_struct = heap.kind_of(object) == Kind::Struct;
            heap.each_reference_in(object, |at, reference| {
                let holder = if is_struct { Holder::Field(ty, at) } else { Holder::Objects(ty) };
                if let Some(object) = reference.object() {
                    census.add_reference(heap, object, holder);
                }
            });
        });
        let mut held = Vec::new();
        let mut add_root = |census: &mut Census, object, kind| {
            census.add_reference(heap, object, Holder::Root(kind));
            held.push(object);
        };
        roots.words(|words| {
            for word in words {
                let object = u32::try_from(*word).ok().and_then(|word| Reference(word).object());
                let object = object.filter(|object| heap.contains(*object));
                if let Some(object) = object {
                    add_root(&mut census, object, RootKind::Frame);
                }
            }
        });
        roots.references(|kind, reference| {
            if let Some(object) = reference.object() {
                add_root(&mut census, object, kind);
            }
        });
        images.each(|image| {
            image.each_object(|object| {
                add_root(&mut census, object, RootKind::Snapshot);
            });
        });
        census.add_retained(heap, &held);
        Some(census)
    }
}
