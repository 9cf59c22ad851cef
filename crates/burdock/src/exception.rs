//! Exceptions that pass between guests and the host.

use crate::store::StoreOpaque;
use crate::values::Rooting;
use crate::{ExnRef, Result, Rooted, Store, StoreContext, StoreContextMut};

/// The error that stands for the pending exception of a store.
///
/// A call returns it if no guest has caught an exception; the exception is then pending in the
/// store ([`Store::take_pending_exception`]). A host function throws an exception by returning the
/// error that [`StoreContextMut::throw`] makes.
///
/// Source: Wasmtime's `ThrownException`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut config = Config::new();
/// config.wasm_exceptions(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module
///     (tag $e (export "e") (param i32))
///     (func (export "f") (throw $e (i32.const 5))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
/// let error = f.call(&mut store, ()).unwrap_err();
/// assert!(error.is::<ThrownException>());
/// let exception = store.take_pending_exception().unwrap();
/// assert_eq!(exception.field(&mut store, 0)?.i32(), Some(5));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("thrown Wasm exception")]
pub struct ThrownException;

impl StoreOpaque {
    fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R> {
        let exception = exception.root().resolve(self)?;
        self.vm.set_pending_exception(exception.to_slot());
        Err(ThrownException.into())
    }

    fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        let exception = Rooting::Scoped(self).root(self.vm.pending_exception());
        self.vm.set_pending_exception(0);
        exception
    }
}

impl<T: 'static> StoreContextMut<'_, T> {
    /// Makes an exception the pending one; see [`Store::throw`].
    ///
    /// # Errors
    ///
    /// Always fails: with [`ThrownException`].
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R> {
        self.opaque().throw(exception)
    }

    /// Takes the pending exception; see [`Store::take_pending_exception`].
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.opaque().take_pending_exception()
    }

    /// Returns `true` if there is a pending exception.
    pub fn has_pending_exception(&self) -> bool {
        self.inner.opaque.vm.pending_exception() != 0
    }
}

impl<T: 'static> StoreContext<'_, T> {
    /// Returns `true` if there is a pending exception.
    pub fn has_pending_exception(&self) -> bool {
        self.opaque().vm.pending_exception() != 0
    }
}

impl<T: 'static> Store<T> {
    /// Makes an exception the pending one of the store, in place of another if there is one, and
    /// returns the error that stands for it. A host function that returns this error throws the
    /// exception into the guest that has called the function.
    ///
    /// # Errors
    ///
    /// Always fails: with [`ThrownException`].
    ///
    /// # Panics
    ///
    /// Panics if the exception belongs to another store.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut config = Config::new();
    /// config.wasm_exceptions(true);
    /// let engine = Engine::new(&config)?;
    /// let mut store = Store::new(&engine, ());
    /// let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    /// let tag = Tag::new(&mut store, &ty)?;
    /// let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(&ty)?);
    /// let exception = ExnRef::new(&mut store, &pre, &tag, &[Val::I32(7)])?;
    /// let result: Result<()> = store.throw(exception);
    /// assert!(result.unwrap_err().is::<ThrownException>());
    /// assert!(store.has_pending_exception());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn throw<R>(&mut self, exception: Rooted<ExnRef>) -> Result<R> {
        self.parts.inner.opaque.throw(exception)
    }

    /// Returns the pending exception, which is not pending any more. `None` if there is none.
    pub fn take_pending_exception(&mut self) -> Option<Rooted<ExnRef>> {
        self.parts.inner.opaque.take_pending_exception()
    }

    /// Returns `true` if there is a pending exception: no guest has caught it, or the host has
    /// thrown it.
    pub fn has_pending_exception(&self) -> bool {
        self.parts.inner.opaque.vm.pending_exception() != 0
    }
}
