//! The guest's side: a handler of the store's stops, which does what the debugger asks for.

use super::callee;
use super::debuggee::{Resume, Stop};
use super::live::Live;
use super::seek::{Clock, Position, Reached, Seek};
use super::watch::Watches;
use burdock::{
    AsContextMut, DebugEvent, DebugHandler, Error, Frame, InterruptHandle, Module, ModulePC,
    Result, Store, StoreContextMut, bail, ensure, format_err,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Locks a mutex. Poison is ignored: what the mutex guards is consistent between any two of its
/// changes.
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something to do in the guest's thread while the guest is stopped.
pub(super) type Work<T> = Box<dyn FnOnce(StoreContextMut<'_, T>, &mut Control<T>) + Send>;

pub(super) enum Job<T: 'static> {
    Work(Work<T>),
    Resume(Resume),
    Kill,
}

/// A function that names modules.
pub type Naming = Box<dyn Fn(&Module) -> Option<String> + Send>;

/// The options of a debugged store.
pub struct Options {
    /// Returns the path of a module, or another name by which debuggers know it. Without one, a
    /// module has the name of its name section.
    pub name: Naming,
    /// Stops the guest before its first operator, until a debugger lets it continue. Otherwise it
    /// runs until a debugger attaches.
    pub wait: bool,
    /// Returns `true` for an error that ends the guest as intended, at which a debugger does not
    /// stop, such as the error of WASI's `proc_exit`.
    pub is_exit: fn(&Error) -> bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { name: Box::new(|_| None), wait: true, is_exit: |_| false }
    }
}

/// The error that ends a guest for which the debugger asks for it.
#[derive(Debug, thiserror::Error)]
#[error("the debugger has ended the guest")]
pub struct Killed;

/// The debugged store, to say that its guest has ended. If it is dropped before, also by a panic,
/// the debugger is told [`Stop::Aborted`].
pub struct Guest {
    stops: Sender<Stop>,
    finished: bool,
}

impl Guest {
    /// Tells the debugger the exit status of the guest.
    pub fn finish(mut self, status: u8) {
        self.finished = true;
        // Without a debugger nobody waits for it.
        let _ = self.send(Stop::Exited(status));
    }

    /// Tells the debugger of a stop that happens outside of the guest.
    pub(super) fn send(&self, stop: Stop) -> Result<()> {
        self.stops.send(stop).map_err(Error::new)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let reason = match std::thread::panicking() {
            true => "the thread that ran the guest has panicked",
            false => "the host has given up the guest",
        };
        // Without a debugger nobody waits for it.
        let _ = self.send(Stop::Aborted(reason.to_owned()));
    }
}

/// What the debugger has asked for.
pub(super) struct Control<T: 'static> {
    /// `true` while a step is under way.
    pub(super) stepping: bool,
    pub(super) watches: Watches<T>,
    /// The breakpoints of the debugger: what it asked for, and where they are.
    pub(super) points: Vec<(Module, u32, ModulePC)>,
    /// The places of the first operators that may be executed, until one of them is reached.
    entries: Vec<(Module, ModulePC)>,
    /// The frames of the stopped guest, the innermost first.
    pub(super) frames: Vec<Frame>,
    /// The place where the guest has stopped.
    pub(super) position: Option<Position>,
    /// The goal of a repeated run.
    pub(super) seek: Option<Seek>,
    /// The last stop that it has passed.
    pub(super) found: Option<(Position, Stop)>,
    /// The breakpoint where it ends.
    pub(super) temporary: Option<(Module, ModulePC)>,
}

pub(super) struct Shared<T: 'static> {
    /// `true` while a debugger wants to be told of stops.
    pub(super) attached: AtomicBool,
    pub(super) control: Mutex<Control<T>>,
    jobs: Mutex<Receiver<Job<T>>>,
    stops: Sender<Stop>,
    is_exit: fn(&Error) -> bool,
    pub(super) clock: Clock,
}

/// The handler of the store's stops.
pub(super) struct Handler<T: 'static>(pub(super) Arc<Shared<T>>);

impl<T> Clone for Handler<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: 'static> DebugHandler for Handler<T> {
    type Data = T;

    fn handle(&self, store: StoreContextMut<'_, T>, event: DebugEvent<'_>) {
        let _ = self.try_handle(store, event);
    }

    fn try_handle(&self, mut store: StoreContextMut<'_, T>, event: DebugEvent<'_>) -> Result<()> {
        if !self.0.attached.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut control = lock(&self.0.control);
        let stop = match control.reason(&event, self.0.is_exit) {
            Some(stop) if control.seek.is_some() => {
                self.0.sought(&mut store, &mut control, stop)?
            }
            stop => stop,
        };
        match stop {
            Some(stop) => self.0.stopped(&mut store, &mut control, stop),
            None => Ok(()),
        }
    }
}

impl<T: 'static> Control<T> {
    /// Returns the reason to stop, if there is one.
    fn reason(&mut self, event: &DebugEvent<'_>, is_exit: fn(&Error) -> bool) -> Option<Stop> {
        match event {
            DebugEvent::Breakpoint | DebugEvent::Step => {}
            DebugEvent::Interrupt => return Some(Stop::Interrupt),
            DebugEvent::Trap(trap) => return Some(Stop::Failure(trap.to_string())),
            DebugEvent::HostcallError(error)
                if is_exit(error) || error.is::<Killed>() || error.is::<Reached>() =>
            {
                return None;
            }
            DebugEvent::HostcallError(error) | DebugEvent::UncaughtException(error) => {
                return Some(Stop::Failure(format!("{error:#}")));
            }
            _ => return None,
        }
        if !self.entries.is_empty() {
            return Some(Stop::Entry);
        }
        if let Some((watch, address)) = self.watches.take_hit() {
            return Some(Stop::Watch { watch, address });
        }
        match event {
            DebugEvent::Breakpoint => Some(Stop::Breakpoint),
            _ => self.stepping.then_some(Stop::Step),
        }
    }
}

impl<T: 'static> Shared<T> {
    /// Tells the debugger of a stop and does what it asks for until the guest continues.
    fn stopped(
        &self,
        store: &mut StoreContextMut<'_, T>,
        control: &mut Control<T>,
        stop: Stop,
    ) -> Result<()> {
        control.stepping = false;
        control.position = control.position(store, self.clock.now())?;
        let mut temporary = std::mem::take(&mut control.entries);
        temporary.extend(control.temporary.take());
        if let Some(mut edit) = store.edit_breakpoints() {
            edit.stop_stepping();
            for (module, pc) in &temporary {
                edit.remove_breakpoint(module, *pc)?;
            }
        }
        if self.stops.send(stop).is_err() {
            return self.leave(store, control);
        }
        let jobs = lock(&self.jobs);
        loop {
            match jobs.recv() {
                Ok(Job::Work(work)) => work(store.as_context_mut(), control),
                Ok(Job::Resume(Resume::Step)) => return control.begin_step(store),
                Ok(Job::Resume(_)) => return Ok(()),
                Ok(Job::Kill) => return Err(Error::new(Killed)),
                Err(_) => return self.leave(store, control),
            }
        }
    }

    /// Lets the guest run without a debugger.
    fn leave(&self, store: &mut StoreContextMut<'_, T>, control: &mut Control<T>) -> Result<()> {
        self.attached.store(false, Ordering::Release);
        control.leave(store)
    }
}

impl<T: 'static> Control<T> {
    /// Makes the guest stop at the next operator.
    pub(super) fn begin_step(&mut self, store: &mut StoreContextMut<'_, T>) -> Result<()> {
        self.stepping = true;
        self.frames = frames(store)?;
        step(store, self)
    }

    /// Returns the position of a guest that has stopped at a tick, and notes its frames.
    pub(super) fn position(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        tick: u64,
    ) -> Result<Option<Position>> {
        self.frames = frames(store)?;
        let depth = self.frames.len();
        Ok(self.frames.first().map(|frame| {
            let module = frame.module(&*store).clone();
            Position::new(tick, depth, module, frame.offset())
        }))
    }

    /// Returns `true` if the debugger has a breakpoint here.
    pub(super) fn has_point(&self, module: &Module, offset: u32) -> bool {
        let own = |(known, _, pc): &(Module, u32, ModulePC)| {
            pc.raw() == offset && Module::same(known, module)
        };
        self.points.iter().any(own)
    }

    /// Removes everything that the debugger has set.
    pub(super) fn leave(&mut self, store: &mut StoreContextMut<'_, T>) -> Result<()> {
        self.watches.clear(store);
        let points = std::mem::take(&mut self.points);
        if let Some(mut edit) = store.edit_breakpoints() {
            edit.stop_stepping();
            for (module, _, pc) in &points {
                edit.remove_breakpoint(module, *pc)?;
            }
        }
        Ok(())
    }
}

/// Returns the frames of a stopped guest, the innermost first.
fn frames<T: 'static>(store: &mut StoreContextMut<'_, T>) -> Result<Vec<Frame>> {
    let mut frames = Vec::new();
    let mut next = store.frame();
    while let Some(frame) = next {
        frames.push(frame);
        next = frame.caller(&*store)?;
    }
    Ok(frames)
}

/// The number of frames to which a step can return or an exception can lead.
const FRAMES_OF_STEP: usize = 64;

/// Makes the guest stop at the next operator: in the function itself, in the function that it
/// calls, or in one of its callers.
fn step<T: 'static>(store: &mut StoreContextMut<'_, T>, control: &Control<T>) -> Result<()> {
    let frames = &control.frames[..control.frames.len().min(FRAMES_OF_STEP)];
    let mut funcs: Vec<(Module, u32)> =
        frames.iter().map(|frame| (frame.module(&*store).clone(), frame.func_index())).collect();
    if let Some(frame) = frames.first()
        && let Some((instance, func)) = callee::callee(store, frame)
    {
        funcs.push((instance.module(&*store).clone(), func));
    }
    let Some(mut edit) = store.edit_breakpoints() else { return Ok(()) };
    for (module, func) in funcs {
        edit.single_step_in(&module, func, true)?;
    }
    Ok(())
}

/// Makes the guests of a store debuggable. Returns the debugger's side, and the guest's.
///
/// Call this before the first module is instantiated. `main` is the module at whose exports, and at
/// whose start function, guests begin: [`Options::wait`] stops there.
///
/// # Errors
///
/// Fails if the engine is not configured for it: it needs [`Config::guest_debug`] and
/// [`Config::epoch_interruption`].
///
/// [`Config::guest_debug`]: burdock::Config::guest_debug
/// [`Config::epoch_interruption`]: burdock::Config::epoch_interruption
pub fn attach<T: 'static>(
    store: &mut Store<T>,
    main: &Module,
    options: Options,
) -> Result<(Live<T>, Guest)> {
    let interrupt: InterruptHandle = store.interrupt_handle()?;
    ensure!(store.edit_breakpoints().is_some(), "debugging needs `Config::guest_debug`");
    let (to_guest, jobs) = mpsc::channel();
    let (stops, of_guest) = mpsc::channel();
    let entries = if options.wait { stop_at_entries(store, main)? } else { Vec::new() };
    let control = Control {
        stepping: false,
        watches: Watches::default(),
        points: Vec::new(),
        entries,
        frames: Vec::new(),
        position: None,
        seek: None,
        found: None,
        temporary: None,
    };
    let shared = Arc::new(Shared {
        attached: AtomicBool::new(options.wait),
        control: Mutex::new(control),
        jobs: Mutex::new(jobs),
        stops: stops.clone(),
        is_exit: options.is_exit,
        clock: Clock::default(),
    });
    store.set_debug_handler(Handler(shared.clone()));
    let live = Live::new(shared, (to_guest, of_guest), interrupt, options.name);
    Ok((live, Guest { stops, finished: false }))
}

/// Sets breakpoints where the host can begin to execute a module. Returns them.
fn stop_at_entries<T: 'static>(
    store: &mut Store<T>,
    module: &Module,
) -> Result<Vec<(Module, ModulePC)>> {
    let funcs = callee::entries(module)?;
    let mut edit = store.edit_breakpoints().ok_or_else(|| format_err!("no breakpoints"))?;
    let mut entries = Vec::new();
    for func in funcs {
        let Some(body) = module.func_range(func) else { continue };
        let pc = edit.add_breakpoint(module, ModulePC::new(body.start))?;
        entries.push((module.clone(), pc));
    }
    if entries.is_empty() {
        bail!("the module exports no function in which a debugger could begin");
    }
    Ok(entries)
}
