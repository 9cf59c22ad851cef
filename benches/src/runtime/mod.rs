//! The traits that a measured runtime implements, in one file for each runtime.

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

/// The groups in which a runtime takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All groups except `hook`; `hook` as well if the runtime has a configuration with a hook.
    All,
    /// Only the group `hook`: the runtime runs with a hook that counts.
    Hook,
    /// The groups `startup` and `memory`: the runtime translates nothing before the module runs.
    Loading,
    /// Only the group `startup`: the runtime keeps no code.
    Startup,
}

/// A runtime in one configuration.
pub(crate) trait Runtime {
    /// Returns the name of the runtime's rows.
    fn name(&self) -> &'static str;

    /// Returns the groups in which the runtime takes part.
    fn part(&self) -> Part {
        Part::All
    }

    /// Parses, validates and translates a module, as far as this configuration does so before the
    /// module runs, and defines its imports.
    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>>;
}

/// A module that is ready to be instantiated.
pub(crate) trait Compiled {
    /// Instantiates the module in a store of its own.
    fn instantiate(&mut self) -> Result<Box<dyn Instance>>;

    /// Defines the imports in a new linker.
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

/// Returns every runtime that this program was built with.
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
