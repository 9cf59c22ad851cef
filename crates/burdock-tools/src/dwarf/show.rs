//! Values as text, in short form.

use super::location::{Place, Unavailable};
use super::types::{Field, Record, Shape, Variants};
use super::{DebugInfo, Die, FrameAccess};
use gimli::{DwAte, constants};
use std::cell::Cell;

/// The deepest nesting of values that is shown.
const DEEPEST: usize = 5;

/// The most elements of an array that are shown.
pub(super) const MOST_ELEMENTS: u64 = 16;

/// The most values that are shown of one variable, in all depths.
const MOST_VALUES: usize = 256;

/// Shows the values of a frame.
pub(super) struct Show<'s> {
    pub(super) info: &'s DebugInfo,
    pub(super) frame: &'s dyn FrameAccess,
    /// The number of values that may still be shown.
    left: Cell<usize>,
}

type Shown = Result<String, Unavailable>;

impl<'s> Show<'s> {
    pub(super) fn new(info: &'s DebugInfo, frame: &'s dyn FrameAccess) -> Self {
        Self { info, frame, left: Cell::new(MOST_VALUES) }
    }

    /// Returns a value as text, or the reason why there is none in angle brackets.
    pub(super) fn text(&self, ty: Option<Die>, place: &Place) -> String {
        self.nested(ty, place, 0)
    }

    pub(super) fn nested(&self, ty: Option<Die>, place: &Place, depth: usize) -> String {
        self.value(ty, place, depth).unwrap_or_else(|reason| format!("<{reason}>"))
    }

    fn value(&self, ty: Option<Die>, place: &Place, depth: usize) -> Shown {
        let Some(left) = self.left.get().checked_sub(1).filter(|_| depth <= DEEPEST) else {
            return Ok("...".to_owned());
        };
        self.left.set(left);
        match self.info.shape(ty) {
            Shape::Base { encoding, size } => self.base(encoding, size, place),
            Shape::Pointer { to, size, is_reference: true } => {
                let address = self.unsigned(place, size)?;
                let shown = self.nested(to, &Place::Memory(address), depth + 1);
                Ok(format!("@{address:#x}: {shown}"))
            }
            Shape::Pointer { to, size, .. } => self.pointer((ty, to), size, place, depth),
            Shape::Record(record) => match self.string_or_list(ty, place, depth) {
                Some(shown) => shown,
                None => self.record(ty, &record, place, depth),
            },
            Shape::Array { element, counts } => self.array(element, &counts, place, depth),
            Shape::Enumeration { ty, size } => {
                let number = self.unsigned(place, size)?;
                let name = self.info.enumerator(ty, size, number);
                Ok(name.unwrap_or_else(|| signed(number, size).to_string()))
            }
            Shape::Function => Ok("<function>".to_owned()),
            Shape::Void => Ok("void".to_owned()),
            Shape::Incomplete => Err(Unavailable::other("incomplete type")),
        }
    }

    /// Returns the bits of a value of at most 8 bytes.
    pub(super) fn unsigned(&self, place: &Place, size: u64) -> Result<u64, Unavailable> {
        place.unsigned(self.frame, size)
    }

    fn base(&self, encoding: DwAte, size: u64, place: &Place) -> Shown {
        if size == 0 {
            // The unit of Rust.
            return Ok("()".to_owned());
        }
        if size == 16 {
            return self.wide(encoding, place);
        }
        let bits = self.unsigned(place, size)?;
        Ok(number(encoding, size, bits))
    }

    fn wide(&self, encoding: DwAte, place: &Place) -> Shown {
        let bytes = place.read(self.frame, 16)?;
        let bits = u128::from_le_bytes(bytes.try_into().unwrap_or_default());
        match encoding {
            constants::DW_ATE_signed => Ok((bits as i128).to_string()),
            constants::DW_ATE_unsigned => Ok(bits.to_string()),
            _ => Ok(format!("{bits:#x}")),
        }
    }

    fn pointer(
        &self,
        (ty, to): (Option<Die>, Option<Die>),
        size: u64,
        place: &Place,
        depth: usize,
    ) -> Shown {
        let address = self.unsigned(place, size)?;
        if address != 0 && self.is_character(to) {
            let text = self.terminated(address);
            return Ok(
                text.map_or_else(|| format!("{address:#x}"), |text| format!("{address:#x} {text}"))
            );
        }
        // References and boxes of Rust are never null, and read as what they lead to.
        if address != 0
            && let Some((die, name)) = self.info.plain_type_name(ty)
            && self.info.is_rust(die)
            && (name.starts_with('&') || name.contains("Box<"))
        {
            let shown = self.nested(to, &Place::Memory(address), depth + 1);
            return Ok(if name.starts_with('&') { format!("&{shown}") } else { shown });
        }
        Ok(format!("{address:#x}"))
    }

    /// Returns `true` for the character type of C.
    pub(super) fn is_character(&self, ty: Option<Die>) -> bool {
        let Shape::Base { encoding, size: 1 } = self.info.shape(ty) else { return false };
        let is_char =
            matches!(encoding, constants::DW_ATE_signed_char | constants::DW_ATE_unsigned_char);
        is_char && self.info.plain_type_name(ty).is_some_and(|(_, name)| name == "char")
    }

    fn array(&self, element: Option<Die>, counts: &[u64], place: &Place, depth: usize) -> Shown {
        let Some((count, inner)) = counts.split_first() else {
            return Err(Unavailable::other("an array of unknown length"));
        };
        if inner.is_empty() && self.is_character(element) {
            return self.characters(place, *count);
        }
        let size = self.info.size(element).unwrap_or(0);
        let size = inner.iter().fold(size, |size, count| size.saturating_mul(*count));
        let at = |index: u64| place.at(size.saturating_mul(index));
        let shown = (0..(*count).min(MOST_ELEMENTS)).map(|index| match inner {
            [] => self.nested(element, &at(index), depth + 1),
            inner => self
                .array(element, inner, &at(index), depth + 1)
                .unwrap_or_else(|reason| format!("<{reason}>")),
        });
        Ok(list(shown, *count, element.is_some_and(|element| self.info.is_rust(element))))
    }

    fn record(&self, ty: Option<Die>, record: &Record, place: &Place, depth: usize) -> Shown {
        if let Some(variants) = &record.variants {
            return self.variant(ty, variants, place, depth);
        }
        match self.info.plain_type_name(ty) {
            Some((die, name)) if self.info.is_rust(die) => {
                Ok(self.fields_of_rust(&name, &record.fields, place, depth))
            }
            _ => {
                let shown = record.fields.iter().map(|field| {
                    let value = self.field(field, place, depth);
                    match &field.name {
                        Some(name) if field.is_base => format!("<{name}> = {value}"),
                        Some(name) => format!("{name} = {value}"),
                        None => value,
                    }
                });
                Ok(format!("{{{}}}", joined(shown, record.fields.len())))
            }
        }
    }

    /// Returns the fields of a structure or variant of Rust.
    fn fields_of_rust(&self, name: &str, fields: &[Field], place: &Place, depth: usize) -> String {
        // Without the parameters of generic types; the type shows them.
        let name = name.split('<').next().unwrap_or(name);
        let name = if name.starts_with('(') { "" } else { name };
        let is_tuple = fields
            .iter()
            .all(|field| field.name.as_deref().is_some_and(|name| name.starts_with("__")));
        let shown = fields.iter().map(|field| {
            let value = self.field(field, place, depth);
            match &field.name {
                Some(name) if !is_tuple => format!("{name}: {value}"),
                _ => value,
            }
        });
        match (fields.is_empty(), is_tuple) {
            (true, _) if !name.is_empty() => name.to_owned(),
            (_, true) => format!("{name}({})", joined(shown, fields.len())),
            (_, false) if name.is_empty() => format!("{{{}}}", joined(shown, fields.len())),
            (_, false) => format!("{name} {{{}}}", joined(shown, fields.len())),
        }
    }

    pub(super) fn field(&self, field: &Field, place: &Place, depth: usize) -> String {
        let place = place.at(field.offset);
        match field.bits {
            None => self.nested(field.ty, &place, depth + 1),
            Some(bits) => self
                .bit_field(field.ty, bits, &place)
                .unwrap_or_else(|reason| format!("<{reason}>")),
        }
    }

    fn bit_field(&self, ty: Option<Die>, bits: (u64, u64), place: &Place) -> Shown {
        let number = self.bits(ty, bits, place)?;
        Ok(match self.info.shape(ty) {
            Shape::Base { encoding, size } => self::number(encoding, size, number),
            Shape::Enumeration { ty, size } => {
                self.info.enumerator(ty, size, number).unwrap_or_else(|| number.to_string())
            }
            _ => number.to_string(),
        })
    }

    /// Returns the value of a bit field, extended to 64 bits.
    pub(super) fn bits(
        &self,
        ty: Option<Die>,
        (first, len): (u64, u64),
        place: &Place,
    ) -> Result<u64, Unavailable> {
        if !(1..=64).contains(&len) || first > 7 {
            return Err(Unavailable::other(format!("a field of {len} bits")));
        }
        // A field of 64 bits that begins within a byte touches nine bytes.
        let mut bytes = place.read(self.frame, (first + len).div_ceil(8) as usize)?;
        bytes.resize(16, 0);
        let bits = u128::from_le_bytes(bytes.try_into().unwrap_or_default()) >> first;
        let bits = bits as u64 & u64::MAX >> (64 - len);
        let is_signed = matches!(
            self.info.shape(ty),
            Shape::Base { encoding: constants::DW_ATE_signed | constants::DW_ATE_signed_char, .. }
        );
        let negative = is_signed && bits >> (len - 1) & 1 == 1;
        Ok(if negative && len < 64 { bits | u64::MAX << len } else { bits })
    }

    /// Returns the variant of an enum of Rust.
    fn variant(&self, ty: Option<Die>, variants: &Variants, place: &Place, depth: usize) -> Shown {
        let value = match &variants.discriminant {
            Some(field) => {
                let size = self.info.size(field.ty).unwrap_or(0);
                let mask = u64::MAX >> (64 - 8 * size.clamp(1, 8));
                Some((self.unsigned(&place.at(field.offset), size)?, mask))
            }
            None => None,
        };
        let is_own = |own: &Option<u64>| match (value, own) {
            (Some((value, mask)), Some(own)) => value == own & mask,
            (None, _) => true,
            _ => false,
        };
        let found = variants.list.iter().find(|(own, _)| is_own(own));
        let found = found.or_else(|| variants.list.iter().find(|(own, _)| own.is_none()));
        let Some((_, field)) = found else {
            let name = self.info.type_name(ty);
            return Err(Unavailable::other(format!("no variant of {name}")));
        };
        let name = field.name.clone().unwrap_or_default();
        match self.info.shape(field.ty) {
            Shape::Record(record) => {
                let place = place.at(field.offset);
                Ok(self.fields_of_rust(&name, &record.fields, &place, depth))
            }
            _ => Ok(name),
        }
    }
}

/// Returns the text of a number with these bits.
fn number(encoding: DwAte, size: u64, bits: u64) -> String {
    match (encoding, size) {
        (constants::DW_ATE_boolean, _) => match bits {
            0 => "false".to_owned(),
            1 => "true".to_owned(),
            bits => format!("{bits}"),
        },
        (constants::DW_ATE_float, 4) => format!("{:?}", f32::from_bits(bits as u32)),
        (constants::DW_ATE_float, 8) => format!("{:?}", f64::from_bits(bits)),
        (constants::DW_ATE_signed_char | constants::DW_ATE_unsigned_char, 1) => {
            let number = match encoding {
                constants::DW_ATE_signed_char => i64::from(bits as u8 as i8),
                _ => i64::from(bits as u8),
            };
            match bits as u8 {
                byte @ (b' '..=b'~' | b'\0' | b'\n' | b'\r' | b'\t') => {
                    format!("{number} {:?}", char::from(byte))
                }
                _ => number.to_string(),
            }
        }
        (constants::DW_ATE_UTF, _) => match u32::try_from(bits).ok().and_then(char::from_u32) {
            Some(character) => format!("{character:?}"),
            None => format!("{bits:#x}"),
        },
        (constants::DW_ATE_signed | constants::DW_ATE_signed_char, size) => {
            signed(bits, size).to_string()
        }
        (constants::DW_ATE_unsigned | constants::DW_ATE_unsigned_char, _) => bits.to_string(),
        _ => format!("{bits:#x}"),
    }
}

/// Returns a number that is signed, in as many bytes.
pub(super) fn signed(bits: u64, size: u64) -> i64 {
    let unused = 64 - 8 * size.clamp(1, 8);
    (bits << unused) as i64 >> unused
}

/// Returns the values of an array: in brackets for Rust, else in braces as gdb does.
pub(super) fn list(shown: impl Iterator<Item = String>, count: u64, is_rust: bool) -> String {
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if count > MOST_ELEMENTS {
        text += ", ...";
    }
    if is_rust { format!("[{text}]") } else { format!("{{{text}}}") }
}

fn joined(shown: impl Iterator<Item = String>, count: usize) -> String {
    let most = MOST_ELEMENTS as usize;
    let text = shown.take(most).collect::<Vec<_>>().join(", ");
    if count > most { text + ", ..." } else { text }
}
