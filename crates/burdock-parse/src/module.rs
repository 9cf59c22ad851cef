//! `ModuleDef`: what a module says of itself, as data. Parsed and validated, bodies still unread.

use crate::convert::Types;
use crate::{ImportName, ParseError};
use alloc::{boxed::Box, string::String, vec::Vec};
use burdock_types::{
    CompositeType, FieldType, FuncIdx, FuncType, GlobalIdx, GlobalType, HeapType, MemoryIdx,
    MemoryType, ObjectLayout, RefType, StructType, SubType, TableIdx, TableType, TagIdx, TypeIdx,
    ValType,
};
use core::ops::Range;
use indexmap::IndexMap;
use smallvec::SmallVec;

/// A validated module: types, index spaces, segments, and where the function bodies lie.
///
/// Index spaces hold imported entities first, as in the spec (section 2.5.1). Offsets are byte
/// offsets into the module's binary.
#[derive(Debug)]
pub struct ModuleDef {
    /// Types by `TypeIdx`.
    pub types: Vec<SubType>,
    /// The recursion groups of more than one type, as ranges of type indices. Every other type is a
    /// group of its own.
    pub rec_groups: Vec<Range<u32>>,
    /// The layouts of structures by `TypeIdx`; of other types, that of a structure without fields.
    /// Empty if the module has no structure types.
    pub layouts: Vec<ObjectLayout>,
    /// Imports in the order of the module.
    pub imports: Vec<Import>,
    /// The type of each function, imported ones first.
    pub funcs: Vec<TypeIdx>,
    /// The number of imported functions.
    pub imported_funcs: u32,
    /// Tables, imported ones first (those without an initializer).
    pub tables: Vec<TableDef>,
    /// The number of imported tables.
    pub imported_tables: u32,
    /// Memories, imported ones first.
    pub memories: Vec<MemoryType>,
    /// The number of imported memories.
    pub imported_memories: u32,
    /// Globals, imported ones first (those without an initializer).
    pub globals: Vec<GlobalDef>,
    /// The number of imported globals.
    pub imported_globals: u32,
    /// The function type of each tag, imported ones first.
    pub tags: Vec<TypeIdx>,
    /// The number of imported tags.
    pub imported_tags: u32,
    /// Exports in the order of the module.
    pub exports: Exports,
    /// The start function.
    pub start: Option<FuncIdx>,
    /// Element segments by `ElemIdx`.
    pub elems: Vec<ElemSegment>,
    /// Data segments by `DataIdx`.
    pub datas: Vec<DataSegment>,
    /// The byte range of the body of each *defined* function (index 0 is the first function after
    /// the imported ones), from its local declarations to its last `end`.
    pub bodies: Vec<Range<usize>>,
    /// The module's name from its name section.
    pub name: Option<String>,
    /// The byte range of the contents of the name section; see [`func_names`](crate::func_names).
    pub name_section: Range<usize>,
    /// Custom sections in the order of the module.
    pub custom_sections: Vec<CustomSection>,
    /// The byte range of the code section's contents, to whose start DWARF addresses are relative.
    pub code_section: Range<usize>,
    /// The validator's data for reading bodies; `None` for an unvalidated module.
    pub(crate) resources: Option<wasmparser::ValidatorResources>,
    /// `true` if functions, blocks or globals have vectors in their types.
    pub(crate) has_vectors: bool,
    /// `true` if types, tables or globals have references other than to functions.
    pub(crate) holds_references: bool,
    /// The features under which the module was read.
    pub(crate) features: wasmparser::WasmFeatures,
}

/// Exports by name, in the order of the module.
pub type Exports = IndexMap<Box<str>, ExternIdx, hashbrown::DefaultHashBuilder>;

/// An import.
#[derive(Debug, Clone)]
pub struct Import {
    /// The name of the import.
    pub name: ImportName,
    /// The type of the import.
    pub ty: ImportType,
}

impl Import {
    /// Returns the first name.
    pub fn module(&self) -> &str {
        self.name.get().0
    }

    /// Returns the second name.
    pub fn name(&self) -> &str {
        self.name.get().1
    }
}

/// The type of an import.
#[derive(Debug, Clone)]
pub enum ImportType {
    /// A function.
    Func(TypeIdx),
    /// A function whose type is this one, and not a subtype of it.
    ExactFunc(TypeIdx),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag, by the type of its exceptions' values.
    Tag(TypeIdx),
}

/// An entity in the module's index spaces, as exports name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExternIdx {
    /// A function.
    Func(FuncIdx),
    /// A table.
    Table(TableIdx),
    /// A memory.
    Memory(MemoryIdx),
    /// A global.
    Global(GlobalIdx),
    /// A tag.
    Tag(TagIdx),
}

/// A table and the value of its elements; `None` is null (and an imported table).
#[derive(Debug)]
pub struct TableDef {
    /// The table's type.
    pub ty: TableType,
    /// The initial value of the elements, before any segment.
    pub init: Option<ConstExpr>,
}

/// A global and its value; `None` for an imported one.
#[derive(Debug)]
pub struct GlobalDef {
    /// The global's type.
    pub ty: GlobalType,
    /// The global's initial value.
    pub init: Option<ConstExpr>,
}

/// An element segment.
#[derive(Debug)]
pub struct ElemSegment {
    /// The type of its elements.
    pub ty: RefType,
    /// The use of the segment at instantiation.
    pub mode: ElemMode,
    /// The segment's elements.
    pub items: ElemItems,
}

/// The use of an element segment at instantiation.
#[derive(Debug)]
pub enum ElemMode {
    /// Kept for `table.init`.
    Passive,
    /// Dropped: it only declares functions that `ref.func` may name.
    Declared,
    /// Written to a table.
    Active {
        /// The table.
        table: TableIdx,
        /// The index of the first element in the table.
        offset: ConstExpr,
    },
}

/// The elements of an element segment.
#[derive(Debug)]
pub enum ElemItems {
    /// Functions.
    Funcs(Box<[FuncIdx]>),
    /// One constant expression an element.
    Exprs(Box<[ConstExpr]>),
}

impl ElemItems {
    /// Returns the number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::Funcs(items) => items.len(),
            Self::Exprs(items) => items.len(),
        }
    }

    /// Returns `true` if there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A data segment.
#[derive(Debug)]
pub struct DataSegment {
    /// The use of the segment at instantiation.
    pub mode: DataMode,
    /// The byte range of the segment's contents in the module's binary.
    pub bytes: Range<usize>,
}

/// The use of a data segment at instantiation.
#[derive(Debug)]
pub enum DataMode {
    /// Kept for `memory.init`.
    Passive,
    /// Written to a memory.
    Active {
        /// The memory.
        memory: MemoryIdx,
        /// The address of the first byte in the memory.
        offset: ConstExpr,
    },
}

/// A custom section.
#[derive(Debug, Clone)]
pub struct CustomSection {
    /// The section's name.
    pub name: Box<str>,
    /// The byte range of the section's contents in the module's binary.
    pub bytes: Range<usize>,
}

/// A constant expression (spec section 3.4.16), as the operators before its `end`.
#[derive(Debug, Clone)]
pub struct ConstExpr(pub SmallVec<[ConstOp; 1]>);

/// An operator of a constant expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConstOp {
    /// `i32.const`
    I32Const(i32),
    /// `i64.const`
    I64Const(i64),
    /// `f32.const`, as bits
    F32Const(u32),
    /// `f64.const`, as bits
    F64Const(u64),
    /// `v128.const`
    V128Const(burdock_types::V128),
    /// `ref.null`
    RefNull(HeapType),
    /// `ref.func`
    RefFunc(FuncIdx),
    /// `global.get`
    GlobalGet(GlobalIdx),
    /// `struct.new`
    StructNew(TypeIdx),
    /// `struct.new_default`
    StructNewDefault(TypeIdx),
    /// `struct.new_desc`
    StructNewDesc(TypeIdx),
    /// `struct.new_default_desc`
    StructNewDefaultDesc(TypeIdx),
    /// `array.new`
    ArrayNew(TypeIdx),
    /// `array.new_default`
    ArrayNewDefault(TypeIdx),
    /// `array.new_fixed` and the number of elements
    ArrayNewFixed(TypeIdx, u32),
    /// `ref.i31`
    RefI31,
    /// `any.convert_extern` or `extern.convert_any`, which keep the reference as it is
    Convert,
    /// `i32.add`
    I32Add,
    /// `i32.sub`
    I32Sub,
    /// `i32.mul`
    I32Mul,
    /// `i64.add`
    I64Add,
    /// `i64.sub`
    I64Sub,
    /// `i64.mul`
    I64Mul,
}

impl ModuleDef {
    /// Lets go of what the validation of bodies needs, once all of them are validated: from now on
    /// [`drive`](crate::drive) reads them as it reads those of a trusted module.
    pub fn forget_validator(&mut self) {
        self.resources = None;
    }

    /// Returns `true` if the module's types, tables or globals have references to objects or to
    /// what the host holds.
    #[inline]
    pub fn holds_references(&self) -> bool {
        self.holds_references
    }

    /// Returns `true` if types, tables or globals have references other than to functions.
    pub(crate) fn find_references(&self) -> bool {
        let collected = |ty: &ValType| ty.is_ref() && !ty.refers_to_func();
        let of_types = |ty: &SubType| match &ty.composite {
            CompositeType::Func(ty) => ty.all().iter().any(collected),
            _ => true,
        };
        self.types.iter().any(of_types)
            || self.tables.iter().any(|table| collected(&ValType::Ref(table.ty.element)))
            || self.globals.iter().any(|global| collected(&global.ty.content))
    }

    /// Returns the type of a function.
    #[inline]
    pub fn func_type(&self, func: FuncIdx) -> &FuncType {
        self.func_type_at(self.funcs[func.index()])
    }

    /// Returns a type that is the type of a function, a block or a tag.
    ///
    /// # Panics
    ///
    /// The type is not a function type. A module that has been validated uses no other type where a
    /// function type is expected.
    #[inline]
    pub fn func_type_at(&self, ty: TypeIdx) -> &FuncType {
        self.types[ty.index()].as_func().expect("a function type, as validation has found")
    }

    /// Returns a structure type.
    ///
    /// # Panics
    ///
    /// The type is not a structure type. A module that has been validated uses no other type where
    /// a structure type is expected.
    pub fn struct_type(&self, ty: TypeIdx) -> &StructType {
        match &self.types[ty.index()].composite {
            CompositeType::Struct(ty) => ty,
            _ => panic!("a structure type, as validation has found"),
        }
    }

    /// Returns the fields of a structure type.
    ///
    /// # Panics
    ///
    /// The type is not a structure type, as in [`struct_type`](Self::struct_type).
    pub fn struct_fields(&self, ty: TypeIdx) -> &[FieldType] {
        &self.struct_type(ty).fields
    }

    /// Returns the type of an array type's elements.
    ///
    /// # Panics
    ///
    /// The type is not an array type. A module that has been validated uses no other type where an
    /// array type is expected.
    pub fn array_element(&self, ty: TypeIdx) -> FieldType {
        match self.types[ty.index()].composite {
            CompositeType::Array(element) => element,
            _ => panic!("an array type, as validation has found"),
        }
    }

    /// Converts a value type of wasmparser's, as operators have them. `offset` is the operator's.
    ///
    /// # Errors
    ///
    /// The type needs a proposal that is not supported.
    pub fn val_type(&self, ty: wasmparser::ValType, offset: u64) -> Result<ValType, ParseError> {
        Types::all(&self.types).val_type(ty, offset)
    }

    /// Converts a heap type of wasmparser's, as operators have them. `offset` is the operator's.
    ///
    /// # Errors
    ///
    /// The type needs a proposal that is not supported.
    pub fn heap_type(&self, ty: wasmparser::HeapType, offset: u64) -> Result<HeapType, ParseError> {
        Types::all(&self.types).heap_type(ty, offset)
    }

    /// Returns the index of a defined function, counted from the first after the imports.
    pub fn defined_func(&self, defined: u32) -> FuncIdx {
        FuncIdx(self.imported_funcs + defined)
    }
}
