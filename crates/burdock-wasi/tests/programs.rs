//! Runs the WASI programs under `tests/programs` and compares what they print.
//!
//! `NAME.wat` is the body of a module: `prelude.wat` is put before it, and `(str "text")` stands
//! for the address and the length of a string. `NAME.out` is what the program has to print, with
//! error numbers by their names, and a last line that says how it ended. To write the `.out` files
//! anew: `BLESS=1 cargo test -p burdock-wasi --test programs`.
//!
//! Every program runs in a fresh directory (see [`Fixture`]) on a virtual clock, with seeded random
//! bytes, and with these descriptors: 0 to 2, 3 `/sandbox`, 4 `/ro` (read-only), 5 a listening
//! socket.

use burdock::{Engine, Linker, Module, Store};
use burdock_wasi::pipe::{MemoryInputPipe, MemoryOutputPipe};
use burdock_wasi::{FsPerms, I32Exit, VirtualClock, WasiCtxBuilder, WasiP1Ctx, preview1};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

/// Where the strings of a program begin in its memory.
const STRINGS: usize = 0x2000;

#[test]
fn programs_print_what_they_should() {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut names: Vec<_> = fs::read_dir(&programs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|e| e == "wat") && !path.ends_with("prelude.wat")
        })
        .collect();
    names.sort();
    let failed: Vec<_> = names.iter().filter_map(|path| check(path).err()).collect();
    assert!(
        failed.is_empty(),
        "{} of {} failed:\n{}",
        failed.len(),
        names.len(),
        failed.join("\n")
    );
    assert!(names.len() >= 30, "only {} programs found", names.len());
}

/// Runs one program and compares; the error is the difference.
fn check(path: &Path) -> Result<(), String> {
    let expected = path.with_extension("out");
    let printed = run(path);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&expected, &printed).unwrap();
    }
    let wanted = fs::read_to_string(&expected).unwrap_or_default();
    if printed == wanted {
        return Ok(());
    }
    let line = printed.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    Err(format!(
        "{}: line {} should be {:?} and is {:?}",
        path.file_name().unwrap().to_string_lossy(),
        line + 1,
        wanted.lines().nth(line).unwrap_or("(nothing)"),
        printed.lines().nth(line).unwrap_or("(nothing)"),
    ))
}

/// What the program prints, and how it ends.
fn run(path: &Path) -> String {
    let fixture = Fixture::new().unwrap();
    let stdout = MemoryOutputPipe::new(1 << 20);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let client = path.file_stem().unwrap().to_string_lossy().starts_with("sock").then(|| {
        std::thread::spawn(move || {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(b"ping pong")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            io::Result::Ok(answer)
        })
    });
    let wasi = WasiCtxBuilder::new()
        .stdin(MemoryInputPipe::new("line one\nline two\n"))
        .stdout(stdout.clone())
        .args(&["program", "one", "two words"])
        .envs(&[("NAME", "value"), ("EMPTY", "")])
        .preopened_dir(fixture.path("sandbox"), "/sandbox", FsPerms::ReadWrite)
        .unwrap()
        .preopened_dir(fixture.path("ro"), "/ro", FsPerms::ReadOnly)
        .unwrap()
        .preopened_socket(listener)
        .virtual_clock(VirtualClock::new(Duration::from_secs(1_000_000_000)))
        .deterministic_random(42)
        .max_fds(12)
        .build();

    let prelude = fs::read_to_string(path.with_file_name("prelude.wat")).unwrap();
    let source = expand(&prelude, &fs::read_to_string(path).unwrap());
    let ended = start(&source, wasi);
    let mut printed = name_errors(&String::from_utf8_lossy(&stdout.contents()));
    printed.push_str(&ended);
    if let Some(client) = client {
        printed.push_str(&format!("the client got {:?}\n", client.join().unwrap().unwrap()));
    }
    printed
}

fn start(source: &str, wasi: WasiP1Ctx) -> String {
    let engine = Engine::default();
    let module = Module::new(&engine, source).unwrap_or_else(|error| panic!("{error}\n{source}"));
    let mut linker = Linker::new(&engine);
    preview1::add_to_linker_sync(&mut linker, |ctx| ctx).unwrap();
    let mut store = Store::new(&engine, wasi);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    match start.call(&mut store, ()) {
        Ok(()) => "[returned]\n".into(),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => format!("[exit {}]\n", exit.0),
            None => format!("[error: {}]\n", error.root_cause()),
        },
    }
}

/// The module of a program: replaces each `(str "...")`, and adds the data that they stand for.
fn expand(prelude: &str, body: &str) -> String {
    let mut module = String::from("(module\n");
    let mut data = String::new();
    let mut at = STRINGS;
    let body = format!("{prelude}\n{body}");
    let mut parts = body.split("(str \"");
    module.push_str(parts.next().unwrap());
    for part in parts {
        let (text, rest) = part.split_once("\")").expect("the end of a string");
        // An escape is \n or \hh.
        let escapes = text.matches('\\').count();
        let newlines = text.matches("\\n").count();
        let len = text.len() - newlines - 2 * (escapes - newlines);
        module.push_str(&format!("(i32.const {at}) (i32.const {len})"));
        data.push_str(text);
        at += len;
        module.push_str(rest);
    }
    module.push_str(&format!("\n(data (i32.const {STRINGS}) \"{data}\"))"));
    module
}

/// Replaces `errno N` by the name of that error.
fn name_errors(printed: &str) -> String {
    let mut named = String::new();
    let mut parts = printed.split("errno ");
    named.push_str(parts.next().unwrap());
    for part in parts {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        named.push_str(errno_name(part[..digits].parse().unwrap()));
        named.push_str(&part[digits..]);
    }
    named
}

/// The names that witx gives the error numbers, independent of the crate's own table.
fn errno_name(errno: usize) -> &'static str {
    const NAMES: &str = "ok 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy \
        canceled child connaborted connrefused connreset deadlk destaddrreq dom dquot exist fault fbig \
        hostunreach idrm ilseq inprogress intr inval io isconn isdir loop mfile mlink msgsize multihop \
        nametoolong netdown netreset netunreach nfile nobufs nodev noent noexec nolck nolink nomem nomsg \
        noprotoopt nospc nosys notconn notdir notempty notrecoverable notsock notsup notty nxio overflow \
        ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale timedout txtbsy \
        xdev notcapable";
    NAMES.split_ascii_whitespace().nth(errno).unwrap_or("no such error")
}

/// A directory with, beside the two that the guest is given, a file that it must never reach.
struct Fixture {
    root: tempfile::TempDir,
}

impl Fixture {
    fn new() -> io::Result<Self> {
        let fixture = Self { root: tempfile::tempdir()? };
        for dir in ["sandbox/sub", "sandbox/empty", "ro/sub"] {
            fs::create_dir_all(fixture.path(dir))?;
        }
        for (path, contents) in [
            ("secret.txt", "secret"),
            ("sandbox/hello.txt", "hello world\n"),
            ("sandbox/sub/a.txt", "a"),
            ("ro/file.txt", "read only\n"),
        ] {
            fs::write(fixture.path(path), contents)?;
        }
        #[cfg(unix)]
        for (link, target) in [
            ("sandbox/link", "hello.txt"),
            ("sandbox/dirlink", "sub"),
            ("sandbox/dangling", "nowhere"),
            ("sandbox/loop1", "loop2"),
            ("sandbox/loop2", "loop1"),
            ("sandbox/escape", "../secret.txt"),
            ("sandbox/escape_dir", ".."),
            ("sandbox/escape_abs", "/etc/passwd"),
            ("sandbox/roundabout", "sub/../../sandbox/hello.txt"),
        ] {
            std::os::unix::fs::symlink(target, fixture.path(link))?;
        }
        Ok(fixture)
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.root.path().join(path)
    }
}
