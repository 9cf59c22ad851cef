//! The names that the crate `wasi-common` has in its module `sync`, for embedders that come from
//! it: a builder with its signatures, and [`add_to_linker`].
//!
//! The traits `WasiFile` and `WasiDir`, from which a context of `wasi-common` can be put together
//! by hand, do not exist. Standard streams of the embedder's are [`StdinStream`] and
//! [`StdoutStream`], for which [`ReadPipe`](crate::pipe::ReadPipe) and
//! [`WritePipe`](crate::pipe::WritePipe) have the methods of `wasi-common`.

use crate::{FsPerms, StdinStream, StdoutStream, WasiCtx, p0, preview1};
use burdock::Linker;
use std::path::Path;

pub use cap_std::ambient_authority;
pub use cap_std::fs::Dir;
pub use cap_std::net::TcpListener;

#[cfg(unix)]
use std::os::fd::OwnedFd as Owned;
#[cfg(windows)]
use std::os::windows::io::OwnedSocket as Owned;

/// The error of too many strings, which never occurs in Burdock.
#[derive(Debug, thiserror::Error)]
#[error("too many arguments or environment variables")]
pub struct StringArrayError(());

/// The error of a directory's path in the guest that is not Unicode.
#[derive(Debug, thiserror::Error)]
#[error("the guest's path of a directory is not Unicode")]
pub struct PreopenError(());

/// Says what a guest is given; it has nothing else.
///
/// # Example
///
/// ```
/// use burdock_wasi::pipe::{ReadPipe, WritePipe};
/// use burdock_wasi::sync::{Dir, WasiCtxBuilder, ambient_authority};
///
/// let stdout = WritePipe::new_in_memory();
/// let ctx = WasiCtxBuilder::new()
///     .arg("program")?
///     .env("LANG", "C")?
///     .stdin(Box::new(ReadPipe::from("one line\n")))
///     .stdout(Box::new(stdout.clone()))
///     .preopened_dir(Dir::open_ambient_dir(".", ambient_authority())?, "/work")?
///     .build();
/// // ... run a guest with `ctx`, and drop its store ...
/// # drop(ctx);
/// let written: Vec<u8> = stdout.try_into_inner().expect("the only one left").into_inner();
/// # assert!(written.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct WasiCtxBuilder {
    builder: crate::WasiCtxBuilder,
}

type Strings<'b> = Result<&'b mut WasiCtxBuilder, StringArrayError>;

impl WasiCtxBuilder {
    /// Creates a builder of a guest without any capabilities.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an environment variable.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn env(&mut self, var: &str, value: &str) -> Strings<'_> {
        self.builder.env(var, value);
        Ok(self)
    }

    /// Sets environment variables.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn envs(&mut self, env: &[(String, String)]) -> Strings<'_> {
        self.builder.envs(env);
        Ok(self)
    }

    /// Gives the guest this program's environment.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn inherit_env(&mut self) -> Strings<'_> {
        self.builder.inherit_env();
        Ok(self)
    }

    /// Appends an argument. The first one is the program's name.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn arg(&mut self, arg: &str) -> Strings<'_> {
        self.builder.arg(arg);
        Ok(self)
    }

    /// Appends arguments.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn args(&mut self, args: &[String]) -> Strings<'_> {
        self.builder.args(args);
        Ok(self)
    }

    /// Gives the guest this program's arguments.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn inherit_args(&mut self) -> Strings<'_> {
        self.builder.inherit_args();
        Ok(self)
    }

    /// Reads standard input from `stream`.
    pub fn stdin(&mut self, stream: Box<impl StdinStream + ?Sized>) -> &mut Self {
        self.builder.stdin(stream);
        self
    }

    /// Writes standard output to `stream`.
    pub fn stdout(&mut self, stream: Box<impl StdoutStream + ?Sized>) -> &mut Self {
        self.builder.stdout(stream);
        self
    }

    /// Writes standard error to `stream`.
    pub fn stderr(&mut self, stream: Box<impl StdoutStream + ?Sized>) -> &mut Self {
        self.builder.stderr(stream);
        self
    }

    /// Gives the guest this program's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.builder.inherit_stdin();
        self
    }

    /// Gives the guest this program's standard output.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.builder.inherit_stdout();
        self
    }

    /// Gives the guest this program's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.builder.inherit_stderr();
        self
    }

    /// Gives the guest all three standard streams of this program.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.builder.inherit_stdio();
        self
    }

    /// Gives the guest a directory and all below it.
    ///
    /// # Errors
    ///
    /// Fails if `guest_path` is not Unicode.
    pub fn preopened_dir(
        &mut self,
        dir: Dir,
        guest_path: impl AsRef<Path>,
    ) -> Result<&mut Self, PreopenError> {
        let guest_path = guest_path.as_ref().to_str().ok_or(PreopenError(()))?;
        self.builder.preopened_cap_dir(dir, guest_path, FsPerms::ReadWrite);
        Ok(self)
    }

    /// Gives the guest a listening socket. It gets a descriptor after all directories, whatever
    /// `_fd` is.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn preopened_socket(
        &mut self,
        _fd: u32,
        socket: impl Into<TcpListener>,
    ) -> Result<&mut Self, PreopenError> {
        self.builder.preopened_socket(Owned::from(socket.into()).into());
        Ok(self)
    }

    /// Returns Burdock's builder, for streams, clocks and random bytes of the embedder's.
    pub fn as_burdock_mut(&mut self) -> &mut crate::WasiCtxBuilder {
        &mut self.builder
    }

    /// Creates the context and resets the builder.
    pub fn build(&mut self) -> WasiCtx {
        self.builder.build()
    }
}

/// Defines the functions of WASI, of preview 1 and of `wasi_unstable` before it. `get` finds the
/// guest's context in the data of its store.
///
/// # Errors
///
/// Fails as [`preview1::add_to_linker_sync`] does.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
) -> burdock::Result<()> {
    preview1::add_to_linker_sync(linker, get)?;
    p0::add_to_linker_sync(linker, get)
}
