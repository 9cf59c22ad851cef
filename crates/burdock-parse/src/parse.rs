//! `parse`: section after section into a `ModuleDef`, validated on the way. Bodies are only
//! located; `drive` (or [`validate_bodies`](crate::validate_bodies)) reads them.

use crate::convert::unsupported;
use crate::plain::fewer_features;
use crate::sections::{Sections, to_usize};
use crate::{EnforcedLimits, Features, ModuleDef, ParseError, Validation};
use burdock_types::FuncIdx;
use wasmparser::{
    BinaryReader, Chunk, Name, NameSectionReader, Parser, Payload, ValidPayload, Validator,
    WasmFeatures,
};

/// Reads a module's sections; with [`Validation::Checked`] everything but the function bodies is
/// validated, and what their validation needs is kept in the result.
///
/// # Errors
///
/// The module is malformed or invalid, exceeds `limits`, or uses a proposal that is switched off
/// or not supported.
///
/// # Example
///
/// ```
/// use burdock_parse::{EnforcedLimits, Features, Validation, parse};
/// let bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b";
/// let module = parse(bytes, &Features::default(), &EnforcedLimits::default(), Validation::Checked)?;
/// assert_eq!(module.bodies, [22..24]);
/// # Ok::<(), burdock_parse::ParseError>(())
/// ```
pub fn parse(
    bytes: &[u8],
    features: &Features,
    limits: &EnforcedLimits,
    validation: Validation,
) -> Result<ModuleDef, ParseError> {
    if bytes.starts_with(b"\0asm\x0d\0\x01\0") {
        return Err(unsupported("components", "component-model", 4));
    }
    let features = features.to_wasmparser();
    if validation == Validation::Trusted {
        return read(bytes, features, limits, None);
    }
    // An error with fewer features says nothing.
    if let Some(fewer) = fewer_features(bytes, features)
        && let Ok(module) = read(bytes, features, limits, Some(Validator::new_with_features(fewer)))
    {
        return Ok(module);
    }
    read(bytes, features, limits, Some(Validator::new_with_features(features)))
}

fn read(
    bytes: &[u8],
    features: WasmFeatures,
    limits: &EnforcedLimits,
    mut validator: Option<Validator>,
) -> Result<ModuleDef, ParseError> {
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut sections = Sections::new(limits, features);
    let mut at = 0;
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(&bytes[at..], true)? else {
            unreachable!("there are no more bytes to wait for");
        };
        at += consumed;
        if let Some(validator) = &mut validator
            && let ValidPayload::Func(func, _) = validator.payload(&payload)?
        {
            sections.module.resources.get_or_insert(func.resources);
        }
        let code = match &payload {
            Payload::CodeSectionStart { unchecked_range, .. } => Some(to_usize(unchecked_range)),
            Payload::End(_) => return Ok(sections.finish()),
            _ => None,
        };
        sections.payload(&payload, bytes)?;
        if let Some(code) = code
            && sections.locate_bodies(bytes, &code, validator.as_mut())?
        {
            parser.skip_section();
            at = code.end;
        }
    }
}

/// Returns the names of a module's functions from its name section; a malformed section is read as
/// far as possible. `bytes` is the module's binary.
///
/// # Example
///
/// ```
/// use burdock_parse::{EnforcedLimits, Features, Validation, func_names, parse};
/// use burdock_types::FuncIdx;
/// let bytes = wat::parse_str("(module (func $f) (func $g))")?;
/// let module = parse(&bytes, &Features::default(), &EnforcedLimits::default(), Validation::Checked)?;
/// let names: Vec<_> = func_names(&module, &bytes).collect();
/// assert_eq!(names, [(FuncIdx(0), "f"), (FuncIdx(1), "g")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn func_names<'b>(
    module: &ModuleDef,
    bytes: &'b [u8],
) -> impl Iterator<Item = (FuncIdx, &'b str)> + use<'b> {
    let range = module.name_section.clone();
    let reader = BinaryReader::new(&bytes[range.clone()], range.start as u64);
    let lists =
        NameSectionReader::new(reader).map_while(Result::ok).filter_map(|names| match names {
            Name::Function(names) => Some(names),
            _ => None,
        });
    let names = lists.flat_map(|names| names.into_iter().map_while(Result::ok));
    names.map(|naming| (FuncIdx(naming.index), naming.name))
}
