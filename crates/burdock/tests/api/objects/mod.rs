//! Structures, arrays, `i31` and casts, as text: each `NAME.wat` has a module and says in comments
//! what is called (`;; call: export 1`, with numbers as arguments), and `NAME.out` has the results.
//! `BLESS=1` writes them anew. A file that begins with `;; custom descriptors` needs that proposal.
//!
//! Every file is run under each dispatcher and translation mode, with and without a hook that
//! observes everything. Calls with small arguments are also run with a collection before each
//! allocation.

use crate::common;
use burdock::*;
use std::fmt::Write as _;
use std::path::Path;

/// Counts events.
#[derive(Default)]
struct Count(u64);

impl Hook<()> for Count {
    const EVENTS: Events = Events::ALL;

    fn event(&mut self, _: StoreContextMut<'_, ()>, _: Event<'_>) -> Result<()> {
        self.0 += 1;
        Ok(())
    }
}

/// Calls what a file says, and returns the calls and their results as text.
fn run(config: &Config, text: &str, observed: bool, calls: fn(&str) -> bool) -> String {
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, text).unwrap();
    let mut store = Store::new(&engine, ());
    let attached = observed.then(|| store.attach(Filter::default(), Count::default()));
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let mut out = String::new();
    let said = text.lines().filter_map(|line| line.trim().strip_prefix(";; call: "));
    for call in said.filter(|call| calls(call)) {
        let mut words = call.split_whitespace();
        let name = words.next().expect("an export");
        let func = instance.get_func(&mut store, name).expect(name);
        let ty = func.ty(&store);
        let args = words.zip(ty.params()).map(|(word, ty)| match ty {
            ValType::I32 => Val::I32(word.parse().unwrap()),
            ValType::I64 => Val::I64(word.parse().unwrap()),
            other => panic!("an argument of type {other}"),
        });
        let args: Vec<Val> = args.collect();
        let mut results = vec![Val::I32(0); ty.results().len()];
        writeln!(out, "call {call}").unwrap();
        match func.call(&mut store, &args, &mut results) {
            Ok(()) => {
                out.push('=');
                for value in results {
                    match value {
                        Val::I32(value) => write!(out, " {value}"),
                        Val::I64(value) => write!(out, " {value}"),
                        Val::F32(bits) => write!(out, " {}", f32::from_bits(bits)),
                        Val::F64(bits) => write!(out, " {}", f64::from_bits(bits)),
                        other => write!(out, " {other:?}"),
                    }
                    .unwrap();
                }
                out.push('\n');
            }
            Err(error) => writeln!(out, "! {}", error.root_cause()).unwrap(),
        }
    }
    if let Some(attached) = attached {
        assert!(store.detach(attached).unwrap().0 > 0, "nothing was observed");
    }
    out
}

/// Returns `true` for a call whose arguments are so small that it allocates few objects.
fn is_small(call: &str) -> bool {
    call.split_whitespace().skip(1).all(|word| word.parse::<i64>().is_ok_and(|arg| arg < 1000))
}

/// Returns the calls of [`is_small`] with their results.
fn small_part(out: &str) -> String {
    let lines: Vec<_> = out.lines().collect();
    let calls = lines.chunks(2).filter(|lines| is_small(&lines[0]["call ".len()..]));
    calls.flatten().map(|line| format!("{line}\n")).collect()
}

#[test]
fn files_have_the_results_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/objects");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wat"));
    assert!(!files.is_empty());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = path.with_extension("out");
        let known = || std::fs::read_to_string(&expected).unwrap();
        for mut config in common::configs() {
            config.wasm_gc(true).wasm_custom_descriptors(text.starts_with(";; custom descriptors"));
            for observed in [false, true] {
                let out = run(&config, &text, observed, |_| true);
                if std::env::var_os("BLESS").is_some() {
                    std::fs::write(&expected, &out).unwrap();
                }
                let name = path.display();
                assert_eq!(out, known(), "{name}, observed: {observed}, {config:?}");
            }
            config.collect_at_every_allocation(true);
            let out = run(&config, &text, false, is_small);
            assert_eq!(out, small_part(&known()), "{}, {config:?}", path.display());
        }
    }
}

/// A limit on the heap that a few thousand objects exceed.
const HEAP_LIMIT: usize = 1 << 20;

#[test]
fn objects_that_nothing_needs_are_freed_while_loops_run() {
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/objects/registers.wat"),
    )
    .unwrap();
    for mut config in common::configs() {
        config.wasm_gc(true);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, &text).unwrap();
        for name in ["queue", "queue_of_calls"] {
            let limits = StoreLimitsBuilder::new().memory_size(HEAP_LIMIT).build();
            let mut store = Store::new(&engine, limits);
            store.limiter(|limits| limits);
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let queue = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
            assert_eq!(queue.call(&mut store, 400_000).unwrap(), 1, "{name}, {config:?}");
        }
    }
}
