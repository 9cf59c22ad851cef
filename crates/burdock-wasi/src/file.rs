//! Open files, and what the host tells about files and directories.
//!
//! The position belongs to the descriptor, as in Wasmtime: reads and writes name their offset, so
//! that `fd_pread` never disturbs it. Appending is a mode of the descriptor too.

use crate::ctx::FilePerms;
use crate::errno::{Errno, Result};
use crate::types::{Fdflags, Fdstat, Filestat, Filetype, Rights, Whence};
use cap_std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::SystemTime;

/// A descriptor of something that is no directory, opened below a preopened directory.
pub(crate) struct File {
    file: std::fs::File,
    filetype: Filetype,
    /// The access with which the file was opened: reading, writing or both.
    mode: FilePerms,
    /// The access that the preopened directory allows.
    perms: FilePerms,
    position: u64,
    flags: Fdflags,
}

impl File {
    pub(crate) fn new(
        file: std::fs::File,
        filetype: Filetype,
        mode: FilePerms,
        perms: FilePerms,
        flags: Fdflags,
    ) -> Self {
        Self { file, filetype, mode, perms, position: 0, flags }
    }

    fn require(&self, perm: FilePerms) -> Result<()> {
        if (self.mode & self.perms).contains(perm) { Ok(()) } else { Err(Errno::Badf) }
    }

    /// Fails if the embedder shares the file read-only.
    fn require_mutable(&self) -> Result<()> {
        if self.perms.contains(FilePerms::WRITE) { Ok(()) } else { Err(Errno::Perm) }
    }

    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let count = self.read_at(bytes, self.position)?;
        self.advance(count)?;
        Ok(count)
    }

    pub(crate) fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> Result<usize> {
        self.require(FilePerms::READ)?;
        Ok(match self.filetype {
            Filetype::RegularFile | Filetype::BlockDevice => {
                os::read_at(&self.file, bytes, signed(offset)?)
            }
            // What can't be positioned (a terminal, a named pipe) is read as a stream.
            _ => (&self.file).read(bytes),
        }?)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let count = self.write_at(bytes, self.position)?;
        if self.flags.contains(Fdflags::APPEND) {
            self.position = self.file.metadata()?.len();
        } else {
            self.advance(count)?;
        }
        Ok(count)
    }

    /// Writes at `offset`; in append mode the offset is ignored, as on Linux.
    pub(crate) fn write_at(&mut self, bytes: &[u8], offset: u64) -> Result<usize> {
        self.require(FilePerms::WRITE)?;
        Ok(match self.filetype {
            Filetype::RegularFile if self.flags.contains(Fdflags::APPEND) => {
                self.file.seek(SeekFrom::End(0)).and_then(|_| self.file.write(bytes))
            }
            Filetype::RegularFile | Filetype::BlockDevice => {
                os::write_at(&self.file, bytes, signed(offset)?)
            }
            _ => (&self.file).write(bytes),
        }?)
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        self.position = self.position.checked_add(u64::try_from(count)?).ok_or(Errno::Overflow)?;
        Ok(())
    }

    pub(crate) fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let base = match whence {
            Whence::Set => 0,
            Whence::Cur => self.position,
            Whence::End => self.file.metadata()?.len(),
        };
        self.position = base.checked_add_signed(offset).ok_or(Errno::Inval)?;
        Ok(self.position)
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Returns the number of bytes between the position and the end.
    pub(crate) fn remaining(&self) -> Result<u64> {
        Ok(self.file.metadata()?.len().saturating_sub(self.position))
    }

    pub(crate) fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        // Advice about more than a file can hold is an error on the host.
        Ok(os::advise(&self.file, signed(offset)?, signed(len)?, advice)?)
    }

    pub(crate) fn set_size(&self, size: u64) -> Result<()> {
        self.require_mutable()?;
        Ok(self.file.set_len(size)?)
    }

    pub(crate) fn set_times(&self, times: NewTimes) -> Result<()> {
        self.require_mutable()?;
        let mut new = std::fs::FileTimes::new();
        if let Some(time) = times.accessed.resolve()? {
            new = new.set_accessed(time);
        }
        if let Some(time) = times.modified.resolve()? {
            new = new.set_modified(time);
        }
        Ok(self.file.set_times(new)?)
    }

    pub(crate) fn sync_all(&self) -> Result<()> {
        Ok(self.file.sync_all()?)
    }

    pub(crate) fn sync_data(&self) -> Result<()> {
        Ok(self.file.sync_data()?)
    }

    /// Sets the flags of an open file; only appending and blocking can change.
    pub(crate) fn set_flags(&mut self, flags: Fdflags) -> Result<()> {
        if flags.intersects(Fdflags::SYNC | Fdflags::DSYNC | Fdflags::RSYNC) {
            return Err(Errno::Inval);
        }
        self.flags = flags;
        Ok(())
    }

    pub(crate) fn filestat(&self) -> Result<Filestat> {
        Ok(filestat(&Metadata::from_file(&self.file)?))
    }

    pub(crate) fn fdstat(&self) -> Fdstat {
        let mut rights = Rights::all().difference(Rights::SOCK_ACCEPT | Rights::SOCK_SHUTDOWN);
        if !self.mode.contains(FilePerms::READ) {
            rights.remove(Rights::FD_READ | Rights::FD_READDIR);
        }
        if !self.mode.contains(FilePerms::WRITE) {
            rights.remove(Rights::FD_WRITE);
        }
        Fdstat {
            filetype: self.filetype,
            flags: self.flags,
            rights_base: rights,
            rights_inheriting: rights,
        }
    }
}

/// Returns an offset or a length in a file; fails if it is negative as a signed number, which it is
/// on hosts.
fn signed(offset: u64) -> Result<u64> {
    i64::try_from(offset).map(|_| offset).map_err(|_| Errno::Inval)
}

/// The intended use of a part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    Normal,
    Sequential,
    Random,
    WillNeed,
    DontNeed,
    NoReuse,
}

impl TryFrom<u32> for Advice {
    type Error = Errno;

    fn try_from(advice: u32) -> Result<Self> {
        match advice {
            0 => Ok(Self::Normal),
            1 => Ok(Self::Sequential),
            2 => Ok(Self::Random),
            3 => Ok(Self::WillNeed),
            4 => Ok(Self::DontNeed),
            5 => Ok(Self::NoReuse),
            _ => Err(Errno::Inval),
        }
    }
}

/// The new value of one timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewTime {
    Keep,
    Now,
    /// Nanoseconds since 1970.
    At(u64),
}

/// The new values of both timestamps of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NewTimes {
    pub(crate) accessed: NewTime,
    pub(crate) modified: NewTime,
}

impl NewTime {
    /// Creates a value from the two flags and the time that a guest gave; both flags at once are
    /// invalid.
    pub(crate) fn new(set: bool, now: bool, nanos: u64) -> Result<Self> {
        match (set, now) {
            (true, true) => Err(Errno::Inval),
            (true, false) => Ok(Self::At(nanos)),
            (false, true) => Ok(Self::Now),
            (false, false) => Ok(Self::Keep),
        }
    }

    pub(crate) fn resolve(self) -> Result<Option<SystemTime>> {
        Ok(match self {
            Self::Keep => None,
            Self::Now => Some(SystemTime::now()),
            Self::At(nanos) => Some(
                SystemTime::UNIX_EPOCH
                    .checked_add(std::time::Duration::from_nanos(nanos))
                    .ok_or(Errno::Overflow)?,
            ),
        })
    }
}

/// Returns the type of a file of the host.
pub(crate) fn filetype(filetype: cap_std::fs::FileType) -> Filetype {
    use cap_fs_ext::FileTypeExt;
    match filetype {
        t if t.is_dir() => Filetype::Directory,
        t if t.is_symlink() => Filetype::SymbolicLink,
        t if t.is_block_device() => Filetype::BlockDevice,
        t if t.is_char_device() => Filetype::CharacterDevice,
        t if t.is_socket() => Filetype::SocketStream,
        t if t.is_file() => Filetype::RegularFile,
        // Preview 1 has no number for a named pipe.
        _ => Filetype::Unknown,
    }
}

/// Returns a guest's view of a file. Device and inode numbers of the host are hidden: the device is
/// always 1, and the inode is a hash of both, so that equal files stay equal.
pub(crate) fn filestat(metadata: &Metadata) -> Filestat {
    let nanos = |time: io::Result<cap_std::time::SystemTime>| {
        let since = time.ok()?.into_std().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        u64::try_from(since.as_nanos()).ok()
    };
    Filestat {
        dev: 1,
        ino: inode(metadata),
        filetype: filetype(metadata.file_type()),
        nlink: cap_fs_ext::MetadataExt::nlink(metadata),
        size: metadata.len(),
        atim: nanos(metadata.accessed()).unwrap_or(0),
        mtim: nanos(metadata.modified()).unwrap_or(0),
        ctim: os::changed(metadata).or_else(|| nanos(metadata.created())).unwrap_or(0),
    }
}

/// Returns the inode number that guests see.
pub(crate) fn inode(metadata: &Metadata) -> u64 {
    let mut hasher = DefaultHasher::new();
    cap_fs_ext::MetadataExt::dev(metadata).hash(&mut hasher);
    cap_fs_ext::MetadataExt::ino(metadata).hash(&mut hasher);
    hasher.finish()
}

/// Returns `true` if the system, or another program, keeps a file from being opened. On Windows,
/// not even its metadata can be read then.
pub(crate) fn is_in_use(error: &io::Error) -> bool {
    os::is_in_use(error)
}

/// Positioned reads and writes on Unix.
#[cfg(unix)]
mod os {
    use super::{Advice, Metadata};
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        file.read_at(bytes, offset)
    }

    pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        file.write_at(bytes, offset)
    }

    pub(super) fn is_in_use(_: &io::Error) -> bool {
        false
    }

    /// Returns the time of the last change of status, in nanoseconds since 1970.
    pub(super) fn changed(metadata: &Metadata) -> Option<u64> {
        use cap_std::fs::MetadataExt;
        let seconds = u64::try_from(metadata.ctime()).ok()?;
        let nanos = u64::try_from(metadata.ctime_nsec()).ok()?;
        seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn advise(file: &File, offset: u64, len: u64, advice: Advice) -> io::Result<()> {
        use rustix::fs::Advice as Os;
        let advice = match advice {
            Advice::Normal => Os::Normal,
            Advice::Sequential => Os::Sequential,
            Advice::Random => Os::Random,
            Advice::WillNeed => Os::WillNeed,
            Advice::DontNeed => Os::DontNeed,
            Advice::NoReuse => Os::NoReuse,
        };
        Ok(rustix::fs::fadvise(file, offset, std::num::NonZeroU64::new(len), advice)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn advise(_: &File, _: u64, _: u64, _: Advice) -> io::Result<()> {
        Ok(())
    }
}

/// Positioned reads and writes on Windows.
#[cfg(windows)]
mod os {
    use super::{Advice, Metadata};
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt;

    pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        file.seek_read(bytes, offset)
    }

    pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
        file.seek_write(bytes, offset)
    }

    pub(super) fn is_in_use(error: &io::Error) -> bool {
        const ERROR_SHARING_VIOLATION: i32 = 32;
        error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
            || error.kind() == io::ErrorKind::PermissionDenied
    }

    pub(super) fn changed(_: &Metadata) -> Option<u64> {
        None
    }

    pub(super) fn advise(_: &File, _: u64, _: u64, _: Advice) -> io::Result<()> {
        Ok(())
    }
}
