//! `Live`: the guests of a store as a debuggee.

use super::debuggee::{
    Debuggee, FrameInfo, Interrupt, ModuleInfo, Resume, Space, Stop, Value, Watch,
};
use super::handler::{Control, Job, Naming, Shared, lock};
use super::watch;
use burdock::{
    Frame, InterruptHandle, Module, ModulePC, Result, StoreContextMut, bail, ensure, format_err,
};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

/// The guests of a store, for the thread of a debugger.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::debug::{self, Debuggee, Options, Resume, Space, Stop};
/// let mut config = Config::new();
/// config.guest_debug(true).epoch_interruption(true);
/// let engine = Engine::new(&config)?;
/// let module = Module::new(&engine, r#"(module (memory 1)
///     (func (export "f") (param i32) (result i32)
///         (i32.store (i32.const 8) (local.get 0))
///         (i32.load (i32.const 8))))"#)?;
/// let mut store = Store::new(&engine, ());
/// store.set_epoch_deadline(1);
/// let (mut live, guest) = debug::attach(&mut store, &module, Options::default())?;
/// let debugger = std::thread::spawn(move || {
///     assert_eq!(live.attach()?, Stop::Entry);
///     // To the operator behind the store.
///     for _ in 0..3 {
///         assert_eq!(live.resume(Resume::Step)?, Stop::Step);
///     }
///     live.write(Space::Current, 8, &[42])?;
///     live.resume(Resume::Continue)
/// });
/// let f = Instance::new(&mut store, &module, &[])?.get_typed_func::<i32, i32>(&mut store, "f")?;
/// assert_eq!(f.call(&mut store, 7)?, 42);
/// guest.finish(0);
/// assert_eq!(debugger.join().unwrap()?, Stop::Exited(0));
/// # Ok::<(), Error>(())
/// ```
pub struct Live<T: 'static> {
    pub(super) shared: Arc<Shared<T>>,
    jobs: Sender<Job<T>>,
    stops: Receiver<Stop>,
    interrupt: InterruptHandle,
    name: Naming,
    /// The reason for which the guest stands; `None` while it runs.
    pub(super) stop: Option<Stop>,
}

impl<T: 'static> Live<T> {
    pub(super) fn new(
        shared: Arc<Shared<T>>,
        (jobs, stops): (Sender<Job<T>>, Receiver<Stop>),
        interrupt: InterruptHandle,
        name: Naming,
    ) -> Self {
        Self { shared, jobs, stops, interrupt, name, stop: None }
    }

    /// Does something in the guest's thread and returns its result.
    pub(super) fn with<R: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut StoreContextMut<'_, T>, &mut Control<T>) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        ensure!(self.stop.is_some(), "the guest runs");
        ensure!(!self.has_ended(), "the guest has ended");
        // The result comes beside the channel: channels of one type are compiled once.
        let (done, is_done) = mpsc::channel::<()>();
        let result = Arc::new(Mutex::new(None));
        let place = result.clone();
        let work = Box::new(move |mut store: StoreContextMut<'_, T>, control: &mut Control<T>| {
            let result = work(&mut store, control);
            *lock(&place) = Some(result);
            // The receiver waits.
            let _ = done.send(());
        });
        self.jobs.send(Job::Work(work)).map_err(|_| ended())?;
        let _ = is_done.recv();
        let result = lock(&result).take();
        result.unwrap_or_else(|| {
            // The thread that should have done it has panicked, and says so.
            let _ = self.wait();
            Err(ended())
        })
    }

    /// Does something with a frame of the guest.
    fn with_frame<R: Send + 'static>(
        &mut self,
        frame: usize,
        work: impl FnOnce(&mut StoreContextMut<'_, T>, Frame) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        self.with(move |store, control| {
            let frame = control.frames.get(frame).copied();
            work(store, frame.ok_or_else(|| format_err!("there is no such frame"))?)
        })
    }

    /// Waits for the next stop.
    pub(super) fn wait(&mut self) -> Result<Stop> {
        let stop = self.stops.recv().map_err(|_| ended())?;
        self.stop = Some(stop.clone());
        Ok(stop)
    }

    /// Returns the stop of a guest that is gone without an exit status.
    pub(super) fn aborted(&self) -> Option<Stop> {
        self.stop.clone().filter(|stop| matches!(stop, Stop::Aborted(_)))
    }

    pub(super) fn has_ended(&self) -> bool {
        self.stop.as_ref().is_some_and(Stop::is_end)
    }
}

fn ended() -> burdock::Error {
    format_err!("the guest has ended")
}

/// Returns the module of a number.
fn module<T: 'static>(store: &mut StoreContextMut<'_, T>, number: u32) -> Result<Module> {
    let modules = store.debug_all_modules();
    let found = modules.into_iter().nth(number as usize);
    found.ok_or_else(|| format_err!("there is no module {number}"))
}

impl<T: 'static> Debuggee for Live<T> {
    fn attach(&mut self) -> Result<Stop> {
        if let Some(stop) = &self.stop {
            return Ok(stop.clone());
        }
        if !self.shared.attached.swap(true, Ordering::AcqRel) {
            self.interrupt.interrupt();
        }
        self.wait()
    }

    fn detach(&mut self) -> Result<()> {
        if self.stop.is_none() || self.has_ended() {
            return Ok(());
        }
        self.with(|store, control| control.leave(store))?;
        self.shared.attached.store(false, Ordering::Release);
        self.stop = None;
        self.jobs.send(Job::Resume(Resume::Continue)).map_err(|_| ended())
    }

    fn kill(&mut self) {
        // The stop of a guest that has ended stays, because no other one follows it.
        if !self.has_ended() && self.stop.take().is_some() {
            // Without a receiver, the store is gone.
            let _ = self.jobs.send(Job::Kill);
        }
    }

    fn resume(&mut self, how: Resume) -> Result<Stop> {
        if matches!(how, Resume::BackContinue | Resume::BackStep) {
            bail!("only recorded runs can run backward");
        }
        if let Some(stop) = self.aborted() {
            return Ok(stop);
        }
        ensure!(self.stop.is_some(), "the guest runs");
        ensure!(!self.has_ended(), "the guest has ended");
        self.stop = None;
        self.jobs.send(Job::Resume(how)).map_err(|_| ended())?;
        self.wait()
    }

    fn interrupt(&self) -> Interrupt {
        let handle = self.interrupt.clone();
        Arc::new(move || handle.interrupt())
    }

    fn forget_interrupt(&mut self) {
        self.interrupt.withdraw();
    }

    fn modules(&mut self) -> Result<Vec<ModuleInfo>> {
        let modules = self.with(|store, _| Ok(store.debug_all_modules()))?;
        let name = |(number, module): (usize, &Module)| {
            let given = (self.name)(module).or_else(|| module.name().map(str::to_owned));
            given.unwrap_or_else(|| format!("module-{number}.wasm"))
        };
        let names: Vec<String> = modules.iter().enumerate().map(name).collect();
        let modules = modules.into_iter().zip(names);
        Ok(modules.map(|(module, name)| ModuleInfo { module, name }).collect())
    }

    fn frames(&mut self) -> Result<Vec<FrameInfo>> {
        self.with(|store, control| {
            let modules = store.debug_all_modules();
            let info = |(depth, frame): (usize, &Frame)| {
                let module = frame.module(&*store);
                let number = modules.iter().position(|known| Module::same(known, module));
                let pc = if depth == 0 { frame.offset() } else { frame.return_offset(&*store) };
                FrameInfo { module: number.unwrap_or(0) as u32, func: frame.func_index(), pc }
            };
            Ok(control.frames.iter().enumerate().map(info).collect())
        })
    }

    fn local(&mut self, frame: usize, index: u32) -> Result<Value> {
        self.with_frame(frame, move |store, frame| Ok(Value::from(&frame.local(store, index)?)))
    }

    fn operand(&mut self, frame: usize, index: u32) -> Result<Value> {
        self.with_frame(frame, move |store, frame| Ok(Value::from(&frame.operand(store, index)?)))
    }

    fn global(&mut self, frame: usize, index: u32) -> Result<Value> {
        self.with_frame(frame, move |store, frame| {
            let global = frame.instance().debug_global(&*store, index);
            let global = global.ok_or_else(|| format_err!("there is no global {index}"))?;
            Ok(Value::from(&global.get(&mut *store)))
        })
    }

    fn set_local(&mut self, frame: usize, index: u32, value: Value) -> Result<()> {
        self.with_frame(frame, move |store, frame| frame.set_local(store, index, value.to_val()?))
    }

    fn set_operand(&mut self, frame: usize, index: u32, value: Value) -> Result<()> {
        self.with_frame(frame, move |store, frame| frame.set_operand(store, index, value.to_val()?))
    }

    fn set_global(&mut self, frame: usize, index: u32, value: Value) -> Result<()> {
        self.with_frame(frame, move |store, frame| {
            let global = frame.instance().debug_global(&*store, index);
            let global = global.ok_or_else(|| format_err!("there is no global {index}"))?;
            global.set(&mut *store, value.to_val()?)
        })
    }

    fn memory_size(&mut self, space: Space) -> Result<u64> {
        self.with(move |store, control| {
            let memory = watch::memory(store, &control.frames, space)?;
            Ok(memory.data_size(&*store) as u64)
        })
    }

    fn read(&mut self, space: Space, address: u64, len: usize) -> Result<Vec<u8>> {
        self.with(move |store, control| {
            let memory = watch::memory(store, &control.frames, space)?;
            let data = memory.data(&*store);
            let from = usize::try_from(address).ok().and_then(|start| data.get(start..));
            match from {
                Some(bytes) if !bytes.is_empty() => Ok(bytes[..len.min(bytes.len())].to_vec()),
                _ => bail!("the memory has no byte at {address:#x}"),
            }
        })
    }

    fn write(&mut self, space: Space, address: u64, bytes: &[u8]) -> Result<()> {
        let bytes = bytes.to_vec();
        self.with(move |store, control| {
            let memory = watch::memory(store, &control.frames, space)?;
            let at = usize::try_from(address).map_err(burdock::Error::new)?;
            memory.write(&mut *store, at, &bytes).map_err(burdock::Error::new)
        })
    }

    fn set_breakpoint(&mut self, number: u32, offset: u32) -> Result<u32> {
        self.with(move |store, control| {
            let module = module(store, number)?;
            let body = module.func_at(offset).and_then(|func| module.func_range(func));
            let body = body.ok_or_else(|| format_err!("no function contains {offset:#x}"))?;
            let Some(mut edit) = store.edit_breakpoints() else { bail!("no breakpoints") };
            let pc = edit.add_breakpoint(&module, ModulePC::new(offset))?;
            if !body.contains(&pc.raw()) {
                edit.remove_breakpoint(&module, pc)?;
                bail!("no operator of the function can be reached from {offset:#x}");
            }
            drop(edit);
            control.points.push((module, offset, pc));
            Ok(pc.raw())
        })
    }

    fn remove_breakpoint(&mut self, number: u32, offset: u32) -> Result<()> {
        self.with(move |store, control| {
            let module = module(store, number)?;
            let own = |(known, asked, _): &(Module, u32, ModulePC)| {
                *asked == offset && Module::same(known, &module)
            };
            let known = control.points.iter().position(own);
            let known = known.ok_or_else(|| format_err!("no breakpoint at {offset:#x}"))?;
            let (module, _, pc) = control.points.remove(known);
            match store.edit_breakpoints() {
                Some(mut edit) => edit.remove_breakpoint(&module, pc),
                None => Ok(()),
            }
        })
    }

    fn set_watch(&mut self, watch: Watch) -> Result<()> {
        let shared = self.shared.clone();
        self.with(move |store, control| {
            let memory = watch::memory(store, &control.frames, watch.space)?;
            control.watches.set(store, &shared, watch, memory);
            Ok(())
        })
    }

    fn remove_watch(&mut self, watch: &Watch) -> Result<()> {
        let watch = watch.clone();
        self.with(move |store, control| control.watches.remove(store, &watch))
    }
}
