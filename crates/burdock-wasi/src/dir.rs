//! Open directories: everything that resolves a path.
//!
//! Paths are resolved by `cap-std`, which opens nothing outside of the directory it starts from, by
//! whatever combination of `..`, absolute paths and symbolic links. An attempt is [`Errno::Perm`].

use crate::ctx::{DirPerms, FilePerms};
use crate::errno::{Errno, Result};
use crate::file::{self, File, NewTime, NewTimes};
use crate::types::{Fdflags, Fdstat, Filestat, Filetype, Oflags, Rights};
use cap_fs_ext::{
    DirEntryExt, DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt,
    OpenOptionsSyncExt,
};
use cap_std::fs::{Metadata, OpenOptions};
use std::io;

/// A descriptor of a directory.
pub(crate) struct Dir {
    dir: cap_std::fs::Dir,
    perms: DirPerms,
    file_perms: FilePerms,
    /// The guest's name of a preopened directory.
    preopen: Option<String>,
    /// The directory's entries at the last read from its beginning, so that a guest that reads in
    /// pieces sees one state.
    entries: Option<Vec<DirEntry>>,
}

/// One entry of a directory, but for `.` and `..`.
pub(crate) struct DirEntry {
    pub(crate) name: String,
    pub(crate) ino: u64,
    pub(crate) filetype: Filetype,
}

/// The arguments of `path_open`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) follow: bool,
    pub(crate) oflags: Oflags,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) fdflags: Fdflags,
}

/// The result of `path_open`.
pub(crate) enum Opened {
    File(File),
    Dir(Dir),
}

impl Dir {
    pub(crate) fn preopen(
        dir: cap_std::fs::Dir,
        name: String,
        perms: DirPerms,
        file_perms: FilePerms,
    ) -> Self {
        Self { dir, perms, file_perms, preopen: Some(name), entries: None }
    }

    /// Returns the guest's name of the directory if it is preopened.
    pub(crate) fn preopen_name(&self) -> Option<&str> {
        self.preopen.as_deref()
    }

    fn require(&self, perm: DirPerms) -> Result<()> {
        if self.perms.contains(perm) { Ok(()) } else { Err(Errno::Perm) }
    }

    pub(crate) fn open(&self, path: &str, open: Open) -> Result<Opened> {
        self.require(DirPerms::READ)?;
        // Refused as in Wasmtime: a write is not guaranteed to have reached the disk when the call
        // returns.
        if open.fdflags.intersects(Fdflags::SYNC | Fdflags::DSYNC | Fdflags::RSYNC) {
            return Err(Errno::Notsup);
        }
        let mutate = open.oflags.intersects(Oflags::CREAT | Oflags::TRUNC);
        if open.oflags.contains(Oflags::DIRECTORY)
            && open.oflags.intersects(Oflags::CREAT | Oflags::EXCL | Oflags::TRUNC)
        {
            return Err(Errno::Inval);
        }
        // Without the right to write it is opened to be read, so that the host opens it at all.
        let mut mode = FilePerms::empty();
        mode.set(FilePerms::READ, open.read || !open.write);
        mode.set(FilePerms::WRITE, open.write || mutate);
        if open.oflags.contains(Oflags::CREAT) {
            self.require(DirPerms::MUTATE)?;
        }
        if mode.contains(FilePerms::WRITE) && !self.file_perms.contains(FilePerms::WRITE) {
            return Err(Errno::Perm);
        }

        let opened = self.dir.open_with(path, &open_options(open, mode))?;
        let metadata = opened.metadata()?;
        if metadata.is_dir() {
            return Ok(Opened::Dir(Self {
                dir: cap_std::fs::Dir::from_std_file(opened.into_std()),
                perms: self.perms,
                file_perms: self.file_perms,
                preopen: None,
                entries: None,
            }));
        }
        if open.oflags.contains(Oflags::DIRECTORY) {
            return Err(Errno::Notdir);
        }
        let filetype = file::filetype(metadata.file_type());
        let file = File::new(opened.into_std(), filetype, mode, self.file_perms, open.fdflags);
        Ok(Opened::File(file))
    }

    pub(crate) fn create_directory(&self, path: &str) -> Result<()> {
        self.require(DirPerms::MUTATE)?;
        Ok(self.dir.create_dir(path)?)
    }

    pub(crate) fn remove_directory(&self, path: &str) -> Result<()> {
        self.require(DirPerms::MUTATE)?;
        Ok(self.dir.remove_dir(without_slash(path))?)
    }

    pub(crate) fn unlink_file(&self, path: &str) -> Result<()> {
        self.require(DirPerms::MUTATE)?;
        Ok(self.dir.remove_file_or_symlink(path)?)
    }

    /// Returns an error unless names may move from this directory to `to_dir`. Both directories
    /// must be mutable and grant the same permissions. Otherwise a guest could write, in `to_dir`,
    /// to a file that it may only read in this directory.
    fn require_to(&self, to_dir: &Self) -> Result<()> {
        self.require(DirPerms::MUTATE)?;
        to_dir.require(DirPerms::MUTATE)?;
        match (self.perms, self.file_perms) == (to_dir.perms, to_dir.file_perms) {
            true => Ok(()),
            false => Err(Errno::Perm),
        }
    }

    /// Renames `from` to `to` in `to_dir`. If `to` ends in a slash, `from` must be a directory.
    /// (The host itself refuses `.` and `..` as names.)
    pub(crate) fn rename(&self, from: &str, to_dir: &Self, to: &str) -> Result<()> {
        self.require_to(to_dir)?;
        let (name, slash) = (without_slash(to), to.ends_with('/'));
        let dots = name.ends_with("/.") || name.ends_with("/..");
        if slash && !dots && !self.dir.symlink_metadata(from)?.is_dir() {
            return Err(Errno::Notdir);
        }
        Ok(self.dir.rename(from, &to_dir.dir, to)?)
    }

    /// Creates a hard link. A hard link to a symbolic link refers to the link itself.
    pub(crate) fn link(&self, from: &str, follow: bool, to_dir: &Self, to: &str) -> Result<()> {
        if follow {
            self.require(DirPerms::MUTATE)?;
            to_dir.require(DirPerms::MUTATE)?;
            return Err(Errno::Inval);
        }
        self.require_to(to_dir)?;
        Ok(self.dir.hard_link(from, &to_dir.dir, to)?)
    }

    /// Creates a symbolic link at `path`; an absolute `target` is not permitted.
    pub(crate) fn symlink(&self, target: &str, path: &str) -> Result<()> {
        self.require(DirPerms::MUTATE)?;
        Ok(DirExt::symlink(&self.dir, target, path)?)
    }

    /// Returns the target of a symbolic link; fails if the target is absolute.
    pub(crate) fn read_link(&self, path: &str) -> Result<String> {
        self.require(DirPerms::READ)?;
        let target = self.dir.read_link(path)?;
        target.into_os_string().into_string().map_err(|_| Errno::Ilseq)
    }

    /// Returns the attributes of the file at `path`. A path that ends in a slash or in `.` names a
    /// directory, and symbolic links at its end are followed.
    pub(crate) fn filestat_at(&self, path: &str, follow: bool) -> Result<Filestat> {
        self.require(DirPerms::READ)?;
        let names_dir = names_directory(path);
        let metadata = if follow || names_dir {
            self.dir.metadata(path)?
        } else {
            self.dir.symlink_metadata(path)?
        };
        if names_dir && !metadata.is_dir() {
            return Err(Errno::Notdir);
        }
        Ok(file::filestat(&metadata))
    }

    pub(crate) fn set_times_at(&self, path: &str, follow: bool, times: NewTimes) -> Result<()> {
        self.require(DirPerms::MUTATE)?;
        let (accessed, modified) = (time_spec(times.accessed)?, time_spec(times.modified)?);
        Ok(if follow {
            self.dir.set_times(path, accessed, modified)
        } else {
            self.dir.set_symlink_times(path, accessed, modified)
        }?)
    }

    pub(crate) fn set_times(&self, times: NewTimes) -> Result<()> {
        self.set_times_at(".", true, times)
    }

    pub(crate) fn filestat(&self) -> Result<Filestat> {
        Ok(file::filestat(&self.dir.dir_metadata()?))
    }

    pub(crate) fn fdstat(&self) -> Fdstat {
        let (rights_base, rights_inheriting) = if self.preopen.is_some() {
            (Rights::PREOPEN, Rights::PREOPEN_INHERITING)
        } else {
            let mut rights = Rights::all().difference(
                Rights::FILE_ONLY | Rights::FD_WRITE | Rights::SOCK_ACCEPT | Rights::SOCK_SHUTDOWN,
            );
            if !self.perms.contains(DirPerms::READ) {
                rights.remove(Rights::FD_READ | Rights::FD_READDIR);
            }
            (rights, rights)
        };
        Fdstat {
            filetype: Filetype::Directory,
            flags: Fdflags::empty(),
            rights_base,
            rights_inheriting,
        }
    }

    /// Returns the entries, reading them again if the guest restarts from the beginning.
    pub(crate) fn entries(&mut self, restart: bool) -> Result<&[DirEntry]> {
        self.require(DirPerms::READ)?;
        if restart {
            self.entries = None;
        }
        let entries = match self.entries.take() {
            Some(entries) => entries,
            None => read_entries(&self.dir)?,
        };
        Ok(self.entries.insert(entries))
    }
}

/// Returns `true` if a path can name only a directory, judged by its form: `x/`, `x/.`.
fn names_directory(path: &str) -> bool {
    path.ends_with('/') || path.ends_with("/.")
}

/// Returns `path` without trailing slashes, which require a directory: for calls that fail on
/// anything else by themselves.
fn without_slash(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => path,
        trimmed => trimmed,
    }
}

fn open_options(open: Open, mode: FilePerms) -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(mode.contains(FilePerms::READ))
        .write(mode.contains(FilePerms::WRITE))
        .truncate(open.oflags.contains(Oflags::TRUNC))
        .maybe_dir(true)
        // A named pipe with nobody at its other end must not stop the host.
        .nonblock(true)
        .follow(if open.follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
    if open.oflags.contains(Oflags::CREAT) {
        if open.oflags.contains(Oflags::EXCL) {
            options.create_new(true);
        } else {
            options.create(true);
        }
    }
    options
}

fn read_entries(dir: &cap_std::fs::Dir) -> Result<Vec<DirEntry>> {
    let mut entries = Vec::new();
    for entry in dir.entries()? {
        let entry = entry?;
        let metadata: Metadata = match entry.full_metadata() {
            Ok(metadata) => metadata,
            // Removed since the host listed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            // The system keeps it to itself, so a guest could do nothing with it, either.
            Err(error) if file::is_in_use(&error) => continue,
            Err(error) => return Err(error.into()),
        };
        let name = entry.file_name().into_string().map_err(|_| Errno::Ilseq)?;
        let filetype = file::filetype(metadata.file_type());
        entries.push(DirEntry { name, ino: file::inode(&metadata), filetype });
    }
    Ok(entries)
}

fn time_spec(time: NewTime) -> Result<Option<cap_fs_ext::SystemTimeSpec>> {
    use cap_fs_ext::SystemTimeSpec;
    Ok(match time {
        NewTime::Now => Some(SystemTimeSpec::SymbolicNow),
        other => {
            other.resolve()?.map(cap_std::time::SystemTime::from_std).map(SystemTimeSpec::Absolute)
        }
    })
}
