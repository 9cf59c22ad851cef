//! `TrapCode`: why a guest has trapped.

use burdock::Trap;

macro_rules! trap_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $message:literal;)*) => {
        /// The reason of a trap.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("{}", self.trap_message())]
        #[repr(u8)]
        pub enum TrapCode {
            $($(#[$doc])* $name = $number,)*
        }

        impl TrapCode {
            /// Returns the message that the tests of the WebAssembly specification expect.
            pub fn trap_message(&self) -> &'static str {
                match self {
                    $(Self::$name => $message,)*
                }
            }
        }

        impl TryFrom<u8> for TrapCode {
            type Error = InvalidTrapCode;

            fn try_from(number: u8) -> Result<Self, InvalidTrapCode> {
                match number {
                    $($number => Ok(Self::$name),)*
                    _ => Err(InvalidTrapCode),
                }
            }
        }
    };
}

/// The error of a number that is no [`TrapCode`].
#[derive(Copy, Clone, Debug, thiserror::Error)]
#[error("not the number of a trap code")]
pub struct InvalidTrapCode;

trap_codes! {
    /// `unreachable` was executed.
    UnreachableCodeReached = 1, "wasm `unreachable` instruction executed";
    /// An access was beyond the end of a memory.
    MemoryOutOfBounds = 2, "out of bounds memory access";
    /// An access was beyond the end of a table.
    TableOutOfBounds = 3, "undefined element: out of bounds table access";
    /// `call_indirect` met a null reference. The message is wasmi's: the number is always 2, which
    /// a script of the specification expects.
    IndirectCallToNull = 4, "uninitialized element 2";
    /// An integer was divided by zero.
    IntegerDivisionByZero = 5, "integer divide by zero";
    /// The result of an operation does not fit its integer type.
    IntegerOverflow = 6, "integer overflow";
    /// A NaN was converted to an integer.
    BadConversionToInteger = 7, "invalid conversion to integer";
    /// The value stack is full, or there are too many frames.
    StackOverflow = 8, "call stack exhausted";
    /// `call_indirect` met a function of another type.
    BadSignature = 9, "indirect call type mismatch";
    /// The store has not enough fuel.
    OutOfFuel = 10, "all fuel consumed by WebAssembly";
    /// The limiter of the store does not allow a memory or table to grow, and wants the guest to
    /// trap.
    GrowthOperationLimited = 11, "growth operation limited";
    /// The system has no memory left for an operation.
    OutOfSystemMemory = 12, "out of system memory";
}

impl From<TrapCode> for u8 {
    fn from(code: TrapCode) -> Self {
        code as u8
    }
}

impl TrapCode {
    /// Returns the code of a trap of Burdock, or `None` if wasmi has no such trap.
    pub fn from_burdock(trap: Trap) -> Option<Self> {
        Some(match trap {
            Trap::UnreachableCodeReached => Self::UnreachableCodeReached,
            Trap::MemoryOutOfBounds => Self::MemoryOutOfBounds,
            Trap::TableOutOfBounds => Self::TableOutOfBounds,
            Trap::IndirectCallToNull => Self::IndirectCallToNull,
            Trap::IntegerDivisionByZero => Self::IntegerDivisionByZero,
            Trap::IntegerOverflow => Self::IntegerOverflow,
            Trap::BadConversionToInteger => Self::BadConversionToInteger,
            Trap::StackOverflow => Self::StackOverflow,
            Trap::BadSignature => Self::BadSignature,
            Trap::OutOfFuel => Self::OutOfFuel,
            Trap::OutOfMemory => Self::OutOfSystemMemory,
            _ => return None,
        })
    }
}
