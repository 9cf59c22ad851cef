//! Addresses as LLDB has them for WebAssembly: a kind, a number and an offset in 64 bits.

use super::debuggee::Space;

/// A place that an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A byte of a memory.
    Memory(Space, u64),
    /// A byte of a module.
    Module(u32, u32),
}

/// The kind of addresses in modules, in the two highest bits. That of addresses in memories is 0.
const MODULE: u64 = 1;

/// Returns the place that an address names; `None` if there can be none.
///
/// Number 0 stands for the memory that a pointer of the innermost frame points into, because
/// pointers have no number; the others stand for the memories of the store.
pub(super) fn decode(address: u64) -> Option<Place> {
    let (kind, number, offset) =
        (address >> 62, (address >> 32) as u32 & 0x3fff_ffff, address as u32);
    match kind {
        0 => Some(Place::Memory(
            number.checked_sub(1).map_or(Space::Current, Space::Memory),
            offset.into(),
        )),
        MODULE => Some(Place::Module(number, offset)),
        _ => None,
    }
}

/// Returns the address of a byte of a module.
pub(super) fn of_module(module: u32, offset: u32) -> u64 {
    MODULE << 62 | u64::from(module) << 32 | u64::from(offset)
}

/// Returns the address of a byte of a memory.
pub(super) fn of_memory(space: Space, offset: u64) -> u64 {
    let number = match space {
        // Addresses cannot name a frame.
        Space::Current | Space::Frame(_) => 0,
        Space::Memory(number) => u64::from(number) + 1,
    };
    number << 32 | offset & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_places() {
        for (address, place) in [
            (0x10, Place::Memory(Space::Current, 0x10)),
            (0x3_0000_0010, Place::Memory(Space::Memory(2), 0x10)),
            (0x4000_0000_0000_0020, Place::Module(0, 0x20)),
            (0x4000_0001_0000_0020, Place::Module(1, 0x20)),
        ] {
            assert_eq!(decode(address), Some(place));
            let again = match place {
                Place::Memory(space, offset) => of_memory(space, offset),
                Place::Module(module, offset) => of_module(module, offset),
            };
            assert_eq!(again, address);
        }
        assert_eq!(decode(0xc000_0000_0000_0000), None);
    }
}
