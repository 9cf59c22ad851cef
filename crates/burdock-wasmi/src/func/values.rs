//! Values of calls, between this crate and Burdock.

use crate::Val;
use alloc::vec;
use core::array;

/// The number of values that a call has room for without an allocation.
const ROOM: usize = 8;

/// Lends `count` values, which are `value` at first. The array costs a third of a small vector.
pub(super) fn with_room<V: Clone, R>(
    value: V,
    count: usize,
    body: impl FnOnce(&mut [V]) -> R,
) -> R {
    match array::from_fn::<V, ROOM, _>(|_| value.clone()).get_mut(..count) {
        Some(values) => body(values),
        None => body(&mut vec![value; count]),
    }
}

/// Writes values of this crate to values of Burdock.
pub(super) fn store_all(to: &mut [burdock::Val], from: &[Val]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from.to_burdock();
    }
}

/// Writes values of Burdock to values of this crate.
pub(super) fn load_all<T: 'static>(
    to: &mut [Val],
    from: &[burdock::Val],
    store: burdock::StoreContext<'_, T>,
) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = Val::from_burdock(*from, store);
    }
}
