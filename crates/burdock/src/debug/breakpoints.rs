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
    /// Each with how often it was added.
    at: Vec<(Breakpoint, usize)>,
}

impl Breakpoints {
    /// Returns the byte offsets in `module` at which guests stop.
    pub(crate) fn in_module<'b>(&'b self, module: &'b Module) -> impl Iterator<Item = u32> + 'b {
        let own = self.at.iter().filter(|(point, _)| Module::same(&point.module, module));
        own.map(|(point, _)| point.pc.raw())
    }

    pub(crate) fn has(&self, module: &Module, offset: u32) -> bool {
        self.single_step || self.in_module(module).any(|own| own == offset)
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
    /// breakpoint that was added twice has to be removed twice.
    ///
    /// # Errors
    ///
    /// Fails if the module belongs to another engine than the store, or has no operator at `pc` or
    /// behind.
    pub fn add_breakpoint(&mut self, module: &Module, pc: ModulePC) -> Result<()> {
        self.check_engine(module)?;
        let pc = slipped(module, pc)?;
        match self.position(module, pc) {
            Some(known) => self.breakpoints.at[known].1 += 1,
            None => self.breakpoints.at.push((Breakpoint { module: module.clone(), pc }, 1)),
        }
        Ok(())
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
