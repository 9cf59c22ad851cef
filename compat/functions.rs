//! Functions that the host passes where guests expect a certain type: those whose type has the form
//! of a subtype, declared or not.

use wasmtime::{
    Engine, Extern, Finality, Func, FuncType, HeapType, Instance, Linker, Module, RefType, Result,
    Store, TypedFunc, Val, ValType,
};

/// The types that the guest expects.
const TYPES: &str = "
    (type $open (sub (func (param eqref) (result anyref))))
    (type $declared (sub final $open (func (param anyref) (result i31ref))))
    (type $plain (func (param eqref) (result anyref)))
    (type $two (func (param eqref eqref) (result anyref)))
    (type $none (func (param eqref)))";

const EXPECTED: &[&str] = &["open", "declared", "plain", "two", "none"];

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let types = given(&engine)?;
    for (name, ty) in &types {
        let matches: Vec<_> = types.iter().map(|(_, other)| ty.matches(other)).collect();
        let heap_type = HeapType::from(ty.clone());
        let declared = types.iter().map(|(_, other)| heap_type.matches(&other.clone().into()));
        println!("{name}: {matches:?} {:?}", declared.collect::<Vec<_>>());
    }
    for expected in EXPECTED {
        for (name, ty) in &types {
            println!("{name} as {expected}: {:?}", pass(&engine, expected, ty)?);
        }
    }
    Ok(())
}

/// Returns the types of the functions that the host passes.
fn given(engine: &Engine) -> Result<Vec<(&'static str, FuncType)>> {
    let sub = |finality, supertype, param: ValType, result: ValType| {
        FuncType::with_finality_and_supertype(engine, finality, supertype, [param], [result])
    };
    let open = sub(Finality::NonFinal, None, ValType::EQREF, ValType::ANYREF)?;
    let declared = sub(Finality::Final, Some(&open), ValType::ANYREF, ValType::I31REF)?;
    let of_refs = |param: ValType, result: ValType| FuncType::try_new(engine, [param], [result]);
    let not_null = ValType::Ref(RefType::new(false, HeapType::Eq));
    Ok(vec![
        ("open", open),
        ("declared", declared),
        ("plain", of_refs(ValType::EQREF, ValType::ANYREF)?),
        ("wider parameter", of_refs(ValType::ANYREF, ValType::ANYREF)?),
        ("narrower parameter", of_refs(ValType::I31REF, ValType::ANYREF)?),
        ("parameter that is not null", of_refs(not_null, ValType::ANYREF)?),
        ("narrower result", of_refs(ValType::EQREF, ValType::I31REF)?),
        ("other result", of_refs(ValType::EQREF, ValType::EXTERNREF)?),
        ("form of declared", of_refs(ValType::ANYREF, ValType::I31REF)?),
        ("no result", FuncType::try_new(engine, [ValType::EQREF], [])?),
        ("no parameter", FuncType::try_new(engine, [], [ValType::ANYREF])?),
    ])
}

/// Passes a function of type `ty` in each way where a guest expects `$expected`; returns for each
/// way whether it is accepted.
fn pass(engine: &Engine, expected: &str, ty: &FuncType) -> Result<Vec<(&'static str, bool)>> {
    let text = format!(
        r#"(module {TYPES}
            (import "host" "give" (func $give (result (ref ${expected}))))
            (global (export "global") (mut (ref null ${expected})) (ref.null nofunc))
            (table (export "table") 1 (ref null ${expected}))
            (func (export "take") (param (ref null ${expected})))
            (func (export "get") (drop (call $give))))"#
    );
    let module = Module::new(engine, text)?;
    let mut store = Store::new(engine, ());
    let results = ty.results().len();
    let func = Func::try_new(&mut store, ty.clone(), move |_, _, slots| {
        for slot in &mut slots[..results] {
            *slot = Val::AnyRef(None);
        }
        Ok(())
    })?;
    let mut linker = Linker::new(engine);
    let give = module.imports().next().expect("an import").ty().unwrap_func().clone();
    linker.func_new("host", "give", give, move |_, _, results| {
        results[0] = func.into();
        Ok(())
    })?;
    let instance = linker.instantiate(&mut store, &module)?;
    let mut ways = vec![("type", func.matches_ty(&store, &wanted(&module)))];
    ways.push(("value", {
        let ty = RefType::new(false, HeapType::ConcreteFunc(wanted(&module)));
        Val::from(func).matches_ty(&store, &ValType::Ref(ty))?
    }));
    ways.push(("import", import(engine, expected, func, &mut store)?));
    for name in ["global", "table", "take"] {
        let accepted = match instance.get_export(&mut store, name).expect("an export") {
            Extern::Global(global) => global.set(&mut store, func.into()),
            Extern::Table(table) => table.set(&mut store, 0, func.into()),
            Extern::Func(take) => take.call(&mut store, &[func.into()], &mut []),
            _ => unreachable!("no such export"),
        };
        ways.push((name, accepted.is_ok()));
    }
    let take: TypedFunc<Func, ()> = instance.get_typed_func(&mut store, "take")?;
    ways.push(("typed", take.call(&mut store, func).is_ok()));
    let get: TypedFunc<(), ()> = instance.get_typed_func(&mut store, "get")?;
    ways.push(("result", get.call(&mut store, ()).is_ok()));
    Ok(ways)
}

/// Returns the type that the guest expects: that of the import's result.
fn wanted(module: &Module) -> FuncType {
    let give = module.imports().next().expect("an import").ty().unwrap_func().clone();
    let result = give.result(0).expect("a result");
    result.unwrap_ref().heap_type().unwrap_concrete_func().clone()
}

/// Reports whether a function can be given for an import of a type.
fn import(engine: &Engine, expected: &str, func: Func, store: &mut Store<()>) -> Result<bool> {
    let text = format!(r#"(module {TYPES} (import "" "" (func (type ${expected}))))"#);
    let module = Module::new(engine, text)?;
    Ok(Instance::new(store, &module, &[func.into()]).is_ok())
}
