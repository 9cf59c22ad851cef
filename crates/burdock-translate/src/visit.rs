//! The visitor: one line an operator. What an operator becomes is in the other files.

use crate::control::BlockSig;
use crate::entry::Type;
use crate::func::Func;
use crate::object::Extend;
use alloc::vec::Vec;
use burdock_ir::{Bulk, Meaning, NO_INDEX};
use burdock_types::{RefType, TableIdx, V128, ValType};
use wasmparser::{
    BlockType, BrTable, HeapType, Ieee32, Ieee64, MemArg, TryTable, VisitOperator,
    VisitSimdOperator,
};

/// Methods for operators whose meaning says all: `how: visit_method Meaning, ...`.
macro_rules! each {
    ($how:ident: $($visit:ident $meaning:ident),*) => {
        $(#[inline] fn $visit(&mut self) { self.$how(Meaning::$meaning) })*
    };
    ($how:ident: $($visit:ident $meaning:ident or $other:ident),*) => {
        $(#[inline] fn $visit(&mut self) { self.$how(Meaning::$meaning, Meaning::$other) })*
    };
    ($how:ident(arg): $($visit:ident $meaning:ident),*) => {
        $(#[inline] fn $visit(&mut self, arg: MemArg) { self.$how(Meaning::$meaning, arg) })*
    };
    ($how:ident(arg, lane): $($visit:ident $meaning:ident),*) => {
        $(fn $visit(&mut self, arg: MemArg, lane: u8) { self.$how(Meaning::$meaning, arg, lane) })*
    };
    ($how:ident(lane): $($visit:ident $meaning:ident),*) => {
        $(fn $visit(&mut self, lane: u8) { self.$how(Meaning::$meaning, lane) })*
    };
    ($how:ident(lane) -> $out:ident: $($visit:ident $meaning:ident),*) => {
        $(fn $visit(&mut self, lane: u8) { self.$how(Meaning::$meaning, lane, Type::$out) })*
    };
}

/// Methods for the operators of proposals that are not supported.
macro_rules! unsupported {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        $(unsupported!(@one $proposal $visit $($($argty),*)?);)*
    };
    (@one mvp $($rest:tt)*) => {};
    (@one sign_extension $($rest:tt)*) => {};
    (@one saturating_float_to_int $($rest:tt)*) => {};
    (@one bulk_memory $($rest:tt)*) => {};
    (@one reference_types $($rest:tt)*) => {};
    (@one tail_call $($rest:tt)*) => {};
    (@one function_references $($rest:tt)*) => {};
    (@one exceptions $($rest:tt)*) => {};
    (@one legacy_exceptions $($rest:tt)*) => {};
    (@one wide_arithmetic $($rest:tt)*) => {};
    (@one gc $($rest:tt)*) => {};
    (@one custom_descriptors $($rest:tt)*) => {};
    (@one $proposal:ident $visit:ident $($argty:ty),*) => {
        fn $visit(&mut self, $(_: $argty),*) {
            self.unsupported(stringify!($proposal));
        }
    };
}

#[rustfmt::skip]
impl<'a> VisitOperator<'a> for Func<'_> {
    type Output = ();

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = ()>> {
        Some(self)
    }

    // Control.
    fn visit_unreachable(&mut self) { self.refund(); self.unreachable() }
    fn visit_nop(&mut self) { self.refund() }
    fn visit_block(&mut self, ty: BlockType) { self.refund(); let sig = self.sig(ty); self.block(sig) }
    fn visit_loop(&mut self, ty: BlockType) { self.refund(); let sig = self.sig(ty); self.loop_(sig) }
    fn visit_try_table(&mut self, table: TryTable) { let sig = self.sig(table.ty); self.try_table(sig, &table.catches) }
    fn visit_throw(&mut self, tag: u32) { self.throw(tag) }
    fn visit_throw_ref(&mut self) { self.throw_ref() }
    fn visit_try(&mut self, ty: BlockType) { let sig = self.sig(ty); self.legacy_try(sig) }
    fn visit_catch(&mut self, tag: u32) { self.legacy_catch(tag) }
    fn visit_catch_all(&mut self) { self.legacy_catch(NO_INDEX) }
    fn visit_delegate(&mut self, depth: u32) { self.legacy_delegate(depth) }
    fn visit_rethrow(&mut self, depth: u32) { self.legacy_rethrow(depth) }
    fn visit_if(&mut self, ty: BlockType) { let sig = self.sig(ty); self.if_(sig) }
    fn visit_else(&mut self) { self.refund(); self.else_() }
    fn visit_end(&mut self) { self.refund(); self.end() }
    fn visit_br(&mut self, depth: u32) { self.br(depth) }
    fn visit_br_if(&mut self, depth: u32) { self.br_if(depth) }
    fn visit_br_table(&mut self, table: BrTable<'a>) { self.br_table(table) }
    fn visit_return(&mut self) { self.refund(); self.return_() }
    fn visit_call(&mut self, func: u32) { self.call(func) }
    fn visit_call_indirect(&mut self, ty: u32, table: u32) { self.call_indirect(ty, table) }
    fn visit_return_call(&mut self, func: u32) { self.return_call(func) }
    fn visit_return_call_indirect(&mut self, ty: u32, table: u32) { self.return_call_indirect(ty, table) }
    fn visit_call_ref(&mut self, ty: u32) { self.call_ref(ty) }
    fn visit_return_call_ref(&mut self, ty: u32) { self.return_call_ref(ty) }
    fn visit_br_on_null(&mut self, depth: u32) { self.br_on_null(depth) }
    fn visit_br_on_non_null(&mut self, depth: u32) { self.br_on_non_null(depth) }

    // Operands, locals, globals.
    fn visit_drop(&mut self) { self.refund(); self.drop_top() }
    fn visit_select(&mut self) { self.select() }
    fn visit_typed_select(&mut self, _: wasmparser::ValType) { self.select() }
    fn visit_typed_select_multi(&mut self, _: Vec<wasmparser::ValType>) { self.unsupported("multi-value select") }
    #[inline] fn visit_local_get(&mut self, local: u32) { self.local_get(local) }
    #[inline] fn visit_local_set(&mut self, local: u32) { self.local_set(local) }
    #[inline] fn visit_local_tee(&mut self, local: u32) { self.local_tee(local) }
    fn visit_global_get(&mut self, global: u32) { self.global_get(global) }
    fn visit_global_set(&mut self, global: u32) { self.global_set(global) }

    // Constants and references.
    #[inline] fn visit_i32_const(&mut self, value: i32) { self.constant(Type::I32, u64::from(value as u32)) }
    #[inline] fn visit_i64_const(&mut self, value: i64) { self.constant(Type::I64, value as u64) }
    fn visit_f32_const(&mut self, value: Ieee32) { self.constant(Type::F32, value.bits().into()) }
    fn visit_f64_const(&mut self, value: Ieee64) { self.constant(Type::F64, value.bits()) }
    fn visit_ref_null(&mut self, ty: wasmparser::HeapType) { self.ref_null(ty) }
    fn visit_ref_as_non_null(&mut self) { self.ref_as_non_null() }
    fn visit_ref_is_null(&mut self) { self.is_zero(Meaning::I64Eq) }
    fn visit_ref_func(&mut self, func: u32) { self.ref_func(func) }
    fn visit_i32_eqz(&mut self) { self.is_zero(Meaning::I32Eq) }
    fn visit_i64_eqz(&mut self) { self.is_zero(Meaning::I64Eq) }

    // Memories and tables as wholes.
    fn visit_memory_size(&mut self, memory: u32) { self.memory_size(memory) }
    fn visit_memory_grow(&mut self, memory: u32) { self.memory_grow(memory) }
    fn visit_memory_fill(&mut self, memory: u32) { self.bulk(Bulk::MemoryFill, memory, 0) }
    fn visit_memory_copy(&mut self, to: u32, from: u32) { self.bulk(Bulk::MemoryCopy, to, from) }
    fn visit_memory_init(&mut self, data: u32, memory: u32) { self.bulk(Bulk::MemoryInit, memory, data) }
    fn visit_data_drop(&mut self, data: u32) { self.data_drop(data) }
    fn visit_table_get(&mut self, table: u32) { self.table_get(TableIdx(table)) }
    fn visit_table_set(&mut self, table: u32) { self.table_set(TableIdx(table)) }
    fn visit_table_size(&mut self, table: u32) { self.table_size(table) }
    fn visit_table_grow(&mut self, table: u32) { self.table_grow(table) }
    fn visit_table_fill(&mut self, table: u32) { self.bulk(Bulk::TableFill, table, 0) }
    fn visit_table_copy(&mut self, to: u32, from: u32) { self.bulk(Bulk::TableCopy, to, from) }
    fn visit_table_init(&mut self, elem: u32, table: u32) { self.bulk(Bulk::TableInit, table, elem) }
    fn visit_elem_drop(&mut self, elem: u32) { self.elem_drop(elem) }

    // Objects.
    fn visit_ref_eq(&mut self) { self.binary(Meaning::I64Eq) }
    fn visit_struct_new(&mut self, ty: u32) { self.struct_new(ty) }
    fn visit_struct_new_default(&mut self, ty: u32) { self.struct_new_default(ty) }
    fn visit_struct_new_desc(&mut self, ty: u32) { let fields = self.module.struct_fields(ty.into()).len(); self.struct_new_desc(ty, fields) }
    fn visit_struct_new_default_desc(&mut self, ty: u32) { self.struct_new_desc(ty, 0) }
    fn visit_ref_get_desc(&mut self, _ty: u32) { self.ref_get_desc() }
    fn visit_struct_get(&mut self, ty: u32, field: u32) { self.struct_get(ty, field, Extend::None) }
    fn visit_struct_get_s(&mut self, ty: u32, field: u32) { self.struct_get(ty, field, Extend::Signed) }
    fn visit_struct_get_u(&mut self, ty: u32, field: u32) { self.struct_get(ty, field, Extend::Unsigned) }
    fn visit_struct_set(&mut self, ty: u32, field: u32) { self.struct_set(ty, field) }
    fn visit_array_new(&mut self, ty: u32) { self.array_new(Bulk::ArrayNew, ty, 0) }
    fn visit_array_new_default(&mut self, ty: u32) { self.array_new_default(ty) }
    fn visit_array_new_fixed(&mut self, ty: u32, len: u32) { self.array_new_fixed(ty, len) }
    fn visit_array_new_data(&mut self, ty: u32, data: u32) { self.array_new(Bulk::ArrayNewData, ty, data) }
    fn visit_array_new_elem(&mut self, ty: u32, elem: u32) { self.array_new(Bulk::ArrayNewElem, ty, elem) }
    fn visit_array_get(&mut self, ty: u32) { self.array_get(ty, Extend::None) }
    fn visit_array_get_s(&mut self, ty: u32) { self.array_get(ty, Extend::Signed) }
    fn visit_array_get_u(&mut self, ty: u32) { self.array_get(ty, Extend::Unsigned) }
    fn visit_array_set(&mut self, ty: u32) { self.array_set(ty) }
    fn visit_array_len(&mut self) { self.array_len() }
    fn visit_array_fill(&mut self, ty: u32) { self.array_bulk(Bulk::ArrayFill, ty, 0) }
    fn visit_array_copy(&mut self, to: u32, _from: u32) { self.array_bulk(Bulk::ArrayCopy, to, 0) }
    fn visit_array_init_data(&mut self, ty: u32, data: u32) { self.array_bulk(Bulk::ArrayInitData, ty, data) }
    fn visit_array_init_elem(&mut self, ty: u32, elem: u32) { self.array_bulk(Bulk::ArrayInitElem, ty, elem) }
    fn visit_ref_test_non_null(&mut self, ty: HeapType) { self.ref_test(false, ty) }
    fn visit_ref_test_nullable(&mut self, ty: HeapType) { self.ref_test(true, ty) }
    fn visit_ref_cast_non_null(&mut self, ty: HeapType) { self.ref_cast(false, ty) }
    fn visit_ref_cast_nullable(&mut self, ty: HeapType) { self.ref_cast(true, ty) }
    fn visit_br_on_cast(&mut self, depth: u32, _from: wasmparser::RefType, to: wasmparser::RefType) { self.br_on_cast(depth, to, true) }
    fn visit_br_on_cast_fail(&mut self, depth: u32, _from: wasmparser::RefType, to: wasmparser::RefType) { self.br_on_cast(depth, to, false) }
    fn visit_ref_cast_desc_eq_non_null(&mut self, ty: HeapType) { self.ref_cast_desc_eq(false, ty) }
    fn visit_ref_cast_desc_eq_nullable(&mut self, ty: HeapType) { self.ref_cast_desc_eq(true, ty) }
    fn visit_br_on_cast_desc_eq(&mut self, depth: u32, _from: wasmparser::RefType, to: wasmparser::RefType) { self.br_on_cast_desc_eq(depth, to.is_nullable(), true) }
    fn visit_br_on_cast_desc_eq_fail(&mut self, depth: u32, _from: wasmparser::RefType, to: wasmparser::RefType) { self.br_on_cast_desc_eq(depth, to.is_nullable(), false) }
    fn visit_any_convert_extern(&mut self) { self.convert_reference(burdock_types::HeapType::Any) }
    fn visit_extern_convert_any(&mut self) { self.convert_reference(burdock_types::HeapType::Extern) }
    fn visit_ref_i31(&mut self) { self.ref_i31() }
    fn visit_i31_get_s(&mut self) { self.i31_get(Extend::Signed) }
    fn visit_i31_get_u(&mut self) { self.i31_get(Extend::Unsigned) }

    // Wide arithmetic.
    fn visit_i64_add128(&mut self) { self.wide(Meaning::I64Add128, 4) }
    fn visit_i64_sub128(&mut self) { self.wide(Meaning::I64Sub128, 4) }
    fn visit_i64_mul_wide_s(&mut self) { self.wide(Meaning::I64MulWideS, 2) }
    fn visit_i64_mul_wide_u(&mut self) { self.wide(Meaning::I64MulWideU, 2) }

    each! { binary:
        visit_i32_add I32Add,
        visit_i32_mul I32Mul,
        visit_i32_shl I32Shl,
        visit_i32_shr_s I32ShrS,
        visit_i32_shr_u I32ShrU,
        visit_i32_rotl I32Rotl,
        visit_i32_rotr I32Rotr,
        visit_i64_add I64Add,
        visit_i64_mul I64Mul,
        visit_i64_and I64And,
        visit_i64_or I64Or,
        visit_i64_xor I64Xor,
        visit_i64_shl I64Shl,
        visit_i64_shr_s I64ShrS,
        visit_i64_shr_u I64ShrU,
        visit_i64_rotl I64Rotl,
        visit_i64_rotr I64Rotr,
        visit_i32_lt_s I32LtS,
        visit_i32_gt_s I32GtS,
        visit_i32_le_s I32LeS,
        visit_i32_ge_s I32GeS,
        visit_i64_eq I64Eq,
        visit_i64_ne I64Ne,
        visit_i64_lt_s I64LtS,
        visit_i64_lt_u I64LtU,
        visit_i64_gt_s I64GtS,
        visit_i64_gt_u I64GtU,
        visit_i64_le_s I64LeS,
        visit_i64_le_u I64LeU,
        visit_i64_ge_s I64GeS,
        visit_i64_ge_u I64GeU,
        visit_f32_eq F32Eq,
        visit_f32_ne F32Ne,
        visit_f32_lt F32Lt,
        visit_f32_gt F32Gt,
        visit_f32_le F32Le,
        visit_f32_ge F32Ge,
        visit_f64_eq F64Eq,
        visit_f64_ne F64Ne,
        visit_f64_lt F64Lt,
        visit_f64_gt F64Gt,
        visit_f64_le F64Le,
        visit_f64_ge F64Ge,
        visit_f32_copysign F32Copysign,
        visit_f64_copysign F64Copysign
    }
    each! { zero_extended:
        visit_i32_and I64And or I32And,
        visit_i32_or I64Or or I32Or,
        visit_i32_xor I64Xor or I32Xor,
        visit_i32_eq I64Eq or I32Eq,
        visit_i32_ne I64Ne or I32Ne,
        visit_i32_lt_u I64LtU or I32LtU,
        visit_i32_gt_u I64GtU or I32GtU,
        visit_i32_le_u I64LeU or I32LeU,
        visit_i32_ge_u I64GeU or I32GeU
    }
    each! { subtract: visit_i32_sub I32Sub, visit_i64_sub I64Sub }
    each! { division:
        visit_i32_div_s I32DivS,
        visit_i32_div_u I32DivU,
        visit_i32_rem_s I32RemS,
        visit_i32_rem_u I32RemU,
        visit_i64_div_s I64DivS,
        visit_i64_div_u I64DivU,
        visit_i64_rem_s I64RemS,
        visit_i64_rem_u I64RemU
    }
    each! { unary:
        visit_i32_clz I32Clz,
        visit_i32_ctz I32Ctz,
        visit_i64_clz I64Clz,
        visit_i64_ctz I64Ctz,
        visit_i64_popcnt I64Popcnt,
        visit_f32_abs F32Abs,
        visit_f32_neg F32Neg,
        visit_f64_abs F64Abs,
        visit_f64_neg F64Neg,
        visit_i32_wrap_i64 I32WrapI64,
        visit_i64_extend_i32_s I64ExtendI32S,
        visit_i32_extend8_s I32Extend8S,
        visit_i32_extend16_s I32Extend16S,
        visit_i64_extend8_s I64Extend8S,
        visit_i64_extend16_s I64Extend16S,
        visit_i64_extend32_s I64Extend32S,
        visit_i32_trunc_sat_f32_s I32TruncSatF32S,
        visit_i32_trunc_sat_f32_u I32TruncSatF32U,
        visit_i32_trunc_sat_f64_s I32TruncSatF64S,
        visit_i32_trunc_sat_f64_u I32TruncSatF64U,
        visit_i64_trunc_sat_f32_s I64TruncSatF32S,
        visit_i64_trunc_sat_f32_u I64TruncSatF32U,
        visit_i64_trunc_sat_f64_s I64TruncSatF64S,
        visit_i64_trunc_sat_f64_u I64TruncSatF64U,
        visit_f32_convert_i32_s F32ConvertI32S,
        visit_f32_convert_i32_u F32ConvertI32U,
        visit_f32_convert_i64_s F32ConvertI64S,
        visit_f32_convert_i64_u F32ConvertI64U,
        visit_f64_convert_i32_s F64ConvertI32S,
        visit_f64_convert_i32_u F64ConvertI32U,
        visit_f64_convert_i64_s F64ConvertI64S,
        visit_f64_convert_i64_u F64ConvertI64U
    }
    each! { float_binary:
        visit_f32_add F32Add,
        visit_f32_mul F32Mul,
        visit_f32_sub F32Sub,
        visit_f32_div F32Div,
        visit_f32_min F32Min,
        visit_f32_max F32Max,
        visit_f64_add F64Add,
        visit_f64_mul F64Mul,
        visit_f64_sub F64Sub,
        visit_f64_div F64Div,
        visit_f64_min F64Min,
        visit_f64_max F64Max
    }
    each! { float_unary:
        visit_f32_ceil F32Ceil,
        visit_f32_floor F32Floor,
        visit_f32_trunc F32Trunc,
        visit_f32_nearest F32Nearest,
        visit_f32_sqrt F32Sqrt,
        visit_f64_ceil F64Ceil,
        visit_f64_floor F64Floor,
        visit_f64_trunc F64Trunc,
        visit_f64_nearest F64Nearest,
        visit_f64_sqrt F64Sqrt,
        visit_f32_demote_f64 F32DemoteF64,
        visit_f64_promote_f32 F64PromoteF32
    }
    each! { unary_i32: visit_i32_popcnt I64Popcnt }
    each! { retype:
        visit_i64_extend_i32_u I64ExtendI32U,
        visit_i32_reinterpret_f32 I32ReinterpretF32,
        visit_i64_reinterpret_f64 I64ReinterpretF64,
        visit_f32_reinterpret_i32 F32ReinterpretI32,
        visit_f64_reinterpret_i64 F64ReinterpretI64
    }
    each! { unary_trapping:
        visit_i32_trunc_f32_s I32TruncF32S,
        visit_i32_trunc_f32_u I32TruncF32U,
        visit_i32_trunc_f64_s I32TruncF64S,
        visit_i32_trunc_f64_u I32TruncF64U,
        visit_i64_trunc_f32_s I64TruncF32S,
        visit_i64_trunc_f32_u I64TruncF32U,
        visit_i64_trunc_f64_s I64TruncF64S,
        visit_i64_trunc_f64_u I64TruncF64U
    }
    each! { load(arg):
        visit_i64_load I64Load,
        visit_f32_load F32Load,
        visit_f64_load F64Load,
        visit_i32_load8_s I32Load8S,
        visit_i32_load16_s I32Load16S,
        visit_i64_load8_s I64Load8S,
        visit_i64_load8_u I64Load8U,
        visit_i64_load16_s I64Load16S,
        visit_i64_load16_u I64Load16U,
        visit_i64_load32_s I64Load32S,
        visit_i64_load32_u I64Load32U
    }
    each! { load_i32(arg):
        visit_i32_load I64Load32U,
        visit_i32_load8_u I64Load8U,
        visit_i32_load16_u I64Load16U
    }
    each! { store(arg):
        visit_i32_store I64Store32,
        visit_i32_store8 I64Store8,
        visit_i32_store16 I64Store16,
        visit_i64_store I64Store,
        visit_i64_store8 I64Store8,
        visit_i64_store16 I64Store16,
        visit_i64_store32 I64Store32,
        visit_f32_store F32Store,
        visit_f64_store F64Store
    }

    wasmparser::for_each_visit_operator!(unsupported);
}

#[rustfmt::skip]
impl<'a> VisitSimdOperator<'a> for Func<'_> {
    fn visit_v128_const(&mut self, value: wasmparser::V128) { self.vector_const(V128::from_le_bytes(*value.bytes())) }
    fn visit_i8x16_shuffle(&mut self, lanes: [u8; 16]) { self.shuffle(lanes) }

    each! { vector_load(arg):
        visit_v128_load V128Load,
        visit_v128_load8x8_s V128Load8x8S,
        visit_v128_load8x8_u V128Load8x8U,
        visit_v128_load16x4_s V128Load16x4S,
        visit_v128_load16x4_u V128Load16x4U,
        visit_v128_load32x2_s V128Load32x2S,
        visit_v128_load32x2_u V128Load32x2U,
        visit_v128_load8_splat V128Load8Splat,
        visit_v128_load16_splat V128Load16Splat,
        visit_v128_load32_splat V128Load32Splat,
        visit_v128_load64_splat V128Load64Splat,
        visit_v128_load32_zero V128Load32Zero,
        visit_v128_load64_zero V128Load64Zero
    }
    each! { store(arg):
        visit_v128_store V128Store
    }
    each! { load_lane(arg, lane):
        visit_v128_load8_lane V128Load8Lane,
        visit_v128_load16_lane V128Load16Lane,
        visit_v128_load32_lane V128Load32Lane,
        visit_v128_load64_lane V128Load64Lane
    }
    each! { store_lane(arg, lane):
        visit_v128_store8_lane V128Store8Lane,
        visit_v128_store16_lane V128Store16Lane,
        visit_v128_store32_lane V128Store32Lane,
        visit_v128_store64_lane V128Store64Lane
    }
    each! { vector_unary:
        visit_f32x4_abs F32x4Abs,
        visit_f32x4_neg F32x4Neg,
        visit_f64x2_abs F64x2Abs,
        visit_f64x2_neg F64x2Neg,
        visit_f32x4_convert_i32x4_s F32x4ConvertI32x4S,
        visit_f32x4_convert_i32x4_u F32x4ConvertI32x4U,
        visit_f64x2_convert_low_i32x4_s F64x2ConvertLowI32x4S,
        visit_f64x2_convert_low_i32x4_u F64x2ConvertLowI32x4U,
        visit_i8x16_splat I8x16Splat,
        visit_i16x8_splat I16x8Splat,
        visit_i32x4_splat I32x4Splat,
        visit_i64x2_splat I64x2Splat,
        visit_f32x4_splat F32x4Splat,
        visit_f64x2_splat F64x2Splat,
        visit_v128_not V128Not,
        visit_i8x16_abs I8x16Abs,
        visit_i8x16_neg I8x16Neg,
        visit_i8x16_popcnt I8x16Popcnt,
        visit_i16x8_extadd_pairwise_i8x16_s I16x8ExtAddPairwiseI8x16S,
        visit_i16x8_extadd_pairwise_i8x16_u I16x8ExtAddPairwiseI8x16U,
        visit_i16x8_abs I16x8Abs,
        visit_i16x8_neg I16x8Neg,
        visit_i16x8_extend_low_i8x16_s I16x8ExtendLowI8x16S,
        visit_i16x8_extend_high_i8x16_s I16x8ExtendHighI8x16S,
        visit_i16x8_extend_low_i8x16_u I16x8ExtendLowI8x16U,
        visit_i16x8_extend_high_i8x16_u I16x8ExtendHighI8x16U,
        visit_i32x4_extadd_pairwise_i16x8_s I32x4ExtAddPairwiseI16x8S,
        visit_i32x4_extadd_pairwise_i16x8_u I32x4ExtAddPairwiseI16x8U,
        visit_i32x4_abs I32x4Abs,
        visit_i32x4_neg I32x4Neg,
        visit_i32x4_extend_low_i16x8_s I32x4ExtendLowI16x8S,
        visit_i32x4_extend_high_i16x8_s I32x4ExtendHighI16x8S,
        visit_i32x4_extend_low_i16x8_u I32x4ExtendLowI16x8U,
        visit_i32x4_extend_high_i16x8_u I32x4ExtendHighI16x8U,
        visit_i64x2_abs I64x2Abs,
        visit_i64x2_neg I64x2Neg,
        visit_i64x2_extend_low_i32x4_s I64x2ExtendLowI32x4S,
        visit_i64x2_extend_high_i32x4_s I64x2ExtendHighI32x4S,
        visit_i64x2_extend_low_i32x4_u I64x2ExtendLowI32x4U,
        visit_i64x2_extend_high_i32x4_u I64x2ExtendHighI32x4U,
        visit_i32x4_trunc_sat_f32x4_s I32x4TruncSatF32x4S,
        visit_i32x4_trunc_sat_f32x4_u I32x4TruncSatF32x4U,
        visit_i32x4_trunc_sat_f64x2_s_zero I32x4TruncSatF64x2SZero,
        visit_i32x4_trunc_sat_f64x2_u_zero I32x4TruncSatF64x2UZero,
        visit_i32x4_relaxed_trunc_f32x4_s I32x4RelaxedTruncF32x4S,
        visit_i32x4_relaxed_trunc_f32x4_u I32x4RelaxedTruncF32x4U,
        visit_i32x4_relaxed_trunc_f64x2_s_zero I32x4RelaxedTruncF64x2SZero,
        visit_i32x4_relaxed_trunc_f64x2_u_zero I32x4RelaxedTruncF64x2UZero
    }
    each! { vector_test:
        visit_v128_any_true V128AnyTrue,
        visit_i8x16_all_true I8x16AllTrue,
        visit_i8x16_bitmask I8x16Bitmask,
        visit_i16x8_all_true I16x8AllTrue,
        visit_i16x8_bitmask I16x8Bitmask,
        visit_i32x4_all_true I32x4AllTrue,
        visit_i32x4_bitmask I32x4Bitmask,
        visit_i64x2_all_true I64x2AllTrue,
        visit_i64x2_bitmask I64x2Bitmask
    }
    each! { vector_float_unary:
        visit_f32x4_ceil F32x4Ceil,
        visit_f32x4_floor F32x4Floor,
        visit_f32x4_trunc F32x4Trunc,
        visit_f32x4_nearest F32x4Nearest,
        visit_f32x4_sqrt F32x4Sqrt,
        visit_f64x2_ceil F64x2Ceil,
        visit_f64x2_floor F64x2Floor,
        visit_f64x2_trunc F64x2Trunc,
        visit_f64x2_nearest F64x2Nearest,
        visit_f64x2_sqrt F64x2Sqrt,
        visit_f32x4_demote_f64x2_zero F32x4DemoteF64x2Zero,
        visit_f64x2_promote_low_f32x4 F64x2PromoteLowF32x4
    }
    each! { vector_binary:
        visit_f32x4_pmin F32x4PMin,
        visit_f32x4_pmax F32x4PMax,
        visit_f64x2_pmin F64x2PMin,
        visit_f64x2_pmax F64x2PMax,
        visit_i8x16_swizzle I8x16Swizzle,
        visit_i8x16_eq I8x16Eq,
        visit_i8x16_ne I8x16Ne,
        visit_i8x16_lt_s I8x16LtS,
        visit_i8x16_lt_u I8x16LtU,
        visit_i8x16_gt_s I8x16GtS,
        visit_i8x16_gt_u I8x16GtU,
        visit_i8x16_le_s I8x16LeS,
        visit_i8x16_le_u I8x16LeU,
        visit_i8x16_ge_s I8x16GeS,
        visit_i8x16_ge_u I8x16GeU,
        visit_i16x8_eq I16x8Eq,
        visit_i16x8_ne I16x8Ne,
        visit_i16x8_lt_s I16x8LtS,
        visit_i16x8_lt_u I16x8LtU,
        visit_i16x8_gt_s I16x8GtS,
        visit_i16x8_gt_u I16x8GtU,
        visit_i16x8_le_s I16x8LeS,
        visit_i16x8_le_u I16x8LeU,
        visit_i16x8_ge_s I16x8GeS,
        visit_i16x8_ge_u I16x8GeU,
        visit_i32x4_eq I32x4Eq,
        visit_i32x4_ne I32x4Ne,
        visit_i32x4_lt_s I32x4LtS,
        visit_i32x4_lt_u I32x4LtU,
        visit_i32x4_gt_s I32x4GtS,
        visit_i32x4_gt_u I32x4GtU,
        visit_i32x4_le_s I32x4LeS,
        visit_i32x4_le_u I32x4LeU,
        visit_i32x4_ge_s I32x4GeS,
        visit_i32x4_ge_u I32x4GeU,
        visit_i64x2_eq I64x2Eq,
        visit_i64x2_ne I64x2Ne,
        visit_i64x2_lt_s I64x2LtS,
        visit_i64x2_gt_s I64x2GtS,
        visit_i64x2_le_s I64x2LeS,
        visit_i64x2_ge_s I64x2GeS,
        visit_f32x4_eq F32x4Eq,
        visit_f32x4_ne F32x4Ne,
        visit_f32x4_lt F32x4Lt,
        visit_f32x4_gt F32x4Gt,
        visit_f32x4_le F32x4Le,
        visit_f32x4_ge F32x4Ge,
        visit_f64x2_eq F64x2Eq,
        visit_f64x2_ne F64x2Ne,
        visit_f64x2_lt F64x2Lt,
        visit_f64x2_gt F64x2Gt,
        visit_f64x2_le F64x2Le,
        visit_f64x2_ge F64x2Ge,
        visit_v128_and V128And,
        visit_v128_andnot V128AndNot,
        visit_v128_or V128Or,
        visit_v128_xor V128Xor,
        visit_i8x16_narrow_i16x8_s I8x16NarrowI16x8S,
        visit_i8x16_narrow_i16x8_u I8x16NarrowI16x8U,
        visit_i8x16_add I8x16Add,
        visit_i8x16_add_sat_s I8x16AddSatS,
        visit_i8x16_add_sat_u I8x16AddSatU,
        visit_i8x16_sub I8x16Sub,
        visit_i8x16_sub_sat_s I8x16SubSatS,
        visit_i8x16_sub_sat_u I8x16SubSatU,
        visit_i8x16_min_s I8x16MinS,
        visit_i8x16_min_u I8x16MinU,
        visit_i8x16_max_s I8x16MaxS,
        visit_i8x16_max_u I8x16MaxU,
        visit_i8x16_avgr_u I8x16AvgrU,
        visit_i16x8_q15mulr_sat_s I16x8Q15MulrSatS,
        visit_i16x8_narrow_i32x4_s I16x8NarrowI32x4S,
        visit_i16x8_narrow_i32x4_u I16x8NarrowI32x4U,
        visit_i16x8_add I16x8Add,
        visit_i16x8_add_sat_s I16x8AddSatS,
        visit_i16x8_add_sat_u I16x8AddSatU,
        visit_i16x8_sub I16x8Sub,
        visit_i16x8_sub_sat_s I16x8SubSatS,
        visit_i16x8_sub_sat_u I16x8SubSatU,
        visit_i16x8_mul I16x8Mul,
        visit_i16x8_min_s I16x8MinS,
        visit_i16x8_min_u I16x8MinU,
        visit_i16x8_max_s I16x8MaxS,
        visit_i16x8_max_u I16x8MaxU,
        visit_i16x8_avgr_u I16x8AvgrU,
        visit_i16x8_extmul_low_i8x16_s I16x8ExtMulLowI8x16S,
        visit_i16x8_extmul_high_i8x16_s I16x8ExtMulHighI8x16S,
        visit_i16x8_extmul_low_i8x16_u I16x8ExtMulLowI8x16U,
        visit_i16x8_extmul_high_i8x16_u I16x8ExtMulHighI8x16U,
        visit_i32x4_add I32x4Add,
        visit_i32x4_sub I32x4Sub,
        visit_i32x4_mul I32x4Mul,
        visit_i32x4_min_s I32x4MinS,
        visit_i32x4_min_u I32x4MinU,
        visit_i32x4_max_s I32x4MaxS,
        visit_i32x4_max_u I32x4MaxU,
        visit_i32x4_dot_i16x8_s I32x4DotI16x8S,
        visit_i32x4_extmul_low_i16x8_s I32x4ExtMulLowI16x8S,
        visit_i32x4_extmul_high_i16x8_s I32x4ExtMulHighI16x8S,
        visit_i32x4_extmul_low_i16x8_u I32x4ExtMulLowI16x8U,
        visit_i32x4_extmul_high_i16x8_u I32x4ExtMulHighI16x8U,
        visit_i64x2_add I64x2Add,
        visit_i64x2_sub I64x2Sub,
        visit_i64x2_mul I64x2Mul,
        visit_i64x2_extmul_low_i32x4_s I64x2ExtMulLowI32x4S,
        visit_i64x2_extmul_high_i32x4_s I64x2ExtMulHighI32x4S,
        visit_i64x2_extmul_low_i32x4_u I64x2ExtMulLowI32x4U,
        visit_i64x2_extmul_high_i32x4_u I64x2ExtMulHighI32x4U,
        visit_i8x16_relaxed_swizzle I8x16RelaxedSwizzle,
        visit_i16x8_relaxed_q15mulr_s I16x8RelaxedQ15mulrS,
        visit_i16x8_relaxed_dot_i8x16_i7x16_s I16x8RelaxedDotI8x16I7x16S
    }
    each! { vector_float_binary:
        visit_f32x4_add F32x4Add,
        visit_f32x4_sub F32x4Sub,
        visit_f32x4_mul F32x4Mul,
        visit_f32x4_div F32x4Div,
        visit_f32x4_min F32x4Min,
        visit_f32x4_max F32x4Max,
        visit_f64x2_add F64x2Add,
        visit_f64x2_sub F64x2Sub,
        visit_f64x2_mul F64x2Mul,
        visit_f64x2_div F64x2Div,
        visit_f64x2_min F64x2Min,
        visit_f64x2_max F64x2Max,
        visit_f32x4_relaxed_min F32x4RelaxedMin,
        visit_f32x4_relaxed_max F32x4RelaxedMax,
        visit_f64x2_relaxed_min F64x2RelaxedMin,
        visit_f64x2_relaxed_max F64x2RelaxedMax
    }
    each! { vector_shift:
        visit_i8x16_shl I8x16Shl,
        visit_i8x16_shr_s I8x16ShrS,
        visit_i8x16_shr_u I8x16ShrU,
        visit_i16x8_shl I16x8Shl,
        visit_i16x8_shr_s I16x8ShrS,
        visit_i16x8_shr_u I16x8ShrU,
        visit_i32x4_shl I32x4Shl,
        visit_i32x4_shr_s I32x4ShrS,
        visit_i32x4_shr_u I32x4ShrU,
        visit_i64x2_shl I64x2Shl,
        visit_i64x2_shr_s I64x2ShrS,
        visit_i64x2_shr_u I64x2ShrU
    }
    each! { vector_ternary:
        visit_v128_bitselect V128Bitselect,
        visit_i8x16_relaxed_laneselect I8x16RelaxedLaneselect,
        visit_i16x8_relaxed_laneselect I16x8RelaxedLaneselect,
        visit_i32x4_relaxed_laneselect I32x4RelaxedLaneselect,
        visit_i64x2_relaxed_laneselect I64x2RelaxedLaneselect,
        visit_i32x4_relaxed_dot_i8x16_i7x16_add_s I32x4RelaxedDotI8x16I7x16AddS
    }
    each! { vector_float_ternary:
        visit_f32x4_relaxed_madd F32x4RelaxedMadd,
        visit_f32x4_relaxed_nmadd F32x4RelaxedNmadd,
        visit_f64x2_relaxed_madd F64x2RelaxedMadd,
        visit_f64x2_relaxed_nmadd F64x2RelaxedNmadd
    }
    each! { extract_lane(lane) -> I32:
        visit_i8x16_extract_lane_s I8x16ExtractLaneS,
        visit_i8x16_extract_lane_u I8x16ExtractLaneU,
        visit_i16x8_extract_lane_s I16x8ExtractLaneS,
        visit_i16x8_extract_lane_u I16x8ExtractLaneU,
        visit_i32x4_extract_lane I32x4ExtractLane
    }
    each! { extract_lane(lane) -> I64:
        visit_i64x2_extract_lane I64x2ExtractLane
    }
    each! { extract_lane(lane) -> F32:
        visit_f32x4_extract_lane F32x4ExtractLane
    }
    each! { extract_lane(lane) -> F64:
        visit_f64x2_extract_lane F64x2ExtractLane
    }
    each! { replace_lane(lane):
        visit_i8x16_replace_lane I8x16ReplaceLane,
        visit_i16x8_replace_lane I16x8ReplaceLane,
        visit_i32x4_replace_lane I32x4ReplaceLane,
        visit_i64x2_replace_lane I64x2ReplaceLane,
        visit_f32x4_replace_lane F32x4ReplaceLane,
        visit_f64x2_replace_lane F64x2ReplaceLane
    }
}

impl Func<'_> {
    /// Returns the type of a block in the form that controls have.
    fn sig(&mut self, ty: BlockType) -> BlockSig {
        match ty {
            BlockType::Empty => BlockSig::Empty,
            BlockType::FuncType(index) => BlockSig::Func(index),
            BlockType::Type(ty) => match self.module.val_type(ty, self.offset.into()) {
                Ok(ty) => BlockSig::One(Type::of(ty)),
                Err(error) => {
                    self.fail(error.into());
                    BlockSig::Empty
                }
            },
        }
    }

    /// Translates `ref.null`.
    fn ref_null(&mut self, ty: wasmparser::HeapType) {
        match self.module.heap_type(ty, self.offset.into()) {
            Ok(heap) => self.constant(Type::of(ValType::Ref(RefType::new(true, heap))), 0),
            Err(error) => self.fail(error.into()),
        }
    }
}
