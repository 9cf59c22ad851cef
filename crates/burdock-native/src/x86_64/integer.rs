//! Integers: arithmetic, comparisons, conversions, moves.

use super::{X86_64, asm, name};
use crate::isa::{Integers, Isa};
use crate::part::Part;
use burdock_ir::Kind;
use burdock_ir::operation::{IntBinary, IntCompare, IntTest, IntUnary, Sign};

/// Returns the condition of an integer comparison.
fn condition(which: IntCompare) -> &'static str {
    match which {
        IntCompare::Eq => "e",
        IntCompare::Ne => "ne",
        IntCompare::LtS => "l",
        IntCompare::LtU => "b",
        IntCompare::GtS => "g",
        IntCompare::GtU => "a",
        IntCompare::LeS => "le",
        IntCompare::LeU => "be",
        IntCompare::GeS => "ge",
        IntCompare::GeU => "ae",
    }
}

impl Integers for X86_64 {
    fn int_binary(&mut self, part: &Part, which: IntBinary) {
        use Sign::{Signed, Unsigned};
        match which {
            IntBinary::Add => self.add(part),
            IntBinary::Mul => self.two_address(part, "imul", true),
            IntBinary::And => self.two_address(part, "and", true),
            IntBinary::Or => self.two_address(part, "or", true),
            IntBinary::Xor => self.two_address(part, "xor", true),
            IntBinary::Sub => self.two_address(part, "sub", false),
            IntBinary::Shl => self.shift(part, "shlx"),
            IntBinary::ShrS => self.shift(part, "sarx"),
            IntBinary::ShrU => self.shift(part, "shrx"),
            IntBinary::Rotl => self.rotate(part, "rol"),
            IntBinary::Rotr => self.rotate(part, "ror"),
            IntBinary::DivS => self.divide(part, Signed, false),
            IntBinary::DivU => self.divide(part, Unsigned, false),
            IntBinary::RemS => self.divide(part, Signed, true),
            IntBinary::RemU => self.divide(part, Unsigned, true),
        }
    }

    fn int_compare(&mut self, part: &Part, which: IntCompare) {
        let (a, b) = self.compared(part);
        asm!(self, "cmp {a}, {b}");
        self.set_condition(part, condition(which));
    }

    fn int_test(&mut self, part: &Part, which: IntTest) {
        let (a, b) = self.compared(part);
        // `test` takes a place in memory as its first operand only.
        match b.contains('[') {
            true => asm!(self, "test {b}, {a}"),
            false => asm!(self, "test {a}, {b}"),
        }
        self.set_condition(
            part,
            match which {
                IntTest::Nz => "ne",
                IntTest::Z => "e",
            },
        );
    }

    fn int_unary(&mut self, part: &Part, which: IntUnary) {
        match which {
            IntUnary::NonNull => return self.non_null(part),
            IntUnary::I31 => return self.i31(part),
            IntUnary::I31Get(sign) => return self.i31_get(part, sign),
            _ => {}
        }
        let (operand, result) = (part.operand_bits(), part.result_bits());
        let (mnemonic, from, to) = match which {
            IntUnary::Clz => ("lzcnt", operand, result),
            IntUnary::Ctz => ("tzcnt", operand, result),
            IntUnary::Popcnt => ("popcnt", operand, result),
            IntUnary::Wrap
            | IntUnary::Extend32U
            | IntUnary::NonNull
            | IntUnary::I31
            | IntUnary::I31Get(_) => ("mov", 32, 32),
            IntUnary::Extend8S => ("movsx", 8, result),
            IntUnary::Extend16S => ("movsx", 16, result),
            IntUnary::Extend32S => ("movsxd", 32, result),
        };
        let a = self.int_operand(part, part.kinds.a, part.a(), from, "rax");
        let result = Self::int_result(part);
        asm!(self, "{mnemonic} {}, {a}", name(result, to));
        self.set_int(part, result);
    }

    fn int_copy(&mut self, part: &Part) {
        match (part.kinds.dst, part.kinds.a) {
            (Kind::Slot, _) => self.set_int(part, Self::int(part, part.a())),
            (_, Kind::Imm) => {
                let result = Self::int(part, part.dst());
                asm!(self, "movsxd {result}, {}", Self::field(part, part.a()));
            }
            (_, kind) => {
                let from = self.int_operand(part, kind, part.a(), 64, "rax");
                asm!(self, "mov {}, {from}", Self::int(part, part.dst()));
            }
        }
    }
}

impl X86_64 {
    /// Copies a reference, or traps if it is null.
    fn non_null(&mut self, part: &Part) {
        let a = self.int_in_register(part, part.kinds.a, part.a(), 64, "rax");
        asm!(self, "test {a}, {a}");
        self.trap_if(part, "z", "null");
        let result = Self::int_result(part);
        if result != a {
            asm!(self, "mov {result}, {a}");
        }
        self.set_int(part, result);
    }

    /// Makes the lower 31 bits of an integer a reference.
    fn i31(&mut self, part: &Part) {
        let result = Self::int_result(part);
        let from = match part.kinds.a {
            Kind::Reg => Self::int(part, part.a()),
            _ => {
                let slot = self.slot(part, part.a(), "rax", 32);
                asm!(self, "mov eax, {slot}");
                "rax"
            }
        };
        asm!(self, "lea {}, [{from}+{from}+1]", name(result, 32));
        self.set_int(part, result);
    }

    /// Reads the integer of an `i31`, or traps if the reference is null.
    fn i31_get(&mut self, part: &Part, sign: Sign) {
        let a = self.int_operand(part, part.kinds.a, part.a(), 32, "rax");
        asm!(self, "mov eax, {a}");
        let shift = if sign == Sign::Signed { "sar" } else { "shr" };
        asm!(self, "{shift} eax, 1");
        // The bit that was shifted out.
        self.trap_if(part, "nc", "null");
        let result = Self::int_result(part);
        if result != "rax" {
            asm!(self, "mov {}, eax", name(result, 32));
        }
        self.set_int(part, result);
    }

    /// Brings the operands of a comparison to where an instruction takes them.
    fn compared(&mut self, part: &Part) -> (String, String) {
        let bits = part.operand_bits();
        let jumps = part.kinds.dst == Kind::JumpIf;
        let mut a = self.int_operand(part, part.kinds.a, part.a(), bits, "rax");
        let b = match part.kinds.b {
            Kind::Imm if jumps => {
                let short = Self::field(part, part.b());
                asm!(self, "movsx {}, {short}", name("r10", bits));
                name("r10", bits)
            }
            kind => self.int_operand(part, kind, part.b(), bits, "r10"),
        };
        if a.contains('[') && b.contains('[') {
            asm!(self, "mov {}, {a}", name("rax", bits));
            a = name("rax", bits);
        }
        (a, b)
    }

    /// Writes what becomes of a comparison's condition: a value, or a jump.
    pub(super) fn set_condition(&mut self, part: &Part, condition: &str) {
        if part.kinds.dst == Kind::JumpIf {
            return self.jump_if(part, &[condition]);
        }
        let result = Self::int_result(part);
        asm!(self, "set{condition} al\nmovzx {}, al", name(result, 32));
        self.set_int(part, result);
    }

    fn add(&mut self, part: &Part) {
        let bits = part.operand_bits();
        let kinds = part.kinds;
        if (kinds.a, kinds.b) == (Kind::Reg, Kind::Reg) {
            let result = Self::int_result(part);
            let (a, b) = (Self::int(part, part.a()), Self::int(part, part.b()));
            if result != a && result != b {
                asm!(self, "lea {}, [{a}+{b}]", name(result, bits));
                return self.set_int(part, result);
            }
        }
        self.two_address(part, "add", true);
    }

    fn two_address(&mut self, part: &Part, mnemonic: &str, commutes: bool) {
        let bits = part.operand_bits();
        let mut a = self.int_operand(part, part.kinds.a, part.a(), bits, "rax");
        let mut b = self.int_operand(part, part.kinds.b, part.b(), bits, "r10");
        let result = Self::int_result(part);
        let target = name(result, bits);
        if commutes && b == target && a != target {
            core::mem::swap(&mut a, &mut b);
        }
        // The result's register may be the second operand as well.
        let work = if b == target && a != target { "rax" } else { result };
        let target = name(work, bits);
        if a != target {
            asm!(self, "mov {target}, {a}");
        }
        asm!(self, "{mnemonic} {target}, {b}");
        self.set_int(part, work);
    }

    fn shift(&mut self, part: &Part, mnemonic: &str) {
        let bits = part.operand_bits();
        let count = match part.kinds.b {
            Kind::Imm => {
                asm!(self, "mov r10d, {}", Self::field(part, part.b()));
                name("r10", bits)
            }
            kind => self.int_in_register(part, kind, part.b(), bits, "r10"),
        };
        let a = self.int_operand(part, part.kinds.a, part.a(), bits, "rax");
        let result = Self::int_result(part);
        asm!(self, "{mnemonic} {}, {a}, {count}", name(result, bits));
        self.set_int(part, result);
    }

    fn rotate(&mut self, part: &Part, mnemonic: &str) {
        let bits = part.operand_bits();
        let count = match part.kinds.b {
            Kind::Imm => Self::field(part, part.b()),
            kind => self.int_operand(part, kind, part.b(), 32, "r10"),
        };
        asm!(self, "mov r11, rcx\nmov ecx, {count}");
        let a = self.int_operand(part, part.kinds.a, part.a(), bits, "rax");
        let work = name("rax", bits);
        asm!(self, "mov {work}, {a}\n{mnemonic} {work}, cl\nmov rcx, r11");
        self.set_int(part, "rax");
    }

    fn divide(&mut self, part: &Part, sign: Sign, remainder: bool) {
        if part.kinds.b == Kind::Imm {
            return self.divide_by_constant(part, sign, remainder);
        }
        let bits = part.operand_bits();
        let b = self.int_in_register(part, part.kinds.b, part.b(), bits, "r10");
        let (ax, dx) = (name("rax", bits), name("rdx", bits));
        let a = self.int_operand(part, part.kinds.a, part.a(), bits, "rax");
        asm!(self, "mov {ax}, {a}\ntest {b}, {b}");
        self.trap_if(part, "z", "zero");
        let done = self.label();
        if sign == Sign::Signed {
            // The least number by -1 does not fit; the processor would fault.
            let special = self.label();
            asm!(self, "cmp {b}, -1\nje .L{special}");
            self.behind(special, |isa| match remainder {
                false => {
                    asm!(isa, "neg {ax}");
                    let overflow = isa.label();
                    asm!(isa, "jo .L{overflow}\njmp .L{done}\n.L{overflow}:");
                    asm!(isa, "add rdi, {}\njmp trap_overflow", part.position * 8);
                }
                true => asm!(isa, "xor eax, eax\njmp .L{done}"),
            });
            asm!(self, "mov r11, rdx\n{}\nidiv {b}", if bits == 64 { "cqo" } else { "cdq" });
        } else {
            asm!(self, "mov r11, rdx\nxor edx, edx\ndiv {b}");
        }
        if remainder {
            asm!(self, "mov {ax}, {dx}");
        }
        asm!(self, "mov rdx, r11\n.L{done}:");
        self.set_int(part, "rax");
    }

    /// Divides by a constant, as the equations of `burdock_ir::reciprocal` say.
    fn divide_by_constant(&mut self, part: &Part, sign: Sign, remainder: bool) {
        let bits = part.operand_bits();
        let a = self.int_operand(part, part.kinds.a, part.a(), bits, "rax");
        match (bits, sign) {
            (32, Sign::Signed) => asm!(self, "movsxd rax, {a}"),
            _ => asm!(self, "mov {}, {a}", name("rax", bits)),
        }
        let multiply = if sign == Sign::Signed { "imul" } else { "mul" };
        asm!(self, "mov r10, rax\nmov r11, rdx");
        asm!(self, "{multiply} {}", Self::field(part, part.reciprocal()));
        let divisor = Self::field(part, part.b());
        if bits == 64 {
            match sign {
                Sign::Signed => asm!(self, "add rdx, r10"),
                Sign::Unsigned => {
                    asm!(self, "mov rax, r10\nsub rax, rdx\nshr rax, 1\nadd rdx, rax");
                }
            }
            let shift = if sign == Sign::Signed { "sarx" } else { "shrx" };
            asm!(self, "mov eax, {divisor}\ndec eax\nlzcnt eax, eax\nxor eax, 31");
            asm!(self, "{shift} rdx, rdx, rax");
        }
        let [ax, dx, dividend] = ["rax", "rdx", "r10"].map(|register| name(register, bits));
        if sign == Sign::Signed {
            asm!(self, "mov {ax}, {dividend}\nshr {ax}, {}\nadd {dx}, {ax}", bits - 1);
        }
        match (remainder, bits) {
            (false, _) => asm!(self, "mov {ax}, {dx}"),
            (true, 32) => asm!(self, "imul edx, {divisor}\nmov eax, r10d\nsub eax, edx"),
            (true, _) => {
                asm!(self, "movsxd rax, {divisor}\nimul rdx, rax\nmov rax, r10\nsub rax, rdx");
            }
        }
        asm!(self, "mov rdx, r11");
        self.set_int(part, "rax");
    }
}
