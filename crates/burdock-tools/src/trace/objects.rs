//! Events of objects, exceptions and the collector.

use super::State;
use super::format::Location;
use crate::wasi::{self, Named, Shown};
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
        let values = values.iter().map(|value| Named { name: "", value: wasi::show(&value) });
        let fields = tag.into_iter().chain(values).collect();
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
        let place = match self.here(store) {
            Some((place, _)) => place,
            None => Location { module: String::new(), name: "host".into(), ..Location::default() },
        };
        self.instant("object", place, "collected".into(), fields);
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
