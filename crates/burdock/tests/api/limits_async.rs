//! Asynchronous limiters: what they are asked, and the calls that wait for their answers.

use crate::common::{Later, block_on, configs, full, module};
use burdock::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Waker};

type Answer<'a> = Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;

/// Remembers what it was asked, and waits before it answers. Forbids what is over its limit.
#[derive(Default)]
struct Asked {
    questions: Vec<String>,
    limit: usize,
    /// The number of waits before each answer.
    waits: usize,
    fails: bool,
    panics: bool,
    /// Another store, and a function that is called in it before each answer.
    other: Option<(Store<Asked>, TypedFunc<i32, i32>)>,
}

impl Asked {
    async fn answer(&mut self, question: String, desired: usize) -> Result<bool> {
        self.questions.push(question);
        for _ in 0..self.waits {
            Later::default().await;
        }
        if let Some((store, func)) = &mut self.other {
            let size = func.call_async(&mut *store, 1).await?;
            self.questions.push(format!("the other one had {size}"));
        }
        ensure!(!self.fails, "not with me");
        assert!(!self.panics, "on purpose");
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
            "failed: Table maximum size exceeded",
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
    // What indices of 32 bits reach, where the host's reach further.
    let reach = usize::try_from(1u64 << 32).ok();
    let [three, four] = [3 << 16, 4 << 16].map(|size| format!("memory 0 {size} {reach:?}"));
    let expected = [
        "memory 65536 196608 Some(262144)",
        "memory 196608 262144 Some(262144)",
        "table 2 4 Some(10)",
        &three,
        &four,
        "table 0 7 Some(4294967295)",
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

/// `list` makes a list of structures, arrays and exceptions of so many elements, while values of
/// all types are in locals of a loop and on the stack, and returns a sum of these values. The list
/// remains alive.
const ALLOCATES: &str = r#"(module
    (type $node (struct (field (mut i64)) (field (ref null $node))))
    (type $array (array (mut i32)))
    (type $large (struct (field (ref null $array)) (field (ref null exn)) (field eqref)))
    (tag $tag (param i64 i32))
    (global $list (mut (ref null $node)) (ref.null $node))
    (global $larges (mut eqref) (ref.null eq))
    (func (export "clear")
        (global.set $list (ref.null $node))
        (global.set $larges (ref.null eq)))
    (func (export "list") (param $times i32) (result f64)
        (local $a i32) (local $b i64) (local $c f32) (local $d f64) (local $sum f64)
        (local $e i32) (local $f i32)
        (loop $again
            (local.set $a (i32.add (local.get $a) (i32.const 1)))
            (local.set $b (i64.add (local.get $b) (i64.const 2)))
            (local.set $c (f32.add (local.get $c) (f32.const 3)))
            (local.set $d (f64.add (local.get $d) (f64.const 4)))
            (local.set $e (i32.xor (local.get $e) (local.get $a)))
            (local.set $f (i32.sub (local.get $f) (local.get $e)))
            (i32.add (local.get $a) (i32.const 5))
            (f64.add (local.get $d) (f64.const 6))
            (i32.mul (local.get $e) (i32.const 7))
            (f32.add (local.get $c) (f32.const 8))
            (global.set $list (struct.new $node (local.get $b) (global.get $list)))
            (f64.promote_f32)
            (f64.add (local.get $sum))
            (local.set $sum)
            (global.set $list (struct.new $node (i64.const 1) (global.get $list)))
            (f64.convert_i32_s)
            (f64.add (local.get $sum))
            (local.set $sum)
            (f64.add (local.get $sum))
            (local.set $sum)
            (f64.convert_i32_s)
            (f64.add (local.get $sum))
            (f64.add (f64.convert_i32_s (local.get $f)))
            (local.set $sum)
            (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
        (f64.add (local.get $sum) (f64.convert_i64_s (struct.get $node 0 (global.get $list)))))
    (func (export "arrays") (param $times i32) (result f64)
        (local $a i32) (local $d f64) (local $exception exnref)
        (loop $again
            (local.set $a (i32.add (local.get $a) (i32.const 1)))
            (local.set $d (f64.add (local.get $d) (f64.const 4)))
            (i32.add (local.get $a) (i32.const 5))
            (f64.add (local.get $d) (f64.const 6))
            (block $caught (result i64 i32 exnref)
                (try_table (catch_ref $tag $caught)
                    (throw $tag (i64.const 3) (local.get $a)))
                (unreachable))
            (local.set $exception)
            (f64.convert_i32_s)
            (f64.add (local.get $d))
            (local.set $d)
            (f64.convert_i64_s)
            (f64.add (local.get $d))
            (local.set $d)
            (global.set $larges (struct.new $large
                (array.new $array (local.get $a) (i32.const 200))
                (local.get $exception)
                (global.get $larges)))
            (global.set $larges (struct.new $large
                (array.new_fixed $array 3 (local.get $a) (i32.const 2) (local.get $a))
                (ref.null exn)
                (global.get $larges)))
            (global.set $larges (struct.new $large
                (array.new_default $array (i32.const 10000))
                (ref.null exn)
                (global.get $larges)))
            (f64.add (local.get $d))
            (local.set $d)
            (f64.convert_i32_s)
            (f64.add (local.get $d))
            (local.set $d)
            (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
        (local.get $d)))"#;

/// Runs an export of the module that allocates; its result, the waits, and the answers of the
/// limiter.
fn allocated(
    config: &Config,
    (name, times): (&str, i32),
    limit: usize,
    waits: usize,
) -> (String, usize, Vec<String>) {
    let engine = Engine::new(config).unwrap();
    let mut store = Store::new(&engine, Asked { limit, waits, ..Asked::default() });
    store.limiter_async(|asked| asked);
    let module = module(&engine, ALLOCATES);
    let instance = block_on(Instance::new_async(&mut store, &module, &[])).0.unwrap();
    let func = instance.get_typed_func::<i32, f64>(&store, name).unwrap();
    let (result, waits) = block_on(func.call_async(&mut store, times));
    let result = result.map_err(|error| error.root_cause().to_string());
    // The store can be used as before.
    let clear = instance.get_typed_func::<(), ()>(&store, "clear").unwrap();
    block_on(clear.call_async(&mut store, ())).0.unwrap();
    store.data_mut().limit = usize::MAX;
    block_on(func.call_async(&mut store, 3)).0.unwrap();
    (format!("{result:?}"), waits, std::mem::take(&mut store.data_mut().questions))
}

#[test]
fn a_guest_that_allocates_waits_for_the_limiter() {
    for config in configs() {
        for call in [("list", 30_000), ("arrays", 100)] {
            for limit in [usize::MAX, 1 << 20] {
                let (expected, waits, questions) = allocated(&config, call, limit, 0);
                assert_eq!(waits, 0);
                assert!(questions.len() >= 3, "{questions:?}");
                let waiting = allocated(&config, call, limit, 3);
                assert_eq!(waiting.0, expected, "{call:?} {config:?}");
                assert_eq!(waiting.2, questions, "{call:?} {config:?}");
                assert!(waiting.1 >= 9 && waiting.1.is_multiple_of(3), "{}", waiting.1);
                assert_eq!(expected.starts_with("Ok"), limit == usize::MAX, "{expected}");
            }
        }
    }
}

/// Objects in initializers of globals, tables and segments.
#[test]
fn an_instantiation_waits_for_the_limiter() {
    let global = |n: i32| format!("(global (ref $a) (array.new_default $a (i32.const {n})))");
    let wat = format!(
        r#"(module (type $a (array (mut i32)))
            (memory 1) (memory 2)
            {} {}
            (table 3 (ref null $a) (array.new_default $a (i32.const 60000)))
            (table $t 9 (ref null $a))
            (elem (table $t) (offset (i32.const 1)) (ref null $a)
                (item (array.new_default $a (i32.const 80000))))
            (elem (table $t) (offset (i32.const 2)) (ref null $a)
                (item (array.new_default $a (i32.const 90000))))
            (memory 3)
            (func (export "count") (result i32) (local $n i32) (local $found i32)
                (loop $more
                    (local.set $found (i32.add (local.get $found)
                        (i32.eqz (ref.is_null (table.get $t (local.get $n))))))
                    (br_if $more (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1)))
                        (i32.const 9))))
                (local.get $found))
            (func $start (drop (memory.grow (i32.const 1))))
            (start $start))"#,
        global(50_000),
        global(70_000),
    );
    let engine = Engine::default();
    let module = module(&engine, &wat);
    let mut expected = Vec::new();
    for waits in [0, 2] {
        let asked = Asked { limit: usize::MAX, waits, ..Asked::default() };
        let mut store = Store::new(&engine, asked);
        store.limiter_async(|asked| asked);
        let (instance, waited) = block_on(Instance::new_async(&mut store, &module, &[]));
        let instance = instance.unwrap();
        assert_eq!(store.debug_all_instances().len(), 1);
        let count = instance.get_typed_func::<(), i32>(&store, "count").unwrap();
        assert_eq!(block_on(count.call_async(&mut store, ())).0.unwrap(), 2);
        let questions = std::mem::take(&mut store.data_mut().questions);
        assert_eq!(waited, waits * questions.len());
        assert!(questions.len() > 8, "{questions:?}");
        if waits == 0 {
            expected = questions;
        } else {
            assert_eq!(questions, expected);
        }
        // Refused, failed, or given up at any question, it leaves nothing behind that is not whole.
        for polls in 0..expected.len() * waits + 2 {
            let mut store = Store::new(&engine, Asked { waits, ..Asked::default() });
            store.data_mut().limit = usize::MAX;
            store.limiter_async(|asked| asked);
            let mut making = Box::pin(Instance::new_async(&mut store, &module, &[]));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..polls {
                if making.as_mut().poll(&mut context).is_ready() {
                    break;
                }
            }
            // A leaked future leaves no more than one that was dropped.
            if polls % 2 == 0 {
                drop(making)
            } else {
                std::mem::forget(making)
            }
            store.data_mut().limit = 1 << 16;
            let error = block_on(Instance::new_async(&mut store, &module, &[])).0.unwrap_err();
            assert!(full(&error).contains("exceeds memory limits"), "{error:?}");
            store.data_mut().limit = usize::MAX;
            store.data_mut().fails = true;
            let error = block_on(Instance::new_async(&mut store, &module, &[])).0.unwrap_err();
            assert_eq!(full(&error), "not with me");
            store.data_mut().fails = false;
            let instance = block_on(Instance::new_async(&mut store, &module, &[])).0.unwrap();
            assert!(store.debug_all_instances().len() <= 2);
            let count = instance.get_typed_func::<(), i32>(&store, "count").unwrap();
            assert_eq!(block_on(count.call_async(&mut store, ())).0.unwrap(), 2);
        }
    }
}

/// A call that ends while it waits, however it ends, leaves the store as it was.
#[test]
fn a_call_may_end_while_the_limiter_is_asked() {
    for config in configs() {
        let (mut store, instance) = asked(&config, 3 << 16, 2);
        let sum = instance.get_typed_func::<i32, f64>(&store, "sum").unwrap();
        let memory = instance.get_typed_func::<i32, i32>(&store, "memory").unwrap();
        let mut context = Context::from_waker(Waker::noop());
        for polls in 1..5 {
            let mut call = Box::pin(sum.call_async(&mut store, 9));
            for _ in 0..polls {
                assert!(call.as_mut().poll(&mut context).is_pending());
            }
            drop(call);
            assert_eq!(
                block_on(memory.call_async(&mut store, 0)).0.unwrap(),
                1 + (polls > 2) as i32
            );
            if polls > 2 {
                break;
            }
        }
        // An error and a panic of the limiter.
        store.data_mut().fails = true;
        let error = block_on(memory.call_async(&mut store, 1)).0.unwrap_err();
        assert_eq!(error.root_cause().to_string(), "not with me");
        assert_eq!(error.downcast_ref::<WasmBacktrace>().unwrap().frames().len(), 1);
        (store.data_mut().fails, store.data_mut().panics) = (false, true);
        let call = AssertUnwindSafe(|| block_on(memory.call_async(&mut store, 1)));
        assert!(catch_unwind(call).is_err());
        store.data_mut().panics = false;
        // A leaked call stays where it is until it is no longer the innermost one.
        let mut call = Box::pin(memory.call_async(&mut store, 1));
        assert!(call.as_mut().poll(&mut context).is_pending());
        std::mem::forget(call);
        let (result, waits) = block_on(memory.call_async(&mut store, 1));
        assert_eq!((result.unwrap(), waits), (2, 2), "{config:?}");
        assert_eq!(block_on(memory.call_async(&mut store, 1)).0.unwrap(), -1);
    }
}

/// The limiter of one store waits for a guest in another, whose limiter waits, too.
#[test]
fn a_limiter_may_wait_for_another_store() {
    let (mut inner, instance) = asked(&Config::new(), 3 << 16, 2);
    let func = instance.get_typed_func::<i32, i32>(&inner, "memory").unwrap();
    inner.data_mut().questions.clear();
    let (mut store, instance) = asked(&Config::new(), 1 << 20, 1);
    let memory = instance.get_typed_func::<i32, i32>(&store, "memory").unwrap();
    store.data_mut().questions.clear();
    store.data_mut().other = Some((inner, func));
    for (size, waits) in [(1, 3), (2, 3)] {
        assert_eq!(block_on(memory.call_async(&mut store, 1)).1, waits);
        assert_eq!(block_on(memory.call_async(&mut store, 0)).0.unwrap(), size + 1);
    }
    assert_eq!(block_on(memory.call_async(&mut store, 1)).0.unwrap(), 3);
    let ours = &store.data().questions;
    let sizes: Vec<_> = ours.iter().filter(|line| line.starts_with("the other")).collect();
    let expected = ["the other one had 1", "the other one had 2", "the other one had -1"];
    assert_eq!(sizes, expected);
    assert_eq!(store.data().other.as_ref().unwrap().0.data().questions.len(), 3);
}

/// Host functions grow by waiting, and what they can't do without waiting is an error that they may
/// pass on.
#[test]
fn host_functions_wait_for_the_limiter() {
    const GUEST: &str = r#"(module
        (import "host" "grow" (func $grow (result i64)))
        (import "host" "sync" (func $sync))
        (memory (export "memory") 1)
        (func (export "grow") (result i64 i32 i32)
            (call $grow) (memory.grow (i32.const 1)) (memory.size))
        (func (export "inner") (result i32) (memory.grow (i32.const 1)))
        (func (export "sync") (call $sync)))"#;
    for config in configs() {
        let engine = Engine::new(&config).unwrap();
        let asked = Asked { limit: 1 << 20, waits: 2, ..Asked::default() };
        let mut store = Store::new(&engine, asked);
        store.limiter_async(|asked| asked);
        let mut linker = Linker::new(&engine);
        async fn grow(mut caller: Caller<'_, Asked>) -> Result<i64> {
            let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
            let inner = caller.get_export("inner").and_then(Extern::into_func).unwrap();
            let inner = inner.typed::<(), i32>(&caller)?;
            let sizes = [
                memory.grow_async(&mut caller, 1).await? as i64,
                inner.call_async(&mut caller, ()).await?.into(),
                memory.grow_async(&mut caller, 1).await? as i64,
            ];
            Ok(sizes[0] * 100 + sizes[1] * 10 + sizes[2])
        }
        linker.func_wrap_async("host", "grow", |caller, (): ()| Box::new(grow(caller))).unwrap();
        let sync = |mut caller: Caller<'_, Asked>| -> Result<()> {
            let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
            memory.grow(&mut caller, 1).map(drop)
        };
        linker.func_wrap("host", "sync", sync).unwrap();
        let module = module(&engine, GUEST);
        let instance = block_on(linker.instantiate_async(&mut store, &module)).0.unwrap();
        let grow = instance.get_typed_func::<(), (i64, i32, i32)>(&store, "grow").unwrap();
        let (result, waits) = block_on(grow.call_async(&mut store, ()));
        assert_eq!((result.unwrap(), waits), ((123, 4, 5), 8), "{config:?}");
        let sync = instance.get_typed_func::<(), ()>(&store, "sync").unwrap();
        let (result, waits) = block_on(sync.call_async(&mut store, ()));
        let expected =
            "when using an async resource limiter `*_async` functions must be used instead";
        assert_eq!((result.unwrap_err().root_cause().to_string(), waits), (expected.into(), 0));
    }
}

const DESCRIBED: &str = "(module
    (rec
        (type $point (descriptor $class) (struct (field i32)))
        (type $class (describes $point) (struct)))
    (func (export \"f\") (param (ref null $point))))";

#[test]
fn the_hosts_objects_wait_for_the_limiter() {
    let engine = Engine::new(Config::new().wasm_custom_descriptors(true)).unwrap();
    let mut store = Store::new(&engine, Asked { limit: usize::MAX, waits: 1, ..Asked::default() });
    store.limiter_async(|asked| asked);
    let field = FieldType::new(Mutability::Var, StorageType::I8);
    let bytes = ArrayRefPre::new(&mut store, ArrayType::new(&engine, field.clone()));
    let wide = FieldType::new(Mutability::Var, StorageType::ValType(ValType::I64));
    let wides = ArrayRefPre::new(&mut store, ArrayType::new(&engine, wide));
    let pair = StructType::new(&engine, [field.clone(), field]).unwrap();
    let pair = StructRefPre::new(&mut store, pair);
    let described = module(&engine, DESCRIBED).get_export("f").unwrap().unwrap_func().clone();
    let point =
        described.param(0).unwrap().unwrap_ref().heap_type().unwrap_concrete_struct().clone();
    let class = StructRefPre::new(&mut store, point.descriptor().unwrap());
    let point = StructRefPre::new(&mut store, point);
    let tag = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let exn = ExnRefPre::new(&mut store, ExnType::from_tag_type(&tag).unwrap());
    let tag = Tag::new(&mut store, &tag).unwrap();
    let one = Val::I32(1);
    let limiter = "when using an async resource limiter `*_async` functions must be used instead";
    let errors = [
        ArrayRef::new(&mut store, &bytes, &one, 9).map(drop).unwrap_err(),
        ArrayRef::new_fixed(&mut store, &wides, &[Val::I64(1)]).map(drop).unwrap_err(),
        ArrayRef::new_from_i8_slice(&mut store, &bytes, b"abc").map(drop).unwrap_err(),
        StructRef::new(&mut store, &pair, &[one, one]).map(drop).unwrap_err(),
        ExnRef::new(&mut store, &exn, &tag, &[one]).map(drop).unwrap_err(),
        ExternRef::new(&mut store, 5).map(drop).unwrap_err(),
        store.gc_heap_grow(1).unwrap_err(),
    ];
    assert!(errors.iter().all(|error| full(error) == limiter), "{errors:?}");
    assert!(store.data().questions.is_empty());
    // Each of these needs more than the heap has.
    for size in [100_000, 1_000_000] {
        let (array, waits) = block_on(ArrayRef::new_async(&mut store, &wides, &Val::I64(3), size));
        let array = array.unwrap();
        assert_eq!(array.get(&mut store, size - 1).unwrap().unwrap_i64(), 3);
        assert_eq!(waits, 1);
    }
    let capacity = store.gc_heap_capacity();
    let (grown, waits) = block_on(store.gc_heap_grow_async(1 << 20));
    assert!(grown.is_ok() && waits == 1 && store.gc_heap_capacity() >= capacity + (1 << 20));
    store.data_mut().limit = 0;
    let (grown, waits) = block_on(store.gc_heap_grow_async(1 << 20));
    assert!(grown.is_err() && waits == 1);
    let (array, _) = block_on(ArrayRef::new_async(&mut store, &wides, &Val::I64(3), 9_000_000));
    let error = array.map(drop).unwrap_err();
    assert!(error.is::<GcHeapOutOfMemory<()>>(), "{error:#}");
    store.data_mut().limit = usize::MAX;
    let before = store.data().questions.len();
    let mut values = Vec::new();
    let class = block_on(StructRef::new_async(&mut store, &class, &[])).0.unwrap();
    let error = StructRef::new_with_descriptor(&mut store, &point, &class, &[one]).map(drop);
    assert_eq!(full(&error.unwrap_err()), limiter);
    while store.data().questions.len() < before + 4 {
        let value = block_on(ExternRef::new_async(&mut store, values.len())).0.unwrap();
        values.push(value);
        block_on(StructRef::new_async(&mut store, &pair, &[one, one])).0.unwrap();
        let fields = [one];
        let made = StructRef::new_with_descriptor_async(&mut store, &point, &class, &fields);
        let made = block_on(made).0.unwrap().descriptor(&store).unwrap().unwrap();
        assert!(Rooted::ref_eq(&store, &made, &class).unwrap());
        block_on(ExnRef::new_async(&mut store, &exn, &tag, &[one])).0.unwrap();
        block_on(ArrayRef::new_from_i8_slice_async(&mut store, &bytes, &[7; 100_000])).0.unwrap();
        block_on(ArrayRef::new_fixed_async(&mut store, &wides, &[Val::I64(1); 999])).0.unwrap();
    }
    for (number, value) in values.iter().enumerate() {
        let value = value.data(&store).unwrap().unwrap();
        assert_eq!(value.downcast_ref(), Some(&number));
    }
}

#[test]
fn futures_can_be_sent_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (mut store, instance) = asked(&Config::new(), 1 << 20, 0);
    let module = module(store.engine(), GROWS);
    let memory = instance.get_memory(&store, "mem").unwrap();
    let table = instance.get_table(&store, "tab").unwrap();
    is_send(&memory.grow_async(&mut store, 1));
    is_send(&table.grow_async(&mut store, 1, Ref::Func(None)));
    is_send(&Memory::new_async(&mut store, MemoryType::new(1, None)));
    is_send(&Instance::new_async(&mut store, &module, &[]));
    is_send(&ExternRef::new_async(&mut store, 1));
    is_send(&store.gc_heap_grow_async(1));
}
