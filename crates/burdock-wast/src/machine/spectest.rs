//! The host module `spectest` that the spec's scripts import from.

use burdock::{
    Func, Global, Linker, Memory, MemoryType, Mutability, Nullable, Ref, RefType, Store, Table,
    TableType, Val,
};

use super::{Data, Error};

/// Defines `spectest` as the spec's interpreter does (`interpreter/README.md`, "Spectest host
/// module"); printing is silent.
pub(super) fn define(store: &mut Store<Data>, linker: &mut Linker<Data>) -> Result<(), Error> {
    let host = "spectest";
    let print = [
        ("print", Func::wrap(&mut *store, || {})),
        ("print_i32", Func::wrap(&mut *store, |_: i32| {})),
        ("print_i64", Func::wrap(&mut *store, |_: i64| {})),
        ("print_f32", Func::wrap(&mut *store, |_: f32| {})),
        ("print_f64", Func::wrap(&mut *store, |_: f64| {})),
        (
            "print_i32_f32",
            Func::wrap(&mut *store, |_: i32, _: f32| {}),
        ),
        (
            "print_f64_f64",
            Func::wrap(&mut *store, |_: f64, _: f64| {}),
        ),
    ];
    for (name, func) in print {
        linker.define(host, name, func).map_err(other)?;
    }
    let globals = [
        ("global_i32", Val::from(666i32)),
        ("global_i64", Val::from(666i64)),
        ("global_f32", Val::from(666.6f32)),
        ("global_f64", Val::from(666.6f64)),
    ];
    for (name, value) in globals {
        let global = Global::new(&mut *store, value, Mutability::Const);
        linker.define(host, name, global).map_err(other)?;
    }
    let tables = [
        ("table", TableType::new(RefType::Func, 10, Some(20))),
        ("table64", TableType::new64(RefType::Func, 10, Some(20))),
    ];
    for (name, ty) in tables {
        let table = Table::new(&mut *store, ty, Ref::Func(Nullable::Null))?;
        linker.define(host, name, table).map_err(other)?;
    }
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(host, "memory", memory).map_err(other)?;
    Ok(())
}

fn other(error: impl std::fmt::Display) -> Error {
    Error::Other(error.to_string())
}
