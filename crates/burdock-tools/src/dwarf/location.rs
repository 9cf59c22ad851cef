//! The place of a variable's value.

use super::{Attr, Call, DebugInfo, Die, FrameAccess, Section};
use gimli::{AttributeValue, Expression, constants};

/// The longest value that consists of pieces or is not in memory, in bytes.
const LONGEST_VALUE: usize = 1 << 12;

/// The most entries of a list of locations that are read.
const MOST_LOCATIONS: usize = 1 << 12;

/// The reason why a variable has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The compiler keeps the value nowhere at this operator.
    #[error("optimized out")]
    OptimizedOut,
    /// The value cannot be read, for this reason.
    #[error("unavailable: {0}")]
    Other(String),
}

impl Unavailable {
    pub(super) fn other(reason: impl Into<String>) -> Self {
        Self::Other(reason.into())
    }

    /// Returns the reason of a value that would be outside of the memory.
    fn at(address: u64) -> Self {
        Self::other(format!("no memory at {address:#x}"))
    }
}

impl From<gimli::Error> for Unavailable {
    fn from(error: gimli::Error) -> Self {
        match error {
            // An empty expression has no value.
            gimli::Error::NotEnoughStackItems => Self::OptimizedOut,
            error => Self::Other(format!("bad DWARF: {error}")),
        }
    }
}

/// The place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The value is in memory at this address.
    Memory(u64),
    /// The value consists of these bytes, of which some may be optimized out.
    Bytes(Vec<Option<u8>>),
}

impl Place {
    /// Returns the place of a part of the value.
    pub(super) fn at(&self, offset: u64) -> Self {
        match self {
            Self::Memory(address) => Self::Memory(address.wrapping_add(offset)),
            Self::Bytes(bytes) => {
                let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
                Self::Bytes(rest.unwrap_or_default().to_vec())
            }
        }
    }

    /// Returns the first bytes of the value.
    pub(super) fn read(&self, frame: &dyn FrameAccess, len: usize) -> Result<Vec<u8>, Unavailable> {
        match self {
            Self::Memory(address) => {
                frame.memory(*address, len).ok_or_else(|| Unavailable::at(*address))
            }
            Self::Bytes(bytes) => {
                let bytes = bytes.iter().copied().take(len);
                let bytes: Option<Vec<u8>> = bytes.collect();
                bytes.filter(|bytes| bytes.len() == len).ok_or(Unavailable::OptimizedOut)
            }
        }
    }

    /// Returns the bits of the first bytes of the value, at most 8.
    pub(super) fn unsigned(&self, frame: &dyn FrameAccess, size: u64) -> Result<u64, Unavailable> {
        let mut bits = [0; 8];
        let len = usize::try_from(size).ok().filter(|len| *len > 0);
        let bytes = len.and_then(|len| bits.get_mut(..len));
        let bytes = bytes.ok_or_else(|| Unavailable::other(format!("a number of {size} bytes")))?;
        match self {
            Self::Memory(address) if frame.read(*address, bytes) => {}
            Self::Memory(address) => return Err(Unavailable::at(*address)),
            Self::Bytes(value) => {
                let value = value.get(..bytes.len()).ok_or(Unavailable::OptimizedOut)?;
                for (to, from) in bytes.iter_mut().zip(value) {
                    *to = from.ok_or(Unavailable::OptimizedOut)?;
                }
            }
        }
        Ok(u64::from_le_bytes(bits))
    }
}

impl DebugInfo {
    /// Returns the place of a variable's value. Without a call, only variables that are at fixed
    /// addresses have one.
    pub(super) fn place(
        &self,
        variable: Die,
        call: Option<&Call>,
        frame: &dyn FrameAccess,
    ) -> Result<Place, Unavailable> {
        let Some((owner, value)) = self.attr(variable, constants::DW_AT_location) else {
            return self.constant(variable);
        };
        let expression = match value {
            AttributeValue::Exprloc(expression) => expression,
            value => self.listed(owner, value, call)?,
        };
        if expression.0.bytes().is_empty() {
            return Err(Unavailable::OptimizedOut);
        }
        let func = call.map(|call| call.func);
        super::eval::Evaluator { info: self, unit: self.unit(owner), func, frame }.place(expression)
    }

    /// Returns the expression of a list of locations that applies at the call's address.
    pub(super) fn listed(
        &self,
        owner: Die,
        value: Attr,
        call: Option<&Call>,
    ) -> Result<Expression<Section>, Unavailable> {
        let call = call.ok_or(Unavailable::OptimizedOut)?;
        let list = self.dwarf.attr_locations(self.unit(owner), value)?;
        let mut list = list.ok_or_else(|| Unavailable::other("unknown form of location"))?;
        for _ in 0..MOST_LOCATIONS {
            match list.next()? {
                Some(entry) if (entry.range.begin..entry.range.end).contains(&call.address) => {
                    return Ok(entry.data);
                }
                Some(_) => {}
                None => break,
            }
        }
        Err(Unavailable::OptimizedOut)
    }

    /// Returns the value of a variable that has a constant instead of a location.
    fn constant(&self, variable: Die) -> Result<Place, Unavailable> {
        let (_, value) =
            self.attr(variable, constants::DW_AT_const_value).ok_or(Unavailable::OptimizedOut)?;
        let bytes = match value {
            AttributeValue::Block(block) => known(block.bytes()),
            AttributeValue::Sdata(number) => known(&number.to_le_bytes()),
            value => match (value.udata_value(), value.sdata_value()) {
                (Some(number), _) => known(&number.to_le_bytes()),
                (None, Some(number)) => known(&number.to_le_bytes()),
                (None, None) => return Err(Unavailable::other("unknown form of constant")),
            },
        };
        Ok(Place::Bytes(bytes))
    }
}

/// Returns bytes that are all known, at most those that a value may have.
pub(super) fn known(bytes: &[u8]) -> Vec<Option<u8>> {
    bytes.iter().take(LONGEST_VALUE).copied().map(Some).collect()
}

/// Fails if a value that consists of pieces would be longer than values may be.
pub(super) fn ensure_short(len: usize) -> Result<(), Unavailable> {
    if len > LONGEST_VALUE { Err(Unavailable::other("the value is too long")) } else { Ok(()) }
}
