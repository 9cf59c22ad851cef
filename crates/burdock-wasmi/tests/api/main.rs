//! Each concept of wasmi's API, with the errors that a user can meet.

mod calls;
mod config;
mod entities;
mod errors;
mod fuel;
mod limits;
mod linking;
mod modules;
mod references;
mod resumable;

use burdock_wasmi::{Engine, Instance, Module, Store};

/// Returns an instance of a module without imports.
fn instance(wat: &str) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}
