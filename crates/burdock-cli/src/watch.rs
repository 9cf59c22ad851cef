//! What ends a guest from outside: `--timeout`, or a signal.
//!
//! A guest that computes is stopped by an epoch: it traps, with a backtrace, and a tool that looks on
//! writes what it has. Waits in host calls of WASI end, too. A guest that stays in a host call all the
//! same never comes back to trap; after a grace period the program ends without it.

use crate::report::{self, EngineError, Failure, Status};
use burdock::Engine;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// How long a guest has to get back from a host call.
const GRACE: Duration = Duration::from_millis(500);

/// Why a guest is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It took longer than this.
    Timeout(Duration),
    /// This signal came.
    Signal(i32),
}

impl Reason {
    /// The exit status, by the convention that shells have for signals.
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Timeout(_) => Status::Trap,
            Self::Signal(signal) => Status::Signal(signal),
        }
    }

    /// What is said of it in errors.
    pub(crate) fn message(self) -> String {
        match self {
            Self::Timeout(after) => {
                format!("timed out after {}", humantime::format_duration(after))
            }
            Self::Signal(signal) => format!("interrupted by {}", signal_name(signal)),
        }
    }
}

fn signal_name(signal: i32) -> String {
    match signal {
        1 => "SIGHUP".to_owned(),
        2 => "SIGINT".to_owned(),
        15 => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}

/// A handle with which a guest can be ended, and its end be seen.
#[derive(Clone)]
pub(crate) struct Stop {
    shared: Arc<Shared>,
}

struct Shared {
    reason: OnceLock<Reason>,
    /// Wakes the thread that watches the guest, while one runs.
    wake: Mutex<Option<Sender<()>>>,
    /// What a tool does when the guest does not come back.
    last_words: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

/// Nothing panics that holds it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stop {
    pub(crate) fn new() -> Self {
        let (reason, wake, last_words) = Default::default();
        Self { shared: Arc::new(Shared { reason, wake, last_words }) }
    }

    /// Ends the guest, now or when it begins. The first reason is the one that counts.
    pub(crate) fn request(&self, reason: Reason) {
        self.shared.reason.get_or_init(|| reason);
        if let Some(wake) = &*lock(&self.shared.wake) {
            // If the thread is gone, so is the guest.
            let _ = wake.send(());
        }
    }

    /// Why the guest is ended; `None` if it isn't.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.shared.reason.get().copied()
    }

    /// Sets what is done before the program ends without the guest.
    pub(crate) fn set_last_words(&self, last_words: impl FnOnce() + Send + 'static) {
        *lock(&self.shared.last_words) = Some(Box::new(last_words));
    }

    /// Does what was set to be done, which may take a moment: what keeps the guest from coming back
    /// can keep its tool from writing, too.
    fn say_last_words(&self) {
        if let Some(last_words) = lock(&self.shared.last_words).take() {
            let (done, is_done) = mpsc::channel();
            std::thread::spawn(move || {
                last_words();
                done.send(())
            });
            let _ = is_done.recv_timeout(GRACE);
        }
    }

    /// Lets signals end the guest, from now on. A second one ends the program at once.
    pub(crate) fn on_signals(&self) -> std::io::Result<()> {
        signals::forward(self.clone())
    }

    /// Watches the guest of `engine`, whose store has an epoch deadline of 1, until what is returned
    /// is dropped.
    pub(crate) fn watch(&self, engine: &Engine, timeout: Option<Duration>, path: &Path) -> Watch {
        let (wake, woken) = mpsc::channel();
        if self.reason().is_some() {
            let _ = wake.send(());
        }
        *lock(&self.shared.wake) = Some(wake);
        let (engine, path, stop) = (engine.clone(), path.to_owned(), self.clone());
        std::thread::spawn(move || stop.wait(&woken, &engine, timeout, &path));
        Watch { stop: self.clone() }
    }

    fn wait(&self, woken: &Receiver<()>, engine: &Engine, timeout: Option<Duration>, path: &Path) {
        // A thousand years: there is no timeout.
        let after = timeout.unwrap_or(Duration::from_secs(1 << 35));
        match woken.recv_timeout(after) {
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                self.shared.reason.get_or_init(|| Reason::Timeout(after));
            }
            Ok(()) => {}
        }
        engine.increment_epoch();
        while woken.recv_timeout(GRACE) != Err(RecvTimeoutError::Disconnected) {
            if let Some(reason) = self.reason() {
                self.end(reason, path);
            }
        }
    }

    /// Ends the program without the guest.
    fn end(&self, reason: Reason, path: &Path) -> ! {
        self.say_last_words();
        let message = "wasm trap: interrupt".into();
        let root = EngineError { message, status: reason.status(), dump: None };
        let error = anyhow::Error::new(root)
            .context(format!("still in a host call {} ms later", GRACE.as_millis()))
            .context(reason.message())
            .context(format!("failed to run main module `{}`", path.display()));
        let failure = Failure::from(error);
        let _ = report::failure(&failure);
        std::process::exit(failure.status().code().into());
    }
}

/// Watches a guest until it is dropped.
pub(crate) struct Watch {
    stop: Stop,
}

impl Drop for Watch {
    fn drop(&mut self) {
        lock(&self.stop.shared.wake).take();
    }
}

#[cfg(unix)]
mod signals {
    use super::{Reason, Stop};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    /// Signals are received by a thread, where more is safe than in a handler.
    pub(super) fn forward(stop: Stop) -> std::io::Result<()> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        std::thread::spawn(move || {
            for signal in signals.forever() {
                match stop.reason() {
                    None => stop.request(Reason::Signal(signal)),
                    Some(_) => {
                        stop.say_last_words();
                        let _ = emulate_default_handler(signal);
                    }
                }
            }
        });
        Ok(())
    }
}

/// Ctrl-C is all there is; it counts as SIGINT does elsewhere.
#[cfg(windows)]
mod signals {
    use super::{Reason, Stop};

    pub(super) fn forward(stop: Stop) -> std::io::Result<()> {
        let interrupt = Reason::Signal(2);
        let handler = move || match stop.reason() {
            None => stop.request(interrupt),
            Some(_) => {
                stop.say_last_words();
                std::process::exit(interrupt.status().code().into());
            }
        };
        ctrlc::set_handler(handler).map_err(std::io::Error::other)
    }
}
