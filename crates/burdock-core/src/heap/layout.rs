//! Layouts of objects, which translation and the machine have in common.

pub(super) use burdock_types::DESCRIPTOR;
pub use burdock_types::{GRANULE, HEADER, INLINE_SUPERTYPES, ObjectLayout as Layout, Storage};
