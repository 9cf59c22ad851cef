//! `Facts` about the references in locals, which are not checked again.
//!
//! A fact holds from the instruction that has checked it up to the next label, or up to the next
//! assignment to the local. Functions that are observed have no facts, because hooks may write
//! locals between any two of their operators.

use crate::entry::{Entry, Place};
use crate::func::Func;
use burdock_types::RefType;

/// The number of locals of which something is known at a time. *Rationale:* it keeps the search
/// short; code between two labels rarely uses more references.
const MOST: usize = 8;

/// A fact about the reference in a local.
#[derive(Clone, Copy, Debug)]
struct Fact {
    local: u32,
    non_null: bool,
    /// The type of the last cast of the local that has succeeded.
    cast: Option<RefType>,
}

/// The facts about references in locals.
#[derive(Debug)]
pub(crate) struct Facts {
    list: [Fact; MOST],
    /// The number of facts in the list.
    len: usize,
    /// The number of the fact that the next one replaces if the list is full.
    oldest: usize,
}

impl Facts {
    /// No facts.
    pub(crate) const NONE: Self =
        Self { list: [Fact { local: 0, non_null: false, cast: None }; MOST], len: 0, oldest: 0 };

    /// Forgets everything: another path may lead here.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    fn of(&self, local: u32) -> Option<&Fact> {
        self.list[..self.len].iter().find(|fact| fact.local == local)
    }

    /// Notes that a local is assigned the value of another one, or any value.
    #[inline]
    pub(crate) fn assign(&mut self, local: u32, value: Entry) {
        if self.len > 0 {
            self.replace(local, value);
        }
    }

    #[cold]
    fn replace(&mut self, local: u32, value: Entry) {
        let known = local_of(value).and_then(|from| self.of(from).copied());
        if let Some(at) = self.list[..self.len].iter().position(|fact| fact.local == local) {
            self.len -= 1;
            self.list.swap(at, self.len);
        }
        if let Some(known) = known {
            self.add(Fact { local, ..known });
        }
    }

    fn add(&mut self, fact: Fact) {
        if let Some(known) = self.list[..self.len].iter_mut().find(|old| old.local == fact.local) {
            known.non_null |= fact.non_null;
            known.cast = fact.cast.or(known.cast);
        } else if self.len < MOST {
            self.list[self.len] = fact;
            self.len += 1;
        } else {
            self.list[self.oldest] = fact;
            self.oldest = (self.oldest + 1) % MOST;
        }
    }
}

/// Returns the local whose value an entry has.
fn local_of(entry: Entry) -> Option<u32> {
    match entry.place() {
        Place::Local(local) | Place::Mirrored { local, .. } => Some(local),
        _ => None,
    }
}

impl Func<'_> {
    fn learn(&mut self, value: Entry, non_null: bool, cast: Option<RefType>) {
        if let Some(local) = local_of(value)
            && self.observing.is_none()
        {
            self.facts.add(Fact { local, non_null, cast });
        }
    }

    /// Notes that an instruction has trapped if this value is null.
    pub(crate) fn learn_non_null(&mut self, value: Entry) {
        self.learn(value, true, None);
    }

    /// Notes that a value has been cast.
    pub(crate) fn learn_cast(&mut self, value: Entry, ty: RefType) {
        self.learn(value, !ty.nullable, Some(ty));
    }

    /// Returns `true` if it is known that a value is not null.
    pub(crate) fn is_non_null(&self, value: Entry) -> bool {
        local_of(value).and_then(|local| self.facts.of(local)).is_some_and(|fact| fact.non_null)
    }

    /// Returns `true` if it is known that a cast of a value succeeds.
    pub(crate) fn is_cast(&self, value: Entry, ty: RefType) -> bool {
        local_of(value).and_then(|local| self.facts.of(local)).is_some_and(|fact| {
            let suits = |known: RefType| known.heap == ty.heap && (ty.nullable || fact.non_null);
            fact.cast.is_some_and(suits)
        })
    }
}
