//! The expected outcome: guests, hooks and host functions as plain functions that call each other.

use super::script::{Act, Kind, Place, Script};
use super::{Setup, guest};
use std::fmt;

/// An error.
#[derive(Clone, Copy)]
enum Fail {
    Trap,
    Host(u8),
    CannotWait,
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fail::Trap => f.write_str("trap"),
            Fail::Host(number) => write!(f, "host {number}"),
            Fail::CannotWait => f.write_str("cannot wait"),
        }
    }
}

/// The result of a call that was abandoned while it waited.
const WAITS: i64 = i64::MIN;

/// The reason why a guest does not go on.
enum Stop {
    /// An error that no hook has been told of.
    Error(Fail),
    /// The run is over, with this outcome.
    End(Result<i64, Fail>),
    Panic(u8),
}

/// The reason why a host function or a hook does not come to its end.
enum Left {
    Error(Fail),
    Panic(u8),
}

struct Frame {
    func: usize,
    /// `$x`, `$y`, `$a`, `$b`, `$c`.
    locals: [i64; 5],
    run: usize,
    /// `true` if hooks have been told that the frame is left.
    left: bool,
}

struct Run {
    id: usize,
    kind: Kind,
    /// The number of times that the run's guest has gone on.
    moves: usize,
    /// `true` if the run has been stopped, and is not in the store.
    paused: bool,
    /// The frame that waits for the run: that of a host function's caller, or of a hook's event.
    outside: Option<usize>,
}

/// A frame that was inspected: its number, and its run.
struct Kept {
    frame: usize,
    run: usize,
    moves: usize,
}

struct Model {
    script: Script,
    frames: Vec<Frame>,
    runs: Vec<Run>,
    next_run: usize,
    kept: Vec<Kept>,
    memory: [i64; guest::FUNCS],
    pages: [u64; 2],
    /// `true` while the hook handles an event.
    hook_runs: bool,
}

/// Returns the script's log at its end.
pub(super) fn run(setup: &Setup, script: Script) -> Vec<String> {
    let mut model = Model {
        script,
        frames: Vec::new(),
        runs: Vec::new(),
        next_run: 0,
        kept: Vec::new(),
        memory: [0; guest::FUNCS],
        pages: [1; 2],
        hook_runs: false,
    };
    let func = usize::from(setup.entry) % guest::FUNCS;
    let kind = setup.kind;
    let ended = match model.call(func, setup.arguments.map(i64::from), kind, None) {
        Ok(Ok(value)) => format!("ends with {value}"),
        Ok(Err(fail)) => format!("ends with {fail}"),
        Err(number) => format!("ends with panic {number}"),
    };
    model.script.say(ended);
    model.script.say(format!("memory {:?} {:?}", model.memory, model.pages));
    model.script.log
}

impl Model {
    /// Calls a guest from the host; the error is a panic's number.
    fn call(
        &mut self,
        func: usize,
        [x, y]: [i64; 2],
        kind: Kind,
        outside: Option<usize>,
    ) -> Result<Result<i64, Fail>, u8> {
        let base = self.frames.len();
        let id = self.next_run;
        self.next_run += 1;
        self.runs.push(Run { id, kind, moves: 0, paused: false, outside });
        let ended = match self.guest(func, x, y) {
            Ok(value) => Ok(Ok(value)),
            Err(Stop::End(result)) => Ok(result),
            Err(Stop::Error(fail)) => match self.ends(fail, base) {
                Ok(()) => Ok(Err(fail)),
                Err(Left::Error(other)) => Ok(Err(other)),
                Err(Left::Panic(number)) => Err(number),
            },
            Err(Stop::Panic(number)) => Err(number),
        };
        self.frames.truncate(base);
        self.runs.pop();
        ended
    }

    fn guest(&mut self, func: usize, x: i64, y: i64) -> Result<i64, Stop> {
        let run = self.runs.last().expect("a run is on").id;
        self.frames.push(Frame { func, locals: [x, y, 0, 0, 0], run, left: false });
        let at = self.frames.len() - 1;
        if let Some(value) = self.site(format!("enter f{func} [{x}, {y}]"), false)? {
            self.frames.pop();
            return Ok(value);
        }
        let [x, y, ..] = self.frames[at].locals;
        let a = x.wrapping_mul(31).wrapping_add(y).wrapping_add(func as i64);
        self.frames[at].locals[2] = a;
        let b = self.host_function(func, a)?;
        self.frames[at].locals[3] = b;
        self.memory[func] = self.memory[func].wrapping_add(b);
        if self.frames[at].locals[2] & 15 == guest::TRAP {
            return Err(Stop::Error(Fail::Trap));
        }
        if self.frames[at].locals[2] & 1 == 1 {
            let [x, _, _, b, _] = self.frames[at].locals;
            let c = if func + 1 < guest::FUNCS { self.guest(func + 1, b, x)? } else { 0 };
            self.frames[at].locals[4] = c;
        }
        let factors = [7, 11, 1, 3, 5];
        let terms = self.frames[at].locals.iter().zip(factors);
        let result = terms.fold(self.memory[func], |sum, (local, factor)| {
            sum.wrapping_add(local.wrapping_mul(factor))
        });
        self.frames[at].left = true;
        let early = self.site(format!("leave [{result}]"), true)?;
        self.frames.pop();
        Ok(early.unwrap_or(result))
    }

    fn host_function(&mut self, func: usize, a: i64) -> Result<i64, Stop> {
        let kind = self.runs.last().expect("a run is on").kind;
        let waits = guest::waits(func);
        let can_wait = !matches!(kind, Kind::Plain | Kind::Resumable);
        let done = if waits && !can_wait {
            Err(Left::Error(Fail::CannotWait))
        } else {
            self.script.say(format!("act {func} {a}"));
            self.handle(Place::Host, self.innermost(), &mut None)
        };
        let done = match (done, kind) {
            (Ok(_), Kind::Dropped | Kind::Leaked) if waits => {
                self.script.broken = true;
                return Err(Stop::End(Ok(WAITS)));
            }
            (Ok((value, leaked)), _) if waits => match leaked {
                true => Ok(value),
                false => {
                    let more = self.handle(Place::Host, self.innermost(), &mut None);
                    more.map(|(more, _)| value + more)
                }
            },
            (done, _) => done.map(|(value, _)| value),
        };
        // The machine records the place of a guest again when a host function's error stops the
        // guest, unless the host function has waited.
        if done.is_ok() || !waits {
            self.goes_on();
        }
        match done {
            Ok(value) => Ok(value),
            Err(Left::Panic(number)) => Err(Stop::Panic(number)),
            Err(Left::Error(fail)) => self.fails(fail),
        }
    }

    fn goes_on(&mut self) {
        self.runs.last_mut().expect("a run is on").moves += 1;
    }

    /// Tells the hook of a site. Returns a value if the function returns that value instead of
    /// going on.
    fn site(&mut self, line: String, returns: bool) -> Result<Option<i64>, Stop> {
        let mut early = None;
        let mut told = self.tell(line, Place::Site, self.innermost(), &mut early);
        if let (Ok(()), Some(value), false) = (&told, early, returns) {
            // The machine asks once more, and cursors to frames are made again.
            self.goes_on();
            told = self.tell(format!("leave [{value}]"), Place::Site, self.innermost(), &mut early);
        }
        self.goes_on();
        match told {
            Ok(()) => Ok(early),
            Err(Left::Panic(number)) => Err(Stop::Panic(number)),
            // The function goes on if the call is resumed.
            Err(Left::Error(fail)) => self.fails(fail).map(|_| None),
        }
    }

    /// Tells the hook of an event, if the hook is attached.
    fn tell(
        &mut self,
        line: String,
        place: Place,
        here: Option<usize>,
        early: &mut Option<i64>,
    ) -> Result<(), Left> {
        if self.hook_runs || self.script.hook_lost {
            return Ok(());
        }
        self.script.say(line);
        self.hook_runs = true;
        let done = self.handle(place, here, early);
        self.hook_runs = false;
        self.script.hook_lost |= matches!(done, Err(Left::Panic(_)));
        done.map(|_| ())
    }

    /// Delivers an error to a guest: the run ends, or stops and goes on.
    fn fails(&mut self, fail: Fail) -> Result<i64, Stop> {
        if self.runs.last().expect("a run is on").kind != Kind::Resumable {
            return Err(Stop::Error(fail));
        }
        match self.tell(format!("stop {fail}"), Place::Stop, self.innermost(), &mut None) {
            Ok(()) => {}
            Err(Left::Error(other)) => return Err(Stop::End(Err(other))),
            Err(Left::Panic(number)) => return Err(Stop::Panic(number)),
        }
        self.script.say(format!("paused {fail}"));
        let run = self.runs.len() - 1;
        self.runs[run].paused = true;
        match self.handle(Place::Paused, self.runs[run].outside, &mut None) {
            Ok(_) => {}
            Err(Left::Error(other)) => return Err(Stop::End(Err(other))),
            Err(Left::Panic(number)) => return Err(Stop::Panic(number)),
        }
        let Some(value) = self.script.resumes() else {
            self.script.say("given up".into());
            return Err(Stop::End(Ok(0)));
        };
        self.runs[run].paused = false;
        self.runs[run].moves += 1;
        Ok(value)
    }

    /// Ends a run in an error. Hooks are told that functions are left, whatever the result of
    /// telling them of the error was.
    fn ends(&mut self, fail: Fail, base: usize) -> Result<(), Left> {
        let told = self.tell(format!("stop {fail}"), Place::Stop, self.innermost(), &mut None);
        if let Err(Left::Panic(number)) = told {
            return Err(Left::Panic(number));
        }
        match self.unwinds(base) {
            Err(Left::Panic(number)) => Err(Left::Panic(number)),
            unwound => told.and(unwound),
        }
    }

    fn unwinds(&mut self, base: usize) -> Result<(), Left> {
        for at in (base..self.frames.len()).rev() {
            if !self.frames[at].left {
                let line = format!("unwind f{}", self.frames[at].func);
                self.tell(line, Place::Stop, Some(at), &mut None)?;
            }
        }
        Ok(())
    }

    fn innermost(&self) -> Option<usize> {
        self.frames.len().checked_sub(1)
    }

    /// Returns the frame `up` callers outside of `here`, among the frames that can be seen.
    fn frame(&self, here: Option<usize>, up: usize) -> Option<usize> {
        let seen = |at: &usize| !self.run(self.frames[*at].run).is_some_and(|run| run.paused);
        (0..=here?).rev().filter(seen).nth(up)
    }

    fn run(&self, id: usize) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    /// Performs the actions of a host function or a hook. Returns its value, and whether it has
    /// leaked a call.
    fn handle(
        &mut self,
        place: Place,
        here: Option<usize>,
        early: &mut Option<i64>,
    ) -> Result<(i64, bool), Left> {
        for _ in 0..3 {
            match self.script.next(place) {
                Act::Done(value) => return Ok((value, false)),
                Act::Fail(number) => return Err(Left::Error(Fail::Host(number))),
                Act::Panic(number) => {
                    self.script.broken = true;
                    return Err(Left::Panic(number));
                }
                Act::Call { func, args, kind, catch } => {
                    let kind = if kind == Kind::Leaked && place == Place::Paused {
                        Kind::Dropped
                    } else {
                        kind
                    };
                    if self.calls(func, args, kind, catch, here)? {
                        return Ok((0, true));
                    }
                }
                Act::Look { up } => {
                    let line = match self.frame(here, up) {
                        Some(at) => {
                            let Frame { func, locals, run, .. } = self.frames[at];
                            let moves = self.run(run).expect("its run is there").moves;
                            self.kept.push(Kept { frame: at, run, moves });
                            format!("frame f{func} {locals:?}")
                        }
                        None => "no frame".into(),
                    };
                    self.script.say(line);
                }
                Act::Write { up, local, value } => {
                    if let Some(at) = self.frame(here, up) {
                        self.frames[at].locals[local] = value;
                        let func = self.frames[at].func;
                        self.script.say(format!("write f{func} {local} {value}"));
                    }
                }
                Act::Kept => {
                    for at in 0..self.kept.len() {
                        let Kept { frame, run, moves } = self.kept[at];
                        let live =
                            self.run(run).is_some_and(|run| run.moves == moves && !run.paused);
                        let line = match live {
                            true => {
                                let Frame { func, locals, .. } = self.frames[frame];
                                format!("kept f{func} {locals:?}")
                            }
                            false => "stale".into(),
                        };
                        self.script.say(line);
                    }
                }
                Act::ReturnEarly(value) => {
                    let can = place == Place::Site;
                    if can {
                        *early = Some(value);
                    }
                    self.script.say(format!("early {can}"));
                }
                Act::Grow { memory } => {
                    let old = self.pages[memory];
                    if old < 20 {
                        self.pages[memory] += 1;
                    }
                    self.script.say(format!("grow {memory} from {old}"));
                }
                Act::Attach | Act::Detach => {}
                Act::Snapshot => self.kept.clear(),
            }
        }
        Ok((0, false))
    }

    /// Performs a call by a host function or a hook. Returns whether the call was leaked.
    fn calls(
        &mut self,
        func: usize,
        args: [i64; 2],
        kind: Kind,
        catch: bool,
        here: Option<usize>,
    ) -> Result<bool, Left> {
        self.script.say(format!("call f{func} {args:?} {kind:?}"));
        self.script.depth += 1;
        let ended = self.call(func, args, kind, here);
        self.script.depth -= 1;
        match ended {
            Ok(Ok(WAITS)) => {
                self.script.say(format!("{kind:?}"));
                return Ok(kind == Kind::Leaked);
            }
            Ok(Ok(value)) => self.script.say(format!("= {value}")),
            Ok(Err(fail)) if catch => self.script.say(format!("caught {fail}")),
            Err(number) if catch => self.script.say(format!("caught panic {number}")),
            Ok(Err(fail)) => return Err(Left::Error(fail)),
            Err(number) => return Err(Left::Panic(number)),
        }
        Ok(false)
    }
}
