//! The programs of ../../programs.rs, compiled against wasmtime.

#[path = "../../programs.rs"]
mod programs;

use programs::stops;
use wasmtime::{DebugEvent, DebugHandler, StoreContextMut};

fn main() -> wasmtime::Result<()> {
    programs::run(Handler)
}

/// A handler is asynchronous in Wasmtime.
#[derive(Clone)]
struct Handler;

impl DebugHandler for Handler {
    type Data = stops::Log;

    async fn handle(&self, store: StoreContextMut<'_, stops::Log>, event: DebugEvent<'_>) {
        let reason = match event {
            DebugEvent::HostcallError(error) => format!("error {}", error.root_cause()),
            DebugEvent::Exception(_) => "exception".to_owned(),
            event => format!("{event:?}"),
        };
        stops::stop(store, reason).expect("frames can be read");
    }
}
