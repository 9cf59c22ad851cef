//! The versions of preview 1: `wasi_snapshot_preview1`, and `wasi_unstable` before it (preview 0).
//!
//! Both versions have the same functions. The layouts of some arguments and results differ;
//! [`GuestMemory::version`](crate::memory::GuestMemory::version) returns the one that applies:
//!
//! | | `wasi_unstable` | `wasi_snapshot_preview1` |
//! |---|---|---|
//! | `filestat.nlink` | 32 bits at 20, in a record of 56 bytes | 64 bits at 24, in one of 64 |
//! | `subscription` | 56 bytes: a clock has an identifier of its own, before its id | 48 bytes |
//! | `whence` | `cur` 0, `end` 1, `set` 2 | `set` 0, `cur` 1, `end` 2 |
//! | `sock_accept` and its right | absent | present |

/// A version of preview 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `wasi_unstable`.
    Unstable,
    /// `wasi_snapshot_preview1`.
    Snapshot1,
}

impl Version {
    /// Returns the name of the module that guests import from.
    pub(crate) fn module(self) -> &'static str {
        match self {
            Self::Unstable => "wasi_unstable",
            Self::Snapshot1 => "wasi_snapshot_preview1",
        }
    }
}
