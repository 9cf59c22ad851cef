//! Types of an engine: declared supertypes, and what they let through at the API's boundary.

use burdock::*;

/// Returns a function type that has subtypes, and a subtype of it.
fn family(engine: &Engine) -> (FuncType, FuncType) {
    let params = || [ValType::I32];
    let declare = |finality, supertype: Option<&FuncType>, result: ValType| {
        FuncType::with_finality_and_supertype(engine, finality, supertype, params(), [result])
    };
    let base = declare(Finality::NonFinal, None, ValType::FUNCREF).unwrap();
    let null = ValType::Ref(RefType::new(true, HeapType::NoFunc));
    let sub = declare(Finality::Final, Some(&base), null).unwrap();
    (base, sub)
}

#[test]
fn a_subtype_is_declared_and_has_the_form_of_its_supertype() {
    let engine = Engine::default();
    let (base, sub) = family(&engine);
    assert!(sub.matches(&base) && !base.matches(&sub));
    assert_eq!(sub.supertype(), Some(base.clone()));
    assert!(sub.finality().is_final() && base.finality().is_non_final());
    // A type of the same form that declares nothing is another type.
    let plain = FuncType::new(&engine, [ValType::I32], [ValType::FUNCREF]);
    assert!(plain != base && !HeapType::from(plain).matches(&base.clone().into()));

    let declare = |supertype: &FuncType, params: &[ValType], results: &[ValType]| {
        let (params, results) = (params.to_vec(), results.to_vec());
        let finality = Finality::Final;
        FuncType::with_finality_and_supertype(&engine, finality, Some(supertype), params, results)
            .map_err(|error| error.to_string())
    };
    let check = |result: Result<FuncType, String>, expected: &str| {
        assert_eq!(result.unwrap_err(), expected);
    };
    let form = "the type does not match its supertype";
    check(declare(&base, &[], &[ValType::FUNCREF]), form);
    check(declare(&base, &[ValType::I64], &[ValType::FUNCREF]), form);
    check(declare(&base, &[ValType::I32], &[ValType::EXTERNREF]), form);
    check(
        declare(&sub, &[ValType::I32], &[ValType::FUNCREF]),
        "cannot create a subtype of a final supertype",
    );
}

#[test]
fn fields_of_a_subtype_match_those_of_its_supertype() {
    let engine = Engine::default();
    let field = |mutability, ty: StorageType| FieldType::new(mutability, ty);
    let constant = |ty: ValType| field(Mutability::Const, ty.into());
    let declare = |supertype: Option<&StructType>, fields: Vec<FieldType>| {
        let finality = Finality::NonFinal;
        StructType::with_finality_and_supertype(&engine, finality, supertype, fields)
    };
    let variable = field(Mutability::Var, StorageType::I8);
    let base = declare(None, vec![constant(ValType::EQREF), variable.clone()]).unwrap();
    let more = vec![constant(ValType::I31REF), variable.clone(), constant(ValType::F64)];
    let sub = declare(Some(&base), more).unwrap();
    assert!(sub.matches(&base));
    assert_eq!(sub.fields().len(), 3);
    assert!(HeapType::from(sub).matches(&HeapType::Struct));
    for fields in [
        vec![constant(ValType::EQREF)],
        vec![constant(ValType::ANYREF), variable.clone()],
        vec![constant(ValType::EQREF), field(Mutability::Const, StorageType::I8)],
        vec![constant(ValType::EQREF), field(Mutability::Var, StorageType::I16)],
    ] {
        assert!(declare(Some(&base), fields.clone()).is_err(), "{fields:?}");
    }
    let array = ArrayType::new(&engine, variable);
    assert!(array.element_type().is_i8() && array.mutability().is_var());
    assert!(HeapType::from(array).matches(&HeapType::Eq));
}

#[test]
fn values_have_the_types_of_their_functions() {
    let engine = Engine::default();
    let (base, sub) = family(&engine);
    let mut store = Store::new(&engine, ());
    let null = |_: Caller<'_, ()>, _: &[Val], results: &mut [Val]| {
        results[0] = Val::FuncRef(None);
        Ok(())
    };
    let [of_base, of_sub] = [&base, &sub].map(|ty| Func::new(&mut store, ty.clone(), null));
    let reference = |ty: &FuncType| RefType::new(true, HeapType::ConcreteFunc(ty.clone()));
    let mutable = |ty: &FuncType| GlobalType::new(ValType::Ref(reference(ty)), Mutability::Var);
    let global = Global::new(&mut store, mutable(&base), Val::FuncRef(None)).unwrap();
    global.set(&mut store, of_base.into()).unwrap();
    global.set(&mut store, of_sub.into()).unwrap();
    let narrow = Global::new(&mut store, mutable(&sub), of_sub.into()).unwrap();
    assert!(narrow.set(&mut store, of_base.into()).is_err());
    assert_eq!(narrow.ty(&store), mutable(&sub));

    let table = TableType::new(reference(&sub), 2, None);
    let table = Table::new(&mut store, table, of_sub.into()).unwrap();
    assert!(table.set(&mut store, 0, of_base.into()).is_err());
    table.set(&mut store, 0, Ref::Func(None)).unwrap();
    let of_any = TableType::new(RefType::FUNCREF, 2, None);
    let of_any = Table::new(&mut store, of_any, Ref::Func(None)).unwrap();
    Table::copy(&mut store, &of_any, 0, &table, 0, 2).unwrap();
    assert!(Table::copy(&mut store, &table, 0, &of_any, 0, 2).is_err());

    let ty = Val::from(of_sub).ty(&store).unwrap();
    assert_eq!(ty, ValType::Ref(RefType::new(false, HeapType::ConcreteFunc(sub.clone()))));
    assert!(ty.matches(&ValType::FUNCREF) && ty.matches(&ValType::Ref(reference(&base))));
    assert_eq!(Val::FuncRef(None).ty(&store).unwrap(), ValType::NULLFUNCREF);
}

/// The host may pass a function by its form where a guest expects another type; a guest may not.
#[test]
fn the_host_passes_functions_by_their_form() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(
        &engine,
        r#"(module
            (type $want (sub (func (param i31ref i64) (result eqref))))
            (type $holder (struct (field (ref null $want))))
            (import "host" "give" (func $give (result (ref $want))))
            (global (export "global") (mut (ref null $want)) (ref.null nofunc))
            (table $table (export "table") 1 (ref null $want))
            (func $call (param (ref null $want)) (result i32)
                (i31.get_s (ref.cast (ref i31)
                    (call_ref $want (ref.i31 (i32.const 20)) (i64.const 1) (local.get 0)))))
            (func (export "take") (param (ref null $want)) (result i32) (call $call (local.get 0)))
            (func (export "get") (result i32) (call $call (call $give)))
            (func (export "of global") (result i32) (call $call (global.get 0)))
            (func (export "of table") (result i32)
                (call $call (table.get $table (i32.const 0))))
            (func (export "indirect") (result eqref)
                (call_indirect $table (type $want)
                    (ref.i31 (i32.const 20)) (i64.const 1) (i32.const 0))))"#,
    )
    .unwrap();
    let give = module.imports().next().unwrap().ty().unwrap_func().clone();
    let want = give.result(0).unwrap().unwrap_ref().heap_type().unwrap_concrete_func().clone();
    // Adds to the number, so that a wrong place of an argument or a result shows.
    let adding = |store: &mut Store<()>, params: [ValType; 2], result: ValType| {
        let ty = FuncType::new(&engine, params, [result]);
        Func::new(store, ty, |mut caller, params, results| {
            let number = params[0].unwrap_any_ref().unwrap().unwrap_i31(&caller)?.get_u32();
            let sum = I31::wrapping_u32(number + params[1].unwrap_i64() as u32);
            results[0] = AnyRef::from_i31(&mut caller, sum).into();
            Ok(())
        })
    };
    let rows = [
        (ValType::I31REF, ValType::EQREF, true),
        (ValType::ANYREF, ValType::EQREF, true),
        (ValType::I31REF, ValType::I31REF, true),
        (ValType::ANYREF, ValType::I31REF, true),
        (ValType::I31REF, ValType::ANYREF, false),
        (ValType::NULLREF, ValType::EQREF, false),
    ];
    for (param, result, fits) in rows {
        let func = adding(&mut store, [param.clone(), ValType::I64], result.clone());
        let what = format!("{param} to {result}");
        assert_eq!(func.matches_ty(&store, &want), fits, "{what}");
        let ty = RefType::new(false, HeapType::ConcreteFunc(want.clone()));
        assert_eq!(Ref::from(func).matches_ty(&store, &ty).unwrap(), fits, "{what}");
        let raw = Val::from(func).to_raw(&mut store).unwrap();
        let mut linker = Linker::new(&engine);
        linker
            .func_new_unchecked("host", "give", give.clone(), move |_, slots| {
                slots[0] = raw;
                Ok(())
            })
            .unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let mut ways = Vec::new();
        let mut results = [Val::I32(0)];
        let take = instance.get_func(&mut store, "take").unwrap();
        let call = take.call(&mut store, &[func.into()], &mut results);
        ways.push(call.map(|()| results[0].unwrap_i32()));
        let take = take.typed::<Func, i32>(&store).unwrap();
        ways.push(take.call(&mut store, func));
        let global = instance.get_global(&mut store, "global").unwrap();
        let set = global.set(&mut store, func.into());
        let table = instance.get_table(&mut store, "table").unwrap();
        let put = table.set(&mut store, 0, func.into());
        let mut call = |name| {
            let func = instance.get_typed_func::<(), i32>(&mut store, name)?;
            func.call(&mut store, ())
        };
        ways.push(call("get"));
        ways.push(set.and_then(|()| call("of global")));
        ways.push(put.and_then(|()| call("of table")));
        let ways: Vec<_> = ways.into_iter().map(|way| way.ok()).collect();
        assert_eq!(ways, vec![fits.then_some(21); 5], "{what}");
        // Guests compare declarations: an import, and a call through a table.
        let import = r#"(module
            (type $want (sub (func (param i31ref i64) (result eqref))))
            (import "" "" (func (type $want))))"#;
        let import = Module::new(&engine, import).unwrap();
        assert!(Instance::new(&mut store, &import, &[func.into()]).is_err(), "{what}");
        let indirect = instance.get_func(&mut store, "indirect").unwrap();
        let error = indirect.call(&mut store, &[], &mut [Val::AnyRef(None)]).unwrap_err();
        let trap = if fits { Trap::BadSignature } else { Trap::IndirectCallToNull };
        assert_eq!(error.downcast_ref(), Some(&trap), "{what}");
    }
}

/// The type of an exception is that of its tag: not a subtype of another with fewer values.
#[test]
fn exceptions_have_the_types_of_their_tags() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let of_values = |values: &[ValType]| ExnType::new(&engine, values.iter().cloned()).unwrap();
    let own = of_values(&[ValType::I32, ValType::EXTERNREF]);
    let tag = Tag::new(&mut store, &own.tag_type()).unwrap();
    let pre = ExnRefPre::new(&mut store, own.clone());
    let values = [Val::I32(1), Val::ExternRef(None)];
    let exception = ExnRef::new(&mut store, &pre, &tag, &values).unwrap();
    let value = Val::from(exception);
    let non_null = RefType::new(false, own.clone().into());
    assert_eq!(value.ty(&store).unwrap(), ValType::Ref(non_null));
    let raw = value.to_raw(&mut store).unwrap();
    for (ty, fits) in [
        (HeapType::Exn, true),
        (HeapType::from(own.clone()), true),
        (HeapType::ConcreteExn(of_values(&[ValType::I32])), false),
        (HeapType::ConcreteExn(of_values(&[])), false),
        (HeapType::NoExn, false),
    ] {
        assert_eq!(exception.matches_ty(&store, &ty).unwrap(), fits, "{ty}");
        assert_eq!(HeapType::from(own.clone()).matches(&ty), fits, "{ty}");
        assert!(HeapType::NoExn.matches(&ty) && ty.matches(&HeapType::Exn), "{ty}");
        assert_eq!((ty.top(), ty.bottom()), (HeapTopType::Exn, HeapBottomType::NoExn), "{ty}");
        assert_eq!(ty.is_abstract(), ty.as_concrete_exn().is_none(), "{ty}");
        let nullable = RefType::new(true, ty.clone());
        let reference = Ref::from(exception);
        assert_eq!(reference.matches_ty(&store, &nullable).unwrap(), fits, "{ty}");
        assert!(Ref::Exn(None).matches_ty(&store, &nullable).unwrap(), "{ty}");

        // Entities and functions of the host, whose types no module can write.
        let global = GlobalType::new(nullable.clone().into(), Mutability::Var);
        let global = Global::new(&mut store, global, Val::ExnRef(None)).unwrap();
        assert_eq!(global.ty(&store).content(), &ValType::Ref(nullable.clone()));
        assert_eq!(global.set(&mut store, value).is_ok(), fits, "{ty}");
        let table = TableType::new(nullable.clone(), 1, None);
        let table = Table::new(&mut store, table, Ref::null(&ty)).unwrap();
        assert_eq!(table.set(&mut store, 0, exception.into()).is_ok(), fits, "{ty}");
        let field = FieldType::new(Mutability::Var, ValType::Ref(nullable.clone()).into());
        let object = StructRefPre::new(&mut store, StructType::new(&engine, [field]).unwrap());
        assert_eq!(StructRef::new(&mut store, &object, &[value]).is_ok(), fits, "{ty}");
        let same = FuncType::new(&engine, [ValType::EXNREF], [nullable.clone().into()]);
        let same = Func::new(&mut store, same, |_, params, results| {
            results[0] = params[0];
            Ok(())
        });
        assert_eq!(same.call(&mut store, &[value], &mut [Val::I32(0)]).is_ok(), fits, "{ty}");
        let take = FuncType::new(&engine, [nullable.clone().into()], []);
        let take = Func::new(&mut store, take, |_, _, _| Ok(()));
        let taken = take.call_unchecked(&mut store, &mut [raw]);
        assert_eq!(taken.is_ok(), fits, "{ty}");
        // For a certain type each call checks its argument.
        match take.typed::<Option<Rooted<ExnRef>>, ()>(&store) {
            Ok(take) => {
                assert_eq!(take.call(&mut store, Some(exception)).is_ok(), fits, "{ty}");
                take.call(&mut store, None).unwrap();
            }
            Err(_) => assert!(ty.is_no_exn(), "{ty}"),
        }
    }
    // A module gets such a global as one of `exn`, if it does not write it.
    let link = |store: &mut Store<()>, mutability, import: &str| {
        let ty = GlobalType::new(RefType::new(true, own.clone().into()).into(), mutability);
        let global = Global::new(&mut *store, ty, value).unwrap();
        let module = format!(r#"(module (import "" "" (global {import})))"#);
        let module = Module::new(&engine, module).unwrap();
        Instance::new(store, &module, &[global.into()]).is_ok()
    };
    assert!(link(&mut store, Mutability::Const, "exnref"));
    assert!(!link(&mut store, Mutability::Const, "(ref exn)"));
    assert!(!link(&mut store, Mutability::Var, "(mut exnref)"));
}

#[test]
fn imports_may_be_given_subtypes() {
    let engine = Engine::default();
    let module = |text: &str| Module::new(&engine, text).unwrap();
    let mut store = Store::new(&engine, ());
    let types = "(type $t (func (param i32) (result i32)))";
    let exporter = module(&format!(
        r#"(module {types}
            (func $f (export "f") (type $t) local.get 0)
            (global (export "narrow") (ref $t) (ref.func $f))
            (global (export "wide") funcref (ref.func $f))
            (table (export "table") 1 (ref null $t)))"#
    ));
    let exporter = Instance::new(&mut store, &exporter, &[]).unwrap();
    let mut link = |import: &str, name: &str| {
        let importer = module(&format!(r#"(module {types} (import "m" "n" {import}))"#));
        let export = exporter.get_export(&mut store, name).unwrap();
        Instance::new(&mut store, &importer, &[export]).map_err(|error| format!("{error:#}"))
    };
    link("(global funcref)", "narrow").unwrap();
    link("(global (ref null $t))", "narrow").unwrap();
    link("(table 1 (ref null $t))", "table").unwrap();
    let error = link("(global (ref $t))", "wide").unwrap_err();
    assert!(error.contains("found global of type `funcref`"), "{error}");
    // Elements are written as well as read: the types have to be equal.
    let error = link("(table 1 funcref)", "table").unwrap_err();
    assert!(error.contains("expected table of type `funcref`"), "{error}");
}

#[test]
fn operands_whose_exact_type_is_not_known_are_not_written() {
    struct Write(&'static str);
    impl Hook<()> for Write {
        const EVENTS: Events = Events::INSTRUCTIONS;

        fn event(&mut self, mut store: StoreContextMut<'_, ()>, _: Event<'_>) -> Result<()> {
            let frame = store.frame().unwrap();
            if frame.num_operands(&store)? == 1 {
                let value = frame.operand(&store, 0)?;
                if matches!(value, Val::FuncRef(_)) {
                    let error = frame.set_operand(&mut store, 0, value).unwrap_err();
                    self.0 = "refused";
                    assert!(error.to_string().contains("exact type is not known"), "{error}");
                }
            }
            Ok(())
        }
    }
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (type $t (func))
            (elem declare func $f)
            (func $f (export "f") (drop (ref.func $f))))"#,
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let attached = store.attach(Filter::default(), Write("not asked"));
    instance.get_typed_func::<(), ()>(&mut store, "f").unwrap().call(&mut store, ()).unwrap();
    let hook = store.detach(attached).unwrap();
    assert_eq!(hook.0, "refused");
}

#[test]
fn types_have_default_values_unless_they_need_an_object() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut check = |ty: ValType, expected: Result<&str, &str>| {
        let shown = |value: Val| match value.i32() {
            Some(value) => value.to_string(),
            None => format!("{}", value.ref_().is_some_and(|it| it.is_null())),
        };
        let text = |error: Error| error.root_cause().to_string();
        let global = GlobalType::new(ty.clone(), Mutability::Const).default_value(&mut store);
        let global = global.map(|it| shown(it.get(&mut store))).map_err(text);
        let expected = expected.map(String::from).map_err(String::from);
        assert_eq!(global, expected, "a global of {ty}");
        let func = FuncType::new(&engine, [ValType::I64], [ty.clone()]).default_value(&mut store);
        let func = func.map(|func| {
            let mut results = [Val::I64(1)];
            func.call(&mut store, &[Val::I64(5)], &mut results).unwrap();
            shown(results[0])
        });
        assert_eq!(func.map_err(text), expected, "a function that returns {ty}");
        if let ValType::Ref(element) = ty {
            let table = TableType::new(element, 2, None).default_value(&mut store);
            let table = table.map(|table| table.get(&mut store, 1).unwrap().is_null().to_string());
            assert_eq!(table.map_err(text), expected, "a table");
        }
    };
    let present = |heap| ValType::Ref(RefType::new(false, heap));
    check(ValType::I32, Ok("0"));
    check(ValType::FUNCREF, Ok("true"));
    check(ValType::EXTERNREF, Ok("true"));
    check(ValType::NULLREF, Ok("true"));
    check(present(HeapType::Func), Err("type has no default value: (ref func)"));
    check(present(HeapType::I31), Err("type has no default value: (ref i31)"));

    let memory = MemoryType::new(3, None).default_value(&mut store).unwrap();
    assert_eq!(memory.into_memory().unwrap().size(&store), 3);
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    assert_eq!(ty.default_value(&mut store).unwrap().ty(&store), ty);
}

#[test]
fn kinds_of_imports_are_matched_exhaustively() {
    // As embedders of Wasmtime write it: without an arm for other kinds, which there are not.
    let kind = |ty: ExternType| match ty {
        ExternType::Func(_) => "func",
        ExternType::Global(_) => "global",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Tag(_) => "tag",
    };
    let text = r#"(module (import "" "f" (func)) (import "" "g" (global i32)) (import "" "e" (tag))
        (import "" "t" (table 1 funcref)) (import "" "m" (memory 1)))"#;
    let module = Module::new(&Engine::default(), text).unwrap();
    let kinds: Vec<_> = module.imports().map(|import| kind(import.ty())).collect();
    assert_eq!(kinds, ["func", "global", "tag", "table", "memory"]);
}
