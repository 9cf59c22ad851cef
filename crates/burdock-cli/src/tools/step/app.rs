//! The state of `burdock step`, independent of its display: the position in the run, breakpoints
//! and keys.

use crate::engine;
use burdock_tools::step::{Session, State, Stops, Until, Way};
use burdock_tools::{Code, Lines};
use ratatui::crossterm::event::KeyCode;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

pub(super) const HELP: &str = "\
s, right   to the next instruction        r, left    to the one before
n          the next, over calls           N          the one before, over calls
f          out of this function           F          to where it was called
c          to the next breakpoint         C          to the one before
g, home    to the beginning               G, end     to the end
b          set or remove a breakpoint     w          watch memory: ADDRESS or ADDRESS+LENGTH
m          show memory at ADDRESS         /          to where a function is entered next
t          source or WebAssembly          q          leave
";

/// A session in progress.
pub(super) struct App {
    session: Session,
    code: Code,
    pub(super) state: Arc<State>,
    /// The previous state, to highlight changes.
    pub(super) last: Arc<State>,
    pub(super) breakpoints: BTreeSet<u32>,
    pub(super) watched: Vec<Range<u64>>,
    pub(super) memory_at: usize,
    /// The text being typed, with the key that started it.
    pub(super) prompt: Option<(char, String)>,
    pub(super) message: String,
    pub(super) help: bool,
    pub(super) done: bool,
    text: Text,
    source: Option<Lines>,
    sources: HashMap<String, Option<Vec<String>>>,
    pub(super) wat: bool,
}

/// The module as text.
struct Text {
    rows: Vec<String>,
    lines: Lines,
}

/// The code to show: its rows and the current one.
pub(super) struct Listing<'a> {
    pub(super) title: String,
    pub(super) rows: &'a [String],
    pub(super) row: usize,
    /// Rows with breakpoints.
    pub(super) marked: BTreeSet<usize>,
}

impl App {
    pub(super) fn new(
        mut session: Session,
        code: Code,
        source: Option<Lines>,
        breakpoints: Vec<u32>,
    ) -> anyhow::Result<Self> {
        let (text, lines) = Lines::from_disassembly(&code, "").map_err(engine::error)?;
        let rows = text.lines().map(str::to_owned).collect();
        let state = session.state(0).map_err(engine::error)?;
        let begin = !breakpoints.is_empty() && !breakpoints.contains(&state.place().offset);
        let mut app = Self {
            session,
            code,
            last: state.clone(),
            state,
            breakpoints: breakpoints.into_iter().collect(),
            watched: Vec::new(),
            memory_at: 0,
            prompt: None,
            message: String::new(),
            help: false,
            done: false,
            text: Text { rows, lines },
            source,
            sources: HashMap::new(),
            wat: false,
        };
        if begin {
            app.key(KeyCode::Char('c'));
        }
        Ok(app)
    }

    /// Handles a pressed key.
    pub(super) fn key(&mut self, key: KeyCode) {
        self.message.clear();
        if self.prompt.is_some() {
            return self.typed(key);
        }
        let depth = self.state.stack.len();
        match key {
            _ if self.help => self.help = false,
            KeyCode::Char('s') | KeyCode::Right => self.go(Some(self.state.step + 1)),
            KeyCode::Char('r') | KeyCode::Left => self.go(self.state.step.checked_sub(1)),
            KeyCode::Char('n') => self.find(Way::Forwards, Until::Depth(depth)),
            KeyCode::Char('N') => self.find(Way::Backwards, Until::Depth(depth)),
            KeyCode::Char('f') => self.find(Way::Forwards, Until::Depth(depth - 1)),
            KeyCode::Char('F') => self.find(Way::Backwards, Until::Depth(depth - 1)),
            KeyCode::Char('c') => self.run_on(Way::Forwards),
            KeyCode::Char('C') => self.run_on(Way::Backwards),
            KeyCode::Char('g') | KeyCode::Home => self.go(Some(0)),
            KeyCode::Char('G') | KeyCode::End => self.go(self.session.len().checked_sub(1)),
            KeyCode::Char('b') => {
                let offset = self.state.place().offset;
                if !self.breakpoints.remove(&offset) {
                    self.breakpoints.insert(offset);
                }
            }
            KeyCode::Char('t') => self.wat = !self.wat,
            KeyCode::Char(c @ ('w' | 'm' | '/')) => self.prompt = Some((c, String::new())),
            KeyCode::Char('?') | KeyCode::Char('h') => self.help = true,
            KeyCode::Char('q') | KeyCode::Esc => self.done = true,
            _ => self.message = "unknown key; ? lists the keys".into(),
        }
    }

    /// Handles a key while text is being typed.
    fn typed(&mut self, key: KeyCode) {
        let Some((what, text)) = &mut self.prompt else { return };
        match key {
            KeyCode::Char(c) => text.push(c),
            KeyCode::Backspace => _ = text.pop(),
            KeyCode::Esc => self.prompt = None,
            KeyCode::Enter => {
                let (what, text) = (*what, std::mem::take(text));
                self.prompt = None;
                self.asked(what, text.trim());
            }
            _ => {}
        }
    }

    fn asked(&mut self, what: char, text: &str) {
        if what == '/' {
            let entry = |func: &u32| self.code.func_name(*func).contains(text);
            let funcs = (0..self.code.num_funcs()).filter(entry);
            let first = |func| Some(self.code.operators(func).ok()?.first()?.offset);
            let breakpoints = funcs.filter_map(first).collect();
            let stops = Stops { breakpoints, ..Stops::default() };
            return self.find(Way::Forwards, Until::Stop(stops));
        }
        let (address, len) = text.split_once('+').unwrap_or((text, "4"));
        match (number(address), number(len)) {
            (Some(address), Some(len)) if what == 'w' => {
                self.watched.push(address..address.saturating_add(len));
                self.memory_at = address as usize & !15;
            }
            (Some(address), _) => self.memory_at = address as usize,
            _ => self.message = format!("`{text}` is no address"),
        }
    }

    fn run_on(&mut self, way: Way) {
        if self.breakpoints.is_empty() && self.watched.is_empty() {
            return match way {
                Way::Forwards => self.go(self.session.len().checked_sub(1)),
                Way::Backwards => self.go(Some(0)),
            };
        }
        let (breakpoints, watched) = (self.breakpoints.clone(), self.watched.clone());
        self.find(way, Until::Stop(Stops { breakpoints, watched }));
    }

    fn find(&mut self, way: Way, until: Until) {
        match self.session.find(self.state.step, way, until) {
            Ok(Some(step)) => self.go(Some(step)),
            Ok(None) => self.message = "nothing more that way".into(),
            Err(error) => self.message = format!("{error:#}"),
        }
    }

    fn go(&mut self, step: Option<u64>) {
        let Some(step) = step else { return self.message = "this is the beginning".into() };
        if step >= self.session.len() {
            let ending = self.session.recording().ending().unwrap_or("the run is over");
            return self.message = ending.to_owned();
        }
        match self.session.state(step) {
            Ok(state) => self.last = std::mem::replace(&mut self.state, state),
            Err(error) => self.message = format!("{error:#}"),
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.session.len()
    }

    pub(super) fn output(&self) -> String {
        self.session.recording().output(self.state.host_calls)
    }

    pub(super) fn func_name(&self, func: u32) -> String {
        self.code.func_name(func)
    }

    /// Returns the code around the current instruction: its source if known, or else the module's
    /// text.
    pub(super) fn listing(&mut self) -> Listing<'_> {
        let offset = self.state.place().offset;
        if !self.wat
            && let Some(lines) = &self.source
            && let Some((name, line)) = lines.at(offset)
        {
            let read = || {
                let text = std::fs::read_to_string(name).ok()?;
                Some(text.lines().map(|line| line.replace('\t', "    ")).collect())
            };
            let rows = self.sources.entry(name.to_owned()).or_insert_with(read);
            if let Some(rows) = rows {
                let own = |offset: &u32| lines.at(*offset).filter(|(file, _)| *file == name);
                let marked = self.breakpoints.iter().filter_map(own);
                let marked = marked.map(|(_, line)| line as usize - 1).collect();
                let title = format!("{name}:{line}");
                return Listing { title, rows, row: (line as usize).saturating_sub(1), marked };
            }
        }
        let row = |offset: u32| self.text.lines.at(offset).map_or(0, |(_, line)| line as usize - 1);
        let marked = self.breakpoints.iter().map(|offset| row(*offset)).collect();
        let title = format!("{:#x}", offset);
        Listing { title, rows: &self.text.rows, row: row(offset), marked }
    }
}

/// Parses a number, decimal or as `0x...`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
