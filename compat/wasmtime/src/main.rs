//! The embedding of the files two folders up, compiled against wasmtime.

#[path = "../../embedding.rs"]
mod embedding;

#[path = "../../types.rs"]
mod types;

#[path = "../../objects.rs"]
mod objects;

#[path = "../../exceptions.rs"]
mod exceptions;

#[path = "../../debugging.rs"]
mod debugging;

#[path = "../../stops.rs"]
mod stops;

use wasmtime::{DebugEvent, DebugHandler, StoreContextMut};

fn main() -> wasmtime::Result<()> {
    embedding::run()?;
    types::run()?;
    objects::run()?;
    exceptions::run()?;
    debugging::run()?;
    stops::run(Handler)
}

/// A handler is asynchronous in Wasmtime.
#[derive(Clone)]
struct Handler;

impl DebugHandler for Handler {
    type Data = stops::Log;

    async fn handle(&self, store: StoreContextMut<'_, stops::Log>, event: DebugEvent<'_>) {
        let reason = match event {
            DebugEvent::HostcallError(error) => format!("error {}", error.root_cause()),
            event => format!("{event:?}"),
        };
        stops::stop(store, reason).expect("frames can be read");
    }
}
