//! Files that the tools write, read by programs and crates of others: by whom they are meant to be
//! read. What needs a program that is not installed says so and checks nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with what a tool wrote about the small module of docs/TOOLS.md.
struct Written {
    dir: tempfile::TempDir,
}

impl Written {
    fn by(args: &[&str]) -> Self {
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules/steps.wat");
        Self::about(&module, args, "120\n")
    }

    /// What a tool wrote about another module, which prints this.
    fn about(module: &Path, args: &[&str], printed: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_burdock"))
            .args(args)
            .arg(module)
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed);
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// What a program says, if it is installed under one of these names.
    fn shown_to(&self, programs: &[&str], args: &[&str]) -> Option<Output> {
        let installed = |program: &&&str| Command::new(program).arg("--version").output().is_ok();
        let Some(program) = programs.iter().find(installed) else {
            println!("skipped: {} is not installed", programs[0]);
            return None;
        };
        let home = self.dir.path();
        let mut command = Command::new(program);
        // Nobody's settings, and none left behind.
        command.args(args).current_dir(home).env("HOME", home);
        Some(command.output().unwrap())
    }
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_flame_graph_is_xml_with_a_box_for_each_stack() {
    let written = Written::by(&["profile", "-o", "p.svg"]);
    let svg = written.text("p.svg");
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&svg, options).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "svg");
    let title = ("http://www.w3.org/2000/svg", "title");
    let titles = document.descendants().filter(|node| node.has_tag_name(title));
    let titles: Vec<&str> = titles.filter_map(|title| title.text()).collect();
    assert!(svg.contains(">steps.wat (fuel)<"), "the title names the unit");
    for title in ["all (147 fuel, 100%)", "print (93 fuel, 63.27%)", "digit (30 fuel, 20.41%)"] {
        assert!(titles.contains(&title), "{title}: {titles:?}");
    }
}

#[test]
fn the_flame_graph_of_a_difference_is_xml() {
    let written = Written::by(&["profile", "-o", "earlier.folded"]);
    let earlier = written.path("earlier.folded");
    let diff = ["profile", "--diff", earlier.to_str().unwrap(), "-o", "d.svg"];
    let svg = Written::by(&diff).text("d.svg");
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    roxmltree::Document::parse_with_options(&svg, options).unwrap();
    assert!(svg.contains("compared with earlier.folded"));
}

/// Checks all fields of a trace as JSON but the times, which differ from run to run.
#[test]
fn a_trace_as_json_has_a_field_for_each_thing() {
    let args = ["trace", "--host", "--calls=digit", "--memory", "--format", "json", "-o", "t.json"];
    let text = Written::by(&args).text("t.json");
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut lines: Vec<_> = lines.collect();
    let mut last = 0;
    for line in &mut lines {
        let time = line["time"].take().as_u64().unwrap();
        assert!(time >= last, "{line}");
        last = time;
        if line["phase"] == "leave" {
            assert!(line["ns"].take().as_u64().unwrap() <= last, "{line}");
        }
    }
    let host = "wasi_snapshot_preview1";
    let expected = [
        serde_json::json!({ "kind": "call", "phase": "enter", "module": "steps.wat",
            "func": "digit", "depth": 0, "time": null, "args": [120] }),
        serde_json::json!({ "kind": "call", "phase": "leave", "module": "steps.wat",
            "func": "digit", "depth": 0, "time": null, "results": [48], "ns": null }),
        serde_json::json!({ "kind": "host", "phase": "enter", "module": host, "func": "fd_write",
            "depth": 0, "time": null, "args": { "fd": 1, "iovs": "120\n" } }),
        serde_json::json!({ "kind": "host", "phase": "leave", "module": host, "func": "fd_write",
            "depth": 0, "time": null, "errno": "SUCCESS", "results": { "nwritten": 4 },
            "ns": null }),
    ];
    for object in &expected {
        assert_eq!(lines.iter().filter(|line| *line == object).count(), 1, "{object}\n{text}");
    }
    assert_eq!(lines.len(), 8, "{text}");
    let summary = Written::by(&["trace", "-c", "--calls=fac", "--format", "json", "-o", "s.json"]);
    let row: serde_json::Value = serde_json::from_str(&summary.text("s.json")).unwrap();
    assert_eq!((&row["name"], &row["calls"]), (&"steps.wat!fac".into(), &5.into()));
    assert!(row["errors"] == 0 && row["ns"].is_u64(), "{row}");
}

/// This follows the tables as Firefox's profiler does, from a sample over stacks, frames and
/// functions to names.
#[test]
fn the_tables_for_firefox_lead_to_the_stacks() {
    let written = Written::by(&["profile", "--format", "folded", "-o", "p.folded"]);
    let total: u64 = written.text("p.folded").lines().map(|line| weight(line).1).sum();
    assert_eq!(total, 147);
    let stacks = folded(&written.text("p.folded"));
    assert_eq!(stacks_of_firefox(&["profile", "-o", "p.json"]), stacks);
    // With `--lines` the weights are instructions, and calls of the host execute none.
    let by_line = stacks_of_firefox(&["profile", "--lines", "-o", "p.json"]);
    assert_eq!(by_line.values().sum::<u64>(), 135);
    let guest = stacks.keys().filter(|stack| !stack.contains("fd_write"));
    assert!(by_line.keys().eq(guest), "{by_line:?}");
}

fn weight(line: &str) -> (String, u64) {
    let (stack, weight) = line.rsplit_once(' ').unwrap();
    (stack.to_owned(), weight.parse().unwrap())
}

fn folded(text: &str) -> BTreeMap<String, u64> {
    text.lines().map(weight).collect()
}

fn stacks_of_firefox(args: &[&str]) -> BTreeMap<String, u64> {
    let profile = Written::by(args).text("p.json");
    let profile: serde_json::Value = serde_json::from_str(&profile).unwrap();
    assert_eq!(profile["meta"]["symbolicated"], true);
    let thread = &profile["threads"][0];
    // Every column of a table is as long as the table says.
    for table in ["samples", "stackTable", "frameTable", "funcTable"] {
        let length = thread[table]["length"].as_u64().unwrap() as usize;
        for (name, column) in thread[table].as_object().unwrap() {
            let column = column.as_array().map_or(length, Vec::len);
            assert_eq!(column, length, "{table}.{name}");
        }
    }
    let at = |table: &str, column: &str, row: u64| thread[table][column][row as usize].as_u64();
    let mut stacks = BTreeMap::new();
    for sample in 0..thread["samples"]["length"].as_u64().unwrap() {
        let mut names = Vec::new();
        let mut stack = at("samples", "stack", sample);
        while let Some(here) = stack {
            let frame = at("stackTable", "frame", here).unwrap();
            let func = at("frameTable", "func", frame).unwrap();
            let name = at("funcTable", "name", func).unwrap();
            names.push(thread["stringArray"][name as usize].as_str().unwrap());
            stack = at("stackTable", "prefix", here);
        }
        names.reverse();
        *stacks.entry(names.join(";")).or_default() += at("samples", "weight", sample).unwrap();
    }
    stacks
}

/// The command line of Firefox's profiler (npm's `@firefox-devtools/profiler-cli`), which has the
/// page's own code. Its answers come from a process that stays until it is told to stop.
struct FirefoxProfiler<'w> {
    written: &'w Written,
}

impl<'w> FirefoxProfiler<'w> {
    /// Has it read `p.json`, if it is installed. It gives its process half a second to start.
    fn reads(written: &'w Written) -> Option<Self> {
        let profiler = Self { written };
        for _ in 0..20 {
            let said = profiler.asked(&["load", "p.json"])?;
            let late = String::from_utf8_lossy(&said.stderr).contains("did not become ready");
            if !late {
                text(&said);
                return Some(profiler);
            }
        }
        panic!("it has not started");
    }

    fn asked(&self, args: &[&str]) -> Option<Output> {
        self.written.shown_to(&["profiler-cli"], args)
    }

    fn says(&self, args: &[&str]) -> serde_json::Value {
        let said = self.asked(args).expect("it has just been there");
        serde_json::from_str(&text(&said)).unwrap()
    }
}

impl Drop for FirefoxProfiler<'_> {
    fn drop(&mut self) {
        self.asked(&["stop", "--all"]);
    }
}

/// The numbers of what has been executed in a table, by what they are of.
fn numbers(
    rows: &serde_json::Value,
    of: &str,
    own: &str,
    total: &str,
) -> BTreeMap<String, [u64; 2]> {
    let row = |row: &serde_json::Value| {
        (row[of].to_string(), [&row[own], &row[total]].map(|number| number.as_u64().unwrap()))
    };
    let rows = rows.as_array().unwrap().iter().map(row);
    rows.filter(|(_, [_, total])| *total > 0).collect()
}

#[test]
fn the_profiler_of_firefox_shows_our_table() {
    for lines in [false, true] {
        let profile = |file| {
            let lines = lines.then_some("--lines");
            let args = ["profile"].into_iter().chain(lines);
            Written::by(&args.chain(["-o", "p.json", "--format", file]).collect::<Vec<_>>())
        };
        let ours: serde_json::Value =
            serde_json::from_str(&profile("json").text("p.json")).unwrap();
        let written = profile("firefox");
        let Some(profiler) = FirefoxProfiler::reads(&written) else { return };
        let funcs = profiler.says(&["thread", "functions", "--limit", "0", "--json"]);
        let theirs = numbers(&funcs["functions"], "name", "selfSamples", "totalSamples");
        assert_eq!(theirs, numbers(&ours["functions"], "name", "self", "total"));
        assert_eq!(theirs.len(), 4);
        let tree = profiler.says(&["thread", "samples-top-down", "--json"]);
        let root = &tree["regularCallTree"]["children"][0];
        assert_eq!((&root["name"], &root["totalSamples"]), (&"start".into(), &ours["total"]));
        if lines {
            let of = funcs["functions"][0]["functionHandle"].as_str().unwrap();
            let context = ["function", "annotate", of, "--context", "file", "--json"];
            let lines = &profiler.says(&context)["srcAnnotation"]["lines"];
            let theirs = numbers(lines, "lineNumber", "selfSamples", "totalSamples");
            assert_eq!(theirs, numbers(&ours["lines"], "line", "self", "total"));
            assert_eq!(theirs.len(), 14);
        }
    }
}

#[test]
fn another_reader_of_tracefiles_finds_the_counts() {
    use lcov::{Reader, Record};
    let written = Written::by(&["coverage", "--lcov", "one.info"]);
    let (mut lines, mut branches, mut funcs) = (0, 0, Vec::new());
    for record in Reader::new(written.text("one.info").as_bytes()) {
        match record.unwrap() {
            Record::LineData { count, .. } => lines += u32::from(count > 0),
            Record::BranchData { taken, .. } => branches += u32::from(taken.unwrap_or(0) > 0),
            Record::FunctionData { name, count } => funcs.push((name, count)),
            Record::LinesFound { found } => assert_eq!(found, 15),
            Record::LinesHit { hit } => assert_eq!(hit, 14),
            _ => {}
        }
    }
    assert_eq!((lines, branches), (14, 4));
    funcs.sort();
    let expected = [("digit", 3), ("fac", 5), ("print", 1), ("start", 1), ("unused", 0)];
    assert_eq!(funcs, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn genhtml_makes_pages_of_a_tracefile() {
    let written = Written::by(&["coverage", "--lcov", "one.info"]);
    let args = ["--branch-coverage", "--output-directory", "pages", "one.info"];
    let Some(output) = written.shown_to(&["genhtml"], &args) else { return };
    let said = text(&output);
    for line in ["14 of 15 lines", "4 of 5 functions", "4 of 4 branches"] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn genhtml_goes_on_without_sources() {
    let written = Written::by(&["coverage", "--lcov", "one.info"]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules/gone.info");
    let both = written.text("one.info") + &std::fs::read_to_string(path).unwrap();
    std::fs::write(written.path("both.info"), both).unwrap();
    let args = ["--ignore-errors", "source", "--output-directory", "pages", "both.info"];
    let Some(output) = written.shown_to(&["genhtml"], &args) else { return };
    let said = text(&output);
    for line in ["15 of 17 lines", "5 of 6 functions"] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn pprof_shows_functions_and_lines() {
    let by_func = Written::by(&["profile", "-o", "p.pb.gz"]);
    let args = ["tool", "pprof", "-top", "p.pb.gz"];
    let installed = Command::new("go").args(["tool", "-n", "pprof"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        println!("skipped: `go tool pprof` is not installed");
        return;
    }
    let run = |written: &Written, args: &[&str]| {
        let mut command = Command::new("go");
        let home = written.dir.path();
        text(&command.args(args).current_dir(home).env("HOME", home).output().unwrap())
    };
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let top = words(&run(&by_func, &args));
    assert!(top.starts_with("File: steps.wat Type: fuel Showing"), "{top}");
    assert!(top.contains(" 59 40.14% 40.14% 93 63.27% print "), "{top}");
    let calls = words(&run(&by_func, &["tool", "pprof", "-top", "-sample_index=calls", "p.pb.gz"]));
    assert!(calls.contains(" 5 45.45% 45.45% 5 45.45% fac "), "{calls}");
    let nameless = by_func.path("nameless.wat");
    std::fs::write(&nameless, r#"(module (func (export "_start") (call 1)) (func))"#).unwrap();
    let nameless = Written::about(&nameless, &["profile", "-o", "p.pb.gz"], "");
    let top = words(&run(&nameless, &args));
    assert!(top.ends_with(" <wasm function 1>"), "{top}");
    let by_line = Written::by(&["profile", "--lines", "-o", "p.pb.gz"]);
    let top = words(&run(&by_line, &["tool", "pprof", "-top", "-lines", "p.pb.gz"]));
    assert!(top.contains("Type: instructions") && top.contains("of 135 total"), "{top}");
    let line = top.split(" fac ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(line.ends_with("steps.wat:29"), "{top}");
}

#[test]
fn a_browser_plays_the_page() {
    let written = Written::by(&["step", "--record", "run.html"]);
    let page = format!("file://{}", written.path("run.html").display());
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let args = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", &page];
    let Some(output) = written.shown_to(&browsers, &args) else { return };
    let dom = text(&output);
    // All of this is made by the page's script.
    for part in ["instruction 0 of 135</span>", "&gt;0 start", "<span class=\"now\">"] {
        assert!(dom.contains(part), "{part}: {dom}");
    }
}

/// Checks that keys lead to the same instructions on the page as in the terminal.
#[test]
fn a_browser_steps_as_the_terminal_does() {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/debugger/shapes-O0.wasm");
    let start = ["step", "--break", "area", "--record", "run.html"];
    let written = Written::about(&module, &start, "t=609\np=120\n");
    let page = written.text("run.html");
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    for keys in ["nnnr", "ffsN", "fniiIcC", "cssssf"] {
        let press = format!(
            "<script>for (const key of \"{keys}\") \
             document.onkeydown({{ key, target: {{}}, preventDefault() {{}} }});</script></html>"
        );
        std::fs::write(written.path("keys.html"), page.replace("</html>", &press)).unwrap();
        let url = format!("file://{}", written.path("keys.html").display());
        let args = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", &url];
        let Some(output) = written.shown_to(&browsers, &args) else { return };
        let screen = Command::new(env!("CARGO_BIN_EXE_burdock"))
            .args(["step", "--break", "area", "--keys", keys])
            .arg(&module)
            .output()
            .unwrap();
        let screen = String::from_utf8_lossy(&screen.stderr).into_owned();
        let status = screen.lines().last().unwrap();
        let at = status.split(" of 845").next().unwrap().rsplit(' ').next().unwrap();
        let expected = format!(">instruction {at} of 845");
        assert!(text(&output).contains(&expected), "{keys}: {status}");
    }
}

#[test]
fn a_chrome_trace_is_nested_and_in_order() {
    let written = Written::by(&["trace", "--host", "--calls", "--format", "chrome", "-o", "t"]);
    let trace: serde_json::Value = serde_json::from_str(&written.text("t")).unwrap();
    let events = trace.as_array().unwrap();
    let (mut open, mut last) = (Vec::new(), 0.0);
    for event in events {
        let at = event["ts"].as_f64().unwrap();
        assert!(at >= last, "{event}");
        last = at;
        match event["ph"].as_str().unwrap() {
            "B" => open.push(&event["name"]),
            "E" => _ = open.pop().expect("an event that began"),
            other => panic!("{other}: {event}"),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(events.len(), 2 * (5 + 3 + 1 + 1 + 1));
}
