//! The actions of host functions and hooks, read from the script by both sides alike.

use super::{Setup, guest};

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

/// The script, and the state that both sides keep in step.
#[derive(Clone, Debug)]
pub(super) struct Script {
    bytes: Vec<u8>,
    at: usize,
    /// The number of actions that are left.
    budget: usize,
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

/// The number of levels up to which callers are looked up.
const FRAMES: u8 = 4;

impl Script {
    pub(super) fn new(bytes: Vec<u8>, setup: Setup) -> Self {
        let company = setup.company;
        Self {
            bytes,
            at: 0,
            budget: 60,
            depth: 0,
            hook_lost: false,
            company,
            broken: false,
            log: Vec::new(),
        }
    }

    pub(super) fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    pub(super) fn say(&mut self, line: String) {
        self.log.push(line);
    }

    /// The first call of all.
    pub(super) fn kind(&mut self) -> Kind {
        match self.byte() % 8 {
            0..3 => Kind::Plain,
            3..5 => Kind::Resumable,
            _ => Kind::Asynchronous,
        }
    }

    /// Decides whether a stopped call goes on. Returns the value to go on with.
    pub(super) fn resumes(&mut self) -> Option<i64> {
        match self.byte() {
            0..64 => None,
            byte => Some(i64::from(byte) - 100),
        }
    }

    /// The next action.
    pub(super) fn next(&mut self, place: Place) -> Act {
        let done = |script: &mut Self| Act::Done(i64::from(script.byte() as i8));
        if self.budget == 0 || self.at >= self.bytes.len() {
            return Act::Done(0);
        }
        self.budget -= 1;
        let knows_frames = self.company || !self.hook_lost;
        let calls = match place {
            // The hook gets no events while it runs.
            Place::Site => 2,
            _ => 8,
        };
        match self.byte() % 32 {
            choice if choice < calls && self.depth < 5 => Act::Call {
                func: usize::from(self.byte()) % guest::FUNCS,
                args: [self.byte() as i8, self.byte() as i8].map(i64::from),
                kind: match self.byte() % 16 {
                    0..5 => Kind::Plain,
                    5..9 => Kind::Resumable,
                    9..13 => Kind::Asynchronous,
                    13..15 => Kind::Dropped,
                    _ => Kind::Leaked,
                },
                catch: self.byte() % 4 != 0,
            },
            8..11 if knows_frames => Act::Look { up: usize::from(self.byte() % FRAMES) },
            11..13 if knows_frames => Act::Write {
                up: usize::from(self.byte() % FRAMES),
                local: usize::from(self.byte() % 5),
                value: i64::from(self.byte() as i8),
            },
            13..15 if knows_frames => Act::Kept,
            15..17 if place != Place::Paused => Act::ReturnEarly(self.byte().into()),
            17 => Act::Grow { memory: usize::from(self.byte() % 2) },
            18..20 => Act::Attach,
            20..22 => Act::Detach,
            22..24 if place == Place::Site => Act::Snapshot,
            24 if place != Place::Paused => Act::Fail(self.byte() % 8),
            25 if place != Place::Paused => Act::Panic(self.byte() % 8),
            _ => done(self),
        }
    }
}
