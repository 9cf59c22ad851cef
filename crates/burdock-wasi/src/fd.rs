//! The functions `fd_*`: what a guest does with an open descriptor.

use crate::ctx::{Interrupted, WasiP1Ctx};
use crate::errno::{Errno, Result};
use crate::file::{Advice, NewTime, NewTimes};
use crate::memory::GuestMemory;
use crate::table::Descriptor;
use crate::types::{Fdflags, Fdstat, Filestat, Filetype, Fstflags, Rights, Whence, dirent, flags};
use std::io::{Read, Write};

impl WasiP1Ctx {
    pub(crate) fn fd_advise(&mut self, fd: u32, offset: u64, len: u64, advice: u32) -> Result<()> {
        let advice = Advice::try_from(advice)?;
        self.table.file(fd)?.advise(offset, len, advice)
    }

    /// Fails with `ENOTSUP`, as in Wasmtime: not every host could offer it.
    pub(crate) fn fd_allocate(&mut self, fd: u32, _offset: u64, _len: u64) -> Result<()> {
        self.table.file(fd)?;
        Err(Errno::Notsup)
    }

    pub(crate) fn fd_close(&mut self, fd: u32) -> Result<()> {
        self.table.close(fd)
    }

    pub(crate) fn fd_datasync(&mut self, fd: u32) -> Result<()> {
        self.table.file(fd)?.sync_data()
    }

    pub(crate) fn fd_sync(&mut self, fd: u32) -> Result<()> {
        self.table.file(fd)?.sync_all()
    }

    pub(crate) fn fd_fdstat_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        stat: u32,
    ) -> Result<()> {
        self.table.get(fd)?.fdstat().store(memory, stat)
    }

    pub(crate) fn fd_fdstat_set_flags(&mut self, fd: u32, bits: u32) -> Result<()> {
        let fdflags: Fdflags = flags(bits.into())?;
        let nonblock = fdflags.contains(Fdflags::NONBLOCK);
        match self.table.get_mut(fd)? {
            Descriptor::File(file) => file.set_flags(fdflags)?,
            _ if fdflags.intersects(Fdflags::all().difference(Fdflags::NONBLOCK)) => {
                return Err(Errno::Badf);
            }
            Descriptor::Listener { listener, nonblocking } => {
                listener.set_nonblocking(nonblock)?;
                *nonblocking = nonblock;
            }
            Descriptor::Stream { stream, nonblocking } => {
                stream.set_nonblocking(nonblock)?;
                *nonblocking = nonblock;
            }
            _ => return Err(Errno::Badf),
        }
        Ok(())
    }

    /// Rights are what a descriptor was opened with, and stay that.
    pub(crate) fn fd_fdstat_set_rights(
        &mut self,
        fd: u32,
        base: u64,
        inheriting: u64,
    ) -> Result<()> {
        let _: (Rights, Rights) = (flags(base)?, flags(inheriting)?);
        match self.table.get(fd)? {
            Descriptor::Stdin(_) | Descriptor::Output(_) => Err(Errno::Badf),
            _ => Err(Errno::Notsup),
        }
    }

    pub(crate) fn fd_filestat_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        stat: u32,
    ) -> Result<()> {
        self.table.get(fd)?.filestat()?.store(memory, stat)
    }

    pub(crate) fn fd_filestat_set_size(&mut self, fd: u32, size: u64) -> Result<()> {
        self.table.file(fd)?.set_size(size)
    }

    pub(crate) fn fd_filestat_set_times(
        &mut self,
        fd: u32,
        atim: u64,
        mtim: u64,
        bits: u32,
    ) -> Result<()> {
        let times = new_times(atim, mtim, bits)?;
        match self.table.get(fd)? {
            Descriptor::File(file) => file.set_times(times),
            Descriptor::Dir(dir) => dir.set_times(times),
            _ => Err(Errno::Badf),
        }
    }

    pub(crate) fn fd_read(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        iovs: u32,
        iovs_len: u32,
        nread: u32,
    ) -> Result<()> {
        let regions = memory.iovecs(iovs, iovs_len)?;
        self.await_input(fd)?;
        let descriptor = self.table.get_mut(fd)?;
        let count = memory.transfer(&regions, |bytes| descriptor.read(bytes))?;
        let Some(count) = count else {
            return Ok(());
        };
        if regions.is_empty() {
            // Nothing was transferred; the descriptor has to be one that can be read all the same.
            descriptor.read(&mut [])?;
        }
        memory.write_u32(nread, count)
    }

    pub(crate) fn fd_pread(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        iovs: u32,
        iovs_len: u32,
        offset: u64,
        nread: u32,
    ) -> Result<()> {
        let regions = memory.iovecs(iovs, iovs_len)?;
        let file = match self.table.get_mut(fd)? {
            Descriptor::File(file) => file,
            Descriptor::Stdin(_) | Descriptor::Stream { .. } => return Err(Errno::Spipe),
            _ => return Err(Errno::Badf),
        };
        let mut offset = offset.checked_add(memory.done().into()).ok_or(Errno::Overflow)?;
        let count = memory.transfer(&regions, |bytes| {
            let count = file.read_at(bytes, offset)?;
            offset = offset.checked_add(u64::try_from(count)?).ok_or(Errno::Overflow)?;
            Ok(count)
        })?;
        match count {
            Some(count) => memory.write_u32(nread, count),
            None => Ok(()),
        }
    }

    pub(crate) fn fd_write(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        ciovs: u32,
        ciovs_len: u32,
        nwritten: u32,
    ) -> Result<()> {
        let regions = memory.iovecs(ciovs, ciovs_len)?;
        let interrupted = self.interrupted.as_deref();
        let descriptor = self.table.get_mut(fd)?;
        let count = memory.transfer(&regions, |bytes| descriptor.write(bytes, interrupted))?;
        let Some(count) = count else {
            return Ok(());
        };
        if regions.is_empty() {
            descriptor.write(&[], interrupted)?;
        }
        memory.write_u32(nwritten, count)
    }

    pub(crate) fn fd_pwrite(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        ciovs: u32,
        ciovs_len: u32,
        offset: u64,
        nwritten: u32,
    ) -> Result<()> {
        let regions = memory.iovecs(ciovs, ciovs_len)?;
        let file = match self.table.get_mut(fd)? {
            Descriptor::File(file) => file,
            Descriptor::Output(_) | Descriptor::Stream { .. } => return Err(Errno::Spipe),
            _ => return Err(Errno::Badf),
        };
        let mut offset = offset.checked_add(memory.done().into()).ok_or(Errno::Overflow)?;
        let count = memory.transfer(&regions, |bytes| {
            let count = file.write_at(bytes, offset)?;
            offset = offset.checked_add(u64::try_from(count)?).ok_or(Errno::Overflow)?;
            Ok(count)
        })?;
        match count {
            Some(count) => memory.write_u32(nwritten, count),
            None => Ok(()),
        }
    }

    pub(crate) fn fd_prestat_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        prestat: u32,
    ) -> Result<()> {
        let Descriptor::Dir(dir) = self.table.get(fd)? else {
            return Err(Errno::Badf);
        };
        let name = dir.preopen_name().ok_or(Errno::Badf)?;
        // The tag 0: a directory. It is the only one there is.
        memory.write_u32(prestat, 0)?;
        memory.write_u32(prestat.checked_add(4).ok_or(Errno::Fault)?, name.len().try_into()?)
    }

    pub(crate) fn fd_prestat_dir_name(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        path: u32,
        path_len: u32,
    ) -> Result<()> {
        let Descriptor::Dir(dir) = self.table.get(fd)? else {
            return Err(Errno::Notdir);
        };
        let name = dir.preopen_name().ok_or(Errno::Notdir)?;
        if name.len() > usize::try_from(path_len)? {
            return Err(Errno::Nametoolong);
        }
        memory.write(path, name.as_bytes())
    }

    pub(crate) fn fd_renumber(&mut self, from: u32, to: u32) -> Result<()> {
        self.table.renumber(from, to)
    }

    pub(crate) fn fd_seek(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        offset: i64,
        whence: u32,
        position: u32,
    ) -> Result<()> {
        let whence = Whence::new(whence, memory.version())?;
        let new = self.table.seekable(fd)?.seek(offset, whence)?;
        memory.write_u64(position, new)
    }

    pub(crate) fn fd_tell(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        position: u32,
    ) -> Result<()> {
        let at = self.table.seekable(fd)?.position();
        memory.write_u64(position, at)
    }

    /// Entries one after the other, cut off where the buffer ends: a full buffer says that there
    /// may be more, and the guest goes on from the cookie of the last entry it has whole.
    pub(crate) fn fd_readdir(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        buf: u32,
        buf_len: u32,
        cookie: u64,
        used: u32,
    ) -> Result<()> {
        let dir = self.table.dir_mut(fd)?;
        let own = dir.filestat()?.ino;
        let dots = [(".", own, Filetype::Directory), ("..", own, Filetype::Directory)];
        let entries = dir.entries(cookie == 0)?;
        let all = dots
            .into_iter()
            .chain(entries.iter().map(|entry| (entry.name.as_str(), entry.ino, entry.filetype)));
        let out = memory.slice_mut(buf, buf_len)?;
        let mut at = 0;
        for (next, (name, ino, filetype)) in (1u64..).zip(all).skip(usize::try_from(cookie)?) {
            let head = dirent(next, ino, name.len().try_into()?, filetype);
            for part in [&head[..], name.as_bytes()] {
                let count = part.len().min(out.len() - at);
                out[at..at + count].copy_from_slice(&part[..count]);
                at += count;
            }
            if at == out.len() {
                break;
            }
        }
        let at = at.try_into()?;
        memory.set_done(at);
        memory.write_u32(used, at)
    }
}

/// Timestamps as `*_filestat_set_times` is given them.
pub(crate) fn new_times(atim: u64, mtim: u64, bits: u32) -> Result<NewTimes> {
    let set: Fstflags = flags(bits.into())?;
    Ok(NewTimes {
        accessed: NewTime::new(
            set.contains(Fstflags::ATIM),
            set.contains(Fstflags::ATIM_NOW),
            atim,
        )?,
        modified: NewTime::new(
            set.contains(Fstflags::MTIM),
            set.contains(Fstflags::MTIM_NOW),
            mtim,
        )?,
    })
}

impl Descriptor {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        match self {
            Self::Stdin(input) => Ok(input.read(bytes)?),
            Self::File(file) => file.read(bytes),
            Self::Stream { stream, .. } => Ok(stream.read(bytes)?),
            Self::Output(_) | Self::Dir(_) | Self::Listener { .. } => Err(Errno::Badf),
        }
    }

    fn write(&mut self, bytes: &[u8], interrupted: Option<Interrupted<'_>>) -> Result<usize> {
        match self {
            Self::Output(output) => Ok(output.write(bytes, interrupted)?),
            Self::File(file) => file.write(bytes),
            Self::Stream { stream, .. } => Ok(stream.write(bytes)?),
            Self::Stdin(_) | Self::Dir(_) | Self::Listener { .. } => Err(Errno::Badf),
        }
    }

    fn filestat(&self) -> Result<Filestat> {
        match self {
            Self::File(file) => file.filestat(),
            Self::Dir(dir) => dir.filestat(),
            other => Ok(Filestat::of_type(other.fdstat().filetype)),
        }
    }

    fn fdstat(&self) -> Fdstat {
        let simple = |filetype, rights, nonblocking| {
            let flags = if nonblocking { Fdflags::NONBLOCK } else { Fdflags::empty() };
            Fdstat { filetype, flags, rights_base: rights, rights_inheriting: rights }
        };
        match self {
            Self::File(file) => file.fdstat(),
            Self::Dir(dir) => dir.fdstat(),
            Self::Stdin(input) => {
                simple(Filetype::stdio(input.is_terminal()), Rights::FD_READ, false)
            }
            Self::Output(output) => {
                simple(Filetype::stdio(output.is_terminal()), Rights::FD_WRITE, false)
            }
            Self::Listener { nonblocking, .. } => Fdstat {
                rights_inheriting: Rights::STREAM,
                ..simple(Filetype::SocketStream, Rights::LISTENER, *nonblocking)
            },
            Self::Stream { nonblocking, .. } => {
                simple(Filetype::SocketStream, Rights::STREAM, *nonblocking)
            }
        }
    }
}
