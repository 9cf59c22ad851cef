//! `Read`: streams of bytes.

/// The error of a stream.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The stream has ended.
    #[error("unexpected end of the stream")]
    EndOfStream,
    /// The stream failed.
    #[error("the stream failed")]
    UnknownError,
}

/// A stream of bytes. With the feature `std`, every [`std::io::Read`] is one.
pub trait Read {
    /// Reads bytes into a buffer, and returns their number.
    ///
    /// # Errors
    ///
    /// Fails if the stream fails.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ReadError>;
}

#[cfg(feature = "std")]
impl<R: std::io::Read> Read for R {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ReadError> {
        std::io::Read::read(self, buf).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ReadError::EndOfStream,
            _ => ReadError::UnknownError,
        })
    }
}

#[cfg(not(feature = "std"))]
impl Read for &[u8] {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ReadError> {
        let (read, rest) = self.split_at(self.len().min(buf.len()));
        buf[..read.len()].copy_from_slice(read);
        *self = rest;
        Ok(read.len())
    }
}
