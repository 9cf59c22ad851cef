//! `AllocProfiler`: a profile of the objects that guests allocate, by stack, type and place.

use super::{Callee, Profile, Tree, Unit};
use crate::Symbols;
use crate::symbols::import_name;
use burdock::{Allocation, Event, Events, Filter, Hook, HookId, Result, Store, StoreContextMut};
use indexmap::IndexSet;
use std::collections::HashMap;

/// Makes a profile of allocations. A place that allocates appears as a callee of its function, by
/// the name of the type and the offset of the operator: `new point@0x5a`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::profile::{AllocProfiler, Unit};
/// use burdock_tools::Symbols;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (type $point (struct (field i32 i32)))
///     (func $make (export "make") (drop (struct.new_default $point))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let profiler = AllocProfiler::attach(&mut store, Symbols::default(), Unit::Bytes);
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let make = instance.get_typed_func::<(), ()>(&mut store, "make")?;
/// make.call(&mut store, ())?;
/// make.call(&mut store, ())?;
/// let folded = profiler.finish(&mut store).folded();
/// assert!(folded.starts_with("make;new point@0x") && folded.ends_with(" 32\n"), "{folded}");
/// # Ok::<(), Error>(())
/// ```
pub struct AllocProfiler {
    id: HookId<Recorder>,
    unit: Unit,
}

struct Recorder {
    tree: Tree,
    symbols: Symbols,
    /// The names of host functions and of places that allocate.
    names: IndexSet<String>,
    /// The number of the name of each place: module, type, offset.
    places: HashMap<(u32, u32, u32), u32>,
    /// The calls in progress.
    stack: Vec<u32>,
    unit: Unit,
}

impl AllocProfiler {
    /// Attaches to a store before the guest runs. The unit is [`Unit::Bytes`] or
    /// [`Unit::Objects`].
    pub fn attach<T: 'static>(store: &mut Store<T>, symbols: Symbols, unit: Unit) -> Self {
        let recorder = Recorder {
            tree: Tree::default(),
            symbols,
            names: IndexSet::new(),
            places: HashMap::new(),
            stack: Vec::new(),
            unit,
        };
        Self { id: store.attach(Filter::new(), recorder), unit }
    }

    /// Detaches from the store and returns the profile.
    pub fn finish<T: 'static>(self, store: &mut Store<T>) -> Profile {
        match store.detach(self.id) {
            Some(mut recorder) => {
                Profile::new(self.unit, recorder.tree, &mut recorder.symbols, &recorder.names)
            }
            None => Profile::nothing(self.unit),
        }
    }
}

impl<T: 'static> Hook<T> for Recorder {
    const EVENTS: Events = Events::FUNCS.union(Events::HOST_CALLS).union(Events::ALLOCATIONS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        match event {
            Event::FuncEnter(_) => {
                if let Some(frame) = store.frame() {
                    let func = self.symbols.func(&store, &frame);
                    self.enter(Callee::Guest(func));
                }
            }
            Event::HostEnter(call) => {
                let name = import_name(call.module, call.name);
                let number = self.names.insert_full(name).0 as u32;
                self.enter(Callee::Host(number));
            }
            Event::FuncLeave(_) | Event::HostLeave(..) => _ = self.stack.pop(),
            Event::Allocate(allocation) => self.allocation(&mut store, allocation),
            _ => {}
        }
        Ok(())
    }
}

impl Recorder {
    fn enter(&mut self, callee: Callee) {
        let node = self.tree.child(self.stack.last().copied(), callee, None);
        self.tree.add(node, 0, 1);
        self.stack.push(node);
    }

    fn allocation<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        allocation: Allocation,
    ) {
        let Some(frame) = store.frame() else { return };
        let module = self.symbols.func(&*store, &frame).module;
        let Self { symbols, names, .. } = self;
        let name = || {
            let ty = symbols.type_name(module, allocation.ty);
            names.insert_full(format!("new {ty}@{:#x}", frame.offset())).0 as u32
        };
        let place = (module, allocation.ty, frame.offset());
        let number = *self.places.entry(place).or_insert_with(name);
        let node = self.tree.child(self.stack.last().copied(), Callee::Host(number), None);
        let weight = if self.unit == Unit::Objects { 1 } else { allocation.bytes };
        self.tree.add(node, weight, 1);
    }
}
