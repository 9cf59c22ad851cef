//! The event of a site, made from the values that the site shows.

use super::version::SiteAt;
use crate::event::{Allocation, Growth, Leave, MemoryAccess, Values};
use crate::store::StoreInner;
use crate::values::{Passing, Rooting};
use crate::{Event, Module, Val};
use alloc::vec::Vec;
use burdock_core::InstanceAddr;
use burdock_core::heap::Reference;
use burdock_ir::CastTarget;
use burdock_translate::{Access, Length, Point};
use burdock_types::{
    DataIdx, GRANULE, GlobalIdx, HEADER, MemoryIdx, Storage, TableIdx, TypeIdx, ValType,
};

/// A copy of the values that an event shows, because hooks get the whole store.
pub(super) struct Found {
    few_types: [ValType; Self::FEW],
    few_slots: [u64; Self::FEW],
    many_types: Vec<ValType>,
    many_slots: Vec<u64>,
    types: usize,
    slots: usize,
}

impl Default for Found {
    fn default() -> Self {
        Self {
            few_types: [ValType::I32; Self::FEW],
            few_slots: [0; Self::FEW],
            many_types: Vec::new(),
            many_slots: Vec::new(),
            types: 0,
            slots: 0,
        }
    }
}

impl Found {
    const FEW: usize = 8;

    /// Copies values.
    #[inline]
    pub(super) fn set(&mut self, types: &[ValType], slots: &[u64]) {
        (self.types, self.slots) = (types.len(), slots.len());
        if slots.len().max(types.len()) > Self::FEW {
            (self.many_types, self.many_slots) = (types.to_vec(), slots.to_vec());
            return;
        }
        // Not a call of `memcpy`: they are very few.
        for (to, from) in self.few_types.iter_mut().zip(types) {
            *to = *from;
        }
        for (to, from) in self.few_slots.iter_mut().zip(slots) {
            *to = *from;
        }
    }

    pub(super) fn values(&self, passing: Passing) -> Values<'_> {
        let (types, slots) = match self.slots.max(self.types) > Self::FEW {
            true => (&self.many_types[..], &self.many_slots[..]),
            false => (&self.few_types[..self.types], &self.few_slots[..self.slots]),
        };
        Values { types, slots, passing }
    }
}

/// Returns the event of a site whose values are shown as they are; `None` for other sites.
#[inline(always)]
pub(super) fn event_of_values(point: Point, values: Values<'_>) -> Option<Event<'_>> {
    Some(match point {
        Point::Enter => Event::FuncEnter(values),
        Point::Return => Event::FuncLeave(Leave::Return(values)),
        Point::TailCall => Event::FuncLeave(Leave::TailCall),
        Point::Instruction | Point::Delimiter => Event::Instruction,
        Point::Loop => Event::LoopIteration,
        _ => return None,
    })
}

impl<T: 'static> StoreInner<T> {
    /// Returns the event of a site, from the values that were found there.
    #[inline]
    pub(super) fn event<'f>(
        &self,
        site: &SiteAt,
        found: &'f Found,
        passing: Passing,
    ) -> Option<Event<'f>> {
        let values = found.values(passing);
        event_of_values(site.point, values).or_else(|| match site.point {
            Point::Throw { tag } => Some(Event::Throw { tag, values }),
            Point::Catch { clause, tag, .. } => Some(Event::Catch { clause, tag, values }),
            _ => self.event_with_operands(site, values.slots, passing),
        })
    }

    /// Returns the event of a site that shows what its operands mean.
    #[inline(never)]
    fn event_with_operands(
        &self,
        site: &SiteAt,
        slots: &[u64],
        passing: Passing,
    ) -> Option<Event<'static>> {
        let plan = &self.hooks.observation.as_ref()?.plans[site.plan as usize];
        let instance = plan.instance;
        let vm = &self.opaque.vm;
        Some(match site.point {
            // Events of values.
            Point::Enter | Point::Return | Point::TailCall => return None,
            Point::Throw { .. } | Point::Catch { .. } => return None,
            Point::Instruction | Point::Delimiter | Point::Loop => return None,
            // Places without an event.
            Point::Returned | Point::Checked(_) | Point::Caught { .. } => return None,
            Point::Branch
            | Point::BranchOnNull { .. }
            | Point::BranchOnCast { .. }
            | Point::BranchOnCastDesc { .. } => {
                Event::Branch { taken: self.is_taken(site.point, instance, slots) }
            }
            Point::BranchTable { targets } => {
                Event::BranchTable { index: (slots[0] as u32).min(targets), targets: targets + 1 }
            }
            Point::Load(_)
            | Point::Store(_)
            | Point::Fill { .. }
            | Point::Copy { .. }
            | Point::Init { .. } => return self.access_event(site.point, instance, slots),
            Point::MemoryGrown { memory } => {
                let addr = vm.instance_memory(instance, MemoryIdx(memory));
                let wide = vm.memory_type(addr).index == burdock_types::IndexType::I64;
                let new = vm.memory_size(addr);
                Event::MemoryGrow(Growth { index: memory, old: old_size(slots[0], wide), new })
            }
            Point::TableGrown { table } => {
                let addr = vm.instance_table(instance, TableIdx(table));
                let wide = vm.table_type(addr).index == burdock_types::IndexType::I64;
                let new = vm.table_size(addr);
                Event::TableGrow(Growth { index: table, old: old_size(slots[0], wide), new })
            }
            Point::Allocate { ty, len } => {
                let len = len.map(|len| match len {
                    Length::OnTop => slots[0] as u32,
                    Length::Fixed(len) => len,
                });
                Event::Allocate(Allocation { ty, len, bytes: size_of(&plan.module, ty, len) })
            }
            Point::ThrowRef | Point::Rethrow { .. } => {
                Event::ThrowRef(Rooting::from(passing).root(slots[0]))
            }
            Point::GlobalSet { global } => {
                let addr = vm.instance_global(instance, GlobalIdx(global));
                let halves = [slots[0], slots.get(1).copied().unwrap_or(0)];
                let value = Val::from_halves(vm.global_type(addr).content, halves, passing.into());
                Event::GlobalSet { global, value }
            }
        })
    }

    /// Returns `true` if the branch of a point is going to be taken.
    fn is_taken(&self, point: Point, instance: InstanceAddr, slots: &[u64]) -> bool {
        match point {
            Point::BranchOnNull { if_null } => (slots[0] == 0) == if_null,
            Point::BranchOnCast { target, if_it_is } => {
                self.is_of_type(instance, slots[0], target) == if_it_is
            }
            Point::BranchOnCastDesc { nullable, if_it_is } => {
                let [reference, descriptor] = [slots[0], slots[1]].map(Reference::from_slot);
                let heap = self.opaque.vm.heap();
                // A descriptor that is null traps; counts take the reference for one without it.
                let has_it = descriptor.object().is_some_and(|descriptor| match reference.0 {
                    0 => nullable,
                    _ => heap.has_descriptor(reference, descriptor),
                });
                has_it == if_it_is
            }
            _ => slots[0] as u32 != 0,
        }
    }

    /// Returns `true` if the reference in a slot is of the type that a cast asks for.
    fn is_of_type(&self, instance: InstanceAddr, slot: u64, target: u32) -> bool {
        let types = self.opaque.engine().types();
        let is_subtype = |ty, other| types.is_subtype(ty, other);
        self.opaque.vm.is_of_type(instance, slot, CastTarget::from_bits(target).ty(), is_subtype)
    }

    /// Returns the event of an access to a memory; `None` if the access is out of bounds.
    fn access_event(
        &self,
        point: Point,
        instance: InstanceAddr,
        slots: &[u64],
    ) -> Option<Event<'static>> {
        Some(match point {
            Point::Load(access) => {
                let (address, bytes) = self.accessed(instance, access, slots[0])?;
                let value =
                    bytes.iter().rev().fold(0, |value, byte| value << 8 | u128::from(*byte));
                Event::MemoryRead(memory_access(access, address, Some(value)))
            }
            Point::Store(access) => {
                let (address, _) = self.accessed(instance, access, slots[0])?;
                let value = stored(access, &slots[1..]);
                Event::MemoryWrite(memory_access(access, address, Some(value)))
            }
            Point::Fill { memory } => {
                let access = self.bulk(instance, memory, slots[0], slots[2])?;
                Event::MemoryWrite(access)
            }
            Point::Copy { memory, writes } => {
                let at = if writes { slots[0] } else { slots[1] };
                let access = self.bulk(instance, memory, at, slots[2])?;
                if writes { Event::MemoryWrite(access) } else { Event::MemoryRead(access) }
            }
            Point::Init { memory, data } => {
                let available = self.opaque.vm.data_bytes(instance, DataIdx(data)).len() as u64;
                if slots[1].checked_add(slots[2]).is_none_or(|end| end > available) {
                    return None;
                }
                Event::MemoryWrite(self.bulk(instance, memory, slots[0], slots[2])?)
            }
            _ => return None,
        })
    }

    /// Returns the address of an access and the bytes there; `None` if it is out of bounds.
    fn accessed(
        &self,
        instance: InstanceAddr,
        access: Access,
        address: u64,
    ) -> Option<(u64, &[u8])> {
        let vm = &self.opaque.vm;
        let bytes = vm.memory_data(vm.instance_memory(instance, MemoryIdx(access.memory)));
        let address = address.checked_add(access.offset)?;
        let start = usize::try_from(address).ok()?;
        let bytes = bytes.get(start..start.checked_add(access.width.into())?)?;
        Some((address, bytes))
    }

    /// Returns an access to `len` bytes; `None` if it is out of bounds.
    fn bulk(
        &self,
        instance: InstanceAddr,
        memory: u32,
        address: u64,
        len: u64,
    ) -> Option<MemoryAccess> {
        let vm = &self.opaque.vm;
        let available = vm.memory_data(vm.instance_memory(instance, MemoryIdx(memory))).len();
        let fits = address.checked_add(len).is_some_and(|end| end <= available as u64);
        fits.then_some(MemoryAccess { memory, address, len, value: None })
    }
}

/// Returns the number of bytes of an object of a type of the module.
fn size_of(module: &Module, ty: u32, len: Option<u32>) -> u64 {
    let (def, ty) = (module.def(), TypeIdx(ty));
    match len {
        None => def.layouts[ty.index()].size.into(),
        Some(len) => {
            let element = Storage::of(def.array_element(ty).storage).size();
            let bytes = u64::from(HEADER) + u64::from(len) * u64::from(element);
            bytes.next_multiple_of(GRANULE.into())
        }
    }
}

fn memory_access(access: Access, address: u64, value: Option<u128>) -> MemoryAccess {
    MemoryAccess { memory: access.memory, address, len: access.width.into(), value }
}

/// Returns the bytes that a store writes.
fn stored(access: Access, slots: &[u64]) -> u128 {
    let value = u128::from(slots[0]) | u128::from(slots.get(1).copied().unwrap_or(0)) << 64;
    let bits = 8 * u32::from(access.width);
    let lane = access.lane.map_or(0, u32::from);
    let value = value >> (lane * bits);
    if bits < 128 { value & ((1 << bits) - 1) } else { value }
}

/// Returns the result of `memory.grow` or `table.grow` as a size; `None` if it failed.
fn old_size(result: u64, wide: bool) -> Option<u64> {
    let failed = if wide { u64::MAX } else { u32::MAX.into() };
    (result != failed).then_some(result)
}
