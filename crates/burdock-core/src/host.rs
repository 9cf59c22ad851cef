//! `Host`: all that the machine asks of the world above it, and `Services`, the same as plain
//! function pointers, so that handlers carry no type of the world above.

use crate::vm::{SlotSpan, Vm};
use crate::{HostFunc, MemoryAddr, RawRef, SourceError, TableAddr};
use burdock_types::{Events, Trap};
use core::marker::PhantomData;
use core::ptr::NonNull;

/// Something that happens while the machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The host is about to call a function.
    CallingWasm,
    /// That call is over, however it ended.
    ReturningFromWasm,
    /// A host function is about to be called.
    CallingHost,
    /// That call is over, however it ended.
    ReturningFromHost,
}

/// What the machine asks of the world above it.
///
/// # Safety
///
/// `vm` gives the same [`Vm`] each time, and no method replaces that `Vm` by another. The methods
/// may call [`run`](crate::run) on it, which takes turns with the run they are called from. Where
/// `call_host` succeeds, no run is left that began within it ([`Vm::settle`]).
pub unsafe trait Host {
    /// The embedder's error.
    type Error: From<Trap> + 'static;
    /// The events that [`event`](Self::event) is called for.
    const EVENTS: Events;

    /// The machine's store.
    fn vm(&mut self) -> &mut Vm;

    /// Calls a host function: arguments are in the span's first slots, results go there.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn call_host(&mut self, func: HostFunc, slots: SlotSpan) -> Result<(), Self::Error>;

    /// Takes note of an event.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn event(&mut self, event: Event) -> Result<(), Self::Error>;

    /// Returns `true` if a call that stops with `error` only waits. Such a call is not over, and
    /// keeps its frames until it goes on ([`go_on`](crate::go_on)).
    fn suspends(&mut self, error: &Self::Error) -> bool;

    /// Grows a memory by so many pages if that is allowed; gives its size before.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn memory_grow(&mut self, memory: MemoryAddr, delta: u64) -> Result<Option<u64>, Self::Error>;

    /// Grows a table by so many elements if that is allowed; gives its size before.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn table_grow(
        &mut self,
        table: TableAddr,
        delta: u64,
        init: RawRef,
    ) -> Result<Option<u64>, Self::Error>;

    /// Code costs `required` fuel, which is more than there is: whether it is there now.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with; it may be resumed, and takes its fuel then.
    fn out_of_fuel(&mut self, required: u64) -> Result<bool, Self::Error>;

    /// The epoch's deadline is reached, and nothing has been done about it yet.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with; it may be resumed, and is asked about again.
    fn epoch_reached(&mut self) -> Result<(), Self::Error>;

    /// The epoch's deadline is reached: sets another one, or errs.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn epoch_deadline(&mut self) -> Result<(), Self::Error>;

    /// A guest has arrived at a site of code that is observed; how it goes on is what the
    /// machine is told meanwhile ([`Vm::return_early`]).
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with is left in `error`: what is told so often gives
    /// nothing that somebody in between would have to look at.
    fn observe(&mut self, site: u32, error: &mut Option<Self::Error>) -> Result<(), Failed>;

    /// The event of a site is over, and the machine was asked to ask again
    /// ([`Vm::ask_to_follow`]), or to have the guest return.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with.
    fn follow(&mut self) -> Result<(), Self::Error>;

    /// A guest is about to be stopped: its frames are still there. `ends` says whether its calls
    /// are over with that; else they can be resumed.
    ///
    /// # Errors
    ///
    /// The error that the guest is stopped with instead.
    fn stopping(&mut self, why: Stopping<'_, Self::Error>, ends: bool) -> Result<(), Self::Error>;

    /// A function that was called for the first time could not be translated.
    fn translation_error(&mut self, error: SourceError) -> Self::Error;
}

/// Why a guest is about to be stopped.
#[derive(Debug)]
pub enum Stopping<'e, E> {
    /// It traps.
    Trap(Trap),
    /// There is too little fuel.
    OutOfFuel,
    /// The host has erred: a host function, or whatever else was asked of it.
    Error(&'e E),
}

/// The error is elsewhere; this says that there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// The size before growing, if it was possible.
pub(crate) type Grown = Result<Option<u64>, Failed>;

/// The methods of a [`Host`] as function pointers; the first argument is a [`Door`].
pub(crate) struct Services {
    pub(crate) call_host: fn(NonNull<()>, HostFunc, SlotSpan) -> Result<(), Failed>,
    pub(crate) memory_grow: fn(NonNull<()>, MemoryAddr, u64) -> Grown,
    pub(crate) table_grow: fn(NonNull<()>, TableAddr, u64, RawRef) -> Grown,
    pub(crate) out_of_fuel: fn(NonNull<()>, u64) -> Result<bool, Failed>,
    pub(crate) epoch_reached: fn(NonNull<()>) -> Result<(), Failed>,
    pub(crate) epoch_deadline: fn(NonNull<()>) -> Result<(), Failed>,
    /// Whether the host has erred: native handlers call this.
    pub(crate) observe: extern "C-unwind" fn(NonNull<()>, u32) -> bool,
    pub(crate) follow: fn(NonNull<()>) -> Result<(), Failed>,
    pub(crate) translation_error: fn(NonNull<()>, SourceError),
}

/// A host during a run, and the error that ended it.
pub(crate) struct Door<'h, H: Host> {
    pub(crate) host: &'h mut H,
    /// The number of runs outside of this one.
    pub(crate) depth: usize,
    pub(crate) error: Option<H::Error>,
}

/// A door and its services, as the machine knows them.
#[derive(Clone, Copy)]
pub(crate) struct Seat {
    pub(crate) door: NonNull<()>,
    pub(crate) services: &'static Services,
}

impl Seat {
    /// Nobody sits there: whatever is asked fails.
    pub(crate) const NOBODY: Self = Self {
        door: NonNull::dangling(),
        services: &Services {
            call_host: |_, _, _| Err(Failed),
            memory_grow: |_, _, _| Err(Failed),
            table_grow: |_, _, _, _| Err(Failed),
            out_of_fuel: |_, _| Ok(false),
            epoch_reached: |_| Err(Failed),
            epoch_deadline: |_| Err(Failed),
            observe: nobody_observes,
            follow: |_| Err(Failed),
            translation_error: |_, _| {},
        },
    };
}

extern "C-unwind" fn nobody_observes(_: NonNull<()>, _: u32) -> bool {
    true
}

extern "C-unwind" fn observe<H: Host>(door: NonNull<()>, site: u32) -> bool {
    let Door { host, depth, error } = behind::<H>(door);
    let failed = host.observe(site, error).is_err();
    host.vm().settle(*depth);
    failed
}

struct Of<H>(PhantomData<H>);

impl<H: Host> Of<H> {
    const SERVICES: &'static Services = &Services {
        call_host: |door, func, slots| {
            let door = behind::<H>(door);
            // Settles only after an error: a host function that returns has left no run behind, as
            // `Host` promises.
            call_host(door.host, func, slots).map_err(|error| {
                door.host.vm().settle(door.depth);
                door.keep(error)
            })
        },
        memory_grow: |door, memory, delta| {
            with::<H, _>(door, |host| host.memory_grow(memory, delta))
        },
        table_grow: |door, table, delta, init| {
            with::<H, _>(door, |host| host.table_grow(table, delta, init))
        },
        out_of_fuel: |door, required| with::<H, _>(door, |host| host.out_of_fuel(required)),
        epoch_reached: |door| with::<H, _>(door, H::epoch_reached),
        epoch_deadline: |door| with::<H, _>(door, H::epoch_deadline),
        observe: observe::<H>,
        follow: |door| with::<H, _>(door, H::follow),
        translation_error: |door, error| {
            let _ = with::<H, ()>(door, |host| Err(host.translation_error(error)));
        },
    };
}

impl<H: Host> Door<'_, H> {
    /// Apart, so that services need no registers for it.
    #[cold]
    #[inline(never)]
    fn keep(&mut self, error: H::Error) -> Failed {
        self.error = Some(error);
        Failed
    }

    pub(crate) fn seat(&mut self) -> Seat {
        Seat { door: NonNull::from(self).cast(), services: Of::<H>::SERVICES }
    }
}

/// The door that a service was given.
#[inline(always)]
fn behind<'d, H: Host>(door: NonNull<()>) -> &'d mut Door<'d, H> {
    // SAFETY: [SEAT] door and services were set together, by `seat`, for the run that is on; the
    // machine holds no reference into the host while it asks for a service.
    unsafe { door.cast::<Door<'d, H>>().as_mut() }
}

/// Calls the host behind a door; an error stays there.
#[inline(always)]
fn with<H: Host, R>(
    door: NonNull<()>,
    f: impl FnOnce(&mut H) -> Result<R, H::Error>,
) -> Result<R, Failed> {
    let door = behind::<H>(door);
    let answer = f(door.host);
    door.host.vm().settle(door.depth);
    match answer {
        Ok(answer) => Ok(answer),
        Err(error) => Err(door.keep(error)),
    }
}

/// Calls a host function, with the events around it where they are wanted.
pub(crate) fn call_host<H: Host>(
    host: &mut H,
    func: HostFunc,
    slots: SlotSpan,
) -> Result<(), H::Error> {
    tell(host, Event::CallingHost)?;
    let depth = host.vm().depth();
    let result = host.call_host(func, slots);
    if const { H::EVENTS.contains(Events::CALLS) } {
        host.vm().settle(depth);
        if let Err(error) = &result
            && host.suspends(error)
        {
            return result;
        }
        tell(host, Event::ReturningFromHost)?;
    }
    result
}

/// Tells the host of an event if `H::EVENTS` selects the event.
#[inline(always)]
pub(crate) fn tell<H: Host>(host: &mut H, event: Event) -> Result<(), H::Error> {
    if const { H::EVENTS.contains(Events::CALLS) } {
        let depth = host.vm().depth();
        let told = host.event(event);
        host.vm().settle(depth);
        return told;
    }
    Ok(())
}
