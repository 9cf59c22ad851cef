//! `WasmTy`: Rust types that stand for a WebAssembly value type, and how their values lie in the
//! machine's slots.

use crate::store::StoreId;
use crate::{ExternRef, Func, HeapType, RefType, Rooted, V128, ValType};
use burdock_core::FuncAddr;

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

    /// Returns the value type.
    #[doc(hidden)]
    fn valtype() -> ValType;

    /// Returns `true` if a store can hold the value.
    #[doc(hidden)]
    #[inline]
    fn belongs_to(&self, _store: Id) -> bool {
        true
    }

    /// Reads the value from the first slots.
    #[doc(hidden)]
    fn load(slots: &[u64], store: Id) -> Self;

    /// Writes the value to the first slots.
    #[doc(hidden)]
    fn store(self, slots: &mut [u64]);
}

/// The id of a store, for the hidden methods.
#[doc(hidden)]
#[derive(Copy, Clone)]
pub struct Id(pub(crate) StoreId);

macro_rules! numbers {
    ($($rust:ty, $valtype:ident, $load:expr, $store:expr;)*) => {$(
        impl sealed::Sealed for $rust {}

        impl WasmTy for $rust {
            #[inline]
            fn valtype() -> ValType {
                ValType::$valtype
            }

            #[inline]
            fn load(slots: &[u64], _: Id) -> Self {
                const LOAD: fn(u64) -> $rust = $load;
                LOAD(slots[0])
            }

            #[inline]
            fn store(self, slots: &mut [u64]) {
                const STORE: fn($rust) -> u64 = $store;
                slots[0] = STORE(self);
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

    #[inline]
    fn load(slots: &[u64], _: Id) -> Self {
        V128::from_halves([slots[0], slots[1]])
    }

    #[inline]
    fn store(self, slots: &mut [u64]) {
        slots[..2].copy_from_slice(&self.to_halves());
    }
}

impl sealed::Sealed for Option<Func> {}

impl WasmTy for Option<Func> {
    #[inline]
    fn valtype() -> ValType {
        ValType::FUNCREF
    }

    #[inline]
    fn belongs_to(&self, store: Id) -> bool {
        self.is_none_or(|func| func.belongs_to(store.0))
    }

    #[inline]
    fn load(slots: &[u64], store: Id) -> Self {
        FuncAddr::from_raw(slots[0]).map(|addr| Func::from_addr(store.0, addr))
    }

    #[inline]
    fn store(self, slots: &mut [u64]) {
        slots[0] = self.map_or(0, |func| func.raw_addr().to_raw());
    }
}

impl sealed::Sealed for Func {}

impl WasmTy for Func {
    #[inline]
    fn valtype() -> ValType {
        ValType::Ref(RefType::new(false, HeapType::Func))
    }

    #[inline]
    fn belongs_to(&self, store: Id) -> bool {
        Func::belongs_to(self, store.0)
    }

    #[inline]
    fn load(slots: &[u64], store: Id) -> Self {
        let func = <Option<Func>>::load(slots, store);
        func.expect("a reference that is never null, by its type")
    }

    #[inline]
    fn store(self, slots: &mut [u64]) {
        Some(self).store(slots);
    }
}

impl sealed::Sealed for Option<Rooted<ExternRef>> {}

impl WasmTy for Option<Rooted<ExternRef>> {
    #[inline]
    fn valtype() -> ValType {
        ValType::EXTERNREF
    }

    #[inline]
    fn belongs_to(&self, store: Id) -> bool {
        self.is_none_or(|value| value.belongs_to(store.0))
    }

    #[inline]
    fn load(slots: &[u64], store: Id) -> Self {
        Rooted::from_raw_ref(store.0, slots[0])
    }

    #[inline]
    fn store(self, slots: &mut [u64]) {
        slots[0] = self.map_or(0, |value| value.to_raw_ref());
    }
}

impl sealed::Sealed for Rooted<ExternRef> {}

impl WasmTy for Rooted<ExternRef> {
    #[inline]
    fn valtype() -> ValType {
        ValType::Ref(RefType::new(false, HeapType::Extern))
    }

    #[inline]
    fn belongs_to(&self, store: Id) -> bool {
        Rooted::belongs_to(self, store.0)
    }

    #[inline]
    fn load(slots: &[u64], store: Id) -> Self {
        let value = <Option<Rooted<ExternRef>>>::load(slots, store);
        value.expect("a reference that is never null, by its type")
    }

    #[inline]
    fn store(self, slots: &mut [u64]) {
        Some(self).store(slots);
    }
}
