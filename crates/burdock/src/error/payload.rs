//! Downcasts of a link of an error's chain: to the link's own type and, for an error of the crate
//! anyhow, to every type that the `anyhow::Error` can be downcast to.

use alloc::boxed::Box;
use core::any::Any;
use core::fmt::{Debug, Display};

/// The value that the user gave for a link: an error, a message or a context.
pub(super) type Payload = dyn Any + Send + Sync;

pub(super) fn get<E: Display + Debug + Send + Sync + 'static>(payload: &Payload) -> Option<&E> {
    let found = payload.downcast_ref();
    #[cfg(feature = "anyhow")]
    let found = found.or_else(|| payload.downcast_ref::<anyhow::Error>()?.downcast_ref());
    found
}

pub(super) fn get_mut<E>(payload: &mut Payload) -> Option<&mut E>
where
    E: Display + Debug + Send + Sync + 'static,
{
    #[cfg(feature = "anyhow")]
    if !payload.is::<E>() {
        return payload.downcast_mut::<anyhow::Error>()?.downcast_mut();
    }
    payload.downcast_mut()
}

pub(super) fn take<E: Display + Debug + Send + Sync + 'static>(payload: Box<Payload>) -> Option<E> {
    match payload.downcast() {
        Ok(found) => Some(*found),
        #[cfg(feature = "anyhow")]
        Err(payload) => payload.downcast::<anyhow::Error>().ok()?.downcast().ok(),
        #[cfg(not(feature = "anyhow"))]
        Err(_) => None,
    }
}
