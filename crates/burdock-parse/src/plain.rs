//! Plain types: function types without references to types that a module defines. A module whose
//! types are plain and different is validated with fewer instructions.

use burdock_types::ValType;
use smallvec::SmallVec;
use wasmparser::{BinaryReader, WasmFeatures};

/// The proposals with which wasmparser searches for an equal one for each type of a module, because
/// types may refer to each other. It counts some among them that add no such types.
const REFERRING: WasmFeatures = WasmFeatures::FUNCTION_REFERENCES
    .union(WasmFeatures::GC)
    .union(WasmFeatures::CUSTOM_DESCRIPTORS)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS)
    .union(WasmFeatures::COMPACT_IMPORTS);

/// Returns the features without those that make the validation of sections longer. `None` if none
/// of them is on, a type needs one of them, or two types may be equal.
///
/// Sections that are valid with these features are valid with all of them. Bodies are validated
/// with all of them in any case: the search only gives equal types one number, and finds nothing
/// where all types are different.
pub(crate) fn fewer_features(bytes: &[u8], features: WasmFeatures) -> Option<WasmFeatures> {
    (features.intersects(REFERRING) && has_plain_types(bytes)?).then(|| features - REFERRING)
}

/// Returns `true` if a module begins with its types, all of them are plain, and no two are equal;
/// otherwise, `false` or `None`.
fn has_plain_types(bytes: &[u8]) -> Option<bool> {
    const HEADER: usize = 8;
    const TYPE_SECTION: u8 = 1;
    let mut reader = BinaryReader::new(bytes.get(HEADER..)?, 0);
    if reader.read_u8().ok()? != TYPE_SECTION {
        return None;
    }
    let size = reader.read_var_u32().ok()?;
    let contents = reader.read_bytes(size as usize).ok()?;
    let mut section = BinaryReader::new(contents, 0);
    let count = section.read_var_u32().ok()?;
    let mut rest = &contents[section.current_position()..];
    let mut hashes = SmallVec::<[u64; 32]>::new();
    for _ in 0..count {
        let (params, results, after) = lists(rest)?;
        let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(FACTOR);
        hashes.push(params.iter().chain(results).fold(params.len() as u64, hash));
        rest = after;
    }
    // Types with equal hashes may be different. The module is then validated like any other.
    hashes.sort_unstable();
    Some(hashes.windows(2).all(|two| two[0] != two[1]))
}

/// The factor of the hash: that of FNV-1a with 64 bits.
const FACTOR: u64 = 0x100_0000_01b3;

/// The first byte of a function type without the forms of the gc proposal.
pub(crate) const FUNC: u8 = 0x60;

/// Splits bytes that begin with a plain function type: the parameters, the results, and the bytes
/// behind the type.
#[inline]
fn lists(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let [FUNC, after @ ..] = bytes else { return None };
    let (params, after) = list(after)?;
    let (results, after) = list(after)?;
    Some((params, results, after))
}

/// Splits bytes behind a list of plain types.
#[inline]
fn list(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len @ 0..0x80, list) = bytes.split_first()? else { return None };
    let (list, after) = list.split_at_checked(len.into())?;
    list.iter().all(|byte| val_type(*byte).is_some()).then_some((list, after))
}

/// Returns the plain type that a byte stands for.
#[inline]
pub(crate) fn val_type(byte: u8) -> Option<ValType> {
    Some(match byte {
        0x7f => ValType::I32,
        0x7e => ValType::I64,
        0x7d => ValType::F32,
        0x7c => ValType::F64,
        0x7b => ValType::V128,
        0x70 => ValType::FUNCREF,
        0x6f => ValType::EXTERNREF,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn only_different_plain_types_are_validated_with_fewer_features() {
        let check = |fields: &str, expected: Option<bool>| {
            let bytes = wat::parse_str(format!("(module {fields})")).unwrap();
            assert_eq!(has_plain_types(&bytes), expected, "{fields}");
        };
        let all = "(type (func (param i32 i64 f32 f64 v128 funcref externref) (result i32 i64)))";
        check(all, Some(true));
        check("(type (func (param i32))) (type (func (result i32))) (type (func))", Some(true));
        check("(type (func (param i32))) (type (func)) (type (func (param i32)))", Some(false));
        check("(type (func (param (ref extern))))", None);
        check("(type $a (func)) (type (func (param (ref null $a))))", None);
        check("(type (func)) (type (struct))", None);
        check("(rec (type (func)) (type (func (param i32))))", None);
        check("(memory 1)", None);
        check("", None);
    }
}
