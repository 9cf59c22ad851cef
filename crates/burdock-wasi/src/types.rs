//! The types of `wasi_snapshot_preview1` as they lie in guest memory: flags, enumerations, records.
//!
//! Field offsets are those of the witx document (natural alignment, little endian). An unknown flag
//! or enumeration value is [`Errno::Inval`].

use crate::errno::{Errno, Result};
use crate::memory::GuestMemory;
use crate::version::Version;

bitflags::bitflags! {
    /// The rights of a descriptor, reported to guests, and read when a guest opens a file.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Rights: u64 {
        const FD_DATASYNC = 1 << 0;
        const FD_READ = 1 << 1;
        const FD_SEEK = 1 << 2;
        const FD_FDSTAT_SET_FLAGS = 1 << 3;
        const FD_SYNC = 1 << 4;
        const FD_TELL = 1 << 5;
        const FD_WRITE = 1 << 6;
        const FD_ADVISE = 1 << 7;
        const FD_ALLOCATE = 1 << 8;
        const PATH_CREATE_DIRECTORY = 1 << 9;
        const PATH_CREATE_FILE = 1 << 10;
        const PATH_LINK_SOURCE = 1 << 11;
        const PATH_LINK_TARGET = 1 << 12;
        const PATH_OPEN = 1 << 13;
        const FD_READDIR = 1 << 14;
        const PATH_READLINK = 1 << 15;
        const PATH_RENAME_SOURCE = 1 << 16;
        const PATH_RENAME_TARGET = 1 << 17;
        const PATH_FILESTAT_GET = 1 << 18;
        const PATH_FILESTAT_SET_SIZE = 1 << 19;
        const PATH_FILESTAT_SET_TIMES = 1 << 20;
        const FD_FILESTAT_GET = 1 << 21;
        const FD_FILESTAT_SET_SIZE = 1 << 22;
        const FD_FILESTAT_SET_TIMES = 1 << 23;
        const PATH_SYMLINK = 1 << 24;
        const PATH_REMOVE_DIRECTORY = 1 << 25;
        const PATH_UNLINK_FILE = 1 << 26;
        const POLL_FD_READWRITE = 1 << 27;
        const SOCK_SHUTDOWN = 1 << 28;
        const SOCK_ACCEPT = 1 << 29;

        /// The rights that a preopened directory reports for itself.
        const PREOPEN = Self::PATH_CREATE_DIRECTORY.bits() | Self::PATH_CREATE_FILE.bits()
            | Self::PATH_LINK_SOURCE.bits() | Self::PATH_LINK_TARGET.bits() | Self::PATH_OPEN.bits()
            | Self::FD_READDIR.bits() | Self::PATH_READLINK.bits() | Self::PATH_RENAME_SOURCE.bits()
            | Self::PATH_RENAME_TARGET.bits() | Self::PATH_SYMLINK.bits()
            | Self::PATH_REMOVE_DIRECTORY.bits() | Self::PATH_UNLINK_FILE.bits()
            | Self::PATH_FILESTAT_GET.bits() | Self::PATH_FILESTAT_SET_TIMES.bits()
            | Self::FD_FILESTAT_GET.bits() | Self::FD_FILESTAT_SET_TIMES.bits();
        /// The rights that a preopened directory reports for files opened through it.
        const PREOPEN_INHERITING = Self::PREOPEN.bits() | Self::FD_DATASYNC.bits()
            | Self::FD_READ.bits() | Self::FD_SEEK.bits() | Self::FD_FDSTAT_SET_FLAGS.bits()
            | Self::FD_SYNC.bits() | Self::FD_TELL.bits() | Self::FD_WRITE.bits()
            | Self::FD_ADVISE.bits() | Self::FD_ALLOCATE.bits() | Self::FD_FILESTAT_SET_SIZE.bits()
            | Self::POLL_FD_READWRITE.bits();
        /// The rights that make no sense on a directory.
        const FILE_ONLY = Self::FD_SEEK.bits() | Self::FD_FILESTAT_SET_SIZE.bits()
            | Self::PATH_FILESTAT_SET_SIZE.bits();
        const LISTENER = Self::SOCK_ACCEPT.bits() | Self::FD_FILESTAT_GET.bits()
            | Self::FD_FDSTAT_SET_FLAGS.bits() | Self::POLL_FD_READWRITE.bits();
        const STREAM = Self::FD_READ.bits() | Self::FD_WRITE.bits() | Self::SOCK_SHUTDOWN.bits()
            | Self::FD_FILESTAT_GET.bits() | Self::FD_FDSTAT_SET_FLAGS.bits()
            | Self::POLL_FD_READWRITE.bits();
    }

    /// Modes of an open descriptor.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Fdflags: u16 {
        const APPEND = 1 << 0;
        const DSYNC = 1 << 1;
        const NONBLOCK = 1 << 2;
        const RSYNC = 1 << 3;
        const SYNC = 1 << 4;
    }

    /// The flags of `path_open`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Oflags: u16 {
        const CREAT = 1 << 0;
        const DIRECTORY = 1 << 1;
        const EXCL = 1 << 2;
        const TRUNC = 1 << 3;
    }

    /// The flags of path resolution.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Lookupflags: u32 {
        const SYMLINK_FOLLOW = 1 << 0;
    }

    /// The timestamps to set, and the sources of their values.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Fstflags: u16 {
        const ATIM = 1 << 0;
        const ATIM_NOW = 1 << 1;
        const MTIM = 1 << 2;
        const MTIM_NOW = 1 << 3;
    }

    /// Modes of `sock_recv`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Riflags: u16 {
        const PEEK = 1 << 0;
        const WAITALL = 1 << 1;
    }

    /// The directions that `sock_shutdown` ends.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Sdflags: u8 {
        const RD = 1 << 0;
        const WR = 1 << 1;
    }
}

/// Returns flags from a guest's argument; fails with [`Errno::Inval`] on a bit without a meaning.
pub(crate) fn flags<F: bitflags::Flags>(bits: u64) -> Result<F>
where
    F::Bits: TryFrom<u64>,
{
    F::Bits::try_from(bits).ok().and_then(F::from_bits).ok_or(Errno::Inval)
}

/// The type of a descriptor or directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Filetype {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketStream = 6,
    SymbolicLink = 7,
}

impl Filetype {
    /// Returns the type of a standard stream: a character device for a terminal, otherwise unknown.
    pub(crate) fn stdio(terminal: bool) -> Self {
        if terminal { Self::CharacterDevice } else { Self::Unknown }
    }
}

/// A clock's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clockid {
    Realtime,
    Monotonic,
    /// The time of the process or of the thread; not supported.
    Cputime,
}

impl TryFrom<u32> for Clockid {
    type Error = Errno;

    fn try_from(id: u32) -> Result<Self> {
        match id {
            0 => Ok(Self::Realtime),
            1 => Ok(Self::Monotonic),
            2 | 3 => Ok(Self::Cputime),
            _ => Err(Errno::Inval),
        }
    }
}

/// The origin of an offset of `fd_seek`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whence {
    Set,
    Cur,
    End,
}

impl Whence {
    pub(crate) fn new(whence: u32, version: Version) -> Result<Self> {
        let order = match version {
            Version::Unstable => [Self::Cur, Self::End, Self::Set],
            Version::Snapshot1 => [Self::Set, Self::Cur, Self::End],
        };
        order.get(usize::try_from(whence)?).copied().ok_or(Errno::Inval)
    }
}

/// The result of `fd_fdstat_get`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fdstat {
    pub(crate) filetype: Filetype,
    pub(crate) flags: Fdflags,
    pub(crate) rights_base: Rights,
    pub(crate) rights_inheriting: Rights,
}

impl Fdstat {
    pub(crate) fn store(&self, memory: &mut GuestMemory<'_>, ptr: u32) -> Result<()> {
        let known = match memory.version() {
            Version::Unstable => Rights::all().difference(Rights::SOCK_ACCEPT),
            Version::Snapshot1 => Rights::all(),
        };
        let mut bytes = [0; 24];
        bytes[0] = self.filetype as u8;
        bytes[2..4].copy_from_slice(&self.flags.bits().to_le_bytes());
        bytes[8..16].copy_from_slice(&(self.rights_base & known).bits().to_le_bytes());
        bytes[16..24].copy_from_slice(&(self.rights_inheriting & known).bits().to_le_bytes());
        memory.write(ptr, &bytes)
    }
}

/// The result of `fd_filestat_get` and `path_filestat_get`; times in nanoseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filestat {
    pub(crate) dev: u64,
    pub(crate) ino: u64,
    pub(crate) filetype: Filetype,
    pub(crate) nlink: u64,
    pub(crate) size: u64,
    pub(crate) atim: u64,
    pub(crate) mtim: u64,
    pub(crate) ctim: u64,
}

impl Filestat {
    /// Returns the attributes of something that is no file: all zero but the type.
    pub(crate) fn of_type(filetype: Filetype) -> Self {
        Self { dev: 0, ino: 0, filetype, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0 }
    }

    pub(crate) fn store(&self, memory: &mut GuestMemory<'_>, ptr: u32) -> Result<()> {
        let filetype = u64::from(self.filetype as u8);
        let rest = [self.size, self.atim, self.mtim, self.ctim];
        let head = match memory.version() {
            Version::Unstable => {
                // A link count that does not fit saturates, as in Wasmtime.
                let nlink = u32::try_from(self.nlink).unwrap_or(u32::MAX);
                vec![self.dev, self.ino, filetype | u64::from(nlink) << 32]
            }
            Version::Snapshot1 => vec![self.dev, self.ino, filetype, self.nlink],
        };
        let bytes: Vec<u8> = head.into_iter().chain(rest).flat_map(u64::to_le_bytes).collect();
        memory.write(ptr, &bytes)
    }
}

/// Returns the fixed part of a directory entry; the name follows it.
pub(crate) fn dirent(next: u64, ino: u64, name_len: u32, filetype: Filetype) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[0..8].copy_from_slice(&next.to_le_bytes());
    bytes[8..16].copy_from_slice(&ino.to_le_bytes());
    bytes[16..20].copy_from_slice(&name_len.to_le_bytes());
    bytes[20] = filetype as u8;
    bytes
}

/// One subscription of `poll_oneoff`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscription {
    pub(crate) userdata: u64,
    pub(crate) what: SubscriptionKind,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum SubscriptionKind {
    /// Until `timeout` (nanoseconds), of the clock itself (`absolute`) or from now on.
    Clock {
        id: Clockid,
        timeout: u64,
        absolute: bool,
    },
    Read {
        fd: u32,
    },
    Write {
        fd: u32,
    },
}

impl Subscription {
    pub(crate) fn size(version: Version) -> u32 {
        match version {
            Version::Unstable => 56,
            Version::Snapshot1 => 48,
        }
    }

    pub(crate) fn load(memory: &GuestMemory<'_>, ptr: u32) -> Result<Self> {
        let version = memory.version();
        let bytes = memory.slice(ptr, Self::size(version))?;
        // The offset of the clock in bytes, after its identifier in the version that has one.
        let clock = match version {
            Version::Unstable => 24,
            Version::Snapshot1 => 16,
        };
        let word32 =
            |at: usize| bytes[at..at + 4].iter().rev().fold(0, |w, b| w << 8 | u32::from(*b));
        let word64 =
            |at: usize| bytes[at..at + 8].iter().rev().fold(0, |w, b| w << 8 | u64::from(*b));
        let what = match bytes[8] {
            0 => {
                let flags = u16::from_le_bytes([bytes[clock + 24], bytes[clock + 25]]);
                if flags > 1 {
                    return Err(Errno::Inval);
                }
                let id = Clockid::try_from(word32(clock))?;
                SubscriptionKind::Clock { id, timeout: word64(clock + 8), absolute: flags == 1 }
            }
            1 => SubscriptionKind::Read { fd: word32(16) },
            2 => SubscriptionKind::Write { fd: word32(16) },
            _ => return Err(Errno::Inval),
        };
        Ok(Self { userdata: word64(0), what })
    }
}

/// The result of `poll_oneoff` for one subscription.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PollEvent {
    pub(crate) userdata: u64,
    pub(crate) what: PollEventKind,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum PollEventKind {
    Clock,
    Read { nbytes: u64, hangup: bool },
    Write { nbytes: u64 },
}

impl PollEvent {
    pub(crate) const SIZE: u32 = 32;

    pub(crate) fn store(&self, memory: &mut GuestMemory<'_>, ptr: u32) -> Result<()> {
        let (tag, nbytes, hangup) = match self.what {
            PollEventKind::Clock => (0, 0, false),
            PollEventKind::Read { nbytes, hangup } => (1, nbytes, hangup),
            PollEventKind::Write { nbytes } => (2, nbytes, false),
        };
        let mut bytes = [0; Self::SIZE as usize];
        bytes[0..8].copy_from_slice(&self.userdata.to_le_bytes());
        bytes[10] = tag;
        bytes[16..24].copy_from_slice(&nbytes.to_le_bytes());
        bytes[24] = u8::from(hangup);
        memory.write(ptr, &bytes)
    }
}
