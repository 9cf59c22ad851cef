//! `WasiCtxBuilder` with the signatures of the crate `wasi-common`.

use crate::{Dir, Error, TcpListener, WasiCtx};
use burdock_wasi::{DirPerms, FilePerms};
use std::path::Path;

#[cfg(unix)]
use std::os::fd::OwnedFd as Owned;
#[cfg(windows)]
use std::os::windows::io::OwnedSocket as Owned;

/// The error of too many strings. Never occurs in Burdock.
#[derive(Debug, thiserror::Error)]
#[error("too many arguments or environment variables")]
pub struct StringArrayError(());

/// Says what a guest is given; it has nothing else.
#[derive(Default)]
pub struct WasiCtxBuilder {
    builder: burdock_wasi::WasiCtxBuilder,
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
    ) -> Result<&mut Self, Error> {
        let Some(guest_path) = guest_path.as_ref().to_str() else {
            return Err(Error::new("the guest's path of a directory is not Unicode"));
        };
        self.builder.preopened_cap_dir(dir, guest_path, DirPerms::all(), FilePerms::all());
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
    ) -> Result<&mut Self, Error> {
        self.builder.preopened_socket(Owned::from(socket.into()).into());
        Ok(self)
    }

    /// Returns Burdock's builder, for streams, clocks and random bytes of the embedder's.
    pub fn as_burdock_mut(&mut self) -> &mut burdock_wasi::WasiCtxBuilder {
        &mut self.builder
    }

    /// Creates the context and resets the builder.
    pub fn build(&mut self) -> WasiCtx {
        self.builder.build()
    }
}
