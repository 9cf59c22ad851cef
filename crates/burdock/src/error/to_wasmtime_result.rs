//! `ToWasmtimeResult`: results of the crate anyhow as results of this one.

use crate::Result;

/// Converts a result of the crate anyhow (with the feature `anyhow`), or one of this crate, to a
/// result of this crate.
///
/// Coherence allows no `From<anyhow::Error>` for [`Error`](crate::Error), so that `?` alone does
/// not convert the error.
///
/// Source: Wasmtime's `ToWasmtimeResult`.
#[cfg_attr(
    feature = "anyhow",
    doc = "
# Example

```
use burdock::ToWasmtimeResult;
fn read() -> anyhow::Result<u32> {
    anyhow::bail!(\"nothing there\")
}
fn run() -> burdock::Result<u32> {
    Ok(read().to_wasmtime_result()? + 1)
}
assert_eq!(run().unwrap_err().to_string(), \"nothing there\");
```
"
)]
pub trait ToWasmtimeResult<T> {
    /// Returns the same result with this crate's error.
    ///
    /// # Errors
    ///
    /// Fails with the error of the result, if it has one.
    fn to_wasmtime_result(self) -> Result<T>;
}

#[cfg(feature = "anyhow")]
impl<T> ToWasmtimeResult<T> for anyhow::Result<T> {
    fn to_wasmtime_result(self) -> Result<T> {
        self.map_err(crate::Error::from_anyhow)
    }
}

impl<T> ToWasmtimeResult<T> for Result<T> {
    fn to_wasmtime_result(self) -> Result<T> {
        self
    }
}
