//! Validation of all bodies of a module, for who does not translate them at once.

use crate::{Allocations, BodyVisitor, ModuleDef, ParseError, Validation, drive};
use alloc::vec::Vec;
use burdock_types::ValType;
use core::ops::Range;
use wasmparser::{VisitOperator, VisitSimdOperator};

/// Validates the bodies of a range of the functions that a module defines. The module was parsed
/// with [`Validation::Checked`]; otherwise this does nothing.
///
/// # Errors
///
/// A body is malformed or invalid.
pub fn validate_bodies(
    module: &ModuleDef,
    bytes: &[u8],
    defined: Range<u32>,
) -> Result<(), ParseError> {
    if module.resources.is_none() {
        return Ok(());
    }
    let mut allocations = Allocations::default();
    for defined in defined {
        drive(module, bytes, defined, Validation::Checked, &mut allocations, &mut Nobody)?;
    }
    Ok(())
}

/// Whom operators are shown to where they are only validated.
struct Nobody;

impl BodyVisitor<'_> for Nobody {
    fn locals(&mut self, _: u32, _: ValType) {}
    fn begin(&mut self, _: u32) {}
    fn at(&mut self, _: u32) {}
}

macro_rules! nothing {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {$(
        #[inline]
        fn $visit(&mut self $($(, _: $argty)*)?) {}
    )*};
}

impl<'a> VisitOperator<'a> for Nobody {
    type Output = ();

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = ()>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(nothing);
}

impl VisitSimdOperator<'_> for Nobody {
    wasmparser::for_each_visit_simd_operator!(nothing);
}
