//! WASI error numbers, and how the host's errors become one of them.
//!
//! Every fallible step in this crate ends in an [`Errno`]; the linker definitions turn it into the
//! `i32` a guest sees. Nothing here traps.

use std::io;

/// Error numbers of `wasi_snapshot_preview1` (the witx type `errno`).
///
/// ```
/// use burdock_wasi::Errno;
///
/// assert_eq!(Errno::Noent as u16, 44);
/// let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
/// assert_eq!(Errno::from(missing), Errno::Noent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("WASI error {} ({self:?})", *self as u16)]
#[repr(u16)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are those of POSIX and witx")]
pub enum Errno {
    Acces = 2,
    Addrinuse = 3,
    Addrnotavail = 4,
    Again = 6,
    Already = 7,
    Badf = 8,
    Busy = 10,
    Connaborted = 13,
    Connrefused = 14,
    Connreset = 15,
    Deadlk = 16,
    Dquot = 19,
    Exist = 20,
    Fault = 21,
    Fbig = 22,
    Hostunreach = 23,
    Ilseq = 25,
    Inprogress = 26,
    Intr = 27,
    Inval = 28,
    Io = 29,
    Isdir = 31,
    Loop = 32,
    Mfile = 33,
    Mlink = 34,
    Nametoolong = 37,
    Netdown = 38,
    Netunreach = 40,
    Nfile = 41,
    Nobufs = 42,
    Nodev = 43,
    Noent = 44,
    Nolck = 46,
    Nomem = 48,
    Nospc = 51,
    Notconn = 53,
    Notdir = 54,
    Notempty = 55,
    Notsock = 57,
    Notsup = 58,
    Notty = 59,
    Nxio = 60,
    Overflow = 61,
    Perm = 63,
    Pipe = 64,
    Range = 68,
    Rofs = 69,
    Spipe = 70,
    Timedout = 73,
    Txtbsy = 74,
    Xdev = 75,
}

/// The result of everything a guest can ask for.
pub(crate) type Result<T, E = Errno> = std::result::Result<T, E>;

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        raw_os_error(&error).unwrap_or_else(|| from_kind(error.kind()))
    }
}

impl From<std::num::TryFromIntError> for Errno {
    fn from(_: std::num::TryFromIntError) -> Self {
        Self::Overflow
    }
}

/// Returns the error number of the operating system, which distinguishes cases that
/// [`io::ErrorKind`] does not (`ELOOP`, `ESPIPE`).
#[cfg(unix)]
fn raw_os_error(error: &io::Error) -> Option<Errno> {
    use rustix::io::Errno as Os;
    Some(match Os::from_raw_os_error(error.raw_os_error()?) {
        Os::ACCESS => Errno::Acces,
        Os::ADDRINUSE => Errno::Addrinuse,
        Os::ADDRNOTAVAIL => Errno::Addrnotavail,
        Os::AGAIN => Errno::Again,
        Os::ALREADY => Errno::Already,
        Os::BADF => Errno::Badf,
        Os::BUSY => Errno::Busy,
        Os::CONNABORTED => Errno::Connaborted,
        Os::CONNREFUSED => Errno::Connrefused,
        Os::CONNRESET => Errno::Connreset,
        Os::DEADLK => Errno::Deadlk,
        Os::DQUOT => Errno::Dquot,
        Os::EXIST => Errno::Exist,
        Os::FBIG => Errno::Fbig,
        Os::HOSTUNREACH => Errno::Hostunreach,
        Os::ILSEQ => Errno::Ilseq,
        Os::INPROGRESS => Errno::Inprogress,
        Os::INTR => Errno::Intr,
        Os::INVAL => Errno::Inval,
        Os::IO => Errno::Io,
        Os::ISDIR => Errno::Isdir,
        Os::LOOP => Errno::Loop,
        Os::MFILE => Errno::Mfile,
        Os::MLINK => Errno::Mlink,
        Os::NAMETOOLONG => Errno::Nametoolong,
        Os::NETDOWN => Errno::Netdown,
        Os::NETUNREACH => Errno::Netunreach,
        Os::NFILE => Errno::Nfile,
        Os::NOBUFS => Errno::Nobufs,
        Os::NODEV => Errno::Nodev,
        Os::NOENT => Errno::Noent,
        Os::NOLCK => Errno::Nolck,
        Os::NOMEM => Errno::Nomem,
        Os::NOSPC => Errno::Nospc,
        Os::NOTCONN => Errno::Notconn,
        Os::NOTDIR => Errno::Notdir,
        Os::NOTEMPTY => Errno::Notempty,
        Os::NOTSOCK => Errno::Notsock,
        Os::NOTSUP => Errno::Notsup,
        Os::NOTTY => Errno::Notty,
        Os::NXIO => Errno::Nxio,
        Os::OVERFLOW => Errno::Overflow,
        Os::PERM => Errno::Perm,
        Os::PIPE => Errno::Pipe,
        Os::RANGE => Errno::Range,
        Os::ROFS => Errno::Rofs,
        Os::SPIPE => Errno::Spipe,
        Os::TIMEDOUT => Errno::Timedout,
        Os::TXTBSY => Errno::Txtbsy,
        Os::XDEV => Errno::Xdev,
        _ => return None,
    })
}

/// Returns the error number of the operating system, which distinguishes what it denies from what
/// `cap-std` denies, and names cases that [`io::ErrorKind`] does not.
#[cfg(windows)]
fn raw_os_error(error: &io::Error) -> Option<Errno> {
    use windows_sys::Win32::Foundation as os;
    Some(match error.raw_os_error()?.cast_unsigned() {
        os::ERROR_ACCESS_DENIED | os::ERROR_SHARING_VIOLATION => Errno::Acces,
        os::ERROR_BROKEN_PIPE | os::ERROR_NO_DATA => Errno::Pipe,
        os::ERROR_BUFFER_OVERFLOW => Errno::Nametoolong,
        os::ERROR_BUSY | os::ERROR_NOT_READY => Errno::Busy,
        os::ERROR_DIRECTORY => Errno::Notdir,
        os::ERROR_DIRECTORY_NOT_SUPPORTED => Errno::Isdir,
        os::ERROR_INVALID_HANDLE => Errno::Badf,
        os::ERROR_INVALID_NAME => Errno::Noent,
        os::ERROR_NEGATIVE_SEEK | os::ERROR_NOT_A_REPARSE_POINT => Errno::Inval,
        os::ERROR_NOT_SUPPORTED => Errno::Notsup,
        os::ERROR_PRIVILEGE_NOT_HELD => Errno::Perm,
        os::ERROR_STOPPED_ON_SYMLINK => Errno::Loop,
        os::ERROR_TOO_MANY_OPEN_FILES => Errno::Nfile,
        _ => return None,
    })
}

#[cfg(not(any(unix, windows)))]
fn raw_os_error(_: &io::Error) -> Option<Errno> {
    None
}

/// Errors that have no number of the operating system: those of `cap-std` (an attempt to leave the
/// sandbox is `PermissionDenied`) and of other platforms.
fn from_kind(kind: io::ErrorKind) -> Errno {
    use io::ErrorKind as Kind;
    match kind {
        Kind::AddrInUse => Errno::Addrinuse,
        Kind::AddrNotAvailable => Errno::Addrnotavail,
        Kind::AlreadyExists => Errno::Exist,
        Kind::BrokenPipe => Errno::Pipe,
        Kind::ConnectionAborted => Errno::Connaborted,
        Kind::ConnectionRefused => Errno::Connrefused,
        Kind::ConnectionReset => Errno::Connreset,
        Kind::CrossesDevices => Errno::Xdev,
        Kind::Deadlock => Errno::Deadlk,
        Kind::DirectoryNotEmpty => Errno::Notempty,
        Kind::ExecutableFileBusy => Errno::Txtbsy,
        Kind::FileTooLarge => Errno::Fbig,
        Kind::Interrupted => Errno::Intr,
        Kind::InvalidInput => Errno::Inval,
        Kind::InvalidData => Errno::Ilseq,
        Kind::IsADirectory => Errno::Isdir,
        Kind::NotADirectory => Errno::Notdir,
        Kind::NotConnected => Errno::Notconn,
        Kind::NotFound => Errno::Noent,
        Kind::NotSeekable => Errno::Spipe,
        Kind::OutOfMemory => Errno::Nomem,
        Kind::PermissionDenied => Errno::Perm,
        Kind::QuotaExceeded => Errno::Dquot,
        Kind::ReadOnlyFilesystem => Errno::Rofs,
        Kind::ResourceBusy => Errno::Busy,
        Kind::StorageFull => Errno::Nospc,
        Kind::TimedOut => Errno::Timedout,
        Kind::TooManyLinks => Errno::Mlink,
        Kind::Unsupported => Errno::Notsup,
        Kind::WouldBlock => Errno::Again,
        _ => Errno::Io,
    }
}
