//! `Filter`: the events and places that a hook observes.

use crate::debug::Breakpoints;
use crate::store::StoreId;
use crate::{Event, Events, Instance, Memory, Module};
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use burdock_core::{WatchedMemories, WatchedRange};
use burdock_translate::Accesses;
use core::ops::Range;

/// The places and events that an attached hook observes.
///
/// A filter without restrictions selects everything. Restrictions of one kind widen each other,
/// those of different kinds narrow each other: functions `a` or `b`, but only in this instance. In
/// patterns, `*` stands for any characters and `?` for one.
///
/// # Example
///
/// ```
/// use burdock::{Events, Filter};
/// let exports_of_the_allocator = Filter::new().func("malloc").func("*free");
/// let files = Filter::new().events(Events::HOST_CALLS).import("wasi_snapshot_preview1", "path_*");
/// # let _ = (exports_of_the_allocator, files);
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    pub(super) events: Events,
    funcs: Vec<u32>,
    names: Vec<String>,
    imports: Vec<[String; 2]>,
    instances: Vec<Instance>,
    pub(super) offsets: BTreeSet<u32>,
    /// The watched addresses.
    addresses: Vec<(Memories, Range<u64>)>,
    /// Restricts a debugger's instructions to these places.
    pub(crate) breakpoints: Option<Breakpoints>,
}

/// The memories in which addresses are watched.
#[derive(Clone, Copy, Debug)]
enum Memories {
    All,
    /// Those with an index in their module.
    Index(u32),
    One(Memory),
}

impl Memories {
    /// Returns `true` if the memory is one of them. `index` is its index in a module.
    fn contain(&self, index: u32, memory: impl FnOnce() -> Memory) -> bool {
        match self {
            Self::All => true,
            Self::Index(own) => *own == index,
            Self::One(own) => Memory::same(own, &memory()),
        }
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            events: Events::ALL,
            funcs: Vec::new(),
            names: Vec::new(),
            imports: Vec::new(),
            instances: Vec::new(),
            offsets: BTreeSet::new(),
            addresses: Vec::new(),
            breakpoints: None,
        }
    }
}

impl Filter {
    /// Creates a filter that selects everything that the hook's type names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Selects only these events, of those that the hook's type names.
    #[must_use]
    pub fn events(mut self, events: Events) -> Self {
        self.events = events;
        self
    }

    /// Selects only the function of this index in its module, imported functions first.
    #[must_use]
    pub fn func_index(mut self, index: u32) -> Self {
        self.funcs.push(index);
        self
    }

    /// Selects only functions whose name in the name section, or under which they are exported,
    /// matches the pattern.
    #[must_use]
    pub fn func(mut self, pattern: impl Into<String>) -> Self {
        self.names.push(pattern.into());
        self
    }

    /// Selects, among calls of host functions, only those whose import names match the patterns.
    #[must_use]
    pub fn import(mut self, module: impl Into<String>, name: impl Into<String>) -> Self {
        self.imports.push([module.into(), name.into()]);
        self
    }

    /// Selects only this instance.
    #[must_use]
    pub fn instance(mut self, instance: Instance) -> Self {
        self.instances.push(instance);
        self
    }

    /// Selects only the operator at this byte offset in the module. Entries and exits of functions
    /// are delivered all the same.
    #[must_use]
    pub fn offset(mut self, offset: u32) -> Self {
        self.offsets.insert(offset);
        self
    }

    /// Selects, among memory accesses, only those that touch these addresses.
    #[must_use]
    pub fn memory(mut self, addresses: Range<u64>) -> Self {
        self.addresses.push((Memories::All, addresses));
        self
    }

    /// Selects, among memory accesses, only those that touch these addresses of the memory with
    /// this index in its module.
    #[must_use]
    pub fn memory_of(mut self, index: u32, addresses: Range<u64>) -> Self {
        self.addresses.push((Memories::Index(index), addresses));
        self
    }

    /// Selects, among memory accesses, only those that touch these addresses of a memory, whichever
    /// instance makes them. A memory of another store selects nothing.
    #[must_use]
    pub fn memory_in(mut self, memory: Memory, addresses: Range<u64>) -> Self {
        self.addresses.push((Memories::One(memory), addresses));
        self
    }

    pub(super) fn has_instance(&self, instance: &Instance) -> bool {
        self.instances.is_empty() || self.instances.iter().any(|own| Instance::same(own, instance))
    }

    pub(super) fn has_import(&self, module: &str, name: &str) -> bool {
        let fits = |[m, n]: &[String; 2]| matches(m, module) && matches(n, name);
        self.imports.is_empty() || self.imports.iter().any(fits)
    }

    /// Returns `true` if the filter does not restrict functions.
    pub(super) fn has_all_funcs(&self) -> bool {
        self.funcs.is_empty() && self.names.is_empty()
    }

    /// Returns `true` if the filter selects the function of this index, known by these names.
    pub(super) fn has_func(
        &self,
        index: u32,
        mut names: impl Iterator<Item = impl AsRef<str>>,
    ) -> bool {
        self.has_all_funcs()
            || self.funcs.contains(&index)
            || !self.names.is_empty()
                && names.any(|name| self.names.iter().any(|own| matches(own, name.as_ref())))
    }

    /// Returns `true` if the filter selects events at the operator at `offset`.
    pub(super) fn has_offset(&self, kind: Events, offset: u32) -> bool {
        kind == Events::FUNCS
            || !Events::IN_CODE.contains(kind)
            || self.offsets.is_empty()
            || self.offsets.contains(&offset)
    }

    /// Returns `true` if the filter selects events at operators of `module`.
    pub(super) fn has_place(&self, kind: Events, module: &Module, offset: u32) -> bool {
        self.has_offset(kind, offset) && self.has_breakpoint(kind, module, offset)
    }

    /// Returns `true` unless breakpoints exclude an instruction of a module.
    fn has_breakpoint(&self, kind: Events, module: &Module, offset: u32) -> bool {
        let points = self.breakpoints.as_ref().filter(|_| kind == Events::INSTRUCTIONS);
        points.is_none_or(|points| {
            points.in_module(module).any(|own| own == offset)
                || module.func_at(offset).is_some_and(|func| points.steps_in(module, func))
        })
    }

    /// Returns `true` unless the event is a memory access to addresses that are not watched.
    /// `memory` returns the memory of an index.
    pub(super) fn has_event(&self, event: &Event<'_>, memory: impl Fn(u32) -> Memory) -> bool {
        let (Event::MemoryRead(access) | Event::MemoryWrite(access)) = event else { return true };
        let end = access.address.saturating_add(access.len);
        self.addresses.is_empty()
            || self.addresses.iter().any(|(memories, range)| {
                access.address.max(range.start) < range.end.min(end)
                    && memories.contain(access.memory, || memory(access.memory))
            })
    }
}

impl Filter {
    /// The most bytes that a load or store accesses.
    const WIDEST: u64 = 16;

    /// Returns the memory accesses that the filter selects in an instance with these memories.
    pub(super) fn accesses(&self, memories: &[Memory]) -> Accesses {
        if self.addresses.is_empty() {
            return Accesses::All;
        }
        let watched = |(index, memory): &(u32, &Memory)| {
            self.addresses.iter().any(|(own, _)| own.contain(*index, || **memory))
        };
        let watched = (0..).zip(memories).filter(watched).map(|(index, _)| index);
        Accesses::Watched(watched.collect())
    }

    /// Returns the ranges of addresses at which all loads and stores begin that the filter selects
    /// in a store.
    pub(super) fn watched(&self, store: StoreId) -> Vec<WatchedRange> {
        if self.addresses.is_empty() {
            return alloc::vec![WatchedRange {
                memories: WatchedMemories::All,
                addresses: 0..u64::MAX
            }];
        }
        let range = |(memories, range): &(Memories, Range<u64>)| {
            let memories = match *memories {
                Memories::All => WatchedMemories::All,
                Memories::Index(index) => WatchedMemories::Index(index),
                Memories::One(memory) if memory.belongs_to(store) => {
                    WatchedMemories::One(memory.addr(store))
                }
                Memories::One(_) => return None,
            };
            let first = range.start.saturating_sub(Self::WIDEST - 1);
            let addresses = if range.is_empty() { 0..0 } else { first..range.end };
            Some(WatchedRange { memories, addresses })
        };
        self.addresses.iter().filter_map(range).collect()
    }
}

/// Returns the names of a module's functions by index, from the name section and from exports.
pub(super) fn names_of(module: &Module) -> Vec<Vec<&str>> {
    let def = module.def();
    let mut names = alloc::vec![Vec::new(); def.funcs.len()];
    let exported = def.exports.iter().filter_map(|(name, idx)| match idx {
        burdock_parse::ExternIdx::Func(func) => Some((*func, &**name)),
        _ => None,
    });
    let known = burdock_parse::func_names(def, module.bytes());
    for (func, name) in known.chain(exported) {
        if let Some(names) = names.get_mut(func.index()) {
            names.push(name);
        }
    }
    names
}

/// Returns `true` if a name matches a pattern, in which `*` stands for any characters and `?` for
/// one.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star is, and what it stands for ends so far.
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match &mut star {
                Some((at, end)) => {
                    *end += 1;
                    (p, n) = (*at + 1, *end);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_names() {
        let check = |pattern, name, expected| {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        };
        check("", "", true);
        check("a", "", false);
        check("*", "", true);
        check("fd_*", "fd_write", true);
        check("fd_*", "path_open", false);
        check("*a*b", "xaxxab", true);
        check("*a*b", "xaxxabc", false);
        check("f?o", "fäo", true);
        check("f?o", "fo", false);
        check("**", "anything", true);
    }
}
