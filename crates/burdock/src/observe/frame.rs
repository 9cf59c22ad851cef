//! `Frame`: a frame of a guest that has called the host, with its locals and operands.

use crate::func::lower_all;
use crate::store::{StoreId, StoreOpaque};
use crate::types::raw;
use crate::{
    AsContext, AsContextMut, Func, FuncType, Instance, Module, Result, StoreContext,
    StoreContextMut, Val, bail, ensure, format_err,
};
use alloc::vec::Vec;
use burdock_core::Cursor;

/// A handle to a call of a guest's function that is not over. The handle is valid until its guest
/// continues; then its methods fail.
///
/// Hooks and host functions get the innermost frame from [`StoreContextMut::frame`].
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Double;
/// impl Hook<()> for Double {
///     const EVENTS: Events = Events::FUNCS;
///     fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
///         if let Event::FuncEnter(args) = event {
///             let argument = args.get(0).unwrap().unwrap_i32();
///             let frame = store.frame().unwrap();
///             frame.set_local(&mut store, 0, (2 * argument).into())?;
///         }
///         Ok(())
///     }
/// }
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (func (export "f") (param i32) (result i32) local.get 0))"#)?;
/// let mut store = Store::new(&engine, ());
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<i32, i32>(&mut store, "f")?;
/// store.attach(Filter::new(), Double);
/// assert_eq!(f.call(&mut store, 21)?, 42);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct Frame {
    store: StoreId,
    cursor: Cursor,
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Returns the innermost guest frame: the frame of the event that is being delivered, or the
    /// function that called the host. `None` if no guest runs.
    pub fn frame(&mut self) -> Option<Frame> {
        let store = self.id();
        let cursor = self.inner.observed_here().or_else(|| self.opaque().vm.innermost_frame())?;
        Some(Frame { store, cursor })
    }
}

impl Frame {
    /// Returns the instance whose function the frame executes.
    pub fn instance(&self) -> Instance {
        Instance::from_addr(self.store, self.cursor.place.instance)
    }

    /// Returns the function's index in its module, imported functions first.
    pub fn func_index(&self) -> u32 {
        self.cursor.place.func.0
    }

    /// Returns the byte offset, in the module, of the operator that is being executed.
    pub fn offset(&self) -> u32 {
        self.cursor.place.offset
    }

    /// Returns the function.
    ///
    /// # Panics
    ///
    /// Panics if the frame belongs to another store.
    pub fn func(&self, store: impl AsContext) -> Func {
        let store = store.as_context().opaque();
        self.store.assert_same(store.id());
        let place = self.cursor.place;
        Func::from_addr(self.store, store.vm.instance_func(place.instance, place.func))
    }

    /// Returns the function's module.
    ///
    /// # Panics
    ///
    /// Panics if the frame belongs to another store.
    pub fn module<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a Module {
        self.instance().module(store)
    }

    /// Returns the function's name from the name section.
    ///
    /// # Panics
    ///
    /// Panics if the frame belongs to another store.
    pub fn func_name<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Option<&'a str> {
        self.module(store).func_name(self.func_index())
    }

    /// Returns `true` if the guest is still at the same place.
    pub fn is_live(&self, store: impl AsContext) -> bool {
        let store = store.as_context().opaque();
        self.store == store.id() && store.vm.is_live(&self.cursor)
    }

    /// Returns the frame that called this one, through the host or not.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale.
    pub fn caller(&self, store: impl AsContext) -> Result<Option<Frame>> {
        self.ensure_live(&store)?;
        let cursor = store.as_context().opaque().vm.caller_frame(&self.cursor);
        Ok(cursor.map(|cursor| Frame { store: self.store, cursor }))
    }

    /// Returns the number of locals, parameters included.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, or its locals are not known.
    pub fn num_locals(&self, store: impl AsContext) -> Result<u32> {
        self.ensure_live(&store)?;
        Ok(store.as_context().0.locals_of(&self.cursor)?.len() as u32)
    }

    /// Returns the value of a local; parameters come first.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, its locals are not known, or there is no such local.
    pub fn local(&self, store: impl AsContext, index: u32) -> Result<Val> {
        let place = self.local_place(&store, index)?;
        Ok(self.read(&store, place))
    }

    /// Returns the values of all locals.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, or its locals are not known.
    pub fn locals(&self, store: impl AsContext) -> Result<Vec<Val>> {
        self.ensure_live(&store)?;
        let context = store.as_context();
        let places = context.0.locals_of(&self.cursor)?.iter();
        Ok(places.map(|(ty, slot)| self.read(&store, (ty.erased(), u32::from(*slot)))).collect())
    }

    /// Writes a local.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, its locals are not known, there is no such local, or it has
    /// another type.
    pub fn set_local(&self, store: impl AsContextMut, index: u32, value: Val) -> Result<()> {
        let place = self.local_place(&store, index)?;
        self.write(store, place, value)
    }

    /// Returns the number of values on the operand stack.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, or its operands are not known.
    pub fn num_operands(&self, store: impl AsContext) -> Result<u32> {
        Ok(self.operand_places(&store)?.len() as u32)
    }

    /// Returns a value of the operand stack; index 0 is the lowest.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, its operands are not known, or there is no such operand.
    pub fn operand(&self, store: impl AsContext, index: u32) -> Result<Val> {
        let places = self.operand_places(&store)?;
        self.read_operand(store, &places, index)
    }

    /// Returns the values of the operand stack, the lowest first.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, or its operands are not known.
    pub fn operands(&self, store: impl AsContext) -> Result<Vec<Val>> {
        let places = self.operand_places(&store)?.into_iter();
        Ok(places.map(|place| self.read(&store, place)).collect())
    }

    /// Writes a value of the operand stack; index 0 is the lowest.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, its operands are not known, there is no such operand, or it has
    /// another type. Also fails for a reference of another type than `funcref`, `externref`,
    /// `anyref` or `exnref`: of others, the exact type is not known.
    pub fn set_operand(&self, store: impl AsContextMut, index: u32, value: Val) -> Result<()> {
        let place = operand_place(&self.operand_places(&store)?, index)?;
        if let raw::ValType::Ref(ty) = place.0 {
            ensure!(ty.nullable, "operand {index} is a reference whose exact type is not known");
        }
        self.write(store, place, value)
    }

    /// Makes the function return these values instead of continuing, once the current event has
    /// been delivered to all hooks. Hooks that observe functions then get its return.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, is not the one in which the event happens, or has other
    /// results.
    pub fn return_early(&self, mut store: impl AsContextMut, results: &[Val]) -> Result<()> {
        self.ensure_live(&store)?;
        let mut store = store.as_context_mut();
        let ty = self.func(&store).ty(&store);
        let slots = results_of(store.opaque(), &ty, results)?;
        ensure!(
            store.inner.is_at_site(&self.cursor),
            "only the frame in which an event happens can return early"
        );
        store.opaque().vm.return_early(&self.cursor, &slots);
        Ok(())
    }

    /// Returns `true` if both frames are of one call of the host into guests.
    pub(crate) fn is_of_same_run(&self, other: &Frame) -> bool {
        self.cursor.run() == other.cursor.run()
    }

    pub(crate) fn ensure_live(&self, store: impl AsContext) -> Result<()> {
        ensure!(self.is_live(store), "stale frame: its guest has gone on");
        Ok(())
    }

    fn local_place(&self, store: impl AsContext, index: u32) -> Result<(raw::ValType, u32)> {
        self.ensure_live(&store)?;
        let store = store.as_context();
        let places = store.0.locals_of(&self.cursor)?;
        match places.get(index as usize) {
            Some((ty, slot)) => {
                let types = self.module(store).types();
                Ok((ty.map(|ty| types[ty.index()].id), (*slot).into()))
            }
            None => bail!("no local {index}: there are {}", places.len()),
        }
    }

    fn operand_places(&self, store: impl AsContext) -> Result<Vec<(raw::ValType, u32)>> {
        self.ensure_live(&store)?;
        store.as_context().0.operands_of(&self.cursor)
    }

    /// Returns the places of the operands; if the function waits for a call, with the arguments of
    /// the call.
    pub(crate) fn operand_places_with_args(
        &self,
        store: impl AsContext,
    ) -> Result<Vec<(raw::ValType, u32)>> {
        self.ensure_live(&store)?;
        store.as_context().0.operands_with_args(&self.cursor)
    }

    /// Returns the value at one of the places of operands.
    pub(crate) fn read_operand(
        &self,
        store: impl AsContext,
        places: &[(raw::ValType, u32)],
        index: u32,
    ) -> Result<Val> {
        Ok(self.read(&store, operand_place(places, index)?))
    }

    /// Returns the byte offset, in the module, of the operator at which the function continues: the
    /// operator behind the call that the frame waits for, or else the frame's own
    /// [`offset`](Self::offset).
    ///
    /// # Panics
    ///
    /// Panics if the frame belongs to another store.
    pub fn return_offset(&self, store: impl AsContext) -> u32 {
        let (offset, module) = (self.offset(), self.module(&store));
        match store.as_context().0.waits_for_call(&self.cursor) {
            true => {
                burdock_parse::end_of_call(module.def(), module.bytes(), offset).unwrap_or(offset)
            }
            false => offset,
        }
    }

    fn read(&self, store: impl AsContext, (ty, slot): (raw::ValType, u32)) -> Val {
        let store = store.as_context().opaque();
        let slots = store.vm.frame_slots(&self.cursor, slot as usize, ty.slots() as usize);
        if let raw::ValType::Ref(reference) = ty
            && !is_shown(store, reference.heap.top(), slots[0])
        {
            return Val::load(ty, &[0], store.passing().into()).0;
        }
        Val::load(ty, slots, store.passing().into()).0
    }

    fn write(
        &self,
        mut store: impl AsContextMut,
        (ty, slot): (raw::ValType, u32),
        value: Val,
    ) -> Result<()> {
        let mut store = store.as_context_mut();
        let halves = value.lower_as(store.opaque(), &ty)?;
        let vm = &mut store.opaque().vm;
        let len = ty.slots() as usize;
        let slots = vm.frame_slots_mut(&self.cursor, slot as usize, len);
        slots.copy_from_slice(&halves[..len]);
        if let Some(site) = self.cursor.place.site {
            store.inner.take_written_frame(site);
        }
        Ok(())
    }
}

/// Returns `true` if a slot contains a reference. A local that is never null contains none before
/// it is set.
fn is_shown(store: &StoreOpaque, top: raw::HeapType, slot: u64) -> bool {
    match top {
        raw::HeapType::Func => slot == 0 || store.vm.knows_func(slot),
        _ => store.vm.reference_in(slot).is_some(),
    }
}

/// Returns the place of an operand; 0 is the lowest operand.
fn operand_place(places: &[(raw::ValType, u32)], index: u32) -> Result<(raw::ValType, u32)> {
    let place = places.get(index as usize).copied();
    place.ok_or_else(|| format_err!("no operand {index}: there are {}", places.len()))
}

/// Returns the slots of a function's results, if the values are such results.
pub(super) fn results_of(store: &StoreOpaque, ty: &FuncType, results: &[Val]) -> Result<Vec<u64>> {
    let (expected, found) = (ty.results().len(), results.len());
    ensure!(expected == found, "expected {expected} results, got {found}");
    lower_all(store, results, ty.raw().results())
}
