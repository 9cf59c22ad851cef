//! `cargo xtask chart [FILE] [--check]`: draws docs/speed.svg, the times of other interpreters as
//! multiples of Burdock's, from docs/speed.csv. With FILE, which `cargo xtask bench --json FILE`
//! has written, it first replaces the measurements in docs/speed.csv.

use std::fmt::Write as _;
use std::fs;

use crate::Result;
use crate::goals::Rows;
use crate::run::{root, switch};

const DATA: &str = "docs/speed.csv";
const CHART: &str = "docs/speed.svg";

/// The first lines of a data file that this command has written.
const HEAD: &str = "\
# Times of other interpreters as multiples of Burdock's: medians that `cargo xtask bench` has measured.
# `cargo xtask chart FILE` wrote this file and drew docs/speed.svg.
";

/// The names of the columns.
const COLUMNS: &str = "group;peer;multiple";

/// The groups of the chart: name, group of the benchmark, case or all cases.
const GROUPS: &[(&str, &str, Option<&str>)] = &[
    ("execution, geometric mean", "execute", None),
    ("execution of CoreMark", "execute", Some("coremark")),
    ("calls between host and guest, geometric mean", "hostcall", None),
    ("instantiation, geometric mean", "instantiate", None),
];

/// Sizes in pixels.
const WIDTH: f64 = 760.0;
const LABELS: f64 = 150.0;
const NUMBERS: f64 = 60.0;
const LINE: f64 = 22.0;
const BAR: f64 = 14.0;

/// A bar: the time of a peer as a multiple of Burdock's.
#[derive(Clone, Debug, PartialEq)]
struct Bar {
    group: String,
    peer: String,
    multiple: f64,
}

pub(crate) fn run(args: &[String]) -> Result {
    let (data, chart) = (root().join(DATA), root().join(CHART));
    if let Some(file) = args.iter().find(|arg| !arg.starts_with('-')) {
        let bars = measured(&Rows::read(file)?, &crate::goals::interpreters()?);
        fs::write(&data, write(&bars))?;
    }
    let drawn = draw(&read(&fs::read_to_string(&data)?)?);
    if !switch(args, "--check") {
        return Ok(fs::write(&chart, drawn)?);
    }
    match fs::read_to_string(&chart).is_ok_and(|found| found == drawn) {
        true => Ok(()),
        false => Err(format!("{CHART} is stale, run `cargo xtask chart`").into()),
    }
}

/// Returns the bars of each group, the fastest peer first.
fn measured(rows: &Rows, peers: &[String]) -> Vec<Bar> {
    let mut bars = Vec::new();
    for (name, group, case) in GROUPS {
        let wanted = |name: &str| case.is_none_or(|case| case == name);
        let mut of_group: Vec<Bar> = Vec::new();
        for peer in peers {
            let mean = rows.mean(group, wanted, peer);
            of_group.extend(mean.map(|(multiple, _)| Bar {
                group: (*name).to_owned(),
                peer: peer.clone(),
                multiple,
            }));
        }
        of_group.sort_by(|a, b| a.multiple.total_cmp(&b.multiple));
        bars.append(&mut of_group);
    }
    bars
}

/// Returns the data file with these bars.
fn write(bars: &[Bar]) -> String {
    let mut text = format!("{HEAD}{COLUMNS}\n");
    for Bar { group, peer, multiple } in bars {
        let _ = writeln!(text, "{group};{peer};{multiple:.2}");
    }
    text
}

/// Reads a data file. Lines that begin with `#` are comments.
fn read(text: &str) -> Result<Vec<Bar>> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#'));
    if lines.next().is_none_or(|(_, line)| line != COLUMNS) {
        return Err(format!("{DATA}: the columns should be `{COLUMNS}`").into());
    }
    lines
        .map(|(number, line)| {
            bar(line).ok_or_else(|| {
                format!("{DATA}:{number}: expected `{COLUMNS}` with a positive multiple").into()
            })
        })
        .collect()
}

fn bar(line: &str) -> Option<Bar> {
    let mut columns = line.split(';');
    let (group, peer) = (columns.next()?.to_owned(), columns.next()?.to_owned());
    let multiple = columns.next()?.parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0)?;
    columns.next().is_none().then_some(Bar { group, peer, multiple })
}

/// Returns the chart: for each group a bar for Burdock, which is 1, and one for each peer.
fn draw(bars: &[Bar]) -> String {
    let longest = bars.iter().map(|bar| bar.multiple).fold(1.0, f64::max);
    let scale = (WIDTH - LABELS - NUMBERS) / longest;
    let mut body = String::new();
    let mut y = 34.0;
    for group in bars.chunk_by(|a, b| a.group == b.group) {
        y += LINE;
        text(&mut body, (12.0, y), "start", "h", &group[0].group);
        for (name, multiple) in
            [("Burdock", 1.0)].into_iter().chain(group.iter().map(|bar| (&*bar.peer, bar.multiple)))
        {
            y += LINE;
            let class = if name == "Burdock" { "own" } else { "peer" };
            let length = multiple * scale;
            text(&mut body, (LABELS - 8.0, y), "end", "n", name);
            let top = y - BAR + 2.0;
            let _ = writeln!(
                body,
                "<rect class=\"{class}\" x=\"{LABELS}\" y=\"{top}\" width=\"{length:.1}\" height=\"{BAR}\"/>"
            );
            text(&mut body, (LABELS + length + 6.0, y), "start", "n", &format!("{multiple:.2}"));
        }
        y += 6.0;
    }
    frame(y + 14.0, &body)
}

/// Puts the chart's title and style around its bars.
fn frame(height: f64, body: &str) -> String {
    let title = "Time as a multiple of Burdock's (shorter is faster)";
    let mut head = String::new();
    text(&mut head, (12.0, 26.0), "start", "t", title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>{title}</title>\n\
         <style>text {{ font: 13px sans-serif; fill: #222 }} .t {{ font-size: 15px; font-weight: bold }} \
         .h {{ font-weight: bold }} .own {{ fill: #7a3b8f }} .peer {{ fill: #a9b4c2 }}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n{head}{body}</svg>\n"
    )
}

/// Writes one text, with what XML reserves escaped.
fn text(to: &mut String, (x, y): (f64, f64), anchor: &str, class: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        to,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: &str, case: &str, runtime: &str, median: f64) -> (String, String, String, f64) {
        (group.to_owned(), case.to_owned(), runtime.to_owned(), median)
    }

    #[test]
    fn measurements_become_bars_and_are_read_again() {
        let rows = Rows(vec![
            row("execute", "fib", "burdock", 1.0),
            row("execute", "fib", "slow", 8.0),
            row("execute", "fib", "quick", 2.0),
            row("execute", "coremark", "burdock", 1.0),
            row("execute", "coremark", "slow", 2.0),
        ]);
        let bars = measured(&rows, &["slow".to_owned(), "quick".to_owned()]);
        let data = write(&bars);
        let lines: Vec<&str> = data.lines().skip(3).collect();
        let expected = [
            "execution, geometric mean;quick;2.00",
            "execution, geometric mean;slow;4.00",
            "execution of CoreMark;slow;2.00",
        ];
        assert_eq!(lines, expected);
        assert_eq!(read(&data).unwrap(), read(&data.replace(".00", "")).unwrap());
        let chart = draw(&read(&data).unwrap());
        assert_eq!(chart.matches("class=\"peer\"").count(), 3);
        assert_eq!(chart.matches("class=\"own\"").count(), 2);
    }

    #[test]
    fn wrong_data_is_refused() {
        for (data, error) in [
            ("", "docs/speed.csv: the columns should be `group;peer;multiple`"),
            ("# x\na;b;1\n", "docs/speed.csv: the columns should be `group;peer;multiple`"),
            ("a;b", "docs/speed.csv:2: "),
            ("a;b;0", "docs/speed.csv:2: "),
            ("a;b;nan", "docs/speed.csv:2: "),
            ("a;b;1;2", "docs/speed.csv:2: "),
        ] {
            let header = if data.starts_with('a') { format!("{COLUMNS}\n") } else { String::new() };
            let refused = read(&format!("{header}{data}")).unwrap_err().to_string();
            assert!(refused.starts_with(error), "{data}: {refused}");
        }
    }

    #[test]
    fn names_are_escaped() {
        let bars = [Bar { group: "a<b".to_owned(), peer: "c&d".to_owned(), multiple: 2.0 }];
        let chart = draw(&bars);
        assert!(chart.contains(">a&lt;b<") && chart.contains(">c&amp;d<"), "{chart}");
    }
}
