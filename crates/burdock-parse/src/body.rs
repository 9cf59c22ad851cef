//! `drive`: reads one function body, validates each operator and hands it to a visitor, in one
//! pass. What the visitor makes of it is not this file's business.

use crate::short::{is_short, visit_short};
use crate::{ModuleDef, ParseError};
use alloc::vec::Vec;
use burdock_types::{FuncIdx, ValType};
use wasmparser::{
    BinaryReader, FrameKind, FrameStack, FuncToValidate, FuncValidator, FuncValidatorAllocations,
    FunctionBody, Operator, OperatorsReader, ValidatorResources, VisitOperator, VisitSimdOperator,
};

/// What receives the operators of a body.
pub trait BodyVisitor<'a>: VisitSimdOperator<'a, Output = ()> {
    /// `count` locals of this type are declared; called before `begin`.
    fn locals(&mut self, count: u32, ty: ValType);
    /// All locals are declared; what follows, at this byte offset in the module, are operators.
    fn begin(&mut self, offset: u32);
    /// The next operator lies at this byte offset in the module.
    fn at(&mut self, offset: u32);
}

/// Whether a body is validated while it is read.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Validation {
    /// It is; the visitor sees an operator after it has been found valid.
    Checked,
    /// It is not: it has been before, or the embedder vouches for it.
    Trusted,
}

/// Buffers of the validator, kept from body to body.
#[derive(Default)]
pub struct Allocations(FuncValidatorAllocations);

/// Reads the body of the `defined`-th function that the module defines (imports not counted).
///
/// # Errors
///
/// The body is malformed or invalid.
pub fn drive<'a, V: BodyVisitor<'a>>(
    module: &ModuleDef,
    bytes: &'a [u8],
    defined: u32,
    validation: Validation,
    allocations: &mut Allocations,
    visitor: &mut V,
) -> Result<(), ParseError> {
    let range = module.bodies[defined as usize].clone();
    let reader =
        BinaryReader::new_features(&bytes[range.clone()], range.start as u64, module.features);
    match (&module.resources, validation) {
        (Some(resources), Validation::Checked) => {
            let func = module.defined_func(defined);
            let body = &bytes[range];
            checked(module, resources.clone(), func, (reader, body), allocations, visitor)
        }
        _ => trusted(reader, visitor),
    }
}

/// The operator at a byte offset in the module, for who visits operators and needs one as a whole;
/// `None` for `else` and `end`, which only delimit, and where no operator can be read.
pub fn operator_at<'a>(module: &ModuleDef, bytes: &'a [u8], offset: u32) -> Option<Operator<'a>> {
    let bytes = bytes.get(offset as usize..)?;
    if matches!(bytes, [0x05 | 0x0b, ..]) {
        return None;
    }
    let reader = BinaryReader::new_features(bytes, offset.into(), module.features);
    OperatorsReader::new(reader).read().ok()
}

/// The offset of the first operator at or behind a byte offset, in the function that has it; as for
/// [`operator_at`], `else` and `end` are none.
pub fn next_operator(module: &ModuleDef, bytes: &[u8], offset: u32) -> Option<u32> {
    let at = offset as usize;
    let body = module.bodies.iter().find(|body| at < body.end)?;
    let reader =
        BinaryReader::new_features(bytes.get(body.clone())?, body.start as u64, module.features);
    let mut operators = FunctionBody::new(reader).get_operators_reader().ok()?;
    while !operators.eof() {
        let (operator, found) = operators.read_with_offset().ok()?;
        if found >= u64::from(offset) && !matches!(operator, Operator::Else | Operator::End) {
            return Some(found as u32);
        }
    }
    None
}

fn checked<'a, V: BodyVisitor<'a>>(
    module: &ModuleDef,
    resources: ValidatorResources,
    func: FuncIdx,
    (mut reader, body): (BinaryReader<'a>, &'a [u8]),
    allocations: &mut Allocations,
    visitor: &mut V,
) -> Result<(), ParseError> {
    let to_validate = FuncToValidate {
        resources,
        index: func.0,
        ty: module.funcs[func.index()].0,
        features: module.features,
    };
    let validator = to_validate.into_validator(core::mem::take(&mut allocations.0));
    let mut fused = Fused { validator, visitor, offset: 0, frame: None };
    fused.note_frame();
    for _ in 0..reader.read_var_u32()? {
        let offset = reader.original_position();
        let count = reader.read()?;
        let ty = reader.read()?;
        fused.validator.define_locals(offset, count, ty)?;
        fused.visitor.locals(count, crate::convert::val_type(ty, offset)?);
    }
    fused.visitor.begin(reader.original_position() as u32);
    while !reader.eof() {
        fused.offset = reader.original_position();
        fused.visitor.at(fused.offset as u32);
        if is_short(body, reader.current_position()) && fused.frame.is_some() {
            visit_short(&mut reader, &mut fused)??;
        } else {
            reader.visit_operator(&mut fused)??;
        }
    }
    reader.finish_expression(&fused)?;
    allocations.0 = fused.validator.into_allocations();
    Ok(())
}

fn trusted<'a, V: BodyVisitor<'a>>(
    reader: BinaryReader<'a>,
    visitor: &mut V,
) -> Result<(), ParseError> {
    let body = FunctionBody::new(reader);
    let mut locals = body.get_locals_reader()?;
    for _ in 0..locals.get_count() {
        let offset = locals.original_position();
        let (count, ty) = locals.read()?;
        visitor.locals(count, crate::convert::val_type(ty, offset)?);
    }
    let mut operators = OperatorsReader::new(locals.get_binary_reader());
    visitor.begin(operators.original_position() as u32);
    while !operators.eof() {
        visitor.at(operators.original_position() as u32);
        operators.visit_operator(visitor)?;
    }
    Ok(operators.finish()?)
}

/// Validates an operator, then shows it to the visitor.
struct Fused<'v, V> {
    validator: FuncValidator<ValidatorResources>,
    visitor: &'v mut V,
    offset: u64,
    /// The kind of the innermost block.
    frame: Option<FrameKind>,
}

impl<V> Fused<'_, V> {
    fn note_frame(&mut self) {
        self.frame = self.validator.get_control_frame(0).map(|frame| frame.kind);
    }
}

impl<V> FrameStack for Fused<'_, V> {
    #[inline]
    fn current_frame(&self) -> Option<FrameKind> {
        self.frame
    }
}

/// Whether an operator begins or ends blocks.
macro_rules! is_structure {
    (visit_block) => {
        true
    };
    (visit_loop) => {
        true
    };
    (visit_if) => {
        true
    };
    (visit_else) => {
        true
    };
    (visit_end) => {
        true
    };
    (visit_try) => {
        true
    };
    (visit_catch) => {
        true
    };
    (visit_catch_all) => {
        true
    };
    (visit_delegate) => {
        true
    };
    (visit_try_table) => {
        true
    };
    ($other:ident) => {
        false
    };
}

macro_rules! validate_then_visit {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        #[inline]
        fn $visit(&mut self $($(, $arg: $argty)*)?) -> Self::Output {
            self.validator.visitor(self.offset).$visit($($($arg.clone()),*)?)?;
            if is_structure!($visit) {
                self.note_frame();
            }
            self.visitor.$visit($($($arg),*)?);
            Ok(())
        }
    )*};
}

macro_rules! validate_then_visit_simd {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        fn $visit(&mut self $($(, $arg: $argty)*)?) -> Self::Output {
            self.validator.simd_visitor(self.offset).$visit($($($arg.clone()),*)?)?;
            self.visitor.$visit($($($arg),*)?);
            Ok(())
        }
    )*};
}

impl<'a, V: BodyVisitor<'a>> VisitOperator<'a> for Fused<'_, V> {
    type Output = wasmparser::Result<()>;

    fn simd_visitor(
        &mut self,
    ) -> Option<&mut dyn VisitSimdOperator<'a, Output = wasmparser::Result<()>>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(validate_then_visit);
}

impl<'a, V: BodyVisitor<'a>> VisitSimdOperator<'a> for Fused<'_, V> {
    wasmparser::for_each_visit_simd_operator!(validate_then_visit_simd);
}
