//! A hook with a range of addresses is told of the same accesses as one without, of those that
//! touch the range; and what it changes has the same effect.

use crate::common;
use burdock::*;
use std::fmt::Write as _;
use std::ops::Range;

/// Writes down the accesses that touch a range, changes operands and locals there, and suspends the
/// guest at each if it is to.
struct Watcher {
    /// The memory, or `None` for all.
    memory: Option<u32>,
    range: Range<u64>,
    suspends: bool,
    text: String,
    told: u32,
    snapshot: Option<Snapshot>,
}

impl Hook<()> for Watcher {
    const EVENTS: Events = Events::MEMORY;

    fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        let (Event::MemoryRead(access) | Event::MemoryWrite(access)) = event else {
            return Ok(());
        };
        if self.memory.is_some_and(|memory| memory != access.memory) {
            return Ok(());
        }
        let end = access.address + access.len;
        if access.address.max(self.range.start) >= end.min(self.range.end) {
            return Ok(());
        }
        self.told += 1;
        if self.told == 2 {
            self.snapshot = Some(store.snapshot(None)?);
        }
        let frame = store.frame().unwrap();
        let (locals, operands) = (frame.num_locals(&mut store)?, frame.num_operands(&mut store)?);
        let locals = (0..locals).map(|i| frame.local(&mut store, i)).collect::<Result<Vec<_>>>()?;
        let operands =
            (0..operands).map(|i| frame.operand(&mut store, i)).collect::<Result<Vec<_>>>()?;
        let (offset, name) = (frame.offset(), frame.func_name(&store).unwrap_or("?"));
        writeln!(self.text, "{name}@{offset} {access:?} {locals:?} {operands:?}").unwrap();
        if self.told.is_multiple_of(3) {
            for (index, local) in locals.into_iter().enumerate() {
                if matches!(local, Val::I64(_) | Val::F64(_)) {
                    frame.set_local(&mut store, index as u32, changed(local))?;
                }
            }
        }
        if self.told.is_multiple_of(4)
            && matches!(event, Event::MemoryWrite(_))
            && access.value.is_some()
        {
            let top = operands.len() as u32 - 1;
            frame.set_operand(&mut store, top, changed(operands[top as usize]))?;
        }
        ensure!(!self.suspends, "stop");
        Ok(())
    }
}

fn changed(value: Val) -> Val {
    match value {
        Val::I32(value) => Val::I32(value ^ 1),
        Val::I64(value) => Val::I64(value + 1),
        Val::F64(bits) => Val::F64((f64::from_bits(bits) + 1.0).to_bits()),
        other => other,
    }
}

/// Runs a module with a hook that is attached with a filter. Returns what the hook has written down
/// and the results: of the run, of a run from a snapshot that the hook has taken, and without it.
fn run(config: &Config, wat: &str, args: &[i32], filter: Filter, watcher: Watcher) -> String {
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    store.edit_breakpoints();
    // Only a debugged engine consumes fuel.
    let _ = store.set_fuel(10_000_000);
    let id = store.attach(filter, watcher);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_func(&mut store, "run").unwrap();
    let args: Vec<Val> = args.iter().copied().map(Val::I32).collect();
    let mut results = vec![Val::I32(0); f.ty(&store).results().len()];
    let call = f.call_resumable(&mut store, &args, &mut results);
    let outcome = end(&mut store, call, &mut results);
    let watcher = store.hook_mut(id).unwrap();
    assert!(watcher.told > 0, "{:?} is not accessed", watcher.range);
    let again = watcher.snapshot.take().map(|snapshot| {
        let call = snapshot.resume(&mut store, &mut results);
        end(&mut store, call, &mut results)
    });
    let Watcher { mut text, .. } = store.detach(id).unwrap();
    let without = f.call(&mut store, &args, &mut results).is_ok();
    let fuel = store.get_fuel().ok();
    writeln!(text, "{outcome} {again:?} {without} {results:?} {fuel:?}").unwrap();
    text
}

/// Resumes a call until it ends. Returns how it has ended.
fn end(store: &mut Store<()>, call: Result<ResumableCall>, results: &mut [Val]) -> String {
    let mut call = call;
    loop {
        match call {
            Ok(ResumableCall::Finished) => return format!("{results:?}"),
            Ok(ResumableCall::HookError(stop)) => call = stop.resume(&mut *store, results),
            Ok(other) => panic!("{other:?}"),
            Err(error) => return format!("{:#}", error.root_cause()),
        }
    }
}

fn check(wat: &str, args: &[i32], ranges: &[Range<u64>]) {
    let debugged = common::configs().into_iter().map(|mut config| {
        config.guest_debug(true).epoch_interruption(true).consume_fuel(true);
        config
    });
    for (number, config) in common::configs().into_iter().chain(debugged).enumerate() {
        for range in ranges {
            let run = |memory, filter: Filter| {
                let (text, suspends) = (String::new(), number.is_multiple_of(2));
                let range = range.clone();
                let watcher = Watcher { memory, range, suspends, text, told: 0, snapshot: None };
                run(&config, wat, args, filter, watcher)
            };
            let filter = Filter::new().memory(range.clone());
            assert_eq!(run(None, filter), run(None, Filter::new()), "{range:?}");
            let filter = Filter::new().memory_of(0, range.clone());
            assert_eq!(run(Some(0), filter), run(Some(0), Filter::new()), "{range:?}");
            // Accesses between ranges that are far apart.
            let apart = |filter: Filter| filter.memory_of(0, 0..1).memory_of(1, 60_000..60_001);
            let filter = apart(Filter::new().memory_of(0, range.clone()));
            assert_eq!(run(Some(0), filter), run(Some(0), Filter::new()), "{range:?} and others");
        }
    }
}

const SIEVE: &str = include_str!("../../../../benches/kernels/sieve.wat");
const MATMUL: &str = include_str!("../../../../benches/kernels/matmul.wat");
const EVENTS: &str = include_str!("observe/watched.wat");
/// Calls, traps and references with locals in registers around them.
const MIXED: &str = r#"(module
    (type $node (struct (field (mut i32)) (field (ref null $node))))
    (memory 1)
    (func $add (param i32 i32) (result i32)
        (i32.store offset=8 (local.get 0) (local.get 1))
        (i32.add (local.get 0) (local.get 1)))
    (func (export "run") (param $i i32) (param $n i32) (result i32 i64 f64)
        (local $sum i32) (local $wide i64) (local $float f64)
        (local $list (ref null $node))
        (loop $l
            (local.set $list (struct.new $node (i32.load (local.get $i)) (local.get $list)))
            (local.set $sum (i32.add (local.get $sum)
                (call $add (local.get $i)
                    (i32.load8_u offset=3 (i32.and (local.get $sum) (i32.const 63))))))
            (local.set $wide (i64.add (local.get $wide) (i64.load (local.get $i))))
            (local.set $float (f64.add (local.get $float)
                (f64.convert_i32_u (i32.load16_u (i32.and (local.get $sum) (i32.const 63))))))
            (f64.store (i32.const 20) (local.get $float))
            ;; Operands that are locals, constants and sums, below the address; a wrapped address.
            (local.get $wide) (local.get $i) (i32.const 9) (i64.const 5)
            (i32.store16 offset=2
                (i32.wrap_i64 (i64.add (i64.extend_i32_u (local.get $i)) (i64.const 0x700000000)))
                (local.get $sum))
            (local.set $wide) (local.set $sum (i32.add (local.get $sum))) (drop) (drop)
            (i32.store8 (local.get $i) (struct.get $node 0 (local.get $list)))
            (br_if $l (i32.lt_u
                (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.set $sum (i32.div_u (local.get $sum) (i32.load8_u (local.get $i))))
        (local.get $sum) (local.get $wide) (local.get $float)))"#;

/// Operators on spans of two memories, which wrap around or trap at the end.
const SPANS: &str = r#"(module
    (memory 1) (memory $wide i64 1)
    (data $d "abcdefghijklmnop")
    (func $each (param $at i32) (param $len i32)
        (memory.fill (local.get $at) (i32.const 7) (local.get $len))
        (memory.fill $wide (i64.extend_i32_u (local.get $at)) (i32.const 9) (i64.const 3))
        (memory.copy (i32.add (local.get $at) (i32.const 40)) (local.get $at) (local.get $len))
        (memory.copy 0 $wide (local.get $at) (i64.const 64) (i32.const 4))
        (memory.copy $wide 0 (i64.const 64) (local.get $at) (local.get $len))
        (memory.init $d (local.get $at) (i32.const 4) (i32.const 8)))
    (func (export "run") (param $i i32) (param $n i32) (result i32 i64 f64)
        (local $sum i32) (local $wide i64) (local $float f64)
        (loop $l
            (call $each (local.get $i) (i32.and (local.get $i) (i32.const 15)))
            (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $i))))
            (memory.fill
                (i32.wrap_i64 (i64.add (i64.extend_i32_u (local.get $i)) (i64.const 0x700000000)))
                (local.get $sum) (i32.const 2))
            (local.set $wide (i64.add (local.get $wide) (i64.load (local.get $i))))
            (local.set $float (f64.add (local.get $float) (f64.convert_i64_s (local.get $wide))))
            (br_if $l (i32.lt_u
                (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum) (local.get $wide) (local.get $float)))"#;

/// Notes the memories and addresses of accesses.
#[derive(Default)]
struct Accesses(Vec<(u32, u64)>);

impl Hook<()> for Accesses {
    const EVENTS: Events = Events::MEMORY;

    fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        if let Event::MemoryRead(access) | Event::MemoryWrite(access) = event {
            self.0.push((access.memory, access.address));
        }
        Ok(())
    }
}

#[test]
fn one_memory_is_watched_in_all_instances() {
    let wat = r#"(module
        (import "host" "shared" (memory $shared 1)) (memory $own 1)
        (func (export "run") (param $at i32)
            (i32.store $own (local.get $at) (i32.const 1))
            (i32.store8 $shared offset=2 (local.get $at) (i32.const 2))
            (memory.copy $own $shared (i32.const 0) (local.get $at) (i32.const 4))))"#;
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
        let mut other_store = Store::new(&engine, ());
        let foreign = Memory::new(&mut other_store, MemoryType::new(1, None)).unwrap();
        let instance = |store: &mut Store<()>, first: Memory| {
            let instance = Instance::new(&mut *store, &module, &[first.into()]).unwrap();
            instance.get_typed_func::<i32, ()>(store, "run").unwrap()
        };
        let a = instance(&mut store, memory);
        let filter = Filter::new().memory_in(memory, 10..13);
        let one = store.attach(filter, Accesses::default());
        let filter = Filter::new().memory_in(foreign, 0..u64::MAX);
        let none = store.attach(filter, Accesses::default());
        let b = instance(&mut store, memory);
        let apart = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
        let c = instance(&mut store, apart);
        for at in [0, 9, 10, 13] {
            for run in [&a, &b, &c] {
                run.call(&mut store, at).unwrap();
            }
        }
        // The store's address and the copy's, in the instances that have the memory.
        let (nine, ten) = ([(0, 11), (0, 9)], [(0, 12), (0, 10)]);
        let expected = [nine, nine, ten, ten].concat();
        assert_eq!(store.detach(one).unwrap().0, expected);
        assert!(store.detach(none).unwrap().0.is_empty());
    }
}

#[test]
fn hooks_of_addresses_are_told_what_others_are_told() {
    check(SIEVE, &[64], &[5..6, 8..24, 0..64, 1..2]);
    check(MATMUL, &[3], &[0..8, 12..13, 100..140, 0..u64::MAX]);
    check(EVENTS, &[12, 5], &[13..14, 18..20, 33..34]);
    check(MIXED, &[0, 40], &[3..4, 20..28, 27..30, 31..32, 0..64]);
    check(MIXED, &[65_500, 70_000], &[65_530..65_531, 65_528..65_544]);
    check(SPANS, &[0, 48], &[0..1, 20..28, 64..66, 87..90, 0..u64::MAX]);
    check(SPANS, &[65_490, 70_000], &[65_496..65_497, 65_535..65_536]);
}

/// Does nothing at calls of functions.
struct Quiet;

impl Hook<Option<HookId<Quiet>>> for Quiet {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, _: StoreContextMut<'_, Option<HookId<Self>>>, _: Event<'_>) -> Result<()> {
        Ok(())
    }
}

/// Does nothing at accesses.
struct Unmoved;

impl<T: 'static> Hook<T> for Unmoved {
    const EVENTS: Events = Events::MEMORY;

    fn event(&mut self, _: StoreContextMut<'_, T>, _: Event<'_>) -> Result<()> {
        Ok(())
    }
}

/// A function has its values when it goes on in the code for a watched range, or in the code for
/// other events.
#[test]
fn hooks_change_while_a_function_waits() {
    let wat = r#"(module
        (import "host" "change" (func $change (param i32)))
        (memory 1)
        (func (export "run") (param i32 i64 i32) (result i32 i64 i32)
            (local $own i32)
            (local.set $own (i32.const 70))
            (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (local.set 1 (i64.add (local.get 1) (i64.const 1)))
            (i32.add (local.get 2) (i32.const 5))
            (call $change (local.get $own))
            (local.set $own (i32.add (local.get $own)))
            (i32.store (i32.const 8) (local.get $own))
            (local.set 0 (i32.add (local.get 0) (i32.load (i32.const 8))))
            (local.get 0) (local.get 1) (local.get $own)))"#;
    for (config, watched_first) in
        common::configs().into_iter().flat_map(|c| [(c.clone(), false), (c, true)])
    {
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let mut store: Store<Option<HookId<Quiet>>> = Store::new(&engine, None);
        let watched = || Filter::new().memory(8..9);
        let change =
            Func::wrap(&mut store, move |mut caller: Caller<'_, Option<HookId<Quiet>>>, _: i32| {
                match caller.data_mut().take() {
                    Some(quiet) => {
                        caller.as_context_mut().detach(quiet);
                        caller.as_context_mut().attach(watched(), Unmoved);
                    }
                    None => {
                        caller.as_context_mut().attach(Filter::new(), Quiet);
                    }
                }
            });
        if watched_first {
            store.attach(watched(), Unmoved);
        } else {
            let quiet = store.attach(Filter::new(), Quiet);
            *store.data_mut() = Some(quiet);
        }
        let instance = Instance::new(&mut store, &module, &[change.into()]).unwrap();
        let run =
            instance.get_typed_func::<(i32, i64, i32), (i32, i64, i32)>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, (1, 20, 300)).unwrap(), (377, 21, 375), "{watched_first}");
    }
}
