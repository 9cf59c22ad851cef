//! `burdock run`: loads a module, links it with WASI and preloaded modules, and calls it.

use crate::cli::RunArgs;
use crate::input::Input;
use crate::report::{self, EngineError, Failure, Status};
use crate::settings::Settings;
use crate::state::{self, State};
use crate::watch::{Reason, Stop};
use crate::{engine, hints, invoke, link, usage};
use anyhow::{Context, anyhow};
use burdock::names::Escaped;
use burdock::{Instance, Linker, Module, Store};
use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::ExitCode;

/// A tool that observes a run.
pub(crate) trait Tool {
    /// Changes the settings to what the tool needs of the engine.
    fn prepare(&mut self, _settings: &mut Settings) -> anyhow::Result<()> {
        Ok(())
    }

    /// Returns `true` if a signal ends only the guest, so that the tool can still write its
    /// results.
    fn outlives_signals(&self) -> bool {
        true
    }

    /// Attaches the tool to the store before anything runs.
    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()>;

    /// Handles the end of the run, whatever its outcome, and returns the program's exit code.
    fn finish(
        self,
        store: &mut Store<State>,
        main: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure>;
}

/// The main module of a run.
pub(crate) struct Main<'a> {
    pub(crate) args: &'a RunArgs,
    pub(crate) module: &'a Module,
    /// The module in the binary format.
    pub(crate) bytes: &'a [u8],
    /// The handle that interrupts the guest.
    pub(crate) stop: Stop,
}

impl Main<'_> {
    /// Returns the path of the module's file.
    pub(crate) fn path(&self) -> &Path {
        self.args.file_and_args.first().map_or(Path::new(""), Path::new)
    }

    /// Returns the name of the module's file, without directories.
    pub(crate) fn name(&self) -> String {
        let name = self.path().file_name().unwrap_or_default();
        Escaped(&name.to_string_lossy()).to_string()
    }
}

/// The tool that observes nothing.
struct Alone;

impl Tool for Alone {
    fn outlives_signals(&self) -> bool {
        false
    }

    fn attach(&mut self, _: &mut Store<State>, _: &Main<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    fn finish(
        self,
        _: &mut Store<State>,
        _: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        outcome.map(|()| ExitCode::SUCCESS)
    }
}

pub(crate) fn execute(args: &RunArgs) -> Result<ExitCode, Failure> {
    execute_with(args, Alone)
}

/// Runs a module under observation of a tool.
pub(crate) fn execute_with(args: &RunArgs, mut tool: impl Tool) -> Result<ExitCode, Failure> {
    let (file, guest_args) = args.file_and_args.split_first().context("a file is missing")?;
    let path = Path::new(file);
    let mut settings = args.settings()?;
    tool.prepare(&mut settings)?;
    if let Some(option) = usage::misplaced_option(guest_args) {
        report::warning(&format!(
            "`{option}` comes after the module, so it goes to the guest; \
             if burdock is meant, write it before: `burdock run {option} ... {}`",
            path.display()
        ));
    }
    let stop = Stop::new();
    if tool.outlives_signals() {
        settings.epochs = true;
        stop.on_signals().context("failed to set up signals")?;
    }
    let input = Input::read(path).map_err(|error| load_failure(path, error))?;
    settings.source_lines = input.is_text();
    let engine = settings.engine()?;
    let module = input.module(&engine).map_err(|error| match input.is_text() {
        // Errors in text show their place.
        true => error,
        false => error.context(format!("failed to load module `{}`", path.display())),
    })?;
    let mut wasi = state::wasi(args, &settings, path, guest_args)?;
    if settings.epochs || settings.timeout.is_some() {
        let stop = stop.clone();
        wasi.interrupted(move || stop.cuts_host_call());
    }
    let mut store = state::store(&engine, &settings, wasi.build())?;
    let main = Main { args, module: &module, bytes: &input.bytes, stop: stop.clone() };
    tool.attach(&mut store, &main)?;
    let watch = stop.watch(&engine, settings.timeout, path);
    let result = caught(|| link_and_call(args, &settings, &mut store, &module, guest_args));
    drop(watch);
    if matches!(stop.reason(), Some(Reason::Signal(_))) {
        report::end_line_of_terminal();
    }
    let outcome = cut_short(result, &stop).map_err(|mut failure| {
        failure.error = explain(failure.error, stop.reason());
        let message = format!("failed to run main module `{}`", path.display());
        failure.error = failure.error.context(message);
        if let Some(to) = &settings.coredump {
            failure.error = write_coredump(failure.error, &mut store, path, to);
        }
        failure
    });
    let ended = tool.finish(&mut store, &main, outcome);
    match stop.reason() {
        // The signal decides the exit status, whatever outcome the guest itself reports.
        Some(reason @ Reason::Signal(_)) => {
            if let Err(failure) = ended {
                report::failure(&failure);
            }
            Ok(ExitCode::from(reason.status().code()))
        }
        _ => ended,
    }
}

/// Runs a guest and turns a panic of a tool or a host function into an error, so that the tool
/// still writes its results up to the panic.
fn caught(run: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    std::panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let message = "burdock panicked: this is a bug".to_owned();
        let error = EngineError { message, status: Status::Panic, dump: None };
        Err(Failure::from(anyhow::Error::new(error)))
    })
}

/// Returns the error of a guest that ended by itself after a host call had been interrupted. The
/// guest may not even have noticed that the call failed.
fn cut_short(result: Result<(), Failure>, stop: &Stop) -> Result<(), Failure> {
    let by_itself = match &result {
        Ok(()) => true,
        Err(failure) => matches!(failure.status(), Status::Guest(_)),
    };
    if !by_itself || !stop.has_cut_host_call() {
        return result;
    }
    let (message, status) = ("wasm trap: interrupt".to_owned(), Status::Interrupt);
    Err(Failure::from(anyhow::Error::new(EngineError { message, status, dump: None })))
}

/// Adds to an error the reason why the guest was interrupted.
fn explain(mut error: anyhow::Error, reason: Option<Reason>) -> anyhow::Error {
    match (reason, error.downcast_mut::<EngineError>()) {
        (Some(reason), Some(root)) if root.status == Status::Interrupt => {
            root.status = reason.status();
            error.context(reason.message())
        }
        _ => error,
    }
}

/// Writes the core dump of a trap, and returns the error with the path of the dump.
fn write_coredump(
    error: anyhow::Error,
    store: &mut Store<State>,
    path: &Path,
    to: &Path,
) -> anyhow::Error {
    let found = error.downcast_ref::<report::EngineError>();
    let Some(dump) = found.and_then(|error| error.dump.as_ref()) else {
        return error;
    };
    let bytes = dump.serialize(store, &path.to_string_lossy());
    match std::fs::write(to, bytes) {
        Ok(()) => error.context(format!("core dumped at `{}`", to.display())),
        Err(why) => {
            report::warning(&format!("failed to write core dump `{}`: {why}", to.display()));
            error
        }
    }
}

/// Returns the failure for a file that cannot be loaded. If the file's name is that of a command or
/// similar to one, a hint says so.
fn load_failure(path: &Path, error: anyhow::Error) -> Failure {
    let commands = usage::commands();
    let mut failure = Failure::from(error);
    let missing = failure.error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound)
    });
    if missing && let Some(name) = path.to_str() {
        if commands.iter().any(|command| command == name) {
            failure.hints.push(format!("options of `burdock {name}` come after `{name}`"));
        } else if let Some(near) = hints::nearest(name, commands.iter().map(String::as_str)) {
            failure.hints.push(format!("there is a command `{near}`"));
        } else if name.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            let commands = commands.join("`, `");
            failure.hints.push(format!("there is no command `{name}`; there are `{commands}`"));
        }
    }
    failure
}

fn link_and_call(
    args: &RunArgs,
    settings: &Settings,
    store: &mut Store<State>,
    module: &Module,
    guest_args: &[OsString],
) -> Result<(), Failure> {
    let mut linker = link::linker(store.engine(), settings)?;
    link::preload(&mut linker, store, &args.preloads)?;
    let instance = instantiate(&mut linker, settings, store, module, args)?;
    call(args, store, module, &instance, guest_args)?;
    Ok(())
}

fn instantiate(
    linker: &mut Linker<State>,
    settings: &Settings,
    store: &mut Store<State>,
    module: &Module,
    args: &RunArgs,
) -> Result<Instance, Failure> {
    link::fill_unknown_imports(linker, settings, store, module)?;
    let missing = link::missing_imports(linker, store, module);
    linker.instantiate(&mut *store, module).map_err(|error| {
        let file = args.file_and_args.first().cloned().unwrap_or_default();
        let error = engine::error(error).context(format!("failed to instantiate {file:?}"));
        Failure { error, hints: missing }
    })
}

/// Calls `_initialize` if the module exports it, and then the function of `--invoke`, or else the
/// module's start function.
fn call(
    args: &RunArgs,
    store: &mut Store<State>,
    module: &Module,
    instance: &Instance,
    guest_args: &[OsString],
) -> Result<(), Failure> {
    if let Some(initialize) = instance.get_func(&mut *store, "_initialize") {
        initialize
            .call(&mut *store, &[], &mut [])
            .map_err(engine::error)
            .context("failed to invoke `_initialize`")?;
    }
    if let Some(name) = &args.invoke {
        let func = instance.get_func(&mut *store, name).ok_or_else(|| no_function(name, module))?;
        return Ok(invoke::invoke(store, &func, Some(name), guest_args)?);
    }
    let start = [instance.get_func(&mut *store, ""), instance.get_func(&mut *store, "_start")];
    match start.into_iter().flatten().next() {
        Some(func) => Ok(invoke::invoke(store, &func, None, guest_args)?),
        None => {
            let exports = shown(&function_names(module));
            if !exports.is_empty() && module.get_export("_initialize").is_none() {
                report::warning(&format!(
                    "the module has no `_start`, so nothing was called; \
                     `--invoke` calls a function: `{exports}`"
                ));
            }
            Ok(())
        }
    }
}

fn no_function(name: &str, module: &Module) -> Failure {
    let names = function_names(module);
    let mut failure = Failure::from(anyhow!("no func export named `{name}` found"));
    if let Some(near) = hints::nearest(name, names.iter().copied()) {
        failure.hints.push(format!("there is a function `{}`", Escaped(near)));
    } else if !names.is_empty() {
        failure.hints.push(format!("functions there are: `{}`", shown(&names)));
    }
    failure
}

/// Returns names as a list.
fn shown(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| Escaped(name).to_string()).collect();
    names.join("`, `")
}

/// Returns the names of the first functions that the module exports, at most 20.
fn function_names(module: &Module) -> Vec<&str> {
    module
        .exports()
        .filter(|export| export.ty().func().is_some())
        .map(|export| export.name())
        .take(20)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use burdock::{Event, Events, Filter, Hook, StoreContextMut};
    use clap::Parser;

    /// A tool with a fault: it panics when the guest calls the host.
    struct Faulty;

    struct Panics;

    impl<T: 'static> Hook<T> for Panics {
        const EVENTS: Events = Events::HOST_CALLS;

        fn event(&mut self, _: StoreContextMut<'_, T>, _: Event<'_>) -> burdock::Result<()> {
            panic!("a fault of the tool's");
        }
    }

    impl Tool for Faulty {
        fn outlives_signals(&self) -> bool {
            false
        }

        fn attach(&mut self, store: &mut Store<State>, _: &Main<'_>) -> anyhow::Result<()> {
            store.attach(Filter::new(), Panics);
            Ok(())
        }

        fn finish(
            self,
            _: &mut Store<State>,
            _: &Main<'_>,
            outcome: Result<(), Failure>,
        ) -> Result<ExitCode, Failure> {
            let failure = outcome.unwrap_err();
            assert_eq!(failure.status(), Status::Panic);
            assert_eq!(failure.status().code(), 101);
            // The tool is asked to finish despite the panic; its exit code is the run's.
            Ok(ExitCode::from(42))
        }
    }

    #[test]
    fn a_tool_that_panics_still_finishes() {
        let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/modules/hello.wat");
        let cli = Cli::parse_from(["burdock", module]);
        let code = execute_with(&cli.run, Faulty).map_err(|failure| failure.error).unwrap();
        assert_eq!(code, ExitCode::from(42));
    }
}
