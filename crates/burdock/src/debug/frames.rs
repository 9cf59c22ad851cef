//! `FrameHandle`: a frame, in the words of Wasmtime's debugging API.

use crate::{AsContext, Caller, Frame, Instance, Module, Result, Store, StoreContextMut, Val};
use alloc::vec::Vec;

/// The byte offset of an operator in a module.
///
/// See [`DebugHandler`](crate::DebugHandler) for an example.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePC(u32);

impl ModulePC {
    /// Creates an offset.
    pub const fn new(offset: u32) -> Self {
        Self(offset)
    }

    /// Returns the offset in bytes.
    pub const fn raw(self) -> u32 {
        self.0
    }
}

/// The number of a function among those that a module defines.
///
/// See [`DebugHandler`](crate::DebugHandler) for an example.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefinedFuncIndex(u32);

impl DefinedFuncIndex {
    /// Creates an index.
    pub const fn from_u32(index: u32) -> Self {
        Self(index)
    }

    /// Returns the index.
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

/// A frame of a guest that has stopped. The handle is valid until its guest continues.
///
/// Source: Wasmtime's `FrameHandle`. [`Frame`] can do more.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut config = Config::new();
/// config.guest_debug(true);
/// let engine = Engine::new(&config)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "look", |mut caller: Caller<'_, Vec<i32>>| -> Result<()> {
///     let frame = caller.debug_exit_frames().next().unwrap();
///     let local = frame.local(&caller, 0)?.unwrap_i32();
///     caller.data_mut().push(local);
///     Ok(())
/// })?;
/// let module = Module::new(&engine, r#"
///     (module
///         (import "host" "look" (func $look))
///         (func (export "run") (param i32) (call $look)))
/// "#)?;
/// let mut store = Store::new(&engine, Vec::new());
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<i32, ()>(&mut store, "run")?.call(&mut store, 42)?;
/// assert_eq!(*store.data(), [42]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FrameHandle(Frame);

impl FrameHandle {
    /// Returns the frame.
    pub fn frame(&self) -> Frame {
        self.0
    }

    /// Returns `true` if the guest has not continued since the handle was made.
    pub fn is_valid(&self, store: impl AsContext) -> bool {
        self.0.is_live(store)
    }

    /// Returns the guest frame that called this one; `None` if the host did.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale.
    pub fn parent(&self, store: impl AsContext) -> Result<Option<FrameHandle>> {
        let parent = self.0.caller(store)?;
        Ok(parent.filter(|parent| parent.is_of_same_run(&self.0)).map(Self))
    }

    /// Returns the instance whose function the frame executes.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale.
    pub fn instance(&self, store: impl AsContext) -> Result<Instance> {
        self.0.ensure_live(store)?;
        Ok(self.0.instance())
    }

    /// Returns the module whose function the frame executes.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale.
    pub fn module<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a Module>> {
        let store = store.into();
        self.0.ensure_live(&store)?;
        let inner: &'a _ = store.inner;
        Ok(Some(self.0.module(crate::StoreContext(inner))))
    }

    /// Returns the frame's function, and the byte offset of an operator in the module: the operator
    /// at which the guest stands, or the operator behind the call that the frame waits for.
    ///
    /// (The offset of such a call is [`Frame::offset`].)
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale.
    pub fn wasm_function_index_and_pc(
        &self,
        store: impl AsContext,
    ) -> Result<Option<(DefinedFuncIndex, ModulePC)>> {
        self.0.ensure_live(&store)?;
        let module = self.0.module(&store);
        let index = self.0.func_index() - module.def().imported_funcs;
        Ok(Some((DefinedFuncIndex(index), ModulePC(self.0.return_offset(&store)))))
    }

    /// Returns the number of locals, parameters included.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale.
    pub fn num_locals(&self, store: impl AsContext) -> Result<u32> {
        self.0.num_locals(store)
    }

    /// Returns the number of values on the operand stack, including the arguments of a call that
    /// the frame waits for.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale.
    pub fn num_stacks(&self, store: impl AsContext) -> Result<u32> {
        Ok(self.0.operand_places_with_args(&store)?.len() as u32)
    }

    /// Returns the value of a local.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, or there is no such local.
    pub fn local(&self, store: impl AsContext, index: u32) -> Result<Val> {
        self.0.local(store, index)
    }

    /// Returns a value of the operand stack; 0 is the lowest.
    ///
    /// # Errors
    ///
    /// Fails if the frame is stale, or there is no such value.
    pub fn stack(&self, store: impl AsContext, index: u32) -> Result<Val> {
        let places = self.0.operand_places_with_args(&store)?;
        self.0.read_operand(store, &places, index)
    }
}

impl<T: 'static> Store<T> {
    /// Returns the frames from which guests called the host, or at which they stopped: one for each
    /// call of the host into guests, the innermost first.
    ///
    /// Source: Wasmtime's `Store::debug_exit_frames`.
    pub fn debug_exit_frames(&mut self) -> impl Iterator<Item = FrameHandle> + use<T> {
        crate::AsContextMut::as_context_mut(self).debug_exit_frames()
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Returns the frames from which guests called the host; see [`Store::debug_exit_frames`].
    pub fn debug_exit_frames(&mut self) -> impl Iterator<Item = FrameHandle> + use<T> {
        let mut frames: Vec<FrameHandle> = Vec::new();
        let mut next = self.frame();
        while let Some(frame) = next {
            if frames.last().is_none_or(|last| !last.0.is_of_same_run(&frame)) {
                frames.push(FrameHandle(frame));
            }
            next = frame.caller(&*self).ok().flatten();
        }
        frames.into_iter()
    }
}

impl<T: 'static> Caller<'_, T> {
    /// Returns the frames from which guests have called the host; see [`Store::debug_exit_frames`].
    pub fn debug_exit_frames(&mut self) -> impl Iterator<Item = FrameHandle> + use<T> {
        self.store.debug_exit_frames()
    }
}
