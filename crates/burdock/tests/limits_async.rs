//! Asynchronous limiters: what they are asked, and the calls that wait for their answers.

mod common;

use burdock::*;
use common::{Later, block_on, configs, full, module};
use std::pin::Pin;

type Answer<'a> = Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;

/// Remembers what it was asked, and waits before it answers. Forbids what is over its limit.
#[derive(Default)]
struct Asked {
    questions: Vec<String>,
    limit: usize,
    /// The number of waits before each answer.
    waits: usize,
    fails: bool,
}

impl Asked {
    async fn answer(&mut self, question: String, desired: usize) -> Result<bool> {
        self.questions.push(question);
        for _ in 0..self.waits {
            Later::default().await;
        }
        ensure!(!self.fails, "not with me");
        Ok(desired <= self.limit)
    }
}

impl ResourceLimiterAsync for Asked {
    fn memory_growing<'a, 'async_trait>(
        &'a mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Answer<'async_trait>
    where
        'a: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.answer(format!("memory {current} {desired} {maximum:?}"), desired))
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.questions.push(format!("failed: {error}"));
        Ok(())
    }

    fn table_growing<'a, 'async_trait>(
        &'a mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Answer<'async_trait>
    where
        'a: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.answer(format!("table {current} {desired} {maximum:?}"), desired))
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.questions.push(format!("failed: {error}"));
        Ok(())
    }
}

/// `memory` and `table` grow. `sum` grows both in a loop, while values of all types are in locals
/// and on the stack, and returns the sum of these values and of the previous sizes.
const GROWS: &str = r#"(module
    (memory (export "mem") 1 4)
    (table (export "tab") 2 10 funcref)
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0)))
    (func (export "sum") (param $times i32) (result f64)
        (local $a i32) (local $b i64) (local $c f32) (local $d f64) (local $old i32)
        (local $sum f64)
        (loop $again
            (local.set $a (i32.add (local.get $a) (i32.const 1)))
            (local.set $b (i64.add (local.get $b) (i64.const 2)))
            (local.set $c (f32.add (local.get $c) (f32.const 3)))
            (local.set $d (f64.add (local.get $d) (f64.const 4)))
            (i32.add (local.get $a) (i32.const 5))
            (f64.add (local.get $d) (f64.const 6))
            (local.set $old (i32.add
                (memory.grow (i32.const 1)) (table.grow (ref.null func) (i32.const 1))))
            (f64.add (local.get $sum))
            (local.set $sum)
            (f64.convert_i32_s)
            (f64.add (local.get $sum))
            (local.set $sum)
            (local.set $sum (f64.add (local.get $sum) (f64.convert_i32_s (local.get $old))))
            (local.set $sum (f64.add (local.get $sum) (f64.promote_f32 (local.get $c))))
            (local.set $sum (f64.add (local.get $sum) (f64.convert_i64_s (local.get $b))))
            (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
        (local.get $sum)))"#;

fn asked(config: &Config, limit: usize, waits: usize) -> (Store<Asked>, Instance) {
    let engine = Engine::new(config).unwrap();
    let mut store = Store::new(&engine, Asked { limit, waits, ..Asked::default() });
    store.limiter_async(|asked| asked);
    let module = module(&engine, GROWS);
    let (instance, waited) = block_on(Instance::new_async(&mut store, &module, &[]));
    assert_eq!(waited, 2 * waits);
    (store, instance.unwrap())
}

#[test]
fn a_guest_that_grows_waits_for_the_limiter() {
    for config in configs() {
        let (mut store, instance) = asked(&config, 2 << 16, 2);
        let [memory, table] = ["memory", "table"]
            .map(|name| instance.get_typed_func::<i32, i32>(&store, name).unwrap());
        let mut grow = |func: &TypedFunc<i32, i32>, by| {
            let (result, waits) = block_on(func.call_async(&mut store, by));
            (result.unwrap(), waits)
        };
        assert_eq!(grow(&memory, 1), (1, 2), "{config:?}");
        assert_eq!(grow(&memory, 1), (-1, 2), "the limiter forbids it");
        assert_eq!(grow(&memory, 0), (2, 0), "not asked");
        assert_eq!(grow(&table, 3), (2, 2));
        assert_eq!(grow(&table, 6), (-1, 2), "the maximum forbids it");
        let expected = [
            "memory 0 65536 Some(262144)",
            "table 0 2 Some(10)",
            "memory 65536 131072 Some(262144)",
            "memory 131072 196608 Some(262144)",
            "table 2 5 Some(10)",
            "table 5 11 Some(10)",
            "failed: failed to grow table by `6`",
        ];
        assert_eq!(store.data().questions, expected);
    }
}

#[test]
fn a_guest_that_has_waited_has_all_its_values() {
    for mut config in configs() {
        for (fuel, epochs) in [(false, false), (true, false), (false, true)] {
            config.consume_fuel(fuel).epoch_interruption(epochs);
            // Without waiting, as with it.
            let results = [0, 3].map(|waits| {
                let (mut store, instance) = asked(&config, 1 << 20, waits);
                if fuel {
                    store.set_fuel(10_000).unwrap();
                }
                store.set_epoch_deadline(1);
                let sum = instance.get_typed_func::<i32, f64>(&store, "sum").unwrap();
                let (result, waited) = block_on(sum.call_async(&mut store, 5));
                assert_eq!(waited, 5 * 2 * waits);
                (result.unwrap(), store.get_fuel().ok())
            });
            // The sums of each of the five additions, and the sizes, -1 from the fourth growth on.
            let expected = (15 + 25) + (60 + 30) + (3 + 5 + 7 + 4 + 5) + 45 + 30;
            assert_eq!(results[0].0, f64::from(expected), "{config:?}");
            assert_eq!(results[0], results[1], "{config:?}");
        }
    }
}

#[test]
fn the_hosts_growth_waits_too() {
    let (mut store, instance) = asked(&Config::new(), 3 << 16, 1);
    let memory = instance.get_memory(&store, "mem").unwrap();
    let table = instance.get_table(&store, "tab").unwrap();
    let (grown, waits) = block_on(memory.grow_async(&mut store, 2));
    assert_eq!((grown.unwrap(), waits), (1, 1));
    let (grown, waits) = block_on(memory.grow_async(&mut store, 1));
    assert_eq!((full(&grown.unwrap_err()), waits), ("failed to grow memory by `1`".into(), 1));
    let (grown, waits) = block_on(table.grow_async(&mut store, 2, Ref::Func(None)));
    assert_eq!((grown.unwrap(), waits), (2, 1));
    let ty = MemoryType::new(3, None);
    assert_eq!(block_on(Memory::new_async(&mut store, ty)).0.unwrap().size(&store), 3);
    let error = block_on(Memory::new_async(&mut store, MemoryType::new(4, None))).0.unwrap_err();
    assert_eq!(error.to_string(), "memory minimum size of 4 pages exceeds memory limits");
    let ty = TableType::new(RefType::FUNCREF, 7, None);
    let new = block_on(Table::new_async(&mut store, ty, Ref::Func(None)));
    assert_eq!((new.0.unwrap().size(&store), new.1), (7, 1));
    let questions = &store.data().questions[2..];
    let expected = [
        "memory 65536 196608 Some(262144)",
        "memory 196608 262144 Some(262144)",
        "table 2 4 Some(10)",
        "memory 0 196608 None",
        "memory 0 262144 None",
        "table 0 7 None",
    ];
    assert_eq!(questions, expected);
}

/// Functions that do not wait say which others do.
#[test]
fn functions_that_do_not_wait_fail() {
    let (mut store, instance) = asked(&Config::new(), 1 << 20, 0);
    let asked = store.data().questions.len();
    let limiter = "when using an async resource limiter `*_async` functions must be used instead";
    let memory = instance.get_memory(&store, "mem").unwrap();
    let table = instance.get_table(&store, "tab").unwrap();
    let ty = TableType::new(RefType::FUNCREF, 1, None);
    let errors = [
        memory.grow(&mut store, 1).unwrap_err(),
        memory.grow(&mut store, 0).unwrap_err(),
        table.grow(&mut store, 1, Ref::Func(None)).unwrap_err(),
        Memory::new(&mut store, MemoryType::new(1, None)).unwrap_err(),
        Table::new(&mut store, ty, Ref::Func(None)).unwrap_err(),
    ];
    assert!(errors.iter().all(|error| full(error) == limiter), "{errors:?}");

    let call = "store configuration requires that `*_async` functions are used instead";
    let func = instance.get_func(&store, "memory").unwrap();
    let typed = func.typed::<i32, i32>(&store).unwrap();
    let module = module(store.engine(), GROWS);
    let (params, mut results) = ([Val::I32(1)], [Val::I32(0)]);
    let linker = Linker::new(store.engine());
    let pre = linker.instantiate_pre(&module).unwrap();
    let mut raw = [ValRaw::i32(1)];
    let errors = [
        func.call(&mut store, &params, &mut results).unwrap_err(),
        typed.call(&mut store, 1).unwrap_err(),
        func.call_unchecked(&mut store, &mut raw).unwrap_err(),
        func.call_resumable(&mut store, &params, &mut results).map(drop).unwrap_err(),
        typed.call_resumable(&mut store, 1).map(drop).unwrap_err(),
        Instance::new(&mut store, &module, &[]).unwrap_err(),
        linker.instantiate(&mut store, &module).unwrap_err(),
        pre.instantiate(&mut store).unwrap_err(),
    ];
    assert!(errors.iter().all(|error| full(error) == call), "{errors:?}");
    assert_eq!(store.data().questions.len(), asked);
    // Nothing has happened to the store.
    assert_eq!(block_on(typed.call_async(&mut store, 1)).0.unwrap(), 1);
}
