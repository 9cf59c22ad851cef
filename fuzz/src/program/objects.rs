//! Objects: types that are related in the ways that casts tell apart, expressions of reference
//! types, and what can be observed of objects.

use super::Body;
use ValType::{F32, F64, I32, I64, V128};
use arbitrary::{Result, Unstructured};
use wasm_encoder::{
    AbstractHeapType as Abstract, ArrayType, CompositeInnerType, CompositeType, ConstExpr,
    ElementSection, Elements, FieldType, HeapType, Instruction as I, RefType, StorageType,
    StructType, SubType, TypeSection, ValType,
};

/// A structure from which others are derived.
const BASE: u32 = 0;
/// Derived from `BASE`.
const MIDDLE: u32 = 1;
/// Derived from `MIDDLE`, and final.
const LEAF: u32 = 2;
/// A structure that is related to no other.
const OTHER: u32 = 3;
/// Derived from `BASE`, as `MIDDLE` is.
const SIBLING: u32 = 4;
pub(super) const BYTES: u32 = 5;
const HALVES: u32 = 6;
const WORDS: u32 = 7;
const LONGS: u32 = 8;
const DOUBLES: u32 = 9;
const VECTORS: u32 = 10;
/// References to `BASE`.
pub(super) const REFS: u32 = 11;
pub(super) const ANYS: u32 = 12;
/// The number of these types.
pub(super) const TYPES: u32 = 13;

pub(super) const ARRAYS: std::ops::RangeInclusive<u32> = BYTES..=ANYS;

pub(super) const ANY: ValType = abstract_ref(Abstract::Any);
pub(super) const EXTERN: ValType = abstract_ref(Abstract::Extern);
pub(super) const EXN: ValType = abstract_ref(Abstract::Exn);

/// The types of a program's globals that are references.
pub(super) const GLOBALS: [ValType; 4] = [concrete(BASE), ANY, concrete(REFS), EXTERN];

const fn abstract_ref(ty: Abstract) -> ValType {
    ValType::Ref(RefType { nullable: true, heap_type: HeapType::Abstract { shared: false, ty } })
}

pub(super) const fn concrete(ty: u32) -> ValType {
    ValType::Ref(RefType { nullable: true, heap_type: HeapType::Concrete(ty) })
}

const fn not_null(ty: u32) -> ValType {
    ValType::Ref(RefType { nullable: false, heap_type: HeapType::Concrete(ty) })
}

/// Returns a type of references.
pub(super) fn ref_type(u: &mut Unstructured<'_>) -> Result<ValType> {
    if u.ratio(1, 3)? {
        use Abstract::{Any, Array, Eq, Extern, I31, Struct};
        return Ok(abstract_ref(*u.choose(&[Any, Any, Eq, Struct, Array, I31, Extern])?));
    }
    Ok(concrete(u.int_in_range(0..=TYPES - 1)?))
}

/// Returns the fields of a structure.
pub(super) fn fields(ty: u32) -> Vec<StorageType> {
    let val = StorageType::Val;
    let base = vec![val(I32), StorageType::I8];
    let middle = [base.clone(), vec![val(I64), val(concrete(BASE))]].concat();
    match ty {
        BASE => base,
        MIDDLE => middle,
        LEAF => [middle, vec![val(F64), val(ANY), StorageType::I16, val(V128)]].concat(),
        SIBLING => [base, vec![val(F32), val(concrete(ANYS))]].concat(),
        _ => vec![val(F32), StorageType::I16, val(concrete(OTHER)), val(concrete(BYTES)), val(I64)],
    }
}

/// Returns the type of an array's elements.
pub(super) fn element(ty: u32) -> StorageType {
    match ty {
        BYTES => StorageType::I8,
        HALVES => StorageType::I16,
        WORDS => StorageType::Val(I32),
        LONGS => StorageType::Val(I64),
        DOUBLES => StorageType::Val(F64),
        VECTORS => StorageType::Val(V128),
        REFS => StorageType::Val(concrete(BASE)),
        _ => StorageType::Val(ANY),
    }
}

/// Returns the type of a value in a field or element of this type.
fn unpacked(ty: StorageType) -> ValType {
    match ty {
        StorageType::Val(ty) => ty,
        _ => I32,
    }
}

/// Writes the types, one recursion group.
pub(super) fn define_types(types: &mut TypeSection) {
    let mutable = |element_type| FieldType { element_type, mutable: true };
    let all = (0..TYPES).map(|ty| {
        let inner = if ARRAYS.contains(&ty) {
            CompositeInnerType::Array(ArrayType(mutable(element(ty))))
        } else {
            let fields = fields(ty).into_iter().map(mutable).collect();
            CompositeInnerType::Struct(StructType { fields })
        };
        let supertype_idxs = match ty {
            MIDDLE | SIBLING => vec![BASE],
            LEAF => vec![MIDDLE],
            _ => vec![],
        };
        SubType {
            is_final: !matches!(ty, BASE | MIDDLE),
            supertype_idxs: supertype_idxs.into(),
            composite_type: CompositeType {
                inner,
                shared: false,
                descriptor: None,
                describes: None,
            },
        }
    });
    types.ty().rec(all);
}

/// Writes a passive segment of references to objects.
pub(super) fn segments(elems: &mut ElementSection) {
    let object = |ty| ConstExpr::extended([I::StructNewDefault(ty)]);
    let null = ConstExpr::ref_null(HeapType::Concrete(BASE));
    let all = [object(BASE), null, object(LEAF), object(MIDDLE), object(SIBLING)];
    let ValType::Ref(ty) = concrete(BASE) else { unreachable!("a reference") };
    elems.passive(Elements::Expressions(ty, all.as_slice().into()));
}

impl Body<'_, '_, '_> {
    /// Returns a type of objects that are of this type.
    fn subtype(&mut self, ty: HeapType) -> Result<u32> {
        let of_base = [BASE, MIDDLE, LEAF, SIBLING];
        Ok(match ty {
            HeapType::Concrete(BASE) => *self.u.choose(&of_base)?,
            HeapType::Concrete(MIDDLE) => *self.u.choose(&[MIDDLE, LEAF])?,
            HeapType::Concrete(ty) => ty,
            HeapType::Abstract { ty: Abstract::Struct, .. } => self.pick(BYTES)?,
            HeapType::Abstract { ty: Abstract::Array, .. } => BYTES + self.pick(TYPES - BYTES)?,
            _ => self.pick(TYPES)?,
        })
    }

    /// A reference of this type that needs no other value.
    pub(super) fn small_object(&mut self, ty: HeapType) -> Result<()> {
        let HeapType::Abstract { ty: kind, .. } = ty else {
            return if self.pick(4)? == 0 { self.null(ty) } else { self.default_object(ty) };
        };
        match (kind, self.pick(4)?) {
            (_, 0) | (Abstract::Exn, _) => self.null(ty),
            (Abstract::I31, _) | (Abstract::Any | Abstract::Eq, 1) => {
                let bits = self.u.arbitrary()?;
                self.emit(I::I32Const(bits));
                self.emit(I::RefI31);
                Ok(())
            }
            (Abstract::Extern, _) => {
                self.default_object(ty)?;
                self.emit(I::ExternConvertAny);
                Ok(())
            }
            _ => self.default_object(ty),
        }
    }

    fn null(&mut self, ty: HeapType) -> Result<()> {
        self.emit(I::RefNull(ty));
        Ok(())
    }

    /// An object with zeros in it, which is never null.
    fn default_object(&mut self, ty: HeapType) -> Result<()> {
        let ty = self.subtype(ty)?;
        self.default_of(ty)
    }

    fn default_of(&mut self, ty: u32) -> Result<()> {
        if ARRAYS.contains(&ty) {
            let length = self.pick(9)?;
            self.emit(I::I32Const(length as i32));
            self.emit(I::ArrayNewDefault(ty));
        } else {
            self.emit(I::StructNewDefault(ty));
        }
        Ok(())
    }

    /// A value for a field or an element.
    pub(super) fn stored(&mut self, ty: StorageType, depth: u32) -> Result<()> {
        self.expr(unpacked(ty), depth)
    }

    /// An expression of a reference type.
    pub(super) fn object(&mut self, ty: HeapType, depth: u32) -> Result<()> {
        if let HeapType::Abstract { ty: kind, .. } = ty {
            match (kind, self.pick(6)?) {
                (Abstract::Exn, _) => return self.leaf(EXN),
                (Abstract::I31, _) | (Abstract::Any | Abstract::Eq, 0) => {
                    self.expr(I32, depth)?;
                    self.emit(I::RefI31);
                    return Ok(());
                }
                (Abstract::Extern, _) => {
                    self.expr(ANY, depth)?;
                    self.emit(I::ExternConvertAny);
                    return Ok(());
                }
                (Abstract::Any, 1) => {
                    self.expr(EXTERN, depth)?;
                    self.emit(I::AnyConvertExtern);
                    return Ok(());
                }
                _ => {}
            }
        }
        match self.pick(8)? {
            0 => self.leaf(ValType::Ref(RefType { nullable: true, heap_type: ty })),
            1 => self.cast(ty, depth),
            2 => self.held(ty, depth),
            _ => {
                let ty = self.subtype(ty)?;
                self.new_object(ty, depth)
            }
        }
    }

    /// A new object of exactly this type.
    fn new_object(&mut self, ty: u32, depth: u32) -> Result<()> {
        if !ARRAYS.contains(&ty) {
            if self.pick(4)? == 0 {
                return self.default_of(ty);
            }
            for field in fields(ty) {
                self.stored(field, depth.min(2))?;
            }
            self.emit(I::StructNew(ty));
            return Ok(());
        }
        let length = self.pick(9)?;
        match self.pick(4)? {
            0 => self.default_of(ty)?,
            1 => {
                self.stored(element(ty), depth)?;
                self.emit(I::I32Const(length as i32));
                self.emit(I::ArrayNew(ty));
            }
            2 => {
                for _ in 0..length.min(4) {
                    self.stored(element(ty), depth.min(1))?;
                }
                self.emit(I::ArrayNewFixed { array_type_index: ty, array_size: length.min(4) });
            }
            _ => {
                let from = self.pick(4)?;
                self.emit(I::I32Const(from as i32));
                let of_refs = matches!(ty, REFS | ANYS);
                let length = if of_refs { length.min(2) } else { length };
                self.emit(I::I32Const(length as i32));
                self.emit(match of_refs {
                    true => I::ArrayNewElem { array_type_index: ty, array_elem_index: 1 },
                    false => I::ArrayNewData { array_type_index: ty, array_data_index: 1 },
                });
            }
        }
        Ok(())
    }

    /// A reference out of a cast: one that traps, or one that branches and ends in another object
    /// where it fails.
    fn cast(&mut self, ty: HeapType, depth: u32) -> Result<()> {
        let to = RefType { nullable: true, heap_type: ty };
        let HeapType::Concrete(index) = ty else {
            return self.leaf(ValType::Ref(to));
        };
        let from = *self.u.choose(&[ANY, abstract_ref(Abstract::Eq)])?;
        let ValType::Ref(from_ref_type) = from else { unreachable!("a reference") };
        match self.pick(6)? {
            0 => {
                self.expr(from, depth)?;
                self.emit(I::RefCastNullable(ty));
            }
            1 | 2 => {
                let block = self.block_type(&[], &[ValType::Ref(to)]);
                self.emit(I::Block(block));
                self.labels.push((vec![ValType::Ref(to)], false));
                self.expr(from, depth)?;
                self.emit(I::BrOnCast { relative_depth: 0, from_ref_type, to_ref_type: to });
                self.emit(I::Drop);
                self.default_of(index)?;
                self.close();
            }
            3 | 4 => {
                let to = RefType { nullable: false, heap_type: ty };
                let rest = from;
                let block = self.block_type(&[], &[rest]);
                self.emit(I::Block(block));
                self.labels.push((vec![rest], false));
                self.expr(from, depth)?;
                self.emit(I::BrOnCastFail { relative_depth: 0, from_ref_type, to_ref_type: to });
                self.close();
                self.emit(I::RefTestNonNull(ty));
                self.emit(I::If(wasm_encoder::BlockType::Empty));
                self.labels.push((vec![], false));
                self.statement(depth)?;
                self.close();
                self.default_of(index)?;
            }
            _ => {
                self.not_null(index, depth)?;
            }
        }
        Ok(())
    }

    /// An object of this type or a subtype, never null.
    pub(super) fn not_null(&mut self, ty: u32, depth: u32) -> Result<()> {
        let block = self.block_type(&[], &[not_null(ty)]);
        self.emit(I::Block(block));
        // A branch to here would need a value of its own that is not null.
        self.labels.push((vec![not_null(ty)], true));
        match self.pick(8)? {
            0 => self.default_of(ty)?,
            1 => {
                self.default_of(ty)?;
                self.emit(I::RefAsNonNull);
            }
            _ => {
                self.expr(concrete(ty), depth)?;
                self.emit(I::BrOnNonNull(0));
                self.default_of(ty)?;
            }
        }
        self.close();
        Ok(())
    }

    /// A reference that an object holds.
    fn held(&mut self, ty: HeapType, depth: u32) -> Result<()> {
        let wanted = ValType::Ref(RefType { nullable: true, heap_type: ty });
        match self.place_of(wanted)? {
            Some(place) => self.get(place, depth),
            None => self.leaf(wanted),
        }
    }

    /// Returns a field or array whose values are of this type: the type of the object, and the
    /// number of the field.
    fn place_of(&mut self, ty: ValType) -> Result<Option<(u32, Option<u32>)>> {
        let mut places = Vec::new();
        for object in 0..TYPES {
            if ARRAYS.contains(&object) {
                if unpacked(element(object)) == ty {
                    places.push((object, None));
                }
                continue;
            }
            for (number, field) in fields(object).into_iter().enumerate() {
                if unpacked(field) == ty {
                    places.push((object, Some(number as u32)));
                }
            }
        }
        Ok(if places.is_empty() { None } else { Some(*self.u.choose(&places)?) })
    }

    /// Reads a field or an element.
    fn get(&mut self, (ty, field): (u32, Option<u32>), depth: u32) -> Result<()> {
        let packed = match field {
            Some(field) => !matches!(fields(ty)[field as usize], StorageType::Val(_)),
            None => !matches!(element(ty), StorageType::Val(_)),
        };
        let signed = self.u.arbitrary()?;
        self.not_null(ty, depth)?;
        let Some(field_index) = field else {
            self.index(ty)?;
            self.emit(match (packed, signed) {
                (false, _) => I::ArrayGet(ty),
                (true, true) => I::ArrayGetS(ty),
                (true, false) => I::ArrayGetU(ty),
            });
            return Ok(());
        };
        let struct_type_index = ty;
        self.emit(match (packed, signed) {
            (false, _) => I::StructGet { struct_type_index, field_index },
            (true, true) => I::StructGetS { struct_type_index, field_index },
            (true, false) => I::StructGetU { struct_type_index, field_index },
        });
        Ok(())
    }

    /// Puts an index behind an array on the stack: mostly one that the array has, made longer if
    /// it is empty.
    pub(super) fn index(&mut self, ty: u32) -> Result<()> {
        if self.pick(40)? == 0 {
            return self.expr(I32, 1);
        }
        let array = self.locals.len() as u32;
        self.locals.push(concrete(ty));
        self.emit(I::LocalTee(array));
        self.emit(I::ArrayLen);
        self.emit(I::If(wasm_encoder::BlockType::Empty));
        self.emit(I::Else);
        self.emit(I::I32Const(5));
        self.emit(I::ArrayNewDefault(ty));
        self.emit(I::LocalSet(array));
        self.emit(I::End);
        self.emit(I::LocalGet(array));
        self.expr(I32, 1)?;
        self.emit(I::LocalGet(array));
        self.emit(I::ArrayLen);
        self.emit(I::I32RemU);
        Ok(())
    }

    /// A number that tells something of objects.
    pub(super) fn observed(&mut self, ty: ValType, depth: u32) -> Result<()> {
        if ty != I32 || self.pick(2)? == 0 {
            return match self.place_of(ty)? {
                Some(place) => self.get(place, depth),
                None => self.leaf(ty),
            };
        }
        match self.pick(7)? {
            0 => {
                let array = BYTES + self.pick(TYPES - BYTES)?;
                self.not_null(array, depth)?;
                self.emit(I::ArrayLen);
            }
            1 => {
                let ty = ref_type(self.u)?;
                self.expr(ty, depth)?;
                self.emit(I::RefIsNull);
            }
            2 | 3 => {
                let to = self.pick(TYPES)?;
                self.expr(ANY, depth)?;
                let null = self.u.arbitrary()?;
                let to = HeapType::Concrete(to);
                self.emit(if null { I::RefTestNullable(to) } else { I::RefTestNonNull(to) });
            }
            4 => {
                use Abstract::{Array, Eq, I31, None, Struct};
                let ty = *self.u.choose(&[Array, Eq, I31, None, Struct])?;
                self.expr(ANY, depth)?;
                self.emit(I::RefTestNonNull(HeapType::Abstract { shared: false, ty }));
            }
            5 => {
                let eq = abstract_ref(Abstract::Eq);
                self.expr(eq, depth)?;
                self.expr(eq, depth)?;
                self.emit(I::RefEq);
            }
            _ => {
                self.expr(I32, depth)?;
                self.emit(I::RefI31);
                let signed = self.u.arbitrary()?;
                self.emit(if signed { I::I31GetS } else { I::I31GetU });
            }
        }
        Ok(())
    }
}
