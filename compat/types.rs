//! The types of Wasm 3.0: who is a subtype of whom, and what imports, globals, tables and functions
//! accept of each other.

use wasmtime::{
    ArrayType, Engine, ExnType, Extern, FieldType, Finality, Func, FuncType, Global, GlobalType,
    HeapBottomType, HeapTopType, HeapType, Instance, Linker, Module, Mutability, RefType, Result,
    StorageType, Store, StructType, Table, TableType, TagType, Val, ValType,
};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let types = heap_types(&engine)?;
    for (name, ty) in &types {
        let ask = |ask: fn(&HeapType, &HeapType) -> bool| -> String {
            types.iter().map(|(_, other)| if ask(ty, other) { '1' } else { '.' }).collect()
        };
        println!("{name}: matches {} equals {}", ask(HeapType::matches), ask(HeapType::eq));
        let (top, bottom): (HeapTopType, HeapBottomType) = (ty.top(), ty.bottom());
        println!("  {} {top:?} {bottom:?} {}", answers(ty), ty.is_concrete());
        for nullable in [false, true] {
            let ty = RefType::new(nullable, ty.clone());
            let default = ValType::Ref(ty.clone()).default_value().is_some();
            println!("  {} {} {default}", ty.is_nullable(), ty.matches(&RefType::FUNCREF));
        }
    }
    composites(&engine)?;
    declarations(&engine)?;
    imports(&engine)?;
    writes(&engine)
}

/// Returns types of each hierarchy, with declared subtypes.
pub fn heap_types(engine: &Engine) -> Result<Vec<(&'static str, HeapType)>> {
    let field = |mutability, ty| FieldType::new(mutability, StorageType::ValType(ty));
    let shape = StructType::with_finality_and_supertype(
        engine,
        Finality::NonFinal,
        None,
        [field(Mutability::Const, ValType::I32)],
    )?;
    let square = StructType::with_finality_and_supertype(
        engine,
        Finality::Final,
        Some(&shape),
        [field(Mutability::Const, ValType::I32), field(Mutability::Var, ValType::I64)],
    )?;
    let bytes = ArrayType::new(engine, FieldType::new(Mutability::Var, StorageType::I8));
    let anything = ValType::Ref(RefType::new(true, HeapType::Any));
    let refs = ArrayType::new(engine, field(Mutability::Const, anything));
    let call = FuncType::with_finality_and_supertype(
        engine,
        Finality::NonFinal,
        None,
        [ValType::Ref(RefType::new(true, HeapType::ConcreteStruct(square.clone())))],
        [ValType::Ref(RefType::new(true, HeapType::Any))],
    )?;
    let narrower = FuncType::with_finality_and_supertype(
        engine,
        Finality::Final,
        Some(&call),
        [ValType::Ref(RefType::new(true, HeapType::ConcreteStruct(shape.clone())))],
        [ValType::Ref(RefType::new(false, HeapType::I31))],
    )?;
    Ok(vec![
        ("func", HeapType::Func),
        ("call", HeapType::ConcreteFunc(call)),
        ("narrower", HeapType::ConcreteFunc(narrower)),
        ("nofunc", HeapType::NoFunc),
        ("extern", HeapType::Extern),
        ("noextern", HeapType::NoExtern),
        ("any", HeapType::Any),
        ("eq", HeapType::Eq),
        ("i31", HeapType::I31),
        ("struct", HeapType::Struct),
        ("shape", HeapType::ConcreteStruct(shape)),
        ("square", HeapType::ConcreteStruct(square)),
        ("array", HeapType::Array),
        ("bytes", HeapType::ConcreteArray(bytes)),
        ("refs", HeapType::ConcreteArray(refs)),
        ("none", HeapType::None),
        ("exn", HeapType::Exn),
        ("exn i32", ExnType::new(engine, [ValType::I32])?.into()),
        ("exn i64", HeapType::ConcreteExn(ExnType::new(engine, [ValType::I64])?)),
        ("noexn", HeapType::NoExn),
    ])
}

/// Returns the answers of all questions that a heap type answers, as digits.
fn answers(ty: &HeapType) -> String {
    let answers = [
        ty.is_top(),
        ty.is_bottom(),
        ty.is_extern(),
        ty.is_func(),
        ty.is_concrete_func(),
        ty.is_no_func(),
        ty.is_any(),
        ty.is_i31(),
        ty.is_concrete_array(),
        ty.is_concrete_struct(),
        ty.is_none(),
        ty.is_exn(),
        ty.is_no_exn(),
        ty.as_concrete_func().is_some(),
        ty.as_concrete_struct().is_some(),
        ty.as_concrete_array().is_some(),
        ty.is_concrete_exn(),
        ty.as_concrete_exn().is_some(),
        ty.is_abstract(),
    ];
    answers.map(|yes| if yes { '1' } else { '.' }).iter().collect()
}

/// Structures, arrays and functions: their parts, supertypes, equality.
fn composites(engine: &Engine) -> Result<()> {
    let types = heap_types(engine)?;
    let all = |ty: fn(&HeapType) -> Option<&StructType>| -> Vec<StructType> {
        types.iter().filter_map(|(_, it)| ty(it).cloned()).collect()
    };
    for ty in all(HeapType::as_concrete_struct) {
        let fields: Vec<_> = ty.fields().map(|field| describe(&field)).collect();
        println!("struct: {fields:?} {:?} {}", ty.finality(), ty.supertype().is_some());
        println!("  {} {}", ty.field(0).is_some(), ty.field(9).is_some());
    }
    for ty in types.iter().filter_map(|(_, it)| it.as_concrete_array()) {
        println!("array: {} {:?}", describe(&ty.field_type()), ty.finality());
        println!("  {:?} {}", ty.mutability(), ty.element_type().is_i8());
    }
    for ty in types.iter().filter_map(|(_, it)| it.as_concrete_func()) {
        println!("func: {} {}", ty.params().len(), ty.results().len());
        println!("  {:?} {}", ty.finality(), ty.supertype().is_some());
    }
    let again = heap_types(engine)?;
    let same = types.iter().zip(&again).all(|((_, a), (_, b))| HeapType::eq(a, b));
    println!("equal when declared twice: {same}");
    let storage = [StorageType::I8, StorageType::I16, ValType::I32.into(), ValType::ANYREF.into()];
    for a in &storage {
        let matches: Vec<_> = storage.iter().map(|b| a.matches(b)).collect();
        let whole = a.as_val_type().is_some();
        println!(
            "storage: {matches:?} {} {} {whole} {}",
            a.is_i8(),
            a.is_i16(),
            a.unpack().is_i32()
        );
    }
    let values = [ValType::EXTERNREF, ValType::FUNCREF, ValType::ANYREF, ValType::EQREF];
    let more = [ValType::I31REF, ValType::STRUCTREF, ValType::ARRAYREF, ValType::NULLREF];
    for ty in values.iter().chain(&more).chain(&[ValType::V128, ValType::F32]) {
        let (reference, number, vector) = (ty.is_ref(), ty.is_num(), ty.is_v128());
        println!("{reference} {number} {vector} {:?}", ty.as_ref().map(RefType::is_nullable));
    }
    Ok(())
}

fn describe(field: &FieldType) -> String {
    let (ty, mutability) = (field.element_type(), field.mutability());
    format!("{mutability:?} {} {}", ty.is_i8(), ty.unpack().is_i64())
}

/// Declarations of subtypes that must fail, and some that must not.
fn declarations(engine: &Engine) -> Result<()> {
    let field = |mutability, ty| FieldType::new(mutability, StorageType::ValType(ty));
    let nullable = |ty| ValType::Ref(RefType::new(true, ty));
    let constant = field(Mutability::Const, nullable(HeapType::Eq));
    let variable = field(Mutability::Var, nullable(HeapType::Eq));
    let open = |fields: &[FieldType]| {
        let fields = fields.iter().cloned();
        StructType::with_finality_and_supertype(engine, Finality::NonFinal, None, fields)
    };
    let closed = StructType::new(engine, [constant.clone()])?;
    let i31 = |mutability| field(mutability, nullable(HeapType::I31));
    let rows = [
        ("same fields", open(&[constant.clone()])?, vec![constant.clone()]),
        ("a subtype, constant", open(&[constant.clone()])?, vec![i31(Mutability::Const)]),
        ("a subtype, variable", open(&[variable.clone()])?, vec![i31(Mutability::Var)]),
        ("variable for constant", open(&[constant.clone()])?, vec![variable.clone()]),
        ("constant for variable", open(&[variable])?, vec![constant.clone()]),
        ("a field less", open(&[constant.clone(), constant.clone()])?, vec![constant.clone()]),
        ("final", closed, vec![constant]),
    ];
    for (what, supertype, fields) in rows {
        let finality = Finality::Final;
        let ty =
            StructType::with_finality_and_supertype(engine, finality, Some(&supertype), fields);
        println!("{what}: {}", ty.is_ok_and(|ty| ty.matches(&supertype)));
    }
    Ok(())
}

/// The types that modules of this file declare.
const TYPES: &str = "
    (type $shape (sub (struct (field i32))))
    (type $square (sub final $shape (struct (field i32) (field (mut i64)))))
    (type $f (sub (func (param (ref null $square)) (result (ref null any)))))
    (type $g (sub final $f (func (param (ref null $shape)) (result (ref i31)))))";

/// Each export of one module as each import of another.
fn imports(engine: &Engine) -> Result<()> {
    let exporting = format!(
        r#"(module {TYPES}
            (func (export "f") (type $f) unreachable)
            (func (export "g") (type $g) unreachable)
            (global (export "shape") (ref null $shape) (ref.null none))
            (global (export "square") (ref null $square) (ref.null none))
            (global (export "one") (ref $square) (struct.new_default $square))
            (global (export "mut shape") (mut (ref null $shape)) (ref.null none))
            (global (export "mut square") (mut (ref null $square)) (ref.null none))
            (table (export "funcs") 2 5 funcref)
            (table (export "table f") 2 5 (ref null $f))
            (table (export "table g") 2 (ref null $g))
            (tag (export "tag") (param (ref null $shape)))
            (tag (export "other tag") (param (ref null $square))))"#
    );
    let rows = [
        "(func (type $f))",
        "(func (type $g))",
        "(func (param (ref null $square)) (result (ref null any)))",
        "(global (ref null $shape))",
        "(global (ref null eq))",
        "(global (ref struct))",
        "(global (mut (ref null $shape)))",
        "(table 1 funcref)",
        "(table 1 (ref null $f))",
        "(table 1 5 (ref null $f))",
        "(table 3 (ref null $g))",
        "(tag (param (ref null $shape)))",
        "(memory 1)",
    ];
    let exporting = Module::new(engine, exporting)?;
    for row in rows {
        let importing = format!(r#"(module {TYPES} (import "" "x" {row}))"#);
        let importing = Module::new(engine, importing)?;
        let import = importing.imports().next().expect("an import").ty();
        println!("import {row}: func={} tag={}", import.func().is_some(), import.tag().is_some());
        let mut store = Store::new(engine, ());
        let provider = Instance::new(&mut store, &exporting, &[])?;
        for export in exporting.exports() {
            let given = provider.get_export(&mut store, export.name()).expect("an export");
            let mut linker = Linker::new(engine);
            linker.define(&store, "", "x", given.clone())?;
            let linked = linker.instantiate(&mut store, &importing).is_ok();
            let direct = Instance::new(&mut store, &importing, &[given]).is_ok();
            println!("  {}: {linked} {direct}", export.name());
        }
    }
    Ok(())
}

/// Writes of references to globals, tables and parameters of narrower types.
fn writes(engine: &Engine) -> Result<()> {
    let module = format!(
        r#"(module {TYPES}
            (global (export "shape") (mut (ref null $shape)) (ref.null none))
            (global (export "square") (mut (ref null $square)) (ref.null none))
            (global (export "eq") (mut eqref) (ref.null none))
            (table (export "shapes") 1 (ref null $shape))
            (func (export "new shape") (result (ref $shape)) (struct.new_default $shape))
            (func (export "new square") (result (ref $square)) (struct.new_default $square))
            (func (export "null") (result anyref) (ref.null none))
            (func (export "i31") (result (ref i31)) (ref.i31 (i32.const -7)))
            (func (export "take shape") (param (ref $shape)))
            (func (export "take square") (param (ref null $square))))"#
    );
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &Module::new(engine, module)?, &[])?;
    let export =
        |store: &mut Store<()>, name: &str| instance.get_export(store, name).expect("an export");
    for name in ["new shape", "new square", "null", "i31"] {
        let mut value = [Val::I32(0)];
        let func = export(&mut store, name).into_func().expect("a function");
        func.call(&mut store, &[], &mut value)?;
        let [value] = value;
        let ty = value.ty(&store)?;
        println!("{name}: {}", answers(ty.unwrap_ref().heap_type()));
        for target in ["shape", "square", "eq", "shapes", "take shape", "take square"] {
            let target_of = export(&mut store, target);
            let result = match target_of {
                Extern::Global(global) => global.set(&mut store, value),
                Extern::Table(table) => {
                    table.set(&mut store, 0, value.ref_().expect("a reference"))
                }
                Extern::Func(func) => func.call(&mut store, &[value], &mut []),
                _ => unreachable!("no such export"),
            };
            println!("  {target}: {}", result.is_ok());
        }
    }
    made_by_the_host(engine, &mut store)
}

/// Entities that the host makes, with default values, and with values that fit and that do not.
fn made_by_the_host(engine: &Engine, store: &mut Store<()>) -> Result<()> {
    for (name, ty) in heap_types(engine)? {
        let made = [false, true].map(|nullable| {
            let ty = RefType::new(nullable, ty.clone());
            let null = Val::null_ref(ty.heap_type());
            let global = GlobalType::new(ty.clone().into(), Mutability::Var);
            let table = TableType::new(ty.clone(), 1, None);
            let func = FuncType::new(engine, [], [ty.into()]);
            let defaults = [
                global.default_value(&mut *store).is_ok(),
                table.default_value(&mut *store).is_ok(),
                func.default_value(&mut *store).is_ok(),
            ];
            let global = Global::new(&mut *store, global, null).is_ok();
            let table = Table::new(&mut *store, table, null.ref_().expect("null")).is_ok();
            (global, table, defaults)
        });
        println!("{name}: {made:?}");
    }
    let ty = FuncType::new(engine, [ValType::I31REF], [ValType::EQREF]);
    let func = Func::new(&mut *store, ty, |_, params, results| {
        results[0] = params[0];
        Ok(())
    });
    let tag = TagType::new(FuncType::new(engine, [ValType::I31REF], []));
    println!("a tag: {}", tag.default_value(&mut *store)?.ty(&*store).ty().params().len());
    let mut results = [Val::I32(0)];
    func.call(&mut *store, &[Val::null_any_ref()], &mut results)?;
    println!("null passed on: {}", results[0].unwrap_any_ref().is_none());
    Ok(())
}
