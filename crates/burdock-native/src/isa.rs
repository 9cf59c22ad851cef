//! A processor: its registers, the text around handlers, and the instructions of each family.
//!
//! A method writes lines to [`Isa::written`] and leaves the jump to the next instruction to
//! [`Isa::go_on`], unless its instruction never falls through. An instruction that traps or jumps
//! to a Rust handler changes nothing before. It first sets the position to its own beginning, which
//! within a sequence is not the beginning of the handler.

use crate::part::Part;
use burdock_ir::operation::*;
use burdock_ir::{Bank, BitField, Kind};

/// A processor to write handlers for.
pub(crate) trait Isa:
    Control
    + Calls
    + Limits
    + Observe
    + Moves
    + Entities
    + Spans
    + Integers
    + Floats
    + Memory
    + Objects
    + Vectors
    + SingleLanes
{
    /// The number of places in the `Vm` in which jumps note how far they went, as `i32`, to guess
    /// how far they will go: a power of two, or 0.
    const JUMP_GUESSES: usize;
    /// The number of registers of each bank that hold temporaries. Rust handlers know
    /// only the first.
    const TEMPORARIES: [u8; Bank::COUNT];
    /// The number of registers of each bank, behind those, that hold locals.
    const PINNED: [u8; Bank::COUNT];

    /// The body of the function that jumps to the first handler, and to which the last one returns.
    const ENTER: &str;
    /// The code to which handlers jump to trap: labels `trap_oob`, `trap_table`, `trap_zero`,
    /// `trap_overflow`, `trap_nan`, `trap_null`, `trap_array`, `trap_cast` and `trap_unreachable`.
    /// It jumps to where the machine says. This may be the code at the label `burdock_native_keep`,
    /// which stores the registers for values and then parks the guest. What else handlers share
    /// follows.
    const LEAVE: &str;
    /// The code of calls that wait. `burdock_native_wait` jumps to `burdock_native_keep`, to keep
    /// the registers for the instruction whose address the machine holds among the kept registers.
    /// `burdock_native_go_on` reads them, removes the address, and goes on there.
    const WAIT: &str;
    /// The constants that handlers read.
    const CONSTANTS: &str;

    /// Returns the handler that is being written.
    fn written(&mut self) -> &mut Written;

    /// Returns `true` if instructions of this op have no native handler, though they have one on
    /// other processors.
    fn left_to_rust(_: &Part) -> bool {
        false
    }

    /// Writes a jump to the instruction that begins `words` words behind the handler's first.
    fn go_on(&mut self, words: usize);

    /// Returns a handler that counts an instruction and goes on to the one that it had. Counts lie
    /// `region` words behind the code, heads `region` words behind the counts.
    fn count_and_go_on(&mut self, region: usize) -> String;

    /// Returns all handlers as one text, in an order and with gaps that suit the processor.
    fn layout(&self, handlers: Vec<String>) -> String {
        handlers.concat()
    }

    /// Returns a new label of this handler.
    fn label(&mut self) -> usize {
        let labels = &mut self.written().labels;
        *labels += 1;
        *labels
    }

    /// Writes code for a rare case, which begins at a label, behind the handler.
    fn behind(&mut self, label: usize, write: impl FnOnce(&mut Self)) {
        let quick = std::mem::replace(&mut self.written().text, format!(".L{label}:\n"));
        write(self);
        let written = self.written();
        let seldom = std::mem::replace(&mut written.text, quick);
        written.tail.push_str(&seldom);
    }
}

/// A handler that is being written.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) text: String,
    /// Code for rare cases, which is placed behind the handler.
    pub(crate) tail: String,
    labels: usize,
}

/// Jumps. None of them falls through.
pub(crate) trait Control {
    /// Traps.
    fn unreachable(&mut self, part: &Part);
    /// Jumps by the distance in the instruction.
    fn br(&mut self, part: &Part);
    /// Jumps to one of the targets behind the instruction.
    fn br_table(&mut self, part: &Part);
}

/// Calls and returns. None of them falls through but `enter`.
pub(crate) trait Calls {
    /// Reserves a function's frame, and sets its locals to zero.
    fn enter(&mut self, part: &Part);
    /// Calls a function of the same instance.
    fn call(&mut self, part: &Part);
    /// Calls a function of a table, if it is of the same instance; others are left to Rust.
    fn call_indirect(&mut self, part: &Part);
    /// Calls the function of a reference, if it is of the same instance; others are left to Rust.
    fn call_ref(&mut self, part: &Part);
    /// Replaces the frame by that of a function of the same instance.
    fn return_call(&mut self, part: &Part);
    /// Replaces the frame by that of a function of a table.
    fn return_call_indirect(&mut self, part: &Part);
    /// Replaces the frame by that of the function of a reference.
    fn return_call_ref(&mut self, part: &Part);
    /// Returns. The meaning says where the result is, if there is one.
    fn return_(&mut self, part: &Part);
}

/// Limits of a run.
pub(crate) trait Limits {
    /// Takes fuel.
    fn consume_fuel(&mut self, part: &Part);
    /// Takes fuel, or jumps to the Rust handler if there is too little.
    fn check_fuel(&mut self, part: &Part);
    /// Takes fuel, or jumps if there is none.
    fn check_fuel_or_br(&mut self, part: &Part);
    /// Jumps to the Rust handler if the deadline is reached.
    fn check_epoch(&mut self, part: &Part);
    /// Jumps if the deadline is reached.
    fn br_at_deadline(&mut self, part: &Part);
    /// Counts a frame, or jumps to the Rust handler if there are too many.
    fn enter_depth(&mut self, part: &Part);
    /// Decrements the count of frames.
    fn leave_depth(&mut self, part: &Part);
}

/// Observation.
pub(crate) trait Observe {
    /// Adds one to a cell, always or if a slot is not zero.
    fn count(&mut self, part: &Part);
    /// Continues in newer code of the function, if there is any.
    fn anchor(&mut self, part: &Part);
    /// Jumps if an access begins at a watched address.
    fn br_if_watched(&mut self, part: &Part);
    /// Calls the host at a site.
    fn observe(&mut self, part: &Part);
}

/// Moves between slots and registers.
pub(crate) trait Moves {
    /// Copies slots, or writes a constant.
    fn move_slots(&mut self, part: &Part);
    /// Copies the first registers for integer locals to the slots that the operands name.
    fn store_pins(&mut self, part: &Part);
    /// Copies the slots that the operands name to the first registers for integer locals.
    fn load_pins(&mut self, part: &Part);
    /// Selects one of two scalars.
    fn select(&mut self, part: &Part);
    /// Reads a global.
    fn global_get(&mut self, part: &Part);
    /// Writes a global.
    fn global_set(&mut self, part: &Part);
    /// Writes a constant vector, selects one of two vectors, or reads or writes a global vector.
    fn move_vector(&mut self, part: &Part);
}

/// Memories and tables.
pub(crate) trait Entities {
    /// Reads the size of a memory in pages.
    fn memory_size(&mut self, part: &Part);
    /// Reads or writes an element of a table.
    fn element(&mut self, part: &Part);
    /// Reads the size of a table.
    fn table_size(&mut self, part: &Part);
}

/// Values in consecutive slots.
pub(crate) trait Spans {
    /// Copies slots.
    fn copy_span(&mut self, part: &Part);
    /// Adds or subtracts numbers of 128 bits.
    fn add_128(&mut self, part: &Part);
    /// Multiplies numbers of 64 bits to one of 128.
    fn mul_wide(&mut self, part: &Part);
}

/// Integers.
pub(crate) trait Integers {
    /// Computes an operation with two operands.
    fn int_binary(&mut self, part: &Part, which: IntBinary);
    /// Compares, to a value or to a jump.
    fn int_compare(&mut self, part: &Part, which: IntCompare);
    /// Tests bits, to a value or to a jump.
    fn int_test(&mut self, part: &Part, which: IntTest);
    /// Computes an operation with one operand.
    fn int_unary(&mut self, part: &Part, which: IntUnary);
    /// Moves an integer to another place.
    fn int_copy(&mut self, part: &Part);
}

/// Floats. A NaN result may have any payload that the spec allows.
pub(crate) trait Floats {
    /// Computes an operation with two operands.
    fn float_binary(&mut self, part: &Part, which: FloatBinary);
    /// Compares, to a value or to a jump.
    fn float_compare(&mut self, part: &Part, which: FloatCompare);
    /// Computes an operation with one operand.
    fn float_unary(&mut self, part: &Part, which: FloatUnary);
    /// Converts a float to an integer.
    fn float_to_int(&mut self, part: &Part, which: FloatToInt);
    /// Converts an integer to a float.
    fn int_to_float(&mut self, part: &Part, which: IntToFloat);
    /// Moves a float to another place.
    fn float_copy(&mut self, part: &Part);
}

/// Loads and stores.
pub(crate) trait Memory {
    /// Loads a scalar.
    fn load(&mut self, part: &Part, which: Load);
    /// Stores a scalar.
    fn store(&mut self, part: &Part, which: Store);
    /// Loads a vector.
    fn vector_load(&mut self, part: &Part, which: VectorLoad);
    /// Stores a vector.
    fn vector_store(&mut self, part: &Part);
}

/// Objects of the garbage-collected heap.
pub(crate) trait Objects {
    /// Computes the address of a field.
    fn field_address(&mut self, part: &Part);
    /// Computes the address of an element of `size` bytes, whose array and index are these
    /// operands. Traps if the array has no such element.
    fn element_address(&mut self, part: &Part, operands: [(Kind, BitField); 2], size: u32);
    /// Reads the field or element whose address was computed.
    fn load_member(&mut self, part: &Part, which: Load);
    /// Writes the field or element whose address was computed.
    fn store_member(&mut self, part: &Part, which: ObjectStore);

    /// Reads a field of a structure.
    fn field_get(&mut self, part: &Part, which: Load) {
        self.field_address(part);
        self.load_member(part, which);
    }

    /// Writes a field of a structure.
    fn field_set(&mut self, part: &Part, which: ObjectStore) {
        self.field_address(part);
        self.store_member(part, which);
    }

    /// Reads an element of an array.
    fn element_get(&mut self, part: &Part, which: Load) {
        let size = which.bytes(part.result_bits());
        self.element_address(part, [(part.kinds.a, part.a()), (part.kinds.b, part.b())], size);
        self.load_member(part, which);
    }

    /// Writes an element of an array.
    fn element_set(&mut self, part: &Part, which: ObjectStore) {
        let size = which.bits(part.operand_bits()) / 8;
        self.element_address(part, [(part.kinds.dst, part.dst()), (part.kinds.a, part.a())], size);
        self.store_member(part, which);
    }

    /// Allocates an object in the current run. If the run has no room, Rust does.
    fn new_object(&mut self, part: &Part, which: New);
    /// Writes a value to all elements of a new array.
    fn fill_new_array(&mut self, part: &Part);
    /// Reads or writes a field or an element that is a vector.
    fn vector_member(&mut self, part: &Part);
    /// Tests an object's type, to a value or to a jump.
    fn cast_test(&mut self, part: &Part, which: Cast);
    /// Traps unless an object is of a type.
    fn cast(&mut self, part: &Part, which: Cast);
}

/// Vectors, whose operands and results are in slots.
pub(crate) trait Vectors {
    /// Tests a vector.
    fn vector_test(&mut self, part: &Part, which: VectorTest, lanes: Lanes);
    /// Computes an operation with one operand that results in integers.
    fn vector_int_unary(&mut self, part: &Part, which: VectorIntUnary, lanes: Lanes);
    /// Computes an operation with one operand that results in floats.
    fn vector_float_unary(&mut self, part: &Part, which: VectorFloatUnary, lanes: Lanes);
    /// Computes an operation with two vectors of integers.
    fn vector_int_binary(&mut self, part: &Part, which: VectorIntBinary, lanes: Lanes);
    /// Computes an operation with two vectors of floats.
    fn vector_float_binary(&mut self, part: &Part, which: VectorFloatBinary, lanes: Lanes);
    /// Compares integers.
    fn vector_int_compare(&mut self, part: &Part, which: IntCompare, lanes: Lanes);
    /// Compares floats.
    fn vector_float_compare(&mut self, part: &Part, which: FloatCompare, lanes: Lanes);
    /// Shifts each lane.
    fn vector_shift(&mut self, part: &Part, which: VectorShift, lanes: Lanes);
    /// Computes an operation with three operands.
    fn vector_ternary(&mut self, part: &Part, which: VectorTernary, lanes: Lanes);
}

/// Single lanes of vectors.
pub(crate) trait SingleLanes {
    /// Copies a scalar to all lanes.
    fn splat(&mut self, part: &Part, lanes: Lanes);
    /// Reads a lane.
    fn extract_lane(&mut self, part: &Part, sign: Sign, lanes: Lanes);
    /// Replaces a lane.
    fn replace_lane(&mut self, part: &Part, lanes: Lanes);
    /// Loads a lane.
    fn load_lane(&mut self, part: &Part, lanes: Lanes);
    /// Stores a lane.
    fn store_lane(&mut self, part: &Part, lanes: Lanes);
    /// Chooses lanes of two vectors.
    fn shuffle(&mut self, part: &Part);
}

/// Writes a line of a handler.
macro_rules! asm {
    ($isa:expr, $($text:tt)*) => {{
        use std::fmt::Write as _;
        let _ = writeln!($isa.written.text, $($text)*);
    }};
}
pub(crate) use asm;
