//! `Bulk`: the operators whose work depends on an operand. Instructions that pay for such an
//! operator, or execute a piece of one, name it by its number.

/// An operator on a memory or a table whose work depends on an operand.
///
/// # Example
///
/// ```
/// use burdock_ir::Bulk;
/// assert_eq!(Bulk::from_number(Bulk::TableCopy as u16), Some(Bulk::TableCopy));
/// assert_eq!(Bulk::TableCopy.name(), "table.copy");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a variant is the operator's name")]
pub enum Bulk {
    MemoryFill,
    MemoryCopy,
    MemoryInit,
    MemoryGrow,
    TableFill,
    TableCopy,
    TableInit,
    TableGrow,
}

impl Bulk {
    const ALL: [Self; 8] = [
        Self::MemoryFill,
        Self::MemoryCopy,
        Self::MemoryInit,
        Self::MemoryGrow,
        Self::TableFill,
        Self::TableCopy,
        Self::TableInit,
        Self::TableGrow,
    ];

    /// Returns the operator with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Returns the operator's name in the text format.
    pub fn name(self) -> &'static str {
        match self {
            Self::MemoryFill => "memory.fill",
            Self::MemoryCopy => "memory.copy",
            Self::MemoryInit => "memory.init",
            Self::MemoryGrow => "memory.grow",
            Self::TableFill => "table.fill",
            Self::TableCopy => "table.copy",
            Self::TableInit => "table.init",
            Self::TableGrow => "table.grow",
        }
    }
}
