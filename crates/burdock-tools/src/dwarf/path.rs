//! Paths: where the value of an expression is, in the terms of a place in the code, so that it can
//! be read again and again without a look into the debug information.

use super::expression::EvaluateError;
use super::location::{Place, Unavailable, known};
use super::show::Show;
use super::types::Shape;
use super::{Call, DebugInfo, Die, FrameAccess};
use crate::condition::Form;
use crate::debug::Value;
use gimli::{AttributeValue, Expression, Operation, constants};

/// The way to a value, with the value's type.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// The expression.
    pub(super) text: String,
    pub(super) ty: Option<Die>,
    pub(super) root: Root,
    pub(super) steps: Vec<Step>,
}

/// The place where a path begins: that of a variable.
#[derive(Clone, Debug)]
pub(super) enum Root {
    /// In memory, at this distance from the address in a local of WebAssembly.
    Frame { local: u32, offset: i64, mask: u64 },
    /// In memory at this address.
    Memory(u64),
    /// In a local, an operand or a global of WebAssembly.
    Wasm(WasmPlace),
    /// At the location that DWARF gives.
    Variable(Die, Option<Box<Call>>),
}

/// A value of WebAssembly in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WasmPlace {
    Local(u32),
    /// A value of the operand stack; 0 is the lowest one.
    Operand(u32),
    /// A global of the frame's instance.
    Global(u32),
}

impl WasmPlace {
    /// Returns the place that `operand[N]` or `global[N]` names, or an error if `N` is no index.
    /// Returns `None` for all other names.
    pub(crate) fn indexed(name: &str) -> Option<Result<Self, String>> {
        let (list, index) = name.split_once('[')?;
        let place = match list {
            "operand" => Self::Operand,
            "global" => Self::Global,
            _ => return None,
        };
        let index = index.strip_suffix(']').and_then(|index| index.trim().parse().ok());
        let wrong = || format!("`${name}` has no valid index: write `${list}[0]`");
        Some(index.map(place).ok_or_else(wrong))
    }
}

/// A step from one value to another one.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// To a part of the value.
    Part(u64),
    /// To the bits of a field.
    Bits(Option<Die>, (u64, u64)),
    /// To where the value, an address of this size, leads. The text is the value's expression.
    Target(u64, String),
}

impl Path {
    /// Returns the path to a part at a byte offset.
    pub(super) fn part(mut self, text: String, ty: Option<Die>, offset: u64) -> Self {
        self.steps.push(Step::Part(offset));
        Self { text, ty, ..self }
    }

    /// Returns the path to the bits of a field: the first and their number.
    pub(super) fn bits(mut self, bits: (u64, u64)) -> Self {
        self.steps.push(Step::Bits(self.ty, bits));
        self
    }

    /// Returns the path to what a pointer of this size leads to.
    pub(super) fn target(mut self, text: String, ty: Option<Die>, size: u64) -> Self {
        self.steps.push(Step::Target(size, self.text));
        Self { text, ty, ..self }
    }

    /// Returns the local, operand or global of WebAssembly that has the value, if one does.
    pub(crate) fn wasm_place(&self) -> Option<WasmPlace> {
        match self.root {
            Root::Wasm(place) if self.steps.is_empty() => Some(place),
            _ => None,
        }
    }

    /// Returns the place of the value in a frame.
    ///
    /// # Errors
    ///
    /// Fails if a pointer on the way cannot be read.
    pub(super) fn place(
        &self,
        info: &DebugInfo,
        frame: &dyn FrameAccess,
    ) -> Result<Result<Place, Unavailable>, EvaluateError> {
        let mut place = self.root.place(info, frame);
        for step in &self.steps {
            place = match step {
                Step::Part(offset) => place.map(|place| place.at(*offset)),
                Step::Bits(ty, bits) => place.and_then(|place| {
                    let number = Show::new(info, frame).bits(*ty, *bits, &place)?;
                    Ok(Place::Bytes(known(&number.to_le_bytes())))
                }),
                Step::Target(size, text) => Ok(Place::Memory(
                    place
                        .and_then(|place| place.unsigned(frame, *size))
                        .map_err(|reason| EvaluateError::Unavailable(text.clone(), reason))?,
                )),
            };
        }
        Ok(place)
    }

    /// Returns the lowest bits of the value in a frame, so many bytes.
    ///
    /// # Errors
    ///
    /// Fails if the value, or a pointer on the way, cannot be read.
    pub(crate) fn number(
        &self,
        info: &DebugInfo,
        frame: &dyn FrameAccess,
        size: u64,
    ) -> Result<u64, EvaluateError> {
        let read = |place: Place| place.unsigned(frame, size);
        let unavailable = |reason| EvaluateError::Unavailable(self.text.clone(), reason);
        self.place(info, frame)?.and_then(read).map_err(unavailable)
    }
}

impl Path {
    /// Returns the address of the value in a frame.
    ///
    /// # Errors
    ///
    /// Fails if the value is not in memory, or a pointer on the way cannot be read.
    pub(crate) fn address(
        &self,
        info: &DebugInfo,
        frame: &dyn FrameAccess,
    ) -> Result<u64, EvaluateError> {
        match self.place(info, frame)? {
            Ok(Place::Memory(address)) => Ok(address),
            _ => Err(EvaluateError::NoPart(self.text.clone(), "address".to_owned())),
        }
    }
}

impl Root {
    fn place(&self, info: &DebugInfo, frame: &dyn FrameAccess) -> Result<Place, Unavailable> {
        match self {
            Self::Frame { local, offset, mask } => match WasmPlace::Local(*local).read(frame)? {
                (base, 8) => Ok(Place::Memory(base.wrapping_add_signed(*offset) & mask)),
                _ => Err(Unavailable::OptimizedOut),
            },
            Self::Memory(address) => Ok(Place::Memory(*address)),
            Self::Wasm(place) => {
                let (bits, len) = place.read(frame)?;
                Ok(Place::Bytes(known(&bits.to_le_bytes()[..len])))
            }
            Self::Variable(die, call) => info.place(*die, call.as_deref(), frame),
        }
    }
}

impl WasmPlace {
    /// Returns the bits of the value, and the number of bytes of which they are known.
    fn read(self, frame: &dyn FrameAccess) -> Result<(u64, usize), Unavailable> {
        let (value, what, index) = match self {
            Self::Local(index) => (frame.local(index), "local", index),
            Self::Operand(index) => (frame.operand(index), "operand", index),
            Self::Global(index) => (frame.global(index), "global", index),
        };
        match value {
            Some(Value::I32(bits)) => Ok((bits.into(), 8)),
            Some(Value::I64(bits) | Value::F64(bits)) => Ok((bits, 8)),
            Some(Value::F32(bits)) => Ok((bits.into(), 4)),
            Some(Value::V128(_)) => Err(Unavailable::other("a vector")),
            Some(Value::Ref(_)) => Err(Unavailable::other("a reference")),
            None => Err(Unavailable::other(format!("there is no {what} {index}"))),
        }
    }
}

impl DebugInfo {
    /// Returns the path to a variable in the scope of a call, or of no call.
    pub(super) fn path(&self, name: &str, die: Die, call: Option<&Call>) -> Path {
        let root = self.simple_root(die, call);
        let root = root.unwrap_or_else(|| Root::Variable(die, call.cloned().map(Box::new)));
        Path { text: name.to_owned(), ty: self.type_of(die), root, steps: Vec::new() }
    }

    /// Returns what the bits of a value mean, and its size in bytes.
    ///
    /// # Errors
    ///
    /// Fails with the name of the type if the value is no number.
    pub(crate) fn form(&self, path: &Path) -> Result<(Form, u64), String> {
        let (form, size) = match self.shape(path.ty) {
            Shape::Base { encoding, size } => {
                let form = match encoding {
                    constants::DW_ATE_float => Form::Float,
                    constants::DW_ATE_signed | constants::DW_ATE_signed_char => Form::Signed,
                    _ => Form::Unsigned,
                };
                (form, size)
            }
            Shape::Pointer { size, .. } => (Form::Unsigned, size),
            Shape::Enumeration { ty, size } => {
                let underlying = Path { ty: self.type_of(ty), ..path.clone() };
                let form = self.form(&underlying).map_or(Form::Unsigned, |(form, _)| form);
                (form, size)
            }
            _ => (Form::Unsigned, 0),
        };
        let is_number = match form {
            Form::Float => matches!(size, 4 | 8),
            _ => (1..=8).contains(&size),
        };
        if is_number { Ok((form, size)) } else { Err(self.type_name(path.ty)) }
    }

    /// Returns where a variable is if its location is one of those that compilers write most.
    fn simple_root(&self, variable: Die, call: Option<&Call>) -> Option<Root> {
        let (owner, value) = self.attr(variable, constants::DW_AT_location)?;
        let expression = match value {
            AttributeValue::Exprloc(expression) => expression,
            value => self.listed(owner, value, call).ok()?,
        };
        let mask = u64::MAX >> (64 - 8 * self.unit(owner).encoding().address_size.clamp(1, 8));
        match self.operations(owner, expression)?[..] {
            [Operation::WasmLocal { index: local }] => Some(Root::Frame { local, offset: 0, mask }),
            [Operation::Address { address }] if address < mask => Some(Root::Memory(address)),
            [Operation::WasmLocal { index }, Operation::StackValue] => {
                Some(Root::Wasm(WasmPlace::Local(index)))
            }
            [Operation::WasmStack { index }, Operation::StackValue] => {
                Some(Root::Wasm(WasmPlace::Operand(index)))
            }
            [Operation::WasmGlobal { index }, Operation::StackValue] => {
                Some(Root::Wasm(WasmPlace::Global(index)))
            }
            [Operation::FrameOffset { offset }] => {
                let (owner, base) = self.attr(call?.func, constants::DW_AT_frame_base)?;
                let AttributeValue::Exprloc(base) = base else { return None };
                match self.operations(owner, base)?[..] {
                    [Operation::WasmLocal { index: local }]
                    | [Operation::WasmLocal { index: local }, Operation::StackValue] => {
                        Some(Root::Frame { local, offset, mask })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Returns the operations of a short expression.
    fn operations(
        &self,
        owner: Die,
        expression: Expression<super::Section>,
    ) -> Option<Vec<Operation<super::Section>>> {
        let mut operations = expression.operations(self.unit(owner).encoding());
        let mut list = Vec::new();
        while let Some(operation) = operations.next().ok()? {
            if list.len() == 2 {
                return None;
            }
            list.push(operation);
        }
        Some(list)
    }
}
