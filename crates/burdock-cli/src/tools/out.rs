//! Where tools write: files that are replaced when the new ones are whole, and streams that show at
//! once what is written.

use anyhow::Context;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Standard error, a stream that a path names (a pipe, a terminal), or a file that takes its name
/// once it is whole.
pub(crate) enum Out {
    Stream(Box<dyn Write + Send>),
    File { file: BufWriter<NamedTempFile>, path: PathBuf },
}

impl Out {
    /// A file, or standard error.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stream(Box::new(io::stderr()))) };
        Self::create(path).with_context(|| format!("failed to create `{}`", path.display()))
    }

    fn create(path: &Path) -> io::Result<Self> {
        // A name of something that is open already, perhaps of a file that the guest writes to.
        if ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder)) {
            return Ok(Self::Stream(Box::new(File::options().append(true).open(path)?)));
        }
        // What a link leads to is replaced, not the link.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let known = fs::metadata(&target).ok();
        if known.as_ref().is_some_and(|known| !known.is_file()) {
            return Ok(Self::Stream(Box::new(File::options().write(true).open(path)?)));
        }
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&name).suffix(".tmp");
        // The file's permissions, or else those of any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(cause)?;
        if let Some(known) = known {
            // A file that must not be written is not replaced either.
            File::options().write(true).open(&target)?;
            fs::set_permissions(file.path(), known.permissions())?;
        }
        Ok(Self::File { file: BufWriter::new(file), path: target })
    }

    /// Ends the output: a file takes its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::Stream(mut stream) => stream.flush(),
            Self::File { file, path } => {
                file.into_inner()?.persist(path)?;
                Ok(())
            }
        }
    }
}

/// What is wrong, without the name of the file that its user has never heard of.
fn cause(error: io::Error) -> io::Error {
    let text = error.to_string();
    let text = text.split(" at path ").next().unwrap_or_default();
    io::Error::new(error.kind(), text)
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stream) => stream.write(bytes),
            Self::File { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(stream) => stream.flush(),
            Self::File { file, .. } => file.flush(),
        }
    }
}
