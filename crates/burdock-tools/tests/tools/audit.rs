//! Policies: what each lets a guest do, and where it stops it.

use burdock::{Caller, Engine, Linker, Module, Store};
use burdock_tools::audit::{Auditor, Policy, Violation};
use burdock_tools::wasi::{Call, Fds};
use burdock_tools::{Code, Symbols};

/// Gets twice, puts 7, removes a file, grows its memory by two pages to three.
const PROGRAM: &str = r#"(module
    (import "env" "get" (func $get (param i32) (result i32)))
    (import "env" "put" (func $put (param i64)))
    (import "wasi_snapshot_preview1" "path_unlink_file"
        (func $unlink (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "../tmp/x.txt")
    (func $run (export "run")
        (drop (call $get (i32.const 1)))
        (drop (call $get (i32.const 2)))
        (call $put (i64.const 7))
        (drop (call $unlink (i32.const 3) (i32.const 8) (i32.const 12)))
        (drop (memory.grow (i32.const 2)))))"#;

/// Runs the program under a policy: which host functions have run, and why it was stopped.
fn run(policy: &str) -> (Vec<&'static str>, Option<Violation>, String) {
    let engine = Engine::default();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let mut linker = Linker::<Vec<&str>>::new(&engine);
    let get = |mut caller: Caller<'_, Vec<&str>>, n: i32| {
        caller.data_mut().push("get");
        n
    };
    linker.func_wrap("env", "get", get).unwrap();
    let put = |mut caller: Caller<'_, Vec<&str>>, _: i64| caller.data_mut().push("put");
    linker.func_wrap("env", "put", put).unwrap();
    let unlink = |mut caller: Caller<'_, Vec<&str>>, _: i32, _: i32, _: i32| {
        caller.data_mut().push("unlink");
        0
    };
    linker.func_wrap("wasi_snapshot_preview1", "path_unlink_file", unlink).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let fds = Fds::preopened(["/data".to_owned()]);
    let symbols = Symbols::default();
    let auditor = match policy {
        "learn" => Auditor::learn(&mut store, fds, symbols),
        policy => Auditor::attach(&mut store, policy.parse().unwrap(), fds, symbols),
    };
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let ended = run.call(&mut store, ());
    let report = auditor.finish(&mut store);
    let violation = ended.err().map(|error| error.downcast_ref::<Violation>().unwrap().clone());
    assert_eq!(report.denied().count(), usize::from(violation.is_some()));
    (store.into_data(), violation, report.policy())
}

const ALL: &[&str] = &["get", "get", "put", "unlink"];

/// A policy, how many calls happen under it, and the violation: a part of its call, and its rule.
type Row = (&'static str, usize, Option<(&'static str, &'static str)>);

#[test]
fn policies_stop_calls_before_they_happen() {
    let rows: &[Row] = &[
        ("default = 'allow'", 4, None),
        ("", 0, Some(("env.get(1)", "default"))),
        ("allow = [{ import = 'env.*' }]", 3, Some(("/tmp/x.txt", "default"))),
        ("allow = [{ import = '*' }]", 4, None),
        ("allow = [{ import = '*.get', when = { 0 = 1 } }]", 1, Some(("env.get(2)", "default"))),
        (
            "allow = [{ import = 'env.*', when = { 0 = [1, 2, 7] } }]",
            3,
            Some(("unlink", "default")),
        ),
        (
            "default = 'allow'\ndeny = [{ import = 'env.put', when = { 0 = 7 } }]",
            2,
            Some(("env.put(7)", "deny env.put")),
        ),
        (
            "default = 'allow'\ndeny = [{ import = '*.path_*', path = ['/tmp/**'] }]",
            3,
            Some(("path_unlink_file(/tmp/x.txt)", "deny *.path_*")),
        ),
        ("default = 'allow'\ndeny = [{ import = '*.path_*', path = ['/data/**'] }]", 4, None),
        (
            "default = 'allow'\nlimit = [{ calls = { 'env.get' = 1 } }]",
            1,
            Some(("env.get(2)", "at most 1 calls of env.get")),
        ),
        (
            "default = 'allow'\nlimit = [{ calls_per_second = { 'env.*' = 1 } }]",
            1,
            Some(("env.get(2)", "at most 1 calls of env.* per second")),
        ),
        (
            "default = 'allow'\nlimit = [{ memory = '128KiB' }]",
            4,
            Some(("memory.grow to 196608 bytes", "at most 131072 bytes of memory")),
        ),
        ("default = 'allow'\nlimit = [{ memory = 196608 }]", 4, None),
        ("default = 'allow'\nwatch = [{ import = '*' }]", 4, None),
    ];
    for (policy, calls, expected) in rows {
        let (called, violation, _) = run(policy);
        assert_eq!(called, ALL[..*calls], "{policy}");
        match (violation, expected) {
            (None, None) => {}
            (Some(violation), Some((call, rule))) => {
                assert!(violation.call.contains(call), "{policy}: {violation}");
                assert_eq!(violation.rule, *rule, "{policy}");
                assert!(violation.at.ends_with("!run"), "{policy}: {violation}");
            }
            (found, _) => panic!("{policy}: {found:?}"),
        }
    }
}

#[test]
fn a_learned_policy_allows_just_what_was_done() {
    let (called, violation, policy) = run("learn");
    assert_eq!((called.as_slice(), violation), (ALL, None));
    let (called, violation, _) = run(&policy);
    assert_eq!((called.as_slice(), violation), (ALL, None), "{policy}");
    let narrower = policy.replace("/tmp/x.txt", "/tmp/y.txt");
    let (called, violation, _) = run(&narrower);
    assert_eq!(called, ALL[..3], "{narrower}");
    assert!(violation.is_some());
}

#[test]
fn mistakes_in_policies_are_reported() {
    for (policy, message) in [
        ("default = 'perhaps'", "unknown variant `perhaps`"),
        ("[[allow]]\nimports = 'a.b'", "unknown field `imports`"),
        ("[[allow]]\nimport = 'fd_write'", "`fd_write` is no import"),
        ("[[limit]]\nmemory = '1 parsec'", "is no size"),
        ("[[limit", "TOML parse error"),
        // Rules that no call of any module can match.
        ("deny = [{ import = '*.path_open', path = [] }]", "`path` is empty"),
        ("allow = [{ import = '*.path_open', path = [] }]", "`path` is empty"),
        ("deny = [{ import = '*.path_open', path = ['/data/../etc/*'] }]", "`/data/../etc/*`"),
        ("deny = [{ import = '*.path_open', path = ['/data/'] }]", "`/data/`"),
        ("deny = [{ import = '*.path_open', path = ['./a'] }]", "no call has the path `./a`"),
        ("watch = [{ import = '*.fd_write', when = { fd = [] } }]", "`when.fd` is empty"),
        ("deny = [{ import = '*.fd_write', when = { fd = 1.5 } }]", "`when.fd`: `1.5` is neither"),
        ("deny = [{ import = '*.fd_write', when = { fd = [1, true] } }]", "`true` is neither"),
    ] {
        let error = policy.parse::<Policy>().err().unwrap();
        assert!(error.to_string().contains(message), "{policy}: {error}");
    }
}

#[test]
fn paths_of_directories_are_patterns() {
    for path in ["/", ".", "..", "../../a", "/data/**", "/a..b", "<fd 9>/x", "/.hidden/..."] {
        let policy = format!("deny = [{{ import = '*.path_open', path = ['{path}'] }}]");
        assert!(policy.parse::<Policy>().is_ok(), "{path}");
    }
}

#[test]
fn rules_for_functions_of_other_modules_are_reported() {
    let code = |text: &str| Code::new(&wat::parse_str(text).unwrap()).unwrap();
    let main = code(
        r#"(module
            (import "env" "system" (func (param i32)))
            (import "env" "clock" (func (result i64)))
            (import "wasi_snapshot_preview1" "fd_sync" (func (param i32) (result i32))))"#,
    );
    let env = code(
        r#"(module
            (import "env" "clock" (func (result i64)))
            (func (export "system") (param i32)))"#,
    );
    let wasi = code(r#"(module (func (export "fd_sync") (param i32) (result i32) unreachable))"#);
    let modules = [(None, &main), (Some("env"), &env), (Some("wasi_snapshot_preview1"), &wasi)];
    let linked = "is a function of another module, and the rule is for those of the host";
    for (policy, fault) in [
        ("deny = [{ import = 'env.clock' }]", None),
        ("deny = [{ import = 'env.*' }]", None),
        ("deny = [{ import = '*.fd_write' }]", None),
        ("deny = [{ import = 'env.system' }]", Some("rule `deny`: `env.system` ")),
        ("watch = [{ import = '*.fd_sync' }]", None),
        (
            "watch = [{ import = 'wasi_snapshot_preview1.fd_sync' }]",
            Some("rule `watch`: `wasi_snapshot_preview1.fd_sync` "),
        ),
        ("limit = [{ calls = { 'env.system' = 1 } }]", Some("limit: `env.system` ")),
    ] {
        let found = policy.parse::<Policy>().unwrap().check(modules);
        let expected = fault.map(|fault| format!("{fault}{linked}"));
        assert_eq!(found.err().map(|error| error.to_string()), expected, "{policy}");
    }
    let allow = "allow = [{ import = 'env.system' }]".parse::<Policy>().unwrap();
    assert_eq!(allow.check(modules).unwrap(), [format!("rule `allow`: `env.system` {linked}")]);
}

#[test]
fn rules_that_fit_no_module_are_reported() {
    let module = r#"(module
        (import "env" "pay" (func $pay (param i32)))
        (type $box (struct))
        (type $keep (func (param (ref null $box) anyref) (result v128)))
        (func $do_system (export "system") (param i64) (result i64) (local.get 0))
        (func $_ZN3app6secretE (export "main") (type $keep) unreachable))"#;
    let code = Code::new(&wat::parse_str(module).unwrap()).unwrap();
    let indirect = |rule: &str| format!("call_indirect = {{ deny = [{{ {rule} }}] }}");
    for (policy, fault) in [
        ("deny = [{ import = 'env.pay', when = { 0 = 5 } }]".to_owned(), None),
        (
            "deny = [{ import = 'env.pay', when = { 1 = 5 } }]".to_owned(),
            Some("no import like `env.pay` has an argument `1`"),
        ),
        (indirect("func = 'do_system'"), None),
        (indirect("func = 'system'"), None),
        (indirect("func = '_ZN3app6*'"), None),
        (indirect("func = 'app::secret'"), None),
        (indirect("func = 'env.pay'"), None),
        (indirect("from = 'sistem'"), Some("no function of the module is like `sistem`")),
        (indirect("type = '(func (param i32))'"), None),
        (indirect("type = '(func (param i64) (result i64))'"), None),
        (indirect("type = '(func (param (ref null *) anyref) (result v128))'"), None),
        (
            indirect("type = '(func (param i64)'"),
            Some("no function type of the module is like `(func (param i64)`: write `(func"),
        ),
        (indirect("type = '(func (param $a i64) (result i64))'"), Some("no function type")),
        (indirect("type = '(func  (param i64) (result i64))'"), Some("no function type")),
        (indirect("type = '(func (param f32))'"), Some("no function type")),
    ] {
        let found = policy.parse::<Policy>().unwrap().check([(None, &code)]);
        match fault {
            None => assert!(found.is_ok_and(|warnings| warnings.is_empty()), "{policy}"),
            Some(fault) => {
                let found = found.unwrap_err().to_string();
                assert!(found.contains(fault), "{policy}: {found}");
            }
        }
    }
}

/// Calls the functions of a table by index, and one of them by name.
const TABLE: &str = r#"(module
    (type $unary (func (param i32) (result i32)))
    (import "env" "put" (func $put (param i64)))
    (table 4 funcref)
    (elem (i32.const 0) $on_add $on_double $system $put)
    (func $on_add (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $on_double (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $system (result i32) (i32.const 0))
    (func $apply (param i32) (result i32)
        (call_indirect (type $unary) (i32.const 20) (local.get 0)))
    (func (export "run") (param i32) (result i32) (call $apply (local.get 0)))
    (func (export "tail") (param i32) (result i32)
        (return_call_indirect (result i32) (local.get 0)))
    (func (export "put") (param i32) (call_indirect (param i64) (i64.const 7) (local.get 0)))
    (func (export "direct") (param i32) (result i32) (call $system)))"#;

fn never(_: i64) {
    panic!("the policy denies it");
}

#[test]
fn calls_through_tables_are_held_to_the_policy() {
    let allow_on = "call_indirect = { allow = [{ func = 'on_*' }] }";
    let by_type = "call_indirect.deny = [{ type = '(func (result i32))' }]
        call_indirect.default = 'allow'";
    let by_caller =
        "call_indirect = { default = 'allow', deny = [{ func = 'on_*', from = 'apply' }] }";
    let by_export = "call_indirect = { default = 'allow', deny = [{ func = 'twice' }] }";
    let by_import = "call_indirect = { default = 'allow', deny = [{ func = 'env.put' }] }
        default = 'allow'";
    let host = "call_indirect = { default = 'allow', deny = [{ func = 'put' }] }
        default = 'allow'";
    type Row = (&'static str, &'static str, i32, Option<(&'static str, &'static str)>);
    let rows: &[Row] = &[
        (allow_on, "run", 0, None),
        (allow_on, "run", 1, None),
        (
            allow_on,
            "tail",
            2,
            Some(("call_indirect system (func (result i32))", "default of call_indirect")),
        ),
        // What is called directly is no matter of these rules.
        (allow_on, "direct", 0, None),
        (by_type, "run", 0, None),
        (by_type, "tail", 2, Some(("call_indirect system", "deny type (func (result i32))"))),
        (by_caller, "run", 1, Some(("call_indirect on_double", "deny on_* from apply"))),
        (by_export, "run", 1, Some(("call_indirect on_double", "deny twice"))),
        (by_import, "put", 3, Some(("call_indirect put", "deny env.put"))),
        (host, "put", 3, Some(("call_indirect put (func (param i64))", "deny put"))),
        ("default = 'allow'", "tail", 2, None),
    ];
    let bytes = wat::parse_str(TABLE).unwrap();
    for (policy, func, index, expected) in rows {
        for known in [true, false] {
            let engine = Engine::default();
            let module = Module::new(&engine, &bytes).unwrap();
            let mut linker = Linker::new(&engine);
            linker.func_wrap("env", "put", never).unwrap();
            let mut store = Store::new(&engine, ());
            let symbols = match known {
                true => Symbols::new(&module, "m", Code::new(&bytes).unwrap().into()),
                false => Symbols::default(),
            };
            let policy = policy.parse().unwrap();
            let auditor = Auditor::attach(&mut store, policy, Fds::default(), symbols);
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let called = instance.get_func(&mut store, func).unwrap();
            let mut results = vec![0.into(); called.ty(&store).results().len()];
            let ended = called.call(&mut store, &[(*index).into()], &mut results);
            let found = ended.err().map(|error| error.downcast::<Violation>().unwrap());
            match (expected, &found) {
                (None, None) => {}
                (Some((call, rule)), Some(found)) => {
                    assert!(found.call.starts_with(call), "{func} {index}: {found}");
                    assert_eq!(found.rule, *rule, "{func} {index}");
                }
                _ => panic!("{func} {index}: {found:?}"),
            }
            let report = auditor.finish(&mut store);
            assert_eq!(report.denied().count(), usize::from(expected.is_some()));
        }
    }
}

#[test]
fn a_call_through_a_table_that_traps_is_no_violation() {
    let bytes = wat::parse_str(TABLE).unwrap();
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "put", |_: i64| {}).unwrap();
    let mut store = Store::new(&engine, ());
    let policy = "call_indirect.watch = [{ func = 'on_*' }]
        call_indirect.default = 'allow'";
    let symbols = Symbols::default();
    let auditor = Auditor::attach(&mut store, policy.parse().unwrap(), Fds::default(), symbols);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, 1).unwrap(), 40);
    let error = run.call(&mut store, 99).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&burdock::Trap::TableOutOfBounds));
    let report = auditor.finish(&mut store);
    let decisions: Vec<_> =
        report.decisions().iter().map(|d| (d.verdict, d.call.as_str())).collect();
    let expected = "call_indirect on_double (func (param i32) (result i32))";
    assert_eq!(decisions, [("watch", expected)]);
}

/// Renames `a.txt` in its directory to `../tmp/b.txt`, and returns the error number.
const RENAME: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_rename"
        (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "a.txt../tmp/b.txt")
    (func $inner (result i32)
        (call $rename (i32.const 3) (i32.const 8) (i32.const 5)
            (i32.const 3) (i32.const 13) (i32.const 12)))
    (func $run (export "run") (result i32) (call $inner)))"#;

#[test]
fn one_path_is_enough_to_be_denied_and_all_are_needed_to_be_allowed() {
    let deny = |path: &str, errno: &str| {
        format!("default = 'allow'\ndeny = [{{ import = '*', path = ['{path}'] {errno} }}]")
    };
    let allow = |path: &str| format!("allow = [{{ import = '*', path = [{path}] }}]");
    for (policy, expected) in [
        (deny("/tmp/**", ""), None),
        (deny("/data/**", ""), None),
        (deny("/etc/**", ""), Some(0)),
        (deny("/tmp/**", "").replace("'*'", "'wasi_snapshot_preview1.path_rename'"), None),
        (deny("/tmp/**", "").replace("'*'", "'wasi_unstable.path_*'"), None),
        (deny("/tmp/**", ", errno = 'ROFS'"), Some(69)),
        (allow("'/data/**'"), None),
        (allow("'/data/**', '/tmp/*'"), Some(0)),
        (format!("errno = 'perm'\n{}", allow("'/data/**'")), Some(63)),
    ] {
        for name in ["wasi_snapshot_preview1", "wasi_unstable"] {
            let engine = Engine::default();
            let text = RENAME.replace("wasi_snapshot_preview1", name);
            let module = Module::new(&engine, text).unwrap();
            let mut linker = Linker::<u32>::new(&engine);
            let rename =
                |mut caller: Caller<'_, u32>, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32| {
                    *caller.data_mut() += 1;
                    0
                };
            linker.func_wrap(name, "path_rename", rename).unwrap();
            let mut store = Store::new(&engine, 0);
            let fds = Fds::preopened(["/data".to_owned()]);
            let parsed = policy.parse().unwrap();
            let auditor = Auditor::attach(&mut store, parsed, fds, Symbols::default());
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
            let ended = run.call(&mut store, ());
            assert_eq!(ended.as_ref().ok().copied(), expected, "{policy}");
            assert_eq!(*store.data(), u32::from(expected == Some(0)), "{policy}");
            let report = auditor.finish(&mut store);
            let denied: Vec<_> = report.denied().collect();
            assert_eq!(denied.len(), usize::from(expected != Some(0)), "{policy}");
            for decision in denied {
                assert!(decision.at.ends_with("!inner"), "{policy}: {decision}");
                assert!(decision.callers.len() == 1 && decision.callers[0].ends_with("!run"));
                assert!(
                    decision.call.ends_with("path_rename(/data/a.txt, /tmp/b.txt)"),
                    "{decision}"
                );
                assert_eq!(decision.errno.is_some(), expected.is_some(), "{policy}");
            }
        }
    }
}

#[test]
fn a_renumbered_descriptor_has_the_path_of_what_it_is() {
    let renumber = |fds: &mut Fds, fd: i32, to: i32| {
        let call = Call::new("fd_renumber", &[fd.into(), to.into()], &[]).unwrap();
        fds.succeeded("fd_renumber", &call, &[]);
    };
    let mut fds = Fds::preopened(["/data".to_owned(), "/tmp".to_owned()]);
    renumber(&mut fds, 4, 4);
    renumber(&mut fds, 4, 7);
    assert_eq!([3, 4, 7].map(|fd| fds.path(fd)), [Some("/data"), None, Some("/tmp")]);
    // Standard input, which has no path.
    renumber(&mut fds, 0, 3);
    assert_eq!(fds.path(3), None);
}

/// Opens `/data/a`, with the rights and oflags that it is given.
const OPEN: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "a")
    (func (export "run") (param $rights i64) (param $oflags i32) (result i32)
        (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 1) (local.get $oflags)
            (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 16))))"#;

#[test]
fn rights_are_denied_also_beside_others() {
    const READ: i64 = 1 << 1;
    const WRITE: i64 = 1 << 6;
    const TRUNC: i32 = 8;
    let rule = |kind: &str, rights: &str| {
        let default = if kind == "deny" { "allow" } else { "deny" };
        format!(
            "default = '{default}'
            {kind} = [{{ import = '*.path_open', path = ['/data/**'], rights = '{rights}' }}]"
        )
    };
    let engine = Engine::default();
    let module = Module::new(&engine, OPEN).unwrap();
    let mut linker = Linker::<()>::new(&engine);
    let open = |_: i32, _: i32, _: i32, _: i32, _: i32, _: i64, _: i64, _: i32, _: i32| 0;
    linker.func_wrap("wasi_snapshot_preview1", "path_open", open).unwrap();
    // Whether the file may be opened to be read, to be written, for both, for neither, to be
    // truncated.
    let opens = [(READ, 0), (WRITE, 0), (READ | WRITE, 0), (0, 0), (READ, TRUNC)];
    for (policy, expected) in [
        (rule("allow", "read"), [true, false, false, true, false]),
        (rule("allow", "write"), [false, true, true, false, true]),
        (rule("deny", "read"), [false, true, false, false, false]),
        (rule("deny", "write"), [true, false, false, true, false]),
    ] {
        for ((rights, oflags), expected) in opens.into_iter().zip(expected) {
            let mut store = Store::new(&engine, ());
            let fds = Fds::preopened(["/data".to_owned()]);
            let auditor =
                Auditor::attach(&mut store, policy.parse().unwrap(), fds, Symbols::default());
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let run = instance.get_typed_func::<(i64, i32), i32>(&mut store, "run").unwrap();
            let ended = run.call(&mut store, (rights, oflags));
            assert_eq!(ended.is_ok(), expected, "{policy}: {rights} {oflags}");
            auditor.finish(&mut store);
        }
    }
}
