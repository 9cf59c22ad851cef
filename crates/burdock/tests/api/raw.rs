//! Values without types: what they hold, host functions and calls that use them.

use crate::common::{full, module};
use burdock::*;

#[test]
fn values_keep_their_bits() {
    assert_eq!(ValRaw::i32(-5).get_i32(), -5);
    assert_eq!(ValRaw::i32(-5).get_i64(), 0xFFFF_FFFB, "not extended");
    assert_eq!(ValRaw::u64(u64::MAX).get_i64(), -1);
    assert_eq!(ValRaw::f32(0x7FC0_0001).get_f32(), 0x7FC0_0001, "a NaN's payload");
    let vector = 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF;
    assert_eq!(ValRaw::v128(vector).get_v128(), vector);
    assert!(ValRaw::funcref(core::ptr::null_mut()).get_funcref().is_null());
}

#[test]
fn values_of_every_type_go_through_host_and_guest() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module
        (type $t (func (param i32 i64 f32 f64 v128 funcref externref)
                       (result externref funcref v128 f64 f32 i64 i32)))
        (import "h" "turn" (func $turn (type $t)))
        (func (export "turn") (type $t)
            local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 local.get 5 local.get 6
            call $turn))"#,
    );
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::new(&engine);
    let Some(ExternType::Func(ty)) = module.get_export("turn") else { panic!() };
    linker
        .func_new_unchecked("h", "turn", ty, |mut caller: Caller<'_, i32>, values| {
            *caller.data_mut() += 1;
            values.reverse();
            Ok(())
        })
        .unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let turn = instance.get_func(&mut store, "turn").unwrap();
    let host = ExternRef::new(&mut store, "host").unwrap();
    let args = [
        Val::I32(-1),
        Val::I64(-2),
        Val::F32(0x7FC0_0001),
        Val::F64(1.5_f64.to_bits()),
        Val::V128(V128::from(1 << 100)),
        Val::FuncRef(Some(turn)),
        Val::ExternRef(Some(host)),
    ];
    let mut values = args.map(|arg| arg.to_raw(&mut store).unwrap());
    turn.call_unchecked(&mut store, &mut values).unwrap();
    assert_eq!(*store.data(), 1);
    let host_raw = values[0].get_externref();
    let back = ExternRef::from_raw(&mut store, host_raw).unwrap();
    assert_eq!(back.data(&store).unwrap().unwrap().downcast_ref(), Some(&"host"));
    assert_eq!(host.to_raw(&mut store).unwrap(), host_raw);
    assert_eq!(values[1].get_funcref(), turn.to_raw(&mut store));
    assert!(Func::from_raw(&mut store, values[1].get_funcref()).is_some());
    assert_eq!(values[2].get_v128(), 1 << 100);
    assert_eq!(values[3].get_f64(), 1.5_f64.to_bits());
    assert_eq!(values[4].get_f32(), 0x7FC0_0001);
    assert_eq!((values[5].get_i64(), values[6].get_i32()), (-2, -1));
    let val = Val::from_raw(&mut store, values[6], ValType::I32);
    assert_eq!(val.i32(), Some(-1));
}

#[test]
fn forged_references_and_short_slices_are_errors() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let forged = ValRaw::u64(1000);
    assert!(Func::from_raw(&mut store, forged.get_funcref()).is_none());
    assert!(ExternRef::from_raw(&mut store, forged.get_externref()).is_none());
    let cases = [(ValType::FUNCREF, "funcref"), (ValType::EXTERNREF, "externref")];
    for (ty, name) in cases {
        let ty = FuncType::new(&engine, [], [ty]);
        let func = Func::new_unchecked(&mut store, ty, move |_, values| {
            values[0] = forged;
            Ok(())
        });
        let error = func.call_unchecked(&mut store, &mut [forged]).unwrap_err();
        let expected = format!(
            "function attempted to return an incompatible value: the store has no such {name}"
        );
        assert_eq!(full(&error), expected);
    }
    let ty = FuncType::new(&engine, [ValType::I32, ValType::I32], []);
    let func = Func::new_unchecked(&mut store, ty, |_, _| Ok(()));
    let error = func.call_unchecked(&mut store, &mut [ValRaw::i32(0)]).unwrap_err();
    assert_eq!(error.to_string(), "expected room for 2 values, got 1");
}
