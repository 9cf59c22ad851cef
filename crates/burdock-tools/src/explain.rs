//! Operators in words.

use crate::Code;
use crate::code::{operator_name, operator_text};
use crate::pattern::like;
use std::sync::LazyLock;
use wasmparser::Operator;

/// The sentences with the patterns of the names that they are for.
static SENTENCES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let rows = include_str!("explain/operators.txt").lines();
    rows.filter(|row| !row.starts_with('#')).filter_map(|row| row.split_once(" | ")).collect()
});

/// Returns what an operator of a function does, in a sentence.
pub(crate) fn explain(op: &Operator<'_>, func: u32, code: &Code) -> Option<String> {
    let name = operator_name(op);
    Some(filled(sentence(name)?, name, &immediate(op, func, code)))
}

/// Returns the sentence for operators of a name.
fn sentence(name: &str) -> Option<&'static str> {
    SENTENCES.iter().find(|(pattern, _)| like(pattern, name)).map(|(_, sentence)| *sentence)
}

/// Fills the gaps of a sentence.
fn filled(sentence: &str, name: &str, immediate: &str) -> String {
    let (ty, rest) = name.split_once('.').unwrap_or(("", name));
    let sign = match () {
        () if rest.ends_with("_s") || rest.contains("_s_") => "signed",
        () if rest.ends_with("_u") || rest.contains("_u_") => "unsigned",
        () => "",
    };
    let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    let bits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    let is_type = |part: &&str| matches!(*part, "i32" | "i64" | "f32" | "f64");
    let from = rest.split('_').find(is_type).unwrap_or("");
    let lanes = match ty.split_once('x') {
        Some((width, count)) => {
            format!("{count} lanes of {} bits", width.trim_start_matches(['i', 'f']))
        }
        None => String::new(),
    };
    let gaps = [
        ("{type}", ty),
        ("{sign}", sign),
        ("{bits}", bits),
        ("{from}", from),
        ("{lanes}", &lanes),
        ("{imm}", immediate),
    ];
    let filled = gaps.iter().fold(sentence.to_owned(), |text, (gap, with)| text.replace(gap, with));
    // The offset of most accesses is 0.
    filled.replace(", 0 bytes further on", "").replace(", 0 bytes further", "")
}

/// Returns the immediate of an operator as text, by name where it has one.
fn immediate(op: &Operator<'_>, func: u32, code: &Code) -> String {
    match op {
        Operator::Call { function_index: index }
        | Operator::ReturnCall { function_index: index }
        | Operator::RefFunc { function_index: index } => format!("`{}`", code.func_name(*index)),
        Operator::LocalGet { local_index: index }
        | Operator::LocalSet { local_index: index }
        | Operator::LocalTee { local_index: index } => {
            let name = code.local_name(func, *index);
            name.map_or_else(|| index.to_string(), |name| format!("${name}"))
        }
        Operator::V128Const { value } => format!("{:#034x}", value.i128() as u128),
        _ => match number(op) {
            Some(number) => number.to_string(),
            // A constant.
            None => operator_text(op).split_once(' ').map_or("", |(_, text)| text).to_owned(),
        },
    }
}

/// Returns the index, the depth or the offset that an operator has as immediate.
fn number(op: &Operator<'_>) -> Option<u64> {
    /// The immediates that sentences mention.
    macro_rules! mentioned {
        (memarg $value:ident) => {
            Some($value.offset)
        };
        (relative_depth $value:ident) => {
            Some(u64::from(*$value))
        };
        (global_index $value:ident) => {
            Some(u64::from(*$value))
        };
        (table $value:ident) => {
            Some(u64::from(*$value))
        };
        (table_index $value:ident) => {
            Some(u64::from(*$value))
        };
        (elem_index $value:ident) => {
            Some(u64::from(*$value))
        };
        (data_index $value:ident) => {
            Some(u64::from(*$value))
        };
        (mem $value:ident) => {
            Some(u64::from(*$value))
        };
        (tag_index $value:ident) => {
            Some(u64::from(*$value))
        };
        (struct_type_index $value:ident) => {
            Some(u64::from(*$value))
        };
        (field_index $value:ident) => {
            Some(u64::from(*$value))
        };
        (lane $value:ident) => {
            Some(u64::from(*$value))
        };
        ($other:ident $value:ident) => {{
            let _ = $value;
            None
        }};
    }
    macro_rules! numbers {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match op {
                $(Operator::$op { $($($arg),*)? } => {
                    let numbers: &[Option<u64>] = &[$($(mentioned!($arg $arg)),*)?];
                    // The last one is the most specific: a field behind its structure.
                    numbers.iter().copied().flatten().last()
                })*
                _ => None,
            }
        };
    }
    wasmparser::for_each_operator!(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::text_name;
    use std::collections::BTreeSet;

    /// The proposals whose operators the engine executes.
    const SUPPORTED: &[&str] = &[
        "mvp",
        "sign_extension",
        "gc",
        "saturating_float_to_int",
        "bulk_memory",
        "reference_types",
        "tail_call",
        "simd",
        "relaxed_simd",
        "exceptions",
        "legacy_exceptions",
        "function_references",
        "wide_arithmetic",
        "custom_descriptors",
    ];

    /// Returns all operators with their proposals.
    fn operators() -> Vec<(&'static str, &'static str)> {
        macro_rules! all {
            ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
                vec![$((stringify!($proposal), text_name(stringify!($visit)))),*]
            };
        }
        wasmparser::for_each_operator!(all)
    }

    #[test]
    fn every_operator_has_a_sentence_without_gaps() {
        let mut used = BTreeSet::new();
        for (proposal, name) in operators() {
            let found = SENTENCES.iter().position(|(pattern, _)| like(pattern, name));
            if SUPPORTED.contains(&proposal) {
                let row = found.unwrap_or_else(|| panic!("`{name}` has no sentence"));
                used.insert(row);
                let text = filled(SENTENCES[row].1, name, "7");
                assert!(!text.contains(['{', '}']) && text.ends_with('.'), "{name}: {text}");
                assert!(!text.contains("  ") && !text.contains(" ,"), "{name}: {text}");
            }
        }
        let unused = SENTENCES.iter().enumerate().filter(|(row, _)| !used.contains(row));
        assert_eq!(unused.collect::<Vec<_>>(), []);
    }

    #[test]
    fn sentences_name_what_operators_work_on() {
        let text = r#"(module
            (memory 1) (table 1 funcref) (table 2 funcref) (tag)
            (type $pair (struct (field i32) (field $second i64)))
            (func $f (param $count i32) (local v128)
                (local.set $count (i32.load8_s offset=3 (i32.const -4)))
                (drop (i32.load (i32.const 8)))
                (drop (table.get 1 (i32.const 0)))
                (drop (struct.get $pair $second (struct.new_default $pair)))
                (drop (i16x8.extract_lane_u 5 (local.get 1)))
                (drop (i32.trunc_sat_f64_u (f64.const 0.5)))
                (call $f (i32.const 1))))"#;
        let code = Code::new(&wat::parse_str(text).unwrap()).unwrap();
        let mut sentences = Vec::new();
        code.visit(0, |_, op| sentences.extend(explain(op, 0, &code))).unwrap();
        let expected = "\
            Pushes -4.\n\
            Takes an address and pushes the signed 8-bit number at it, 3 bytes further, as i32.\n\
            Takes a value and stores it in local $count.\n\
            Pushes 8.\n\
            Takes an address and pushes the i32 in memory at it.\n\
            Takes a value and forgets it.\n\
            Pushes 0.\n\
            Takes an index and pushes the element at it in table 1.\n\
            Takes a value and forgets it.\n\
            Pushes a reference to a new structure of type 0, all of whose fields are 0 or null.\n\
            Takes a reference to a structure and pushes its field 1.\n\
            Takes a value and forgets it.\n\
            Pushes the value of local 1.\n\
            Takes a vector and pushes lane 5 of its 8 lanes of 16 bits.\n\
            Takes a value and forgets it.\n\
            Pushes 0.5.\n\
            Takes an f64 and pushes it as unsigned i32, toward zero; the nearest one if it does not fit.\n\
            Takes a value and forgets it.\n\
            Pushes 1.\n\
            Calls `f` with the upper values as arguments and pushes its results.\n\
            Ends a block, or the function, whose results are on top of the stack.";
        assert_eq!(sentences.join("\n"), expected);
    }
}
