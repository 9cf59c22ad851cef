//! Limiters of stores, and limits on modules.

use burdock_wasmi::errors::{EnforcedLimitsError, ErrorKind, MemoryError, TableError};
use burdock_wasmi::{
    Config, EnforcedLimits, Engine, Instance, LimiterError, Linker, Memory, MemoryType, Module,
    Ref, RefType, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder, Table, TableType,
    TrapCode,
};

const WAT: &str = r#"(module (memory 1) (table 2 funcref)
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0))))"#;

fn with(limits: StoreLimitsBuilder) -> Store<StoreLimits> {
    let mut store = Store::new(&Engine::default(), limits.build());
    store.limiter(|limits| limits);
    store
}

#[test]
fn growth_fails_or_traps() {
    let limits = || StoreLimitsBuilder::new().memory_size(2 << 16).table_elements(3);
    for trap in [false, true] {
        let mut store = with(limits().trap_on_grow_failure(trap));
        let module = Module::new(store.engine(), WAT).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        for (name, before) in [("memory", 1), ("table", 2)] {
            let grow = instance.get_typed_func::<i32, i32>(&store, name).unwrap();
            assert_eq!(grow.call(&mut store, 1).unwrap(), before);
            assert_eq!(grow.call(&mut store, -1).unwrap(), -1, "no index is as large: {name}");
            let failed = grow.call(&mut store, 1).map_err(|error| error.as_trap_code());
            match trap {
                true => assert_eq!(failed, Err(Some(TrapCode::GrowthOperationLimited))),
                false => assert_eq!(failed, Ok(-1)),
            }
        }
        let bounded = WAT.replace("(memory 1)", "(memory 1 1)");
        let module = Module::new(store.engine(), bounded).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let grow = instance.get_typed_func::<i32, i32>(&store, "memory").unwrap();
        assert_eq!(grow.call(&mut store, 9).unwrap(), -1, "the type's maximum does not trap");
    }
}

#[test]
fn what_is_too_large_is_not_created() {
    let limits = || StoreLimitsBuilder::default().memory_size(1 << 16).table_elements(2);
    for trap in [false, true] {
        let mut store = with(limits().trap_on_grow_failure(trap));
        let error = Memory::new(&mut store, MemoryType::new(2, None)).unwrap_err();
        let denied = MemoryError::ResourceLimiterDeniedAllocation;
        assert_eq!(format!("{:?}", error.kind()), format!("{:?}", ErrorKind::Memory(denied)));
        let ty = TableType::new(RefType::Func, 3, None);
        let error = Table::new(&mut store, ty, Ref::null(RefType::Func)).unwrap_err();
        let denied = TableError::ResourceLimiterDeniedAllocation;
        assert_eq!(format!("{:?}", error.kind()), format!("{:?}", ErrorKind::Table(denied)));
    }
}

#[test]
fn instantiation_is_limited() {
    let limits = StoreLimitsBuilder::new;
    let rows = [
        (limits().instances(0), "(module)", "TooManyInstances"),
        (limits().memories(1), "(module (memory 0) (memory 0))", "TooManyMemories"),
        (limits().tables(0), "(module (table 0 funcref))", "TooManyTables"),
        (
            limits().memory_size(1),
            "(module (memory 1))",
            "FailedToInstantiateMemory(ResourceLimiterDeniedAllocation)",
        ),
        (
            limits().table_elements(1),
            "(module (table 2 funcref))",
            "FailedToInstantiateTable(ResourceLimiterDeniedAllocation)",
        ),
        (
            limits().memory_size(1).trap_on_grow_failure(true),
            "(module (memory 1))",
            "FailedToInstantiateMemory(ResourceLimiterDeniedAllocation)",
        ),
        (
            limits().table_elements(1).trap_on_grow_failure(true),
            "(module (table 2 funcref))",
            "FailedToInstantiateTable(ResourceLimiterDeniedAllocation)",
        ),
    ];
    for (limits, wat, expected) in rows {
        let mut store = with(limits);
        let module = Module::new(store.engine(), wat).unwrap();
        let error = Instance::new(&mut store, &module, &[]).unwrap_err();
        assert_eq!(format!("{:?}", error.kind()), format!("Instantiation({expected})"));
    }
}

/// A limiter that need not be `Send`, and that the system's failures reach.
struct Own {
    asked: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
    denies_tables: bool,
}

impl ResourceLimiter for Own {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        self.asked.borrow_mut().push(format!("{current} {desired} {maximum:?}"));
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        _: usize,
        _: Option<usize>,
    ) -> Result<bool, LimiterError> {
        match self.denies_tables {
            true => Err(LimiterError::ResourceLimiterDeniedAllocation),
            false => Ok(true),
        }
    }

    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        self.asked.borrow_mut().push(format!("{error:?}"));
        Ok(())
    }

    fn table_grow_failed(&mut self, error: &TableError) -> Result<(), LimiterError> {
        self.asked.borrow_mut().push(format!("{error:?}"));
        Ok(())
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }
}

#[test]
fn limiters_are_asked() {
    let asked = std::rc::Rc::default();
    let own = Own { asked: std::rc::Rc::clone(&asked), denies_tables: false };
    let mut store = Store::new(&Engine::default(), own);
    store.limiter(|own| own);
    let wat = r#"(module (memory i64 1 0x10000000000) (table 1 2 funcref)
        (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
        (func (export "table") (param i32) (result i32)
            (table.grow (ref.null func) (local.get 0))))"#;
    let module = Module::new(store.engine(), wat).unwrap();
    let linker = Linker::new(store.engine());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let grow = instance.get_typed_func::<i64, i64>(&store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, 1).unwrap(), 1);
    // The type does not allow this size, which a limiter of wasmi need not know.
    assert_eq!(grow.call(&mut store, 1 << 40).unwrap(), -1);
    assert_eq!(grow.call(&mut store, (1 << 40) - 2).unwrap(), -1);
    let table = instance.get_typed_func::<i32, i32>(&store, "table").unwrap();
    assert_eq!(table.call(&mut store, 2).unwrap(), -1);
    let expected = [
        "0 65536 Some(72057594037927936)",
        "65536 131072 Some(72057594037927936)",
        "131072 72057594037927936 Some(72057594037927936)",
        "OutOfSystemMemory",
        "GrowOutOfBounds",
    ];
    assert_eq!(*asked.borrow(), expected);
    let again = linker.instantiate_and_start(&mut store, &module).unwrap_err();
    assert_eq!(again.to_string(), "too many instances");
}

#[test]
fn modules_are_limited() {
    let rows = [
        ("(global i32 (i32.const 0))", "TooManyGlobals { limit: 0 }"),
        ("(func)", "TooManyFunctions { limit: 0 }"),
        ("(table 0 funcref)", "TooManyTables { limit: 0 }"),
        ("(elem func)", "TooManyElementSegments { limit: 0 }"),
        ("(memory 0)", "TooManyMemories { limit: 0 }"),
        ("(data \"\")", "TooManyDataSegments { limit: 0 }"),
        ("(type (func (param i32)))", "TooManyParameters { limit: 0 }"),
        ("(type (func (result i32)))", "TooManyResults { limit: 0 }"),
    ];
    let limits = EnforcedLimits {
        max_globals: Some(0),
        max_functions: Some(0),
        max_tables: Some(0),
        max_element_segments: Some(0),
        max_memories: Some(0),
        max_data_segments: Some(0),
        max_params: Some(0),
        max_results: Some(0),
        ..EnforcedLimits::default()
    };
    let error_of = |limits: EnforcedLimits, wat: &str| -> EnforcedLimitsError {
        let mut config = Config::default();
        config.enforced_limits(limits);
        let error = Module::new(&Engine::new(&config), wat).unwrap_err();
        match error.kind() {
            ErrorKind::UserLimits(error) => *error,
            kind => panic!("{kind:?}"),
        }
    };
    for (item, expected) in rows {
        let error = error_of(limits, &format!("(module {item})"));
        assert_eq!(format!("{error:?}"), expected);
    }
    let small = "(func) ".repeat(1000);
    let strict = EnforcedLimits::strict();
    let error = error_of(strict, &format!("(module {small})"));
    assert_eq!(format!("{error:?}"), "MinAvgBytesPerFunction { limit: 40, avg: 3 }");
    assert_eq!(error.to_string(), "functions have 3 bytes on average, less than 40");
}
