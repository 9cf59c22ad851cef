//! Coverage of a program in C, by the lines of its source.

use burdock::{Engine, Instance, Module, Store};
use burdock_tools::coverage::Coverage;
use burdock_tools::{Code, Lines};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf")
}

/// What runs of the program for one call of `gcd`.
fn coverage(a: i32, b: i32) -> Coverage {
    let bytes = std::fs::read(folder().join("gcd.wasm")).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let code = Code::new(&bytes).unwrap();
    let counts = Coverage::count(&mut store, &module, &code);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let gcd = instance.get_typed_func::<(i32, i32), i32>(&mut store, "gcd").unwrap();
    gcd.call(&mut store, (a, b)).unwrap();
    let lines = Lines::from_dwarf(&code).expect("it is compiled with -g");
    Coverage::new(&counts, &store, &module, &code, &lines)
}

/// The lines `DA:` of lcov, as numbers.
fn lines(coverage: &Coverage) -> Vec<(u32, u64)> {
    let text = coverage.lcov();
    let lines = text.lines().filter_map(|line| line.strip_prefix("DA:")?.split_once(','));
    lines.map(|(line, count)| (line.parse().unwrap(), count.parse().unwrap())).collect()
}

#[test]
fn lines_are_those_of_the_source() {
    let count = |coverage: &Coverage, line| {
        lines(coverage).into_iter().find(|(at, _)| *at == line).map(|(_, count)| count)
    };
    for (args, expected) in [
        // Line 6 is the body of the loop, 11 what runs for a negative result only.
        ((48, 18), [(4, Some(1)), (6, Some(3)), (10, Some(1)), (11, Some(0)), (16, Some(0))]),
        ((-3, 0), [(4, Some(1)), (6, Some(0)), (10, Some(1)), (11, Some(1)), (16, Some(0))]),
    ] {
        let coverage = coverage(args.0, args.1);
        for (line, expected) in expected {
            assert_eq!(count(&coverage, line), expected, "line {line} of gcd{args:?}");
        }
        assert_eq!(count(&coverage, 2), None);
        let summary = coverage.summary();
        assert_eq!((summary.functions.hit, summary.functions.all), (1, 2));
    }
}

#[test]
fn runs_add_up() {
    let (once, again) = (coverage(48, 18), coverage(-3, 0));
    let mut both = Coverage::default();
    for text in [once.lcov(), again.lcov()] {
        both.merge(&Coverage::from_lcov(&text).unwrap());
    }
    let sum = lines(&once).into_iter().zip(lines(&again)).map(|(a, b)| (a.0, a.1 + b.1));
    assert_eq!(lines(&both), sum.collect::<Vec<_>>());
    assert!(both.summary().lines.percent() > once.summary().lines.percent());
    assert_eq!(Coverage::from_lcov(&both.lcov()).unwrap(), both);
}

#[test]
fn the_page_shows_the_source() {
    let source = |name: &str| std::fs::read_to_string(folder().join(name)).ok();
    let page = coverage(48, 18).html("gcd", source);
    for line in [
        r#"<span class="hit"><a></a><i>6</i><b>3</b><u></u>    int rest = a % b;</span>"#,
        r##"<span class="miss" id="n0"><a href="#n1" title="the next line that has not run">&darr;</a><i>11</i><b>0</b><u></u>    a = -a;</span>"##,
        r#"<span class=""><a></a><i>3</i><b></b><u></u></span>"#,
        r#"<b>1</b><u title="branch 0, way 0: 1&#10;branch 0, way 1: 0">1/2</u>  if (a &lt; 0)"#,
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn ways_of_tables_are_distinguished() {
    // The labels 1, 0, 1 and, for anything larger, 2.
    let bytes = wat::parse_str(
        r#"(module (func (export "f") (param i32) (result i32)
            (block (block (block
                (br_table 1 0 1 2 (local.get 0)))
                (return (i32.const 10)))
                (return (i32.const 20)))
            (i32.const 30)))"#,
    )
    .unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let code = Code::new(&bytes).unwrap();
    let (_, lines) = Lines::from_disassembly(&code, "f.wat").unwrap();
    let mut store = Store::new(&engine, ());
    let counts = Coverage::count(&mut store, &module, &code);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap();
    for (argument, ways) in [(0, [1, 0, 0]), (2, [2, 0, 0]), (9, [2, 0, 1]), (1, [2, 1, 1])] {
        f.call(&mut store, argument).unwrap();
        let coverage = Coverage::new(&counts, &store, &module, &code, &lines);
        let expected: Vec<String> =
            (0..).zip(ways).map(|(way, taken)| format!("BRDA:9,0,{way},{taken}")).collect();
        let text = coverage.lcov();
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("BRDA")).collect();
        assert_eq!(found, expected, "after {argument}");
        let page = coverage.html("f", |_| None);
        let shown = ways.iter().filter(|taken| **taken > 0).count();
        assert!(page.contains(&format!("{shown}/3")), "{page}");
    }
}

/// The functions of a module in text, by the lines of the text: name, first line, count.
fn funcs_of(text: &str) -> Vec<(String, u32, u64)> {
    let mut parser = wat::Parser::new();
    parser.generate_dwarf(wat::GenerateDwarf::Lines);
    let bytes = parser.parse_str(Some(Path::new("m.wat")), text).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let code = Code::new(&bytes).unwrap();
    let counts = Coverage::count(&mut store, &module, &code);
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    start.call(&mut store, ()).unwrap();
    let lines = Lines::from_dwarf(&code).unwrap();
    let coverage = Coverage::new(&counts, &store, &module, &code, &lines);
    let read = Coverage::from_lcov(&coverage.lcov()).unwrap();
    assert_eq!(read.lcov(), coverage.lcov());
    let json = coverage.json();
    let funcs = json["files"][0]["functions"].as_array().unwrap().iter();
    let func = |func: &serde_json::Value| {
        let number = |key: &str| func[key].as_u64().unwrap();
        (func["name"].as_str().unwrap().to_owned(), number("line") as u32, number("count"))
    };
    funcs.map(func).collect()
}

#[test]
fn functions_of_the_same_name_are_distinguished() {
    /// A module, and its functions.
    type Row = (&'static str, &'static [(&'static str, u32, u64)]);
    let rows: &[Row] = &[
        (
            r#"(module
                (func $never (@name "helper")
                    (drop (i32.const 1)))
                (func $used (@name "helper")
                    nop)
                (func $start (export "_start")
                    (call $used) (call $used)))"#,
            &[("helper:3", 3, 0), ("helper:5", 5, 2), ("start", 7, 1)],
        ),
        // Instantiations of a generic function have the line of what they are made of.
        (
            r#"(module
                (func $a (@name "_ZN1m3gen17h0000000000000001E") nop) (func $b (@name "_ZN1m3gen17h0000000000000002E") nop)
                (func $start (export "_start")
                    (call $a) (call $b) (call $b)))"#,
            &[("m::gen", 2, 3), ("start", 4, 1)],
        ),
        // A reader takes what is before the comma for the last line.
        (
            r#"(module
                (func (@name "12,x")
                    nop)
                (func $start (export "_start")
                    nop))"#,
            &[("12,x", 3, 0), ("start", 5, 1)],
        ),
    ];
    for (text, expected) in rows {
        let expected: Vec<_> =
            expected.iter().map(|(name, line, count)| (name.to_string(), *line, *count)).collect();
        assert_eq!(funcs_of(text), expected, "{text}");
    }
}

/// Where a custom section's contents lie.
fn section(bytes: &[u8], name: &str) -> std::ops::Range<usize> {
    let payloads = wasmparser::Parser::new(0).parse_all(bytes).map(Result::unwrap);
    let mut sections = payloads.filter_map(|payload| match payload {
        wasmparser::Payload::CustomSection(section) => Some(section),
        _ => None,
    });
    let section = sections.find(|section| section.name() == name).unwrap();
    let begin = section.data_offset() as usize;
    begin..begin + section.data().len()
}

#[test]
fn broken_dwarf_is_used_in_part_and_said() {
    let whole = std::fs::read(folder().join("gcd.wasm")).unwrap();
    let sound = Lines::from_dwarf(&Code::new(&whole).unwrap()).unwrap();
    assert_eq!(sound.problem(), None);
    let mut problems = 0;
    for name in [".debug_line", ".debug_info", ".debug_abbrev", ".debug_str"] {
        let range = section(&whole, name);
        for at in range.clone() {
            for value in [0, 0xff, whole[at] ^ 0x80] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let lines = Lines::from_dwarf(&Code::new(&bytes).unwrap()).unwrap();
                problems += usize::from(lines.problem().is_some());
                // What is left can be asked for anything.
                for offset in (0..bytes.len() as u32).step_by(7) {
                    let _ = (lines.at(offset), lines.column_at(offset));
                }
            }
        }
        let mut bytes = whole.clone();
        bytes[range].fill(0xff);
        let lines = Lines::from_dwarf(&Code::new(&bytes).unwrap()).unwrap();
        if name != ".debug_str" {
            let problem = lines.problem().unwrap();
            assert!(problem.starts_with("section `.debug_"), "{name}: {problem}");
            assert!(lines.is_empty(), "{name}");
        }
    }
    assert!(problems > 100, "{problems} problems");
}

#[test]
fn files_are_chosen_renamed_and_sorted() {
    let text = "SF:/build/src/a.c\nDA:1,1\nend_of_record\n\
                SF:/home/me/.cargo/registry/src/lib.rs\nDA:1,0\nDA:2,0\nend_of_record\n\
                SF:/build/src/b.c\nDA:1,0\nend_of_record\n";
    let mut coverage = Coverage::from_lcov(text).unwrap();
    let shown = |coverage: &Coverage| -> Vec<String> {
        let table = coverage.table();
        let rows = table.lines().filter(|line| line.contains(" - "));
        rows.map(|line| line.split_whitespace().last().unwrap().to_owned()).collect()
    };
    let library = "/home/me/.cargo/registry/src/lib.rs";
    assert_eq!(shown(&coverage), ["/build/src/b.c", "/build/src/a.c", library]);
    coverage.remap(&[("/build/".to_owned(), String::new())]);
    assert_eq!(shown(&coverage), ["src/b.c", "src/a.c", library]);
    coverage.keep(&[], &[".cargo".to_owned()]);
    assert_eq!(shown(&coverage), ["src/b.c", "src/a.c"]);
    coverage.keep(&["a.c".to_owned()], &[]);
    assert_eq!(shown(&coverage), ["src/a.c"]);
    coverage.remap(&[("src/a.c".to_owned(), "src/b.c".to_owned())]);
    assert_eq!(coverage.summary().lines.percent(), 100.0);
}

#[test]
fn lines_that_have_not_run_lead_to_the_next() {
    let text = "SF:a.c\nDA:1,1\nDA:2,0\nDA:3,0\nDA:5,1\nDA:6,0\nend_of_record\n";
    let page = Coverage::from_lcov(text).unwrap().html("a", |_| Some("x\n".repeat(6)));
    let ids: Vec<&str> =
        page.match_indices("id=\"n").map(|(at, _)| &page[at + 4..at + 6]).collect();
    assert_eq!(ids, ["n0", "n1", "n2"]);
    for link in
        ["<a href=\"#n0\">the first", "id=\"n0\"><a href=\"#n1\"", "id=\"n1\"><a href=\"#n2\""]
    {
        assert!(page.contains(link), "{link}\n{page}");
    }
}
