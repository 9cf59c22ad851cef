//! `Module`: a module that was read, and is translated or ready to be.

#[cfg(feature = "std")]
mod builder;
mod compile;
mod describe;
mod parallel;
mod serialize;

#[cfg(feature = "std")]
pub use builder::{CodeBuilder, CodeHint};
pub use describe::{CustomSection, ResourcesRequired};
pub use serialize::Precompiled;

use crate::engine::ModuleTypes;
use crate::types::Concrete;
use crate::{
    CompilationMode, Engine, ExportType, ExternType, FuncType, GlobalType, ImportType, Result,
    TableType,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::heap::RuntimeType;
use burdock_core::{Code, ModuleParts, TypeInfo, Vm};
use burdock_ir::record_slot;
use burdock_parse::{ExternIdx, ModuleDef, Validation, parse};
use burdock_types::{FuncIdx, SubType, TypeIdx};
use core::fmt;
use core::ops::Range;
use spin::Once;

/// A WebAssembly module. Cheap to clone; `Send` and `Sync`.
///
/// # Example
///
/// ```
/// use burdock::{Engine, Module};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "f")))"#)?;
/// assert_eq!(module.exports().next().unwrap().name(), "f");
/// # Ok::<(), burdock::Error>(())
/// ```
#[derive(Clone)]
pub struct Module {
    inner: Arc<ModuleInner>,
}

struct ModuleInner {
    engine: Engine,
    def: Arc<ModuleDef>,
    /// The module's types, held so that the engine keeps their numbers.
    types: ModuleTypes,
    code: Arc<Code>,
    /// `true` if the module has structure or array types.
    has_objects: bool,
    /// The byte ranges of function names in the binary, in the order of their indices; filled in at
    /// the first lookup.
    func_names: Once<Box<[NamedFunc]>>,
}

/// A function and the byte range of its name in the binary.
type NamedFunc = (FuncIdx, Range<u32>);

impl Module {
    /// Creates a module from its binary, or from its text with the crate feature `wat`.
    ///
    /// # Errors
    ///
    /// Fails if the module is malformed, invalid, over the [enforced
    /// limits](crate::Config::enforced_limits) or those of a
    /// [pool](crate::PoolingAllocationConfig), or uses a proposal that is off or not supported.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Self> {
        let bytes = bytes.as_ref();
        #[cfg(feature = "wat")]
        let bytes = &*wat::parse_bytes(bytes)?;
        Self::from_binary(engine, bytes)
    }

    /// Creates a module from a file with its binary, or with its text with the crate feature `wat`.
    ///
    /// # Errors
    ///
    /// Fails as [`Module::new`] does, or if the file cannot be read.
    #[cfg(feature = "std")]
    pub fn from_file(engine: &Engine, file: impl AsRef<std::path::Path>) -> Result<Self> {
        CodeBuilder::new(engine).wasm_binary_or_text_file(file.as_ref())?.compile_module()
    }

    /// Creates a module from its binary.
    ///
    /// # Errors
    ///
    /// Fails as [`Module::new`] does.
    pub fn from_binary(engine: &Engine, binary: &[u8]) -> Result<Self> {
        Self::read(engine, binary, Validation::Checked, engine.config().mode)
    }

    /// Creates a module from its binary without validation.
    ///
    /// # Errors
    ///
    /// Fails if the module is malformed in a way that parsing detects.
    ///
    /// # Safety
    ///
    /// The module must be valid.
    #[allow(unsafe_code)]
    pub unsafe fn new_unchecked(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Self> {
        Self::read(engine, bytes.as_ref(), Validation::Trusted, engine.config().mode)
    }

    /// Checks that a binary is a valid module under the engine's configuration.
    ///
    /// # Errors
    ///
    /// Fails if the module is not valid.
    pub fn validate(engine: &Engine, binary: &[u8]) -> Result<()> {
        let config = engine.config();
        let def = parse(binary, &config.features, &config.limits, Validation::Checked)?;
        Ok(compile::validate(config, &def, binary)?)
    }

    fn read(
        engine: &Engine,
        binary: &[u8],
        validation: Validation,
        mode: CompilationMode,
    ) -> Result<Self> {
        let config = engine.config();
        let mut def = parse(binary, &config.features, &config.limits, validation)
            .map_err(compile::parse_failed)?;
        if def.start.is_some() && !config.allow_start_fn {
            return Err(StartFunctionError(()).into());
        }
        config.check_pool(&def)?;
        if config.ignore_custom_sections {
            def.custom_sections = Vec::new();
            def.name_section = 0..0;
            def.name = None;
        }
        let module_types = engine.types().register_module(&def.types, &def.rec_groups);
        let types = def
            .types
            .iter()
            .zip(&module_types.ids)
            .map(|(ty, id)| TypeInfo { id: *id, record: ty.as_func().map_or(0, record_slot) });
        let parts = ModuleParts {
            dispatch: config.dispatch,
            target: Arc::clone(engine.target()),
            binary: binary.into(),
            types: types.collect(),
        };
        let code = match mode {
            CompilationMode::Eager => Some(compile::eager(engine, &def, &parts, validation)?),
            CompilationMode::LazyTranslation => {
                compile::validate(config, &def, binary).map_err(compile::translation_failed)?;
                None
            }
            CompilationMode::Lazy => None,
        };
        if mode != CompilationMode::Lazy {
            def.forget_validator();
        }
        let is_object = |ty: &SubType| ty.as_func().is_none();
        let has_objects = def.types.iter().any(is_object);
        let def = Arc::new(def);
        let code = match code {
            Some(code) => Code::eager(code, parts),
            None => compile::lazy(engine, &def, parts, validation),
        };
        Ok(Self {
            inner: Arc::new(ModuleInner {
                engine: engine.clone(),
                def,
                types: module_types,
                code,
                has_objects,
                func_names: Once::new(),
            }),
        })
    }

    /// Returns the module's engine.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Returns the module's name from the name section.
    pub fn name(&self) -> Option<&str> {
        self.inner.def.name.as_deref()
    }

    /// Returns the imports in the order of the module.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        self.def().imports.iter().map(|import| ImportType {
            module: import.module(),
            name: import.name(),
            ty: ExternType::of_import(self, &import.ty),
            is_exact: matches!(import.ty, burdock_parse::ImportType::ExactFunc(_)),
        })
    }

    /// Returns the exports in the order of the module.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        self.def()
            .exports
            .iter()
            .map(|(name, idx)| ExportType { name, ty: ExternType::of_export(self, *idx) })
    }

    /// Returns the type of an export.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let idx = self.def().exports.get(name)?;
        Some(ExternType::of_export(self, *idx))
    }

    /// Returns a key of an export, with which
    /// [`Instance::get_module_export`](crate::Instance::get_module_export) finds the export without
    /// its name.
    pub fn get_export_index(&self, name: &str) -> Option<ModuleExport> {
        Some(ModuleExport { module: self.clone(), idx: *self.def().exports.get(name)? })
    }

    /// Returns `true` if both handles refer to one module.
    pub fn same(a: &Module, b: &Module) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    pub(crate) fn def(&self) -> &ModuleDef {
        &self.inner.def
    }

    pub(crate) fn bytes(&self) -> &Arc<[u8]> {
        self.inner.code.binary()
    }

    fn concrete(&self, ty: TypeIdx) -> Concrete {
        Concrete::new(self.engine(), self.inner.types.get(ty))
    }

    /// Returns one of the module's function types.
    pub(crate) fn func_type(&self, ty: TypeIdx) -> FuncType {
        FuncType::from_concrete(self.concrete(ty))
    }

    /// Returns `true` if the module has structure or array types.
    pub(crate) fn has_objects(&self) -> bool {
        self.inner.has_objects
    }

    /// Returns a store's indices of the module's types, which are added to the store.
    pub(crate) fn runtime_types(&self, vm: &mut Vm) -> Box<[RuntimeType]> {
        let types = 0..self.def().types.len() as u32;
        types.map(|ty| self.inner.types.get(TypeIdx(ty)).add_to(vm)).collect()
    }

    pub(crate) fn table_type(&self, ty: &burdock_types::TableType) -> TableType {
        TableType::from_raw(self.engine(), ty.map(|ty| self.inner.types.ids[ty.index()]))
    }

    pub(crate) fn global_type(&self, ty: &burdock_types::GlobalType) -> GlobalType {
        GlobalType::from_raw(self.engine(), ty.map(|ty| self.inner.types.ids[ty.index()]))
    }

    /// Returns the module's types as the engine numbers them.
    pub(crate) fn types(&self) -> &[TypeInfo] {
        self.inner.code.types()
    }

    pub(crate) fn code(&self) -> &Arc<Code> {
        &self.inner.code
    }
}

/// The error of creating a module with a start function if
/// [`Config::allow_start_fn`](crate::Config::allow_start_fn) forbids start functions.
#[derive(Debug, thiserror::Error)]
#[error("the module has a start function, which the configuration does not allow")]
pub struct StartFunctionError(());

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// The key of an export whose name was looked up in its module.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module (memory (export "memory") 1))"#)?;
/// let key = module.get_export_index("memory").unwrap();
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let memory = instance.get_module_export(&mut store, &key).unwrap().into_memory().unwrap();
/// assert_eq!(memory.size(&store), 1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ModuleExport {
    pub(crate) module: Module,
    pub(crate) idx: ExternIdx,
}
