//! Handlers of exceptions: which instructions of a function are within a `try_table`, and where its
//! catch clauses lead. Code has no instruction for this, and the tables are only read when an
//! exception is thrown.

use alloc::vec::Vec;

/// The number in place of a region's or a tag's where there is none.
pub const NO_INDEX: u32 = u32::MAX;

/// The instructions between the beginning and the end of a `try_table`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Position of the first word.
    pub start: u32,
    /// Position after the last word.
    pub end: u32,
    /// The number of the region around this region, or [`NO_INDEX`].
    pub around: u32,
    /// The number of the region whose clauses follow this region's, or [`NO_INDEX`]: the region
    /// around it, unless the region delegates to another one.
    pub next: u32,
    /// The number of the region's first clause.
    pub clauses: u32,
    /// The number of its clauses.
    pub count: u32,
}

/// A catch clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The index of the tag that the clause catches, or [`NO_INDEX`] if it catches all.
    pub tag: u32,
    /// Position of the instruction where execution continues.
    pub to: u32,
    /// The slot that gets the first value of the exception.
    pub slot: u16,
    /// The slot that gets a reference to the exception.
    pub reference: Option<u16>,
}

impl Clause {
    /// Returns `true` if the clause catches the exceptions of one tag, and gets their values.
    pub const fn has_tag(&self) -> bool {
        self.tag != NO_INDEX
    }
}

/// The handlers of code: regions in the order of their starts, a region before those within it.
#[derive(Clone, Debug, Default)]
pub struct Handlers {
    regions: Vec<Region>,
    clauses: Vec<Clause>,
}

impl Handlers {
    /// Appends the handlers of a function, whose positions count from `start`.
    pub(crate) fn append(&mut self, start: u32, regions: &[Region], clauses: &[Clause]) {
        let (before, first) = (self.regions.len() as u32, self.clauses.len() as u32);
        let moved = |number| if number == NO_INDEX { NO_INDEX } else { before + number };
        self.regions.extend(regions.iter().map(|region| Region {
            start: start + region.start,
            end: start + region.end,
            around: moved(region.around),
            next: moved(region.next),
            clauses: first + region.clauses,
            count: region.count,
        }));
        let moved = |clause: &Clause| Clause { to: start + clause.to, ..*clause };
        self.clauses.extend(clauses.iter().map(moved));
    }

    /// Moves the handlers of code that begins at `start` behind these.
    pub(crate) fn append_all(&mut self, start: u32, other: &mut Self) {
        self.append(start, &other.regions, &other.clauses);
        other.regions.clear();
        other.clauses.clear();
    }

    /// Returns the clauses that an exception meets that is thrown by the instruction at a position,
    /// in their order.
    pub fn at(&self, position: usize) -> impl Iterator<Item = &Clause> {
        let behind = self.regions.partition_point(|region| region.start as usize <= position);
        let mut innermost = behind.checked_sub(1).and_then(|last| self.regions.get(last));
        // Of the regions that begin before the position, the last is around it, or is within all
        // that are.
        while let Some(region) = innermost.filter(|region| region.end as usize <= position) {
            innermost = self.regions.get(region.around as usize);
        }
        core::iter::successors(innermost, |region| self.regions.get(region.next as usize))
            .flat_map(|region| self.clauses_of(region))
    }

    /// Returns the regions that begin in a range of positions, each with its clauses.
    pub(crate) fn within(
        &self,
        start: u32,
        end: u32,
    ) -> impl Iterator<Item = (&Region, &[Clause])> {
        let inside = move |region: &&Region| (start..end).contains(&region.start);
        self.regions.iter().filter(inside).map(|region| (region, self.clauses_of(region)))
    }

    fn clauses_of(&self, region: &Region) -> &[Clause] {
        &self.clauses[region.clauses as usize..][..region.count as usize]
    }

    /// Returns the number of bytes that the tables take.
    pub fn len_bytes(&self) -> usize {
        size_of_val(&*self.regions) + size_of_val(&*self.clauses)
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.regions.shrink_to_fit();
        self.clauses.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Handlers of two functions with the same regions, whose clauses have their regions' numbers
    /// as tags: 0 around 1, beside which is 2, which delegates to nothing, and 3 within 2.
    fn handlers() -> Handlers {
        let region = |start, end, around, next, number: u32| Region {
            start,
            end,
            around,
            next,
            clauses: 2 * number,
            count: 2,
        };
        let regions = [
            region(2, 20, NO_INDEX, NO_INDEX, 0),
            region(2, 6, 0, 0, 1),
            region(8, 14, 0, NO_INDEX, 2),
            region(9, 12, 2, 2, 3),
        ];
        let clause = |tag| Clause { tag, to: tag, slot: 0, reference: None };
        let clauses = [0, 0, 1, 1, 2, 2, 3, 3].map(clause);
        let mut handlers = Handlers::default();
        for start in [0, 100] {
            handlers.append(start, &regions, &clauses);
        }
        handlers
    }

    #[test]
    fn positions_meet_the_clauses_around_them() {
        let handlers = handlers();
        let cases: [(usize, &[u32]); 9] = [
            (0, &[]),
            (2, &[1, 1, 0, 0]),
            (5, &[1, 1, 0, 0]),
            (6, &[0, 0]),
            (8, &[2, 2]),
            (10, &[3, 3, 2, 2]),
            (12, &[2, 2]),
            (19, &[0, 0]),
            (20, &[]),
        ];
        for start in [0, 100] {
            for (position, tags) in cases {
                let met: Vec<_> = handlers.at(start + position).collect();
                assert!(met.iter().map(|clause| clause.tag).eq(tags.iter().copied()), "{position}");
                assert!(met.iter().all(|clause| clause.to == start as u32 + clause.tag));
            }
        }
        assert_eq!(handlers.within(100, 109).count(), 3);
    }
}
