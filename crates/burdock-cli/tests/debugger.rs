//! The command line of debugging, with a debugger that sends few packets; `cargo xtask debugger`
//! tries real ones.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

fn burdock() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_burdock"));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/modules"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a module under a debugger that sends these packets. Returns what it got, what the guest
/// printed, and the exit status.
fn session(args: &[&str], packets: &str) -> (String, String, Option<i32>) {
    talk(burdock().args(args), packets)
}

/// Starts a command, connects, and sends packets.
fn talk(command: &mut Command, packets: &str) -> (String, String, Option<i32>) {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("note: waiting for a debugger on ").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(packets.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let output = child.wait_with_output().unwrap();
    (answers, String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// Returns a packet of this content.
fn packet(content: &str) -> String {
    let sum = content.bytes().fold(0_u8, u8::wrapping_add);
    format!("${content}#{sum:02x}")
}

#[test]
fn a_debugger_lets_the_guest_run() {
    for args in [
        &["run", "-g", "0", "hello.wat"][..],
        &["run", "--gdb", "localhost:0", "hello.wat"],
        &["-g=0", "run", "hello.wat"],
        &["-g", "127.0.0.1:0", "hello.wat"],
    ] {
        let (answers, printed, status) = session(args, "$qC#b4$c#63");
        assert_eq!((answers.as_str(), status), ("+$QC1#c5+$W00#b7", Some(0)), "{args:?}");
        assert_eq!(printed, "hello\n");
    }
}

#[test]
fn a_debugger_ends_the_guest() {
    let (answers, printed, status) = session(&["run", "-g", "0", "hello.wat"], "$k#6b");
    assert_eq!((answers.as_str(), printed.as_str(), status), ("+", "", Some(137)));
}

#[test]
fn a_place_where_nobody_may_listen_is_an_error() {
    let output = burdock().args(["run", "-g", "203.0.113.1:1", "hello.wat"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.starts_with("Error: failed to listen for a debugger on 203.0.113.1:1"),
        "{error}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_debugger_that_cannot_be_started_or_does_not_connect_is_an_error() {
    let error = |lldb: &str| {
        let output = burdock().args(["debug", "--lldb", lldb, "hello.wat"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{lldb}");
        assert!(output.stdout.is_empty(), "{lldb}");
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = error("./no-such-lldb");
    assert!(missing.starts_with("Error: failed to start `./no-such-lldb`"), "{missing}");
    if cfg!(unix) {
        let silent = error("true");
        assert!(silent.starts_with("Error: the debugger ended before it connected"), "{silent}");
    }
}

#[test]
fn configurations_for_an_editor_are_printed() {
    let args = ["debug", "--print-vscode", "hello.wat", "two words"];
    let output = burdock().args(args).output().unwrap();
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let launch = printed["configurations"][0]["launchCommands"].as_array().unwrap();
    let commands: Vec<&str> = launch.iter().map(|command| command.as_str().unwrap()).collect();
    assert!(commands.contains(&"settings set -- target.run-args \"two words\""), "{commands:?}");
    assert!(commands[4].starts_with("target create "), "{commands:?}");
    assert!(commands[4].contains("hello.wat"), "{commands:?}");
    assert_eq!(printed["configurations"][1]["request"], "attach");
}

#[test]
fn a_recording_is_repeated_elsewhere_without_the_files() {
    let (files, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(files.path().join("hello.wat"), "(module (import").unwrap();
    let recording = elsewhere.path().join("run.rec");
    let dir = format!("{}::/data", files.path().display());
    let mut record = burdock();
    record.args(["run", "--record", recording.to_str().unwrap(), "--dir", &dir, "reads.wat"]);
    assert!(record.status().unwrap().success());
    drop(files);
    let mut replay = burdock();
    replay.current_dir(elsewhere.path()).args(["debug", "-g", "0", "--replay", "run.rec"]);
    // To the end, what was read, back to the beginning, and to the end again.
    let packets = ["QStartNoAckMode", "c", "m100,e", "bc", "m100,4", "c", "c"].map(packet).concat();
    let (answers, printed, status) = talk(&mut replay, &packets);
    let answers: Vec<&str> = answers.split('$').skip(1).map(|it| &it[..it.len() - 3]).collect();
    assert_eq!((printed.as_str(), status), ("", Some(0)));
    assert!(answers[1].contains("replaylog:end"), "{answers:?}");
    assert_eq!(answers[2], "286d6f64756c652028696d706f72");
    assert!(answers[3].contains("replaylog:begin"), "{answers:?}");
    assert_eq!(answers[4], "00000000");
    assert!(answers[5].contains("replaylog:end"), "{answers:?}");
    assert_eq!(answers[6], "W00");
}

#[test]
fn what_is_no_recording_or_cannot_be_recorded_is_an_error() {
    let error = |args: &[&str]| {
        let output = burdock().args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let module = error(&["debug", "-g", "0", "--replay", "hello.wat"]);
    assert!(module.starts_with("Error: failed to read recording `hello.wat`"), "{module}");
    assert!(module.contains("not a recording of Burdock"), "{module}");
    let missing = error(&["run", "--record", "no/such/directory/run.rec", "hello.wat"]);
    assert!(missing.contains("no/such/directory/run.rec"), "{missing}");
}
