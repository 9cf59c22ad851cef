//! `Module`: modules, and what they say of themselves.

use crate::{Engine, Error, Extern, ExternType};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;

pub use burdock::CustomSection;

/// A module. Cheap to clone.
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    module: burdock::Module,
    /// The position of each import in the order of [`Module::imports`]; `None` if the module has
    /// its imports in this order.
    places: Option<Arc<[usize]>>,
}

/// Returns the position of a kind of item among the imports: wasmi has functions first.
fn rank(ty: &burdock::ExternType) -> u8 {
    match ty {
        burdock::ExternType::Func(_) => 0,
        burdock::ExternType::Table(_) => 1,
        burdock::ExternType::Memory(_) => 2,
        burdock::ExternType::Global(_) => 3,
        burdock::ExternType::Tag(_) => 4,
    }
}

impl Module {
    /// Creates a module from its binary or, with the feature `wat`, its text.
    ///
    /// # Errors
    ///
    /// Fails if the module is malformed, invalid, or not allowed by the configuration.
    pub fn new(engine: &Engine, wasm: impl AsRef<[u8]>) -> Result<Self, Error> {
        let module = burdock::Module::new(engine.as_burdock(), wasm);
        Ok(Self::of(engine, module.map_err(Error::from_burdock)?))
    }

    /// Creates a module from its binary. This crate has no unsafe code, so the binary is validated
    /// as well; [`burdock::Module::new_unchecked`] does not validate it.
    ///
    /// # Safety
    ///
    /// wasmi demands that the binary is valid. This function demands nothing.
    ///
    /// # Errors
    ///
    /// Fails if the module is malformed, invalid, or not allowed by the configuration.
    // The name and the keyword are wasmi's; nothing in here is unsafe.
    #[allow(unsafe_code)]
    pub unsafe fn new_unchecked(engine: &Engine, wasm: &[u8]) -> Result<Self, Error> {
        let module = burdock::Module::from_binary(engine.as_burdock(), wasm);
        Ok(Self::of(engine, module.map_err(Error::from_burdock)?))
    }

    fn of(engine: &Engine, module: burdock::Module) -> Self {
        let ranks: Vec<_> = module.imports().map(|import| rank(&import.ty())).collect();
        let places = (!ranks.is_sorted()).then(|| {
            let mut order: Vec<_> = (0..ranks.len()).collect();
            order.sort_by_key(|&index| ranks[index]);
            let mut places = vec![0; ranks.len()];
            for (place, index) in order.into_iter().enumerate() {
                places[index] = place;
            }
            places.into()
        });
        Self { engine: engine.clone(), module, places }
    }

    /// Returns items that are in the order of [`Module::imports`] in the order of the binary.
    pub(crate) fn in_places(&self, imports: &[Extern]) -> Vec<burdock::Extern> {
        match &self.places {
            Some(places) if places.len() == imports.len() => {
                places.iter().map(|&place| imports[place].as_burdock()).collect()
            }
            _ => imports.iter().map(Extern::as_burdock).collect(),
        }
    }

    /// Returns a module of Burdock as one of this crate, if it is one of the engine.
    pub fn from_burdock(engine: &Engine, module: burdock::Module) -> Option<Self> {
        let same = burdock::Engine::same(engine.as_burdock(), module.engine());
        same.then(|| Self::of(engine, module))
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Validates a binary.
    ///
    /// # Errors
    ///
    /// Fails if the module is malformed or invalid.
    pub fn validate(engine: &Engine, wasm: &[u8]) -> Result<(), Error> {
        burdock::Module::validate(engine.as_burdock(), wasm).map_err(Error::from_burdock)
    }

    /// Returns the imports: functions first, then tables, memories and globals, and those of one
    /// kind in the order of the binary. Tags, which wasmi does not have, are left out.
    pub fn imports(&self) -> ModuleImportsIter<'_> {
        let imports = self.module.imports().filter_map(|import| {
            let ty = import.ty();
            let item = ExternType::from_burdock(&ty)?;
            Some((rank(&ty), ImportType { module: import.module(), name: import.name(), ty: item }))
        });
        let mut imports: Vec<_> = imports.collect();
        imports.sort_by_key(|(rank, _)| *rank);
        let imports: Vec<_> = imports.into_iter().map(|(_, import)| import).collect();
        ModuleImportsIter(imports.into_iter())
    }

    /// Returns the exports, sorted by name. Tags, which wasmi does not have, are left out.
    pub fn exports(&self) -> ModuleExportsIter<'_> {
        let exports = self.module.exports().filter_map(|export| {
            let ty = ExternType::from_burdock(&export.ty())?;
            Some(ExportType { name: export.name(), ty })
        });
        let mut exports: Vec<_> = exports.collect();
        exports.sort_unstable_by_key(ExportType::name);
        ModuleExportsIter(exports.into_iter())
    }

    /// Returns the type of an export.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        ExternType::from_burdock(&self.module.get_export(name)?)
    }

    /// Returns the custom sections, unless the configuration drops them.
    pub fn custom_sections(&self) -> CustomSectionsIter<'_> {
        CustomSectionsIter(self.module.custom_sections().collect::<Vec<_>>().into_iter())
    }

    /// Returns Burdock's module.
    pub fn as_burdock(&self) -> &burdock::Module {
        &self.module
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.module.fmt(f)
    }
}

/// An import of a module.
#[derive(Debug)]
pub struct ImportType<'module> {
    module: &'module str,
    name: &'module str,
    ty: ExternType,
}

impl<'module> ImportType<'module> {
    /// Returns the name of the module.
    pub fn module(&self) -> &'module str {
        self.module
    }

    /// Returns the name of the item.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns the type.
    pub fn ty(&self) -> &ExternType {
        &self.ty
    }
}

/// An export of a module.
#[derive(Debug)]
pub struct ExportType<'module> {
    name: &'module str,
    ty: ExternType,
}

impl<'module> ExportType<'module> {
    /// Returns the name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns the type.
    pub fn ty(&self) -> &ExternType {
        &self.ty
    }
}

macro_rules! iterators {
    ($($(#[$doc:meta])* $name:ident $item:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<'module>(vec::IntoIter<$item<'module>>);

        impl<'module> Iterator for $name<'module> {
            type Item = $item<'module>;

            fn next(&mut self) -> Option<$item<'module>> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl ExactSizeIterator for $name<'_> {}
        impl FusedIterator for $name<'_> {}
    )*};
}

iterators! {
    /// The imports of a module.
    ModuleImportsIter ImportType;
    /// The exports of a module.
    ModuleExportsIter ExportType;
    /// The custom sections of a module.
    CustomSectionsIter CustomSection;
}
