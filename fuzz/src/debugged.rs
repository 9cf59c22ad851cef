//! A debugger's handler that notes every frame wherever a guest stops for good, or calls the host.

use crate::run::Seen;
use burdock::{
    AsContextMut, Config, DebugEvent, DebugHandler, Frame, Result, Store, StoreContextMut,
    UpdateDeadline, Val,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// When a debugger steps through the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// Never: the guest runs in code whose values are known at stops.
    Never,
    /// At each operator.
    Always,
    /// Now and then, as these numbers say: the guest goes from one code to the other.
    Sometimes(u64),
}

/// The handler.
#[derive(Clone)]
struct Notes {
    steps: Steps,
    random: Arc<AtomicU64>,
}

impl Notes {
    fn next(&self) -> u64 {
        let mut state = self.random.load(Ordering::Relaxed);
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.random.store(state, Ordering::Relaxed);
        state
    }

    /// Begins to step, or stops to.
    fn change(&self, store: &mut StoreContextMut<'_, Seen>) {
        if matches!(self.steps, Steps::Sometimes(_)) && self.next().is_multiple_of(3) {
            let steps = self.next().is_multiple_of(2);
            let mut edit = store.edit_breakpoints().expect("the guest is debugged");
            edit.single_step(steps).expect("it never fails");
        }
    }
}

impl DebugHandler for Notes {
    type Data = Seen;

    fn handle(&self, mut store: StoreContextMut<'_, Seen>, event: DebugEvent<'_>) {
        match event {
            DebugEvent::Trap(_) | DebugEvent::HostcallError(_) => {
                let text = frames(&mut store).unwrap_or_else(|error| format!("{error:#}"));
                store.data_mut().log(text);
            }
            DebugEvent::EpochYield => {
                // Nobody sees that every local is written.
                rewrite(&mut store).expect("locals are known where the epoch ends");
                self.change(&mut store);
            }
            _ => self.change(&mut store),
        }
    }
}

/// Prepares an engine's configuration.
pub(crate) fn configure(config: &mut Config) {
    config.guest_debug(true).epoch_interruption(true);
}

/// Attaches the debugger to a store.
pub(crate) fn attach(store: &mut Store<Seen>, steps: Steps) {
    let seed = if let Steps::Sometimes(seed) = steps { seed | 1 } else { 1 };
    let notes = Notes { steps, random: Arc::new(AtomicU64::new(seed)) };
    store.set_epoch_deadline(if steps == Steps::Always { 1 } else { 0 });
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
    store.set_debug_handler(notes.clone());
    if steps == Steps::Always {
        let mut edit = store.edit_breakpoints().expect("the guest is debugged");
        edit.single_step(true).expect("it never fails");
    }
    store.call_hook(move |mut store, event| {
        if event == burdock::CallHook::CallingHost {
            let mut store = store.as_context_mut();
            let text = frames(&mut store)?;
            store.data_mut().log(text);
            notes.change(&mut store);
        }
        Ok(())
    });
}

/// Returns the innermost frames with their values as text.
fn frames(store: &mut StoreContextMut<'_, Seen>) -> Result<String> {
    let mut text = String::new();
    let mut next = store.debug_exit_frames().next();
    for _ in 0..8 {
        let Some(frame) = next else { break };
        let (func, pc) = frame.wasm_function_index_and_pc(&mut *store)?.expect("a guest's frame");
        let locals = frame.frame().locals(&mut *store);
        let locals = locals.map(|locals| crate::runner::texts(&locals, shown));
        let locals = locals.unwrap_or_else(|error| format!("{error:#}"));
        let stack: Result<Vec<Val>> = match frame.num_stacks(&mut *store) {
            Ok(count) => (0..count).map(|index| frame.stack(&mut *store, index)).collect(),
            Err(error) => Err(error),
        };
        let stack = stack.map(|stack| crate::runner::texts(&stack, shown));
        let stack = stack.unwrap_or_else(|error| format!("{error:#}"));
        text += &format!("{}@{:#x} [{locals}] ({stack}) ", func.as_u32(), pc.raw());
        next = frame.parent(&mut *store)?;
    }
    Ok(text)
}

/// Returns a value as text: NaNs keep their bits, which no debugger changes.
fn shown(val: &Val) -> String {
    match val {
        Val::F32(bits) => format!("f32 {bits:#x}"),
        Val::F64(bits) => format!("f64 {bits:#x}"),
        other => crate::run::burdock_text(other),
    }
}

/// Writes every local of the innermost frames with the value that it has.
fn rewrite(store: &mut StoreContextMut<'_, Seen>) -> Result<()> {
    let mut next = store.frame();
    for _ in 0..3 {
        let Some(frame) = next else { break };
        for local in 0..frame.num_locals(&mut *store)? {
            rewrite_local(&frame, store, local)?;
        }
        next = frame.caller(&*store)?;
    }
    Ok(())
}

fn rewrite_local(frame: &Frame, store: &mut StoreContextMut<'_, Seen>, local: u32) -> Result<()> {
    let value = frame.local(&mut *store, local)?;
    match value.ref_() {
        // A reference that is not set yet, of a type without null, is shown as null.
        Some(_) => Ok(()),
        None => frame.set_local(&mut *store, local, value),
    }
}
