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
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::thread::JoinHandle;
use std::time::Duration;

/// The time that the debugger gets to read the exit status.
const FAREWELL: Duration = Duration::from_secs(1);

pub(crate) fn execute(args: &RunArgs, address: &str) -> Result<ExitCode, Failure> {
    let address = parse_address(address).map_err(report::usage)?;
    let listener = TcpListener::bind(address)
        .with_context(|| format!("failed to listen for a debugger on {address}"))?;
    run::execute_with(args, Gdb::new(listener, true, Box::new(announce)))
}

/// Parses `PORT` or `ADDRESS:PORT`. Without an address, only this machine can connect.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let port = text.parse().map(|port| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port));
    port.or_else(|_| text.parse()).or_else(|_| {
        let named = text.rsplit_once(':').filter(|(host, _)| *host == "localhost");
        let port = named.and_then(|(_, port)| port.parse().ok());
        let port = port.ok_or_else(|| {
            format!("`{text}` is no place to listen for a debugger: `PORT` or `ADDRESS:PORT`")
        })?;
        Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    })
}

fn announce(server: &Server) -> anyhow::Result<Option<Child>> {
    report::note(&format!("waiting for a debugger on {}", server.address()));
    Ok(None)
}

/// A function that is called when debuggers can connect. It may start one.
type Announce = Box<dyn FnOnce(&Server) -> anyhow::Result<Option<Child>>>;

/// The tool that waits for debuggers on a listener.
pub(crate) struct Gdb {
    /// Where to listen, until the guest is about to begin.
    pending: Option<(TcpListener, Announce)>,
    reads_terminal: bool,
    debugged: Option<(Server, Guest, Option<JoinHandle<()>>)>,
}

impl Gdb {
    /// Creates the tool. Without `reads_terminal`, the guest's standard input is empty.
    pub(crate) fn new(listener: TcpListener, reads_terminal: bool, announce: Announce) -> Self {
        Self { pending: Some((listener, announce)), reads_terminal, debugged: None }
    }
}

/// Waits for the end of a debugger that this program has started. Without one that has connected,
/// the guest would wait for ever.
fn await_debugger(mut debugger: Child, server: &Server) {
    let ended = debugger.wait();
    if !server.was_connected() {
        let ended = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
        let error = anyhow!("{ended}").context("the debugger ended before it connected");
        std::process::exit(report::exit_status(&Failure::from(error)).into());
    }
}

impl Tool for Gdb {
    fn prepare(&mut self, settings: &mut Settings) -> anyhow::Result<()> {
        settings.guest_debug = true;
        // Guests check the epoch, so that the debugger can interrupt them.
        settings.epochs = true;
        settings.inherit_stdin &= self.reads_terminal;
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
        let (listener, announce) = self.pending.take().context("debuggers wait already")?;
        let server = Server::start(listener, live)?;
        let debugger = announce(&server)?.map(|debugger| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_to_listen_are_ports_or_addresses() {
        for (text, expected) in [
            ("1234", "127.0.0.1:1234"),
            ("localhost:1234", "127.0.0.1:1234"),
            ("0.0.0.0:1", "0.0.0.0:1"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(parse_address(text).unwrap().to_string(), expected);
        }
        for text in ["", "70000", "localhost", "example.org:80", "1.2.3.4"] {
            assert!(parse_address(text).is_err(), "{text}");
        }
    }
}
