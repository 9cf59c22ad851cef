//! The module `wasi_snapshot_preview1`, one line for each function. `wasi_unstable` uses the same
//! lines.

use crate::api::{Caller, Extern, Linker, exit_error, message_error};
use crate::errno::Result;
use crate::memory::{GuestMemory, Progress};
use crate::path::{OpenArgs, PathArg};
use crate::process;
use crate::version::Version;

pub use crate::ctx::WasiP1Ctx;

/// Defines every function of `wasi_snapshot_preview1` in `linker`. `get` finds the guest's context
/// in the data of its store.
///
/// A guest calls with addresses in the memory that it exports as `memory`; what lies outside of it
/// is answered with `EFAULT`. A guest without that memory is stopped with an error.
///
/// # Errors
///
/// Fails if one of the names is already defined and the linker does not allow shadowing.
///
/// ```
/// use burdock::{Engine, Linker, Module, Store};
/// use burdock_wasi::{WasiCtxBuilder, WasiP1Ctx, pipe::MemoryOutputPipe, preview1};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///       (import "wasi_snapshot_preview1" "fd_write"
///         (func $fd_write (param i32 i32 i32 i32) (result i32)))
///       (memory (export "memory") 1)
///       (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
///       (func (export "_start")
///         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
/// "#)?;
/// let mut linker = Linker::<WasiP1Ctx>::new(&engine);
/// preview1::add_to_linker_sync(&mut linker, |ctx| ctx)?;
///
/// let stdout = MemoryOutputPipe::new(1024);
/// let mut store = Store::new(&engine, WasiCtxBuilder::new().stdout(stdout.clone()).build());
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ())?;
/// assert_eq!(stdout.contents(), b"hello\n");
/// # Ok::<(), burdock::Error>(())
/// ```
pub fn add_to_linker_sync<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Send + Sync + Copy + 'static,
) -> crate::api::Result<()> {
    define(linker, get, Version::Snapshot1)
}

/// Adds the functions to a linker; an older name of [`add_to_linker_sync`].
///
/// # Errors
///
/// Fails as [`add_to_linker_sync`] does.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Send + Sync + Copy + 'static,
) -> crate::api::Result<()> {
    add_to_linker_sync(linker, get)
}

/// Defines the same functions as [`add_to_linker_sync`], for guests that run asynchronously. They
/// block the thread while they wait: [`WasiCtxBuilder::interrupted`] ends waits.
///
/// [`WasiCtxBuilder::interrupted`]: crate::WasiCtxBuilder::interrupted
///
/// # Errors
///
/// Fails as [`add_to_linker_sync`] does.
pub fn add_to_linker_async<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Send + Sync + Copy + 'static,
) -> crate::api::Result<()> {
    add_to_linker_sync(linker, get)
}

/// Defines every function of a version of WASI in `linker`.
#[rustfmt::skip]
pub(crate) fn define<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Send + Sync + Copy + 'static,
    version: Version,
) -> crate::api::Result<()> {
    type C<'a, T> = Caller<'a, T>;
    let module = version.module();
    linker.func_wrap(module, "args_get", move |c: C<'_, T>, argv: u32, buf: u32| call(c, get, version, |ctx, m| ctx.args_get(m, argv, buf)))?;
    linker.func_wrap(module, "args_sizes_get", move |c: C<'_, T>, argc: u32, size: u32| call(c, get, version, |ctx, m| ctx.args_sizes_get(m, argc, size)))?;
    linker.func_wrap(module, "environ_get", move |c: C<'_, T>, environ: u32, buf: u32| call(c, get, version, |ctx, m| ctx.environ_get(m, environ, buf)))?;
    linker.func_wrap(module, "environ_sizes_get", move |c: C<'_, T>, count: u32, size: u32| call(c, get, version, |ctx, m| ctx.environ_sizes_get(m, count, size)))?;
    linker.func_wrap(module, "clock_res_get", move |c: C<'_, T>, id: u32, res: u32| call(c, get, version, |ctx, m| ctx.clock_res_get(m, id, res)))?;
    linker.func_wrap(module, "clock_time_get", move |c: C<'_, T>, id: u32, _precision: u64, time: u32| call(c, get, version, |ctx, m| ctx.clock_time_get(m, id, time)))?;
    linker.func_wrap(module, "fd_advise", move |c: C<'_, T>, fd: u32, offset: u64, len: u64, advice: u32| call(c, get, version, |ctx, _| ctx.fd_advise(fd, offset, len, advice)))?;
    linker.func_wrap(module, "fd_allocate", move |c: C<'_, T>, fd: u32, offset: u64, len: u64| call(c, get, version, |ctx, _| ctx.fd_allocate(fd, offset, len)))?;
    linker.func_wrap(module, "fd_close", move |c: C<'_, T>, fd: u32| call(c, get, version, |ctx, _| ctx.fd_close(fd)))?;
    linker.func_wrap(module, "fd_datasync", move |c: C<'_, T>, fd: u32| call(c, get, version, |ctx, _| ctx.fd_datasync(fd)))?;
    linker.func_wrap(module, "fd_fdstat_get", move |c: C<'_, T>, fd: u32, stat: u32| call(c, get, version, |ctx, m| ctx.fd_fdstat_get(m, fd, stat)))?;
    linker.func_wrap(module, "fd_fdstat_set_flags", move |c: C<'_, T>, fd: u32, flags: u32| call(c, get, version, |ctx, _| ctx.fd_fdstat_set_flags(fd, flags)))?;
    linker.func_wrap(module, "fd_fdstat_set_rights", move |c: C<'_, T>, fd: u32, base: u64, inheriting: u64| call(c, get, version, |ctx, _| ctx.fd_fdstat_set_rights(fd, base, inheriting)))?;
    linker.func_wrap(module, "fd_filestat_get", move |c: C<'_, T>, fd: u32, stat: u32| call(c, get, version, |ctx, m| ctx.fd_filestat_get(m, fd, stat)))?;
    linker.func_wrap(module, "fd_filestat_set_size", move |c: C<'_, T>, fd: u32, size: u64| call(c, get, version, |ctx, _| ctx.fd_filestat_set_size(fd, size)))?;
    linker.func_wrap(module, "fd_filestat_set_times", move |c: C<'_, T>, fd: u32, atim: u64, mtim: u64, flags: u32| call(c, get, version, |ctx, _| ctx.fd_filestat_set_times(fd, atim, mtim, flags)))?;
    linker.func_wrap(module, "fd_pread", move |c: C<'_, T>, fd: u32, iovs: u32, len: u32, offset: u64, nread: u32| call(c, get, version, |ctx, m| ctx.fd_pread(m, fd, iovs, len, offset, nread)))?;
    linker.func_wrap(module, "fd_prestat_get", move |c: C<'_, T>, fd: u32, prestat: u32| call(c, get, version, |ctx, m| ctx.fd_prestat_get(m, fd, prestat)))?;
    linker.func_wrap(module, "fd_prestat_dir_name", move |c: C<'_, T>, fd: u32, path: u32, len: u32| call(c, get, version, |ctx, m| ctx.fd_prestat_dir_name(m, fd, path, len)))?;
    linker.func_wrap(module, "fd_pwrite", move |c: C<'_, T>, fd: u32, iovs: u32, len: u32, offset: u64, nwritten: u32| call(c, get, version, |ctx, m| ctx.fd_pwrite(m, fd, iovs, len, offset, nwritten)))?;
    linker.func_wrap(module, "fd_read", move |c: C<'_, T>, fd: u32, iovs: u32, len: u32, nread: u32| call(c, get, version, |ctx, m| ctx.fd_read(m, fd, iovs, len, nread)))?;
    linker.func_wrap(module, "fd_readdir", move |c: C<'_, T>, fd: u32, buf: u32, len: u32, cookie: u64, used: u32| call(c, get, version, |ctx, m| ctx.fd_readdir(m, fd, buf, len, cookie, used)))?;
    linker.func_wrap(module, "fd_renumber", move |c: C<'_, T>, from: u32, to: u32| call(c, get, version, |ctx, _| ctx.fd_renumber(from, to)))?;
    linker.func_wrap(module, "fd_seek", move |c: C<'_, T>, fd: u32, offset: i64, whence: u32, position: u32| call(c, get, version, |ctx, m| ctx.fd_seek(m, fd, offset, whence, position)))?;
    linker.func_wrap(module, "fd_sync", move |c: C<'_, T>, fd: u32| call(c, get, version, |ctx, _| ctx.fd_sync(fd)))?;
    linker.func_wrap(module, "fd_tell", move |c: C<'_, T>, fd: u32, position: u32| call(c, get, version, |ctx, m| ctx.fd_tell(m, fd, position)))?;
    linker.func_wrap(module, "fd_write", move |c: C<'_, T>, fd: u32, iovs: u32, len: u32, nwritten: u32| call(c, get, version, |ctx, m| ctx.fd_write(m, fd, iovs, len, nwritten)))?;
    linker.func_wrap(module, "path_create_directory", move |c: C<'_, T>, fd: u32, path: u32, len: u32| call(c, get, version, |ctx, m| ctx.path_create_directory(m, fd, PathArg(path, len))))?;
    linker.func_wrap(module, "path_filestat_get", move |c: C<'_, T>, fd: u32, flags: u32, path: u32, len: u32, stat: u32| call(c, get, version, |ctx, m| ctx.path_filestat_get(m, fd, flags, PathArg(path, len), stat)))?;
    linker.func_wrap(module, "path_filestat_set_times", move |c: C<'_, T>, fd: u32, flags: u32, path: u32, len: u32, atim: u64, mtim: u64, fst: u32| call(c, get, version, |ctx, m| ctx.path_filestat_set_times(m, fd, flags, PathArg(path, len), atim, mtim, fst)))?;
    linker.func_wrap(module, "path_link", move |c: C<'_, T>, fd: u32, flags: u32, path: u32, len: u32, new_fd: u32, new_path: u32, new_len: u32| call(c, get, version, |ctx, m| ctx.path_link(m, fd, flags, PathArg(path, len), new_fd, PathArg(new_path, new_len))))?;
    linker.func_wrap(module, "path_open", move |c: C<'_, T>, fd: u32, dirflags: u32, path: u32, len: u32, oflags: u32, rights_base: u64, rights_inheriting: u64, fdflags: u32, opened: u32| call(c, get, version, |ctx, m| ctx.path_open(m, fd, PathArg(path, len), OpenArgs { dirflags, oflags, rights_base, rights_inheriting, fdflags }, opened)))?;
    linker.func_wrap(module, "path_readlink", move |c: C<'_, T>, fd: u32, path: u32, len: u32, buf: u32, buf_len: u32, used: u32| call(c, get, version, |ctx, m| ctx.path_readlink(m, fd, PathArg(path, len), buf, buf_len, used)))?;
    linker.func_wrap(module, "path_remove_directory", move |c: C<'_, T>, fd: u32, path: u32, len: u32| call(c, get, version, |ctx, m| ctx.path_remove_directory(m, fd, PathArg(path, len))))?;
    linker.func_wrap(module, "path_rename", move |c: C<'_, T>, fd: u32, path: u32, len: u32, new_fd: u32, new_path: u32, new_len: u32| call(c, get, version, |ctx, m| ctx.path_rename(m, fd, PathArg(path, len), new_fd, PathArg(new_path, new_len))))?;
    linker.func_wrap(module, "path_symlink", move |c: C<'_, T>, target: u32, target_len: u32, fd: u32, path: u32, len: u32| call(c, get, version, |ctx, m| ctx.path_symlink(m, PathArg(target, target_len), fd, PathArg(path, len))))?;
    linker.func_wrap(module, "path_unlink_file", move |c: C<'_, T>, fd: u32, path: u32, len: u32| call(c, get, version, |ctx, m| ctx.path_unlink_file(m, fd, PathArg(path, len))))?;
    linker.func_wrap(module, "poll_oneoff", move |c: C<'_, T>, subscriptions: u32, events: u32, count: u32, nevents: u32| call(c, get, version, |ctx, m| ctx.poll_oneoff(m, subscriptions, events, count, nevents)))?;
    linker.func_wrap(module, "proc_exit", |status: u32| -> crate::api::Result<()> { Err(process::exit(status).map_or_else(message_error, exit_error)) })?;
    linker.func_wrap(module, "proc_raise", move |c: C<'_, T>, signal: u32| call(c, get, version, |ctx, _| ctx.proc_raise(signal)))?;
    linker.func_wrap(module, "sched_yield", move |c: C<'_, T>| call(c, get, version, |ctx, _| ctx.sched_yield()))?;
    linker.func_wrap(module, "random_get", move |c: C<'_, T>, buf: u32, len: u32| call(c, get, version, |ctx, m| ctx.random_get(m, buf, len)))?;
    if version == Version::Snapshot1 {
        linker.func_wrap(module, "sock_accept", move |c: C<'_, T>, fd: u32, flags: u32, new_fd: u32| call(c, get, version, |ctx, m| ctx.sock_accept(m, fd, flags, new_fd)))?;
    }
    linker.func_wrap(module, "sock_recv", move |c: C<'_, T>, fd: u32, iovs: u32, len: u32, flags: u32, nread: u32, roflags: u32| call(c, get, version, |ctx, m| ctx.sock_recv(m, fd, iovs, len, flags, nread, roflags)))?;
    linker.func_wrap(module, "sock_send", move |c: C<'_, T>, fd: u32, iovs: u32, len: u32, flags: u32, nwritten: u32| call(c, get, version, |ctx, m| ctx.sock_send(m, fd, iovs, len, flags, nwritten)))?;
    linker.func_wrap(module, "sock_shutdown", move |c: C<'_, T>, fd: u32, how: u32| call(c, get, version, |ctx, _| ctx.sock_shutdown(fd, how)))?;
    Ok(())
}

/// Runs `body` on the guest's context and memory, and turns its result into an error number.
///
/// Each byte that `body` transfers costs one unit of fuel. The guest may be interrupted between two
/// pieces of a transfer.
fn call<T: 'static>(
    mut caller: Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx,
    version: Version,
    mut body: impl FnMut(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> Result<()>,
) -> crate::api::Result<u32> {
    let memory = caller
        .get_export("memory")
        .and_then(Extern::into_memory)
        .ok_or_else(|| message_error("missing required memory export"))?;
    let mut progress = Progress::default();
    loop {
        let before = progress.done;
        let (bytes, data) = memory.data_and_store_mut(&mut caller);
        let result = body(get(data), &mut GuestMemory::new(bytes, version, &mut progress));
        if progress.done > before {
            caller.checkpoint((progress.done - before).into())?;
        }
        match result {
            Ok(()) if progress.more => {}
            Ok(()) => return Ok(0),
            Err(errno) => return Ok(errno as u32),
        }
    }
}
