//! Values as they lie in slots, and the checks that they are of the types that are expected there.

use super::{Rooting, Val};
use crate::error::Context;
use crate::store::StoreOpaque;
use crate::types::raw;
use crate::{Func, FuncType, Result, V128, bail};
use burdock_core::heap::Reference;
use burdock_core::{FuncAddr, TypeId};

impl StoreOpaque {
    /// Returns `true` if the host may pass a reference in a slot as one of type `ty`, which is of
    /// the same hierarchy.
    pub(crate) fn is_ref_of_type(&self, slot: u64, ty: &raw::RefType) -> bool {
        match (FuncAddr::from_raw(slot), ty.heap) {
            (None, _) => ty.nullable,
            (Some(func), raw::HeapType::ConcreteFunc(expected)) => {
                self.may_pass_func(func, expected)
            }
            (Some(func), raw::HeapType::ExactFunc(expected)) => self.vm.func(func).ty == expected,
            (_, raw::HeapType::Func) => true,
            (_, raw::HeapType::NoFunc) => false,
            (_, heap) => self.is_of_type(Reference::from_slot(slot), heap),
        }
    }

    /// Returns `true` if the host may pass a function where guests expect one of type `expected`.
    //
    // This asks less than the specification does, as in Wasmtime: a function whose type has the
    // form of a subtype is passed even if no module declares it as one. `call_ref` works with such
    // a function, because its parameters and results take the same slots. Casts and indirect calls
    // compare declarations.
    pub(super) fn may_pass_func(&self, func: FuncAddr, expected: TypeId) -> bool {
        let actual = self.vm.func(func).ty;
        let ty = |id| FuncType::from_id(self.engine(), id);
        actual == expected || ty(actual).matches(&ty(expected))
    }
}

impl Val {
    /// Returns `true` if the value, whose first slot is `slot`, is of type `ty`.
    pub(super) fn fits(&self, store: &StoreOpaque, slot: u64, ty: &raw::ValType) -> bool {
        let (val, ty) = match (self, ty) {
            (Val::I32(_), raw::ValType::I32)
            | (Val::I64(_), raw::ValType::I64)
            | (Val::F32(_), raw::ValType::F32)
            | (Val::F64(_), raw::ValType::F64)
            | (Val::V128(_), raw::ValType::V128) => return true,
            (val, raw::ValType::Ref(ty)) => (val, ty),
            _ => return false,
        };
        let top = match val {
            Val::FuncRef(_) => raw::HeapType::Func,
            Val::ExternRef(_) => raw::HeapType::Extern,
            Val::AnyRef(_) => raw::HeapType::Any,
            Val::ExnRef(_) => raw::HeapType::Exn,
            _ => return false,
        };
        ty.heap.top() == top && store.is_ref_of_type(slot, ty)
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
            Val::AnyRef(_) => raw::ValType::Ref(raw::RefType::new(true, raw::HeapType::Any)),
            Val::ExnRef(_) => raw::ValType::Ref(raw::RefType::new(true, raw::HeapType::Exn)),
        }
    }

    /// Returns the value as it lies in two slots, of which only vectors use the second.
    ///
    /// # Errors
    ///
    /// Fails if the value belongs to another store, or if nothing holds its object any more.
    pub(crate) fn lower(&self, store: &StoreOpaque) -> Result<[u64; 2]> {
        let low = match self {
            Val::I32(value) => u64::from(*value as u32),
            Val::I64(value) => *value as u64,
            Val::F32(bits) => u64::from(*bits),
            Val::F64(bits) => *bits,
            Val::V128(value) => return Ok(value.to_halves()),
            Val::FuncRef(Some(func)) if !func.belongs_to(store.id()) => {
                bail!("cross-`Store` values are not currently supported")
            }
            Val::FuncRef(func) => func.map_or(0, |func| func.raw_addr().to_raw()),
            Val::ExternRef(value) => value.map_or(Ok(0), |value| value.root().lower(store))?,
            Val::AnyRef(value) => value.map_or(Ok(0), |value| value.root().lower(store))?,
            Val::ExnRef(value) => value.map_or(Ok(0), |value| value.root().lower(store))?,
        };
        Ok([low, 0])
    }

    /// Returns the value as it lies in two slots if it is of type `ty`.
    ///
    /// # Errors
    ///
    /// Fails if it is of another type or belongs to another store, or if nothing holds its object
    /// any more.
    pub(crate) fn lower_as(&self, store: &StoreOpaque, ty: &raw::ValType) -> Result<[u64; 2]> {
        let halves = self.lower(store)?;
        self.ensure_fits(store, halves[0], ty)?;
        Ok(halves)
    }

    /// Returns the value as it lies in two slots if it can be an argument of type `ty`.
    ///
    /// # Errors
    ///
    /// Fails if it is of another type or belongs to another store, or if nothing holds its object
    /// any more.
    pub(crate) fn lower_argument(
        &self,
        store: &StoreOpaque,
        ty: &raw::ValType,
    ) -> Result<[u64; 2]> {
        let halves = self.lower(store)?;
        self.ensure_fits(store, halves[0], ty).context("argument type mismatch")?;
        Ok(halves)
    }

    fn ensure_fits(&self, store: &StoreOpaque, slot: u64, ty: &raw::ValType) -> Result<()> {
        if !self.fits(store, slot, ty) {
            bail!("type mismatch: expected {ty}, found {}", self.shown_ty())
        }
        Ok(())
    }

    /// Reads a value of type `ty` from the first slots and gives the others.
    pub(crate) fn load<'a>(
        ty: raw::ValType,
        slots: &'a [u64],
        rooting: Rooting<'_>,
    ) -> (Val, &'a [u64]) {
        let (own, rest) = slots.split_at(ty.slots() as usize);
        let halves = [own[0], own.get(1).copied().unwrap_or(0)];
        (Val::from_halves(ty, halves, rooting), rest)
    }

    /// Reads a function's results. The current scope holds those that are references.
    pub(crate) fn load_all(vals: &mut [Val], ty: &FuncType, slots: &[u64], store: &StoreOpaque) {
        let mut slots = slots;
        for (val, ty) in vals.iter_mut().zip(ty.raw().results()) {
            (*val, slots) = Val::load(*ty, slots, Rooting::Scoped(store));
        }
    }

    /// Returns the value of type `ty` that lies in two slots.
    pub(crate) fn from_halves(ty: raw::ValType, halves: [u64; 2], rooting: Rooting<'_>) -> Val {
        let low = halves[0];
        match ty {
            raw::ValType::I32 => Val::I32(low as i32),
            raw::ValType::I64 => Val::I64(low as i64),
            raw::ValType::F32 => Val::F32(low as u32),
            raw::ValType::F64 => Val::F64(low),
            raw::ValType::V128 => Val::V128(V128::from_halves(halves)),
            raw::ValType::Ref(ty) => match ty.heap.top() {
                raw::HeapType::Extern => Val::ExternRef(rooting.root(low)),
                raw::HeapType::Exn => Val::ExnRef(rooting.root(low)),
                raw::HeapType::Func => {
                    let func = FuncAddr::from_raw(low);
                    Val::FuncRef(func.map(|addr| Func::from_addr(rooting.store(), addr)))
                }
                _ => Val::AnyRef(rooting.root(low)),
            },
        }
    }
}
