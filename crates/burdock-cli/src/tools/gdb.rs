//! `burdock run -g`: runs a module under a debugger that connects by the gdb-remote protocol.

use crate::cli::RunArgs;
use crate::report::{self, Failure, Status};
use crate::run::{self, Main, Tool};
use crate::settings::Settings;
use crate::state::State;
use crate::{engine, link};
use anyhow::{Context, anyhow};
use burdock::{Module, Store};
use burdock_tools::debug::{self, Guest, Options, Server};
use burdock_wasi::I32Exit;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::thread::JoinHandle;
use std::time::Duration;

/// The time that the debugger gets to read the exit status.
const FAREWELL: Duration = Duration::from_secs(1);

pub(crate) fn execute(args: &RunArgs, address: &str) -> Result<ExitCode, Failure> {
    run::execute_with(args, Gdb { debugger: Some(Debugger::listen(address)?), debugged: None })
}

/// A debugger that connects, or that this program starts.
pub(crate) struct Debugger {
    listener: TcpListener,
    /// The program to start, with the arguments that follow from the address.
    start: Option<Start>,
    /// Called when the debugger can connect, if there is none to start.
    announce: fn(SocketAddr),
}

/// Starts a debugger that connects to an address.
pub(crate) type Start = Box<dyn FnOnce(SocketAddr) -> anyhow::Result<Child>>;

impl Debugger {
    /// Listens for a debugger at `PORT` or `ADDRESS:PORT`.
    ///
    /// # Errors
    ///
    /// Fails if the address is malformed, or nobody may listen there.
    pub(crate) fn listen(address: &str) -> Result<Self, Failure> {
        let address = debug::parse_address(address).map_err(report::usage)?;
        let listener = TcpListener::bind(address)
            .with_context(|| format!("failed to listen for a debugger on {address}"))?;
        let announce = |address| report::note(&format!("waiting for a debugger on {address}"));
        Ok(Self { listener, start: None, announce })
    }

    /// Starts the debugger with this function when the guest is ready.
    #[must_use]
    pub(crate) fn started_by(self, start: Start) -> Self {
        Self { start: Some(start), ..self }
    }

    /// Describes with this function where the debugger has to connect.
    #[must_use]
    pub(crate) fn announced_by(self, announce: fn(SocketAddr)) -> Self {
        Self { announce, ..self }
    }

    /// Starts the debugger, or says where it can connect.
    fn begin(&mut self) -> anyhow::Result<Option<Child>> {
        let address = self.listener.local_addr()?;
        match self.start.take() {
            Some(start) => start(address).map(Some),
            None => {
                (self.announce)(address);
                Ok(None)
            }
        }
    }

    /// Waits for the debugger's connection.
    ///
    /// # Errors
    ///
    /// Fails if the debugger cannot be started, or ends before it connects.
    pub(crate) fn accept(mut self) -> anyhow::Result<(TcpStream, Option<Child>)> {
        let mut child = self.begin()?;
        self.listener.set_nonblocking(child.is_some())?;
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    stream.set_nodelay(true)?;
                    return Ok((stream, child));
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(status) = child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                return Err(unconnected(&status.to_string()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn unconnected(how: &str) -> anyhow::Error {
    anyhow!("{how}").context("the debugger ended before it connected")
}

/// The tool that lets debuggers stop the guest.
struct Gdb {
    /// The debugger, until the guest is about to begin.
    debugger: Option<Debugger>,
    debugged: Option<(Server, Guest, Option<JoinHandle<()>>)>,
}

/// Runs a module under a debugger.
pub(crate) fn debug(args: &RunArgs, debugger: Debugger) -> Result<ExitCode, Failure> {
    run::execute_with(args, Gdb { debugger: Some(debugger), debugged: None })
}

/// Waits for the end of a debugger that this program has started. Without one that has connected,
/// the guest would wait for ever.
fn await_debugger(mut debugger: Child, server: &Server) {
    let ended = debugger.wait();
    if !server.was_connected() {
        let ended = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
        std::process::exit(report::exit_status(&Failure::from(unconnected(&ended))).into());
    }
}

impl Tool for Gdb {
    fn prepare(&mut self, settings: &mut Settings) -> anyhow::Result<()> {
        settings.guest_debug = true;
        // Guests check the epoch, so that the debugger can interrupt them.
        settings.epochs = true;
        // A debugger that this program starts reads the terminal, so the guest does not.
        settings.inherit_stdin &= self.debugger.as_ref().is_some_and(|own| own.start.is_none());
        Ok(())
    }

    fn outlives_signals(&self) -> bool {
        false
    }

    fn attach(&mut self, store: &mut Store<State>, main: &Main<'_>) -> anyhow::Result<()> {
        let mut names = vec![(main.bytes.to_vec(), full_path(main.path()))];
        for (name, path) in &main.args.preloads {
            let module = link::preloaded(store.engine(), name, path)?;
            let bytes = module.debug_bytecode().unwrap_or_default().to_vec();
            names.push((bytes, full_path(path)));
        }
        let name = move |module: &Module| {
            let bytes = module.debug_bytecode()?;
            let known = names.iter().find(|(known, _)| known == bytes);
            Some(known?.1.to_string_lossy().into_owned())
        };
        let is_exit = |error: &burdock::Error| error.is::<I32Exit>();
        let options = Options { name: Box::new(name), is_exit, ..Options::default() };
        let (live, guest) = debug::attach(store, main.module, options).map_err(engine::error)?;
        let mut debugger = self.debugger.take().context("the debugger was started before")?;
        let child = debugger.begin()?;
        let server = Server::start(debugger.listener, live)?;
        let debugger = child.map(|debugger| {
            let server = server.clone();
            std::thread::spawn(move || await_debugger(debugger, &server))
        });
        self.debugged = Some((server, guest, debugger));
        Ok(())
    }

    fn finish(
        self,
        _: &mut Store<State>,
        _: &Main<'_>,
        outcome: Result<(), Failure>,
    ) -> Result<ExitCode, Failure> {
        let status = outcome.as_ref().map_or_else(|failure| failure.status().code(), |()| 0);
        if let Some((server, guest, debugger)) = self.debugged {
            guest.finish(status);
            server.finish(FAREWELL);
            if let Some(debugger) = debugger {
                // The user may look around after the guest's end.
                let _ = debugger.join();
            }
        }
        match outcome {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(failure) if failure.status() == Status::Killed => Ok(ExitCode::from(status)),
            Err(failure) => Err(failure),
        }
    }
}

/// Returns the path of a module as a debugger in another directory finds it.
pub(crate) fn full_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
