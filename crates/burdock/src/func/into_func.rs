//! Rust functions as host functions: which ones (`IntoFunc`), and what they may return
//! (`WasmRet`).

use super::host::{HostFunction, typed};
use super::list::WasmList;
use super::{Caller, WasmTy};
use crate::{Engine, Error, Result};
use alloc::sync::Arc;

/// Calls a macro with the names of 0 to 16 types.
macro_rules! for_each_arity {
    ($mac:ident) => {
        $mac!();
        $mac!(A1);
        $mac!(A1 A2);
        $mac!(A1 A2 A3);
        $mac!(A1 A2 A3 A4);
        $mac!(A1 A2 A3 A4 A5);
        $mac!(A1 A2 A3 A4 A5 A6);
        $mac!(A1 A2 A3 A4 A5 A6 A7);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        $mac!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
    };
}
pub(super) use for_each_arity;

/// Describes the results of a typed host function: a value, a tuple of values, or a
/// [`Result`](crate::Result) of them.
///
/// The error type is always [`Error`], so that the type of `|| Ok(())` is known; `?` converts other
/// errors to it.
///
/// Source: Wasmtime's `WasmRet`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// let divide = Func::wrap(&mut store, |a: u32, b: u32| -> Result<(u32, u32)> {
///     ensure!(b != 0, "division by zero");
///     Ok((a / b, a % b))
/// });
/// let divide = divide.typed::<(u32, u32), (u32, u32)>(&store)?;
/// assert_eq!(divide.call(&mut store, (7, 2))?, (3, 1));
/// assert_eq!(divide.call(&mut store, (7, 0)).unwrap_err().to_string(), "division by zero");
/// # Ok::<(), Error>(())
/// ```
pub trait WasmRet {
    /// The values.
    #[doc(hidden)]
    type Ok: WasmList;

    /// Returns the values or the error.
    #[doc(hidden)]
    fn into_fallible(self) -> Result<Self::Ok>;
}

impl<V: WasmTy> WasmRet for V {
    type Ok = V;

    #[inline]
    fn into_fallible(self) -> Result<V> {
        Ok(self)
    }
}

// Implemented for this error type alone, as in Wasmtime and wasmi. With a second error type, the
// closures `|| Ok(())` and `|| { f()?; Ok(()) }` would leave theirs open, and not compile.
impl<R: WasmRet> WasmRet for Result<R, Error> {
    type Ok = R::Ok;

    #[inline]
    fn into_fallible(self) -> Result<R::Ok> {
        self?.into_fallible()
    }
}

/// A host function that belongs to no store yet.
#[doc(hidden)]
pub struct Wrapped<T: 'static>(pub(crate) Arc<HostFunction<T>>);

/// A Rust function that can be a host function: of up to 16 [`WasmTy`] parameters, the first of
/// which may be a [`Caller`], that returns a [`WasmRet`].
///
/// # Example
///
/// ```
/// use burdock::*;
/// let mut store = Store::new(&Engine::default(), ());
/// fn gcd(a: u32, b: u32) -> u32 {
///     if b == 0 { a } else { gcd(b, a % b) }
/// }
/// let func = Func::wrap(&mut store, gcd);
/// let gcd = func.typed::<(u32, u32), u32>(&store)?;
/// assert_eq!(gcd.call(&mut store, (48, 18))?, 6);
/// # Ok::<(), Error>(())
/// ```
pub trait IntoFunc<T, Params, Results>: Send + Sync + 'static {
    /// Creates the host function.
    #[doc(hidden)]
    fn into_func(self, engine: &Engine) -> Wrapped<T>;
}

macro_rules! into_func {
    ($($a:ident)*) => {
        impl<$($a: WasmTy),*> WasmRet for ($($a,)*) {
            type Ok = Self;

            #[inline]
            fn into_fallible(self) -> Result<Self> {
                Ok(self)
            }
        }

        #[allow(non_snake_case)]
        impl<T: 'static, F, $($a: WasmTy,)* R: WasmRet> IntoFunc<T, ($($a,)*), R> for F
        where F: Fn($($a),*) -> R + Send + Sync + 'static {
            fn into_func(self, engine: &Engine) -> Wrapped<T> {
                Wrapped(typed(engine, move |_: Caller<'_, T>, ($($a,)*): ($($a,)*)| self($($a),*)))
            }
        }

        #[allow(non_snake_case)]
        impl<T: 'static, F, $($a: WasmTy,)* R: WasmRet> IntoFunc<T, (Caller<'_, T>, $($a,)*), R> for F
        where F: Fn(Caller<'_, T>, $($a),*) -> R + Send + Sync + 'static {
            fn into_func(self, engine: &Engine) -> Wrapped<T> {
                Wrapped(typed(engine, move |caller: Caller<'_, T>, ($($a,)*): ($($a,)*)| self(caller, $($a),*)))
            }
        }
    };
}

for_each_arity!(into_func);
