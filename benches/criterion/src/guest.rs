//! Guests to measure: a module as text, instantiated, with the function that is called.

use burdock::{Caller, Config, Engine, Linker, Module, Store, TypedFunc};

/// An instance whose `run` takes the number of iterations and returns a number.
pub(crate) struct Guest {
    pub(crate) store: Store<u64>,
    pub(crate) run: TypedFunc<u32, i32>,
}

impl Guest {
    /// Instantiates a module that may import `host.add`.
    pub(crate) fn new(text: &str) -> Self {
        Self::with(&Config::new(), text)
    }

    /// Instantiates a module with a configuration.
    pub(crate) fn with(config: &Config, text: &str) -> Self {
        let engine = Engine::new(config).expect("the configuration is valid");
        let module = Module::new(&engine, text).expect("the module is valid");
        let linker = linker(&engine);
        let mut store = Store::new(&engine, 0);
        let instance = linker.instantiate(&mut store, &module).expect("the imports are defined");
        let run = instance.get_typed_func(&mut store, "run").expect("there is a function `run`");
        Self { store, run }
    }

    /// Calls `run`.
    pub(crate) fn run(&mut self, iterations: u32) -> i32 {
        self.run.call(&mut self.store, iterations).expect("`run` does not trap")
    }
}

/// Returns a linker that defines the host functions of all guests.
pub(crate) fn linker(engine: &Engine) -> Linker<u64> {
    let mut linker = Linker::new(engine);
    let add = |_: Caller<'_, u64>, a: i32, b: i32| a.wrapping_add(b);
    linker.func_wrap("host", "add", add).expect("the name is free");
    linker
}
