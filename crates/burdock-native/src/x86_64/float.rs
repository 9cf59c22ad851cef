//! Floats. A result that is no number may have any payload, as the spec allows.

use super::{F32, F64, X86_64, asm, name, pointer};
use crate::isa::{Floats, Isa};
use crate::part::Part;
use burdock_ir::operation::{FloatBinary, FloatCompare, FloatToInt, FloatUnary, IntToFloat, Sign};
use burdock_ir::{BitField, Kind};
use std::fmt::Write;

/// Returns `s` or `d`, the last letter of mnemonics.
fn suffix(bits: u32) -> char {
    if bits == 64 { 'd' } else { 's' }
}

/// Returns a register of the bank for this width.
fn register(bits: u32, number: u8) -> String {
    let bank: &[u8] = if bits == 64 { &F64 } else { &F32 };
    format!("xmm{}", bank[usize::from(number)])
}

impl Floats for X86_64 {
    fn float_binary(&mut self, part: &Part, which: FloatBinary) {
        let bits = part.operand_bits();
        let a = self.float_in_register(part, part.kinds.a, part.a(), bits, "xmm15");
        let result = Self::float_result(part, bits);
        let mnemonic = match which {
            FloatBinary::Add => "add",
            FloatBinary::Sub => "sub",
            FloatBinary::Mul => "mul",
            FloatBinary::Div => "div",
            FloatBinary::Min | FloatBinary::Max => {
                let b = self.float_in_register(part, part.kinds.b, part.b(), bits, "xmm14");
                self.extremum(bits, which == FloatBinary::Min, &result, &a, &b);
                return self.set_float(part, bits, &result);
            }
            FloatBinary::Copysign => {
                let b = self.float_in_register(part, part.kinds.b, part.b(), bits, "xmm14");
                asm!(self, "vandps xmm14, {b}, [rip+sign{bits}]");
                asm!(self, "vandps xmm15, {a}, [rip+abs{bits}]");
                asm!(self, "vorps {result}, xmm15, xmm14");
                return self.set_float(part, bits, &result);
            }
        };
        let b = self.float_operand(part, part.kinds.b, part.b(), bits, "r10");
        asm!(self, "v{mnemonic}s{} {result}, {a}, {b}", suffix(bits));
        self.set_float(part, bits, &result);
    }

    fn float_compare(&mut self, part: &Part, which: FloatCompare) {
        use FloatCompare::{Eq, Ge, Gt, Le, Lt, Ne};
        let bits = part.operand_bits();
        let jumps = matches!(part.kinds.dst, Kind::JumpIf | Kind::JumpUnless);
        let s = suffix(bits);
        // "Above" is false for what is no number, "below" is not: so the greater one comes first.
        if let Lt | Le = which {
            let b = self.float_in_register(part, part.kinds.b, part.b(), bits, "xmm14");
            let a = self.float_operand(part, part.kinds.a, part.a(), bits, "r10");
            asm!(self, "vucomis{s} {b}, {a}");
        } else {
            let a = self.float_in_register(part, part.kinds.a, part.a(), bits, "xmm15");
            let b = self.float_operand(part, part.kinds.b, part.b(), bits, "r10");
            asm!(self, "vucomis{s} {a}, {b}");
        }
        if jumps {
            return self.jump_if_compared(part, which);
        }
        match which {
            Eq => asm!(self, "setnp al\nsete r10b\nand al, r10b"),
            Ne => asm!(self, "setp al\nsetne r10b\nor al, r10b"),
            Lt | Gt => asm!(self, "seta al"),
            Le | Ge => asm!(self, "setae al"),
        }
        let result = Self::int_result(part);
        asm!(self, "movzx {}, al", name(result, 32));
        self.set_int(part, result);
    }

    fn float_unary(&mut self, part: &Part, which: FloatUnary) {
        let (from, to) = (part.operand_bits(), part.result_bits());
        let s = suffix(to);
        let a = self.float_in_register(part, part.kinds.a, part.a(), from, "xmm15");
        let result = Self::float_result(part, to);
        match which {
            FloatUnary::Abs => asm!(self, "vandps {result}, {a}, [rip+abs{to}]"),
            FloatUnary::Neg => asm!(self, "vxorps {result}, {a}, [rip+sign{to}]"),
            FloatUnary::Ceil => asm!(self, "vrounds{s} {result}, {a}, {a}, 10"),
            FloatUnary::Floor => asm!(self, "vrounds{s} {result}, {a}, {a}, 9"),
            FloatUnary::Trunc => asm!(self, "vrounds{s} {result}, {a}, {a}, 11"),
            FloatUnary::Nearest => asm!(self, "vrounds{s} {result}, {a}, {a}, 8"),
            FloatUnary::Sqrt => asm!(self, "vsqrts{s} {result}, {a}, {a}"),
            FloatUnary::Demote => asm!(self, "vcvtsd2ss {result}, {a}, {a}"),
            FloatUnary::Promote => asm!(self, "vcvtss2sd {result}, {a}, {a}"),
            FloatUnary::CanonicalizeNan => {
                if a != result {
                    asm!(self, "vmovaps {result}, {a}");
                }
                let (nan, done) = (self.label(), self.label());
                asm!(self, "vucomis{s} {result}, {result}\njp .L{nan}\n.L{done}:");
                let constant = format!("{} [rip+nan{to}]", pointer(to));
                let _ = writeln!(
                    self.written.tail,
                    ".L{nan}:\nvmovs{s} {result}, {constant}\njmp .L{done}"
                );
            }
        }
        self.set_float(part, to, &result);
    }

    fn float_to_int(&mut self, part: &Part, which: FloatToInt) {
        let (from, to) = (part.operand_bits(), part.result_bits());
        let a = self.float_in_register(part, part.kinds.a, part.a(), from, "xmm15");
        match which {
            FloatToInt::Reinterpret => {
                let result = Self::int_result(part);
                let width = if to == 64 { 'q' } else { 'd' };
                asm!(self, "vmov{width} {}, {a}", name(result, to));
                self.set_int(part, result);
            }
            FloatToInt::Trunc(sign) => self.truncate(part, &a, sign, false),
            FloatToInt::TruncSat(sign) => self.truncate(part, &a, sign, true),
        }
    }

    fn int_to_float(&mut self, part: &Part, which: IntToFloat) {
        let (from, to) = (part.operand_bits(), part.result_bits());
        let result = Self::float_result(part, to);
        match (which, from) {
            (IntToFloat::Reinterpret, _) => {
                let a = self.int_in_register(part, part.kinds.a, part.a(), from, "rax");
                asm!(self, "vmov{} {result}, {a}", if to == 64 { 'q' } else { 'd' });
            }
            (IntToFloat::Convert(Sign::Unsigned), 64) => {
                asm!(self, "vxorps xmm14, xmm14, xmm14");
                self.convert_u64(part, to, &result);
            }
            (IntToFloat::Convert(sign), _) => {
                asm!(self, "vxorps xmm14, xmm14, xmm14");
                // Unsigned numbers of 32 bits are signed ones of 64, zero-extended as they are.
                let read = if sign == Sign::Unsigned { 64 } else { from };
                let a = self.int_operand(part, part.kinds.a, part.a(), read, "rax");
                asm!(self, "vcvtsi2s{} {result}, xmm14, {a}", suffix(to));
            }
        }
        self.set_float(part, to, &result);
    }

    fn float_copy(&mut self, part: &Part) {
        let bits = part.operand_bits();
        match (part.kinds.dst, part.kinds.a) {
            (Kind::Slot, _) => {
                let from = register(bits, part.register(part.a()));
                self.set_float(part, bits, &from);
            }
            (_, Kind::Reg) => {
                let [to, from] =
                    [part.dst(), part.a()].map(|field| register(bits, part.register(field)));
                asm!(self, "vmovaps {to}, {from}");
            }
            (_, kind) => {
                let from = self.float_operand(part, kind, part.a(), bits, "rax");
                asm!(
                    self,
                    "vmovs{} {}, {from}",
                    suffix(bits),
                    register(bits, part.register(part.dst()))
                );
            }
        }
    }
}

impl X86_64 {
    /// Returns a float operand: a register, or a place in memory for which `scratch` is used.
    fn float_operand(
        &mut self,
        part: &Part,
        kind: Kind,
        field: BitField,
        bits: u32,
        scratch: &str,
    ) -> String {
        match kind {
            Kind::Reg => register(bits, part.register(field)),
            Kind::Imm => Self::field(part, field),
            _ => self.slot(part, field, scratch, bits),
        }
    }

    /// Returns a float operand in a register: its own, or `xmm`.
    fn float_in_register(
        &mut self,
        part: &Part,
        kind: Kind,
        field: BitField,
        bits: u32,
        xmm: &str,
    ) -> String {
        let operand = self.float_operand(part, kind, field, bits, "rax");
        if operand.contains('[') {
            asm!(self, "vmovs{} {xmm}, {operand}", suffix(bits));
            return xmm.into();
        }
        operand
    }

    /// Returns the register in which a float result is computed.
    fn float_result(part: &Part, bits: u32) -> String {
        match part.kinds.dst {
            Kind::Reg => register(bits, part.register(part.dst())),
            Kind::Both => register(bits, 0),
            _ => "xmm15".into(),
        }
    }

    /// Writes a float result that was computed in `xmm` to its slot, if it has one.
    pub(super) fn set_float(&mut self, part: &Part, bits: u32, xmm: &str) {
        if part.kinds.dst == Kind::Reg {
            return;
        }
        let slot = self.slot(part, part.dst(), "r11", 64);
        match bits {
            64 => asm!(self, "vmovsd {slot}, {xmm}"),
            _ => asm!(self, "vmovd eax, {xmm}\nmov {slot}, rax"),
        }
    }

    /// Computes `min` or `max`: the processor's treat NaN and the sign of zero differently.
    fn extremum(&mut self, bits: u32, min: bool, result: &str, a: &str, b: &str) {
        let (s, differ, done) = (suffix(bits), self.label(), self.label());
        asm!(self, "vucomis{s} {a}, {b}\njne .L{differ}\njp .L{differ}");
        // Equal: the same but for the sign of zero.
        asm!(self, "v{}ps {result}, {a}, {b}\n.L{done}:", if min { "or" } else { "and" });
        let nan = self.label();
        let which = if min { "min" } else { "max" };
        let _ = write!(
            self.written.tail,
            ".L{differ}:\njp .L{nan}\nv{which}s{s} {result}, {a}, {b}\njmp .L{done}\n\
             .L{nan}:\nvadds{s} {result}, {a}, {b}\njmp .L{done}\n"
        );
    }

    /// Jumps on the outcome of a comparison.
    fn jump_if_compared(&mut self, part: &Part, which: FloatCompare) {
        use FloatCompare::{Eq, Ge, Gt, Le, Lt, Ne};
        let unless = part.kinds.dst == Kind::JumpUnless;
        match (which, unless) {
            (Eq, false) | (Ne, true) => {
                let not = self.label();
                asm!(self, "jp .L{not}");
                self.jump_if(part, &["e"]);
                asm!(self, ".L{not}:");
            }
            (Eq, true) | (Ne, false) => self.jump_if(part, &["p", "ne"]),
            (Lt | Gt, false) => self.jump_if(part, &["a"]),
            (Lt | Gt, true) => self.jump_if(part, &["be"]),
            (Le | Ge, false) => self.jump_if(part, &["ae"]),
            (Le | Ge, true) => self.jump_if(part, &["b"]),
        }
    }

    /// Converts an unsigned number of 64 bits. A number with the highest bit set is halved before
    /// and doubled after the conversion; the bit that is lost stays in the lowest one, for
    /// rounding.
    fn convert_u64(&mut self, part: &Part, to: u32, result: &str) {
        let (s, high, done) = (suffix(to), self.label(), self.label());
        let a = self.int_in_register(part, part.kinds.a, part.a(), 64, "rax");
        asm!(self, "test {a}, {a}\njs .L{high}\nvcvtsi2s{s} {result}, xmm14, {a}\n.L{done}:");
        let _ = write!(
            self.written.tail,
            ".L{high}:\nmov r10, {a}\nmov r11, {a}\nshr r10, 1\nand r11d, 1\nor r10, r11\n\
             vcvtsi2s{s} {result}, xmm14, r10\nvadds{s} {result}, {result}, {result}\njmp .L{done}\n"
        );
    }

    /// Truncates the float in `a`.
    fn truncate(&mut self, part: &Part, a: &str, sign: Sign, saturates: bool) {
        let (s, to, signed) =
            (suffix(part.operand_bits()), part.result_bits(), sign == Sign::Signed);
        let (seldom, done) = (self.label(), self.label());
        asm!(self, "vcvtts{s}2si rax, {a}");
        match (to, signed) {
            (64, false) => asm!(self, "test rax, rax\njs .L{seldom}"),
            // What does not fit gives the least number, from which 1 can't be taken.
            (64, _) => asm!(self, "cmp rax, 1\njo .L{seldom}"),
            (_, true) => asm!(self, "movsxd r10, eax\ncmp r10, rax\njne .L{seldom}\nmov eax, eax"),
            _ => asm!(self, "mov r10d, eax\ncmp r10, rax\njne .L{seldom}"),
        }
        asm!(self, ".L{done}:");
        self.set_int(part, "rax");
        self.behind(seldom, |isa| {
            if (to, signed) == (64, false) {
                isa.upper_half(a, s, done);
            }
            match saturates {
                true => isa.saturate(a, s, to, signed, done),
                false => isa.trap_unless_it_fits(part, a, s, (to, signed), done),
            }
        });
    }

    /// Converts numbers from 2^63 to 2^64: less 2^63 they fit, and `rax` has the highest bit alone.
    fn upper_half(&mut self, a: &str, s: char, done: usize) {
        let bits = match s {
            'd' => (2.0_f64.powi(63)).to_bits(),
            _ => u64::from(2.0_f32.powi(63).to_bits()),
        };
        let other = self.label();
        asm!(self, "movabs r10, {bits}\nvmovq xmm14, r10\nvsubs{s} xmm14, {a}, xmm14");
        asm!(self, "vcvtts{s}2si r10, xmm14\ntest r10, r10\njs .L{other}");
        asm!(self, "xor rax, r10\njmp .L{done}\n.L{other}:");
    }

    /// Computes the nearest number of the integer type.
    fn saturate(&mut self, a: &str, s: char, to: u32, signed: bool, done: usize) {
        let (least, greatest) = match (to, signed) {
            (64, false) => (0, -1),
            (64, _) => (i64::MIN, i64::MAX),
            (_, true) => (i64::from(i32::MIN as u32), i64::from(i32::MAX)),
            _ => (0, i64::from(u32::MAX)),
        };
        let (nan, below) = (self.label(), self.label());
        asm!(self, "vxorps xmm14, xmm14, xmm14\nvucomis{s} {a}, xmm14\njp .L{nan}\njb .L{below}");
        asm!(self, "movabs rax, {greatest}\njmp .L{done}");
        asm!(self, ".L{below}:\nmovabs rax, {least}\njmp .L{done}");
        asm!(self, ".L{nan}:\nxor eax, eax\njmp .L{done}");
    }

    /// Traps, except for the least signed number of 64 bits, which fits.
    fn trap_unless_it_fits(
        &mut self,
        part: &Part,
        a: &str,
        s: char,
        integer: (u32, bool),
        done: usize,
    ) {
        let nan = self.label();
        asm!(self, "vucomis{s} {a}, {a}\njp .L{nan}");
        if integer == (64, true) {
            let bits = match s {
                'd' => (i64::MIN as f64).to_bits(),
                _ => u64::from((i64::MIN as f32).to_bits()),
            };
            asm!(self, "movabs r10, {bits}\nvmovq xmm14, r10\nvucomis{s} {a}, xmm14\nje .L{done}");
        }
        let back = part.position * 8;
        asm!(self, "add rdi, {back}\njmp trap_overflow\n.L{nan}:\nadd rdi, {back}\njmp trap_nan");
    }

    /// Loads a float from the address in `rax`.
    pub(super) fn load_float(&mut self, part: &Part, bits: u32, place: &str) {
        let result = Self::float_result(part, bits);
        asm!(self, "vmovs{} {result}, {place}", suffix(bits));
        self.set_float(part, bits, &result);
    }

    /// Stores a float.
    pub(super) fn store_float(&mut self, part: &Part, bits: u32, place: &str) {
        let value = match part.kinds.b {
            Kind::Reg => register(bits, part.register(part.b())),
            _ => {
                let slot = self.slot(part, part.b(), "r11", bits);
                asm!(self, "vmovs{} xmm15, {slot}", suffix(bits));
                "xmm15".into()
            }
        };
        asm!(self, "vmovs{} {place}, {value}", suffix(bits));
    }
}
