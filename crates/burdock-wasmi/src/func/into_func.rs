//! `IntoFunc`: closures that are functions of the host.

use super::list::for_each_tuple;
use super::{Caller, WasmTy, WasmTyList};
use crate::{Engine, Error};

/// The result of a host function: values, or values or an error.
pub trait WasmRet {
    #[doc(hidden)]
    type Ok: WasmTyList;

    #[doc(hidden)]
    fn into_fallible(self) -> Result<Self::Ok, Error>;
}

impl<V: WasmTy> WasmRet for V {
    type Ok = V;

    #[inline]
    fn into_fallible(self) -> Result<V, Error> {
        Ok(self)
    }
}

impl<V: WasmTy> WasmRet for Result<V, Error> {
    type Ok = V;

    #[inline]
    fn into_fallible(self) -> Self {
        self
    }
}

/// A closure that is a function of the host: its arguments and results are values, and its first
/// argument may be a [`Caller`].
pub trait IntoFunc<T: 'static, Params, Results>: Send + Sync + 'static {
    /// The parameters of the host function.
    #[doc(hidden)]
    type Params: WasmTyList;

    /// The results of the host function.
    #[doc(hidden)]
    type Results: WasmTyList;

    /// The arguments of Burdock's closure.
    #[doc(hidden)]
    type Args;

    /// Returns a closure for Burdock.
    #[doc(hidden)]
    fn into_burdock(
        self,
        engine: Engine,
    ) -> impl burdock::IntoFunc<T, Self::Args, burdock::Result<<Self::Results as WasmTyList>::Lower>>;
}

macro_rules! into_func {
    ($($a:ident)*) => {
        impl<$($a: WasmTy),*> WasmRet for ($($a,)*) {
            type Ok = Self;

            #[inline]
            fn into_fallible(self) -> Result<Self, Error> {
                Ok(self)
            }
        }

        impl<$($a: WasmTy),*> WasmRet for Result<($($a,)*), Error> {
            type Ok = ($($a,)*);

            #[inline]
            fn into_fallible(self) -> Self {
                self
            }
        }

        #[allow(non_snake_case)]
        impl<T: 'static, F, $($a: WasmTy,)* R: WasmRet> IntoFunc<T, ($($a,)*), R> for F
        where F: Fn($($a),*) -> R + Send + Sync + 'static {
            type Params = ($($a,)*);
            type Results = R::Ok;
            type Args = (burdock::Caller<'static, T>, $($a::Lift,)*);

            fn into_burdock(self, engine: Engine)
            -> impl burdock::IntoFunc<T, Self::Args, burdock::Result<<R::Ok as WasmTyList>::Lower>>
            {
                (move |_: Caller<'_, T>, $($a: $a),*| self($($a),*)).into_burdock(engine)
            }
        }

        #[allow(non_snake_case, unused)]
        impl<T: 'static, F, $($a: WasmTy,)* R: WasmRet> IntoFunc<T, (Caller<'_, T>, $($a,)*), R> for F
        where F: Fn(Caller<'_, T>, $($a),*) -> R + Send + Sync + 'static {
            type Params = ($($a,)*);
            type Results = R::Ok;
            type Args = (burdock::Caller<'static, T>, $($a::Lift,)*);

            fn into_burdock(self, engine: Engine)
            -> impl burdock::IntoFunc<T, Self::Args, burdock::Result<<R::Ok as WasmTyList>::Lower>>
            {
                move |caller: burdock::Caller<'_, T>, $($a: $a::Lift),*| {
                    let caller = Caller::new(caller, &engine);
                    $(let $a = <$a as WasmTy>::lift($a, &caller);)*
                    match self(caller, $($a),*).into_fallible() {
                        Ok(results) => Ok(results.lower_list()),
                        Err(error) => Err(error.into_burdock()),
                    }
                }
            }
        }
    };
}

for_each_tuple!(into_func);
