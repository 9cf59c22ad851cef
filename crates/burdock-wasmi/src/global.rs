//! `Global`: global variables.

use crate::errors::GlobalError;
use crate::{AsContext, AsContextMut, GlobalType, Mutability, Val};

/// A global variable.
#[derive(Copy, Clone, Debug)]
pub struct Global(burdock::Global);

impl Global {
    /// Creates a global.
    ///
    /// # Panics
    ///
    /// Panics if the value is a reference of another store.
    pub fn new(mut ctx: impl AsContextMut, value: Val, mutability: Mutability) -> Self {
        let ty = GlobalType::new(value.ty(), mutability).to_burdock();
        let store = ctx.as_context_mut().store;
        match burdock::Global::new(store, ty, value.to_burdock()) {
            Ok(global) => Self(global),
            Err(error) => panic!("cannot create a global: {error:#}"),
        }
    }

    /// Returns the type.
    ///
    /// # Panics
    ///
    /// Panics if the global is one of another store.
    pub fn ty(&self, ctx: impl AsContext) -> GlobalType {
        GlobalType::from_burdock(&self.0.ty(ctx.as_context().store))
    }

    /// Sets the value.
    ///
    /// # Errors
    ///
    /// Fails if the global cannot be changed, or if the value is of another type or store.
    ///
    /// # Panics
    ///
    /// Panics if the global is one of another store.
    pub fn set(&self, mut ctx: impl AsContextMut, new_value: Val) -> Result<(), GlobalError> {
        let ty = self.ty(&ctx);
        if ty.mutability().is_const() {
            return Err(GlobalError::ImmutableWrite);
        }
        if ty.content() != new_value.ty() {
            return Err(GlobalError::TypeMismatch);
        }
        let set = self.0.set(ctx.as_context_mut().store, new_value.to_burdock());
        set.map_err(|_| GlobalError::TypeMismatch)
    }

    /// Returns the value.
    ///
    /// # Panics
    ///
    /// Panics if the global is one of another store.
    pub fn get(&self, ctx: impl AsContext) -> Val {
        let store = ctx.as_context().store;
        Val::from_burdock(self.0.get(store), store)
    }

    /// Returns Burdock's global.
    pub fn as_burdock(&self) -> burdock::Global {
        self.0
    }

    /// Returns a global of Burdock as one of this crate.
    pub fn from_burdock(global: burdock::Global) -> Self {
        Self(global)
    }
}
