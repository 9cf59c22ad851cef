//! Tests of `cargo test` for WASI with the coverage tool as its runner, as docs/TOOLS.md describes.
//! The test prints a note and checks nothing if the compiler's target `wasm32-wasip1` is not
//! installed.

use std::path::Path;
use std::process::Command;

const LIBRARY: &str = "\
pub fn sign(x: i32) -> &'static str {
    if x < 0 {
        return \"negative\";
    }
    \"positive\"
}

#[cfg(test)]
mod tests {
    #[test]
    fn positive() {
        assert_eq!(super::sign(1), \"positive\");
    }
}
";

const INTEGRATION: &str = "\
#[test]
fn negative() {
    assert_eq!(signs::sign(-1), \"negative\");
}
";

fn has_target() -> bool {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
    // Where programs for another system are tested, there is no compiler.
    let printed = rustc.args(["--print", "target-libdir", "--target", "wasm32-wasip1"]).output();
    let Ok(output) = printed else { return false };
    let folder = String::from_utf8(output.stdout).unwrap();
    Path::new(folder.trim()).join("self-contained").exists()
}

/// Runs a part of the package's tests under the tool.
fn cargo_test(dir: &Path, part: &[&str], options: &str) -> std::process::Output {
    let runner = format!(
        "{} coverage --exclude /rust --exclude wasisdk {options}",
        env!("CARGO_BIN_EXE_burdock")
    );
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        .args(["test", "--offline", "--target", "wasm32-wasip1"])
        .args(part)
        .current_dir(dir)
        .env("CARGO_TARGET_WASM32_WASIP1_RUNNER", runner)
        .env("CARGO_TARGET_DIR", dir.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap()
}

/// Returns the number of executions of each library line that a tracefile lists.
fn lines(tracefile: &str) -> Vec<(u32, u64)> {
    let records = tracefile.split("end_of_record");
    let own = records.filter(|record| record.contains("SF:") && record.contains("src/lib.rs"));
    let lines = own.flat_map(str::lines).filter_map(|line| line.strip_prefix("DA:"));
    let numbers = lines.map(|line| line.split_once(',').unwrap());
    numbers.map(|(line, count)| (line.parse().unwrap(), count.parse().unwrap())).collect()
}

#[test]
fn the_tool_is_a_runner_for_cargo_test() {
    if !has_target() {
        return println!("skipped: the target wasm32-wasip1 is not installed");
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let manifest = "[package]\nname = \"signs\"\nedition = \"2024\"\n[workspace]\n";
    for (name, text) in
        [("Cargo.toml", manifest), ("src/lib.rs", LIBRARY), ("tests/negative.rs", INTEGRATION)]
    {
        std::fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
        std::fs::write(dir.join(name), text).unwrap();
    }
    for (part, name) in [(&["--lib"][..], "lib.info"), (&["--test", "negative"], "negative.info")] {
        let output = cargo_test(dir, part, &format!("--lcov {name}"));
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}\n{stdout}", String::from_utf8_lossy(&output.stderr));
        assert!(stdout.contains("test result: ok. 1 passed"), "{stdout}");
    }
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let hit = |name: &str, wanted: u32| {
        lines(&read(name)).into_iter().any(|(line, count)| line == wanted && count > 0)
    };
    assert!(!hit("lib.info", 3) && hit("lib.info", 5));
    assert!(hit("negative.info", 3) && !hit("negative.info", 5));
    let status = Command::new(env!("CARGO_BIN_EXE_burdock"))
        .args(["coverage", "merge", "--lcov", "all.info", "lib.info", "negative.info"])
        .current_dir(dir)
        .status();
    assert!(status.unwrap().success());
    assert!(hit("all.info", 3) && hit("all.info", 5));
    // Both a failing test and too little coverage fail the run.
    let output = cargo_test(dir, &["--lib"], "--only src/lib.rs --fail-under 99 -o table.txt");
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("% of the lines have run: less than 99 %"), "{stderr}");
}
