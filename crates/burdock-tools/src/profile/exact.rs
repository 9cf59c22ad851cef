//! `Profiler`: an exact profile, by function from fuel, or by line from instructions. The
//! translator charges a function's fuel while the function runs, so the fuel that is consumed
//! between two calls or returns belongs to the function on top of the stack.

use super::{Callee, LineId, Profile, Tree, Unit};
use crate::Symbols;
use crate::symbols::import_name;
use burdock::{Event, Events, Filter, Hook, HookId, Result, Store, StoreContextMut};
use indexmap::IndexSet;

/// Makes an exact profile.
///
/// See [`Profile`] for an example.
pub struct Profiler {
    id: HookId<Recorder>,
    unit: Unit,
}

struct Recorder {
    tree: Tree,
    symbols: Symbols,
    hosts: IndexSet<String>,
    /// The calls in progress.
    stack: Vec<Open>,
    /// The remaining fuel; `None` if instructions are counted.
    fuel: Option<u64>,
}

/// A call in progress.
#[derive(Clone, Copy)]
struct Open {
    place: u32,
    callee: Callee,
    line: Option<LineId>,
}

impl Profiler {
    /// Attaches to a store before the guest runs. The engine has to count fuel
    /// ([`Config::consume_fuel`](burdock::Config::consume_fuel)).
    pub fn attach<T: 'static>(store: &mut Store<T>, symbols: Symbols) -> Self {
        let fuel = store.get_fuel().unwrap_or(0);
        let filter = Filter::new().events(Events::FUNCS | Events::HOST_CALLS);
        let id = store.attach(filter, Recorder::new(symbols, Some(fuel)));
        Self { id, unit: Unit::Fuel }
    }

    /// Attaches to a store before the guest runs, for a profile with the lines of
    /// [`Symbols::with_lines`]. The profiler then observes every instruction, which slows the guest
    /// down.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// use burdock_tools::{Code, Lines, Symbols, profile::Profiler};
    /// use std::sync::Arc;
    /// let bytes = wat::parse_str(r#"(module
    ///     (func $leaf (result i32) (i32.const 1))
    ///     (func $run (export "run") (drop (i32.add (call $leaf) (call $leaf)))))"#)?;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, &bytes)?;
    /// let code = Arc::new(Code::new(&bytes)?);
    /// let (_, lines) = Lines::from_disassembly(&code, "m.wat")?;
    /// let symbols = Symbols::new(&module, "m", code).with_lines(Arc::new(lines));
    /// let mut store = Store::new(&engine, ());
    /// let profiler = Profiler::attach_by_line(&mut store, symbols);
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
    /// let profile = profiler.finish(&mut store);
    /// let leaf = &profile.lines()[0];
    /// assert_eq!((leaf.file.as_str(), leaf.line, leaf.own), ("m.wat", 6, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn attach_by_line<T: 'static>(store: &mut Store<T>, symbols: Symbols) -> Self {
        let id = store.attach(Filter::new(), Recorder::new(symbols, None));
        Self { id, unit: Unit::Instructions }
    }

    /// Detaches from the store and returns the profile.
    pub fn finish<T: 'static>(self, store: &mut Store<T>) -> Profile {
        match store.detach(self.id) {
            Some(mut recorder) => {
                Profile::new(self.unit, recorder.tree, &mut recorder.symbols, &recorder.hosts)
            }
            None => Profile::nothing(self.unit),
        }
    }
}

impl<T: 'static> Hook<T> for Recorder {
    const EVENTS: Events = Events::FUNCS.union(Events::HOST_CALLS).union(Events::INSTRUCTIONS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        if let Some(before) = self.fuel {
            let left = store.get_fuel()?;
            if let Some(open) = self.stack.last() {
                self.tree.add(open.place, before.saturating_sub(left), 0);
            }
            self.fuel = Some(left);
        }
        match event {
            Event::Instruction => {
                if let (Some(open), Some(frame)) = (self.stack.last_mut(), store.frame())
                    && let Callee::Guest(func) = open.callee
                {
                    open.line = self.symbols.line(func, frame.offset());
                    self.tree.add_at(open.place, open.line, 1);
                }
            }
            Event::FuncEnter(_) => {
                if let Some(frame) = store.frame() {
                    let func = self.symbols.func(&store, &frame);
                    self.enter(Callee::Guest(func));
                }
            }
            Event::HostEnter(call) => {
                let host = self.host(call.module, call.name);
                self.enter(Callee::Host(host));
            }
            _ => _ = self.stack.pop(),
        }
        Ok(())
    }
}

impl Recorder {
    fn new(symbols: Symbols, fuel: Option<u64>) -> Self {
        let (hosts, stack) = (IndexSet::new(), Vec::new());
        Self { tree: Tree::default(), symbols, hosts, stack, fuel }
    }

    fn enter(&mut self, callee: Callee) {
        let caller = self.stack.last();
        let (parent, from) = (caller.map(|open| open.place), caller.and_then(|open| open.line));
        let place = self.tree.child(parent, callee, from);
        self.tree.add(place, 0, 1);
        self.stack.push(Open { place, callee, line: None });
    }

    fn host(&mut self, module: &str, name: &str) -> u32 {
        self.hosts.insert_full(import_name(module, name)).0 as u32
    }
}
