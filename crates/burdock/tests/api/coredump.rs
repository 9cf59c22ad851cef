//! Core dumps: when there is one, what it holds, and the file it makes.

use crate::common;
use burdock::*;
use wasmparser::{CustomSectionReader, KnownCustom, Payload};

const GUEST: &str = r#"(module $guest
    (import "host" "counter" (global (mut i32)))
    (import "host" "mem" (memory 1))
    (memory i64 1)
    (global (export "own") f64 (f64.const 1.5))
    (global externref (ref.null extern))
    (func $inner (i32.store8 (i32.const 5000) (i32.const 7)) unreachable)
    (func (export "f") (global.set 0 (i32.const 9)) (call $inner)))"#;

fn trapped(config: &mut Config) -> (Store<()>, Error) {
    let engine = Engine::new(config.coredump_on_trap(true)).unwrap();
    let module = common::module(&engine, GUEST);
    let mut store = Store::new(&engine, ());
    let ty = GlobalType::new(ValType::I32, Mutability::Var);
    let counter = Global::new(&mut store, ty, Val::I32(1)).unwrap();
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap();
    let imports = [counter.into(), memory.into()];
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    let error = f.call(&mut store, ()).unwrap_err();
    (store, error)
}

#[test]
fn a_trap_leaves_a_dump() {
    let (mut store, error) = trapped(&mut Config::new());
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert!(error.is::<WasmBacktrace>());
    let dump = error.downcast_ref::<WasmCoreDump>().unwrap();
    let names: Vec<_> = dump.frames().iter().map(|frame| frame.func_index()).collect();
    assert_eq!(names, [0, 1]);
    assert_eq!((dump.modules().len(), dump.instances().len()), (1, 1));
    let values: Vec<_> = dump.globals().iter().map(|global| global.get(&mut store)).collect();
    assert_eq!(values[0].i32(), Some(9));
    assert_eq!(values[1].f64(), Some(1.5));
    assert_eq!(dump.memories()[0].data(&store)[5000], 7);
    let shown = dump.to_string();
    let start = "wasm coredump generated while executing store_name:\nmodules:\n  guest\n";
    assert!(shown.starts_with(start), "{shown}");
    assert!(shown.contains("backtrace:\nerror while executing at wasm backtrace:"), "{shown}");
}

#[test]
fn a_dump_needs_no_backtrace() {
    let (_, error) = trapped(Config::new().wasm_backtrace(false));
    assert!(!error.is::<WasmBacktrace>());
    assert_eq!(error.downcast_ref::<WasmCoreDump>().unwrap().frames().len(), 2);
    let (mut store, instance) =
        common::instance(&Config::new(), r#"(module (func (export "f") unreachable))"#);
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    assert!(!f.call(&mut store, ()).unwrap_err().is::<WasmCoreDump>(), "nobody asked for one");
}

/// What the tools' own reader finds in the file.
#[test]
fn a_dump_is_a_file_that_tools_read() {
    let (mut store, error) = trapped(&mut Config::new());
    let dump = error.downcast_ref::<WasmCoreDump>().unwrap();
    let file = dump.serialize(&mut store, "guest.wasm");
    let mut found = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&file) {
        match payload.unwrap() {
            Payload::CustomSection(section) => found.push(describe(&section)),
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let ty = memory.unwrap();
                    found.push(format!("memory {} {:?} {}", ty.initial, ty.maximum, ty.memory64));
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let ty = global.unwrap().ty;
                    found.push(format!("global {} {}", ty.content_type, ty.mutable));
                }
            }
            Payload::DataSection(datas) => {
                found
                    .extend(datas.into_iter().map(|data| format!("data {:?}", data.unwrap().data)));
            }
            _ => {}
        }
    }
    let expected = [
        "core guest.wasm",
        "memory 1 Some(2) false",
        "memory 1 None true",
        "global i32 true",
        "global f64 false",
        "global externref false",
        "data [7]",
        "modules [\"guest\"]",
        "instance 0 [0, 1] [0, 1, 2]",
        "stack main [(0, 0), (0, 1)]",
    ];
    assert_eq!(found, expected);
}

fn describe(section: &CustomSectionReader<'_>) -> String {
    match section.as_known() {
        KnownCustom::CoreDump(core) => format!("core {}", core.name),
        KnownCustom::CoreDumpModules(modules) => format!("modules {:?}", modules.modules),
        KnownCustom::CoreDumpInstances(instances) => {
            let [one] = &instances.instances[..] else { panic!("one instance") };
            format!("instance {} {:?} {:?}", one.module_index, one.memories, one.globals)
        }
        KnownCustom::CoreDumpStack(stack) => {
            let frames = stack.frames.iter().map(|frame| (frame.instanceidx, frame.funcidx));
            format!("stack {} {:?}", stack.name, frames.collect::<Vec<_>>())
        }
        _ => section.name().to_owned(),
    }
}
