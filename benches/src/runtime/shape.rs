//! The common structure of peers: an engine makes modules and linkers, and both together make
//! instances. A peer's file only implements these steps with the peer's API.

use super::{Compiled, Instance};
use crate::Result;
use crate::program::Program;

/// An engine in one configuration.
pub(crate) trait Peer: 'static {
    /// A module that is parsed, validated and translated.
    type Module: 'static;
    /// The definitions of the imports.
    type Linker: 'static;
    /// A store with an instance in it.
    type Running: Instance + 'static;

    /// Parses, validates and translates.
    fn module(&self, wasm: &[u8]) -> Result<Self::Module>;

    /// Defines the imports.
    fn link(&self, program: &Program) -> Result<Self::Linker>;

    /// Instantiates in a new store.
    fn instantiate(
        &self,
        module: &mut Self::Module,
        linker: &mut Self::Linker,
    ) -> Result<Self::Running>;

    /// Returns `true` if imports are defined independently of modules and stores.
    fn links_apart(&self) -> bool {
        true
    }
}

/// A program that an engine has compiled.
struct Ready<P: Peer> {
    peer: P,
    module: P::Module,
    linker: P::Linker,
    program: Program,
}

/// Compiles a program and defines its imports.
pub(crate) fn compile<P: Peer>(peer: P, program: &Program) -> Result<Box<dyn Compiled>> {
    // Some peers resolve imports when they read the module.
    let linker = peer.link(program)?;
    let module = peer.module(&program.wasm)?;
    Ok(Box::new(Ready { peer, module, linker, program: program.clone() }))
}

impl<P: Peer> Compiled for Ready<P> {
    fn instantiate(&mut self) -> Result<Box<dyn Instance>> {
        Ok(Box::new(self.peer.instantiate(&mut self.module, &mut self.linker)?))
    }

    fn link(&mut self) -> Result {
        if !self.peer.links_apart() {
            return Err("cannot define imports apart from the module".into());
        }
        self.linker = self.peer.link(&self.program)?;
        Ok(())
    }
}

/// A peer's values: the name of their type, and how it makes and reads floats of both widths.
/// Defines `val` and `value`, which convert.
macro_rules! values {
    ($val:ident, $f32:expr, $f64:expr, $to_f32:expr, $to_f64:expr) => {
        fn val(value: $crate::program::Value) -> $val {
            use $crate::program::Value;
            match value {
                Value::I32(x) => $val::I32(x),
                Value::I64(x) => $val::I64(x),
                Value::F32(x) => $val::F32($f32(x)),
                Value::F64(x) => $val::F64($f64(x)),
            }
        }

        fn value(val: &$val) -> $crate::Result<$crate::program::Value> {
            use $crate::program::Value;
            Ok(match *val {
                $val::I32(x) => Value::I32(x),
                $val::I64(x) => Value::I64(x),
                $val::F32(x) => Value::F32($to_f32(x)),
                $val::F64(x) => Value::F64($to_f64(x)),
                #[allow(unreachable_patterns, reason = "some have no other types")]
                _ => return Err("a result of another type".into()),
            })
        }
    };
}
pub(crate) use values;

/// A peer's types of values. Defines `ty`, which converts.
macro_rules! types {
    ($ty:ident) => {
        fn ty(ty: $crate::program::Type) -> $ty {
            use $crate::program::Type;
            match ty {
                Type::I32 => $ty::I32,
                Type::I64 => $ty::I64,
                Type::F32 => $ty::F32,
                Type::F64 => $ty::F64,
            }
        }
    };
}
pub(crate) use types;
