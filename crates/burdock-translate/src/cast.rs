//! Casts, and `i31`.

use crate::entry::{Entry, Place, Type};
use crate::func::Func;
use crate::object::{Extend, object_type};
use burdock_ir::control::{DescNonNull, RefCast, RefCastDesc, RefTest, RefTestDesc};
use burdock_ir::operands::{cast_word, with_result_and_number, without_result};
use burdock_ir::{CastTarget, Kind, Kinds, Meaning, ReferenceClass};
use burdock_types::{HeapType, INLINE_SUPERTYPES, RefType, TypeIdx, ValType};

/// The target of a cast.
#[derive(Clone, Copy)]
enum Target {
    /// A type that the ops compare references with; the operand word says which.
    Compared { test: Meaning, cast: Meaning, word: u64 },
    /// An `i31` that is not null.
    I31,
    /// Another type.
    Other(CastTarget),
}

impl Target {
    fn exact(word: u64) -> Self {
        Self::Compared { test: Meaning::RefTestExact, cast: Meaning::RefCastExact, word }
    }

    fn sub(word: u64) -> Self {
        Self::Compared { test: Meaning::RefTestSub, cast: Meaning::RefCastSub, word }
    }

    fn classes(target: CastTarget) -> Self {
        let (test, cast) = (Meaning::RefTestClass, Meaning::RefCastClass);
        match target.classes() {
            Some(set) => Self::Compared { test, cast, word: cast_word(set, 0, false) },
            None => Self::Other(target),
        }
    }
}

impl Func<'_> {
    /// Translates `ref.i31`.
    pub(crate) fn ref_i31(&mut self) {
        if self.reachable {
            self.unary(Meaning::RefI31);
            self.retype_top(object_type(HeapType::I31));
        }
    }

    /// Translates `i31.get_s` and `i31.get_u`.
    pub(crate) fn i31_get(&mut self, extend: Extend) {
        let signed = extend == Extend::Signed;
        self.unary_trapping(if signed { Meaning::I31GetS } else { Meaning::I31GetU });
    }

    /// Returns the type that a cast asks for. Notes a type that is not supported as an error.
    fn cast_type(&mut self, nullable: bool, heap: wasmparser::HeapType) -> RefType {
        match self.module.heap_type(heap, self.offset.into()) {
            Ok(heap) => RefType::new(nullable, heap),
            Err(error) => {
                self.fail(error.into());
                RefType::new(nullable, HeapType::Func)
            }
        }
    }

    /// Returns the way in which a reference is compared with a type.
    fn cast_target(&self, ty: RefType) -> Target {
        match ty.heap {
            HeapType::ConcreteStruct(x) | HeapType::ConcreteArray(x) => {
                let types = &self.module.types;
                let supertype = |&x: &TypeIdx| types.get(x.index()).and_then(|ty| ty.supertype);
                let supertypes = core::iter::successors(Some(x), supertype).skip(1);
                let depth = supertypes.take(INLINE_SUPERTYPES).count();
                let word = cast_word(x.0, depth as u8, ty.nullable);
                match types[x.index()].is_final {
                    true => Target::exact(word),
                    false if depth < INLINE_SUPERTYPES => Target::sub(word),
                    false => Target::Other(CastTarget::new(ty)),
                }
            }
            HeapType::ExactStruct(x) | HeapType::ExactArray(x) => {
                Target::exact(cast_word(x.0, 0, ty.nullable))
            }
            HeapType::I31 if !ty.nullable => Target::I31,
            _ => Target::classes(CastTarget::new(ty)),
        }
    }

    /// Tests a reference, which was popped or remains on the stack, and pushes the result.
    fn test_reference(&mut self, target: Target, reference: Entry) {
        match target {
            Target::Compared { test: meaning, word, .. } => {
                let reference = match reference.kind() == Kind::Imm {
                    true => self.in_slot(reference),
                    false => self.operand(meaning, reference),
                };
                let result = self.result(meaning);
                let kinds = Kinds::new(result.kind(), reference.kind(), Kind::None);
                let op = meaning.op(kinds).unwrap_or(meaning.only_op());
                let operands = with_result_and_number(result.field(), reference.field(), 0);
                self.emit_any_result(op, result, &[operands, word]);
            }
            Target::I31 => {
                let one = Entry::constant(Type::I32, 1, self.next_slot());
                self.binary_of(Meaning::I32TestNz, reference, one);
            }
            Target::Other(target) => {
                let reference = self.slot(reference);
                let to = self.next_slot();
                self.need_frame(self.next_home + 1);
                self.emit_op(RefTest { to, reference, target: target.bits() });
                self.push_home(Type::I32);
            }
        }
    }

    /// Translates `ref.test`.
    pub(crate) fn ref_test(&mut self, nullable: bool, heap: wasmparser::HeapType) {
        if !self.reachable {
            return;
        }
        let ty = self.cast_type(nullable, heap);
        let reference = self.pop();
        self.test_reference(self.cast_target(ty), reference);
    }

    /// Translates `ref.cast`.
    pub(crate) fn ref_cast(&mut self, nullable: bool, heap: wasmparser::HeapType) {
        if !self.reachable {
            return;
        }
        let ty = self.cast_type(nullable, heap);
        let Some(&value) = self.s.stack.last() else { return };
        if self.is_cast(value, ty) {
            return self.retype_top(Type::of(ValType::Ref(ty)));
        }
        match self.cast_target(ty) {
            Target::Compared { cast, word, .. } => self.cast_in_place(cast, word),
            Target::I31 => {
                let word = cast_word(ReferenceClass::I31.bit(), 0, false);
                self.cast_in_place(Meaning::RefCastClass, word);
            }
            Target::Other(target) => self.cast_by_call(target),
        }
        self.learn_cast(value, ty);
        self.retype_top(Type::of(ValType::Ref(ty)));
    }

    /// Emits a cast of the topmost value where it is.
    fn cast_in_place(&mut self, meaning: Meaning, word: u64) {
        let is_unknown = |entry: &Entry| entry.is_far() && !self.knows_registers(meaning);
        if self.s.stack.last().is_some_and(|top| top.kind() == Kind::Imm || is_unknown(top)) {
            self.settle_top(1);
        }
        let Some(top) = self.s.stack.last_mut() else { return };
        // It is read where it is, so what computes it can't be sent elsewhere any more.
        if top.register().is_some() {
            top.settle_definition();
        }
        let kinds = Kinds::new(Kind::None, top.kind(), Kind::None);
        let operands = without_result(top.field(), 0, 0);
        self.map_offset();
        self.emit(meaning.op(kinds).unwrap_or(meaning.only_op()), &[operands, word]);
    }

    /// Emits a cast of the topmost value to any type.
    fn cast_by_call(&mut self, target: CastTarget) {
        self.settle_reference();
        let Some(&entry) = self.s.stack.last() else { return };
        let reference = self.slot(entry);
        self.map_offset();
        self.emit_op(RefCast { reference, target: target.bits() });
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
        let ty = self.cast_type(ty.is_nullable(), ty.heap_type());
        // The label expects the reference, as the topmost value.
        self.settle_top(1);
        let Some(&reference) = self.s.stack.last() else { return };
        self.test_reference(self.cast_target(ty), reference);
        self.branch_on_test(depth, if_it_is);
    }

    /// Translates the branch of `br_on_cast` and its kin. What the cast has found is on top, below
    /// it the reference.
    fn branch_on_test(&mut self, depth: u32, if_it_is: bool) {
        self.count_cast();
        let is_of_type = self.pop();
        let condition = self.condition(is_of_type);
        self.branch_if(condition, if_it_is, depth);
        self.begin_segment(0);
        // Behind the jump and at its target, the reference is of another type than before.
        self.retype_top(object_type(HeapType::Any));
    }

    /// Translates `ref.cast_desc_eq`.
    pub(crate) fn ref_cast_desc_eq(&mut self, nullable: bool, heap: wasmparser::HeapType) {
        if !self.reachable {
            return;
        }
        let ty = self.cast_type(nullable, heap);
        let descriptor = self.pop();
        let descriptor = self.slot(descriptor);
        self.settle_reference();
        let Some(&value) = self.s.stack.last() else { return };
        let reference = self.slot(value);
        self.map_offset();
        self.emit_op(RefCastDesc { reference, descriptor, nullable: nullable.into() });
        self.learn_cast(value, ty);
        self.retype_top(Type::of(ValType::Ref(ty)));
    }

    /// Translates `br_on_cast_desc_eq` and `br_on_cast_desc_eq_fail`, which jump if the reference
    /// has the descriptor, and if it has not.
    pub(crate) fn br_on_cast_desc_eq(&mut self, depth: u32, nullable: bool, if_it_is: bool) {
        if !self.reachable {
            return;
        }
        let descriptor = self.pop();
        let descriptor = self.slot(descriptor);
        // The label expects the reference, as the topmost value.
        self.settle_top(1);
        let Some(&reference) = self.s.stack.last() else { return };
        let reference = self.slot(reference);
        // The slot of the result may be that of the descriptor.
        let to = self.next_slot();
        self.need_frame(self.next_home + 1);
        self.map_offset();
        self.emit_op(RefTestDesc { to, reference, descriptor, nullable: nullable.into() });
        self.push_home(Type::I32);
        self.branch_on_test(depth, if_it_is);
    }

    /// Emits the trap of an operator that makes a structure with the topmost value as descriptor.
    pub(crate) fn check_descriptor(&mut self) {
        let Some(&value) = self.s.stack.last() else { return };
        if self.is_non_null(value) {
            return;
        }
        self.settle_reference();
        let Some(&settled) = self.s.stack.last() else { return };
        let descriptor = self.slot(settled);
        self.map_offset();
        self.emit_op(DescNonNull { descriptor });
        self.learn_non_null(value);
    }

    /// Translates `any.convert_extern` and `extern.convert_any`: both kinds of references are the
    /// same.
    pub(crate) fn convert_reference(&mut self, heap: HeapType) {
        if self.reachable {
            self.retype_top(object_type(heap));
        }
    }
}
