//! `ExternType`, and the names and types of imports and exports.

use crate::{Engine, FuncType, GlobalType, MemoryType, TableType};
use burdock_parse::{ExternIdx, ModuleDef};
use core::fmt;

/// The type of an entity that can be imported and exported.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let module = Module::new(&Engine::default(), r#"(module (memory (export "mem") 1 4))"#)?;
/// match module.get_export("mem") {
///     Some(ExternType::Memory(ty)) => assert_eq!(ty.maximum(), Some(4)),
///     other => panic!("no memory: {other:?}"),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A global.
    Global(GlobalType),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
}

macro_rules! accessors {
    ($($variant:ident($ty:ty) $get:ident $unwrap:ident)*) => {
        impl ExternType {
            $(#[doc = concat!("Returns the `", stringify!($ty), "` if the type is one.")]
            pub fn $get(&self) -> Option<&$ty> {
                match self {
                    Self::$variant(ty) => Some(ty),
                    _ => None,
                }
            }

            #[doc = concat!("Returns the `", stringify!($ty), "`.\n\n# Panics\n\nPanics if the type is another one.")]
            pub fn $unwrap(&self) -> &$ty {
                self.$get().expect(concat!("expected ", stringify!($get)))
            })*
        }

        $(impl From<$ty> for ExternType {
            fn from(ty: $ty) -> Self {
                Self::$variant(ty)
            }
        })*
    };
}

accessors! {
    Func(FuncType) func unwrap_func
    Global(GlobalType) global unwrap_global
    Table(TableType) table unwrap_table
    Memory(MemoryType) memory unwrap_memory
}

impl ExternType {
    pub(crate) fn of_import(
        engine: &Engine,
        module: &ModuleDef,
        ty: &burdock_parse::ImportType,
    ) -> Self {
        use burdock_parse::ImportType as I;
        match ty {
            I::Func(ty) => FuncType::registered(engine, &module.types[ty.index()]).into(),
            I::Table(ty) => TableType::from(*ty).into(),
            I::Memory(ty) => MemoryType::from(*ty).into(),
            I::Global(ty) => GlobalType::from(*ty).into(),
        }
    }

    pub(crate) fn of_export(engine: &Engine, module: &ModuleDef, idx: ExternIdx) -> Self {
        match idx {
            ExternIdx::Func(func) => FuncType::registered(engine, module.func_type(func)).into(),
            ExternIdx::Table(table) => TableType::from(module.tables[table.index()].ty).into(),
            ExternIdx::Memory(memory) => MemoryType::from(module.memories[memory.index()]).into(),
            ExternIdx::Global(global) => GlobalType::from(module.globals[global.index()].ty).into(),
        }
    }
}

/// An import of a module: two names and a type.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let module = Module::new(&Engine::default(), r#"(module (import "env" "clock" (func)))"#)?;
/// let import = module.imports().next().unwrap();
/// assert_eq!((import.module(), import.name()), ("env", "clock"));
/// assert!(import.ty().func().is_some());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct ImportType<'module> {
    pub(crate) module: &'module str,
    pub(crate) name: &'module str,
    pub(crate) ty: ExternType,
}

impl<'module> ImportType<'module> {
    /// Returns the name of the module that the import is from.
    pub fn module(&self) -> &'module str {
        self.module
    }

    /// Returns the name of the import.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns the type of the import.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl fmt::Debug for ImportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportType")
            .field("module", &self.module)
            .field("name", &self.name)
            .field("ty", &self.ty)
            .finish()
    }
}

/// An export of a module: a name and a type.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let module = Module::new(&Engine::default(), r#"(module (func (export "run")))"#)?;
/// let export = module.exports().next().unwrap();
/// assert_eq!(export.name(), "run");
/// assert!(export.ty().func().is_some());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct ExportType<'module> {
    pub(crate) name: &'module str,
    pub(crate) ty: ExternType,
}

impl<'module> ExportType<'module> {
    /// Returns the name of the export.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns the type of the export.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl fmt::Debug for ExportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportType").field("name", &self.name).field("ty", &self.ty).finish()
    }
}
