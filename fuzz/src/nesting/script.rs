//! The actions of host functions and hooks, read from the script by both sides alike.

use super::{Setup, guest};
use arbitrary::{Arbitrary, Result, Unstructured};

/// The way in which a guest is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// A call that may stop in an error and go on.
    Resumable,
    Asynchronous,
    /// An asynchronous call that is abandoned when it waits for the first time.
    Dropped,
    /// An asynchronous call that is leaked: the future is forgotten. It is the last action.
    Leaked,
}

/// The place where an action happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a host function.
    Host,
    /// In a hook, at an event of a function.
    Site,
    /// In a hook, while a guest is stopped.
    Stop,
    /// At the caller of a resumable call that has stopped.
    Paused,
}

/// An action of a host function or a hook.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// The host function or hook ends with this value.
    Done(i64),
    Fail(u8),
    Panic(u8),
    Call {
        func: usize,
        args: [i64; 2],
        kind: Kind,
        catch: bool,
    },
    /// Inspects the frame `up` callers outside, and keeps it.
    Look {
        up: usize,
    },
    /// Writes a local of a frame.
    Write {
        up: usize,
        local: usize,
        value: i64,
    },
    /// Inspects the frames that were kept.
    Kept,
    ReturnEarly(i64),
    Grow {
        memory: usize,
    },
    Attach,
    Detach,
    Snapshot,
}

/// A step of the script, as the fuzzer makes it: a step becomes an [`Act`] at the place where it is
/// due. The four groups are equally likely.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Step {
    Call(Call),
    End(End),
    Frame(FrameStep),
    Store(StoreStep),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Call {
    func: u8,
    args: [i8; 2],
    #[arbitrary(with = kind)]
    kind: Kind,
    /// Errors pass through if this is a multiple of 4.
    catch: u8,
}

/// Steps that end what they happen in.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum End {
    Done(i8),
    DoneAsWell(i8),
    Fail(u8),
    Panic(u8),
    ReturnEarly(u8),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum FrameStep {
    Look { up: u8 },
    Write { up: u8, local: u8, value: i8 },
    Kept,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum StoreStep {
    Grow { memory: bool },
    Attach,
    Detach,
    Snapshot,
}

/// The steps of a script, and whether stopped calls go on.
#[derive(Arbitrary, Clone, Debug)]
pub(super) struct Steps {
    #[arbitrary(with = answers)]
    answers: [Option<i64>; ANSWERS],
    #[arbitrary(with = steps)]
    steps: Vec<Step>,
}

/// The number of decisions about stopped calls, after which they repeat themselves.
const ANSWERS: usize = 16;
/// The most steps of a script.
const STEPS: usize = 60;
/// The number of levels up to which callers are looked up.
const FRAMES: u8 = 4;

/// Chooses how a host function or hook calls a guest: rarely so that the script ends with it.
fn kind(u: &mut Unstructured<'_>) -> Result<Kind> {
    Ok(match u.int_in_range(0..=15)? {
        0..5 => Kind::Plain,
        5..9 => Kind::Resumable,
        9..13 => Kind::Asynchronous,
        13..15 => Kind::Dropped,
        _ => Kind::Leaked,
    })
}

/// Chooses how the first guest of all is called.
pub(super) fn first_kind(u: &mut Unstructured<'_>) -> Result<Kind> {
    Ok(*u.choose(&[Kind::Plain, Kind::Resumable, Kind::Asynchronous])?)
}

/// Decides whether stopped calls go on, three times out of four, and with which value.
fn answers(u: &mut Unstructured<'_>) -> Result<[Option<i64>; ANSWERS]> {
    let mut answers = [None; ANSWERS];
    for answer in &mut answers {
        *answer = if u.ratio(3, 4)? { Some(u.arbitrary::<i8>()?.into()) } else { None };
    }
    Ok(answers)
}

/// Makes steps of the rest of the input.
fn steps(u: &mut Unstructured<'_>) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    while !u.is_empty() && steps.len() < STEPS {
        steps.push(u.arbitrary()?);
    }
    Ok(steps)
}

/// The script, and the state that both sides keep in step.
#[derive(Clone, Debug)]
pub(super) struct Script {
    steps: Steps,
    /// The number of steps that were taken.
    taken: usize,
    /// The number of decisions about stopped calls that were made.
    answered: usize,
    /// The number of calls from host functions and hooks in progress.
    pub(super) depth: usize,
    /// `true` if the hook that follows the script has been lost in a panic.
    pub(super) hook_lost: bool,
    /// `true` if frames of all functions have known locals.
    company: bool,
    /// `true` if a call was left without the events of its end.
    pub(super) broken: bool,
    pub(super) log: Vec<String>,
}

impl Script {
    pub(super) fn new(steps: Steps, setup: Setup) -> Self {
        Self {
            steps,
            taken: 0,
            answered: 0,
            depth: 0,
            hook_lost: false,
            company: setup.company,
            broken: false,
            log: Vec::new(),
        }
    }

    pub(super) fn say(&mut self, line: String) {
        self.log.push(line);
    }

    /// Decides whether a stopped call goes on. Returns the value to go on with.
    pub(super) fn resumes(&mut self) -> Option<i64> {
        let answer = self.steps.answers[self.answered % ANSWERS];
        self.answered += 1;
        answer
    }

    /// Returns the next action. A step that is impossible at this place becomes [`Act::Done`].
    pub(super) fn next(&mut self, place: Place) -> Act {
        let Some(step) = self.steps.steps.get(self.taken) else { return Act::Done(0) };
        self.taken += 1;
        let act = match *step {
            Step::Call(call) => (self.depth < 5).then(|| call.act()),
            Step::End(end) => end.act(place),
            Step::Frame(step) => (self.company || !self.hook_lost).then(|| step.act()),
            Step::Store(step) => step.act(place),
        };
        act.unwrap_or(Act::Done(1))
    }
}

impl Call {
    fn act(self) -> Act {
        Act::Call {
            func: usize::from(self.func) % guest::FUNCS,
            args: self.args.map(i64::from),
            kind: self.kind,
            catch: !self.catch.is_multiple_of(4),
        }
    }
}

impl End {
    fn act(self, place: Place) -> Option<Act> {
        match self {
            Self::Done(value) | Self::DoneAsWell(value) => Some(Act::Done(value.into())),
            _ if place == Place::Paused => None,
            Self::Fail(number) => Some(Act::Fail(number % 8)),
            Self::Panic(number) => Some(Act::Panic(number % 8)),
            Self::ReturnEarly(value) => Some(Act::ReturnEarly(value.into())),
        }
    }
}

impl FrameStep {
    fn act(self) -> Act {
        match self {
            Self::Look { up } => Act::Look { up: usize::from(up % FRAMES) },
            Self::Write { up, local, value } => Act::Write {
                up: usize::from(up % FRAMES),
                local: usize::from(local % 5),
                value: value.into(),
            },
            Self::Kept => Act::Kept,
        }
    }
}

impl StoreStep {
    fn act(self, place: Place) -> Option<Act> {
        match self {
            Self::Grow { memory } => Some(Act::Grow { memory: memory.into() }),
            Self::Attach => Some(Act::Attach),
            Self::Detach => Some(Act::Detach),
            Self::Snapshot => (place == Place::Site).then_some(Act::Snapshot),
        }
    }
}
