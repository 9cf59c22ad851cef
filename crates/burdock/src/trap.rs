//! `WasmBacktrace`: where guests were when something happened.

#[cfg_attr(not(feature = "addr2line"), path = "trap/no_symbols.rs")]
mod symbols;

use crate::config::Details;
use crate::names::{Escaped, FuncName};
use crate::store::StoreOpaque;
use crate::{AsContext, Module};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use burdock_core::RawFrame;
use core::fmt;
use symbols::Symbolizer;

/// The call stack of guests: a context of an error, or captured by the host.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module $m (func $f (export "f") unreachable))"#)?;
/// let mut store = Store::new(&engine, ());
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "f")?;
/// let error = f.call(&mut store, ()).unwrap_err();
/// let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
/// assert_eq!(backtrace.frames()[0].func_name(), Some("f"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    /// There is debug information that only an environment variable would have had read.
    hint_details: bool,
}

/// The number of frames that are captured if the configuration captures none.
const FORCED_FRAMES: usize = 20;

impl WasmBacktrace {
    /// Captures the guest frames from which the host was called; empty if backtraces are off.
    pub fn capture(store: impl AsContext) -> Self {
        let store = store.as_context().opaque();
        let max = store.engine().config().backtrace_frames;
        let frames = max.map_or(Vec::new(), |max| store.vm.backtrace(max.get()));
        Self::from_raw(store, &frames)
    }

    /// Captures a backtrace even if backtraces are off; see [`WasmBacktrace::capture`].
    pub fn force_capture(store: impl AsContext) -> Self {
        let store = store.as_context().opaque();
        let max = store.engine().config().backtrace_frames;
        let max = max.map_or(FORCED_FRAMES, |max| max.get());
        Self::from_raw(store, &store.vm.backtrace(max))
    }

    pub(crate) fn from_raw(store: &StoreOpaque, frames: &[RawFrame]) -> Self {
        let config = store.engine().config();
        let (details, has_offsets) = (config.backtrace_details, config.address_map);
        let mut symbolizer = Symbolizer::default();
        let mut hint_details = false;
        let frames = frames.iter().map(|raw| {
            let module = &store.instance(raw.instance).module;
            let mut frame = FrameInfo::new(module, raw);
            match details {
                _ if !has_offsets => frame.offset = None,
                Details::On => frame.symbols = symbolizer.symbols(module, raw.offset as usize),
                Details::OffByEnvironment => hint_details |= symbols::has_debug_info(module),
                Details::Off => {}
            }
            frame
        });
        Self { frames: frames.collect(), hint_details }
    }

    /// Returns the frames, the innermost first.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }
}

impl fmt::Display for WasmBacktrace {
    /// Wasmtime's form, without a newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error while executing at wasm backtrace:\n")?;
        for (i, frame) in self.frames.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "  {i:>3}: {frame}")?;
        }
        if self.hint_details {
            f.write_str(
                "\nnote: using the `WASMTIME_BACKTRACE_DETAILS=1` environment variable \
                 may show more debugging information",
            )?;
        }
        Ok(())
    }
}

/// A function that was being executed, and where in it.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"
///     (module (func $inner (unreachable)) (func $outer (export "run") (call $inner)))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
/// let error = run.call(&mut store, ()).unwrap_err();
/// let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
/// let names: Vec<_> = backtrace.frames().iter().map(|frame| frame.func_name()).collect();
/// assert_eq!(names, [Some("inner"), Some("outer")]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct FrameInfo {
    module: Module,
    func_index: u32,
    func_name: Option<String>,
    offset: Option<usize>,
    func_start: Option<usize>,
    symbols: Vec<FrameSymbol>,
}

impl FrameInfo {
    fn new(module: &Module, frame: &RawFrame) -> Self {
        Self {
            func_index: frame.func.0,
            func_name: module.func_name(frame.func.0).map(ToString::to_string),
            offset: Some(frame.offset as usize),
            func_start: module.body_offset(frame.func),
            module: module.clone(),
            symbols: Vec::new(),
        }
    }

    /// Returns the function's index in its module, imported functions first.
    pub fn func_index(&self) -> u32 {
        self.func_index
    }

    /// Returns the function's module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Returns the function's name from the name section; the name may be mangled.
    pub fn func_name(&self) -> Option<&str> {
        self.func_name.as_deref()
    }

    /// Returns the byte offset of the operator in the module's binary; `None` if
    /// [`Config::generate_address_map`](crate::Config::generate_address_map) is off.
    pub fn module_offset(&self) -> Option<usize> {
        self.offset
    }

    /// Returns the byte offset of the operator in the function's body; `None` if
    /// [`Config::generate_address_map`](crate::Config::generate_address_map) is off.
    pub fn func_offset(&self) -> Option<usize> {
        self.offset?.checked_sub(self.func_start?)
    }

    /// Returns the source locations of this frame: functions that were inlined here first, then the
    /// function itself. Empty unless the module has debug information and
    /// [`Config::wasm_backtrace_details`](crate::Config::wasm_backtrace_details) asks for it.
    pub fn symbols(&self) -> &[FrameSymbol] {
        &self.symbols
    }

    fn raw_name(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.func_name {
            Some(name) => write!(f, "{}", FuncName(name)),
            None => write!(f, "<wasm function {}>", self.func_index),
        }
    }
}

impl fmt::Display for FrameInfo {
    /// Writes the frame as a line of a backtrace, without its number; with symbols, as several
    /// lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(offset) = self.offset {
            write!(f, "{offset:#8x} - ")?;
        }
        if self.symbols.is_empty() {
            write!(f, "{}!", Escaped(self.module.name().unwrap_or("<unknown>")))?;
            return self.raw_name(f);
        }
        for (i, symbol) in self.symbols.iter().enumerate() {
            if i > 0 {
                f.write_str("\n                - ")?;
            }
            match &symbol.name {
                Some(name) => write!(f, "{}", FuncName(name))?,
                None if i == 0 => self.raw_name(f)?,
                None => f.write_str("<inlined function>")?,
            }
            let Some(file) = &symbol.file else { continue };
            write!(f, "\n                    at {}", Escaped(file))?;
            let Some(line) = symbol.line else { continue };
            write!(f, ":{line}")?;
            let Some(column) = symbol.column else { continue };
            write!(f, ":{column}")?;
        }
        Ok(())
    }
}

/// A place in the source of a module.
///
/// # Example
///
/// ```
/// use burdock::*;
/// // Returns the file and line of each function that is active at the frame.
/// fn places(frame: &FrameInfo) -> Vec<(Option<&str>, Option<u32>)> {
///     frame.symbols().iter().map(|symbol| (symbol.file(), symbol.line())).collect()
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let module = Module::new(store.engine(), r#"(module (func (export "f") unreachable))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
/// let error = f.call(&mut store, ()).unwrap_err();
/// let backtrace: &WasmBacktrace = error.downcast_ref().unwrap();
/// // This module has no debug information.
/// assert_eq!(places(&backtrace.frames()[0]), []);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct FrameSymbol {
    name: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

impl FrameSymbol {
    /// Returns the name of the function, which may be mangled.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the source file.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Returns the line in the file, from 1.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// Returns the column in the line, from 1.
    pub fn column(&self) -> Option<u32> {
        self.column
    }
}
