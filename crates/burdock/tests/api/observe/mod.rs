//! What hooks are told, as text: each `NAME.wat` says in comments what is observed and called, and
//! `NAME.out` has the events, one a line. `BLESS=1` writes them anew.
//!
//! ```text
//! ;; attach: FUNCS LOOPS func=f* import=env.g* offset=60 memory=8..16 memory=1:0..4
//! ;; call: export 1 2
//! ```
//!
//! Every module is run under each dispatcher and translation mode, which must be told the same.

mod log;

use crate::common;
use burdock::*;
use std::fmt::Write as _;
use std::path::Path;

/// Runs a module as its comments say; gives what happened.
fn run(text: &str, config: &Config) -> String {
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, text).unwrap();
    let mut store = Store::new(&engine, String::new());
    if text.contains(";; fuel:") {
        store.set_fuel(1000).unwrap();
    }
    store.set_epoch_deadline(1);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "add", |a: i32, b: i64| i64::from(a) + b).unwrap();
    linker.func_wrap("env", "fail", || -> Result<()> { bail!("no") }).unwrap();
    linker
        .func_wrap("env", "call", |mut caller: Caller<'_, String>, x: i32| -> Result<()> {
            let f = caller.get_export("called").and_then(Extern::into_func);
            f.unwrap().typed::<i32, ()>(&caller)?.call(&mut caller, x)
        })
        .unwrap();
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(";; "));
    let mut instance = None;
    for line in &mut lines {
        let (command, rest) = line.split_once(':').unwrap_or((line, ""));
        let mut words = rest.split_whitespace();
        match command {
            "attach" => log::attach(&mut store, words),
            "gc" => store.gc(None).unwrap(),
            "fuel" => store.set_fuel(words.next().unwrap().parse().unwrap()).unwrap(),
            "epoch" => engine.increment_epoch(),
            "call" => {
                let instance = *instance
                    .get_or_insert_with(|| linker.instantiate(&mut store, &module).unwrap());
                let name = words.next().unwrap();
                let f = instance.get_func(&mut store, name).unwrap();
                let ty = f.ty(&store);
                let args: Vec<Val> = words
                    .zip(ty.params())
                    .map(|(word, ty)| match ty {
                        ValType::I64 => Val::I64(word.parse().unwrap()),
                        _ => Val::I32(word.parse().unwrap()),
                    })
                    .collect();
                writeln!(store.data_mut(), "call {}", rest.trim()).unwrap();
                let mut results = vec![Val::I32(0); ty.results().len()];
                match f.call(&mut store, &args, &mut results) {
                    Ok(()) => writeln!(store.data_mut(), "= {}", log::values(results)).unwrap(),
                    Err(error) => {
                        let error = format!("{:#}", error.root_cause());
                        writeln!(store.data_mut(), "! {error}").unwrap();
                    }
                }
            }
            _ => {}
        }
    }
    store.into_data()
}

/// The configurations of a module: with fuel and epochs if it says so.
fn configs(text: &str) -> Vec<Config> {
    let mut configs = common::configs();
    for config in &mut configs {
        config.consume_fuel(text.contains(";; fuel:"));
        config.epoch_interruption(text.contains(";; epoch:"));
        config.wasm_legacy_exceptions(text.contains("legacy exceptions"));
        config.wasm_custom_descriptors(text.contains("custom descriptors"));
    }
    configs
}

#[test]
fn hooks_get_the_events_in_the_files() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/observe");
    let mut count = 0;
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        count += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let golden = path.with_extension("out");
        for config in configs(&text) {
            let found = run(&text, &config);
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(&golden, &found).unwrap();
            }
            let expected = std::fs::read_to_string(&golden).unwrap_or_default();
            assert_eq!(found, expected, "{}", path.display());
        }
    }
    assert!(count > 0);
}
