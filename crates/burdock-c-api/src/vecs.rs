//! Vectors of C: a size and a pointer to elements, which the vector owns.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

use crate::abi::{Given, Out, fill, slice};

/// A vector of `wasm.h`. Vectors that this library makes have their elements in a boxed slice.
#[repr(C)]
pub(crate) struct CVec<T> {
    pub(crate) size: usize,
    pub(crate) data: *mut T,
}

// SAFETY: [HEADER] a vector owns its elements.
unsafe impl<T: Send> Send for CVec<T> {}
// SAFETY: [HEADER] a vector owns its elements.
unsafe impl<T: Sync> Sync for CVec<T> {}

impl<T> CVec<T> {
    pub(crate) const EMPTY: Self = Self { size: 0, data: ptr::null_mut() };

    /// Returns the elements.
    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: [HEADER] the vector has `size` elements.
        unsafe { slice(self.data, self.size, "the data of a vector") }
    }

    /// Returns the elements, which may not be initialized yet.
    pub(crate) fn as_uninit_mut(&mut self) -> &mut [MaybeUninit<T>] {
        // SAFETY: [HEADER] the vector has room for `size` elements.
        unsafe { crate::abi::slice_mut(self.data.cast(), self.size, "the data of a vector") }
    }

    /// Takes the elements, and leaves an empty vector.
    pub(crate) fn take(&mut self) -> Box<[T]> {
        let Self { size, data } = *ManuallyDrop::new(std::mem::replace(self, Self::EMPTY));
        if size == 0 || data.is_null() {
            return Box::default();
        }
        let elements = ptr::slice_from_raw_parts_mut(data, size);
        // SAFETY: [HEADER] whoever gives a vector away got it from this library, which boxed it.
        unsafe { Box::from_raw(elements) }
    }

    /// Creates a vector of zero bytes, which are valid elements of every vector type.
    fn zeroed(size: usize) -> Self {
        let elements: Box<[MaybeUninit<T>]> = Box::new_zeroed_slice(size);
        if size == 0 { Self::EMPTY } else { Self { size, data: Box::into_raw(elements).cast() } }
    }
}

impl<T> From<Vec<T>> for CVec<T> {
    /// Makes a vector whose pointer is not null even if there are no elements: readers in other
    /// languages follow it before they look at the size.
    fn from(elements: Vec<T>) -> Self {
        let size = elements.len();
        Self { size, data: Box::into_raw(elements.into_boxed_slice()).cast() }
    }
}

impl<T: Clone> Clone for CVec<T> {
    fn clone(&self) -> Self {
        self.as_slice().to_vec().into()
    }
}

impl<T> Drop for CVec<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

/// `wasm_*_vec_new_uninitialized`. The elements are null or zero.
pub(crate) fn new_uninitialized<T>(out: Out<'_, CVec<T>>, size: usize) {
    fill(out, CVec::zeroed(size));
}

/// `wasm_*_vec_new`: takes the elements over.
pub(crate) fn new<T>(out: Out<'_, CVec<T>>, size: usize, data: *const T, what: &str) {
    // SAFETY: [HEADER] there are `size` elements.
    let elements: &[ManuallyDrop<T>] = unsafe { slice(data.cast(), size, what) };
    let mut vector = CVec::zeroed(size);
    if size > 0 {
        let count = elements.len();
        // SAFETY: [HEADER] the new vector has room for as many elements.
        unsafe { ptr::copy_nonoverlapping(elements.as_ptr().cast(), vector.data, count) };
        vector.size = count;
    }
    fill(out, vector);
}

/// `wasm_*_vec_copy`.
pub(crate) fn copy<T: Clone>(out: Out<'_, CVec<T>>, vector: Option<&CVec<T>>, what: &str) {
    fill(out, vector.given(what).clone());
}

/// `wasm_*_vec_delete`: frees the elements. The vector is empty then, so that deleting it once more
/// does nothing.
pub(crate) fn delete<T>(vector: Option<&mut CVec<T>>) {
    if let Some(vector) = vector {
        drop(vector.take());
    }
}

/// Defines the functions of a vector type.
macro_rules! vec_functions {
    ($vec:ty, $element:ty: $empty:ident $uninit:ident $new:ident $copy:ident $delete:ident) => {
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $empty(out: Out<'_, $vec>) {
            $crate::abi::fill(out, <$vec>::EMPTY);
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $uninit(out: Out<'_, $vec>, size: usize) {
            $crate::vecs::new_uninitialized(out, size);
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $new(out: Out<'_, $vec>, size: usize, data: *const $element) {
            $crate::vecs::new(out, size, data, concat!(stringify!($new), ": data"));
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $copy(out: Out<'_, $vec>, vec: Option<&$vec>) {
            $crate::vecs::copy(out, vec, concat!(stringify!($copy), ": vec"));
        }

        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $delete(vec: Option<&mut $vec>) {
            $crate::vecs::delete(vec);
        }
    };
}
pub(crate) use vec_functions;

/// Defines the functions of a type of objects that have an owner.
macro_rules! delete_function {
    ($ty:ty: $delete:ident) => {
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $delete(object: Option<Box<$ty>>) {
            drop(object);
        }
    };
}
pub(crate) use delete_function;

/// Defines the function that copies an object.
macro_rules! copy_function {
    ($ty:ty: $copy:ident) => {
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $copy(object: Option<&$ty>) -> Box<$ty> {
            Box::new(
                $crate::abi::Given::given(object, concat!(stringify!($copy), ": object")).clone(),
            )
        }
    };
}
pub(crate) use copy_function;

/// `wasm_byte_vec_t`.
#[allow(non_camel_case_types)]
pub(crate) type wasm_byte_vec_t = CVec<u8>;

vec_functions! { wasm_byte_vec_t, u8:
    wasm_byte_vec_new_empty wasm_byte_vec_new_uninitialized wasm_byte_vec_new wasm_byte_vec_copy
    wasm_byte_vec_delete
}
