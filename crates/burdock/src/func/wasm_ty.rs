//! `WasmTy`: Rust types that stand for a WebAssembly value type, and how their values lie in the
//! machine's slots.

use crate::store::StoreOpaque;
use crate::types::raw;
use crate::values::{GcRef, Rooting};
use crate::{
    Func, HeapType, I31, NoExtern, NoFunc, NoneRef, OwnedRooted, RefType, Result, Rooted, V128,
    ValType, bail,
};
use burdock_core::FuncAddr;
use burdock_core::heap::Reference;

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that stands for a WebAssembly value type. The trait is sealed.
///
/// # Example
///
/// ```
/// use burdock::*;
/// fn identity<V: WasmTy>(store: &mut Store<()>, value: V) -> Result<V> {
///     let func = Func::wrap(&mut *store, |value: V| value);
///     func.typed::<V, V>(&*store)?.call(store, value)
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// assert_eq!(identity(&mut store, 1.5_f32)?, 1.5);
/// assert_eq!(identity(&mut store, 7_u64)?, 7);
/// # Ok::<(), Error>(())
/// ```
pub trait WasmTy: sealed::Sealed + Send + Sized + 'static {
    /// The number of slots that a value takes.
    #[doc(hidden)]
    const SLOTS: usize = 1;

    /// `true` for references.
    #[doc(hidden)]
    const IS_REF: bool = false;

    /// Returns the value type.
    #[doc(hidden)]
    fn valtype() -> ValType;

    /// The value as it lies in slots.
    #[doc(hidden)]
    type Lowered: AsRef<[u64]>;

    /// Reads the value from the first slots.
    #[doc(hidden)]
    fn load(slots: &[u64], store: InStore<'_>) -> Self;

    /// Returns the value as it lies in slots.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot hold the value.
    #[doc(hidden)]
    fn lower(self, store: InStore<'_>) -> Result<Self::Lowered>;
}

/// A store, for the hidden methods.
#[doc(hidden)]
#[derive(Copy, Clone)]
pub struct InStore<'s>(pub(crate) &'s StoreOpaque);

macro_rules! numbers {
    ($($rust:ty, $valtype:ident, $load:expr, $store:expr;)*) => {$(
        impl sealed::Sealed for $rust {}

        impl WasmTy for $rust {
            #[inline]
            fn valtype() -> ValType {
                ValType::$valtype
            }

            type Lowered = [u64; 1];

            #[inline]
            fn load(slots: &[u64], _: InStore<'_>) -> Self {
                const LOAD: fn(u64) -> $rust = $load;
                LOAD(slots[0])
            }

            #[inline]
            fn lower(self, _: InStore<'_>) -> Result<[u64; 1]> {
                const STORE: fn($rust) -> u64 = $store;
                Ok([STORE(self)])
            }
        }
    )*};
}

numbers! {
    i32, I32, |slot| slot as i32, |value| u64::from(value as u32);
    u32, I32, |slot| slot as u32, u64::from;
    i64, I64, |slot| slot as i64, |value| value as u64;
    u64, I64, |slot| slot, |value| value;
    f32, F32, |slot| f32::from_bits(slot as u32), |value| u64::from(value.to_bits());
    f64, F64, f64::from_bits, f64::to_bits;
}

impl sealed::Sealed for V128 {}

impl WasmTy for V128 {
    const SLOTS: usize = 2;

    #[inline]
    fn valtype() -> ValType {
        ValType::V128
    }

    type Lowered = [u64; 2];

    #[inline]
    fn load(slots: &[u64], _: InStore<'_>) -> Self {
        V128::from_halves([slots[0], slots[1]])
    }

    #[inline]
    fn lower(self, _: InStore<'_>) -> Result<[u64; 2]> {
        Ok(self.to_halves())
    }
}

/// A Rust type for references that are never null. `Option` of it is the type for nullable ones.
///
/// The trait is what [`WasmTy`] is made of for both.
#[doc(hidden)]
pub trait WasmRef: Send + Sized + 'static {
    #[doc(hidden)]
    const HEAP_TYPE: HeapType;

    /// Reads a reference that is not null.
    #[doc(hidden)]
    fn load_ref(slot: u64, store: InStore<'_>) -> Option<Self>;

    /// Returns the reference as it lies in a slot.
    #[doc(hidden)]
    fn lower_ref(self, store: InStore<'_>) -> Result<u64>;
}

impl WasmRef for Func {
    const HEAP_TYPE: HeapType = HeapType::Func;

    #[inline]
    fn load_ref(slot: u64, InStore(store): InStore<'_>) -> Option<Self> {
        FuncAddr::from_raw(slot).map(|addr| Func::from_addr(store.id(), addr))
    }

    #[inline]
    fn lower_ref(self, InStore(store): InStore<'_>) -> Result<u64> {
        if !self.belongs_to(store.id()) {
            return cross_store();
        }
        Ok(self.raw_addr().to_raw())
    }
}

impl WasmRef for I31 {
    const HEAP_TYPE: HeapType = HeapType::I31;

    #[inline]
    fn load_ref(slot: u64, _: InStore<'_>) -> Option<Self> {
        Reference::from_slot(slot).i31().map(I31::wrapping_i32)
    }

    #[inline]
    fn lower_ref(self, _: InStore<'_>) -> Result<u64> {
        Ok(Reference::from_i31(self.get_u32()).to_slot())
    }
}

impl<R: GcRef> WasmRef for Rooted<R> {
    const HEAP_TYPE: HeapType = heap_type_of::<R>();

    fn load_ref(slot: u64, InStore(store): InStore<'_>) -> Option<Self> {
        Rooting::Scoped(store).root(slot)
    }

    fn lower_ref(self, InStore(store): InStore<'_>) -> Result<u64> {
        if !self.root().belongs_to(store.id()) {
            return cross_store();
        }
        self.root().lower(store)
    }
}

impl<R: GcRef> WasmRef for OwnedRooted<R> {
    const HEAP_TYPE: HeapType = heap_type_of::<R>();

    fn load_ref(slot: u64, InStore(store): InStore<'_>) -> Option<Self> {
        let reference = Reference::from_slot(slot);
        (!reference.is_null()).then(|| OwnedRooted::hold(store, reference))
    }

    fn lower_ref(self, InStore(store): InStore<'_>) -> Result<u64> {
        if !self.root().belongs_to(store.id()) {
            return cross_store();
        }
        self.root().lower(store)
    }
}

/// Implements `WasmRef` for types without values. Only null is of their hierarchy's bottom type.
macro_rules! uninhabited {
    ($($ty:ident $heap:ident;)*) => {$(
        impl WasmRef for $ty {
            const HEAP_TYPE: HeapType = HeapType::$heap;

            fn load_ref(_: u64, _: InStore<'_>) -> Option<Self> {
                None
            }

            fn lower_ref(self, _: InStore<'_>) -> Result<u64> {
                match self {}
            }
        }
    )*};
}

uninhabited! {
    NoFunc NoFunc;
    NoExtern NoExtern;
    NoneRef None;
}

const fn heap_type_of<R: GcRef>() -> HeapType {
    match R::HEAP_TYPE {
        raw::HeapType::Any => HeapType::Any,
        raw::HeapType::Eq => HeapType::Eq,
        raw::HeapType::Struct => HeapType::Struct,
        raw::HeapType::Array => HeapType::Array,
        raw::HeapType::Extern => HeapType::Extern,
        _ => HeapType::Exn,
    }
}

#[cold]
fn cross_store<T>() -> Result<T> {
    bail!("attempt to pass cross-`Store` value to Wasm as function argument")
}

impl<R: WasmRef> sealed::Sealed for Option<R> {}

impl<R: WasmRef> WasmTy for Option<R> {
    const IS_REF: bool = true;

    type Lowered = [u64; 1];

    #[inline]
    fn valtype() -> ValType {
        ValType::Ref(RefType::new(true, R::HEAP_TYPE))
    }

    #[inline]
    fn load(slots: &[u64], store: InStore<'_>) -> Self {
        R::load_ref(slots[0], store)
    }

    #[inline]
    fn lower(self, store: InStore<'_>) -> Result<[u64; 1]> {
        Ok([match self {
            Some(reference) => reference.lower_ref(store)?,
            None => 0,
        }])
    }
}

macro_rules! references {
    ($([$($of:tt)*] $ty:ty;)*) => {$(
        impl<$($of)*> sealed::Sealed for $ty {}

        impl<$($of)*> WasmTy for $ty {
            const IS_REF: bool = true;

            type Lowered = [u64; 1];

            #[inline]
            fn valtype() -> ValType {
                ValType::Ref(RefType::new(false, <$ty>::HEAP_TYPE))
            }

            #[inline]
            fn load(slots: &[u64], store: InStore<'_>) -> Self {
                let value = <$ty>::load_ref(slots[0], store);
                value.expect("a reference that is never null, by its type")
            }

            #[inline]
            fn lower(self, store: InStore<'_>) -> Result<[u64; 1]> {
                Ok([self.lower_ref(store)?])
            }
        }
    )*};
}

references! {
    [] Func;
    [] I31;
    [] NoFunc;
    [] NoExtern;
    [] NoneRef;
    [R: GcRef] Rooted<R>;
    [R: GcRef] OwnedRooted<R>;
}
