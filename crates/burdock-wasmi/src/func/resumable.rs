//! Calls that can be resumed.

use super::typed::outputs;
use super::values::{load_all, store_all, with_room};
use super::{Func, WasmResults};
use crate::{AsContextMut, Error, FuncType, Val};
use burdock::RootScope;
use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

/// The state of a call that can be resumed.
#[derive(Debug)]
pub enum ResumableCall {
    /// The call has finished, and its results are written.
    Finished,
    /// A host function has failed.
    HostTrap(ResumableCallHostTrap),
    /// Fuel is missing.
    OutOfFuel(ResumableCallOutOfFuel),
}

/// A call that has stopped because a host function has failed.
pub struct ResumableCallHostTrap {
    call: burdock::ResumableCallHostTrap,
    /// The error of a host function of Burdock, as one of this crate.
    foreign: Option<Error>,
    ty: FuncType,
}

/// A call that has stopped because fuel is missing.
pub struct ResumableCallOutOfFuel {
    call: burdock::ResumableCallOutOfFuel,
    ty: FuncType,
}

impl ResumableCall {
    pub(super) fn of<T: 'static>(
        call: burdock::ResumableCall,
        ty: impl FnOnce() -> FuncType,
        outputs: &mut [Val],
        results: &[burdock::Val],
        store: burdock::StoreContext<'_, T>,
    ) -> Result<Self, Error> {
        Ok(match call {
            burdock::ResumableCall::Finished => {
                load_all(outputs, results, store);
                Self::Finished
            }
            burdock::ResumableCall::HostTrap(call) => {
                let own = call.host_error().is::<Error>();
                let foreign = (!own).then(|| Error::copy_of(call.host_error()));
                let ty = ty();
                ty.prepare(outputs)?;
                Self::HostTrap(ResumableCallHostTrap { call, foreign, ty })
            }
            burdock::ResumableCall::OutOfFuel(call) => {
                let ty = ty();
                ty.prepare(outputs)?;
                Self::OutOfFuel(ResumableCallOutOfFuel { call, ty })
            }
            // Hooks of Burdock can pause a call as well, which wasmi cannot say.
            burdock::ResumableCall::HookError(call) => {
                return Err(Error::from_burdock(call.into_hook_error()));
            }
        })
    }

    /// Resumes a call in a scope of references.
    fn resume<T: 'static>(
        mut ctx: impl AsContextMut<Data = T>,
        ty: FuncType,
        outputs: &mut [Val],
        resume: impl FnOnce(
            &mut RootScope<burdock::StoreContextMut<'_, T>>,
            &mut [burdock::Val],
        ) -> burdock::Result<burdock::ResumableCall>,
    ) -> Result<Self, Error> {
        let mut ctx = ctx.as_context_mut();
        let mut scope = RootScope::new(ctx.as_burdock_mut());
        with_room(burdock::Val::I32(0), outputs.len(), |results| {
            let call = resume(&mut scope, results).map_err(Error::from_burdock)?;
            Self::of(call, || ty, outputs, results, burdock::AsContext::as_context(&scope))
        })
    }
}

impl ResumableCallHostTrap {
    /// Returns the host function.
    pub fn host_func(&self) -> Func {
        Func::from_burdock(self.call.host_func())
    }

    /// Returns the error of the host function.
    pub fn host_error(&self) -> &Error {
        let own = self.call.host_error().downcast_ref();
        own.or(self.foreign.as_ref()).expect("an error of this crate, or a copy")
    }

    /// Returns the error of the host function, and ends the call.
    pub fn into_host_error(self) -> Error {
        Error::from_burdock(self.call.into_host_error())
    }

    /// Resumes the call as if the host function had returned `inputs`.
    ///
    /// # Errors
    ///
    /// Fails if the values do not match the types of the functions, and if the guest traps.
    pub fn resume<T: 'static>(
        self,
        ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let ty = self.host_func().ty(&ctx);
        ty.check_results(inputs.iter().map(Val::ty))?;
        self.ty.prepare(outputs)?;
        with_room(burdock::Val::I32(0), inputs.len(), |answers| {
            store_all(answers, inputs);
            ResumableCall::resume(ctx, self.ty, outputs, |store, results| {
                self.call.resume(store, answers, results)
            })
        })
    }
}

impl ResumableCallOutOfFuel {
    /// Returns the fuel that the store needs for the call to go on.
    pub fn required_fuel(&self) -> u64 {
        self.call.required_fuel()
    }

    /// Resumes the call.
    ///
    /// # Errors
    ///
    /// Fails if there is another number of results, and if the guest traps.
    pub fn resume<T: 'static>(
        self,
        ctx: impl AsContextMut<Data = T>,
        outputs: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        self.ty.prepare(outputs)?;
        ResumableCall::resume(ctx, self.ty, outputs, |store, results| {
            self.call.resume(store, results)
        })
    }
}

impl fmt::Debug for ResumableCallHostTrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumableCallHostTrap")
            .field("host_func", &self.host_func())
            .field("host_error", self.host_error())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ResumableCallOutOfFuel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// The state of a call of a typed function that can be resumed.
#[derive(Debug)]
pub enum TypedResumableCall<Results> {
    /// The call has finished with these results.
    Finished(Results),
    /// A host function has failed.
    HostTrap(TypedResumableCallHostTrap<Results>),
    /// Fuel is missing.
    OutOfFuel(TypedResumableCallOutOfFuel<Results>),
}

/// A call of a typed function that has stopped because a host function has failed.
pub struct TypedResumableCallHostTrap<Results> {
    call: ResumableCallHostTrap,
    results: PhantomData<fn() -> Results>,
}

/// A call of a typed function that has stopped because fuel is missing.
pub struct TypedResumableCallOutOfFuel<Results> {
    call: ResumableCallOutOfFuel,
    results: PhantomData<fn() -> Results>,
}

impl<Results: WasmResults> TypedResumableCall<Results> {
    pub(super) fn of(call: ResumableCall, outputs: &[Val]) -> Self {
        match call {
            ResumableCall::Finished => {
                let results = Results::from_vals(outputs);
                Self::Finished(results.expect("the types were checked when the call began"))
            }
            ResumableCall::HostTrap(call) => {
                Self::HostTrap(TypedResumableCallHostTrap { call, results: PhantomData })
            }
            ResumableCall::OutOfFuel(call) => {
                Self::OutOfFuel(TypedResumableCallOutOfFuel { call, results: PhantomData })
            }
        }
    }
}

impl<Results> TypedResumableCallHostTrap<Results> {
    /// Resumes the call as if the host function had returned `inputs`.
    ///
    /// # Errors
    ///
    /// Fails if the values do not match the type of the host function, and if the guest traps.
    pub fn resume<T: 'static>(
        self,
        ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
    ) -> Result<TypedResumableCall<Results>, Error>
    where
        Results: WasmResults,
    {
        let mut outputs = outputs::<Results>();
        let call = self.call.resume(ctx, inputs, &mut outputs)?;
        Ok(TypedResumableCall::of(call, &outputs))
    }
}

impl<Results> TypedResumableCallOutOfFuel<Results> {
    /// Resumes the call.
    ///
    /// # Errors
    ///
    /// Fails if the guest traps.
    pub fn resume<T: 'static>(
        self,
        ctx: impl AsContextMut<Data = T>,
    ) -> Result<TypedResumableCall<Results>, Error>
    where
        Results: WasmResults,
    {
        let mut outputs = outputs::<Results>();
        let call = self.call.resume(ctx, &mut outputs)?;
        Ok(TypedResumableCall::of(call, &outputs))
    }
}

impl<Results> Deref for TypedResumableCallHostTrap<Results> {
    type Target = ResumableCallHostTrap;

    fn deref(&self) -> &ResumableCallHostTrap {
        &self.call
    }
}

impl<Results> Deref for TypedResumableCallOutOfFuel<Results> {
    type Target = ResumableCallOutOfFuel;

    fn deref(&self) -> &ResumableCallOutOfFuel {
        &self.call
    }
}

impl<Results> fmt::Debug for TypedResumableCallHostTrap<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

impl<Results> fmt::Debug for TypedResumableCallOutOfFuel<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
