//! Compiling C and C++ programs against the library, and running them.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The language of a program.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    C,
    Cpp,
}

impl Language {
    /// Returns the language that a file's name stands for.
    pub(crate) fn of(file: &str) -> Self {
        if file.ends_with(".c") { Self::C } else { Self::Cpp }
    }

    fn compiler(self) -> Command {
        let (variable, default, arguments) = match self {
            Self::C => ("CC", "cc", ["-std=c11", "-Wall", "-Wextra", "-Werror"]),
            Self::Cpp => ("CXX", "c++", ["-std=c++17", "-Wall", "-Wextra", "-Werror"]),
        };
        let name = std::env::var_os(variable).unwrap_or_else(|| default.into());
        let mut command = Command::new(name);
        command.args(arguments).arg("-I").arg(include());
        command
    }
}

/// Returns the directory of the headers.
pub(crate) fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// Returns the directory of the examples.
pub(crate) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/c")
}

/// Returns a directory with the library, named as it is when it is installed.
pub(crate) fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let test = std::env::current_exe().expect("the test has a path");
        let deps = test.parent().expect("the test is in a directory");
        let built = deps.join(format!("libburdock_c_api{}", std::env::consts::DLL_SUFFIX));
        assert!(built.exists(), "{} does not exist", built.display());
        let dir = scratch().join("lib");
        std::fs::create_dir_all(&dir).expect("can make a directory");
        for name in
            ["libburdock.so", "libburdock.so.0.1", "libburdock.dylib", "libburdock.0.1.dylib"]
        {
            let _ = std::fs::remove_file(dir.join(name));
            let name = dir.join(name);
            // The library is large without optimizations.
            if std::fs::hard_link(&built, &name).is_err() {
                std::fs::copy(&built, &name).expect("can copy the library");
            }
        }
        dir
    })
}

/// Returns a directory for the files of this test program, which its next run overwrites.
pub(crate) fn scratch() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let name = test.file_stem().expect("a program has a name");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&dir).expect("can make a directory");
    dir
}

/// Runs the compiler with arguments. Returns `false` if there is no compiler.
///
/// # Panics
///
/// Panics if the compiler complains.
pub(crate) fn with_compiler(language: Language, arguments: impl FnOnce(&mut Command)) -> bool {
    let mut command = language.compiler();
    arguments(&mut command);
    match command.output() {
        Ok(output) => {
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command:?}:\n{complaints}");
            true
        }
        Err(error) => {
            eprintln!("skipped, because there is no compiler of {language:?}: {error}");
            false
        }
    }
}

/// Compiles a program. Returns `None` if there is no compiler.
pub(crate) fn compile(language: Language, source: &Path) -> Option<PathBuf> {
    let name = source.file_name().expect("a file has a name");
    let program = scratch().join(name).with_extension("program");
    let compiled = with_compiler(language, |command| {
        command.arg(source).arg("-o").arg(&program).arg("-L").arg(library()).arg("-lburdock");
    });
    compiled.then_some(program)
}

/// Returns the command that runs a program.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", library()).env("DYLD_LIBRARY_PATH", library());
    command.current_dir(examples());
    command
}

/// Runs a program, which has to succeed. Returns its output.
pub(crate) fn run(program: &Path) -> String {
    let output = command(program).output().expect("the program runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program:?}: {}\n{complaints}", output.status);
    String::from_utf8(output.stdout).expect("the output is text")
}

/// Runs a program that prints the port on which it waits for a debugger, and speaks with it: sends
/// each packet, and compares the beginning of its answer. Returns the status and the output behind
/// the port.
pub(crate) fn debug(
    program: &Path,
    packets: &[(&str, &str)],
) -> (std::process::ExitStatus, String) {
    let mut child = command(program).stdout(Stdio::piped()).spawn().expect("the program runs");
    let mut output = BufReader::new(child.stdout.take().expect("the output is a pipe"));
    let mut line = String::new();
    output.read_line(&mut line).expect("the program prints");
    let port: u16 = line.trim().rsplit(' ').next().and_then(|port| port.parse().ok()).expect(&line);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the program listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a connection has a limit");
    for (packet, expected) in packets {
        let sum = packet.bytes().fold(0, u8::wrapping_add);
        write!(stream, "${packet}#{sum:02x}").expect("the connection is there");
        let mut answer = Vec::new();
        // An acknowledgment, the content, and the sum of its bytes.
        while !(answer.len() > 4 && answer[answer.len() - 3] == b'#') {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the program answers");
            answer.extend(byte);
        }
        stream.write_all(b"+").expect("the connection is there");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("+${expected}")), "{packet}: {answer}");
    }
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the output is text");
    (child.wait().expect("the program ends"), rest)
}
