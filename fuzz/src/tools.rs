//! The tools of `burdock-tools`, attached to a run as the program attaches them, and recorded runs
//! that are stepped through in both directions.

use crate::run::{Seen, burdock_val};
use crate::runner::hash;
use burdock::{Config, Dispatch, Engine, ExternType, Linker, Module, Store, Val, ValType};
use burdock_tools::audit::{Auditor, Policy};
use burdock_tools::coverage::{Counts, Coverage};
use burdock_tools::profile::Profiler;
use burdock_tools::step::{Entry, Recorder, Session, State};
use burdock_tools::trace::{Format, Options, Tracer};
use burdock_tools::wasi::Fds;
use burdock_tools::{Code, Lines, Symbols};
use std::io::{Sink, sink};
use std::sync::Arc;

/// A tool that observes a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Trace,
    Profile,
    Lines,
    Coverage,
    Audit,
    Step,
}

/// A tool that is attached to a store.
pub(crate) enum Attached {
    Trace(Tracer<Sink>),
    Profile(Profiler),
    Coverage(Counts),
    Audit(Auditor),
    Step(Recorder),
}

impl Tool {
    pub(crate) const ALL: [Self; 6] =
        [Self::Trace, Self::Profile, Self::Lines, Self::Coverage, Self::Audit, Self::Step];

    pub(crate) fn attach(self, store: &mut Store<Seen>, module: &Module, bytes: &[u8]) -> Attached {
        let symbols = Symbols::default();
        match self {
            Self::Trace => {
                let options = Options {
                    host: true,
                    calls: true,
                    instructions: true,
                    memory: true,
                    times: true,
                    format: Format::Json,
                    ..Options::default()
                };
                Attached::Trace(Tracer::attach(store, options, symbols, sink()))
            }
            Self::Profile => Attached::Profile(Profiler::attach(store, symbols)),
            Self::Lines => {
                let code = Code::new(bytes).expect("a valid module");
                let (_, lines) = Lines::from_disassembly(&code, "m.wat").expect("a valid module");
                let symbols = Symbols::new(module, "m", Arc::new(code)).with_lines(Arc::new(lines));
                Attached::Profile(Profiler::attach_by_line(store, symbols))
            }
            Self::Coverage => {
                let code = Code::new(bytes).expect("a valid module");
                Attached::Coverage(Coverage::count(store, module, &code))
            }
            Self::Audit => {
                let policy: Policy = ALLOW_ALL.parse().expect("a policy");
                Attached::Audit(Auditor::attach(store, policy, Fds::default(), symbols))
            }
            Self::Step => Attached::Step(Recorder::attach(store, module)),
        }
    }
}

/// Checks everything that a policy can restrict, and allows it.
const ALLOW_ALL: &str = r#"
    default = "allow"
    [[watch]]
    import = "*"
    [[limit]]
    memory = "1024GiB"
    calls = { "*" = 1_000_000_000 }
    [call_indirect]
    default = "allow"
    watch = [{}]
"#;

impl Attached {
    /// Produces the outputs that the program would write.
    pub(crate) fn finish(self, store: &mut Store<Seen>, module: &Module, bytes: &[u8]) {
        match self {
            Self::Trace(tracer) => _ = tracer.finish().expect("nothing is written"),
            Self::Profile(profiler) => {
                let profile = profiler.finish(store);
                let own: u64 = profile.funcs().iter().map(|func| func.own).sum();
                assert_eq!(own, profile.total());
                let lines = profile.lines();
                assert!(lines.iter().all(|line| line.own <= line.total && line.total <= own));
            }
            Self::Coverage(counts) => {
                let code = Code::new(bytes).expect("a valid module");
                let (_, lines) = Lines::from_disassembly(&code, "m.wat").expect("a valid module");
                let coverage = Coverage::new(&counts, &*store, module, &code, &lines);
                let read = Coverage::from_lcov(&coverage.lcov()).expect("what was written");
                let (written, read) = (coverage.summary(), read.summary());
                assert_eq!((written.lines, written.branches), (read.lines, read.branches));
            }
            Self::Audit(auditor) => {
                assert_eq!(auditor.finish(store).denied().count(), 0);
            }
            Self::Step(recorder) => _ = recorder.finish(store, None),
        }
    }
}

/// The maximum number of instructions to step through.
const STEPS: u64 = 400;

/// Records calls of a module's functions, and steps through them in both directions.
pub(crate) fn back_and_forth(bytes: &[u8], dispatch: Dispatch) {
    let mut config = Config::new();
    config.dispatch(dispatch).wasm_custom_page_sizes(true).max_wasm_stack(1 << 20);
    config.consume_fuel(true);
    let engine = Engine::new(&config).expect("a supported configuration");
    let Ok(module) = Module::from_binary(&engine, bytes) else { return };
    let imports_funcs = module.imports().all(|import| import.ty().func().is_some());
    let Some((recording, entries)) = imports_funcs.then(|| record(&engine, &module)).flatten()
    else {
        return;
    };
    let session = || Session::new(&module, recording.clone(), entries.clone()).expect("a session");
    let mut forwards = session();
    let len = forwards.len().min(STEPS);
    let states: Vec<State> = forwards.states(0..len).expect("a run that can be repeated");
    assert_eq!(states.len() as u64, len);
    let mut backwards = session().snapshot_every(1 + u64::from(bytes[bytes.len() / 2]));
    for state in states.iter().rev() {
        assert_eq!(*backwards.state(state.step).expect("a state"), *state, "step {}", state.step);
    }
}

/// Records a run whose host functions return results by their name and the number of calls.
fn record(
    engine: &Engine,
    module: &Module,
) -> Option<(burdock_tools::step::Recording, Vec<Entry>)> {
    let mut linker = Linker::<u64>::new(engine);
    for import in module.imports() {
        let ty = import.ty().func()?.clone();
        let types: Vec<ValType> = ty.results().collect();
        let seed = hash(import.name().as_bytes());
        let answer = move |mut caller: burdock::Caller<'_, u64>, _: &[Val], results: &mut [Val]| {
            *caller.data_mut() += 1;
            for (result, ty) in results.iter_mut().zip(&types) {
                let value = burdock_val(ty.clone(), seed.wrapping_add(*caller.data()));
                *result = value.expect("the host returns no type without a default");
            }
            Ok(())
        };
        // A module may import a function twice.
        let _ = linker.func_new(import.module(), import.name(), ty, answer);
    }
    let mut store = Store::new(engine, 0);
    store.set_fuel(20_000).ok()?;
    let recorder = Recorder::attach(&mut store, module);
    let mut entries = Vec::new();
    let mut ending = None;
    match linker.instantiate(&mut store, module) {
        Err(error) => ending = Some(error.root_cause().to_string()),
        Ok(instance) => {
            for export in module.exports() {
                let ExternType::Func(ty) = export.ty() else { continue };
                if ty.params().any(|ty| ty.is_ref()) || entries.len() == 4 {
                    continue;
                }
                let args = (0..).zip(ty.params()).map(|(i, ty)| burdock_val(ty, i));
                let args: Vec<Val> = args.collect::<Option<_>>()?;
                let func = instance.get_func(&mut store, export.name())?;
                let mut results = vec![Val::I32(0); ty.results().len()];
                entries.push(Entry { name: export.name().into(), args: args.clone() });
                if let Err(error) = func.call(&mut store, &args, &mut results) {
                    ending = Some(error.root_cause().to_string());
                    break;
                }
            }
        }
    }
    Some((recorder.finish(&mut store, ending), entries))
}
