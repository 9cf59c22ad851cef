//! Work on the bodies of a module that several threads share.

use crate::Config;
#[cfg(feature = "std")]
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

/// The least bytes of bodies that make a piece of work. *Rationale:* starting a thread takes as
/// long as validating a few kilobytes.
const PIECE: usize = 16 << 10;

/// The number of pieces for each thread of a large module. *Rationale:* pieces of different costs
/// have to add up to equal shares, and buffers for small pieces take little memory.
const PIECES: usize = 32;

/// Cuts the bodies of a module into pieces for [`each`], in their order: ranges of defined
/// functions. There are none if one thread is to do everything, because the embedder wants it so,
/// or there is little to do.
pub(crate) fn pieces(config: &Config, bodies: &[Range<usize>]) -> Vec<Range<u32>> {
    let (Some(first), Some(last)) = (bodies.first(), bodies.last()) else { return Vec::new() };
    let bytes = last.end - first.start;
    if !config.parallel_compilation || bytes < 4 * PIECE || threads() == 1 {
        return Vec::new();
    }
    let least = PIECE.max(bytes / (PIECES * threads()));
    let mut pieces = Vec::with_capacity(bytes / least + 1);
    let (mut from, mut begin) = (0, first.start);
    for (next, body) in (1..).zip(bodies) {
        if body.end - begin >= least || next == bodies.len() {
            pieces.push(from as u32..next as u32);
            (from, begin) = (next, body.end);
        }
    }
    pieces
}

/// Does the work for each piece, on as many threads as the processor runs at once, and passes what
/// comes of the work to `join`, in the pieces' order and as early as possible.
///
/// # Errors
///
/// Fails as the first piece that fails, whatever the threads do. Pieces behind it may be left out.
#[cfg(feature = "std")]
pub(crate) fn each<T: Send, E: Send>(
    pieces: &[Range<u32>],
    work: impl Fn(Range<u32>) -> Result<T, E> + Sync,
    join: impl FnMut(T) + Send,
) -> Result<(), E> {
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, PoisonError};
    use std::thread;

    let next = AtomicUsize::new(0);
    let joining = Mutex::new(Joining { waiting: BTreeMap::new(), joined: 0, failed: None, join });
    let take = || loop {
        // Pieces are taken in their order: when one fails, those in front of it are taken.
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(piece) = pieces.get(number) else { return };
        let result = work(piece.clone());
        if result.is_err() {
            next.store(pieces.len(), Ordering::Relaxed);
        }
        joining.lock().unwrap_or_else(PoisonError::into_inner).add(number, result);
    };
    thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, take).ok();
        // A thread that the system refuses leaves its share to the others.
        let helpers: Vec<_> = (1..threads().min(pieces.len() / 2)).map_while(spawn).collect();
        take();
        for helper in helpers {
            helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    let joining = joining.into_inner().unwrap_or_else(PoisonError::into_inner);
    joining.failed.map_or(Ok(()), Err)
}

/// The results of pieces, which are joined in the pieces' order.
#[cfg(feature = "std")]
struct Joining<T, E, J> {
    /// The results of pieces that wait for one in front of them.
    waiting: BTreeMap<usize, Result<T, E>>,
    /// The number of pieces that are joined.
    joined: usize,
    failed: Option<E>,
    join: J,
}

#[cfg(feature = "std")]
impl<T, E, J: FnMut(T)> Joining<T, E, J> {
    /// Adds the result of a piece, and joins what no longer waits.
    fn add(&mut self, number: usize, result: Result<T, E>) {
        self.waiting.insert(number, result);
        while let Some(result) = self.waiting.remove(&self.joined) {
            self.joined += 1;
            match result {
                Ok(part) if self.failed.is_none() => (self.join)(part),
                Ok(_) => {}
                Err(error) => drop(self.failed.get_or_insert(error)),
            }
        }
    }
}

/// Does the work for each piece, one after the other.
#[cfg(not(feature = "std"))]
pub(crate) fn each<T, E>(
    pieces: &[Range<u32>],
    work: impl Fn(Range<u32>) -> Result<T, E>,
    mut join: impl FnMut(T),
) -> Result<(), E> {
    pieces.iter().cloned().try_for_each(|piece| work(piece).map(&mut join))
}

/// Returns the number of threads that the processor runs at once, as far as this process may use
/// it.
#[cfg(feature = "std")]
fn threads() -> usize {
    // The system looks it up in files.
    static THREADS: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, Into::into))
}

/// Without an operating system there are no threads to start.
#[cfg(not(feature = "std"))]
fn threads() -> usize {
    1
}
