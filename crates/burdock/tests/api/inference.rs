//! Code as it is written for Wasmtime and wasmi: the types that the compiler has to infer.

use burdock::*;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn checked(n: i32) -> Result<i32> {
    ensure!(n > 0, "{n} is not positive");
    Ok(n)
}

/// A guest that calls `host` `name`, with 1 if it takes an integer.
fn run(linker: &Linker<u32>, name: &str, param: &str) -> Result<u32> {
    let engine = linker.engine();
    let arg = if param.is_empty() { "" } else { "(i32.const 1)" };
    let text = format!(
        r#"(module (import "host" "{name}" (func $f {param}))
             (func (export "run") (call $f {arg})))"#
    );
    let module = Module::new(engine, text)?;
    let mut store = Store::new(engine, 0);
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    let polled = {
        let call = pin!(run.call_async(&mut store, ()));
        call.poll(&mut Context::from_waker(Waker::noop()))
    };
    let Poll::Ready(result) = polled else { bail!("nothing here waits") };
    result?;
    Ok(*store.data())
}

#[test]
fn a_closure_needs_no_error_type() {
    let mut linker: Linker<u32> = Linker::new(&Engine::default());
    linker.func_wrap("host", "ok", |_: Caller<'_, u32>| Ok(())).unwrap();
    let question = |_: i32| {
        checked(1)?;
        Ok(())
    };
    linker.func_wrap("host", "question", question).unwrap();
    let data = |mut caller: Caller<'_, u32>, n: i32| {
        *caller.data_mut() = checked(n)? as u32;
        Ok(())
    };
    linker.func_wrap("host", "data", data).unwrap();
    linker
        .func_wrap_async("host", "async", |_: Caller<'_, u32>, (): ()| Box::new(async { Ok(()) }))
        .unwrap();
    linker
        .func_wrap_async("host", "async data", |mut caller: Caller<'_, u32>, (n,): (i32,)| {
            Box::new(async move {
                *caller.data_mut() = checked(n - 1)? as u32;
                Ok(())
            })
        })
        .unwrap();
    let rows = [
        ("ok", "", Ok(0)),
        ("question", "(param i32)", Ok(0)),
        ("data", "(param i32)", Ok(1)),
        ("async", "", Ok(0)),
        ("async data", "(param i32)", Err("0 is not positive")),
    ];
    for (name, param, expected) in rows {
        let result = run(&linker, name, param).map_err(|error| error.root_cause().to_string());
        assert_eq!(result, expected.map_err(String::from), "{name}");
    }
}

#[test]
fn a_function_of_a_store_needs_no_error_type() {
    let mut store = Store::new(&Engine::default(), 0);
    Func::wrap(&mut store, || Ok(()));
    Func::wrap(&mut store, |a: i32| Ok((a, checked(a)?)));
    Func::wrap_async(&mut store, |_: Caller<'_, i32>, (a,): (i32,)| {
        Box::new(async move { Ok((a, checked(a)?)) })
    });
    let ty = FuncType::new(store.engine(), [], []);
    let func = Func::new(&mut store, ty, |_, _, _| Ok(()));
    func.call(&mut store, &[], &mut []).unwrap();
}

#[test]
fn hooks_and_callbacks_of_either_version() {
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    let module = Module::new(&engine, r#"(module (func (export "run")))"#).unwrap();
    type Install = fn(&mut Store<u32>);
    let hooks: [Install; 4] = [
        // Both versions.
        |store| {
            store.call_hook(|mut s, _event| {
                *s.data_mut() += 1;
                Ok(())
            });
        },
        // Wasmtime 50.
        |store| {
            store.call_hook(|mut s: StoreHookState<'_, u32>, _: CallHook| {
                let before = *s.as_context().data();
                *s.data_mut() = before + 1;
                Ok(())
            });
        },
        // Wasmtime 49.
        |store| {
            store.call_hook(|mut s: StoreContextMut<'_, u32>, _: CallHook| {
                *s.as_context_mut().data_mut() += 1;
                Ok(())
            });
        },
        // A function with either name.
        |store| {
            fn hook(mut s: StoreHookState<u32>, event: CallHook) -> Result<()> {
                *s.data_mut() += u32::from(event.exiting_host()) * 2;
                Ok(())
            }
            store.call_hook(hook);
        },
    ];
    let callbacks: [Install; 3] = [
        |store| {
            store.epoch_deadline_callback(|mut s| {
                *s.data_mut() += 10;
                Ok(UpdateDeadline::Continue(1))
            });
        },
        |store| {
            store.epoch_deadline_callback(|mut s: StoreHookState<'_, u32>| {
                *s.data_mut() += 10;
                Ok(UpdateDeadline::Continue(1))
            });
        },
        |store| {
            store.epoch_deadline_callback(|mut s: StoreContextMut<'_, u32>| {
                *s.data_mut() += 10;
                Ok(UpdateDeadline::Continue(1))
            });
        },
    ];
    for hook in hooks {
        for callback in callbacks {
            let mut store = Store::new(&engine, 0);
            hook(&mut store);
            callback(&mut store);
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
            run.call(&mut store, ()).unwrap();
            assert_eq!(*store.data(), 12);
        }
    }
}

const EXPORTS: &str = r#"(module
    (func (export "f") (param i32) (result i32) (local.get 0))
    (table (export "t") 1 funcref) (elem (i32.const 0) 0)
    (memory (export "m") 1)
    (global (export "g") i32 (i32.const 7)))"#;

/// Looks every kind of item up; functions that are generic over stores stay generic.
fn look_up(store: impl AsContext, instance: &Instance, module: &Module) -> (i32, usize) {
    let found = instance.get_export(&store, "f").and_then(Extern::into_func).unwrap();
    assert!(found.typed::<i32, i32>(&store).is_ok());
    assert!(instance.get_func(&store, "f").is_some());
    assert!(instance.get_typed_func::<i32, i32>(&store, "f").is_ok());
    assert!(instance.get_typed_func::<(), ()>(&store, "f").is_err());
    assert!(instance.get_memory(&store, "m").is_some());
    let export = module.get_export_index("m").unwrap();
    assert!(instance.get_module_export(&store, &export).is_some());
    let table = instance.get_table(&store, "t").unwrap();
    assert!(table.get(&store, 0).unwrap().unwrap_func().is_some());
    let global = instance.get_global(&store, "g").unwrap().get(&store).unwrap_i32();
    (global, instance.exports(&store).len())
}

/// The same as code for Wasmtime has it.
fn look_up_mut(mut store: impl AsContextMut, instance: &Instance, module: &Module) -> (i32, usize) {
    let found = instance.get_export(&mut store, "f").and_then(Extern::into_func).unwrap();
    assert!(found.typed::<i32, i32>(&store).is_ok());
    assert!(instance.get_func(&mut store, "f").is_some());
    assert!(instance.get_typed_func::<i32, i32>(&mut store, "f").is_ok());
    assert!(instance.get_memory(store.as_context_mut(), "m").is_some());
    let export = module.get_export_index("m").unwrap();
    assert!(instance.get_module_export(&mut store, &export).is_some());
    let table = instance.get_table(&mut store, "t").unwrap();
    assert!(table.get(&mut store, 0).unwrap().unwrap_func().is_some());
    let global = instance.get_global(&mut store, "g").unwrap().get(&mut store).unwrap_i32();
    assert_eq!(instance.exports(store.as_context_mut()).len(), 4);
    (global, instance.exports(&mut store).len())
}

#[test]
fn lookups_accept_a_shared_store() {
    let engine = Engine::default();
    let module = Module::new(&engine, EXPORTS).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(look_up(&store, &instance, &module), (7, 4));
    assert_eq!(look_up(&mut store, &instance, &module), (7, 4));
    assert_eq!(look_up(store.as_context(), &instance, &module), (7, 4));
    assert_eq!(look_up_mut(&mut store, &instance, &module), (7, 4));
    assert_eq!(look_up_mut(store.as_context_mut(), &instance, &module), (7, 4));
    let func = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
        let export = caller.get_export("m");
        assert!(export.is_none(), "the host itself has no exports");
        let all = caller.debug_all_instances();
        let module = all[0].module(&caller).clone();
        assert_eq!(look_up(&caller, &all[0], &module), (7, 4));
        assert_eq!(look_up_mut(&mut caller, &all[0], &module), (7, 4));
    });
    func.call(&mut store, &[], &mut []).unwrap();
}
