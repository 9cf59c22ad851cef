//! Runs the spec's test scripts (`.wast`) on Burdock through its public API.
//!
//! # Should I be using this crate?
//!
//! Yes, to run `.wast` scripts, the spec's or your own, on Burdock, in a test or behind a command.
//! To embed WebAssembly, use the `burdock` crate itself; to convert text to a module, use `wat`.
//!
//! # Example
//!
//! ```
//! use burdock_wast::{Options, Runner};
//!
//! let mut runner = Runner::new(Options::default());
//! runner.run(
//!     "sum.wast",
//!     r#"(module (func (export "add") (param i32 i32) (result i32)
//!            (i32.add (local.get 0) (local.get 1))))
//!        (assert_return (invoke "add" (i32.const 40) (i32.const 2)) (i32.const 42))
//!        (assert_return (invoke "add" (i32.const 40) (i32.const 2)) (i32.const 41))"#,
//! );
//! let report = runner.into_report();
//! assert_eq!((report.modules, report.assertions), (1, 2));
//! assert_eq!(
//!     report.failures[0].to_string(),
//!     "sum.wast:4:9: assert_return `add`: expected (i32 41), got (i32 42)"
//! );
//! ```
//!
//! # Features of Wasmtime's program
//!
//! A module with a name can be imported by this name without being registered. Headers of
//! Wasmtime's scripts (`;;! simd = true`) switch features on and off; a script that needs a
//! proposal which Burdock does not support is skipped. [`Options::fuel`] sets the fuel of each
//! script, and [`Options::timeout`] its time limit.
//!
//! # What is checked
//!
//! Results are compared bit by bit, except for the NaN patterns of the spec. The text of a trap is
//! compared with the script's. The text for a malformed, invalid or unlinkable module is not,
//! because validators differ in their wording.
#![forbid(unsafe_code)]

mod header;
mod report;
mod value;

mod machine;
mod runner;

pub use machine::{Mode, config_with_all_features, config_with_wasm_2_0};
pub use report::{Failure, Location, Report, Skip};
pub use runner::{Options, Runner};
