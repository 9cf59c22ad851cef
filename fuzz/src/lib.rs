//! What the fuzz targets have in common: modules out of bytes, and what is asked of them. Each
//! target is a function of the input's bytes that panics when something is wrong.

mod barriers;
mod dwarf;
mod gen_module;
mod nesting;
mod program;
mod run;
mod tools;
mod watch;

pub use dwarf::dwarf;
pub use gen_module::{Source, module};
pub use nesting::nesting;
pub use run::PEER_ENDED;

use arbitrary::{Arbitrary, Unstructured};
use burdock::{Dispatch, Engine, Module};
use burdock_ir::{CodeBuffer, Meaning, Op, Target, disassemble};
use burdock_parse::wasmparser::Validator;
use burdock_parse::{EnforcedLimits, Features, Validation, parse as parse_module, validate_bodies};
use burdock_translate::{Body, Settings, Translator};
use run::{Outcome, With, burdock_run, wasmi_run};
use tools::Tool;

/// The target of this name.
pub fn target(name: &str) -> Option<fn(&[u8])> {
    Some(match name {
        "parse" => parse,
        "validate" => validate,
        "translate" => translate,
        "execute" => execute,
        "hooks" => hooks,
        "tools" => tools,
        "roundtrip" => roundtrip,
        "nesting" => nesting,
        "dwarf" => dwarf,
        _ => return None,
    })
}

/// Reads an input of a target; `None` if it is too short.
fn input<'a, T: Arbitrary<'a>>(data: &'a [u8]) -> Option<T> {
    T::arbitrary_take_rest(Unstructured::new(data)).ok()
}

/// Reading bytes ends in a module or an error; validation and creation agree.
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

/// A module in which up to three bits are wrong is valid to Burdock, which reads some of it by
/// itself, if it is to wasmparser's validator alone.
pub fn validate(data: &[u8]) {
    let Some(input) = input::<Damaged<'_>>(data) else { return };
    let Some(mut bytes) = module(input.module, Source::Everything) else { return };
    for damage in input.damages.iter().flatten() {
        let at = damage.at as usize % bytes.len();
        bytes[at] ^= 1 << (damage.bit % 8);
    }
    let (features, limits) = (features(), EnforcedLimits::default());
    let parsed = parse_module(&bytes, &features, &limits, Validation::Checked);
    let own = parsed.and_then(|def| validate_bodies(&def, &bytes));
    let all = Validator::new_with_features(features.to_wasmparser()).validate_all(&bytes);
    match (own, all) {
        (Ok(()), Err(error)) => panic!("not valid, but accepted: {error}"),
        (Err(error), Ok(_)) => panic!("valid, but refused: {error}"),
        _ => {}
    }
}

/// What translates everything that is supported.
fn features() -> Features {
    Features { custom_page_sizes: true, ..Features::default() }
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
        }
    }
}

/// The module's code under one choice of settings.
fn code(bytes: &[u8], settings: &Settings) -> Option<CodeBuffer> {
    let limits = EnforcedLimits::default();
    let def = match parse_module(bytes, &features(), &limits, Validation::Checked) {
        Ok(def) => def,
        Err(error) => panic!("a valid module is refused: {error}"),
    };
    let target = Target::default();
    let mut translator = Translator::new(settings);
    let mut out = CodeBuffer::default();
    for defined in 0..def.bodies.len() as u32 {
        let body = Body { module: &def, bytes, defined, validation: Validation::Checked };
        let done = translator.translate(&body, &target, &mut out);
        if let Err(error) = done {
            let text = error.to_string();
            assert!(text.contains("frame slots"), "a valid module is refused: {text}");
            return None;
        }
    }
    Some(out)
}

/// Translation of a valid module succeeds, and its output is linear in its input.
pub fn translate(data: &[u8]) {
    let Some(input) = input::<Translated<'_>>(data) else { return };
    let Some(bytes) = module(input.module, Source::Everything) else { return };
    let Some(out) = code(&bytes, &input.settings()) else { return };
    let (from, to) = (bytes.len(), out.len_bytes());
    assert!(to <= 64 * from + 4096, "{from} bytes become {to}");
}

/// Every op can be found again under its kinds, and any code can be shown as text.
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

/// Burdock and wasmi agree, and so do Burdock's dispatchers, modes and settings with each other.
pub fn execute(data: &[u8]) {
    let Some(bytes) = module(data, Source::Runnable) else { return };
    if std::env::var_os("SHOW").is_some() {
        println!("{}", wasmprinter::print_bytes(&bytes).unwrap());
    }
    let metered = burdock_run(&bytes, 1, With::Nothing);
    if metered.unfit() {
        return;
    }
    for choice in [4, 2, 16, 2 | 4, 32] {
        let who = format!("Burdock's ways to run, 1 and {choice},");
        let other = burdock_run(&bytes, choice, With::Nothing);
        agree(&bytes, &who, &metered, &other);
    }
    // wasm-smith leaves the NaNs of some conversions as they are: canonical NaNs may show.
    let (canonical, looped) =
        (burdock_run(&bytes, 8, With::Nothing), burdock_run(&bytes, 8 | 4, With::Nothing));
    agree(&bytes, "Burdock's ways to run with canonical NaNs", &canonical, &looped);
    let Some(plain) = barriers::with_barriers(&bytes) else { return };
    agree(&bytes, "with and without barriers", &metered, &burdock_run(&plain, 0, With::Nothing));
    // wasmi 2.0 forgets to keep the old value of some locals: it has to agree with itself.
    let wasmi = wasmi_run(&bytes);
    if metered != wasmi && wasmi == wasmi_run(&plain) {
        agree(&bytes, "Burdock and wasmi", &metered, &wasmi);
    }
}

/// An input of [`hooks`] and [`tools`]: a module, and how it is run.
#[derive(Arbitrary)]
struct Observed<'a> {
    portable: bool,
    canonical_nans: bool,
    /// Calls that yield do so at epochs, too, not only by fuel.
    at_epochs: bool,
    module: &'a [u8],
}

impl Observed<'_> {
    /// The choice of [`burdock_run`], metered.
    fn choice(&self) -> u8 {
        1 | 64 | u8::from(self.portable) << 2 | u8::from(self.canonical_nans) << 3
    }
}

/// Hooks change nothing, and what they are told fits: events are nested, counts are exact. Nor does it
/// change anything that calls yield.
pub fn hooks(data: &[u8]) {
    let Some(input) = input::<Observed<'_>>(data) else { return };
    let Some(bytes) = module(input.module, Source::Runnable) else { return };
    let choice = input.choice();
    let plain = burdock_run(&bytes, choice, With::Nothing);
    let hooked = burdock_run(&bytes, choice, With::Hooks);
    agree(&bytes, "with and without hooks", &plain, &hooked);
    let yielding = choice | 128 | u8::from(input.at_epochs) << 4;
    agree(&bytes, "with and without yields", &plain, &burdock_run(&bytes, yielding, With::Nothing));
}

/// A tool that is attached changes nothing, fuel included, and a recorded run can be gone through
/// both ways.
pub fn tools(data: &[u8]) {
    let Some(input) = input::<Observed<'_>>(data) else { return };
    let Some(bytes) = module(input.module, Source::Runnable) else { return };
    let choice = input.choice();
    let plain = burdock_run(&bytes, choice, With::Nothing);
    for tool in Tool::ALL {
        let looked_at = burdock_run(&bytes, choice, With::Tool(tool));
        agree(&bytes, &format!("without and with {tool:?}"), &plain, &looked_at);
    }
    tools::back_and_forth(&bytes, choice);
}

fn agree(bytes: &[u8], who: &str, a: &Outcome, b: &Outcome) {
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

/// How the engine of a choice is set up.
fn dispatch(choice: u8) -> Dispatch {
    match choice & (4 | 32) {
        0 => Dispatch::default(),
        32 => Dispatch::Tail,
        _ => Dispatch::Loop,
    }
}
