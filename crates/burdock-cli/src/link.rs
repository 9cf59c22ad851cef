//! The imports of a module: WASI, preloaded modules and placeholders; and hints about missing
//! imports.

use crate::settings::Settings;
use crate::state::State;
use crate::{engine, hints, input};
use anyhow::Context;
use burdock::names::Escaped;
use burdock::{Engine, ExternType, Linker, Module, Store};
use burdock_wasi::WasiP1Ctx;
use std::path::{Path, PathBuf};

/// Returns a linker with WASI, unless WASI is switched off.
pub(crate) fn linker(engine: &Engine, settings: &Settings) -> anyhow::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    linker.allow_unknown_exports(settings.unknown_exports_allow);
    if settings.wasi {
        let wasi: fn(&mut State) -> &mut WasiP1Ctx = |state| &mut state.wasi;
        burdock_wasi::p1::add_to_linker_sync(&mut linker, wasi).map_err(engine::error)?;
        burdock_wasi::p0::add_to_linker_sync(&mut linker, wasi).map_err(engine::error)?;
    }
    Ok(linker)
}

/// Instantiates the modules of `--preload`, each under its name.
pub(crate) fn preload(
    linker: &mut Linker<State>,
    store: &mut Store<State>,
    preloads: &[(String, PathBuf)],
) -> anyhow::Result<()> {
    for (name, path) in preloads {
        let module = preloaded(store.engine(), name, path)?;
        let context = || failed_preload(name, path);
        linker.module(&mut *store, name, &module).map_err(engine::error).with_context(context)?;
    }
    Ok(())
}

/// Loads a module of `--preload`.
pub(crate) fn preloaded(engine: &Engine, name: &str, path: &Path) -> anyhow::Result<Module> {
    input::module(engine, path).with_context(|| failed_preload(name, path))
}

fn failed_preload(name: &str, path: &Path) -> String {
    format!("failed to process preload `{name}` at `{}`", path.display())
}

/// Defines placeholders for missing imports if the settings ask for them.
pub(crate) fn fill_unknown_imports(
    linker: &mut Linker<State>,
    settings: &Settings,
    store: &mut Store<State>,
    module: &Module,
) -> anyhow::Result<()> {
    if settings.unknown_imports_default {
        linker
            .define_unknown_imports_as_default_values(&mut *store, module)
            .map_err(engine::error)?;
    } else if settings.unknown_imports_trap {
        linker.define_unknown_imports_as_traps(module).map_err(engine::error)?;
    }
    Ok(())
}

/// Returns a hint for each missing import, with a similar name if one is defined.
pub(crate) fn missing_imports(
    linker: &Linker<State>,
    store: &mut Store<State>,
    module: &Module,
) -> Vec<String> {
    let missing: Vec<_> = module
        .imports()
        .filter(|import| linker.get_by_import(&mut *store, import).is_none())
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let defined: Vec<(String, String)> = linker
        .iter(&mut *store)
        .map(|(module, name, _)| (module.to_owned(), name.to_owned()))
        .collect();
    let mut lines: Vec<String> = missing
        .iter()
        .map(|import| {
            let (from, name) = (import.module(), import.name());
            let what = kind(&import.ty());
            let line = format!("{what} `{from}::{name}` is missing{}", near(from, name, &defined));
            Escaped(&line).to_string()
        })
        .collect();
    const SHOWN: usize = 10;
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("and {more} more are missing"));
    }
    lines
}

/// Returns the part of a hint that names a similar import, or an option that would define the
/// import.
fn near(from: &str, name: &str, defined: &[(String, String)]) -> String {
    match from {
        _ if from.starts_with("wasi:") => return "; WASI preview 2 is not supported".into(),
        _ => {}
    }
    let same_module = defined.iter().filter(|(module, _)| module == from);
    if let Some(near) = hints::nearest(name, same_module.map(|(_, name)| name.as_str())) {
        return format!("; there is `{from}::{near}`");
    }
    if let Some((module, name)) = defined.iter().find(|(_, defined)| defined == name) {
        return format!("; there is `{module}::{name}`");
    }
    match from {
        _ if defined.iter().any(|(module, _)| module == from) => String::new(),
        "wasi_snapshot_preview1" | "wasi_unstable" => "; WASI is switched off by `-S cli=n`".into(),
        _ => format!("; `--preload {from}=PATH` loads a module by that name"),
    }
}

fn kind(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "the function",
        ExternType::Global(_) => "the global",
        ExternType::Tag(_) => "the tag",
        ExternType::Table(_) => "the table",
        ExternType::Memory(_) => "the memory",
    }
}
