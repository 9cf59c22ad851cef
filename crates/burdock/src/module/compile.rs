//! From a module's definition to its code: all bodies at once, or each at its first call.

use crate::{CompilationMode, Config, Engine, Error, Result};
use alloc::boxed::Box;
use alloc::sync::Arc;
use burdock_core::{Code, ModuleParts, Source};
use burdock_ir::{CodeBuffer, Target};
use burdock_parse::{ModuleDef, ParseError, Validation};
use burdock_translate::{Body, TranslateError};

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
    let mut code =
        CodeBuffer::with_room_for(def.bodies.len(), def.bodies.iter().map(|body| body.len()).sum());
    engine
        .translate(|translator| {
            (0..def.bodies.len() as u32).try_for_each(|defined| {
                let body = Body { module: def, bytes: &parts.binary, defined, validation };
                translator.translate(&body, &parts.target, &mut code)
            })
        })
        .map_err(translation_failed)?;
    Ok(code)
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
