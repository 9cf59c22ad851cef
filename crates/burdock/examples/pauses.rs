//! Measures the pauses of collections, and the time of an allocation, for live heaps of several
//! sizes: `cargo xtask pauses [MIB ...]`.
//!
//! A heap is filled with nodes of 32 bytes, either as a list in the order of allocation or linked
//! at random, which is the worst that a collector can meet. Then structures of 32 bytes are
//! allocated and dropped; every 64th is held by an old node until the next one replaces it.

use burdock::{
    Collection, Engine, Event, Events, Filter, Hook, Instance, Module, Result, Store,
    StoreContextMut, TypedFunc,
};
use std::time::{Duration, Instant};

const GUEST: &str = r#"(module
    (type $node (struct (field $next (mut (ref null $node))) (field i64) (field i64)))
    (type $nodes (array (mut (ref null $node))))
    (global $list (mut (ref null $node)) (ref.null $node))
    (global $all (mut (ref null $nodes)) (ref.null $nodes))
    (global $holder (mut (ref null $node)) (ref.null $node))

    (func (export "fill") (param $n i32)
        (global.set $holder (struct.new_default $node))
        (loop $more
            (global.set $list (struct.new $node (global.get $list) (i64.const 1) (i64.const 2)))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

    (func (export "link_at_random") (param $n i32) (local $i i32) (local $random i32)
        (global.set $all (array.new_default $nodes (local.get $n)))
        (loop $more
            (array.set $nodes (global.get $all) (local.get $i) (global.get $list))
            (global.set $list (struct.get $node $next (global.get $list)))
            (br_if $more (i32.lt_u
                (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.set $random (i32.const 1))
        ;; From the last to the first node each links to one of those before it, but only the
        ;; array leads to all of them.
        (loop $more
            (local.set $i (i32.sub (local.get $i) (i32.const 1)))
            (local.set $random
                (i32.add (i32.mul (local.get $random) (i32.const 1664525)) (i32.const 1013904223)))
            (struct.set $node $next
                (array.get $nodes (global.get $all) (local.get $i))
                (array.get $nodes (global.get $all)
                    (i32.rem_u (i32.shr_u (local.get $random) (i32.const 4)) (local.get $n))))
            (br_if $more (local.get $i)))
        (global.set $list (array.get $nodes (global.get $all) (i32.const 0))))

    (func (export "churn") (param $n i32) (local $cell (ref null $node))
        (loop $more
            (local.set $cell (struct.new $node (ref.null $node) (i64.const 3) (i64.const 4)))
            (if (i32.eqz (i32.and (local.get $n) (i32.const 63)))
                (then (struct.set $node $next (global.get $holder) (local.get $cell))))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;

/// The size of a node in bytes.
const NODE: usize = 32;

/// The number of collections of all objects that are measured.
const FULL: usize = 3;

/// Keeps what it is told of collections.
struct Record;

impl Hook<Vec<Collection>> for Record {
    const EVENTS: Events = Events::COLLECTIONS;

    fn event(
        &mut self,
        mut store: StoreContextMut<'_, Vec<Collection>>,
        event: Event<'_>,
    ) -> Result<()> {
        if let Event::Collected(collection) = event {
            store.data_mut().push(collection);
        }
        Ok(())
    }
}

/// Returns the number, the median and the longest of the pauses that were recorded, in
/// milliseconds.
fn pauses(collections: &[Collection], full: bool) -> (usize, f64, f64) {
    let pauses = collections.iter().filter(|collection| collection.is_full == full);
    let mut pauses: Vec<Duration> = pauses.map(|collection| collection.pause).collect();
    pauses.sort();
    let [median, longest] = [pauses.get(pauses.len() / 2), pauses.last()]
        .map(|pause| pause.map_or(0.0, |pause| pause.as_secs_f64() * 1e3));
    (pauses.len(), median, longest)
}

/// Measures a heap in which so many bytes live, and prints a row.
fn measure(mib: usize, at_random: bool) -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::new());
    let module = Module::new(&engine, GUEST)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let func = |store: &mut Store<_>, name| -> Result<TypedFunc<i32, ()>> {
        instance.get_typed_func(store, name)
    };
    // The array takes 4 bytes for each node.
    let nodes = (mib << 20) / if at_random { NODE + 4 } else { NODE };
    func(&mut store, "fill")?.call(&mut store, nodes as i32)?;
    if at_random {
        func(&mut store, "link_at_random")?.call(&mut store, nodes as i32)?;
    }
    store.gc(None)?;

    store.attach(Filter::new(), Record);
    let churn = func(&mut store, "churn")?;
    let allocated = 20_000_000;
    let started = Instant::now();
    churn.call(&mut store, allocated)?;
    let nanos = started.elapsed().as_nanos() as f64 / f64::from(allocated);
    let ordinary = std::mem::take(store.data_mut());
    for _ in 0..FULL {
        store.gc(None)?;
    }
    let order = if at_random { "random" } else { "in order" };
    let (count, median, longest) = pauses(&ordinary, false);
    let (_, full, longest_full) = pauses(store.data(), true);
    println!(
        "{mib:8} {order:>8} {count:8} {median:9.2} {longest:9.2} {full:9.1} {longest_full:9.1} \
         {nanos:8.1}"
    );
    Ok(())
}

fn main() -> Result<()> {
    let mut sizes = Vec::new();
    for size in std::env::args().skip(1) {
        let size = size.parse().ok().filter(|size| (1..=2048).contains(size));
        sizes.push(size.ok_or_else(|| {
            burdock::Error::msg("the sizes of live heaps are numbers of MiB from 1 to 2048")
        })?);
    }
    if sizes.is_empty() {
        sizes.extend([1, 100, 1024]);
    }
    println!("                  ordinary collections (ms)     full (ms)            allocate");
    println!("live MiB    order    count    median   longest    median   longest  32 B, ns");
    for size in sizes {
        measure(size, false)?;
        measure(size, true)?;
    }
    Ok(())
}
