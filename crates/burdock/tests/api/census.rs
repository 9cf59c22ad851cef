//! The objects of a store by type, with their holders (`Store::live_types`), as text: a line for
//! each type.

use crate::common;
use burdock::*;

fn describe(store: &mut Store<()>) -> String {
    let types = store.live_types().unwrap();
    let name = |index: usize| match (&types[index].ty, &types[index].defined) {
        (_, Some((_, defined))) => format!("{defined}"),
        (ty, None) => ty.to_string(),
    };
    let line = |index: usize| {
        let LiveType { objects, bytes, retained_bytes, held_by, .. } = &types[index];
        let mut held_by: Vec<_> = held_by
            .iter()
            .map(|(holder, count)| match holder {
                Holder::Root(kind) => format!("{kind:?} {count}"),
                Holder::Type(index) => format!("type {} {count}", name(*index)),
                Holder::Field { ty, field } => format!("type {}.{field} {count}", name(*ty)),
                Holder::Descriptor(index) => format!("descriptor of type {} {count}", name(*index)),
            })
            .collect();
        held_by.sort();
        let held_by = held_by.join(", ");
        format!("{}: {objects} {bytes} {retained_bytes} <- {held_by}\n", name(index))
    };
    (0..types.len()).map(line).collect()
}

const PROGRAM: &str = r#"(module
    (type $leaf (struct))
    (type $pair (struct (field (mut (ref null $pair))) (field (ref null $leaf))))
    (type $pairs (array (mut (ref null $pair))))
    (type $large (array (mut i64)))
    (tag $e (export "e") (param (ref null $leaf)))
    (global $pairs (ref $pairs) (array.new_default $pairs (i32.const 3)))
    (global $other (export "other") (mut anyref) (ref.null any))
    (table $table 2 anyref)
    (elem $elem anyref (struct.new $leaf) (struct.new $leaf) (struct.new $leaf))
    (func (export "fill") (local $pair (ref null $pair))
        (local.set $pair (struct.new $pair (ref.null $pair) (struct.new $leaf)))
        (struct.set $pair 0 (local.get $pair) (local.get $pair))
        (array.set $pairs (global.get $pairs) (i32.const 0) (local.get $pair))
        (array.set $pairs (global.get $pairs) (i32.const 1) (local.get $pair))
        (table.set (i32.const 1) (array.new_default $large (i32.const 100000)))
        ;; Garbage.
        (drop (array.new_default $large (i32.const 10))))
    (func (export "throw") (throw $e (struct.new $leaf))))"#;

#[test]
fn what_lives_has_its_holders() {
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, ());
        assert_eq!(describe(&mut store), "", "an empty heap");
        let module = Module::new(&engine, PROGRAM).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        instance
            .get_typed_func::<(), ()>(&mut store, "fill")
            .unwrap()
            .call(&mut store, ())
            .unwrap();
        let host = ExternRef::new(&mut store, 5).unwrap().to_owned_rooted(&mut store).unwrap();
        let rooted = host.to_rooted(&mut store);
        let any = AnyRef::convert_extern(&mut store, rooted).unwrap();
        let other = instance.get_global(&mut store, "other").unwrap();
        other.set(&mut store, any.into()).unwrap();
        let found = describe(&mut store);
        let expected = "\
            3: 1 800008 800008 <- Table 1\n\
            0: 4 32 32 <- ElementSegment 3, type 1.1 1\n\
            2: 1 24 48 <- Global 1\n\
            extern: 1 16 16 <- Global 1, Host 3\n\
            1: 1 16 24 <- type 1.0 1, type 2 2\n";
        assert_eq!(found, expected);
        let throw = instance.get_typed_func::<(), ()>(&mut store, "throw").unwrap();
        throw.call(&mut store, ()).unwrap_err();
        let found = describe(&mut store);
        assert!(found.contains("exn: 1 16 24 <- PendingException 1\n"), "{found}");
        assert!(
            found.contains("0: 5 40 40 <- ElementSegment 3, type 1.1 1, type exn 1\n"),
            "{found}"
        );
    }
}

/// Counts what lives while a guest has objects in its frame, with a snapshot and without.
struct Look;

impl Hook<()> for Look {
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        if let Event::FuncLeave(Leave::Return(_)) = event {
            let holders = |store: &mut StoreContextMut<'_, ()>| -> Result<Vec<Holder>> {
                let types = store.live_types()?;
                assert_eq!((types.len(), types[0].objects), (1, 1));
                Ok(types[0].held_by.iter().map(|(holder, _)| *holder).collect())
            };
            assert_eq!(holders(&mut store)?, [Holder::Root(RootKind::Frame)]);
            let snapshot = store.snapshot(None)?;
            assert!(holders(&mut store)?.contains(&Holder::Root(RootKind::Snapshot)));
            drop(snapshot);
        }
        Ok(())
    }
}

#[test]
fn frames_and_snapshots_hold_objects() {
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, ());
        store.attach(Filter::new(), Look);
        let module = Module::new(
            &engine,
            r#"(module
            (type $leaf (struct))
            (func (export "run") (local $leaf (ref null $leaf))
                (local.set $leaf (struct.new $leaf))))"#,
        );
        let instance = Instance::new(&mut store, &module.unwrap(), &[]).unwrap();
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
        run.call(&mut store, ()).unwrap();
    }
}

/// Stops guests whose heap grows beyond a limit.
struct Limit(u64);

impl Hook<()> for Limit {
    const EVENTS: Events = Events::GROWTH;

    fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
        match event {
            Event::HeapGrow { old, new } if new > self.0 => bail!("from {} to more", old > 0),
            _ => Ok(()),
        }
    }
}

#[test]
fn growth_of_the_heap_is_an_event() {
    for config in common::configs() {
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, ());
        store.attach(Filter::new(), Limit(8 << 20));
        let module = Module::new(
            &engine,
            r#"(module
            (type $bytes (array i8))
            (func (export "make") (param $len i32)
                (drop (array.new_default $bytes (local.get $len)))))"#,
        );
        let instance = Instance::new(&mut store, &module.unwrap(), &[]).unwrap();
        let make = instance.get_typed_func::<i32, ()>(&mut store, "make").unwrap();
        make.call(&mut store, 1000).unwrap();
        let error = make.call(&mut store, 100 << 20).unwrap_err();
        assert_eq!(error.root_cause().to_string(), "from true to more");
        let ty = ArrayType::new(&engine, FieldType::new(Mutability::Var, StorageType::I8));
        let pre = ArrayRefPre::new(&mut store, ty);
        let error = ArrayRef::new(&mut store, &pre, &Val::I32(0), 500 << 20).unwrap_err();
        assert_eq!(error.to_string(), "from true to more");
        let error = store.gc_heap_grow(8 << 20).unwrap_err();
        assert_eq!(error.to_string(), "from true to more");
    }
}
