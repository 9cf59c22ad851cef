//! The calls that are active at an operator, inlined ones included, and the variables in scope.

use super::{Attr, DebugInfo, Die, Entry, LONGEST_CHAIN};
use crate::lines::path;
use gimli::{AttributeValue, UnitOffset, constants};
use std::ops::Range;
use std::sync::PoisonError;

/// The most entries of a function, and of a unit, that are read.
const MOST_ENTRIES: usize = 1 << 20;

/// The most ranges of an entry that are read.
const MOST_RANGES: usize = 1 << 14;

/// The most offsets whose calls are kept.
const MOST_KNOWN: usize = 1 << 14;

/// A call that is active at an operator: that of the function, or one that the compiler has
/// inlined.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function's name.
    pub name: String,
    /// The file and the line of the caller that the call is on, if it is inlined and they are
    /// known.
    pub call_site: Option<(String, u32)>,
    /// `true` if the compiler has inlined the call.
    pub is_inlined: bool,
    /// The entry of the function that contains the operator, whose frame the values are in.
    pub(super) func: Die,
    /// The variables in scope, those of inner blocks last.
    pub(super) variables: Vec<Die>,
    /// The address of the operator.
    pub(super) address: u64,
}

/// The code of a function.
#[derive(Clone, Debug)]
pub(super) struct FuncRange {
    code: Range<u64>,
    entry: UnitOffset,
}

impl DebugInfo {
    /// Returns the calls that are active at the operator at a byte offset in the module, the
    /// innermost first: the inlined ones, and last that of the function. Without debug information
    /// for the operator, there are none.
    pub fn calls_at(&self, offset: u32) -> Vec<Call> {
        let mut known = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST_KNOWN {
            known.clear();
        }
        known.entry(offset).or_insert_with(|| self.find_calls(offset)).clone()
    }

    fn find_calls(&self, offset: u32) -> Vec<Call> {
        let Some(address) = u64::from(offset).checked_sub(self.base) else { return Vec::new() };
        let Some(func) = self.func_at(address) else { return Vec::new() };
        let mut calls = self.calls_in(func, address);
        calls.reverse();
        calls
    }

    /// Returns the ranges of offsets in the module that inlined calls occupy.
    pub(crate) fn inlined_ranges(&self) -> Vec<Range<u32>> {
        let mut ranges = Vec::new();
        for (number, info) in self.units.iter().enumerate() {
            let mut entries = info.unit.entries();
            for _ in 0..MOST_ENTRIES {
                let Ok(Some(entry)) = entries.next_dfs() else { break };
                if entry.tag() == constants::DW_TAG_inlined_subroutine {
                    for range in self.ranges(number, entry) {
                        let [start, end] = [range.start, range.end]
                            .map(|at| u32::try_from(at.saturating_add(self.base)));
                        if let (Ok(start), Ok(end)) = (start, end) {
                            ranges.push(start..end);
                        }
                    }
                }
            }
        }
        ranges
    }

    /// Returns the function that contains an address.
    fn func_at(&self, address: u64) -> Option<Die> {
        for (unit, info) in self.units.iter().enumerate() {
            let funcs = info.funcs.get_or_init(|| self.funcs_of(unit));
            let after = funcs.partition_point(|func| func.code.start <= address);
            if let Some(func) = after.checked_sub(1).map(|last| &funcs[last])
                && func.code.contains(&address)
            {
                return Some(Die { unit, offset: func.entry });
            }
        }
        None
    }

    /// Returns the functions of a unit in the order of their addresses.
    fn funcs_of(&self, unit: usize) -> Vec<FuncRange> {
        let mut funcs = Vec::new();
        let mut entries = self.units[unit].unit.entries();
        for _ in 0..MOST_ENTRIES {
            let Ok(Some(entry)) = entries.next_dfs() else { break };
            if entry.tag() == constants::DW_TAG_subprogram {
                let ranges = self.ranges(unit, entry).into_iter();
                funcs.extend(ranges.map(|code| FuncRange { code, entry: entry.offset() }));
            }
        }
        funcs.sort_by_key(|func| func.code.start);
        funcs
    }

    /// Returns the calls in a function that are active at an address, the function's own first.
    fn calls_in(&self, func: Die, address: u64) -> Vec<Call> {
        let call = |die: Die, call_site| Call {
            name: self.func_name(die),
            call_site,
            is_inlined: die != func,
            func,
            variables: Vec::new(),
            address,
        };
        let mut calls = vec![call(func, None)];
        let Ok(mut entries) = self.unit(func).entries_at_offset(func.offset) else { return calls };
        let Ok(Some(root)) = entries.next_dfs() else { return calls };
        let top = root.depth();
        // The depth of each active inlined call, and the depth below which entries are out of
        // scope.
        let mut depths = vec![top];
        let mut skipped = None;
        for _ in 0..MOST_ENTRIES {
            let Ok(Some(entry)) = entries.next_dfs() else { break };
            let depth = entry.depth();
            if depth <= top {
                break;
            }
            if skipped.is_some_and(|skipped| depth > skipped) {
                continue;
            }
            skipped = None;
            // Variables behind a nested call belong to the call around it again. The calls stay in
            // the list; at one address, only one chain of calls is active.
            while depths.last().is_some_and(|inner| depth <= *inner) {
                depths.pop();
            }
            let die = Die { unit: func.unit, offset: entry.offset() };
            match entry.tag() {
                constants::DW_TAG_variable | constants::DW_TAG_formal_parameter => {
                    if let Some(call) = calls.get_mut(depths.len().saturating_sub(1)) {
                        call.variables.push(die);
                    }
                }
                constants::DW_TAG_lexical_block if self.covers(func.unit, entry, address) => {}
                constants::DW_TAG_inlined_subroutine
                    if depths.len() == calls.len() && self.covers(func.unit, entry, address) =>
                {
                    calls.push(call(die, self.call_site(func.unit, entry)));
                    depths.push(depth);
                }
                _ => skipped = Some(depth),
            }
        }
        calls
    }

    /// Returns the file and the line of an inlined call.
    fn call_site(&self, unit: usize, entry: &Entry) -> Option<(String, u32)> {
        let number = |name| entry.attr_value(name).and_then(|value| value.udata_value());
        let line = u32::try_from(number(constants::DW_AT_call_line)?).ok()?;
        let unit = &self.units[unit].unit;
        let header = unit.line_program.as_ref()?.header();
        let file = match entry.attr_value(constants::DW_AT_call_file)? {
            AttributeValue::FileIndex(file) => file,
            value => value.udata_value()?,
        };
        Some((path(&self.dwarf, unit, header, header.file(file)).ok()?, line))
    }

    /// Returns `true` if an entry has code at an address. A block without addresses covers its
    /// function.
    fn covers(&self, unit: usize, entry: &Entry, address: u64) -> bool {
        let has = |name| entry.attr_value(name).is_some();
        let ranges = self.ranges(unit, entry);
        let unknown = !has(constants::DW_AT_low_pc) && !has(constants::DW_AT_ranges);
        unknown || ranges.iter().any(|range| range.contains(&address))
    }

    /// Returns the addresses of an entry's code. Functions that the linker has dropped are at
    /// address 0 or at the last one, and have none.
    fn ranges(&self, unit: usize, entry: &Entry) -> Vec<Range<u64>> {
        let info = &self.units[unit].unit;
        let address = |value: Attr| self.dwarf.attr_address(info, value).ok().flatten();
        let mut ranges = Vec::new();
        if let Some(value) = entry.attr_value(constants::DW_AT_ranges) {
            if let Ok(Some(mut list)) = self.dwarf.attr_ranges(info, value) {
                while ranges.len() < MOST_RANGES
                    && let Ok(Some(range)) = list.next()
                {
                    ranges.push(range.begin..range.end);
                }
            }
        } else if let (Some(low), Some(high)) =
            (entry.attr_value(constants::DW_AT_low_pc), entry.attr_value(constants::DW_AT_high_pc))
            && let Some(start) = address(low)
        {
            let end = match high {
                AttributeValue::Addr(_) | AttributeValue::DebugAddrIndex(_) => address(high),
                value => value.udata_value().and_then(|len| start.checked_add(len)),
            };
            ranges.extend(end.map(|end| start..end));
        }
        let last = u64::from(u32::MAX) - 1;
        ranges.retain(|range| range.start != 0 && range.start < last && range.start < range.end);
        ranges
    }

    /// Returns the variable of this name in the innermost scope.
    pub(super) fn local_named(&self, call: &Call, name: &str) -> Option<Die> {
        let named = |die: &&Die| self.name(**die).is_some_and(|own| own == name);
        call.variables.iter().rev().find(named).copied()
    }

    /// Returns the variables that a name refers to, each once: parameters first, then by scope.
    pub(super) fn visible(&self, call: &Call) -> Vec<(String, Die)> {
        let mut visible: Vec<(String, Die)> = Vec::new();
        for die in &call.variables {
            let Some(name) = self.name(*die) else { continue };
            match visible.iter_mut().find(|(known, _)| *known == name) {
                // The variable of an inner scope hides that of an outer one.
                Some(hidden) => hidden.1 = *die,
                None => visible.push((name, *die)),
            }
        }
        visible
    }

    /// Returns `true` if an entry is of this kind, by its own tag or that of its origin.
    pub(super) fn is_parameter(&self, die: Die) -> bool {
        let mut die = die;
        for _ in 0..LONGEST_CHAIN {
            let Some(entry) = self.entry(die) else { return false };
            if entry.tag() == constants::DW_TAG_formal_parameter {
                return true;
            }
            let origin = entry.attr_value(constants::DW_AT_abstract_origin);
            match origin.and_then(|origin| self.referred(die.unit, &origin)) {
                Some(origin) => die = origin,
                None => return false,
            }
        }
        false
    }
}
