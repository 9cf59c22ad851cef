//! Sessions: a debugger at the other end of a transport.

use super::commands::{Answer, Commands};
use super::debuggee::{Debuggee, Interrupt, Resume, Stop};
use super::handler::lock;
use super::packet::{Incoming, Packets, encode, to_hex};
use burdock::Result;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::sync::{Arc, Mutex};

/// The end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The debugger has gone, and the guest continues.
    Detached,
    /// The guest has ended.
    Ended,
}

/// Answers a debugger until it goes or the guest ends.
///
/// # Errors
///
/// Fails if the transport does. The guest then continues without a debugger.
///
/// # Example
///
/// ```no_run
/// use burdock_tools::debug::{Live, serve};
/// use std::os::unix::net::UnixStream;
/// fn debug(stream: UnixStream, live: &mut Live<()>) -> std::io::Result<()> {
///     serve(stream.try_clone()?, stream, live)?;
///     Ok(())
/// }
/// ```
pub fn serve(
    reader: impl Read + Send + 'static,
    writer: impl Write,
    debuggee: &mut dyn Debuggee,
) -> io::Result<End> {
    let running = Arc::new(Mutex::new(false));
    let (arrived, incoming) = mpsc::channel();
    let link = Reading { running: running.clone(), interrupt: debuggee.interrupt() };
    std::thread::spawn(move || {
        link.read(reader, &arrived);
        // Dropping the sender tells the session that nothing more comes.
        drop(arrived);
        link.interrupt_if_running();
    });
    let mut session = Session {
        writer,
        incoming,
        waiting: VecDeque::new(),
        running,
        acknowledges: true,
        last: Vec::new(),
    };
    let end = session.run(debuggee);
    if !matches!(end, Ok(End::Ended)) {
        // A guest that has ended meanwhile needs no debugger to leave it.
        let _ = debuggee.detach();
    }
    end
}

/// The thread that reads the transport.
struct Reading {
    /// `true` while the guest runs. An interrupt that arrives before stays in line behind the
    /// packet that lets the guest continue.
    running: Arc<Mutex<bool>>,
    interrupt: Interrupt,
}

impl Reading {
    fn read(&self, mut reader: impl Read, arrived: &mpsc::Sender<Incoming>) {
        let mut packets = Packets::default();
        let mut buffer = [0; 4096];
        loop {
            let len = match reader.read(&mut buffer) {
                Ok(0) => return,
                Ok(len) => len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            for incoming in buffer[..len].iter().filter_map(|byte| packets.push(*byte)) {
                let running = lock(&self.running);
                if *running && incoming == Incoming::Interrupt {
                    (self.interrupt)();
                } else if arrived.send(incoming).is_err() {
                    return;
                }
            }
        }
    }

    /// Interrupts the guest, unless it has stopped by itself.
    fn interrupt_if_running(&self) {
        if *lock(&self.running) {
            (self.interrupt)();
        }
    }
}

struct Session<W> {
    writer: W,
    incoming: Receiver<Incoming>,
    /// What has arrived behind a packet that let the guest continue.
    waiting: VecDeque<Incoming>,
    running: Arc<Mutex<bool>>,
    acknowledges: bool,
    /// The last packet sent, to be sent again on request.
    last: Vec<u8>,
}

impl<W: Write> Session<W> {
    fn run(&mut self, debuggee: &mut dyn Debuggee) -> io::Result<End> {
        let stop = debuggee.attach().map_err(io::Error::other)?;
        let mut commands = Commands::new(stop);
        while let Some(incoming) = self.next() {
            let packet = match incoming {
                Incoming::Packet(packet) => packet,
                Incoming::Malformed if self.acknowledges => {
                    self.writer.write_all(b"-")?;
                    self.writer.flush()?;
                    continue;
                }
                Incoming::Malformed => {
                    self.send(&commands.malformed())?;
                    continue;
                }
                Incoming::Resend => {
                    self.writer.write_all(&self.last)?;
                    self.writer.flush()?;
                    continue;
                }
                Incoming::Interrupt => continue,
            };
            if self.acknowledges {
                self.writer.write_all(b"+")?;
            }
            match commands.answer(&packet, debuggee) {
                Answer::Reply(content) => self.send(&content)?,
                Answer::Print(text, content) => {
                    self.send(format!("O{}", to_hex(text.as_bytes())).as_bytes())?;
                    self.send(&content)?;
                }
                Answer::StopAcknowledging(content) => {
                    self.send(&content)?;
                    self.acknowledges = false;
                }
                Answer::Resume(how) => {
                    self.writer.flush()?;
                    let stop = self.resume(how, debuggee);
                    let ended = matches!(&stop, Ok(stop) if stop.is_end());
                    self.send(&commands.stopped(stop, debuggee))?;
                    if ended {
                        return Ok(End::Ended);
                    }
                }
                Answer::Detach(content) => {
                    self.send(&content)?;
                    return Ok(End::Detached);
                }
                Answer::Kill(content) => {
                    debuggee.kill();
                    content.map_or(Ok(()), |content| self.send(&content))?;
                    return Ok(End::Ended);
                }
            }
        }
        Ok(End::Detached)
    }

    /// Returns the next arrival; `None` if nothing comes any more.
    fn next(&mut self) -> Option<Incoming> {
        self.waiting.pop_front().or_else(|| self.incoming.recv().ok())
    }

    /// Lets the guest continue, and waits until it stops.
    fn resume(&mut self, how: Resume, debuggee: &mut dyn Debuggee) -> Result<Stop> {
        let interrupt = debuggee.interrupt();
        {
            let mut running = lock(&self.running);
            let gone = loop {
                match self.incoming.try_recv() {
                    Ok(incoming) => self.waiting.push_back(incoming),
                    Err(error) => break error == TryRecvError::Disconnected,
                }
            };
            if gone || self.waiting.contains(&Incoming::Interrupt) {
                self.waiting.retain(|incoming| *incoming != Incoming::Interrupt);
                interrupt();
            }
            *running = true;
        }
        let stop = debuggee.resume(how);
        *lock(&self.running) = false;
        debuggee.forget_interrupt();
        stop
    }

    fn send(&mut self, content: &[u8]) -> io::Result<()> {
        self.last = encode(content);
        self.writer.write_all(&self.last)?;
        self.writer.flush()
    }
}
