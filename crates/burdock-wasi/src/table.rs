//! The descriptors a guest has open, by number.

use crate::dir::Dir;
use crate::errno::{Errno, Result};
use crate::file::File;
use crate::stdio::{Input, Output};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{TcpListener, TcpStream};

/// The object behind a descriptor number.
pub(crate) enum Descriptor {
    Stdin(Input),
    /// Standard output or standard error.
    Output(Output),
    File(File),
    Dir(Dir),
    Listener {
        listener: TcpListener,
        nonblocking: bool,
    },
    Stream {
        stream: TcpStream,
        nonblocking: bool,
    },
}

impl Descriptor {
    pub(crate) fn listener(listener: TcpListener) -> Self {
        Self::Listener { listener, nonblocking: false }
    }
}

/// Descriptors by number.
///
/// A new one gets the highest number that was used and is free, as in Wasmtime, or else the next
/// number that was never used. Programs depend on it: one that closes standard output and several
/// files, and then opens a file, does not find what it prints in that file.
pub(crate) struct Table {
    used: BTreeMap<u32, Descriptor>,
    /// The free numbers below `next`.
    free: BTreeSet<u32>,
    /// No number from here on was ever used.
    next: u32,
    max: u32,
}

impl Table {
    /// Creates a table; `max` limits the descriptors beyond those that a guest starts with.
    pub(crate) fn new(descriptors: impl Iterator<Item = Descriptor>, max: u32) -> Self {
        let used: BTreeMap<u32, Descriptor> = (0..).zip(descriptors).collect();
        let next = used.last_key_value().map_or(0, |(last, _)| last + 1);
        Self { used, free: BTreeSet::new(), next, max: max.max(next) }
    }

    pub(crate) fn push(&mut self, descriptor: Descriptor) -> Result<u32> {
        let fd = match self.free.pop_last() {
            Some(fd) => fd,
            None if self.next < self.max => {
                self.next += 1;
                self.next - 1
            }
            None => return Err(Errno::Mfile),
        };
        self.used.insert(fd, descriptor);
        Ok(fd)
    }

    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor> {
        self.used.get(&fd).ok_or(Errno::Badf)
    }

    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor> {
        self.used.get_mut(&fd).ok_or(Errno::Badf)
    }

    pub(crate) fn close(&mut self, fd: u32) -> Result<()> {
        self.used.remove(&fd).ok_or(Errno::Badf)?;
        self.free.insert(fd);
        Ok(())
    }

    /// Moves `from` to the number `to`, which has to be in use and is closed.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<()> {
        self.get(to)?;
        self.get(from)?;
        if from != to
            && let Some(descriptor) = self.used.remove(&from)
        {
            self.free.insert(from);
            self.used.insert(to, descriptor);
        }
        Ok(())
    }

    /// Returns the file `fd`; fails with [`Errno::Badf`] on anything else.
    pub(crate) fn file(&self, fd: u32) -> Result<&File> {
        match self.get(fd)? {
            Descriptor::File(file) => Ok(file),
            _ => Err(Errno::Badf),
        }
    }

    /// Returns the file `fd` for an operation on its position; fails with [`Errno::Spipe`] on a
    /// stream.
    pub(crate) fn seekable(&mut self, fd: u32) -> Result<&mut File> {
        match self.get_mut(fd)? {
            Descriptor::File(file) => Ok(file),
            Descriptor::Dir(_) => Err(Errno::Badf),
            _ => Err(Errno::Spipe),
        }
    }

    /// Returns the directory `fd`; fails with [`Errno::Badf`] on anything else.
    pub(crate) fn dir(&self, fd: u32) -> Result<&Dir> {
        match self.get(fd)? {
            Descriptor::Dir(dir) => Ok(dir),
            _ => Err(Errno::Badf),
        }
    }

    pub(crate) fn dir_mut(&mut self, fd: u32) -> Result<&mut Dir> {
        match self.get_mut(fd)? {
            Descriptor::Dir(dir) => Ok(dir),
            _ => Err(Errno::Badf),
        }
    }
}
