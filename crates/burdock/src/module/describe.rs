//! What a module says of itself beyond imports and exports: custom sections, sizes, names.

use super::Module;
use burdock_types::FuncIdx;
use core::ops::Range;

/// A custom section.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let module = Module::new(&Engine::default(), r#"(module (@custom "build" "release"))"#)?;
/// let section = module.custom_sections().next().unwrap();
/// assert_eq!((section.name(), section.data()), ("build", &b"release"[..]));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct CustomSection<'module> {
    name: &'module str,
    data: &'module [u8],
}

impl<'module> CustomSection<'module> {
    /// Returns the section's name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// Returns the section's contents.
    pub fn data(&self) -> &'module [u8] {
        self.data
    }
}

/// The minimal resources of an instance of a module.
///
/// # Example
///
/// ```
/// use burdock::*;
/// let module = Module::new(&Engine::default(), "(module (memory 3) (table 10 funcref))")?;
/// let required = module.resources_required();
/// assert_eq!(required.max_initial_memory_size, Some(3));
/// assert_eq!(required.max_initial_table_size, Some(10));
/// # Ok::<(), Error>(())
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ResourcesRequired {
    /// The number of memories that the module defines.
    pub num_memories: u32,
    /// The largest initial size of a memory it defines, in pages.
    pub max_initial_memory_size: Option<u64>,
    /// The number of tables that the module defines.
    pub num_tables: u32,
    /// The largest initial size of a table it defines, in elements.
    pub max_initial_table_size: Option<u64>,
}

impl Module {
    /// Returns the custom sections in the order of the module; none with
    /// [`Config::ignore_custom_sections`](crate::Config::ignore_custom_sections).
    pub fn custom_sections(&self) -> impl ExactSizeIterator<Item = CustomSection<'_>> {
        let sections = self.def().custom_sections.iter();
        sections.map(|section| CustomSection {
            name: &section.name,
            data: &self.bytes()[section.bytes.clone()],
        })
    }

    /// Returns the minimal resources of an instance of the module; imports are not counted.
    pub fn resources_required(&self) -> ResourcesRequired {
        let def = self.def();
        let memories = &def.memories[def.imported_memories as usize..];
        let tables = &def.tables[def.imported_tables as usize..];
        ResourcesRequired {
            num_memories: memories.len() as u32,
            max_initial_memory_size: memories.iter().map(|ty| ty.min).max(),
            num_tables: tables.len() as u32,
            max_initial_table_size: tables.iter().map(|table| table.ty.min).max(),
        }
    }

    /// Returns the numbers of memories and tables that the module defines.
    pub(crate) fn defined_memories_and_tables(&self) -> (usize, usize) {
        let def = self.def();
        let memories = def.memories.len() - def.imported_memories as usize;
        (memories, def.tables.len() - def.imported_tables as usize)
    }

    /// Returns the current size of the module's translated code in bytes, which grows with lazy
    /// translation.
    pub fn code_size(&self) -> usize {
        self.code().len_bytes()
    }

    /// Returns the name of a function from the name section.
    pub fn func_name(&self, func: u32) -> Option<&str> {
        let bytes: &[u8] = self.bytes();
        let names = self.inner.func_names.call_once(|| {
            let names = burdock_parse::func_names(self.def(), bytes);
            let place = |(func, name): (FuncIdx, &str)| {
                let start = name.as_ptr().addr() - bytes.as_ptr().addr();
                (func, start as u32..(start + name.len()) as u32)
            };
            names.map(place).collect()
        });
        // A name section whose indices are not in order is read up to there.
        let found = names.binary_search_by_key(&func, |(func, _)| func.0).ok()?;
        let Range { start, end } = names[found].1.clone();
        core::str::from_utf8(&bytes[start as usize..end as usize]).ok()
    }

    /// Returns the range of a function's body, as byte offsets in the module; empty for an imported
    /// function.
    pub(crate) fn body(&self, func: FuncIdx) -> core::ops::Range<u32> {
        let defined = func.0.checked_sub(self.def().imported_funcs);
        let body = defined.and_then(|defined| self.def().bodies.get(defined as usize));
        body.map_or(0..0, |body| body.start as u32..body.end as u32)
    }

    /// Returns the offset in the binary at which a function's body begins, if the module defines
    /// the function.
    pub(crate) fn body_offset(&self, func: FuncIdx) -> Option<usize> {
        let def = self.def();
        let defined = func.0.checked_sub(def.imported_funcs)?;
        Some(def.bodies.get(defined as usize)?.start)
    }
}
