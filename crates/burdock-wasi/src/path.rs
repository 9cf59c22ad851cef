//! The functions `path_*`: what a guest does with names below an open directory.

use crate::ctx::WasiP1Ctx;
use crate::dir::{Open, Opened};
use crate::errno::{Errno, Result};
use crate::fd::new_times;
use crate::memory::GuestMemory;
use crate::table::Descriptor;
use crate::types::{Lookupflags, Rights, flags};

/// A path as a guest passes it: address and length of a string without a final zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathArg(pub(crate) u32, pub(crate) u32);

impl PathArg {
    /// Fails for a path with a zero, which hosts take for its end.
    fn read<'a>(self, memory: &'a GuestMemory<'_>) -> Result<&'a str> {
        let path = memory.str(self.0, self.1)?;
        if path.contains('\0') { Err(Errno::Inval) } else { Ok(path) }
    }
}

/// The numbers of `path_open` beside its directory and its path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenArgs {
    pub(crate) dirflags: u32,
    pub(crate) oflags: u32,
    pub(crate) rights_base: u64,
    pub(crate) rights_inheriting: u64,
    pub(crate) fdflags: u32,
}

fn follow(bits: u32) -> Result<bool> {
    Ok(flags::<Lookupflags>(bits.into())?.contains(Lookupflags::SYMLINK_FOLLOW))
}

impl WasiP1Ctx {
    pub(crate) fn path_create_directory(
        &mut self,
        memory: &GuestMemory<'_>,
        fd: u32,
        path: PathArg,
    ) -> Result<()> {
        self.table.dir(fd)?.create_directory(path.read(memory)?)
    }

    pub(crate) fn path_filestat_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        lookup: u32,
        path: PathArg,
        stat: u32,
    ) -> Result<()> {
        let follow = follow(lookup)?;
        let found = self.table.dir(fd)?.filestat_at(path.read(memory)?, follow)?;
        found.store(memory, stat)
    }

    #[allow(clippy::too_many_arguments, reason = "the arguments of the WASI function")]
    pub(crate) fn path_filestat_set_times(
        &mut self,
        memory: &GuestMemory<'_>,
        fd: u32,
        lookup: u32,
        path: PathArg,
        atim: u64,
        mtim: u64,
        bits: u32,
    ) -> Result<()> {
        let follow = follow(lookup)?;
        let times = new_times(atim, mtim, bits)?;
        self.table.dir(fd)?.set_times_at(path.read(memory)?, follow, times)
    }

    pub(crate) fn path_link(
        &mut self,
        memory: &GuestMemory<'_>,
        old_fd: u32,
        lookup: u32,
        old_path: PathArg,
        new_fd: u32,
        new_path: PathArg,
    ) -> Result<()> {
        let follow = follow(lookup)?;
        let (old_dir, new_dir) = (self.table.dir(old_fd)?, self.table.dir(new_fd)?);
        old_dir.link(old_path.read(memory)?, follow, new_dir, new_path.read(memory)?)
    }

    pub(crate) fn path_open(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        path: PathArg,
        args: OpenArgs,
        opened_fd: u32,
    ) -> Result<()> {
        let rights: Rights = flags(args.rights_base)?;
        let _: Rights = flags(args.rights_inheriting)?;
        let open = Open {
            follow: follow(args.dirflags)?,
            oflags: flags(args.oflags.into())?,
            read: rights.contains(Rights::FD_READ),
            write: rights.contains(Rights::FD_WRITE),
            fdflags: flags(args.fdflags.into())?,
        };
        let dir = match self.table.get(fd)? {
            Descriptor::Dir(dir) => dir,
            Descriptor::File(_) => return Err(Errno::Notdir),
            _ => return Err(Errno::Badf),
        };
        // Before anything is opened, so that no descriptor is lost to a bad address.
        memory.slice_mut(opened_fd, 4)?;
        let opened = match dir.open(path.read(memory)?, open)? {
            Opened::File(file) => Descriptor::File(file),
            Opened::Dir(dir) => Descriptor::Dir(dir),
        };
        let new = self.table.push(opened)?;
        memory.write_u32(opened_fd, new)
    }

    /// Reads the target of a symbolic link, truncated to the length of the guest's buffer.
    pub(crate) fn path_readlink(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        path: PathArg,
        buf: u32,
        buf_len: u32,
        used: u32,
    ) -> Result<()> {
        let target = self.table.dir(fd)?.read_link(path.read(memory)?)?;
        let count = target.len().min(usize::try_from(buf_len)?);
        memory.write(buf, &target.as_bytes()[..count])?;
        memory.write_u32(used, count.try_into()?)
    }

    pub(crate) fn path_remove_directory(
        &mut self,
        memory: &GuestMemory<'_>,
        fd: u32,
        path: PathArg,
    ) -> Result<()> {
        self.table.dir(fd)?.remove_directory(path.read(memory)?)
    }

    pub(crate) fn path_rename(
        &mut self,
        memory: &GuestMemory<'_>,
        old_fd: u32,
        old_path: PathArg,
        new_fd: u32,
        new_path: PathArg,
    ) -> Result<()> {
        let (old_dir, new_dir) = (self.table.dir(old_fd)?, self.table.dir(new_fd)?);
        old_dir.rename(old_path.read(memory)?, new_dir, new_path.read(memory)?)
    }

    pub(crate) fn path_symlink(
        &mut self,
        memory: &GuestMemory<'_>,
        target: PathArg,
        fd: u32,
        path: PathArg,
    ) -> Result<()> {
        self.table.dir(fd)?.symlink(target.read(memory)?, path.read(memory)?)
    }

    pub(crate) fn path_unlink_file(
        &mut self,
        memory: &GuestMemory<'_>,
        fd: u32,
        path: PathArg,
    ) -> Result<()> {
        self.table.dir(fd)?.unlink_file(path.read(memory)?)
    }
}
