//! The handler table, derived from the op table: for each op, in the order of the numbers, the
//! handler of each dispatcher that is compiled.

use super::{Instruction, access, cast, field, jump, numeric, object, vector};
use crate::dispatch::Dispatch;
use burdock_ir::{Kinds, Op, Shape, sem};

/// The instructions of shape `control`, under the names of the op table.
mod control {
    pub(super) use crate::machine::array::*;
    pub(super) use crate::machine::bulk::*;
    pub(super) use crate::machine::call::*;
    pub(super) use crate::machine::cast::*;
    pub(super) use crate::machine::field::*;
    pub(super) use crate::machine::jump::*;
    pub(super) use crate::machine::limits::*;
    pub(super) use crate::machine::moves::*;
    pub(super) use crate::machine::object::*;
    pub(super) use crate::machine::observe::*;
    pub(super) use crate::machine::tail_call::*;
    pub(super) use crate::machine::throw::*;
    pub(super) use crate::machine::vector::{Shuffle, Shuffle as ShuffleR};
}

/// The compiler's message if a shape has a kind of result for which an instruction has no handler.
pub(super) const NO_RESULT: &str = "no handler has a result of this kind";
/// The compiler's message if a shape has a kind of operand for which an instruction has no handler.
pub(super) const NO_OPERAND: &str = "no handler has operands of these kinds";

/// The handlers of one op.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The operand kinds that the handlers are made for.
    #[cfg(test)]
    kinds: Kinds,
    #[cfg(tail_dispatch)]
    tail: crate::dispatch::tail::Handler,
    #[cfg(loop_dispatch)]
    looped: crate::dispatch::looped::Handler,
}

impl Entry {
    /// Returns the handlers of an instruction for the op with these operand kinds.
    pub(crate) const fn of<I: Instruction>(kinds: Kinds) -> Self {
        #[cfg(not(test))]
        let _ = kinds;
        Self {
            #[cfg(test)]
            kinds,
            #[cfg(tail_dispatch)]
            tail: crate::dispatch::tail::handler::<I>(),
            #[cfg(loop_dispatch)]
            looped: crate::dispatch::looped::handler::<I>(),
        }
    }

    /// Returns the same handlers for an op with other operand kinds, of which they need to know
    /// nothing.
    pub(crate) const fn with(self, kinds: Kinds) -> Self {
        #[cfg(not(test))]
        let _ = kinds;
        Self {
            #[cfg(test)]
            kinds,
            ..self
        }
    }

    /// Returns the head of the op in code of a dispatcher.
    pub(crate) fn head(&self, dispatch: Dispatch) -> u64 {
        match dispatch {
            #[cfg(tail_dispatch)]
            Dispatch::Tail | Dispatch::Native => self.tail as usize as u64,
            #[cfg(loop_dispatch)]
            Dispatch::Loop => self.looped as usize as u64,
            #[allow(unreachable_patterns, reason = "a build may have both")]
            _ => 0,
        }
    }
}

macro_rules! rows {
    ($($shape:ident $name:ident $({ $($operands:tt)* })? $text:literal $(=> $does:literal)?
        $(swap $s:ident $(not $n:ident)?)?
        $(= $family:ident::$which:ident $(($sign:ident))? $(on $lanes:ident)?)?;)*) => {
        [$(rows!(@row $shape $name)),*]
    };
    (@row control $name:ident) => {{
        use burdock_ir::Kind::None;
        const { &[Entry::of::<control::$name>(Kinds::new(None, None, None))] as &[Entry] }
    }};
    (@row compare $name:ident) => { rows!(@kinds compare jump::compare::<sem::$name>) };
    (@row compare_immediate $name:ident) => {
        rows!(@kinds compare_immediate jump::compare::<sem::$name>)
    };
    (@row float_compare $name:ident) => {
        rows!(@kinds float_compare jump::float_compare::<sem::$name>)
    };
    (@row copy $name:ident) => { rows!(@kinds copy numeric::unary::<sem::$name>) };
    (@row unary $name:ident) => { rows!(@kinds unary numeric::unary::<sem::$name>) };
    (@row binary $name:ident) => { rows!(@kinds binary numeric::binary::<sem::$name>) };
    (@row division $name:ident) => { rows!(@kinds division numeric::division::<sem::$name>) };
    (@row commutative $name:ident) => { rows!(@kinds commutative numeric::binary::<sem::$name>) };
    (@row immediate $name:ident) => { rows!(@kinds immediate numeric::binary::<sem::$name>) };
    (@row vector_splat $name:ident) => {
        rows!(@kinds vector_splat numeric::vector_unary::<sem::$name>)
    };
    (@row vector_unary $name:ident) => {
        rows!(@kinds vector_unary numeric::vector_unary::<sem::$name>)
    };
    (@row vector_binary $name:ident) => {
        rows!(@kinds vector_binary numeric::vector_binary::<sem::$name>)
    };
    (@row vector_shift $name:ident) => {
        rows!(@kinds vector_shift vector::vector_shift::<sem::$name>)
    };
    (@row vector_ternary $name:ident) => {
        rows!(@kinds vector_ternary vector::vector_ternary::<sem::$name>)
    };
    (@row extract_lane $name:ident) => {
        rows!(@kinds extract_lane vector::extract_lane::<sem::$name>)
    };
    (@row replace_lane $name:ident) => {
        rows!(@kinds replace_lane vector::replace_lane::<sem::$name>)
    };
    (@row field_get $name:ident) => { rows!(@kinds field_get field::field_get::<sem::$name>) };
    (@row field_set $name:ident) => { rows!(@kinds field_set field::field_set::<sem::$name>) };
    (@row float_field_set $name:ident) => {
        rows!(@kinds float_field_set field::float_field_set::<sem::$name>)
    };
    (@row element_get $name:ident) => {
        rows!(@kinds element_get field::element_get::<sem::$name>)
    };
    (@row element_set $name:ident) => {
        rows!(@kinds element_set field::element_set::<sem::$name>)
    };
    (@row float_element_set $name:ident) => {
        rows!(@kinds float_element_set field::float_element_set::<sem::$name>)
    };
    (@row struct_new $name:ident) => { rows!(@kinds struct_new object::struct_new) };
    (@row array_new $name:ident) => { rows!(@kinds array_new object::array_new) };
    (@row cast_test $name:ident) => { rows!(@kinds cast_test cast::cast_test::<sem::$name>) };
    (@row cast $name:ident) => { rows!(@kinds cast cast::cast::<sem::$name>) };
    (@row $access:ident $name:ident) => { rows!(@kinds $access access::$access::<sem::$name>) };
    // A function from kinds to handlers, for each of the shape's kinds.
    (@kinds $shape:ident $($entry:tt)+) => {
        const {
            const KINDS: &[Kinds] = Shape::$shape.kinds();
            let mut entries = [$($entry)+(KINDS[0]); KINDS.len()];
            let mut n = 1;
            while n < KINDS.len() {
                entries[n] = $($entry)+(KINDS[n]);
                n += 1;
            }
            &{ entries } as &[Entry]
        }
    };
}

const ROWS: [&[Entry]; burdock_ir::Meaning::COUNT] = burdock_ir::for_each_op!(rows);

/// The handlers of each op, by its number.
pub(crate) static TABLE: [Entry; Op::COUNT] = {
    let mut table = [ROWS[0][0]; Op::COUNT];
    let (mut next, mut row) = (0, 0);
    while row < ROWS.len() {
        let mut n = 0;
        while n < ROWS[row].len() {
            table[next] = ROWS[row][n];
            next += 1;
            n += 1;
        }
        row += 1;
    }
    assert!(next == Op::COUNT, "a row has more or fewer handlers than its shape has ops");
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_op_has_the_handler_for_its_operand_kinds() {
        for (number, entry) in TABLE.iter().enumerate() {
            let (meaning, kinds) = Op::from_number(number).unwrap().parts();
            assert_eq!(entry.kinds, kinds, "{meaning:?}");
        }
    }
}
