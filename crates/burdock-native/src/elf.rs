//! ELF: sections, symbols, the table of where handlers are.

use crate::object::{HANDLER_GROUP, ObjectFormat};
use std::fmt::Write;

/// The format of Linux, Android and the BSDs.
pub(crate) struct Elf;

impl ObjectFormat for Elf {
    fn begin(enter: &str, wait: &str, leave: &str) -> String {
        format!(
            ".section .text.burdock_native,\"ax\",@progbits\n.p2align 6\n\
             .globl burdock_native_enter\n.hidden burdock_native_enter\n\
             .type burdock_native_enter,@function\n\
             .globl burdock_native_keep\n.hidden burdock_native_keep\n\
             .globl burdock_native_wait\n.hidden burdock_native_wait\n\
             .globl burdock_native_go_on\n.hidden burdock_native_go_on\n\
             .globl burdock_native_text\n.hidden burdock_native_text\n\
             burdock_native_enter:\n.cfi_startproc\n{enter}\
             .cfi_endproc\n.size burdock_native_enter, .-burdock_native_enter\n{wait}\
             .p2align 6\nburdock_native_text:\n{leave}"
        )
    }

    fn end(constants: &str, handlers: usize) -> String {
        let mut text = format!(
            ".section .rodata.burdock_native,\"a\",@progbits\n.p2align 4\n{constants}\
             .p2align 2\n.globl burdock_native_groups\n.hidden burdock_native_groups\n\
             burdock_native_groups:\n"
        );
        for label in (0..handlers).step_by(HANDLER_GROUP) {
            let _ = writeln!(text, ".long h{label}-burdock_native_text");
        }
        text.push_str(
            ".globl burdock_native_handlers\n.hidden burdock_native_handlers\n\
             burdock_native_handlers:\n",
        );
        for label in 0..handlers {
            let _ = writeln!(text, ".short h{label}-h{}", label - label % HANDLER_GROUP);
        }
        text.push_str(".text\n");
        text
    }
}
