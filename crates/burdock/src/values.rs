//! `Val` and `Ref`: values whose types are only known at run time.

mod externref;
mod gc;
mod raw;
mod reference;

pub use externref::{ExternRef, Rooted};
pub(crate) use gc::ExternRefs;
pub use gc::{GcHeapOutOfMemory, OwnedRooted, RootScope};
pub use raw::ValRaw;
pub use reference::Ref;

use crate::store::StoreId;
use crate::{
    AsContext, Extern, ExternType, Func, FuncType, HeapType, RefType, Result, V128, ValType, bail,
};
use alloc::string::{String, ToString};
use burdock_core::FuncAddr;

/// A value.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let half = Func::wrap(&mut store, |value: f64| value / 2.0);
/// let mut results = [Val::I32(0)];
/// half.call(&mut store, &[Val::from(3.0_f64)], &mut results)?;
/// assert_eq!(results[0].unwrap_f64(), 1.5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Copy, Clone)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A 128-bit vector.
    V128(V128),
    /// A function, or null.
    FuncRef(Option<Func>),
    /// A host value, or null.
    ExternRef(Option<Rooted<ExternRef>>),
}

macro_rules! accessors {
    ($($(#[$doc:meta])* $get:ident $unwrap:ident $ty:ty, $pattern:pat => $value:expr;)*) => {
        impl Val {
            $($(#[$doc])*
            #[inline]
            pub fn $get(&self) -> Option<$ty> {
                match *self {
                    $pattern => Some($value),
                    _ => None,
                }
            }

            #[doc = concat!("Returns the value; see `", stringify!($get), "`.\n\n# Panics\n\nPanics if the value is of another type.")]
            #[inline]
            pub fn $unwrap(&self) -> $ty {
                self.$get().expect(concat!("expected ", stringify!($ty)))
            })*
        }
    };
}

accessors! {
    /// Returns the value if it is an `i32`.
    i32 unwrap_i32 i32, Val::I32(value) => value;
    /// Returns the value if it is an `i64`.
    i64 unwrap_i64 i64, Val::I64(value) => value;
    /// Returns the value if it is an `f32`.
    f32 unwrap_f32 f32, Val::F32(bits) => f32::from_bits(bits);
    /// Returns the value if it is an `f64`.
    f64 unwrap_f64 f64, Val::F64(bits) => f64::from_bits(bits);
    /// Returns the value if it is a `v128`.
    v128 unwrap_v128 V128, Val::V128(value) => value;
}

impl Val {
    /// Returns the value if it is a reference.
    pub fn ref_(&self) -> Option<Ref> {
        match *self {
            Val::FuncRef(func) => Some(Ref::Func(func)),
            Val::ExternRef(value) => Some(Ref::Extern(value)),
            _ => None,
        }
    }

    /// Returns the value as a reference; see [`Val::ref_`].
    ///
    /// # Panics
    ///
    /// Panics if the value is of another type.
    pub fn unwrap_ref(&self) -> Ref {
        self.ref_().expect("expected reference")
    }

    /// Returns the null reference of this kind.
    pub fn null_ref(heap_type: &HeapType) -> Val {
        Ref::null(heap_type).into()
    }

    /// Returns the null function reference.
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// Returns the null external reference.
    pub const fn null_extern_ref() -> Val {
        Val::ExternRef(None)
    }

    /// Returns the default of a type: zero or null; `None` for references that are never null.
    pub fn default_for_ty(ty: &ValType) -> Option<Val> {
        Some(match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128::from(0)),
            ValType::Ref(ty) if ty.is_nullable() => Val::null_ref(ty.heap_type()),
            ValType::Ref(_) => return None,
        })
    }

    /// Returns the narrowest type of the value.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn ty(&self, _store: impl AsContext) -> Result<ValType> {
        Ok(self.own_ty())
    }

    /// Returns `true` if the value is of type `ty`.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn matches_ty(&self, _store: impl AsContext, ty: &ValType) -> Result<bool> {
        Ok(self.fits(ty))
    }

    fn own_ty(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(func) => ValType::Ref(RefType::new(func.is_none(), HeapType::Func)),
            Val::ExternRef(value) => ValType::Ref(RefType::new(value.is_none(), HeapType::Extern)),
        }
    }

    fn fits(&self, ty: &ValType) -> bool {
        self.own_ty().matches(ty)
    }

    pub(crate) fn ensure_matches(&self, ty: &ValType) -> Result<()> {
        if self.fits(ty) {
            return Ok(());
        }
        let found = match self.own_ty() {
            // What the embedder wrote, rather than that it is not null.
            ValType::Ref(ty) => ValType::Ref(RefType::new(true, *ty.heap_type())),
            ty => ty,
        };
        bail!("type mismatch: expected {ty}, found {found}")
    }

    /// Checks that the value can be a result of type `ty` in a store.
    pub(crate) fn ensure_result(&self, store: StoreId, ty: &ValType) -> Result<()> {
        if !self.comes_from(store) {
            bail!("cross-`Store` values are not currently supported");
        }
        self.ensure_matches(ty)
    }

    pub(crate) fn comes_from(&self, store: StoreId) -> bool {
        match self {
            Val::FuncRef(Some(func)) => func.belongs_to(store),
            Val::ExternRef(Some(value)) => value.belongs_to(store),
            _ => true,
        }
    }

    /// Writes the value to the first slots and gives the others.
    pub(crate) fn store<'s>(&self, slots: &'s mut [u64]) -> &'s mut [u64] {
        let halves = self.to_halves();
        let count = if matches!(self, Val::V128(_)) { 2 } else { 1 };
        let (own, rest) = slots.split_at_mut(count);
        own.copy_from_slice(&halves[..count]);
        rest
    }

    /// Reads a value of type `ty` from the first slots and gives the others.
    pub(crate) fn load(ty: ValType, slots: &[u64], store: StoreId) -> (Val, &[u64]) {
        let (own, rest) = slots.split_at(ty.slots() as usize);
        let halves = [own[0], own.get(1).copied().unwrap_or(0)];
        (Val::from_halves(ty, halves, store), rest)
    }

    /// Reads a function's results.
    pub(crate) fn load_all(vals: &mut [Val], ty: &FuncType, mut slots: &[u64], store: StoreId) {
        for (val, ty) in vals.iter_mut().zip(ty.results()) {
            (*val, slots) = Val::load(ty, slots, store);
        }
    }

    /// Returns the value as it lies in two slots; only vectors use the second.
    pub(crate) fn to_halves(self) -> [u64; 2] {
        let low = match self {
            Val::I32(value) => u64::from(value as u32),
            Val::I64(value) => value as u64,
            Val::F32(bits) => bits.into(),
            Val::F64(bits) => bits,
            Val::V128(value) => return value.to_halves(),
            Val::FuncRef(func) => func.map_or(0, |func| func.raw_addr().to_raw()),
            Val::ExternRef(value) => value.map_or(0, |value| value.to_raw_ref()),
        };
        [low, 0]
    }

    /// Returns the value of type `ty` that lies in two slots.
    pub(crate) fn from_halves(ty: ValType, halves: [u64; 2], store: StoreId) -> Val {
        let low = halves[0];
        match ty {
            ValType::I32 => Val::I32(low as i32),
            ValType::I64 => Val::I64(low as i64),
            ValType::F32 => Val::F32(low as u32),
            ValType::F64 => Val::F64(low),
            ValType::V128 => Val::V128(V128::from_halves(halves)),
            ValType::Ref(ty) => match ty.heap_type() {
                HeapType::Func => {
                    Val::FuncRef(FuncAddr::from_raw(low).map(|addr| Func::from_addr(store, addr)))
                }
                HeapType::Extern => Val::ExternRef(Rooted::from_raw_ref(store, low)),
            },
        }
    }

    /// Returns the function if the value is a function reference; the inner `None` is null.
    pub fn func_ref(&self) -> Option<Option<&Func>> {
        match self {
            Val::FuncRef(func) => Some(func.as_ref()),
            _ => None,
        }
    }

    /// Returns the function; see [`Val::func_ref`].
    ///
    /// # Panics
    ///
    /// Panics if the value is of another type.
    pub fn unwrap_func_ref(&self) -> Option<&Func> {
        self.func_ref().expect("expected funcref")
    }

    /// Returns the function; see [`Val::func_ref`].
    ///
    /// # Panics
    ///
    /// Panics if the value is of another type.
    pub fn unwrap_funcref(&self) -> Option<&Func> {
        self.unwrap_func_ref()
    }

    /// Returns the host value if the value is an external reference; the inner `None` is null.
    pub fn extern_ref(&self) -> Option<Option<&Rooted<ExternRef>>> {
        match self {
            Val::ExternRef(value) => Some(value.as_ref()),
            _ => None,
        }
    }

    /// Returns the host value; see [`Val::extern_ref`].
    ///
    /// # Panics
    ///
    /// Panics if the value is of another type.
    pub fn unwrap_extern_ref(&self) -> Option<&Rooted<ExternRef>> {
        self.extern_ref().expect("expected externref")
    }

    /// Returns the host value; see [`Val::extern_ref`].
    ///
    /// # Panics
    ///
    /// Panics if the value is of another type.
    pub fn unwrap_externref(&self) -> Option<&Rooted<ExternRef>> {
        self.unwrap_extern_ref()
    }
}

macro_rules! conversions {
    ($($from:ty, $value:ident => $val:expr;)*) => {
        $(impl From<$from> for Val {
            #[inline]
            fn from($value: $from) -> Val {
                $val
            }
        })*
    };
}

conversions! {
    i32, value => Val::I32(value);
    u32, value => Val::I32(value as i32);
    i64, value => Val::I64(value);
    u64, value => Val::I64(value as i64);
    f32, value => Val::F32(value.to_bits());
    f64, value => Val::F64(value.to_bits());
    V128, value => Val::V128(value);
    Func, value => Val::FuncRef(Some(value));
    Option<Func>, value => Val::FuncRef(value);
    Rooted<ExternRef>, value => Val::ExternRef(Some(value));
    Option<Rooted<ExternRef>>, value => Val::ExternRef(value);
    Ref, value => match value {
        Ref::Func(func) => Val::FuncRef(func),
        Ref::Extern(value) => Val::ExternRef(value),
    };
}

impl ExternType {
    /// Creates a stand-in for a missing import: a function that traps, or a memory, table or global
    /// of zeros and nulls.
    ///
    /// # Errors
    ///
    /// Fails if there is no such value: the type has references that are never null.
    pub fn default_value(&self, mut store: impl crate::AsContextMut) -> Result<Extern> {
        let missing = |ty: &ValType| -> String { ty.to_string() };
        Ok(match self {
            ExternType::Func(ty) => {
                let results: Result<alloc::vec::Vec<Val>> = ty
                    .results()
                    .map(|ty| match Val::default_for_ty(&ty) {
                        Some(val) => Ok(val),
                        None => bail!("type has no default value: {}", missing(&ty)),
                    })
                    .collect();
                let defaults = results?;
                let func = Func::new(store, ty.clone(), move |_, _, results| {
                    results.copy_from_slice(&defaults);
                    Ok(())
                });
                func.into()
            }
            ExternType::Global(ty) => match Val::default_for_ty(ty.content()) {
                Some(val) => crate::Global::new(&mut store, ty.clone(), val)?.into(),
                None => bail!("type has no default value: {}", missing(ty.content())),
            },
            ExternType::Table(ty) if ty.element().is_nullable() => {
                let init = Ref::null(ty.element().heap_type());
                crate::Table::new(&mut store, ty.clone(), init)?.into()
            }
            ExternType::Table(ty) => bail!("type has no default value: {}", ty.element()),
            ExternType::Memory(ty) => crate::Memory::new(&mut store, ty.clone())?.into(),
        })
    }
}
