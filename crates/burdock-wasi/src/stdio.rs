//! The guest's standard streams: what an embedder can plug in, and the program's own streams.
//!
//! Output is not buffered here: when a write returns, the host has the bytes.

use std::io::{self, IsTerminal, Write};

/// Something a guest can read from as its standard input.
pub trait StdinStream: Send + 'static {
    /// Reads at most `bytes.len()` bytes; zero is the end of the stream.
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize>;
    /// Whether a guest is told that the stream is a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Something a guest can write to as its standard output or standard error.
pub trait StdoutStream: Send + 'static {
    /// Writes at least one of `bytes`, and says how many.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Whether a guest is told that the stream is a terminal.
    fn is_terminal(&self) -> bool {
        false
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

/// Past the buffer of [`io::Stdin`], which would keep bytes that polling then does not see.
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
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::HostStdout => write_all(&mut io::stdout().lock(), bytes),
            Self::HostStderr => write_all(&mut io::stderr().lock(), bytes),
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

fn write_all(stream: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    stream.write_all(bytes)?;
    stream.flush()?;
    Ok(bytes.len())
}
