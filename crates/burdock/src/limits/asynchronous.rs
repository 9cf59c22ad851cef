//! `ResourceLimiterAsync`: a limiter whose answers are futures.
//!
//! A limiter is asked in the middle of an operation: an instruction of a guest, an allocation, an
//! instantiation. An asynchronous limiter first answers by an error, [`Question`], which stops the
//! operation. A caller that can wait awaits the answer, leaves it with the limiter, and begins the
//! operation again.

use super::{
    DEFAULT_INSTANCE_LIMIT, DEFAULT_MEMORY_LIMIT, DEFAULT_TABLE_LIMIT, DataLimiter, Growing,
};
use crate::store::StoreInner;
use crate::{Error, Result, Store, StoreContextMut, bail};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;

/// A limiter whose decisions about growth are futures; see
/// [`Store::limiter_async`](crate::Store::limiter_async). While a future waits, so does the call of
/// the guest that grows.
///
/// The methods are those of [`ResourceLimiter`](crate::ResourceLimiter). The attribute
/// `async_trait` of the crate of this name lets an implementation contain `async fn`.
///
/// Source: Wasmtime's `ResourceLimiterAsync`.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use std::pin::{Pin, pin};
/// use std::task::{Context, Poll, Waker};
///
/// /// An answer that another task could have to give first.
/// type Answer<'a> = Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;
///
/// struct Budget(usize);
///
/// impl ResourceLimiterAsync for Budget {
///     fn memory_growing<'life, 'async_trait>(
///         &'life mut self,
///         current: usize,
///         desired: usize,
///         _maximum: Option<usize>,
///     ) -> Answer<'async_trait>
///     where
///         'life: 'async_trait,
///         Self: 'async_trait,
///     {
///         Box::pin(async move {
///             let left = self.0.checked_sub(desired - current);
///             self.0 = left.unwrap_or(self.0);
///             Ok(left.is_some())
///         })
///     }
///
///     fn table_growing<'life, 'async_trait>(
///         &'life mut self,
///         _current: usize,
///         _desired: usize,
///         _maximum: Option<usize>,
///     ) -> Answer<'async_trait>
///     where
///         'life: 'async_trait,
///         Self: 'async_trait,
///     {
///         Box::pin(async { Ok(true) })
///     }
/// }
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (memory 1)
///     (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#)?;
/// let mut store = Store::new(&engine, Budget(2 << 16));
/// store.limiter_async(|budget| budget);
/// let mut run = pin!(async {
///     let instance = Instance::new_async(&mut store, &module, &[]).await?;
///     let grow = instance.get_typed_func::<(), i32>(&store, "grow")?;
///     assert_eq!(grow.call_async(&mut store, ()).await?, 1);
///     assert_eq!(grow.call_async(&mut store, ()).await?, -1);
///     assert!(grow.call(&mut store, ()).is_err());
///     Ok::<(), Error>(())
/// });
/// let polled = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
/// assert!(matches!(polled, Poll::Ready(Ok(()))));
/// # Ok::<(), Error>(())
/// ```
pub trait ResourceLimiterAsync: Send {
    /// Returns a future of the answer whether a memory, or the heap, may grow from `current` to
    /// `desired` bytes. A new memory grows from 0. `maximum` is the maximum of the memory's type in
    /// bytes.
    ///
    /// # Errors
    ///
    /// An error traps the guest instead of failing the growth.
    fn memory_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait;

    /// Handles the failure of a memory to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn memory_grow_failed(&mut self, _error: Error) -> Result<()> {
        Ok(())
    }

    /// Returns a future of the answer whether a table may grow from `current` to `desired`
    /// elements. A new table grows from 0. `maximum` is the maximum of the table's type.
    ///
    /// # Errors
    ///
    /// An error traps the guest instead of failing the growth.
    fn table_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait;

    /// Handles the failure of a table to grow although growing was allowed.
    ///
    /// # Errors
    ///
    /// Returns an error to trap the guest instead of failing the growth.
    fn table_grow_failed(&mut self, _error: Error) -> Result<()> {
        Ok(())
    }

    /// Returns the maximum number of instances in the store; called once.
    fn instances(&self) -> usize {
        DEFAULT_INSTANCE_LIMIT
    }

    /// Returns the maximum number of tables in the store; called once.
    fn tables(&self) -> usize {
        DEFAULT_TABLE_LIMIT
    }

    /// Returns the maximum number of memories in the store; called once.
    fn memories(&self) -> usize {
        DEFAULT_MEMORY_LIMIT
    }
}

/// The error that stops an operation until an asynchronous limiter has answered. It never reaches
/// an embedder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limiter has not answered yet")]
pub(crate) enum Question {
    /// May a memory grow?
    Memory(Growing),
    /// May a table grow?
    Table(Growing),
    /// May the heap grow?
    Heap(Growing),
}

/// The limiter of a store.
pub(crate) enum Limiter<T: 'static> {
    /// A limiter that answers at once.
    Data(Box<dyn DataLimiter<T>>),
    /// A limiter that has to be waited for. Boxed, because it is large and rare.
    Async(Box<AsyncLimiter<T>>),
}

/// Returns the limiter in the embedder's data.
type Access<T> = Box<dyn (FnMut(&mut T) -> &mut dyn ResourceLimiterAsync) + Send + Sync>;

/// An asynchronous limiter with the answers that it has given.
pub(crate) struct AsyncLimiter<T: 'static> {
    access: Access<T>,
    /// The answers about memories and tables that the current operation has got, in the order of
    /// the questions. The operation begins again after each answer, and repeats its questions.
    answers: Vec<(Question, bool)>,
    /// The number of questions that the operation has asked since it last began.
    repeated: usize,
    /// The answer about the heap, which grows when it is asked about again.
    heap: Option<(Question, bool)>,
}

impl<T: 'static> AsyncLimiter<T> {
    /// Returns the answer to a question, if it has been given.
    ///
    /// # Errors
    ///
    /// Fails with the question if the answer has to be waited for.
    fn ask(&mut self, question: Question) -> Result<bool> {
        let known = match question {
            Question::Heap(_) => self.heap.take(),
            _ => self.answers.get(self.repeated).copied(),
        };
        match known {
            Some((known, answer)) if known == question => {
                self.repeated += usize::from(!matches!(question, Question::Heap(_)));
                Ok(answer)
            }
            _ => {
                // The answers from here on are to other questions.
                self.answers.truncate(self.repeated);
                Err(Error::new(question))
            }
        }
    }

    /// Keeps an answer until the question is repeated.
    fn keep(&mut self, question: Question, answer: bool) {
        match question {
            Question::Heap(_) => self.heap = Some((question, answer)),
            _ => self.answers.push((question, answer)),
        }
    }

    /// Prepares for the repetition of the operation.
    fn begin_again(&mut self) {
        self.repeated = 0;
    }

    /// Forgets all answers, because the operation has ended.
    fn forget(&mut self) {
        self.answers.clear();
        (self.repeated, self.heap) = (0, None);
    }
}

impl<T: 'static> Limiter<T> {
    /// Returns `true` if a memory may grow.
    pub(crate) fn memory_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool> {
        match self {
            Self::Data(limiter) => limiter.memory_growing(data, growth),
            Self::Async(limiter) => limiter.ask(Question::Memory(growth)),
        }
    }

    /// Returns `true` if the heap may grow.
    pub(crate) fn heap_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool> {
        match self {
            Self::Data(limiter) => limiter.heap_growing(data, growth),
            Self::Async(limiter) => limiter.ask(Question::Heap(growth)),
        }
    }

    /// Returns `true` if a table may grow.
    pub(crate) fn table_growing(&mut self, data: &mut T, growth: Growing) -> Result<bool> {
        match self {
            Self::Data(limiter) => limiter.table_growing(data, growth),
            Self::Async(limiter) => limiter.ask(Question::Table(growth)),
        }
    }

    /// Handles the failure of a memory to grow.
    pub(crate) fn memory_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()> {
        match self {
            Self::Data(limiter) => limiter.memory_grow_failed(data, error),
            Self::Async(limiter) => (limiter.access)(data).memory_grow_failed(error),
        }
    }

    /// Handles the failure of the heap to grow.
    pub(crate) fn heap_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()> {
        match self {
            Self::Data(limiter) => limiter.heap_grow_failed(data, error),
            Self::Async(limiter) => (limiter.access)(data).memory_grow_failed(error),
        }
    }

    /// Handles the failure of a table to grow.
    pub(crate) fn table_grow_failed(&mut self, data: &mut T, error: Error) -> Result<()> {
        match self {
            Self::Data(limiter) => limiter.table_grow_failed(data, error),
            Self::Async(limiter) => (limiter.access)(data).table_grow_failed(error),
        }
    }
}

impl<T: 'static> Store<T> {
    /// Sets a limiter whose answers are futures, and which is part of the data. A guest that grows
    /// a memory, a table or the heap waits for the answer in its call. A second call of this method
    /// or of [`limiter`](Self::limiter) replaces the first limiter.
    ///
    /// From then on the store is used by the functions whose names end with `_async`. Functions
    /// that call guests, make instances, memories, tables or objects, or let one of these grow
    /// without waiting fail, also in host functions.
    ///
    /// Source: Wasmtime's `Store::limiter_async`; see [`ResourceLimiterAsync`] for an example.
    pub fn limiter_async(
        &mut self,
        mut limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiterAsync) + Send + Sync + 'static,
    ) {
        let inner = &mut self.parts.inner;
        let own = limiter(&mut inner.data);
        inner.opaque.set_count_limits((own.instances(), own.tables(), own.memories()));
        let access: Access<T> = Box::new(limiter);
        let (answers, repeated, heap) = (Vec::new(), 0, None);
        let limiter = AsyncLimiter { access, answers, repeated, heap };
        inner.limiter = Some(Limiter::Async(Box::new(limiter)));
        inner.require_async();
    }
}

impl<T: 'static> StoreInner<T> {
    /// Waits for the limiter's answer to a question, and leaves the answer with the limiter.
    ///
    /// # Errors
    ///
    /// Fails if the limiter does.
    pub(crate) async fn answer(&mut self, question: Question) -> Result<()> {
        let Some(Limiter::Async(limiter)) = &mut self.limiter else {
            return Err(Error::new(question));
        };
        let own = (limiter.access)(&mut self.data);
        let answer = match question {
            Question::Memory(growth) | Question::Heap(growth) => {
                own.memory_growing(growth.current, growth.desired, growth.possible)
            }
            Question::Table(growth) => {
                own.table_growing(growth.current, growth.desired, growth.possible)
            }
        };
        let answer = answer.await?;
        limiter.begin_again();
        limiter.keep(question, answer);
        Ok(())
    }

    /// Forgets the answers of an asynchronous limiter, because the operation has ended.
    pub(crate) fn forget_answers(&mut self) {
        if let Some(Limiter::Async(limiter)) = &mut self.limiter {
            limiter.forget();
        }
    }

    /// Fails if the store has an asynchronous limiter, for functions that do not wait.
    pub(crate) fn ensure_immediate_limiter(&self) -> Result<()> {
        if let Some(Limiter::Async(_)) = self.limiter {
            bail!("when using an async resource limiter `*_async` functions must be used instead");
        }
        Ok(())
    }
}

/// The answers to an operation. They are forgotten when this is dropped, also if the operation
/// panics or is given up.
struct Answers<'s, 'c, T: 'static>(&'s mut StoreContextMut<'c, T>);

impl<T: 'static> Drop for Answers<'_, '_, T> {
    fn drop(&mut self) {
        self.0.inner.forget_answers();
    }
}

/// Does an operation that may ask the limiter, and does it again after each answer that has to be
/// waited for. `attempt` leaves nothing behind if it fails with a [`Question`].
///
/// # Errors
///
/// Fails if `attempt` or the limiter does.
pub(crate) async fn until_answered<T: 'static, R>(
    store: &mut StoreContextMut<'_, T>,
    mut attempt: impl FnMut(&mut StoreContextMut<'_, T>) -> Result<R>,
) -> Result<R> {
    let answers = Answers(store);
    // An operation whose future was leaked may have left answers.
    answers.0.inner.forget_answers();
    loop {
        match attempt(answers.0) {
            Ok(done) => return Ok(done),
            Err(error) => answers.0.inner.answer(error.downcast()?).await?,
        }
    }
}
