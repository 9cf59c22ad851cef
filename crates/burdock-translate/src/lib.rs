//! From a function body to IR, in one pass, fused with validation.
//!
//! # Should I be using this crate?
//!
//! Only when you build a machine of your own on Burdock's IR. Embedders use `burdock`.
//!
//! # How it works
//!
//! The operand stack is symbolic: each entry says where its value is (constant, local, register,
//! its home slot), so that reading a local or a constant emits nothing. An op is emitted with the
//! operand kinds that its entries have, if there is such an op, and with slots otherwise. The last
//! instruction may be revised: its result is sent straight to the local it is assigned to, a
//! comparison becomes part of the jump that asks for it, an addition part of a load's address.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod branch;
mod bulk;
mod calls;
mod control;
mod cost;
mod emit;
mod entry;
mod error;
mod fuel;
mod func;
mod memory;
mod numeric;
mod observe;
mod operands;
mod pins;
mod scan;
mod stack;
mod variables;
mod vector;
mod visit;

use alloc::sync::Arc;
use burdock_ir::{Bank, CodeBuffer, Target};
use burdock_parse::{Allocations, ModuleDef, Validation};

pub use cost::{OperatorCost, VariableOperatorCost};
pub use error::TranslateError;
pub use observe::{Access, Counted, EventSites, Observe, Point, Site, Sites};

/// What translation adds to, or changes in, the code of a function.
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
    /// Make every NaN that arithmetic produces the canonical one.
    pub canonicalize_nans: bool,
}

/// The length in bytes above which a body's buffers are not kept for other bodies.
const LARGE_BODY: usize = 256 << 10;

/// Translates functions one after the other, reusing its buffers.
#[derive(Default)]
pub struct Translator {
    settings: Settings,
    allocations: Allocations,
    scratch: func::Scratch,
}

impl Translator {
    /// A translator with these settings.
    pub fn new(settings: &Settings) -> Self {
        Self { settings: settings.clone(), ..Self::default() }
    }

    /// Translates the `defined`-th function that the module defines and appends it to `out`.
    ///
    /// # Errors
    ///
    /// The body is invalid (with [`Validation::Checked`]), uses a proposal that is not supported,
    /// or needs a larger frame than the machine has.
    pub fn translate(
        &mut self,
        module: &ModuleDef,
        bytes: &[u8],
        defined: u32,
        validation: Validation,
        target: &Target,
        out: &mut CodeBuffer,
    ) -> Result<(), TranslateError> {
        self.run(module, bytes, defined, validation, target, out, None)?;
        Ok(())
    }

    /// As [`translate`](Self::translate), with code to be observed. Sites and cells are numbered
    /// from these two numbers on.
    ///
    /// # Errors
    ///
    /// As for `translate`.
    #[allow(clippy::too_many_arguments, reason = "those of `translate`, and what is observed")]
    pub fn translate_observed(
        &mut self,
        module: &ModuleDef,
        bytes: &[u8],
        defined: u32,
        validation: Validation,
        target: &Target,
        out: &mut CodeBuffer,
        wanted: &Observe,
        first: [u32; 2],
    ) -> Result<Sites, TranslateError> {
        let observing = observe::Observing::new(wanted, bytes, first);
        self.run(module, bytes, defined, validation, target, out, Some(observing))
    }

    #[allow(clippy::too_many_arguments, reason = "those of `translate`, and what is observed")]
    fn run<'t>(
        &'t mut self,
        module: &'t ModuleDef,
        bytes: &'t [u8],
        defined: u32,
        validation: Validation,
        target: &'t Target,
        out: &'t mut CodeBuffer,
        observing: Option<observe::Observing<'t>>,
    ) -> Result<Sites, TranslateError> {
        let body = module.bodies[defined as usize].clone();
        let func = module.defined_func(defined);
        // A hook sees only values that are in slots.
        let has_sites = observing.as_ref().is_some_and(observe::Observing::has_sites);
        let pins = target.pinned(Bank::Int) > 0 && !has_sites;
        let start = body.start as u32;
        let writer = out.begin(start);
        let body = if pins { bytes.get(body).unwrap_or_default() } else { &[] };
        let mut translation = func::Func::new(
            module,
            module.func_type(func),
            target,
            (start, body),
            &self.settings,
            &mut self.scratch,
            writer,
        );
        translation.observing = observing;
        translation.bytes = bytes;
        let costs = self.settings.operator_cost.as_deref();
        translation.costs = costs.map(|table| cost::Costs::new(table, bytes));
        let read = burdock_parse::drive(
            module,
            bytes,
            defined,
            validation,
            &mut self.allocations,
            &mut translation,
        );
        let sites = translation.finish(read);
        // Buffers that a large body needed are not kept for other bodies, most of which are small.
        if module.bodies[defined as usize].len() > LARGE_BODY {
            self.scratch = func::Scratch::default();
            self.allocations = Allocations::default();
        }
        sites
    }
}
