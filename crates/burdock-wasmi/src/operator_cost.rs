//! `OperatorCost`: the fuel that each operator takes.

macro_rules! operators {
    (always { $($snake:ident $camel:ident;)* } simd { $($simd_snake:ident $simd_camel:ident;)* }) => {
        /// The fuel that each operator takes, by the operator's name. By default most operators
        /// take 1.
        #[derive(Copy, Clone, Debug)]
        #[allow(missing_docs, reason = "a field is the operator's name")]
        pub struct OperatorCost {
            $(pub $snake: u8,)*
            $(#[cfg(feature = "simd")] pub $simd_snake: u8,)*
        }

        impl Default for OperatorCost {
            fn default() -> Self {
                let costs = burdock::OperatorCost::new();
                Self {
                    $($snake: costs.$camel,)*
                    $(#[cfg(feature = "simd")] $simd_snake: costs.$simd_camel,)*
                }
            }
        }

        impl OperatorCost {
            /// Returns the costs for Burdock. Operators that are not in this list keep Burdock's.
            pub fn to_burdock(&self) -> burdock::OperatorCost {
                let mut costs = burdock::OperatorCost::new();
                $(costs.$camel = self.$snake;)*
                $(#[cfg(feature = "simd")] { costs.$simd_camel = self.$simd_snake; })*
                costs
            }
        }
    };
}

#[rustfmt::skip]
operators! {
always {
    unreachable Unreachable; nop Nop; block Block; loop_ Loop; if_ If; else_ Else; end End; br Br;
    br_if BrIf; br_table BrTable; return_ Return; call Call; call_indirect CallIndirect; drop Drop;
    select Select; local_get LocalGet; local_set LocalSet; local_tee LocalTee; global_get GlobalGet;
    global_set GlobalSet; i32_load I32Load; i64_load I64Load; f32_load F32Load; f64_load F64Load;
    i32_load8_s I32Load8S; i32_load8_u I32Load8U; i32_load16_s I32Load16S; i32_load16_u I32Load16U;
    i64_load8_s I64Load8S; i64_load8_u I64Load8U; i64_load16_s I64Load16S; i64_load16_u I64Load16U;
    i64_load32_s I64Load32S; i64_load32_u I64Load32U; i32_store I32Store; i64_store I64Store;
    f32_store F32Store; f64_store F64Store; i32_store8 I32Store8; i32_store16 I32Store16;
    i64_store8 I64Store8; i64_store16 I64Store16; i64_store32 I64Store32; memory_size MemorySize;
    memory_grow MemoryGrow; i32_const I32Const; i64_const I64Const; f32_const F32Const;
    f64_const F64Const; i32_eqz I32Eqz; i32_eq I32Eq; i32_ne I32Ne; i32_lt_s I32LtS;
    i32_lt_u I32LtU; i32_gt_s I32GtS; i32_gt_u I32GtU; i32_le_s I32LeS; i32_le_u I32LeU;
    i32_ge_s I32GeS; i32_ge_u I32GeU; i64_eqz I64Eqz; i64_eq I64Eq; i64_ne I64Ne; i64_lt_s I64LtS;
    i64_lt_u I64LtU; i64_gt_s I64GtS; i64_gt_u I64GtU; i64_le_s I64LeS; i64_le_u I64LeU;
    i64_ge_s I64GeS; i64_ge_u I64GeU; f32_eq F32Eq; f32_ne F32Ne; f32_lt F32Lt; f32_gt F32Gt;
    f32_le F32Le; f32_ge F32Ge; f64_eq F64Eq; f64_ne F64Ne; f64_lt F64Lt; f64_gt F64Gt;
    f64_le F64Le; f64_ge F64Ge; i32_clz I32Clz; i32_ctz I32Ctz; i32_popcnt I32Popcnt;
    i32_add I32Add; i32_sub I32Sub; i32_mul I32Mul; i32_div_s I32DivS; i32_div_u I32DivU;
    i32_rem_s I32RemS; i32_rem_u I32RemU; i32_and I32And; i32_or I32Or; i32_xor I32Xor;
    i32_shl I32Shl; i32_shr_s I32ShrS; i32_shr_u I32ShrU; i32_rotl I32Rotl; i32_rotr I32Rotr;
    i64_clz I64Clz; i64_ctz I64Ctz; i64_popcnt I64Popcnt; i64_add I64Add; i64_sub I64Sub;
    i64_mul I64Mul; i64_div_s I64DivS; i64_div_u I64DivU; i64_rem_s I64RemS; i64_rem_u I64RemU;
    i64_and I64And; i64_or I64Or; i64_xor I64Xor; i64_shl I64Shl; i64_shr_s I64ShrS;
    i64_shr_u I64ShrU; i64_rotl I64Rotl; i64_rotr I64Rotr; f32_abs F32Abs; f32_neg F32Neg;
    f32_ceil F32Ceil; f32_floor F32Floor; f32_trunc F32Trunc; f32_nearest F32Nearest;
    f32_sqrt F32Sqrt; f32_add F32Add; f32_sub F32Sub; f32_mul F32Mul; f32_div F32Div;
    f32_min F32Min; f32_max F32Max; f32_copysign F32Copysign; f64_abs F64Abs; f64_neg F64Neg;
    f64_ceil F64Ceil; f64_floor F64Floor; f64_trunc F64Trunc; f64_nearest F64Nearest;
    f64_sqrt F64Sqrt; f64_add F64Add; f64_sub F64Sub; f64_mul F64Mul; f64_div F64Div;
    f64_min F64Min; f64_max F64Max; f64_copysign F64Copysign; i32_wrap_i64 I32WrapI64;
    i32_trunc_f32_s I32TruncF32S; i32_trunc_f32_u I32TruncF32U; i32_trunc_f64_s I32TruncF64S;
    i32_trunc_f64_u I32TruncF64U; i64_extend_i32_s I64ExtendI32S; i64_extend_i32_u I64ExtendI32U;
    i64_trunc_f32_s I64TruncF32S; i64_trunc_f32_u I64TruncF32U; i64_trunc_f64_s I64TruncF64S;
    i64_trunc_f64_u I64TruncF64U; f32_convert_i32_s F32ConvertI32S;
    f32_convert_i32_u F32ConvertI32U; f32_convert_i64_s F32ConvertI64S;
    f32_convert_i64_u F32ConvertI64U; f32_demote_f64 F32DemoteF64; f64_convert_i32_s F64ConvertI32S;
    f64_convert_i32_u F64ConvertI32U; f64_convert_i64_s F64ConvertI64S;
    f64_convert_i64_u F64ConvertI64U; f64_promote_f32 F64PromoteF32;
    i32_reinterpret_f32 I32ReinterpretF32; i64_reinterpret_f64 I64ReinterpretF64;
    f32_reinterpret_i32 F32ReinterpretI32; f64_reinterpret_i64 F64ReinterpretI64;
    i32_extend8_s I32Extend8S; i32_extend16_s I32Extend16S; i64_extend8_s I64Extend8S;
    i64_extend16_s I64Extend16S; i64_extend32_s I64Extend32S; i32_trunc_sat_f32_s I32TruncSatF32S;
    i32_trunc_sat_f32_u I32TruncSatF32U; i32_trunc_sat_f64_s I32TruncSatF64S;
    i32_trunc_sat_f64_u I32TruncSatF64U; i64_trunc_sat_f32_s I64TruncSatF32S;
    i64_trunc_sat_f32_u I64TruncSatF32U; i64_trunc_sat_f64_s I64TruncSatF64S;
    i64_trunc_sat_f64_u I64TruncSatF64U; ref_null RefNull; ref_is_null RefIsNull; ref_func RefFunc;
    typed_select TypedSelect; return_call ReturnCall; return_call_indirect ReturnCallIndirect;
    memory_init MemoryInit; data_drop DataDrop; memory_copy MemoryCopy; memory_fill MemoryFill;
    table_init TableInit; elem_drop ElemDrop; table_copy TableCopy; table_fill TableFill;
    table_get TableGet; table_set TableSet; table_grow TableGrow; table_size TableSize;
    i64_add128 I64Add128; i64_sub128 I64Sub128; i64_mul_wide_s I64MulWideS;
    i64_mul_wide_u I64MulWideU;
}
simd {
    v128_load V128Load; v128_load8x8_s V128Load8x8S; v128_load8x8_u V128Load8x8U;
    v128_load16x4_s V128Load16x4S; v128_load16x4_u V128Load16x4U; v128_load32x2_s V128Load32x2S;
    v128_load32x2_u V128Load32x2U; v128_load8_splat V128Load8Splat;
    v128_load16_splat V128Load16Splat; v128_load32_splat V128Load32Splat;
    v128_load64_splat V128Load64Splat; v128_load32_zero V128Load32Zero;
    v128_load64_zero V128Load64Zero; v128_store V128Store; v128_load8_lane V128Load8Lane;
    v128_load16_lane V128Load16Lane; v128_load32_lane V128Load32Lane;
    v128_load64_lane V128Load64Lane; v128_store8_lane V128Store8Lane;
    v128_store16_lane V128Store16Lane; v128_store32_lane V128Store32Lane;
    v128_store64_lane V128Store64Lane; v128_const V128Const; i8x16_shuffle I8x16Shuffle;
    i8x16_extract_lane_s I8x16ExtractLaneS; i8x16_extract_lane_u I8x16ExtractLaneU;
    i8x16_replace_lane I8x16ReplaceLane; i16x8_extract_lane_s I16x8ExtractLaneS;
    i16x8_extract_lane_u I16x8ExtractLaneU; i16x8_replace_lane I16x8ReplaceLane;
    i32x4_extract_lane I32x4ExtractLane; i32x4_replace_lane I32x4ReplaceLane;
    i64x2_extract_lane I64x2ExtractLane; i64x2_replace_lane I64x2ReplaceLane;
    f32x4_extract_lane F32x4ExtractLane; f32x4_replace_lane F32x4ReplaceLane;
    f64x2_extract_lane F64x2ExtractLane; f64x2_replace_lane F64x2ReplaceLane;
    i8x16_swizzle I8x16Swizzle; i8x16_splat I8x16Splat; i16x8_splat I16x8Splat;
    i32x4_splat I32x4Splat; i64x2_splat I64x2Splat; f32x4_splat F32x4Splat; f64x2_splat F64x2Splat;
    i8x16_eq I8x16Eq; i8x16_ne I8x16Ne; i8x16_lt_s I8x16LtS; i8x16_lt_u I8x16LtU;
    i8x16_gt_s I8x16GtS; i8x16_gt_u I8x16GtU; i8x16_le_s I8x16LeS; i8x16_le_u I8x16LeU;
    i8x16_ge_s I8x16GeS; i8x16_ge_u I8x16GeU; i16x8_eq I16x8Eq; i16x8_ne I16x8Ne;
    i16x8_lt_s I16x8LtS; i16x8_lt_u I16x8LtU; i16x8_gt_s I16x8GtS; i16x8_gt_u I16x8GtU;
    i16x8_le_s I16x8LeS; i16x8_le_u I16x8LeU; i16x8_ge_s I16x8GeS; i16x8_ge_u I16x8GeU;
    i32x4_eq I32x4Eq; i32x4_ne I32x4Ne; i32x4_lt_s I32x4LtS; i32x4_lt_u I32x4LtU;
    i32x4_gt_s I32x4GtS; i32x4_gt_u I32x4GtU; i32x4_le_s I32x4LeS; i32x4_le_u I32x4LeU;
    i32x4_ge_s I32x4GeS; i32x4_ge_u I32x4GeU; i64x2_eq I64x2Eq; i64x2_ne I64x2Ne;
    i64x2_lt_s I64x2LtS; i64x2_gt_s I64x2GtS; i64x2_le_s I64x2LeS; i64x2_ge_s I64x2GeS;
    f32x4_eq F32x4Eq; f32x4_ne F32x4Ne; f32x4_lt F32x4Lt; f32x4_gt F32x4Gt; f32x4_le F32x4Le;
    f32x4_ge F32x4Ge; f64x2_eq F64x2Eq; f64x2_ne F64x2Ne; f64x2_lt F64x2Lt; f64x2_gt F64x2Gt;
    f64x2_le F64x2Le; f64x2_ge F64x2Ge; v128_not V128Not; v128_and V128And; v128_and_not V128AndNot;
    v128_or V128Or; v128_xor V128Xor; v128_bitselect V128Bitselect; v128_any_true V128AnyTrue;
    i8x16_abs I8x16Abs; i8x16_neg I8x16Neg; i8x16_popcnt I8x16Popcnt; i8x16_all_true I8x16AllTrue;
    i8x16_bitmask I8x16Bitmask; i8x16_narrow_i16x8_s I8x16NarrowI16x8S;
    i8x16_narrow_i16x8_u I8x16NarrowI16x8U; i8x16_shl I8x16Shl; i8x16_shr_s I8x16ShrS;
    i8x16_shr_u I8x16ShrU; i8x16_add I8x16Add; i8x16_add_sat_s I8x16AddSatS;
    i8x16_add_sat_u I8x16AddSatU; i8x16_sub I8x16Sub; i8x16_sub_sat_s I8x16SubSatS;
    i8x16_sub_sat_u I8x16SubSatU; i8x16_min_s I8x16MinS; i8x16_min_u I8x16MinU;
    i8x16_max_s I8x16MaxS; i8x16_max_u I8x16MaxU; i8x16_avgr_u I8x16AvgrU;
    i16x8_ext_add_pairwise_i8x16_s I16x8ExtAddPairwiseI8x16S;
    i16x8_ext_add_pairwise_i8x16_u I16x8ExtAddPairwiseI8x16U; i16x8_abs I16x8Abs;
    i16x8_neg I16x8Neg; i16x8_q15_mulr_sat_s I16x8Q15MulrSatS; i16x8_all_true I16x8AllTrue;
    i16x8_bitmask I16x8Bitmask; i16x8_narrow_i32x4_s I16x8NarrowI32x4S;
    i16x8_narrow_i32x4_u I16x8NarrowI32x4U; i16x8_extend_low_i8x16_s I16x8ExtendLowI8x16S;
    i16x8_extend_high_i8x16_s I16x8ExtendHighI8x16S; i16x8_extend_low_i8x16_u I16x8ExtendLowI8x16U;
    i16x8_extend_high_i8x16_u I16x8ExtendHighI8x16U; i16x8_shl I16x8Shl; i16x8_shr_s I16x8ShrS;
    i16x8_shr_u I16x8ShrU; i16x8_add I16x8Add; i16x8_add_sat_s I16x8AddSatS;
    i16x8_add_sat_u I16x8AddSatU; i16x8_sub I16x8Sub; i16x8_sub_sat_s I16x8SubSatS;
    i16x8_sub_sat_u I16x8SubSatU; i16x8_mul I16x8Mul; i16x8_min_s I16x8MinS; i16x8_min_u I16x8MinU;
    i16x8_max_s I16x8MaxS; i16x8_max_u I16x8MaxU; i16x8_avgr_u I16x8AvgrU;
    i16x8_ext_mul_low_i8x16_s I16x8ExtMulLowI8x16S;
    i16x8_ext_mul_high_i8x16_s I16x8ExtMulHighI8x16S;
    i16x8_ext_mul_low_i8x16_u I16x8ExtMulLowI8x16U;
    i16x8_ext_mul_high_i8x16_u I16x8ExtMulHighI8x16U;
    i32x4_ext_add_pairwise_i16x8_s I32x4ExtAddPairwiseI16x8S;
    i32x4_ext_add_pairwise_i16x8_u I32x4ExtAddPairwiseI16x8U; i32x4_abs I32x4Abs;
    i32x4_neg I32x4Neg; i32x4_all_true I32x4AllTrue; i32x4_bitmask I32x4Bitmask;
    i32x4_extend_low_i16x8_s I32x4ExtendLowI16x8S; i32x4_extend_high_i16x8_s I32x4ExtendHighI16x8S;
    i32x4_extend_low_i16x8_u I32x4ExtendLowI16x8U; i32x4_extend_high_i16x8_u I32x4ExtendHighI16x8U;
    i32x4_shl I32x4Shl; i32x4_shr_s I32x4ShrS; i32x4_shr_u I32x4ShrU; i32x4_add I32x4Add;
    i32x4_sub I32x4Sub; i32x4_mul I32x4Mul; i32x4_min_s I32x4MinS; i32x4_min_u I32x4MinU;
    i32x4_max_s I32x4MaxS; i32x4_max_u I32x4MaxU; i32x4_dot_i16x8_s I32x4DotI16x8S;
    i32x4_ext_mul_low_i16x8_s I32x4ExtMulLowI16x8S;
    i32x4_ext_mul_high_i16x8_s I32x4ExtMulHighI16x8S;
    i32x4_ext_mul_low_i16x8_u I32x4ExtMulLowI16x8U;
    i32x4_ext_mul_high_i16x8_u I32x4ExtMulHighI16x8U; i64x2_abs I64x2Abs; i64x2_neg I64x2Neg;
    i64x2_all_true I64x2AllTrue; i64x2_bitmask I64x2Bitmask;
    i64x2_extend_low_i32x4_s I64x2ExtendLowI32x4S; i64x2_extend_high_i32x4_s I64x2ExtendHighI32x4S;
    i64x2_extend_low_i32x4_u I64x2ExtendLowI32x4U; i64x2_extend_high_i32x4_u I64x2ExtendHighI32x4U;
    i64x2_shl I64x2Shl; i64x2_shr_s I64x2ShrS; i64x2_shr_u I64x2ShrU; i64x2_add I64x2Add;
    i64x2_sub I64x2Sub; i64x2_mul I64x2Mul; i64x2_ext_mul_low_i32x4_s I64x2ExtMulLowI32x4S;
    i64x2_ext_mul_high_i32x4_s I64x2ExtMulHighI32x4S;
    i64x2_ext_mul_low_i32x4_u I64x2ExtMulLowI32x4U;
    i64x2_ext_mul_high_i32x4_u I64x2ExtMulHighI32x4U; f32x4_ceil F32x4Ceil; f32x4_floor F32x4Floor;
    f32x4_trunc F32x4Trunc; f32x4_nearest F32x4Nearest; f32x4_abs F32x4Abs; f32x4_neg F32x4Neg;
    f32x4_sqrt F32x4Sqrt; f32x4_add F32x4Add; f32x4_sub F32x4Sub; f32x4_mul F32x4Mul;
    f32x4_div F32x4Div; f32x4_min F32x4Min; f32x4_max F32x4Max; f32x4_pmin F32x4PMin;
    f32x4_pmax F32x4PMax; f64x2_ceil F64x2Ceil; f64x2_floor F64x2Floor; f64x2_trunc F64x2Trunc;
    f64x2_nearest F64x2Nearest; f64x2_abs F64x2Abs; f64x2_neg F64x2Neg; f64x2_sqrt F64x2Sqrt;
    f64x2_add F64x2Add; f64x2_sub F64x2Sub; f64x2_mul F64x2Mul; f64x2_div F64x2Div;
    f64x2_min F64x2Min; f64x2_max F64x2Max; f64x2_pmin F64x2PMin; f64x2_pmax F64x2PMax;
    i32x4_trunc_sat_f32x4_s I32x4TruncSatF32x4S; i32x4_trunc_sat_f32x4_u I32x4TruncSatF32x4U;
    f32x4_convert_i32x4_s F32x4ConvertI32x4S; f32x4_convert_i32x4_u F32x4ConvertI32x4U;
    i32x4_trunc_sat_f64x2_szero I32x4TruncSatF64x2SZero;
    i32x4_trunc_sat_f64x2_uzero I32x4TruncSatF64x2UZero;
    f64x2_convert_low_i32x4_s F64x2ConvertLowI32x4S;
    f64x2_convert_low_i32x4_u F64x2ConvertLowI32x4U; f32x4_demote_f64x2_zero F32x4DemoteF64x2Zero;
    f64x2_promote_low_f32x4 F64x2PromoteLowF32x4; i8x16_relaxed_swizzle I8x16RelaxedSwizzle;
    i32x4_relaxed_trunc_f32x4_s I32x4RelaxedTruncF32x4S;
    i32x4_relaxed_trunc_f32x4_u I32x4RelaxedTruncF32x4U;
    i32x4_relaxed_trunc_f64x2_szero I32x4RelaxedTruncF64x2SZero;
    i32x4_relaxed_trunc_f64x2_uzero I32x4RelaxedTruncF64x2UZero;
    f32x4_relaxed_madd F32x4RelaxedMadd; f32x4_relaxed_nmadd F32x4RelaxedNmadd;
    f64x2_relaxed_madd F64x2RelaxedMadd; f64x2_relaxed_nmadd F64x2RelaxedNmadd;
    i8x16_relaxed_laneselect I8x16RelaxedLaneselect;
    i16x8_relaxed_laneselect I16x8RelaxedLaneselect;
    i32x4_relaxed_laneselect I32x4RelaxedLaneselect;
    i64x2_relaxed_laneselect I64x2RelaxedLaneselect; f32x4_relaxed_min F32x4RelaxedMin;
    f32x4_relaxed_max F32x4RelaxedMax; f64x2_relaxed_min F64x2RelaxedMin;
    f64x2_relaxed_max F64x2RelaxedMax; i16x8_relaxed_q15mulr_s I16x8RelaxedQ15mulrS;
    i16x8_relaxed_dot_i8x16_i7x16_s I16x8RelaxedDotI8x16I7x16S;
    i32x4_relaxed_dot_i8x16_i7x16_add_s I32x4RelaxedDotI8x16I7x16AddS;
}
}
