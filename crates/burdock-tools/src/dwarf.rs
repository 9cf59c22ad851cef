//! `DebugInfo`: the variables of a guest with their types and values, from the module's DWARF.
//!
//! DWARF says where the value of a variable is: in memory, or in a local, a global or an operand of
//! WebAssembly. The expressions that compute such places are evaluated by gimli; the values of the
//! guest come from a [`FrameAccess`]. DWARF is data of the module, so nothing in it is trusted:
//! every walk is bounded, and malformed entries have no name, type or value.

mod eval;
mod expression;
mod find;
mod live;
mod location;
mod path;
mod scopes;
mod sections;
mod show;
mod strings;
mod types;
mod units;

pub use expression::EvaluateError;
pub use live::LiveFrame;
pub use location::Unavailable;
pub(crate) use path::{Path, WasmPlace};
pub use scopes::Call;
pub(crate) use sections::load;

use crate::Code;
use crate::debug::Value;
use burdock::names::{Escaped, FuncName};
use gimli::{
    AttributeValue, DebuggingInformationEntry, DwAt, Dwarf, EndianArcSlice, LittleEndian, Unit,
    UnitOffset, constants,
};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use units::UnitInfo;

type Section = EndianArcSlice<LittleEndian>;
type Attr = AttributeValue<Section>;
type Entry = DebuggingInformationEntry<Section>;

/// The longest name that is read, in bytes.
const LONGEST_NAME: usize = 1024;

/// The most entries that refer to each other in a chain: the origin of an inlined variable, the
/// types of which a type is an alias.
const LONGEST_CHAIN: usize = 32;

/// The debug information of a module: functions, variables and types.
///
/// # Example
///
/// ```
/// use burdock_tools::Code;
/// use burdock_tools::dwarf::DebugInfo;
/// let code = Code::new(&wat::parse_str("(module (func nop))")?)?;
/// assert!(DebugInfo::new(&code).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DebugInfo {
    dwarf: Dwarf<Section>,
    /// The units of `.debug_info` in the order of their offsets, and behind them those of
    /// `.debug_types`.
    units: Vec<UnitInfo>,
    /// The types that have a unit of their own, by their signatures.
    types: HashMap<u64, Die>,
    /// The byte offset in the module to which DWARF's addresses are relative.
    base: u64,
    /// The calls at offsets that have been looked up.
    calls: Mutex<HashMap<u32, Vec<Call>>>,
}

/// An entry of the debug information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Die {
    unit: usize,
    offset: UnitOffset,
}

/// The values of a guest's frame that debug information refers to.
///
/// A method returns `None` if the frame has no such value.
pub trait FrameAccess {
    /// Returns a local.
    fn local(&self, index: u32) -> Option<Value>;

    /// Returns a value of the operand stack; 0 is the lowest one.
    fn operand(&self, index: u32) -> Option<Value>;

    /// Returns a global of the frame's instance.
    fn global(&self, index: u32) -> Option<Value>;

    /// Returns bytes of the memory that pointers of the guest point into, or `None` if the memory
    /// does not have all of them.
    fn memory(&self, address: u64, len: usize) -> Option<Vec<u8>>;

    /// Reads bytes of the memory into `bytes`. Returns `false` if the memory does not have all of
    /// them.
    fn read(&self, address: u64, bytes: &mut [u8]) -> bool {
        let found = self.memory(address, bytes.len()).filter(|found| found.len() == bytes.len());
        found.inspect(|found| bytes.copy_from_slice(found)).is_some()
    }
}

/// A variable, or a part of one, with its type and value as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name, or the expression that was evaluated.
    pub name: String,
    /// The type in the notation of the source's language; empty if it is unknown.
    pub ty: String,
    /// The value in short form, or the reason why there is none, in angle brackets:
    /// `<optimized out>`.
    pub value: String,
    /// The addresses of the variable, if it is in memory.
    pub address: Option<Range<u64>>,
    /// `true` for a parameter of the function.
    pub is_parameter: bool,
    /// The entry of the type.
    die: Option<Die>,
}

impl DebugInfo {
    /// Reads the debug information of a module. Returns `None` if the module has none.
    ///
    /// Units that cannot be read are left out.
    pub fn new(code: &Code) -> Option<Self> {
        let make = |bytes: &[u8]| Section::new(Arc::from(bytes), LittleEndian);
        let dwarf = sections::load(code, make)?;
        let (units, types) = units::read(&dwarf);
        Some(Self {
            dwarf,
            units,
            types,
            base: code.code_section() as u64,
            calls: Mutex::default(),
        })
    }

    fn entry(&self, die: Die) -> Option<Entry> {
        self.units.get(die.unit)?.unit.entry(die.offset).ok()
    }

    fn unit(&self, die: Die) -> &Unit<Section> {
        &self.units[die.unit].unit
    }

    fn is_rust(&self, die: Die) -> bool {
        self.units[die.unit].is_rust
    }

    /// Returns the entry that an attribute of a unit's entry refers to.
    fn referred(&self, unit: usize, value: &Attr) -> Option<Die> {
        match value {
            AttributeValue::UnitRef(offset) => Some(Die { unit, offset: *offset }),
            AttributeValue::DebugInfoRef(offset) => {
                let after = self.units.partition_point(|unit| unit.start <= offset.0);
                let unit = after.checked_sub(1)?;
                let offset = offset.to_unit_offset(&self.units[unit].unit.header)?;
                Some(Die { unit, offset })
            }
            AttributeValue::DebugTypesRef(signature) => self.types.get(&signature.0).copied(),
            _ => None,
        }
    }

    /// Returns the entry of a type that an attribute refers to. What stands in its place in the
    /// unit, if the type has a unit of its own, leads to the type.
    fn referred_type(&self, unit: usize, value: &Attr) -> Option<Die> {
        let ty = self.referred(unit, value)?;
        let signature = self.entry(ty)?.attr_value(constants::DW_AT_signature);
        Some(signature.and_then(|value| self.referred(ty.unit, &value)).unwrap_or(ty))
    }

    /// Returns an attribute of an entry, or else of the entry that it is an instance of or that it
    /// completes, with the entry that has the attribute.
    fn attr(&self, die: Die, name: DwAt) -> Option<(Die, Attr)> {
        let mut die = die;
        for _ in 0..LONGEST_CHAIN {
            let entry = self.entry(die)?;
            if let Some(value) = entry.attr_value(name) {
                return Some((die, value));
            }
            let origin = entry
                .attr_value(constants::DW_AT_abstract_origin)
                .or_else(|| entry.attr_value(constants::DW_AT_specification))?;
            die = self.referred(die.unit, &origin)?;
        }
        None
    }

    fn number(&self, die: Die, name: DwAt) -> Option<u64> {
        self.attr(die, name)?.1.udata_value()
    }

    /// Returns a text, shortened: many entries may share one long text.
    fn text(&self, die: Die, name: DwAt) -> Option<String> {
        let (die, value) = self.attr(die, name)?;
        let text = self.dwarf.attr_string(self.unit(die), value).ok()?;
        let bytes = text.bytes();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_NAME)]);
        Some(text.into_owned())
    }

    /// Returns an entry's name, escaped.
    fn name(&self, die: Die) -> Option<String> {
        let name = self.text(die, constants::DW_AT_name)?;
        (!name.is_empty()).then(|| Escaped(&name).to_string())
    }

    /// Returns a function's name with its namespaces, if known.
    fn func_name(&self, die: Die) -> String {
        let linkage = self.text(die, constants::DW_AT_linkage_name);
        let name = linkage.or_else(|| self.text(die, constants::DW_AT_name));
        name.map_or_else(|| "<unknown>".to_owned(), |name| format!("{:#}", FuncName(&name)))
    }

    /// Returns the type of an entry; `None` if it has none, as `void` has none.
    fn type_of(&self, die: Die) -> Option<Die> {
        let (owner, value) = self.attr(die, constants::DW_AT_type)?;
        self.referred_type(owner.unit, &value)
    }
}
