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
//! // Other processors run the Rust handlers.
//! assert!(burdock_native::handlers("wasm32", "").unwrap().is_none());
//! ```
//!
//! # Adding a processor
//!
//! A processor is a file and a folder of the same name, as `x86_64` and `aarch64` are. It contains
//! a type with a field `written: Written`, to which the macro `asm!` writes. The type implements
//! the trait `Isa` of `isa.rs` and the traits of the families of instructions that `Isa` requires,
//! each in the file of its name: `control`, `call`, `limits`, `observe`, `moves`, `entity`, `span`,
//! `integer`, `float`, `memory`, `object`, `vector` and `lanes`. The compiler names the missing
//! methods.
//!
//! A processor provides:
//!
//! 1. **Registers.** The arguments of a Rust function in the platform's calling convention hold, in
//!    this order, the position, the frame, memory 0 and its length, the `Vm`, and the first
//!    temporary of each bank. Rust handlers and native ones can then jump to each other. Rust
//!    handlers preserve only callee-saved registers, so all further registers for integers are
//!    among those.
//! 2. **The text around handlers:** the function that saves the callee-saved registers and jumps to
//!    the first handler (`ENTER`), the code that traps (`LEAVE`), constants (`CONSTANTS`), the jump
//!    to the next handler (`go_on`), and a handler that counts (`count_and_go_on`).
//! 3. **A method for each operation.** It reads the operands from the places of their kinds, and
//!    writes the result to the place of its kind. Integers of 32 bits are zero-extended in
//!    registers and slots. Names in braces stand for offsets and functions of the machine, which
//!    the `global_asm!` of `dispatch/native.rs` in `burdock-core` lists. An instruction for which
//!    `left_to_rust` returns `true` has no native handler, and its method is not called.
//! 4. **A line** in each of `handlers` and `handler` (`generate.rs`), with Cargo's name for the
//!    architecture, and this name in `ARCHITECTURES` of `tests/handlers.rs`.
//!
//! These places outside of this crate have to know the processor:
//!
//! - `build.rs` of `burdock-core`: Rust handlers jump to each other on this processor.
//! - `dispatch/native.rs` of `burdock-core`: the features that the processor must have
//!   (`is_available`).
//! - `dispatch/native/check/probe_*.rs` of `burdock-core`: code that fills and reads all registers,
//!   for `cargo xtask native --check`.
//! - `xtask/src/native.rs` and `xtask/src/handlers.rs`: the processors that these commands check,
//!   and `xtask/src/emulate.rs`: how programs for the processor are built and run elsewhere.
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
mod observed;
mod part;
mod sequence;
mod trie;
mod variants;
mod x86_64;

pub use generate::{Native, handler, handlers};
pub use sequence::{SequenceError, Sequences};
