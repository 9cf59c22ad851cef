//! JSON text with exact values and without characters that control a terminal.

use burdock::names::EscapedLines;
use serde_json::Value;
use std::fmt::Write as _;

/// Returns JSON as text, in one line or indented. Control characters and marks that reorder text
/// are written as JSON escapes.
///
/// # Example
///
/// ```
/// use burdock_tools::json_text;
/// let value = serde_json::json!({ "name": "\u{202e}x\u{7f}" });
/// assert_eq!(json_text(&value, false), r#"{"name":"\u202ex\u007f"}"#);
/// assert_eq!(serde_json::from_str::<serde_json::Value>(&json_text(&value, true)).unwrap(), value);
/// ```
pub fn json_text(value: &Value, indented: bool) -> String {
    let text = if indented { format!("{value:#}") } else { value.to_string() };
    if EscapedLines(&text).to_string() == text {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let mut buffer = [0; 4];
        let own: &str = c.encode_utf8(&mut buffer);
        if c.is_ascii_graphic() || EscapedLines(own).to_string() == own {
            escaped.push(c);
            continue;
        }
        // Such characters occur only in strings, where JSON allows escapes.
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}
