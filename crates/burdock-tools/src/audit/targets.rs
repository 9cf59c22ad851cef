//! Targets of indirect calls: the hook sees `call_indirect` and `call_ref`, and their tail calls,
//! before they are executed.

use super::policy::CallIndirect;
use super::{Decision, Shared, lock};
use crate::{Code, FuncId, Symbols};
use burdock::{
    Event, Events, Filter, Frame, Func, Hook, HookId, Module, Ref, Result, Store, StoreContextMut,
    Val,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use wasmparser::Operator;

/// The way in which an indirect call finds its target.
#[derive(Clone, Copy)]
enum Indirect {
    /// At an index of the table with this index.
    Table(u32),
    /// By a reference.
    Reference,
}

/// Decides about indirect calls.
pub(super) struct Targets {
    rules: CallIndirect,
    shared: Arc<Mutex<Shared>>,
    /// For each module, the indirect calls by byte offset.
    calls: Vec<(Module, HashMap<u32, Indirect>)>,
    /// `true` if other modules are observed as well.
    all_modules: bool,
    /// Functions that were found in the store's instances, by the function's raw reference: the
    /// definition, or an import if its module was searched first, and all imports of it.
    known: HashMap<usize, Vec<FuncId>>,
    /// The number of instances that have been searched so far.
    searched: usize,
}

impl Targets {
    /// Attaches to a store. If the code of any module is known, the hook sees only the indirect
    /// calls in it; otherwise the hook sees every instruction, to find the calls.
    pub(super) fn attach<T: 'static>(
        store: &mut Store<T>,
        rules: CallIndirect,
        shared: Arc<Mutex<Shared>>,
    ) -> HookId<Self> {
        let mut filter = Filter::new().events(Events::INSTRUCTIONS);
        let mut calls = Vec::new();
        for (module, code) in lock(&shared).symbols.codes() {
            let here = calls_of(code);
            // No operator has the offset 0. The filter without offsets would match all.
            filter = here.keys().fold(filter.offset(0), |filter, offset| filter.offset(*offset));
            calls.push((module.clone(), here));
        }
        let all_modules = calls.is_empty();
        if calls.iter().any(|(_, here)| !here.is_empty()) {
            lock(&shared).report.expect_targets();
        }
        let (known, searched) = (HashMap::new(), 0);
        store.attach(filter, Self { rules, shared, calls, all_modules, known, searched })
    }

    /// Returns the indirect call at an offset, or `None` for another operator.
    fn call_at(&mut self, module: &Module, offset: u32) -> Option<Indirect> {
        let found = self.calls.iter().position(|(known, _)| Module::same(known, module));
        let found = match found {
            Some(found) => found,
            None if self.all_modules => {
                let code = module.debug_bytecode().and_then(|bytes| Code::new(bytes).ok());
                let calls = code.map(|code| calls_of(&code)).unwrap_or_default();
                self.calls.push((module.clone(), calls));
                self.calls.len() - 1
            }
            None => return None,
        };
        self.calls[found].1.get(&offset).copied()
    }

    /// Returns the modules that define or import a function, with its index in each. There are none
    /// for a host function that is not imported.
    fn find<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        func: &Func,
        symbols: &mut Symbols,
    ) -> Vec<FuncId> {
        let instances = store.debug_all_instances();
        for instance in instances.iter().skip(self.searched) {
            let module = symbols.module(instance.module(&*store));
            let funcs = (0..)
                .map_while(|index| Some((index, instance.debug_function(&mut *store, index)?)));
            for (index, func) in funcs.collect::<Vec<_>>() {
                let raw = func.to_raw(&mut *store) as usize;
                // An import in one instance is a definition or an import in another.
                let known = self.known.entry(raw).or_default();
                let id = FuncId { module, index };
                if !known.contains(&id) {
                    known.push(id);
                }
            }
        }
        self.searched = instances.len();
        self.known.get(&(func.to_raw(&mut *store) as usize)).cloned().unwrap_or_default()
    }

    fn decide<T: 'static>(
        &mut self,
        mut store: StoreContextMut<'_, T>,
        frame: &Frame,
        (operator, func): (&str, &Func),
    ) -> Result<()> {
        let shared = self.shared.clone();
        let mut shared = lock(&shared);
        let ty = func.ty(&store).to_string();
        let ty = ty.strip_prefix("(type ").and_then(|ty| ty.strip_suffix(')')).unwrap_or(&ty);
        let found = self.find(&mut store, func, &mut shared.symbols);
        let mut target: Vec<String> =
            found.into_iter().flat_map(|func| shared.symbols.func_names(func)).collect();
        if target.is_empty() {
            target.push(super::HOST_FUNC.to_owned());
        }
        let from = shared.symbols.func(&store, frame);
        let caller = shared.symbols.func_names(from);
        shared.report.note_target(&target[0], &caller[0]);
        let call = || format!("{operator} {} {ty}", target[0]);
        let watched = self.rules.watches(&target, ty, &caller);
        let rule = self.rules.rule_against(&target, ty, &caller);
        if !watched && rule.is_none() {
            return Ok(());
        }
        let at = shared.chain(&mut store, Some(*frame));
        if watched {
            shared.report.decide(Decision::new("watch", call(), &at, "watch".to_owned()));
        }
        match rule {
            Some(rule) => Err(shared.violation(call(), &at, rule)),
            None => Ok(()),
        }
    }
}

impl<T: 'static> Hook<T> for Targets {
    const EVENTS: Events = Events::INSTRUCTIONS;

    fn event(&mut self, mut store: StoreContextMut<'_, T>, _: Event<'_>) -> Result<()> {
        let Some(frame) = store.frame() else { return Ok(()) };
        let module = frame.module(&store).clone();
        let Some(call) = self.call_at(&module, frame.offset()) else { return Ok(()) };
        let last = frame.num_operands(&mut store)?.saturating_sub(1);
        let (table, index) = match (call, frame.operand(&mut store, last)?) {
            (Indirect::Table(table), Val::I32(index)) => (table, u64::from(index as u32)),
            (Indirect::Table(table), Val::I64(index)) => (table, index as u64),
            (Indirect::Reference, Val::FuncRef(Some(func))) => {
                return self.decide(store, &frame, ("call_ref", &func));
            }
            // The call will trap.
            _ => return Ok(()),
        };
        let element = frame
            .instance()
            .debug_table(&mut store, table)
            .and_then(|table| table.get(&mut store, index));
        match element {
            Some(Ref::Func(Some(func))) => self.decide(store, &frame, ("call_indirect", &func)),
            // The call will trap.
            _ => Ok(()),
        }
    }
}

/// Returns the indirect calls in a module by byte offset.
fn calls_of(code: &Code) -> HashMap<u32, Indirect> {
    let mut calls = HashMap::new();
    for func in 0..code.num_funcs() {
        // Functions that cannot be parsed are never executed.
        let _ = code.visit(func, |offset, op| match op {
            Operator::CallIndirect { table_index, .. }
            | Operator::ReturnCallIndirect { table_index, .. } => {
                calls.insert(offset, Indirect::Table(*table_index));
            }
            Operator::CallRef { .. } | Operator::ReturnCallRef { .. } => {
                calls.insert(offset, Indirect::Reference);
            }
            _ => {}
        });
    }
    calls
}
