//! The units that debug information consists of: those of compilations, and those of types that
//! several compilations have (`-fdebug-types-section`).

use super::scopes::FuncRange;
use super::{Die, Section};
use gimli::{
    Abbreviations, AttributeValue, DebugTypeSignature, Dwarf, Unit, UnitHeader, UnitType, constants,
};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

#[derive(Debug)]
pub(super) struct UnitInfo {
    pub(super) unit: Unit<Section>,
    /// The unit's offset in `.debug_info`; the last one if the unit is in `.debug_types`.
    pub(super) start: usize,
    pub(super) is_rust: bool,
    /// The functions of the unit, read on first use.
    pub(super) funcs: OnceLock<Vec<FuncRange>>,
}

/// Returns all units, and the entries of the types that have a unit of their own, by their
/// signatures. Units that cannot be read are left out.
pub(super) fn read(dwarf: &Dwarf<Section>) -> (Vec<UnitInfo>, HashMap<u64, Die>) {
    let mut reader = Reader::default();
    let mut headers = dwarf.units();
    while let Ok(Some(header)) = headers.next() {
        if let Ok(unit) = dwarf.unit(header) {
            reader.add(unit);
        }
    }
    // DWARF 4 has a section for types. The cache of `dwarf` knows only abbreviations that units of
    // `.debug_info` have.
    let mut known: HashMap<usize, Arc<Abbreviations>> = HashMap::new();
    let mut headers = dwarf.type_units();
    while let Ok(Some(header)) = headers.next() {
        if let Ok(unit) = unit_of_type(dwarf, header, &mut known) {
            reader.add(unit);
        }
    }
    (reader.units, reader.types)
}

fn unit_of_type(
    dwarf: &Dwarf<Section>,
    header: UnitHeader<Section>,
    known: &mut HashMap<usize, Arc<Abbreviations>>,
) -> gimli::Result<Unit<Section>> {
    let offset = header.debug_abbrev_offset().0;
    let abbreviations = match known.get(&offset) {
        Some(abbreviations) => abbreviations.clone(),
        None => known.entry(offset).or_insert(dwarf.abbreviations(&header)?).clone(),
    };
    Unit::new_with_abbreviations(dwarf, header, abbreviations)
}

#[derive(Default)]
struct Reader {
    units: Vec<UnitInfo>,
    types: HashMap<u64, Die>,
}

impl Reader {
    fn add(&mut self, unit: Unit<Section>) {
        if let UnitType::Type { type_signature: DebugTypeSignature(signature), type_offset } =
            unit.header.type_()
        {
            let die = Die { unit: self.units.len(), offset: type_offset };
            self.types.entry(signature).or_insert(die);
        }
        let start = unit.header.debug_info_offset().map_or(usize::MAX, |offset| offset.0);
        let is_rust = language(&unit) == Some(constants::DW_LANG_Rust);
        self.units.push(UnitInfo { unit, start, is_rust, funcs: OnceLock::new() });
    }
}

fn language(unit: &Unit<Section>) -> Option<gimli::DwLang> {
    let root = unit.entry(unit.header.root_offset()).ok()?;
    match root.attr_value(constants::DW_AT_language)? {
        AttributeValue::Language(language) => Some(language),
        _ => None,
    }
}
