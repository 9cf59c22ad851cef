//! The options of `run`, and those of every command that loads a module.

use crate::engine::CompilationMode;
use crate::groups::{self, Group};
use crate::settings::Settings;
use crate::{config_file, report};
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Headings of options in the help.
pub(crate) mod heading {
    pub(crate) const ENGINE: &str = "Engine";
    pub(crate) const GUEST: &str = "Guest";
    pub(crate) const LIMITS: &str = "Limits";
    pub(crate) const MESSAGES: &str = "Messages";
}

/// Options of every command that loads a module: the groups -W, -S and -D, and Wasmtime's options
/// that have no effect here.
#[derive(Args, Default)]
pub(crate) struct CommonArgs {
    /// Set options of WebAssembly, proposals and limits; `-W help` lists them
    #[arg(
        short = 'W',
        long = "wasm",
        value_name = "KEY[=VAL[,..]]",
        value_parser = groups::wasm,
        help_heading = heading::ENGINE
    )]
    pub(crate) wasm: Vec<Group>,
    /// Set options of WASI; `-S help` lists them
    #[arg(
        short = 'S',
        long = "wasi",
        value_name = "KEY[=VAL[,..]]",
        value_parser = groups::wasi,
        help_heading = heading::ENGINE
    )]
    pub(crate) wasi: Vec<Group>,
    /// Set options for debugging; `-D help` lists them
    #[arg(
        short = 'D',
        long = "debug",
        value_name = "KEY[=VAL[,..]]",
        value_parser = groups::debug,
        help_heading = heading::ENGINE
    )]
    pub(crate) debug: Vec<Group>,
    /// Accept and ignore an option of Wasmtime's compiler
    #[arg(short = 'O', long = "optimize", value_name = "KEY[=VAL[,..]]", hide = true)]
    pub(crate) optimize: Vec<String>,
    /// Accept and ignore an option of Wasmtime's compiler
    #[arg(short = 'C', long = "codegen", value_name = "KEY[=VAL[,..]]", hide = true)]
    pub(crate) codegen: Vec<String>,
    /// Read options of -W, -S and -D from the tables wasm, wasi and debug of a TOML file; options
    /// of the command line override them
    #[arg(long, value_name = "FILE", help_heading = heading::ENGINE)]
    pub(crate) config: Option<PathBuf>,
    /// When functions are validated and translated [default: lazy-translation]
    #[arg(long, value_name = "MODE", help_heading = heading::ENGINE)]
    pub(crate) compilation_mode: Option<CompilationMode>,
    /// Print no warnings and no hints
    #[arg(short, long, help_heading = heading::MESSAGES)]
    pub(crate) quiet: bool,
}

impl CommonArgs {
    /// Returns the settings of a command that has no other options to change them. Options of the
    /// command line override those of the configuration file.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration file cannot be read.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        report::set_quiet(self.quiet);
        let mut settings =
            Settings { compilation_mode: self.compilation_mode, ..Settings::default() };
        let file = self.config.as_deref().map(config_file::read).transpose()?.unwrap_or_default();
        for group in file.iter().chain(&self.wasm).chain(&self.wasi).chain(&self.debug) {
            group.apply(&mut settings).map_err(anyhow::Error::msg)?;
        }
        for (option, given) in [("-O", &self.optimize), ("-C", &self.codegen)] {
            if !given.is_empty() {
                report::warning(&format!("`{option}` has no effect in an interpreter"));
            }
        }
        Ok(settings)
    }
}

#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// Grant the guest access to a directory of the host, under the name GUEST if given
    #[arg(
        long = "dir",
        value_name = "HOST[::GUEST]",
        value_parser = parse_dir,
        help_heading = heading::GUEST
    )]
    pub(crate) dirs: Vec<(String, String)>,
    /// Set an environment variable of the guest; without a value, pass on that of burdock
    #[arg(
        long = "env",
        value_name = "NAME[=VAL]",
        value_parser = parse_env,
        help_heading = heading::GUEST
    )]
    pub(crate) vars: Vec<(String, Option<String>)>,
    /// Call this function instead of the start function, convert ARGS to the types of its
    /// parameters, and print its results
    #[arg(long, value_name = "FUNC")]
    pub(crate) invoke: Option<String>,
    /// Instantiate another module first; its exports can be imported from the module NAME
    #[arg(
        long = "preload",
        value_name = "NAME=PATH",
        value_parser = parse_preload,
        help_heading = heading::GUEST
    )]
    pub(crate) preloads: Vec<(String, PathBuf)>,
    /// Pass this name to the guest as its first argument, instead of the file name
    #[arg(long, value_name = "NAME", help_heading = heading::GUEST)]
    pub(crate) argv0: Option<String>,
    /// Stop the guest after this amount of work, about one unit for each WebAssembly operator
    #[arg(
        long,
        value_name = "N",
        value_parser = groups::parse_number,
        help_heading = heading::LIMITS
    )]
    pub(crate) fuel: Option<u64>,
    /// Stop the guest after this time, such as `2s` or `500ms`
    #[arg(
        long,
        value_name = "TIME",
        value_parser = groups::parse_duration,
        help_heading = heading::LIMITS
    )]
    pub(crate) timeout: Option<Duration>,
    /// The module, binary or text (`-`: standard input), and the arguments of the guest
    #[arg(
        value_name = "FILE",
        required = true,
        trailing_var_arg = true,
        value_names = ["FILE", "ARGS"]
    )]
    pub(crate) file_and_args: Vec<OsString>,
}

impl RunArgs {
    /// Returns the settings of a run. `--fuel` and `--timeout` override the keys of the same names
    /// in `-W`.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration file cannot be read.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = self.common.settings()?;
        settings.fuel = self.fuel.or(settings.fuel);
        settings.timeout = self.timeout.or(settings.timeout);
        Ok(settings)
    }
}

fn parse_dir(arg: &str) -> Result<(String, String), String> {
    let (host, guest) = arg.split_once("::").unwrap_or((arg, arg));
    if host.is_empty() || guest.is_empty() {
        return Err("must be a directory, or two of the form HOST::GUEST".into());
    }
    Ok((host.to_owned(), guest.to_owned()))
}

fn parse_env(arg: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = match arg.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (arg, None),
    };
    if name.is_empty() {
        return Err("the name of an environment variable must not be empty".into());
    }
    Ok((name.to_owned(), value))
}

fn parse_preload(arg: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = arg.split_once('=').ok_or("must be of the form NAME=PATH")?;
    Ok((name.to_owned(), path.into()))
}
