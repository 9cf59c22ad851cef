//! The rows in which meanings are written down: name, types, and the function itself.

/// Zero-sized types that implement `Unary`, one a row.
macro_rules! unary {
    ($($name:ident: $A:ty => $Out:ty, |$a:ident| $body:expr;)*) => {$(
        #[doc = concat!("The meaning of `", stringify!($name), "`.")]
        #[derive(Copy, Clone, Debug)]
        pub struct $name;

        impl crate::sem::Unary for $name {
            type A = $A;
            type Out = $Out;
            #[inline(always)]
            fn apply($a: $A) -> Result<$Out, burdock_types::Trap> {
                $body
            }
        }
    )*};
}

/// Zero-sized types that implement `Binary`, one a row.
macro_rules! binary {
    ($($name:ident: $A:ty, $B:ty => $Out:ty, |$a:ident, $b:ident| $body:expr;)*) => {$(
        #[doc = concat!("The meaning of `", stringify!($name), "`.")]
        #[derive(Copy, Clone, Debug)]
        pub struct $name;

        impl crate::sem::Binary for $name {
            type A = $A;
            type B = $B;
            type Out = $Out;
            #[inline(always)]
            fn apply($a: $A, $b: $B) -> Result<$Out, burdock_types::Trap> {
                $body
            }
        }
    )*};
}

/// Zero-sized types that implement `Load`, one a row.
macro_rules! load {
    ($($name:ident: $N:literal => $Out:ty, |$bytes:ident| $body:expr;)*) => {$(
        #[doc = concat!("The meaning of `", stringify!($name), "`.")]
        #[derive(Copy, Clone, Debug)]
        pub struct $name;

        impl crate::sem::Load for $name {
            type Bytes = [u8; $N];
            type Out = $Out;
            #[inline(always)]
            fn load($bytes: [u8; $N]) -> $Out {
                $body
            }
        }
    )*};
}

/// Zero-sized types that implement `Store`, one a row.
macro_rules! store {
    ($($name:ident: $A:ty => $N:literal, |$value:ident| $body:expr;)*) => {$(
        #[doc = concat!("The meaning of `", stringify!($name), "`.")]
        #[derive(Copy, Clone, Debug)]
        pub struct $name;

        impl crate::sem::Store for $name {
            type Bytes = [u8; $N];
            type A = $A;
            #[inline(always)]
            fn store($value: $A) -> [u8; $N] {
                $body
            }
        }
    )*};
}

pub(crate) use {binary, load, store, unary};
