//! A server that accepts debuggers at an address of TCP.

use super::debuggee::Debuggee;
use super::handler::lock;
use super::serve::{End, serve};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Parses `PORT` or `ADDRESS:PORT`, the place to listen for a debugger. Without an address, only
/// this machine can connect. Port 0 stands for one that is free.
///
/// # Errors
///
/// Fails with a message if the text is neither.
pub fn parse_address(text: &str) -> Result<SocketAddr, String> {
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

/// Accepts debuggers at an address of TCP, one after the other.
#[derive(Clone)]
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// `true` once a debugger has connected.
    connected: AtomicBool,
    /// `true` once no more debuggers are accepted.
    closed: AtomicBool,
    /// The connection of the debugger that is connected.
    stream: Mutex<Option<TcpStream>>,
    free: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Accepts debuggers of a guest from now on.
    ///
    /// # Errors
    ///
    /// Fails if the listener has no address.
    pub fn start(listener: TcpListener, debuggee: impl Debuggee + 'static) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let shared = state.clone();
        let thread = std::thread::spawn(move || accept(&listener, debuggee, &shared));
        *lock(&state.thread) = Some(thread);
        Ok(Self { address, state })
    }

    /// Returns the address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns `true` if a debugger has ever connected.
    pub fn was_connected(&self) -> bool {
        self.state.connected.load(Ordering::Acquire)
    }

    /// Waits until no debugger is connected, so that it has got every answer; at most for this
    /// time.
    pub fn finish(&self, longest: Duration) {
        let stream = lock(&self.state.stream);
        let _ = self.state.free.wait_timeout_while(stream, longest, |stream| stream.is_some());
    }

    /// Accepts no debugger any more, and ends the connection of the one that is connected. Returns
    /// when the server's thread has ended.
    ///
    /// Call this when the guest has ended ([`Guest::finish`](super::Guest::finish)): a debugger
    /// that waits for a stop of the guest keeps its connection until there is one.
    pub fn close(&self) {
        self.state.closed.store(true, Ordering::Release);
        if let Some(stream) = &*lock(&self.state.stream) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the thread, which is waiting for a connection.
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        let _ = TcpStream::connect(address);
        if let Some(thread) = lock(&self.state.thread).take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, mut debuggee: impl Debuggee, state: &State) {
    while let Ok((stream, _)) = listener.accept() {
        if state.closed.load(Ordering::Acquire) {
            return;
        }
        state.connected.store(true, Ordering::Release);
        *lock(&state.stream) = stream.try_clone().ok();
        let end = session(stream, &mut debuggee);
        *lock(&state.stream) = None;
        state.free.notify_all();
        if matches!(end, Ok(End::Ended)) {
            return;
        }
    }
}

fn session(stream: TcpStream, debuggee: &mut dyn Debuggee) -> io::Result<End> {
    stream.set_nodelay(true)?;
    let end = serve(stream.try_clone()?, &stream, debuggee);
    // Ends the thread that reads.
    let _ = stream.shutdown(Shutdown::Both);
    end
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
