//! The command line: its commands, options and their help. Spelled as Wasmtime's where it has the same.

use crate::groups::{self, Group};
pub(crate) use crate::tools::args::*;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
If no command is given, `run` is meant: `burdock FILE` is `burdock run FILE`. Options come before the \
file; everything after it goes to the guest.

Exit status: the guest's own, if it ends by itself; 134 if it trapped (3 on Windows); 2 for a mistake on \
the command line; 77 if a policy was violated (`audit`); 1 for any other error.";

/// Headings of options in the help.
pub(crate) mod heading {
    pub(crate) const ENGINE: &str = "Engine";
    pub(crate) const GUEST: &str = "What the guest gets";
    pub(crate) const LIMITS: &str = "Limits";
    pub(crate) const MESSAGES: &str = "Messages";
}

/// Runs, checks and looks into WebAssembly modules, without a JIT.
#[derive(Parser)]
#[command(
    name = "burdock",
    version,
    styles = STYLES,
    after_help = AFTER_HELP,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// When to use colours in what burdock itself prints
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = heading::MESSAGES)]
    pub(crate) color: Color,
    /// How burdock prints its own errors, warnings and hints
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human", help_heading = heading::MESSAGES)]
    pub(crate) error_format: ErrorFormat,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// When to use colours.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// How errors, warnings and hints are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// As text
    Human,
    /// As JSON, one object a line
    Json,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a module (the default)
    Run(RunArgs),
    /// Run a module and write down what it does: host calls, calls, instructions, memory
    Trace(TraceArgs),
    /// Run a module and measure where it spends its work: by function, by stack, by operator
    Profile(ProfileArgs),
    /// Run a module and record which of its functions, branches, instructions and lines have run
    Coverage(Box<CoverageArgs>),
    /// Run a module and hold it to a policy: what may be called, with what, how often
    Audit(AuditArgs),
    /// Run a module and step through the run afterwards, forwards and backwards
    Step(StepArgs),
    /// Check that modules are valid
    Validate(ValidateArgs),
    /// Show what is in a module: types, imports, exports, sections, sizes
    Inspect(InspectArgs),
    /// Show the code of a module beside what it is translated to
    Objdump(ObjdumpArgs),
    /// Run scripts of the WebAssembly test suite
    Wast(WastArgs),
    /// Print a completion script for a shell
    Completion(CompletionArgs),
}

/// Options of every command that loads a module: the groups -W, -S, -D, and those of Wasmtime that mean
/// nothing here.
#[derive(Args, Default)]
pub(crate) struct CommonArgs {
    /// Options of WebAssembly: proposals and limits; `-W help` lists them
    #[arg(short = 'W', long = "wasm", value_name = "KEY[=VAL[,..]]", value_parser = groups::wasm, help_heading = heading::ENGINE)]
    pub(crate) wasm: Vec<Group>,
    /// Options of WASI; `-S help` lists them
    #[arg(short = 'S', long = "wasi", value_name = "KEY[=VAL[,..]]", value_parser = groups::wasi, help_heading = heading::ENGINE)]
    pub(crate) wasi: Vec<Group>,
    /// Options for debugging; `-D help` lists them
    #[arg(short = 'D', long = "debug", value_name = "KEY[=VAL[,..]]", value_parser = groups::debug, help_heading = heading::ENGINE)]
    pub(crate) debug: Vec<Group>,
    /// Options of Wasmtime's compiler, accepted and ignored
    #[arg(short = 'O', long = "optimize", value_name = "KEY[=VAL[,..]]", hide = true)]
    pub(crate) optimize: Vec<String>,
    /// Options of Wasmtime's compiler, accepted and ignored
    #[arg(short = 'C', long = "codegen", value_name = "KEY[=VAL[,..]]", hide = true)]
    pub(crate) codegen: Vec<String>,
    /// Options of the groups from a TOML file with the tables wasm, wasi and debug; those of the
    /// command line win
    #[arg(long, value_name = "FILE", help_heading = heading::ENGINE)]
    pub(crate) config: Option<PathBuf>,
    /// When functions are validated and translated [default: lazy-translation]
    #[arg(long, value_name = "MODE", help_heading = heading::ENGINE)]
    pub(crate) compilation_mode: Option<CompilationMode>,
    /// Print no warnings and no hints
    #[arg(short, long, help_heading = heading::MESSAGES)]
    pub(crate) quiet: bool,
}

/// When functions are validated and translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompilationMode {
    /// Both when the module is loaded
    Eager,
    /// Both when a function is called first
    Lazy,
    /// Validated when the module is loaded, translated when called first
    LazyTranslation,
}

#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// Give the guest a directory of the host, by the name GUEST if one is given
    #[arg(long = "dir", value_name = "HOST[::GUEST]", value_parser = parse_dir, help_heading = heading::GUEST)]
    pub(crate) dirs: Vec<(String, String)>,
    /// Give the guest an environment variable; without a value, that of burdock itself
    #[arg(long = "env", value_name = "NAME[=VAL]", value_parser = parse_env, help_heading = heading::GUEST)]
    pub(crate) vars: Vec<(String, Option<String>)>,
    /// Call this function instead of the start function, with ARGS by its types; prints its results
    #[arg(long, value_name = "FUNC")]
    pub(crate) invoke: Option<String>,
    /// Load another module first, whose exports can be imported as NAME
    #[arg(long = "preload", value_name = "NAME=PATH", value_parser = parse_preload, help_heading = heading::GUEST)]
    pub(crate) preloads: Vec<(String, PathBuf)>,
    /// The guest's name of itself, instead of the file's
    #[arg(long, value_name = "NAME", help_heading = heading::GUEST)]
    pub(crate) argv0: Option<String>,
    /// Stop the guest after so much work, counted in operators of WebAssembly
    #[arg(long, value_name = "N", value_parser = groups::parse_number, help_heading = heading::LIMITS)]
    pub(crate) fuel: Option<u64>,
    /// Stop the guest after this time: `2s`, `500ms`, ...
    #[arg(long, value_name = "TIME", value_parser = groups::parse_duration, help_heading = heading::LIMITS)]
    pub(crate) timeout: Option<Duration>,
    /// The module, binary or text (`-`: standard input), and what the guest gets as arguments
    #[arg(value_name = "FILE", required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"])]
    pub(crate) file_and_args: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// The modules, binary or text (`-`: standard input)
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct InspectArgs {
    /// The module, binary or text (`-`: standard input)
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct ObjdumpArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// Only this function: its name, its export, or its index
    #[arg(long, value_name = "NAME")]
    pub(crate) func: Option<String>,
    /// The module, binary or text (`-`: standard input)
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct WastArgs {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// Run only scripts whose path contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// End with 0 whatever fails
    #[arg(long)]
    pub(crate) ignore_failures: bool,
    /// Scripts, or directories of scripts
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
