//! Display of names from modules: demangled, escaped, and no longer than a limit.

pub use burdock_types::{Escaped, EscapedLines};

use burdock_types::Limited;
use core::fmt::{self, Write};

/// The maximum number of bytes of a function's name that are shown.
const MOST: usize = 4096;

/// A function's name for display: names of Rust and C++ are demangled (with the crate feature
/// `demangle`), all others are shown as they are.
///
/// Characters that a line of text can't hold are escaped, as [`Escaped`] does. A name is cut off
/// after 4096 bytes, and the work of demangling is bounded as well: a mangled name of some hundred
/// bytes can stand for gigabytes. `{:#}` leaves out the hash at the end of Rust's names.
///
/// # Example
///
/// ```
/// use burdock::names::FuncName;
/// assert_eq!(FuncName("_ZN4core3fmt5write17h0123456789abcdefE").to_string(),
///     "core::fmt::write::h0123456789abcdef");
/// assert_eq!(format!("{:#}", FuncName("_ZN4core3fmt5write17h0123456789abcdefE")),
///     "core::fmt::write");
/// assert_eq!(FuncName("_Z3addii").to_string(), "add(int, int)");
/// assert_eq!(FuncName("\u{1b}[2J").to_string(), r"\u{1b}[2J");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FuncName<'n>(pub &'n str);

impl fmt::Display for FuncName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alternate = f.alternate();
        let mut out = Limited::new(f, MOST);
        let written = write_name(self.0, alternate, &mut out);
        out.finish(written)
    }
}

#[cfg(feature = "demangle")]
fn write_name(name: &str, alternate: bool, out: &mut impl Write) -> fmt::Result {
    if let Ok(name) = rustc_demangle::try_demangle(name) {
        return if alternate { write!(out, "{name:#}") } else { write!(out, "{name}") };
    }
    out.write_str(cpp(name).as_deref().unwrap_or(name))
}

#[cfg(not(feature = "demangle"))]
fn write_name(name: &str, _: bool, out: &mut impl Write) -> fmt::Result {
    out.write_str(name)
}

/// Returns the demangled form of a mangled name of C++, or the first bytes of that form.
#[cfg(feature = "demangle")]
fn cpp(name: &str) -> Option<alloc::string::String> {
    // The name `f` would be demangled to a type: `float`.
    if !name.starts_with("_Z") || name.len() > 16 * MOST {
        return None;
    }
    // Conversion operators are parsed by trial, each level twice: 48 levels of the parser take two
    // milliseconds, the default of 96 levels ten seconds.
    let levels = if name.contains("cv") { 48 } else { 96 };
    let options = cpp_demangle::ParseOptions::default().recursion_limit(levels);
    let symbol = cpp_demangle::Symbol::new_with_options(name, &options).ok()?;
    let mut prefix = Prefix::default();
    let whole = symbol.structured_demangle(&mut prefix, &cpp_demangle::DemangleOptions::new());
    // A name that is nested too deeply to be demangled is shown mangled; a name that is too long is
    // shown in part.
    (whole.is_ok() || prefix.writes > MOST).then_some(prefix.text)
}

/// The beginning of a name: a little more than the part that is shown.
#[cfg(feature = "demangle")]
#[derive(Default)]
struct Prefix {
    text: alloc::string::String,
    /// The number of bytes written, plus one for each empty write.
    writes: usize,
}

#[cfg(feature = "demangle")]
impl Write for Prefix {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        self.writes += text.len().max(1);
        if self.writes > MOST { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(all(test, feature = "demangle"))]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::{String, ToString};

    /// Returns the name of a function whose argument is a template of twice itself, nested `levels`
    /// times.
    fn doubled(levels: usize) -> String {
        let mut name = "_Z1f1AIiE".to_string();
        for level in 0..levels {
            let last = number(2 * level + 1);
            name += &format!("1BIS{last}S{last}E");
        }
        name
    }

    /// Returns the number of a substitution.
    fn number(n: usize) -> String {
        let digit = |n: usize| char::from_digit(n as u32, 36).unwrap().to_ascii_uppercase();
        match n - 1 {
            n if n < 36 => format!("{}_", digit(n)),
            n => format!("{}{}_", digit(n / 36), digit(n % 36)),
        }
    }

    #[test]
    fn names_cost_no_more_than_the_limit() {
        let conversions = format!("_ZN1acv{}E", "T_I".repeat(100));
        for name in [
            doubled(24),
            conversions,
            format!("_Z1f{}", "i".repeat(60_000)),
            format!("_Z1f{}", "P".repeat(500_000)),
            format!("_RN{}C1a1b", "C".repeat(50_000)),
            "n".repeat(200_000),
        ] {
            let shown = FuncName(&name).to_string();
            assert!(shown.len() <= MOST + 3, "{} bytes for {:.40}", shown.len(), name);
            assert!(!shown.is_empty());
        }
        let shown = FuncName(&doubled(24)).to_string();
        assert!(shown.starts_with("f(A<int>, B<A<int>, A<int> >,"), "{shown:.60}");
        assert!(shown.ends_with("..."));
    }

    #[test]
    fn demangled_names_are_escaped() {
        assert_eq!(FuncName("_Z2a\u{202e}v").to_string(), r"_Z2a\u{202e}v");
        assert_eq!(FuncName("_ZN2a\nE").to_string(), r"a\n");
        assert_eq!(FuncName("f").to_string(), "f");
    }
}
