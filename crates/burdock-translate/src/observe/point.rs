//! `Point`: an event in the code of a function.

use burdock_types::Events;

/// An event in the code of a function. If an operator is named, it is about to be executed, and its
/// operands are on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// The function has been entered.
    Enter,
    /// The function is about to return; its results are on top of the stack.
    Return,
    /// The function is about to make a tail call.
    TailCall,
    /// Any operator except `else` and `end`.
    Instruction,
    /// `else` or `end` that is reached from the operator before it.
    Delimiter,
    /// `br_if`, `if`: the condition is on top.
    Branch,
    /// `br_table`: the index is on top.
    BranchTable {
        /// The number of targets, the default not counted.
        targets: u32,
    },
    /// `br_on_null`, or `br_on_non_null` if `!if_null`: the reference is on top.
    BranchOnNull {
        /// `true` if the branch is taken for null.
        if_null: bool,
    },
    /// `br_on_cast`, or `br_on_cast_fail` if `!if_it_is`: the reference is on top.
    BranchOnCast {
        /// The type that the reference is compared with, as [`CastTarget`](burdock_ir::CastTarget)
        /// has it.
        target: u32,
        /// `true` if the branch is taken for references of the type.
        if_it_is: bool,
    },
    /// `br_on_cast_desc_eq`, or `br_on_cast_desc_eq_fail` if `!if_it_is`: the descriptor is on top,
    /// below it the reference.
    BranchOnCastDesc {
        /// `true` if null counts as a reference with the descriptor.
        nullable: bool,
        /// `true` if the branch is taken for references with the descriptor.
        if_it_is: bool,
    },
    /// The beginning of a loop's iteration.
    Loop,
    /// A load: the address is on top; of a lane, below the vector that gets it.
    Load(Access),
    /// A store: the value is on top, below it the address.
    Store(Access),
    /// `memory.fill`: length, value, address, from the top.
    Fill {
        /// The memory's index.
        memory: u32,
    },
    /// `memory.copy`: length, source, destination, from the top. The operator has two points, one
    /// for reading and one for writing.
    Copy {
        /// The index of the memory that is read or written.
        memory: u32,
        /// `true` for the point of writing.
        writes: bool,
    },
    /// `memory.init`: length, source, destination, from the top.
    Init {
        /// The memory's index.
        memory: u32,
        /// The data segment's index.
        data: u32,
    },
    /// After `memory.grow`: the result is on top.
    MemoryGrown {
        /// The memory's index.
        memory: u32,
    },
    /// After `table.grow`: the result is on top.
    TableGrown {
        /// The table's index.
        table: u32,
    },
    /// `global.set`: the value is on top.
    GlobalSet {
        /// The global's index.
        global: u32,
    },
    /// `struct.new`, `array.new` and their kin.
    Allocate {
        /// The type's index.
        ty: u32,
        /// The number of elements of an array.
        len: Option<Length>,
    },
    /// `throw`: the exception's values are on top.
    Throw {
        /// The tag's index.
        tag: u32,
    },
    /// `throw_ref`: the reference is on top.
    ThrowRef,
    /// Legacy `rethrow`, which has no operands.
    Rethrow {
        /// The slot of the reference to the exception.
        slot: u16,
    },
    /// Behind a call. No event is delivered, but guests can switch to other code of the function.
    Returned,
    /// Behind a check of the epoch, or where it would be; a site like `Returned`.
    Checked(Check),
    /// The catch clause of a `try_table` is taken; a site like `Returned`.
    Caught {
        /// The number of the clause's way among those of the function.
        pad: u32,
    },
    /// A clause of a `try_table`, or a legacy `catch`, has caught an exception. What it gets is on
    /// top: the values of the exception, then the reference.
    Catch {
        /// The index of the clause in its `try_table`; 0 for a legacy `catch`.
        clause: u32,
        /// The tag's index; `None` for a clause that catches all exceptions.
        tag: Option<u32>,
        /// `true` if the clause gets a reference.
        reference: bool,
    },
}

/// The place of a check of the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// The function's entry.
    Entry,
    /// The beginning of a loop's iteration.
    Loop,
}

/// The number of elements of an array that is about to be allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Length {
    /// The number is on top of the stack.
    OnTop,
    /// The number is the operator's.
    Fixed(u32),
}

/// An access to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Access {
    /// The memory's index.
    pub memory: u32,
    /// The instruction's offset, which is added to the address.
    pub offset: u64,
    /// The number of bytes.
    pub width: u8,
    /// The lane of a vector that is loaded or stored; `None` for other accesses.
    pub lane: Option<u8>,
}

impl Point {
    /// Returns the index of the memory that an operator is about to access.
    pub(super) fn memory(&self) -> Option<u32> {
        match *self {
            Self::Load(access) | Self::Store(access) => Some(access.memory),
            Self::Fill { memory } | Self::Copy { memory, .. } | Self::Init { memory, .. } => {
                Some(memory)
            }
            _ => None,
        }
    }

    /// Returns `true` for branches on casts.
    pub(crate) fn is_cast(&self) -> bool {
        matches!(self, Self::BranchOnCast { .. } | Self::BranchOnCastDesc { .. })
    }

    /// Returns the kind of event.
    pub fn kind(&self) -> Events {
        match self {
            Self::Enter | Self::Return | Self::TailCall => Events::FUNCS,
            Self::Instruction | Self::Delimiter => Events::INSTRUCTIONS,
            Self::Branch
            | Self::BranchTable { .. }
            | Self::BranchOnNull { .. }
            | Self::BranchOnCast { .. }
            | Self::BranchOnCastDesc { .. } => Events::BRANCHES,
            Self::Loop => Events::LOOPS,
            Self::Load(_) | Self::Copy { writes: false, .. } => Events::MEMORY_READS,
            Self::Store(_) | Self::Fill { .. } | Self::Copy { .. } | Self::Init { .. } => {
                Events::MEMORY_WRITES
            }
            Self::MemoryGrown { .. } | Self::TableGrown { .. } => Events::GROWTH,
            Self::GlobalSet { .. } => Events::GLOBALS,
            Self::Allocate { .. } => Events::ALLOCATIONS,
            Self::Throw { .. } | Self::ThrowRef | Self::Rethrow { .. } | Self::Catch { .. } => {
                Events::EXCEPTIONS
            }
            Self::Returned | Self::Checked(_) | Self::Caught { .. } => Events::NONE,
        }
    }
}
