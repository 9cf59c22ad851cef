//! The functions of WASI as definitions of a linker, or as a list of imports.

use crate::{Error, WasiCtx};
use burdock_wasmi::{AsContextMut, Extern, Linker, Module};

/// The module of all functions.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// Something that takes the definitions of WASI.
pub trait AddWasi<T> {
    /// Defines the functions of WASI, which find the context in the store's data by `wasi_ctx`.
    ///
    /// # Errors
    ///
    /// Fails if a name is defined already.
    fn add_wasi(
        &mut self,
        wasi_ctx: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
    ) -> Result<(), Error>
    where
        T: Send + 'static;
}

impl<T: 'static> AddWasi<T> for Linker<T> {
    fn add_wasi(
        &mut self,
        wasi_ctx: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
    ) -> Result<(), Error>
    where
        T: Send + 'static,
    {
        let linker = self.as_burdock_mut();
        burdock_wasi::preview1::add_to_linker(linker, wasi_ctx).map_err(Error::from_burdock)?;
        // The other functions fail with no error of wasmi's own.
        let exit = |status: i32| -> Result<(), Error> {
            match status {
                0..126 => Err(Error::i32_exit(status)),
                _ => Err(Error::new("exit with invalid exit status outside of [0..126)")),
            }
        };
        self.func_wrap(PREVIEW1, "proc_exit", exit)?;
        Ok(())
    }
}

/// Defines the functions of WASI, which find the context in the store's data by `get_ctx`.
///
/// # Errors
///
/// Fails if a name is defined already.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    get_ctx: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
) -> Result<(), Error> {
    linker.add_wasi(get_ctx)
}

/// The error of an import that is no function of WASI.
#[derive(Debug, thiserror::Error)]
#[error("invalid Wasi import: {module}::{name}")]
pub struct InvalidWasiImport {
    module: Box<str>,
    name: Box<str>,
}

/// Replaces `externals` by the functions of WASI that a module imports, in the order of the
/// imports.
///
/// # Errors
///
/// Fails if an import is no function of WASI.
pub fn add_to_externals<T: Send + 'static>(
    mut ctx: impl AsContextMut<Data = T>,
    module: &Module,
    externals: &mut Vec<Extern>,
    get_ctx: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
) -> Result<(), InvalidWasiImport> {
    let mut ctx = ctx.as_context_mut();
    let mut linker = Linker::new(ctx.engine());
    let defined = linker.add_wasi(get_ctx).is_ok();
    externals.clear();
    for import in module.imports() {
        let (module, name) = (import.module(), import.name());
        let found = linker.as_burdock_mut().get(ctx.as_burdock_mut(), module, name).ok();
        match found.filter(|_| defined).and_then(Extern::from_burdock) {
            Some(item) => externals.push(item),
            None => return Err(InvalidWasiImport { module: module.into(), name: name.into() }),
        }
    }
    Ok(())
}
