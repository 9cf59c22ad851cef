//! The vtable of a [`Host`]: its methods as function pointers, which handlers call without knowing
//! the host's type. [`RawHost`] is a hand-made trait object. It is no `dyn Host`, because native
//! handlers read the vtable, and the layout of a `dyn` vtable is not defined.

use super::{Failed, Host, call_host};
use crate::vm::SlotSpan;
use crate::{HostFunc, MemoryAddr, RawRef, SourceError, TableAddr, TypeId};
use core::marker::PhantomData;
use core::ptr::NonNull;

/// The previous size, if growing was possible.
pub(crate) type Grown = Result<Option<u64>, Failed>;

/// The methods of a [`Host`] as function pointers. The first argument of each is `RawHost::data`.
pub(crate) struct HostVTable {
    pub(crate) call_host: fn(NonNull<()>, HostFunc, SlotSpan) -> Result<(), Failed>,
    pub(crate) memory_grow: fn(NonNull<()>, MemoryAddr, u64) -> Grown,
    pub(crate) table_grow: fn(NonNull<()>, TableAddr, u64, RawRef) -> Grown,
    pub(crate) out_of_fuel: fn(NonNull<()>, u64) -> Result<bool, Failed>,
    pub(crate) epoch_reached: fn(NonNull<()>) -> Result<(), Failed>,
    pub(crate) epoch_deadline: fn(NonNull<()>) -> Result<(), Failed>,
    /// Returns `true` if the host has failed. Native handlers call this function.
    pub(crate) observe: extern "C-unwind" fn(NonNull<()>, u32) -> bool,
    pub(crate) follow: fn(NonNull<()>) -> Result<(), Failed>,
    pub(crate) translation_error: fn(NonNull<()>, SourceError),
    pub(crate) is_subtype: fn(NonNull<()>, TypeId, TypeId) -> bool,
    /// Returns `true` if the host's last error stands for the pending exception.
    pub(crate) throws: fn(NonNull<()>) -> bool,
    /// Drops the host's last error: the exception has been caught.
    pub(crate) caught: fn(NonNull<()>),
    /// Makes an error of the pending exception, which no guest catches.
    pub(crate) uncaught: fn(NonNull<()>),
    pub(crate) throwing: fn(NonNull<()>, bool) -> Result<(), Failed>,
    pub(crate) unwinding: fn(NonNull<()>, usize) -> Result<(), Failed>,
    pub(crate) heap_grow: fn(NonNull<()>, u32) -> Result<(), Failed>,
    pub(crate) host_values_died: fn(NonNull<()>) -> Result<(), Failed>,
    pub(crate) collected: fn(NonNull<()>) -> Result<(), Failed>,
}

/// A host during a run, and the error that it has returned last.
pub(crate) struct HostData<'h, H: Host> {
    pub(crate) host: &'h mut H,
    /// The number of runs outside of this one.
    pub(crate) depth: usize,
    pub(crate) error: Option<H::Error>,
}

/// A pointer to [`HostData`] with the vtable for its type.
#[derive(Clone, Copy)]
pub(crate) struct RawHost {
    pub(crate) data: NonNull<()>,
    pub(crate) vtable: &'static HostVTable,
}

impl RawHost {
    /// The host of a store in which no run executes: every call fails.
    pub(crate) const NONE: Self = Self {
        data: NonNull::dangling(),
        vtable: &HostVTable {
            call_host: |_, _, _| Err(Failed),
            memory_grow: |_, _, _| Err(Failed),
            table_grow: |_, _, _, _| Err(Failed),
            out_of_fuel: |_, _| Ok(false),
            epoch_reached: |_| Err(Failed),
            epoch_deadline: |_| Err(Failed),
            observe: observe_none,
            follow: |_| Err(Failed),
            translation_error: |_, _| {},
            is_subtype: |_, _, _| false,
            throws: |_| false,
            caught: |_| {},
            uncaught: |_| {},
            throwing: |_, _| Err(Failed),
            unwinding: |_, _| Err(Failed),
            heap_grow: |_, _| Err(Failed),
            host_values_died: |_| Err(Failed),
            collected: |_| Err(Failed),
        },
    };
}

extern "C-unwind" fn observe_none(_: NonNull<()>, _: u32) -> bool {
    true
}

extern "C-unwind" fn observe<H: Host>(data: NonNull<()>, site: u32) -> bool {
    // Not settled: `Vm::LEFT` tells the machine to do so.
    let HostData { host, error, .. } = data_of::<H>(data);
    host.observe(site, error).is_err()
}

struct VTableOf<H>(PhantomData<H>);

impl<H: Host> VTableOf<H> {
    const VTABLE: &'static HostVTable = &HostVTable {
        call_host: |data, func, slots| {
            let data = data_of::<H>(data);
            // `call_host` may leave runs behind only when it fails.
            call_host(data.host, func, slots).map_err(|error| {
                data.host.vm().settle(data.depth);
                data.keep(error)
            })
        },
        memory_grow: |data, memory, delta| {
            data_of::<H>(data).call(|host| host.memory_grow(memory, delta))
        },
        table_grow: |data, table, delta, init| {
            data_of::<H>(data).call(|host| host.table_grow(table, delta, init))
        },
        out_of_fuel: |data, required| data_of::<H>(data).call(|host| host.out_of_fuel(required)),
        epoch_reached: |data| data_of::<H>(data).call(H::epoch_reached),
        epoch_deadline: |data| data_of::<H>(data).call(H::epoch_deadline),
        observe: observe::<H>,
        follow: |data| data_of::<H>(data).call(H::follow),
        translation_error: |data, error| {
            let _: Result<(), _> =
                data_of::<H>(data).call(|host| Err(host.translation_error(error)));
        },
        is_subtype: |data, ty, other| data_of::<H>(data).host.is_subtype(ty, other),
        throws: |data| {
            let HostData { host, error, .. } = data_of::<H>(data);
            error.as_ref().is_some_and(|error| host.throws(error))
        },
        caught: |data| data_of::<H>(data).error = None,
        uncaught: |data| {
            let data = data_of::<H>(data);
            data.error = Some(data.host.uncaught());
        },
        throwing: |data, by_host| data_of::<H>(data).call(|host| host.throwing(by_host)),
        unwinding: |data, frames| data_of::<H>(data).call(|host| host.unwinding(frames)),
        host_values_died: |data| data_of::<H>(data).call(H::host_values_died),
        collected: |data| data_of::<H>(data).call(H::collected),
        heap_grow: |data, bytes| data_of::<H>(data).call(|host| host.heap_grow(bytes)),
    };
}

impl<H: Host> HostData<'_, H> {
    /// Calls the host, ends the runs that it has begun and leaked, and keeps its error.
    #[inline(always)]
    fn call<R>(&mut self, call: impl FnOnce(&mut H) -> Result<R, H::Error>) -> Result<R, Failed> {
        let result = call(self.host);
        self.host.vm().settle(self.depth);
        match result {
            Ok(result) => Ok(result),
            Err(error) => Err(self.keep(error)),
        }
    }

    /// Keeps an error. Out of line, so that the vtable's functions need no registers for it.
    #[cold]
    #[inline(never)]
    fn keep(&mut self, error: H::Error) -> Failed {
        self.error = Some(error);
        Failed
    }

    /// Returns the pointer to this value with the vtable of its type.
    pub(crate) fn raw(&mut self) -> RawHost {
        RawHost { data: NonNull::from(self).cast(), vtable: VTableOf::<H>::VTABLE }
    }
}

/// Returns the host behind the pointer that a function of the vtable was called with.
#[inline(always)]
fn data_of<'d, H: Host>(data: NonNull<()>) -> &'d mut HostData<'d, H> {
    // SAFETY: [HOST] data and vtable were set together, by `raw`, for the run that executes; the
    // machine holds no reference into the host while it calls the host.
    unsafe { data.cast::<HostData<'d, H>>().as_mut() }
}
