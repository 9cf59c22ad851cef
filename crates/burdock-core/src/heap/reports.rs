//! Reports of collections, for embedders that want to know of each.

use super::Heap;
use super::pace::Scope;
use super::statistics::CollectionReport;
use alloc::collections::VecDeque;

/// The most reports that wait for somebody to take them. The oldest are dropped first.
const MOST: usize = 1024;

/// The reports of a heap's collections.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// `true` if reports are kept.
    is_wanted: bool,
    /// The number of bytes of all objects when the present collection began.
    bytes_before: u64,
    waiting: VecDeque<CollectionReport>,
}

impl Heap {
    /// Keeps a report of each collection from now on, or no longer.
    pub fn report_collections(&mut self, is_wanted: bool) {
        self.reports.is_wanted = is_wanted;
        if !is_wanted {
            self.reports.waiting.clear();
        }
    }

    /// Returns `true` if there are reports that have not been taken.
    pub fn has_reports(&self) -> bool {
        !self.reports.waiting.is_empty()
    }

    /// Returns the oldest report that has not been taken.
    pub fn take_report(&mut self) -> Option<CollectionReport> {
        self.reports.waiting.pop_front()
    }

    /// Notes the beginning of a collection. All runs have ended.
    pub(super) fn note_begin(&mut self) {
        let counts = &self.statistics;
        let young = counts.handed_out.saturating_sub(counts.handed_out_before);
        self.reports.bytes_before = counts.live_bytes + young;
    }

    /// Notes the end of a collection.
    pub(super) fn note_end(&mut self, scope: Scope) {
        let counts = &mut self.statistics;
        counts.handed_out_before = counts.handed_out;
        if !self.reports.is_wanted {
            return;
        }
        if self.reports.waiting.len() == MOST {
            self.reports.waiting.pop_front();
        }
        self.reports.waiting.push_back(CollectionReport {
            is_full: scope == Scope::All,
            bytes_before: self.reports.bytes_before,
            live_bytes: counts.live_bytes,
            live_objects: counts.live_objects,
            pause: counts.last_pause,
        });
    }
}
