//! `ExternType`, and the names and types of imports and exports.

use crate::{FuncType, GlobalType, MemoryType, Module, TableType, TagType};
use burdock_parse::ExternIdx;
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
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A global.
    Global(GlobalType),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A tag.
    Tag(TagType),
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
    Tag(TagType) tag unwrap_tag
}

impl ExternType {
    pub(crate) fn of_import(module: &Module, ty: &burdock_parse::ImportType) -> Self {
        use burdock_parse::ImportType as I;
        match ty {
            I::Func(ty) | I::ExactFunc(ty) => module.func_type(*ty).into(),
            I::Table(ty) => module.table_type(ty).into(),
            I::Memory(ty) => MemoryType::from(*ty).into(),
            I::Global(ty) => module.global_type(ty).into(),
            I::Tag(ty) => TagType::new(module.func_type(*ty)).into(),
        }
    }

    pub(crate) fn of_export(module: &Module, idx: ExternIdx) -> Self {
        let def = module.def();
        match idx {
            ExternIdx::Func(func) => module.func_type(def.funcs[func.index()]).into(),
            ExternIdx::Table(table) => module.table_type(&def.tables[table.index()].ty).into(),
            ExternIdx::Memory(memory) => MemoryType::from(def.memories[memory.index()]).into(),
            ExternIdx::Global(global) => module.global_type(&def.globals[global.index()].ty).into(),
            ExternIdx::Tag(tag) => TagType::new(module.func_type(def.tags[tag.index()])).into(),
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
    pub(crate) is_exact: bool,
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

    /// Returns `true` if the import is a function whose type has to be the import's, and no subtype
    /// of it ([`Config::wasm_custom_descriptors`](crate::Config::wasm_custom_descriptors)).
    pub fn is_exact(&self) -> bool {
        self.is_exact
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
