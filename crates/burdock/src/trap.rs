//! `WasmBacktrace`: where guests were when something happened.

use crate::store::StoreOpaque;
use crate::{AsContext, Module};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use burdock_core::RawFrame;
use core::fmt;

/// Where guests were: in an error as a context, or captured by the host.
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
}

/// How many frames are captured when the configuration captures none.
const FORCED_FRAMES: usize = 20;

impl WasmBacktrace {
    /// Where the guests are from which the host was called; empty if backtraces are off.
    pub fn capture(store: impl AsContext) -> Self {
        let store = store.as_context().opaque();
        let max = store.engine().config().backtrace_frames;
        let frames = max.map_or(Vec::new(), |max| store.vm.backtrace(max.get()));
        Self::from_raw(store, &frames)
    }

    /// As [`WasmBacktrace::capture`], even if backtraces are off.
    pub fn force_capture(store: impl AsContext) -> Self {
        let store = store.as_context().opaque();
        let max = store.engine().config().backtrace_frames;
        let max = max.map_or(FORCED_FRAMES, |max| max.get());
        Self::from_raw(store, &store.vm.backtrace(max))
    }

    pub(crate) fn from_raw(store: &StoreOpaque, frames: &[RawFrame]) -> Self {
        let frames = frames.iter().map(|frame| FrameInfo::new(store, frame));
        Self { frames: frames.collect() }
    }

    /// The frames, the innermost first.
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
            let module = frame.module.name().unwrap_or("<unknown>");
            write!(f, "  {i:>3}: {:#8x} - {module}!", frame.offset)?;
            match &frame.func_name {
                Some(name) => f.write_str(name)?,
                None => write!(f, "<wasm function {}>", frame.func_index)?,
            }
        }
        Ok(())
    }
}

/// A function that was being executed, and where in it.
#[derive(Debug)]
pub struct FrameInfo {
    module: Module,
    func_index: u32,
    func_name: Option<String>,
    offset: usize,
    func_start: Option<usize>,
}

impl FrameInfo {
    fn new(store: &StoreOpaque, frame: &RawFrame) -> Self {
        let module = store.instance(frame.instance).module.clone();
        Self {
            func_index: frame.func.0,
            func_name: module.func_name(frame.func.0).map(ToString::to_string),
            offset: frame.offset as usize,
            func_start: module.body_offset(frame.func),
            module,
        }
    }

    /// The function's index in its module, imported functions first.
    pub fn func_index(&self) -> u32 {
        self.func_index
    }

    /// The function's module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The function's name from the name section.
    pub fn func_name(&self) -> Option<&str> {
        self.func_name.as_deref()
    }

    /// The byte offset of the operator in the module's binary.
    pub fn module_offset(&self) -> Option<usize> {
        Some(self.offset)
    }

    /// The byte offset of the operator in the function's body.
    pub fn func_offset(&self) -> Option<usize> {
        self.offset.checked_sub(self.func_start?)
    }

    /// Where this is in the source of the module; always empty, as debug information is not read.
    pub fn symbols(&self) -> &[FrameSymbol] {
        &[]
    }
}

/// A place in the source of a module.
#[derive(Debug)]
pub struct FrameSymbol {
    name: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

impl FrameSymbol {
    /// The name of the function.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The source file.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line in the file, from 1.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The column in the line, from 1.
    pub fn column(&self) -> Option<u32> {
        self.column
    }
}
