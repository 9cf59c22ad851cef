//! `burdock.h`: what other engines do not have.

pub(crate) mod config;
pub(crate) mod counter;
#[cfg(feature = "tools")]
pub(crate) mod debugger;
pub(crate) mod event;
pub(crate) mod filter;
pub(crate) mod frame;
pub(crate) mod hook;
#[cfg(feature = "tools")]
pub(crate) mod tools;
