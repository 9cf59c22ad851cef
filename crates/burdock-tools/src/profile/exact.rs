//! `Profiler`: an exact profile, from fuel. The translator charges a function's fuel while the
//! function runs, so that what is spent between two calls or returns belongs to the function that
//! was on.

use super::{Callee, Profile, Tree, Unit};
use crate::Symbols;
use burdock::{Event, Events, Filter, Hook, HookId, Result, Store, StoreContextMut};
use std::collections::HashMap;

/// Makes an exact profile.
///
/// The engine has to count fuel ([`Config::consume_fuel`](burdock::Config::consume_fuel)). See
/// [`Profile`] for an example.
pub struct Profiler {
    id: HookId<Recorder>,
}

struct Recorder {
    tree: Tree,
    symbols: Symbols,
    hosts: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Places of the calls that are on.
    stack: Vec<u32>,
    fuel: u64,
}

impl Profiler {
    /// Attaches to a store, before the guest runs.
    pub fn attach<T: 'static>(store: &mut Store<T>, symbols: Symbols) -> Self {
        let fuel = store.get_fuel().unwrap_or(0);
        let (hosts, numbers, stack) = (Vec::new(), HashMap::new(), Vec::new());
        let recorder = Recorder { tree: Tree::default(), symbols, hosts, numbers, stack, fuel };
        Self { id: store.attach(Filter::new(), recorder) }
    }

    /// Detaches, and makes the profile.
    pub fn finish<T: 'static>(self, store: &mut Store<T>) -> Profile {
        match store.detach(self.id) {
            Some(mut recorder) => {
                Profile::new(Unit::Fuel, recorder.tree, &mut recorder.symbols, &recorder.hosts)
            }
            None => Profile { unit: Unit::Fuel, names: Vec::new(), stacks: Vec::new() },
        }
    }
}

impl<T: 'static> Hook<T> for Recorder {
    const EVENTS: Events = Events::FUNCS.union(Events::HOST_CALLS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        let left = store.get_fuel()?;
        if let Some(place) = self.stack.last() {
            self.tree.add(*place, self.fuel.saturating_sub(left), 0);
        }
        self.fuel = left;
        let callee = match event {
            Event::FuncEnter(_) => {
                let Some(frame) = store.frame() else { return Ok(()) };
                Callee::Guest(self.symbols.func(&store, &frame))
            }
            Event::HostEnter(call) => Callee::Host(self.host(call.module, call.name)),
            _ => {
                self.stack.pop();
                return Ok(());
            }
        };
        let place = self.tree.child(self.stack.last().copied(), callee);
        self.tree.add(place, 0, 1);
        self.stack.push(place);
        Ok(())
    }
}

impl Recorder {
    fn host(&mut self, module: &str, name: &str) -> u32 {
        let name = format!("{module}.{name}");
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.hosts.push(name.clone());
            self.hosts.len() as u32 - 1
        })
    }
}
