//! Resource limits: what a limiter is asked, and what its answers do; limits on modules.

use crate::common::{full, module};
use burdock::*;

/// Remembers what it was asked and forbids what is over its limit.
#[derive(Default)]
struct Asked {
    questions: Vec<String>,
    limit: usize,
    fail: bool,
}

impl ResourceLimiter for Asked {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.questions.push(format!("memory {current} {desired} {maximum:?}"));
        ensure!(!self.fail, "not with me");
        Ok(desired <= self.limit)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.questions.push(format!("failed: {error}"));
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.questions.push(format!("table {current} {desired} {maximum:?}"));
        Ok(desired <= self.limit)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.questions.push(format!("failed: {error}"));
        Ok(())
    }
}

const GROWS: &str = r#"(module
    (memory (export "mem") 1 4)
    (table (export "tab") 2 10 funcref)
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0))))"#;

fn asked(limit: usize) -> (Store<Asked>, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Asked { limit, ..Asked::default() });
    store.limiter(|asked| asked);
    let instance = Instance::new(&mut store, &module(&engine, GROWS), &[]).unwrap();
    (store, instance)
}

#[test]
fn a_limiter_is_asked_in_bytes_and_elements() {
    let (mut store, instance) = asked(3 << 16);
    let expected = ["memory 0 65536 Some(262144)", "table 0 2 Some(10)"];
    assert_eq!(store.data().questions, expected);
    let mut check = |func: &str, delta: i32, result: i32, questions: &[&str]| {
        store.data_mut().questions.clear();
        let grow = instance.get_typed_func::<i32, i32>(&mut store, func).unwrap();
        assert_eq!(grow.call(&mut store, delta).unwrap(), result, "{func} {delta}");
        assert_eq!(store.data().questions, questions, "{func} {delta}");
    };
    check("memory", 0, 1, &[]);
    check("memory", 1, 1, &["memory 65536 131072 Some(262144)"]);
    // Forbidden by the limiter.
    check("memory", 2, -1, &["memory 131072 262144 Some(262144)"]);
    check("table", 3, 2, &["table 2 5 Some(10)"]);
    // Allowed by the limiter, forbidden by the type.
    let failed = "failed: Table maximum size exceeded";
    check("table", 6, -1, &["table 5 11 Some(10)", failed]);
    let memory = instance.get_memory(&mut store, "mem").unwrap();
    let error = memory.grow(&mut store, 7).unwrap_err();
    assert_eq!(error.to_string(), "failed to grow memory by `7`");
}

/// A limiter that is asked about a growth is told the largest possible size, and why a growth fails
/// that it allows. The sizes are those of which Wasmtime 50 tells its limiters.
#[cfg(target_pointer_width = "64")]
#[test]
fn a_limiter_is_told_what_is_possible() {
    let mut config = Config::new();
    config.wasm_memory64(true).wasm_custom_page_sizes(true);
    let mut pool = PoolingAllocationConfig::new();
    pool.max_memory_size(10 << 16).table_elements(10);
    let check = |definition: &str, delta: u64, expected: [&str; 2]| {
        let mut config = config.clone();
        let definition = match definition.strip_prefix("pooled ") {
            Some(definition) => {
                config.allocation_strategy(pool.clone());
                definition
            }
            None => definition,
        };
        let questions = questions_of(&Engine::new(&config).unwrap(), definition, delta);
        let (new, growth) = (questions[0].as_str(), questions[1..].join(", "));
        assert_eq!([new, &growth], expected, "{definition}, {delta}");
    };
    let (memory, table) =
        ("failed: Memory maximum size exceeded", "failed: Table maximum size exceeded");
    let over = |question: &str, failed: &str| format!("{question}, {failed}");
    // Without a declared maximum, indices are the limit.
    let asked = over("memory 65536 4295032832 Some(4294967296)", memory);
    check("memory 1", 65536, ["memory 0 65536 Some(4294967296)", &asked]);
    let asked = over("memory 65536 393216 Some(327680)", memory);
    check("memory 1 5", 5, ["memory 0 65536 Some(327680)", &asked]);
    let asked = "memory 65536 131072 Some(18446744073709486080)";
    check("memory i64 1", 1, ["memory 0 65536 Some(18446744073709486080)", asked]);
    let asked = over("memory 65536 18446744073709486080 Some(327680)", memory);
    check("memory i64 1 5", u64::MAX, ["memory 0 65536 Some(327680)", &asked]);
    // A memory cannot have a size that `memory.size` or `memory.grow` could not answer.
    let asked = "failed: memory growth exceeds memory type's limits";
    check("memory 1 (pagesize 1)", 0xffff_fffe, ["memory 0 1 Some(4294967296)", asked]);
    check("memory 1 (pagesize 1)", u64::MAX, ["memory 0 1 Some(4294967296)", asked]);
    let asked = over("table 1 4294967296 Some(4294967295)", table);
    check("table 1 funcref", 0xffff_ffff, ["table 0 1 Some(4294967295)", &asked]);
    let asked = over("table 1 6 Some(5)", table);
    check("table 1 5 funcref", 5, ["table 0 1 Some(5)", &asked]);
    let asked = "table 1 2 Some(18446744073709551615)";
    check("table i64 1 funcref", 1, ["table 0 1 Some(18446744073709551615)", asked]);
    let asked = "failed: overflow calculating new table size";
    check("table i64 1 funcref", u64::MAX, ["table 0 1 Some(18446744073709551615)", asked]);
    // A pool has bounds of its own; only its tables know of them.
    let asked = over("memory 65536 720896 Some(4294967296)", memory);
    check("pooled memory 1", 10, ["memory 0 65536 Some(4294967296)", &asked]);
    let asked = over("table 1 11 Some(10)", table);
    check("pooled table 1 funcref", 10, ["table 0 1 Some(4294967295)", &asked]);
    check("pooled table 1 100 funcref", 10, ["table 0 1 Some(100)", &asked]);
    let asked = over("table 1 11 Some(5)", table);
    check("pooled table 1 5 funcref", 10, ["table 0 1 Some(5)", &asked]);
}

/// Returns what a limiter is asked that allows everything, when a memory or table is made and then
/// grows by `delta`.
#[cfg(target_pointer_width = "64")]
fn questions_of(engine: &Engine, definition: &str, delta: u64) -> Vec<String> {
    let (kind, ty) = definition.split_once(' ').unwrap();
    let module = module(engine, &format!(r#"(module ({kind} (export "it") {ty}))"#));
    let mut store = Store::new(engine, Asked { limit: usize::MAX, ..Asked::default() });
    store.limiter(|asked| asked);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let _ = match instance.get_export(&mut store, "it").unwrap() {
        Extern::Memory(memory) => memory.grow(&mut store, delta),
        Extern::Table(table) => table.grow(&mut store, delta, Ref::Func(None)),
        other => panic!("{other:?}"),
    };
    core::mem::take(&mut store.data_mut().questions)
}

/// A memory of pages of one byte that could not tell its size is not made, by whomever.
#[cfg(target_pointer_width = "64")]
#[test]
fn memories_of_ambiguous_sizes_are_not_made() {
    let engine = Engine::new(Config::new().wasm_custom_page_sizes(true)).unwrap();
    let mut store = Store::new(&engine, Asked { limit: usize::MAX, ..Asked::default() });
    store.limiter(|asked| asked);
    let ty = MemoryTypeBuilder::new().min(0xffff_ffff).page_size_log2(0).build().unwrap();
    let error = Memory::new(&mut store, ty).unwrap_err();
    let expected = "memory minimum size of 4294967295 pages exceeds memory limits";
    assert_eq!(error.to_string(), expected);
    let module = module(&engine, "(module (memory 0xffffffff (pagesize 1)))");
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(store.data().questions, ["memory 0 4294967295 Some(4294967296)"; 2]);
}

#[test]
fn an_error_of_the_limiter_traps_the_guest() {
    let (mut store, instance) = asked(usize::MAX);
    store.data_mut().fail = true;
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "memory").unwrap();
    let error = grow.call(&mut store, 1).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "not with me");
    assert!(error.is::<WasmBacktrace>());
}

#[test]
fn store_limits_are_kept() {
    let engine = Engine::default();
    let check = |limits: StoreLimitsBuilder, expected: &str| {
        let mut store = Store::new(&engine, limits.build());
        store.limiter(|limits| limits);
        let error = Instance::new(&mut store, &module(&engine, GROWS), &[]).unwrap_err();
        assert_eq!(full(&error), expected);
    };
    let limits = StoreLimitsBuilder::new;
    check(limits().memory_size(65535), "memory minimum size of 1 pages exceeds memory limits");
    check(limits().table_elements(1), "table minimum size of 2 elements exceeds table limits");
    check(limits().instances(0), "resource limit exceeded: instance count too high at 1");
    check(limits().memories(0), "resource limit exceeded: memory count too high at 1");
    check(limits().tables(0), "resource limit exceeded: table count too high at 1");
    check(
        limits().memory_size(0).trap_on_grow_failure(true),
        "forcing trap when growing memory to 65536 bytes",
    );
}

#[test]
fn a_gigabyte_is_refused_by_a_limiter_and_the_guest_goes_on() {
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new().memory_size(16 << 20).build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let wat = r#"(module (memory (export "mem") 1)
        (func (export "grow") (result i32) (memory.grow (i32.const 16384))))"#;
    let instance = Instance::new(&mut store, &module(&engine, wat), &[]).unwrap();
    let grow = instance.get_typed_func::<(), i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, ()).unwrap(), -1);
    let memory = instance.get_memory(&mut store, "mem").unwrap();
    assert_eq!(memory.size(&store), 1);
}

#[test]
fn enforced_limits_refuse_modules() {
    let mut config = Config::new();
    config.enforced_limits(EnforcedLimits::strict());
    let engine = Engine::new(&config).unwrap();
    let many = format!("(module {})", "(func)".repeat(500));
    let error = Module::new(&engine, many).unwrap_err();
    assert!(full(&error).contains("on average"), "{error:#}");
    let two = "(module (memory 1) (memory 1))";
    let error = Module::new(&engine, two).unwrap_err();
    assert!(full(&error).contains("enforced limit of 1"), "{error:#}");
    Module::new(&engine, "(module (memory 1))").unwrap();
}

/// Allows what the store's data says.
struct ByData;

impl DataLimiter<usize> for ByData {
    fn memory_growing(&mut self, data: &mut usize, growth: Growing) -> Result<bool> {
        *data += growth.desired - growth.current;
        Ok(*data <= 3 << 16)
    }

    fn memory_grow_failed(&mut self, data: &mut usize, _: Error) -> Result<()> {
        *data = 0;
        Ok(())
    }

    fn table_growing(&mut self, data: &mut usize, growth: Growing) -> Result<bool> {
        Ok(growth.desired < *data)
    }

    fn table_grow_failed(&mut self, _: &mut usize, _: Error) -> Result<()> {
        bail!("tables have to grow")
    }

    fn counts(&mut self, data: &mut usize) -> (usize, usize, usize) {
        (*data, 1, 1)
    }
}

#[test]
fn a_limiter_can_use_all_data() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 1);
    store.data_limiter(ByData);
    let module = module(&engine, GROWS);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(*store.data(), 1 + (1 << 16));
    let memory = instance.get_typed_func::<i32, i32>(&store, "memory").unwrap();
    *store.data_mut() = 0;
    assert_eq!(memory.call(&mut store, 3).unwrap(), 1);
    assert_eq!(memory.call(&mut store, 1).unwrap(), -1);
    *store.data_mut() = 0;
    assert_eq!(memory.call(&mut store, 1).unwrap(), -1, "4 pages are the maximum");
    assert_eq!(*store.data(), 0);
    *store.data_mut() = 100;
    let table = instance.get_typed_func::<i32, i32>(&store, "table").unwrap();
    let error = table.call(&mut store, 9).unwrap_err();
    assert!(full(&error).ends_with("tables have to grow"), "{error:#}");
}

#[test]
fn what_limiters_refuse_has_an_error() {
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new;
    let rows = [
        (limits().instances(0), ResourceLimitError::Instances(1)),
        (limits().memories(0), ResourceLimitError::Memories(1)),
        (limits().tables(0), ResourceLimitError::Tables(1)),
        (limits().memory_size(1), ResourceLimitError::MemorySize(1)),
        (limits().table_elements(1), ResourceLimitError::TableSize(2)),
    ];
    for (limits, expected) in rows {
        let mut store = Store::new(&engine, limits.build());
        store.limiter(|limits| limits);
        let error = Instance::new(&mut store, &module(&engine, GROWS), &[]).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&expected));
    }
}
