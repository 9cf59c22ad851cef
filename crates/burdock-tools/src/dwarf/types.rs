//! Types: their shape, size and name.

use super::{Attr, DebugInfo, Die, Entry, LONGEST_CHAIN};
use gimli::{AttributeValue, DwAte, DwTag, constants};

/// The most members, elements and variants of a type that are read.
const MOST_MEMBERS: usize = 512;

/// The deepest nesting of a type whose size or name is computed.
const DEEPEST: usize = 12;

/// The shape of a type, without the aliases that lead to it.
#[derive(Debug)]
pub(super) enum Shape {
    /// `void`, or a type without a description.
    Void,
    Base {
        encoding: DwAte,
        size: u64,
    },
    Pointer {
        to: Option<Die>,
        size: u64,
        is_reference: bool,
    },
    Record(Record),
    Array {
        element: Option<Die>,
        counts: Vec<u64>,
    },
    Enumeration {
        ty: Die,
        size: u64,
    },
    Function,
    /// A type of which only the name is known.
    Incomplete,
}

/// A structure, class or union.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) fields: Vec<Field>,
    /// The variants of an enum of Rust.
    pub(super) variants: Option<Variants>,
}

#[derive(Debug)]
pub(super) struct Field {
    /// The name; `None` for the fields of an anonymous structure or union.
    pub(super) name: Option<String>,
    pub(super) ty: Option<Die>,
    pub(super) offset: u64,
    /// The first bit from the field's beginning and the number of bits, for a bit field.
    pub(super) bits: Option<(u64, u64)>,
    /// `true` for the part of an object that it inherits.
    pub(super) is_base: bool,
}

#[derive(Debug)]
pub(super) struct Variants {
    /// The field whose value selects a variant; without one there is only one variant.
    pub(super) discriminant: Option<Field>,
    /// The variants with their values; `None` for the one of all other values.
    pub(super) list: Vec<(Option<u64>, Field)>,
}

impl DebugInfo {
    /// Returns the type behind aliases, and its shape.
    pub(super) fn shape(&self, ty: Option<Die>) -> Shape {
        let Some((ty, entry)) = self.unaliased(ty) else { return Shape::Void };
        let size = self.number(ty, constants::DW_AT_byte_size);
        match entry.tag() {
            constants::DW_TAG_base_type => match entry.attr_value(constants::DW_AT_encoding) {
                Some(AttributeValue::Encoding(encoding)) => {
                    Shape::Base { encoding, size: size.unwrap_or(0) }
                }
                _ => Shape::Incomplete,
            },
            constants::DW_TAG_pointer_type
            | constants::DW_TAG_reference_type
            | constants::DW_TAG_rvalue_reference_type => {
                let size = size.unwrap_or(self.unit(ty).encoding().address_size.into());
                let is_reference = entry.tag() != constants::DW_TAG_pointer_type;
                Shape::Pointer { to: self.type_of(ty), size, is_reference }
            }
            constants::DW_TAG_structure_type
            | constants::DW_TAG_class_type
            | constants::DW_TAG_union_type => match size {
                Some(_) => Shape::Record(self.record(ty)),
                None => Shape::Incomplete,
            },
            constants::DW_TAG_array_type => {
                Shape::Array { element: self.type_of(ty), counts: self.counts(ty) }
            }
            constants::DW_TAG_enumeration_type => match size {
                Some(size) => Shape::Enumeration { ty, size },
                None => Shape::Incomplete,
            },
            constants::DW_TAG_subroutine_type => Shape::Function,
            constants::DW_TAG_unspecified_type => Shape::Void,
            _ => Shape::Incomplete,
        }
    }

    /// Follows typedefs and qualifiers.
    fn unaliased(&self, ty: Option<Die>) -> Option<(Die, Entry)> {
        let mut ty = ty?;
        for _ in 0..LONGEST_CHAIN {
            let entry = self.entry(ty)?;
            if !is_alias(entry.tag()) {
                return Some((ty, entry));
            }
            ty = self.type_of(ty)?;
        }
        None
    }

    /// Returns the size of a type in bytes, if known.
    pub(super) fn size(&self, ty: Option<Die>) -> Option<u64> {
        self.size_at(ty, 0)
    }

    fn size_at(&self, ty: Option<Die>, depth: usize) -> Option<u64> {
        let (ty, entry) = self.unaliased(ty)?;
        if let Some(size) = self.number(ty, constants::DW_AT_byte_size) {
            return Some(size);
        }
        match entry.tag() {
            constants::DW_TAG_pointer_type
            | constants::DW_TAG_reference_type
            | constants::DW_TAG_rvalue_reference_type => {
                Some(self.unit(ty).encoding().address_size.into())
            }
            constants::DW_TAG_array_type if depth < DEEPEST => {
                let element = self.size_at(self.type_of(ty), depth + 1)?;
                self.counts(ty).iter().try_fold(element, |size, count| size.checked_mul(*count))
            }
            _ => None,
        }
    }

    /// Visits the entries directly below an entry.
    fn children(&self, parent: Die, mut visit: impl FnMut(Die, &Entry)) {
        let Ok(mut entries) = self.unit(parent).entries_at_offset(parent.offset) else { return };
        let Ok(Some(root)) = entries.next_dfs() else { return };
        let top = root.depth();
        // Entries below the children count, too: there may be many.
        for _ in 0..MOST_MEMBERS * 64 {
            match entries.next_dfs() {
                Ok(Some(entry)) if entry.depth() > top => {
                    if entry.depth() == top + 1 {
                        visit(Die { unit: parent.unit, offset: entry.offset() }, entry);
                    }
                }
                _ => break,
            }
        }
    }

    /// Returns the numbers of elements of an array, one for each dimension. An array of unknown
    /// length has none.
    fn counts(&self, ty: Die) -> Vec<u64> {
        let mut counts = Vec::new();
        self.children(ty, |_, entry| {
            let number = |name| entry.attr_value(name).and_then(|value| value.udata_value());
            if entry.tag() == constants::DW_TAG_subrange_type && counts.len() < MOST_MEMBERS {
                let upper = || number(constants::DW_AT_upper_bound)?.checked_add(1);
                counts.push(number(constants::DW_AT_count).or_else(upper).unwrap_or(0));
            }
        });
        counts
    }

    fn record(&self, ty: Die) -> Record {
        let mut record = Record::default();
        self.children(ty, |die, entry| match entry.tag() {
            constants::DW_TAG_member | constants::DW_TAG_inheritance
                // Static members are variables.
                if entry.attr_value(constants::DW_AT_declaration).is_none()
                    && entry.attr_value(constants::DW_AT_external).is_none()
                    && record.fields.len() < MOST_MEMBERS =>
            {
                record.fields.extend(self.member(die, entry));
            }
            constants::DW_TAG_variant_part => record.variants = Some(self.variants(die, entry)),
            _ => {}
        });
        record
    }

    /// Returns a member, unless its place is computed at run time.
    fn member(&self, die: Die, entry: &Entry) -> Option<Field> {
        let number = |name| entry.attr_value(name).and_then(|value| value.udata_value());
        let mut offset = match entry.attr_value(constants::DW_AT_data_member_location) {
            Some(value) => value.udata_value()?,
            None => 0,
        };
        let mut bits = None;
        if let Some(size) = number(constants::DW_AT_bit_size) {
            let first = number(constants::DW_AT_data_bit_offset).unwrap_or(0);
            offset = offset.checked_add(first / 8)?;
            bits = Some((first % 8, size));
        }
        let is_base = entry.tag() == constants::DW_TAG_inheritance;
        let ty = self.type_of(die);
        let name = if is_base { Some(self.type_name(ty)) } else { self.name(die) };
        Some(Field { name, ty, offset, bits, is_base })
    }

    /// Returns a member by its name, with its offset in the type. Members of anonymous members and
    /// of base classes belong to their owner.
    pub(super) fn find_member(&self, ty: Option<Die>, name: &str, depth: usize) -> Option<Field> {
        let Shape::Record(record) = self.shape(ty) else { return None };
        // The members of a tuple of Rust are named by numbers.
        let tuple = format!("__{name}");
        for field in record.fields {
            match field.name.as_deref() {
                Some(own) if own == name || own == tuple => return Some(field),
                Some(_) if !field.is_base => {}
                _ if depth < DEEPEST => {
                    if let Some(inner) = self.find_member(field.ty, name, depth + 1) {
                        let offset = inner.offset.checked_add(field.offset)?;
                        return Some(Field { offset, ..inner });
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn variants(&self, part: Die, entry: &Entry) -> Variants {
        let discriminant = entry.attr_value(constants::DW_AT_discr);
        let discriminant = discriminant.and_then(|value| self.referred(part.unit, &value));
        let discriminant = discriminant.and_then(|die| self.member(die, &self.entry(die)?));
        let mut list = Vec::new();
        self.children(part, |die, entry| {
            if entry.tag() == constants::DW_TAG_variant && list.len() < MOST_MEMBERS {
                let value = entry.attr_value(constants::DW_AT_discr_value);
                let value = value.and_then(|value| number_of(&value));
                self.children(die, |die, entry| {
                    if entry.tag() == constants::DW_TAG_member {
                        list.extend(self.member(die, entry).map(|field| (value, field)));
                    }
                });
            }
        });
        Variants { discriminant, list }
    }

    /// Returns the name of the enumerator of a value.
    pub(super) fn enumerator(&self, ty: Die, size: u64, value: u64) -> Option<String> {
        let mask = u64::MAX >> (64 - 8 * size.clamp(1, 8));
        let mut found = None;
        self.children(ty, |die, entry| {
            let number = entry.attr_value(constants::DW_AT_const_value);
            let number = number.and_then(|number| number_of(&number));
            if found.is_none() && number.is_some_and(|number| number & mask == value & mask) {
                found = self.name(die);
            }
        });
        found
    }

    /// Returns the type of a template's or generic type's parameter.
    pub(super) fn type_parameter(&self, ty: Die) -> Option<Die> {
        let mut found = None;
        self.children(ty, |die, entry| {
            if entry.tag() == constants::DW_TAG_template_type_parameter && found.is_none() {
                found = self.type_of(die);
            }
        });
        found
    }

    /// Returns the name of the type behind aliases, without namespaces.
    pub(super) fn plain_type_name(&self, ty: Option<Die>) -> Option<(Die, String)> {
        let (ty, _) = self.unaliased(ty)?;
        Some((ty, self.name(ty)?))
    }

    /// Returns the name of a type in the notation of its language.
    pub(super) fn type_name(&self, ty: Option<Die>) -> String {
        self.type_name_at(ty, 0)
    }

    fn type_name_at(&self, ty: Option<Die>, depth: usize) -> String {
        let Some(ty) = ty else { return "void".to_owned() };
        if depth > DEEPEST {
            return "...".to_owned();
        }
        let Some(entry) = self.entry(ty) else { return "?".to_owned() };
        if let Some(name) = self.name(ty) {
            return name;
        }
        let inner = || self.type_name_at(self.type_of(ty), depth + 1);
        match entry.tag() {
            constants::DW_TAG_pointer_type if self.points_to_function(ty) => {
                inner().replacen("()", "(*)()", 1)
            }
            constants::DW_TAG_pointer_type => pointed(&inner(), '*'),
            constants::DW_TAG_reference_type => pointed(&inner(), '&'),
            constants::DW_TAG_rvalue_reference_type => pointed(&pointed(&inner(), '&'), '&'),
            constants::DW_TAG_const_type => qualified("const", &inner()),
            constants::DW_TAG_volatile_type => qualified("volatile", &inner()),
            constants::DW_TAG_restrict_type => inner() + " restrict",
            constants::DW_TAG_atomic_type => qualified("_Atomic", &inner()),
            constants::DW_TAG_array_type => {
                let (element, counts) = (inner(), self.counts(ty));
                match self.is_rust(ty) {
                    true => counts.iter().fold(element, |name, count| format!("[{name}; {count}]")),
                    false => {
                        let counts: String =
                            counts.iter().map(|count| format!("[{count}]")).collect();
                        format!("{element}{counts}")
                    }
                }
            }
            constants::DW_TAG_structure_type => "struct {...}".to_owned(),
            constants::DW_TAG_class_type => "class {...}".to_owned(),
            constants::DW_TAG_union_type => "union {...}".to_owned(),
            constants::DW_TAG_enumeration_type => "enum {...}".to_owned(),
            constants::DW_TAG_subroutine_type => inner() + " ()",
            _ => "?".to_owned(),
        }
    }

    fn points_to_function(&self, ty: Die) -> bool {
        matches!(self.shape(self.type_of(ty)), Shape::Function)
    }
}

fn is_alias(tag: DwTag) -> bool {
    matches!(
        tag,
        constants::DW_TAG_typedef
            | constants::DW_TAG_const_type
            | constants::DW_TAG_volatile_type
            | constants::DW_TAG_restrict_type
            | constants::DW_TAG_atomic_type
    )
}

/// Returns a constant as its bits.
fn number_of(value: &Attr) -> Option<u64> {
    match value {
        AttributeValue::Sdata(number) => Some(*number as u64),
        value => value.udata_value().or_else(|| value.sdata_value().map(|number| number as u64)),
    }
}

fn pointed(inner: &str, mark: char) -> String {
    let space = if inner.ends_with(['*', '&']) { "" } else { " " };
    format!("{inner}{space}{mark}")
}

/// Returns the name of a qualified type. What a pointer is qualified with stands behind it.
fn qualified(word: &str, inner: &str) -> String {
    if inner.ends_with(['*', '&']) { format!("{inner} {word}") } else { format!("{word} {inner}") }
}
