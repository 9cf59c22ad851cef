//! `burdock step`: runs a module, and then steps through the run in a terminal.

mod app;
mod converse;
mod draw;

use crate::cli::StepArgs;
use crate::engine;
use crate::invoke;
use crate::link;
use crate::report::{self, Failure};
use crate::run::{self, Main, Tool};
use crate::settings::Settings;
use crate::state::State;
use crate::watch::{SIGNAL_CHECKS, Stop};
use anyhow::{Context, bail};
use app::App;
use burdock::{ExternType, Module, Store};
use burdock_tools::step::{
    Entry, Motion, Program, Recorder, Recording, Session, Sources, Stepper, Way,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

/// The width and height in characters of a screen that is written as text.
const SCREEN: (u16, u16) = (80, 24);

struct Step<'a> {
    args: &'a StepArgs,
    preloads: Vec<(String, Module)>,
    /// The program and the recorder of its run, once it is attached.
    attached: Option<(Program, Recorder)>,
}

pub(crate) fn execute(args: &StepArgs) -> Result<ExitCode, Failure> {
    if args.output.is_some() && args.keys.is_none() && args.commands.is_empty() {
        return Err(report::usage("`-o` is for the screen that `--keys` or `--ex` leads to"));
    }
    super::out::check(&args.run, [&args.output, &args.record].into_iter().flatten())?;
    run::execute_with(&args.run, Step { args, preloads: Vec::new(), attached: None })
}

impl Tool for Step<'_> {
    fn prepare(&mut self, settings: &mut Settings) -> anyhow::Result<()> {
        if self.args.format.is_some() {
            // Standard input and output belong to commands and answers.
            settings.inherit_stdin = false;
            settings.inherit_stdout = false;
            settings.inherit_stderr = false;
        }
        Ok(())
    }

    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
        if self.is_interactive() && !terminal {
            bail!("there is no terminal to show the run in; `--record FILE` writes it as a page");
        }
        // Reports before the run that a module cannot be stepped through, or has no such places.
        for (name, path) in &self.args.run.preloads {
            self.preloads.push((name.clone(), link::preloaded(store.engine(), name, path)?));
        }
        Session::with_preloads(main.module, &self.preloads, Default::default(), Vec::new())
            .map_err(engine::error)?;
        let code = super::code(main)?;
        let lines = super::lines(&code, main);
        let program = Program::new(code, lines).map_err(engine::error)?;
        for at in &self.args.breakpoint {
            program.check_breakpoint(at).map_err(anyhow::Error::msg)?;
        }
        self.attached = Some((program, Recorder::attach(store, main.module)));
        Ok(())
    }

    fn finish(
        mut self,
        store: &mut Store<State>,
        main: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let ending = outcome.as_ref().err().map(|failure| failure.error.root_cause().to_string());
        let shown = match self.attached.take() {
            Some((program, recorder)) => {
                self.recorded(recorder.finish(store, ending), program, main)
            }
            None => Ok(()),
        };
        super::end(outcome, shown)
    }
}

/// Returns the exports that `run` called.
pub(super) fn entries(main: &Main<'_>) -> anyhow::Result<Vec<Entry>> {
    let func = |name: &str| match main.module.get_export(name) {
        Some(ExternType::Func(ty)) => Some(ty),
        _ => None,
    };
    let entry = |name: &str| Entry { name: name.to_owned(), args: Vec::new() };
    let mut entries = Vec::new();
    if func("_initialize").is_some() {
        entries.push(entry("_initialize"));
    }
    let (name, ty) = match &main.args.invoke {
        Some(name) => (name.as_str(), func(name)),
        None if func("").is_some() => ("", func("")),
        None => ("_start", func("_start")),
    };
    if let Some(ty) = ty {
        let given = main.args.file_and_args.iter().skip(1);
        let args = ty.params().zip(given);
        let args = args.map(|(ty, arg)| invoke::parse(&ty, &arg.to_string_lossy()));
        entries.push(Entry { args: args.collect::<anyhow::Result<_>>()?, ..entry(name) });
    }
    Ok(entries)
}

impl Step<'_> {
    /// Returns `true` if the run is shown in the terminal.
    fn is_interactive(&self) -> bool {
        let StepArgs { record, keys, commands, format, .. } = self.args;
        record.is_none() && keys.is_none() && commands.is_empty() && format.is_none()
    }

    fn recorded(
        &self,
        recording: Recording,
        program: Program,
        main: &Main<'_>,
    ) -> anyhow::Result<()> {
        let entries = entries(main)?;
        let session = Session::with_preloads(main.module, &self.preloads, recording, entries)
            .map_err(engine::error)?;
        if session.is_empty() { Ok(()) } else { self.show(session, program, main) }
    }

    fn show(&self, session: Session, program: Program, main: &Main<'_>) -> anyhow::Result<()> {
        let (stop, before) = (main.stop.clone(), main.stop.reason());
        let is_interactive = self.is_interactive();
        let session = session.interrupted_by(move || {
            stop.reason() != before || (is_interactive && is_interrupt_pressed())
        });
        let sources = Sources::new(main.path(), self.args.remap.clone());
        let mut stepper = Stepper::new(session, program, sources).map_err(engine::error)?;
        self.go_to_breakpoint(&mut stepper)?;
        if let Some(path) = &self.args.record {
            let page = stepper.html(&main.name(), self.args.limit).map_err(engine::error)?;
            return super::write(Some(path), page.as_bytes());
        }
        if self.args.format.is_some() {
            return converse::converse(&mut stepper, &main.stop);
        }
        let mut app = App::new(stepper, self.args.explain);
        if is_interactive {
            return interact(&mut app, &main.stop).context("failed to use the terminal");
        }
        for command in &self.args.commands {
            app.command(command);
        }
        for key in self.args.keys.iter().flat_map(|keys| keys.chars()) {
            app.key(match key {
                '\n' => KeyCode::Enter,
                key => KeyCode::Char(key),
            });
        }
        let screen = screen(&mut app)?;
        super::write(self.args.output.as_deref(), screen.as_bytes())
    }

    /// Sets the breakpoints of `--break`, and goes to the first stop at one.
    fn go_to_breakpoint(&self, stepper: &mut Stepper) -> anyhow::Result<()> {
        for at in &self.args.breakpoint {
            stepper.break_at(at, false).map_err(anyhow::Error::msg)?;
        }
        if !self.args.breakpoint.is_empty() && !stepper.is_at_breakpoint() {
            stepper.go(Motion::Continue, Way::Forwards).map_err(engine::error)?;
        }
        Ok(())
    }
}

/// Shows the run until the user quits.
fn interact(app: &mut App, stop: &Stop) -> anyhow::Result<()> {
    let before = stop.reason();
    let mut terminal = ratatui::try_init()?;
    stop.set_last_words(ratatui::restore);
    let result = (|| {
        // A signal that ended the guest does not end the session; the next one does.
        while !app.done && stop.reason() == before {
            terminal.draw(|frame| draw::draw(app, frame))?;
            if event::poll(SIGNAL_CHECKS)?
                && let Event::Key(key) = event::read()?
                && key.kind == KeyEventKind::Press
            {
                match is_interrupt(&key) {
                    true => app.done = true,
                    false => app.key(key.code),
                }
            }
        }
        Ok(())
    })();
    ratatui::restore();
    result
}

/// Returns `true` if a key is Ctrl-C, for which the terminal sends no signal in raw mode.
fn is_interrupt(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

/// Returns `true` if Ctrl-C has been pressed. Discards other keys: they were pressed while a long
/// motion went on, and would act on a screen that the user has not seen.
fn is_interrupt_pressed() -> bool {
    while event::poll(Duration::ZERO).unwrap_or(false) {
        match event::read() {
            Ok(Event::Key(key)) if is_interrupt(&key) => return true,
            Ok(_) => {}
            Err(_) => break,
        }
    }
    false
}

/// Returns the screen as text.
fn screen(app: &mut App) -> anyhow::Result<String> {
    let mut terminal = Terminal::new(TestBackend::new(SCREEN.0, SCREEN.1))?;
    terminal.draw(|frame| draw::draw(app, frame))?;
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for y in 0..SCREEN.1 {
        let row: String = (0..SCREEN.0).map(|x| buffer[(x, y)].symbol()).collect();
        text.push_str(row.trim_end());
        text.push('\n');
    }
    Ok(text)
}
