//! The functions `sock_*`, on listening sockets that the embedder hands over and what they accept.

use crate::ctx::WasiP1Ctx;
use crate::errno::{Errno, Result};
use crate::memory::GuestMemory;
use crate::table::Descriptor;
use crate::types::{Fdflags, Riflags, Sdflags, flags};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

impl WasiP1Ctx {
    /// Accepts a connection. `fdflags` are the flags of the new socket.
    pub(crate) fn sock_accept(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        bits: u32,
        new_fd: u32,
    ) -> Result<()> {
        let fdflags: Fdflags = flags(bits.into())?;
        if !matches!(self.table.get(fd)?, Descriptor::Listener { .. }) {
            return Err(Errno::Notsock);
        }
        memory.slice_mut(new_fd, 4)?;
        self.await_input(fd)?;
        let Descriptor::Listener { listener, .. } = self.table.get(fd)? else {
            return Err(Errno::Notsock);
        };
        let (stream, _) = listener.accept()?;
        let nonblocking = fdflags.contains(Fdflags::NONBLOCK);
        stream.set_nonblocking(nonblocking)?;
        let new = self.table.push(Descriptor::Stream { stream, nonblocking })?;
        memory.write_u32(new_fd, new)
    }

    #[allow(clippy::too_many_arguments, reason = "the arguments of the WASI function")]
    pub(crate) fn sock_recv(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        iovs: u32,
        iovs_len: u32,
        bits: u32,
        nread: u32,
        roflags: u32,
    ) -> Result<()> {
        let riflags: Riflags = flags(bits.into())?;
        let regions = memory.iovecs(iovs, iovs_len)?;
        self.stream(fd)?;
        self.await_input(fd)?;
        let mut stream = self.stream(fd)?;
        let count = if riflags.contains(Riflags::PEEK) {
            // Peeking twice sees the same bytes twice, so only the first region is filled.
            let first: Vec<_> = regions.iter().take(1).map(|region| region.first_piece()).collect();
            memory.transfer(&first, |bytes| Ok(stream.peek(bytes)?))?
        } else if riflags.contains(Riflags::WAITALL) {
            memory.transfer(&regions, |bytes| read_full(stream, bytes))?
        } else {
            memory.transfer(&regions, |bytes| Ok(stream.read(bytes)?))?
        };
        let Some(count) = count else {
            return Ok(());
        };
        memory.write_u32(nread, count)?;
        // The data is never truncated: it is a stream.
        memory.write_u16(roflags, 0)
    }

    pub(crate) fn sock_send(
        &mut self,
        memory: &mut GuestMemory<'_>,
        fd: u32,
        ciovs: u32,
        ciovs_len: u32,
        siflags: u32,
        nwritten: u32,
    ) -> Result<()> {
        let regions = memory.iovecs(ciovs, ciovs_len)?;
        let mut stream = self.stream(fd)?;
        if siflags != 0 {
            return Err(Errno::Inval);
        }
        let count = memory.transfer(&regions, |bytes| Ok(stream.write(bytes)?))?;
        match count {
            Some(count) => memory.write_u32(nwritten, count),
            None => Ok(()),
        }
    }

    pub(crate) fn sock_shutdown(&mut self, fd: u32, bits: u32) -> Result<()> {
        let how: Sdflags = flags(bits.into())?;
        let stream = self.stream(fd)?;
        let how = match (how.contains(Sdflags::RD), how.contains(Sdflags::WR)) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            (false, true) => Shutdown::Write,
            (false, false) => return Err(Errno::Inval),
        };
        Ok(stream.shutdown(how)?)
    }

    fn stream(&self, fd: u32) -> Result<&TcpStream> {
        match self.table.get(fd)? {
            Descriptor::Stream { stream, .. } => Ok(stream),
            Descriptor::Listener { .. } => Err(Errno::Notconn),
            _ => Err(Errno::Notsock),
        }
    }
}

/// Reads until `bytes` are full or the stream is at its end.
fn read_full(mut stream: &TcpStream, bytes: &mut [u8]) -> Result<usize> {
    let mut at = 0;
    while at < bytes.len() {
        match stream.read(&mut bytes[at..]) {
            Ok(0) => break,
            Ok(count) => at += count,
            Err(_) if at > 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(at)
}
