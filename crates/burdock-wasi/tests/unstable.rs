//! Tests of `wasi_unstable`: the functions of preview 1 with their earlier layouts.

use burdock::{Engine, Instance, Linker, Module, Store};
use burdock_wasi::{Errno, FsPerms, VirtualClock, WasiCtxBuilder, WasiP1Ctx, p0, p1};
use std::time::Duration;

/// Returns a guest that imports and re-exports functions, given by name and parameter types.
fn guest(version: &str, funcs: &[(&str, &str)]) -> (Store<WasiP1Ctx>, Instance, tempfile::TempDir) {
    let mut text = String::from("(module");
    for (name, params) in funcs {
        text += &format!(
            r#"(import "{version}" "{name}" (func ${name} (param {params}) (result i32)))"#
        );
    }
    text += r#"(memory (export "memory") 1)"#;
    for (name, params) in funcs {
        let count = params.split_ascii_whitespace().count();
        let args: String = (0..count).map(|i| format!("(local.get {i})")).collect();
        text += &format!(
            r#"(func (export "{name}") (param {params}) (result i32) (call ${name} {args}))"#
        );
    }
    text += ")";
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("file"), "eleven byte").unwrap();
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    p1::add_to_linker_sync(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    p0::add_to_linker_sync(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    let ctx = WasiCtxBuilder::new()
        .preopened_dir(root.path(), "/", FsPerms::ReadWrite)
        .unwrap()
        .virtual_clock(VirtualClock::new(Duration::from_secs(1_000)))
        .build();
    let mut store = Store::new(&engine, ctx);
    let module = Module::new(&engine, text).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance, root)
}

/// Calls a function of the guest with arguments of type `i32`, and returns its error number.
macro_rules! call {
    ($guest:ident, $name:literal, $($arg:expr),*) => {{
        let (store, instance, _) = &mut $guest;
        let func = instance.get_func(&mut *store, $name).unwrap();
        let mut result = [burdock::Val::I32(0)];
        func.call(store, &[$($arg.into()),*], &mut result).unwrap();
        result[0].unwrap_i32()
    }};
}

type Guest = (Store<WasiP1Ctx>, Instance, tempfile::TempDir);

fn write(guest: &mut Guest, at: usize, bytes: &[u8]) {
    let memory = guest.1.get_memory(&mut guest.0, "memory").unwrap();
    memory.write(&mut guest.0, at, bytes).unwrap();
}

fn words<const N: usize>(guest: &mut Guest, at: usize) -> [u64; N] {
    let memory = guest.1.get_memory(&mut guest.0, "memory").unwrap();
    let mut bytes = vec![0; 8 * N];
    memory.read(&guest.0, at, &mut bytes).unwrap();
    core::array::from_fn(|i| u64::from_le_bytes(bytes[8 * i..8 * i + 8].try_into().unwrap()))
}

#[test]
fn a_filestat_has_links_of_32_bits() {
    for (version, file, size) in
        [("wasi_unstable", 4 | 1 << 32, 3), ("wasi_snapshot_preview1", 4, 4)]
    {
        let funcs = [("path_filestat_get", "i32 i32 i32 i32 i32")];
        let mut guest = guest(version, &funcs);
        write(&mut guest, 0, b"file");
        write(&mut guest, 100, &[0xff; 80]);
        assert_eq!(call!(guest, "path_filestat_get", 3, 0, 0, 4, 100), 0);
        let found: [u64; 9] = words(&mut guest, 100);
        assert_eq!((found[0], found[2]), (1, file), "{version}");
        assert_eq!(found[size], 11, "{version}");
        // The record ends at its size: the word after it is untouched.
        assert_eq!(found[size + 4], u64::MAX, "{version}");
        assert!(found[size + 3] > 1 << 60, "{version}: a time in nanoseconds");
    }
}

#[test]
fn whence_counts_in_another_order() {
    let funcs =
        [("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"), ("fd_seek", "i32 i64 i32 i32")];
    for (version, [set, cur, end]) in
        [("wasi_unstable", [2, 0, 1]), ("wasi_snapshot_preview1", [0, 1, 2])]
    {
        let mut guest = guest(version, &funcs);
        write(&mut guest, 0, b"file");
        assert_eq!(call!(guest, "path_open", 3, 0, 0, 4, 0, 2_i64, 2_i64, 0, 100), 0);
        let fd = words::<1>(&mut guest, 100)[0] as i32;
        for (offset, whence, position) in
            [(4_i64, set, 4), (3, cur, 7), (-1, end, 10), (-2, cur, 8)]
        {
            assert_eq!(call!(guest, "fd_seek", fd, offset, whence, 200), 0, "{version}");
            assert_eq!(words::<1>(&mut guest, 200), [position], "{version} {whence}");
        }
        assert_eq!(call!(guest, "fd_seek", fd, 0_i64, 3, 200), Errno::Inval as i32);
    }
}

#[test]
fn a_clock_has_an_identifier_of_its_own() {
    for (version, size, clock) in [("wasi_unstable", 56, 24), ("wasi_snapshot_preview1", 48, 16)] {
        let mut guest = guest(version, &[("poll_oneoff", "i32 i32 i32 i32")]);
        // Write two subscriptions in a row; the second one is due later.
        for (number, (userdata, nanos)) in
            [(7_u64, 1_000_000_000_u64), (8, 100_000_000_000)].into_iter().enumerate()
        {
            let at = 100 + number * size;
            write(&mut guest, at, &[0xff; 56][..size]);
            write(&mut guest, at, &userdata.to_le_bytes());
            write(&mut guest, at + 8, &[0]);
            write(&mut guest, at + clock, &1_u32.to_le_bytes());
            write(&mut guest, at + clock + 8, &nanos.to_le_bytes());
            write(&mut guest, at + clock + 24, &[0, 0]);
        }
        assert_eq!(call!(guest, "poll_oneoff", 100, 400, 2, 600), 0, "{version}");
        assert_eq!(words::<1>(&mut guest, 600)[0] as u32, 1, "{version}");
        assert_eq!(words::<1>(&mut guest, 400), [7], "{version}");
        // The bounds check shows a subscription's size: one that just fits at the memory's end is
        // read, and one that begins a byte later faults.
        let at = 65_536 - size as i32;
        write(&mut guest, at as usize + clock, &9_u32.to_le_bytes());
        assert_eq!(call!(guest, "poll_oneoff", at, 400, 1, 600), Errno::Inval as i32);
        assert_eq!(call!(guest, "poll_oneoff", at + 1, 400, 1, 600), Errno::Fault as i32);
    }
}

#[test]
fn there_are_no_sockets_to_accept() {
    const ACCEPT: u64 = 1 << 29;
    let funcs =
        [("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"), ("fd_fdstat_get", "i32 i32")];
    for version in ["wasi_unstable", "wasi_snapshot_preview1"] {
        let mut guest = guest(version, &funcs);
        assert_eq!(call!(guest, "fd_fdstat_get", 3, 100), 0);
        let [_, base, inheriting] = words(&mut guest, 100);
        assert_eq!((base | inheriting) & ACCEPT, 0);
    }
    let engine = Engine::default();
    let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
    p0::add_to_linker_sync(&mut linker, |ctx| ctx).unwrap();
    let mut store = Store::new(&engine, WasiCtxBuilder::new().build());
    assert!(linker.get(&mut store, "wasi_unstable", "sock_accept").is_err());
    assert_eq!(linker.iter(&mut store).count(), 45);
}
