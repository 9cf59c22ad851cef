//! What the tests of the public API share.

use burdock::*;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A module from its text.
pub(crate) fn module(engine: &Engine, wat: &str) -> Module {
    Module::new(engine, wat).unwrap()
}

/// A store and an instance of a module without imports.
pub(crate) fn instance(config: &Config, wat: &str) -> (Store<()>, Instance) {
    let engine = Engine::new(config).unwrap();
    let module = module(&engine, wat);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

/// Every way in which an engine can be made to run guests.
pub(crate) fn configs() -> Vec<Config> {
    use CompilationMode::{Eager, Lazy, LazyTranslation};
    let dispatches = [Dispatch::Loop, Dispatch::Tail, Dispatch::Native];
    let mut configs = Vec::new();
    for dispatch in dispatches.into_iter().filter(|d| d.is_available()) {
        for mode in [Eager, LazyTranslation, Lazy] {
            let mut config = Config::new();
            config.dispatch(dispatch).compilation_mode(mode);
            configs.push(config);
        }
    }
    configs
}

/// What an error says with all its causes, in one line.
pub(crate) fn full(error: &Error) -> String {
    format!("{error:#}")
}

/// Polls a future until it is done; how often it had to wait.
pub(crate) fn block_on<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for waits in 0..1000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, waits);
        }
    }
    panic!("it waits for ever");
}

/// Is ready when it is polled for the second time.
#[derive(Default)]
pub(crate) struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if core::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
