//! Exceptions between guests and the host: who catches them, what is pending, and what a hook sees.

use wasmtime::{
    AsContextMut, CallHook, Caller, Engine, ExnRef, ExnRefPre, ExnType, Extern, Func, FuncType,
    Global, GlobalType, HeapType, Instance, Linker, Module, Mutability, RefType, Result, Rooted,
    Store, StoreHookState, Tag, TagType, ThrownException, Trap, Val, ValType, WasmBacktrace,
};

/// Throws in each way, and catches in each way.
const WAT: &str = r#"(module
    (import "host" "tag" (tag $tag (param i32 i64)))
    (import "host" "throw" (func $host_throw (param i32)))
    (import "host" "trap" (func $host_trap))
    (import "host" "again" (func $again))
    (tag $own (export "own") (param externref))
    (tag $empty (export "empty"))
    (func (export "throw") (throw $tag (i32.const 7) (i64.const -8)))
    (func (export "throw own") (throw $own (ref.null extern)))
    (func (export "throw empty") (throw $empty))
    (func (export "rethrow")
        (block $caught (result exnref)
            (try_table (catch_all_ref $caught) (call $host_throw (i32.const 1)))
            (return))
        (throw_ref))
    (func (export "throw null") (throw_ref (ref.null exn)))
    (func (export "host throw") (call $host_throw (i32.const 0)))
    (func (export "host trap") (call $host_trap))
    (func (export "again") (call $again))
    (func (export "catch") (param $f i32) (result i32)
        (block $values (result i32 i64)
            (block $all
                (try_table (catch $tag $values) (catch_all $all)
                    (if (i32.eqz (local.get $f)) (then (throw $tag (i32.const 3) (i64.const 4))))
                    (if (i32.eq (local.get $f) (i32.const 1)) (then (throw $empty)))
                    (if (i32.eq (local.get $f) (i32.const 2))
                        (then (call $host_throw (i32.const 5))))
                    (if (i32.eq (local.get $f) (i32.const 3)) (then (call $host_trap)))
                    (if (i32.eq (local.get $f) (i32.const 4)) (then (unreachable)))
                    (if (i32.eq (local.get $f) (i32.const 5)) (then (call $again))))
                (return (i32.const -1)))
            (return (i32.const -2)))
        (drop)))"#;

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let (mut store, instance) = instance(&engine)?;
    for name in [
        "throw",
        "throw own",
        "throw empty",
        "rethrow",
        "throw null",
        "host throw",
        "host trap",
        "again",
    ] {
        let func = instance.get_typed_func::<(), ()>(&mut store, name)?;
        let error = func.call(&mut store, ()).expect_err("it throws");
        println!("{name}: {} {:?}", error.is::<ThrownException>(), error.downcast_ref::<Trap>());
        let frames = error.downcast_ref::<WasmBacktrace>().map(|trace| trace.frames().len());
        println!("  {} frames={frames:?}", error.root_cause());
        pending(&mut store)?;
        hooks(&mut store, name.starts_with("host"));
    }
    for way in 0..7 {
        let func = instance.get_typed_func::<i32, i32>(&mut store, "catch")?;
        match func.call(&mut store, way) {
            Ok(result) => println!("catch {way}: {result}"),
            Err(error) => println!("catch {way}: {}", error.root_cause()),
        }
        pending(&mut store)?;
        hooks(&mut store, [2, 3, 4, 6].contains(&way));
    }
    made_by_the_host(&engine)
}

/// Prints what the hook has seen. Wasmtime also calls it for its own functions behind `throw` and
/// `throw_ref`, which are not compared.
fn hooks(store: &mut Store<Vec<&'static str>>, compared: bool) {
    let seen = std::mem::take(store.data_mut());
    if compared {
        println!("  hooks: {}", seen.join(" "));
    }
}

/// Prints the pending exception, and takes it.
fn pending(store: &mut Store<Vec<&'static str>>) -> Result<()> {
    println!("  pending: {}", store.has_pending_exception());
    let Some(exception) = store.take_pending_exception() else { return Ok(()) };
    println!("  taken: {}", !store.has_pending_exception());
    let values: Vec<_> = exception
        .fields(&mut *store)?
        .map(|value| value.i32().map(i64::from).or_else(|| value.i64()))
        .collect();
    println!("  {values:?} {}", exception.field(&mut *store, 9).is_err());
    println!("  {}", exception.matches_ty(&*store, &HeapType::Exn)?);
    let tag = exception.tag(&mut *store)?;
    println!("  params: {}", tag.ty(&*store).ty().params().len());
    Ok(())
}

fn instance(engine: &Engine) -> Result<(Store<Vec<&'static str>>, Instance)> {
    let mut store = Store::new(engine, Vec::new());
    store.call_hook(|mut store: StoreHookState<'_, Vec<&'static str>>, event| {
        store.data_mut().push(match event {
            CallHook::CallingWasm => "CW",
            CallHook::ReturningFromWasm => "RW",
            CallHook::CallingHost => "CH",
            CallHook::ReturningFromHost => "RH",
        });
        Ok(())
    });
    let ty = TagType::new(FuncType::new(engine, [ValType::I32, ValType::I64], []));
    let tag = Tag::new(&mut store, &ty)?;
    let mut linker = Linker::new(engine);
    linker.define(&store, "host", "tag", Extern::Tag(tag))?;
    linker.func_wrap(
        "host",
        "throw",
        move |mut caller: Caller<'_, Vec<&'static str>>, first: i32| -> Result<()> {
            let exception = exception(&mut caller, &tag, first)?;
            caller.as_context_mut().throw(exception)
        },
    )?;
    linker.func_wrap("host", "trap", || -> Result<()> { Err(Trap::StackOverflow.into()) })?;
    linker.func_wrap("host", "again", |mut caller: Caller<'_, Vec<&'static str>>| {
        let throw = caller.get_export("throw").and_then(Extern::into_func).expect("a function");
        throw.typed::<(), ()>(&caller)?.call(&mut caller, ())
    })?;
    let instance = linker.instantiate(&mut store, &Module::new(engine, WAT)?)?;
    Ok((store, instance))
}

fn exception(mut store: impl AsContextMut, tag: &Tag, first: i32) -> Result<Rooted<ExnRef>> {
    let ty = ExnType::from_tag_type(&tag.ty(&store))?;
    let pre = ExnRefPre::new(&mut store, ty);
    ExnRef::new(&mut store, &pre, tag, &[Val::I32(first), Val::I64(6)])
}

/// An exception where one of a certain type is wanted.
fn of_a_type(engine: &Engine, store: &mut Store<()>, made: Rooted<ExnRef>) -> Result<()> {
    let value = Val::from(made);
    let ty = value.ty(&*store)?;
    let heap_type = ty.unwrap_ref().heap_type();
    let of_values = |values: &[ValType]| ExnType::new(engine, values.iter().cloned());
    let own = heap_type.as_concrete_exn().expect("an exception's type");
    println!("own: {} {}", own.fields().len(), ty.unwrap_ref().is_nullable());
    for values in [&[ValType::I32, ValType::I64][..], &[ValType::I32], &[]] {
        let wanted = HeapType::from(of_values(values)?);
        let nullable = RefType::new(true, wanted.clone());
        let global = GlobalType::new(nullable.clone().into(), Mutability::Var);
        let global = Global::new(&mut *store, global, Val::ExnRef(None))?;
        let func = FuncType::new(engine, [nullable.clone().into()], []);
        let func = Func::new(&mut *store, func, |_, _, _| Ok(()));
        let typed = func.typed::<Option<Rooted<ExnRef>>, ()>(&*store)?;
        let accepted = [
            made.matches_ty(&*store, &wanted)?,
            value.matches_ty(&*store, &nullable.into())?,
            heap_type.matches(&wanted),
            global.set(&mut *store, value).is_ok(),
            func.call(&mut *store, &[value], &mut []).is_ok(),
            func.call(&mut *store, &[Val::ExnRef(None)], &mut []).is_ok(),
            typed.call(&mut *store, Some(made)).is_ok(),
            typed.call(&mut *store, None).is_ok(),
        ];
        println!("  {}: {accepted:?} {}", values.len(), global.ty(&*store).content().is_ref());
    }
    Ok(())
}

/// Tags and exceptions that no guest has seen.
fn made_by_the_host(engine: &Engine) -> Result<()> {
    let mut store = Store::new(engine, ());
    let ty = TagType::new(FuncType::new(engine, [ValType::I32, ValType::I64], []));
    let tag = Tag::new(&mut store, &ty)?;
    let other = Tag::new(&mut store, &ty)?;
    println!("same tag: {} {}", Tag::eq(&tag, &tag, &store), Tag::eq(&tag, &other, &store));
    let made = exception(&mut store, &tag, 1)?;
    let its = made.tag(&mut store)?;
    println!("its tag: {} {}", Tag::eq(&tag, &its, &store), Tag::eq(&other, &its, &store));
    let ty = made.ty(&store)?;
    println!("type: {} {}", ty.fields().len(), ty.tag_type().ty().params().len());
    let pre = ExnRefPre::new(&mut store, ty);
    for values in [vec![], vec![Val::I32(0)], vec![Val::I32(0), Val::I32(0)]] {
        println!("wrong values: {}", ExnRef::new(&mut store, &pre, &tag, &values).is_err());
    }
    let no_values = TagType::new(FuncType::new(engine, [], []));
    let no_values = Tag::new(&mut store, &no_values)?;
    let values = [Val::I32(0), Val::I64(0)];
    println!("wrong tag: {}", ExnRef::new(&mut store, &pre, &no_values, &values).is_err());
    let with_result = TagType::new(FuncType::new(engine, [], [ValType::I32]));
    println!("with a result: {}", ExnType::from_tag_type(&with_result).is_ok());
    of_a_type(engine, &mut store, made)?;
    let thrown = store.throw::<()>(made).expect_err("always");
    println!("thrown: {} {}", thrown.is::<ThrownException>(), store.has_pending_exception());
    store.gc(None)?;
    let taken = store.take_pending_exception().expect("the exception");
    println!("taken: {:?}", taken.field(&mut store, 0)?.i32());
    println!("nothing left: {}", store.take_pending_exception().is_none());
    Ok(())
}
