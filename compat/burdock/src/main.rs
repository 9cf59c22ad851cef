//! The programs of ../../programs.rs, compiled against burdock.

#[path = "../../programs.rs"]
mod programs;

use programs::stops;
use wasmtime::{DebugEvent, DebugHandler, StoreContextMut};

fn main() -> wasmtime::Result<()> {
    programs::run(Handler)
}

/// A handler is a function in Burdock.
#[derive(Clone)]
struct Handler;

impl DebugHandler for Handler {
    type Data = stops::Log;

    fn handle(&self, store: StoreContextMut<'_, stops::Log>, event: DebugEvent<'_>) {
        let reason = match event {
            DebugEvent::HostcallError(error) => format!("error {}", error.root_cause()),
            // Wasmtime calls a step a breakpoint, too.
            DebugEvent::Step => "Breakpoint".to_owned(),
            DebugEvent::Exception(_) => "exception".to_owned(),
            // Wasmtime does not say that no guest catches an exception.
            DebugEvent::UncaughtException(_) => return,
            event => format!("{event:?}"),
        };
        stops::stop(store, reason).expect("frames can be read");
    }
}
