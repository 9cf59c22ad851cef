//! Digests of a guest's state, by which a repeated run is compared with the recorded one.

use crate::debug::Value;
use burdock::{HostCall, Result, StoreContextMut, Val};
use crc32fast::Hasher;

/// The number of host calls at the beginning of a run that are all compared whole. Later, every
/// `OFTEN`th one is, because it costs a pass over the memories.
const OFTEN: usize = 64;

/// Returns a digest of a guest that calls the host: of the arguments, and now and then also of the
/// memories and globals of the instance and of the position, locals and operands of each frame.
/// `number` is the number of the call in the run.
pub(super) fn of_call<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    call: &HostCall<'_>,
    number: usize,
) -> Result<u32> {
    let mut hasher = Hasher::new();
    add(&mut hasher, call.args.iter());
    if number < OFTEN || number.is_multiple_of(OFTEN) {
        add_state(&mut hasher, store)?;
    }
    Ok(hasher.finalize())
}

fn add(hasher: &mut Hasher, values: impl IntoIterator<Item = Val>) {
    for value in values {
        hasher.update(&Value::from(&value).bytes());
    }
}

fn add_state<T: 'static>(hasher: &mut Hasher, store: &mut StoreContextMut<'_, T>) -> Result<()> {
    let mut next = store.frame();
    if let Some(instance) = next.map(|frame| frame.instance()) {
        for memory in (0..).map_while(|index| instance.debug_memory(&*store, index)) {
            hasher.update(memory.data(&*store));
        }
        for index in 0.. {
            let Some(global) = instance.debug_global(&*store, index) else { break };
            add(hasher, [global.get(&mut *store)]);
        }
    }
    while let Some(frame) = next {
        hasher.update(&frame.func_index().to_le_bytes());
        hasher.update(&frame.offset().to_le_bytes());
        add(hasher, frame.locals(&*store)?);
        add(hasher, frame.operands(&*store)?);
        next = frame.caller(&*store)?;
    }
    Ok(())
}
