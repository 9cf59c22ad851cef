//! Evaluation of DWARF's expressions with the values of a frame.

use super::location::{Place, Unavailable, ensure_short, known};
use super::{DebugInfo, Die, FrameAccess, Section};
use crate::debug;
use gimli::{
    AttributeValue, EvaluationResult, Expression, Location, Piece, Unit, UnitOffset, Value,
    ValueType, constants,
};

/// The most operations of an expression that are executed.
const MOST_OPERATIONS: u32 = 10_000;

pub(super) struct Evaluator<'e> {
    pub(super) info: &'e DebugInfo,
    /// The unit that contains the expression.
    pub(super) unit: &'e Unit<Section>,
    /// The function whose frame base the expression may refer to.
    pub(super) func: Option<Die>,
    pub(super) frame: &'e dyn FrameAccess,
}

impl Evaluator<'_> {
    /// Returns the place that an expression computes.
    pub(super) fn place(&self, expression: Expression<Section>) -> Result<Place, Unavailable> {
        let pieces = self.pieces(expression)?;
        if let [Piece { size_in_bits: None, location, .. }] = &pieces[..] {
            return match location {
                Location::Address { address } => Ok(Place::Memory(*address)),
                location => Ok(Place::Bytes(self.bytes(location, None)?)),
            };
        }
        let mut bytes = Vec::new();
        for piece in pieces {
            let bits = piece.size_in_bits.unwrap_or(0);
            if bits % 8 != 0 || piece.bit_offset.is_some_and(|offset| offset != 0) {
                return Err(Unavailable::other("the value consists of pieces of bits"));
            }
            let len = usize::try_from(bits / 8).unwrap_or(usize::MAX);
            ensure_short(len)?;
            ensure_short(bytes.len() + len)?;
            let mut part = self.bytes(&piece.location, Some(len))?;
            part.resize(len, None);
            bytes.append(&mut part);
        }
        Ok(Place::Bytes(bytes))
    }

    /// Returns the bytes at a location that is no place in memory, or that has this length.
    fn bytes(
        &self,
        location: &Location<Section>,
        len: Option<usize>,
    ) -> Result<Vec<Option<u8>>, Unavailable> {
        match location {
            Location::Empty if len.is_some() => Ok(Vec::new()),
            Location::Empty => Err(Unavailable::OptimizedOut),
            Location::Value { value } => Ok(known(&bytes_of(*value))),
            Location::Bytes { value } => Ok(known(value.bytes())),
            Location::Address { address } => {
                Ok(known(&Place::Memory(*address).read(self.frame, len.unwrap_or(0))?))
            }
            Location::ImplicitPointer { .. } => {
                Err(Unavailable::other("a pointer to a value without an address"))
            }
            Location::Register { .. } => Err(Unavailable::other("WebAssembly has no registers")),
        }
    }

    fn pieces(&self, expression: Expression<Section>) -> Result<Vec<Piece<Section>>, Unavailable> {
        let mut evaluation = expression.evaluation(self.unit.encoding());
        evaluation.set_max_iterations(MOST_OPERATIONS);
        let mut result = evaluation.evaluate()?;
        loop {
            result = match result {
                EvaluationResult::Complete => return Ok(evaluation.result()),
                EvaluationResult::RequiresWasmLocal { index } => {
                    let value = self.frame.local(index);
                    evaluation.resume_with_wasm_value(of_guest("local", index, value)?)?
                }
                EvaluationResult::RequiresWasmGlobal { index } => {
                    let value = self.frame.global(index);
                    evaluation.resume_with_wasm_value(of_guest("global", index, value)?)?
                }
                EvaluationResult::RequiresWasmStack { index } => {
                    let value = self.frame.operand(index);
                    // An operand that an operator has taken is gone.
                    let value = value.ok_or(Unavailable::OptimizedOut)?;
                    evaluation.resume_with_wasm_value(of_guest("operand", index, Some(value))?)?
                }
                EvaluationResult::RequiresFrameBase => {
                    evaluation.resume_with_frame_base(self.frame_base()?)?
                }
                EvaluationResult::RequiresMemory { address, size, space: None, base_type } => {
                    let mut bytes = Place::Memory(address).read(self.frame, size.into())?;
                    bytes.resize(8, 0);
                    let number = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
                    let value = Value::from_u64(self.value_type(base_type)?, number)?;
                    evaluation.resume_with_memory(value)?
                }
                // The linker marks what it has dropped.
                EvaluationResult::RequiresRelocatedAddress(address)
                    if address >= u64::MAX >> (64 - 8 * u32::from(self.address_size())) =>
                {
                    return Err(Unavailable::OptimizedOut);
                }
                EvaluationResult::RequiresRelocatedAddress(address) => {
                    evaluation.resume_with_relocated_address(address)?
                }
                EvaluationResult::RequiresIndexedAddress { index, .. } => {
                    let address = self.info.dwarf.address(self.unit, index)?;
                    evaluation.resume_with_indexed_address(address)?
                }
                EvaluationResult::RequiresBaseType(offset) => {
                    evaluation.resume_with_base_type(self.value_type(offset)?)?
                }
                EvaluationResult::RequiresEntryValue(_)
                | EvaluationResult::RequiresParameterRef(_) => {
                    return Err(Unavailable::OptimizedOut);
                }
                other => return Err(Unavailable::other(missing(&other))),
            };
        }
    }

    /// Returns the address to which the locations of a function's variables are relative.
    fn frame_base(&self) -> Result<u64, Unavailable> {
        let func = self.func.ok_or_else(|| Unavailable::other("no function"))?;
        let base = self.info.attr(func, constants::DW_AT_frame_base);
        let Some((_, AttributeValue::Exprloc(expression))) = base else {
            return Err(Unavailable::other("the function has no frame base"));
        };
        // The expression of a frame base refers to no frame base.
        let evaluator = Evaluator { func: None, ..*self };
        match evaluator.place(expression)? {
            Place::Memory(address) => Ok(address),
            place => {
                let mut bytes = place.read(self.frame, self.address_size().into())?;
                bytes.resize(8, 0);
                Ok(u64::from_le_bytes(bytes.try_into().unwrap_or_default()))
            }
        }
    }

    fn address_size(&self) -> u8 {
        self.unit.encoding().address_size.clamp(1, 8)
    }

    fn value_type(&self, offset: UnitOffset) -> Result<ValueType, Unavailable> {
        if offset.0 == 0 {
            return Ok(ValueType::Generic);
        }
        let entry = self.unit.entry(offset)?;
        let ty = ValueType::from_entry(&entry)?;
        ty.ok_or_else(|| Unavailable::other("a value of an unknown type"))
    }
}

/// Returns a value of the guest as expressions have it.
fn of_guest(kind: &str, index: u32, value: Option<debug::Value>) -> Result<Value, Unavailable> {
    match value {
        Some(debug::Value::I32(bits)) => Ok(Value::Generic(bits.into())),
        Some(debug::Value::I64(bits)) => Ok(Value::Generic(bits)),
        Some(debug::Value::F32(bits)) => Ok(Value::F32(f32::from_bits(bits))),
        Some(debug::Value::F64(bits)) => Ok(Value::F64(f64::from_bits(bits))),
        Some(debug::Value::V128(_)) => Err(Unavailable::other("a vector")),
        Some(debug::Value::Ref(_)) => Err(Unavailable::other("a reference")),
        None => Err(Unavailable::other(format!("there is no {kind} {index}"))),
    }
}

/// Returns the bytes of a value, the lowest first.
fn bytes_of(value: Value) -> Vec<u8> {
    match value {
        Value::Generic(bits) | Value::U64(bits) => bits.to_le_bytes().to_vec(),
        Value::I8(number) => number.to_le_bytes().to_vec(),
        Value::U8(number) => number.to_le_bytes().to_vec(),
        Value::I16(number) => number.to_le_bytes().to_vec(),
        Value::U16(number) => number.to_le_bytes().to_vec(),
        Value::I32(number) => number.to_le_bytes().to_vec(),
        Value::U32(number) => number.to_le_bytes().to_vec(),
        Value::I64(number) => number.to_le_bytes().to_vec(),
        Value::F32(number) => number.to_le_bytes().to_vec(),
        Value::F64(number) => number.to_le_bytes().to_vec(),
    }
}

/// Returns a description of what an expression needs and WebAssembly does not have.
fn missing(result: &EvaluationResult<Section>) -> &'static str {
    match result {
        EvaluationResult::RequiresMemory { .. } => "an address space",
        EvaluationResult::RequiresRegister { .. } => "WebAssembly has no registers",
        EvaluationResult::RequiresTls(_) => "thread-local storage",
        EvaluationResult::RequiresCallFrameCfa => "WebAssembly has no call frame addresses",
        EvaluationResult::RequiresAtLocation(_) => "a location in another entry",
        _ => "an unknown operation",
    }
}
