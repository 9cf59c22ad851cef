//! `burdock inspect`: lists the contents of a module, read from its bytes without running or
//! validating it.

use crate::cli::InspectArgs;
use crate::report::Failure;
use crate::{input, output};
use anyhow::Context;
use std::fmt::{Display, Write as _};
use std::process::ExitCode;
use wasmparser::{
    CompositeType, Encoding, ExternalKind, GlobalType, KnownCustom, MemoryType, Name, PackedIndex,
    Parser, Payload, SubType, TableType, TypeRef,
};

pub(crate) fn execute(args: &InspectArgs) -> Result<ExitCode, Failure> {
    let bytes = input::read(&args.file)?;
    let binary = input::binary(&args.file, &bytes)?;
    let contents = Contents::read(&binary)
        .with_context(|| format!("failed to read `{}`", args.file.display()))?;
    let text = contents.show(binary.len()).context("failed to print")?;
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A section of the file.
struct Section {
    name: String,
    offset: u64,
    size: u64,
    /// A description of the contents.
    entries: String,
}

/// The contents of a module. Each index space lists imported entities first.
#[derive(Default)]
struct Contents {
    name: Option<String>,
    sections: Vec<Section>,
    types: Vec<String>,
    imports: Vec<(String, String)>,
    exports: Vec<(String, String)>,
    funcs: Vec<u32>,
    tables: Vec<String>,
    memories: Vec<String>,
    globals: Vec<String>,
    tags: Vec<u32>,
    start: Option<u32>,
    imported_funcs: usize,
    /// The size in bytes of each function that is not imported.
    bodies: Vec<u64>,
}

impl Contents {
    fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let mut contents = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            contents.payload(payload?)?;
        }
        Ok(contents)
    }

    fn payload(&mut self, payload: Payload<'_>) -> anyhow::Result<()> {
        if let Some((_, range)) = payload.as_section()
            && let Some((name, entries)) = describe(&payload)
        {
            let (offset, size) = (range.start, range.end - range.start);
            self.sections.push(Section { name, offset, size, entries });
        }
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                anyhow::bail!("it is a component; only modules are supported")
            }
            Payload::TypeSection(types) => {
                for group in types {
                    self.types.extend(group?.types().map(defined));
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    let what = self.import(import.ty);
                    self.imports.push((format!("{:?} {:?}", import.module, import.name), what));
                }
            }
            Payload::FunctionSection(funcs) => push_each(&mut self.funcs, funcs, |ty| ty)?,
            Payload::TableSection(tables) => push_each(&mut self.tables, tables, |t| table(&t.ty))?,
            Payload::MemorySection(memories) => {
                push_each(&mut self.memories, memories, |m| memory(&m))?
            }
            Payload::GlobalSection(globals) => {
                push_each(&mut self.globals, globals, |g| global(&g.ty))?
            }
            Payload::TagSection(tags) => push_each(&mut self.tags, tags, |tag| tag.func_type_idx)?,
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    let what = self.export(export.kind, export.index);
                    self.exports.push((format!("{:?}", export.name), what));
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::CodeSectionEntry(body) => {
                self.bodies.push(body.range().end - body.range().start);
            }
            Payload::CustomSection(custom) => {
                if let KnownCustom::Name(names) = custom.as_known() {
                    // Names that cannot be parsed are skipped; they have no meaning for the module.
                    self.name = names.into_iter().find_map(|name| match name {
                        Ok(Name::Module { name, .. }) => Some(name.to_owned()),
                        _ => None,
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds an import to its index space, and returns a description of it.
    fn import(&mut self, import: TypeRef) -> String {
        match import {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.funcs.push(ty);
                self.imported_funcs += 1;
                let exact = if matches!(import, TypeRef::FuncExact(_)) { "exact " } else { "" };
                format!("func {exact}{}", self.type_at(Some(&ty)))
            }
            TypeRef::Table(ty) => {
                self.tables.push(table(&ty));
                format!("table {}", table(&ty))
            }
            TypeRef::Memory(ty) => {
                self.memories.push(memory(&ty));
                format!("memory {}", memory(&ty))
            }
            TypeRef::Global(ty) => {
                self.globals.push(global(&ty));
                format!("global {}", global(&ty))
            }
            TypeRef::Tag(ty) => {
                self.tags.push(ty.func_type_idx);
                format!("tag {}", self.type_at(Some(&ty.func_type_idx)))
            }
        }
    }

    fn export(&self, kind: ExternalKind, index: u32) -> String {
        let at = index as usize;
        let listed = |list: &[String]| list.get(at).cloned().unwrap_or_else(|| "?".into());
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                format!("func {index} {}", self.type_at(self.funcs.get(at)))
            }
            ExternalKind::Table => format!("table {index} {}", listed(&self.tables)),
            ExternalKind::Memory => format!("memory {index} {}", listed(&self.memories)),
            ExternalKind::Global => format!("global {index} {}", listed(&self.globals)),
            ExternalKind::Tag => format!("tag {index} {}", self.type_at(self.tags.get(at))),
        }
    }

    /// Returns the type at an index, or `?` if the module, which was not validated, has none.
    fn type_at(&self, index: Option<&u32>) -> &str {
        index.and_then(|index| self.types.get(*index as usize)).map_or("?", String::as_str)
    }

    fn show(&self, size: usize) -> Result<String, std::fmt::Error> {
        let mut out = String::new();
        if let Some(name) = &self.name {
            writeln!(out, "module {name:?}")?;
        }
        writeln!(out, "{size} bytes")?;
        writeln!(out, "\nsections ({})", self.sections.len())?;
        for Section { name, offset, size, entries } in &self.sections {
            let line = format!("  {offset:#8x} {size:>8} bytes  {name:<10}  {entries}");
            writeln!(out, "{}", line.trim_end())?;
        }
        list(&mut out, "types", self.types.iter().enumerate())?;
        list(&mut out, "imports", self.imports.iter().map(|(name, what)| (name, what)))?;
        list(&mut out, "exports", self.exports.iter().map(|(name, what)| (name, what)))?;
        self.show_functions(&mut out)?;
        list(&mut out, "tables", self.tables.iter().enumerate())?;
        list(&mut out, "memories", self.memories.iter().enumerate())?;
        list(&mut out, "globals", self.globals.iter().enumerate())?;
        list(&mut out, "tags", self.tags.iter().map(|ty| self.type_at(Some(ty))).enumerate())?;
        if let Some(start) = self.start {
            writeln!(out, "\nstart\n  func {start}")?;
        }
        Ok(out)
    }

    /// Writes a summary of the functions, of which there can be thousands.
    fn show_functions(&self, out: &mut String) -> std::fmt::Result {
        if self.funcs.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nfunctions ({})", self.funcs.len())?;
        writeln!(out, "  {} imported, {} defined", self.imported_funcs, self.bodies.len())?;
        let total: u64 = self.bodies.iter().sum();
        let largest =
            self.bodies.iter().enumerate().max_by_key(|(index, size)| (**size, usize::MAX - index));
        if let Some((index, size)) = largest {
            let func = self.imported_funcs + index;
            writeln!(out, "  {total} bytes of code, largest: func {func} with {size}")?;
        }
        Ok(())
    }
}

fn push_each<'a, T: wasmparser::FromReader<'a>, U>(
    list: &mut Vec<U>,
    section: wasmparser::SectionLimited<'a, T>,
    map: impl Fn(T) -> U,
) -> anyhow::Result<()> {
    for item in section {
        list.push(map(item?));
    }
    Ok(())
}

/// Writes a heading with a count, and one line for each item; nothing if there are no items.
fn list(
    out: &mut String,
    heading: &str,
    items: impl Iterator<Item = (impl Display, impl Display)>,
) -> std::fmt::Result {
    let lines: Vec<String> = items.map(|(left, right)| format!("  {left}: {right}\n")).collect();
    if lines.is_empty() {
        return Ok(());
    }
    write!(out, "\n{heading} ({})\n{}", lines.len(), lines.concat())
}

/// Returns the name of a section and a description of its contents.
fn describe(payload: &Payload<'_>) -> Option<(String, String)> {
    let counted = |name: &str, count: u32| Some((name.to_owned(), format!("{count} entries")));
    match payload {
        Payload::TypeSection(s) => counted("type", s.count()),
        Payload::ImportSection(s) => counted("import", s.count()),
        Payload::FunctionSection(s) => counted("function", s.count()),
        Payload::TableSection(s) => counted("table", s.count()),
        Payload::MemorySection(s) => counted("memory", s.count()),
        Payload::TagSection(s) => counted("tag", s.count()),
        Payload::GlobalSection(s) => counted("global", s.count()),
        Payload::ExportSection(s) => counted("export", s.count()),
        Payload::StartSection { .. } => Some(("start".into(), String::new())),
        Payload::ElementSection(s) => counted("element", s.count()),
        Payload::DataCountSection { .. } => Some(("data count".into(), String::new())),
        Payload::DataSection(s) => counted("data", s.count()),
        Payload::CodeSectionStart { count, .. } => counted("code", *count),
        Payload::CustomSection(s) => Some(("custom".into(), format!("{:?}", s.name()))),
        _ => None,
    }
}

/// Returns the text of a type with its clauses on descriptors, which come first.
fn defined(ty: &SubType) -> String {
    let clause = |name: &str, index: Option<PackedIndex>| {
        let index = index.and_then(|index| index.unpack().as_module_index());
        index.map_or_else(String::new, |index| format!("({name} {index}) "))
    };
    let CompositeType { describes_idx, descriptor_idx, .. } = ty.composite_type;
    format!("{}{}{ty}", clause("describes", describes_idx), clause("descriptor", descriptor_idx))
}

fn limits(initial: u64, maximum: Option<u64>) -> String {
    maximum.map_or_else(|| initial.to_string(), |maximum| format!("{initial} {maximum}"))
}

fn memory(ty: &MemoryType) -> String {
    let index = if ty.memory64 { "i64 " } else { "" };
    let shared = if ty.shared { " shared" } else { "" };
    let page = ty.page_size_log2.map_or_else(String::new, |log2| match 1u64.checked_shl(log2) {
        Some(size) => format!(" (pagesize {size})"),
        None => format!(" (pagesize 2^{log2})"),
    });
    format!("{index}{}{shared}{page}", limits(ty.initial, ty.maximum))
}

fn table(ty: &TableType) -> String {
    let index = if ty.table64 { "i64 " } else { "" };
    format!("{index}{} {}", limits(ty.initial, ty.maximum), ty.element_type)
}

fn global(ty: &GlobalType) -> String {
    if ty.mutable { format!("(mut {})", ty.content_type) } else { ty.content_type.to_string() }
}
