//! The options of the commands that run a module under observation of a tool: the tool's own, and
//! those of `run`.

use super::run::RunArgs;
use crate::groups;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct TraceArgs {
    /// Trace calls of host functions; the default if no other events are selected
    #[arg(long)]
    pub(crate) host: bool,
    /// Trace calls of functions; with PATTERN, such as `--calls='f*'`, only of those whose names
    /// match
    #[arg(
        long,
        value_name = "PATTERN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "*"
    )]
    pub(crate) calls: Vec<String>,
    /// Trace instructions with their operands
    #[arg(long)]
    pub(crate) instr: bool,
    /// Trace reads, writes and growth of memory
    #[arg(long)]
    pub(crate) memory: bool,
    /// Trace allocations of objects, exceptions and collections of garbage
    #[arg(long)]
    pub(crate) objects: bool,
    /// Trace only memory accesses in this range: `ADDRESS`, `FIRST..END` or `ADDRESS+LENGTH`
    #[arg(long, value_name = "RANGE", value_parser = parse_range, requires = "memory")]
    pub(crate) address: Vec<std::ops::Range<u64>>,
    /// Trace instructions and memory accesses only in functions whose names match
    #[arg(long, value_name = "PATTERN")]
    pub(crate) func: Vec<String>,
    /// Trace only calls of imports that match: `MODULE.NAME` or `NAME`, with `*` and `?`
    #[arg(long, value_name = "PATTERN")]
    pub(crate) import: Vec<String>,
    /// Trace only calls at a depth less than this
    #[arg(long, value_name = "N")]
    pub(crate) depth: Option<usize>,
    /// Write at most this many events; the guest then continues unobserved
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Show the duration of each call
    #[arg(long)]
    pub(crate) times: bool,
    /// Show the paths of file descriptors, as `fd=3</data>`
    #[arg(short = 'y', long)]
    pub(crate) paths: bool,
    /// Write a table of calls, errors and times at the end, instead of each call
    #[arg(short = 'c', long, conflicts_with_all = ["instr", "memory", "objects", "limit"])]
    pub(crate) summary: bool,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: TraceFormat,
    /// Write to a file (`-`: standard output) instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args)]
pub(crate) struct ProfileArgs {
    /// Format of the output [default: by the extension of the output file, else table]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ProfileFormat>,
    /// Take a sample at this interval, such as `1ms`, instead of counting
    #[arg(long, value_name = "TIME", value_parser = parse_interval, conflicts_with = "opcodes")]
    pub(crate) sample: Option<std::time::Duration>,
    /// Profile by line of source, from DWARF; observes each instruction, which is slow
    #[arg(long, conflicts_with = "opcodes")]
    pub(crate) lines: bool,
    /// Count operators and pairs of operators, instead of functions
    #[arg(long)]
    pub(crate) opcodes: bool,
    /// Weigh functions, types and places by the bytes of the objects that they allocate, or by the
    /// number of objects, instead of by work
    #[arg(long, value_name = "UNIT", num_args = 0..=1, require_equals = true,
        default_missing_value = "bytes", conflicts_with_all = ["sample", "lines", "opcodes"])]
    pub(crate) alloc: Option<AllocUnit>,
    /// Show the types of the objects that live at the end, and what holds them
    #[arg(long, conflicts_with_all = ["sample", "lines", "opcodes", "alloc", "diff"])]
    pub(crate) heap: bool,
    /// Column by which the rows of a table are sorted
    #[arg(long, value_name = "COLUMN", default_value = "self")]
    pub(crate) sort: SortBy,
    /// Compare with an earlier profile in the format folded. FILE is then the later profile, or a
    /// module to run
    #[arg(long, value_name = "EARLIER", conflicts_with_all = ["lines", "opcodes"])]
    pub(crate) diff: Option<PathBuf>,
    /// Maximum number of rows of a table
    #[arg(long, value_name = "N", default_value = "30")]
    pub(crate) rows: usize,
    /// Write to a file (`-`: standard output) instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// The values of `--alloc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AllocUnit {
    /// Bytes of objects
    Bytes,
    /// Objects
    Objects,
}

/// The values of `--sort`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortBy {
    /// The work of the function or line itself
    #[value(name = "self")]
    Own,
    /// The work of the function or line and its callees
    Total,
    /// The number of calls
    Calls,
    /// The name
    Name,
}

/// The values of `--format` of `burdock profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileFormat {
    /// A table of functions
    Table,
    /// The same table as JSON
    Json,
    /// A flame graph (`.svg`)
    Svg,
    /// Folded stacks, one for each line, for flame graph tools (`.folded`)
    Folded,
    /// A profile for Firefox, profiler.firefox.com (`.json`)
    Firefox,
    /// A profile for `go tool pprof` (`.pb.gz`)
    Pprof,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub(crate) to: CoverageOutput,
    #[command(subcommand)]
    pub(crate) merge: Option<CoverageCommand>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args)]
pub(crate) struct AuditArgs {
    /// The policy, in TOML
    #[arg(long, value_name = "FILE", required_unless_present = "learn")]
    pub(crate) policy: Option<PathBuf>,
    /// Allow everything, and write a policy that allows exactly what the guest did
    #[arg(long, conflicts_with = "policy")]
    pub(crate) learn: bool,
    /// With `--learn`, also allow what this policy from an earlier run allows
    #[arg(long, value_name = "FILE", requires = "learn")]
    pub(crate) with: Vec<PathBuf>,
    /// Write all calls and decisions as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write the decisions or the policy to a file instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args)]
pub(crate) struct StepArgs {
    /// Start at the first stop at a breakpoint: FILE:LINE, or functions by a pattern of names;
    /// `PLACE if EXPR` stops only where the expression is true
    #[arg(long = "break", value_name = "PLACE")]
    pub(crate) breakpoint: Vec<String>,
    /// Replace the prefix FROM of source paths by TO
    #[arg(long, value_name = "FROM=TO", value_parser = parse_remap)]
    pub(crate) remap: Vec<(String, String)>,
    /// Execute this command first, and write the screen as text, instead of showing the run
    #[arg(long = "ex", value_name = "COMMAND")]
    pub(crate) commands: Vec<String>,
    /// Explain each instruction in words, with the operands before and after
    #[arg(long)]
    pub(crate) explain: bool,
    /// Read commands from standard input, one a line, and answer each with a line of JSON
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["keys", "record", "commands"])]
    pub(crate) format: Option<StepFormat>,
    /// Write a page that plays the run in a browser, instead of showing the run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keys", "commands"])]
    pub(crate) record: Option<PathBuf>,
    /// Maximum number of instructions on the page of `--record`
    #[arg(long, value_name = "N", default_value = "10000")]
    pub(crate) limit: u64,
    /// Press these keys and write the screen as text, instead of showing the run
    #[arg(long, value_name = "KEYS")]
    pub(crate) keys: Option<String>,
    /// Write the screen of `--keys` and `--ex` to a file instead of standard error
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["record", "format"])]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// The values of `--format` of `burdock step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepFormat {
    /// JSON objects, one for each line
    Json,
}

#[derive(Args)]
pub(crate) struct DebugArgs {
    /// Print a launch.json for the extension LLDB DAP of VS Code, instead of running the module
    #[arg(long)]
    pub(crate) print_vscode: bool,
    /// Use this LLDB [default: lldb, lldb-24, lldb-23 or lldb-22 on the path, from version 22 on]
    #[arg(long, value_name = "PROGRAM", conflicts_with = "print_vscode")]
    pub(crate) lldb: Option<PathBuf>,
    /// Run the module first, then debug the recorded run, which also goes backward
    #[arg(long, conflicts_with = "print_vscode")]
    pub(crate) reverse: bool,
    /// Debug a run that `burdock run --record` has written to FILE
    #[arg(long, conflicts_with_all = ["print_vscode", "reverse"])]
    pub(crate) replay: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// The outputs of coverage; a table on standard error if none is requested.
#[derive(Args)]
pub(crate) struct CoverageOutput {
    /// Write an lcov tracefile
    #[arg(long, value_name = "FILE")]
    pub(crate) lcov: Option<PathBuf>,
    /// Write an HTML page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the table to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write all data as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Include only source files whose paths contain this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Vec<String>,
    /// Exclude source files whose paths contain this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) exclude: Vec<String>,
    /// Replace the prefix FROM of source paths by TO
    #[arg(long, value_name = "FROM=TO", value_parser = parse_remap)]
    pub(crate) remap: Vec<(String, String)>,
    /// Exit with 1 if less than this percentage of the lines has run
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    pub(crate) fail_under: Option<f64>,
}

#[derive(Subcommand)]
pub(crate) enum CoverageCommand {
    /// Merge lcov tracefiles
    Merge {
        #[command(flatten)]
        to: CoverageOutput,
        /// The tracefiles
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// The values of `--format` of `burdock trace`.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TraceFormat {
    /// Lines of text
    Text,
    /// One JSON object for each line
    Json,
    /// The Trace Event Format, for chrome://tracing and Perfetto
    Chrome,
}

/// Parses a range of addresses: one address, `FIRST..END` or `ADDRESS+LENGTH`, in decimal or as
/// `0x...`.
fn parse_range(text: &str) -> Result<std::ops::Range<u64>, String> {
    let number = |text: &str| {
        let digits = text.trim();
        let parsed = match digits.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => digits.parse(),
        };
        parsed.map_err(|_| format!("`{text}` is no address: a number of 64 bits, or `0x...`"))
    };
    let (first, end) = match (text.split_once(".."), text.split_once('+')) {
        (Some((first, end)), _) => (number(first)?, number(end)?),
        (_, Some((first, len))) => {
            let first = number(first)?;
            (first, first.saturating_add(number(len)?))
        }
        _ => (number(text)?, number(text)?.saturating_add(1)),
    };
    if first < end { Ok(first..end) } else { Err("the range is empty".to_owned()) }
}

/// Parses the time between two samples.
fn parse_interval(text: &str) -> Result<std::time::Duration, String> {
    match groups::parse_duration(text)? {
        interval if interval.is_zero() => Err("the interval must not be zero".to_owned()),
        interval => Ok(interval),
    }
}

fn parse_remap(arg: &str) -> Result<(String, String), String> {
    let (from, to) = arg.split_once('=').ok_or("must be of the form FROM=TO")?;
    if from.is_empty() {
        return Err("the prefix to replace must not be empty".to_owned());
    }
    Ok((from.to_owned(), to.to_owned()))
}

fn parse_percent(arg: &str) -> Result<f64, String> {
    match arg.trim_end_matches('%').parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err(format!("`{arg}` is no percentage from 0 to 100")),
    }
}
