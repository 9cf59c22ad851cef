//! `Watch`: ends the guests of a script that takes too long.

use burdock::Engine;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

/// Watches the guests of an engine until it is dropped.
pub(crate) struct Watch {
    /// The sender end of a channel that carries no messages: dropping it stops the watching thread.
    _alive: Sender<()>,
    fired: Arc<AtomicBool>,
}

impl Watch {
    /// Increments the engine's epoch when `after` has passed.
    pub(crate) fn start(engine: &Engine, after: Duration) -> Self {
        let (alive, gone) = mpsc::channel();
        let fired = Arc::new(AtomicBool::new(false));
        let (engine, flag) = (engine.clone(), Arc::clone(&fired));
        std::thread::spawn(move || {
            if gone.recv_timeout(after) == Err(RecvTimeoutError::Timeout) {
                flag.store(true, Ordering::Relaxed);
                engine.increment_epoch();
            }
        });
        Self { _alive: alive, fired }
    }

    /// Returns `true` if the time has passed.
    pub(crate) fn has_fired(&self) -> bool {
        self.fired.load(Ordering::Relaxed)
    }
}
