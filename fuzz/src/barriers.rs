//! The same module with an empty block after every operator. A translator keeps next to nothing
//! across a block, so this is the plain way of translating against which the clever one is held;
//! and an engine that disagrees with itself here is no witness against another.

use wasm_encoder::{CodeSection, Module, RawSection};
use wasmparser::{Parser, Payload};

/// `block end`
const BARRIER: [u8; 3] = [0x02, 0x40, 0x0b];

pub(crate) fn with_barriers(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut module = Module::new();
    let mut code = CodeSection::new();
    let mut left = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.ok()?;
        match &payload {
            Payload::CodeSectionStart { count, .. } => left = *count,
            Payload::CodeSectionEntry(body) => {
                let start = body.range().start;
                let mut operators = body.get_operators_reader().ok()?;
                let at = |position: u64| bytes.get(position as usize..);
                let first = operators.original_position();
                let mut out = bytes[start as usize..first as usize].to_vec();
                while !operators.eof() {
                    let from = operators.original_position();
                    operators.read().ok()?;
                    let to = operators.original_position();
                    out.extend_from_slice(&at(from)?[..(to - from) as usize]);
                    if !operators.eof() {
                        out.extend_from_slice(&BARRIER);
                    }
                }
                code.raw(&out);
                left -= 1;
                if left == 0 {
                    module.section(&code);
                }
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = &bytes[range.start as usize..range.end as usize];
                    module.section(&RawSection { id, data });
                }
            }
        }
    }
    Some(module.finish())
}
