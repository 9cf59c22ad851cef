//! Translates a function body to Burdock's intermediate representation and validates it, in one
//! pass.
//!
//! # Should I be using this crate?
//!
//! Only to build a machine of your own on Burdock's representation. Embedders use the `burdock`
//! crate.
//!
//! # How it works
//!
//! The operand stack is symbolic: each entry records the place of its value (constant, local,
//! register, or the *home*, the slot of its stack position), so that reading a local or a constant
//! emits nothing. An op is emitted with the operand kinds of its entries if there is such an op,
//! and with slots otherwise. The last instruction can still change: its result goes directly to the
//! local that it is assigned to, a comparison becomes part of the jump that tests it, and an
//! addition becomes part of a load's address.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod branch;
mod bulk;
mod calls;
mod cast;
mod control;
mod cost;
mod emit;
mod entry;
mod error;
mod exceptions;
mod facts;
mod fuel;
mod func;
mod labels;
mod memory;
mod numeric;
mod object;
mod observe;
mod operands;
mod pins;
mod scan;
mod stack;
mod variables;
mod vector;
mod visit;

use alloc::sync::Arc;
use burdock_ir::{CodeBuffer, Target};
use burdock_parse::{Allocations, ModuleDef, Validation};
use core::ops::Range;

pub use cost::{OperatorCost, VariableOperatorCost};
pub use error::TranslateError;
pub use observe::{
    Access, Accesses, Addend, Check, Counted, EventSites, Known, Length, Observe, Point, Register,
    Site, Sites, Source, Taken,
};

/// The settings of translation: additions to the code of a function, and changes in it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Emit `check_fuel` and `consume_fuel`; docs/FUEL.md lists the costs.
    pub consume_fuel: bool,
    /// The costs of operators; `None` means the defaults.
    pub operator_cost: Option<Arc<OperatorCost>>,
    /// Emit `check_epoch` at function entries, at loop heads, and before each piece of a bulk
    /// operator's work.
    pub epoch_interruption: bool,
    /// Emit `enter_depth` and `leave_depth`, which count the frames there are.
    pub count_frames: bool,
    /// Have the code of observed functions keep the arguments of a call that a frame waits for: the
    /// originals are the callee's.
    pub keep_arguments: bool,
    /// Make every NaN that arithmetic produces the canonical one.
    pub canonicalize_nans: bool,
}

/// The length in bytes above which a body's buffers are not kept for other bodies.
const LARGE_BODY: usize = 32 << 10;

/// The body of a function to translate.
#[derive(Clone, Copy, Debug)]
pub struct Body<'m> {
    /// The module.
    pub module: &'m ModuleDef,
    /// The module's binary.
    pub bytes: &'m [u8],
    /// The number of the function among those that the module defines.
    pub defined: u32,
    /// Selects whether the body is validated while it is translated.
    pub validation: Validation,
}

impl Body<'_> {
    /// Returns the byte offsets of the body in the module.
    fn range(&self) -> Range<usize> {
        self.module.bodies[self.defined as usize].clone()
    }
}

/// Translates functions one after the other, reusing its buffers.
#[derive(Default)]
pub struct Translator {
    settings: Settings,
    allocations: Allocations,
    scratch: func::Scratch,
}

impl Translator {
    /// Creates a translator with these settings.
    pub fn new(settings: &Settings) -> Self {
        Self { settings: settings.clone(), ..Self::default() }
    }

    /// Translates a function and appends it to `out`.
    ///
    /// # Errors
    ///
    /// Fails if the body is invalid (with [`Validation::Checked`]), uses a proposal that is not
    /// supported, or needs a larger frame than the machine has.
    pub fn translate(
        &mut self,
        body: &Body<'_>,
        target: &Target,
        out: &mut CodeBuffer,
    ) -> Result<(), TranslateError> {
        self.run(body, target, out, None)?;
        Ok(())
    }

    /// Translates a function to code that is observed, and returns the sites of the code. Sites and
    /// cells are numbered from the two numbers of `first` on.
    ///
    /// # Errors
    ///
    /// Fails for the reasons for which [`translate`](Self::translate) fails.
    pub fn translate_observed(
        &mut self,
        body: &Body<'_>,
        target: &Target,
        out: &mut CodeBuffer,
        wanted: &Observe,
        first: [u32; 2],
    ) -> Result<Sites, TranslateError> {
        let observing = observe::Observing::new(wanted, body.bytes, first);
        self.run(body, target, out, Some(observing))
    }

    fn run<'t>(
        &'t mut self,
        body: &Body<'t>,
        target: &'t Target,
        out: &'t mut CodeBuffer,
        observing: Option<observe::Observing<'t>>,
    ) -> Result<Sites, TranslateError> {
        let &Body { module, bytes, defined, validation } = body;
        let range = body.range();
        let writer = out.begin(range.start as u32);
        let scratch = &mut self.scratch;
        let mut func = func::Func::new(body, target, &self.settings, scratch, writer, observing);
        let allocations = &mut self.allocations;
        let read = burdock_parse::drive(module, bytes, defined, validation, allocations, &mut func);
        let sites = func.finish(read);
        // Buffers that a large body needed are not kept for other bodies, most of which are small.
        if range.len() > LARGE_BODY {
            self.scratch = func::Scratch::default();
            self.allocations = Allocations::default();
        }
        sites
    }
}
