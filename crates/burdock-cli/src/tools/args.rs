//! The options of the commands that run a module while a tool looks on: their own, and those of `run`.

use crate::cli::RunArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct TraceArgs {
    /// Trace calls of host functions (what is traced if nothing else is asked for)
    #[arg(long)]
    pub(crate) host: bool,
    /// Trace calls of functions, of those whose names are like PATTERN if one is given (`--calls='f*'`)
    #[arg(long, value_name = "PATTERN", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    pub(crate) calls: Vec<String>,
    /// Trace instructions, with the operands below each
    #[arg(long)]
    pub(crate) instr: bool,
    /// Trace reads, writes and growth of memory
    #[arg(long)]
    pub(crate) memory: bool,
    /// Trace instructions and memory only in functions whose names are like PATTERN
    #[arg(long, value_name = "PATTERN")]
    pub(crate) func: Vec<String>,
    /// Trace only calls of these imports: `MODULE.NAME` or `NAME`, with `*` and `?`
    #[arg(long, value_name = "PATTERN")]
    pub(crate) import: Vec<String>,
    /// Trace only calls nested less deep than this
    #[arg(long, value_name = "N")]
    pub(crate) depth: Option<usize>,
    /// Write at most so many calls and other events
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Show how long each call takes
    #[arg(long)]
    pub(crate) times: bool,
    /// As what to write
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: TraceFormat,
    /// Write to a file instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args)]
pub(crate) struct ProfileArgs {
    /// As what to write; if not given, what the name of the output file asks for, or a table
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ProfileFormat>,
    /// Take samples at this interval instead of counting: `1ms`, ...
    #[arg(long, value_name = "TIME", value_parser = crate::groups::parse_duration, conflicts_with = "opcodes")]
    pub(crate) sample: Option<std::time::Duration>,
    /// By line of source, where the module says which (DWARF); each instruction is looked at
    #[arg(long, conflicts_with = "opcodes")]
    pub(crate) lines: bool,
    /// Count operators and pairs of operators instead of functions
    #[arg(long)]
    pub(crate) opcodes: bool,
    /// How many rows a table has
    #[arg(long, value_name = "N", default_value = "30")]
    pub(crate) rows: usize,
    /// Write to a file instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// As what a profile is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileFormat {
    /// Functions, those with the most work of their own first
    Table,
    /// The same as JSON
    Json,
    /// A flame graph (`.svg`)
    Svg,
    /// A line a stack, for tools that make flame graphs (`.folded`)
    Folded,
    /// For the profiler of Firefox, profiler.firefox.com (`.json`)
    Firefox,
    /// For `go tool pprof` (`.pb.gz`)
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
    /// Allow everything, and write a policy that would allow just what was done
    #[arg(long, conflicts_with = "policy")]
    pub(crate) learn: bool,
    /// Write what was called and decided as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write decisions, or the policy that was learnt, to a file instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args)]
pub(crate) struct StepArgs {
    /// Begin where this function is entered first: its name or export
    #[arg(long = "break", value_name = "FUNC")]
    pub(crate) breakpoint: Vec<String>,
    /// Write the run as a page that plays it in a browser, instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// How many instructions that page has at most
    #[arg(long, value_name = "N", default_value = "10000")]
    pub(crate) limit: u64,
    /// Press these keys and write the screen as text, instead of showing it
    #[arg(long, value_name = "KEYS")]
    pub(crate) keys: Option<String>,
    /// Where to write that screen instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// What is written of coverage; a table on standard error if nothing is asked for.
#[derive(Args)]
pub(crate) struct CoverageOutput {
    /// Write an lcov tracefile
    #[arg(long, value_name = "FILE")]
    pub(crate) lcov: Option<PathBuf>,
    /// Write a page for a browser
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the table to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Keep only source files whose paths contain this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum CoverageCommand {
    /// Add up lcov tracefiles
    Merge {
        #[command(flatten)]
        to: CoverageOutput,
        /// The tracefiles
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// As what a trace is written.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TraceFormat {
    Text,
    /// An object of JSON a line
    Json,
    /// For chrome://tracing and Perfetto
    Chrome,
}
