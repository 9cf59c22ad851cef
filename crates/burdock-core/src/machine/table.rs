//! The handler table, derived from the op table: for each op, in the order of the numbers, the
//! handler of each dispatcher that is compiled.

use super::{Instruction, access, jump, numeric, vector};
use crate::dispatch::Dispatch;
use burdock_ir::{Kinds, Op, sem};

/// The instructions of shape `control`, under the names of the op table.
mod control {
    pub(super) use crate::machine::bulk::*;
    pub(super) use crate::machine::call::*;
    pub(super) use crate::machine::jump::*;
    pub(super) use crate::machine::moves::*;
    pub(super) use crate::machine::observe::*;
    pub(super) use crate::machine::vector::Shuffle;
}

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
    /// The handlers of an instruction, for the op with these operand kinds.
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

    /// What stands for the op in code of a dispatcher.
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
    (@row compare $name:ident) => { const { &jump::compare::<sem::$name>() as &[Entry] } };
    (@row float_compare $name:ident) => {
        const { &jump::float_compare::<sem::$name>() as &[Entry] }
    };
    (@row copy $name:ident) => { const { &numeric::copy::<sem::$name>() as &[Entry] } };
    (@row unary $name:ident) => { const { &numeric::unary::<sem::$name>() as &[Entry] } };
    (@row binary $name:ident) => { const { &numeric::binary::<sem::$name>() as &[Entry] } };
    (@row commutative $name:ident) => {
        const { &numeric::commutative::<sem::$name>() as &[Entry] }
    };
    (@row vector_unary $name:ident) => {
        const { &numeric::vector_unary::<sem::$name>() as &[Entry] }
    };
    (@row vector_binary $name:ident) => {
        const { &numeric::vector_binary::<sem::$name>() as &[Entry] }
    };
    (@row vector_ternary $name:ident) => {
        const { &vector::vector_ternary::<sem::$name>() as &[Entry] }
    };
    (@row extract_lane $name:ident) => {
        const { &vector::extract_lane::<sem::$name>() as &[Entry] }
    };
    (@row replace_lane $name:ident) => {
        const { &vector::replace_lane::<sem::$name>() as &[Entry] }
    };
    (@row $access:ident $name:ident) => { const { &access::$access::<sem::$name>() as &[Entry] } };
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
