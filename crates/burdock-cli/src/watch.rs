//! Interruption of a guest from outside: by `--timeout`, or by a signal.
//!
//! An epoch interrupts a guest that is computing: the guest traps with a backtrace, and a tool that
//! observes the guest writes its results. Waits in WASI functions end as well. A guest that still
//! does not return from a host call cannot trap; the program exits without it after a grace period.

use crate::report::{self, EngineError, Failure, Status};
use burdock::Engine;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// The grace period that an interrupted guest gets to return from a host call.
const GRACE: Duration = Duration::from_millis(500);

/// The interval at which a command that waits for its user checks for signals.
pub(crate) const SIGNAL_CHECKS: Duration = Duration::from_millis(200);

/// The reason for which a guest is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The guest ran for longer than this duration.
    Timeout(Duration),
    /// The program received the signal of this number.
    Signal(i32),
}

impl Reason {
    /// Returns the exit status; for signals, the one that shells report by convention.
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Timeout(_) => Status::Trap,
            Self::Signal(signal) => Status::Signal(signal),
        }
    }

    /// Returns the reason as it appears in error messages.
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

/// A handle that interrupts a guest and reports why it was interrupted.
#[derive(Clone)]
pub(crate) struct Stop {
    shared: Arc<Shared>,
}

struct Shared {
    reason: OnceLock<Reason>,
    /// `true` if a host call that waited has returned because of the reason.
    cut: AtomicBool,
    /// Wakes the thread that watches the guest; `None` while no guest runs.
    wake: Mutex<Option<Sender<()>>>,
    /// The action of a tool to perform if the guest does not return.
    last_words: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

/// Locks a mutex, ignoring poison: no code panics while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stop {
    pub(crate) fn new() -> Self {
        let (reason, cut, wake, last_words) = Default::default();
        Self { shared: Arc::new(Shared { reason, cut, wake, last_words }) }
    }

    /// Interrupts the guest, or the next guest to start if none runs. Of several reasons only the
    /// first is kept.
    pub(crate) fn request(&self, reason: Reason) {
        self.shared.reason.get_or_init(|| reason);
        if let Some(wake) = &*lock(&self.shared.wake) {
            // Sending fails only if the watching thread has ended, and with it the guest.
            let _ = wake.send(());
        }
    }

    /// Returns the reason why the guest is interrupted, or `None` if it is not.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.shared.reason.get().copied()
    }

    /// Returns `true` if a host call that waits is to return, and notes that it does.
    pub(crate) fn cuts_host_call(&self) -> bool {
        let cuts = self.reason().is_some();
        if cuts {
            self.shared.cut.store(true, Ordering::Relaxed);
        }
        cuts
    }

    /// Returns `true` if a host call has been interrupted.
    pub(crate) fn has_cut_host_call(&self) -> bool {
        self.shared.cut.load(Ordering::Relaxed)
    }

    /// Sets the action to perform before the program exits without the guest.
    pub(crate) fn set_last_words(&self, last_words: impl FnOnce() + Send + 'static) {
        *lock(&self.shared.last_words) = Some(Box::new(last_words));
    }

    /// Performs the action set by `set_last_words`, on a thread of its own and for at most the
    /// grace period: a host call that blocks the guest can also block the tool that writes.
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

    /// Makes signals interrupt the guest from now on. A second signal ends the program at once.
    pub(crate) fn on_signals(&self) -> std::io::Result<()> {
        signals::forward(self.clone())
    }

    /// Watches the guest of `engine`, whose store has an epoch deadline of 1, until the returned
    /// `Watch` is dropped.
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
        // No timeout: wait for about a thousand years.
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

/// Makes Ctrl-C interrupt only programs that this one has started, such as a debugger.
pub(crate) fn leave_interrupts_to_children() -> std::io::Result<()> {
    signals::ignore_interrupts()
}

#[cfg(unix)]
mod signals {
    use super::{Reason, Stop};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    /// Receives SIGINT and does nothing. Programs that are started later do not inherit this, as
    /// they would if the signal were ignored.
    pub(super) fn ignore_interrupts() -> std::io::Result<()> {
        signal_hook::flag::register(SIGINT, Default::default()).map(drop)
    }

    /// Forwards signals to `stop`. A thread receives them, because only few functions may be called
    /// in a signal handler.
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

/// Signals on Windows: only Ctrl-C exists, and counts as SIGINT does on other systems.
#[cfg(windows)]
mod signals {
    use super::{Reason, Stop};

    /// Receives Ctrl-C and does nothing.
    pub(super) fn ignore_interrupts() -> std::io::Result<()> {
        ctrlc::set_handler(|| ()).map_err(std::io::Error::other)
    }

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
