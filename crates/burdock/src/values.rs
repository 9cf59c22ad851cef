//! `Val` and `Ref`: values whose types are only known at run time.

mod exnref;
mod externref;
mod gc;
mod reference;
mod val_raw;

pub use exnref::{ExnRef, ExnRefPre};
pub use externref::{ExternRef, Rooted};
pub(crate) use gc::ExternRefs;
pub use gc::{GcHeapOutOfMemory, OwnedRooted, RootScope};
pub use reference::Ref;
pub use val_raw::ValRaw;

use crate::store::{StoreId, StoreOpaque};
use crate::types::raw;
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
    /// An exception, or null.
    ExnRef(Option<Rooted<ExnRef>>),
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
            Val::ExnRef(value) => Some(Ref::Exn(value)),
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
    ///
    /// # Panics
    ///
    /// Panics for internal references, which are not supported.
    pub fn null_ref(heap_type: &HeapType) -> Val {
        Ref::null(heap_type).into()
    }

    /// Returns the null function reference.
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// Returns the null exception reference.
    pub const fn null_exn_ref() -> Val {
        Val::ExnRef(None)
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
    ///
    /// # Panics
    ///
    /// Panics if the value belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> Result<ValType> {
        Ok(match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(None) => ValType::NULLFUNCREF,
            Val::FuncRef(Some(func)) => {
                let heap = HeapType::ConcreteFunc(func.ty(store));
                ValType::Ref(RefType::new(false, heap))
            }
            Val::ExternRef(None) => ValType::NULLEXTERNREF,
            Val::ExternRef(Some(_)) => ValType::Ref(RefType::new(false, HeapType::Extern)),
            Val::ExnRef(None) => ValType::NULLEXNREF,
            Val::ExnRef(Some(_)) => ValType::Ref(RefType::new(false, HeapType::Exn)),
        })
    }

    /// Returns `true` if the value is of type `ty`.
    ///
    /// # Errors
    ///
    /// Never fails.
    ///
    /// # Panics
    ///
    /// Panics if the value belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ValType) -> Result<bool> {
        Ok(self.fits(store.as_context().opaque(), &ty.raw()))
    }

    /// Returns `true` if the value, which belongs to the store, is of type `ty`.
    fn fits(&self, store: &StoreOpaque, ty: &raw::ValType) -> bool {
        let null = |top: raw::HeapType| match ty {
            raw::ValType::Ref(ty) => ty.nullable && ty.heap.top() == top,
            _ => false,
        };
        match (self, ty) {
            (Val::I32(_), raw::ValType::I32)
            | (Val::I64(_), raw::ValType::I64)
            | (Val::F32(_), raw::ValType::F32)
            | (Val::F64(_), raw::ValType::F64)
            | (Val::V128(_), raw::ValType::V128) => true,
            (Val::FuncRef(None), _) => null(raw::HeapType::Func),
            (Val::ExternRef(None), _) => null(raw::HeapType::Extern),
            (Val::ExnRef(None), _) => null(raw::HeapType::Exn),
            (Val::FuncRef(Some(func)), raw::ValType::Ref(ty)) => match ty.heap {
                raw::HeapType::Func => true,
                raw::HeapType::ConcreteFunc(expected) => {
                    let own = store.vm.func(func.addr(store.id())).ty;
                    store.engine().types().is_subtype(own, expected)
                }
                _ => false,
            },
            (Val::ExternRef(Some(_)), raw::ValType::Ref(ty)) => ty.heap == raw::HeapType::Extern,
            (Val::ExnRef(Some(_)), raw::ValType::Ref(ty)) => ty.heap == raw::HeapType::Exn,
            _ => false,
        }
    }

    /// Returns the type that messages say a value has: what the embedder wrote, rather than that it
    /// is not null.
    fn shown_ty(&self) -> raw::ValType {
        match self {
            Val::I32(_) => raw::ValType::I32,
            Val::I64(_) => raw::ValType::I64,
            Val::F32(_) => raw::ValType::F32,
            Val::F64(_) => raw::ValType::F64,
            Val::V128(_) => raw::ValType::V128,
            Val::FuncRef(_) => raw::ValType::FUNCREF,
            Val::ExternRef(_) => raw::ValType::EXTERNREF,
            Val::ExnRef(_) => raw::ValType::Ref(raw::RefType::new(true, raw::HeapType::Exn)),
        }
    }

    /// Checks that the value, which belongs to the store, is of type `ty`.
    pub(crate) fn ensure_matches(&self, store: &StoreOpaque, ty: &raw::ValType) -> Result<()> {
        if self.fits(store, ty) {
            return Ok(());
        }
        bail!("type mismatch: expected {ty}, found {}", self.shown_ty())
    }

    /// Checks that the value can be a result of type `ty` in a store.
    pub(crate) fn ensure_result(&self, store: &StoreOpaque, ty: &raw::ValType) -> Result<()> {
        if !self.comes_from(store.id()) {
            bail!("cross-`Store` values are not currently supported");
        }
        self.ensure_matches(store, ty)
    }

    pub(crate) fn comes_from(&self, store: StoreId) -> bool {
        match self {
            Val::FuncRef(Some(func)) => func.belongs_to(store),
            Val::ExternRef(Some(value)) => value.belongs_to(store),
            Val::ExnRef(Some(value)) => value.belongs_to(store),
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
    pub(crate) fn load(ty: raw::ValType, slots: &[u64], store: StoreId) -> (Val, &[u64]) {
        let (own, rest) = slots.split_at(ty.slots() as usize);
        let halves = [own[0], own.get(1).copied().unwrap_or(0)];
        (Val::from_halves(ty, halves, store), rest)
    }

    /// Reads a function's results.
    pub(crate) fn load_all(vals: &mut [Val], ty: &FuncType, mut slots: &[u64], store: StoreId) {
        for (val, ty) in vals.iter_mut().zip(ty.raw().results()) {
            (*val, slots) = Val::load(*ty, slots, store);
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
            Val::ExnRef(value) => value.map_or(0, |value| value.raw_ref()),
        };
        [low, 0]
    }

    /// Returns the value of type `ty` that lies in two slots.
    pub(crate) fn from_halves(ty: raw::ValType, halves: [u64; 2], store: StoreId) -> Val {
        let low = halves[0];
        match ty {
            raw::ValType::I32 => Val::I32(low as i32),
            raw::ValType::I64 => Val::I64(low as i64),
            raw::ValType::F32 => Val::F32(low as u32),
            raw::ValType::F64 => Val::F64(low),
            raw::ValType::V128 => Val::V128(V128::from_halves(halves)),
            raw::ValType::Ref(ty) => match ty.heap.top() {
                raw::HeapType::Extern => Val::ExternRef(Rooted::from_raw_ref(store, low)),
                raw::HeapType::Exn => Val::ExnRef(Rooted::from_exception(store, low)),
                raw::HeapType::Func => {
                    Val::FuncRef(FuncAddr::from_raw(low).map(|addr| Func::from_addr(store, addr)))
                }
                // `Config::wasm_gc` says that objects are not shown.
                _ => Val::FuncRef(None),
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

    /// Returns the exception if the value is an exception reference; the inner `None` is null.
    pub fn exn_ref(&self) -> Option<Option<&Rooted<ExnRef>>> {
        match self {
            Val::ExnRef(value) => Some(value.as_ref()),
            _ => None,
        }
    }

    /// Returns the exception; see [`Val::exn_ref`].
    ///
    /// # Panics
    ///
    /// Panics if the value is of another type.
    pub fn unwrap_exn_ref(&self) -> Option<&Rooted<ExnRef>> {
        self.exn_ref().expect("expected exnref")
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
    Rooted<ExnRef>, value => Val::ExnRef(Some(value));
    Option<Rooted<ExnRef>>, value => Val::ExnRef(value);
    Ref, value => match value {
        Ref::Func(func) => Val::FuncRef(func),
        Ref::Extern(value) => Val::ExternRef(value),
        Ref::Exn(value) => Val::ExnRef(value),
    };
}

impl ExternType {
    /// Creates a stand-in for a missing import: a function that traps, a memory, table or global
    /// of zeros and nulls, or a tag.
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
            ExternType::Tag(ty) => crate::Tag::new(&mut store, ty)?.into(),
        })
    }
}
