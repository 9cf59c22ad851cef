//! A host of plug-ins: each is checked when it is loaded, gets a store of its own for every
//! request, and can neither end nor delay the host.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin plugins
//! double: loaded
//! greedy: not loaded: unknown import: `host::delete_everything` has not been defined
//! divide: loaded
//! endless: loaded
//! double(7) = 14
//! double says: 7 was doubled
//! divide(7) failed: wasm trap: integer divide by zero
//! endless(7) failed: wasm trap: all fuel consumed by WebAssembly
//! double(8) = 16
//! double says: 8 was doubled
//! ```

use burdock::error::Context;
use burdock::{
    Caller, Config, Engine, Extern, InstancePre, Linker, Module, Result, Store, StoreLimits,
    StoreLimitsBuilder,
};

/// Each plug-in exports a function `apply`; it may import `host.note`, which takes a text.
const PLUGINS: [(&str, &str); 4] = [
    (
        "double",
        r#"(module
            (import "host" "note" (func $note (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "7 was doubled")
            (func (export "apply") (param i32) (result i32)
                (i32.store8 (i32.const 0) (i32.add (i32.const 48) (local.get 0)))
                (call $note (i32.const 0) (i32.const 13))
                (i32.mul (local.get 0) (i32.const 2))))"#,
    ),
    ("greedy", r#"(module (import "host" "delete_everything" (func)))"#),
    (
        "divide",
        r#"(module (func (export "apply") (param i32) (result i32)
            (i32.div_s (local.get 0) (i32.const 0))))"#,
    ),
    (
        "endless",
        r#"(module (func (export "apply") (param i32) (result i32)
            (loop $forever (result i32) (br $forever))))"#,
    ),
];

/// The resources that a plug-in may use for one request.
const FUEL: u64 = 10_000;
const MEMORY: usize = 1 << 20;

/// The data of the store of one request.
struct Request {
    notes: Vec<String>,
    limits: StoreLimits,
}

/// A plug-in, ready to be instantiated: translated, and its imports looked up.
struct Plugin {
    name: &'static str,
    pre: InstancePre<Request>,
}

impl Plugin {
    fn load(linker: &Linker<Request>, name: &'static str, text: &str) -> Result<Self> {
        let module = Module::new(linker.engine(), text)?;
        Ok(Self { name, pre: linker.instantiate_pre(&module)? })
    }

    /// Runs one request. Returns the result with the notes of the plug-in.
    fn apply(&self, x: i32) -> Result<(i32, Vec<String>)> {
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY).build();
        let request = Request { notes: Vec::new(), limits };
        let mut store = Store::new(self.pre.module().engine(), request);
        store.limiter(|request| &mut request.limits);
        store.set_fuel(FUEL)?;
        let instance = self.pre.instantiate(&mut store)?;
        let apply = instance.get_typed_func::<i32, i32>(&mut store, "apply")?;
        let result = apply.call(&mut store, x)?;
        Ok((result, store.into_data().notes))
    }
}

/// Keeps a text of a plug-in with the request.
fn note(mut caller: Caller<'_, Request>, ptr: u32, len: u32) -> Result<()> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory);
    let memory = memory.context("the plug-in exports no memory")?;
    let (bytes, request) = memory.data_and_store_mut(&mut caller);
    let text = bytes.get(ptr as usize..).and_then(|rest| rest.get(..len as usize));
    let text = text.context("the note is not in the plug-in's memory")?;
    request.notes.push(String::from_utf8_lossy(text).into_owned());
    Ok(())
}

fn main() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "note", note)?;

    let mut plugins = Vec::new();
    for (name, text) in PLUGINS {
        match Plugin::load(&linker, name, text) {
            Ok(plugin) => {
                println!("{name}: loaded");
                plugins.push(plugin);
            }
            Err(error) => println!("{name}: not loaded: {}", error.root_cause()),
        }
    }
    let first = plugins.first().into_iter();
    for (plugin, x) in
        plugins.iter().map(|plugin| (plugin, 7)).chain(first.map(|double| (double, 8)))
    {
        let name = plugin.name;
        match plugin.apply(x) {
            Ok((result, notes)) => {
                println!("{name}({x}) = {result}");
                for note in notes {
                    println!("{name} says: {note}");
                }
            }
            Err(error) => println!("{name}({x}) failed: {}", error.root_cause()),
        }
    }
    Ok(())
}
