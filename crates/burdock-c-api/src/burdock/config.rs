//! Settings of proposals for which Wasmtime's C API has none.

use crate::abi::Given;
use crate::wasm::engine::wasm_config_t;

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_config_wasm_custom_descriptors_set(
    config: Option<&mut wasm_config_t>,
    enable: bool,
) {
    let config = config.given("burdock_config_wasm_custom_descriptors_set: config");
    config.config.wasm_custom_descriptors(enable);
}
