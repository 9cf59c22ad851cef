//! What a runtime has to do to be measured; one file each.

mod burdock;
mod shape;
#[cfg(feature = "stitch")]
mod stitch;
#[cfg(feature = "submilli")]
mod submilli;
#[cfg(feature = "tinywasm")]
mod tinywasm;
#[cfg(feature = "wamr")]
mod wamr;
#[cfg(feature = "wasm3")]
mod wasm3;
#[cfg(feature = "wasmi")]
mod wasmi;
mod wasmparser;
#[cfg(feature = "wasmtime")]
mod wasmtime;

use crate::Result;
use crate::program::{Program, Value};

/// Where a runtime takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everywhere but in the group `hook`, unless there is a way to run it with a hook.
    All,
    /// In the group `hook` only: it runs with a hook that counts.
    Hook,
    /// In the groups `startup` and `memory`: it translates nothing before the module runs.
    Loading,
    /// In the group `startup` only: it keeps nothing.
    Startup,
}

/// A runtime, set up in one way.
pub(crate) trait Runtime {
    /// What its rows are called.
    fn name(&self) -> &'static str;

    /// Where it takes part.
    fn part(&self) -> Part {
        Part::All
    }

    /// Parses, validates and translates a module, in full or as far as this way does that before
    /// the module runs, and defines its imports.
    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>>;
}

/// A module that is ready to be instantiated.
pub(crate) trait Compiled {
    /// Instantiates the module in a store of its own.
    fn instantiate(&mut self) -> Result<Box<dyn Instance>>;

    /// Defines the imports anew, in a linker of its own.
    fn link(&mut self) -> Result {
        Err("cannot define imports apart from the module".into())
    }
}

/// A module that runs.
pub(crate) trait Instance {
    /// Calls an exported function with at most one result.
    fn call(&mut self, name: &str, args: &[Value]) -> Result<Option<Value>>;

    /// Looks up an exported function from i32 to i32 once, and calls it n times, each time with
    /// the result of the last.
    fn call_often(&mut self, name: &str, n: u32) -> Result<i32>;

    /// Writes to the memory that is exported as `memory`.
    fn write(&mut self, at: usize, bytes: &[u8]) -> Result;
}

/// Every runtime that this program was built with.
pub(crate) fn all() -> Vec<Box<dyn Runtime>> {
    #[allow(unused_mut, reason = "without peers it stays as it is")]
    let mut all: Vec<Box<dyn Runtime>> = burdock::all().collect();
    all.push(Box::new(wasmparser::Wasmparser));
    #[cfg(feature = "wasmi")]
    all.extend(wasmi::all());
    #[cfg(feature = "wasm3")]
    all.push(Box::new(wasm3::Wasm3));
    #[cfg(feature = "wamr")]
    all.push(Box::new(wamr::Wamr));
    #[cfg(feature = "stitch")]
    all.push(Box::new(stitch::Stitch));
    #[cfg(feature = "tinywasm")]
    all.push(Box::new(tinywasm::Tinywasm));
    #[cfg(feature = "submilli")]
    all.push(Box::new(submilli::Submilli));
    #[cfg(feature = "wasmtime")]
    all.extend(wasmtime::all());
    all
}
