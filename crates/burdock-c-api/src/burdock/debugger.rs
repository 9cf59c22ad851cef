//! Debuggers of a store's guests.

use std::net::TcpListener;
use std::time::Duration;

use burdock::error::Context;
use burdock::{Error, Module, format_err};
use burdock_tools::debug::{Guest, Options, Server, attach, parse_address};

use crate::abi::{Given, Out, c_text, fill};
use crate::vecs::delete_function;
use crate::wasm::engine::wasm_config_t;
use crate::wasmtime::error::{Outcome, bad_utf8, exit_status, finish};
use crate::wasmtime::module::wasmtime_module_t;
use crate::wasmtime::store::wasmtime_store_t;

/// The time that a debugger gets to read the exit status.
const FAREWELL: Duration = Duration::from_secs(1);

/// A server for the debuggers of a store. Dropping it tells a debugger that the guest has ended.
pub(crate) struct burdock_debugger_t {
    server: Server,
    guest: Option<Guest>,
}

impl Drop for burdock_debugger_t {
    fn drop(&mut self) {
        if let Some(guest) = self.guest.take() {
            guest.finish(0);
        }
        self.server.finish(FAREWELL);
        self.server.close();
    }
}

delete_function! { burdock_debugger_t: burdock_debugger_delete }

/// Switches epochs on as well, with which a debugger interrupts guests.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_config_guest_debug_set(
    config: Option<&mut wasm_config_t>,
    enable: bool,
) {
    let config = &mut config.given("burdock_config_guest_debug_set: config").config;
    config.guest_debug(enable).epoch_interruption(enable);
}

/// Not allowed in callbacks of the store.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_store_debug(
    store: Option<&wasmtime_store_t>,
    module: Option<&wasmtime_module_t>,
    path: *const u8,
    address: *const u8,
    wait: bool,
    out: Out<'_, Option<Box<burdock_debugger_t>>>,
) -> Outcome {
    let cell = &store.given("burdock_store_debug: store").cell;
    let module = &module.given("burdock_store_debug: module").module;
    // SAFETY: [HEADER] the address ends with a zero byte.
    let address = unsafe { c_text(address, "burdock_store_debug: address") };
    // SAFETY: [HEADER] the path is null or ends with a zero byte.
    let path = (!path.is_null()).then(|| unsafe { c_text(path, "burdock_store_debug: path") });
    let (Some(address), None | Some(Some(_))) = (address, path) else { return bad_utf8() };
    let path = path.flatten().map(str::to_owned);
    let main = module.clone();
    let name = move |module: &Module| {
        if Module::same(module, &main) { path.clone() } else { None }
    };
    let is_exit = |error: &Error| exit_status(error).is_some();
    let options = Options { name: Box::new(name), wait, is_exit };
    let begun = listen(address).and_then(|listener| {
        let (live, guest) =
            cell.with_store("burdock_store_debug", |store| attach(store, module, options))?;
        let server = Server::start(listener, live)?;
        Ok(Box::new(burdock_debugger_t { server, guest: Some(guest) }))
    });
    finish(begun, |debugger| fill(out, Some(debugger)))
}

fn listen(address: &str) -> burdock::Result<TcpListener> {
    let address = parse_address(address).map_err(|message| format_err!("{message}"))?;
    TcpListener::bind(address)
        .with_context(|| format!("failed to listen for a debugger on {address}"))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_debugger_port(debugger: Option<&burdock_debugger_t>) -> u16 {
    debugger.given("burdock_debugger_port: debugger").server.address().port()
}

/// Tells a debugger the exit status of the guest, and deletes the server.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn burdock_debugger_finish(
    debugger: Option<Box<burdock_debugger_t>>,
    status: u8,
) {
    let mut debugger = debugger.given("burdock_debugger_finish: debugger");
    if let Some(guest) = debugger.guest.take() {
        guest.finish(status);
    }
}
