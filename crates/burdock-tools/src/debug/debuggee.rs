//! `Debuggee`: what a debugger needs of a guest.

use burdock::{Module, Result, Val, bail};
use std::ops::Range;
use std::sync::Arc;

/// A guest that is being debugged.
///
/// Its methods are called while the guest is stopped, from any thread; [`resume`](Self::resume)
/// waits for the next stop. Frames are numbered from the innermost one, 0. Modules are numbered in
/// the order in which they were first instantiated.
///
/// See [`Live`](super::Live) for an example.
pub trait Debuggee: Send {
    /// Stops the guest, unless it is stopped, and returns the reason of the stop.
    ///
    /// # Errors
    ///
    /// Fails if the guest has ended.
    fn attach(&mut self) -> Result<Stop>;

    /// Lets the guest continue without a debugger: removes breakpoints and watchpoints.
    ///
    /// # Errors
    ///
    /// Fails if the guest has ended.
    fn detach(&mut self) -> Result<()>;

    /// Ends the guest.
    fn kill(&mut self);

    /// Lets the guest run until it stops, and returns the reason of the stop.
    ///
    /// # Errors
    ///
    /// Fails if the guest has ended, or cannot run backward.
    fn resume(&mut self, how: Resume) -> Result<Stop>;

    /// Returns `true` if the guest can run backward.
    fn runs_backward(&self) -> bool {
        false
    }

    /// Returns a function that stops the running guest, for other threads.
    fn interrupt(&self) -> Interrupt;

    /// Forgets an interrupt that came too late to stop the guest.
    fn forget_interrupt(&mut self);

    /// Returns all modules.
    ///
    /// # Errors
    ///
    /// Fails if the guest has ended.
    fn modules(&mut self) -> Result<Vec<ModuleInfo>>;

    /// Returns the frames, the innermost first.
    ///
    /// # Errors
    ///
    /// Fails if the guest has ended.
    fn frames(&mut self) -> Result<Vec<FrameInfo>>;

    /// Returns a local of a frame.
    ///
    /// # Errors
    ///
    /// Fails if there is no such frame or local.
    fn local(&mut self, frame: usize, index: u32) -> Result<Value>;

    /// Returns a value of a frame's operand stack; 0 is the lowest one.
    ///
    /// # Errors
    ///
    /// Fails if there is no such frame or operand.
    fn operand(&mut self, frame: usize, index: u32) -> Result<Value>;

    /// Returns a global of a frame's instance.
    ///
    /// # Errors
    ///
    /// Fails if there is no such frame or global.
    fn global(&mut self, frame: usize, index: u32) -> Result<Value>;

    /// Writes a local of a frame.
    ///
    /// # Errors
    ///
    /// Fails if there is no such frame or local, or it has another type.
    fn set_local(&mut self, frame: usize, index: u32, value: Value) -> Result<()>;

    /// Writes a value of a frame's operand stack; 0 is the lowest one.
    ///
    /// # Errors
    ///
    /// Fails if there is no such frame or operand, or it has another type.
    fn set_operand(&mut self, frame: usize, index: u32, value: Value) -> Result<()>;

    /// Writes a global of a frame's instance.
    ///
    /// # Errors
    ///
    /// Fails if there is no such frame or global, or it is immutable or has another type.
    fn set_global(&mut self, frame: usize, index: u32, value: Value) -> Result<()>;

    /// Returns the size of a memory in bytes.
    ///
    /// # Errors
    ///
    /// Fails if there is no such memory.
    fn memory_size(&mut self, space: Space) -> Result<u64>;

    /// Reads up to `len` bytes of a memory: fewer at its end, but at least one.
    ///
    /// # Errors
    ///
    /// Fails if there is no byte at this address.
    fn read(&mut self, space: Space, address: u64, len: usize) -> Result<Vec<u8>>;

    /// Writes bytes to a memory.
    ///
    /// # Errors
    ///
    /// Fails if the memory does not have all of these bytes.
    fn write(&mut self, space: Space, address: u64, bytes: &[u8]) -> Result<()>;

    /// Sets a breakpoint at a byte offset in a module, or at the first operator behind it in the
    /// same function. Returns where the breakpoint is.
    ///
    /// # Errors
    ///
    /// Fails if there is no operator.
    fn set_breakpoint(&mut self, module: u32, offset: u32) -> Result<u32>;

    /// Removes a breakpoint that was set at this offset.
    ///
    /// # Errors
    ///
    /// Fails if there is no such breakpoint.
    fn remove_breakpoint(&mut self, module: u32, offset: u32) -> Result<()>;

    /// Stops the guest after each access to these bytes.
    ///
    /// # Errors
    ///
    /// Fails if there is no such memory.
    fn set_watch(&mut self, watch: Watch) -> Result<()>;

    /// Removes a watchpoint.
    ///
    /// # Errors
    ///
    /// Fails if there is no such watchpoint.
    fn remove_watch(&mut self, watch: &Watch) -> Result<()>;
}

/// A function that stops a running guest.
pub type Interrupt = Arc<dyn Fn() + Send + Sync>;

/// A way to continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// Until the next breakpoint or other stop.
    Continue,
    /// For one operator.
    Step,
    /// Backward, to the last breakpoint or watched access.
    BackContinue,
    /// Backward, for one operator.
    BackStep,
}

/// The reason of a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The guest is about to execute its first operator.
    Entry,
    /// The guest is at a breakpoint.
    Breakpoint,
    /// A step is over.
    Step,
    /// The debugger has interrupted the guest.
    Interrupt,
    /// The guest, or a host function that it called, has accessed watched memory at this address.
    Watch {
        /// The watchpoint.
        watch: Watch,
        /// The first of the bytes accessed.
        address: u64,
    },
    /// A trap, an uncaught exception or an error of a host function is about to end the guest. The
    /// text is the message.
    Failure(String),
    /// The guest has ended with this exit status.
    Exited(u8),
    /// The debugger has ended the guest.
    Killed,
    /// The guest is gone without an exit status: its thread has panicked, or the host has given the
    /// guest up. The text says which.
    Aborted(String),
    /// The beginning of a recording, which has nothing before it.
    Beginning,
    /// The end of a recording.
    End,
}

impl Stop {
    /// Returns `true` if the guest is gone.
    pub(super) fn is_end(&self) -> bool {
        matches!(self, Self::Exited(_) | Self::Killed | Self::Aborted(_))
    }
}

/// A module of a guest.
#[derive(Clone, Debug)]
pub struct ModuleInfo {
    /// The module.
    pub module: Module,
    /// Its path or name.
    pub name: String,
}

/// A frame of a stopped guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameInfo {
    /// The number of the function's module.
    pub module: u32,
    /// The function's index in the module.
    pub func: u32,
    /// The byte offset in the module: of the operator that is about to be executed in the innermost
    /// frame, and of the one behind the call in its callers.
    pub pc: u32,
}

/// A memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The first memory of the innermost frame that has one.
    Current,
    /// The first memory of a frame by its number, or of the innermost one of its callers that has
    /// one.
    Frame(usize),
    /// A memory by its number in the store, in order of creation.
    Memory(u32),
}

/// The accesses at which a watchpoint stops the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Writes.
    Write,
    /// Reads.
    Read,
    /// Reads and writes.
    Any,
}

impl Access {
    /// Returns `true` if reads are watched.
    pub(super) fn reads(self) -> bool {
        self != Self::Write
    }

    /// Returns `true` if writes are watched.
    pub(super) fn writes(self) -> bool {
        self != Self::Read
    }
}

/// A watchpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The memory.
    pub space: Space,
    /// The watched addresses.
    pub addresses: Range<u64>,
    /// The accesses that stop the guest.
    pub access: Access,
}

/// A value of a guest. Floating-point numbers are given by their bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// An `i32`.
    I32(u32),
    /// An `i64`.
    I64(u64),
    /// An `f32`.
    F32(u32),
    /// An `f64`.
    F64(u64),
    /// A `v128`.
    V128(u128),
    /// A reference: `false` for null.
    Ref(bool),
}

impl Value {
    /// Returns the value's bytes, the lowest first. A reference has four bytes: 0 for null, else 1.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::I32(bits) | Self::F32(bits) => bits.to_le_bytes().to_vec(),
            Self::I64(bits) | Self::F64(bits) => bits.to_le_bytes().to_vec(),
            Self::V128(bits) => bits.to_le_bytes().to_vec(),
            Self::Ref(present) => u32::from(*present).to_le_bytes().to_vec(),
        }
    }

    /// Returns the value as the engine has it.
    ///
    /// # Errors
    ///
    /// Fails for a reference.
    pub(super) fn to_val(self) -> Result<Val> {
        Ok(match self {
            Self::I32(bits) => Val::I32(bits as i32),
            Self::I64(bits) => Val::I64(bits as i64),
            Self::F32(bits) => Val::F32(bits),
            Self::F64(bits) => Val::F64(bits),
            Self::V128(bits) => Val::V128(bits.into()),
            Self::Ref(_) => bail!("references cannot be written"),
        })
    }
}

impl From<&Val> for Value {
    fn from(val: &Val) -> Self {
        match val {
            Val::I32(value) => Self::I32(*value as u32),
            Val::I64(value) => Self::I64(*value as u64),
            Val::F32(bits) => Self::F32(*bits),
            Val::F64(bits) => Self::F64(*bits),
            Val::V128(bits) => Self::V128(bits.as_u128()),
            reference => Self::Ref(!is_null(reference)),
        }
    }
}

/// Returns `true` for a null reference.
fn is_null(val: &Val) -> bool {
    match val {
        Val::FuncRef(func) => func.is_none(),
        Val::ExternRef(value) => value.is_none(),
        Val::AnyRef(value) => value.is_none(),
        Val::ExnRef(value) => value.is_none(),
        _ => false,
    }
}
