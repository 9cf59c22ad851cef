//! The fuzz targets: modules made from bytes, and checks of them. Each target is a function of the
//! input's bytes that panics if a check fails.

mod barriers;
mod debugged;
mod debugger;
mod dwarf;
mod gen_module;
mod nesting;
mod program;
mod run;
pub mod runner;
pub mod sweep;
mod tools;
mod watch;

pub use debugged::Steps;
pub use debugger::debugger;
pub use dwarf::dwarf;
pub use gen_module::{Source, module};
pub use nesting::nesting;
pub use run::{BYTES, PEER_ENDED, Way, With, burdock_run};
pub use tools::Tool;

use arbitrary::{Arbitrary, Unstructured};
use burdock::{Dispatch, Engine, Module};
use burdock_ir::{CodeBuffer, Meaning, Op, Target, disassemble};
use burdock_parse::wasmparser::Validator;
use burdock_parse::{EnforcedLimits, Features, Validation, parse as parse_module, validate_bodies};
use burdock_translate::{Body, Settings, Translator};
use run::wasmi_run;
use runner::Outcome;

/// Returns the target with this name.
pub fn target(name: &str) -> Option<fn(&[u8])> {
    Some(match name {
        "parse" => parse,
        "validate" => validate,
        "translate" => translate,
        "execute" => execute,
        "objects" => objects,
        "hooks" => hooks,
        "tools" => tools,
        "roundtrip" => roundtrip,
        "nesting" => nesting,
        "dwarf" => dwarf,
        "debugger" => debugger,
        _ => return None,
    })
}

/// Reads an input of a target. Returns `None` if the input is too short.
fn input<'a, T: Arbitrary<'a>>(data: &'a [u8]) -> Option<T> {
    T::arbitrary_take_rest(Unstructured::new(data)).ok()
}

/// Checks that parsing ends in a module or an error, and that validation and creation agree.
pub fn parse(data: &[u8]) {
    let engine = Engine::default();
    let valid = Module::validate(&engine, data);
    let created = Module::from_binary(&engine, data);
    // Frames may be too large for a module that is valid.
    assert!(valid.is_ok() || created.is_err(), "created, but not valid");
    if let (Ok(()), Err(error)) = (&valid, &created) {
        let text = format!("{error:?}");
        assert!(text.contains("frame slots"), "valid, but not created: {text}");
    }
}

/// An input of [`validate`]: a module, and up to three bits of it that are wrong.
#[derive(Arbitrary)]
struct Damaged<'a> {
    damages: [Option<Damage>; 3],
    module: &'a [u8],
}

#[derive(Arbitrary)]
struct Damage {
    at: u32,
    bit: u8,
}

/// Checks that a module with up to three wrong bits is valid for Burdock, which parses some of it
/// by itself, exactly if it is for wasmparser's validator.
pub fn validate(data: &[u8]) {
    let Some(input) = input::<Damaged<'_>>(data) else { return };
    let Some(mut bytes) = module(input.module, Source::Everything) else { return };
    for damage in input.damages.iter().flatten() {
        let at = damage.at as usize % bytes.len();
        bytes[at] ^= 1 << (damage.bit % 8);
    }
    let (features, limits) = (features(), EnforcedLimits::default());
    let parsed = parse_module(&bytes, &features, &limits, Validation::Checked);
    let own = parsed.and_then(|def| validate_bodies(&def, &bytes, 0..def.bodies.len() as u32));
    let all = Validator::new_with_features(features.to_wasmparser()).validate_all(&bytes);
    match (own, all) {
        (Ok(()), Err(error)) => panic!("not valid, but accepted: {error}"),
        (Err(error), Ok(_)) => panic!("valid, but refused: {error}"),
        _ => {}
    }
}

/// Returns all supported features.
fn features() -> Features {
    Features { custom_page_sizes: true, custom_descriptors: true, ..Features::default() }
}

/// An input of [`translate`] and [`roundtrip`]: a module, and settings to translate it with.
#[derive(Arbitrary)]
struct Translated<'a> {
    consume_fuel: bool,
    epoch_interruption: bool,
    canonicalize_nans: bool,
    count_frames: bool,
    module: &'a [u8],
}

impl Translated<'_> {
    fn settings(&self) -> Settings {
        Settings {
            consume_fuel: self.consume_fuel,
            epoch_interruption: self.epoch_interruption,
            canonicalize_nans: self.canonicalize_nans,
            operator_cost: None,
            count_frames: self.count_frames,
            // No function is observed.
            keep_arguments: false,
        }
    }
}

/// Checks that wasmparser refuses a module, too, on which Burdock failed: the generator makes a
/// mistake with exact types now and then.
fn assert_is_invalid(bytes: &[u8], error: &dyn std::error::Error) {
    let mut validator = wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all());
    let is_valid = validator.validate_all(bytes).is_ok();
    assert!(!is_valid, "a valid module is refused: {error}");
}

/// Returns the module's code under one choice of settings.
fn code(bytes: &[u8], settings: &Settings) -> Option<CodeBuffer> {
    let limits = EnforcedLimits::default();
    let def = match parse_module(bytes, &features(), &limits, Validation::Checked) {
        Ok(def) => def,
        Err(error) => {
            assert_is_invalid(bytes, &error);
            return None;
        }
    };
    let target = Target::default();
    let mut translator = Translator::new(settings);
    let mut out = CodeBuffer::default();
    for defined in 0..def.bodies.len() as u32 {
        let body = Body { module: &def, bytes, defined, validation: Validation::Checked };
        let done = translator.translate(&body, &target, &mut out);
        if let Err(error) = done {
            if !error.to_string().contains("frame slots") {
                assert_is_invalid(bytes, &error);
            }
            return None;
        }
    }
    Some(out)
}

/// Checks that a valid module is translated, into code whose size is linear in the module's.
pub fn translate(data: &[u8]) {
    let Some(input) = input::<Translated<'_>>(data) else { return };
    let Some(bytes) = module(input.module, Source::Everything) else { return };
    let Some(out) = code(&bytes, &input.settings()) else { return };
    let (from, to) = (bytes.len(), out.len_bytes());
    assert!(to <= 64 * from + 4096, "{from} bytes become {to}");
}

/// Checks that every op can be found by its kinds, and that any code can be disassembled.
pub fn roundtrip(data: &[u8]) {
    static OPS: std::sync::Once = std::sync::Once::new();
    OPS.call_once(every_op);
    let Some(input) = input::<Translated<'_>>(data) else { return };
    let Some(bytes) = module(input.module, Source::Everything) else { return };
    let Some(out) = code(&bytes, &input.settings()) else { return };
    for func in 0..out.funcs().len() {
        let text = disassemble(&out, func);
        assert!(!text.contains(": ?"), "code that is no instruction:\n{text}");
    }
}

fn every_op() {
    for number in 0..Op::COUNT {
        let op = Op::from_number(number).expect("an op");
        assert_eq!(op.number(), number);
        let (meaning, kinds) = op.parts();
        assert!(op.words() >= 1);
        let found = meaning.op(kinds).expect("an op has the kinds that it has");
        assert_eq!(found, op, "{meaning:?} {kinds:?}");
        for fill in [0, u64::MAX, 0x0004_0003_0002_0001] {
            let mut buffer = CodeBuffer::default();
            let mut writer = buffer.begin(0);
            let table = matches!(meaning, Meaning::BrTable | Meaning::BrTableR);
            let mut operands = vec![fill; op.words() - 1];
            if table {
                operands[0] = 0;
            }
            writer.emit(&Target::default(), op, &operands);
            if table {
                writer.emit_word(0);
            }
            writer.finish(0, 0);
            let text = disassemble(&buffer, 0);
            assert_eq!(text.lines().count(), 1, "{meaning:?} {kinds:?}: {text}");
            assert!(!text.contains(": ?"), "{meaning:?} {kinds:?}: {text}");
        }
    }
    assert!(Op::from_number(Op::COUNT).is_none());
}

/// Checks that Burdock and wasmi agree, and that Burdock's dispatchers, modes and settings agree
/// with each other.
pub fn execute(data: &[u8]) {
    let Some(bytes) = module(data, Source::Runnable) else { return };
    show(&bytes);
    let Some(metered) = ways_agree(&bytes) else { return };
    let Some(plain) = barriers::with_barriers(&bytes) else { return };
    let plainly = burdock_run(&plain, Way::default(), With::Nothing);
    agree(&bytes, "with and without barriers", &metered, &plainly);
    // wasmi 2.0 loses the old value of some locals, so its result counts only if it agrees with
    // itself.
    let wasmi = wasmi_run(&bytes);
    if metered != wasmi && wasmi == wasmi_run(&plain) {
        agree(&bytes, "Burdock and wasmi", &metered, &wasmi);
    }
}

/// Checks that a module has the same outcome in all of Burdock's ways to run it. Returns it, or
/// `None` if the module came to a limit.
fn ways_agree(bytes: &[u8]) -> Option<Outcome> {
    let metered = burdock_run(bytes, Way { fuel: true, ..Way::default() }, With::Nothing);
    if metered.unfit() {
        return None;
    }
    let portable = Way { dispatch: Dispatch::Loop, ..Way::default() };
    let ways = [
        portable,
        Way { lazy: true, ..Way::default() },
        Way { epochs: true, ..Way::default() },
        Way { lazy: true, ..portable },
        Way { dispatch: Dispatch::Tail, ..Way::default() },
    ];
    for way in ways {
        let who = format!("Burdock's ways to run, with fuel and {way:?},");
        agree(bytes, &who, &metered, &burdock_run(bytes, way, With::Nothing));
    }
    // wasm-smith does not canonicalize the NaNs of some conversions, so canonical NaNs can change
    // the outcome.
    let canonical = Way { canonical_nans: true, ..Way::default() };
    let looped = Way { canonical_nans: true, ..portable };
    let [canonical, looped] = [canonical, looped].map(|way| burdock_run(bytes, way, With::Nothing));
    agree(bytes, "Burdock's ways to run with canonical NaNs", &canonical, &looped);
    Some(metered)
}

/// Checks that a module with objects and exceptions has the same outcome in all of Burdock's ways
/// to run it, also with a collection before each allocation.
pub fn objects(data: &[u8]) {
    let Some(bytes) = module(data, Source::Objects) else { return };
    show(&bytes);
    let Some(metered) = ways_agree(&bytes) else { return };
    for dispatch in [Dispatch::default(), Dispatch::Loop] {
        let way = Way { collecting: true, dispatch, ..Way::default() };
        let collecting = burdock_run(&bytes, way, With::Nothing);
        agree(&bytes, "with and without collections", &metered, &collecting);
        let collecting = burdock_run(&bytes, way, With::Hooks);
        agree(&bytes, "with and without collections and hooks", &metered, &collecting);
    }
    let Some(plain) = barriers::with_barriers(&bytes) else { return };
    let plainly = burdock_run(&plain, Way::default(), With::Nothing);
    agree(&bytes, "with and without barriers", &metered, &plainly);
}

/// Prints a module as text if the variable `SHOW` is set.
pub fn show(bytes: &[u8]) {
    if std::env::var_os("SHOW").is_some() {
        println!("{}", wasmprinter::print_bytes(bytes).unwrap_or_default());
    }
}

/// An input of [`hooks`] and [`tools`]: a module, and how it is run.
#[derive(Arbitrary)]
struct Observed<'a> {
    portable: bool,
    canonical_nans: bool,
    /// `true` if calls yield at epochs as well, not only by fuel.
    at_epochs: bool,
    collecting: bool,
    module: &'a [u8],
}

impl Observed<'_> {
    fn way(&self) -> Way {
        Way {
            dispatch: if self.portable { Dispatch::Loop } else { Dispatch::default() },
            fuel: true,
            fuel_left: true,
            canonical_nans: self.canonical_nans,
            collecting: self.collecting,
            ..Way::default()
        }
    }
}

/// Checks that hooks and yielding calls change nothing, that events nest, and that counts are
/// exact.
pub fn hooks(data: &[u8]) {
    let Some(input) = input::<Observed<'_>>(data) else { return };
    let Some(bytes) = module(input.module, Source::Objects) else { return };
    let way = input.way();
    let plain = burdock_run(&bytes, way, With::Nothing);
    let hooked = burdock_run(&bytes, way, With::Hooks);
    agree(&bytes, "with and without hooks", &plain, &hooked);
    debugged(&bytes, way, data.len() as u64 * 0x9e37 + bytes.len() as u64);
    let yielding = Way { yields: true, epochs: input.at_epochs, ..way };
    agree(&bytes, "with and without yields", &plain, &burdock_run(&bytes, yielding, With::Nothing));
}

/// Checks that a debugger sees the same frames wherever a guest calls the host or fails, whether
/// the guest is stepped through, runs at full speed, or changes between both.
fn debugged(bytes: &[u8], way: Way, seed: u64) {
    let run = |steps| burdock_run(bytes, way, With::Debugger(steps));
    let stepped = run(Steps::Always);
    agree(bytes, "stepped and not stepped", &stepped, &run(Steps::Never));
    agree(bytes, "stepped always and sometimes", &stepped, &run(Steps::Sometimes(seed)));
}

/// Checks that an attached tool changes nothing, fuel included, and that a recorded run can be
/// stepped through in both directions.
pub fn tools(data: &[u8]) {
    let Some(input) = input::<Observed<'_>>(data) else { return };
    let Some(bytes) = module(input.module, Source::Objects) else { return };
    let way = input.way();
    let plain = burdock_run(&bytes, way, With::Nothing);
    for tool in Tool::ALL {
        let looked_at = burdock_run(&bytes, way, With::Tool(tool));
        agree(&bytes, &format!("without and with {tool:?}"), &plain, &looked_at);
    }
    tools::back_and_forth(&bytes, way.dispatch);
}

/// Checks that two runs of a module had the same outcome, unless one came to a limit.
pub fn agree(bytes: &[u8], who: &str, a: &Outcome, b: &Outcome) {
    if a.unfit() || b.unfit() {
        return;
    }
    if a != b {
        let text = wasmprinter::print_bytes(bytes).unwrap_or_default();
        let at = a.0.iter().zip(&b.0).position(|(a, b)| a != b);
        let at = at.unwrap_or(a.0.len().min(b.0.len()));
        let show = |o: &Outcome| o.0.get(at).cloned().unwrap_or_default();
        std::fs::write("/tmp/found.wat", &text).ok();
        panic!("{text}\n{who} differ at {at}:\n  {}\n  {}", show(a), show(b));
    }
}
