//! Structures, arrays, `i31` and casts.
//!
//! An allocation may collect garbage. The collector finds references in slots, so that before an
//! allocation no value is in a register only. Objects do not move: registers stay as they are.

use crate::entry::{Entry, Place, Type};
use crate::func::Func;
use burdock_ir::control::{
    ArrayCopy, ArrayFill, ArrayGet8S, ArrayInitData, ArrayInitElem, ArrayLen, ArrayNew,
    ArrayNewData, ArrayNewDefault, ArrayNewElem, ArrayNewFixed, ArraySet8, Copy, I31GetS, RefCast,
    RefI31, RefTest, StructGet8S, StructNew, StructSet8,
};
use burdock_ir::{CastTarget, Meaning};
use burdock_types::{FieldType, HEADER, HeapType, RefType, Storage, StorageType, TypeIdx, ValType};

/// The extension of packed integers that an access asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extend {
    /// The field is not packed.
    None,
    /// Sign extension.
    Signed,
    /// Zero extension.
    Unsigned,
}

/// The kinds of objects that are accessed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Struct,
    Array,
}

/// Returns the op that reads a field of a structure or an element of an array.
fn read(of: Of, storage: Storage, extend: Extend) -> Meaning {
    use Meaning as M;
    let signed = extend == Extend::Signed;
    let [of_struct, of_array] = match storage {
        Storage::I8 if signed => [M::StructGet8S, M::ArrayGet8S],
        Storage::I8 => [M::StructGet8U, M::ArrayGet8U],
        Storage::I16 if signed => [M::StructGet16S, M::ArrayGet16S],
        Storage::I16 => [M::StructGet16U, M::ArrayGet16U],
        Storage::I32 | Storage::F32 | Storage::Reference => [M::StructGet32, M::ArrayGet32],
        Storage::I64 | Storage::F64 | Storage::FuncReference => [M::StructGet64, M::ArrayGet64],
        Storage::V128 => [M::StructGetV128, M::ArrayGetV128],
    };
    if of == Of::Struct { of_struct } else { of_array }
}

/// Returns the op that writes a field of a structure or an element of an array. References in new
/// objects are written like numbers.
fn write(of: Of, storage: Storage, is_new: bool) -> Meaning {
    use Meaning as M;
    let [of_struct, of_array] = match storage {
        Storage::I8 => [M::StructSet8, M::ArraySet8],
        Storage::I16 => [M::StructSet16, M::ArraySet16],
        Storage::Reference if !is_new => [M::StructSetRef, M::ArraySetRef],
        Storage::I32 | Storage::F32 | Storage::Reference => [M::StructSet32, M::ArraySet32],
        Storage::I64 | Storage::F64 | Storage::FuncReference => [M::StructSet64, M::ArraySet64],
        Storage::V128 => [M::StructSetV128, M::ArraySetV128],
    };
    if of == Of::Struct { of_struct } else { of_array }
}

/// Returns the type of a reference to a new object of a type.
fn object_type(heap: HeapType) -> Type {
    Type::of(ValType::Ref(RefType::new(false, heap)))
}

impl Func<'_> {
    /// Brings every value to a slot, where the collector finds it.
    fn prepare_allocation(&mut self) {
        self.flush_registers();
        self.store_pins();
    }

    fn field(&self, ty: u32, field: u32) -> (FieldType, u32) {
        let ty = TypeIdx(ty);
        let found = self.module.struct_fields(ty)[field as usize];
        (found, self.module.layouts[ty.index()].offsets[field as usize])
    }

    /// Takes the topmost `values` values, emits the allocation of an object that holds them, and
    /// writes them there; `fields` gives the representation and offset of each.
    fn new_object(
        &mut self,
        values: usize,
        allocate: impl FnOnce(&mut Self, u16),
        fields: impl Iterator<Item = (Storage, u32)>,
        ty: Type,
    ) {
        self.settle_top(values);
        self.prepare_allocation();
        // Behind the values, which are still needed.
        let object = self.slot_number(self.next_home);
        self.need_frame(self.next_home + 1);
        self.map_offset();
        allocate(self, object);
        let first = self.s.stack.len().saturating_sub(values);
        for (index, (storage, at)) in (first..).zip(fields) {
            let Some(value) = self.s.stack.get(index).map(Entry::home) else { break };
            let meaning = write(Of::Struct, storage, true);
            self.emit_as(meaning, StructSet8 { object, value, at });
        }
        self.truncate(first);
        let to = self.next_slot();
        if to != object {
            self.emit_op(Copy { to, from: object });
        }
        self.push_home(ty);
    }

    /// Translates `struct.new`.
    pub(crate) fn struct_new(&mut self, ty: u32) {
        if !self.reachable {
            return;
        }
        let module = self.module;
        let fields = module.struct_fields(ty.into());
        let offsets = &module.layouts[ty as usize].offsets;
        self.new_object(
            fields.len(),
            |func, to| func.emit_op(StructNew { to, ty }),
            fields.iter().map(|field| Storage::of(field.storage)).zip(offsets.iter().copied()),
            object_type(HeapType::ConcreteStruct(ty.into())),
        );
    }

    /// Translates `struct.new_default`.
    pub(crate) fn struct_new_default(&mut self, ty: u32) {
        if self.reachable {
            let ty = (ty, object_type(HeapType::ConcreteStruct(ty.into())));
            let allocate = |func: &mut Self, to| func.emit_op(StructNew { to, ty: ty.0 });
            self.new_object(0, allocate, core::iter::empty(), ty.1);
        }
    }

    /// Translates `struct.get` and its kin.
    pub(crate) fn struct_get(&mut self, ty: u32, field: u32, extend: Extend) {
        if !self.reachable {
            return;
        }
        let (field, at) = self.field(ty, field);
        let object = self.pop();
        let object = self.slot(object);
        let to = self.next_slot();
        self.map_offset();
        let meaning = read(Of::Struct, Storage::of(field.storage), extend);
        self.emit_as(meaning, StructGet8S { to, object, at });
        self.push_home(Type::of(field.storage.unpacked()));
    }

    /// Translates `struct.set`.
    pub(crate) fn struct_set(&mut self, ty: u32, field: u32) {
        if !self.reachable {
            return;
        }
        let (field, at) = self.field(ty, field);
        let (object, value) = self.pop_two();
        let (object, value) = (self.slot(object), self.slot(value));
        self.map_offset();
        let meaning = write(Of::Struct, Storage::of(field.storage), false);
        self.emit_as(meaning, StructSet8 { object, value, at });
    }

    fn element(&self, ty: u32) -> StorageType {
        self.module.array_element(ty.into()).storage
    }

    /// Translates `array.new`.
    pub(crate) fn array_new(&mut self, ty: u32) {
        if !self.reachable {
            return;
        }
        self.settle_top(2);
        self.prepare_allocation();
        let (value, len) = self.pop_two();
        let to = self.next_slot();
        self.map_offset();
        self.emit_op(ArrayNew { to, value: value.home(), len: len.home(), ty });
        self.push_home(object_type(HeapType::ConcreteArray(ty.into())));
    }

    /// Translates `array.new_default`.
    pub(crate) fn array_new_default(&mut self, ty: u32) {
        if !self.reachable {
            return;
        }
        self.settle_top(1);
        self.prepare_allocation();
        let len = self.pop().home();
        let to = self.next_slot();
        self.map_offset();
        self.emit_op(ArrayNewDefault { to, len, ty });
        self.push_home(object_type(HeapType::ConcreteArray(ty.into())));
    }

    /// Translates `array.new_fixed`.
    pub(crate) fn array_new_fixed(&mut self, ty: u32, len: u32) {
        if !self.reachable {
            return;
        }
        let storage = Storage::of(self.element(ty));
        self.new_object(
            len as usize,
            |func, to| func.emit_op(ArrayNewFixed { to, ty, len }),
            (0..len).map(|index| (storage, HEADER + index * storage.size())),
            object_type(HeapType::ConcreteArray(ty.into())),
        );
    }

    /// Takes the topmost `count` values, which lie in consecutive slots afterwards, and returns the
    /// first slot. The instruction behind may allocate.
    fn take_span(&mut self, count: usize) -> u16 {
        self.settle_top(count);
        self.prepare_allocation();
        self.truncate(self.s.stack.len().saturating_sub(count));
        self.map_offset();
        self.next_slot()
    }

    /// Translates `array.new_data`.
    pub(crate) fn array_new_data(&mut self, ty: u32, data: u32) {
        if self.reachable {
            let first = self.take_span(2);
            self.emit_op(ArrayNewData { first, ty, data });
            self.push_home(object_type(HeapType::ConcreteArray(ty.into())));
        }
    }

    /// Translates `array.new_elem`.
    pub(crate) fn array_new_elem(&mut self, ty: u32, elem: u32) {
        if self.reachable {
            let first = self.take_span(2);
            self.emit_op(ArrayNewElem { first, ty, elem });
            self.push_home(object_type(HeapType::ConcreteArray(ty.into())));
        }
    }

    /// Translates `array.fill`.
    pub(crate) fn array_fill(&mut self, ty: u32) {
        if self.reachable {
            let first = self.take_span(4);
            self.emit_op(ArrayFill { first, ty });
        }
    }

    /// Translates `array.copy`.
    pub(crate) fn array_copy(&mut self, ty: u32) {
        if self.reachable {
            let first = self.take_span(5);
            self.emit_op(ArrayCopy { first, ty });
        }
    }

    /// Translates `array.init_data`.
    pub(crate) fn array_init_data(&mut self, ty: u32, data: u32) {
        if self.reachable {
            let first = self.take_span(4);
            self.emit_op(ArrayInitData { first, ty, data });
        }
    }

    /// Translates `array.init_elem`.
    pub(crate) fn array_init_elem(&mut self, ty: u32, elem: u32) {
        if self.reachable {
            let first = self.take_span(4);
            self.emit_op(ArrayInitElem { first, ty, elem });
        }
    }

    /// Translates `array.get` and its kin.
    pub(crate) fn array_get(&mut self, ty: u32, extend: Extend) {
        if !self.reachable {
            return;
        }
        let element = self.element(ty);
        let (array, index) = self.pop_two();
        let (array, index) = (self.slot(array), self.slot(index));
        let to = self.next_slot();
        self.map_offset();
        let meaning = read(Of::Array, Storage::of(element), extend);
        self.emit_as(meaning, ArrayGet8S { to, array, index });
        self.push_home(Type::of(element.unpacked()));
    }

    /// Translates `array.set`.
    pub(crate) fn array_set(&mut self, ty: u32) {
        if !self.reachable {
            return;
        }
        let meaning = write(Of::Array, Storage::of(self.element(ty)), false);
        let value = self.pop();
        let value = self.slot(value);
        let (array, index) = self.pop_two();
        let (array, index) = (self.slot(array), self.slot(index));
        self.map_offset();
        self.emit_as(meaning, ArraySet8 { array, index, value });
    }

    /// Translates `array.len`.
    pub(crate) fn array_len(&mut self) {
        if !self.reachable {
            return;
        }
        let array = self.pop();
        let array = self.slot(array);
        let to = self.next_slot();
        self.map_offset();
        self.emit_op(ArrayLen { to, array });
        self.push_home(Type::I32);
    }

    /// Translates `ref.i31`.
    pub(crate) fn ref_i31(&mut self) {
        if !self.reachable {
            return;
        }
        let value = self.pop();
        let value = self.slot(value);
        let to = self.next_slot();
        self.emit_op(RefI31 { to, value });
        self.push_home(object_type(HeapType::I31));
    }

    /// Translates `i31.get_s` and `i31.get_u`.
    pub(crate) fn i31_get(&mut self, extend: Extend) {
        if !self.reachable {
            return;
        }
        let reference = self.pop();
        let reference = self.slot(reference);
        let to = self.next_slot();
        self.map_offset();
        let meaning = if extend == Extend::Signed { Meaning::I31GetS } else { Meaning::I31GetU };
        self.emit_as(meaning, I31GetS { to, reference });
        self.push_home(Type::I32);
    }

    /// Returns the target of a cast; a type that is not supported is noted as an error.
    fn cast_target(&mut self, nullable: bool, heap: wasmparser::HeapType) -> (u32, Type) {
        match self.module.heap_type(heap, self.offset.into()) {
            Ok(heap) => {
                let ty = RefType::new(nullable, heap);
                (CastTarget::new(ty).bits(), Type::of(ValType::Ref(ty)))
            }
            Err(error) => {
                self.fail(error.into());
                (0, Type::FUNC)
            }
        }
    }

    /// Translates `ref.test`.
    pub(crate) fn ref_test(&mut self, nullable: bool, heap: wasmparser::HeapType) {
        if !self.reachable {
            return;
        }
        let (target, _) = self.cast_target(nullable, heap);
        let reference = self.pop();
        let reference = self.slot(reference);
        let to = self.next_slot();
        self.emit_op(RefTest { to, reference, target });
        self.push_home(Type::I32);
    }

    /// Translates `ref.cast`.
    pub(crate) fn ref_cast(&mut self, nullable: bool, heap: wasmparser::HeapType) {
        if !self.reachable {
            return;
        }
        let (target, ty) = self.cast_target(nullable, heap);
        self.settle_reference();
        let Some(&entry) = self.s.stack.last() else { return };
        let reference = self.slot(entry);
        self.map_offset();
        self.emit_op(RefCast { reference, target });
        self.retype_top(ty);
    }

    /// Brings the topmost value, a reference, to a slot; that of a local is one.
    fn settle_reference(&mut self) {
        let is_local = |entry: &Entry| matches!(entry.place(), Place::Local(_));
        if !self.s.stack.last().is_some_and(is_local) {
            self.settle_top(1);
        }
    }

    /// Translates `br_on_cast` and `br_on_cast_fail`, which jump if the reference is of the type,
    /// and if it is not.
    pub(crate) fn br_on_cast(&mut self, depth: u32, ty: wasmparser::RefType, if_it_is: bool) {
        if !self.reachable {
            return;
        }
        let (target, _) = self.cast_target(ty.is_nullable(), ty.heap_type());
        self.settle_top(1);
        let Some(reference) = self.s.stack.last().map(Entry::home) else { return };
        let to = self.next_slot();
        self.need_frame(self.next_home + 1);
        self.emit_op(RefTest { to, reference, target });
        self.push_home(Type::I32);
        if !if_it_is {
            self.is_zero(Meaning::I32Eq);
        }
        // Behind the jump and at its target, the reference is of another type than before.
        self.br_if(depth);
        self.retype_top(object_type(HeapType::Any));
    }

    /// Translates `any.convert_extern` and `extern.convert_any`: both kinds of references are the
    /// same.
    pub(crate) fn convert_reference(&mut self, heap: HeapType) {
        if self.reachable {
            self.retype_top(object_type(heap));
        }
    }
}
