//! From a module's definition to its code: all bodies at once, or each at its first call.

use super::parallel;
use crate::{CompilationMode, Config, Engine, Error, Result};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use burdock_core::{Code, ModuleParts, Source};
use burdock_ir::{CodeBuffer, Target};
use burdock_parse::{ModuleDef, ParseError, Validation, validate_bodies};
use burdock_translate::{Body, TranslateError};
use core::ops::Range;

/// Returns the error of a module as a whole, in Wasmtime's words.
pub(crate) fn parse_failed(error: ParseError) -> Error {
    Error::new(error).context("failed to parse WebAssembly module")
}

/// Returns the error of a body, in Wasmtime's words.
pub(crate) fn translation_failed(error: impl Into<TranslateError>) -> Error {
    Error::new(error.into()).context("WebAssembly translation error")
}

/// Returns the code of all bodies.
pub(crate) fn eager(
    engine: &Engine,
    def: &ModuleDef,
    parts: &ModuleParts,
    validation: Validation,
) -> Result<CodeBuffer> {
    let translate = |funcs: Range<u32>, mut code: CodeBuffer| {
        engine.translate(|translator| {
            for defined in funcs {
                let body = Body { module: def, bytes: &parts.binary, defined, validation };
                translator.translate(&body, &parts.target, &mut code)?;
            }
            Ok::<_, TranslateError>(code)
        })
    };
    let room = |bodies: &[Range<usize>]| {
        CodeBuffer::with_room_for(bodies.len(), bodies.iter().map(|body| body.len()).sum())
    };
    let pieces = parallel::pieces(engine.config(), &def.bodies);
    if pieces.is_empty() {
        let all = 0..def.bodies.len() as u32;
        return translate(all, room(&def.bodies)).map_err(translation_failed);
    }
    // Buffers that are free again. An allocator keeps the memory of one for each piece.
    let spare = spin::Mutex::new(Vec::new());
    let work = |funcs: Range<u32>| {
        // The first buffer takes in the others.
        let last = if funcs.start == 0 { def.bodies.len() } else { funcs.end as usize };
        let free = spare.lock().pop();
        let new = || room(&def.bodies[funcs.start as usize..last]);
        translate(funcs.clone(), free.unwrap_or_else(new))
    };
    let mut all = None;
    let join = |mut part| match &mut all {
        None => all = Some(part),
        Some(code) => {
            CodeBuffer::append(code, &mut part);
            spare.lock().push(part);
        }
    };
    parallel::each(&pieces, work, join).map_err(translation_failed)?;
    Ok(all.unwrap_or_default())
}

/// Validates all bodies.
pub(crate) fn validate(
    config: &Config,
    def: &ModuleDef,
    binary: &[u8],
) -> core::result::Result<(), ParseError> {
    let pieces = parallel::pieces(config, &def.bodies);
    if pieces.is_empty() {
        return validate_bodies(def, binary, 0..def.bodies.len() as u32);
    }
    parallel::each(&pieces, |funcs| validate_bodies(def, binary, funcs), drop)
}

/// Returns code that is translated at the first call of each function.
pub(crate) fn lazy(
    engine: &Engine,
    def: &Arc<ModuleDef>,
    parts: ModuleParts,
    validation: Validation,
) -> Arc<Code> {
    let source = Lazy {
        engine: engine.clone(),
        def: Arc::clone(def),
        bytes: Arc::clone(&parts.binary),
        validation,
        fuel_per_byte: fuel_per_byte(engine.config()),
    };
    let defined = def.bodies.len() as u32;
    Code::lazy(defined, Box::new(source), parts)
}

/// Returns the fuel for each byte of a body that is translated at its first call.
fn fuel_per_byte(config: &Config) -> u64 {
    let cost = &config.translation_cost;
    let validated = match config.mode {
        CompilationMode::Lazy => cost.validated_per_byte,
        _ => 0,
    };
    match config.consume_fuel {
        true => u64::from(cost.translated_per_byte) + u64::from(validated),
        false => 0,
    }
}

/// The inputs for the translation of a body at its first call.
struct Lazy {
    engine: Engine,
    def: Arc<ModuleDef>,
    bytes: Arc<[u8]>,
    validation: Validation,
    /// The fuel for each byte of a body.
    fuel_per_byte: u64,
}

impl Source for Lazy {
    fn fuel(&self, defined: u32) -> u64 {
        self.fuel_per_byte.saturating_mul(self.def.bodies[defined as usize].len() as u64)
    }

    fn translate(
        &self,
        defined: u32,
        target: &Target,
    ) -> Result<CodeBuffer, Box<dyn core::error::Error + Send + Sync>> {
        let Self { def, bytes, validation, .. } = self;
        let mut code = CodeBuffer::with_room_for(1, def.bodies[defined as usize].len());
        let body = Body { module: def, bytes, defined, validation: *validation };
        self.engine.translate(|translator| translator.translate(&body, target, &mut code))?;
        Ok(code)
    }
}
