//! The sections of DWARF in a module.

use crate::Code;
use gimli::{AbbreviationsCacheStrategy, Dwarf, Reader, SectionId};
use std::collections::HashMap;
use wasmparser::{Parser, Payload};

/// Returns the DWARF of a module, of readers that `make` makes of the sections' bytes; `None` if
/// the module has no DWARF.
pub(crate) fn load<'c, R: Reader<Offset = usize>>(
    code: &'c Code,
    make: impl Fn(&'c [u8]) -> R,
) -> Option<Dwarf<R>> {
    let mut sections: HashMap<&str, &'c [u8]> = HashMap::new();
    for payload in Parser::new(0).parse_all(code.bytes()) {
        // A module that the engine accepted can be parsed.
        if let Ok(Payload::CustomSection(section)) = payload {
            sections.insert(section.name(), section.data());
        }
    }
    if !sections.contains_key(".debug_line") || !sections.contains_key(".debug_info") {
        return None;
    }
    let section = |id: SectionId| {
        Ok::<_, gimli::Error>(make(sections.get(id.name()).copied().unwrap_or_default()))
    };
    let mut dwarf = Dwarf::load(section).ok()?;
    // Without the cache, units that share abbreviations would each parse them.
    dwarf.populate_abbreviations_cache(AbbreviationsCacheStrategy::All);
    Some(dwarf)
}
