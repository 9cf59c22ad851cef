//! Tests of the tools, a module for each; all are one program, as the tests of `burdock` are.

mod audit;
mod condition;
mod counts;
mod coverage;
mod debug;
mod dwarf;
mod dwarf_damaged;
mod profile;
mod step;
