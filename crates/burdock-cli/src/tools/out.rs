//! Outputs of tools: files, which replace existing ones only once they are complete, and streams,
//! which are written immediately. The path `-` is standard output.

use crate::cli::RunArgs;
use crate::report::{self, Failure};
use anyhow::Context;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Returns `true` if a path stands for standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Checks before a run that its outputs can be written, so that a wrong path does not cost a run,
/// and that no output replaces another one or a module.
pub(crate) fn check<'p>(
    run: &'p RunArgs,
    outputs: impl IntoIterator<Item = &'p PathBuf>,
) -> Result<(), Failure> {
    let main = run.file_and_args.first().map(Path::new);
    let preloads = run.preloads.iter().map(|(_, path)| path.as_path());
    let modules: Vec<PathBuf> = main.into_iter().chain(preloads).map(target).collect();
    let mut known: Vec<PathBuf> = Vec::new();
    for path in outputs {
        let shown = path.display();
        let target = if is_stdout(path) { path.clone() } else { target(path) };
        if modules.contains(&target) {
            return Err(report::usage(format!("the output `{shown}` would replace a module")));
        }
        // The reader of a pipe would see it end when this check closes it.
        if fs::metadata(path).is_ok_and(|known| !known.is_file() && !known.is_dir()) {
            continue;
        }
        if known.contains(&target) {
            return Err(report::usage(format!("two outputs have the path `{shown}`")));
        }
        known.push(target);
        drop(Out::open(Some(path))?);
    }
    Ok(())
}

/// Returns the whole path of a file, behind all links, or the path as it is if its folder is
/// missing.
fn target(path: &Path) -> PathBuf {
    // As many links as Linux follows.
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(link) => path = path.with_file_name(link),
            Err(_) => break,
        }
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match (fs::canonicalize(folder.unwrap_or(Path::new("."))), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// Standard error or output, a stream that a path names (a pipe, a terminal), or a file that gets
/// its name once it is complete.
pub(crate) enum Out {
    Stream(Box<dyn Write + Send>),
    File { file: BufWriter<NamedTempFile>, path: PathBuf },
}

impl Out {
    /// Opens a file; standard output for the path `-`, and standard error if there is no path.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stream(Box::new(io::stderr()))) };
        if is_stdout(path) {
            return Ok(Self::Stream(Box::new(io::stdout())));
        }
        Self::create(path).with_context(|| format!("failed to create `{}`", path.display()))
    }

    fn create(path: &Path) -> io::Result<Self> {
        // These paths may name an open file, perhaps one that the guest writes to, which must not
        // be replaced.
        if ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder)) {
            return Ok(Self::Stream(Box::new(File::options().append(true).open(path)?)));
        }
        // Replaces the target of a link, not the link.
        let target = target(path);
        let known = match fs::metadata(&target) {
            // A cycle of links.
            Err(error) if target.is_symlink() => return Err(error),
            known => known.ok(),
        };
        if known.as_ref().is_some_and(|known| !known.is_file()) {
            return Ok(Self::Stream(Box::new(File::options().write(true).open(path)?)));
        }
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&name).suffix(".tmp");
        // Uses the permissions of any new file; those of an existing file are set below.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(cause)?;
        if let Some(known) = known {
            // Fails if the file is read-only, which a rename would not.
            File::options().write(true).open(&target)?;
            fs::set_permissions(file.path(), known.permissions())?;
        }
        Ok(Self::File { file: BufWriter::new(file), path: target })
    }

    /// Ends the output. A file gets its name.
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

/// Removes the name of the temporary file, which users have never seen, from an error.
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
