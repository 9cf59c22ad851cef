//! `Sampler`: a profile by time. A thread increments the engine's epoch; the guest's stack is
//! recorded each time that the guest observes the new epoch.

use super::{Callee, Profile, Tree, Unit};
use crate::Symbols;
use burdock::{AsContextMut, Engine, Store, StoreContextMut, UpdateDeadline};
use indexmap::IndexSet;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Samples a guest's stack at an interval.
///
/// The engine has to have epochs enabled
/// ([`Config::epoch_interruption`](burdock::Config::epoch_interruption)), and nothing else can use
/// them at the same time. Guests check the epoch at calls and loops, so the time they spend in host
/// functions is not sampled.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Symbols, profile::Sampler};
/// use std::time::Duration;
/// let mut config = Config::new();
/// config.epoch_interruption(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module
///     (func $busy (export "busy") (param i32)
///         (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let interval = Duration::from_micros(200);
/// let sampler = Sampler::start(&mut store, interval, || false, Symbols::default());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<i32, ()>(&mut store, "busy")?.call(&mut store, 5_000_000)?;
/// let profile = sampler.finish();
/// assert!(profile.total() > 1);
/// assert_eq!(profile.funcs()[0].name, "busy");
/// # Ok::<(), Error>(())
/// ```
pub struct Sampler {
    samples: Arc<Mutex<Samples>>,
    interval: Duration,
    /// Never used to send: dropping it ends the thread.
    _alive: Sender<()>,
}

struct Samples {
    tree: Tree,
    symbols: Symbols,
}

impl Sampler {
    /// Starts to sample a store's guests. `interrupted` is called at each sample, and whenever
    /// others increment the epoch; when it returns `true`, the guest is interrupted.
    pub fn start<T: 'static>(
        store: &mut Store<T>,
        interval: Duration,
        interrupted: impl Fn() -> bool + Send + Sync + 'static,
        symbols: Symbols,
    ) -> Self {
        let samples = Arc::new(Mutex::new(Samples { tree: Tree::default(), symbols }));
        let own = samples.clone();
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |mut store| {
            own.lock().unwrap_or_else(PoisonError::into_inner).take(&mut store);
            Ok(match interrupted() {
                true => UpdateDeadline::Interrupt,
                false => UpdateDeadline::Continue(1),
            })
        });
        Self { samples, interval, _alive: tick(store.engine().clone(), interval) }
    }

    /// Ends the sampling thread and returns the profile.
    pub fn finish(self) -> Profile {
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let samples = &mut *samples;
        let unit = Unit::Samples(self.interval.as_nanos() as u64);
        let (tree, hosts) = (std::mem::take(&mut samples.tree), IndexSet::new());
        Profile::new(unit, tree, &mut samples.symbols, &hosts)
    }
}

/// Increments the epoch at each interval until the sender is dropped.
fn tick(engine: Engine, interval: Duration) -> Sender<()> {
    let (alive, gone) = mpsc::channel();
    std::thread::spawn(move || {
        while gone.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
            engine.increment_epoch();
        }
    });
    alive
}

impl Samples {
    fn take<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>) {
        let mut stack = Vec::new();
        let mut frame = store.as_context_mut().frame();
        while let Some(current) = frame {
            let func = self.symbols.func(&*store, &current);
            stack.push((func, self.symbols.line(func, current.offset())));
            // The guest is suspended, so its frames are not stale.
            frame = current.caller(&*store).ok().flatten();
        }
        let (mut place, mut from) = (None, None);
        for (func, line) in stack.into_iter().rev() {
            place = Some(self.tree.child(place, Callee::Guest(func), from));
            from = line;
        }
        if let Some(place) = place {
            self.tree.add_at(place, from, 1);
        }
    }
}
