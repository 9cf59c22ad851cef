//! Standard streams that are not the program's own: memory, nothing, or any reader and writer.

use crate::stdio::{StdinStream, StdoutStream};
use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

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

/// Any reader as a standard input. Clones share the reader.
///
/// The methods are those of the type in `wasi-common`.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::ReadPipe};
///
/// let ctx = WasiCtxBuilder::new().stdin(ReadPipe::new(&b"from any reader"[..])).build();
/// ```
#[derive(Debug)]
pub struct ReadPipe<R>(Arc<RwLock<R>>);

/// Any writer as a standard output; flushed after every write. Clones share the writer.
///
/// The methods are those of the type in `wasi-common`.
///
/// ```
/// use burdock_wasi::{WasiCtxBuilder, pipe::WritePipe};
///
/// let ctx = WasiCtxBuilder::new().stdout(WritePipe::new(std::io::stderr())).build();
/// ```
#[derive(Debug)]
pub struct WritePipe<W>(Arc<RwLock<W>>);

macro_rules! shared {
    ($($type:ident $what:literal)*) => {$(
        impl<S> $type<S> {
            #[doc = concat!("Creates a pipe of a ", $what, ".")]
            pub fn new(stream: S) -> Self {
                Self::from_shared(Arc::new(RwLock::new(stream)))
            }

            #[doc = concat!("Creates a pipe of a ", $what, " that others use as well.")]
            pub fn from_shared(stream: Arc<RwLock<S>>) -> Self {
                Self(stream)
            }

            #[doc = concat!("Returns the ", $what, ".")]
            ///
            /// # Errors
            ///
            /// Returns the pipe if others share what is in it.
            pub fn try_into_inner(self) -> Result<S, Self> {
                let lock = Arc::try_unwrap(self.0).map_err(Self)?;
                Ok(lock.into_inner().unwrap_or_else(PoisonError::into_inner))
            }

            fn lock(&self) -> RwLockWriteGuard<'_, S> {
                self.0.write().unwrap_or_else(PoisonError::into_inner)
            }
        }

        impl<S> Clone for $type<S> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }
    )*};
}

shared! {
    ReadPipe "reader"
    WritePipe "writer"
}

macro_rules! contents {
    ($($type:ty => $owned:ty),*) => {$(
        impl From<$type> for ReadPipe<Cursor<$owned>> {
            fn from(contents: $type) -> Self {
                Self::new(Cursor::new(contents.into()))
            }
        }
    )*};
}

contents! { Vec<u8> => Vec<u8>, &[u8] => Vec<u8>, String => String, &str => String }

impl WritePipe<Cursor<Vec<u8>>> {
    /// Creates a pipe whose output is kept in memory.
    pub fn new_in_memory() -> Self {
        Self::new(Cursor::default())
    }
}

impl<R: Read + Send + Sync + 'static> StdinStream for ReadPipe<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.lock().read(bytes)
    }
}

impl<W: Write + Send + Sync + 'static> StdoutStream for WritePipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut writer = self.lock();
        let count = writer.write(bytes)?;
        writer.flush()?;
        Ok(count)
    }
}

/// A file as a standard input. Clones share the file and its position.
///
/// ```no_run
/// use burdock_wasi::{WasiCtxBuilder, cli::InputFile};
///
/// let input = InputFile::new(std::fs::File::open("input.txt")?);
/// let ctx = WasiCtxBuilder::new().stdin(input).build();
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct InputFile(Arc<File>);

/// A file as a standard output. Clones share the file and its position.
///
/// ```no_run
/// use burdock_wasi::{WasiCtxBuilder, cli::OutputFile};
///
/// let log = OutputFile::new(std::fs::File::create("log.txt")?);
/// let ctx = WasiCtxBuilder::new().stdout(log.clone()).stderr(log).build();
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct OutputFile(Arc<File>);

impl InputFile {
    /// Reads from `file`.
    pub fn new(file: File) -> Self {
        Self(Arc::new(file))
    }
}

impl OutputFile {
    /// Writes to `file`.
    pub fn new(file: File) -> Self {
        Self(Arc::new(file))
    }
}

impl StdinStream for InputFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(bytes)
    }

    fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

impl StdoutStream for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

/// Locks the contents, which stay valid when a thread that held the lock panicked: they are bytes.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
