//! Custom descriptors at the API's boundary: the switch, imports, types, and the descriptor of a
//! structure. What guests do with them is in `objects/descriptors.wat`.

use crate::common::{self, full, module};
use burdock::*;
use std::sync::Arc;

fn engine() -> Engine {
    Engine::new(Config::new().wasm_custom_descriptors(true)).unwrap()
}

#[test]
fn without_the_switch_modules_are_refused() {
    let parts = [
        "(rec (type $a (descriptor $b) (struct)) (type $b (describes $a) (struct)))",
        r#"(type $f (func)) (import "" "f" (func (exact (type $f))))"#,
        "(type $s (struct)) (global (ref null (exact $s)) (ref.null none))",
        "(type $s (struct)) (func (param (ref (exact $s))))",
        "(type $s (struct)) (func (drop (ref.null (exact $s))))",
        "(type $s (struct)) (func (param anyref) (drop (ref.cast (ref (exact $s)) (local.get 0))))",
        "(type $s (struct)) (func (param anyref) (drop (ref.get_desc $s (local.get 0))))",
        "(type $s (struct)) (func (drop (struct.new_default_desc $s (ref.null none))))",
    ];
    for part in parts {
        let text = format!("(module {part})");
        let engine = Engine::new(Config::new().compilation_mode(CompilationMode::Eager)).unwrap();
        let error = full(&Module::new(&engine, &text).unwrap_err());
        assert!(error.contains("`Config::wasm_custom_descriptors`"), "{part}: {error}");
    }
    // The proposal is one about objects.
    let mut config = Config::new();
    config.wasm_custom_descriptors(true).wasm_gc(false);
    let text = "(module (type $s (struct)))";
    assert!(Module::new(&Engine::new(&config).unwrap(), text).is_err());
}

const TYPES: &str = "(rec
    (type $shape (sub (descriptor $class) (struct (field (mut i32)))))
    (type $class (sub (describes $shape) (struct (field externref)))))
    (type $other (sub (struct)))
    (type $f (sub (func)))
    (type $g (sub $f (func)))";

#[test]
fn exact_imports_take_nothing_of_a_subtype() {
    let engine = engine();
    let provider = format!(
        r#"(module {TYPES}
            (func (export "f") (type $f)) (func (export "g") (type $g))
            (global (export "shape") (ref null $shape) (ref.null none))
            (global (export "exact shape") (ref null (exact $shape)) (ref.null none))
            (table (export "table") 1 (ref null $shape))
            (table (export "exact table") 1 (ref null (exact $shape))))"#
    );
    let check = |import: &str, name: &str, expected: Option<&str>| {
        let mut store = Store::new(&engine, ());
        let provider = Instance::new(&mut store, &module(&engine, &provider), &[]).unwrap();
        let text = format!(r#"(module {TYPES} (import "" "x" {import}))"#);
        let given = provider.get_export(&mut store, name).unwrap();
        let mut linker = Linker::new(&engine);
        linker.define(&store, "", "x", given).unwrap();
        let module = module(&engine, &text);
        for result in [
            Instance::new(&mut store, &module, &[given]).map(drop),
            linker.instantiate(&mut store, &module).map(drop),
        ] {
            let error = result.err().map(|error| error.root_cause().to_string());
            assert_eq!(error.as_deref(), expected, "{import}, {name}");
        }
    };
    let func = "types incompatible: expected exactly type `(func)`, found type `(func)`";
    check("(func (type $f))", "g", None);
    check("(func (exact (type $f)))", "f", None);
    check("(func (exact (type $f)))", "g", Some(func));
    check("(func (exact (type $f)))", "shape", Some("expected func, but found global"));
    check("(global (ref null $shape))", "exact shape", None);
    check("(global (ref null (exact $shape)))", "exact shape", None);
    let error = |what: &str, expected: &str, found: &str| {
        format!(
            "{what} types incompatible: expected {what} of type `{expected}`, \
             found {what} of type `{found}`"
        )
    };
    let shape = shape(&engine);
    let inexact = RefType::new(true, HeapType::ConcreteStruct(shape.clone())).to_string();
    let exact = RefType::new(true, HeapType::ExactStruct(shape)).to_string();
    check("(global (ref null (exact $shape)))", "shape", Some(&error("global", &exact, &inexact)));
    check("(table 1 (ref null (exact $shape)))", "exact table", None);
    check("(table 1 (ref null (exact $shape)))", "table", Some(&error("table", &exact, &inexact)));
    check("(table 1 (ref null $shape))", "exact table", Some(&error("table", &inexact, &exact)));

    let text = format!(
        r#"(module {TYPES} (import "" "f" (func (exact (type $f)))) (import "" "g" (func (type $f))))"#
    );
    let exact: Vec<_> = module(&engine, &text).imports().map(|import| import.is_exact()).collect();
    assert_eq!(exact, [true, false]);
}

/// Returns the type `$shape`.
fn shape(engine: &Engine) -> StructType {
    let text =
        format!(r#"(module {TYPES} (global (export "x") (ref null $shape) (ref.null none)))"#);
    let module = module(engine, &text);
    let ty = module.get_export("x").unwrap().unwrap_global().content().clone();
    ty.unwrap_ref().heap_type().unwrap_concrete_struct().clone()
}

#[test]
fn types_say_what_describes_them() {
    let engine = engine();
    let shape = shape(&engine);
    let class = shape.descriptor().unwrap();
    assert_eq!(class.describes(), Some(shape.clone()));
    assert_eq!((shape.describes(), class.descriptor()), (None, None));
    assert!(shape.to_string().starts_with("(type (descriptor "), "{shape}");
    assert!(class.to_string().starts_with("(type (describes "), "{class}");

    let [inexact, exact] = [HeapType::ConcreteStruct, HeapType::ExactStruct];
    assert!(exact(shape.clone()).matches(&inexact(shape.clone())));
    assert!(exact(shape.clone()).matches(&exact(shape.clone())));
    assert!(!inexact(shape.clone()).matches(&exact(shape.clone())));
    assert!(!exact(shape.clone()).matches(&exact(class.clone())));
    assert!(exact(shape.clone()).matches(&HeapType::Eq));
    assert!(HeapType::None.matches(&exact(shape.clone())));
    assert!(exact(shape.clone()).is_exact() && !inexact(shape.clone()).is_exact());
    assert_eq!(exact(shape.clone()).as_concrete_struct(), Some(&shape));

    // A host cannot define a type with a descriptor, nor a subtype of one.
    let fields = shape.fields().collect::<Vec<_>>();
    for supertype in [&shape, &class] {
        let fields = supertype.fields().collect::<Vec<_>>();
        let finality = Finality::Final;
        let declared =
            StructType::with_finality_and_supertype(&engine, finality, Some(supertype), fields);
        let error = declared.unwrap_err().to_string();
        assert_eq!(error, "the type does not match its supertype");
    }
    assert_ne!(StructType::new(&engine, fields).unwrap(), shape);
}

#[test]
fn values_of_exact_types_are_checked() {
    let engine = engine();
    let text = format!(
        r#"(module {TYPES} (type $sub (sub $other (struct)))
            (elem declare func $g)
            (func $g (export "g") (type $g))
            (func (export "take") (param (ref null (exact $other))))
            (func (export "call") (param (ref null (exact $f))))
            (func (export "other") (result (ref $other)) (struct.new $other))
            (func (export "sub") (result (ref $other)) (struct.new $sub)))"#
    );
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module(&engine, &text), &[]).unwrap();
    let mut call = |name: &str, args: &[Val]| {
        let func = instance.get_func(&mut store, name).unwrap();
        let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
        func.call(&mut store, args, &mut results)?;
        Ok::<_, Error>(results.into_iter().next())
    };
    let [other, sub] = ["other", "sub"].map(|name| call(name, &[]).unwrap().unwrap());
    call("take", &[other]).unwrap();
    call("take", &[Val::null_any_ref()]).unwrap();
    let error = full(&call("take", &[sub]).unwrap_err());
    assert!(error.contains("expected (ref null (exact "), "{error}");
    let g = instance.get_func(&mut store, "g").unwrap();
    let take = instance.get_func(&mut store, "call").unwrap();
    assert!(take.call(&mut store, &[Val::FuncRef(Some(g))], &mut []).is_err());
    take.call(&mut store, &[Val::FuncRef(None)], &mut []).unwrap();
    // A typed function checks each argument, too.
    let typed = instance.get_typed_func::<Option<Func>, ()>(&mut store, "call").unwrap();
    assert!(typed.call(&mut store, Some(g)).is_err());
    typed.call(&mut store, None).unwrap();
}

/// The host's own references.
const HELD: Holder = Holder::Root(RootKind::Host);

/// The structure alone holds its descriptor, which holds a host value.
#[test]
fn a_structure_keeps_its_descriptor_alive() {
    let text = format!(
        r#"(module {TYPES}
            (func (export "make") (param externref) (result (ref $shape))
                (struct.new_desc $shape (i32.const 1) (struct.new $class (local.get 0))))
            (func (export "churn") (param i32) (local i64 i64 i64 i64 i64 i64)
                (loop $more
                    (drop (struct.new $other))
                    (br_if $more
                        (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#
    );
    for mut config in common::configs() {
        config.wasm_custom_descriptors(true).collect_at_every_allocation(true);
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module(&engine, &text), &[]).unwrap();
        let value = Arc::new(());
        let held = {
            let mut scope = RootScope::new(&mut store);
            let host = ExternRef::new(&mut scope, Arc::clone(&value)).unwrap();
            let make = instance.get_func(&mut scope, "make").unwrap();
            let mut made = [Val::null_any_ref()];
            make.call(&mut scope, &[host.into()], &mut made).unwrap();
            made[0].unwrap_anyref().unwrap().to_owned_rooted(&mut scope).unwrap()
        };
        let churn = instance.get_typed_func::<i32, ()>(&mut store, "churn").unwrap();
        churn.call(&mut store, 20).unwrap();
        store.gc(None).unwrap();
        assert_eq!(Arc::strong_count(&value), 2, "{config:?}");
        let types = store.live_types().unwrap();
        let holders: Vec<_> = types.iter().flat_map(|ty| &ty.held_by).collect();
        assert!(
            holders.iter().any(|(holder, count)| match holder {
                Holder::Descriptor(ty) => types[*ty].held_by.contains(&(HELD, 1)) && *count == 1,
                _ => false,
            }),
            "{types:?}"
        );
        {
            let mut scope = RootScope::new(&mut store);
            let shape = held.to_rooted(&mut scope).unwrap_struct(&scope).unwrap();
            let class = shape.descriptor(&scope).unwrap().unwrap();
            assert_eq!(class.descriptor(&scope).unwrap().map(drop), None);
            let host = class.field(&mut scope, 0).unwrap();
            let host = *host.unwrap_externref().unwrap();
            assert!(host.data(&scope).unwrap().is_some());
        }
        drop(held);
        churn.call(&mut store, 20).unwrap();
        store.gc(None).unwrap();
        assert_eq!(Arc::strong_count(&value), 1, "{config:?}");
    }
}

#[test]
fn hosts_make_structures_with_descriptors() {
    let engine = engine();
    let mut store = Store::new(&engine, ());
    let shape = shape(&engine);
    let class = shape.descriptor().unwrap();
    let plain = StructType::new(&engine, []).unwrap();
    let [of_shape, of_class, of_plain] =
        [shape, class, plain].map(|ty| StructRefPre::new(&mut store, ty));
    let class = StructRef::new(&mut store, &of_class, &[Val::null_extern_ref()]).unwrap();
    let plain = StructRef::new(&mut store, &of_plain, &[]).unwrap();
    let made =
        StructRef::new_with_descriptor(&mut store, &of_shape, &class, &[Val::I32(4)]).unwrap();
    let found = made.descriptor(&store).unwrap().unwrap();
    assert!(Rooted::ref_eq(&store, &found, &class).unwrap());
    assert!(plain.descriptor(&store).unwrap().is_none());

    let check = |result: Result<Rooted<StructRef>>, expected: &str| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(StructRef::new(&mut store, &of_shape, &[Val::I32(4)]), "needs a descriptor");
    let mut make = |of: &StructRefPre, descriptor, fields: &[Val]| {
        StructRef::new_with_descriptor(&mut store, of, descriptor, fields)
    };
    check(make(&of_shape, &plain, &[Val::I32(4)]), "expected a descriptor of exactly type");
    check(make(&of_shape, &made, &[Val::I32(4)]), "expected a descriptor of exactly type");
    check(make(&of_plain, &class, &[]), "has no descriptor");
    check(make(&of_shape, &class, &[]), "expected 1 fields, got 0");
    check(make(&of_shape, &class, &[Val::I64(4)]), "field 0");
}
