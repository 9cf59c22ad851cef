//! The state of `burdock step`, independent of its display: the stepper, keys and the prompt.

use burdock_tools::step::{Answer, Command, Motion, Stepper, WatchedPlace, Way, number};
use ratatui::crossterm::event::KeyCode;
use std::collections::BTreeSet;

/// The keys, with what they do.
const KEYS: &str = "\
s, right   to the next line               r, left    to the line before
n          the same, over calls           N          back, over calls
f          out of the call                F          back to its call
c          to the next breakpoint         C          to the one before
i          one instruction                I          one instruction back
u, up      select the caller              d, down    select the callee
g, home    to the beginning               G, end     to the end
b          set or remove a breakpoint     w          watch a variable or memory
m          show memory at ADDRESS         /          to a function's next entry
t          source or instructions         e          explain instructions
:          a command; `:help` lists them  q          leave
";

/// A session in progress.
pub(super) struct App {
    pub(super) stepper: Stepper,
    pub(super) memory_at: usize,
    /// `true` if memory is shown beside the source.
    pub(super) shows_memory: bool,
    /// The text being typed, with the key that started it.
    pub(super) prompt: Option<(char, String)>,
    /// A message in the status line, instead of the reason of the stop.
    pub(super) message: String,
    /// A page that covers the panes until the next key: its title and its text.
    pub(super) page: Option<(String, String)>,
    pub(super) done: bool,
    /// `true` if instructions are shown instead of source.
    pub(super) shows_instructions: bool,
    /// `true` if instructions are explained.
    pub(super) explains: bool,
}

/// The code to show: its rows and the current one.
pub(super) struct Listing {
    pub(super) title: String,
    pub(super) rows: Vec<String>,
    pub(super) row: usize,
    /// Rows with breakpoints.
    pub(super) marked: BTreeSet<usize>,
}

impl App {
    pub(super) fn new(stepper: Stepper, explains: bool) -> Self {
        Self {
            stepper,
            memory_at: 0,
            shows_memory: false,
            prompt: None,
            message: String::new(),
            page: None,
            done: false,
            shows_instructions: explains,
            explains,
        }
    }

    /// Handles a pressed key.
    pub(super) fn key(&mut self, key: KeyCode) {
        self.message.clear();
        if self.prompt.is_some() {
            return self.typed(key);
        }
        if self.page.take().is_some() {
            return;
        }
        match key {
            KeyCode::Char('s') | KeyCode::Right => self.go(Motion::Step, Way::Forwards),
            KeyCode::Char('r') | KeyCode::Left => self.go(Motion::Step, Way::Backwards),
            KeyCode::Char('n') => self.go(Motion::Next, Way::Forwards),
            KeyCode::Char('N') => self.go(Motion::Next, Way::Backwards),
            KeyCode::Char('f') => self.go(Motion::Finish, Way::Forwards),
            KeyCode::Char('F') => self.go(Motion::Finish, Way::Backwards),
            KeyCode::Char('c') => self.go(Motion::Continue, Way::Forwards),
            KeyCode::Char('C') => self.go(Motion::Continue, Way::Backwards),
            KeyCode::Char('i') => self.go(Motion::StepInstruction, Way::Forwards),
            KeyCode::Char('I') => self.go(Motion::StepInstruction, Way::Backwards),
            KeyCode::Char('u') | KeyCode::Up => self.execute(&Command::Up(1)),
            KeyCode::Char('d') | KeyCode::Down => self.execute(&Command::Up(-1)),
            KeyCode::Char('g') | KeyCode::Home => self.execute(&Command::Start),
            KeyCode::Char('G') | KeyCode::End => self.execute(&Command::End),
            KeyCode::Char('b') => self.toggle_breakpoint(),
            KeyCode::Char('e') => self.explains = !self.explains,
            KeyCode::Char('t') => self.shows_instructions = !self.shows_instructions,
            KeyCode::Char(c @ ('w' | 'm' | '/' | ':')) => self.prompt = Some((c, String::new())),
            KeyCode::Char('?') | KeyCode::Char('h') => {
                self.page = Some(("keys".to_owned(), KEYS.to_owned()));
            }
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
        match what {
            ':' => self.command(text),
            '/' => self.enter(text),
            'w' => {
                self.command(&format!("watch {text}"));
                let last = self.stepper.watchpoints().last();
                if let Some(WatchedPlace::Memory(addresses)) = last.map(|point| &point.place) {
                    self.memory_at = addresses.start as usize & !15;
                }
            }
            _ if text.is_empty() => self.shows_memory = false,
            _ => match number(text) {
                Some(address) => {
                    self.memory_at = address as usize;
                    self.shows_memory = true;
                }
                None => self.message = format!("`{text}` is no address"),
            },
        }
    }

    /// Executes a typed command.
    pub(super) fn command(&mut self, text: &str) {
        self.message.clear();
        match Command::parse(text) {
            Ok(command) => self.execute(&command),
            Err(message) => self.message = message,
        }
    }

    fn go(&mut self, motion: Motion, way: Way) {
        self.execute(&Command::Go(motion, way, 1));
    }

    fn execute(&mut self, command: &Command) {
        match self.stepper.execute(command) {
            Ok(Answer::Quit) => self.done = true,
            Ok(Answer::Stopped { .. } | Answer::Frame(..) | Answer::Done) => {}
            Ok(answer) => {
                let text = answer.to_text();
                match text.trim_end().contains('\n') {
                    true => self.page = Some(("any key goes back".to_owned(), text)),
                    false => self.message = text.trim_end().to_owned(),
                }
            }
            Err(message) => self.message = message,
        }
    }

    /// Goes to where a function is entered next whose name contains a text.
    fn enter(&mut self, text: &str) {
        match self.stepper.break_at(&format!("*{text}*"), true) {
            Ok(point) => {
                self.go(Motion::Continue, Way::Forwards);
                let _ = self.stepper.execute(&Command::Delete(Some(point.number)));
            }
            Err(message) => self.message = message,
        }
    }

    /// Sets a breakpoint at the current line, or at the instruction if no source is shown, or
    /// removes the one there.
    fn toggle_breakpoint(&mut self) {
        let Some(call) = self.stepper.selected().cloned() else { return };
        let at = match &call.position.line {
            Some((file, line)) if !self.shows_instructions => format!("{file}:{line}"),
            _ => format!("*{:#x}", call.position.offset),
        };
        let known = self.stepper.breakpoints().iter().find(|point| point.at == at);
        match known.map(|point| point.number) {
            Some(number) => self.execute(&Command::Delete(Some(number))),
            None => self.execute(&Command::Break(at, false)),
        }
    }

    /// Returns `true` if the panes are those of instructions.
    pub(super) fn is_by_instruction(&self) -> bool {
        self.shows_instructions || !self.stepper.program().has_source()
    }

    /// Returns the code around the selected call's position: its source if its text is known, or
    /// else the module's text.
    pub(super) fn listing(&mut self) -> Listing {
        let Some(call) = self.stepper.selected().cloned() else { return self.instructions() };
        if !self.shows_instructions
            && let Some((file, line)) = &call.position.line
        {
            match self.stepper.sources().lines(file) {
                Ok(rows) => {
                    let lines = self.stepper.program().lines();
                    let offsets =
                        self.stepper.breakpoints().iter().flat_map(|point| &point.offsets);
                    let marked = offsets.filter_map(|offset| lines?.at(*offset));
                    let marked = marked.filter(|(own, _)| own == file);
                    let marked = marked.map(|(_, line)| line as usize - 1).collect();
                    let (title, row) = (format!("{file}:{line}"), *line as usize - 1);
                    return Listing { title, rows: rows.to_vec(), row, marked };
                }
                Err(reason) => {
                    let listing = self.instructions();
                    return Listing { title: format!("{}: {reason}", listing.title), ..listing };
                }
            }
        }
        self.instructions()
    }

    fn instructions(&self) -> Listing {
        let program = self.stepper.program();
        let call = self.stepper.selected();
        let offset = call.map_or(0, |call| self.stepper.state().stack[call.frame].offset);
        let offsets = self.stepper.breakpoints().iter().flat_map(|point| &point.offsets);
        let marked = offsets.map(|offset| program.text_row(*offset)).collect();
        let (title, rows) = (format!("{offset:#x}"), program.text().to_vec());
        Listing { title, rows, row: program.text_row(offset), marked }
    }
}
