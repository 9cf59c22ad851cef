//! Scans of loops around one operator each, with what they find.

use super::{COUNTED, LoopUses, scan_loop};
use std::fmt::Write as _;
use std::{format, string::String, vec::Vec};
use wasmparser::{Operator, Parser, Payload};

/// Returns what the scan finds in each loop of a function with this body: the weights of the locals
/// that it uses, assigned ones with `!`, and calls.
fn scanned(body: &str) -> String {
    let types = "(type $f (func)) (type $s (struct (field i32))) (type $a (array (mut i32)))";
    let text = format!(
        "(module {types} (tag $e) (table 1 funcref) (memory 1) (data $d \"\") (elem $el func)
         (func $x (type $f) (local i32 i32 i32) {body} local.get 2))"
    );
    let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (start, body) = body_at_loop(&bytes);
    let mut loops = Vec::new();
    if scan_loop(&body[start..], body.len(), &mut loops, &mut Vec::new()).is_none() {
        return "gives up".into();
    }
    let found: Vec<_> = loops.iter().map(text_of).collect();
    found.join("; ")
}

/// Returns the body of the only function, and the position of its first loop.
fn body_at_loop(bytes: &[u8]) -> (usize, &[u8]) {
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CodeSectionEntry(body) = payload.expect("a section") else { continue };
        let range = body.range();
        let operators = body.get_operators_reader().expect("operators");
        for operator in operators.into_iter_with_offsets() {
            let (operator, offset) = operator.expect("an operator");
            if let Operator::Loop { .. } = operator {
                let bytes = &bytes[range.start as usize..range.end as usize];
                return ((offset - range.start) as usize, bytes);
            }
        }
    }
    panic!("no loop");
}

fn text_of(uses: &LoopUses) -> String {
    let mut text = format!("calls {}", uses.calls);
    for local in 0..COUNTED as u8 {
        let weight = uses.weights()[usize::from(local)];
        if weight > 0 || uses.assigns(local) {
            let mark = if uses.assigns(local) { "!" } else { "" };
            let _ = write!(text, ", {local}: {weight}{mark}");
        }
    }
    text
}

/// Checks that the scan reads these operators, one a line, whatever their operands are: that it
/// finds what stands before and behind each, and nothing else.
fn check_read(operators: &str) {
    for operator in operators.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let calls = u32::from(operator.starts_with("call"));
        let body = format!("loop $l local.get 1 {operator} local.set 0 end");
        assert_eq!(scanned(&body), format!("calls {calls}, 0: 1!, 1: 1"), "{operator}");
        // The last operator before the loop ends is not read by the short way.
        let body = format!("loop $l local.get 1 local.set 0 {operator} end");
        assert_eq!(scanned(&body), format!("calls {calls}, 0: 1!, 1: 1"), "{operator}");
    }
}

#[test]
fn calls_and_branches_by_reference_are_read() {
    check_read(
        "call 0
         call_indirect (type $f)
         call_ref $f
         return_call_ref $f
         ref.null func
         ref.null exn
         ref.null $s
         ref.is_null
         ref.func $x
         ref.eq
         ref.as_non_null
         br_on_null $l
         br_on_non_null $l
         select (result (ref null $s) (ref any) eqref i31ref nullexternref)
         block (result (ref null $a)) end
         block (result (ref func)) end
         block (result exnref) end
         block (result nullfuncref) end
         if (result arrayref) else end",
    );
}

#[test]
fn operators_on_objects_are_read() {
    check_read(
        "struct.new $s
         struct.new_default $s
         struct.get $s 0
         struct.get_s $s 0
         struct.get_u $s 0
         struct.set $s 0
         array.new $a
         array.new_default $a
         array.new_fixed $a 3
         array.new_data $a $d
         array.new_elem $a $el
         array.get $a
         array.get_s $a
         array.get_u $a
         array.set $a
         array.len
         array.fill $a
         array.copy $a $a
         array.init_data $a $d
         array.init_elem $a $el
         ref.test (ref $s)
         ref.test (ref null any)
         ref.cast (ref eq)
         ref.cast (ref null $a)
         br_on_cast $l anyref (ref $s)
         br_on_cast_fail $l (ref null $s) (ref none)
         any.convert_extern
         extern.convert_any
         ref.i31
         i31.get_s
         i31.get_u",
    );
}

#[test]
fn operators_on_descriptors_are_read() {
    check_read(
        "ref.null (exact $s)
         struct.new_desc $s
         struct.new_default_desc $s
         ref.get_desc $s
         ref.cast_desc_eq (ref null (exact $s))
         br_on_cast_desc_eq $l anyref (ref (exact $s))
         br_on_cast_desc_eq_fail $l anyref (ref $s)",
    );
}

#[test]
fn exceptions_are_read() {
    check_read(
        "throw $e
         throw_ref
         try_table end
         try_table (result i32) (catch $e $l) end
         try_table (type $f) (catch_ref $e $l) (catch_all $l) (catch_all_ref $l) end
         try_table (result (ref null exn)) (catch_all_ref 1) end
         try catch $e rethrow 0 catch_all end
         try delegate 0
         try (result i32) try catch_all end delegate $l",
    );
}

#[test]
fn blocks_of_exceptions_hold_loops() {
    let cases = [
        (
            "loop try_table (catch_all 0) loop local.set 0 call 0 end end local.get 1 end",
            "calls 4, 0: 4!, 1: 1; calls 1, 0: 1!",
        ),
        (
            "loop try loop local.get 0 end delegate 0 local.set 1 end",
            "calls 0, 0: 4, 1: 1!; calls 0, 0: 1",
        ),
        ("loop try catch $e local.get 0 catch_all local.tee 1 end end", "calls 0, 0: 1, 1: 1!"),
    ];
    for (body, found) in cases {
        assert_eq!(scanned(body), found, "{body}");
    }
}

#[test]
fn unknown_operators_end_the_scan() {
    // Of stack switching and of shared types.
    for operator in ["suspend $e", "ref.null (shared any)", "atomic.fence"] {
        assert_eq!(scanned(&format!("loop local.get 1 {operator} end")), "gives up", "{operator}");
    }
}
