//! The disassembler: IR as text, one instruction a line.

use crate::op::operand_fields;
use crate::{Bulk, CodeBuffer, Kind, Kinds, Meaning, Op, Shape};
use alloc::{format, string::String};
use burdock_types::ValType;
use core::fmt::Write;

/// The instructions of the `func`-th function of a buffer whose heads are the ops' numbers
/// ([`Target::numbered`](crate::Target::numbered)).
///
/// A line is `position: text`; positions and jump targets count words from the function's first.
pub fn disassemble(buffer: &CodeBuffer, func: usize) -> String {
    let meta = &buffer.funcs()[func];
    let words = &buffer.words()[meta.start as usize..meta.end as usize];
    let mut text = String::new();
    let mut position = 0;
    while position < words.len() {
        let op = Op::from_number(words[position] as usize);
        let Some(op) = op else {
            let _ = writeln!(text, "{position:5}: ?");
            break;
        };
        let instr = Instr { words: &words[position..], position };
        let _ = writeln!(text, "{position:5}: {}", instr.text(op));
        position += op.words() + instr.extra_words(op);
    }
    text
}

/// An instruction where it lies.
struct Instr<'c> {
    words: &'c [u64],
    position: usize,
}

impl Instr<'_> {
    fn word(&self, n: usize) -> u64 {
        self.words.get(n).copied().unwrap_or(0)
    }

    fn field(&self, n: usize) -> u16 {
        (self.word(1) >> (16 * n)) as u16
    }

    fn imm(&self) -> u32 {
        (self.word(1) >> 32) as u32
    }

    fn target(&self, distance: i32) -> String {
        format!("@{}", self.position as i64 + i64::from(distance))
    }

    /// Words of a branch table's targets.
    fn extra_words(&self, op: Op) -> usize {
        match op.parts().0 {
            Meaning::BrTable | Meaning::BrTableR => (self.imm() as usize + 2) / 2,
            _ => 0,
        }
    }

    fn text(&self, op: Op) -> String {
        let (meaning, kinds) = op.parts();
        let row = meaning.row();
        match row.shape {
            Shape::control => {
                let mut text = self.fill(row.text);
                if self.extra_words(op) > 0 {
                    self.targets(&mut text);
                }
                text
            }
            Shape::load | Shape::vector_load => {
                let address = self.address(1, kinds.a, kinds.b);
                format!("{} = {} {address}", self.dst(kinds, row.out), row.text)
            }
            Shape::store | Shape::float_store | Shape::vector_store => {
                let value = match kinds.b {
                    Kind::Imm => format!("{}", self.field(1) as i16),
                    kind => self.operand(kind, 1, row.operand),
                };
                format!("{} {} = {value}", row.text, self.address(0, kinds.a, Kind::None))
            }
            Shape::load_lane => {
                let [x, z, w] = [0, 2, 3].map(|n| self.field(n));
                format!("s{x} = {} {}, s{z}, lane={w}", row.text, self.lane_address(1, kinds.a))
            }
            Shape::store_lane => {
                let [y, w] = [1, 3].map(|n| self.field(n));
                format!("{} {} = s{y}, lane={w}", row.text, self.lane_address(0, kinds.a))
            }
            Shape::vector_ternary => {
                let [x, y, z, w] = [0, 1, 2, 3].map(|n| self.field(n));
                format!("s{x} = {} s{y}, s{z}, s{w}", row.text)
            }
            Shape::extract_lane => {
                let [x, y, z] = [0, 1, 2].map(|n| self.field(n));
                format!("s{x} = {} s{y}, lane={z}", row.text)
            }
            Shape::replace_lane => {
                let [x, y, z, w] = [0, 1, 2, 3].map(|n| self.field(n));
                format!("s{x} = {} s{y}, s{z}, lane={w}", row.text)
            }
            Shape::compare | Shape::float_compare if row_jumps(kinds) => {
                let b = match kinds.b {
                    Kind::Imm => format!("{}", self.field(1) as i16),
                    kind => self.operand(kind, 1, row.operand),
                };
                let how = if kinds.dst == Kind::JumpIf { "if" } else { "unless" };
                let a = self.operand(kinds.a, 0, row.operand);
                let target = self.target(self.imm() as i32);
                format!("br {target} {how} {} {a}, {b}", row.text)
            }
            _ => self.arithmetic(kinds, row.text, row.out, row.operand),
        }
    }

    fn arithmetic(
        &self,
        kinds: Kinds,
        text: &str,
        out: Option<ValType>,
        operand: Option<ValType>,
    ) -> String {
        let imm = match operand {
            Some(ValType::F64) => format!("{:?}", f64::from_bits(self.word(2))),
            Some(ValType::F32) => format!("{:?}", f32::from_bits(self.imm())),
            _ => format!("{}", self.imm() as i32),
        };
        let (field_a, field_b) = operand_fields(kinds);
        let of = |kind, field| match kind {
            Kind::Imm => imm.clone(),
            kind => self.operand(kind, field, operand),
        };
        let (a, b) = (of(kinds.a, field_a), of(kinds.b, field_b));
        let comma = if kinds.b == Kind::None { "" } else { ", " };
        format!("{} = {text} {a}{comma}{b}", self.dst(kinds, out))
    }

    fn dst(&self, kinds: Kinds, out: Option<ValType>) -> String {
        let register = register(out);
        match kinds.dst {
            Kind::Reg => format!("{register}{}", self.field(0)),
            Kind::Both => format!("{register}0 = s{}", self.field(0)),
            _ => format!("s{}", self.field(0)),
        }
    }

    fn operand(&self, kind: Kind, field: usize, ty: Option<ValType>) -> String {
        match kind {
            Kind::None => String::new(),
            Kind::Reg => format!("{}{}", register(ty), self.field(field)),
            _ => format!("s{}", self.field(field)),
        }
    }

    fn address(&self, field: usize, a: Kind, b: Kind) -> String {
        let offset = self.imm();
        let slot = self.field(field);
        match (a, b) {
            (Kind::Reg, Kind::Reg) => format!("[r{slot} + r{} + {}]", self.field(2), self.field(3)),
            (Kind::Reg, Kind::Slot) => {
                format!("[r{slot} + s{} + {}]", self.field(2), self.field(3))
            }
            (_, Kind::Slot) => format!("[s{slot} + s{} + {}]", self.field(2), self.field(3)),
            (Kind::Reg, _) => format!("[r{slot} + {offset}]"),
            (Kind::Imm, _) => format!("[{offset}]"),
            (Kind::Far, _) => format!("memory{offset}[s{slot} + {}]", self.word(2)),
            _ => format!("[s{slot} + {offset}]"),
        }
    }

    /// Of an access to a lane, which has words for what others have in the operand word.
    fn lane_address(&self, field: usize, a: Kind) -> String {
        let (slot, offset) = (self.field(field), self.word(2));
        match a {
            Kind::Far => format!("memory{}[s{slot} + {offset}]", self.word(3)),
            _ => format!("[s{slot} + {offset}]"),
        }
    }

    fn fill(&self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let value = match name {
                "x" => u64::from(self.field(0)),
                "y" => u64::from(self.field(1)),
                "z" => u64::from(self.field(2)),
                "w" => u64::from(self.field(3)),
                "i" => u64::from(self.imm()),
                "q" => self.word(2),
                "l" => self.word(2) & 0xffff_ffff,
                "h" => self.word(2) >> 32,
                "b" => {
                    text.push_str(Bulk::from_number(self.field(1)).map_or("?", Bulk::name));
                    rest = after;
                    continue;
                }
                _ => {
                    text.push_str(&self.target(self.imm() as i32));
                    rest = after;
                    continue;
                }
            };
            let _ = write!(text, "{value}");
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn targets(&self, text: &mut String) {
        for n in 0..=self.imm() as usize {
            let word = self.word(2 + n / 2);
            let distance = (word >> (32 * (n % 2))) as i32;
            let _ = write!(text, " {}", self.target(distance));
        }
    }
}

/// How a register of a type's bank is written, before its number.
fn register(ty: Option<ValType>) -> &'static str {
    match ty {
        Some(ValType::F32) => "f32r",
        Some(ValType::F64) => "f64r",
        _ => "r",
    }
}

fn row_jumps(kinds: Kinds) -> bool {
    matches!(kinds.dst, Kind::JumpIf | Kind::JumpUnless)
}
