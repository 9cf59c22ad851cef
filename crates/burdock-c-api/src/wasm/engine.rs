//! Configurations, engines and stores.

use std::sync::Arc;

use burdock::{Config, Engine};

use crate::abi::{Given, Payload, fail};
use crate::cell::StoreCell;
use crate::vecs::delete_function;

/// A configuration.
#[repr(C)]
pub(crate) struct wasm_config_t {
    pub(crate) config: Config,
}

/// An engine. The structure is public for Rust programs that share their engine with C code: it
/// has the engine as its only field.
#[repr(C)]
#[derive(Clone)]
pub struct wasm_engine_t {
    /// The engine.
    pub engine: Engine,
}

/// A store of `wasm.h`, which all objects of the store own together.
pub(crate) struct wasm_store_t {
    pub(crate) cell: Arc<StoreCell>,
}

delete_function! { wasm_config_t: wasm_config_delete }
delete_function! { wasm_engine_t: wasm_engine_delete }
delete_function! { wasm_store_t: wasm_store_delete }

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_config_new() -> Box<wasm_config_t> {
    Box::new(wasm_config_t { config: Config::new() })
}

/// Creates an engine with the default configuration.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_engine_new() -> Box<wasm_engine_t> {
    Box::new(wasm_engine_t { engine: Engine::default() })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_engine_new_with_config(
    config: Option<Box<wasm_config_t>>,
) -> Box<wasm_engine_t> {
    let config = config.given("wasm_engine_new_with_config: config");
    match Engine::new(&config.config) {
        Ok(engine) => Box::new(wasm_engine_t { engine }),
        Err(error) => fail(&format!("wasm_engine_new_with_config: {error:#}")),
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn wasm_store_new(engine: Option<&wasm_engine_t>) -> Box<wasm_store_t> {
    let engine = engine.given("wasm_store_new: engine");
    let payload = Payload::new(std::ptr::null_mut(), None);
    Box::new(wasm_store_t { cell: StoreCell::new(&engine.engine, payload, true) })
}
