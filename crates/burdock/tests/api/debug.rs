//! Wasmtime's guest debugging API.

use crate::common;
use burdock::*;
use std::sync::{Arc, Mutex};

type Log = Arc<Mutex<Vec<String>>>;

/// What a handler does when a guest stops.
type Then = fn(&mut StoreContextMut<'_, ()>, &DebugEvent<'_>);

/// Notes where guests stop and with which values.
#[derive(Clone)]
struct Notes {
    log: Log,
    then: Then,
}

impl DebugHandler for Notes {
    type Data = ();

    fn handle(&self, mut store: StoreContextMut<'_, ()>, event: DebugEvent<'_>) {
        let mut line = match &event {
            DebugEvent::Breakpoint | DebugEvent::Step => String::new(),
            other => format!("{other:?} "),
        };
        let mut next = store.debug_exit_frames().next();
        while let Some(frame) = next {
            assert!(frame.is_valid(&mut store));
            let place = frame.wasm_function_index_and_pc(&mut store).unwrap().unwrap();
            let values = |count: u32, get: &mut dyn FnMut(u32) -> Val| {
                let texts = (0..count).map(|i| get(i).unwrap_i32().to_string());
                texts.collect::<Vec<_>>().join(" ")
            };
            let locals = frame.num_locals(&mut store).unwrap();
            let locals = values(locals, &mut |i| frame.local(&mut store, i).unwrap());
            let stack = frame.num_stacks(&mut store).unwrap();
            let stack = values(stack, &mut |i| frame.stack(&mut store, i).unwrap());
            line += &format!("{}@{}({locals})[{stack}]", place.0.as_u32(), place.1.raw());
            next = frame.parent(&mut store).unwrap();
        }
        self.log.lock().unwrap().push(line);
        (self.then)(&mut store, &event);
    }
}

const WAT: &str = r#"(module
    (func $inner (param i32) (result i32) (i32.div_s (i32.const 12) (local.get 0)))
    (func $outer (export "f") (param i32) (result i32) (local i32)
        (local.set 1 (i32.const 7))
        (i32.add (local.get 1) (call $inner (local.get 0)))))"#;

/// Calls `f` with breakpoints; gives what was noted.
fn check(arg: i32, breakpoints: &[u32], step: bool, then: Then, expected: &[&str]) {
    for mut config in common::configs() {
        config.guest_debug(true);
        let (mut store, instance) = common::instance(&config, WAT);
        let module = instance.module(&store).clone();
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let log = Log::default();
        store.set_debug_handler(Notes { log: Arc::clone(&log), then });
        let mut edit = store.edit_breakpoints().unwrap();
        for pc in breakpoints {
            edit.add_breakpoint(&module, ModulePC::new(*pc)).unwrap();
        }
        edit.single_step(step).unwrap();
        drop(edit);
        assert_eq!(store.is_single_step(), step);
        assert_eq!(store.breakpoints().unwrap().count(), breakpoints.len());
        let _ = f.call(&mut store, arg);
        assert_eq!(*log.lock().unwrap(), expected);
    }
}

fn nothing(_: &mut StoreContextMut<'_, ()>, _: &DebugEvent<'_>) {}

#[test]
fn guests_stop_at_breakpoints_with_all_their_values() {
    check(3, &[35], false, nothing, &["0@35(3)[12]1@53(3 7)[7 3]"]);
    // In the middle of an operator: the next one.
    check(3, &[34, 47], false, nothing, &["1@47(3 7)[]", "0@35(3)[12]1@53(3 7)[7 3]"]);
    check(3, &[], false, nothing, &[]);
}

#[test]
fn single_step_stops_at_each_instruction() {
    let expected = [
        "1@43(3 0)[]",
        "1@45(3 0)[7]",
        "1@47(3 7)[]",
        "1@49(3 7)[7]",
        "1@51(3 7)[7 3]",
        "0@33(3)[]1@53(3 7)[7 3]",
        "0@35(3)[12]1@53(3 7)[7 3]",
        "0@37(3)[12 3]1@53(3 7)[7 3]",
        "0@38(3)[4]1@53(3 7)[7 3]",
        "1@53(3 7)[7 4]",
        "1@54(3 7)[11]",
    ];
    check(3, &[], true, nothing, &expected);
}

#[test]
fn stepping_begins_and_ends_within_calls_that_are_on() {
    fn step(store: &mut StoreContextMut<'_, ()>, _: &DebugEvent<'_>) {
        let frame = store.debug_exit_frames().next().unwrap();
        let (_, pc) = frame.wasm_function_index_and_pc(&mut *store).unwrap().unwrap();
        // From the breakpoint in the inner function to the first instruction of the outer one.
        store.edit_breakpoints().unwrap().single_step(pc.raw() != 53).unwrap();
    }
    let expected = [
        "0@35(3)[12]1@53(3 7)[7 3]",
        "0@37(3)[12 3]1@53(3 7)[7 3]",
        "0@38(3)[4]1@53(3 7)[7 3]",
        "1@53(3 7)[7 4]",
    ];
    check(3, &[35], false, step, &expected);
}

#[test]
fn traps_and_errors_stop_with_values() {
    let expected = ["Trap(IntegerDivisionByZero) 0@37(0)[12 0]1@53(0 7)[7 0]"];
    check(0, &[], false, nothing, &expected);
}

#[test]
fn breakpoints_are_counted_and_refused_where_there_is_no_code() {
    let mut config = Config::new();
    let (mut store, _) = common::instance(&config, WAT);
    assert!(store.edit_breakpoints().is_none());
    assert!(store.breakpoints().is_none());
    config.guest_debug(true);
    let (mut store, instance) = common::instance(&config, WAT);
    let module = instance.module(&store).clone();
    let mut edit = store.edit_breakpoints().unwrap();
    let error = edit.add_breakpoint(&module, ModulePC::new(1000)).unwrap_err();
    assert_eq!(error.to_string(), "no instruction at or behind 0x3e8");
    let pc = ModulePC::new(35);
    edit.add_breakpoint(&module, pc).unwrap();
    edit.add_breakpoint(&module, pc).unwrap();
    drop(edit);
    for left in [1, 0, 0] {
        store.edit_breakpoints().unwrap().remove_breakpoint(&module, pc).unwrap();
        assert_eq!(store.breakpoints().unwrap().count(), left);
    }
}

#[test]
fn a_breakpoint_of_another_engine_is_refused() {
    let mut config = Config::new();
    config.guest_debug(true);
    let (mut store, _) = common::instance(&config, WAT);
    let foreign = common::module(&Engine::new(&config).unwrap(), WAT);
    let mut edit = store.edit_breakpoints().unwrap();
    for edited in [
        edit.add_breakpoint(&foreign, ModulePC::new(35)).map(drop),
        edit.remove_breakpoint(&foreign, ModulePC::new(35)),
    ] {
        let error = edited.unwrap_err().to_string();
        assert!(error.starts_with("cross-`Engine` breakpoint editing"), "{error}");
    }
    drop(edit);
    assert_eq!(store.breakpoints().unwrap().count(), 0);
}

#[test]
#[should_panic(expected = "guest debugging is off")]
fn a_handler_needs_the_configuration() {
    let (mut store, _) = common::instance(&Config::new(), WAT);
    store.set_debug_handler(Notes { log: Log::default(), then: nothing });
}

#[test]
fn a_debugger_finds_entities_by_number() {
    let wat = r#"(module (memory 2) (table 3 funcref) (global i64 (i64.const 4)) (func)
        (tag (param i32 i64)))"#;
    let (mut store, instance) = common::instance(&Config::new(), wat);
    let tag = instance.debug_tag(&mut store, 0).unwrap();
    assert_eq!(tag.ty(&store).ty().params().len(), 2);
    assert!(instance.debug_tag(&mut store, 1).is_none());
    let memory = instance.debug_memory(&mut store, 0).unwrap();
    assert_eq!(memory.size(&store), 2);
    let table = instance.debug_table(&mut store, 0).unwrap();
    assert_eq!(table.size(&store), 3);
    let global = instance.debug_global(&mut store, 0).unwrap();
    assert_eq!(global.get(&mut store).unwrap_i64(), 4);
    assert!(instance.debug_function(&mut store, 0).is_some());
    assert!(instance.debug_function(&mut store, 1).is_none());
    assert_eq!(store.debug_all_instances().len(), 1);
    let [module] = store.debug_all_modules().try_into().unwrap();
    assert!(Module::same(&module, instance.module(&store)));
    assert_eq!(&module.debug_bytecode().unwrap()[..4], b"\0asm");
    assert_eq!(module.debug_index_in_engine(), module.clone().debug_index_in_engine());
    assert_eq!(instance.debug_index_in_store(), 0);
}

#[test]
fn steps_can_be_confined_to_a_function() {
    for mut config in common::configs() {
        config.guest_debug(true);
        let (mut store, instance) = common::instance(&config, WAT);
        let module = instance.module(&store).clone();
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let log = Log::default();
        store.set_debug_handler(Notes { log: Arc::clone(&log), then: nothing });
        store.edit_breakpoints().unwrap().single_step_in(&module, 0, true).unwrap();
        assert!(!store.is_single_step());
        f.call(&mut store, 3).unwrap();
        let stepped = [
            "0@33(3)[]1@53(3 7)[7 3]",
            "0@35(3)[12]1@53(3 7)[7 3]",
            "0@37(3)[12 3]1@53(3 7)[7 3]",
            "0@38(3)[4]1@53(3 7)[7 3]",
        ];
        assert_eq!(*log.lock().unwrap(), stepped);
        let mut edit = store.edit_breakpoints().unwrap();
        edit.single_step_in(&module, 1, true).unwrap();
        edit.stop_stepping();
        drop(edit);
        f.call(&mut store, 3).unwrap();
        assert_eq!(log.lock().unwrap().len(), stepped.len());
    }
}

/// Notes the kinds of stops, and ends the guest at the `end`th.
#[derive(Clone)]
struct Ends {
    log: Log,
    end: usize,
}

impl DebugHandler for Ends {
    type Data = ();

    fn handle(&self, _: StoreContextMut<'_, ()>, _: DebugEvent<'_>) {
        unreachable!("`try_handle` is called instead");
    }

    fn try_handle(&self, store: StoreContextMut<'_, ()>, event: DebugEvent<'_>) -> Result<()> {
        let points = store.breakpoints().unwrap().count();
        let mut log = self.log.lock().unwrap();
        log.push(format!("{event:?} {points}"));
        ensure!(log.len() < self.end, "enough");
        Ok(())
    }
}

#[test]
fn a_handler_can_end_the_guest_and_tells_breakpoints_from_steps() {
    for mut config in common::configs() {
        config.guest_debug(true);
        let (mut store, instance) = common::instance(&config, WAT);
        let module = instance.module(&store).clone();
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
        let log = Log::default();
        store.set_debug_handler(Ends { log: Arc::clone(&log), end: 3 });
        let mut edit = store.edit_breakpoints().unwrap();
        // At the function's declaration of locals: at the first operator.
        let first = module.func_range(1).unwrap().start;
        assert_eq!(edit.add_breakpoint(&module, ModulePC::new(first)).unwrap().raw(), 43);
        edit.single_step(true).unwrap();
        drop(edit);
        let error = f.call(&mut store, 3).unwrap_err();
        assert_eq!(error.root_cause().to_string(), "enough");
        // The error itself is an event of its own.
        let expected = ["Breakpoint 1", "Step 1", "Step 1", "HostcallError(enough) 1"];
        assert_eq!(*log.lock().unwrap(), expected);
    }
}

/// Handles of one entity have one number, handles of others have others, also those of the host.
#[test]
fn entities_are_told_apart_by_numbers() {
    let wat = r#"(module
        (global (export "global") i32 (i32.const 1)) (global (export "global2") i32 (i32.const 1))
        (table (export "table") 1 funcref) (table (export "table2") 1 funcref)
        (memory (export "memory") 1) (memory (export "memory2") 1)
        (tag (export "tag")) (tag (export "tag2")))"#;
    let mut config = Config::new();
    config.wasm_multi_memory(true).wasm_exceptions(true);
    let (mut store, instance) = common::instance(&config, wat);
    let number = |entity: Extern| match entity {
        Extern::Global(global) => global.debug_index_in_store(),
        Extern::Table(table) => table.debug_index_in_store(),
        Extern::Memory(memory) => memory.debug_index_in_store(),
        Extern::Tag(tag) => tag.debug_index_in_store(),
        other => panic!("{other:?}"),
    };
    let global = {
        let ty = GlobalType::new(ValType::I32, Mutability::Const);
        Global::new(&mut store, ty, Val::I32(1)).unwrap()
    };
    let table_ty = TableType::new(RefType::FUNCREF, 1, None);
    let tag_ty = TagType::new(FuncType::new(store.engine(), [], []));
    let hosts = [
        ("global", Extern::Global(global)),
        ("table", Table::new(&mut store, table_ty, Ref::Func(None)).unwrap().into()),
        ("memory", Memory::new(&mut store, MemoryType::new(1, None)).unwrap().into()),
        ("tag", Tag::new(&mut store, &tag_ty).unwrap().into()),
    ];
    for (kind, host) in hosts {
        let mut export = |name: &str| number(instance.get_export(&mut store, name).unwrap());
        let (one, again, two) = (export(kind), export(kind), export(&format!("{kind}2")));
        assert_eq!(one, again, "{kind}");
        let host = number(host);
        assert!(one != two && one != host && two != host, "{kind}: {one} {two} {host}");
    }
}

#[test]
fn functions_and_memories_are_found() {
    let (mut store, instance) = common::instance(&Config::new(), WAT);
    let module = instance.module(&store).clone();
    assert_eq!(module.func_range(0), Some(32..39));
    assert_eq!(module.func_range(2), None);
    let f = instance.get_func(&mut store, "f").unwrap();
    let (owner, index) = f.debug_definition(&store).unwrap();
    assert_eq!((owner.debug_index_in_store(), index), (0, 1));
    let host = Func::wrap(&mut store, || ());
    assert!(host.debug_definition(&store).is_none());
    assert!(store.debug_all_memories().is_empty());
    Memory::new(&mut store, MemoryType::new(2, None)).unwrap();
    let sizes: Vec<u64> =
        store.debug_all_memories().iter().map(|memory| memory.size(&store)).collect();
    assert_eq!(sizes, [2]);
}
