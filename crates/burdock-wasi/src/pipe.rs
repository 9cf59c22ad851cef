//! Standard streams that are not the program's own: memory, nothing, or any reader and writer.

use crate::stdio::{StdinStream, StdoutStream};
use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A standard input with given contents. Clones share what is left of them.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::MemoryInputPipe};
///
/// let ctx = WasiCtxBuilder::new().stdin(MemoryInputPipe::new("line 1\nline 2\n")).build();
/// ```
#[derive(Clone, Debug)]
pub struct MemoryInputPipe {
    contents: Arc<Mutex<Cursor<Vec<u8>>>>,
}

impl MemoryInputPipe {
    /// Creates a pipe that yields `contents` and then ends.
    pub fn new(contents: impl Into<Vec<u8>>) -> Self {
        Self { contents: Arc::new(Mutex::new(Cursor::new(contents.into()))) }
    }
}

impl StdinStream for MemoryInputPipe {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        lock(&self.contents).read(bytes)
    }
}

/// A standard output that is kept in memory. Clones share the contents: keep one to read them.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::MemoryOutputPipe};
///
/// let stdout = MemoryOutputPipe::new(4096);
/// let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build();
/// // ... run a guest ...
/// assert_eq!(stdout.contents(), b"");
/// ```
#[derive(Clone, Debug)]
pub struct MemoryOutputPipe {
    capacity: usize,
    contents: Arc<Mutex<Vec<u8>>>,
}

impl MemoryOutputPipe {
    /// Creates a pipe that takes `capacity` bytes; a guest that writes more gets `ENOSPC`.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, contents: Arc::default() }
    }

    /// Returns the bytes written so far.
    pub fn contents(&self) -> Vec<u8> {
        lock(&self.contents).clone()
    }

    /// Returns the bytes written if this is the only clone left.
    pub fn try_into_inner(self) -> Option<Vec<u8>> {
        Arc::into_inner(self.contents)
            .map(|contents| contents.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StdoutStream for MemoryOutputPipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut contents = lock(&self.contents);
        let count = bytes.len().min(self.capacity.saturating_sub(contents.len()));
        if count == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        contents.extend_from_slice(&bytes[..count]);
        Ok(count)
    }
}

/// A standard input that is at its end, as `/dev/null`.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::ClosedInputStream};
///
/// let ctx = WasiCtxBuilder::new().stdin(ClosedInputStream).build();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ClosedInputStream;

impl StdinStream for ClosedInputStream {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

/// A standard output that forgets what it is given, as `/dev/null`.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::SinkOutputStream};
///
/// let ctx = WasiCtxBuilder::new().stdout(SinkOutputStream).stderr(SinkOutputStream).build();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SinkOutputStream;

impl StdoutStream for SinkOutputStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
}

/// Any reader as a standard input.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::ReadPipe};
///
/// let ctx = WasiCtxBuilder::new().stdin(ReadPipe::new(&b"from any reader"[..])).build();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReadPipe<R>(R);

impl<R: Read + Send + 'static> ReadPipe<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self(reader)
    }
}

impl<R: Read + Send + 'static> StdinStream for ReadPipe<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

/// Any writer as a standard output; flushed after every write.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::WritePipe};
///
/// let ctx = WasiCtxBuilder::new().stdout(WritePipe::new(std::io::stderr())).build();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WritePipe<W>(W);

impl<W: Write + Send + 'static> WritePipe<W> {
    /// Writes to `writer`.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }
}

impl<W: Write + Send + 'static> StdoutStream for WritePipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.0.write(bytes)?;
        self.0.flush()?;
        Ok(count)
    }
}

/// Locks the contents, which stay valid when a thread that held the lock panicked: they are bytes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
