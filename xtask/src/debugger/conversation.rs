//! A program that is sent input, and whose output is waited for.

use super::LONGEST;
use crate::Result;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// A running program, which is ended with this value.
pub(crate) struct Conversation {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    /// The output so far.
    printed: Vec<u8>,
    /// The number of bytes of the output that were expected and found.
    read: usize,
}

impl Conversation {
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let mut stdout = child.stdout.take().ok_or("no standard output")?;
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(len @ 1..) = stdout.read(&mut buffer) {
                if sender.send(buffer[..len].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, input, output, printed: Vec::new(), read: 0 })
    }

    pub(crate) fn send(&mut self, text: &str) -> Result {
        self.input.write_all(text.as_bytes())?;
        self.input.flush()?;
        Ok(())
    }

    /// Waits until the program has printed a text behind everything expected before.
    pub(crate) fn expect(&mut self, text: &str) -> Result {
        match self.until(LONGEST, |rest| found(rest, text))? {
            Some(()) => Ok(()),
            None => Err(self.missing(text)),
        }
    }

    /// Sends a command each second until the program has printed a text.
    pub(crate) fn insist(&mut self, command: &str, text: &str) -> Result {
        let second = Duration::from_secs(1);
        for _ in 0..LONGEST.as_secs() {
            self.send(command)?;
            if self.until(second, |rest| found(rest, text))?.is_some() {
                return Ok(());
            }
        }
        Err(self.missing(text))
    }

    /// Returns the error for a text that was not printed in time.
    pub(crate) fn missing(&self, text: &str) -> Box<dyn std::error::Error> {
        format!("`{text}` is missing in\n{}", String::from_utf8_lossy(&self.printed)).into()
    }

    /// Waits until `take` finds something in the output that was not taken before: the number of
    /// bytes to take, and what was found. Returns `None` if that takes too long.
    pub(crate) fn until<R>(
        &mut self,
        longest: Duration,
        mut take: impl FnMut(&[u8]) -> Option<(usize, R)>,
    ) -> Result<Option<R>> {
        let deadline = Instant::now() + longest;
        loop {
            if let Some((len, found)) = take(&self.printed[self.read..]) {
                self.read += len;
                return Ok(Some(found));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.printed.extend(bytes),
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => {
                    let printed = String::from_utf8_lossy(&self.printed);
                    return Err(format!("the program has ended\n{printed}").into());
                }
            }
        }
    }
}

/// Finds a text in some output. Returns the number of bytes up to its end.
fn found(output: &[u8], text: &str) -> Option<(usize, ())> {
    let found = output.windows(text.len()).position(|part| part == text.as_bytes())?;
    Some((found + text.len(), ()))
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // The program may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
