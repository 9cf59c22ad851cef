//! `LiveFrame`: the values of a frame of a running guest.

use super::FrameAccess;
use crate::debug::Value;
use burdock::{AsContextMut, Frame, StoreContextMut};
use std::cell::RefCell;

/// A frame of a guest that has called the host or a hook, as debug information refers to it.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::Code;
/// use burdock_tools::dwarf::{DebugInfo, LiveFrame};
///
/// /// Prints the variables of every function that is entered.
/// struct Variables(DebugInfo);
///
/// impl Hook<()> for Variables {
///     const EVENTS: Events = Events::FUNCS;
///     fn event(&mut self, mut store: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
///         let Some(frame) = store.frame().filter(|_| matches!(event, Event::FuncEnter(_))) else {
///             return Ok(());
///         };
///         for call in self.0.calls_at(frame.offset()) {
///             for variable in self.0.variables(&call, &LiveFrame::new(&mut store, frame)) {
///                 println!("{}: {} = {}", variable.name, variable.ty, variable.value);
///             }
///         }
///         Ok(())
///     }
/// }
///
/// fn attach(store: &mut Store<()>, module: &[u8]) -> Result<()> {
///     if let Some(info) = DebugInfo::new(&Code::new(module)?) {
///         store.attach(Filter::new(), Variables(info));
///     }
///     Ok(())
/// }
/// # let module = wat::parse_str("(module)").unwrap();
/// # attach(&mut Store::new(&Engine::default(), ()), &module)?;
/// # Ok::<(), Error>(())
/// ```
pub struct LiveFrame<'s, T: 'static> {
    store: RefCell<StoreContextMut<'s, T>>,
    frame: Frame,
}

impl<'s, T: 'static> LiveFrame<'s, T> {
    /// Creates the access to a frame of a store's guest.
    pub fn new(store: &'s mut impl AsContextMut<Data = T>, frame: Frame) -> Self {
        Self { store: RefCell::new(store.as_context_mut()), frame }
    }

    /// Calls a function with bytes of the memory, if the memory has all of them.
    fn with_memory<R>(&self, address: u64, len: usize, call: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let store = self.store.borrow();
        let memory = self.frame.instance().debug_memory(&*store, 0)?;
        let start = usize::try_from(address).ok()?;
        Some(call(memory.data(&*store).get(start..start.checked_add(len)?)?))
    }
}

impl<T: 'static> FrameAccess for LiveFrame<'_, T> {
    fn local(&self, index: u32) -> Option<Value> {
        let store = self.store.borrow();
        Some(Value::from(&self.frame.local(&*store, index).ok()?))
    }

    fn operand(&self, index: u32) -> Option<Value> {
        let store = self.store.borrow();
        Some(Value::from(&self.frame.operand(&*store, index).ok()?))
    }

    fn global(&self, index: u32) -> Option<Value> {
        let store = self.store.borrow();
        let global = self.frame.instance().debug_global(&*store, index)?;
        Some(Value::from(&global.get(&*store)))
    }

    fn memory(&self, address: u64, len: usize) -> Option<Vec<u8>> {
        self.with_memory(address, len, <[u8]>::to_vec)
    }

    fn read(&self, address: u64, bytes: &mut [u8]) -> bool {
        let len = bytes.len();
        self.with_memory(address, len, |found| bytes.copy_from_slice(found)).is_some()
    }
}
