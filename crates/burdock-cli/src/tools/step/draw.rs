//! The display of `burdock step`.

use super::app::App;
use burdock_tools::step::variable_text;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Wrap};

/// The width from which on values are shown beside the source instead of below it.
const WIDE: u16 = 110;

pub(super) fn draw(app: &mut App, frame: &mut Frame<'_>) {
    let [body, status] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(frame.area());
    match &app.page {
        Some((title, text)) => {
            let block = Block::bordered().title(title.clone());
            let page = Paragraph::new(text.as_str()).block(block).wrap(Wrap { trim: false });
            frame.render_widget(page, body);
        }
        None => {
            let explained = if app.explains { 5 } else { 0 };
            let [explanation, panes] =
                Layout::vertical([Constraint::Length(explained), Constraint::Fill(1)]).areas(body);
            if app.explains {
                draw_explanation(app, frame, explanation);
            }
            match app.is_by_instruction() {
                true => instruction_panes(app, frame, panes),
                false => source_panes(app, frame, panes),
            }
        }
    }
    draw_status(app, frame, status);
}

/// Draws the status line: why the guest has stopped, and where.
fn draw_status(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let stepper = &app.stepper;
    let where_to = format!("{} of {}   ? for keys", stepper.state().step, stepper.session().len());
    let text = match &app.prompt {
        Some((':', text)) => format!(":{text}_"),
        Some((key, text)) => format!("{key} {text}_"),
        None if !app.message.is_empty() => app.message.clone(),
        None => stepper.reason().to_string(),
    };
    // The number of the instruction stays visible if there is room for it.
    let width = usize::from(area.width);
    let gap = width.saturating_sub(text.chars().count() + where_to.chars().count());
    let text = match (gap, app.prompt.is_some()) {
        (2.., false) => format!("{text}{}{where_to}", " ".repeat(gap)),
        _ => text,
    };
    let style = Style::new().add_modifier(Modifier::REVERSED);
    frame.render_widget(Paragraph::new(text).style(style), area);
}

/// Draws source, variables, frames and output.
fn source_panes(app: &mut App, frame: &mut Frame<'_>, area: Rect) {
    let [upper, lower] = Layout::vertical([Constraint::Fill(5), Constraint::Fill(1)]).areas(area);
    let lower_height = lower.height.max(4).min(area.height / 3);
    let upper = Rect { height: area.height - lower_height, ..upper };
    let lower = Rect { y: area.y + upper.height, height: lower_height, ..lower };
    let [code, variables, frames] = if area.width >= WIDE {
        let [code, beside] =
            Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(upper);
        let [variables, frames] =
            Layout::vertical([Constraint::Fill(2), Constraint::Fill(1)]).areas(beside);
        [code, variables, frames]
    } else {
        let [code, below] =
            Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(upper);
        let [variables, frames] =
            Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(below);
        [code, variables, frames]
    };
    draw_code(app, frame, code);
    draw_variables(app, frame, variables);
    draw_frames(app, frame, frames);
    if app.shows_memory { draw_memory(app, frame, lower) } else { draw_output(app, frame, lower) }
}

/// Draws instructions, locals, operands, frames, memory and output.
fn instruction_panes(app: &mut App, frame: &mut Frame<'_>, area: Rect) {
    let [upper, lower] = Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(area);
    let [code, values] =
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(upper);
    let [locals, operands, frames] = Layout::vertical([Constraint::Fill(1); 3]).areas(values);
    let row = row_len(area);
    let memory = Constraint::Length(11 + 4 * row as u16);
    let [memory, output] = Layout::horizontal([memory, Constraint::Fill(1)]).areas(lower);
    draw_code(app, frame, code);
    let (state, last) = (app.stepper.state().clone(), app.stepper.last().clone());
    let same = last.stack.len() == state.stack.len();
    let before = |values: &[String]| if same { values.to_vec() } else { Vec::new() };
    let name = |index: usize| {
        let func = state.stack.first().map_or(0, |place| place.func);
        app.stepper.program().code().local_name(func, index as u32)
    };
    let named = |(index, value): (usize, &String)| match name(index) {
        Some(name) => format!("${name}: {value}"),
        None => format!("{index}: {value}"),
    };
    let locals_now: Vec<String> = state.locals.iter().enumerate().map(named).collect();
    let locals_before: Vec<String> = before(&last.locals).iter().enumerate().map(named).collect();
    draw_values("locals", &locals_now, &locals_before, frame, locals);
    let numbered = |values: &[String]| -> Vec<String> {
        values.iter().enumerate().map(|(index, value)| format!("{index}: {value}")).collect()
    };
    let (now, before) = (numbered(&state.operands), numbered(&before(&last.operands)));
    draw_values("operands", &now, &before, frame, operands);
    draw_frames(app, frame, frames);
    draw_memory(app, frame, memory);
    draw_output(app, frame, output);
}

fn pane(title: &str, lines: Vec<Line<'_>>, frame: &mut Frame<'_>, area: Rect) {
    let block = Block::bordered().title(title.to_owned());
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// Returns the number of rows of text in a pane.
fn room(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2))
}

fn draw_code(app: &mut App, frame: &mut Frame<'_>, area: Rect) {
    let listing = app.listing();
    let room = room(area);
    let first = listing.row.saturating_sub(room / 2);
    let rows = listing.rows.iter().enumerate().skip(first).take(room);
    let line = |(number, text): (usize, &String)| {
        let mark = match (number == listing.row, listing.marked.contains(&number)) {
            (true, true) => "●>",
            (true, false) => " >",
            (false, true) => "● ",
            (false, false) => "  ",
        };
        let style = match number == listing.row {
            true => Style::new().add_modifier(Modifier::BOLD).fg(Color::Yellow),
            false => Style::new(),
        };
        Line::styled(format!("{mark}{:>4} {text}", number + 1), style)
    };
    pane(&listing.title, rows.map(line).collect(), frame, area);
}

/// Draws the selected call's variables, and the expressions that are displayed. Those that have
/// changed since the last stop are highlighted.
fn draw_variables(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let mut variables = app.stepper.displayed();
    variables.extend(app.stepper.variables());
    let changed = app.stepper.changed();
    let line = |variable| {
        let text = variable_text(variable);
        let style = match changed.contains(&variable.name) {
            true => Style::new().fg(Color::Green),
            false => Style::new(),
        };
        Line::styled(text, style)
    };
    let lines: Vec<Line<'_>> = variables.iter().map(line).collect();
    let block = Block::bordered().title("variables");
    frame.render_widget(Paragraph::new(lines).block(block).wrap(Wrap { trim: false }), area);
}

/// Draws what the next instruction does.
fn draw_explanation(app: &mut App, frame: &mut Frame<'_>, area: Rect) {
    let (title, text) = match app.stepper.explain() {
        Ok(explained) => {
            let text = format!("{}\n{}", explained.sentence, explained.operands());
            (explained.instruction, text)
        }
        Err(message) => ("?".to_owned(), message),
    };
    let block = Block::bordered().title(title);
    frame.render_widget(Paragraph::new(text).block(block).wrap(Wrap { trim: false }), area);
}

fn draw_frames(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let selected = app.stepper.selection();
    let first = (selected + 1).saturating_sub(room(area));
    let calls = app.stepper.calls().iter().enumerate().skip(first).take(room(area));
    let lines = calls.map(|(number, call)| {
        let mark = if number == selected { '>' } else { ' ' };
        let position = &call.position;
        let place = match &position.line {
            Some((_, line)) if !app.is_by_instruction() => format!(":{line}"),
            _ => format!(" {:#x}", position.offset),
        };
        Line::from(format!("{mark}{number} {}{place}", position.func))
    });
    pane("frames", lines.collect(), frame, area);
}

/// Draws values, and highlights those that have changed.
fn draw_values(
    title: &str,
    values: &[String],
    before: &[String],
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let line = |(number, value): (usize, &String)| {
        let changed = before.get(number).is_some_and(|before| before != value);
        let style = if changed { Style::new().fg(Color::Green) } else { Style::new() };
        Line::styled(value.clone(), style)
    };
    // If there are too many, shows the last ones, which operators work on.
    let skip = if title == "operands" { values.len().saturating_sub(room(area)) } else { 0 };
    pane(title, values.iter().enumerate().skip(skip).map(line).collect(), frame, area);
}

/// Returns the number of bytes in a row of memory.
fn row_len(area: Rect) -> usize {
    if area.width >= 100 { 16 } else { 8 }
}

fn draw_memory(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let len = if area.width >= 11 + 4 * 16 { 16 } else { 8 };
    let (state, last) = (app.stepper.state(), app.stepper.last());
    let mut lines = Vec::new();
    for row in 0..room(area) {
        let address = app.memory_at + len * row;
        let bytes = state.memory.get(address, len);
        let before = last.memory.get(address, len);
        let mut spans = vec![Span::raw(format!("{address:06x} "))];
        for (at, byte) in bytes.iter().enumerate() {
            let changed = before.get(at).is_some_and(|before| before != byte);
            let style = if changed { Style::new().fg(Color::Green) } else { Style::new() };
            spans.push(Span::styled(format!(" {byte:02x}"), style));
        }
        let shown = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        spans.push(Span::raw(format!("  {}", bytes.iter().map(shown).collect::<String>())));
        lines.push(Line::from(spans));
    }
    pane("memory", lines, frame, area);
}

/// Draws the last lines that the guest has printed.
fn draw_output(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let text = app.stepper.output();
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines[lines.len().saturating_sub(room(area))..].iter();
    pane("output", shown.map(|line| Line::from((*line).to_owned())).collect(), frame, area);
}
