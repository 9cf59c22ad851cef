//! Exceptions that only the machine holds, while hooks allocate others and each allocation collects
//! garbage.

use crate::common;
use burdock::*;

const PROGRAM: &str = r#"(module
    (import "host" "tag" (tag $t (param i32)))
    (import "host" "throw" (func $throw (param i32)))
    (import "host" "get" (func $get (param i32) (result exnref)))
    (func $make (export "make") (param $value i32) (result exnref)
        (block $caught (result exnref)
            (try_table (catch_all_ref $caught) (throw $t (local.get $value)))
            (unreachable)))
    (func $between (param $value i32) (call $throw (local.get $value)))
    (func (export "from_host") (param $value i32) (result exnref)
        (block $caught (result exnref)
            (try_table (catch_all_ref $caught) (call $between (local.get $value)))
            (unreachable)))
    (func (export "got") (param $value i32) (result exnref)
        (call $get (local.get $value)))
    (func (export "replaced") (param $value i32) (result exnref)
        (call $make (i32.const -1)))
    (func (export "uncaught") (param $value i32) (result exnref)
        (throw $t (local.get $value))))"#;

/// The tag of all exceptions, and the value with which `replaced` returns early.
#[derive(Default)]
struct Data {
    tag: Option<Tag>,
    early: Option<i32>,
}

/// Makes an exception, which is held as long as the current scope.
fn exception(mut store: StoreContextMut<'_, Data>, value: i32) -> Result<Rooted<ExnRef>> {
    let tag = store.data().tag.expect("the tag");
    let ty = ExnType::from_tag_type(&tag.ty(&store))?;
    let pre = ExnRefPre::new(&mut store, ty);
    ExnRef::new(&mut store, &pre, &tag, &[Val::I32(value)])
}

/// Makes exceptions that take the places of those that nothing holds.
fn churn(mut store: StoreContextMut<'_, Data>) -> Result<()> {
    for _ in 0..5 {
        let mut scope = RootScope::new(&mut store);
        exception(scope.as_context_mut(), -2)?;
    }
    Ok(())
}

/// Makes exceptions at each event, and lets `replaced` return early.
struct Churn;

impl Hook<Data> for Churn {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, mut store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
        if let Event::FuncEnter(_) = event
            && let Some(value) = store.data().early
            && store.frame().is_some_and(|frame| frame.func_index() == 6)
        {
            let frame = store.frame().unwrap();
            let mut scope = RootScope::new(&mut store);
            let early = exception(scope.as_context_mut(), value)?;
            frame.return_early(&mut scope, &[Val::ExnRef(Some(early))])?;
        }
        churn(store)
    }
}

fn throw(mut caller: Caller<'_, Data>, value: i32) -> Result<()> {
    let mut store = caller.as_context_mut();
    let thrown = exception(store.as_context_mut(), value)?;
    store.throw(thrown)
}

fn get(mut caller: Caller<'_, Data>, params: &[Val], results: &mut [Val]) -> Result<()> {
    let made = exception(caller.as_context_mut(), params[0].unwrap_i32())?;
    results[0] = Val::ExnRef(Some(made));
    Ok(())
}

/// A way to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Plain,
    Resumable,
    Async,
}

fn scene(config: &Config, way: Way, observed: bool) -> (Store<Data>, Instance) {
    let mut config = config.clone();
    config.wasm_exceptions(true).wasm_function_references(true).wasm_gc(true);
    config.collect_at_every_allocation(true);
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, Data::default());
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let tag = Tag::new(&mut store, &ty).unwrap();
    store.data_mut().tag = Some(tag);
    let mut linker = Linker::new(&engine);
    linker.define(&mut store, "host", "tag", tag).unwrap();
    let getter = FuncType::new(&engine, [ValType::I32], [ValType::EXNREF]);
    if way == Way::Async {
        linker
            .func_wrap_async("host", "throw", |caller, (value,): (i32,)| {
                Box::new(async move {
                    common::Later::default().await;
                    throw(caller, value)
                })
            })
            .unwrap();
        linker
            .func_new_async("host", "get", getter, |caller, params, results| {
                Box::new(async move {
                    common::Later::default().await;
                    get(caller, params, results)
                })
            })
            .unwrap();
    } else {
        linker.func_wrap("host", "throw", throw).unwrap();
        linker.func_new("host", "get", getter, get).unwrap();
    }
    let module = common::module(&engine, PROGRAM);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    if observed {
        store.attach(Filter::new(), Churn);
    }
    store.call_hook(|store, _| churn(store));
    (store, instance)
}

/// Calls an export with a value. Returns the value of the exception that it returns or throws.
fn call(store: &mut Store<Data>, instance: Instance, name: &str, value: i32, way: Way) -> i32 {
    let func = instance.get_func(&mut *store, name).unwrap();
    let (args, mut results) = ([Val::I32(value)], [Val::ExnRef(None)]);
    let ended = match way {
        Way::Plain => func.call(&mut *store, &args, &mut results),
        Way::Resumable => match func.call_resumable(&mut *store, &args, &mut results) {
            Ok(ResumableCall::Finished) => Ok(()),
            Ok(stopped) => panic!("{stopped:?}"),
            Err(error) => Err(error),
        },
        Way::Async => common::block_on(func.call_async(&mut *store, &args, &mut results)).0,
    };
    let found = match ended {
        Ok(()) => *results[0].unwrap_exn_ref().expect("an exception"),
        Err(error) => {
            assert!(error.is::<ThrownException>(), "{name}: {error:#}");
            churn(store.as_context_mut()).unwrap();
            store.take_pending_exception().expect("a pending exception")
        }
    };
    found.field(store, 0).unwrap().unwrap_i32()
}

#[test]
fn exceptions_are_held_while_hooks_collect_garbage() {
    for config in common::configs() {
        for way in [Way::Plain, Way::Resumable, Way::Async] {
            for observed in [false, true] {
                let (mut store, instance) = scene(&config, way, observed);
                for (value, name) in ["make", "from_host", "got", "uncaught"].iter().enumerate() {
                    let value = 10 + value as i32;
                    let found = call(&mut store, instance, name, value, way);
                    assert_eq!(found, value, "{name}: {way:?}, observed: {observed}, {config:?}");
                }
                if observed {
                    store.data_mut().early = Some(77);
                    let found = call(&mut store, instance, "replaced", 1, way);
                    assert_eq!(found, 77, "early results: {way:?}, {config:?}");
                }
            }
        }
    }
}
