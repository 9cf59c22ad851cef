//! Tests of the error numbers of calls with paths whose last part says that they name a directory,
//! of moves from one directory to another, and of file descriptor flags.
#![cfg(unix)]

use burdock::{Engine, Instance, Linker, Module, Store};
use burdock_wasi::{DirPerms, Errno, FilePerms, FsPerms, WasiCtxBuilder, WasiP1Ctx, preview1};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// A guest whose exports each take one path in the first directory; all other names are fixed.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_remove_directory" (func $rmdir (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_link" (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_readlink" (func $readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $set_flags (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 200) "fresh")
    (data (i32.const 205) "other")
    (func (export "stat") (param i32 i32) (result i32)
        (call $stat (i32.const 3) (i32.const 0) (local.get 0) (local.get 1) (i32.const 1000)))
    (func (export "stat_follow") (param i32 i32) (result i32)
        (call $stat (i32.const 3) (i32.const 1) (local.get 0) (local.get 1) (i32.const 1000)))
    ;; Returns the type of the file that was found last.
    (func (export "type") (param i32 i32) (result i32) (i32.load8_u (i32.const 1016)))
    (func (export "mkdir") (param i32 i32) (result i32)
        (call $mkdir (i32.const 3) (local.get 0) (local.get 1)))
    (func (export "rmdir") (param i32 i32) (result i32)
        (call $rmdir (i32.const 3) (local.get 0) (local.get 1)))
    (func (export "unlink") (param i32 i32) (result i32)
        (call $unlink (i32.const 3) (local.get 0) (local.get 1)))
    (func (export "rename_from") (param i32 i32) (result i32)
        (call $rename (i32.const 3) (local.get 0) (local.get 1) (i32.const 3) (i32.const 200) (i32.const 5)))
    (func (export "rename_file_to") (param i32 i32) (result i32)
        (call $rename (i32.const 3) (i32.const 205) (i32.const 5) (i32.const 3) (local.get 0) (local.get 1)))
    (func (export "link_from") (param i32 i32) (result i32)
        (call $link (i32.const 3) (i32.const 0) (local.get 0) (local.get 1) (i32.const 3) (i32.const 200) (i32.const 5)))
    (func (export "link_to") (param i32 i32) (result i32)
        (call $link (i32.const 3) (i32.const 0) (i32.const 205) (i32.const 5) (i32.const 3) (local.get 0) (local.get 1)))
    (func (export "symlink") (param i32 i32) (result i32)
        (call $symlink (i32.const 205) (i32.const 5) (i32.const 3) (local.get 0) (local.get 1)))
    (func (export "readlink") (param i32 i32) (result i32)
        (call $readlink (i32.const 3) (local.get 0) (local.get 1) (i32.const 1100) (i32.const 100) (i32.const 1200)))
    (func (export "open") (param i32 i32) (result i32)
        (call $open (i32.const 3) (i32.const 0) (local.get 0) (local.get 1) (i32.const 0)
            (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 1200)))
    (func (export "rename_over") (param i32 i32) (result i32)
        (call $rename (i32.const 3) (local.get 0) (local.get 1) (i32.const 4) (i32.const 200) (i32.const 5)))
    (func (export "rename_back") (param i32 i32) (result i32)
        (call $rename (i32.const 4) (local.get 0) (local.get 1) (i32.const 3) (i32.const 200) (i32.const 5)))
    (func (export "link_over") (param i32 i32) (result i32)
        (call $link (i32.const 3) (i32.const 0) (local.get 0) (local.get 1) (i32.const 4) (i32.const 200) (i32.const 5)))
    (func (export "link_back") (param i32 i32) (result i32)
        (call $link (i32.const 4) (i32.const 0) (local.get 0) (local.get 1) (i32.const 3) (i32.const 200) (i32.const 5)))
    (func (export "link_follow") (param i32 i32) (result i32)
        (call $link (i32.const 3) (i32.const 1) (local.get 0) (local.get 1) (i32.const 4) (i32.const 200) (i32.const 5)))
    ;; Takes the file descriptor flags, then the open flags.
    (func (export "open_flags") (param i32 i32) (result i32)
        (call $open (i32.const 3) (i32.const 0) (i32.const 205) (i32.const 5) (local.get 1)
            (i64.const 66) (i64.const 0) (local.get 0) (i32.const 1200)))
    (func (export "flags") (param i32 i32) (result i32)
        (drop (call $fdstat (i32.load (i32.const 1200)) (i32.const 1300)))
        (i32.load16_u (i32.const 1302)))
    (func (export "set_flags") (param i32 i32) (result i32)
        (call $set_flags (i32.load (i32.const 1200)) (local.get 0))))"#;

/// Returns a guest with the directories of `dirs`, each with its permissions.
fn guest<P>(dirs: &[(&Path, P)]) -> (Store<WasiP1Ctx>, Instance)
where
    P: Copy + Into<(DirPerms, FilePerms)>,
{
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker_sync(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    let mut builder = WasiCtxBuilder::new();
    for (dir, perms) in dirs {
        builder.preopened_dir(dir, "/", *perms).unwrap();
    }
    let mut store = Store::new(&engine, builder.build());
    let module = Module::new(&engine, GUEST).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

fn call(guest: &mut (Store<WasiP1Ctx>, Instance), name: &str, a: i32, b: i32) -> i32 {
    let (store, instance) = guest;
    let func = instance.get_typed_func::<(i32, i32), i32>(&mut *store, name).unwrap();
    func.call(store, (a, b)).unwrap()
}

fn call_with_path(guest: &mut (Store<WasiP1Ctx>, Instance), name: &str, path: &str) -> i32 {
    let memory = guest.1.get_memory(&mut guest.0, "memory").unwrap();
    memory.write(&mut guest.0, 100, path.as_bytes()).unwrap();
    call(guest, name, 100, path.len() as i32)
}

/// Creates a file `f`, an empty directory `d`, links to both, a dangling link, and the other files
/// that the calls name.
fn tree() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    fs::create_dir(path("d")).unwrap();
    fs::write(path("f"), "f").unwrap();
    fs::write(path("other"), "other").unwrap();
    for (link, target) in [("ld", "d"), ("lf", "f"), ("dangling", "nowhere")] {
        symlink(target, path(link)).unwrap();
    }
    root
}

const OK: i32 = 0;
const NOTDIR: i32 = Errno::Notdir as i32;
const NOENT: i32 = Errno::Noent as i32;
const EXIST: i32 = Errno::Exist as i32;
const INVAL: i32 = Errno::Inval as i32;
const BUSY: i32 = Errno::Busy as i32;
const PERM: i32 = Errno::Perm as i32;
const NOTSUP: i32 = Errno::Notsup as i32;

#[test]
fn a_path_that_ends_in_a_dot_names_a_directory() {
    // Each call with its results for `f`, `d`, `ld`, `lf`, `dangling` and a missing name.
    let rows: &[(&str, [i32; 6])] = &[
        ("stat", [NOTDIR, OK, OK, NOTDIR, NOENT, NOENT]),
        ("stat_follow", [NOTDIR, OK, OK, NOTDIR, NOENT, NOENT]),
        ("open", [NOTDIR, OK, OK, NOTDIR, NOENT, NOENT]),
        ("readlink", [NOTDIR, INVAL, INVAL, NOTDIR, NOENT, NOENT]),
        ("mkdir", [NOTDIR, EXIST, EXIST, NOTDIR, NOENT, NOENT]),
        ("rmdir", [NOTDIR, INVAL, INVAL, NOTDIR, NOENT, NOENT]),
        ("symlink", [NOTDIR, EXIST, EXIST, NOTDIR, NOENT, NOENT]),
        ("link_to", [NOTDIR, EXIST, EXIST, NOTDIR, NOENT, NOENT]),
        ("rename_from", [NOTDIR, BUSY, BUSY, NOTDIR, NOENT, NOENT]),
        ("rename_file_to", [NOTDIR, BUSY, BUSY, NOTDIR, NOENT, NOENT]),
    ];
    for (name, expected) in rows {
        for (file, expected) in ["f", "d", "ld", "lf", "dangling", "m"].iter().zip(expected) {
            for suffix in ["/.", "/./.", "//.", "/./"] {
                let root = tree();
                let mut guest = guest(&[(root.path(), FsPerms::ReadWrite)]);
                let path = format!("{file}{suffix}");
                let found = call_with_path(&mut guest, name, &path);
                assert_eq!(found, *expected, "{name} {path}");
                if name.starts_with("stat") && *expected == OK {
                    assert_eq!(call(&mut guest, "type", 0, 0), 3, "{path} is a directory");
                }
            }
        }
    }
    // These calls fail on `.` itself, whatever file the path names.
    for (name, file) in
        [("unlink", "f"), ("unlink", "ld"), ("rename_from", "f"), ("rename_from", "d")]
    {
        let root = tree();
        let mut guest = guest(&[(root.path(), FsPerms::ReadWrite)]);
        assert_ne!(call_with_path(&mut guest, name, &format!("{file}/.")), OK, "{name} {file}");
        assert!(root.path().join(file).symlink_metadata().is_ok());
    }
}

#[test]
fn a_link_alone_is_not_followed() {
    let root = tree();
    let mut guest = guest(&[(root.path(), FsPerms::ReadWrite)]);
    for (path, filetype) in [("ld", 7), ("lf", 7), ("dangling", 7), ("f", 4), ("d", 3), (".", 3)] {
        assert_eq!(call_with_path(&mut guest, "stat", path), OK);
        assert_eq!(call(&mut guest, "type", 0, 0), filetype, "{path}");
    }
}

/// Checks that a file that is read-only in one directory does not become writable in another.
#[test]
fn names_move_between_directories_of_equal_rights() {
    let (all, read) = (FilePerms::all(), FilePerms::READ);
    let (change, look) = (DirPerms::all(), DirPerms::READ);
    let mutate = DirPerms::MUTATE;
    let rows = [
        ((change, all), (change, all), OK),
        ((change, read), (change, read), OK),
        ((change, read), (change, all), PERM),
        ((change, all), (change, read), PERM),
        ((mutate, read), (change, all), PERM),
        ((mutate, all), (change, all), PERM),
        ((look, all), (change, all), PERM),
        ((change, all), (look, all), PERM),
    ];
    for (from, to, expected) in rows {
        for name in ["rename_over", "link_over", "rename_back", "link_back"] {
            let (here, there) = (tree(), tree());
            let dirs = [(here.path(), from), (there.path(), to)];
            let found = call_with_path(&mut guest(&dirs), name, "f");
            assert_eq!(found, expected, "{name} from {from:?} to {to:?}");
        }
        // Following links is refused before permissions are compared, but after the right to
        // mutate is checked.
        let (here, there) = (tree(), tree());
        let dirs = [(here.path(), from), (there.path(), to)];
        let may = from.0.contains(mutate) && to.0.contains(mutate);
        let found = call_with_path(&mut guest(&dirs), "link_follow", "f");
        assert_eq!(found, if may { INVAL } else { PERM }, "from {from:?} to {to:?}");
    }
}

#[test]
fn a_read_only_directory_is_not_changed() {
    // Each call with a path, and its result if writes are not permitted; otherwise it succeeds.
    let rows = [
        ("stat", "f", OK),
        ("open", "f", OK),
        ("open", "d", OK),
        ("readlink", "lf", OK),
        ("mkdir", "m", PERM),
        ("rmdir", "d", PERM),
        ("unlink", "f", PERM),
        ("symlink", "m", PERM),
        ("link_to", "m", PERM),
        ("rename_from", "f", PERM),
        ("rename_file_to", "other", PERM),
    ];
    for (name, path, expected) in rows {
        for (perms, expected) in [(FsPerms::ReadOnly, expected), (FsPerms::ReadWrite, OK)] {
            let root = tree();
            let mut guest = guest(&[(root.path(), perms)]);
            let found = call_with_path(&mut guest, name, path);
            assert_eq!(found, expected, "{name} {path} {perms:?}");
        }
    }
}

#[test]
fn files_are_not_opened_to_be_synchronous() {
    let [append, dsync, nonblock, rsync, sync] = [1, 2, 4, 8, 16];
    let [creat, directory] = [1, 2];
    let root = tree();
    let mut open = guest(&[(root.path(), FsPerms::ReadWrite)]);
    for flags in [sync, dsync, rsync, sync | append, dsync | nonblock] {
        assert_eq!(call(&mut open, "open_flags", flags, creat), NOTSUP, "{flags}");
        // The flags are refused first, even if the other flags are invalid.
        assert_eq!(call(&mut open, "open_flags", flags, creat | directory), NOTSUP, "{flags}");
    }
    assert_eq!(call(&mut open, "open_flags", 0, creat | directory), INVAL);
    for flags in [0, append, nonblock, append | nonblock] {
        assert_eq!(call(&mut open, "open_flags", flags, creat), OK, "{flags}");
        assert_eq!(call(&mut open, "flags", 0, 0), flags);
        assert_eq!(call(&mut open, "set_flags", sync, 0), INVAL);
        assert_eq!(call(&mut open, "set_flags", append, 0), OK);
        assert_eq!(call(&mut open, "flags", 0, 0), append);
    }
    let mut only_read = guest(&[(root.path(), FsPerms::ReadOnly)]);
    assert_eq!(call(&mut only_read, "open_flags", sync, 0), NOTSUP, "before rights are looked at");
}
