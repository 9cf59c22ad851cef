//! The event of a collection, whose hook may use the store as any hook may: call guests, allocate,
//! collect, and fail.

use crate::common;
use burdock::*;

const PROGRAM: &str = r#"(module
    (type $list (struct (field i32) (field (ref null $list))))
    (func $cons (param $n i32) (param $rest (ref null $list)) (result (ref $list))
        (struct.new $list (local.get $n) (local.get $rest)))
    (func (export "sum") (param $n i32) (result i32) (local $list (ref null $list)) (local $sum i32)
        (loop $more
            (local.set $list (call $cons (local.get $n) (local.get $list)))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (loop $more
            (local.set $sum (i32.add (local.get $sum) (struct.get $list 0 (local.get $list))))
            (br_if $more (i32.eqz (ref.is_null
                (local.tee $list (struct.get $list 1 (local.get $list)))))))
        (local.get $sum))
    (tag $t (param i32))
    (func (export "caught") (param $n i32) (result i32)
        (block $h (result i32 exnref)
            (try_table (catch_ref $t $h) (throw $t (local.get $n)))
            (unreachable))
        (drop)))"#;

/// The reaction of a hook to a collection.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Nothing,
    /// Calls a guest that allocates, and collects all garbage.
    CallAndCollect,
    Fail,
}

#[derive(Default)]
struct Data {
    sum: Option<TypedFunc<i32, i32>>,
    told: u32,
}

struct Told(Answer);

impl Hook<Data> for Told {
    const EVENTS: Events = Events::COLLECTIONS;

    fn event(&mut self, mut store: StoreContextMut<'_, Data>, event: Event<'_>) -> Result<()> {
        let Event::Collected(collection) = event else { bail!("{event:?}") };
        assert!(collection.live_bytes <= collection.bytes_before, "{collection:?}");
        store.data_mut().told += 1;
        match self.0 {
            Answer::Nothing => Ok(()),
            Answer::Fail => Err(format_err!("no collection")),
            Answer::CallAndCollect => {
                let sum = store.data().sum.expect("the function");
                assert_eq!(sum.call(&mut store, 3)?, 6);
                store.gc(None)
            }
        }
    }
}

/// Calls a function of the program in a store that collects at each allocation. Returns the result,
/// or the error, and the number of events.
fn run(config: &Config, answer: Answer, name: &str) -> (Result<i32, String>, u32) {
    let mut config = config.clone();
    config.collect_at_every_allocation(true);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let mut store = Store::new(&engine, Data::default());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    store.data_mut().sum = Some(instance.get_typed_func(&mut store, "sum").unwrap());
    store.attach(Filter::new(), Told(answer));
    let func = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
    let result = func.call(&mut store, 10).map_err(|error| error.root_cause().to_string());
    (result, store.data().told)
}

#[test]
fn hooks_may_use_the_store_after_a_collection() {
    for config in common::configs() {
        for (name, expected) in [("sum", 55), ("caught", 10)] {
            let (result, told) = run(&config, Answer::Nothing, name);
            assert_eq!(result, Ok(expected), "{name}");
            assert!(told > 0, "{name}");
            let (result, told) = run(&config, Answer::CallAndCollect, name);
            assert_eq!(result, Ok(expected), "{name}");
            assert!(told > 0, "{name}");
            let (result, told) = run(&config, Answer::Fail, name);
            assert_eq!((result, told), (Err("no collection".into()), 1), "{name}");
        }
    }
}

#[test]
fn a_collection_for_the_host_is_told_where_the_host_allocates() {
    let mut config = Config::new();
    config.collect_at_every_allocation(true);
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, Data::default());
    let module = Module::new(&engine, PROGRAM).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    store.data_mut().sum = Some(instance.get_typed_func(&mut store, "sum").unwrap());
    let first = ExternRef::new(&mut store, 1).unwrap();
    let hook = store.attach(Filter::new(), Told(Answer::CallAndCollect));
    // What the host is about to put into an object stays alive while the hook collects.
    let field = FieldType::new(Mutability::Const, ValType::EXTERNREF.into());
    let ty = StructType::new(&engine, [field]).unwrap();
    let pre = StructRefPre::new(&mut store, ty);
    let object = StructRef::new(&mut store, &pre, &[first.into()]).unwrap();
    let value = object.field(&mut store, 0).unwrap().unwrap_externref().copied();
    let value = value.unwrap().data(&store).unwrap().unwrap();
    assert_eq!(value.downcast_ref(), Some(&1));
    assert!(store.data().told > 0);
    store.detach(hook);
    store.attach(Filter::new(), Told(Answer::Fail));
    let error = ExternRef::new(&mut store, 2).map(drop).unwrap_err();
    assert_eq!(error.to_string(), "no collection");
    assert_eq!(store.gc(None).unwrap_err().to_string(), "no collection");
}

#[test]
fn a_collection_during_instantiation_is_told_at_the_next_one() {
    let mut config = Config::new();
    config.collect_at_every_allocation(true);
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, Data::default());
    store.attach(Filter::new(), Told(Answer::Nothing));
    let module = Module::new(
        &engine,
        r#"(module
        (type $list (struct (field (ref null $list))))
        (global (ref $list)
            (struct.new $list (struct.new $list (struct.new $list (ref.null $list))))))"#,
    );
    Instance::new(&mut store, &module.unwrap(), &[]).unwrap();
    assert_eq!(store.data().told, 0);
    store.gc(None).unwrap();
    assert!(store.data().told > 1);
}

/// Only the last two cells of the queue are in use; locals in registers lead to them.
const QUEUE: &str = r#"(module
    (type $cell (struct (field i32) (field (mut (ref null $cell)))))
    (func (export "run") (param $n i32) (result i32)
        (local $last (ref null $cell)) (local $new (ref null $cell)) (local $sum i32)
        (local.set $last (struct.new $cell (i32.const 0) (ref.null $cell)))
        (loop $more
            (local.set $new (struct.new $cell (local.get $n) (ref.null $cell)))
            (struct.set $cell 1 (local.get $last) (local.get $new))
            (local.set $sum (i32.add (local.get $sum) (struct.get $cell 0 (local.get $last))))
            (local.set $last (local.get $new))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.add (local.get $sum) (struct.get $cell 0 (local.get $last)))))"#;

#[test]
fn what_a_register_leads_to_stays_and_what_none_leads_to_any_more_goes() {
    for mut config in common::configs() {
        for always in [false, true] {
            config.collect_at_every_allocation(always);
            let engine = Engine::new(&config).unwrap();
            let module = Module::new(&engine, QUEUE).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
            let cells = if always { 1_000 } else { 400_000 };
            let expected = (0..=cells).fold(0, i32::wrapping_add);
            assert_eq!(run.call(&mut store, cells).unwrap(), expected);
            let statistics = store.heap_statistics();
            assert!(statistics.collections > 0, "{statistics:?}");
            assert!(statistics.live_bytes < 1_000, "{statistics:?}");
        }
    }
}
