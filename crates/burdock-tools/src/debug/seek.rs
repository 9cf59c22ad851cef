//! Positions in a run, and the search for one of them.

use super::debuggee::Stop;
use super::handler::{Shared, lock};
use burdock::{
    Error, Event, Events, Hook, Instance, Module, Result, Snapshot, StoreContextMut, format_err,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A place in a run.
#[derive(Clone, Debug)]
pub(super) struct Position {
    /// The number of functions entered and loop iterations begun so far.
    pub(super) tick: u64,
    /// The number of frames.
    depth: usize,
    /// The module of the innermost frame, and its operator's byte offset.
    pub(super) module: Module,
    pub(super) offset: u32,
}

impl PartialEq for Position {
    fn eq(&self, other: &Self) -> bool {
        let key = |own: &Self| (own.tick, own.depth, own.offset);
        key(self) == key(other) && Module::same(&self.module, &other.module)
    }
}

/// The goal of a repeated run. On the way, the run notes the last stop.
#[derive(Default)]
pub(super) struct Seek {
    /// Stop at this position.
    pub(super) target: Option<Position>,
    /// End the run at this tick.
    pub(super) until_tick: Option<u64>,
    /// Note each operator from this tick on, instead of breakpoints and watchpoints.
    pub(super) step_from: Option<u64>,
}

/// The time of a run.
#[derive(Default)]
pub(super) struct Clock {
    now: AtomicU64,
    began: AtomicU64,
    over: AtomicBool,
}

impl Clock {
    /// Returns the tick.
    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Returns the tick of the snapshot from which the run was repeated.
    pub(super) fn began(&self) -> u64 {
        self.began.load(Ordering::Relaxed)
    }

    /// Returns `true` if the run was ended because the recorded run had no more ticks.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Sets the time to just before a tick, with which a run begins.
    pub(super) fn set(&self, tick: u64) {
        self.over.store(false, Ordering::Relaxed);
        self.now.store(tick.saturating_sub(1), Ordering::Relaxed);
        self.began.store(tick, Ordering::Relaxed);
    }
}

/// The error that ends a run at a tick.
#[derive(Debug, thiserror::Error)]
#[error("the run has gone far enough")]
pub(super) struct Reached;

/// A snapshot from which a run can be repeated.
#[derive(Clone)]
pub(super) struct Mark<X> {
    pub(super) tick: u64,
    pub(super) instance: Instance,
    pub(super) snapshot: Arc<Snapshot>,
    /// The state of the host.
    pub(super) host: X,
}

/// The maximum number of snapshots.
const SNAPSHOTS: usize = 64;

/// The hook that counts ticks and takes snapshots.
pub(super) struct Ticking<T: 'static, X> {
    pub(super) shared: Arc<Shared<T>>,
    /// The snapshots in the order of their ticks.
    pub(super) marks: Vec<Mark<X>>,
    /// The number of ticks between two snapshots.
    every: u64,
    /// The number of ticks of the run, which fuel, a timeout or a full stack may have ended.
    ticks: u64,
    /// Returns the state of the host.
    host: fn(&T) -> X,
}

impl<T: 'static, X> Ticking<T, X> {
    /// Returns a hook that takes a snapshot `every` so many ticks at first, and ends a run after
    /// its number of `ticks`.
    pub(super) fn new(
        shared: Arc<Shared<T>>,
        (every, ticks): (u64, u64),
        host: fn(&T) -> X,
    ) -> Self {
        Self { shared, marks: Vec::new(), every, ticks, host }
    }

    /// Returns the last snapshot that is not after a tick.
    pub(super) fn mark(&self, tick: u64) -> Option<&Mark<X>> {
        let after = self.marks.partition_point(|mark| mark.tick <= tick);
        self.marks[..after].last()
    }

    /// Takes a snapshot. If there are too many snapshots, drops every other one but the first.
    fn take_snapshot(&mut self, store: &mut StoreContextMut<'_, T>, tick: u64) -> Result<()> {
        let frame = store.frame().ok_or_else(|| format_err!("no guest runs"))?;
        let earlier = self.marks.last().map(|mark| mark.snapshot.clone());
        let snapshot = Arc::new(store.snapshot(earlier.as_deref())?);
        let host = (self.host)(store.data());
        self.marks.push(Mark { tick, instance: frame.instance(), snapshot, host });
        if self.marks.len() > SNAPSHOTS {
            self.every *= 2;
            let every = self.every;
            self.marks.retain(|mark| mark.tick == 1 || mark.tick.is_multiple_of(every));
        }
        Ok(())
    }
}

impl<T: 'static, X: Send + Sync + 'static> Hook<T> for Ticking<T, X> {
    const EVENTS: Events = Events::FUNCS.union(Events::LOOPS);

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        if !matches!(event, Event::FuncEnter(_) | Event::LoopIteration) {
            return Ok(());
        }
        let clock = &self.shared.clock;
        let tick = clock.now() + 1;
        if tick > self.ticks {
            clock.over.store(true, Ordering::Relaxed);
            return Err(Error::new(Reached));
        }
        clock.now.store(tick, Ordering::Relaxed);
        let due = tick == 1 || tick.is_multiple_of(self.every);
        if due && self.marks.last().is_none_or(|mark| mark.tick < tick) {
            self.take_snapshot(&mut store, tick)?;
        }
        let mut control = lock(&self.shared.control);
        let Some(seek) = &control.seek else { return Ok(()) };
        if seek.until_tick == Some(tick) {
            return Err(Error::new(Reached));
        }
        match seek.step_from {
            Some(from) if from == tick => control.begin_step(&mut store),
            _ => Ok(()),
        }
    }
}

impl<T: 'static> Shared<T> {
    /// Handles a stop while something is looked for. Returns the reason of a stop that the debugger
    /// is told of.
    pub(super) fn sought(
        &self,
        store: &mut StoreContextMut<'_, T>,
        control: &mut super::handler::Control<T>,
        stop: Stop,
    ) -> Result<Option<Stop>> {
        match stop {
            // The recorded run has ended in this way.
            Stop::Failure(_) => return Ok(None),
            Stop::Interrupt => {
                control.seek = None;
                return Ok(Some(stop));
            }
            _ => {}
        }
        let position = control.position(store, self.clock.now())?;
        let Some(seek) = &control.seek else { return Ok(Some(stop)) };
        if seek.target.is_some() && seek.target == position {
            control.seek = None;
            return Ok(Some(stop));
        }
        let Some(position) = position else { return Ok(None) };
        if seek.step_from.is_some() {
            control.found = Some((position, Stop::Step));
            control.begin_step(store)?;
            return Ok(None);
        }
        let counts = match &stop {
            Stop::Breakpoint => control.has_point(&position.module, position.offset),
            stop => matches!(stop, Stop::Watch { .. }),
        };
        if counts {
            control.found = Some((position, stop));
        }
        Ok(None)
    }
}

impl Position {
    pub(super) fn new(tick: u64, depth: usize, module: Module, offset: u32) -> Self {
        Self { tick, depth, module, offset }
    }
}
