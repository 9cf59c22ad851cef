//! `Escaped`: text from a module or a guest, made safe to show in a line of text.

use core::fmt::{self, Write};

/// Text that a module or a guest chose, for display in a line of a message, a terminal or a file.
///
/// Control characters, line separators, marks that reorder text, invisible characters and
/// noncharacters are written as escapes of Rust (`\n`, `\u{1b}`); all other characters are written
/// as they are. The result is one line, moves no cursor, and consists of characters that XML
/// allows.
///
/// # Example
///
/// ```
/// use burdock_types::Escaped;
/// assert_eq!(Escaped("na\u{ef}ve<T>").to_string(), "na\u{ef}ve<T>");
/// assert_eq!(Escaped("a\u{1b}[31m\nb\u{202e}").to_string(), r"a\u{1b}[31m\nb\u{202e}");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'t>(pub &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, is_unsafe, f)
    }
}

/// Text of several lines, parts of which a module or a guest may have chosen, for display. Escapes
/// characters as [`Escaped`] does, but keeps line feeds and tabs.
///
/// # Example
///
/// ```
/// use burdock_types::EscapedLines;
/// assert_eq!(EscapedLines("a:\n\tb\u{7}\n").to_string(), "a:\n\tb\\u{7}\n");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EscapedLines<'t>(pub &'t str);

impl fmt::Display for EscapedLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escape(self.0, |c| !matches!(c, '\n' | '\t') && is_unsafe(c), f)
    }
}

/// Writes text, and escapes the characters that `is_unsafe` selects.
fn escape(text: &str, is_unsafe: fn(char) -> bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(is_unsafe) {
        let (plain, tail) = rest.split_at(at);
        f.write_str(plain)?;
        let mut chars = tail.chars();
        match chars.next() {
            Some(c @ ('\n' | '\r' | '\t')) => write!(f, "{}", c.escape_default())?,
            Some(c) => write!(f, "{}", c.escape_unicode())?,
            None => {}
        }
        rest = chars.as_str();
    }
    f.write_str(rest)
}

/// Returns `true` for characters whose effect goes beyond their own glyph.
fn is_unsafe(c: char) -> bool {
    match c {
        ' '..='~' => false,
        // Marks that reorder the text behind them, and characters that can't be seen.
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{ad}'
        | '\u{e0000}'..='\u{e007f}' => true,
        // Noncharacters, two of which XML forbids.
        '\u{fdd0}'..='\u{fdef}' => true,
        c => c.is_control() || c as u32 & 0xfffe == 0xfffe,
    }
}

/// A writer that escapes its input, as [`Escaped`] does, and stops with an error at a limit.
///
/// Formatting a value into this writer costs no more than the limit allows, however long the whole
/// text would be.
#[derive(Debug)]
pub struct Limited<W> {
    out: W,
    left: usize,
    full: bool,
}

impl<W: Write> Limited<W> {
    /// Returns a writer of at most `most` bytes, counted before they are escaped, to `out`.
    pub fn new(out: W, most: usize) -> Self {
        Self { out, left: most, full: false }
    }

    /// Ends the output. Text that did not fit is replaced by `...`.
    ///
    /// `written` is the result of formatting into this writer.
    ///
    /// # Errors
    ///
    /// Writing `...` fails, or formatting failed for a reason other than the limit.
    pub fn finish(mut self, written: fmt::Result) -> fmt::Result {
        match written {
            Err(_) if self.full => self.out.write_str("..."),
            written => written,
        }
    }
}

impl<W: Write> Write for Limited<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = text.len() <= self.left;
        let end = if fits { text.len() } else { text.floor_char_boundary(self.left) };
        self.left -= end;
        write!(self.out, "{}", Escaped(&text[..end]))?;
        self.full |= !fits;
        if fits { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    #[test]
    fn what_is_not_plain_is_escaped() {
        for (text, shown) in [
            ("", ""),
            ("plain; \\ \"quoted\" <&>", "plain; \\ \"quoted\" <&>"),
            ("ü€𝄞", "ü€𝄞"),
            ("\u{7}\u{7f}\u{9b}\r\t\0", r"\u{7}\u{7f}\u{9b}\r\t\u{0}"),
            ("\u{202e}\u{2066}\u{200b}\u{2028}", r"\u{202e}\u{2066}\u{200b}\u{2028}"),
            ("\u{ffff}\u{1fffe}\u{fdd0}", r"\u{ffff}\u{1fffe}\u{fdd0}"),
        ] {
            assert_eq!(Escaped(text).to_string(), shown, "{text:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_cut_off() {
        for (text, most, shown) in
            [("abc", 3, "abc"), ("abcd", 3, "abc..."), ("äbc", 1, "..."), ("a\nb", 2, "a\\n...")]
        {
            let mut out = String::new();
            let mut limited = Limited::new(&mut out, most);
            let written = write!(limited, "{text}");
            limited.finish(written).unwrap();
            assert_eq!(out, shown, "{most} of {text:?}");
        }
    }
}
