//! The command line: commands, options and their help. An option that Wasmtime also has is spelled
//! as there.

mod run;
mod tools;

use crate::report::{Color, ErrorFormat};
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};
use run::heading;
pub(crate) use run::{CommonArgs, RunArgs};
use std::path::PathBuf;
pub(crate) use tools::*;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
`burdock FILE` means `burdock run FILE`. Options come before the file; everything after it goes to the \
guest.

Exit status: the guest's own if it ends by itself; 134 if it trapped (3 on Windows); 2 for a mistake on \
the command line; 77 if a policy was violated (`audit`); 1 for any other error.";

/// Runs, validates and inspects WebAssembly modules, without a JIT.
#[derive(Parser)]
#[command(
    name = "burdock",
    // Not that of the file, which has an extension on Windows.
    bin_name = "burdock",
    version,
    styles = STYLES,
    after_help = AFTER_HELP,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// When to use colors in the messages of burdock
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = heading::MESSAGES
    )]
    pub(crate) color: Color,
    /// Format of the errors, warnings and hints of burdock
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "human",
        help_heading = heading::MESSAGES
    )]
    pub(crate) error_format: ErrorFormat,
    /// Wait for a debugger on this port, such as LLDB 22, and run the module under its control
    #[arg(
        short = 'g',
        long = "gdb",
        global = true,
        value_name = "[ADDR:]PORT",
        help_heading = heading::GUEST
    )]
    pub(crate) gdb: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a module (the default)
    Run(RunCommand),
    /// Run a module and log its host calls, function calls, instructions and memory accesses
    Trace(TraceArgs),
    /// Run a module and measure its work by function, call stack, line or operator
    Profile(ProfileArgs),
    /// Run a module and report which functions, branches, instructions and lines have run
    Coverage(Box<CoverageArgs>),
    /// Run a module under a policy for its calls: which, with which arguments, how often
    Audit(AuditArgs),
    /// Run a module, then step through the run, forwards and backwards
    Step(StepArgs),
    /// Run a module under LLDB
    Debug(DebugArgs),
    /// Check that modules are valid
    Validate(ValidateArgs),
    /// Show the contents of a module: types, imports, exports, sections, sizes
    Inspect(InspectArgs),
    /// Show the code of a module beside its translation
    Objdump(ObjdumpArgs),
    /// Run scripts of the WebAssembly test suite
    Wast(WastArgs),
    /// Print a completion script for a shell
    Completion(CompletionArgs),
}

#[derive(Args)]
pub(crate) struct RunCommand {
    /// Record the run in a file, for `burdock debug --replay`
    #[arg(long, value_name = "FILE", conflicts_with = "gdb", help_heading = heading::GUEST)]
    pub(crate) record: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
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
    /// Show only this function, given by name, export or index
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
    /// Exit with 0 even if scripts fail
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
