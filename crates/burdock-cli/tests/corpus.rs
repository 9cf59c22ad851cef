//! Real programs, whose output is compared with their output under V8 (Node 20.20.2 and its
//! `node:wasi`). They are no part of the project: without the folder ../shared/corpus or
//! `BURDOCK_CORPUS` these tests say so and check nothing.

use burdock::{Config, Engine};
use burdock_tools::debug::{Debuggee, Recorded, Resume, Run, Space, Stop};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn corpus() -> Option<PathBuf> {
    folder("wasi")
}

/// Returns a folder of the corpus.
fn folder(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let named = std::env::var_os("BURDOCK_CORPUS").map(PathBuf::from);
    let found = named.into_iter().chain([beside]).map(|folder| folder.join(name));
    let found = found.into_iter().find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: neither ../shared/corpus nor $BURDOCK_CORPUS is there");
    }
    found
}

fn burdock(flags: &[&str], program: &Path, args: &[&str]) -> Output {
    command("run", flags, program, args)
}

fn command(name: &str, flags: &[&str], program: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_burdock"));
    command.arg(name).args(flags).arg(program).args(args).output().unwrap()
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[test]
fn pictures_are_those_of_another_engine() {
    let Some(corpus) = corpus() else { return };
    // The large ones take too long for an interpreter that is not optimized.
    let rows: &[(&str, &[&str], usize, u64)] = &[
        ("mandelbrot.wasm", &["32", "2e3"], 3085, 0xB934_3820_88FC_FA31),
        ("smallpt.wasm", &["4", "8"], 696, 0x421D_8BC2_92D9_FDD6),
        ("mandelbrot.wasm", &["128", "4e5"], 49167, 0xD764_4289_246B_F7DE),
        ("smallpt.wasm", &["16", "64"], 44909, 0x3058_B353_8918_4F0A),
    ];
    let rows = if cfg!(debug_assertions) { &rows[..2] } else { rows };
    for (name, args, len, expected) in rows {
        let output = burdock(&[], &corpus.join(name), args);
        assert!(output.status.success(), "{name}: {output:?}");
        let found = (output.stdout.len(), hash(&output.stdout));
        assert_eq!(found, (*len, *expected), "{name} {args:?}");
    }
}

#[test]
fn a_program_of_c_plus_plus_says_what_it_should() {
    let Some(corpus) = corpus() else { return };
    let output = burdock(&["--argv0", "simple"], &corpus.join("wasm3-simple.wasm"), &["a", "b"]);
    let text = String::from_utf8(output.stdout).unwrap();
    // But for the time of day and the time that a loop took.
    let untimed = text.lines().filter(|line| !line.starts_with("Now: "));
    let untimed = untimed.map(|line| line.split(" [").next().unwrap_or(line));
    let (sums, rest): (Vec<_>, Vec<_>) = untimed.partition(|line| line.contains(" + "));
    // The numbers are random.
    let numbers = sums[0].split([' ', '+', '=']).filter_map(|word| word.parse::<i64>().ok());
    let [a, b, sum] = numbers.collect::<Vec<_>>()[..] else { panic!("{sums:?}") };
    assert_eq!((sums.len(), a + b), (1, sum), "{sums:?}");
    let expected = [
        "Hello world",
        "Constructor OK",
        "Hello printf!",
        "Args: simple; a; b; ",
        "fib(20) = 6765",
        "=== done ===",
    ];
    assert_eq!(rest, expected);
}

/// Programs that Kotlin's compiler made, and a splay tree, whose objects the collector frees.
#[test]
fn programs_with_objects_print_what_they_should() {
    let Some(gc) = folder("gc") else { return };
    let dir = gc.display().to_string();
    let splay = ["-W", "unknown-imports-default", "--dir", &dir];
    // The other two take too long for an interpreter that is not optimized.
    let rows: &[(&str, &str, &[&str])] = &[
        ("kotlin-hello", "kotlin-hello", &[]),
        ("splay", "splay", &splay),
        ("kotlin-bench", "kotlin-bench", &[]),
        ("kotlin-bench-opt", "kotlin-bench", &[]),
    ];
    let rows = if cfg!(debug_assertions) { &rows[..1] } else { rows };
    for (program, expected, flags) in rows {
        let output = burdock(flags, &gc.join(program).with_extension("wasm"), &[]);
        assert!(output.status.success(), "{program}: {output:?}");
        let expected = std::fs::read_to_string(gc.join(expected).with_extension("out")).unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{program}");
    }
}

#[test]
fn quickjs_runs_scripts() {
    let Some(corpus) = corpus() else { return };
    let quickjs = corpus.join("quickjs.wasm");
    let output = burdock(&[], &quickjs, &["-e", "print(6*7)"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "42\n", "{output:?}");
    let dir = tempfile::tempdir().unwrap();
    let script = "import * as std from 'qjs:std';\n\
        const text = std.loadFile('/dir/in.txt');\n\
        const out = std.open('/dir/out.txt', 'w');\n\
        out.puts(text.toUpperCase());\n\
        out.close();\n";
    std::fs::write(dir.path().join("copy.mjs"), script).unwrap();
    std::fs::write(dir.path().join("in.txt"), "grüße").unwrap();
    let mapped = format!("{}::/dir", dir.path().display());
    let output = burdock(&["--dir", &mapped], &quickjs, &["/dir/copy.mjs"]);
    assert!(output.status.success(), "{output:?}");
    let written = std::fs::read_to_string(dir.path().join("out.txt")).unwrap();
    assert_eq!(written, "GRÜSSE");
}

/// The recording contains digests of the memory, the globals and all frames at host calls, with
/// which each replay is compared.
#[test]
fn a_recorded_run_of_quickjs_replays_without_its_files() {
    let Some(corpus) = corpus() else { return };
    let script = "import * as std from 'qjs:std';\n\
        const text = std.loadFile('/dir/in.txt');\n\
        const out = std.open('/dir/out.txt', 'w');\n\
        out.puts(text.toUpperCase());\n\
        out.close();\n\
        for (let i = 0; i < 20; i++) print(Date.now(), Math.random());\n";
    let dir = tempfile::tempdir().unwrap();
    let file = "grüße";
    std::fs::write(dir.path().join("script.mjs"), script).unwrap();
    std::fs::write(dir.path().join("in.txt"), file).unwrap();
    let mapped = format!("{}::/dir", dir.path().display());
    let recordings = tempfile::tempdir().unwrap();
    let recording = recordings.path().join("recording");
    let to = recording.display().to_string();
    let flags = ["--record", &to, "--dir", &mapped];
    let output = burdock(&flags, &corpus.join("quickjs.wasm"), &["/dir/script.mjs"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read_to_string(dir.path().join("out.txt")).unwrap(), "GRÜSSE");
    dir.close().unwrap();

    let mut config = Config::new();
    config.guest_debug(true).epoch_interruption(true);
    let engine = Engine::new(&config).unwrap();
    let run = Run::from_bytes(&engine, &std::fs::read(&recording).unwrap()).unwrap();
    assert_eq!(run.recording.output(usize::MAX).as_bytes(), output.stdout);
    let mut replay = Recorded::new(run, Box::new(|_| None)).unwrap();
    assert_eq!(replay.attach().unwrap(), Stop::Entry);
    let mut states = Vec::new();
    for (how, expected) in [
        (Resume::Continue, Stop::End),
        (Resume::BackContinue, Stop::Beginning),
        (Resume::Continue, Stop::End),
    ] {
        assert_eq!(replay.resume(how).unwrap(), expected);
        let (mut memory, size) = (Vec::new(), replay.memory_size(Space::Current).unwrap());
        while (memory.len() as u64) < size {
            let len = 1 << 20;
            memory.extend(replay.read(Space::Current, memory.len() as u64, len).unwrap());
        }
        let globals: Vec<_> = (0..).map_while(|index| replay.global(0, index).ok()).collect();
        let found = memory.windows(file.len()).any(|bytes| bytes == file.as_bytes());
        states.push((hash(&memory), globals, replay.frames().unwrap(), found));
    }
    assert_eq!(states[0], states[2]);
    // What was read from the file is in memory at the end only.
    assert_eq!((states[0].3, states[1].3), (true, false));
}

#[test]
fn a_policy_keeps_quickjs_in_its_directory() {
    let Some(corpus) = corpus() else { return };
    let quickjs = corpus.join("quickjs.wasm");
    let dir = tempfile::tempdir().unwrap();
    let policy = r#"
        default = "deny"
        allow = [
            { import = "*.path_open", path = ["/data/**"], rights = "read" },
            { import = "wasi_snapshot_preview1.fd_*" },
            { import = "wasi_snapshot_preview1.*_get" },
            { import = "wasi_snapshot_preview1.proc_exit" },
        ]"#;
    let file = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(file("policy.toml"), policy).unwrap();
    for (name, text) in [("data", "print('inside')"), ("other", "print('outside')")] {
        std::fs::create_dir(file(name)).unwrap();
        std::fs::write(dir.path().join(name).join("script.js"), text).unwrap();
    }
    let (policy, report) = (file("policy.toml"), file("report.json"));
    let (data, other) = (format!("{}::/data", file("data")), format!("{}::/other", file("other")));
    let flags = ["--policy", &policy, "--report", &report, "--dir", &data, "--dir", &other];
    let output = command("audit", &flags, &quickjs, &["/data/script.js"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "inside\n", "{output:?}");
    let output = command("audit", &flags, &quickjs, &["/other/script.js"]);
    assert_eq!(
        (output.status.code(), output.stdout.as_slice()),
        (Some(77), &b""[..]),
        "{output:?}"
    );
    let denied = "DENY  wasi_snapshot_preview1.path_open(/other/script.js) at quickjs.wasm!";
    assert!(String::from_utf8_lossy(&output.stderr).starts_with(denied), "{output:?}");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(report["decisions"][0]["verdict"], "deny");
    // Nothing has been opened before: the denied call is the only one.
    assert_eq!(report["calls"]["wasi_snapshot_preview1.path_open"]["count"], 1);
}

#[test]
fn tools_do_not_change_what_quickjs_says() {
    let Some(corpus) = corpus() else { return };
    let quickjs = corpus.join("quickjs.wasm");
    let script =
        "function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } print(f(8), [3, 1, 2].sort())";
    let dir = tempfile::tempdir().unwrap();
    let out = |name: &str| dir.path().join(name).display().to_string();
    let rows: &[(&str, &[&str], &str)] = &[
        ("trace", &["--host", "--calls", "--format", "chrome"], "trace.json"),
        ("trace", &["--format", "json"], "trace.jsonl"),
        ("profile", &[], "profile.svg"),
        ("profile", &[], "profile.json"),
        ("profile", &[], "profile.pb.gz"),
        ("profile", &["--lines"], "lines.json"),
        ("profile", &["--sample", "1ms"], "samples.folded"),
        ("profile", &["--opcodes", "--format", "json"], "opcodes.json"),
        ("coverage", &[], "coverage.txt"),
        ("audit", &["--learn"], "policy.toml"),
        ("step", &["--keys", "nn"], "step.txt"),
    ];
    for (name, flags, file) in rows {
        let path = out(file);
        let flags = [&["-o", &path], *flags].concat();
        let output = command(name, &flags, &quickjs, &["-e", script]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "21 1,2,3\n", "{name}: {output:?}");
        assert!(output.status.success() && output.stderr.is_empty(), "{name}: {output:?}");
        let written = std::fs::read(&path).unwrap();
        assert!(!written.is_empty() || file.ends_with(".folded"), "{name}");
        if file.ends_with(".json") {
            serde_json::from_slice::<serde_json::Value>(&written).unwrap();
        }
        if file.ends_with(".jsonl") {
            for line in String::from_utf8(written).unwrap().lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap();
            }
        }
    }
}

#[test]
fn tools_do_not_change_what_coremark_scores() {
    let Some(corpus) = corpus() else { return };
    let coremark = corpus.join("../execute/coremark.wasm");
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules");
    let dir = tempfile::tempdir().unwrap();
    let out = |name: &str| dir.path().join(name).display().to_string();
    let policy =
        "default = 'deny'\nallow = [{ import = '*.clock_time_get' }, { import = '*.poll_oneoff' }]";
    std::fs::write(out("policy.toml"), policy).unwrap();
    // A clock on which 20 seconds pass between one look and the next: as little as can be measured.
    let preload = format!("env={}", modules.join("slow_clock.wat").display());
    let run = ["--preload", &preload, "-S", "virtual-clock=0", "--invoke", "run"];
    let policy = out("policy.toml");
    let rows: &[(&str, &[&str], &str)] = &[
        ("run", &[], ""),
        ("trace", &[], "trace.txt"),
        ("profile", &[], "profile.folded"),
        ("profile", &["--opcodes"], "opcodes.txt"),
        ("coverage", &[], "coverage.txt"),
        ("audit", &["--policy", &policy], "audit.txt"),
        ("step", &["--keys", "nnn"], "step.txt"),
    ];
    for (name, flags, file) in rows {
        let path = out(file);
        let to: &[&str] = if file.is_empty() { &[] } else { &["-o", &path] };
        let output = command(name, &[flags, to, &run].concat(), &coremark, &[]);
        // Ten iterations in twenty seconds.
        assert_eq!(String::from_utf8_lossy(&output.stdout), "0.5\n", "{name}: {output:?}");
        assert!(output.status.success(), "{name}: {output:?}");
    }
    let read = |file: &str| std::fs::read_to_string(out(file)).unwrap();
    // Before and after ten iterations that find out how many to make, and those themselves.
    assert_eq!(read("trace.txt").matches("clock_time_get(").count(), 4);
    assert!(read("profile.folded").contains(";clock_ms"));
    assert!(read("coverage.txt").contains("branches"));
    assert_eq!(read("audit.txt"), "");
    assert!(read("step.txt").contains(" 3 of "));
}

#[test]
fn coremark_takes_its_time_from_wasi() {
    let Some(corpus) = corpus() else { return };
    if cfg!(debug_assertions) {
        println!("skipped: it takes too long for an interpreter that is not optimized");
        return;
    }
    let coremark = corpus.join("../execute/coremark.wasm");
    let clock = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules/clock.wat");
    let preload = format!("env={}", clock.display());
    let output = burdock(&["--preload", &preload, "--invoke", "run"], &coremark, &[]);
    let score: f32 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    assert!(score > 10.0 && score.is_finite(), "{output:?}");
}
