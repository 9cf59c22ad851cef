//! Breakpoints and single step.

use super::ModulePC;
use crate::{
    Caller, Engine, Module, Result, Store, StoreContext, StoreContextMut, ensure, format_err,
};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The places at which the guests of a store stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakpoints {
    pub(crate) single_step: bool,
    /// The functions at each of whose operators guests stop.
    stepped: Vec<(Module, u32)>,
    /// Each with how often it was added.
    at: Vec<(Breakpoint, usize)>,
}

impl Breakpoints {
    /// Returns the byte offsets in `module` at which guests stop.
    pub(crate) fn in_module<'b>(&'b self, module: &'b Module) -> impl Iterator<Item = u32> + 'b {
        let own = self.at.iter().filter(|(point, _)| Module::same(&point.module, module));
        own.map(|(point, _)| point.pc.raw())
    }

    /// Returns `true` if guests stop at each operator of a function of `module`.
    pub(crate) fn steps_in(&self, module: &Module, func: u32) -> bool {
        let own = |(known, index): &(Module, u32)| *index == func && Module::same(known, module);
        self.single_step || self.stepped.iter().any(own)
    }

    /// Returns the functions in which guests stop elsewhere than with `other`; `None` for all.
    pub(crate) fn changed_funcs(&self, other: &Self) -> Option<Vec<(Module, u32)>> {
        if self.single_step != other.single_step {
            return None;
        }
        let mut changed: Vec<(Module, u32)> = Vec::new();
        let mut add = |module: &Module, func: u32| {
            if !changed.iter().any(|(known, own)| *own == func && Module::same(known, module)) {
                changed.push((module.clone(), func));
            }
        };
        for (here, there) in [(self, other), (other, self)] {
            let stepped = here.stepped.iter().filter(|(m, func)| !there.steps_in(m, *func));
            stepped.for_each(|(module, func)| add(module, *func));
            for (Breakpoint { module, pc }, _) in &here.at {
                let known = there.in_module(module).any(|own| own == pc.raw());
                if let (false, Some(func)) = (known, module.func_at(pc.raw())) {
                    add(module, func);
                }
            }
        }
        Some(changed)
    }
}

/// A place where guests stop.
///
/// See [`BreakpointEdit`] for an example.
#[derive(Clone, Debug)]
pub struct Breakpoint {
    /// The module.
    pub module: Module,
    /// The byte offset of the operator in the module.
    pub pc: ModulePC,
}

/// Changes where guests stop; the changes are made when it is dropped.
///
/// Source: Wasmtime's `BreakpointEdit`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut config = Config::new();
/// config.guest_debug(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module (func (export "f") (nop)))"#)?;
/// let mut store = Store::new(&engine, ());
/// store.edit_breakpoints().unwrap().add_breakpoint(&module, ModulePC::new(0))?;
/// let points: Vec<Breakpoint> = store.breakpoints().unwrap().collect();
/// assert_eq!(points.len(), 1);
/// // The first operator at or after the given offset.
/// assert_eq!(points[0].pc, ModulePC::new(30));
/// # Ok::<(), Error>(())
/// ```
pub struct BreakpointEdit<'a> {
    store: Box<dyn Debugged + 'a>,
    breakpoints: Breakpoints,
}

/// A store, whatever its data.
trait Debugged {
    fn engine(&self) -> &Engine;
    fn set(&mut self, breakpoints: Breakpoints);
}

impl<T: 'static> Debugged for StoreContextMut<'_, T> {
    fn engine(&self) -> &Engine {
        StoreContextMut::engine(self)
    }

    fn set(&mut self, breakpoints: Breakpoints) {
        self.set_breakpoints(breakpoints);
    }
}

impl core::fmt::Debug for BreakpointEdit<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("BreakpointEdit").field(&self.breakpoints).finish()
    }
}

impl BreakpointEdit<'_> {
    /// Adds a breakpoint at the operator at byte offset `pc` in the module, or at the first
    /// operator behind it. `else` and `end` count as operators, unreachable operators do not. A
    /// breakpoint that was added twice has to be removed twice. Returns where the breakpoint is.
    ///
    /// # Errors
    ///
    /// Fails if the module belongs to another engine than the store, or has no operator at `pc` or
    /// behind.
    pub fn add_breakpoint(&mut self, module: &Module, pc: ModulePC) -> Result<ModulePC> {
        self.check_engine(module)?;
        let pc = slipped(module, pc)?;
        match self.position(module, pc) {
            Some(known) => self.breakpoints.at[known].1 += 1,
            None => self.breakpoints.at.push((Breakpoint { module: module.clone(), pc }, 1)),
        }
        Ok(pc)
    }

    /// Removes a breakpoint. Does nothing if `pc` has no breakpoint.
    ///
    /// # Errors
    ///
    /// Fails if the module belongs to another engine than the store.
    pub fn remove_breakpoint(&mut self, module: &Module, pc: ModulePC) -> Result<()> {
        self.check_engine(module)?;
        let known = slipped(module, pc).ok().and_then(|pc| self.position(module, pc));
        if let Some(known) = known {
            self.breakpoints.at[known].1 -= 1;
            if self.breakpoints.at[known].1 == 0 {
                self.breakpoints.at.remove(known);
            }
        }
        Ok(())
    }

    fn check_engine(&self, module: &Module) -> Result<()> {
        ensure!(
            Engine::same(self.store.engine(), module.engine()),
            "cross-`Engine` breakpoint editing is not supported: the module was made for another \
             engine than the store"
        );
        Ok(())
    }

    /// Has all guests of the store stop at each instruction, or no longer.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn single_step(&mut self, enabled: bool) -> Result<()> {
        self.breakpoints.single_step = enabled;
        Ok(())
    }

    /// Has all guests of the store stop at each operator of one function, or no longer. Functions
    /// are numbered as in the module, imported functions first.
    ///
    /// Unlike [`single_step`](Self::single_step), which changes the code of every function, this
    /// changes the code of one.
    ///
    /// # Errors
    ///
    /// Fails if the module belongs to another engine than the store.
    pub fn single_step_in(&mut self, module: &Module, func: u32, enabled: bool) -> Result<()> {
        self.check_engine(module)?;
        let stepped = &mut self.breakpoints.stepped;
        stepped.retain(|(known, own)| *own != func || !Module::same(known, module));
        if enabled {
            stepped.push((module.clone(), func));
        }
        Ok(())
    }

    /// Has guests stop at breakpoints only, whatever was stepped through before.
    pub fn stop_stepping(&mut self) {
        self.breakpoints.single_step = false;
        self.breakpoints.stepped.clear();
    }

    fn position(&self, module: &Module, pc: ModulePC) -> Option<usize> {
        let same = |own: &Breakpoint| Module::same(&own.module, module) && own.pc == pc;
        self.breakpoints.at.iter().position(|(own, _)| same(own))
    }
}

impl Drop for BreakpointEdit<'_> {
    fn drop(&mut self) {
        self.store.set(core::mem::take(&mut self.breakpoints));
    }
}

/// Returns the place of the first reachable operator at or behind `pc`.
fn slipped(module: &Module, pc: ModulePC) -> Result<ModulePC> {
    let at = crate::observe::operator_from(module, pc.raw());
    let at = at.ok_or_else(|| format_err!("no instruction at or behind {:#x}", pc.raw()))?;
    Ok(ModulePC::new(at))
}

impl<T: 'static> Store<T> {
    /// Returns an editor of the places where guests stop; `None` if
    /// [`Config::guest_debug`](crate::Config::guest_debug) is off.
    ///
    /// Source: Wasmtime's `Store::edit_breakpoints`.
    pub fn edit_breakpoints(&mut self) -> Option<BreakpointEdit<'_>> {
        StoreContextMut { inner: &mut self.parts.inner, hosts: &self.parts.hosts }
            .into_breakpoint_edit()
    }

    /// Returns the places where guests stop; `None` if
    /// [`Config::guest_debug`](crate::Config::guest_debug) is off.
    pub fn breakpoints(&self) -> Option<impl Iterator<Item = Breakpoint> + '_> {
        StoreContext(&self.parts.inner).breakpoints()
    }

    /// Returns `true` if guests stop at each instruction.
    pub fn is_single_step(&self) -> bool {
        StoreContext(&self.parts.inner).is_single_step()
    }
}

impl<'a, T: 'static> StoreContext<'a, T> {
    /// Returns the places where guests stop; see [`Store::breakpoints`].
    pub fn breakpoints(self) -> Option<impl Iterator<Item = Breakpoint> + 'a> {
        let debugged = self.engine().config().guest_debug;
        let known = self.0.breakpoints();
        debugged.then(|| known.into_iter().flat_map(|b| b.at.iter().map(|(at, _)| at.clone())))
    }

    /// Returns `true` if guests stop at each instruction.
    pub fn is_single_step(&self) -> bool {
        self.0.breakpoints().is_some_and(|breakpoints| breakpoints.single_step)
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Returns an editor of the places where guests stop; see [`Store::edit_breakpoints`].
    pub fn edit_breakpoints(&mut self) -> Option<BreakpointEdit<'_>> {
        self.store.edit_breakpoints()
    }
}

impl<'a, T: 'static> StoreContextMut<'a, T> {
    /// Returns the places where guests stop; see [`Store::breakpoints`].
    pub fn breakpoints(&self) -> Option<impl Iterator<Item = Breakpoint> + '_> {
        StoreContext(self.inner).breakpoints()
    }

    /// Returns an editor of the places where guests stop; see [`Store::edit_breakpoints`].
    pub fn edit_breakpoints(&mut self) -> Option<BreakpointEdit<'_>> {
        self.reborrow().into_breakpoint_edit()
    }

    fn into_breakpoint_edit(mut self) -> Option<BreakpointEdit<'a>> {
        if !self.engine().config().guest_debug {
            return None;
        }
        let breakpoints = self.debugging().clone();
        Some(BreakpointEdit { store: Box::new(self), breakpoints })
    }
}
