//! Tests that fuel and the epoch, which bound a guest, also bound the work that host functions do
//! for the guest.

use burdock::{Config, Engine, Error, Linker, Module, Store, Trap};
use burdock_wasi::pipe::WritePipe;
use burdock_wasi::{FsPerms, WasiCtxBuilder, WasiP1Ctx, preview1};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The size of the guest's memory in bytes: 64 MiB.
const LEN: u64 = 64 << 20;

/// A guest that passes its whole memory to host functions: to fill, to write, and as a path to
/// remove.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_unlink_file"
        (func $unlink (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1024)
    (func (export "random") (param i32) (result i32)
        (call $random (i32.const 0) (local.get 0)))
    (func (export "write") (param i32) (result i32)
        (i32.store (i32.const 4) (local.get 0))
        (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (func (export "unlink") (param i32) (result i32)
        (call $unlink (i32.const 3) (i32.const 0) (local.get 0))))"#;

/// A counter of the bytes that a host function has processed. Increments the epoch when the count
/// reaches `until`.
#[derive(Clone)]
struct Worked {
    bytes: Arc<AtomicU64>,
    until: u64,
    engine: Engine,
}

impl Worked {
    fn note(&self, bytes: usize) {
        let bytes = bytes as u64;
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before < self.until && before + bytes >= self.until {
            self.engine.increment_epoch();
        }
    }
}

impl Write for Worked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.note(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Calls a function of the guest with `fuel` units of fuel and an epoch deadline that is reached
/// after `until` bytes. Returns the outcome, the fuel taken, and the number of bytes processed.
fn run(name: &str, arg: u64, fuel: u64, until: u64) -> (Result<i32, Error>, u64, u64) {
    let engine = Engine::new(Config::new().consume_fuel(true).epoch_interruption(true)).unwrap();
    let worked = Worked { bytes: Arc::default(), until, engine: engine.clone() };
    let random = worked.clone();
    let wasi = WasiCtxBuilder::new()
        .preopened_dir(std::env::temp_dir(), "/", FsPerms::ReadWrite)
        .unwrap()
        .stdout(WritePipe::new(worked.clone()))
        .secure_random(move |bytes: &mut [u8]| random.note(bytes.len()))
        .build();
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    let mut store = Store::new(&engine, wasi);
    store.set_fuel(fuel).unwrap();
    store.set_epoch_deadline(1);
    let module = Module::new(&engine, GUEST).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let func = instance.get_typed_func::<u32, i32>(&mut store, name).unwrap();
    let result = func.call(&mut store, arg as u32);
    (result, fuel - store.get_fuel().unwrap(), worked.bytes.load(Ordering::Relaxed))
}

#[test]
fn transfers_cost_fuel_and_are_interrupted() {
    const PIECE: u64 = 256 << 10;
    for (name, flat) in [("random", 4), ("write", 9)] {
        let (result, taken, bytes) = run(name, LEN, u64::MAX, u64::MAX);
        assert_eq!((result.unwrap(), taken, bytes), (0, LEN + flat, LEN), "{name}");
        // The host processes at most one piece more than the guest has paid for.
        for fuel in [1000, 1_000_000, LEN] {
            let (result, taken, bytes) = run(name, LEN, fuel, u64::MAX);
            assert_eq!(result.unwrap_err().downcast_ref(), Some(&Trap::OutOfFuel), "{name} {fuel}");
            assert_eq!(taken, fuel, "{name}");
            assert!(bytes < fuel + PIECE, "{name}: {bytes} bytes with {fuel}");
        }
        for until in [1, 1_000_000] {
            let (result, _, bytes) = run(name, LEN, u64::MAX, until);
            assert_eq!(
                result.unwrap_err().downcast_ref(),
                Some(&Trap::Interrupt),
                "{name} {until}"
            );
            assert!(bytes < until + PIECE, "{name}: {bytes} bytes until {until}");
        }
    }
}

#[test]
fn a_string_is_not_longer_than_a_path() {
    const NAMETOOLONG: i32 = 37;
    let (result, taken, _) = run("unlink", LEN, 1000, u64::MAX);
    assert_eq!((result.unwrap(), taken), (NAMETOOLONG, 5));
}
