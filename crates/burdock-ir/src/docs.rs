//! The op table as a page of documentation: docs/OPS.md.

use crate::operands::{BitField, Operand};
use crate::{Kind, Kinds, Meaning, Op, Row, Shape};
use alloc::string::ToString;
use alloc::vec::Vec;
use alloc::{format, string::String};
use core::fmt::Write;

/// The head of the page.
const HEAD: &str = "# Ops

Generated from the op table (`crates/burdock-ir/src/ops.rs`) by `cargo xtask ops`; `cargo xtask ops
--check` fails when it is stale.

An instruction is a head (word 0), which stands for the op, and the words of its operands. Operands
are written `name:place`, with these places:

- `0` to `3`: a quarter of word 1, which holds a slot, a register or a small number;
- `w1`, `w2`, ...: a whole word; `w1.h` its upper half, `w2.l` a lower one.

Operand kinds of an op are those of the destination, the first and the second operand (of stores of
elements the array, the index and the value): `r` register,
`s` slot, `b` both, `i` immediate, `f` any memory and offset, `j` jump if, `u` jump unless.

An `end` is an offset plus the number of bytes that the op accesses: the end of an access is what is
compared with the length of the memory.
";

/// Returns the text of docs/OPS.md.
pub fn ops_markdown() -> String {
    let mut text = String::from(HEAD);
    let _ = writeln!(text, "\n{} meanings, {} ops.", Meaning::COUNT, Op::COUNT);
    control(&mut text);
    for &shape in Shape::ALL.iter().filter(|shape| **shape != Shape::control) {
        family(&mut text, shape);
    }
    text
}

/// Writes the table of `control` ops.
fn control(text: &mut String) {
    text.push_str(
        "\n## `control`: one op each\n\n\
         | number | meaning | words | operands | does |\n|---|---|---|---|---|\n",
    );
    for meaning in meanings(Shape::control) {
        let (op, row) = (meaning.only_op(), meaning.row());
        let (number, words, does) = (op.number(), op.words(), row.does);
        let operands = layout(op);
        let _ = writeln!(text, "| {number} | {meaning:?} | {words} | {operands} | {does} |");
    }
}

/// Writes what a shape's ops do, where they have their operands, and its meanings.
fn family(text: &mut String, shape: Shape) {
    let _ = writeln!(text, "\n## `{shape:?}`: {}\n", equation(shape));
    text.push_str("| kinds | words | operands |\n|---|---|---|\n");
    let of_shape: Vec<Meaning> = meanings(shape).collect();
    for kinds in shape.kinds() {
        let mut lines: Vec<String> = Vec::new();
        for op in of_shape.iter().filter_map(|meaning| meaning.op(*kinds)) {
            let line = format!("| {} | {} | {} |", letters(*kinds), op.words(), layout(op));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
    }
    text.push_str("\n| number | meaning | text |\n|---|---|---|\n");
    for meaning in of_shape {
        let Row { first, text: name, .. } = meaning.row();
        let _ = writeln!(text, "| {first} | {meaning:?} | `{name}` |");
    }
}

fn meanings(shape: Shape) -> impl Iterator<Item = Meaning> {
    Meaning::ALL.iter().copied().filter(move |meaning| meaning.row().shape == shape)
}

/// Returns what the ops of a shape do; `op` stands for the meaning.
fn equation(shape: Shape) -> &'static str {
    match shape {
        Shape::control => "see each op",
        Shape::copy => "`dst = a`",
        Shape::unary | Shape::vector_splat | Shape::vector_unary => "`dst = op(a)`",
        Shape::binary
        | Shape::commutative
        | Shape::immediate
        | Shape::vector_binary
        | Shape::vector_shift => "`dst = op(a, b)`",
        Shape::division => "`dst = op(a, b)`, or a trap if `b` is 0 or the quotient too large",
        Shape::compare | Shape::compare_immediate | Shape::float_compare => {
            "`dst = op(a, b)`, or `ip = to` if `op(a, b)` is, or is not, true"
        }
        Shape::load | Shape::vector_load => "`dst = op(memory[a + offset])`, or `a + b + offset`",
        Shape::store | Shape::float_store | Shape::vector_store => "`memory[a + offset] = op(b)`",
        Shape::field_get => "`dst = op(a[offset..])`, or a trap if `a` is null",
        Shape::field_set | Shape::float_field_set => {
            "`a[offset..] = op(b)`, or a trap if `a` is null"
        }
        Shape::element_get => "`dst = op(a[b])`, or a trap if `a` is null or `b` out of bounds",
        Shape::element_set | Shape::float_element_set => {
            "`dst[a] = op(b)`, or a trap if `dst` is null or `a` out of bounds"
        }
        Shape::struct_new => "`dst =` a new structure of zeros",
        Shape::array_new => "`dst =` a new array of `a` zeros",
        Shape::cast_test => "`dst =` whether `a` is of the type, or a jump",
        Shape::cast => "a trap unless `a` is of the type",
        Shape::load_lane => "`dst = b` with `memory[a + offset]` in a lane",
        Shape::store_lane => "`memory[a + offset] =` a lane of `b`",
        Shape::vector_ternary => "`dst = op(a, b, c)`",
        Shape::extract_lane => "`dst =` a lane of `a`",
        Shape::replace_lane => "`dst = a` with `b` in a lane",
    }
}

fn layout(op: Op) -> String {
    let operand = |Operand { name, field, .. }| format!("{name}:{}", place(field));
    let operands: Vec<String> = op.operands().map(operand).collect();
    operands.join(" ")
}

fn place(BitField { word, shift, width }: BitField) -> String {
    match (word, shift, width) {
        (1, shift, 16) => (shift / 16).to_string(),
        (word, 32, 32) => format!("w{word}.h"),
        (word, _, 64) => format!("w{word}"),
        (word, _, _) => format!("w{word}.l"),
    }
}

fn letters(kinds: Kinds) -> String {
    let given = [kinds.dst, kinds.a, kinds.b].into_iter().filter(|&kind| kind != Kind::None);
    given.map(Kind::letter).collect()
}
