//! Runs scripts directive by directive and records the results.

mod directive;

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use burdock::{Config, Instance, Module};
use wast::core::WastRetCore;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{
    QuoteWat, QuoteWatTest, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
};

use crate::header::{self, Refused};
use crate::machine::{Error, Machine, config_with_all_features};
use crate::report::{Failure, Location, Report, Skip};
use crate::value::{self, Value};
use directive::directive_name;

/// The options with which scripts are run.
pub struct Options {
    /// Features and compilation mode of the engine.
    pub config: Config,
    /// `true` to install a hook that counts calls in every store.
    pub hook: bool,
    /// `true` to attach a hook for all events in guests to every store.
    pub observe: bool,
    /// Runs only scripts whose name contains this text.
    pub filter: Option<String>,
    /// The fuel of each script's guests. With `None`, fuel is not counted, unless `config` enables
    /// fuel: then guests have none.
    pub fuel: Option<u64>,
    /// The time limit of each script. When it is reached, the script's guests are interrupted, and
    /// the rest of the script is not run.
    pub timeout: Option<Duration>,
}

impl Default for Options {
    /// Returns the options with every feature on, eager compilation, no hook, no filter and no
    /// limits.
    fn default() -> Self {
        Self {
            config: config_with_all_features(),
            hook: false,
            observe: false,
            filter: None,
            fuel: None,
            timeout: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config: _, hook, observe, filter, fuel, timeout } = self;
        f.debug_struct("Options")
            .field("hook", hook)
            .field("observe", observe)
            .field("filter", filter)
            .field("fuel", fuel)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}

/// Runs scripts, each in a store of its own, and collects the results.
#[derive(Debug)]
pub struct Runner {
    options: Options,
    report: Report,
}

impl Runner {
    /// Creates a runner.
    pub fn new(options: Options) -> Self {
        Self { options, report: Report::default() }
    }

    /// Runs a script. Failures are reported under `name`. A script that cannot be parsed is a
    /// failure, and so is a panic of the engine.
    pub fn run(&mut self, name: &str, text: &str) {
        if self.options.filter.as_ref().is_some_and(|filter| !name.contains(filter)) {
            self.report.filtered += 1;
            return;
        }
        self.report.files += 1;
        let place = |line| Location { file: name.to_owned(), line, column: 1 };
        let mut config = self.options.config.clone();
        match header::apply(text, &mut config) {
            Ok(()) => {}
            Err(Refused::Unsupported(proposal)) => {
                let reason = format!("the {proposal} proposal is not supported");
                return self.report.skips.push(Skip { at: place(1), reason });
            }
            Err(Refused::Malformed { line, expected, got }) => {
                return self.fail(place(line + 1), "header", expected, format!("`{got}`"));
            }
        }
        let mut lexer = Lexer::new(text);
        lexer.allow_confusing_unicode(true);
        let buffer = match ParseBuffer::new_with_lexer(lexer) {
            Ok(buffer) => buffer,
            Err(error) => return self.unreadable(name, text, &error),
        };
        let wast = match parser::parse::<Wast<'_>>(&buffer) {
            Ok(wast) => wast,
            Err(error) => return self.unreadable(name, text, &error),
        };
        let machine = match Machine::new(&self.options, config) {
            Ok(machine) => machine,
            Err(error) => {
                return self.fail(place(1), "script", "a store with spectest", show(error));
            }
        };
        let mut script = Script {
            machine,
            definitions: HashMap::new(),
            instances: HashMap::new(),
            last_definition: None,
            current: None,
        };
        for directive in wast.directives {
            let (line, column) = directive.span().linecol_in(text);
            let at = Location { file: name.to_owned(), line: line + 1, column: column + 1 };
            let started = (at.clone(), directive_name(&directive));
            let failures = self.report.failures.len();
            let goes_on = self.step(&mut script, at, directive);
            if let (true, Some(timeout)) = (script.machine.is_out_of_time(), self.options.timeout) {
                // Replace the failures of the interrupted directive: they would only show the trap.
                self.report.failures.truncate(failures);
                let (at, name) = started;
                self.fail(at, &name, &format!("to end within {timeout:?}"), "a timeout".into());
                break;
            }
            if !goes_on {
                break;
            }
        }
        self.report.hook_events += script.machine.hook_events();
    }

    /// Returns the results so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the results.
    pub fn into_report(self) -> Report {
        self.report
    }

    /// Runs one directive and records its result. Returns `false` if the script cannot continue.
    fn step(&mut self, script: &mut Script, at: Location, directive: WastDirective<'_>) -> bool {
        let name = directive_name(&directive);
        let is_module =
            matches!(directive, WastDirective::Module(_) | WastDirective::ModuleDefinition(_));
        let outcome = catch_unwind(AssertUnwindSafe(|| script.directive(directive)));
        let (outcome, go_on) = match outcome {
            Ok(outcome) => (outcome, true),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?");
                (failed("no panic", format!("panic: {text}")), false)
            }
        };
        if !matches!(outcome, Err(Outcome::Skipped(_))) {
            self.report.modules += usize::from(is_module);
            self.report.assertions += usize::from(name.starts_with("assert_"));
        }
        match outcome {
            Ok(()) => {}
            Err(Outcome::Skipped(reason)) => self.report.skips.push(Skip { at, reason }),
            Err(Outcome::Failed { expected, got }) => self.fail(at, &name, &expected, got),
        }
        go_on
    }

    fn unreadable(&mut self, name: &str, text: &str, error: &wast::Error) {
        let (line, column) = error.span().linecol_in(text);
        let at = Location { file: name.to_owned(), line: line + 1, column: column + 1 };
        self.fail(at, "script", "a script", error.message());
    }

    fn fail(&mut self, at: Location, directive: &str, expected: &str, got: String) {
        let (directive, expected) = (directive.to_owned(), expected.to_owned());
        self.report.failures.push(Failure { at, directive, expected, got });
    }
}

/// The reason why a directive did not succeed.
enum Outcome {
    Skipped(String),
    Failed { expected: String, got: String },
}

fn failed(expected: impl Into<String>, got: impl Into<String>) -> Result<(), Outcome> {
    Err(Outcome::Failed { expected: expected.into(), got: got.into() })
}

fn skipped<T>(reason: &str) -> Result<T, Outcome> {
    Err(Outcome::Skipped(reason.to_owned()))
}

fn show(error: Error) -> String {
    match error {
        Error::Trap(text) => format!("trap: {text}"),
        Error::Exception => "an exception".to_owned(),
        Error::Other(text) => format!("error: {text}"),
    }
}

/// The state of one script.
struct Script {
    machine: Machine,
    definitions: HashMap<String, Module>,
    instances: HashMap<String, Instance>,
    last_definition: Option<Module>,
    /// The instance for directives without a name; `None` if its module failed.
    current: Option<Instance>,
}

const NO_MODULE: &str = "its module is not there";
const COMPONENT: &str = "components are not supported";

impl Script {
    fn directive(&mut self, directive: WastDirective<'_>) -> Result<(), Outcome> {
        match directive {
            WastDirective::Module(module) => self.module(module),
            WastDirective::ModuleDefinition(module) => self.definition(module),
            WastDirective::ModuleInstance { instance, module, span: _ } => {
                self.instance(instance, module)
            }
            WastDirective::Register { name, module, span: _ } => {
                let instance = self.find(module)?;
                self.machine
                    .register(name, instance)
                    .or_else(|error| failed("to register", show(error)))
            }
            WastDirective::Invoke(invoke) => match self.invoke(&invoke)? {
                Ok(_) => Ok(()),
                Err(error) => failed("to return", show(error)),
            },
            WastDirective::AssertReturn { exec, results, span: _ } => {
                self.assert_return(exec, &results)
            }
            WastDirective::AssertTrap { exec, message, span: _ } => {
                let got = self.execute(exec)?;
                check_trap(message, got)
            }
            WastDirective::AssertExhaustion { call, message, span: _ } => {
                let got = self.invoke(&call)?;
                check_trap(message, got)
            }
            WastDirective::AssertMalformed { mut module, message, span: _ }
            | WastDirective::AssertInvalid { mut module, message, span: _ } => {
                self.assert_refused(&mut module, message)
            }
            WastDirective::AssertUnlinkable { mut module, message, span: _ } => {
                self.assert_unlinkable(&mut module, message)
            }
            WastDirective::AssertInvalidCustom { .. }
            | WastDirective::AssertMalformedCustom { .. } => {
                skipped("custom sections are not checked when a module is compiled")
            }
            WastDirective::AssertException { exec, span: _ } => {
                let expected = "an exception";
                match self.execute(exec)? {
                    Ok(values) => failed(expected, value::list(values)),
                    Err(Error::Exception) => Ok(()),
                    Err(error) => failed(expected, show(error)),
                }
            }
            WastDirective::AssertSuspension { .. } => skipped("stack switching is not supported"),
            WastDirective::Thread(_) | WastDirective::Wait { .. } => {
                skipped("threads are not supported")
            }
        }
    }

    /// Compiles and instantiates a module, which becomes the current one.
    fn module(&mut self, mut module: QuoteWat<'_>) -> Result<(), Outcome> {
        self.current = None;
        let name = module.name();
        let compiled = self.compile(&mut module)?;
        match self.machine.instantiate(&compiled) {
            Ok(instance) => self.set_current(name, instance),
            Err(error) => failed("to instantiate", show(error)),
        }
    }

    fn definition(&mut self, mut module: QuoteWat<'_>) -> Result<(), Outcome> {
        self.last_definition = None;
        let name = module.name();
        let compiled = self.compile(&mut module)?;
        if let Some(name) = name {
            self.definitions.insert(name.name().to_owned(), compiled.clone());
        }
        self.last_definition = Some(compiled);
        Ok(())
    }

    fn instance(
        &mut self,
        instance: Option<Id<'_>>,
        module: Option<Id<'_>>,
    ) -> Result<(), Outcome> {
        self.current = None;
        let module = match module {
            Some(id) => self.definitions.get(id.name()),
            None => self.last_definition.as_ref(),
        };
        let Some(module) = module.cloned() else {
            return skipped(NO_MODULE);
        };
        match self.machine.instantiate(&module) {
            Ok(created) => self.set_current(instance, created),
            Err(error) => failed("to instantiate", show(error)),
        }
    }

    /// Makes an instance the current one. If it has a name, it can be imported by this name.
    fn set_current(&mut self, name: Option<Id<'_>>, instance: Instance) -> Result<(), Outcome> {
        self.current = Some(instance);
        let Some(name) = name.map(|name| name.name()) else {
            return Ok(());
        };
        self.instances.insert(name.to_owned(), instance);
        self.machine.register(name, instance).or_else(|error| failed("to register", show(error)))
    }

    fn compile(&mut self, module: &mut QuoteWat<'_>) -> Result<Module, Outcome> {
        let wasm =
            encode(module)?.or_else(|error| failed("a module", error).map(|()| Vec::new()))?;
        let compiled = self.machine.compile(&wasm);
        compiled
            .map_err(|error| Outcome::Failed { expected: "to compile".into(), got: show(error) })
    }

    fn find(&self, name: Option<Id<'_>>) -> Result<Instance, Outcome> {
        let found = match name {
            Some(id) => self.instances.get(id.name()).copied(),
            None => self.current,
        };
        found.map_or_else(|| skipped(NO_MODULE), Ok)
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Result<Vec<Value>, Error>, Outcome> {
        let instance = self.find(invoke.module)?;
        let mut args = Vec::new();
        for arg in &invoke.args {
            let WastArg::Core(arg) = arg else {
                return skipped(COMPONENT);
            };
            args.push(value::argument(arg).map_err(Outcome::Skipped)?);
        }
        Ok(self.machine.invoke(instance, invoke.name, &args))
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Result<Vec<Value>, Error>, Outcome> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, span: _ } => {
                let instance = self.find(module)?;
                Ok(self.machine.global(instance, global).map(|value| vec![value]))
            }
            WastExecute::Wat(wat) => {
                let compiled = self.compile(&mut QuoteWat::Wat(wat))?;
                Ok(self.machine.instantiate(&compiled).map(|_| Vec::new()))
            }
        }
    }

    fn assert_return(
        &mut self,
        exec: WastExecute<'_>,
        results: &[WastRet<'_>],
    ) -> Result<(), Outcome> {
        let mut expected = Vec::new();
        for result in results {
            let WastRet::Core(result) = result else {
                return skipped(COMPONENT);
            };
            expected.push(result);
        }
        let describe = |expected: &[&WastRetCore<'_>]| {
            value::list(expected.iter().map(|expected| value::describe(expected)))
        };
        match self.execute(exec)? {
            Ok(values) => {
                let same = values.len() == expected.len()
                    && values.iter().zip(&expected).all(|(got, want)| value::matches(want, *got));
                if same { Ok(()) } else { failed(describe(&expected), value::list(values)) }
            }
            Err(error) => failed(describe(&expected), show(error)),
        }
    }

    /// Checks that parsing or validation refuses a module.
    fn assert_refused(&mut self, module: &mut QuoteWat<'_>, message: &str) -> Result<(), Outcome> {
        let Ok(wasm) = encode(module)? else {
            return Ok(());
        };
        let compiled = self.machine.validate(&wasm).and_then(|()| self.machine.compile(&wasm));
        match compiled {
            Err(_) => Ok(()),
            Ok(_) => {
                failed(format!("a module that is refused: {message}"), "a module that compiles")
            }
        }
    }

    fn assert_unlinkable(&mut self, module: &mut Wat<'_>, message: &str) -> Result<(), Outcome> {
        let wasm = match module.encode() {
            Ok(wasm) => wasm,
            Err(error) => return failed("a module", error.message()),
        };
        let compiled = match self.machine.compile(&wasm) {
            Ok(compiled) => compiled,
            Err(error) => return failed("to compile", show(error)),
        };
        let expected = || format!("a module that does not link: {message}");
        match self.machine.instantiate(&compiled) {
            Err(Error::Other(_)) => Ok(()),
            // Scripts from before bulk memory expect a link error for a segment out of bounds;
            // today instantiation traps.
            Err(Error::Trap(text)) if text.contains(message) => Ok(()),
            Err(trap) => failed(expected(), show(trap)),
            Ok(_) => failed(expected(), "an instance"),
        }
    }
}

/// Encodes a module, or returns the error in its text.
fn encode(module: &mut QuoteWat<'_>) -> Result<Result<Vec<u8>, String>, Outcome> {
    if matches!(module, QuoteWat::QuoteComponent(..) | QuoteWat::Wat(Wat::Component(_))) {
        return skipped(COMPONENT);
    }
    let text = match module.to_test() {
        Ok(QuoteWatTest::Binary(wasm)) => return Ok(Ok(wasm)),
        Ok(QuoteWatTest::Text(text)) => text,
        Err(error) => return Ok(Err(error.message())),
    };
    let Ok(text) = String::from_utf8(text) else {
        return Ok(Err("malformed UTF-8".to_owned()));
    };
    let mut lexer = Lexer::new(&text);
    lexer.allow_confusing_unicode(true);
    let wasm = ParseBuffer::new_with_lexer(lexer)
        .and_then(|buffer| parser::parse::<Wat<'_>>(&buffer)?.encode())
        .map_err(|error| error.message());
    Ok(wasm)
}

/// Texts of the spec with the engine's own texts for the same traps.
const TRAP_TEXTS: &[(&str, &str)] = &[
    ("null array reference", "null reference"),
    ("null function reference", "null reference"),
    ("null i31 reference", "null reference"),
    ("null structure reference", "null reference"),
    ("undefined element", "out of bounds table access"),
    ("unreachable", "wasm `unreachable` instruction executed"),
];

/// Checks that a call trapped for the reason that the script gives.
fn check_trap(message: &str, got: Result<Vec<Value>, Error>) -> Result<(), Outcome> {
    let expected = format!("trap: {message}");
    match got {
        Ok(values) => failed(expected, value::list(values)),
        Err(Error::Trap(text)) => {
            let own_words = |(spec, own): &(&str, &str)| message == *spec && text.contains(own);
            // The script says "uninitialized element 2", the engine "uninitialized element".
            let same = text.contains(message)
                || message.strip_prefix(text.trim_start_matches("wasm trap: ")).is_some()
                || TRAP_TEXTS.iter().any(own_words);
            if same { Ok(()) } else { failed(expected, format!("trap: {text}")) }
        }
        Err(error) => failed(expected, show(error)),
    }
}
