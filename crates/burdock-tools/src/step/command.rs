//! `Command`: the commands of the stepper, in the words of gdb.

use super::{Motion, Way};
use std::ops::Range;

/// A command of a [`Stepper`](super::Stepper).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Move through the run, a number of times.
    Go(Motion, Way, u64),
    /// Go to an instruction by its number.
    GoTo(u64),
    /// Go to the first statement.
    Start,
    /// Go to the last instruction.
    End,
    /// Set a breakpoint; `true` for a temporary one.
    Break(String, bool),
    /// Watch a variable, or these addresses.
    Watch(Watched),
    /// Remove a breakpoint or watchpoint, or all of them.
    Delete(Option<u32>),
    /// Show the value of an expression.
    Print(String),
    /// Show the type of an expression.
    WhatIs(String),
    /// Show the value of an expression at each stop.
    Display(String),
    /// Forget what to show at each stop, by its number, or all of it.
    Undisplay(Option<u32>),
    /// Select a call, relative to the selected one.
    Up(i64),
    /// Select a call by its number, or show the selected one.
    Frame(Option<usize>),
    /// List the active calls, at most so many.
    Backtrace(usize),
    /// Show source around a line of a file, or around the position.
    List(Option<String>),
    /// Show the instructions of the function.
    Disassemble,
    /// Explain the instruction at the position.
    Explain,
    /// Show bytes of memory: an address and a number.
    Examine(u64, usize),
    /// Show something by its name.
    Info(Info),
    /// List the commands.
    Help,
    /// End the session.
    Quit,
}

/// The subject of a watchpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The value of an expression.
    Variable(String),
    /// Addresses.
    Addresses(Range<u64>),
}

/// The subjects of `info`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Info {
    /// The variables of the selected call.
    Locals,
    /// The parameters of the selected call.
    Args,
    /// Breakpoints and watchpoints.
    Breakpoints,
    /// The expressions that are shown at each stop.
    Display,
    /// The position.
    Frame,
    /// Functions whose names match a pattern.
    Functions(String),
    /// Source files.
    Sources,
    /// The locals, operands and globals of WebAssembly.
    Registers,
    /// The text that the guest has printed.
    Output,
}

/// The commands, with their forms and what they do: the text of `help`.
pub const HELP: &[(&str, &str)] = &[
    ("s, step [N]", "to the next line, or instruction"),
    ("n, next [N]", "the same, over calls"),
    ("si, stepi [N]; ni, nexti [N]", "to the next instruction; over calls"),
    ("fin, finish", "out of the selected call"),
    ("c, continue [N]", "to the next breakpoint or watchpoint"),
    ("rs; rn; rsi; rni; rc", "the same backwards: reverse-step, ..."),
    ("reverse-finish", "back to where the selected call was made"),
    ("start; end; goto N", "to the beginning; the end; instruction N"),
    ("b, break [PLACE] [if EXPR]; tb", "FILE:LINE, LINE, FUNC (* and ?) or *OFFSET"),
    ("watch EXPR", "stop after writes to it; *ADDRESS+LENGTH"),
    ("d, delete [N]", "remove breakpoints and watchpoints"),
    ("p, print EXPR; whatis EXPR", "a value; a type"),
    ("display EXPR; undisplay [N]", "show a value at each stop"),
    ("up [N]; down [N]; f, frame [N]", "select a call"),
    ("bt, backtrace [N]", "list calls"),
    ("l, list [PLACE]; disassemble", "show source; instructions"),
    ("explain", "what the instruction does, with operands"),
    ("x[/COUNT] ADDRESS", "show memory"),
    ("i, info SUBJECT", "locals, args, breakpoints, display, frame,"),
    ("", "functions, sources, registers or output"),
    ("h, help; q, quit", ""),
];

/// The words of commands, each with the shortest beginning that means it. Earlier rows go first.
const WORDS: &[(&str, &str)] = &[
    ("s", "step"),
    ("n", "next"),
    ("si", "stepi"),
    ("ni", "nexti"),
    ("fin", "finish"),
    ("c", "continue"),
    ("rs", "reverse-step"),
    ("rn", "reverse-next"),
    ("rsi", "reverse-stepi"),
    ("rni", "reverse-nexti"),
    ("rc", "reverse-continue"),
    ("reverse-f", "reverse-finish"),
    ("r", "run"),
    ("b", "break"),
    ("tb", "tbreak"),
    ("wat", "watch"),
    ("d", "delete"),
    ("p", "print"),
    ("wha", "whatis"),
    ("disp", "display"),
    ("undisp", "undisplay"),
    ("u", "up"),
    ("dow", "down"),
    ("f", "frame"),
    ("bt", "backtrace"),
    ("where", "backtrace"),
    ("ba", "backtrace"),
    ("l", "list"),
    ("disas", "disassemble"),
    ("expl", "explain"),
    ("i", "info"),
    ("h", "help"),
    ("q", "quit"),
];

/// The commands that are followed by nothing.
const ALONE: &[&str] = &["start", "run", "end", "disassemble", "explain", "help", "quit"];

impl Command {
    /// Parses a command.
    ///
    /// # Errors
    ///
    /// Fails with a message if there is no such command, or if its argument is wrong.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::step::{Command, Motion, Way};
    /// assert_eq!(Command::parse("rs 2"), Ok(Command::Go(Motion::Step, Way::Backwards, 2)));
    /// assert_eq!(Command::parse("b main.c:7"), Ok(Command::Break("main.c:7".into(), false)));
    /// assert_eq!(Command::parse("x/4 0x10"), Ok(Command::Examine(16, 4)));
    /// assert!(Command::parse("jump 3").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        // gdb's `x/8 ADDRESS` and `watch *ADDRESS`, also without a space.
        let (first, format) = first.split_once('/').unwrap_or((first, ""));
        let rest = rest.trim();
        let word = full(first);
        if let Some((motion, way)) = motion(word) {
            let count = if rest.is_empty() { 1 } else { count(rest)? };
            return Ok(Self::Go(motion, way, count));
        }
        if ALONE.contains(&word) && !rest.is_empty() {
            return Err(format!("`{word}` takes no argument, but `{rest}` follows it"));
        }
        Ok(match word {
            "goto" => Self::GoTo(count(rest)?),
            "start" | "run" => Self::Start,
            "end" => Self::End,
            "break" | "tbreak" => Self::Break(rest.to_owned(), word == "tbreak"),
            "watch" => Self::Watch(watched(rest)?),
            "delete" => Self::Delete(optional(rest)?),
            "print" => Self::Print(needed(word, rest)?),
            "whatis" => Self::WhatIs(needed(word, rest)?),
            "display" => Self::Display(needed(word, rest)?),
            "undisplay" => Self::Undisplay(optional(rest)?),
            "up" => Self::Up(optional(rest)?.unwrap_or(1)),
            "down" => Self::Up(optional::<i64>(rest)?.unwrap_or(1).saturating_neg()),
            "frame" => Self::Frame(optional(rest)?),
            "backtrace" => Self::Backtrace(optional(rest)?.unwrap_or(usize::MAX)),
            "list" => Self::List((!rest.is_empty()).then(|| rest.to_owned())),
            "disassemble" => Self::Disassemble,
            "explain" => Self::Explain,
            "x" => Self::Examine(
                number(rest).ok_or_else(|| format!("`x` needs an address, not `{rest}`"))?,
                if format.is_empty() { 64 } else { count(format)?.min(4096) as usize },
            ),
            "info" => Self::Info(info(rest)?),
            "help" => Self::Help,
            "quit" => Self::Quit,
            _ => return Err(format!("there is no command `{first}`; `help` lists the commands")),
        })
    }
}

/// Returns the full word that a word or the beginning of one means.
fn full(word: &str) -> &str {
    if let Some((_, full)) = WORDS.iter().find(|(short, full)| word == *short || word == *full) {
        return full;
    }
    let means = |(short, full): &&(&str, &str)| word.starts_with(short) && full.starts_with(word);
    WORDS.iter().find(means).map_or(word, |(_, full)| full)
}

fn motion(word: &str) -> Option<(Motion, Way)> {
    let (word, way) = match word.strip_prefix("reverse-") {
        Some(word) => (word, Way::Backwards),
        None => (word, Way::Forwards),
    };
    let motion = match word {
        "step" => Motion::Step,
        "next" => Motion::Next,
        "stepi" => Motion::StepInstruction,
        "nexti" => Motion::NextInstruction,
        "finish" => Motion::Finish,
        "continue" => Motion::Continue,
        _ => return None,
    };
    Some((motion, way))
}

fn info(rest: &str) -> Result<Info, String> {
    let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let subjects = [
        ("locals", Info::Locals),
        ("args", Info::Args),
        ("breakpoints", Info::Breakpoints),
        ("watchpoints", Info::Breakpoints),
        ("display", Info::Display),
        ("frame", Info::Frame),
        ("functions", Info::Functions(if rest.is_empty() { "*" } else { rest.trim() }.to_owned())),
        ("sources", Info::Sources),
        ("registers", Info::Registers),
        ("output", Info::Output),
    ];
    let found = subjects.into_iter().find(|(name, _)| !word.is_empty() && name.starts_with(word));
    found.map(|(_, info)| info).ok_or_else(|| {
        "`info` shows locals, args, breakpoints, display, frame, functions, sources, registers or \
         output"
            .to_owned()
    })
}

fn watched(text: &str) -> Result<Watched, String> {
    let address = text.strip_prefix('*').unwrap_or(text);
    let (first, len) = address.split_once('+').unwrap_or((address, "4"));
    match (number(first), number(len)) {
        (Some(first), Some(len @ 1..)) => Ok(Watched::Addresses(first..first.saturating_add(len))),
        (None, _) if !text.is_empty() => Ok(Watched::Variable(text.to_owned())),
        _ => {
            Err("`watch` needs a variable, or an address as `*ADDRESS` or `*ADDRESS+LENGTH`"
                .to_owned())
        }
    }
}

fn needed(word: &str, rest: &str) -> Result<String, String> {
    if rest.is_empty() { Err(format!("`{word}` needs a variable")) } else { Ok(rest.to_owned()) }
}

fn optional<N: std::str::FromStr>(rest: &str) -> Result<Option<N>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    rest.parse().map(Some).map_err(|_| format!("`{rest}` is no number"))
}

fn count(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Err("a number is missing".to_owned());
    }
    number(text).ok_or_else(|| format!("`{text}` is no number"))
}

/// Parses a number, decimal or as `0x...`.
pub fn number(text: &str) -> Option<u64> {
    match text.trim().strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.trim().parse().ok(),
    }
}
