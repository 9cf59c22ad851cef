//! The disassembler: IR as text, one instruction a line.

use crate::control::BrTable;
use crate::operands::{
    BitField, Layout, NO_SLOT, Operand, OperandKind, pin_slots, table_target, table_words,
};
use crate::{
    Bank, Bulk, CodeBuffer, Kind, Kinds, Meaning, NO_INDEX, Op, ReferenceClass, Row, Shape,
};
use alloc::{format, string::String, vec::Vec};
use burdock_types::ValType;
use core::fmt::Write;

/// Returns the instructions of the `func`-th function of a buffer whose heads are the ops' numbers
/// ([`Target::numbered`](crate::Target::numbered)).
///
/// A line is `position: text`; positions and jump targets count words from the function's first.
/// Behind the instructions come the catch clauses.
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
    catches(buffer, func, &mut text);
    text
}

/// Appends the catch clauses of a function, each with the positions where it catches.
fn catches(buffer: &CodeBuffer, func: usize, text: &mut String) {
    let meta = &buffer.funcs()[func];
    for (region, clauses) in buffer.handlers().within(meta.start, meta.end) {
        let [start, end] = [region.start, region.end].map(|position| position - meta.start);
        for clause in clauses {
            let tag = match clause.tag {
                NO_INDEX => "all".into(),
                tag => format!("tag{tag}"),
            };
            let reference = clause.reference.map(|slot| format!(" ref to s{slot}"));
            let (slot, to) = (clause.slot, clause.to - meta.start);
            let reference = reference.unwrap_or_default();
            let _ = writeln!(text, "@{start}..@{end} catch {tag} to s{slot}..{reference} @{to}");
        }
    }
}

/// An instruction where it lies.
struct Instr<'c> {
    words: &'c [u64],
    position: usize,
}

impl Instr<'_> {
    /// Returns the operand in a field; 0 if the function's words end before it.
    fn at(&self, field: Option<BitField>) -> u64 {
        let word = |field: BitField| Some((field, *self.words.get(usize::from(field.word))?));
        field.and_then(word).map_or(0, |(field, word)| field.get(word))
    }

    fn target(&self, distance: i32) -> String {
        format!("@{}", self.position as i64 + i64::from(distance))
    }

    /// Returns the number of words of a branch table's targets.
    fn extra_words(&self, op: Op) -> usize {
        match self.last_target(op) {
            Some(last) => table_words(last),
            None => 0,
        }
    }

    /// Returns the number of a branch table's last target.
    fn last_target(&self, op: Op) -> Option<u32> {
        match op.meaning() {
            Meaning::BrTable | Meaning::BrTableR => Some(self.at(Some(BrTable::last())) as u32),
            _ => None,
        }
    }

    fn text(&self, op: Op) -> String {
        let (meaning, kinds) = op.parts();
        let (row, layout) = (meaning.row(), op.layout());
        let name = row.text;
        let dst = || self.dst(kinds, row.out, &layout);
        let [b, c] = [layout.b, layout.c].map(|field| format!("s{}", self.at(field)));
        let lane = self.at(layout.lane);
        match row.shape {
            Shape::control => {
                let mut text = self.fill(row);
                if let Some(last) = self.last_target(op) {
                    self.targets(last, &mut text);
                }
                text
            }
            Shape::load | Shape::vector_load => {
                format!("{} = {name} {}", dst(), self.address(row, kinds, &layout))
            }
            Shape::store | Shape::float_store | Shape::vector_store => {
                let value = self.value(kinds.b, layout.b, row.operand);
                format!("{name} {} = {value}", self.address(row, kinds, &layout))
            }
            shape if shape.is_object_access() => self.object_access(name, kinds, row, &layout),
            Shape::cast_test | Shape::cast => self.cast(meaning, kinds, &layout),
            Shape::struct_new | Shape::array_new => self.new_object(name, kinds, row, &layout),
            Shape::load_lane => {
                let address = self.address(row, kinds, &layout);
                format!("{} = {name} {address}, {b}, lane={lane}", dst())
            }
            Shape::store_lane => {
                format!("{name} {} = {b}, lane={lane}", self.address(row, kinds, &layout))
            }
            _ => {
                let a = self.value(kinds.a, layout.a, row.operand);
                let b = match kinds.b {
                    Kind::None => String::new(),
                    kind => format!(", {}", self.value(kind, layout.b, row.operand)),
                };
                let how = if kinds.dst == Kind::JumpIf { "if" } else { "unless" };
                match row.shape {
                    _ if layout.target.is_some() => {
                        let target = self.target(self.at(layout.target) as i32);
                        format!("br {target} {how} {name} {a}{b}")
                    }
                    Shape::vector_ternary => format!("{} = {name} {a}{b}, {c}", dst()),
                    Shape::extract_lane | Shape::replace_lane => {
                        format!("{} = {name} {a}{b}, lane={lane}", dst())
                    }
                    _ => format!("{} = {name} {a}{b}", dst()),
                }
            }
        }
    }

    /// Returns the text of an access to a field or an element.
    fn object_access(&self, name: &str, kinds: Kinds, row: &Row, layout: &Layout) -> String {
        let int = |kind, field| self.value(kind, field, Some(ValType::I32));
        let dst = || self.dst(kinds, row.out, layout);
        let value = || self.value(kinds.b, layout.b, row.operand);
        let (a, at) = (int(kinds.a, layout.a), self.at(layout.offset));
        match row.shape {
            Shape::field_get => format!("{} = {name} {a}+{at}", dst()),
            Shape::element_get => format!("{} = {name} {a}[{}]", dst(), int(kinds.b, layout.b)),
            shape if shape.is_element_set() => {
                format!("{name} {}[{a}] = {}", int(kinds.dst, layout.dst), value())
            }
            _ => format!("{name} {a}+{at} = {}", value()),
        }
    }

    /// Returns the text of an allocation.
    fn new_object(&self, name: &str, kinds: Kinds, row: &Row, layout: &Layout) -> String {
        let ty = self.at(layout.new.map(|new| new.ty));
        let len = match kinds.a {
            Kind::None => String::new(),
            kind => format!(" {}", self.value(kind, layout.a, row.operand)),
        };
        let pins = pin_slots(self.at(layout.new.map(|new| new.pins))).into_iter().enumerate();
        let pins = pins.filter(|(_, slot)| *slot != NO_SLOT);
        let stores: String =
            pins.map(|(pin, slot)| format!(", keeps pin {pin} in s{slot}")).collect();
        format!("{} = {name} t{ty}{len}{stores}", self.dst(kinds, row.out, layout))
    }

    /// Returns the text of a cast.
    fn cast(&self, meaning: Meaning, kinds: Kinds, layout: &Layout) -> String {
        let row = meaning.row();
        let reference = self.value(kinds.a, layout.a, row.operand);
        let ty = self.at(layout.cast.map(|cast| cast.ty));
        let nullable = self.at(layout.cast.map(|cast| cast.nullable)) != 0;
        let ty = match meaning {
            Meaning::RefTestClass | Meaning::RefCastClass => {
                ReferenceClass::names(ty as u32).collect::<Vec<_>>().join("|")
            }
            _ => format!("{}t{ty}", if nullable { "null " } else { "" }),
        };
        let text = format!("{} {reference} {ty}", row.text);
        let target = || self.target(self.at(layout.target) as i32);
        match kinds.dst {
            Kind::None => text,
            Kind::JumpIf => format!("br {} if {text}", target()),
            Kind::JumpUnless => format!("br {} unless {text}", target()),
            _ => format!("{} = {text}", self.dst(kinds, row.out, layout)),
        }
    }

    fn dst(&self, kinds: Kinds, out: Option<ValType>, layout: &Layout) -> String {
        let (register, number) = (register(out), self.at(layout.dst));
        match kinds.dst {
            Kind::Reg => format!("{register}{number}"),
            Kind::Both => format!("{register}0 = s{number}"),
            _ => format!("s{number}"),
        }
    }

    /// Returns an operand that is in a register, in a slot, or in the instruction itself.
    fn value(&self, kind: Kind, field: Option<BitField>, ty: Option<ValType>) -> String {
        let bits = self.at(field);
        match (kind, field.map_or(0, |field| field.width), ty) {
            (Kind::Reg, _, None | Some(ValType::V128)) => format!("last s{bits}"),
            (Kind::Reg, ..) => format!("{}{bits}", register(ty)),
            (Kind::Imm, 16, _) => format!("{}", bits as i16),
            (Kind::Imm, _, Some(ValType::F64)) => format!("{:?}", f64::from_bits(bits)),
            (Kind::Imm, _, Some(ValType::F32)) => format!("{:?}", f32::from_bits(bits as u32)),
            (Kind::Imm, ..) => format!("{}", bits as i32),
            _ => format!("s{bits}"),
        }
    }

    fn address(&self, row: &Row, kinds: Kinds, layout: &Layout) -> String {
        let (a, b) = (self.at(layout.a), self.at(layout.b));
        let memory = self.at(layout.memory);
        let offset = match layout.end {
            Some(_) => self.at(layout.end).wrapping_sub(row.bytes.into()),
            None => self.at(layout.offset),
        };
        let base = if kinds.a == Kind::Reg { "r" } else { "s" };
        // The second operand of others than indexed loads is no part of the address.
        let index = layout.dst.is_some() && layout.lane.is_none() && layout.b.is_some();
        match kinds.a {
            Kind::Imm => format!("[{offset}]"),
            Kind::Far => format!("memory{memory}[s{a} + {offset}]"),
            _ if index && kinds.b == Kind::Reg => format!("[{base}{a} + r{b} + {offset}]"),
            _ if index => format!("[{base}{a} + s{b} + {offset}]"),
            _ => format!("[{base}{a} + {offset}]"),
        }
    }

    /// Returns a row's text with its operands.
    fn fill(&self, row: &Row) -> String {
        let mut text = String::new();
        let mut rest = row.text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            match row.operands.iter().find(|operand| operand.name == name) {
                Some(operand) => text.push_str(&self.operand(operand)),
                None => text.push('?'),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn operand(&self, operand: &Operand) -> String {
        let bits = self.at(Some(operand.field));
        match operand.kind {
            OperandKind::Slot => format!("s{bits}"),
            OperandKind::Vector => format!("v{bits}"),
            OperandKind::Register(Bank::Int) => format!("r{bits}"),
            OperandKind::Register(Bank::F32) => format!("f32r{bits}"),
            OperandKind::Register(Bank::F64) => format!("f64r{bits}"),
            OperandKind::Count | OperandKind::Number | OperandKind::Word => format!("{bits}"),
            OperandKind::Bulk => Bulk::from_number(bits as u16).map_or("?", Bulk::name).into(),
            OperandKind::Target => self.target(bits as i32),
        }
    }

    fn targets(&self, last: u32, text: &mut String) {
        for n in 0..=last as usize {
            let word = self.words.get(table_target(n)).copied().unwrap_or(0);
            let _ = write!(text, " {}", self.target(word as i32));
        }
    }
}

/// Returns the prefix of a register of a type's bank, before its number.
fn register(ty: Option<ValType>) -> &'static str {
    match ty {
        Some(ValType::F32) => "f32r",
        Some(ValType::F64) => "f64r",
        _ => "r",
    }
}
