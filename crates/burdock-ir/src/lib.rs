//! The intermediate representation of Burdock.
#![no_std]
#![forbid(unsafe_code)]

pub mod sem;
