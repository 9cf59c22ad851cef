//! `Event`: something that happens while a guest runs, as delivered to hooks.

mod memory;
mod objects;

pub use memory::{Growth, MemoryAccess};
pub use objects::{Allocation, Collection};

use crate::values::Passing;
use crate::{Error, ExnRef, Func, Rooted, Trap, Val, ValType};
use alloc::vec::Vec;
use burdock_core::Transition;
use core::fmt;

/// Something that happens while a guest runs.
///
/// [`StoreContextMut::frame`](crate::StoreContextMut::frame) gives the place of the event.
/// docs/HOOKS.md describes for each event when it is delivered, in which order, and what it costs.
///
/// # Example
///
/// ```
/// use burdock::*;
/// #[derive(Default)]
/// struct Branches {
///     taken: u32,
///     all: u32,
/// }
/// impl Hook<()> for Branches {
///     const EVENTS: Events = Events::BRANCHES;
///     fn event(&mut self, _: StoreContextMut<'_, ()>, event: Event<'_>) -> Result<()> {
///         if let Event::Branch { taken } = event {
///             self.taken += u32::from(taken);
///             self.all += 1;
///         }
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), ());
/// let id = store.attach(Filter::new(), Branches::default());
/// let module = Module::new(store.engine(), r#"
///     (module (func (export "count") (param i32)
///         (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<i32, ()>(&mut store, "count")?.call(&mut store, 5)?;
/// let branches = store.detach(id).unwrap();
/// assert_eq!((branches.taken, branches.all), (4, 5));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The host is about to call a function ([`Events::CALLS`](crate::Events::CALLS)).
    CallingWasm,
    /// The call into the guest is over, however it ended.
    ReturningFromWasm,
    /// A guest is about to call a host function.
    CallingHost,
    /// The call of the host is over, however it ended.
    ReturningFromHost,

    /// An imported host function is about to be called
    /// ([`Events::HOST_CALLS`](crate::Events::HOST_CALLS)). An error of the hook is raised instead
    /// of the call.
    HostEnter(&'a HostCall<'a>),
    /// The call is over, with its results or its error. An error of the hook replaces them.
    HostLeave(&'a HostCall<'a>, Result<Values<'a>, &'a Error>),

    /// A function has been entered, with these arguments
    /// ([`Events::FUNCS`](crate::Events::FUNCS)).
    FuncEnter(Values<'a>),
    /// A function is left.
    FuncLeave(Leave<'a>),

    /// An instruction is about to be executed
    /// ([`Events::INSTRUCTIONS`](crate::Events::INSTRUCTIONS)).
    Instruction,
    /// A `br_if`, `if`, `br_on_null`, `br_on_non_null`, `br_on_cast`, `br_on_cast_fail`,
    /// `br_on_cast_desc_eq` or `br_on_cast_desc_eq_fail` is about to be executed
    /// ([`Events::BRANCHES`](crate::Events::BRANCHES)). The last two trap if the descriptor is
    /// null, which the event does not tell.
    Branch {
        /// `true` if the branch is going to be taken; for `if`, if the condition holds.
        taken: bool,
    },
    /// A `br_table` is about to be executed.
    BranchTable {
        /// The index of the target taken; the default is the last.
        index: u32,
        /// The number of targets, the default included.
        targets: u32,
    },
    /// An iteration of a loop begins ([`Events::LOOPS`](crate::Events::LOOPS)).
    LoopIteration,

    /// Memory is about to be read
    /// ([`Events::MEMORY_READS`](crate::Events::MEMORY_READS)). Accesses that trap have no such
    /// event.
    MemoryRead(MemoryAccess),
    /// Memory is about to be written
    /// ([`Events::MEMORY_WRITES`](crate::Events::MEMORY_WRITES)). Accesses that trap have no such
    /// event.
    MemoryWrite(MemoryAccess),
    /// A `memory.grow` is over ([`Events::GROWTH`](crate::Events::GROWTH)).
    MemoryGrow(Growth),
    /// A `table.grow` is over.
    TableGrow(Growth),
    /// The heap has grown, for an object that is allocated next. Hooks of the whole store get this
    /// event, whatever functions their filters select.
    HeapGrow {
        /// The previous size in bytes.
        old: u64,
        /// The current size in bytes.
        new: u64,
    },
    /// A global is about to be written ([`Events::GLOBALS`](crate::Events::GLOBALS)).
    GlobalSet {
        /// The global's index in the module.
        global: u32,
        /// The value written.
        value: Val,
    },

    /// An object is about to be allocated
    /// ([`Events::ALLOCATIONS`](crate::Events::ALLOCATIONS)). The operator may still trap.
    Allocate(Allocation),
    /// A `throw` is about to be executed ([`Events::EXCEPTIONS`](crate::Events::EXCEPTIONS)).
    Throw {
        /// The tag's index in the module.
        tag: u32,
        /// The exception's values.
        values: Values<'a>,
    },
    /// A `throw_ref` (or a legacy `rethrow`) is about to be executed with this reference; it traps
    /// if that is null.
    ThrowRef(Option<Rooted<ExnRef>>),
    /// A clause of a `try_table` has caught an exception and is about to branch to its label. The
    /// frame's offset is that of the `try_table`; that of a legacy `catch` is its own.
    Catch {
        /// The index of the clause in its `try_table`; 0 for a legacy `catch`.
        clause: u32,
        /// The tag's index in the module; `None` if the clause catches all exceptions.
        tag: Option<u32>,
        /// The values that the label gets: those of the exception, and a reference to it.
        values: Values<'a>,
    },
    /// Garbage has been collected ([`Events::COLLECTIONS`](crate::Events::COLLECTIONS)). Hooks of
    /// the whole store get this event, whatever functions their filters select, once they may use
    /// the heap again.
    Collected(Collection),

    /// A guest traps; its frames still exist ([`Events::TRAPS`](crate::Events::TRAPS)).
    Trap(Trap),
    /// An error of the host, from a host function or a hook, stops a guest.
    HostError(&'a Error),
    /// Fuel has run out ([`Events::INTERRUPTS`](crate::Events::INTERRUPTS)).
    OutOfFuel,
    /// The epoch has reached its deadline; the store's reaction follows the event.
    EpochDeadline,
    /// A handle has interrupted the guest
    /// ([`InterruptHandle::interrupt`](crate::InterruptHandle::interrupt)).
    Interrupt,
}

impl From<Transition> for Event<'_> {
    fn from(transition: Transition) -> Self {
        match transition {
            Transition::CallingWasm => Self::CallingWasm,
            Transition::ReturningFromWasm => Self::ReturningFromWasm,
            Transition::CallingHost => Self::CallingHost,
            Transition::ReturningFromHost => Self::ReturningFromHost,
        }
    }
}

/// An answer to a call of a host function, given in place of the function.
///
/// A hook that returns this type as its error from [`Event::HostEnter`] makes the call return these
/// values; the host function does not run. Other hooks get the events of the call as usual. If
/// several hooks answer, the first answer counts.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Deny;
/// impl<T: 'static> Hook<T> for Deny {
///     const EVENTS: Events = Events::HOST_CALLS;
///     fn event(&mut self, _: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
///         match event {
///             Event::HostEnter(_) => Err(HostAnswer::new([Val::I32(-1)]).into()),
///             _ => Ok(()),
///         }
///     }
/// }
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (import "env" "pay" (func $pay (param i32) (result i32)))
///     (func (export "run") (result i32) (call $pay (i32.const 5))))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "pay", |sum: i32| -> i32 { panic!("{sum} paid") })?;
/// let mut store = Store::new(&engine, ());
/// store.attach(Filter::new(), Deny);
/// let instance = linker.instantiate(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
/// assert_eq!(run.call(&mut store, ())?, -1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("an answer was given where no host function is called")]
pub struct HostAnswer {
    pub(crate) values: Vec<Val>,
}

impl HostAnswer {
    /// Returns an answer of these values. Their types have to be the types of the function's
    /// results.
    pub fn new(values: impl IntoIterator<Item = Val>) -> Self {
        Self { values: values.into_iter().collect() }
    }
}

/// A call of an imported host function.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Log;
/// impl Hook<Vec<String>> for Log {
///     const EVENTS: Events = Events::HOST_CALLS;
///     fn event(
///         &mut self,
///         mut store: StoreContextMut<'_, Vec<String>>,
///         event: Event<'_>,
///     ) -> Result<()> {
///         if let Event::HostEnter(call) = event {
///             let line = format!("{}.{}{:?}", call.module, call.name, call.args);
///             store.data_mut().push(line);
///         }
///         Ok(())
///     }
/// }
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, Vec::new());
/// store.attach(Filter::new(), Log);
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("env", "print", |_: i32| ())?;
/// let module = Module::new(&engine, r#"
///     (module
///         (import "env" "print" (func $print (param i32)))
///         (func (export "run") (call $print (i32.const 7))))
/// "#)?;
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), ["env.print[I32(7)]"]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub struct HostCall<'a> {
    /// The first name of the import.
    pub module: &'a str,
    /// The second name of the import.
    pub name: &'a str,
    /// The function.
    pub func: Func,
    /// The arguments.
    pub args: Values<'a>,
}

/// The way in which a function is left.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Returns;
/// impl Hook<Vec<String>> for Returns {
///     const EVENTS: Events = Events::FUNCS;
///     fn event(
///         &mut self,
///         mut store: StoreContextMut<'_, Vec<String>>,
///         event: Event<'_>,
///     ) -> Result<()> {
///         match event {
///             Event::FuncLeave(Leave::Return(values)) => {
///                 store.data_mut().push(format!("returned {values:?}"));
///             }
///             Event::FuncLeave(Leave::TailCall) => store.data_mut().push("called on".into()),
///             Event::FuncLeave(Leave::Exception) => store.data_mut().push("threw".into()),
///             Event::FuncLeave(Leave::Unwind) => store.data_mut().push("ended".into()),
///             _ => {}
///         }
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), Vec::new());
/// store.attach(Filter::new(), Returns);
/// let module = Module::new(store.engine(), r#"
///     (module
///         (func (export "first") (result i32) (return_call $second))
///         (func $second (result i32) (i32.const 2)))
/// "#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(), i32>(&mut store, "first")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), ["called on", "returned [I32(2)]"]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug)]
pub enum Leave<'a> {
    /// The function returns these values.
    Return(Values<'a>),
    /// The function calls another in its place (`return_call`, `return_call_indirect`).
    TailCall,
    /// An exception leaves the function.
    Exception,
    /// A trap or an error of the host ends the function.
    Unwind,
}

/// Typed values, decoded on access.
///
/// # Example
///
/// ```
/// use burdock::*;
/// struct Sum;
/// impl Hook<i32> for Sum {
///     const EVENTS: Events = Events::FUNCS;
///     fn event(&mut self, mut store: StoreContextMut<'_, i32>, event: Event<'_>) -> Result<()> {
///         if let Event::FuncEnter(args) = event {
///             assert_eq!((args.len(), args.types().len()), (2, 2));
///             *store.data_mut() += args.iter().map(|arg| arg.unwrap_i32()).sum::<i32>();
///         }
///         Ok(())
///     }
/// }
/// let mut store = Store::new(&Engine::default(), 0);
/// store.attach(Filter::new(), Sum);
/// let module = Module::new(store.engine(), r#"(module (func (export "f") (param i32 i32)))"#)?;
/// let instance = Instance::new(&mut store, &module, &[])?;
/// instance.get_typed_func::<(i32, i32), ()>(&mut store, "f")?.call(&mut store, (3, 4))?;
/// assert_eq!(*store.data(), 7);
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone)]
pub struct Values<'a> {
    pub(crate) types: &'a [burdock_types::ValType],
    pub(crate) slots: &'a [u64],
    pub(crate) passing: Passing,
}

impl<'a> Values<'a> {
    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Returns `true` if there are no values.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// Returns the value at an index.
    pub fn get(&self, index: usize) -> Option<Val> {
        self.iter().nth(index)
    }

    /// Returns the types of the values.
    ///
    /// The type of a reference is the most general one of its hierarchy: `funcref` for any
    /// function.
    pub fn types(&self) -> impl ExactSizeIterator<Item = ValType> + use<'a> {
        self.types.iter().map(|ty| ValType::erased(*ty))
    }

    /// Returns an iterator over the values in order.
    pub fn iter(&self) -> impl Iterator<Item = Val> + use<'a> {
        let passing = self.passing;
        let mut slots = self.slots;
        self.types.iter().map(move |ty| {
            let (val, rest) = Val::load(ty.erased(), slots, passing.into());
            slots = rest;
            val
        })
    }
}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
