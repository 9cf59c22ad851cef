//! Fields and elements of objects, and casts.
//!
//! Offsets in the heap are computed in 32 bits, so that none leads out of the heap's addresses.

use super::{AArch64, asm, int};
use crate::isa::{Isa, Objects};
use crate::part::Part;
use burdock_ir::control::{ArrayFillNew, ArrayGetV128, ArraySetV128, StructGetV128, StructSetV128};
use burdock_ir::operands::{CastLayout, NewLayout};
use burdock_ir::operation::{Cast, Load, New, ObjectStore};
use burdock_ir::{BitField, Kind, Meaning, ReferenceClass};

impl Objects for AArch64 {
    /// Brings the offset of a field to `x8`, and the address of offset 0 to `x9`.
    fn field_address(&mut self, part: &Part) {
        let object = self.object(part, part.kinds.a, part.a());
        asm!(self, "ldr w10, {}\nadd w8, w{object}, w10", Self::field(part, part.offset()));
    }

    /// Brings the offset of an element of `size` bytes to `x8`, and the address of offset 0 to
    /// `x9`. Traps if the array has no such element.
    fn element_address(&mut self, part: &Part, [array, index]: [(Kind, BitField); 2], size: u32) {
        let array = self.object(part, array.0, array.1);
        let index = match index {
            (Kind::Imm, field) if field.width == 16 => {
                asm!(self, "ldrsh w10, {}", Self::field(part, field));
                "w10".into()
            }
            (kind, field) => self.int_operand(part, kind, field, 32, 10),
        };
        asm!(self, "add x11, x9, x{array}\nldr w11, [x11, #4]\ncmp {index}, w11");
        self.trap_if(part, "b.hs", "array");
        asm!(self, "add w8, w{array}, {index}, lsl #{}", size.ilog2());
        asm!(self, "add w8, w8, #{{header}}");
    }

    fn load_member(&mut self, part: &Part, which: Load) {
        self.load_from(part, which, "x9");
    }

    /// Writes the value of the instruction at offset `x8` of the heap at `x9`.
    fn store_member(&mut self, part: &Part, which: ObjectStore) {
        let bits = which.bits(part.operand_bits());
        let mnemonic = match bits {
            8 => "strb",
            16 => "strh",
            _ => "str",
        };
        let value = self.stored(part, bits);
        asm!(self, "{mnemonic} {value}, [x9, x8]");
        if which == ObjectStore::Reference {
            asm!(self, "ldr x9, [x4, #{{cards}}]\nlsr w8, w8, #{{card_shift}}");
            asm!(self, "mov w10, #1\nstrb w10, [x9, x8]");
            asm!(self, "ldr x9, [x4, #{{card_groups}}]\nlsr w8, w8, #{{group_shift}}");
            asm!(self, "strb w10, [x9, x8]");
        }
    }

    fn new_object(&mut self, part: &Part, which: New) {
        match which {
            New::Struct => {
                asm!(self, "ldrh w10, {}", Self::field(part, NewLayout::STRUCT.size));
                asm!(self, "ldr w8, [x4, #{{cursor}}]\nadd w10, w8, w10, lsl #3");
                self.advance_cursor(part, "slow_struct_new");
                self.runtime_type(part, NewLayout::STRUCT.ty);
                asm!(self, "ldr x10, [x4, #{{heap}}]\nstr x9, [x10, x8]");
                if part.kinds.dst != Kind::Slot {
                    asm!(self, "mov {}, w8", int(Self::int_result(part), 32));
                }
                self.set_int(part);
            }
            New::Array => {
                let slow = match part.kinds.a {
                    Kind::Imm => {
                        asm!(self, "ldrh w10, {}", Self::field(part, part.a()));
                        "slow_array_new_constant"
                    }
                    _ => {
                        self.read_slot(part, part.a(), 10);
                        "slow_array_new"
                    }
                };
                asm!(self, "cmp w10, #{{short_array}}");
                self.seldom("b.hi", |isa| isa.leave(part, slow));
                asm!(self, "ldrh w8, {}", Self::field(part, NewLayout::ARRAY.size));
                asm!(self, "lsl w9, w10, w8\nadd w9, w9, #{{around_elements}}");
                asm!(self, "and w9, w9, #0xfffffff8\nldr w8, [x4, #{{cursor}}]");
                asm!(self, "lsl x11, x10, #32\nadd w10, w8, w9");
                self.advance_cursor(part, slow);
                self.runtime_type(part, NewLayout::ARRAY.ty);
                asm!(self, "orr x9, x9, x11\nldr x10, [x4, #{{heap}}]\nstr x9, [x10, x8]");
                self.write_slot(part, part.dst(), "x8");
            }
        }
    }

    fn fill_new_array(&mut self, part: &Part) {
        let (more, done) = (self.label(), self.label());
        self.read_slot(part, ArrayFillNew::value(), 8);
        asm!(self, "ldrh w9, {}", Self::field(part, ArrayFillNew::unused_bits()));
        asm!(self, "lsl x8, x8, x9\nlsr x8, x8, x9");
        asm!(self, "ldr x9, {}\nmul x8, x8, x9", Self::field(part, ArrayFillNew::multiplier()));
        self.read_slot(part, ArrayFillNew::array(), 9);
        asm!(self, "ldr x10, [x4, #{{heap}}]\nadd x11, x10, w9, uxtw\nldr w11, [x11, #4]");
        asm!(self, "ldrh w10, {}", Self::field(part, ArrayFillNew::log2_size()));
        asm!(self, "lsl w11, w11, w10\nadd w11, w11, #7\nand w11, w11, #0xfffffff8");
        asm!(self, "add w9, w9, #{{header}}\nadd w11, w11, w9\nldr x10, [x4, #{{heap}}]");
        asm!(self, "cmp w9, w11\nb.hs .L{done}\n.L{more}:\nstr x8, [x10, x9]");
        asm!(self, "add w9, w9, #8\ncmp w9, w11\nb.lo .L{more}\n.L{done}:");
    }

    fn vector_member(&mut self, part: &Part) {
        match part.meaning {
            Meaning::StructGetV128 | Meaning::StructSetV128 => {
                let (object, at) = match part.meaning {
                    Meaning::StructGetV128 => (StructGetV128::object(), StructGetV128::at()),
                    _ => (StructSetV128::object(), StructSetV128::at()),
                };
                let object = self.object(part, Kind::Slot, object);
                asm!(self, "ldr w10, {}\nadd w8, w{object}, w10", Self::field(part, at));
            }
            meaning => {
                let places = match meaning {
                    Meaning::ArrayGetV128 => [ArrayGetV128::array(), ArrayGetV128::index()],
                    _ => [ArraySetV128::array(), ArraySetV128::index()],
                };
                self.element_address(part, places.map(|field| (Kind::Slot, field)), 16);
            }
        }
        let value = match part.meaning {
            Meaning::StructGetV128 | Meaning::ArrayGetV128 => {
                asm!(self, "ldr q31, [x9, x8]");
                return self.set_vector(part);
            }
            Meaning::StructSetV128 => StructSetV128::value(),
            _ => ArraySetV128::value(),
        };
        self.read_vector(part, value, 30);
        asm!(self, "str q30, [x9, x8]");
    }

    fn cast_test(&mut self, part: &Part, which: Cast) {
        let [is, is_not] = self.compare_type(part, which);
        match part.kinds.dst {
            Kind::JumpUnless => self.jump_if(part, is_not),
            _ => self.set_condition(part, is),
        }
    }

    fn cast(&mut self, part: &Part, which: Cast) {
        let [_, is_not] = self.compare_type(part, which);
        self.trap_if(part, &format!("b.{is_not}"), "cast");
    }
}

impl AArch64 {
    /// Brings an object's offset, which is not null, to a register, its own or `x8`, and the
    /// address of offset 0 to `x9`.
    fn object(&mut self, part: &Part, kind: Kind, field: BitField) -> u8 {
        let object = match kind {
            Kind::Reg => Self::int(part, field),
            _ => {
                self.read_slot(part, field, 8);
                8
            }
        };
        self.trap_if(part, &format!("cbz w{object},"), "null");
        asm!(self, "ldr x9, [x4, #{{heap}}]");
        object
    }

    /// Makes `w10` the offset at which the next object begins, or takes the slow path if the
    /// current run ends before; uses `w9`.
    fn advance_cursor(&mut self, part: &Part, slow: &str) {
        asm!(self, "ldr w9, [x4, #{{limit}}]\ncmp w10, w9");
        self.seldom("b.hi", |isa| isa.leave(part, slow));
        asm!(self, "str w10, [x4, #{{cursor}}]");
    }

    /// Brings the store's number of a type of the module to `x9`; uses `x10`.
    fn runtime_type(&mut self, part: &Part, ty: BitField) {
        asm!(self, "ldr x9, [x4, #{{instance}}]\nldr x9, [x9, #{{runtime_types}}]");
        asm!(self, "ldr w10, {}\nldr w9, [x9, x10, lsl #2]", Self::field(part, ty));
    }

    /// Compares a reference with the type that the instruction names. Returns the conditions that
    /// the reference is of the type, and that it is not.
    fn compare_type(&mut self, part: &Part, which: Cast) -> [&'static str; 2] {
        let reference = self.int_operand(part, part.kinds.a, part.a(), 64, 8);
        let CastLayout { ty, depth, nullable } = CastLayout::PLACES;
        let (no_object, compared) = (self.label(), self.label());
        // Objects have even offsets, from the first one of the heap on. Null, an `i31` and
        // numbers below that are greater after this.
        asm!(self, "mov w9, #{{first}}\nsub x9, {reference}, x9\nror x9, x9, #1");
        asm!(self, "mov w10, #{{objects}}\ncmp x9, x10\nb.hs .L{no_object}");
        asm!(self, "ldr x9, [x4, #{{heap}}]\nldr w9, [x9, {reference}]");
        if which == Cast::Class {
            asm!(self, "ldr x10, [x4, #{{rows}}]\nadd x9, x10, x9, lsl #{{row_shift}}");
            asm!(self, "ldrb w9, [x9, #{{kind}}]\n.L{compared}:");
            self.behind(no_object, |isa| {
                // The class of null is behind that of an `i31`.
                asm!(isa, "cmp {reference}, #0\ncset w9, eq");
                asm!(isa, "add w9, w9, #{}\nb .L{compared}", ReferenceClass::I31 as u8);
            });
            asm!(self, "ldr w10, {}\nlsr w10, w10, w9\ntst w10, #1", Self::field(part, ty));
            return ["ne", "eq"];
        }
        asm!(self, "ldr x10, [x4, #{{instance}}]\nldr x10, [x10, #{{runtime_types}}]");
        self.behind(no_object, |isa| {
            // Equal if the reference and the field minus 1 have no bit.
            asm!(isa, "ldrh w9, {}\nsub x9, x9, #1", Self::field(part, nullable));
            asm!(isa, "orr x9, x9, {reference}\ncmp x9, #0\nb .L{compared}");
        });
        asm!(self, "ldr w11, {}\nldr w10, [x10, x11, lsl #2]", Self::field(part, ty));
        if which == Cast::Sub {
            asm!(self, "ldr x11, [x4, #{{rows}}]\nadd x9, x11, x9, lsl #{{row_shift}}");
            asm!(self, "ldrh w11, {}\nadd x9, x9, x11, lsl #2", Self::field(part, depth));
            asm!(self, "ldr w9, [x9, #{{supertypes}}]");
        }
        asm!(self, "cmp w9, w10\n.L{compared}:");
        ["eq", "ne"]
    }
}
