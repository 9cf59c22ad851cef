//! The execution of commands.

use super::command::{HELP, Info, Watched};
use super::place::Place;
use super::{
    Answer, Breakpoint, Command, Explanation, Motion, Stepper, Stops, Until, WatchedPlace,
    Watchpoint, Way,
};
use crate::code::operator_text;
use crate::dwarf::{Variable, WasmPlace};
use crate::explain::explain;
use std::ops::Range;

/// The number of lines of source before and behind the current one that `list` shows.
const AROUND: u32 = 5;

/// The most times that a motion is repeated.
const MOST_REPEATS: u64 = 1_000_000;

type Answered = Result<Answer, String>;

impl Stepper {
    /// Executes a command.
    ///
    /// # Errors
    ///
    /// Fails with a message if the command cannot be executed at this position.
    pub fn execute(&mut self, command: &Command) -> Answered {
        match command {
            Command::Go(motion, way, count) => {
                let moved = self.repeat(*motion, *way, *count);
                self.moved(moved)
            }
            Command::GoTo(step) => {
                let moved = self.go_to(*step);
                self.moved(moved)
            }
            Command::Start => {
                let moved = self.start();
                self.moved(moved)
            }
            Command::End => {
                let moved = self.go_to(u64::MAX - 1);
                self.moved(moved)
            }
            Command::Break(at, is_temporary) => {
                self.break_at(at, *is_temporary).map(Answer::Breakpoint)
            }
            Command::Watch(watched) => self.watch(watched).map(Answer::Watchpoint),
            Command::Delete(number) => self.delete(*number),
            Command::Print(text) => Ok(Answer::Variables(vec![self.evaluate(text)?])),
            Command::WhatIs(text) => {
                let Variable { name, ty, .. } = self.evaluate(text)?;
                Ok(Answer::Text(format!("{name}: {ty}")))
            }
            Command::Display(text) => self.display(text),
            Command::Undisplay(number) => self.undisplay(*number),
            Command::Up(by) => {
                let number = i64::try_from(self.selection()).unwrap_or(0).saturating_add(*by);
                self.select_call(usize::try_from(number).ok())
            }
            Command::Frame(number) => self.select_call(Some(number.unwrap_or(self.selection()))),
            Command::Backtrace(most) => {
                Ok(Answer::Frames(self.calls().iter().take(*most).cloned().collect()))
            }
            Command::List(at) => self.list(at.as_deref()),
            Command::Disassemble => self.disassemble(),
            Command::Explain => self.explain().map(Answer::Explanation),
            Command::Examine(address, len) => {
                let bytes = self.state().memory.get(*address as usize, *len);
                match bytes.is_empty() {
                    true => Err(format!("there is no memory at {address:#x}")),
                    false => Ok(Answer::Memory(*address, bytes)),
                }
            }
            Command::Info(info) => self.info(info),
            Command::Help => Ok(Answer::Text(help())),
            Command::Quit => Ok(Answer::Quit),
        }
    }

    fn repeat(&mut self, motion: Motion, way: Way, count: u64) -> burdock::Result<()> {
        for _ in 0..count.clamp(1, MOST_REPEATS) {
            if !self.go(motion, way)? || !self.reason().is_of_motion() {
                break;
            }
        }
        Ok(())
    }

    /// Returns the answer to a motion.
    fn moved(&mut self, moved: burdock::Result<()>) -> Answered {
        moved.map_err(|error| format!("{error:#}"))?;
        Ok(self.stopped())
    }

    fn display(&mut self, text: &str) -> Answered {
        let shown = self.evaluate(text)?;
        self.numbers_of_displays += 1;
        self.displays.push((self.numbers_of_displays, text.to_owned()));
        Ok(Answer::Variables(vec![shown]))
    }

    /// Removes a display, or all of them.
    fn undisplay(&mut self, number: Option<u32>) -> Answered {
        let before = self.displays.len();
        self.displays.retain(|(own, _)| number.is_some_and(|number| number != *own));
        match number {
            Some(number) if self.displays.len() == before => {
                Err(format!("there is no display {number}"))
            }
            _ => Ok(Answer::Done),
        }
    }

    fn select_call(&mut self, number: Option<usize>) -> Answered {
        let number = number.ok_or("this is the innermost call")?;
        let outermost = self.calls().len().saturating_sub(1);
        if !self.select(number) && number != outermost + 1 {
            return Err(format!("there is no call {number}; the outermost one is {outermost}"));
        }
        match self.calls().get(number) {
            Some(call) => Ok(Answer::Frame(number, call.clone())),
            None => Err("this is the outermost call".to_owned()),
        }
    }

    /// Sets a breakpoint at a line (`FILE:LINE`, or `LINE` of the selected call's file), at an
    /// offset (`*OFFSET`), or at functions whose names match a pattern. ` if ` and a
    /// [condition](crate::condition::Condition) may follow; names in it mean what is in scope at
    /// the place.
    ///
    /// # Errors
    ///
    /// Fails with a message if there is no such place, or the condition has no meaning there.
    pub fn break_at(&mut self, at: &str, is_temporary: bool) -> Result<Breakpoint, String> {
        let current = self.selected().map(|call| &call.position);
        let Place { at, offsets, conditions } = self.program().place(at, current)?;
        self.numbers += 1;
        let number = self.numbers;
        let breakpoint = Breakpoint { number, at, offsets, is_temporary, conditions };
        self.breakpoints.push(breakpoint.clone());
        Ok(breakpoint)
    }

    fn watch(&mut self, watched: &Watched) -> Result<Watchpoint, String> {
        let (variable, place) = match watched {
            Watched::Addresses(Range { start, end }) => {
                let name = format!("*{start:#x}+{}", end - start);
                (Variable::unknown(name), WatchedPlace::Memory(*start..*end))
            }
            Watched::Variable(text) => {
                let variable = self.evaluate(text)?;
                let memory = variable.address.clone().map(WatchedPlace::Memory);
                let place = memory.or_else(|| self.local_of(&variable)).ok_or_else(|| {
                    format!(
                        "`{text}` is neither in memory nor in a local of WebAssembly, so it can't \
                         be watched"
                    )
                })?;
                (variable, place)
            }
        };
        self.numbers += 1;
        let watchpoint = Watchpoint { number: self.numbers, place, variable };
        self.watchpoints.push(watchpoint.clone());
        Ok(watchpoint)
    }

    /// Returns the local of WebAssembly that a variable stands for, or that has its value.
    fn local_of(&self, variable: &Variable) -> Option<WatchedPlace> {
        let call = self.selected()?;
        let func = self.state().stack.get(call.frame)?.func;
        let index = match self.registers().iter().position(|local| local == variable) {
            Some(index) => index as u32,
            None => {
                let path = self.program().info()?.resolve(&variable.name, call.call.as_ref());
                match path.ok()?.wasm_place()? {
                    WasmPlace::Local(local) => local,
                    WasmPlace::Operand(_) | WasmPlace::Global(_) => return None,
                }
            }
        };
        Some(WatchedPlace::Local { func, index })
    }

    fn delete(&mut self, number: Option<u32>) -> Answered {
        let count = |stepper: &Self| stepper.breakpoints.len() + stepper.watchpoints.len();
        let before = count(self);
        let stays = |own: u32| number.is_some_and(|number| number != own);
        self.breakpoints.retain(|point| stays(point.number));
        self.watchpoints.retain(|point| stays(point.number));
        match number {
            Some(number) if count(self) == before => {
                Err(format!("there is no breakpoint or watchpoint {number}"))
            }
            _ => Ok(Answer::Done),
        }
    }

    /// Evaluates an expression in the selected call. Without debug information, the locals of
    /// WebAssembly have names.
    ///
    /// # Errors
    ///
    /// Fails with a message if the expression has no value.
    pub fn evaluate(&self, text: &str) -> Result<Variable, String> {
        let call = self.selected();
        // A dollar leads past the debug information.
        let info = self.program().info().filter(|_| !text.starts_with('$'));
        let evaluated = info.map(|info| {
            let frame = self.state().frame(call.map_or(0, |call| call.frame));
            info.evaluate(text, call.and_then(|call| call.call.as_ref()), &frame)
        });
        if let Some(Ok(variable)) = evaluated {
            return Ok(variable);
        }
        let plain = text.trim_start_matches('$');
        let mut locals = self.registers();
        let named = locals.iter().position(|local| local.name.trim_start_matches('$') == plain);
        let number = || text.strip_prefix('$')?.parse().ok();
        let index = named.or_else(number).filter(|index| *index < locals.len());
        let local = index.map(|index| locals.swap_remove(index));
        match (local, evaluated) {
            (Some(local), _) => Ok(local),
            (None, Some(Err(error))) => Err(error.to_string()),
            _ => Err(format!("no variable `{text}` is in scope")),
        }
    }

    /// Returns the locals of WebAssembly in the selected call's frame.
    fn registers(&self) -> Vec<Variable> {
        let call = self.selected();
        call.map(|call| self.program().locals(self.state(), call.frame)).unwrap_or_default()
    }

    /// Returns what is shown at each stop, as far as it is in scope.
    pub fn displayed(&self) -> Vec<Variable> {
        self.displays.iter().filter_map(|(_, text)| self.evaluate(text).ok()).collect()
    }

    fn list(&mut self, at: Option<&str>) -> Answered {
        let here = self.selected().and_then(|call| call.position.line.clone());
        let (file, line) = match at {
            None => {
                here.clone().ok_or("the position has no known line; `disassemble` shows code")?
            }
            Some(at) => {
                let current = self.selected().map(|call| &call.position);
                let (_, offsets) = self.program().offsets(at, current)?;
                let lines = self.program().lines();
                let found = offsets.first().and_then(|offset| lines?.at(*offset));
                let (file, line) = found.ok_or_else(|| format!("`{at}` has no known line"))?;
                (file.to_owned(), line)
            }
        };
        let lines = self.sources.lines(&file)?;
        let first = line.saturating_sub(AROUND).max(1);
        let shown = lines.iter().skip(first as usize - 1).take(2 * AROUND as usize + 1);
        let current = here.filter(|(own, _)| *own == file).map(|(_, line)| line);
        Ok(Answer::Lines { lines: shown.cloned().collect(), of: file, first, current })
    }

    fn disassemble(&self) -> Answered {
        let call = self.selected().ok_or("no code of the module is being executed")?;
        let place = self.state().stack[call.frame];
        let program = self.program();
        let rows = program.code().body(place.func).and_then(|body| program.text_rows(body));
        let rows = rows.ok_or("the function has no code")?;
        let current = program.text_row(place.offset) as u32 + 1;
        let lines = program.text()[rows.clone()].to_vec();
        let (of, first) = (call.position.func.clone(), rows.start as u32 + 1);
        Ok(Answer::Lines { of, first, current: Some(current), lines })
    }

    /// Explains the instruction at the position, with the operands before and after it.
    ///
    /// # Errors
    ///
    /// Fails with a message if the run cannot be repeated.
    pub fn explain(&mut self) -> Result<Explanation, String> {
        let (state, place) = (self.state().clone(), self.state().place());
        let (mut instruction, mut sentence) = ("?".to_owned(), String::new());
        let code = self.program().code();
        // A function that cannot be parsed is never executed.
        let _ = code.visit(place.func, |offset, op| {
            if offset == place.offset {
                instruction = operator_text(op);
                sentence = explain(op, place.func, code).unwrap_or_default();
            }
        });
        // The instruction behind a call is the next one in the same function.
        let until = Some(Until::Depth(state.depth));
        let found = self.session.search(state.step, Way::Forwards, until, &Stops::default());
        let after = match found.map_err(|error| format!("{error:#}"))? {
            Some(found) => {
                let after = self.session.state(found.step).map_err(|error| format!("{error:#}"))?;
                (after.stack.len() == state.stack.len()).then(|| after.operands.clone())
            }
            None => None,
        };
        Ok(Explanation { instruction, sentence, before: state.operands.clone(), after })
    }

    fn info(&self, info: &Info) -> Answered {
        Ok(match info {
            Info::Locals => Answer::Variables(self.variables()),
            Info::Args => {
                let mut variables = self.variables();
                variables.retain(|variable| variable.is_parameter);
                Answer::Variables(variables)
            }
            Info::Breakpoints => Answer::Points(self.breakpoints.clone(), self.watchpoints.clone()),
            Info::Display => {
                let lines = self.displays.iter().map(|(number, text)| format!("{number}: {text}"));
                Answer::Names(lines.collect())
            }
            Info::Frame => {
                let call = self.selected().ok_or("no code of the module is being executed")?;
                Answer::Frame(self.selection(), call.clone())
            }
            Info::Functions(pattern) => Answer::Names(self.program().func_names(pattern)),
            Info::Sources => {
                let files = self.program().lines().map(|lines| lines.files().to_vec());
                Answer::Names(files.unwrap_or_default())
            }
            Info::Registers => {
                let frame = self.selected().map_or(0, |call| call.frame);
                let operands = self.state().frames.get(frame);
                let operands = operands.map(|values| values.operands.as_slice());
                let texts = if frame == 0 { &self.state().operands[..] } else { &[] };
                Answer::Registers {
                    locals: self.registers(),
                    operands: Variable::numbered(operands.unwrap_or_default(), texts),
                    globals: Variable::numbered(&self.state().globals, &[]),
                }
            }
            Info::Output => Answer::Text(self.output()),
        })
    }
}

/// Returns the list of commands.
fn help() -> String {
    let width = HELP.iter().map(|(forms, _)| forms.len()).max().unwrap_or(0);
    let lines = HELP.iter().map(|(forms, does)| format!("{forms:width$}  {does}"));
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}
