//! `FuncTypes`: the function types of a module, in the text that rules match.

use std::fmt::Write;
use wasmparser::{CompositeInnerType, FuncType, Parser, Payload, TypeRef, ValType};

/// The function types of a module.
#[derive(Default)]
pub(super) struct FuncTypes {
    /// The texts of the types by index, and their numbers of parameters; `None` for other types.
    types: Vec<Option<(String, usize)>>,
    /// The types of the imported functions.
    imports: Vec<u32>,
}

impl FuncTypes {
    /// Reads the types of a module in the binary format, as far as it can be parsed.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload {
                Ok(Payload::TypeSection(section)) => {
                    let types = section.into_iter().flatten().flat_map(|group| group.into_types());
                    found.types.extend(types.map(|ty| match &ty.composite_type.inner {
                        CompositeInnerType::Func(ty) => Some((text(ty), ty.params().len())),
                        _ => None,
                    }));
                }
                Ok(Payload::ImportSection(section)) => {
                    let types = section.into_imports().flatten().map(|import| import.ty);
                    found.imports.extend(types.filter_map(|ty| match ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => Some(ty),
                        _ => None,
                    }));
                }
                // Types and imports precede all code.
                Ok(Payload::CodeSectionStart { .. }) | Err(_) => break,
                Ok(_) => {}
            }
        }
        found
    }

    /// Returns the texts of the types.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.types.iter().flatten().map(|(text, _)| text.as_str())
    }

    /// Returns the number of parameters of each imported function.
    pub(super) fn import_params(&self) -> impl Iterator<Item = usize> {
        let params = |ty: &u32| self.types.get(*ty as usize)?.as_ref().map(|(_, params)| *params);
        self.imports.iter().map(move |ty| params(ty).unwrap_or(0))
    }
}

/// Returns a type as [`burdock::FuncType`] shows it.
fn text(ty: &FuncType) -> String {
    let mut text = "(func".to_owned();
    for (word, types) in [("param", ty.params()), ("result", ty.results())] {
        if !types.is_empty() {
            let types: Vec<String> = types.iter().map(|ty| value_text(*ty)).collect();
            // Writing to a string does not fail.
            let _ = write!(text, " ({word} {})", types.join(" "));
        }
    }
    text + ")"
}

/// Returns a type of values. Types that the module defines go by their indices, while
/// [`burdock::ValType`] shows numbers of the engine: a pattern can name either only as `*`.
fn value_text(ty: ValType) -> String {
    let index = ty.as_reference_type().and_then(|ty| Some((ty, ty.type_index()?)));
    match index {
        Some((ty, index)) => {
            let index = index.as_module_index().unwrap_or_default();
            let (null, of) =
                (if ty.is_nullable() { "null " } else { "" }, format!("(type {index})"));
            match ty.is_exact_type_ref() {
                true => format!("(ref {null}(exact {of}))"),
                false => format!("(ref {null}{of})"),
            }
        }
        None => ty.to_string(),
    }
}
