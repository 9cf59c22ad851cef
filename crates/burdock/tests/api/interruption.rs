//! Fuel and epochs: what they cost, when they stop a guest, and how the host can intervene.

use crate::common::{self, instance};
use burdock::*;

const ENDLESS: &str = r#"(module
    (func (export "loop") (loop (br 0)))
    (func $f (export "calls") (return_call $f2)) (func $f2 (return_call $f))
    (func (export "straight") (result i32)
        (i32.add (i32.const 1) (i32.const 2))))"#;

fn fuelled(fuel: u64, mode: CompilationMode) -> (Store<()>, Instance) {
    let mut config = Config::new();
    config.consume_fuel(true).compilation_mode(mode);
    let (mut store, instance) = instance(&config, ENDLESS);
    store.set_fuel(fuel).unwrap();
    (store, instance)
}

#[test]
fn fuel_needs_to_be_configured() {
    let mut store = Store::new(&Engine::default(), ());
    let expected = "fuel is not configured in this store";
    assert_eq!(store.get_fuel().unwrap_err().to_string(), expected);
    assert_eq!(store.set_fuel(1).unwrap_err().to_string(), expected);
}

#[test]
fn a_store_has_no_fuel_at_first() {
    let (mut store, instance) = fuelled(0, CompilationMode::Eager);
    assert_eq!(store.get_fuel().unwrap(), 0);
    let straight = instance.get_typed_func::<(), i32>(&mut store, "straight").unwrap();
    let error = straight.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
}

#[test]
fn fuel_counts_operators_in_every_mode() {
    for mode in [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy] {
        let (mut store, instance) = fuelled(100, mode);
        let straight = instance.get_typed_func::<(), i32>(&mut store, "straight").unwrap();
        assert_eq!(straight.call(&mut store, ()).unwrap(), 3);
        // One for the function, one each for two constants and the addition.
        assert_eq!(store.get_fuel().unwrap(), 96, "{mode:?}");
    }
}

#[test]
fn endless_guests_run_out_of_fuel() {
    for name in ["loop", "calls"] {
        let (mut store, instance) = fuelled(10_000, CompilationMode::Eager);
        let func = instance.get_typed_func::<(), ()>(&mut store, name).unwrap();
        let error = func.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "{name}");
        assert_eq!(error.root_cause().to_string(), "wasm trap: all fuel consumed by WebAssembly");
    }
}

#[test]
fn the_host_can_read_and_give_fuel_while_a_guest_runs() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config).unwrap();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "refuel", |mut caller: Caller<'_, u32>| -> Result<()> {
            *caller.data_mut() += 1;
            if *caller.data() == 50 {
                bail!("enough");
            }
            let left = caller.get_fuel()?;
            caller.set_fuel(left + 10)
        })
        .unwrap();
    let wat = r#"(module (import "host" "refuel" (func $r)) (func (export "f") (loop (call $r) (br 0))))"#;
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &common::module(&engine, wat)).unwrap();
    store.set_fuel(10).unwrap();
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    let error = f.call(&mut store, ()).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "enough");
}

#[test]
fn fuel_is_consumed_by_start_functions() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config).unwrap();
    let module = common::module(&engine, "(module (func $f (loop (br 0))) (start $f))");
    let mut store = Store::new(&engine, ());
    store.set_fuel(100).unwrap();
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
}

fn with_epochs() -> (Store<()>, Instance) {
    let mut config = Config::new();
    config.epoch_interruption(true);
    instance(&config, ENDLESS)
}

#[test]
fn a_guest_traps_at_its_deadline() {
    let (mut store, instance) = with_epochs();
    let straight = instance.get_typed_func::<(), i32>(&mut store, "straight").unwrap();
    let interrupted = |store: &mut Store<()>| {
        let error = straight.call(store, ()).expect_err("the deadline is reached");
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
        assert_eq!(error.root_cause().to_string(), "wasm trap: interrupt");
    };
    interrupted(&mut store);
    store.set_epoch_deadline(2);
    assert_eq!(straight.call(&mut store, ()).unwrap(), 3);
    store.engine().increment_epoch();
    assert_eq!(straight.call(&mut store, ()).unwrap(), 3);
    store.engine().increment_epoch();
    interrupted(&mut store);
}

#[test]
fn another_thread_interrupts_endless_guests() {
    for name in ["loop", "calls"] {
        let (mut store, instance) = with_epochs();
        store.set_epoch_deadline(1);
        let func = instance.get_typed_func::<(), ()>(&mut store, name).unwrap();
        let engine = store.engine().clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            engine.increment_epoch();
        });
        let error = func.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt), "{name}");
        thread.join().unwrap();
    }
}

#[test]
fn a_callback_decides_at_the_deadline() {
    let (mut store, instance) = with_epochs();
    let mut left = 3;
    store.epoch_deadline_callback(move |store| {
        left -= 1;
        store.engine().increment_epoch();
        match left {
            0 => Ok(UpdateDeadline::Interrupt),
            1 => Ok(UpdateDeadline::Yield(0)),
            _ => Ok(UpdateDeadline::Continue(0)),
        }
    });
    let endless = instance.get_typed_func::<(), ()>(&mut store, "loop").unwrap();
    let error = endless.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    store.epoch_deadline_callback(|_| bail!("no more time"));
    let error = endless.call(&mut store, ()).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "no more time");
    store.epoch_deadline_trap();
    let error = endless.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
}

#[test]
fn start_functions_are_interrupted_too() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config).unwrap();
    let module = common::module(&engine, "(module (func $f (loop (br 0))) (start $f))");
    let error = Instance::new(&mut Store::new(&engine, ()), &module, &[]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
}

#[test]
fn operators_cost_what_the_configuration_says() {
    let wat = r#"(module (func (export "run") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.mul (local.get 0) (i32.const 3)))
            (else (nop) (i32.const 1)))))"#;
    let costs = OperatorCost { I32Mul: 100, Nop: 10, Else: 7, End: 2, ..OperatorCost::new() };
    // The function, `local.get` and `if`; `end` of the function.
    for (arg, cost) in [(5, 3 + 1 + 1 + 100 + 7 + 2), (0, 3 + 10 + 1 + 2 + 2)] {
        for mut config in common::configs() {
            config.consume_fuel(true).operator_cost(costs.clone());
            let (mut store, instance) = instance(&config, wat);
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
            store.set_fuel(1000).unwrap();
            run.call(&mut store, arg).unwrap();
            assert_eq!(1000 - store.get_fuel().unwrap(), cost, "{arg} {config:?}");
        }
    }
}

#[test]
fn operators_cost_by_what_they_work_on() {
    let wat = r#"(module (memory 1 10) (table $t 9 99 funcref) (data $d "abcdefgh")
        (elem $e funcref (ref.null func) (ref.null func))
        (func (export "memory.fill") (param i32)
            (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
        (func (export "memory.copy") (param i32)
            (memory.copy (i32.const 0) (i32.const 1) (local.get 0)))
        (func (export "memory.init") (param i32)
            (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)))
        (func (export "memory.grow") (param i32) (drop (memory.grow (local.get 0))))
        (func (export "table.fill") (param i32)
            (table.fill $t (i32.const 0) (ref.null func) (local.get 0)))
        (func (export "table.copy") (param i32)
            (table.copy $t $t (i32.const 0) (i32.const 1) (local.get 0)))
        (func (export "table.init") (param i32)
            (table.init $t $e (i32.const 0) (i32.const 0) (local.get 0)))
        (func (export "table.grow") (param i32)
            (drop (table.grow $t (ref.null func) (local.get 0)))))"#;
    let variable = VariableOperatorCost {
        memory_copy_per_byte: 2,
        memory_init_per_byte: 3,
        memory_grow_per_page: 100,
        table_fill_per_element: 0,
        ..VariableOperatorCost::new()
    };
    let costs = OperatorCost { variable, ..OperatorCost::new() };
    // The function and its operators, then what they cost for 2 and for 0 units.
    let rows = [
        ("memory.fill", 5, 2),
        ("memory.copy", 5, 4),
        ("memory.init", 5, 6),
        ("memory.grow", 3, 200),
        ("table.fill", 5, 0),
        ("table.copy", 5, 2),
        ("table.init", 5, 2),
        ("table.grow", 4, 2),
    ];
    for mut config in common::configs() {
        config.consume_fuel(true).operator_cost(costs.clone());
        let (mut store, instance) = instance(&config, wat);
        for (name, flat, two) in rows {
            let run = instance.get_typed_func::<i32, ()>(&mut store, name).unwrap();
            for (arg, cost) in [(2, flat + two), (0, flat)] {
                store.set_fuel(1000).unwrap();
                run.call(&mut store, arg).unwrap();
                assert_eq!(1000 - store.get_fuel().unwrap(), cost, "{name} {arg} {config:?}");
            }
        }
        // With too little, nothing is done; with more, the call continues.
        let fill = instance.get_typed_func::<i32, ()>(&mut store, "memory.fill").unwrap();
        store.set_fuel(100).unwrap();
        let call = fill.call_resumable(&mut store, 1000).unwrap();
        let TypedResumableCall::OutOfFuel(call) = call else { panic!("it had enough fuel") };
        assert_eq!((call.required_fuel(), store.get_fuel().unwrap()), (1001, 95));
        store.set_fuel(1001).unwrap();
        assert!(matches!(call.resume(&mut store), Ok(TypedResumableCall::Finished(()))));
        assert_eq!(store.get_fuel().unwrap(), 1);
    }
}

#[test]
fn a_yield_interval_is_checked() {
    let mut store = Store::new(&Engine::default(), ());
    let expected = "fuel is not configured in this store";
    assert_eq!(store.fuel_async_yield_interval(None).unwrap_err().to_string(), expected);
    let (mut store, _) = fuelled(0, CompilationMode::Eager);
    store.fuel_async_yield_interval(Some(10)).unwrap();
    let error = store.fuel_async_yield_interval(Some(0)).unwrap_err();
    assert_eq!(error.to_string(), "fuel_async_yield_interval must not be 0");
}

/// Counts interrupts and deadlines, and ends the guest after so many interrupts.
struct Interrupted {
    interrupts: u32,
    deadlines: u32,
    end: u32,
}

impl Hook<()> for Interrupted {
    const EVENTS: Events = Events::INTERRUPTS;

    fn event(&mut self, store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        match event {
            Event::Interrupt => self.interrupts += 1,
            Event::EpochDeadline => self.deadlines += 1,
            _ => {}
        }
        if self.interrupts == 1 {
            // The next tick reaches the deadline.
            store.engine().increment_epoch();
        }
        ensure!(self.interrupts < self.end, "enough");
        Ok(())
    }
}

#[test]
fn a_handle_interrupts_one_store_and_leaves_deadlines_alone() {
    let wat = r#"(module (func (export "spin") (loop (br 0))) (func (export "f")))"#;
    for mut config in common::configs() {
        config.epoch_interruption(true);
        for deadline in [1, 1 << 39, 1 << 50, u64::MAX] {
            let (mut store, instance) = common::instance(&config, wat);
            let engine = store.engine().clone();
            store.set_epoch_deadline(deadline);
            store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
            let hook = Interrupted { interrupts: 0, deadlines: 0, end: 2 };
            let hook = store.attach(Filter::new(), hook);
            let handle = store.interrupt_handle().unwrap();
            // Without a guest, the next one is interrupted, once.
            handle.interrupt();
            handle.interrupt();
            let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
            f.call(&mut store, ()).unwrap();
            f.call(&mut store, ()).unwrap();
            assert_eq!(store.hook(hook).unwrap().interrupts, 1);
            assert_eq!(store.hook(hook).unwrap().deadlines, u32::from(deadline == 1));
            // Another store of the engine does not notice.
            let mut other = Store::new(&engine, ());
            let module = common::module(&engine, wat);
            other.set_epoch_deadline(2);
            handle.interrupt();
            let own = Instance::new(&mut other, &module, &[]).unwrap();
            own.get_typed_func::<(), ()>(&mut other, "f").unwrap().call(&mut other, ()).unwrap();
            // The store itself does, in the middle of an endless loop.
            let spin = instance.get_typed_func::<(), ()>(&mut store, "spin").unwrap();
            let error = spin.call(&mut store, ()).unwrap_err();
            assert_eq!(error.root_cause().to_string(), "enough");
        }
    }
}

#[test]
fn a_handle_needs_checks_in_the_code() {
    let mut store = Store::new(&Engine::default(), ());
    let error = store.interrupt_handle().unwrap_err();
    assert!(error.to_string().contains("epoch_interruption"), "{error}");
}
