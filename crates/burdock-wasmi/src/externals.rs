//! `Extern`, `Export` and `ExportsIter`: what instances export.

use crate::{AsContext, ExternType, Func, Global, Memory, Table};
use alloc::vec;
use alloc::vec::Vec;
use core::iter::FusedIterator;

/// An item that modules import and instances export.
#[derive(Copy, Clone, Debug)]
pub enum Extern {
    /// A global.
    Global(Global),
    /// A table.
    Table(Table),
    /// A memory.
    Memory(Memory),
    /// A function.
    Func(Func),
}

/// An item that an instance exports, with its name.
#[derive(Clone, Debug)]
pub struct Export<'instance> {
    name: &'instance str,
    item: Extern,
}

macro_rules! items {
    ($($kind:ident $into:ident;)*) => {
        $(impl From<$kind> for Extern {
            fn from(item: $kind) -> Self {
                Self::$kind(item)
            }
        })*

        impl Extern {
            $(#[doc = concat!("Returns the `", stringify!($kind), "` if the item is one.")]
            pub fn $into(self) -> Option<$kind> {
                match self {
                    Self::$kind(item) => Some(item),
                    _ => None,
                }
            })*

            /// Returns an item of Burdock, or `None` for a tag, which wasmi does not have.
            pub fn from_burdock(item: burdock::Extern) -> Option<Self> {
                match item {
                    $(burdock::Extern::$kind(item) => Some($kind::from_burdock(item).into()),)*
                    _ => None,
                }
            }

            /// Returns Burdock's item.
            pub fn as_burdock(&self) -> burdock::Extern {
                match self {
                    $(Self::$kind(item) => item.as_burdock().into(),)*
                }
            }
        }

        impl Export<'_> {
            $(#[doc = concat!("Returns the `", stringify!($kind), "` if the item is one.")]
            pub fn $into(self) -> Option<$kind> {
                self.item.$into()
            })*
        }
    };
}

items! {
    Global into_global;
    Table into_table;
    Memory into_memory;
    Func into_func;
}

impl Extern {
    /// Returns the item's type.
    ///
    /// # Panics
    ///
    /// Panics if the item is one of another store.
    pub fn ty(&self, ctx: impl AsContext) -> ExternType {
        match self {
            Self::Global(global) => global.ty(ctx).into(),
            Self::Table(table) => table.ty(ctx).into(),
            Self::Memory(memory) => memory.ty(ctx).into(),
            Self::Func(func) => func.ty(ctx).into(),
        }
    }
}

impl<'instance> Export<'instance> {
    pub(crate) fn new(name: &'instance str, item: Extern) -> Self {
        Self { name, item }
    }

    /// Returns the name.
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// Returns the item's type.
    ///
    /// # Panics
    ///
    /// Panics if the item is one of another store.
    pub fn ty(&self, ctx: impl AsContext) -> ExternType {
        self.item.ty(ctx)
    }

    /// Returns the item.
    pub fn into_extern(self) -> Extern {
        self.item
    }
}

/// The items that an instance exports.
#[derive(Debug)]
pub struct ExportsIter<'instance>(vec::IntoIter<Export<'instance>>);

impl<'instance> ExportsIter<'instance> {
    pub(crate) fn new(exports: Vec<Export<'instance>>) -> Self {
        Self(exports.into_iter())
    }
}

impl<'instance> Iterator for ExportsIter<'instance> {
    type Item = Export<'instance>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for ExportsIter<'_> {}
impl FusedIterator for ExportsIter<'_> {}
