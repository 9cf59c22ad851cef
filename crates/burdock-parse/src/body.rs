//! `drive`: reads one function body, validates each operator and hands it to a visitor, in one
//! pass. What the visitor makes of it is not this file's business.

use crate::frame::FrameLimit;
use crate::short::{Short, visit_short};
use crate::{ModuleDef, ParseError};
use alloc::vec::Vec;
use burdock_types::{FuncIdx, ValType};
use core::ops::Range;
use wasmparser::{
    BinaryReader, FrameKind, FrameStack, FuncToValidate, FuncValidator, FuncValidatorAllocations,
    FunctionBody, Operator, OperatorsReader, ValidatorResources, VisitOperator, VisitSimdOperator,
};

/// A receiver of the operators of a body.
pub trait BodyVisitor<'a>: VisitSimdOperator<'a, Output = ()> {
    /// Declares `count` locals of this type; called before `begin`.
    fn locals(&mut self, count: u32, ty: ValType);
    /// Begins the operators, at this byte offset in the module; all locals are declared.
    fn begin(&mut self, offset: u32);
    /// Sets the byte offset in the module of the next operator.
    fn at(&mut self, offset: u32);
}

/// Selects whether a body is validated while it is read.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Validation {
    /// The body is validated; the visitor sees an operator after it has been found valid.
    Checked,
    /// The body is not validated: it was before, or the embedder vouches for it.
    Trusted,
}

/// Buffers of the validator and the reader, kept from body to body.
#[derive(Default)]
pub struct Allocations {
    validator: FuncValidatorAllocations,
    frames: Vec<FrameKind>,
}

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
    let Range { start, end } = module.bodies[defined as usize];
    let body = Body { module, bytes: &bytes[..end], start };
    match (&module.resources, validation) {
        (Some(resources), Validation::Checked) => {
            let func = module.defined_func(defined);
            checked(body, resources.clone(), func, allocations, visitor)
        }
        _ => trusted(body, allocations, visitor),
    }
}

/// A function body of a module.
struct Body<'a, 'm> {
    module: &'m ModuleDef,
    /// The module's binary as far as the end of the body. Positions are offsets in the module.
    bytes: &'a [u8],
    start: usize,
}

impl<'a> Body<'a, '_> {
    /// Returns a reader for what follows a position. Short operators are read without it.
    fn reader(&self, position: usize) -> BinaryReader<'a> {
        let features = self.module.features;
        BinaryReader::new_features(&self.bytes[position..], position as u64, features)
    }
}

/// Returns the operator at a byte offset in the module, for visitors that need one operator as a
/// value. `None` for `else` and `end`, `catch`, `catch_all` and `delegate`, which only delimit
/// blocks, and if no operator can be read.
pub fn operator_at<'a>(module: &ModuleDef, bytes: &'a [u8], offset: u32) -> Option<Operator<'a>> {
    let bytes = bytes.get(offset as usize..)?;
    if matches!(bytes, [0x05 | 0x07 | 0x0b | 0x18 | 0x19, ..]) {
        return None;
    }
    let reader = BinaryReader::new_features(bytes, offset.into(), module.features);
    OperatorsReader::new(reader).read().ok()
}

/// Returns the offset behind the call at a byte offset in the module; `None` if the offset is not
/// that of a call, or if the call does not return.
pub fn end_of_call(module: &ModuleDef, bytes: &[u8], offset: u32) -> Option<u32> {
    let bytes = bytes.get(offset as usize..)?;
    let reader = BinaryReader::new_features(bytes, offset.into(), module.features);
    let mut operators = OperatorsReader::new(reader);
    match operators.read().ok()? {
        Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::CallRef { .. } => {
            u32::try_from(operators.original_position()).ok()
        }
        _ => None,
    }
}

/// Returns the operators of a function's body, at these byte offsets in the module, up to one that
/// cannot be read.
pub fn operators<'a>(
    module: &ModuleDef,
    bytes: &'a [u8],
    body: Range<usize>,
) -> impl Iterator<Item = Operator<'a>> + use<'a> {
    let own = bytes.get(body.clone()).unwrap_or_default();
    let reader = BinaryReader::new_features(own, body.start as u64, module.features);
    let operators = FunctionBody::new(reader).get_operators_reader();
    operators.into_iter().flatten().map_while(Result::ok)
}

fn checked<'a, V: BodyVisitor<'a>>(
    body: Body<'a, '_>,
    resources: ValidatorResources,
    func: FuncIdx,
    allocations: &mut Allocations,
    visitor: &mut V,
) -> Result<(), ParseError> {
    let module = body.module;
    let to_validate = FuncToValidate {
        resources,
        index: func.0,
        ty: module.funcs[func.index()].0,
        features: module.features,
    };
    let validator = to_validate.into_validator(core::mem::take(&mut allocations.validator));
    let limit = FrameLimit::new(module.func_type(func), module.has_vectors);
    let mut fused = Fused { validator, visitor, offset: 0, frame: None, limit };
    fused.note_frame();
    let mut reader = body.reader(body.start);
    for _ in 0..reader.read_var_u32()? {
        let offset = reader.original_position();
        let count = reader.read()?;
        let ty = reader.read()?;
        fused.validator.define_locals(offset, count, ty)?;
        let ty = module.val_type(ty, offset)?;
        fused.limit.add_locals(count, ty);
        fused.visitor.locals(count, ty);
    }
    let mut at = reader.original_position() as usize;
    fused.limit.begin(at as u64)?;
    fused.visitor.begin(at as u32);
    while at < body.bytes.len() {
        fused.offset = at as u64;
        fused.visitor.at(at as u32);
        match Short::at(body.bytes, at) {
            Some(short) if fused.frame.is_some() => {
                let (len, result) = visit_short(short, &mut fused);
                result?;
                at += len;
            }
            _ => {
                let mut reader = body.reader(at);
                reader.visit_operator(&mut fused)??;
                at = reader.original_position() as usize;
            }
        }
        if fused.validator.operand_stack_height() > fused.limit.operands {
            return Err(FrameLimit::exceeded(fused.offset));
        }
    }
    body.reader(at).finish_expression(&fused)?;
    allocations.validator = fused.validator.into_allocations();
    Ok(())
}

fn trusted<'a, V: BodyVisitor<'a>>(
    body: Body<'a, '_>,
    allocations: &mut Allocations,
    visitor: &mut V,
) -> Result<(), ParseError> {
    let mut reader = body.reader(body.start);
    for _ in 0..reader.read_var_u32()? {
        let offset = reader.original_position();
        let count = reader.read()?;
        visitor.locals(count, body.module.val_type(reader.read()?, offset)?);
    }
    let mut at = reader.original_position() as usize;
    visitor.begin(at as u32);
    allocations.frames.clear();
    allocations.frames.push(FrameKind::Block);
    let mut plain = Plain { visitor, frames: &mut allocations.frames };
    while at < body.bytes.len() {
        plain.visitor.at(at as u32);
        match Short::at(body.bytes, at) {
            Some(short) if !plain.frames.is_empty() => at += visit_short(short, &mut plain).0,
            _ => {
                let mut reader = body.reader(at);
                reader.visit_operator(&mut plain)?;
                at = reader.original_position() as usize;
            }
        }
    }
    Ok(body.reader(at).finish_expression(&plain)?)
}

/// Validates an operator, then shows it to the visitor.
struct Fused<'v, V> {
    validator: FuncValidator<ValidatorResources>,
    visitor: &'v mut V,
    offset: u64,
    /// The kind of the innermost block.
    frame: Option<FrameKind>,
    limit: FrameLimit,
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

/// The effect of an operator on the blocks around the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Structure {
    None,
    Begins(FrameKind),
    /// Another part of the same block begins.
    Continues(FrameKind),
    Ends,
}

macro_rules! structure {
    (visit_block) => {
        Structure::Begins(FrameKind::Block)
    };
    (visit_loop) => {
        Structure::Begins(FrameKind::Loop)
    };
    (visit_if) => {
        Structure::Begins(FrameKind::If)
    };
    (visit_else) => {
        Structure::Continues(FrameKind::Else)
    };
    (visit_end) => {
        Structure::Ends
    };
    (visit_try) => {
        Structure::Begins(FrameKind::LegacyTry)
    };
    (visit_catch) => {
        Structure::Continues(FrameKind::LegacyCatch)
    };
    (visit_catch_all) => {
        Structure::Continues(FrameKind::LegacyCatchAll)
    };
    (visit_delegate) => {
        Structure::Ends
    };
    (visit_try_table) => {
        Structure::Begins(FrameKind::TryTable)
    };
    ($other:ident) => {
        Structure::None
    };
}

macro_rules! validate_then_visit {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        #[inline]
        fn $visit(&mut self $($(, $arg: $argty)*)?) -> Self::Output {
            self.validator.visitor(self.offset).$visit($($($arg.clone()),*)?)?;
            if structure!($visit) != Structure::None {
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
            self.limit.note_vectors();
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

/// Shows operators to the visitor as they are.
struct Plain<'v, V> {
    visitor: &'v mut V,
    /// The blocks around the operator, the function's own first.
    frames: &'v mut Vec<FrameKind>,
}

impl<V> FrameStack for Plain<'_, V> {
    #[inline]
    fn current_frame(&self) -> Option<FrameKind> {
        self.frames.last().copied()
    }
}

macro_rules! visit_only {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        #[inline]
        fn $visit(&mut self $($(, $arg: $argty)*)?) {
            match structure!($visit) {
                Structure::None => {}
                Structure::Begins(kind) => self.frames.push(kind),
                Structure::Continues(kind) => {
                    self.frames.pop();
                    self.frames.push(kind);
                }
                Structure::Ends => drop(self.frames.pop()),
            }
            self.visitor.$visit($($($arg),*)?);
        }
    )*};
}

macro_rules! visit_only_simd {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        fn $visit(&mut self $($(, $arg: $argty)*)?) {
            self.visitor.$visit($($($arg),*)?);
        }
    )*};
}

impl<'a, V: BodyVisitor<'a>> VisitOperator<'a> for Plain<'_, V> {
    type Output = ();

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = ()>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(visit_only);
}

impl<'a, V: BodyVisitor<'a>> VisitSimdOperator<'a> for Plain<'_, V> {
    wasmparser::for_each_visit_simd_operator!(visit_only_simd);
}
