//! The settings that all options add up to, and the engine and the limits that follow from them.

use crate::engine::{self, CompilationMode};
use burdock::{Config, Engine, StoreLimits, StoreLimitsBuilder, WasmBacktraceDetails};
use std::path::PathBuf;
use std::time::Duration;

/// Sets one switch of the configuration.
pub(crate) type Dialect = fn(&mut Config, bool);

/// The sum of all options, from the command line and the configuration file.
pub(crate) struct Settings {
    pub(crate) compilation_mode: Option<CompilationMode>,
    /// Switches of the engine, in the order in which they were given.
    pub(crate) dialect: Vec<(Dialect, bool)>,
    pub(crate) fuel: Option<u64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) epochs: bool,
    pub(crate) max_wasm_stack: Option<usize>,
    pub(crate) max_memory_size: Option<usize>,
    pub(crate) max_table_elements: Option<usize>,
    pub(crate) max_instances: Option<usize>,
    pub(crate) max_tables: Option<usize>,
    pub(crate) max_memories: Option<usize>,
    pub(crate) trap_on_grow_failure: bool,
    pub(crate) unknown_exports_allow: bool,
    pub(crate) unknown_imports_trap: bool,
    pub(crate) unknown_imports_default: bool,
    pub(crate) wasi: bool,
    pub(crate) inherit_env: bool,
    pub(crate) inherit_stdin: bool,
    pub(crate) inherit_stdout: bool,
    pub(crate) inherit_stderr: bool,
    pub(crate) tcplisten: Vec<String>,
    /// Seconds since 1970 at which a virtual clock starts.
    pub(crate) virtual_clock: Option<u64>,
    pub(crate) random_seed: Option<u64>,
    pub(crate) max_backtrace: Option<usize>,
    /// The path of the core dump to write if the guest traps.
    pub(crate) coredump: Option<PathBuf>,
    /// Shows source lines in backtraces, regardless of the environment.
    pub(crate) source_lines: bool,
    /// Lets a debugger stop the guest anywhere.
    pub(crate) guest_debug: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            compilation_mode: None,
            dialect: Vec::new(),
            fuel: None,
            timeout: None,
            epochs: false,
            max_wasm_stack: None,
            max_memory_size: None,
            max_table_elements: None,
            max_instances: None,
            max_tables: None,
            max_memories: None,
            trap_on_grow_failure: false,
            unknown_exports_allow: false,
            unknown_imports_trap: false,
            unknown_imports_default: false,
            wasi: true,
            inherit_env: false,
            inherit_stdin: true,
            inherit_stdout: true,
            inherit_stderr: true,
            tcplisten: Vec::new(),
            virtual_clock: None,
            random_seed: None,
            max_backtrace: None,
            coredump: None,
            source_lines: false,
            guest_debug: false,
        }
    }
}

impl Settings {
    /// Returns a new engine with these settings.
    pub(crate) fn engine(&self) -> anyhow::Result<Engine> {
        let mut config = Config::new();
        self.configure(&mut config);
        Engine::new(&config).map_err(engine::error)
    }

    /// Applies the settings to `config`; options that were not given leave their part of it as it
    /// is.
    pub(crate) fn configure(&self, config: &mut Config) {
        if self.source_lines {
            config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
        }
        for (set, on) in &self.dialect {
            set(config, *on);
        }
        config.guest_debug(self.guest_debug);
        config.consume_fuel(self.fuel.is_some());
        config.epoch_interruption(self.epochs || self.timeout.is_some());
        if let Some(size) = self.max_wasm_stack {
            config.max_wasm_stack(size);
        }
        if let Some(frames) = self.max_backtrace {
            config.wasm_backtrace_max_frames(frames.try_into().ok());
        }
        config.coredump_on_trap(self.coredump.is_some());
        if let Some(mode) = self.compilation_mode {
            mode.configure(config);
        }
    }

    /// Returns the limits of a store.
    pub(crate) fn limits(&self) -> StoreLimits {
        let mut limits = StoreLimitsBuilder::new().trap_on_grow_failure(self.trap_on_grow_failure);
        if let Some(size) = self.max_memory_size {
            limits = limits.memory_size(size);
        }
        if let Some(elements) = self.max_table_elements {
            limits = limits.table_elements(elements);
        }
        if let Some(instances) = self.max_instances {
            limits = limits.instances(instances);
        }
        if let Some(tables) = self.max_tables {
            limits = limits.tables(tables);
        }
        if let Some(memories) = self.max_memories {
            limits = limits.memories(memories);
        }
        limits.build()
    }
}
