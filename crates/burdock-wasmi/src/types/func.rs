//! `FuncType`: the parameters and results of a function.

use crate::errors::FuncError;
use crate::{Engine, Val, ValType};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// The most parameters, and the most results, of a function.
const MAX_LEN: usize = 1_000;

/// The type of a function.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FuncType {
    params: usize,
    types: Arc<[ValType]>,
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FuncType")
            .field("params", &self.params())
            .field("results", &self.results())
            .finish()
    }
}

impl FuncType {
    /// Creates a type from the types of the parameters and results.
    ///
    /// # Panics
    ///
    /// Panics if there are more than 1,000 parameters or results.
    pub fn new<P, R>(params: P, results: R) -> Self
    where
        P: IntoIterator,
        R: IntoIterator,
        P::IntoIter: Iterator<Item = ValType> + ExactSizeIterator,
        R::IntoIter: Iterator<Item = ValType> + ExactSizeIterator,
    {
        let (params, results) = (params.into_iter(), results.into_iter());
        assert!(params.len() <= MAX_LEN, "a function type has too many parameters");
        assert!(results.len() <= MAX_LEN, "a function type has too many results");
        Self { params: params.len(), types: params.chain(results).collect() }
    }

    /// Returns the types of the parameters.
    pub fn params(&self) -> &[ValType] {
        &self.types[..self.params]
    }

    /// Returns the types of the results.
    pub fn results(&self) -> &[ValType] {
        &self.types[self.params..]
    }

    pub(crate) fn from_burdock(ty: &burdock::FuncType) -> Self {
        let params = ty.params().map(|ty| ValType::from_burdock(&ty));
        let results = ty.results().map(|ty| ValType::from_burdock(&ty));
        let count = params.len();
        Self { params: count, types: params.chain(results).collect::<Vec<_>>().into() }
    }

    pub(crate) fn to_burdock(&self, engine: &Engine) -> burdock::FuncType {
        let types = |types: &[ValType]| -> Vec<_> {
            types.iter().copied().map(ValType::to_burdock).collect()
        };
        burdock::FuncType::new(engine.as_burdock(), types(self.params()), types(self.results()))
    }

    /// Fails if arguments of these types cannot be passed.
    pub(crate) fn check_params(
        &self,
        given: impl ExactSizeIterator<Item = ValType>,
    ) -> Result<(), FuncError> {
        if given.len() != self.params {
            return Err(FuncError::MismatchingParameterLen);
        }
        match self.params().iter().copied().eq(given) {
            true => Ok(()),
            false => Err(FuncError::MismatchingParameterType),
        }
    }

    /// Fails if the results are not of these types.
    pub(crate) fn check_results(
        &self,
        given: impl ExactSizeIterator<Item = ValType>,
    ) -> Result<(), FuncError> {
        self.check_results_len(given.len())?;
        match self.results().iter().copied().eq(given) {
            true => Ok(()),
            false => Err(FuncError::MismatchingResultType),
        }
    }

    /// Sets results to the defaults of their types, or fails if their number is another one.
    pub(crate) fn prepare(&self, outputs: &mut [Val]) -> Result<(), FuncError> {
        self.check_results_len(outputs.len())?;
        for (output, ty) in outputs.iter_mut().zip(self.results()) {
            *output = Val::default_for_ty(*ty);
        }
        Ok(())
    }

    /// Fails if there are not this many results.
    pub(crate) fn check_results_len(&self, given: usize) -> Result<(), FuncError> {
        match given == self.types.len() - self.params {
            true => Ok(()),
            false => Err(FuncError::MismatchingResultLen),
        }
    }
}
