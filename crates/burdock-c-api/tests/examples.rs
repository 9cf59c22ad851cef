//! The examples in `examples/c`, compiled and run. A machine without a compiler or without Python
//! skips them by name.

mod common;

use std::process::Command;

use common::{Language, compile, examples, library, run, with_compiler};

#[track_caller]
fn check(file: &str, expected: &str) {
    let Some(program) = compile(Language::of(file), &examples().join(file)) else { return };
    assert_eq!(run(&program), expected, "{file}");
}

/// Returns the message of a trap in a module without a name.
fn trapped(at: &str, func: u32, what: &str) -> String {
    let frame = format!("    0:     {at} - <unknown>!<wasm function {func}>");
    format!("error while executing at wasm backtrace:\n{frame}\n\nCaused by:\n    {what}\n")
}

#[test]
fn hello() {
    check("hello.c", "hello from the guest\n");
}

#[test]
fn host_functions() {
    check(
        "host_functions.c",
        "paid 3, 7 left\npaid 6, 1 left\ncould not pay 9, 1 frame\nclosed with 1\n",
    );
}

#[test]
fn memory() {
    let trap = trapped("0x34", 0, "wasm trap: out of bounds memory access");
    let grown = "grown from 1 to 3 pages, 196608 bytes";
    check(
        "memory.c",
        &format!("7: 42\n65536: code 1, {trap}{grown}\n65536: 0\ngrown further: no\n"),
    );
}

#[test]
fn fuel() {
    let out = trapped("0x2a", 0, "wasm trap: all fuel consumed by WebAssembly");
    let deadlines = "deadline 1\ndeadline 2\ndeadline 3\nstopped: yes\n";
    check("fuel.c", &format!("quick: done\n9999 of 10000 left\nspin: {out}{deadlines}"));
}

#[test]
fn wasi() {
    check("wasi.c", "guest: hello wasi\nexit status 3\n");
}

#[test]
fn hook() {
    let calls = "fib(2)\n  fib(1)\n  fib(0)\nfib(2) = 1\n";
    let deep = "fib(4)\n  fib(3)\n    fib(2)\n      fib(1)\nfib(4) is too deep\n";
    let counts = "6 crossings, 708 bytes written\n183 branches\nfunction 0: 183, taken 91\n";
    check("hook.c", &format!("{calls}{deep}fib(10) = 55\n{counts}"));
}

#[test]
fn objects() {
    let allocated = "allocate: type 0, 0 elements, 16 bytes\n\
        heap: from 0 to 65536 bytes\n\
        allocate: type 1, 100 elements, 112 bytes\n";
    let thrown = "throw: tag 0, 7\ncatch: clause 0, tag 0, 7\n\
        throw: tag 0, 0\ncatch: clause 0, any, 0 values\n";
    let freed = "3 collections freed most bytes, 16 are left\n";
    check("objects.c", &format!("{allocated}{thrown}{freed}"));
}

#[test]
fn structures() {
    let array = "array: 1, 3 elements of 7\n";
    let exceptions = "caught 5\nuncaught, 1 value: 9\n";
    check("structures.c", &format!("2 fields\nsum 42\nsum 0\n{array}{exceptions}"));
}

#[test]
fn trace() {
    let calls = "m!run(5)\n  m!square(5) = 25\n  m!square(3) = 9\nm!run = 34\n";
    check("trace.c", &format!("{calls}run 6\nrun;square 8\n"));
}

/// Packets that look at the argument of the function in which the guest stops first, and let it go.
const LOOK: [(&str, &str); 3] = [("?", "T05"), ("qWasmLocal:0;0", "05000000"), ("c", "W00")];

#[test]
fn debugger() {
    let Some(program) = compile(Language::C, &examples().join("debugger.c")) else { return };
    let (status, printed) = common::debug(&program, &LOOK);
    assert!(status.success(), "{status}");
    assert_eq!(printed, "factorial(5) = 120\n");
    let (status, printed) = common::debug(&program, &[("?", "T05"), ("vKill;1", "OK")]);
    assert_eq!((status.code(), printed.as_str()), (Some(1), ""));
}

#[test]
fn plugin_in_cpp() {
    check("plugin.cpp", "hello from a plug-in\nrun succeeded\nwrong failed\n");
}

#[test]
fn ctypes_in_python() {
    let file = std::env::consts::DLL_PREFIX.to_owned() + "burdock" + std::env::consts::DLL_SUFFIX;
    let mut command = Command::new("python3");
    command.current_dir(examples()).arg("ctypes_add.py").arg(library().join(file));
    match command.output() {
        Ok(output) => {
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{complaints}");
            let printed = String::from_utf8_lossy(&output.stdout);
            let trap = trapped("0x39", 1, "wasm trap: integer divide by zero");
            assert_eq!(printed, format!("42\n{trap}"));
        }
        Err(error) => eprintln!("skipped, because there is no Python: {error}"),
    }
}

/// AddressSanitizer, with its check for leaks, finds nothing in the C examples.
#[test]
#[cfg(target_os = "linux")]
fn examples_are_clean() {
    let probe = common::scratch().join("probe.c");
    std::fs::write(&probe, "int main(void) { return 0; }\n").expect("can write");
    let works = |file: &std::path::Path| {
        let mut command = Command::new("cc");
        let program = common::scratch().join("probe");
        command.arg("-fsanitize=address").arg(file).arg("-o").arg(&program);
        command.output().is_ok_and(|output| output.status.success())
            && Command::new(program).output().is_ok_and(|output| output.status.success())
    };
    if !works(&probe) {
        return eprintln!("skipped, because there is no AddressSanitizer");
    }
    let files = ["hello", "host_functions", "memory", "fuel", "wasi", "hook", "objects"];
    for file in files.into_iter().chain(["structures", "trace", "debugger"]) {
        let program = common::scratch().join(format!("{file}.asan"));
        let source = examples().join(format!("{file}.c"));
        with_compiler(Language::C, |command| {
            command.args(["-g", "-fsanitize=address"]).arg(source).arg("-o").arg(&program);
            command.arg("-L").arg(library()).arg("-lburdock");
        });
        if file == "debugger" {
            let (status, _) = common::debug(&program, &LOOK);
            assert!(status.success(), "{status}");
        } else {
            run(&program);
        }
    }
}

#[test]
fn every_header_stands_alone() {
    let include = common::include();
    let mut headers = vec!["wasm.h".to_owned(), "wasi.h".into(), "burdock.h".into()];
    headers.push("wasmtime.h".to_owned());
    for dir in ["wasmtime", "wasmtime/types"] {
        for entry in std::fs::read_dir(include.join(dir)).expect("the headers are there") {
            let name = entry.expect("a file").file_name().to_string_lossy().into_owned();
            if name.ends_with(".h") {
                headers.push(format!("{dir}/{name}"));
            }
        }
    }
    assert!(headers.len() > 20);
    for (language, suffix) in [(Language::C, "c"), (Language::Cpp, "cpp")] {
        for header in &headers {
            let file = common::scratch().join(format!("{}.{suffix}", header.replace('/', "-")));
            std::fs::write(&file, format!("#include <{header}>\n#include <{header}>\n"))
                .expect("can write");
            with_compiler(language, |command| {
                command.arg("-fsyntax-only").arg(&file);
            });
        }
    }
}

/// The shared library exports the functions of both lists, and no other function of its own.
#[test]
#[cfg(target_os = "linux")]
fn the_library_exports_the_list() {
    let list = include_str!("../src/signatures/symbols.in").split_whitespace();
    let list = list.chain(include_str!("../src/wasmtime/unsupported.in").split_whitespace());
    let words = list.filter(|word| word.contains('_') && !word.contains('/'));
    let mut listed: Vec<&str> = words.collect();
    listed.sort_unstable();
    let mut command = Command::new("nm");
    let output = match command
        .args(["-D", "--defined-only"])
        .arg(library().join("libburdock.so"))
        .output()
    {
        Ok(output) => output,
        Err(error) => return eprintln!("skipped, because there is no nm: {error}"),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let functions = text.lines().filter_map(|line| line.split(" T ").nth(1));
    let mut exported: Vec<&str> =
        functions.filter(|name| !name.contains("rust_eh_personality")).collect();
    exported.sort_unstable();
    assert_eq!(exported, listed);
}
