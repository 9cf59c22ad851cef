//! No native handler of x86-64 waits for a second cache line: each run of instructions, from where
//! a jump leads to the next jump, lies within one, or begins with one if it is longer. How long
//! lines of text become is known only to the assembler; `x86_64/length.rs` of burdock-native must
//! not have guessed too little.

use crate::dispatch::native::bind::head;
use crate::dispatch::native::{HANDLER_COUNT, text};
use alloc::vec::Vec;
use core::slice;
use iced_x86::{Decoder, DecoderOptions, Mnemonic};

/// The bytes of a cache line.
const LINE: u64 = 64;

#[test]
fn runs_of_instructions_lie_within_cache_lines() {
    let mut begins: Vec<u64> = (0..HANDLER_COUNT as u32).map(head).collect();
    begins.sort_unstable();
    begins.dedup();
    let (mut runs, mut spanning) = (0, Vec::new());
    for handler in begins.windows(2) {
        let len = (handler[1] - handler[0]) as usize;
        // SAFETY: [CODE] a handler is bytes of the program up to the next one.
        let bytes = unsafe { slice::from_raw_parts(handler[0] as *const u8, len) };
        let mut begin = None;
        for instr in Decoder::with_ip(64, bytes, handler[0], DecoderOptions::NONE).iter() {
            // What lies between runs.
            if instr.mnemonic() == Mnemonic::Int3 && begin.is_none() {
                continue;
            }
            assert!(!instr.is_invalid(), "no instruction at {:#x}", instr.ip() - text());
            let first = *begin.get_or_insert(instr.ip());
            if instr.mnemonic() == Mnemonic::Jmp {
                let lines = (instr.next_ip() - 1) / LINE - first / LINE;
                let longer = instr.next_ip() - first > LINE;
                if lines > 0 && !(longer && first % LINE == 0) {
                    spanning.push(first - text());
                }
                (begin, runs) = (None, runs + 1);
            }
        }
    }
    assert!(runs >= begins.len(), "every handler has a run");
    assert!(spanning.is_empty(), "{} of {runs} runs, at {spanning:x?}", spanning.len());
}
