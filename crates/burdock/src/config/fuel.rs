//! The settings of fuel.

use super::Config;
use alloc::sync::Arc;
use burdock_translate::OperatorCost;

/// The fuel that a function takes for being translated at its first call.
///
/// Source: wasmi's `CustomFuelCosts`.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct TranslationCost {
    /// The fuel for each byte of the function's body that is translated.
    pub translated_per_byte: u32,
    /// The fuel for each byte of the function's body that is validated, in addition, if validation
    /// also waits for the first call ([`CompilationMode::Lazy`](crate::CompilationMode)).
    pub validated_per_byte: u32,
}

impl Config {
    /// Sets whether guests consume fuel and trap without it (see
    /// [`Store::set_fuel`](crate::Store::set_fuel)). Off by default. docs/FUEL.md lists the cost of
    /// each operator, and the points where a guest stops.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Self {
        self.consume_fuel = enable;
        self
    }

    /// Sets the cost of each operator where guests consume fuel, and the cost of `memory.fill` and
    /// similar operators for each byte ([`OperatorCost::variable`]). Entering a function costs 1 in
    /// addition.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::{Config, OperatorCost};
    /// let costs = OperatorCost { I64DivU: 10, ..OperatorCost::new() };
    /// Config::new().consume_fuel(true).operator_cost(costs);
    /// ```
    pub fn operator_cost(&mut self, cost: OperatorCost) -> &mut Self {
        self.operator_cost = Some(Arc::new(cost));
        self
    }

    /// Sets the cost of translating a function at its first call, where guests consume fuel.
    /// Without this setting translation takes no fuel, so that a call takes the same fuel in every
    /// [`CompilationMode`](crate::CompilationMode).
    ///
    /// The store that calls a function first pays, and all instances of the module share the
    /// translation. A store that has less fuel stops before the function is translated.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock::*;
    /// let mut config = Config::new();
    /// let cost = TranslationCost { translated_per_byte: 10, validated_per_byte: 0 };
    /// config.consume_fuel(true).translation_cost(cost);
    /// let engine = Engine::new(&config)?;
    /// // The body has 2 bytes: the number of groups of locals, and `end`.
    /// let module = Module::new(&engine, r#"(module (func (export "f")))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&store, "f")?;
    /// store.set_fuel(100)?;
    /// f.call(&mut store, ())?;
    /// assert_eq!(store.get_fuel()?, 100 - 20 - 1);
    /// f.call(&mut store, ())?;
    /// assert_eq!(store.get_fuel()?, 100 - 20 - 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn translation_cost(&mut self, cost: TranslationCost) -> &mut Self {
        self.translation_cost = cost;
        self
    }

    /// Sets whether a store keeps the fuel that was too little when a call traps with
    /// [`Trap::OutOfFuel`](crate::Trap::OutOfFuel). Off by default: the store has no fuel left
    /// afterwards, as in Wasmtime.
    pub fn keep_fuel_after_trap(&mut self, enable: bool) -> &mut Self {
        self.keep_fuel = enable;
        self
    }
}
