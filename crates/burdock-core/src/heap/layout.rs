//! Layouts of objects, which translation and the machine have in common.

pub use burdock_types::{GRANULE, HEADER, INLINE_SUPERTYPES, ObjectLayout as Layout, Storage};
