//! `OperatorCost`: fuel by operator, where the embedder has said what each costs.

use alloc::vec::Vec;
use burdock_ir::Bulk;
use wasmparser::{BinaryReader, FrameKind, FrameStack, VisitOperator, VisitSimdOperator};

macro_rules! default_cost {
    (Nop) => {
        0
    };
    (Drop) => {
        0
    };
    (Block) => {
        0
    };
    (Loop) => {
        0
    };
    (Unreachable) => {
        0
    };
    (Return) => {
        0
    };
    (Else) => {
        0
    };
    (End) => {
        0
    };
    ($op:ident) => {
        1
    };
}

macro_rules! define_operator_cost {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// The fuel costs of operators: one field an operator, with wasmparser's names. Operators
        /// that are not named have their default cost.
        ///
        /// Source: Wasmtime's `OperatorCost`.
        ///
        /// # Example
        ///
        /// ```
        /// use burdock_translate::OperatorCost;
        /// let costs = OperatorCost { I32Mul: 5, ..OperatorCost::new() };
        /// assert_eq!((costs.I32Mul, costs.I32Add, costs.Nop), (5, 1, 0));
        /// ```
        #[derive(Clone, Debug, Hash, PartialEq, Eq)]
        #[allow(missing_docs, non_snake_case, reason = "a field is the operator's name")]
        pub struct OperatorCost {
            $(pub $op: u8,)*
            /// The additional costs of operators whose work depends on an operand.
            pub variable: VariableOperatorCost,
        }

        impl OperatorCost {
            /// Creates the default costs: 1, but 0 for `nop`, `drop`, `block`, `loop`,
            /// `unreachable`, `return`, `else` and `end`.
            pub const fn new() -> Self {
                Self { $($op: default_cost!($op),)* variable: VariableOperatorCost::new() }
            }
        }
    };
}

wasmparser::for_each_operator!(define_operator_cost);

/// The fuel costs of operators for each unit of work, in addition to their fixed costs
/// ([`OperatorCost`]).
///
/// Source: Wasmtime's `VariableOperatorCost`.
///
/// # Example
///
/// ```
/// use burdock_translate::{OperatorCost, VariableOperatorCost};
/// let variable = VariableOperatorCost { memory_grow_per_page: 9, ..Default::default() };
/// let costs = OperatorCost { variable, ..OperatorCost::new() };
/// assert_eq!(costs.variable.memory_fill_per_byte, 1);
/// ```
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
#[allow(missing_docs, reason = "a field is the operator's name and its unit")]
pub struct VariableOperatorCost {
    pub memory_copy_per_byte: u8,
    pub memory_fill_per_byte: u8,
    pub memory_init_per_byte: u8,
    pub memory_grow_per_page: u8,
    pub table_copy_per_element: u8,
    pub table_fill_per_element: u8,
    pub table_init_per_element: u8,
    pub table_grow_per_element: u8,
    pub array_copy_per_element: u8,
    pub array_fill_per_element: u8,
    pub array_new_data_per_element: u8,
    pub array_init_data_per_element: u8,
    pub array_new_elem_per_element: u8,
    pub array_init_elem_per_element: u8,
    pub array_new_default_per_element: u8,
    pub array_new_per_element: u8,
}

impl VariableOperatorCost {
    /// Creates the default costs: 1 a unit, but 0 for a page of `memory.grow`.
    pub const fn new() -> Self {
        Self {
            memory_copy_per_byte: 1,
            memory_fill_per_byte: 1,
            memory_init_per_byte: 1,
            memory_grow_per_page: 0,
            table_copy_per_element: 1,
            table_fill_per_element: 1,
            table_init_per_element: 1,
            table_grow_per_element: 1,
            array_copy_per_element: 1,
            array_fill_per_element: 1,
            array_new_data_per_element: 1,
            array_init_data_per_element: 1,
            array_new_elem_per_element: 1,
            array_init_elem_per_element: 1,
            array_new_default_per_element: 1,
            array_new_per_element: 1,
        }
    }
}

impl VariableOperatorCost {
    /// Returns the fuel that an operator takes for each byte, page or element.
    pub(crate) fn of_unit(&self, bulk: Bulk) -> u32 {
        u32::from(match bulk {
            Bulk::MemoryCopy => self.memory_copy_per_byte,
            Bulk::MemoryFill => self.memory_fill_per_byte,
            Bulk::MemoryInit => self.memory_init_per_byte,
            Bulk::MemoryGrow => self.memory_grow_per_page,
            Bulk::TableCopy => self.table_copy_per_element,
            Bulk::TableFill => self.table_fill_per_element,
            Bulk::TableInit => self.table_init_per_element,
            Bulk::TableGrow => self.table_grow_per_element,
            Bulk::ArrayFill => self.array_fill_per_element,
            Bulk::ArrayCopy => self.array_copy_per_element,
            Bulk::ArrayInitData => self.array_init_data_per_element,
            Bulk::ArrayInitElem => self.array_init_elem_per_element,
            Bulk::ArrayNew => self.array_new_per_element,
            Bulk::ArrayNewDefault => self.array_new_default_per_element,
            Bulk::ArrayNewData => self.array_new_data_per_element,
            Bulk::ArrayNewElem => self.array_new_elem_per_element,
        })
    }
}

impl Default for VariableOperatorCost {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for OperatorCost {
    fn default() -> Self {
        Self::new()
    }
}

/// Tells what the operators of one module cost.
#[derive(Clone, Copy)]
pub(crate) struct Costs<'a> {
    table: &'a OperatorCost,
    bytes: &'a [u8],
}

impl<'a> Costs<'a> {
    pub(crate) fn new(table: &'a OperatorCost, bytes: &'a [u8]) -> Self {
        Self { table, bytes }
    }

    /// Returns the cost of the operator at a byte offset of the module; 0 if there is none, which
    /// the reader of the body reports next.
    pub(crate) fn at(&self, offset: u32) -> u32 {
        let bytes = self.bytes.get(offset as usize..).unwrap_or_default();
        let mut reader = BinaryReader::new(bytes, offset.into());
        let cost = reader.visit_operator(&mut CostOf(self.table));
        cost.map_or(0, u32::from)
    }
}

impl Costs<'_> {
    /// Returns the fuel that an operator takes for each byte, page or element.
    pub(crate) fn of_unit(&self, bulk: Bulk) -> u32 {
        self.table.variable.of_unit(bulk)
    }
}

/// Answers with the cost of the operator that it is shown.
struct CostOf<'a>(&'a OperatorCost);

impl FrameStack for CostOf<'_> {
    /// Returns `If`, without which `else` could not be read; the cost does not depend on it.
    fn current_frame(&self) -> Option<FrameKind> {
        Some(FrameKind::If)
    }
}

macro_rules! cost_of {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        fn $visit(&mut self $($(, _: $argty)*)?) -> u8 {
            self.0.$op
        }
    )*};
}

impl<'a> VisitOperator<'a> for CostOf<'_> {
    type Output = u8;

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = u8>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(cost_of);
}

impl<'a> VisitSimdOperator<'a> for CostOf<'_> {
    wasmparser::for_each_visit_simd_operator!(cost_of);
}
