//! The program `burdock`. Its command line is in [`cli`]; each command is a module of the same
//! name.

#![forbid(unsafe_code)]

mod cli;
mod completion;
mod config_file;
mod engine;
mod groups;
mod hints;
mod input;
mod inspect;
mod invoke;
mod link;
mod objdump;
mod output;
mod report;
mod run;
mod settings;
mod state;
mod tools;
mod usage;
mod validate;
mod wast;
mod watch;

use cli::{Command, RunCommand};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = usage::parse();
    let run = RunCommand { record: None, run: cli.run };
    let command = cli.command.unwrap_or(Command::Run(run));
    report::set_color(cli.color);
    report::set_format(cli.error_format);
    let result = match (command, &cli.gdb) {
        (Command::Run(args), Some(address)) => tools::gdb::execute(&args.run, address),
        (Command::Debug(args), address) => tools::debug::execute(&args, address.as_deref()),
        (_, Some(_)) => {
            Err(report::usage("`-g` is an option of `burdock run` and `burdock debug`"))
        }
        (command, None) => execute(command),
    };
    match result {
        Ok(code) => code,
        Err(failure) => report::failure(&failure),
    }
}

/// Executes a command without a debugger.
fn execute(command: Command) -> Result<ExitCode, report::Failure> {
    match command {
        Command::Run(RunCommand { record: Some(to), run }) => tools::recorded::record(&run, &to),
        Command::Run(args) => run::execute(&args.run),
        Command::Debug(args) => tools::debug::execute(&args, None),
        Command::Step(args) => tools::step::execute(&args),
        Command::Trace(args) => tools::trace::execute(args),
        Command::Audit(args) => tools::audit::execute(&args),
        Command::Coverage(args) => tools::coverage::execute(&args),
        Command::Profile(args) => tools::profile::execute(&args),
        Command::Validate(args) => validate::execute(&args),
        Command::Inspect(args) => inspect::execute(&args),
        Command::Objdump(args) => objdump::execute(&args),
        Command::Wast(args) => wast::execute(&args),
        Command::Completion(args) => completion::execute(&args),
    }
}
