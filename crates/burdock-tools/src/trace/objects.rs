//! Events of objects, exceptions and the collector.

use super::State;
use super::format::Location;
use crate::values;
use crate::wasi::{Named, Shown};
use burdock::{Allocation, Collection, StoreContextMut, Values};
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

    /// Writes that an exception is thrown or caught; a clause that catches all has no tag.
    pub(super) fn exception<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        what: &str,
        tag: Option<u32>,
        values: Values<'_>,
    ) {
        let tag = tag.map(|tag| Named { name: "tag", value: Shown::Int(tag.into()) });
        let fields = tag.into_iter().chain(values::plain(store, values)).collect();
        self.object(store, what, fields);
    }

    /// Writes that garbage has been collected, for a guest or for the host.
    pub(super) fn collection<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        collection: Collection,
    ) {
        let scope = if collection.is_full { "full" } else { "young" };
        let mut fields = vec![Named { name: "scope", value: Shown::Word(scope.into()) }];
        let Collection { bytes_before: before, live_bytes: live, live_objects: objects, .. } =
            collection;
        let freed = collection.freed_bytes();
        for (name, value) in
            [("before", before), ("freed", freed), ("live", live), ("objects", objects)]
        {
            fields.push(Named { name, value: Shown::Int(value.into()) });
        }
        if self.options.times {
            let pause = collection.pause.as_nanos() as u64;
            fields.push(Named { name: "ns", value: Shown::Int(pause.into()) });
        }
        let place = self.here_or_host(store);
        self.instant("object", place, "collected".into(), fields);
    }

    /// Writes that the heap has grown, for a guest or for the host.
    pub(super) fn heap_growth<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        old: u64,
        new: u64,
    ) {
        let field = |name, value: u64| Named { name, value: Shown::Int(value.into()) };
        let place = self.here_or_host(store);
        let fields = vec![field("old", old), field("new", new)];
        self.instant("memory", place, "heap.grow".into(), fields);
    }

    fn here_or_host<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>) -> Location {
        match self.here(store) {
            Some((place, _)) => place,
            None => Location { name: "host".into(), ..Location::default() },
        }
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
