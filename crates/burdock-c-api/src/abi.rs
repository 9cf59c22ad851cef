//! What crosses the border to C: arguments that may be null, arrays, callbacks and their data.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::process::abort;

/// Ends the process after a message. The documented outcome of calls that break the rules of the
/// headers in a way that can be told.
#[cold]
pub(crate) fn fail(message: &str) -> ! {
    eprintln!("burdock: {message}");
    abort()
}

/// Ends the process because an object is not what the type of its pointer says: C code has
/// converted a pointer itself.
#[cold]
pub(crate) fn wrong_kind() -> ! {
    fail("an object is not of the kind that its pointer says")
}

/// Arguments that must not be null.
pub(crate) trait Given<T> {
    /// Returns the argument. Ends the process if it is null; `what` is the function's name and the
    /// argument's.
    fn given(self, what: &str) -> T;
}

impl<T> Given<T> for Option<T> {
    #[inline]
    fn given(self, what: &str) -> T {
        match self {
            Some(value) => value,
            None => fail(&format!("{what} must not be null")),
        }
    }
}

/// A place that a function fills. The place may be uninitialized, or null if the caller does not
/// want the value.
pub(crate) type Out<'a, T> = Option<&'a mut MaybeUninit<T>>;

/// Writes to a place that the caller may not have given.
#[inline]
pub(crate) fn fill<T>(out: Out<'_, T>, value: T) {
    if let Some(out) = out {
        out.write(value);
    }
}

/// Returns the elements of an array. A null pointer is allowed if `len` is 0.
///
/// # Safety
///
/// `data` must be null or the beginning of `len` elements that stay as they are while the result is
/// used.
pub(crate) unsafe fn slice<'a, T>(data: *const T, len: usize, what: &str) -> &'a [T] {
    if len == 0 {
        return &[];
    }
    if data.is_null() {
        fail(&format!("{what} must not be null"));
    }
    // SAFETY: [HEADER] the caller has promised it, and the pointer is not null.
    unsafe { std::slice::from_raw_parts(data, len) }
}

/// Returns the elements of an array, to be filled. A null pointer is allowed if `len` is 0.
///
/// # Safety
///
/// `data` must be null or the beginning of `len` elements that nothing else uses while the result
/// is used.
pub(crate) unsafe fn slice_mut<'a, T>(data: *mut T, len: usize, what: &str) -> &'a mut [T] {
    if len == 0 {
        return &mut [];
    }
    if data.is_null() {
        fail(&format!("{what} must not be null"));
    }
    // SAFETY: [HEADER] the caller has promised it, and the pointer is not null.
    unsafe { std::slice::from_raw_parts_mut(data, len) }
}

/// Returns text that C passes as a pointer and a length; `None` if the bytes are no UTF-8.
///
/// # Safety
///
/// As for [`slice`].
pub(crate) unsafe fn text<'a>(data: *const u8, len: usize, what: &str) -> Option<&'a str> {
    // SAFETY: [HEADER] the caller has promised it.
    std::str::from_utf8(unsafe { slice(data, len, what) }).ok()
}

/// Returns the text behind a pointer that ends with a zero byte; `None` if it is no UTF-8.
///
/// # Safety
///
/// `data` must be null or lead to a zero byte; the bytes must stay as they are while the result is
/// used.
pub(crate) unsafe fn c_text<'a>(data: *const u8, what: &str) -> Option<&'a str> {
    if data.is_null() {
        fail(&format!("{what} must not be null"));
    }
    // SAFETY: [HEADER] the caller has promised it, and the pointer is not null.
    unsafe { std::ffi::CStr::from_ptr(data.cast()) }.to_str().ok()
}

/// Frees what a callback uses.
pub(crate) type Finalizer = Option<extern "C-unwind" fn(*mut c_void)>;

/// Data of the embedder with a function that frees the data.
pub(crate) struct Payload {
    data: *mut c_void,
    finalizer: Finalizer,
}

// SAFETY: [HEADER] the headers say that stores may be used by one thread after another, and that
// callbacks and finalizers run in the thread that uses the store.
unsafe impl Send for Payload {}
// SAFETY: [HEADER] as for `Send`; nothing reads the data but the embedder's functions.
unsafe impl Sync for Payload {}

impl Payload {
    pub(crate) fn new(data: *mut c_void, finalizer: Finalizer) -> Self {
        Self { data, finalizer }
    }

    /// Changes the pointer. The finalizer stays the same.
    pub(crate) fn set_data(&mut self, data: *mut c_void) {
        self.data = data;
    }

    /// Returns the pointer.
    pub(crate) fn data(&self) -> *mut c_void {
        self.data
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            let guard = NoUnwinding;
            finalizer(self.data);
            std::mem::forget(guard);
        }
    }
}

/// Ends the process when it is dropped, which happens if a callback unwinds, for instance because a
/// C++ exception leaves it.
pub(crate) struct NoUnwinding;

impl Drop for NoUnwinding {
    fn drop(&mut self) {
        fail("a callback must not be left by an exception or another way of unwinding");
    }
}

/// Calls a function of the embedder, which must return.
#[inline]
pub(crate) fn guarded<R>(call: impl FnOnce() -> R) -> R {
    let guard = NoUnwinding;
    let result = call();
    std::mem::forget(guard);
    result
}
