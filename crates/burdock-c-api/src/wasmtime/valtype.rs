//! `wasmtime_valtype_t`: types of values with all that Wasm distinguishes.

use std::ffi::c_void;

use burdock::{HeapType, RefType, ValType};

use crate::abi::{Given, Out, fail, fill};
use crate::wasm::engine::wasm_engine_t;
use crate::wasm::entity_types::wasm_functype_t;
use crate::wasm::valtype::wasm_valtype_t;
use crate::wasmtime::composite::{
    wasmtime_array_type_t, wasmtime_exn_type_t, wasmtime_struct_type_t,
};

/// The type of a referent. The concrete type is owned.
#[repr(C)]
pub(crate) struct wasmtime_heaptype_t {
    kind: u8,
    concrete: *mut c_void,
}

/// The type of a reference.
#[repr(C)]
pub(crate) struct wasmtime_reftype_t {
    nullable: bool,
    heap_type: wasmtime_heaptype_t,
}

/// The type of a value. The reference's type has meaning only if the kind says that the value is a
/// reference.
#[repr(C)]
pub(crate) struct wasmtime_valtype_t {
    kind: u8,
    reftype: wasmtime_reftype_t,
}

const CONCRETE_FUNC: u8 = 3;
const CONCRETE_ARRAY: u8 = 10;
const CONCRETE_STRUCT: u8 = 12;
const CONCRETE_EXN: u8 = 14;

/// The kinds of abstract types.
const ABSTRACT: [(u8, HeapType); 12] = [
    (0, HeapType::Extern),
    (1, HeapType::NoExtern),
    (2, HeapType::Func),
    (4, HeapType::NoFunc),
    (5, HeapType::Any),
    (6, HeapType::None),
    (7, HeapType::Eq),
    (8, HeapType::I31),
    (9, HeapType::Array),
    (11, HeapType::Struct),
    (13, HeapType::Exn),
    (15, HeapType::NoExn),
];

/// The kinds of types that are no references.
const NUMERIC: [(u8, ValType); 5] = [
    (0, ValType::I32),
    (1, ValType::I64),
    (2, ValType::F32),
    (3, ValType::F64),
    (4, ValType::V128),
];
const REF: u8 = 5;

/// A concrete type of one of the kinds that there are.
enum Concrete<F, A, S, E> {
    Func(F),
    Array(A),
    Struct(S),
    Exn(E),
}

/// A concrete type in a description.
type Borrowed<'a> = Concrete<
    &'a wasm_functype_t,
    &'a wasmtime_array_type_t,
    &'a wasmtime_struct_type_t,
    &'a wasmtime_exn_type_t,
>;

fn owned<T>(ty: T) -> *mut c_void {
    Box::into_raw(Box::new(ty)).cast()
}

impl wasmtime_heaptype_t {
    /// Describes a type of the engine.
    pub(crate) fn new(ty: &HeapType) -> Self {
        let (kind, concrete) = match ty {
            // The C API has no names for exact types, and no switch that lets modules use them.
            HeapType::ConcreteFunc(ty) | HeapType::ExactFunc(ty) => {
                (CONCRETE_FUNC, owned(wasm_functype_t::new(ty)))
            }
            HeapType::ConcreteArray(ty) | HeapType::ExactArray(ty) => {
                (CONCRETE_ARRAY, owned(wasmtime_array_type_t(ty.clone())))
            }
            HeapType::ConcreteStruct(ty) | HeapType::ExactStruct(ty) => {
                (CONCRETE_STRUCT, owned(wasmtime_struct_type_t(ty.clone())))
            }
            HeapType::ConcreteExn(ty) => (CONCRETE_EXN, owned(wasmtime_exn_type_t(ty.clone()))),
            ty => {
                let kind = ABSTRACT.iter().find(|(_, abstract_type)| abstract_type == ty);
                (kind.expect("the list has all abstract types").0, std::ptr::null_mut())
            }
        };
        Self { kind, concrete }
    }

    /// Returns the concrete type. Ends the process if it is null.
    fn concrete(&self, what: &str) -> Option<Borrowed<'_>> {
        match self.kind {
            CONCRETE_FUNC => {
                // SAFETY: [HEADER] a description of this kind has a function type, or null.
                let ty = unsafe { self.concrete.cast::<wasm_functype_t>().as_ref() };
                Some(Concrete::Func(ty.given(what)))
            }
            CONCRETE_ARRAY => {
                // SAFETY: [HEADER] a description of this kind has an array type, or null.
                let ty = unsafe { self.concrete.cast::<wasmtime_array_type_t>().as_ref() };
                Some(Concrete::Array(ty.given(what)))
            }
            CONCRETE_STRUCT => {
                // SAFETY: [HEADER] a description of this kind has a structure type, or null.
                let ty = unsafe { self.concrete.cast::<wasmtime_struct_type_t>().as_ref() };
                Some(Concrete::Struct(ty.given(what)))
            }
            CONCRETE_EXN => {
                // SAFETY: [HEADER] a description of this kind has an exception type, or null.
                let ty = unsafe { self.concrete.cast::<wasmtime_exn_type_t>().as_ref() };
                Some(Concrete::Exn(ty.given(what)))
            }
            _ => None,
        }
    }

    fn copied(&self, what: &str) -> Self {
        let concrete = match self.concrete(what) {
            None => std::ptr::null_mut(),
            Some(Concrete::Func(ty)) => owned(ty.clone()),
            Some(Concrete::Array(ty)) => owned(ty.clone()),
            Some(Concrete::Struct(ty)) => owned(ty.clone()),
            Some(Concrete::Exn(ty)) => owned(ty.clone()),
        };
        Self { kind: self.kind, concrete }
    }

    /// Returns the type for the engine. Ends the process if there is no such type.
    fn get(&self, engine: Option<&wasm_engine_t>, what: &str) -> HeapType {
        match self.concrete(what) {
            Some(Concrete::Func(ty)) => HeapType::ConcreteFunc(ty.ty(&engine.given(what).engine)),
            Some(Concrete::Array(ty)) => HeapType::ConcreteArray(ty.0.clone()),
            Some(Concrete::Struct(ty)) => HeapType::ConcreteStruct(ty.0.clone()),
            Some(Concrete::Exn(ty)) => HeapType::ConcreteExn(ty.0.clone()),
            None => match ABSTRACT.iter().find(|(kind, _)| *kind == self.kind) {
                Some((_, ty)) => ty.clone(),
                None => fail(&format!("{what}: there is no heap type of kind {}", self.kind)),
            },
        }
    }

    /// Deletes the concrete type, and leaves a type without one.
    fn delete(&mut self) {
        let Self { kind, concrete } = std::mem::replace(self, Self::new(&HeapType::Extern));
        if concrete.is_null() {
            return;
        }
        match kind {
            CONCRETE_FUNC => {
                // SAFETY: [HEADER] the description owned its function type.
                drop(unsafe { Box::<wasm_functype_t>::from_raw(concrete.cast()) });
            }
            CONCRETE_ARRAY => {
                // SAFETY: [HEADER] the description owned its array type.
                drop(unsafe { Box::<wasmtime_array_type_t>::from_raw(concrete.cast()) });
            }
            CONCRETE_STRUCT => {
                // SAFETY: [HEADER] the description owned its structure type.
                drop(unsafe { Box::<wasmtime_struct_type_t>::from_raw(concrete.cast()) });
            }
            CONCRETE_EXN => {
                // SAFETY: [HEADER] the description owned its exception type.
                drop(unsafe { Box::<wasmtime_exn_type_t>::from_raw(concrete.cast()) });
            }
            _ => {}
        }
    }
}

impl wasmtime_reftype_t {
    fn new(ty: &RefType) -> Self {
        let heap_type = wasmtime_heaptype_t::new(ty.heap_type());
        Self { nullable: ty.is_nullable(), heap_type }
    }

    fn copied(&self, what: &str) -> Self {
        Self { nullable: self.nullable, heap_type: self.heap_type.copied(what) }
    }
}

impl wasmtime_valtype_t {
    fn new(ty: &ValType) -> Self {
        match ty {
            ValType::Ref(ty) => Self { kind: REF, reftype: wasmtime_reftype_t::new(ty) },
            ty => {
                let kind = NUMERIC.iter().find(|(_, numeric)| numeric == ty);
                Self::numeric(kind.expect("the list has all types but references").0)
            }
        }
    }

    fn numeric(kind: u8) -> Self {
        let reftype = wasmtime_reftype_t::new(&RefType::new(false, HeapType::Extern));
        Self { kind, reftype }
    }

    /// Returns the type for the engine. Ends the process if there is no such type.
    fn get(&self, engine: Option<&wasm_engine_t>, what: &str) -> ValType {
        if self.kind == REF {
            let heap_type = self.reftype.heap_type.get(engine, what);
            return ValType::Ref(RefType::new(self.reftype.nullable, heap_type));
        }
        match NUMERIC.iter().find(|(kind, _)| *kind == self.kind) {
            Some((_, ty)) => ty.clone(),
            None => fail(&format!("{what}: there is no type of kind {}", self.kind)),
        }
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_heaptype_clone(
    ty: Option<&wasmtime_heaptype_t>,
    out: Out<'_, wasmtime_heaptype_t>,
) {
    let what = "wasmtime_heaptype_clone: type";
    fill(out, ty.given(what).copied(what));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_heaptype_delete(ty: Option<&mut wasmtime_heaptype_t>) {
    if let Some(ty) = ty {
        ty.delete();
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_reftype_clone(
    ty: Option<&wasmtime_reftype_t>,
    out: Out<'_, wasmtime_reftype_t>,
) {
    let what = "wasmtime_reftype_clone: type";
    fill(out, ty.given(what).copied(what));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_reftype_delete(ty: Option<&mut wasmtime_reftype_t>) {
    if let Some(ty) = ty {
        ty.heap_type.delete();
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_valtype_new(
    ty: Option<&wasm_valtype_t>,
    out: Out<'_, wasmtime_valtype_t>,
) {
    fill(out, wasmtime_valtype_t::new(&ty.given("wasmtime_valtype_new: type").0));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_valtype_clone(
    ty: Option<&wasmtime_valtype_t>,
    out: Out<'_, wasmtime_valtype_t>,
) {
    let what = "wasmtime_valtype_clone: type";
    let ty = ty.given(what);
    let copied = match ty.kind {
        REF => wasmtime_valtype_t { kind: REF, reftype: ty.reftype.copied(what) },
        kind => wasmtime_valtype_t::numeric(kind),
    };
    fill(out, copied);
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_valtype_delete(ty: Option<&mut wasmtime_valtype_t>) {
    if let Some(ty) = ty.filter(|ty| ty.kind == REF) {
        ty.reftype.heap_type.delete();
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasmtime_valtype_to_wasm(
    engine: Option<&wasm_engine_t>,
    ty: Option<&wasmtime_valtype_t>,
) -> Box<wasm_valtype_t> {
    let ty = ty.given("wasmtime_valtype_to_wasm: type");
    Box::new(wasm_valtype_t(ty.get(engine, "wasmtime_valtype_to_wasm")))
}
