//! `Sections`: from a module's sections, one after the other, to a `ModuleDef`.

use crate::convert::{Types, const_expr, memory_type, unsupported};
use crate::error::Bounded;
use crate::segment::{data_segment, elem_segment};
use crate::{
    CustomSection, EnforcedLimits, Exports, ExternIdx, GlobalDef, Import, ImportName, ImportType,
    ModuleDef, ParseError, TableDef,
};
use alloc::{string::ToString, vec::Vec};
use burdock_types::{
    CompositeType, FuncIdx, GlobalIdx, MemoryIdx, ObjectLayout, Storage, SubType, TableIdx, TagIdx,
    TypeIdx, ValType,
};
use core::ops::Range;
use wasmparser::{
    BinaryReader, ExternalKind, FromReader, FunctionBody, KnownCustom, Name, NameSectionReader,
    Payload, RecGroup, SectionLimited, TableInit, TypeRef, Validator, WasmFeatures,
};

/// Takes sections in and fills a `ModuleDef`.
pub(crate) struct Sections<'l> {
    limits: &'l EnforcedLimits,
    pub(crate) module: ModuleDef,
}

fn empty(features: WasmFeatures) -> ModuleDef {
    ModuleDef {
        types: Vec::new(),
        rec_groups: Vec::new(),
        layouts: Vec::new(),
        imports: Vec::new(),
        funcs: Vec::new(),
        imported_funcs: 0,
        tables: Vec::new(),
        imported_tables: 0,
        memories: Vec::new(),
        imported_memories: 0,
        globals: Vec::new(),
        imported_globals: 0,
        tags: Vec::new(),
        imported_tags: 0,
        exports: Exports::default(),
        start: None,
        elems: Vec::new(),
        datas: Vec::new(),
        bodies: Vec::new(),
        name: None,
        name_section: 0..0,
        custom_sections: Vec::new(),
        code_section: 0..0,
        has_vectors: false,
        holds_references: false,
        resources: None,
        features,
    }
}

pub(crate) fn to_usize(range: &Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// Shows each item of a section and its offset to `take`.
fn each<'a, T: FromReader<'a>>(
    section: SectionLimited<'a, T>,
    mut take: impl FnMut(T, u64) -> Result<(), ParseError>,
) -> Result<(), ParseError> {
    for item in section.into_iter_with_offsets() {
        let (offset, item) = item?;
        take(item, offset)?;
    }
    Ok(())
}

/// A body that is not longer than this is not too long for the validator.
const LONG: usize = 1 << 20;

/// Returns a capacity for a section's items, each of which takes at least a byte.
fn room<T>(section: &SectionLimited<'_, T>) -> usize {
    let range = to_usize(&section.range());
    range.len().min(section.count() as usize)
}

/// Returns the byte ranges of the function bodies in the contents of a code section, unless
/// something is wrong with them.
fn bodies(mut section: BinaryReader<'_>) -> Option<Vec<Range<usize>>> {
    let count = section.read_var_u32().ok()? as usize;
    let mut bodies = Vec::with_capacity(count.min(section.bytes_remaining()));
    for _ in 0..count {
        let len = section.read_var_u32().ok()? as usize;
        let start = section.original_position() as usize;
        section.read_bytes(len).ok()?;
        bodies.push(start..start + len);
    }
    section.eof().then_some(bodies)
}

impl<'l> Sections<'l> {
    /// Begins with a module without sections.
    pub(crate) fn new(limits: &'l EnforcedLimits, features: WasmFeatures) -> Self {
        Self { limits, module: empty(features) }
    }

    /// Returns the module, all of whose sections have been read.
    pub(crate) fn finish(self) -> ModuleDef {
        let mut module = self.module;
        let of_types = |ty: &SubType| match &ty.composite {
            CompositeType::Func(ty) => ty.all().iter().any(ValType::is_v128),
            CompositeType::Struct(ty) => {
                ty.fields.iter().any(|field| field.storage.unpacked().is_v128())
            }
            CompositeType::Array(element) => element.storage.unpacked().is_v128(),
        };
        module.has_vectors = module.types.iter().any(of_types)
            || module.globals.iter().any(|global| global.ty.content.is_v128());
        module.holds_references = module.find_references();
        if module.types.iter().any(|ty| matches!(ty.composite, CompositeType::Struct(_))) {
            let layout = |ty: &SubType| match &ty.composite {
                CompositeType::Struct(ty) => {
                    let fields: Vec<_> =
                        ty.fields.iter().map(|field| Storage::of(field.storage)).collect();
                    ObjectLayout::of(&fields)
                }
                _ => ObjectLayout::of(&[]),
            };
            module.layouts = module.types.iter().map(layout).collect();
        }
        module
    }

    /// Finds the function bodies without the parser, which takes each for a payload of its own. If
    /// something is wrong with them, nothing has happened: the parser says it best.
    pub(crate) fn locate_bodies(
        &mut self,
        bytes: &[u8],
        code: &Range<usize>,
        mut validator: Option<&mut Validator>,
    ) -> Result<bool, ParseError> {
        let features = self.module.features;
        let Some(contents) = bytes.get(code.clone()) else {
            return Ok(false);
        };
        let reader = BinaryReader::new_features(contents, code.start as u64, features);
        let Some(bodies) = bodies(reader) else { return Ok(false) };
        self.module.bodies = bodies;
        let bodies = &mut self.module.bodies;
        if let Some(validator) = &mut validator {
            // Of the others the validator would only ask whether they are not too long.
            let checked =
                |(number, body): &(usize, &mut Range<usize>)| *number == 0 || body.len() > LONG;
            for (_, range) in bodies.iter_mut().enumerate().filter(checked) {
                let reader = BinaryReader::new(&bytes[range.clone()], range.start as u64);
                let func = validator.code_section_entry(&FunctionBody::new(reader))?;
                self.module.resources.get_or_insert(func.resources);
            }
        }
        Ok(true)
    }

    /// Reads a section.
    pub(crate) fn payload(
        &mut self,
        payload: &Payload<'_>,
        bytes: &[u8],
    ) -> Result<(), ParseError> {
        let limits = *self.limits;
        let module = &mut self.module;
        let limit = |limit: Option<u32>, count: u32, what, range: Range<u64>| {
            EnforcedLimits::check(limit, count.into(), what, range.start)
        };
        match payload {
            Payload::TypeSection(section) => self.types(section.clone(), bytes)?,
            Payload::ImportSection(section) => self.imports(section.clone())?,
            Payload::FunctionSection(section) => {
                limit(limits.max_functions, section.count(), Bounded::Functions, section.range())?;
                module.funcs.reserve_exact(room(section));
                each(section.clone(), |ty, _| {
                    module.funcs.push(TypeIdx(ty));
                    Ok(())
                })?;
            }
            Payload::TableSection(section) => {
                limit(limits.max_tables, section.count(), Bounded::Tables, section.range())?;
                module.tables.reserve_exact(room(section));
                let types = Types::all(&module.types);
                each(section.clone(), |table, offset| {
                    let init = match table.init {
                        TableInit::RefNull => None,
                        TableInit::Expr(expr) => Some(const_expr(types, &expr)?),
                    };
                    let ty = types.table_type(&table.ty, offset)?;
                    module.tables.push(TableDef { ty, init });
                    Ok(())
                })?;
            }
            Payload::MemorySection(section) => {
                limit(limits.max_memories, section.count(), Bounded::Memories, section.range())?;
                module.memories.reserve_exact(room(section));
                each(section.clone(), |ty, offset| {
                    module.memories.push(memory_type(&ty, offset)?);
                    Ok(())
                })?;
            }
            Payload::GlobalSection(section) => {
                limit(limits.max_globals, section.count(), Bounded::Globals, section.range())?;
                module.globals.reserve_exact(room(section));
                let types = Types::all(&module.types);
                each(section.clone(), |global, offset| {
                    let ty = types.global_type(&global.ty, offset)?;
                    let init = Some(const_expr(types, &global.init_expr)?);
                    module.globals.push(GlobalDef { ty, init });
                    Ok(())
                })?;
            }
            Payload::ExportSection(section) => self.exports(section.clone())?,
            Payload::StartSection { func, .. } => module.start = Some(FuncIdx(*func)),
            Payload::ElementSection(section) => {
                limit(
                    limits.max_element_segments,
                    section.count(),
                    Bounded::ElementSegments,
                    section.range(),
                )?;
                module.elems.reserve_exact(room(section));
                let types = Types::all(&module.types);
                each(section.clone(), |elem, offset| {
                    module.elems.push(elem_segment(types, elem, offset)?);
                    Ok(())
                })?;
            }
            Payload::DataSection(section) => {
                limit(
                    limits.max_data_segments,
                    section.count(),
                    Bounded::DataSegments,
                    section.range(),
                )?;
                module.datas.reserve_exact(room(section));
                let types = Types::all(&module.types);
                each(section.clone(), |data, _| {
                    module.datas.push(data_segment(types, data)?);
                    Ok(())
                })?;
            }
            Payload::CodeSectionStart { count, unchecked_range, size } => {
                limits.check_bodies(*size, *count, unchecked_range.start)?;
                module.code_section = to_usize(unchecked_range);
            }
            Payload::CodeSectionEntry(body) => module.bodies.push(to_usize(&body.range())),
            Payload::TagSection(section) => {
                self.require_exceptions(section.range().start)?;
                let module = &mut self.module;
                module.tags.reserve_exact(room(section));
                each(section.clone(), |tag, _| {
                    module.tags.push(TypeIdx(tag.func_type_idx));
                    Ok(())
                })?;
            }
            Payload::CustomSection(section) => {
                let start = section.data_offset() as usize;
                let bytes = start..start + section.data().len();
                if let KnownCustom::Name(names) = section.as_known() {
                    self.names(names);
                    self.module.name_section = bytes.clone();
                }
                self.module
                    .custom_sections
                    .push(CustomSection { name: section.name().into(), bytes });
            }
            Payload::UnknownSection { id, range, .. } => {
                let message = alloc::format!("malformed section id: {id}");
                return Err(ParseError::new(message, range.start));
            }
            _ => {}
        }
        Ok(())
    }

    fn types(
        &mut self,
        section: wasmparser::TypeSectionReader<'_>,
        bytes: &[u8],
    ) -> Result<(), ParseError> {
        self.module.types.reserve_exact(room(&section));
        let range = to_usize(&section.range());
        let start = range.start as u64;
        let contents = &bytes[range];
        let mut reader = BinaryReader::new_features(contents, start, self.module.features);
        for _ in 0..reader.read_var_u32()? {
            let offset = reader.original_position();
            if let Some(ty) = Types::func_type(&self.module.types, &mut reader, contents)? {
                self.push_type(SubType::func(ty), offset)?;
                continue;
            }
            let group: RecGroup = reader.read()?;
            let first = self.module.types.len() as u32;
            for ty in Types::rec_group(&self.module.types, &group, offset)? {
                self.push_type(ty, offset)?;
            }
            let group = first..self.module.types.len() as u32;
            if group.len() > 1 {
                self.module.rec_groups.push(group);
            }
        }
        match reader.eof() {
            true => Ok(()),
            false => {
                let message = "unexpected data at the end of the type section";
                Err(ParseError::new(message, reader.original_position()))
            }
        }
    }

    fn push_type(&mut self, ty: SubType, offset: u64) -> Result<(), ParseError> {
        if let Some(ty) = ty.as_func() {
            let (params, results) = (ty.params().len() as u64, ty.results().len() as u64);
            let limit = |limit: Option<usize>| limit.map(|limit| limit as u64);
            EnforcedLimits::check(
                limit(self.limits.max_params),
                params,
                Bounded::Parameters,
                offset,
            )?;
            EnforcedLimits::check(
                limit(self.limits.max_results),
                results,
                Bounded::Results,
                offset,
            )?;
        }
        self.module.types.push(ty);
        Ok(())
    }

    /// Fails if the exceptions proposal is switched off, for modules that are not validated.
    fn require_exceptions(&self, offset: u64) -> Result<(), ParseError> {
        match self.module.features.contains(WasmFeatures::EXCEPTIONS) {
            true => Ok(()),
            false => Err(unsupported("tags", "exceptions", offset)),
        }
    }

    fn imports(&mut self, section: wasmparser::ImportSectionReader<'_>) -> Result<(), ParseError> {
        self.module.imports.reserve_exact(room(&section));
        // Most imports are functions.
        self.module.funcs.reserve_exact(room(&section));
        for import in section.into_imports_with_offsets() {
            let (offset, import) = import?;
            let module = &mut self.module;
            let ty = match import.ty {
                TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                    module.funcs.push(TypeIdx(ty));
                    module.imported_funcs += 1;
                    match import.ty {
                        TypeRef::FuncExact(_) => ImportType::ExactFunc(TypeIdx(ty)),
                        _ => ImportType::Func(TypeIdx(ty)),
                    }
                }
                TypeRef::Table(ty) => {
                    let ty = Types::all(&module.types).table_type(&ty, offset)?;
                    module.tables.push(TableDef { ty, init: None });
                    module.imported_tables += 1;
                    ImportType::Table(ty)
                }
                TypeRef::Memory(ty) => {
                    let ty = memory_type(&ty, offset)?;
                    module.memories.push(ty);
                    module.imported_memories += 1;
                    ImportType::Memory(ty)
                }
                TypeRef::Global(ty) => {
                    let ty = Types::all(&module.types).global_type(&ty, offset)?;
                    module.globals.push(GlobalDef { ty, init: None });
                    module.imported_globals += 1;
                    ImportType::Global(ty)
                }
                TypeRef::Tag(ty) => {
                    self.require_exceptions(offset)?;
                    let module = &mut self.module;
                    module.tags.push(TypeIdx(ty.func_type_idx));
                    module.imported_tags += 1;
                    ImportType::Tag(TypeIdx(ty.func_type_idx))
                }
            };
            let name = ImportName::new(import.module, import.name);
            self.module.imports.push(Import { name, ty });
        }
        Ok(())
    }

    fn exports(&mut self, section: wasmparser::ExportSectionReader<'_>) -> Result<(), ParseError> {
        let exports = &mut self.module.exports;
        exports.reserve_exact(room(&section));
        each(section, |export, _| {
            let idx = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => {
                    ExternIdx::Func(FuncIdx(export.index))
                }
                ExternalKind::Table => ExternIdx::Table(TableIdx(export.index)),
                ExternalKind::Memory => ExternIdx::Memory(MemoryIdx(export.index)),
                ExternalKind::Global => ExternIdx::Global(GlobalIdx(export.index)),
                ExternalKind::Tag => ExternIdx::Tag(TagIdx(export.index)),
            };
            exports.insert(export.name.into(), idx);
            Ok(())
        })
    }

    /// Reads the name section; a malformed section is read as far as possible, since custom
    /// sections never make a module invalid.
    fn names(&mut self, names: NameSectionReader<'_>) {
        for name in names {
            match name {
                Ok(Name::Module { name, .. }) => self.module.name = Some(name.to_string()),
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}
