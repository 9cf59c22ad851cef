//! `--timeout`: ends a guest that takes too long, wherever it is.
//!
//! A guest that computes is stopped by an epoch: it traps, with a backtrace. One that waits in a host
//! call (a read from a terminal) never comes back to trap; after a grace period the program ends
//! without it.

use crate::report::{self, EngineError, Failure, Status};
use burdock::Engine;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

/// How long a guest has to get back from a host call.
const GRACE: Duration = Duration::from_millis(500);

/// Watches a guest until it is dropped.
pub(crate) struct Timeout {
    /// Never sent to: that it is gone is the message.
    _alive: Sender<()>,
}

impl Timeout {
    /// Ends the guest of `engine`, whose store has an epoch deadline of 1, when `after` has passed.
    pub(crate) fn start(engine: &Engine, after: Duration, path: &Path) -> Self {
        let (alive, gone) = mpsc::channel();
        let engine = engine.clone();
        let path = path.to_owned();
        std::thread::spawn(move || {
            if gone.recv_timeout(after) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            engine.increment_epoch();
            if gone.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
                end(&path, after);
            }
        });
        Self { _alive: alive }
    }
}

fn end(path: &Path, after: Duration) -> ! {
    let root =
        EngineError { message: "wasm trap: interrupt".into(), status: Status::Trap, dump: None };
    let error = anyhow::Error::new(root)
        .context(format!("still in a host call after {}", humantime::format_duration(after)))
        .context(format!("failed to run main module `{}`", path.display()));
    let failure = Failure::from(error);
    let _ = report::failure(&failure);
    std::process::exit(failure.status().code().into());
}
