//! `Demangled`: a function's name as its programmer wrote it.

use core::fmt;

/// Shows a name of Rust or C++ demangled, and any other as it is.
pub(super) struct Demangled<'n>(pub(super) &'n str);

impl fmt::Display for Demangled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "demangle")]
        if let Ok(name) = rustc_demangle::try_demangle(self.0) {
            return write!(f, "{name}");
        } else if self.0.starts_with("_Z")
            // `f` would be a type: `float`.
            && let Ok(symbol) = cpp_demangle::Symbol::new(self.0)
            && let Ok(name) = symbol.demangle()
        {
            return f.write_str(&name);
        }
        f.write_str(self.0)
    }
}
