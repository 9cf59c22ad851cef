//! `NoFunc`, `NoExtern` and `NoneRef`: references to nothing, of which only null exists.

use super::{Ref, Val};

macro_rules! uninhabited {
    ($($(#[$doc:meta])* $name:ident is $variant:ident in $val:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Copy, Clone, Debug, PartialEq, Eq)]
        pub enum $name {}

        impl $name {
            /// Returns null, the only reference of this type.
            #[inline]
            pub fn null() -> Option<Self> {
                None
            }

            /// Returns null as a [`Ref`].
            #[inline]
            pub fn null_ref() -> Ref {
                Ref::$variant(None)
            }

            /// Returns null as a [`Val`].
            #[inline]
            pub fn null_val() -> Val {
                Val::$val(None)
            }
        }
    )*};
}

uninhabited! {
    /// The type without functions: `Option<NoFunc>` stands for `nullfuncref` in typed functions.
    ///
    /// Source: Wasmtime's `NoFunc`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let func = Func::wrap(&mut store, |null: Option<NoFunc>| i32::from(null.is_none()));
    /// let func = func.typed::<Option<NoFunc>, i32>(&store)?;
    /// assert_eq!(func.call(&mut store, NoFunc::null())?, 1);
    /// # Ok::<(), Error>(())
    /// ```
    NoFunc is Func in FuncRef;
    /// The type without host values: `Option<NoExtern>` stands for `nullexternref` in typed
    /// functions.
    ///
    /// Source: Wasmtime's `NoExtern`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let func = Func::wrap(&mut store, || NoExtern::null());
    /// let func = func.typed::<(), Option<Rooted<ExternRef>>>(&store)?;
    /// assert!(func.call(&mut store, ())?.is_none());
    /// # Ok::<(), Error>(())
    /// ```
    NoExtern is Extern in ExternRef;
    /// The type without objects: `Option<NoneRef>` stands for `nullref` in typed functions.
    ///
    /// Source: Wasmtime's `NoneRef`.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let func = Func::wrap(&mut store, |value: Option<I31>| value.is_none() as i32);
    /// let func = func.typed::<Option<NoneRef>, i32>(&store)?;
    /// assert_eq!(func.call(&mut store, NoneRef::null())?, 1);
    /// # Ok::<(), Error>(())
    /// ```
    NoneRef is Any in AnyRef;
}
