//! `Code`: a module's bytes for tools: functions, names and operators.

use crate::pattern::like;
use crate::symbols::import_name;
use burdock::names::{Escaped, FuncName};
use burdock::{Error, Result};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};
use wasmparser::{ExternalKind, KnownCustom, Name, Operator, Parser, Payload, TypeRef};

/// A module's functions, their names and operators.
///
/// # Example
///
/// ```
/// use burdock_tools::Code;
/// let bytes = wat::parse_str("(module (func $f (result i32) i32.const 1))")?;
/// let code = Code::new(&bytes)?;
/// assert_eq!(code.func_name(0), "f");
/// let names: Vec<_> = code.operators(0)?.iter().map(|op| op.name).collect();
/// assert_eq!(names, ["i32.const", "end"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Code {
    bytes: Vec<u8>,
    /// The module and name of each imported function.
    imports: Vec<(String, String)>,
    /// The names of functions as stored in the module.
    names: HashMap<u32, String>,
    /// The names of types as stored in the module.
    types: HashMap<u32, String>,
    /// The names of fields as stored in the module, by type and index.
    fields: HashMap<(u32, u32), String>,
    /// The names of locals as stored in the module, by function and index.
    locals: HashMap<(u32, u32), String>,
    exports: Vec<(u32, String)>,
    /// Names that several functions share, computed on first use.
    ambiguous: OnceLock<HashSet<String>>,
    /// The byte ranges of the bodies of defined functions.
    bodies: Vec<Range<usize>>,
    /// The byte offset of the code section's contents, to which DWARF addresses are relative.
    code_section: usize,
}

/// An operator in a function's body.
///
/// # Example
///
/// ```
/// use burdock_tools::{Code, Op};
/// let code = Code::new(&wat::parse_str("(module (func (drop (i32.const 1))))")?)?;
/// let ops = code.operators(0)?;
/// let body = code.body(0).unwrap();
/// // The body begins with the number of its local declarations.
/// assert_eq!(ops[0], Op { offset: body.start as u32 + 1, name: "i32.const" });
/// assert_eq!(ops[1].offset - ops[0].offset, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// The byte offset in the module.
    pub offset: u32,
    /// The name in the text format.
    pub name: &'static str,
}

impl Code {
    /// Reads a module in the binary format.
    ///
    /// # Errors
    ///
    /// Returns an error if the module cannot be parsed. A module that the engine accepted can
    /// always be parsed.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let mut code = Self {
            bytes: bytes.to_vec(),
            imports: Vec::new(),
            names: HashMap::new(),
            types: HashMap::new(),
            fields: HashMap::new(),
            locals: HashMap::new(),
            exports: Vec::new(),
            ambiguous: OnceLock::new(),
            bodies: Vec::new(),
            code_section: 0,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(Error::new)? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.map_err(Error::new)?;
                        if let TypeRef::Func(_) | TypeRef::FuncExact(_) = import.ty {
                            code.imports.push((import.module.into(), import.name.into()));
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section.into_iter().flatten() {
                        if export.kind == ExternalKind::Func {
                            code.exports.push((export.index, export.name.to_owned()));
                        }
                    }
                }
                Payload::CodeSectionStart { unchecked_range, .. } => {
                    code.code_section = unchecked_range.start as usize;
                }
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    code.bodies.push(range.start as usize..range.end as usize);
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        code.read_names(names);
                    }
                }
                _ => {}
            }
        }
        for (index, name) in &code.exports {
            code.names.entry(*index).or_insert_with(|| name.clone());
        }
        Ok(code)
    }

    /// Reads the name section. Like the engine, skips names that cannot be parsed.
    fn read_names(&mut self, names: wasmparser::NameSectionReader<'_>) {
        for name in names.into_iter().flatten() {
            let (names, map) = match name {
                Name::Function(map) => (&mut self.names, map),
                Name::Type(map) => (&mut self.types, map),
                Name::Local(funcs) => {
                    read_indirect(&mut self.locals, funcs);
                    continue;
                }
                Name::Field(types) => {
                    read_indirect(&mut self.fields, types);
                    continue;
                }
                _ => continue,
            };
            let named = map.into_iter().flatten();
            names.extend(named.map(|naming| (naming.index, naming.name.to_owned())));
        }
    }

    /// Returns the name of a type, or `type N`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::Code;
    /// let code = Code::new(&wat::parse_str("(module (type $point (struct)) (type (func)))")?)?;
    /// assert_eq!((code.type_name(0), code.type_name(1)), ("point".into(), "type 1".into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn type_name(&self, ty: u32) -> String {
        let name = self.types.get(&ty).map(|name| Escaped(name).to_string());
        name.unwrap_or_else(|| format!("type {ty}"))
    }

    /// Returns the name of a field of a structure type, or its index.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::Code;
    /// let module = wat::parse_str("(module (type (struct (field $x i32) (field i32))))")?;
    /// let code = Code::new(&module)?;
    /// assert_eq!((code.field_name(0, 0), code.field_name(0, 1)), ("x".into(), "1".into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn field_name(&self, ty: u32, field: u32) -> String {
        let name = self.fields.get(&(ty, field)).map(|name| Escaped(name).to_string());
        name.unwrap_or_else(|| field.to_string())
    }

    /// Returns the URL of the module's source map, from the section `sourceMappingURL`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::Code;
    /// let text = r#"(module (@custom "sourceMappingURL" "\08./m.json"))"#;
    /// let code = Code::new(&wat::parse_str(text)?)?;
    /// assert_eq!(code.source_map_url(), Some("./m.json"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn source_map_url(&self) -> Option<&str> {
        Parser::new(0).parse_all(&self.bytes).find_map(|payload| match payload {
            Ok(Payload::CustomSection(section)) if section.name() == "sourceMappingURL" => {
                let mut reader = wasmparser::BinaryReader::new(section.data(), 0);
                reader.read_string().ok()
            }
            _ => None,
        })
    }

    /// Returns the module's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the byte offset of the code section's contents.
    pub fn code_section(&self) -> usize {
        self.code_section
    }

    /// Returns the number of imported functions.
    pub fn num_imported_funcs(&self) -> u32 {
        self.imports.len() as u32
    }

    /// Returns the number of functions, imported functions included.
    pub fn num_funcs(&self) -> u32 {
        (self.imports.len() + self.bodies.len()) as u32
    }

    /// Returns a function's name: from the name section, else of its export or import, else made
    /// from its index. The name is formatted as [`FuncName`] does, without the hash of Rust's
    /// names.
    pub fn func_name(&self, func: u32) -> String {
        match (self.names.get(&func), self.imports.get(func as usize)) {
            (Some(name), _) if !name.trim().is_empty() => format!("{:#}", FuncName(name)),
            (_, Some((module, name))) => import_name(module, name),
            _ => format!("<wasm function {func}>"),
        }
    }

    /// Returns a function's name, followed by its index if other functions of the module have the
    /// same name: `helper#7`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::Code;
    /// let text = r#"(module (func) (func (@name "twice")) (func (@name "twice")))"#;
    /// let code = Code::new(&wat::parse_str(text)?)?;
    /// let names: Vec<_> = (0..3).map(|func| code.unique_func_name(func)).collect();
    /// assert_eq!(names, ["<wasm function 0>", "twice#1", "twice#2"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unique_func_name(&self, func: u32) -> String {
        let ambiguous = self.ambiguous.get_or_init(|| {
            let (mut once, mut again) = (HashSet::new(), HashSet::new());
            for func in 0..self.num_funcs() {
                let name = self.func_name(func);
                if !once.insert(name.clone()) {
                    again.insert(name);
                }
            }
            again
        });
        let name = self.func_name(func);
        if ambiguous.contains(&name) { format!("{name}#{func}") } else { name }
    }

    /// Returns the names, as stored in the module, of functions whose formatted names match a
    /// pattern.
    pub(crate) fn raw_names_like(&self, pattern: &str) -> Vec<&str> {
        let mut funcs: Vec<u32> = self.names.keys().copied().collect();
        funcs.retain(|func| like(pattern, &self.func_name(*func)));
        funcs.iter().map(|func| self.names[func].as_str()).collect()
    }

    /// Returns `true` if the name of a function of the module matches a pattern.
    pub fn has_func_like(&self, pattern: &str) -> bool {
        (0..self.num_funcs()).any(|func| self.is_func_like(func, pattern))
    }

    /// Returns `true` if a pattern matches one of a function's [names](Self::func_names).
    pub fn is_func_like(&self, func: u32, pattern: &str) -> bool {
        self.func_names(func).iter().any(|name| like(pattern, name))
    }

    /// Returns all names of a function: the one that is shown first, then the one that is stored in
    /// the module, those of its exports, and that of its import.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::Code;
    /// let text = r#"(module (func $_ZN3app3runE (export "main") (export "run")))"#;
    /// let code = Code::new(&wat::parse_str(text)?)?;
    /// assert_eq!(code.func_names(0), ["app::run", "_ZN3app3runE", "main", "run"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn func_names(&self, func: u32) -> Vec<String> {
        let mut names = vec![self.func_name(func)];
        let import =
            self.imports.get(func as usize).map(|(module, name)| import_name(module, name));
        let exports = self.exports.iter().filter(|(own, _)| *own == func).map(|(_, name)| name);
        for name in self.names.get(&func).into_iter().chain(exports).chain(import.as_ref()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// Returns `true` if the module exports a function by this name.
    pub(crate) fn exports_func(&self, name: &str) -> bool {
        self.exports.iter().any(|(_, own)| own == name)
    }

    /// Returns the functions that the module imports, as module and name.
    pub fn imports(&self) -> impl Iterator<Item = (&str, &str)> {
        self.imports.iter().map(|(module, name)| (&**module, &**name))
    }

    /// Returns `true` if the module imports a function whose module and name match these patterns.
    pub fn has_import_like(&self, module: &str, name: &str) -> bool {
        self.imports().any(|(own, import)| like(module, own) && like(name, import))
    }

    /// Returns the byte range of a function's body, its locals included, or `None` for an imported
    /// function.
    pub fn body(&self, func: u32) -> Option<Range<usize>> {
        let defined = func.checked_sub(self.num_imported_funcs())?;
        self.bodies.get(defined as usize).cloned()
    }

    /// Returns the name of a function's local from the name section, escaped.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::Code;
    /// let code = Code::new(&wat::parse_str("(module (func (param $n i32) (local i32)))")?)?;
    /// assert_eq!(code.local_name(0, 0), Some("n".into()));
    /// assert_eq!(code.local_name(0, 1), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn local_name(&self, func: u32, index: u32) -> Option<String> {
        self.locals.get(&(func, index)).map(|name| Escaped(name).to_string())
    }

    /// Returns the index of a function's local that has this name, escaped.
    pub(crate) fn local_named(&self, func: u32, name: &str) -> Option<u32> {
        let mut own = self.locals.iter().filter(|((owner, _), _)| *owner == func);
        let named = own.find(|(_, own)| Escaped(own).to_string() == name);
        named.map(|((_, index), _)| *index)
    }

    /// Returns the byte offset of a function's first operator, or `None` for an imported function.
    pub fn first_operator(&self, func: u32) -> Option<u32> {
        let range = self.body(func)?;
        let reader = wasmparser::BinaryReader::new(&self.bytes[range.clone()], range.start as u64);
        let operators = wasmparser::FunctionBody::new(reader).get_operators_reader().ok()?;
        Some(operators.original_position() as u32)
    }

    /// Returns the operators of a function; an imported function has none.
    ///
    /// # Errors
    ///
    /// Returns an error if the body cannot be parsed.
    pub fn operators(&self, func: u32) -> Result<Vec<Op>> {
        let mut ops = Vec::new();
        self.visit(func, |offset, op| ops.push(Op { offset, name: operator_name(op) }))?;
        Ok(ops)
    }

    /// Visits the operators of a function with their offsets.
    pub(crate) fn visit(&self, func: u32, mut visit: impl FnMut(u32, &Operator<'_>)) -> Result<()> {
        let Some(range) = self.body(func) else { return Ok(()) };
        let reader = wasmparser::BinaryReader::new(&self.bytes[range.clone()], range.start as u64);
        let body = wasmparser::FunctionBody::new(reader);
        for op in body.get_operators_reader().map_err(Error::new)?.into_iter_with_offsets() {
            let (op, offset) = op.map_err(Error::new)?;
            visit(offset as u32, &op);
        }
        Ok(())
    }
}

/// Returns an operator in the text format, with its immediate if that is a constant, an index or a
/// depth.
pub(crate) fn operator_text(op: &Operator<'_>) -> String {
    let name = operator_name(op);
    match op {
        Operator::I32Const { value } => format!("{name} {value}"),
        Operator::I64Const { value } => format!("{name} {value}"),
        Operator::F32Const { value } => format!("{name} {:?}", f32::from_bits(value.bits())),
        Operator::F64Const { value } => format!("{name} {:?}", f64::from_bits(value.bits())),
        Operator::LocalGet { local_index: index }
        | Operator::LocalSet { local_index: index }
        | Operator::LocalTee { local_index: index }
        | Operator::GlobalGet { global_index: index }
        | Operator::GlobalSet { global_index: index }
        | Operator::Call { function_index: index }
        | Operator::ReturnCall { function_index: index }
        | Operator::RefFunc { function_index: index }
        | Operator::Br { relative_depth: index }
        | Operator::BrIf { relative_depth: index } => format!("{name} {index}"),
        _ => name.to_owned(),
    }
}

/// Returns the name of an operator in the text format.
pub(crate) fn operator_name(op: &Operator<'_>) -> &'static str {
    macro_rules! visitors {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match op {
                $(Operator::$op { .. } => stringify!($visit),)*
                _ => "visit_unknown",
            }
        };
    }
    text_name(wasmparser::for_each_operator!(visitors))
}

/// Returns the name in the text format of a visitor method: `i32.load8_s` for `visit_i32_load8_s`.
/// A leading type or kind is followed by a dot.
pub(crate) fn text_name(visitor: &'static str) -> &'static str {
    static NAMES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
        macro_rules! all {
            ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
                [$(stringify!($visit)),*]
            };
        }
        let all = wasmparser::for_each_operator!(all);
        all.into_iter().map(|visitor| (visitor, dotted(visitor))).collect()
    });
    NAMES.get(visitor).map_or("unknown", String::as_str)
}

/// Reads names of what belongs to functions or types. Skips names that cannot be parsed.
fn read_indirect(names: &mut HashMap<(u32, u32), String>, map: wasmparser::IndirectNameMap<'_>) {
    for owner in map.into_iter().flatten() {
        let named = owner.names.flatten();
        names.extend(named.map(|naming| ((owner.index, naming.index), naming.name.to_owned())));
    }
}

fn dotted(visitor: &str) -> String {
    const KINDS: &[&str] = &[
        "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2",
        "local", "global", "table", "memory", "data", "elem", "ref", "struct", "array", "any",
        "extern", "atomic", "i31",
    ];
    let name = visitor.trim_start_matches("visit_");
    match name.split_once('_') {
        _ if name == "typed_select" => "select".to_owned(),
        Some((kind, rest)) if KINDS.contains(&kind) => {
            let rest =
                rest.strip_prefix("atomic_").map_or(rest.to_owned(), |op| format!("atomic.{op}"));
            format!("{kind}.{rest}")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::dotted;

    #[test]
    fn operators_have_the_names_of_the_text_format() {
        for (visitor, name) in [
            ("visit_i32_load8_s", "i32.load8_s"),
            ("visit_local_get", "local.get"),
            ("visit_br_if", "br_if"),
            ("visit_call_indirect", "call_indirect"),
            ("visit_i64_trunc_sat_f32_u", "i64.trunc_sat_f32_u"),
            ("visit_typed_select", "select"),
            ("visit_i32_atomic_rmw_add", "i32.atomic.rmw_add"),
        ] {
            assert_eq!(dotted(visitor), name);
        }
    }
}
