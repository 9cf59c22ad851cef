//! Strings and lists of C, C++, Rust and Zig in short form.

use super::Die;
use super::location::{Place, Unavailable};
use super::show::{MOST_ELEMENTS, Show, list};
use super::types::{Field, Shape};

/// The most characters of a string that are shown.
const LONGEST: usize = 200;

/// The most fields through which the pointer of a list is looked for.
const DEEPEST: usize = 8;

impl Show<'_> {
    /// Returns the text of an array of characters: all of them, without zeros at the end.
    pub(super) fn characters(&self, place: &Place, count: u64) -> Result<String, Unavailable> {
        let len = usize::try_from(count).unwrap_or(usize::MAX);
        let bytes = place.read(self.frame, len.min(LONGEST))?;
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        Ok(quoted(&bytes[..end], end == LONGEST && len > LONGEST))
    }

    /// Returns the text at an address up to the first zero; `None` if there is no memory.
    pub(super) fn terminated(&self, address: u64) -> Option<String> {
        let mut bytes = Vec::new();
        // The memory may end before the longest text would.
        for offset in 0..LONGEST as u64 {
            match self.frame.memory(address.checked_add(offset)?, 1)?[..] {
                [0] => return Some(quoted(&bytes, false)),
                [byte] => bytes.push(byte),
                _ => return None,
            }
        }
        Some(quoted(&bytes, true))
    }

    /// Returns a string or a list of a standard library; `None` if the type is none.
    pub(super) fn string_or_list(
        &self,
        ty: Option<Die>,
        place: &Place,
        depth: usize,
    ) -> Option<Result<String, Unavailable>> {
        let (die, name) = self.info.plain_type_name(ty)?;
        if self.info.is_rust(die) {
            let is_text = matches!(&*name, "&str" | "&mut str" | "String")
                || name.starts_with("alloc::boxed::Box<str")
                || name.starts_with("Box<str");
            let is_list = name.starts_with("&[")
                || name.starts_with("&mut [")
                || name.starts_with("Vec<")
                || name.contains("Box<[");
            if !is_text && !is_list {
                return None;
            }
            return Some(self.list(die, is_text, place, depth));
        }
        // A slice of Zig.
        if name.starts_with("[]") {
            let is_text = matches!(&*name, "[]const u8" | "[]u8");
            return Some(self.list(die, is_text, place, depth));
        }
        let is_string = name.starts_with("basic_string<char,") || name == "basic_string<char>";
        is_string.then(|| self.string_of_cpp(die, place))
    }

    /// Returns a slice, a vector or a string: a pointer and a length are among its fields.
    fn list(
        &self,
        ty: Die,
        is_text: bool,
        place: &Place,
        depth: usize,
    ) -> Result<String, Unavailable> {
        let unknown = || Unavailable::other("an unknown layout");
        let (pointer, size, element) = self.find_pointer(Some(ty), 0, 0).ok_or_else(unknown)?;
        let (at, len_size) = self.find_len(Some(ty), 0, 0).ok_or_else(unknown)?;
        let address = self.unsigned(&place.at(pointer), size)?;
        let len = self.unsigned(&place.at(at), len_size)?;
        let items = Place::Memory(address);
        if is_text {
            let shown = usize::try_from(len).unwrap_or(usize::MAX).min(LONGEST);
            let bytes = items.read(self.frame, shown)?;
            return Ok(quoted(&bytes, len > LONGEST as u64));
        }
        // The pointer of a vector leads to bytes; its elements are of the type's parameter.
        let is_slice = self.info.name(ty).is_some_and(|name| !name.starts_with("Vec<"));
        let element = if is_slice { element } else { self.info.type_parameter(ty) };
        let size = self.info.size(element).unwrap_or(0);
        let shown = (0..len.min(MOST_ELEMENTS))
            .map(|index| self.nested(element, &items.at(size.saturating_mul(index)), depth + 1));
        Ok(list(shown, len, true))
    }

    /// Returns the offset, the size and the target of the first pointer in a type.
    fn find_pointer(
        &self,
        ty: Option<Die>,
        offset: u64,
        depth: usize,
    ) -> Option<(u64, u64, Option<Die>)> {
        match self.info.shape(ty) {
            Shape::Pointer { to, size, .. } => Some((offset, size, to)),
            Shape::Record(record) if depth < DEEPEST => {
                let find = |field: &Field| {
                    self.find_pointer(field.ty, offset.checked_add(field.offset)?, depth + 1)
                };
                record.fields.iter().find_map(find)
            }
            _ => None,
        }
    }

    /// Returns the offset and the size of the first field `len` or `length` in a type.
    fn find_len(&self, ty: Option<Die>, offset: u64, depth: usize) -> Option<(u64, u64)> {
        let Shape::Record(record) = self.info.shape(ty) else { return None };
        let is_len = |field: &&Field| matches!(field.name.as_deref(), Some("len" | "length"));
        if let Some(field) = record.fields.iter().find(is_len) {
            return Some((offset.checked_add(field.offset)?, self.info.size(field.ty)?));
        }
        let find =
            |field: &Field| self.find_len(field.ty, offset.checked_add(field.offset)?, depth + 1);
        if depth < DEEPEST { record.fields.iter().find_map(find) } else { None }
    }

    /// Returns a string of libc++: a union of a long form, with a pointer, and a short form, with
    /// the characters themselves. The places of their parts differ between platforms.
    fn string_of_cpp(&self, ty: Die, place: &Place) -> Result<String, Unavailable> {
        let unknown = || Unavailable::other("a string of an unknown library");
        let (forms, offset) = self.find_forms(Some(ty), 0, 0).ok_or_else(unknown)?;
        let place = place.at(offset);
        let part = |form: &str, name: &str| {
            let form = self.info.find_member(forms, form, 0)?;
            let part = self.info.find_member(form.ty, name, 0)?;
            Some(Field { offset: form.offset.checked_add(part.offset)?, ..part })
        };
        let number = |form: &str, name: &str| {
            let field = part(form, name).ok_or_else(unknown)?;
            let place = place.at(field.offset);
            match field.bits {
                Some(bits) => self.bits(field.ty, bits, &place),
                None => self.unsigned(&place, self.info.size(field.ty).unwrap_or(0)),
            }
        };
        let (len, text) = match number("__s", "__is_long_")? & 1 {
            0 => {
                let text = part("__s", "__data_").ok_or_else(unknown)?;
                (number("__s", "__size_")?, place.at(text.offset))
            }
            _ => (number("__l", "__size_")?, Place::Memory(number("__l", "__data_")?)),
        };
        let shown = usize::try_from(len).unwrap_or(usize::MAX).min(LONGEST);
        Ok(quoted(&text.read(self.frame, shown)?, len > LONGEST as u64))
    }

    /// Returns the union of both forms of a string, and its offset.
    fn find_forms(&self, ty: Option<Die>, offset: u64, depth: usize) -> Option<(Option<Die>, u64)> {
        let Shape::Record(record) = self.info.shape(ty) else { return None };
        if record.fields.iter().any(|field| field.name.as_deref() == Some("__l")) {
            return Some((ty, offset));
        }
        let find =
            |field: &Field| self.find_forms(field.ty, offset.checked_add(field.offset)?, depth + 1);
        if depth < DEEPEST { record.fields.iter().find_map(find) } else { None }
    }
}

/// Returns bytes as a quoted text.
fn quoted(bytes: &[u8], is_cut: bool) -> String {
    format!("{:?}{}", String::from_utf8_lossy(bytes), if is_cut { "..." } else { "" })
}
