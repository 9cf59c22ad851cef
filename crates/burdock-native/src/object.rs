//! An object format: the directives around the handlers.

/// The handlers whose offsets count from the first of them: 16 bits are enough for 64 KB.
pub(crate) const HANDLER_GROUP: usize = 64;

/// An object format, as an assembler has its directives.
///
/// Handlers of every processor use the assembler's directives `.p2align`, `.short`, `.long`,
/// `.quad`, `.byte` and `.fill`, local labels that begin with `.L`, and those of DWARF's call frame
/// information (`.cfi_adjust_cfa_offset` and others): a format whose assembler has others needs a
/// translation.
pub(crate) trait ObjectFormat {
    /// Returns what stands before all handlers: the function `burdock_native_enter`, whose body is
    /// `enter`, `wait`, the code of calls that wait, the symbol `burdock_native_text`, from which
    /// the offsets of handlers count, and `leave`, to which handlers jump.
    fn begin(enter: &str, wait: &str, leave: &str) -> String;

    /// Returns what stands behind all handlers: the `constants`, and two tables of where each of
    /// the `handlers`, `h0` and on, begins. `burdock_native_groups` has the offset of the first of
    /// each [`HANDLER_GROUP`] handlers, in 32 bits, and `burdock_native_handlers` has how much
    /// farther each handler is, in 16 bits.
    fn end(constants: &str, handlers: usize) -> String;
}
