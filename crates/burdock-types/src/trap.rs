//! `Trap`: the reason for which a guest was stopped, in Wasmtime's names and texts.

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// The reason for which a guest was stopped (spec section 4.1, "trap"). Names and texts are
        /// those of Wasmtime's `Trap`; the traps of descriptors, which Wasmtime does not have, have
        /// the texts of the spec's tests.
        ///
        /// # Example
        ///
        /// ```
        /// use burdock_types::Trap;
        /// let trap = Trap::IntegerDivisionByZero;
        /// assert_eq!(trap.to_string(), "wasm trap: integer divide by zero");
        /// assert_eq!(Trap::from_code(trap.code()), Some(trap));
        /// ```
        #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        #[error("wasm trap: {}", self.message())]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Trap {
            $($(#[$doc])* $name,)*
        }

        impl Trap {
            /// Every trap, in the order of its code.
            pub const ALL: &[Trap] = &[$(Trap::$name),*];

            /// Returns the text of the trap, without the leading "wasm trap: ".
            pub const fn message(self) -> &'static str {
                match self {
                    $(Trap::$name => $text,)*
                }
            }
        }
    };
}

traps! {
    /// The current stack space was exhausted.
    StackOverflow = "call stack exhausted",
    /// An out-of-bounds memory access.
    MemoryOutOfBounds = "out of bounds memory access",
    /// A wasm atomic operation was presented with a not-naturally-aligned linear-memory address.
    HeapMisaligned = "unaligned atomic",
    /// An out-of-bounds access to a table.
    TableOutOfBounds = "undefined element: out of bounds table access",
    /// Indirect call to a null table entry.
    IndirectCallToNull = "uninitialized element",
    /// Signature mismatch on indirect call.
    BadSignature = "indirect call type mismatch",
    /// An integer arithmetic operation caused an overflow.
    IntegerOverflow = "integer overflow",
    /// An integer division by zero.
    IntegerDivisionByZero = "integer divide by zero",
    /// Failed float-to-int conversion.
    BadConversionToInteger = "invalid conversion to integer",
    /// Code that was supposed to have been unreachable was reached.
    UnreachableCodeReached = "wasm `unreachable` instruction executed",
    /// Execution has potentially run too long and may be interrupted.
    Interrupt = "interrupt",
    /// Fuel has run out.
    OutOfFuel = "all fuel consumed by WebAssembly",
    /// Used to indicate that a trap was raised by atomic wait operations on non shared memory.
    AtomicWaitNonSharedMemory = "atomic wait on non-shared memory",
    /// Call to a null reference.
    NullReference = "null reference",
    /// Attempt to access beyond the bounds of an array.
    ArrayOutOfBounds = "out of bounds array access",
    /// Attempted an allocation that was too large to succeed.
    AllocationTooLarge = "allocation size too large",
    /// Attempted to cast a reference to a type that it is not an instance of.
    CastFailure = "cast failure",
    /// An exception was thrown and not caught.
    UncaughtException = "uncaught exception",
    /// A memory or table could not grow and the limiter asked for a trap.
    OutOfMemory = "allocation denied by the resource limiter",
    /// A structure was made with, or cast by, a descriptor that is null.
    NullDescriptor = "null descriptor reference",
    /// Attempted to cast a reference by a descriptor that it does not have.
    DescriptorCastFailure = "descriptor cast failure",
}

impl Trap {
    /// Returns the trap with this code, if there is one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Returns the trap's code: its position in [`Trap::ALL`].
    #[inline]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_trap() {
        for &trap in Trap::ALL {
            assert_eq!(Trap::from_code(trap.code()), Some(trap));
        }
        assert_eq!(Trap::from_code(Trap::ALL.len() as u8), None);
    }
}
