//! Host functions: how they are made, and where a store keeps them.

use super::list::{ListExt, WasmList, func_type};
use super::{Caller, Func, WasmRet};
use crate::error::Context;
use crate::values::Rooting;
use crate::{Engine, FuncType, Result, StoreContextMut, Val};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{FuncAddr, HostFunc, SlotSpan};
use core::sync::atomic::{AtomicU32, Ordering};
use spin::Once;

/// The body of a host function: reads its parameters from the slots and leaves its results there.
pub(crate) type Body<T> = dyn Fn(StoreContextMut<'_, T>, SlotSpan) -> Result<()> + Send + Sync;

/// A host function that belongs to no store yet.
pub(crate) struct HostFunction<T: 'static> {
    pub(crate) ty: FuncType,
    // Boxed: a call need not ask the vtable where the closure lies behind `ty`.
    pub(crate) body: Box<Body<T>>,
}

/// Creates a host function with static types. `func` is compiled into the body, which reads and
/// writes slots directly.
pub(super) fn typed<T, P, R, F>(engine: &Engine, func: F) -> Arc<HostFunction<T>>
where
    T: 'static,
    P: WasmList,
    R: WasmRet,
    F: Fn(Caller<'_, T>, P) -> R + Send + Sync + 'static,
{
    let body = move |mut store: StoreContextMut<'_, T>, span: SlotSpan| -> Result<()> {
        store.in_scope(|store| {
            let opaque = &store.inner.opaque;
            let params = P::load_list(opaque.vm.slots(span), opaque);
            let results = store.lend(|store| func(Caller { store }, params).into_fallible())?;
            let lowered = results.lower_list(&store.inner.opaque)?;
            R::Ok::write_list(&lowered, store.inner.opaque.vm.slots_mut(span));
            Ok(())
        })
    };
    Arc::new(HostFunction { ty: func_type::<P, R::Ok>(engine), body: Box::new(body) })
}

/// Creates a host function on `Val`s, which are checked at each call.
///
/// # Panics
///
/// Panics if the type is of another engine.
pub(crate) fn untyped<T: 'static>(
    engine: &Engine,
    ty: FuncType,
    func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
) -> Arc<HostFunction<T>> {
    assert!(Engine::same(engine, ty.engine()), "type used with wrong engine");
    let own = ty.clone();
    let body = move |store: &mut StoreContextMut<'_, T>, span: SlotSpan| -> Result<()> {
        let types = own.raw();
        let count = types.params().len() + types.results().len();
        let mut vals: Vec<Val> = Vec::with_capacity(count);
        let mut slots = store.inner.opaque.vm.slots(span);
        for ty in types.params() {
            let (val, rest) = Val::load(*ty, slots, Rooting::Scoped(&store.inner.opaque));
            vals.push(val);
            slots = rest;
        }
        vals.resize(count, Val::FuncRef(None));
        let (params, results) = vals.split_at_mut(types.params().len());
        store.lend(|store| func(Caller { store }, params, results))?;
        let mut at = 0;
        for (val, ty) in results.iter().zip(types.results()) {
            let halves = val
                .lower_as(&store.inner.opaque, ty)
                .context("function attempted to return an incompatible value")?;
            let len = ty.slots() as usize;
            let slots = store.inner.opaque.vm.slots_mut(span);
            slots[at..at + len].copy_from_slice(&halves[..len]);
            at += len;
        }
        Ok(())
    };
    let body = move |mut store: StoreContextMut<'_, T>, span: SlotSpan| {
        store.in_scope(|store| body(store, span))
    };
    Arc::new(HostFunction { ty, body: Box::new(body) })
}

/// Puts a host function into a store.
pub(super) fn add<T>(mut store: StoreContextMut<'_, T>, func: Arc<HostFunction<T>>) -> Func {
    let addr = alloc(&mut store, func);
    Func::from_addr(store.id(), addr)
}

fn alloc<T>(store: &mut StoreContextMut<'_, T>, func: Arc<HostFunction<T>>) -> FuncAddr {
    let raw = func.ty.raw();
    let (params, results) = (raw.param_slots(), raw.result_slots());
    let ty = func.ty.id();
    let host = store.hosts.push(func);
    store.opaque().vm.alloc_host_func(ty, params, results, host)
}

impl<T: 'static> HostFunction<T> {
    /// Returns the store's address of the function, adding the function to the store at the first
    /// call.
    pub(crate) fn enter(self: &Arc<Self>, store: &mut StoreContextMut<'_, T>) -> FuncAddr {
        let key = Arc::as_ptr(self).cast::<()>() as usize;
        if let Some(addr) = store.opaque().linked.get(&key) {
            return *addr;
        }
        self.enter_first(key, store)
    }

    /// Enters the function into a store that does not have it yet.
    //
    // Not inlined, whoever else calls `alloc`: hooks do, and a program that has none has to be
    // compiled to the same code as one that cannot have any (`cargo xtask hookfree`).
    #[inline(never)]
    fn enter_first(self: &Arc<Self>, key: usize, store: &mut StoreContextMut<'_, T>) -> FuncAddr {
        let addr = alloc(store, Arc::clone(self));
        store.opaque().linked.insert(key, addr);
        addr
    }
}

/// The host functions of a store. They are only ever added, through a shared reference: one can
/// be called, and can add others, while nothing has an exclusive reference to it.
pub(crate) struct Hosts<T: 'static> {
    len: AtomicU32,
    first: Once<Chunk<T>>,
    /// Each has room for eight times as many functions as the one before.
    others: Once<Box<[Once<Chunk<T>>; CHUNKS - 1]>>,
}

type Chunk<T> = Box<[Once<Arc<HostFunction<T>>>]>;

const CHUNKS: usize = 10;

/// Returns the number of functions that fit into a chunk.
const fn room(chunk: usize) -> u32 {
    16 << (3 * chunk)
}

/// Returns the chunk of a function and the function's index within the chunk.
#[inline]
fn place(index: u32) -> (usize, usize) {
    let (mut chunk, mut place) = (0, index);
    while place >= room(chunk) {
        place -= room(chunk);
        chunk += 1;
    }
    (chunk, place as usize)
}

impl<T: 'static> Hosts<T> {
    pub(crate) fn new() -> Self {
        Self { len: AtomicU32::new(0), first: Once::new(), others: Once::new() }
    }

    pub(crate) fn push(&self, func: Arc<HostFunction<T>>) -> HostFunc {
        let index = self.len.fetch_add(1, Ordering::Relaxed);
        let (number, place) = place(index);
        let chunk = match number.checked_sub(1) {
            None => &self.first,
            Some(other) => &self.others.call_once(Box::default)[other],
        };
        let chunk = chunk.call_once(|| (0..room(number)).map(|_| Once::new()).collect());
        chunk[place].call_once(|| func);
        HostFunc(index)
    }

    /// Returns a function that was added.
    #[inline]
    pub(crate) fn get(&self, func: HostFunc) -> &HostFunction<T> {
        let (chunk, place) = place(func.0);
        let chunk = match chunk.checked_sub(1) {
            None => self.first.get(),
            Some(other) => self.others.get().and_then(|others| others[other].get()),
        };
        let found = chunk.and_then(|chunk| chunk[place].get());
        found.expect("the machine only knows host functions that were added")
    }
}

#[cfg(test)]
mod tests {
    use super::{place, room};

    #[test]
    fn places_are_dense() {
        let mut next = (0, 0);
        for index in 0..100_000 {
            assert_eq!(place(index), next);
            next.1 += 1;
            if next.1 == room(next.0) as usize {
                next = (next.0 + 1, 0);
            }
        }
    }
}
