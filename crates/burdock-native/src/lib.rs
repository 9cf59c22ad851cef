//! Generates the native handlers of Burdock: assembly for each op with each choice of registers and
//! for sequences of instructions, and the tables in which a machine finds the handlers.
//!
//! # Should I be using this crate?
//!
//! Only to change the generation of native handlers. The build script of `burdock-core` calls this
//! crate; embedders use the `burdock` crate.
//!
//! # Example
//!
//! ```
//! let native = burdock_native::handlers("x86_64", "").unwrap().expect("a known processor");
//! assert!(native.text.contains("imul r9d, r14d\n"));
//! assert!(native.table.contains("static VARIANTS"));
//! // Other processors run the handlers written in Rust.
//! assert!(burdock_native::handlers("riscv64", "").unwrap().is_none());
//! ```
//!
//! # Adding a processor
//!
//! A processor is a file and a folder of the same name, as `x86_64` and `aarch64` are: a type that
//! implements the trait `Isa` of `isa.rs`, and the traits of the families of instructions that
//! `Isa` requires, each in the file of its name: `control`, `call`, `limits`, `observe`, `moves`,
//! `entity`, `span`, `integer`, `float`, `memory`, `vector` and `lanes`. The compiler names what is
//! missing. A processor provides:
//!
//! 1. **Registers.** The arguments of a Rust function of the platform's calling convention hold the
//!    position, the frame, memory 0 and its length, the `Vm`, and the first temporary of each bank,
//!    in this order, so that handlers in Rust and native ones jump to each other. Handlers in Rust
//!    keep what every function keeps: further registers for integers have to be among those.
//! 2. **The text around handlers:** the function that saves what functions keep and jumps to the
//!    first handler (`ENTER`), the code that traps (`LEAVE`), constants, the jump to the next
//!    handler (`go_on`), and a handler that counts (`count_and_go_on`).
//! 3. **A method for each operation**, which reads operands from where their kinds say and writes
//!    the result to where its kind says. Integers of 32 bits are zero-extended in registers and
//!    slots. Names in braces stand for offsets and functions of the machine; they are listed with
//!    `global_asm!` in `dispatch/native.rs` of `burdock-core`. Instructions for which
//!    `left_to_rust` returns `true` need no handler.
//! 4. **A line in `handlers`** with Cargo's name for the architecture.
//!
//! `burdock-core` then says in `build.rs` that handlers in Rust jump to each other on this
//! processor, in `dispatch/native.rs` what the processor must support, and its check
//! (`cargo xtask native --check`) needs a file that fills and reads all registers,
//! `dispatch/native/check/probe_*.rs`.
//!
//! # Adding an object format
//!
//! An object format is a file like `elf.rs`: a type that implements the trait `ObjectFormat` of
//! `object.rs`.
#![forbid(unsafe_code)]

mod aarch64;
mod elf;
mod generate;
mod instruction;
mod isa;
mod object;
mod part;
mod sequence;
mod trie;
mod variants;
mod x86_64;

pub use generate::{Native, handler, handlers};
pub use sequence::{SequenceError, Sequences};
