//! Runs within runs: a script decides the actions of host functions and hooks while guests wait for
//! them (plain, resumable and asynchronous calls, early returns, writes to frames, hooks that come
//! and go, growth, snapshots, errors, panics), and a model predicts the outcome. The model
//! (`model.rs`) is plain Rust that calls itself; the other side (`real.rs`) is the engine.

mod guest;
mod model;
mod real;
mod script;

use arbitrary::{Arbitrary, Unstructured};
use script::{Kind, Script, Steps, first_kind};

/// An input: the engine's settings, and the script.
#[derive(Arbitrary, Debug)]
struct Case {
    setup: Setup,
    script: Steps,
}

/// The engine's settings.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) dispatch: u8,
    pub(crate) mode: u8,
    pub(crate) fuel: bool,
    pub(crate) epochs: bool,
    /// A hook that does nothing is attached before the one that follows the script.
    pub(crate) company: bool,
    /// The way in which the first guest is called.
    #[arbitrary(with = first_kind)]
    kind: Kind,
    pub(crate) entry: u8,
    pub(crate) arguments: [i16; 2],
}

/// Checks that the engine agrees with the model, under every dispatcher.
pub fn nesting(data: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let script = Script::new(case.script, case.setup);
    let expected = model::run(&case.setup, script.clone());
    let found = real::run(&case.setup, script);
    if std::env::var_os("SHOW").is_some() {
        println!("{:?}\n{}", case.setup, expected.join("\n"));
    }
    if let Some(at) =
        (0..expected.len().max(found.len())).find(|&at| expected.get(at) != found.get(at))
    {
        let before = expected[at.saturating_sub(40)..at].join("\n  ");
        panic!(
            "{:?}\n  {before}\nthen expected\n  {:?}\nbut found\n  {:?}",
            case.setup,
            expected.get(at),
            found.get(at)
        );
    }
}
