//! Fields and elements of objects, and casts.
//!
//! Offsets in the heap are computed in 32 bits, so that none leads out of the heap's addresses.

use super::{X86_64, asm, name, pointer};
use crate::isa::{Isa, Objects};
use crate::part::{Part, is_float};
use burdock_ir::control::{ArrayFillNew, ArrayGetV128, ArraySetV128, StructGetV128, StructSetV128};
use burdock_ir::operands::{CastLayout, NewLayout};
use burdock_ir::operation::{Cast, Load, New, ObjectStore};
use burdock_ir::{BitField, Kind, Meaning, ReferenceClass};

impl Objects for X86_64 {
    /// Brings the offset of a field to `rax`, and the address of offset 0 to `r10`.
    fn field_address(&mut self, part: &Part) {
        let object = self.object(part, part.kinds.a, part.a());
        let at = Self::field(part, part.offset());
        match object {
            "rax" => asm!(self, "add eax, {at}"),
            _ => asm!(self, "mov eax, {at}\nadd eax, {}", name(object, 32)),
        }
    }

    /// Brings the offset of an element of `size` bytes to `rax`, and the address of offset 0 to
    /// `r10`. Traps if the array has no such element.
    fn element_address(&mut self, part: &Part, [array, index]: [(Kind, BitField); 2], size: u32) {
        let array = self.object(part, array.0, array.1);
        let index = match index {
            (Kind::Reg, field) => Self::int(part, field),
            (Kind::Imm, field) if field.width == 16 => {
                asm!(self, "movsx r11d, {}", Self::field(part, field));
                "r11"
            }
            (kind, field) => {
                let place = self.int_operand(part, kind, field, 32, "r11");
                asm!(self, "mov r11d, {place}");
                "r11"
            }
        };
        asm!(self, "cmp {}, dword ptr [r10+{array}+4]", name(index, 32));
        self.trap_if(part, "ae", "array");
        match size {
            // No address has this factor; the index of a vector is in `r11`.
            16 => asm!(self, "shl {index}, 4\nlea eax, [{array}+{index}+{{header}}]"),
            _ => asm!(self, "lea eax, [{array}+{index}*{size}+{{header}}]"),
        }
    }

    fn load_member(&mut self, part: &Part, which: Load) {
        self.load_from(part, which, "r10+rax");
    }

    /// Writes the value of the instruction at offset `rax` of the heap at `r10`.
    fn store_member(&mut self, part: &Part, which: ObjectStore) {
        let bits = which.bits(part.operand_bits());
        let place = format!("{} [r10+rax]", pointer(bits));
        if is_float(part.meaning.row().operand) {
            return self.store_float(part, bits, &place);
        }
        let value = self.stored_int(part);
        asm!(self, "mov {place}, {}", name(value, bits));
        if which == ObjectStore::Reference {
            asm!(self, "mov r10, [r8+{{cards}}]\nmov r11, [r8+{{card_groups}}]");
            asm!(self, "shr eax, {{card_shift}}\nmov byte ptr [r10+rax], 1");
            asm!(self, "shr eax, {{group_shift}}\nmov byte ptr [r11+rax], 1");
        }
    }

    fn new_object(&mut self, part: &Part, which: New) {
        let slow = self.label();
        match which {
            New::Struct => {
                asm!(self, "movzx r11d, {}", Self::field(part, NewLayout::STRUCT.size));
                asm!(self, "mov eax, dword ptr [r8+{{cursor}}]\nlea r11d, [rax+r11*8]");
                self.advance_cursor(slow);
                self.runtime_type(part, NewLayout::STRUCT.ty);
                asm!(self, "mov r11, [r8+{{heap}}]\nmov [r11+rax], r10");
                self.set_int(part, "rax");
                self.leave_at(slow, part, "slow_struct_new");
            }
            New::Array => {
                self.array_len(part);
                asm!(self, "cmp r11d, {{short_array}}\nja .L{slow}");
                asm!(self, "movzx r10d, {}", Self::field(part, NewLayout::ARRAY.size));
                asm!(self, "shlx r11d, r11d, r10d\nadd r11d, {{around_elements}}\nand r11d, -8");
                asm!(self, "mov eax, dword ptr [r8+{{cursor}}]\nadd r11d, eax");
                self.advance_cursor(slow);
                self.runtime_type(part, NewLayout::ARRAY.ty);
                self.array_len(part);
                asm!(self, "shl r11, 32\nor r10, r11\nmov r11, [r8+{{heap}}]");
                asm!(self, "mov [r11+rax], r10");
                self.set_slot(part);
                let constant = part.kinds.a == Kind::Imm;
                self.leave_at(
                    slow,
                    part,
                    if constant { "slow_array_new_constant" } else { "slow_array_new" },
                );
            }
        }
    }

    fn fill_new_array(&mut self, part: &Part) {
        let (more, done) = (self.label(), self.label());
        let value = self.slot(part, ArrayFillNew::value(), "rax", 64);
        let unused = Self::field(part, ArrayFillNew::unused_bits());
        asm!(self, "mov rax, {value}\nmovzx r11d, {unused}");
        asm!(self, "shlx rax, rax, r11\nshrx rax, rax, r11");
        asm!(self, "imul rax, {}", Self::field(part, ArrayFillNew::multiplier()));
        asm!(self, "vmovq xmm14, rax");
        let array = self.slot(part, ArrayFillNew::array(), "rax", 32);
        asm!(self, "mov eax, {array}\nmov r10, [r8+{{heap}}]\nmov r11d, dword ptr [r10+rax+4]");
        asm!(self, "movzx r10d, {}", Self::field(part, ArrayFillNew::log2_size()));
        asm!(self, "shlx r11d, r11d, r10d\nadd r11d, 7\nand r11d, -8");
        asm!(self, "add eax, {{header}}\nadd r11d, eax\nmov r10, [r8+{{heap}}]");
        asm!(self, "cmp eax, r11d\njae .L{done}\n.L{more}:");
        asm!(self, "vmovq qword ptr [r10+rax], xmm14\nadd eax, 8");
        asm!(self, "cmp eax, r11d\njb .L{more}\n.L{done}:");
    }

    fn vector_member(&mut self, part: &Part) {
        match part.meaning {
            Meaning::StructSetV128 => self.read_vector(part, StructSetV128::value(), "xmm14"),
            Meaning::ArraySetV128 => self.read_vector(part, ArraySetV128::value(), "xmm14"),
            _ => {}
        }
        match part.meaning {
            Meaning::StructGetV128 | Meaning::StructSetV128 => {
                let (object, at) = match part.meaning {
                    Meaning::StructGetV128 => (StructGetV128::object(), StructGetV128::at()),
                    _ => (StructSetV128::object(), StructSetV128::at()),
                };
                self.object(part, Kind::Slot, object);
                asm!(self, "add eax, {}", Self::field(part, at));
            }
            meaning => {
                let places = match meaning {
                    Meaning::ArrayGetV128 => [ArrayGetV128::array(), ArrayGetV128::index()],
                    _ => [ArraySetV128::array(), ArraySetV128::index()],
                };
                self.element_address(part, places.map(|field| (Kind::Slot, field)), 16);
            }
        }
        match part.meaning {
            Meaning::StructGetV128 | Meaning::ArrayGetV128 => {
                asm!(self, "vmovdqu xmm15, xmmword ptr [r10+rax]");
                self.set_vector(part);
            }
            _ => asm!(self, "vmovdqu xmmword ptr [r10+rax], xmm14"),
        }
    }

    fn cast_test(&mut self, part: &Part, which: Cast) {
        let [is, is_not] = self.compare_type(part, which);
        match part.kinds.dst {
            Kind::JumpIf => self.jump_if(part, &[is]),
            Kind::JumpUnless => self.jump_if(part, &[is_not]),
            _ => self.set_condition(part, is),
        }
    }

    fn cast(&mut self, part: &Part, which: Cast) {
        let [_, is_not] = self.compare_type(part, which);
        self.trap_if(part, is_not, "cast");
    }
}

impl X86_64 {
    /// Brings an object's offset, which is not null, to a register, its own or `rax`, and the
    /// address of offset 0 to `r10`.
    fn object(&mut self, part: &Part, kind: Kind, field: BitField) -> &'static str {
        let object = match kind {
            Kind::Reg => Self::int(part, field),
            _ => {
                let slot = self.slot(part, field, "rax", 32);
                asm!(self, "mov eax, {slot}");
                "rax"
            }
        };
        let low = name(object, 32);
        asm!(self, "test {low}, {low}");
        self.trap_if(part, "z", "null");
        asm!(self, "mov r10, [r8+{{heap}}]");
        object
    }

    /// Brings the length of a new array to `r11`.
    fn array_len(&mut self, part: &Part) {
        let place = match part.kinds.a {
            Kind::Imm => return asm!(self, "movzx r11d, {}", Self::field(part, part.a())),
            _ => self.slot(part, part.a(), "r11", 32),
        };
        asm!(self, "mov r11d, {place}");
    }

    /// Makes `r11` the offset at which the next object begins, or takes the slow path if the
    /// current run ends before.
    fn advance_cursor(&mut self, slow: usize) {
        asm!(self, "cmp r11d, dword ptr [r8+{{limit}}]\nja .L{slow}");
        asm!(self, "mov dword ptr [r8+{{cursor}}], r11d");
    }

    /// Brings the store's number of a type of the module to `r10`; uses `r11`.
    fn runtime_type(&mut self, part: &Part, ty: BitField) {
        asm!(self, "mov r10, [r8+{{instance}}]\nmov r10, [r10+{{runtime_types}}]");
        asm!(self, "mov r11d, {}\nmov r10d, dword ptr [r10+r11*4]", Self::field(part, ty));
    }

    /// Brings the store's number of the type of a reference's object to `r10`, or jumps to a label
    /// if the reference is to none. Returns the register of the reference.
    fn object_type(&mut self, part: &Part, no_object: usize) -> String {
        let reference = self.int_in_register(part, part.kinds.a, part.a(), 64, "rax");
        // Objects have even offsets, from the first one of the heap on. Null, an `i31` and
        // numbers below that are greater after this.
        asm!(self, "lea r10, [{reference}-{{first}}]\nror r10, 1\ncmp r10, {{objects}}");
        asm!(
            self,
            "jae .L{no_object}\nmov r10, [r8+{{heap}}]\nmov r10d, dword ptr [r10+{reference}]"
        );
        reference
    }

    /// Compares a reference with the type that the instruction names. Returns the conditions that
    /// the reference is of the type, and that it is not.
    fn compare_type(&mut self, part: &Part, which: Cast) -> [&'static str; 2] {
        let CastLayout { ty, depth, nullable } = CastLayout::PLACES;
        let (no_object, compared) = (self.label(), self.label());
        let reference = self.object_type(part, no_object);
        if which == Cast::Class {
            asm!(self, "shl r10, {{row_shift}}\nadd r10, [r8+{{rows}}]");
            asm!(self, "movzx r10d, byte ptr [r10+{{kind}}]\n.L{compared}:");
            self.behind(no_object, |isa| {
                // The class of null is behind that of an `i31`.
                asm!(isa, "xor r10d, r10d\ntest {reference}, {reference}\nsete r10b");
                asm!(isa, "add r10d, {}\njmp .L{compared}", ReferenceClass::I31 as u8);
            });
            asm!(self, "shrx eax, {}, r10d\nand eax, 1", Self::field(part, ty));
            return ["ne", "e"];
        }
        asm!(self, "mov r11, [r8+{{instance}}]\nmov r11, [r11+{{runtime_types}}]");
        self.behind(no_object, |isa| {
            // Equal if the reference and the field minus 1 have no bit.
            let nullable = Self::field(part, nullable);
            asm!(isa, "movzx r10d, {nullable}\ndec r10\nor r10, {reference}\njmp .L{compared}");
        });
        asm!(self, "mov eax, {}", Self::field(part, ty));
        match which {
            Cast::Exact => asm!(self, "cmp r10d, dword ptr [r11+rax*4]\n.L{compared}:"),
            Cast::Sub => {
                asm!(self, "shl r10, {{row_shift}}\nadd r10, [r8+{{rows}}]");
                asm!(self, "mov r11d, dword ptr [r11+rax*4]");
                asm!(self, "movzx eax, {}", Self::field(part, depth));
                asm!(self, "cmp r11d, dword ptr [r10+rax*4+{{supertypes}}]\n.L{compared}:");
            }
            Cast::Class => unreachable!("compared above"),
        }
        ["e", "ne"]
    }
}
