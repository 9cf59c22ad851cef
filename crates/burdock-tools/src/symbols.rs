//! `Symbols`: small keys for the functions of all modules in a store, and the functions' names.

use crate::code::operator_text;
use crate::{Code, Lines};
use burdock::names::Escaped;
use burdock::{Frame, Module, StoreContext};
use indexmap::IndexSet;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The key of a function in one of the modules seen so far.
///
/// See [`Symbols`] for an example.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FuncId {
    /// The number of the module, in the order in which modules were seen.
    pub module: u32,
    /// The index of the function in the module, where imported functions come first.
    pub index: u32,
}

/// The modules seen so far, and the names of their functions.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Code, FuncId, Symbols};
/// use std::sync::Arc;
/// let bytes = wat::parse_str("(module (func $f (drop (i32.const 7))))")?;
/// let module = Module::new(&Engine::default(), &bytes)?;
/// let code = Arc::new(Code::new(&bytes)?);
/// let offset = code.operators(0)?[0].offset;
/// let mut symbols = Symbols::new(&module, "m", code);
/// let func = FuncId { module: symbols.module(&module), index: 0 };
/// assert_eq!(symbols.full_name(func), "m!f");
/// assert_eq!(symbols.operator(func, offset), "i32.const 7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Symbols {
    modules: Vec<Known>,
    /// The lines that have been looked up.
    lines: IndexSet<(String, u32)>,
}

struct Known {
    module: Module,
    name: String,
    code: Option<Arc<Code>>,
    names: HashMap<u32, String>,
    /// The operators by offset, of the functions that have been looked up.
    ops: HashMap<u32, String>,
    read: HashSet<u32>,
    lines: Option<Arc<Lines>>,
    /// The numbers of lines by offset, for offsets that have been looked up.
    line_numbers: HashMap<u32, Option<u32>>,
}

/// Returns the name of an import as shown to users.
pub(crate) fn import_name(module: &str, name: &str) -> String {
    format!("{}.{}", Escaped(module), Escaped(name))
}

impl Symbols {
    /// Creates symbols with a module that is known in advance, by this name and with its code.
    pub fn new(module: &Module, name: impl Into<String>, code: Arc<Code>) -> Self {
        let mut symbols = Self::default();
        symbols.add(module, name.into(), Some(code));
        symbols
    }

    /// Adds the lines of source of the module that is known in advance.
    #[must_use]
    pub fn with_lines(mut self, lines: Arc<Lines>) -> Self {
        if let Some(known) = self.modules.first_mut() {
            known.lines = Some(lines);
        }
        self
    }

    fn add(&mut self, module: &Module, name: String, code: Option<Arc<Code>>) -> u32 {
        let name = Escaped(&name).to_string();
        let (names, ops) = (HashMap::new(), HashMap::new());
        self.modules.push(Known {
            module: module.clone(),
            name,
            code,
            names,
            ops,
            read: HashSet::new(),
            lines: None,
            line_numbers: HashMap::new(),
        });
        self.modules.len() as u32 - 1
    }

    /// Returns the number of a module, adding the module if it is new.
    pub fn module(&mut self, module: &Module) -> u32 {
        let found = self.modules.iter().position(|known| Module::same(&known.module, module));
        match found {
            Some(found) => found as u32,
            None => {
                let code = module.debug_bytecode().and_then(|bytes| Code::new(bytes).ok());
                let name = module.name().unwrap_or("<unknown>").to_owned();
                self.add(module, name, code.map(Arc::new))
            }
        }
    }

    /// Returns the key of a frame's function.
    pub fn func<'a, T: 'static>(
        &mut self,
        store: impl Into<StoreContext<'a, T>>,
        frame: &Frame,
    ) -> FuncId {
        let module = frame.module(store);
        FuncId { module: self.module(module), index: frame.func_index() }
    }

    /// Returns a function's name, which is unique in its module.
    pub fn name(&mut self, func: FuncId) -> &str {
        let known = &mut self.modules[func.module as usize];
        let make = || match &known.code {
            Some(code) => code.unique_func_name(func.index),
            None => format!("<wasm function {}>", func.index),
        };
        known.names.entry(func.index).or_insert_with(make)
    }

    /// Returns all names of a function, for matching against patterns, as [`Code::func_names`]
    /// does.
    pub fn func_names(&self, func: FuncId) -> Vec<String> {
        match &self.modules[func.module as usize].code {
            Some(code) => code.func_names(func.index),
            None => vec![format!("<wasm function {}>", func.index)],
        }
    }

    /// Returns the name of a type of a module, or `type N`.
    pub fn type_name(&self, module: u32, ty: u32) -> String {
        let code = self.modules.get(module as usize).and_then(|known| known.code.as_ref());
        code.map_or_else(|| format!("type {ty}"), |code| code.type_name(ty))
    }

    /// Returns the name of a field of a structure type of a module, or its index.
    pub fn field_name(&self, module: u32, ty: u32, field: u32) -> String {
        let code = self.modules.get(module as usize).and_then(|known| known.code.as_ref());
        code.map_or_else(|| field.to_string(), |code| code.field_name(ty, field))
    }

    /// Returns the name of a function's module.
    pub fn module_name(&self, func: FuncId) -> &str {
        &self.modules[func.module as usize].name
    }

    /// Returns a function's name, preceded by that of its module.
    pub fn full_name(&mut self, func: FuncId) -> String {
        let module = self.modules[func.module as usize].name.clone();
        format!("{module}!{}", self.name(func))
    }

    /// Returns the number in [`lines`](Self::lines) of the line from which an operator comes, or
    /// `None` if the line is unknown.
    pub fn line(&mut self, func: FuncId, offset: u32) -> Option<u32> {
        let known = &mut self.modules[func.module as usize];
        let lines = known.lines.as_ref()?;
        *known.line_numbers.entry(offset).or_insert_with(|| {
            let (file, line) = lines.at(offset)?;
            Some(self.lines.insert_full((file.to_owned(), line)).0 as u32)
        })
    }

    /// Returns the lines that have been looked up, as file and line.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &(String, u32)> {
        self.lines.iter()
    }

    /// Returns the code of a function's module, if known.
    pub fn code(&self, func: FuncId) -> Option<&Arc<Code>> {
        self.modules[func.module as usize].code.as_ref()
    }

    /// Returns the modules whose code is known.
    pub(crate) fn codes(&self) -> impl Iterator<Item = (&Module, &Code)> {
        self.modules.iter().filter_map(|known| Some((&known.module, known.code.as_deref()?)))
    }

    /// Returns the operator at an offset in a function, or `?` if the code of the module is
    /// unknown.
    pub fn operator(&mut self, func: FuncId, offset: u32) -> &str {
        let known = &mut self.modules[func.module as usize];
        if let Some(code) = &known.code
            && known.read.insert(func.index)
        {
            // Functions that cannot be parsed are never executed.
            let ops = &mut known.ops;
            let _ = code.visit(func.index, |offset, op| _ = ops.insert(offset, operator_text(op)));
        }
        known.ops.get(&offset).map_or("?", String::as_str)
    }
}
