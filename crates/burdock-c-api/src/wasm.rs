//! `wasm.h`: the standard C API.

pub(crate) mod engine;
pub(crate) mod entities;
pub(crate) mod entity_types;
pub(crate) mod external;
pub(crate) mod func;
pub(crate) mod imports;
pub(crate) mod instance;
pub(crate) mod module;
pub(crate) mod object;
pub(crate) mod trap;
pub(crate) mod val;
pub(crate) mod valtype;
