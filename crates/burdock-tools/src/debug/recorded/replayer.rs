//! The thread that repeats a run.

use crate::debug::debuggee::Stop;
use crate::debug::handler::{Guest, Shared, lock};
use crate::debug::seek::{Seek, Ticking};
use crate::step::{Answered, Entry, Progress, Rerun};
use burdock::{Filter, HookId, Module, ModulePC, Result, Store, format_err};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

/// A request to the thread.
pub(super) enum Command {
    /// Run from the beginning.
    Start,
    /// Run from the last snapshot that is not after a tick, and look for something.
    From { tick: u64, seek: Seek },
}

/// The number of ticks between two snapshots, as long as the run is short.
const EVERY: u64 = 1 << 14;

pub(super) struct Replayer {
    store: Store<Answered>,
    rerun: Rerun,
    shared: Arc<Shared<Answered>>,
    guest: Guest,
    status: u8,
    ticking: HookId<Ticking<Answered, Progress>>,
}

impl Replayer {
    pub(super) fn new(
        mut store: Store<Answered>,
        modules: (Module, Vec<(String, Module)>),
        entries: Vec<Entry>,
        (shared, guest): (Arc<Shared<Answered>>, Guest),
        (ticks, status): (u64, u8),
    ) -> Result<Self> {
        let rerun = Rerun::new(modules, entries)?;
        let progress = |data: &Answered| data.progress;
        let ticking = Ticking::new(shared.clone(), (EVERY, ticks), progress);
        let ticking = store.attach(Filter::new(), ticking);
        Ok(Self { store, rerun, shared, guest, status, ticking })
    }

    /// Repeats the run as often as it is asked for.
    pub(super) fn run(mut self, commands: &Receiver<Command>) {
        while let Ok(command) = commands.recv() {
            // Errors have been stops.
            let _ = match command {
                Command::Start => self.start(),
                Command::From { tick, seek } => self.go_back(tick, seek),
            };
            lock(&self.shared.control).seek = None;
            if self.guest.send(Stop::Exited(self.status)).is_err() {
                return;
            }
        }
    }

    fn start(&mut self) -> Result<()> {
        self.shared.clock.set(1);
        self.rerun.start(&mut self.store)
    }

    fn go_back(&mut self, tick: u64, seek: Seek) -> Result<()> {
        let ticking = self.store.hook(self.ticking).ok_or_else(|| format_err!("no clock"))?;
        let mark = ticking.mark(tick).cloned().ok_or_else(|| format_err!("no snapshot"))?;
        self.shared.clock.set(mark.tick);
        {
            let mut control = lock(&self.shared.control);
            let before = control.temporary.take();
            let target = seek.target.as_ref();
            let target = target.map(|at| (at.module.clone(), ModulePC::new(at.offset)));
            if let Some(mut edit) = self.store.edit_breakpoints() {
                edit.stop_stepping();
                if let Some((module, pc)) = before {
                    edit.remove_breakpoint(&module, pc)?;
                }
                if let Some((module, pc)) = &target {
                    edit.add_breakpoint(module, *pc)?;
                }
            }
            control.temporary = target;
            control.seek = Some(seek);
            control.found = None;
            control.watches.take_hit();
        }
        self.rerun.resume(&mut self.store, (&mark.snapshot, &mark.instance), mark.host)
    }
}
