//! The guest's standard streams: what an embedder can plug in, and the program's own streams.
//!
//! Output is not buffered here: when a write returns, the host has the bytes.

use crate::ctx::Interrupted;
use std::io::{self, IsTerminal, Write};

/// Something a guest can read from as its standard input.
///
/// ```
/// use burdock_wasi::{StdinStream, WasiCtxBuilder};
///
/// /// Says `y` again and again.
/// struct Yes;
///
/// impl StdinStream for Yes {
///     fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
///         let count = bytes.len().min(2);
///         bytes[..count].copy_from_slice(&b"y\n"[..count]);
///         Ok(count)
///     }
/// }
///
/// let ctx = WasiCtxBuilder::new().stdin(Yes).build();
/// ```
pub trait StdinStream: Send + 'static {
    /// Reads at most `bytes.len()` bytes; zero is the end of the stream.
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize>;
    /// Returns `true` if guests see the stream as a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Something a guest can write to as its standard output or standard error.
///
/// ```
/// use burdock_wasi::{StdoutStream, WasiCtxBuilder};
/// use std::sync::mpsc::{Sender, channel};
///
/// /// Sends what the guest writes to another thread.
/// struct Channel(Sender<Vec<u8>>);
///
/// impl StdoutStream for Channel {
///     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
///         self.0.send(bytes.to_vec()).map_err(|_| std::io::ErrorKind::BrokenPipe)?;
///         Ok(bytes.len())
///     }
/// }
///
/// let (sender, receiver) = channel();
/// let ctx = WasiCtxBuilder::new().stdout(Channel(sender)).build();
/// ```
pub trait StdoutStream: Send + 'static {
    /// Writes at least one of `bytes`, and says how many.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Returns `true` if guests see the stream as a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
}

impl<S: StdinStream + ?Sized> StdinStream for Box<S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        (**self).read(bytes)
    }

    fn is_terminal(&self) -> bool {
        (**self).is_terminal()
    }
}

impl<S: StdoutStream + ?Sized> StdoutStream for Box<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (**self).write(bytes)
    }

    fn is_terminal(&self) -> bool {
        (**self).is_terminal()
    }
}

/// A standard input.
pub(crate) enum Input {
    /// The one of this program.
    Host,
    Custom(Box<dyn StdinStream>),
}

impl Input {
    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Host => read_host_stdin(bytes),
            Self::Custom(stream) => stream.read(bytes),
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Host => io::stdin().is_terminal(),
            Self::Custom(stream) => stream.is_terminal(),
        }
    }
}

/// Reads without the buffer of [`io::Stdin`], which would hold bytes that polling then does not
/// see.
#[cfg(unix)]
fn read_host_stdin(bytes: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::io::read(io::stdin(), bytes)?)
}

#[cfg(not(unix))]
fn read_host_stdin(bytes: &mut [u8]) -> io::Result<usize> {
    io::Read::read(&mut io::stdin(), bytes)
}

/// A standard output or standard error.
pub(crate) enum Output {
    HostStdout,
    HostStderr,
    Custom(Box<dyn StdoutStream>),
}

impl Output {
    /// Writes at least one byte. A wait for a reader ends when `interrupted` requires it.
    pub(crate) fn write(
        &mut self,
        bytes: &[u8],
        interrupted: Option<Interrupted<'_>>,
    ) -> io::Result<usize> {
        match self {
            Self::HostStdout => write_all(&mut io::stdout().lock(), bytes, interrupted),
            Self::HostStderr => write_all(&mut io::stderr().lock(), bytes, interrupted),
            Self::Custom(stream) => stream.write(bytes),
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::HostStdout => io::stdout().is_terminal(),
            Self::HostStderr => io::stderr().is_terminal(),
            Self::Custom(stream) => stream.is_terminal(),
        }
    }
}

#[cfg(unix)]
fn write_all(
    stream: &mut (impl Write + std::os::fd::AsFd),
    bytes: &[u8],
    interrupted: Option<Interrupted<'_>>,
) -> io::Result<usize> {
    use crate::poll::SLICE;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let Some(interrupted) = interrupted else {
        stream.write_all(bytes)?;
        stream.flush()?;
        return Ok(bytes.len());
    };
    // Where a pipe can be written to, there is room for this much (PIPE_BUF).
    const ROOM: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };
    let slice = Timespec { tv_sec: 0, tv_nsec: SLICE.subsec_nanos().into() };
    let mut written = 0;
    for part in bytes.chunks(ROOM) {
        loop {
            let mut fds = [PollFd::new(stream, PollFlags::OUT)];
            match poll(&mut fds, Some(&slice)) {
                Ok(0) | Err(rustix::io::Errno::INTR) if interrupted() => {
                    let none = io::Error::from(io::ErrorKind::Interrupted);
                    return if written > 0 { Ok(written) } else { Err(none) };
                }
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => break,
                Err(error) => return Err(error.into()),
            }
        }
        stream.write_all(part)?;
        stream.flush()?;
        written += part.len();
    }
    Ok(written)
}

#[cfg(not(unix))]
fn write_all(
    stream: &mut impl Write,
    bytes: &[u8],
    _: Option<Interrupted<'_>>,
) -> io::Result<usize> {
    stream.write_all(bytes)?;
    stream.flush()?;
    Ok(bytes.len())
}
