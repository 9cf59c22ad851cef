//! Structures and arrays.
//!
//! An allocation may collect garbage. The collector finds references in slots, so that before a
//! collection no reference is in a register only. Objects do not move: registers stay as they are.

use crate::entry::{Entry, Place, Type};
use crate::func::{Func, Local};
use burdock_ir::control::{
    ArrayFillNew, ArrayGetV128, ArraySetV128, Copy, StructGetV128, StructNewLarge, StructSetV128,
};
use burdock_ir::operands::{with_result, with_result_and_number, without_result};
use burdock_ir::{Kind, Kinds, Meaning, Op};
use burdock_types::{
    DESCRIPTOR, FieldType, GRANULE, HEADER, HeapType, LARGEST_SMALL, RefType, Storage, StorageType,
    TypeIdx, ValType,
};
use wasmparser::BinaryReader;

/// `local.set` and `local.tee` in the binary format.
const ASSIGNMENTS: [u8; 2] = [0x21, 0x22];

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

/// Returns the op that reads a field of a structure or an element of an array, as a value of a
/// type.
fn read(of: Of, ty: StorageType, extend: Extend) -> Meaning {
    use Meaning as M;
    let signed = extend == Extend::Signed;
    let [of_struct, of_array] = match Storage::of(ty) {
        Storage::I8 if signed => [M::StructGet8S, M::ArrayGet8S],
        Storage::I8 => [M::StructGet8U, M::ArrayGet8U],
        Storage::I16 if signed => [M::StructGet16S, M::ArrayGet16S],
        Storage::I16 => [M::StructGet16U, M::ArrayGet16U],
        Storage::I32 | Storage::Reference => [M::StructGet32, M::ArrayGet32],
        Storage::I64 | Storage::FuncReference => [M::StructGet64, M::ArrayGet64],
        Storage::F32 => [M::StructGetF32, M::ArrayGetF32],
        Storage::F64 => [M::StructGetF64, M::ArrayGetF64],
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
        Storage::I32 | Storage::Reference => [M::StructSet32, M::ArraySet32],
        Storage::I64 | Storage::FuncReference => [M::StructSet64, M::ArraySet64],
        Storage::F32 => [M::StructSetF32, M::ArraySetF32],
        Storage::F64 => [M::StructSetF64, M::ArraySetF64],
        Storage::V128 => [M::StructSetV128, M::ArraySetV128],
    };
    if of == Of::Struct { of_struct } else { of_array }
}

/// Returns the op that writes a constant, and the constant as a number. Null is no object that the
/// collector has to know.
fn write_constant(meaning: Meaning, ty: ValType, bits: u64) -> (Meaning, i64) {
    use Meaning as M;
    match meaning {
        M::StructSetF32 => (M::StructSet32, i64::from(bits as i32)),
        M::ArraySetF32 => (M::ArraySet32, i64::from(bits as i32)),
        M::StructSetF64 => (M::StructSet64, bits as i64),
        M::ArraySetF64 => (M::ArraySet64, bits as i64),
        M::StructSetRef if bits == 0 => (M::StructSet32, 0),
        M::ArraySetRef if bits == 0 => (M::ArraySet32, 0),
        meaning if ty == ValType::I32 => (meaning, i64::from(bits as i32)),
        meaning => (meaning, bits as i64),
    }
}

/// Returns the type of a reference to a new object of a type.
pub(crate) fn object_type(heap: HeapType) -> Type {
    Type::of(ValType::Ref(RefType::new(false, heap)))
}

impl Func<'_> {
    /// Brings every reference to a slot, where the collector finds it.
    pub(crate) fn prepare_allocation(&mut self) {
        self.flush_references();
        self.store_reference_pins();
    }

    /// Emits an allocation by a handler that leaves to Rust if the current run has no room. Rust
    /// keeps the registers that instructions without native handlers keep. Pinned references are
    /// written to their slots, which the last word says, on the way to Rust.
    fn emit_allocation(&mut self, op: Op, result: Entry, operands: &[u64]) {
        self.before_foreign();
        self.map_offset();
        self.emit_any_result(op, result, operands);
        self.after_foreign();
    }

    /// Allocates a structure of zeros and pushes the reference.
    fn allocate_struct(&mut self, ty: u32) {
        self.flush_references();
        let of_object = object_type(HeapType::ConcreteStruct(ty.into()));
        let size = self.module.layouts[ty as usize].size;
        if size > LARGEST_SMALL {
            self.store_reference_pins();
            let to = self.next_slot();
            self.need_frame(self.next_home + 1);
            self.map_offset();
            self.emit_op(StructNewLarge { to, ty });
            return self.push_home(of_object);
        }
        let meaning = Meaning::StructNew;
        if let Some(local) = self.local_of_new_object() {
            return self.allocate_to_local(local, (size / GRANULE) as u16, ty);
        }
        let result = self.result_of(meaning, of_object);
        let op = meaning.op(Kinds::new(result.kind(), Kind::None, Kind::None));
        let word = with_result_and_number(result.field(), (size / GRANULE) as u16, ty);
        let operands = [word, self.reference_pins()];
        self.emit_allocation(op.unwrap_or(meaning.only_op()), result, &operands);
    }

    /// Returns the local that the next operator assigns a new structure to, provided that the
    /// structure can be in it before its fields are written.
    fn local_of_new_object(&self) -> Option<u32> {
        let mut reader = BinaryReader::new(self.bytes.get(self.offset as usize..)?, 0);
        // The prefix, the number of the operator, the type; then the next operator.
        reader.read_u8().ok()?;
        reader.read_var_u32().ok()?;
        reader.read_var_u32().ok()?;
        let assigns = ASSIGNMENTS.contains(&reader.read_u8().ok()?);
        let local = reader.read_var_u32().ok().filter(|_| assigns)?;
        let is_free = |info: &Local| {
            info.pin.is_some() || self.temporaries.occupied[usize::from(info.bank())] & 1 == 0
        };
        let found = self.s.locals.get(local as usize).is_some_and(is_free);
        (found && self.observing.is_none() && !self.is_wanted(local)).then_some(local)
    }

    /// Allocates a structure of zeros in a local, and pushes the local.
    fn allocate_to_local(&mut self, local: u32, granules: u16, ty: u32) {
        let info = self.s.locals[local as usize];
        let bank = usize::from(info.bank());
        let (dst, field) = match info.pin {
            Some(pin) => (Kind::Reg, pin.into()),
            None => (Kind::Both, info.slot),
        };
        let op = Meaning::StructNew.op(Kinds::new(dst, Kind::None, Kind::None));
        let word = with_result_and_number(field, granules, ty);
        self.before_foreign();
        self.map_offset();
        let operands = [word, self.reference_pins()];
        self.emit(op.unwrap_or(Meaning::StructNew.only_op()), &operands);
        self.temporaries.mirrored[bank] &= !self.mirrors_of(bank, local);
        if info.pin.is_none() {
            self.mirror_local(bank, 0, local);
        }
        self.after_foreign();
        self.facts.assign(local, Entry::at_home(Type::of(info.ty()), self.next_slot()));
        self.push_local(local);
    }

    /// Allocates an array of zeros and pushes the reference; `len` is a popped or a new value.
    pub(crate) fn allocate_array(&mut self, ty: u32, len: Entry) {
        self.flush_references();
        let len = match len.bits().map(i16::try_from) {
            Some(Ok(0..)) => len,
            _ => self.in_slot(len),
        };
        let meaning = Meaning::ArrayNewDefault;
        let of_object = object_type(HeapType::ConcreteArray(ty.into()));
        let result = Entry::at_home(of_object, self.next_slot());
        self.need_frame(self.next_home + 1);
        let op = meaning.op(Kinds::new(Kind::Slot, len.kind(), Kind::None));
        let field = len.bits().map_or(len.field(), |bits| bits as u16);
        let log2_size = Storage::of(self.element(ty)).log2_size();
        let word = with_result_and_number(result.field(), field, ty);
        let operands = [word, log2_size.into(), self.reference_pins()];
        self.emit_allocation(op.unwrap_or(meaning.only_op()), result, &operands);
    }

    /// Allocates an array, all elements of which have a value, and pushes the reference. Both
    /// entries were popped, the length first; the value is no vector.
    pub(crate) fn allocate_filled(&mut self, ty: u32, value: Entry, len: Entry) {
        // Behind the slots of the reference and of the length, which the allocation uses. A zero is
        // there where code is observed, and frames of versions have one size.
        let spare = self.slot_number(self.next_home + 2);
        self.need_frame(self.next_home + 3);
        if value.bits() == Some(0) {
            return self.allocate_array(ty, len);
        }
        let value = match value.is_home() {
            true => {
                self.emit_op(Copy { to: spare, from: value.home() });
                spare
            }
            false => self.slot(value.with_home(spare)),
        };
        let array = self.next_slot();
        self.allocate_array(ty, len);
        let log2_size = u16::from(Storage::of(self.element(ty)).log2_size());
        let unused_bits = 64 - (8 << log2_size);
        let multiplier = u64::MAX / (u64::MAX >> unused_bits);
        self.emit_op(ArrayFillNew { array, value, log2_size, unused_bits, multiplier });
    }

    fn field(&self, ty: u32, field: u32) -> (FieldType, u32) {
        let ty = TypeIdx(ty);
        let found = self.module.struct_fields(ty)[field as usize];
        (found, self.module.layouts[ty.index()].offsets[field as usize])
    }

    /// Returns a popped reference to an object as an operand of this meaning, which traps at null.
    fn object_operand(&mut self, meaning: Meaning, entry: Entry) -> Entry {
        self.learn_non_null(entry);
        match entry.kind() == Kind::Imm {
            true => self.in_slot(entry),
            false => self.operand(meaning, entry),
        }
    }

    /// Returns a value to be written to an object as an operand: a small constant as it is.
    fn written_value(&mut self, meaning: Meaning, value: Entry) -> (Meaning, Entry) {
        let Some(bits) = value.bits() else {
            return (meaning, self.operand(meaning, value));
        };
        let (meaning, number) = write_constant(meaning, value.ty(), bits);
        match i16::try_from(number) {
            Ok(_) => (meaning, value),
            Err(_) => (meaning, self.in_slot(value)),
        }
    }

    /// Emits a read of 32 bits or more, or of a packed field, at an offset in a popped object.
    fn read_field(&mut self, meaning: Meaning, ty: Type, object: Entry, at: u32) {
        let object = self.object_operand(meaning, object);
        let result = self.result_of(meaning, ty);
        let kinds = Kinds::new(result.kind(), object.kind(), Kind::None);
        self.map_offset();
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit_result(op, result, with_result_and_number(result.field(), object.field(), at));
    }

    /// Emits a write of a popped value at an offset in a popped object.
    fn write_field(&mut self, meaning: Meaning, object: Entry, at: u32, value: Entry) {
        let (meaning, value) = self.written_value(meaning, value);
        let object = self.object_operand(meaning, object);
        let kinds = Kinds::new(Kind::None, object.kind(), value.kind());
        let field = value.bits().map_or(value.field(), |bits| bits as u16);
        self.map_offset();
        let op = meaning.op(kinds).unwrap_or(meaning.only_op());
        self.emit(op, &[without_result(object.field(), field, at)]);
    }

    /// Writes the topmost `values` values, which lie below a new object, to the object, and leaves
    /// the object in their place; `fields` gives the type and offset of each.
    fn fill_object(
        &mut self,
        values: usize,
        fields: impl Iterator<Item = (StorageType, u32)>,
        ty: Type,
    ) {
        if values == 0 {
            return;
        }
        let object = self.pop();
        let first = self.s.stack.len().saturating_sub(values);
        for (index, (storage, at)) in (first..).zip(fields) {
            let Some(&value) = self.s.stack.get(index) else { break };
            match write(Of::Struct, Storage::of(storage), true) {
                Meaning::StructSetV128 => {
                    let (object, value) = (self.slot(object), self.slot(value));
                    self.emit_op(StructSetV128 { object, value, at });
                }
                meaning => self.write_field(meaning, object, at, value),
            }
        }
        self.truncate(first);
        if let Place::Local(local) | Place::Mirrored { local, .. } = object.place() {
            return self.push_local(local);
        }
        match object.register() {
            Some(reg) => self.push_in_register(ty, reg),
            None => {
                let to = self.next_slot();
                self.move_to_slot(object, to);
                self.push_home(ty);
            }
        }
    }

    /// Translates `struct.new`.
    pub(crate) fn struct_new(&mut self, ty: u32) {
        if !self.reachable {
            return;
        }
        self.allocate_struct(ty);
        let module = self.module;
        let fields = module.struct_fields(ty.into());
        let offsets = &module.layouts[ty as usize].offsets;
        self.fill_object(
            fields.len(),
            fields.iter().map(|field| field.storage).zip(offsets.iter().copied()),
            object_type(HeapType::ConcreteStruct(ty.into())),
        );
    }

    /// Translates `struct.new_default`.
    pub(crate) fn struct_new_default(&mut self, ty: u32) {
        if self.reachable {
            self.allocate_struct(ty);
        }
    }

    /// Translates `struct.new_desc` and, with `fields` 0, `struct.new_default_desc`: the descriptor
    /// is written like a field behind the others.
    pub(crate) fn struct_new_desc(&mut self, ty: u32, fields: usize) {
        if !self.reachable {
            return;
        }
        self.check_descriptor();
        self.allocate_struct(ty);
        let module = self.module;
        let storages = module.struct_fields(ty.into()).iter().map(|field| field.storage);
        let offsets = module.layouts[ty as usize].offsets.iter().copied();
        let reference = StorageType::Val(ValType::Ref(RefType::new(true, HeapType::Any)));
        self.fill_object(
            fields + 1,
            storages.zip(offsets).take(fields).chain([(reference, DESCRIPTOR)]),
            object_type(HeapType::ConcreteStruct(ty.into())),
        );
    }

    /// Translates `ref.get_desc`.
    pub(crate) fn ref_get_desc(&mut self) {
        if self.reachable {
            let object = self.pop();
            let ty = object_type(HeapType::Struct);
            self.read_field(Meaning::StructGet32, ty, object, DESCRIPTOR);
        }
    }

    /// Translates `struct.get` and its kin.
    pub(crate) fn struct_get(&mut self, ty: u32, field: u32, extend: Extend) {
        if !self.reachable {
            return;
        }
        let (field, at) = self.field(ty, field);
        let ty = Type::of(field.storage.unpacked());
        let object = self.pop();
        match read(Of::Struct, field.storage, extend) {
            Meaning::StructGetV128 => {
                let object = self.slot(object);
                self.map_offset();
                self.emit_op_to_home(ty, |to| StructGetV128 { to, object, at });
            }
            meaning => self.read_field(meaning, ty, object, at),
        }
    }

    /// Translates `struct.set`.
    pub(crate) fn struct_set(&mut self, ty: u32, field: u32) {
        if !self.reachable {
            return;
        }
        let (field, at) = self.field(ty, field);
        let (object, value) = self.pop_two();
        match write(Of::Struct, Storage::of(field.storage), false) {
            Meaning::StructSetV128 => {
                let (object, value) = (self.slot(object), self.slot(value));
                self.map_offset();
                self.emit_op(StructSetV128 { object, value, at });
            }
            meaning => self.write_field(meaning, object, at, value),
        }
    }

    fn element(&self, ty: u32) -> StorageType {
        self.module.array_element(ty.into()).storage
    }

    /// Translates `array.new_fixed`.
    pub(crate) fn array_new_fixed(&mut self, ty: u32, len: u32) {
        if !self.reachable {
            return;
        }
        let count = Entry::constant(Type::I32, len.into(), self.next_slot());
        self.need_frame(self.next_home + 1);
        self.allocate_array(ty, count);
        let element = self.element(ty);
        let size = Storage::of(element).size();
        self.fill_object(
            len as usize,
            (0..len).map(|index| (element, HEADER + index * size)),
            object_type(HeapType::ConcreteArray(ty.into())),
        );
    }

    /// Translates `array.get` and its kin.
    pub(crate) fn array_get(&mut self, ty: u32, extend: Extend) {
        if !self.reachable {
            return;
        }
        let element = self.element(ty);
        let ty = Type::of(element.unpacked());
        let (array, index) = self.pop_two();
        match read(Of::Array, element, extend) {
            Meaning::ArrayGetV128 => {
                let (array, index) = (self.slot(array), self.slot(index));
                self.map_offset();
                self.emit_op_to_home(ty, |to| ArrayGetV128 { to, array, index });
            }
            meaning => self.read_element(meaning, ty, array, index),
        }
    }

    /// Emits a read of an element of a popped array.
    fn read_element(&mut self, meaning: Meaning, ty: Type, array: Entry, index: Entry) {
        let index = self.operand(meaning, index);
        let array = self.object_operand(meaning, array);
        let result = self.result_of(meaning, ty);
        let kinds = Kinds::new(result.kind(), array.kind(), index.kind());
        let (dst, array) = (result.field(), array.field());
        let word = match index.bits() {
            Some(bits) => with_result_and_number(dst, array, bits as u32),
            None => with_result(dst, array, index.field(), 0),
        };
        self.map_offset();
        self.emit_result(meaning.op(kinds).unwrap_or(meaning.only_op()), result, word);
    }

    /// Translates `array.set`.
    pub(crate) fn array_set(&mut self, ty: u32) {
        if !self.reachable {
            return;
        }
        let meaning = write(Of::Array, Storage::of(self.element(ty)), false);
        let value = self.pop();
        let (array, index) = self.pop_two();
        match meaning {
            Meaning::ArraySetV128 => {
                let value = self.slot(value);
                let (array, index) = (self.slot(array), self.slot(index));
                self.map_offset();
                self.emit_op(ArraySetV128 { array, index, value });
            }
            meaning => self.write_element(meaning, array, index, value),
        }
    }

    /// Emits a write of a popped value to an element of a popped array.
    fn write_element(&mut self, meaning: Meaning, array: Entry, index: Entry, value: Entry) {
        let (meaning, mut value) = self.written_value(meaning, value);
        let array = self.object_operand(meaning, array);
        // In this instruction, constants have 16 bits.
        let mut index = match index.bits().map(i16::try_from) {
            Some(Err(_)) => self.in_slot(index),
            _ => self.operand(meaning, index),
        };
        let kinds =
            |value: Entry, index: Entry| Kinds::new(array.kind(), index.kind(), value.kind());
        if meaning.op(kinds(value, index)).is_none() {
            value = self.in_slot(value);
        }
        if meaning.op(kinds(value, index)).is_none() {
            index = self.in_slot(index);
        }
        let [at, of] =
            [index, value].map(|entry| entry.bits().map_or(entry.field(), |bits| bits as u16));
        self.map_offset();
        let op = meaning.op(kinds(value, index)).unwrap_or(meaning.only_op());
        self.emit(op, &[with_result(array.field(), at, of, 0)]);
    }

    /// Translates `array.len`.
    pub(crate) fn array_len(&mut self) {
        if !self.reachable {
            return;
        }
        // The length is in the header.
        let array = self.pop();
        self.read_field(Meaning::StructGet32, Type::I32, array, HEADER - 4);
    }
}
