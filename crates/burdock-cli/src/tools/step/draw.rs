//! The display of `burdock step`.

use super::app::{App, HELP};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

pub(super) fn draw(app: &mut App, frame: &mut Frame<'_>) {
    let [body, status] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(frame.area());
    if app.help {
        frame.render_widget(Paragraph::new(HELP).block(Block::bordered().title("keys")), body);
    } else {
        panes(app, frame, body);
    }
    let text = match &app.prompt {
        Some((key, text)) => format!("{key} {text}_"),
        None if !app.message.is_empty() => app.message.clone(),
        None => format!("instruction {} of {}   ? for keys", app.state.step, app.len()),
    };
    let style = Style::new().add_modifier(Modifier::REVERSED);
    frame.render_widget(Paragraph::new(text).style(style), status);
}

fn panes(app: &mut App, frame: &mut Frame<'_>, area: Rect) {
    let [upper, lower] = Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(area);
    let [code, values] =
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(upper);
    let [locals, operands, stack] = Layout::vertical([Constraint::Fill(1); 3]).areas(values);
    let [memory, output] =
        Layout::horizontal([Constraint::Length(75), Constraint::Fill(1)]).areas(lower);
    draw_code(app, frame, code);
    let same = app.last.stack.len() == app.state.stack.len();
    let before = |values: &[String]| if same { values.to_vec() } else { Vec::new() };
    let (was_locals, was_operands) = (before(&app.last.locals), before(&app.last.operands));
    draw_values("locals", &app.state.locals, &was_locals, frame, locals);
    draw_values("operands", &app.state.operands, &was_operands, frame, operands);
    let frames = app.state.stack.iter();
    let frames = frames.map(|place| format!("{} {:#x}", app.func_name(place.func), place.offset));
    pane("frames", frames.map(Line::from).collect(), frame, stack);
    draw_memory(app, frame, memory);
    let text = app.output();
    let lines: Vec<&str> = text.lines().collect();
    let room = usize::from(output.height.saturating_sub(2));
    let shown = lines[lines.len().saturating_sub(room)..].iter();
    pane("output", shown.map(|line| Line::from((*line).to_owned())).collect(), frame, output);
}

fn pane(title: &str, lines: Vec<Line<'_>>, frame: &mut Frame<'_>, area: Rect) {
    let block = Block::bordered().title(title.to_owned());
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn draw_code(app: &mut App, frame: &mut Frame<'_>, area: Rect) {
    let listing = app.listing();
    let room = usize::from(area.height.saturating_sub(2));
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
    let lines: Vec<Line<'_>> = rows.map(line).collect();
    pane(&listing.title, lines, frame, area);
}

/// Draws values with their numbers, and highlights those that have changed.
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
        Line::styled(format!("{number}: {value}"), style)
    };
    // If there are too many, shows the last ones, which operators work on.
    let room = usize::from(area.height.saturating_sub(2));
    let skip = if title == "operands" { values.len().saturating_sub(room) } else { 0 };
    pane(title, values.iter().enumerate().skip(skip).map(line).collect(), frame, area);
}

fn draw_memory(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let mut lines = Vec::new();
    for row in 0..usize::from(area.height.saturating_sub(2)) {
        let address = app.memory_at + 16 * row;
        let bytes = app.state.memory.get(address, 16);
        let before = app.last.memory.get(address, 16);
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
