//! The rules for imports: which entities can be given for an import (specification, section 3.5.7),
//! with Wasmtime's messages for those that cannot.

use super::func::Text;
use super::raw;
use crate::{Engine, Result, bail, ensure};
use alloc::{format, string::String, string::ToString};
use burdock_core::{TypeId, TypeInfo};
use burdock_parse::ImportType;
use burdock_types::{IndexType, MemoryType, TypeIdx};

/// A provided entity: its type, and its current size if sizes matter.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Definition {
    /// A function.
    Func(TypeId),
    /// A table and its size in elements.
    Table(raw::TableType, u64),
    /// A memory and its size in pages.
    Memory(MemoryType, u64),
    /// A global.
    Global(raw::GlobalType),
    /// A tag.
    Tag(TypeId),
}

/// An import's type and the numbers of its module's types.
pub(crate) struct DefinitionRef<'m> {
    pub(crate) ty: &'m ImportType,
    pub(crate) types: &'m [TypeInfo],
}

impl Definition {
    fn desc(self) -> &'static str {
        match self {
            Self::Func(_) => "function",
            Self::Table(..) => "table",
            Self::Memory(..) => "memory",
            Self::Global(_) => "global",
            Self::Tag(_) => "tag",
        }
    }
}

/// Checks that `actual` can be given for an import.
#[inline]
pub(crate) fn check_import(
    engine: &Engine,
    expected: &DefinitionRef<'_>,
    actual: Definition,
) -> Result<()> {
    // Most imports are functions of the very type.
    if let (ImportType::Func(ty), Definition::Func(actual)) = (expected.ty, actual)
        && expected.types[ty.index()].id == actual
    {
        return Ok(());
    }
    check(engine, expected, actual)
}

fn check(engine: &Engine, expected: &DefinitionRef<'_>, actual: Definition) -> Result<()> {
    let id = |ty: TypeIdx| expected.types[ty.index()].id;
    match (expected.ty, actual) {
        (ImportType::Func(ty), Definition::Func(actual)) => {
            let fits = engine.types().is_subtype(actual, id(*ty));
            func(engine, fits, "", [id(*ty), actual])
        }
        (ImportType::ExactFunc(ty), Definition::Func(actual)) => {
            func(engine, id(*ty) == actual, "exactly ", [id(*ty), actual])
        }
        (ImportType::Table(ty), Definition::Table(actual, size)) => {
            table(&ty.map(id), &actual, size)
        }
        (ImportType::Memory(ty), Definition::Memory(actual, size)) => memory(ty, &actual, size),
        (ImportType::Global(ty), Definition::Global(actual)) => {
            global(engine, &ty.map(id), &actual)
        }
        (ImportType::Tag(ty), Definition::Tag(actual)) => {
            ensure!(id(*ty) == actual, "incompatible tag types");
            Ok(())
        }
        (ImportType::Func(_) | ImportType::ExactFunc(_), _) => {
            bail!("expected func, but found {}", actual.desc())
        }
        (ImportType::Table(_), _) => bail!("expected table, but found {}", actual.desc()),
        (ImportType::Memory(_), _) => bail!("expected memory, but found {}", actual.desc()),
        (ImportType::Global(_), _) => bail!("expected global, but found {}", actual.desc()),
        (ImportType::Tag(_), _) => bail!("expected tag, but found {}", actual.desc()),
    }
}

fn func(engine: &Engine, fits: bool, how: &str, types: [TypeId; 2]) -> Result<()> {
    if fits {
        return Ok(());
    }
    // A linker may know of functions whose store is gone, and their types with it.
    let [Some(expected), Some(actual)] = types.map(|ty| engine.types().get(ty)) else {
        bail!("types incompatible: a function's store was dropped");
    };
    bail!(
        "types incompatible: expected {how}type `{}`, found type `{}`",
        Text(expected.func()),
        Text(actual.func())
    )
}

fn global(engine: &Engine, expected: &raw::GlobalType, actual: &raw::GlobalType) -> Result<()> {
    let same = match expected.mutable || actual.mutable {
        true => expected.content == actual.content,
        false => {
            let declared = |a, b| engine.types().is_subtype(a, b);
            actual.content.matches(expected.content, declared)
        }
    };
    same_type(same, expected.content, actual.content, "global")?;
    let word = |mutable: bool| if mutable { "mutable" } else { "immutable" };
    same_word(word(expected.mutable), word(actual.mutable), "global")
}

fn table(expected: &raw::TableType, actual: &raw::TableType, size: u64) -> Result<()> {
    let (element, found) = (raw::ValType::Ref(expected.element), raw::ValType::Ref(actual.element));
    same_type(element == found, element, found, "table")?;
    same_word(width(expected.index), width(actual.index), "table")?;
    limits((expected.min, expected.max), (size, actual.max), "table")
}

fn memory(expected: &MemoryType, actual: &MemoryType, size: u64) -> Result<()> {
    same_word(width(expected.index), width(actual.index), "memory")?;
    limits((expected.min, expected.max), (size, actual.max), "memory")?;
    if expected.page_size_log2 != actual.page_size_log2 {
        bail!(
            "memory types incompatible: expected a memory with a page size of {}, but received a memory with a page size of {}",
            expected.page_size(),
            actual.page_size()
        );
    }
    Ok(())
}

fn same_type(same: bool, expected: raw::ValType, actual: raw::ValType, desc: &str) -> Result<()> {
    if same {
        return Ok(());
    }
    bail!(
        "{desc} types incompatible: expected {desc} of type `{expected}`, found {desc} of type `{actual}`"
    )
}

fn same_word(expected: &str, actual: &str, desc: &str) -> Result<()> {
    if expected == actual {
        return Ok(());
    }
    bail!("{desc} types incompatible: expected {expected} {desc}, found {actual} {desc}")
}

fn width(index: IndexType) -> &'static str {
    match index {
        IndexType::I32 => "32-bit",
        IndexType::I64 => "64-bit",
    }
}

type Limits = (u64, Option<u64>);

fn limits(expected: Limits, actual: Limits, desc: &str) -> Result<()> {
    let fits = match (expected.1, actual.1) {
        (Some(expected), Some(actual)) => actual <= expected,
        (Some(_), None) => false,
        (None, _) => true,
    };
    if fits && expected.0 <= actual.0 {
        return Ok(());
    }
    let text = |(min, max): Limits| {
        let max = max.map_or(String::from("none"), |max| max.to_string());
        format!("min: {min}, max: {max}")
    };
    bail!(
        "{desc} types incompatible: expected {desc} limits ({}) doesn't match provided {desc} limits ({})",
        text(expected),
        text(actual)
    )
}
