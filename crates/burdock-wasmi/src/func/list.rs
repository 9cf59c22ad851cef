//! Lists of values: the parameters and results of typed functions.

use super::WasmTy;
use crate::{AsContext, Val, ValType};
use alloc::vec;
use alloc::vec::Vec;

/// A value, or a tuple of values.
pub trait WasmTyList: Send + Sized + 'static {
    /// The list in which Burdock takes the values.
    #[doc(hidden)]
    type Lower: burdock::WasmParams + burdock::WasmRet;

    /// The list in which Burdock gives the values.
    #[doc(hidden)]
    type Lift: burdock::WasmResults;

    #[doc(hidden)]
    fn types() -> Vec<ValType>;

    #[doc(hidden)]
    fn lower_list(self) -> Self::Lower;

    #[doc(hidden)]
    fn lift_list(values: Self::Lift, store: impl AsContext) -> Self;

    #[doc(hidden)]
    fn into_vals(self) -> Vec<Val>;

    /// Returns the list of values, if they are of its types.
    #[doc(hidden)]
    fn from_vals(vals: &[Val]) -> Option<Self>;
}

/// The parameters of a typed function: a value, or a tuple of values.
pub trait WasmParams: WasmTyList {}

impl<L: WasmTyList> WasmParams for L {}

/// The results of a typed function: a value, or a tuple of values.
pub trait WasmResults: WasmTyList {}

impl<L: WasmTyList> WasmResults for L {}

impl<V: WasmTy> WasmTyList for V {
    type Lower = V::Lower;
    type Lift = V::Lift;

    fn types() -> Vec<ValType> {
        vec![V::ty()]
    }

    #[inline]
    fn lower_list(self) -> V::Lower {
        self.lower()
    }

    #[inline]
    fn lift_list(value: V::Lift, store: impl AsContext) -> Self {
        V::lift(value, store)
    }

    fn into_vals(self) -> Vec<Val> {
        vec![self.into_val()]
    }

    fn from_vals(vals: &[Val]) -> Option<Self> {
        match vals {
            [val] => V::from_val(val),
            _ => None,
        }
    }
}

/// Calls a macro with the names of up to 16 types.
macro_rules! for_each_tuple {
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
pub(super) use for_each_tuple;

macro_rules! tuple {
    ($($v:ident)*) => {
        #[allow(non_snake_case, unused, clippy::unused_unit, reason = "the empty tuple is one")]
        impl<$($v: WasmTy),*> WasmTyList for ($($v,)*) {
            type Lower = ($($v::Lower,)*);
            type Lift = ($($v::Lift,)*);

            fn types() -> Vec<ValType> {
                vec![$($v::ty()),*]
            }

            #[inline]
            fn lower_list(self) -> Self::Lower {
                let ($($v,)*) = self;
                ($($v.lower(),)*)
            }

            #[inline]
            fn lift_list(values: Self::Lift, store: impl AsContext) -> Self {
                let ($($v,)*) = values;
                ($(<$v as WasmTy>::lift($v, &store),)*)
            }

            fn into_vals(self) -> Vec<Val> {
                let ($($v,)*) = self;
                vec![$($v.into_val()),*]
            }

            fn from_vals(vals: &[Val]) -> Option<Self> {
                let mut vals = vals.iter();
                let list = ($($v::from_val(vals.next()?)?,)*);
                vals.next().is_none().then_some(list)
            }
        }
    };
}

for_each_tuple!(tuple);
