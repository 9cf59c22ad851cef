//! An object format: the directives around the handlers.

/// An object format, as an assembler has its directives.
///
/// Handlers of every processor use the assembler's directives `.p2align`, `.long`, `.quad`, `.byte`
/// and `.fill`, local labels that begin with `.L`, and those of DWARF's call frame information
/// (`.cfi_adjust_cfa_offset` and others): a format whose assembler has others needs a translation.
pub(crate) trait ObjectFormat {
    /// Returns what stands before all handlers: the function `burdock_native_enter`, whose body is
    /// `enter`, the symbol `burdock_native_text`, from which the offsets of handlers count, and
    /// `leave`, to which handlers jump.
    fn begin(enter: &str, leave: &str) -> String;

    /// Returns what stands behind all handlers: the `constants`, and the table
    /// `burdock_native_handlers` of where each of the `handlers`, `h0` and on, begins.
    fn end(constants: &str, handlers: usize) -> String;
}
