//! What host functions and hooks do, read from the script by both sides alike.

use super::{Setup, guest};

/// How a guest is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// It may stop in an error and go on.
    Resumable,
    Asynchronous,
    /// Asynchronous, and given up where it waits for the first time.
    Dropped,
    /// The same, but without an end: the future is forgotten. Nothing else is done after it.
    Leaked,
}

/// Where an action happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a host function.
    Host,
    /// In a hook, at an event of a function.
    Site,
    /// In a hook, as a guest is stopped.
    Stop,
    /// Where a call has stopped that can be resumed.
    Paused,
}

/// One thing that a host function or a hook does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// It is done, with this value.
    Done(i64),
    Fail(u8),
    Panic(u8),
    Call {
        func: usize,
        args: [i64; 2],
        kind: Kind,
        catch: bool,
    },
    /// Looks at a frame, so many callers up, and keeps it.
    Look {
        up: usize,
    },
    /// Writes a local of a frame.
    Write {
        up: usize,
        local: usize,
        value: i64,
    },
    /// Looks at the frames that were kept.
    Kept,
    ReturnEarly(i64),
    Grow {
        memory: usize,
    },
    Attach,
    Detach,
    Snapshot,
}

/// What both sides know and do in step.
#[derive(Clone, Debug)]
pub(super) struct Script {
    bytes: Vec<u8>,
    at: usize,
    /// Actions that are left.
    budget: usize,
    /// Calls from host functions and hooks that are on.
    pub(super) depth: usize,
    /// The hook that follows the script has been lost in a panic.
    pub(super) hook_lost: bool,
    /// Whether frames of all functions have locals that are known.
    company: bool,
    /// A call was left without its events' ends.
    pub(super) broken: bool,
    pub(super) log: Vec<String>,
}

/// How many callers up frames are looked for.
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

    /// Whether a call that has stopped goes on, and with what.
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
            // While the hook runs it is told of nothing.
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
