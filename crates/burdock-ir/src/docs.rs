//! The op table as a page of documentation: docs/OPS.md.

use crate::{Kind, Meaning, Op};
use alloc::{format, string::String};
use core::fmt::Write;

/// The text of docs/OPS.md.
pub fn ops_markdown() -> String {
    let mut text = String::from(
        "# Ops\n\nGenerated from the op table (`crates/burdock-ir/src/ops.rs`) by `cargo xtask ops`; \
         `cargo xtask ops --check` fails when it is stale.\n\nOperand kinds: destination, first, \
         second operand; `r` register, `s` slot, `b` both, `i` immediate, `f` any memory and offset, `j` jump \
         if, `u` jump unless.\n\n",
    );
    let _ = writeln!(text, "{} meanings, {} ops.\n", Meaning::COUNT, Op::COUNT);
    text.push_str("| number | meaning | text | shape | operand kinds |\n|---|---|---|---|---|\n");
    for &meaning in Meaning::ALL {
        let row = meaning.row();
        let mut kinds = String::new();
        for k in row.shape.kinds() {
            let _ = write!(kinds, "{} ", [k.dst, k.a, k.b].map(letter).concat());
        }
        let shape = format!("{:?}", row.shape);
        let _ = writeln!(
            text,
            "| {} | {meaning:?} | `{}` | {shape} | {} |",
            row.first,
            row.text,
            kinds.trim_end()
        );
    }
    text
}

fn letter(kind: Kind) -> &'static str {
    match kind {
        Kind::None => "",
        Kind::Reg => "r",
        Kind::Slot => "s",
        Kind::Imm => "i",
        Kind::Far => "f",
        Kind::Both => "b",
        Kind::JumpIf => "j",
        Kind::JumpUnless => "u",
    }
}
