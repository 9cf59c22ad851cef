//! The option groups `-W`, `-S` and `-D`: `KEY[=VAL[,..]]`, with several keys in one option, and
//! options that can be repeated. Each group has one table, which `help` lists.

use crate::settings::{Dialect, Settings};
use crate::{hints, output};
use burdock::WasmBacktraceDetails;
use std::io::Write as _;
use std::time::Duration;

/// One key of a group.
pub(crate) struct Key {
    name: &'static str,
    /// The form of the value for the listing; empty for a switch (`y` or `n`).
    value: &'static str,
    help: &'static str,
    set: fn(&mut Settings, Option<&str>) -> Result<(), String>,
}

/// The keys and values of one occurrence of `-W`, `-S` or `-D`, which were checked against `table`.
#[derive(Clone)]
pub(crate) struct Group {
    table: &'static [Key],
    items: Vec<(String, Option<String>)>,
}

impl Group {
    /// Applies the keys to `settings`.
    pub(crate) fn apply(&self, settings: &mut Settings) -> Result<(), String> {
        for (name, value) in &self.items {
            let key = find(self.table, name)?;
            (key.set)(settings, value.as_deref()).map_err(|error| format!("`{name}`: {error}"))?;
        }
        Ok(())
    }
}

pub(crate) fn wasm(arg: &str) -> Result<Group, String> {
    parse('W', "wasm", WASM, arg)
}

pub(crate) fn wasi(arg: &str) -> Result<Group, String> {
    parse('S', "wasi", WASI, arg)
}

pub(crate) fn debug(arg: &str) -> Result<Group, String> {
    parse('D', "debug", DEBUG, arg)
}

fn parse(short: char, long: &str, table: &'static [Key], arg: &str) -> Result<Group, String> {
    if arg == "help" {
        output::print_and_exit(|| {
            let mut stdout = std::io::stdout();
            stdout.write_all(listing(short, long, table).as_bytes()).and_then(|()| stdout.flush())
        });
    }
    let item = |item: &str| match item.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (item.to_owned(), None),
    };
    let group = Group { table, items: arg.split(',').map(item).collect() };
    // Values are checked here, so that a wrong one is reported as a usage error.
    group.apply(&mut Settings::default())?;
    Ok(group)
}

fn find(table: &'static [Key], name: &str) -> Result<&'static Key, String> {
    table.iter().find(|key| key.name == name).ok_or_else(|| {
        if let Some((_, why)) = LACKED.iter().find(|(lacked, _)| *lacked == name) {
            return format!("Wasmtime has the option `{name}`, Burdock does not: {why}");
        }
        match hints::nearest(name, table.iter().map(|key| key.name)) {
            Some(near) => format!("there is no option `{name}`; did you mean `{near}`?"),
            None => format!("there is no option `{name}`; `help` lists all options"),
        }
    })
}

/// The keys of Wasmtime's groups that this program lacks, each with the reason.
const LACKED: &[(&str, &str)] = &[
    ("allow-ip-name-lookup", NO_SOCKETS),
    ("arg", NO_DEBUGGER),
    ("branch-hinting", "branch hints have no effect here, and are always accepted"),
    ("concurrency-support", "the component model is not supported"),
    ("config", NO_PREVIEW_2),
    ("cwd", "the guest's directories are those of `--dir`"),
    ("debugger", NO_DEBUGGER),
    ("gc-support", "`-W gc=n` refuses modules with garbage-collected objects"),
    ("guest-debug", NO_DEBUGGER),
    ("hostcall-fuel", NO_PREVIEW_2),
    ("http", NO_PREVIEW_2),
    ("inherit-network", NO_SOCKETS),
    ("keyvalue", NO_PREVIEW_2),
    ("listenfd", "`tcplisten` gives the guest a socket"),
    ("log-to-files", "this program writes no logs"),
    ("logging", "this program writes no logs"),
    ("max-resources", NO_PREVIEW_2),
    ("nn", "wasi-nn is not supported"),
    ("p3", NO_PREVIEW_2),
    ("shared-memory", "threads are not supported"),
    ("tcp", NO_SOCKETS),
    ("tls", NO_PREVIEW_2),
    ("udp", NO_SOCKETS),
];

const NO_SOCKETS: &str =
    "WASI preview 1 has no calls that open connections; `tcplisten` gives the guest a socket";
const NO_PREVIEW_2: &str = "WASI preview 2 (components) is not supported";
const NO_DEBUGGER: &str =
    "debuggers are no components here; `burdock run -g PORT` waits for LLDB or VS Code";

fn listing(short: char, long: &str, table: &[Key]) -> String {
    let mut text = format!("Options of -{short}, --{long}:\n\n");
    for key in table {
        let left = if key.value.is_empty() {
            format!("{}[=y|n]", key.name)
        } else {
            format!("{}={}", key.name, key.value)
        };
        text.push_str(&format!("  -{short} {left:<36} {}\n", key.help));
    }
    text
}

/// Parses a switch. A switch without a value is on.
pub(crate) fn switch(value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("y" | "yes" | "true") => Ok(true),
        Some("n" | "no" | "false") => Ok(false),
        Some(other) => Err(format!("`{other}` is neither `y` nor `n`")),
    }
}

fn number<T: TryFrom<u64>>(value: Option<&str>) -> Result<T, String> {
    let number = parse_number(value.ok_or("a number is missing")?)?;
    T::try_from(number).map_err(|_| format!("{number} is too large"))
}

/// Parses a number without a sign, with `_` between digits: `1_000_000`.
pub(crate) fn parse_number(text: &str) -> Result<u64, String> {
    let largest = u64::MAX;
    let number = text.replace('_', "").parse();
    number.map_err(|_| format!("`{text}` is no whole number from 0 to {largest}"))
}

/// Parses a duration with a unit, or in seconds if it has none.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text).map_err(|error| error.to_string())
}

const fn feature(
    name: &'static str,
    help: &'static str,
    set: fn(&mut Settings, Option<&str>) -> Result<(), String>,
) -> Key {
    Key { name, value: "", help, set }
}

/// The keys of `-W`: features and limits of WebAssembly.
#[rustfmt::skip]
static WASM: &[Key] = &[
    Key { name: "fuel", value: "N", help: "Stop the guest after this amount of work", set: |s, v| { s.fuel = Some(number(v)?); Ok(()) } },
    Key { name: "timeout", value: "TIME", help: "Stop the guest after this time", set: |s, v| { s.timeout = Some(parse_duration(v.ok_or("a time is missing")?)?); Ok(()) } },
    Key { name: "epoch-interruption", value: "", help: "Check for interruption, as `timeout` does", set: |s, v| { s.epochs = switch(v)?; Ok(()) } },
    Key { name: "max-wasm-stack", value: "BYTES", help: "Maximum size of the guest's stack", set: |s, v| { s.max_wasm_stack = Some(number(v)?); Ok(()) } },
    Key { name: "max-memory-size", value: "BYTES", help: "Maximum size of each memory", set: |s, v| { s.max_memory_size = Some(number(v)?); Ok(()) } },
    Key { name: "memory-huge-pages", value: "", help: "Let memories that have grown large use huge pages [default: y]", set: |s, v| s.feature(v, |c, on| { c.memory_huge_pages(on); }) },
    Key { name: "parallel-compilation", value: "", help: "Share validation and eager translation among threads [default: y]", set: |s, v| s.feature(v, |c, on| { c.parallel_compilation(on); }) },
    Key { name: "max-table-elements", value: "N", help: "Maximum size of each table", set: |s, v| { s.max_table_elements = Some(number(v)?); Ok(()) } },
    Key { name: "max-instances", value: "N", help: "Maximum number of instances", set: |s, v| { s.max_instances = Some(number(v)?); Ok(()) } },
    Key { name: "max-tables", value: "N", help: "Maximum number of tables", set: |s, v| { s.max_tables = Some(number(v)?); Ok(()) } },
    Key { name: "max-memories", value: "N", help: "Maximum number of memories", set: |s, v| { s.max_memories = Some(number(v)?); Ok(()) } },
    Key { name: "trap-on-grow-failure", value: "", help: "Trap where memory.grow or table.grow would return -1", set: |s, v| { s.trap_on_grow_failure = switch(v)?; Ok(()) } },
    Key { name: "nan-canonicalization", value: "", help: "Make all computed NaNs the same", set: |s, v| s.feature(v, |c, on| { c.cranelift_nan_canonicalization(on); }) },
    Key { name: "unknown-exports-allow", value: "", help: "Accept exports that a command or reactor does not have", set: |s, v| { s.unknown_exports_allow = switch(v)?; Ok(()) } },
    Key { name: "unknown-imports-trap", value: "", help: "Accept missing imported functions; calling one traps", set: |s, v| { s.unknown_imports_trap = switch(v)?; Ok(()) } },
    Key { name: "unknown-imports-default", value: "", help: "Accept missing imported functions; they return zeros", set: |s, v| { s.unknown_imports_default = switch(v)?; Ok(()) } },
    feature("all-proposals", "All proposals from here to `gc`", |s, v| proposals().try_for_each(|key| (key.set)(s, v))),
    feature("bulk-memory", "memory.copy, table.init and others", |s, v| s.feature(v, |c, on| { c.wasm_bulk_memory(on); })),
    feature("multi-value", "Multiple results of functions and blocks", |s, v| s.feature(v, |c, on| { c.wasm_multi_value(on); })),
    feature("reference-types", "externref, multiple tables", |s, v| s.feature(v, |c, on| { c.wasm_reference_types(on); })),
    feature("simd", "128-bit vectors", |s, v| s.feature(v, |c, on| { c.wasm_simd(on); })),
    feature("relaxed-simd", "Vector instructions that may differ between hosts", |s, v| s.feature(v, |c, on| { c.wasm_relaxed_simd(on); })),
    feature("relaxed-simd-deterministic", "Same results of relaxed-simd on every host", |s, v| s.feature(v, |c, on| { c.relaxed_simd_deterministic(on); })),
    feature("tail-call", "Tail calls", |s, v| s.feature(v, |c, on| { c.wasm_tail_call(on); })),
    feature("extended-const", "Arithmetic in constant expressions", |s, v| s.feature(v, |c, on| { c.wasm_extended_const(on); })),
    feature("multi-memory", "Multiple memories in a module", |s, v| s.feature(v, |c, on| { c.wasm_multi_memory(on); })),
    feature("memory64", "Memories and tables with 64-bit addresses", |s, v| s.feature(v, |c, on| { c.wasm_memory64(on); })),
    feature("custom-page-sizes", "Memories that grow in units of one byte", |s, v| s.feature(v, |c, on| { c.wasm_custom_page_sizes(on); })),
    feature("wide-arithmetic", "128-bit arithmetic", |s, v| s.feature(v, |c, on| { c.wasm_wide_arithmetic(on); })),
    feature("function-references", "Typed function references", |s, v| s.feature(v, |c, on| { c.wasm_function_references(on); })),
    feature("compact-imports", "Imports in groups that name their module once", |s, v| s.feature(v, |c, on| { c.wasm_compact_imports(on); })),
    feature("exceptions", "Exceptions", |s, v| s.feature(v, |c, on| { c.wasm_exceptions(on); })),
    feature("gc", "Garbage-collected objects: structures, arrays and i31", |s, v| s.feature(v, |c, on| { c.wasm_gc(on); })),
    feature("legacy-exceptions", "Exceptions of older toolchains (off by default)", |s, v| s.feature(v, |c, on| { c.wasm_legacy_exceptions(on); })),
    feature("custom-descriptors", "Descriptors of structures, exact types (off by default)", |s, v| s.feature(v, |c, on| { c.wasm_custom_descriptors(on); })),
    feature("threads", "Not supported yet", |s, v| s.feature(v, |c, on| { c.wasm_threads(on); })),
    feature("stack-switching", "Not supported yet", |s, v| s.feature(v, |c, on| { c.wasm_stack_switching(on); })),
    feature("component-model", "Not supported yet", |s, v| s.feature(v, |c, on| { c.wasm_component_model(on); })),
];

/// Returns the keys that `all-proposals` switches, which are those of supported proposals.
fn proposals() -> impl Iterator<Item = &'static Key> {
    WASM.iter()
        .skip_while(|key| key.name != "all-proposals")
        .skip(1)
        .take_while(|key| key.name != "legacy-exceptions")
        .filter(|key| key.name != "relaxed-simd-deterministic")
}

/// The keys of `-S`: access of the guest to the host by WASI.
#[rustfmt::skip]
static WASI: &[Key] = &[
    Key { name: "cli", value: "", help: "Provide WASI preview 1 [default: y]", set: |s, v| { s.wasi = switch(v)?; Ok(()) } },
    Key { name: "common", value: "", help: "Old name of `cli`", set: |s, v| { s.wasi = switch(v)?; Ok(()) } },
    Key { name: "inherit-env", value: "", help: "Pass all environment variables to the guest", set: |s, v| { s.inherit_env = switch(v)?; Ok(()) } },
    Key { name: "inherit-stdin", value: "", help: "Connect the guest's standard input [default: y]", set: |s, v| { s.inherit_stdin = switch(v)?; Ok(()) } },
    Key { name: "inherit-stdout", value: "", help: "Connect the guest's standard output [default: y]", set: |s, v| { s.inherit_stdout = switch(v)?; Ok(()) } },
    Key { name: "inherit-stderr", value: "", help: "Connect the guest's standard error [default: y]", set: |s, v| { s.inherit_stderr = switch(v)?; Ok(()) } },
    Key { name: "tcplisten", value: "ADDR:PORT", help: "Pass a listening socket to the guest", set: |s, v| { s.tcplisten.push(v.ok_or("an address is missing")?.to_owned()); Ok(()) } },
    Key { name: "virtual-clock", value: "SECONDS", help: "Start clocks at this time since 1970; waiting takes no real time", set: |s, v| { s.virtual_clock = Some(number(v)?); Ok(()) } },
    Key { name: "random-seed", value: "N", help: "Make random bytes repeatable and insecure", set: |s, v| { s.random_seed = Some(number(v)?); Ok(()) } },
    Key { name: "preview2", value: "", help: "Only `n`: components are not supported", set: |_, v| if switch(v)? { Err("WASI preview 2 (components) is not supported".into()) } else { Ok(()) } },
];

/// The keys of `-D`: information about a guest that failed.
#[rustfmt::skip]
static DEBUG: &[Key] = &[
    Key { name: "max-backtrace", value: "N", help: "Maximum number of frames in a backtrace; 0: no backtrace [default: 20]", set: |s, v| { s.max_backtrace = Some(number(v)?); Ok(()) } },
    Key { name: "address-map", value: "", help: "Keep code offsets for backtraces [default: y]", set: |s, v| s.feature(v, |c, on| { c.generate_address_map(on); }) },
    Key { name: "debug-info", value: "", help: "Show source lines in backtraces, from debug information", set: |s, v| s.feature(v, |c, on| { c.wasm_backtrace_details(if on { WasmBacktraceDetails::Enable } else { WasmBacktraceDetails::Disable }); }) },
    Key { name: "coredump", value: "PATH", help: "Write a core dump to this file if the guest traps", set: |s, v| { s.coredump = Some(v.ok_or("a path is missing")?.into()); Ok(()) } },
];

impl Settings {
    /// Adds a switch of the engine's configuration to the settings.
    fn feature(&mut self, value: Option<&str>, set: Dialect) -> Result<(), String> {
        self.dialect.push((set, switch(value)?));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_split_and_checked() {
        for (arg, ok) in [
            ("simd", true),
            ("simd=n,fuel=1_000,timeout=500ms", true),
            ("timeout=2", true),
            ("all-proposals", true),
            ("simd=maybe", false),
            ("fuel", false),
            ("fuel=-1", false),
            ("max-wasm-stack=99999999999999999999", false),
            ("", false),
            ("simd,,fuel=1", false),
        ] {
            assert_eq!(wasm(arg).is_ok(), ok, "{arg}");
        }
    }

    #[test]
    fn all_proposals_are_those_that_are_supported() {
        let names: Vec<_> = proposals().map(|key| key.name).collect();
        assert_eq!(names.first(), Some(&"bulk-memory"));
        assert_eq!(names.last(), Some(&"gc"));
        assert_eq!(names.len(), 15);
    }

    #[test]
    fn a_mistyped_key_gets_the_nearest() {
        let error = wasm("tail-cal").err().unwrap();
        assert_eq!(error, "there is no option `tail-cal`; did you mean `tail-call`?");
    }

    #[test]
    fn no_key_is_lacked() {
        for (name, _) in LACKED {
            let keys = [WASM, WASI, DEBUG].into_iter().flatten();
            assert!(keys.into_iter().all(|key| key.name != *name), "{name}");
        }
    }

    #[test]
    fn every_key_is_listed_once() {
        for table in [WASM, WASI, DEBUG] {
            for key in table {
                assert_eq!(table.iter().filter(|other| other.name == key.name).count(), 1);
            }
        }
    }
}
