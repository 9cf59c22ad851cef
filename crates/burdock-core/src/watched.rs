//! `Watched`: values that a store looks at as long as others own them.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

/// Values that other owners may drop at any time, also in other threads.
pub(crate) struct Watched<T>(Vec<Weak<T>>);

impl<T> Watched<T> {
    pub(crate) const NONE: Self = Self(Vec::new());

    /// Adds a value. Entries of values that are gone are removed before the list would grow.
    pub(crate) fn add(&mut self, value: &Arc<T>) {
        if self.0.len() == self.0.capacity() {
            self.0.retain(|value| value.strong_count() > 0);
        }
        self.0.push(Arc::downgrade(value));
    }

    /// Calls `visit` with each value.
    pub(crate) fn each(&self, mut visit: impl FnMut(&T)) {
        self.0.iter().filter_map(Weak::upgrade).for_each(|value| visit(&value));
    }
}

#[cfg(test)]
mod tests {
    use super::Watched;
    use alloc::sync::Arc;

    #[test]
    fn values_that_are_gone_take_no_room() {
        let mut watched = Watched::NONE;
        let kept = Arc::new(7);
        watched.add(&kept);
        for number in 0..1000 {
            watched.add(&Arc::new(number));
        }
        assert!(watched.0.len() <= 8, "{}", watched.0.len());
        let sum = || {
            let mut sum = 0;
            watched.each(|value| sum += value);
            sum
        };
        assert_eq!(sum(), 7);
        drop(kept);
        assert_eq!(sum(), 0);
    }
}
