//! Events of objects and exceptions.

use super::State;
use crate::wasi::{Named, Shown};
use burdock::{Allocation, StoreContextMut};
use std::io::Write;

impl<W: Write> State<W> {
    pub(super) fn allocation<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        allocation: Allocation,
    ) {
        let Allocation { ty, len, bytes } = allocation;
        let number = |name, value| Named { name, value: Shown::Int(value) };
        let mut fields = vec![number("type", ty.into())];
        fields.extend(len.map(|len| number("len", len.into())));
        fields.push(number("bytes", bytes.into()));
        self.object(store, "new", fields);
    }

    /// Writes an event of objects or exceptions.
    pub(super) fn object<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        what: &str,
        fields: Vec<Named>,
    ) {
        if let Some((place, _)) = self.here(store) {
            self.instant("object", place, what.to_owned(), fields);
        }
    }
}
