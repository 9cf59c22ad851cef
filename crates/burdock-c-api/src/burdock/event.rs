//! Events as structures.

use burdock::{Error, Event, Leave, StoreContextMut, Val, Values};

use crate::cell::{Data, StoreCell};
use crate::wasmtime::error::code_of;
use crate::wasmtime::val::{OwnedValues, wasmtime_val_t};

/// An event. Fields that the kind does not name are zero.
#[repr(C)]
pub(crate) struct burdock_event_t {
    kind: u8,
    flag: bool,
    index: u32,
    count: u32,
    address: u64,
    size: u64,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    values: *const wasmtime_val_t,
    nvalues: usize,
}

/// An event with the values and texts that its structure leads to.
pub(crate) struct Owned {
    event: burdock_event_t,
    values: OwnedValues,
    message: String,
}

/// The first part of `burdock_event_kind_enum`, which call hooks get as well.
pub(crate) const CALLING_WASM: u8 = 0;
pub(crate) const RETURNING_FROM_WASM: u8 = 1;
pub(crate) const CALLING_HOST: u8 = 2;
pub(crate) const RETURNING_FROM_HOST: u8 = 3;
const HOST_ENTER: u8 = 4;
const HOST_LEAVE: u8 = 5;
const FUNC_ENTER: u8 = 6;
const FUNC_LEAVE: u8 = 7;
const INSTRUCTION: u8 = 8;
const BRANCH: u8 = 9;
const BRANCH_TABLE: u8 = 10;
const LOOP_ITERATION: u8 = 11;
const MEMORY_READ: u8 = 12;
const MEMORY_WRITE: u8 = 13;
const MEMORY_GROW: u8 = 14;
const TABLE_GROW: u8 = 15;
const GLOBAL_SET: u8 = 16;
const ALLOCATE: u8 = 17;
const THROW: u8 = 18;
const THROW_REF: u8 = 19;
const TRAP: u8 = 20;
const HOST_ERROR: u8 = 21;
const OUT_OF_FUEL: u8 = 22;
const EPOCH_DEADLINE: u8 = 23;
const CATCH: u8 = 24;
const COLLECTED: u8 = 25;
const HEAP_GROW: u8 = 26;

impl burdock_event_t {
    fn of(kind: u8) -> Self {
        Self {
            kind,
            flag: false,
            index: 0,
            count: 0,
            address: 0,
            size: 0,
            module: std::ptr::null(),
            module_len: 0,
            name: std::ptr::null(),
            name_len: 0,
            values: std::ptr::null(),
            nvalues: 0,
        }
    }

    fn indexed(kind: u8, index: u32) -> Self {
        Self { index, ..Self::of(kind) }
    }

    fn named(kind: u8, module: &str, name: &str) -> Self {
        Self {
            module: module.as_ptr(),
            module_len: module.len(),
            name: name.as_ptr(),
            name_len: name.len(),
            ..Self::of(kind)
        }
    }

    fn access(kind: u8, access: &burdock::MemoryAccess) -> Self {
        let (index, address, size) = (access.memory, access.address, access.len);
        Self { index, address, size, ..Self::of(kind) }
    }

    fn growth(kind: u8, growth: &burdock::Growth) -> Self {
        Self {
            index: growth.index,
            flag: growth.old.is_some(),
            address: growth.old.unwrap_or(0),
            size: growth.new,
            ..Self::of(kind)
        }
    }
}

impl Owned {
    /// Makes the structure of an event. What it leads to lives as long as the event and the result.
    pub(crate) fn new(
        cell: &StoreCell,
        store: &mut StoreContextMut<'_, Data>,
        event: &Event<'_>,
    ) -> Self {
        let (event, values, message) = describe(event);
        let values = OwnedValues::new(cell, burdock::AsContextMut::as_context_mut(store), &values);
        Self { event, values, message: message.unwrap_or_default() }
    }

    /// Returns the structure.
    pub(crate) fn event(&mut self) -> &burdock_event_t {
        if !self.values.as_slice().is_empty() {
            let (values, count) = self.values.parts();
            self.event.values = values;
            self.event.nvalues = count;
        }
        if !self.message.is_empty() {
            self.event.name = self.message.as_ptr();
            self.event.name_len = self.message.len();
        }
        &self.event
    }
}

/// The structure of an event, its values, and its message.
type Description = (burdock_event_t, Vec<Val>, Option<String>);

fn describe(event: &Event<'_>) -> Description {
    use burdock_event_t as E;
    let all = |values: &Values<'_>| values.iter().collect::<Vec<_>>();
    let plain = |event| (event, Vec::new(), None);
    match event {
        Event::CallingWasm => plain(E::of(CALLING_WASM)),
        Event::ReturningFromWasm => plain(E::of(RETURNING_FROM_WASM)),
        Event::CallingHost => plain(E::of(CALLING_HOST)),
        Event::ReturningFromHost => plain(E::of(RETURNING_FROM_HOST)),
        Event::HostEnter(call) => {
            (E::named(HOST_ENTER, call.module, call.name), all(&call.args), None)
        }
        Event::HostLeave(call, outcome) => {
            let values = outcome.as_ref().map(all).unwrap_or_default();
            let event = E::named(HOST_LEAVE, call.module, call.name);
            (E { flag: outcome.is_err(), ..event }, values, None)
        }
        Event::FuncEnter(args) => (E::of(FUNC_ENTER), all(args), None),
        Event::FuncLeave(leave) => left(leave),
        Event::Instruction => plain(E::of(INSTRUCTION)),
        Event::Branch { taken } => plain(E { flag: *taken, ..E::of(BRANCH) }),
        Event::BranchTable { index, targets } => {
            plain(E { count: *targets, ..E::indexed(BRANCH_TABLE, *index) })
        }
        Event::LoopIteration => plain(E::of(LOOP_ITERATION)),
        Event::MemoryRead(access) => plain(E::access(MEMORY_READ, access)),
        Event::MemoryWrite(access) => plain(E::access(MEMORY_WRITE, access)),
        Event::MemoryGrow(growth) => plain(E::growth(MEMORY_GROW, growth)),
        Event::TableGrow(growth) => plain(E::growth(TABLE_GROW, growth)),
        Event::GlobalSet { global, value } => (E::indexed(GLOBAL_SET, *global), vec![*value], None),
        Event::Allocate(object) => {
            let event = E::indexed(ALLOCATE, object.ty);
            plain(E { count: object.len.unwrap_or(0), size: object.bytes, ..event })
        }
        Event::Throw { tag, values } => (E::indexed(THROW, *tag), all(values), None),
        Event::ThrowRef(exception) => (E::of(THROW_REF), vec![Val::ExnRef(*exception)], None),
        Event::Catch { clause, tag, values } => {
            let event = E::indexed(CATCH, tag.unwrap_or(0));
            (E { flag: tag.is_some(), count: *clause, ..event }, all(values), None)
        }
        Event::Collected(collection) => {
            let (address, size) = (collection.bytes_before, collection.live_bytes);
            plain(E { flag: collection.is_full, address, size, ..E::of(COLLECTED) })
        }
        Event::HeapGrow { old, new } => plain(E { address: *old, size: *new, ..E::of(HEAP_GROW) }),
        Event::Trap(trap) => {
            let code = code_of(*trap).unwrap_or(u8::MAX);
            (E::indexed(TRAP, code.into()), Vec::new(), said(trap))
        }
        Event::HostError(error) => (E::of(HOST_ERROR), Vec::new(), said(&Message(error))),
        Event::OutOfFuel => plain(E::of(OUT_OF_FUEL)),
        Event::EpochDeadline => plain(E::of(EPOCH_DEADLINE)),
        _ => crate::abi::wrong_kind(),
    }
}

/// Describes the end of a function: the way is the index.
fn left(leave: &Leave<'_>) -> Description {
    let (way, values) = match leave {
        Leave::Return(values) => (0, values.iter().collect()),
        Leave::TailCall => (1, Vec::new()),
        Leave::Unwind => (2, Vec::new()),
        Leave::Exception => (3, Vec::new()),
    };
    (burdock_event_t::indexed(FUNC_LEAVE, way), values, None)
}

fn said(what: &impl ToString) -> Option<String> {
    Some(what.to_string())
}

/// An error as the chain of its messages.
struct Message<'e>(&'e Error);

impl std::fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}
