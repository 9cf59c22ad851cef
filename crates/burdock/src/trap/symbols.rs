//! Source locations for positions in a module, from its debug information. Malformed debug
//! information is ignored.

use super::FrameSymbol;
use crate::Module;
use addr2line::Context;
use addr2line::gimli::{self, EndianSlice, LittleEndian};
use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

type Slice<'m> = EndianSlice<'m, LittleEndian>;

/// Reads each module's debug information once.
#[derive(Default)]
pub(super) struct Symbolizer<'m> {
    modules: Vec<(&'m Module, Option<Context<Slice<'m>>>)>,
}

/// Returns `true` if a module has debug information.
pub(super) fn has_debug_info(module: &Module) -> bool {
    module.custom_sections().any(|section| section.name() == gimli::SectionId::DebugInfo.name())
}

impl<'m> Symbolizer<'m> {
    /// Returns the source locations of an offset in a module: what was inlined there, then the
    /// function.
    pub(super) fn symbols(&mut self, module: &'m Module, offset: usize) -> Vec<FrameSymbol> {
        let known = self.modules.iter().position(|(known, _)| Module::same(known, module));
        let known = known.unwrap_or_else(|| {
            self.modules.push((module, context(module)));
            self.modules.len() - 1
        });
        let context = self.modules[known].1.as_ref();
        context.and_then(|context| symbols(module, context, offset)).unwrap_or_default()
    }
}

fn context(module: &Module) -> Option<Context<Slice<'_>>> {
    if !has_debug_info(module) {
        return None;
    }
    let dwarf = gimli::Dwarf::load(|id| {
        let section = module.custom_sections().find(|section| section.name() == id.name());
        let data = section.map_or(&[][..], |section| section.data());
        Ok::<_, gimli::Error>(EndianSlice::new(data, LittleEndian))
    });
    Context::from_dwarf(dwarf.ok()?).ok()
}

fn symbols(
    module: &Module,
    context: &Context<Slice<'_>>,
    offset: usize,
) -> Option<Vec<FrameSymbol>> {
    // Addresses count from the code section's contents.
    let address = offset.checked_sub(module.def().code_section.start)?;
    let mut frames = context.find_frames(address as u64).skip_all_loads().ok()?;
    let mut symbols = Vec::new();
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|name| name.raw_name().ok());
        let location = frame.location.as_ref();
        symbols.push(FrameSymbol {
            name: name.map(Cow::into_owned),
            file: location.and_then(|location| location.file).map(ToString::to_string),
            line: location.and_then(|location| location.line),
            column: location.and_then(|location| location.column),
        });
    }
    Some(symbols)
}
