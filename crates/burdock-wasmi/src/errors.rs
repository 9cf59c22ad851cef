//! The kinds of errors.

pub use crate::error::ErrorKind;
pub use crate::host_error::HostError;
pub use crate::read::ReadError;

use crate::{Extern, ExternType, FuncType, GlobalType, LimiterError, MemoryType, Table, TableType};
use alloc::boxed::Box;
use burdock::names::Escaped;
use burdock::{Bounded, ExceededLimit, TranslateError};
use core::fmt;

/// The names of an import.
#[derive(Clone)]
pub struct ImportName {
    module: Box<str>,
    name: Box<str>,
}

impl ImportName {
    /// Creates the names of an import.
    pub fn new(module: &str, name: &str) -> Self {
        Self { module: module.into(), name: name.into() }
    }

    /// Returns the name of the module.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// Returns the name of the item.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ImportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, name } = self;
        write!(f, "({},{})", Escaped(module), Escaped(name))
    }
}

impl fmt::Debug for ImportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error of a function that does not have the expected type.
#[derive(Debug, thiserror::Error)]
pub enum FuncError {
    /// The instance exports no function of this name.
    #[error("no function of this name is exported")]
    ExportedFuncNotFound,
    /// A parameter has another type.
    #[error("a parameter has another type")]
    MismatchingParameterType,
    /// There is another number of parameters.
    #[error("the function has another number of parameters")]
    MismatchingParameterLen,
    /// A result has another type.
    #[error("a result has another type")]
    MismatchingResultType,
    /// There is another number of results.
    #[error("the function has another number of results")]
    MismatchingResultLen,
}

/// The error of access to a global.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GlobalError {
    /// The global cannot be changed.
    #[error("an immutable global cannot be set")]
    ImmutableWrite,
    /// The value is not of the global's type.
    #[error("the value is not of the global's type")]
    TypeMismatch,
}

/// The error of access to a memory, or of creating one.
#[derive(Copy, Clone, Debug, thiserror::Error)]
pub enum MemoryError {
    /// The system has no memory left.
    #[error("the system has no memory left for a linear memory")]
    OutOfSystemMemory,
    /// A memory cannot grow further.
    #[error("the memory cannot grow to this size")]
    OutOfBoundsGrowth,
    /// An access is beyond the end of a memory.
    #[error("out of bounds memory access")]
    OutOfBoundsAccess,
    /// There is no such type of a memory.
    #[error("invalid memory type")]
    InvalidMemoryType,
    /// The buffer is too small for the memory.
    #[error("the buffer is too small for the memory")]
    InvalidStaticBufferSize,
    /// The limiter of the store does not allow the memory.
    #[error("the resource limiter does not allow a memory of this size")]
    ResourceLimiterDeniedAllocation,
    /// The minimum exceeds the sizes that there are.
    #[error("the minimum size of the memory is too large")]
    MinimumSizeOverflow,
    /// The maximum exceeds the sizes that there are.
    #[error("the maximum size of the memory is too large")]
    MaximumSizeOverflow,
    /// The store has not enough fuel.
    #[error("not enough fuel for the memory: {required_fuel} is required")]
    OutOfFuel {
        /// The fuel that is needed.
        required_fuel: u64,
    },
}

/// The error of access to a table, or of creating one.
#[derive(Copy, Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The system has no memory left.
    #[error("the system has no memory left for a table")]
    OutOfSystemMemory,
    /// The minimum exceeds the sizes that there are.
    #[error("the minimum size of the table is too large")]
    MinimumSizeOverflow,
    /// The maximum exceeds the sizes that there are.
    #[error("the maximum size of the table is too large")]
    MaximumSizeOverflow,
    /// The limiter of the store does not allow the table.
    #[error("the resource limiter does not allow a table of this size")]
    ResourceLimiterDeniedAllocation,
    /// A table cannot grow further.
    #[error("the table cannot grow to this size")]
    GrowOutOfBounds,
    /// Elements of a segment are beyond the end of a table.
    #[error("out of bounds table access by an element segment")]
    InitOutOfBounds,
    /// Elements to fill are beyond the end of a table.
    #[error("out of bounds table access by a fill")]
    FillOutOfBounds,
    /// An element to set is beyond the end of a table.
    #[error("out of bounds table access by a set")]
    SetOutOfBounds,
    /// Elements to copy are beyond the end of a table.
    #[error("out of bounds table access by a copy")]
    CopyOutOfBounds,
    /// A reference is not of the table's type.
    #[error("the reference is not of the table's element type")]
    ElementTypeMismatch,
    /// The store has not enough fuel.
    #[error("not enough fuel for the table: {required_fuel} is required")]
    OutOfFuel {
        /// The fuel that is needed.
        required_fuel: u64,
    },
}

/// The error of a use of fuel.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FuelError {
    /// The configuration does not enable fuel.
    #[error("fuel metering is disabled")]
    FuelMeteringDisabled,
    /// The store has not enough fuel.
    #[error("not enough fuel: {required_fuel} is required")]
    OutOfFuel {
        /// The fuel that is needed.
        required_fuel: u64,
    },
}

impl FuelError {
    /// Returns [`FuelError::FuelMeteringDisabled`].
    #[cold]
    pub fn fuel_metering_disabled() -> Self {
        Self::FuelMeteringDisabled
    }

    /// Returns [`FuelError::OutOfFuel`].
    #[cold]
    pub fn out_of_fuel(required_fuel: u64) -> Self {
        Self::OutOfFuel { required_fuel }
    }
}

impl From<LimiterError> for MemoryError {
    fn from(_: LimiterError) -> Self {
        Self::ResourceLimiterDeniedAllocation
    }
}

impl From<LimiterError> for TableError {
    fn from(_: LimiterError) -> Self {
        Self::ResourceLimiterDeniedAllocation
    }
}

impl From<FuelError> for TableError {
    /// Returns [`TableError::OutOfFuel`].
    ///
    /// # Panics
    ///
    /// Panics if the error is [`FuelError::FuelMeteringDisabled`], as in wasmi.
    fn from(error: FuelError) -> Self {
        match error {
            FuelError::OutOfFuel { required_fuel } => Self::OutOfFuel { required_fuel },
            FuelError::FuelMeteringDisabled => panic!("fuel metering is disabled"),
        }
    }
}

/// The error of a linker.
#[derive(Debug, thiserror::Error)]
pub enum LinkerError {
    /// An item of the name is defined already.
    #[error("{import_name} is defined twice")]
    DuplicateDefinition {
        /// The names of the item.
        import_name: ImportName,
    },
    /// An import is not defined.
    #[error("no definition for import {name} of type {ty:?}")]
    MissingDefinition {
        /// The names of the import.
        name: ImportName,
        /// The type of the import.
        ty: ExternType,
    },
    /// An import is defined by an item of another kind.
    #[error("the definition for import {name} has type {found:?}, not {expected:?}")]
    InvalidTypeDefinition {
        /// The names of the import.
        name: ImportName,
        /// The type of the import.
        expected: ExternType,
        /// The type of the definition.
        found: ExternType,
    },
}

/// The error of an instantiation.
#[derive(Debug, thiserror::Error)]
#[allow(
    missing_docs,
    reason = "each variant names an import, its type and the type that was given"
)]
pub enum InstantiationError {
    /// Another number of imports is given.
    #[error("the module has {expected} imports, but {actual} are given")]
    MismatchedNumberOfImports { expected: usize, actual: usize },
    /// An import is of another kind.
    #[error("import {name} has type {expected:?}, but {actual:?} is given")]
    ImportTypeMismatch { name: ImportName, expected: ExternType, actual: Extern },
    /// A global is of another type.
    #[error("import {name} is a global of type {expected:?}, but {actual:?} is given")]
    GlobalTypeMismatch { name: ImportName, expected: GlobalType, actual: GlobalType },
    /// A function is of another type.
    #[error("import {name} is a function of type {expected:?}, but {actual:?} is given")]
    FuncTypeMismatch { name: ImportName, expected: FuncType, actual: FuncType },
    /// A table is of another type.
    #[error("import {name} is a table of type {expected:?}, but {actual:?} is given")]
    TableTypeMismatch { name: ImportName, expected: TableType, actual: TableType },
    /// A memory is of another type.
    #[error("import {name} is a memory of type {expected:?}, but {actual:?} is given")]
    MemoryTypeMismatch { name: ImportName, expected: MemoryType, actual: MemoryType },
    /// An element segment does not fit. Burdock fails with
    /// [`TrapCode::TableOutOfBounds`](crate::TrapCode::TableOutOfBounds) instead.
    #[error("{len} elements at {table_index} do not fit into {table:?}")]
    ElementSegmentDoesNotFit { table: Table, table_index: u64, len: u32 },
    /// The module has a start function.
    #[error("unexpected start function {index}")]
    UnexpectedStartFn { index: u32 },
    /// The limiter of the store does not allow another instance.
    #[error("too many instances")]
    TooManyInstances,
    /// The limiter of the store does not allow so many tables.
    #[error("too many tables")]
    TooManyTables,
    /// The limiter of the store does not allow so many memories.
    #[error("too many linear memories")]
    TooManyMemories,
    /// A memory cannot be created.
    #[error("cannot create a memory: {0}")]
    FailedToInstantiateMemory(MemoryError),
    /// A table cannot be created.
    #[error("cannot create a table: {0}")]
    FailedToInstantiateTable(TableError),
}

impl InstantiationError {
    /// Returns [`InstantiationError::MismatchedNumberOfImports`].
    #[cold]
    pub fn mismatched_number_of_imports(expected: usize, actual: usize) -> Self {
        Self::MismatchedNumberOfImports { expected, actual }
    }

    /// Returns [`InstantiationError::ImportTypeMismatch`].
    #[cold]
    pub fn import_type_mismatch(name: &ImportName, expected: &ExternType, actual: &Extern) -> Self {
        Self::ImportTypeMismatch { name: name.clone(), expected: expected.clone(), actual: *actual }
    }
}

macro_rules! mismatches {
    ($($method:ident $variant:ident $ty:ident;)*) => {
        impl InstantiationError {
            $(#[doc = concat!("Returns [`InstantiationError::", stringify!($variant), "`].")]
            #[cold]
            pub fn $method(name: &ImportName, expected: &$ty, actual: &$ty) -> Self {
                Self::$variant {
                    name: name.clone(),
                    expected: expected.clone(),
                    actual: actual.clone(),
                }
            })*
        }
    };
}

mismatches! {
    global_type_mismatch GlobalTypeMismatch GlobalType;
    func_type_mismatch FuncTypeMismatch FuncType;
    table_type_mismatch TableTypeMismatch TableType;
    memory_type_mismatch MemoryTypeMismatch MemoryType;
}

/// The error of a module that exceeds [`EnforcedLimits`](crate::EnforcedLimits).
#[derive(Copy, Clone, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant has the limit that is exceeded")]
pub enum EnforcedLimitsError {
    /// There are too many globals.
    #[error("the module has more than {limit} globals")]
    TooManyGlobals { limit: u32 },
    /// There are too many tables.
    #[error("the module has more than {limit} tables")]
    TooManyTables { limit: u32 },
    /// There are too many functions.
    #[error("the module has more than {limit} functions")]
    TooManyFunctions { limit: u32 },
    /// There are too many memories.
    #[error("the module has more than {limit} memories")]
    TooManyMemories { limit: u32 },
    /// There are too many element segments.
    #[error("the module has more than {limit} element segments")]
    TooManyElementSegments { limit: u32 },
    /// There are too many data segments.
    #[error("the module has more than {limit} data segments")]
    TooManyDataSegments { limit: u32 },
    /// A function type has too many parameters.
    #[error("a function type has more than {limit} parameters")]
    TooManyParameters { limit: usize },
    /// A function type has too many results.
    #[error("a function type has more than {limit} results")]
    TooManyResults { limit: usize },
    /// Functions are too small on average.
    #[error("functions have {avg} bytes on average, less than {limit}")]
    MinAvgBytesPerFunction { limit: u32, avg: u32 },
}

impl EnforcedLimitsError {
    pub(crate) fn from_burdock(exceeded: ExceededLimit) -> Self {
        // The limits are of these types in `EnforcedLimits`.
        let limit = u32::try_from(exceeded.limit).unwrap_or(u32::MAX);
        let len = usize::try_from(exceeded.limit).unwrap_or(usize::MAX);
        match exceeded.of {
            Bounded::Globals => Self::TooManyGlobals { limit },
            Bounded::Functions => Self::TooManyFunctions { limit },
            Bounded::Tables => Self::TooManyTables { limit },
            Bounded::ElementSegments => Self::TooManyElementSegments { limit },
            Bounded::Memories => Self::TooManyMemories { limit },
            Bounded::DataSegments => Self::TooManyDataSegments { limit },
            Bounded::Parameters => Self::TooManyParameters { limit: len },
            Bounded::Results => Self::TooManyResults { limit: len },
            Bounded::AvgBytesPerFunction => {
                let avg = u32::try_from(exceeded.found).unwrap_or(u32::MAX);
                Self::MinAvgBytesPerFunction { limit, avg }
            }
        }
    }
}

/// The error of a function that is too large for the engine.
#[derive(Debug, thiserror::Error)]
pub enum IrError {
    /// A function needs more slots than instructions can name.
    #[error("stack slot out of bounds")]
    StackSlotOutOfBounds,
    /// Never happens in Burdock.
    #[error("block fuel out of bounds")]
    BlockFuelOutOfBounds,
    /// Never happens in Burdock.
    #[error("memory index out of bounds")]
    MemoryIndexOutOfBounds,
}

/// The error of a function that cannot be translated, or of a module that the configuration does
/// not allow.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TranslationError {
    /// The module has a start function.
    #[error("configuration disallows start functions but found one")]
    DisallowedStartFn,
    /// A function cannot be translated.
    #[error(transparent)]
    Function(TranslateError),
}
