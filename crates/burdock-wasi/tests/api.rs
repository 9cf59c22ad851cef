//! The crate as an embedder uses it: errors of the linker's definitions, stdio pipes, and equal
//! runs with a virtual clock and seeded random bytes.

use burdock::{Engine, Linker, Module, Store};
use burdock_wasi::pipe::{MemoryInputPipe, MemoryOutputPipe, ReadPipe, WritePipe};
use burdock_wasi::{
    Deterministic, I32Exit, StdinStream, StdoutStream, VirtualClock, WasiCtxBuilder, WasiP1Ctx,
    preview1,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Runs `_start` of a module.
fn run(source: &str, wasi: WasiP1Ctx) -> Result<(), burdock::Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, source)?;
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx)?;
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ())
}

/// Prints eight random bytes and the time as they are.
const PRINT_RANDOM_AND_TIME: &str = r#"(module
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\10\00\00\00")
    (func (export "_start")
        (drop (call $random (i32.const 16) (i32.const 8)))
        (drop (call $time (i32.const 0) (i64.const 0) (i32.const 24)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

/// Copies standard input to standard output, eight bytes at a time.
const CAT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (local $errno i32)
        (loop $next
            (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 8))
            (local.set $errno (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
            (if (local.get $errno) (then (call $exit (local.get $errno))))
            (if (i32.load (i32.const 4))
                (then
                    (local.set $errno (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                    (if (local.get $errno) (then (call $exit (local.get $errno))))
                    (br $next))))))"#;

#[test]
fn a_guest_without_memory_is_stopped() {
    let source = r#"(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (func (export "_start") (drop (call $yield))))"#;
    let error = run(source, WasiCtxBuilder::new().build()).unwrap_err();
    assert!(format!("{error:#}").contains("missing required memory export"), "{error}");
}

#[test]
fn defining_twice_is_an_error() {
    let mut linker = Linker::new(&Engine::default());
    preview1::add_to_linker_sync(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    assert!(preview1::add_to_linker_sync(&mut linker, |ctx: &mut WasiP1Ctx| ctx).is_err());
}

#[test]
fn pipes_carry_stdin_to_stdout() {
    let stdout = MemoryOutputPipe::new(100);
    let stdin = MemoryInputPipe::new("more than eight bytes");
    run(CAT, WasiCtxBuilder::new().stdin(stdin).stdout(stdout.clone()).build()).unwrap();
    assert_eq!(stdout.try_into_inner().unwrap(), b"more than eight bytes");
}

#[test]
fn readers_and_writers_are_pipes() {
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            // As short as a writer may be.
            self.0.lock().unwrap().extend_from_slice(&bytes[..1.min(bytes.len())]);
            Ok(1.min(bytes.len()))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let out = Shared::default();
    let reader = ReadPipe::new(std::io::Cursor::new(b"abc"));
    run(CAT, WasiCtxBuilder::new().stdin(reader).stdout(WritePipe::new(out.clone())).build())
        .unwrap();
    assert_eq!(*out.0.lock().unwrap(), b"a", "the guest gets the length of a short write");
}

#[test]
fn a_full_pipe_and_a_failing_stream_are_errors_of_the_guest() {
    struct Broken;
    impl StdinStream for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::TimedOut.into())
        }
    }
    impl StdoutStream for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let stdin = || MemoryInputPipe::new("more than eight bytes");
    for (mut builder, errno) in [
        (WasiCtxBuilder::new(), None),
        (WasiCtxBuilder::new(), Some(51)),
        (WasiCtxBuilder::new(), Some(64)),
        (WasiCtxBuilder::new(), Some(73)),
    ] {
        match errno {
            Some(51) => builder.stdin(stdin()).stdout(MemoryOutputPipe::new(10)),
            Some(64) => builder.stdin(stdin()).stdout(Broken),
            Some(73) => builder.stdin(Broken),
            _ => builder.stdin(stdin()),
        };
        let ended = run(CAT, builder.build());
        let exit = ended.err().and_then(|error| error.downcast_ref::<I32Exit>().copied());
        // A pipe that takes two of eight bytes ends the write short, and the guest here goes on.
        assert_eq!(exit, errno.map(I32Exit));
    }
}

#[test]
fn virtual_clock_and_seeded_random_make_runs_equal() {
    let run_once = |seed| {
        let stdout = MemoryOutputPipe::new(100);
        let wasi = WasiCtxBuilder::new()
            .virtual_clock(VirtualClock::new(Duration::from_secs(7)))
            .deterministic_random(seed)
            .stdout(stdout.clone())
            .build();
        run(PRINT_RANDOM_AND_TIME, wasi).unwrap();
        stdout.contents()
    };
    assert_eq!(run_once(1), run_once(1));
    assert_ne!(run_once(1), run_once(2));
    assert_eq!(run_once(1)[8..], 7_000_000_000u64.to_le_bytes());
}

#[test]
fn random_sources_are_what_the_embedder_gives() {
    let stdout = MemoryOutputPipe::new(100);
    let mut builder = WasiCtxBuilder::new();
    builder.secure_random(Deterministic::new(b"xyz".to_vec())).stdout(stdout.clone());
    run(PRINT_RANDOM_AND_TIME, builder.build()).unwrap();
    assert_eq!(stdout.contents()[..8], *b"xyzxyzxy");

    let stdout = MemoryOutputPipe::new(100);
    let mut builder = WasiCtxBuilder::new();
    builder.secure_random(|bytes: &mut [u8]| bytes.fill(b'!')).stdout(stdout.clone());
    run(PRINT_RANDOM_AND_TIME, builder.build()).unwrap();
    assert_eq!(stdout.contents()[..8], *b"!!!!!!!!");
}

#[test]
fn the_system_s_random_bytes_differ() {
    let once = || {
        let stdout = MemoryOutputPipe::new(100);
        run(PRINT_RANDOM_AND_TIME, WasiCtxBuilder::new().stdout(stdout.clone()).build()).unwrap();
        stdout.contents()[..8].to_vec()
    };
    assert_ne!(once(), once());
}

#[test]
fn a_missing_directory_is_an_error_of_the_builder() {
    use burdock_wasi::FsPerms;
    let error = WasiCtxBuilder::new()
        .preopened_dir("/there/is/no/such/directory", "/", FsPerms::ReadWrite)
        .err()
        .unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

/// Runs guests that wait for an hour, or for a connection that is never made. The guests exit with
/// the error number of the wait.
#[test]
fn waits_end_when_the_embedder_says_so() {
    let exits_with = |import: &str, call: &str| {
        format!(
            r#"(module
                (import "wasi_snapshot_preview1" {import} (result i32)))
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 1)
                (func (export "_start")
                    (i64.store (i32.const 24) (i64.const 3_600_000_000_000))
                    (call $exit {call})))"#
        )
    };
    let sleep = exits_with(
        r#""poll_oneoff" (func $poll (param i32 i32 i32 i32)"#,
        "(call $poll (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200))",
    );
    let accept = exits_with(
        r#""sock_accept" (func $accept (param i32 i32 i32)"#,
        "(call $accept (i32.const 3) (i32.const 0) (i32.const 100))",
    );
    let sources = if cfg!(unix) { vec![sleep, accept] } else { vec![sleep] };
    for source in &sources {
        let begin = std::time::Instant::now();
        let mut builder = WasiCtxBuilder::new();
        builder.preopened_socket(std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        builder.interrupted(move || begin.elapsed() > Duration::from_millis(20));
        let error = run(source, builder.build()).unwrap_err();
        assert_eq!(error.downcast_ref::<I32Exit>().map(|exit| exit.0), Some(27), "{source}");
    }
}
