//! The state of a guest's store: WASI and the limits on its resources.

use crate::cli::RunArgs;
use crate::engine;
use crate::report;
use crate::settings::Settings;
use anyhow::{Context, anyhow};
use burdock::{Engine, Store, StoreLimits};
use burdock_wasi::{FsPerms, VirtualClock, WasiCtxBuilder, WasiP1Ctx};
use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

/// The data of a guest's store.
pub(crate) struct State {
    pub(crate) wasi: WasiP1Ctx,
    limits: StoreLimits,
}

/// Returns a new store with the limits of `settings`.
pub(crate) fn store(
    engine: &Engine,
    settings: &Settings,
    wasi: WasiP1Ctx,
) -> anyhow::Result<Store<State>> {
    let mut store = Store::new(engine, State { wasi, limits: settings.limits() });
    store.limiter(|state| &mut state.limits);
    if let Some(fuel) = settings.fuel {
        store.set_fuel(fuel).map_err(engine::error)?;
    }
    if settings.epochs || settings.timeout.is_some() {
        store.set_epoch_deadline(1);
    }
    Ok(store)
}

/// Returns the builder of the guest's WASI context.
pub(crate) fn wasi(
    args: &RunArgs,
    settings: &Settings,
    path: &Path,
    guest_args: &[OsString],
) -> anyhow::Result<WasiCtxBuilder> {
    let mut builder = WasiCtxBuilder::new();
    // The guest must not learn the directory of its file on the host, so only the name is passed.
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    builder.arg(args.argv0.clone().or(name).unwrap_or_default());
    for arg in guest_args {
        let message = || report::usage_root(format!("argument {arg:?} is not Unicode"));
        builder.arg(arg.to_str().ok_or_else(message)?);
    }
    if settings.inherit_env {
        builder.inherit_env();
    }
    for (name, value) in &args.vars {
        match value {
            Some(value) => builder.env(name, value),
            None => {
                let value = std::env::var(name)
                    .map_err(|_| anyhow!("environment variable `{name}` not found"))?;
                builder.env(name, value)
            }
        };
    }
    if settings.inherit_stdin {
        builder.inherit_stdin();
    }
    if settings.inherit_stdout {
        builder.inherit_stdout();
    }
    if settings.inherit_stderr {
        builder.inherit_stderr();
    }
    for (host, guest) in &args.dirs {
        builder
            .preopened_dir(host, guest, FsPerms::ReadWrite)
            .with_context(|| format!("failed to open directory '{host}'"))?;
    }
    for address in &settings.tcplisten {
        let listener = TcpListener::bind(address)
            .with_context(|| format!("failed to listen on '{address}'"))?;
        builder.preopened_socket(listener);
    }
    if let Some(seconds) = settings.virtual_clock {
        builder.virtual_clock(VirtualClock::new(Duration::from_secs(seconds)));
    }
    if let Some(seed) = settings.random_seed {
        builder.deterministic_random(seed);
    }
    Ok(builder)
}
