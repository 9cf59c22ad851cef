//! `Config::parallel_compilation`: whether threads share the work must not show.

use burdock::*;
use std::fmt::Write;

/// The functions of the module; with their bodies it has several pieces of work.
const FUNCS: usize = 4000;

/// Returns a module whose functions compute, trap, or catch what they throw, except that those with
/// the numbers in `invalid` have invalid bodies.
fn module(invalid: &[usize]) -> Vec<u8> {
    let mut text = String::from("(module (tag $t (param i32)) (memory 1)");
    for func in 0..FUNCS {
        let _ = write!(text, "(func (export \"f{func}\") (param i32) (result i32) (local i32 i64)");
        for number in 0..12 {
            let _ = write!(
                text,
                "(local.set 1 (i32.add (local.get 1) (i32.mul (local.get 0) (i32.const {}))))",
                func * number
            );
        }
        text.push_str(match func % 40 {
            _ if invalid.contains(&func) => "(local.get 2))",
            0 => "(i32.load offset=70000 (local.get 1)))",
            1 => {
                "(block $caught (result i32)
                    (try_table (result i32) (catch $t $caught) (throw $t (local.get 1)))))"
            }
            _ => "(local.get 1))",
        });
    }
    text.push(')');
    let binary = wat::parse_str(text).unwrap();
    assert!(binary.len() > 2 << 17, "{} bytes are too few for threads", binary.len());
    binary
}

fn engine(mode: CompilationMode, parallel: bool) -> Engine {
    let mut config = Config::new();
    config.wasm_exceptions(true).compilation_mode(mode).parallel_compilation(parallel);
    Engine::new(&config).unwrap()
}

/// Returns what the functions give, with the places of their traps.
fn outcome(engine: &Engine, binary: &[u8]) -> Result<String> {
    let module = Module::new(engine, binary)?;
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let mut text = String::new();
    for func in 0..FUNCS {
        let run = instance.get_typed_func::<i32, i32>(&mut store, &format!("f{func}"))?;
        let _ = match run.call(&mut store, 3) {
            Ok(result) => writeln!(text, "{result}"),
            Err(error) => writeln!(text, "{error:?}"),
        };
    }
    Ok(text)
}

#[test]
fn threads_make_the_same_code() {
    let binary = module(&[]);
    let expected = outcome(&engine(CompilationMode::Eager, false), &binary).unwrap();
    assert_eq!(expected.lines().filter(|line| line.contains("out of bounds")).count(), FUNCS / 40);
    for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy] {
        assert_eq!(outcome(&engine(mode, true), &binary).unwrap(), expected, "{mode:?}");
    }
}

#[test]
fn threads_find_the_first_invalid_function() {
    for invalid in [[0, FUNCS - 1], [FUNCS / 2, FUNCS / 2 + 1], [FUNCS - 2, FUNCS - 1]] {
        let binary = module(&invalid);
        for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation] {
            let [alone, shared] = [false, true].map(|parallel| {
                let engine = engine(mode, parallel);
                let error = Module::new(&engine, &binary).unwrap_err();
                let validated = Module::validate(&engine, &binary).unwrap_err();
                format!("{error:?}\n{validated:?}")
            });
            assert!(alone.contains("type mismatch: expected i32, found i64"), "{alone}");
            assert_eq!(alone, shared, "{mode:?}");
        }
    }
}
