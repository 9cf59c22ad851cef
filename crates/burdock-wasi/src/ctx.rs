//! What a guest is given: the builder, and the context it builds.

use crate::clocks::{
    HostMonotonicClock, HostWallClock, SystemMonotonicClock, SystemWallClock, VirtualClock,
};
use crate::dir::Dir;
use crate::pipe::{ClosedInputStream, SinkOutputStream};
use crate::random::{RandomSource, SplitMix64, SystemRandom};
use crate::stdio::{Input, Output, StdinStream, StdoutStream};
use crate::table::{Descriptor, Table};
use std::io;
use std::net::TcpListener;
use std::path::Path;

bitflags::bitflags! {
    /// The permissions of a guest on the directories below a preopened one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DirPerms: u8 {
        /// List them, look at and open what is in them.
        const READ = 1 << 0;
        /// Create, rename and remove what is in them, and set times.
        const MUTATE = 1 << 1;
    }

    /// The permissions of a guest on the files below a preopened directory.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FilePerms: u8 {
        /// Read them.
        const READ = 1 << 0;
        /// Write, truncate and extend them, and set their times.
        const WRITE = 1 << 1;
    }
}

/// The permissions of a guest on a preopened directory and on all files and directories below it.
///
/// [`DirPerms`] and [`FilePerms`] choose more finely.
///
/// Source: wasmtime-wasi's `FsPerms`.
///
/// # Example
///
/// ```
/// use burdock_wasi::{DirPerms, FilePerms, FsPerms};
/// assert!(FsPerms::ReadOnly.write_not_permitted());
/// let (dirs, files) = FsPerms::ReadWrite.into();
/// assert_eq!((dirs, files), (DirPerms::all(), FilePerms::all()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FsPerms {
    /// Read files and list directories.
    ReadOnly,
    /// Read and change all of them.
    ReadWrite,
}

impl FsPerms {
    /// Returns `true` for `ReadOnly`.
    pub fn write_not_permitted(&self) -> bool {
        matches!(self, Self::ReadOnly)
    }
}

impl From<FsPerms> for (DirPerms, FilePerms) {
    fn from(perms: FsPerms) -> Self {
        match perms {
            FsPerms::ReadOnly => (DirPerms::READ, FilePerms::READ),
            FsPerms::ReadWrite => (DirPerms::all(), FilePerms::all()),
        }
    }
}

/// Says what a guest is given; it has nothing else. Names and defaults are those of Wasmtime's
/// type: no arguments, no environment, no directories, standard input at its end, output forgotten.
///
/// ```
/// use burdock_wasi::{FsPerms, WasiCtxBuilder};
///
/// let ctx = WasiCtxBuilder::new()
///     .inherit_stdio()
///     .args(&["program", "--verbose"])
///     .env("LANG", "C")
///     .preopened_dir(".", "/work", FsPerms::ReadOnly)?
///     .build();
/// # std::io::Result::Ok(())
/// ```
pub struct WasiCtxBuilder {
    stdin: Input,
    stdout: Output,
    stderr: Output,
    args: Vec<String>,
    env: Vec<(String, String)>,
    preopens: Vec<Dir>,
    sockets: Vec<TcpListener>,
    random: Box<dyn RandomSource>,
    wall_clock: Box<dyn HostWallClock>,
    monotonic_clock: Box<dyn HostMonotonicClock>,
    max_fds: u32,
    interrupted: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

/// Tells whether waits have to end.
pub(crate) type Interrupted<'a> = &'a (dyn Fn() -> bool + Send + Sync);

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl WasiCtxBuilder {
    /// Creates a builder of a guest without any capabilities.
    pub fn new() -> Self {
        Self {
            stdin: Input::Custom(Box::new(ClosedInputStream)),
            stdout: Output::Custom(Box::new(SinkOutputStream)),
            stderr: Output::Custom(Box::new(SinkOutputStream)),
            args: Vec::new(),
            env: Vec::new(),
            preopens: Vec::new(),
            sockets: Vec::new(),
            random: Box::new(SystemRandom),
            wall_clock: Box::new(SystemWallClock),
            monotonic_clock: Box::new(SystemMonotonicClock::new()),
            max_fds: 1 << 15,
            interrupted: None,
        }
    }

    /// Reads standard input from `stream`.
    pub fn stdin(&mut self, stream: impl StdinStream) -> &mut Self {
        self.stdin = Input::Custom(Box::new(stream));
        self
    }

    /// Writes standard output to `stream`.
    pub fn stdout(&mut self, stream: impl StdoutStream) -> &mut Self {
        self.stdout = Output::Custom(Box::new(stream));
        self
    }

    /// Writes standard error to `stream`.
    pub fn stderr(&mut self, stream: impl StdoutStream) -> &mut Self {
        self.stderr = Output::Custom(Box::new(stream));
        self
    }

    /// Gives the guest this program's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin = Input::Host;
        self
    }

    /// Gives the guest this program's standard output.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout = Output::HostStdout;
        self
    }

    /// Gives the guest this program's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr = Output::HostStderr;
        self
    }

    /// Gives the guest all three standard streams of this program.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Appends an argument. The first one is the program's name.
    pub fn arg(&mut self, arg: impl AsRef<str>) -> &mut Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Appends arguments.
    pub fn args(&mut self, args: &[impl AsRef<str>]) -> &mut Self {
        self.args.extend(args.iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Appends this program's arguments, without those that are not Unicode.
    pub fn inherit_args(&mut self) -> &mut Self {
        self.args.extend(std::env::args_os().filter_map(|arg| arg.into_string().ok()));
        self
    }

    /// Adds an environment variable.
    pub fn env(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> &mut Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Adds environment variables.
    pub fn envs(&mut self, env: &[(impl AsRef<str>, impl AsRef<str>)]) -> &mut Self {
        for (name, value) in env {
            self.env(name, value);
        }
        self
    }

    /// Adds this program's environment variables, without those that are not Unicode.
    pub fn inherit_env(&mut self) -> &mut Self {
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        self.env.extend(std::env::vars_os().filter_map(unicode));
        self
    }

    /// Opens the host's directory `host_path` for the guest as `guest_path`. The directory's
    /// descriptor is the first free one from 3.
    ///
    /// The permissions are an [`FsPerms`], or a pair of [`DirPerms`] and [`FilePerms`].
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be opened.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_wasi::{DirPerms, FilePerms, FsPerms, WasiCtxBuilder};
    /// let mut wasi = WasiCtxBuilder::new();
    /// wasi.preopened_dir(".", "/work", FsPerms::ReadWrite)?;
    /// // Files can be written, but not created or removed.
    /// wasi.preopened_dir(".", "/fixed", (DirPerms::READ, FilePerms::all()))?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn preopened_dir(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl AsRef<str>,
        perms: impl Into<(DirPerms, FilePerms)>,
    ) -> io::Result<&mut Self> {
        let dir = cap_std::fs::Dir::open_ambient_dir(host_path, cap_std::ambient_authority())?;
        Ok(self.preopened_cap_dir(dir, guest_path, perms))
    }

    /// Gives the guest a directory that is open already, as `guest_path`; see
    /// [`preopened_dir`](Self::preopened_dir).
    pub fn preopened_cap_dir(
        &mut self,
        dir: cap_std::fs::Dir,
        guest_path: impl AsRef<str>,
        perms: impl Into<(DirPerms, FilePerms)>,
    ) -> &mut Self {
        let guest_path = guest_path.as_ref().to_owned();
        let (dir_perms, file_perms) = perms.into();
        self.preopens.push(Dir::preopen(dir, guest_path, dir_perms, file_perms));
        self
    }

    /// Gives the guest a listening socket. Sockets get the descriptors after all directories.
    pub fn preopened_socket(&mut self, listener: TcpListener) -> &mut Self {
        self.sockets.push(listener);
        self
    }

    /// Takes random bytes from `source` instead of the operating system.
    pub fn secure_random(&mut self, source: impl RandomSource) -> &mut Self {
        self.random = Box::new(source);
        self
    }

    /// Makes random bytes repeatable: a generator with this seed. For tests; not secure.
    pub fn deterministic_random(&mut self, seed: u64) -> &mut Self {
        self.secure_random(SplitMix64(seed))
    }

    /// Takes the time of day from `clock`.
    pub fn wall_clock(&mut self, clock: impl HostWallClock) -> &mut Self {
        self.wall_clock = Box::new(clock);
        self
    }

    /// Takes monotonic time from `clock`.
    pub fn monotonic_clock(&mut self, clock: impl HostMonotonicClock) -> &mut Self {
        self.monotonic_clock = Box::new(clock);
        self
    }

    /// Takes all time from `clock`: a guest that sleeps does not take real time.
    pub fn virtual_clock(&mut self, clock: VirtualClock) -> &mut Self {
        self.wall_clock(clock.clone()).monotonic_clock(clock)
    }

    /// Limits how many descriptors a guest may have open at once (32768 if not set).
    pub fn max_fds(&mut self, max: u32) -> &mut Self {
        self.max_fds = max;
        self
    }

    /// Ends waits once `interrupted` returns `true`: a read of this program's standard input or of
    /// a socket, a write to its outputs, `sock_accept` and `poll_oneoff` then fail with `EINTR`.
    /// These functions call `interrupted` about 20 times a second.
    ///
    /// Epoch interruption takes effect only when the guest is back from the host; this function
    /// ends waits in the host. On systems other than Unix, where the host cannot be asked whether a
    /// descriptor is ready, only waits for clocks end.
    pub fn interrupted(
        &mut self,
        interrupted: impl Fn() -> bool + Send + Sync + 'static,
    ) -> &mut Self {
        self.interrupted = Some(Box::new(interrupted));
        self
    }

    /// Does nothing; accepted for code that comes from Wasmtime. Waits always block the thread.
    pub fn allow_blocking_current_thread(&mut self, _: bool) -> &mut Self {
        self
    }

    /// Does nothing; accepted for code that comes from Wasmtime. In preview 1 a guest reaches no
    /// network, except for the sockets that it is given.
    pub fn inherit_network(&mut self) -> &mut Self {
        self
    }

    /// Does nothing; accepted for code that comes from Wasmtime. Preview 1 has no such function.
    pub fn allow_ip_name_lookup(&mut self, _: bool) -> &mut Self {
        self
    }

    /// Creates the context and resets the builder.
    pub fn build(&mut self) -> WasiP1Ctx {
        let builder = std::mem::take(self);
        let stdio = [
            Descriptor::Stdin(builder.stdin),
            Descriptor::Output(builder.stdout),
            Descriptor::Output(builder.stderr),
        ];
        let dirs = builder.preopens.into_iter().map(Descriptor::Dir);
        let sockets = builder.sockets.into_iter().map(Descriptor::listener);
        WasiP1Ctx {
            table: Table::new(stdio.into_iter().chain(dirs).chain(sockets), builder.max_fds),
            args: builder.args,
            env: builder.env,
            random: builder.random,
            wall_clock: builder.wall_clock,
            monotonic_clock: builder.monotonic_clock,
            interrupted: builder.interrupted,
        }
    }

    /// Creates the context; Wasmtime's name for [`build`](Self::build).
    pub fn build_p1(&mut self) -> WasiP1Ctx {
        self.build()
    }
}

/// The state of one guest: its descriptors, arguments, environment, clocks and randomness. A
/// context is part of the `T` of a `Store<T>`; see
/// [`preview1::add_to_linker_sync`](crate::preview1::add_to_linker_sync).
///
/// ```
/// use burdock::{Engine, Store};
/// use burdock_wasi::{WasiCtxBuilder, WasiP1Ctx};
///
/// let wasi: WasiP1Ctx = WasiCtxBuilder::new().arg("program").env("LANG", "C").build();
/// let store = Store::new(&Engine::default(), wasi);
/// ```
pub struct WasiP1Ctx {
    pub(crate) table: Table,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) random: Box<dyn RandomSource>,
    pub(crate) wall_clock: Box<dyn HostWallClock>,
    pub(crate) monotonic_clock: Box<dyn HostMonotonicClock>,
    pub(crate) interrupted: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl WasiP1Ctx {
    /// Creates a builder; Wasmtime's other name for [`WasiCtxBuilder::new`].
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }
}

impl std::fmt::Debug for WasiP1Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WasiP1Ctx")
            .field("args", &self.args)
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}
