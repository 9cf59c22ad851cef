//! The host values to which guests have references, and their collection, which the embedder
//! requests ([`Store::gc`]).

use super::{ExternRef, Rooted};
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{AsContext, AsContextMut, Caller, Result, Store, StoreContext, StoreContextMut, bail};
use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use burdock_types::ElemIdx;
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

type Value = Box<dyn Any + Send + Sync>;

/// The host values of a store. A reference is a number that is not 0: twice the place plus one,
/// and, in the upper half, how many values had the place before. The number is even, and less than
/// those of objects, because it may become a reference of type `any`.
#[derive(Default)]
pub(crate) struct ExternRefs {
    places: Vec<RefEntry>,
    free: Vec<u32>,
    /// References that hold their values: until the [`RootScope`] they were made in ends.
    roots: Vec<u64>,
    /// References that hold their values as long as an [`OwnedRooted`] lives.
    owned: Vec<(u64, Weak<()>)>,
}

#[derive(Default)]
struct RefEntry {
    generation: u32,
    value: Option<Value>,
    marked: bool,
}

impl ExternRefs {
    pub(crate) const NONE: Self =
        Self { places: Vec::new(), free: Vec::new(), roots: Vec::new(), owned: Vec::new() };

    /// Keeps a value; its reference.
    pub(crate) fn add(&mut self, value: Value) -> u64 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(RefEntry::default());
            self.places.len() as u32 - 1
        });
        let found = &mut self.places[place as usize];
        found.value = Some(value);
        u64::from(found.generation) << 32 | u64::from(place + 1) << 1
    }

    fn place(&self, raw: u64) -> Option<usize> {
        let place = place_of(raw)?;
        let found = self.places.get(place)?;
        let same = found.generation == (raw >> 32) as u32 && found.value.is_some();
        same.then_some(place)
    }

    /// Returns a reference's value.
    pub(crate) fn get(&self, raw: u64) -> Result<&Value> {
        match self.place(raw) {
            Some(place) => Ok(self.places[place].value.as_ref().expect("the place is taken")),
            None => unrooted(),
        }
    }

    /// Returns a mutable reference to a reference's value.
    pub(crate) fn get_mut(&mut self, raw: u64) -> Result<&mut Value> {
        match self.place(raw) {
            Some(place) => Ok(self.places[place].value.as_mut().expect("the place is taken")),
            None => unrooted(),
        }
    }

    /// Returns the reference of which `raw` is the whole or the lower half.
    pub(crate) fn complete(&self, raw: u64) -> Option<u64> {
        if raw >> 32 != 0 {
            return self.place(raw).map(|_| raw);
        }
        let found = self.places.get(place_of(raw)?).filter(|place| place.value.is_some())?;
        Some(u64::from(found.generation) << 32 | raw)
    }

    /// Lets the present scope hold a reference.
    pub(crate) fn root(&mut self, raw: u64) {
        self.roots.push(raw);
    }

    fn mark(&mut self, raw: u64) {
        if let Some(place) = self.place(raw) {
            self.places[place].marked = true;
        }
    }

    /// Drops the values that are not marked; the values come out, so that what their `drop` does
    /// finds everything in order.
    fn sweep(&mut self) -> Vec<Value> {
        let mut dropped = Vec::new();
        for (i, place) in self.places.iter_mut().enumerate() {
            if !core::mem::take(&mut place.marked)
                && let Some(value) = place.value.take()
            {
                dropped.push(value);
                place.generation = place.generation.wrapping_add(1);
                self.free.push(i as u32);
            }
        }
        dropped
    }
}

/// Returns the place that the lower half of a reference names.
fn place_of(raw: u64) -> Option<usize> {
    let low = raw as u32;
    if low & 1 == 1 { None } else { (low >> 1).checked_sub(1).map(|place| place as usize) }
}

#[cold]
fn unrooted<T>() -> Result<T> {
    bail!("attempted to use a garbage-collected object that has been unrooted")
}

impl StoreOpaque {
    fn gc(&mut self) -> Result<()> {
        if self.vm.is_running() || self.vm.has_paused() {
            return Ok(());
        }
        let mut found = Vec::new();
        self.held_by_guests(|raw| found.push(raw));
        let refs = self.externrefs_mut();
        refs.owned.retain(|(_, alive)| alive.strong_count() > 0);
        found.extend(refs.roots.iter().copied());
        found.extend(refs.owned.iter().map(|(raw, _)| *raw));
        found.into_iter().for_each(|raw| refs.mark(raw));
        drop(refs.sweep());
        Ok(())
    }

    /// Shows each reference in globals, tables and element segments.
    fn held_by_guests(&self, mut show: impl FnMut(u64)) {
        let is_extern = |ty: &raw::RefType| ty.heap.top() == raw::HeapType::Extern;
        for global in self.vm.globals() {
            if let raw::ValType::Ref(ty) = self.vm.global_type(global).content
                && is_extern(&ty)
            {
                show(self.vm.global_get(global)[0]);
            }
        }
        for table in self.vm.tables().filter(|table| is_extern(&self.vm.table_type(*table).element))
        {
            let elements = 0..self.vm.table_size(table);
            elements.filter_map(|i| self.vm.table_get(table, i)).for_each(&mut show);
        }
        for instance in self.vm.instances() {
            for (i, elem) in self.instance(instance).module.def().elems.iter().enumerate() {
                if elem.ty.heap.top() == burdock_types::HeapType::Extern {
                    let elem = self.vm.instance_elem(instance, ElemIdx(i as u32));
                    elem.iter().copied().for_each(&mut show);
                }
            }
        }
    }
}

/// The reason for which Wasmtime collects garbage by itself. Burdock does not, and creates no value
/// of this type: pass `None` to [`Store::gc`], which has an example.
#[derive(Debug)]
pub struct GcHeapOutOfMemory<T>(PhantomData<T>);

impl<T> fmt::Display for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GC heap out of memory")
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Drops unreachable host values; see [`Store::gc`].
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn gc(&mut self, _why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.opaque().gc()
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Does nothing during a call, since guests may hold references; see [`Store::gc`].
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.store.gc(why)
    }
}

impl<T: 'static> Store<T> {
    /// Drops the host values that are unreachable. The roots are globals, tables and element
    /// segments; each [`OwnedRooted`]; and each [`RootScope`] in which [`ExternRef::new`] or
    /// [`OwnedRooted::to_rooted`] made the reference (without a scope, the store).
    ///
    /// Nothing is dropped while a call is on, or while calls are there that could be resumed: what
    /// they hold is not looked for. Nothing is ever dropped without being asked for.
    ///
    /// Unlike in Wasmtime, a [`Rooted`] that came out of a guest (as a result, or out of a table or
    /// global) does not hold its value; where a collection may come in between, make it an
    /// [`OwnedRooted`]. One whose value was dropped is known as such, and using it is an error.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let value = {
    ///     let mut scope = RootScope::new(&mut store);
    ///     ExternRef::new(&mut scope, 5)?
    /// };
    /// assert!(value.data(&store).is_ok());
    /// store.gc(None)?;
    /// assert!(value.data(&store).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn gc(&mut self, _why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.parts.inner.opaque.gc()
    }
}

/// A scope that releases, when it ends, the references that were made in it. Use it in place of the
/// store.
///
/// Source: Wasmtime's `RootScope`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let value = {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "temporary")?
/// };
/// store.gc(None)?;
/// assert!(value.data(&store).is_err());
/// # Ok::<(), Error>(())
/// ```
pub struct RootScope<C: AsContextMut> {
    store: C,
    outer: usize,
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins a scope.
    pub fn new(store: C) -> Self {
        let outer = store.as_context().opaque().externrefs().roots.len();
        Self { store, outer }
    }

    /// Makes room for so many references.
    pub fn reserve(&mut self, additional: usize) {
        self.store.as_context_mut().opaque().externrefs_mut().roots.reserve(additional);
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        self.store.as_context_mut().opaque().externrefs_mut().roots.truncate(self.outer);
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.store.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.store.as_context_mut()
    }
}

/// A reference that holds its value as long as it, or a clone of it, lives.
///
/// Source: Wasmtime's `OwnedRooted`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let owned = {
///     let mut scope = RootScope::new(&mut store);
///     ExternRef::new(&mut scope, "kept")?.to_owned_rooted(&mut scope)?
/// };
/// store.gc(None)?;
/// let value = owned.to_rooted(&mut store);
/// assert_eq!(value.data(&store)?.unwrap().downcast_ref(), Some(&"kept"));
/// # Ok::<(), Error>(())
/// ```
pub struct OwnedRooted<R> {
    rooted: Rooted<R>,
    alive: Arc<()>,
}

impl<R> Clone for OwnedRooted<R> {
    fn clone(&self) -> Self {
        Self { rooted: self.rooted, alive: Arc::clone(&self.alive) }
    }
}

impl<R> fmt::Debug for OwnedRooted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedRooted").field(&self.rooted).finish()
    }
}

impl Rooted<ExternRef> {
    /// Returns a reference that keeps the value alive independently of scopes.
    ///
    /// # Errors
    ///
    /// Fails if the value was dropped.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn to_owned_rooted(&self, mut store: impl AsContextMut) -> Result<OwnedRooted<ExternRef>> {
        let mut store = store.as_context_mut();
        self.store_id().assert_same(store.id());
        let refs = store.opaque().externrefs_mut();
        refs.get(self.to_raw_ref())?;
        if refs.owned.len() == refs.owned.capacity() {
            refs.owned.retain(|(_, alive)| alive.strong_count() > 0);
        }
        let alive = Arc::new(());
        refs.owned.push((self.to_raw_ref(), Arc::downgrade(&alive)));
        Ok(OwnedRooted { rooted: *self, alive })
    }
}

impl OwnedRooted<ExternRef> {
    /// Returns a reference that the current [`RootScope`] keeps alive.
    ///
    /// # Panics
    ///
    /// Panics if the reference belongs to another store.
    pub fn to_rooted(&self, mut store: impl AsContextMut) -> Rooted<ExternRef> {
        let mut store = store.as_context_mut();
        self.rooted.store_id().assert_same(store.id());
        let raw = self.rooted.to_raw_ref();
        if !store.opaque().vm.is_running() {
            store.opaque().externrefs_mut().root(raw);
        }
        self.rooted
    }
}
