//! `Bulk`: the operators whose work depends on an operand. Instructions that pay for such an
//! operator, or execute a piece of one, name it by its number.

/// An operator on a memory, a table or an array whose work depends on an operand.
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
    ArrayFill,
    ArrayCopy,
    ArrayInitData,
    ArrayInitElem,
    ArrayNew,
    ArrayNewDefault,
    ArrayNewData,
    ArrayNewElem,
}

impl Bulk {
    const ALL: [Self; 16] = [
        Self::MemoryFill,
        Self::MemoryCopy,
        Self::MemoryInit,
        Self::MemoryGrow,
        Self::TableFill,
        Self::TableCopy,
        Self::TableInit,
        Self::TableGrow,
        Self::ArrayFill,
        Self::ArrayCopy,
        Self::ArrayInitData,
        Self::ArrayInitElem,
        Self::ArrayNew,
        Self::ArrayNewDefault,
        Self::ArrayNewData,
        Self::ArrayNewElem,
    ];

    /// Returns the operator with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Returns `true` if the operator writes elements of an array that exists.
    pub fn writes_array(self) -> bool {
        matches!(
            self,
            Self::ArrayFill | Self::ArrayCopy | Self::ArrayInitData | Self::ArrayInitElem
        )
    }

    /// Returns `true` if the operator makes an array.
    pub fn makes_array(self) -> bool {
        matches!(
            self,
            Self::ArrayNew | Self::ArrayNewDefault | Self::ArrayNewData | Self::ArrayNewElem
        )
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
            Self::ArrayFill => "array.fill",
            Self::ArrayCopy => "array.copy",
            Self::ArrayInitData => "array.init_data",
            Self::ArrayInitElem => "array.init_elem",
            Self::ArrayNew => "array.new",
            Self::ArrayNewDefault => "array.new_default",
            Self::ArrayNewData => "array.new_data",
            Self::ArrayNewElem => "array.new_elem",
        }
    }
}
