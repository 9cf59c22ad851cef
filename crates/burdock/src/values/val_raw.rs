//! `ValRaw`: a value without its type.

use super::rooted::{GcRef, Root};
use super::{AnyRef, ExnRef, ExternRef, Rooted, Rooting, Val};
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{AsContextMut, Func, Result, ValType, bail, ensure};
use burdock_core::FuncAddr;
use burdock_core::heap::Reference;
use core::ffi::c_void;
use core::fmt;

/// A value without its type: 16 bytes, of which each type reads as many as it needs.
///
/// Reading the value as another type than it was made from gives other bits, never undefined
/// behavior: references are numbers that are looked up in the store when a guest or a host receives
/// them.
///
/// Source: Wasmtime's `ValRaw`, which is a union.
///
/// # Example
///
/// ```
/// use burdock::ValRaw;
/// assert_eq!(ValRaw::i32(-1).get_u32(), u32::MAX);
/// assert_eq!(ValRaw::f64(1.5_f64.to_bits()).get_f64(), 1.5_f64.to_bits());
/// ```
#[derive(Copy, Clone)]
#[repr(transparent)]
pub struct ValRaw([u64; 2]);

macro_rules! accessors {
    ($($make:ident $get:ident $ty:ty, $what:literal, $to:expr, $from:expr;)*) => {$(
        #[doc = concat!("Creates a value from ", $what, ".")]
        #[inline]
        pub fn $make(value: $ty) -> Self {
            const TO: fn($ty) -> u64 = $to;
            Self([TO(value), 0])
        }

        #[doc = concat!("Returns the value as ", $what, ".")]
        #[inline]
        pub fn $get(&self) -> $ty {
            const FROM: fn(u64) -> $ty = $from;
            FROM(self.0[0])
        }
    )*};
}

impl ValRaw {
    accessors! {
        i32 get_i32 i32, "an `i32`", |value| u64::from(value as u32), |bits| bits as i32;
        u32 get_u32 u32, "an `i32`, unsigned", u64::from, |bits| bits as u32;
        i64 get_i64 i64, "an `i64`", |value| value as u64, |bits| bits as i64;
        u64 get_u64 u64, "an `i64`, unsigned", |value| value, |bits| bits;
        f32 get_f32 u32, "the bits of an `f32`", u64::from, |bits| bits as u32;
        f64 get_f64 u64, "the bits of an `f64`", |value| value, |bits| bits;
        externref get_externref u32, "what `ExternRef::to_raw` gives; 0 is null", u64::from, |bits| bits as u32;
        anyref get_anyref u32, "what `AnyRef::to_raw` gives; 0 is null", u64::from, |bits| bits as u32;
        exnref get_exnref u32, "what `ExnRef::to_raw` gives; 0 is null", u64::from, |bits| bits as u32;
        funcref get_funcref *mut c_void, "what `Func::to_raw` gives; null is null",
            |raw| raw.addr() as u64, |bits| core::ptr::without_provenance_mut(bits as usize);
    }

    /// Creates a value from a vector.
    #[inline]
    pub fn v128(value: u128) -> Self {
        Self([value as u64, (value >> 64) as u64])
    }

    /// Returns the value as a vector.
    #[inline]
    pub fn get_v128(&self) -> u128 {
        u128::from(self.0[0]) | u128::from(self.0[1]) << 64
    }

    pub(crate) fn from_halves(halves: [u64; 2]) -> Self {
        Self(halves)
    }

    /// Returns the value as it lies in two slots, if the store has what it refers to.
    pub(crate) fn to_halves(self, ty: &raw::ValType, store: &StoreOpaque) -> Result<[u64; 2]> {
        let low = self.0[0];
        Ok(match ty {
            raw::ValType::I32 | raw::ValType::F32 => [u64::from(low as u32), 0],
            raw::ValType::I64 | raw::ValType::F64 => [low, 0],
            raw::ValType::V128 => self.0,
            raw::ValType::Ref(ty) => {
                ensure!(low != 0 || ty.nullable, "null is no value of type {ty}");
                let known = match ty.heap {
                    _ if low == 0 => Some(0),
                    raw::HeapType::Func => store.vm.knows_func(low).then_some(low),
                    raw::HeapType::ConcreteFunc(expected) => FuncAddr::from_raw(low)
                        .filter(|_| store.vm.knows_func(low))
                        .filter(|func| store.may_pass_func(*func, expected))
                        .map(FuncAddr::to_raw),
                    raw::HeapType::ExactFunc(expected) => FuncAddr::from_raw(low)
                        .filter(|_| store.vm.knows_func(low))
                        .filter(|func| store.vm.func(*func).ty == expected)
                        .map(FuncAddr::to_raw),
                    raw::HeapType::NoFunc => None,
                    heap => store
                        .vm
                        .reference_in(low)
                        .filter(|reference| store.is_of_type(*reference, heap))
                        .map(Reference::to_slot),
                };
                match known {
                    Some(raw) => [raw, 0],
                    None => bail!("the store has no such {ty}"),
                }
            }
        })
    }
}

impl fmt::Debug for ValRaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValRaw({:#034x})", self.get_v128())
    }
}

impl Val {
    /// Returns the value without its type.
    ///
    /// # Errors
    ///
    /// Fails if the value belongs to another store, or if nothing holds its object any more.
    pub fn to_raw(&self, store: impl AsContextMut) -> Result<ValRaw> {
        Ok(ValRaw::from_halves(self.lower(store.as_context().opaque())?))
    }

    /// Returns the value as one of type `ty`. Safe, unlike Wasmtime's.
    ///
    /// # Panics
    ///
    /// Panics if the value is a reference that the store does not have.
    pub fn from_raw(store: impl AsContextMut, raw: ValRaw, ty: ValType) -> Val {
        let store = store.as_context().opaque();
        let ty = ty.raw();
        let halves = raw.to_halves(&ty, store);
        Val::from_halves(ty, halves.expect("a reference of this store"), Rooting::Scoped(store))
    }
}

impl Func {
    /// Returns the function as a number for [`ValRaw::funcref`].
    ///
    /// # Panics
    ///
    /// Panics if the function belongs to another store.
    pub fn to_raw(&self, store: impl AsContextMut) -> *mut c_void {
        let raw = self.addr(store.as_context().opaque().id()).to_raw();
        core::ptr::without_provenance_mut(raw as usize)
    }

    /// Returns the function of which [`Func::to_raw`] made `raw`; `None` for null and if the store
    /// has no such function. Safe, unlike Wasmtime's: the number is looked up, not followed.
    pub fn from_raw(store: impl AsContextMut, raw: *mut c_void) -> Option<Func> {
        let store = store.as_context().opaque();
        let raw = raw.addr() as u64;
        let addr = FuncAddr::from_raw(raw).filter(|_| store.vm.knows_func(raw))?;
        Some(Func::from_addr(store.id(), addr))
    }
}

impl StoreOpaque {
    fn rooted_from<R: GcRef>(&self, raw: u32) -> Option<Rooted<R>> {
        let reference = self.vm.reference_in(raw.into())?;
        let is_one = !reference.is_null() && self.is_of_type(reference, R::HEAP_TYPE);
        is_one.then(|| self.root(reference))
    }

    fn to_raw(&self, root: Root) -> Result<u32> {
        Ok(root.resolve(self)?.to_slot() as u32)
    }
}

macro_rules! raw_references {
    ($($ty:ident $accessor:literal;)*) => {$(
        impl $ty {
            #[doc = concat!("Returns the reference of which [`", stringify!($ty), "::to_raw`] made `raw`; `None` for null")]
            /// and if the store has no such reference. Safe, unlike Wasmtime's: the number is
            /// looked up, not followed.
            pub fn from_raw(store: impl AsContextMut, raw: u32) -> Option<Rooted<Self>> {
                store.as_context().opaque().rooted_from(raw)
            }

            #[doc = concat!("Returns the reference as a number for [`ValRaw::", $accessor, "`], which holds nothing.")]
            ///
            /// # Errors
            ///
            /// Fails if nothing holds the object any more.
            ///
            /// # Panics
            ///
            /// Panics if the reference belongs to another store.
            pub fn to_raw(&self, store: impl AsContextMut) -> Result<u32> {
                store.as_context().opaque().to_raw(self.0)
            }
        }
    )*};
}

raw_references! {
    AnyRef "anyref";
    ExternRef "externref";
    ExnRef "exnref";
}
