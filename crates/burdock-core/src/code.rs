//! `Code`: a module's translated functions, ready to run: all at once, or each when it is first
//! called.

use crate::dispatch::Dispatch;
use crate::{TagAddr, TypeInfo};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use burdock_ir::{Clause, CodeBuffer, FuncMeta, Meaning, OffsetMap, Operands, Target, control};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Why a function could not be translated when it was first called.
pub type SourceError = Box<dyn core::error::Error + Send + Sync>;

/// A translator that is called when a function is first called.
pub trait Source: Send + Sync {
    /// Translates the `defined`-th function that the module defines, and no other, into a buffer
    /// of its own.
    ///
    /// # Errors
    ///
    /// The function is invalid or can't be translated.
    fn translate(&self, defined: u32, target: &Target) -> Result<CodeBuffer, SourceError>;

    /// Returns the fuel that the translation of the `defined`-th function takes.
    fn fuel(&self, defined: u32) -> u64;
}

/// A module's code. The instructions come from `burdock-translate`: the machine runs them as they
/// are (invariant CODE).
pub struct Code {
    module: ModuleParts,
    len_bytes: AtomicUsize,
    kind: Translation,
    /// Held while a function is bound.
    binding: spin::Mutex<()>,
}

/// The parts of a module that code and instances need.
pub struct ModuleParts {
    /// The dispatcher that the code is for.
    pub dispatch: Dispatch,
    /// The dispatcher's target.
    pub target: Arc<Target>,
    /// The module's binary: data segments are ranges of it.
    pub binary: Arc<[u8]>,
    /// The module's function types.
    pub types: Box<[TypeInfo]>,
}

enum Translation {
    Eager(Block),
    Lazy {
        source: Box<dyn Source>,
        funcs: Box<[spin::Once<Box<Block>>]>,
        stubs: Box<[[u64; 2]]>,
        /// The translated functions, keyed by the address of their code. A module has too many of
        /// them for a linear search.
        translated: spin::RwLock<BTreeMap<usize, u32>>,
    },
}

/// Code that was translated at once.
pub(crate) struct Block {
    /// Heads are written while other threads run other functions ([`Code::bind`]).
    words: Box<[AtomicU64]>,
    map: OffsetMap,
}

impl Block {
    pub(crate) fn new(buffer: CodeBuffer) -> Self {
        let (words, map) = buffer.into_parts();
        #[cfg(burdock_mine)]
        let words = crate::dispatch::native::mine::with_regions(words);
        Self { words: words.into_iter().map(AtomicU64::new).collect(), map }
    }

    pub(crate) fn words(&self) -> &[AtomicU64] {
        &self.words
    }

    pub(crate) fn entry(&self, func: usize) -> *const u64 {
        self.words[self.map.funcs()[func].start as usize..].as_ptr().cast()
    }

    /// Returns the position of an address within the code.
    pub(crate) fn position(&self, ip: *const u64) -> Option<usize> {
        let distance = (ip as usize).checked_sub(self.words.as_ptr() as usize)?;
        (distance < size_of_val(&*self.words)).then_some(distance / size_of::<u64>())
    }

    /// Returns the function that an address lies in, if the address lies in this code. `first` is
    /// the first function of the code.
    pub(crate) fn place(&self, ip: *const u64, first: u32) -> Option<FuncLocation> {
        let position = self.position(ip)?;
        let func = self.map.func_at(position)?;
        let meta = self.map.funcs()[func];
        let is_start = meta.start as usize == position;
        Some(FuncLocation { defined: first + func as u32, is_start, meta })
    }

    /// Returns what an exception finds that is thrown by the instruction at an address, if the
    /// address lies in this code.
    pub(crate) fn handling(&self, ip: *const u64) -> Option<Handling<'_>> {
        let position = self.position(ip)?;
        let meta = &self.map.funcs()[self.map.func_at(position)?];
        Some(Handling { record: meta.record, clauses: Clauses { block: self, position } })
    }

    /// Returns the function and the operator that an address lies in, if the address lies in this
    /// code. `first` is the first function of the code. Finding the operator takes time in
    /// proportion to the function's length.
    pub(crate) fn find(&self, ip: *const u64, first: u32) -> Option<Position> {
        let FuncLocation { defined, is_start, meta } = self.place(ip, first)?;
        let offset = self.map.offset_of((defined - first) as usize, self.position(ip)?);
        Some(Position { defined, offset, is_start, meta })
    }
}

#[cfg(burdock_mine)]
impl Drop for Block {
    fn drop(&mut self) {
        for func in self.map.funcs() {
            let (start, end) = (func.start as usize, func.end as usize);
            crate::dispatch::native::mine::report(&self.words, start, end);
        }
    }
}

/// The function of a module's code that an address lies in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FuncLocation {
    /// The function, counted without the imported ones.
    pub(crate) defined: u32,
    /// `true` if the address is that of the function's first instruction.
    pub(crate) is_start: bool,
    pub(crate) meta: FuncMeta,
}

/// The handling of exceptions at an instruction that throws them, or calls a function that does.
#[derive(Clone, Copy)]
pub(crate) struct Handling<'c> {
    /// The slot of the frame's record.
    pub(crate) record: u16,
    /// The catch clauses around the instruction.
    pub(crate) clauses: Clauses<'c>,
}

/// The catch clauses around a position of code.
#[derive(Clone, Copy)]
pub(crate) struct Clauses<'c> {
    block: &'c Block,
    position: usize,
}

impl Clauses<'_> {
    /// Returns the first clause that catches exceptions of a tag, and the address of the
    /// instruction where execution continues. `tags` are the tags of the instance.
    pub(crate) fn find(&self, tag: TagAddr, tags: &[TagAddr]) -> Option<(Clause, *const u64)> {
        let mut clauses = self.block.map.handlers().at(self.position);
        let clause =
            *clauses.find(|clause| !clause.has_tag() || tags[clause.tag as usize] == tag)?;
        Some((clause, self.block.words[clause.to as usize..].as_ptr().cast()))
    }
}

/// The place of an address in a module's code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// The function, counted without the imported ones.
    pub(crate) defined: u32,
    /// The byte offset of the operator in the module.
    pub(crate) offset: u32,
    /// `true` if the address is that of the function's first instruction.
    pub(crate) is_start: bool,
    pub(crate) meta: FuncMeta,
}

impl Code {
    /// Creates code from a buffer into which every function has been translated, in order, for the
    /// dispatcher's target.
    pub fn eager(buffer: CodeBuffer, module: ModuleParts) -> Arc<Self> {
        let len_bytes = AtomicUsize::new(buffer.len_bytes());
        let block = Block::new(buffer);
        if module.dispatch.binds() {
            let head = module.dispatch.head(Meaning::BindFunc.only_op());
            for func in block.map.funcs() {
                block.words[func.start as usize].store(head, Ordering::Relaxed);
            }
        }
        let (kind, binding) = (Translation::Eager(block), spin::Mutex::new(()));
        Arc::new(Self { module, len_bytes, kind, binding })
    }

    /// Creates code whose functions are translated when they are first called.
    pub fn lazy(defined: u32, source: Box<dyn Source>, module: ModuleParts) -> Arc<Self> {
        let translate = module.dispatch.head(Meaning::TranslateFunc.only_op());
        let stubs =
            (0..defined).map(|func| [translate, control::TranslateFunc { func }.word()]).collect();
        let funcs = (0..defined).map(|_| spin::Once::new()).collect::<Vec<_>>().into();
        let kind = Translation::Lazy { source, funcs, stubs, translated: spin::RwLock::default() };
        let (len_bytes, binding) = (AtomicUsize::new(0), spin::Mutex::new(()));
        Arc::new(Self { module, len_bytes, kind, binding })
    }

    /// Bytes of translated code, offset maps and function records, as far as there are any.
    pub fn len_bytes(&self) -> usize {
        self.len_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn dispatch(&self) -> Dispatch {
        self.module.dispatch
    }

    /// Returns the module's function types.
    pub fn types(&self) -> &[TypeInfo] {
        &self.module.types
    }

    /// Returns the module's binary.
    pub fn binary(&self) -> &Arc<[u8]> {
        &self.module.binary
    }

    /// Returns the address at which a call of the function begins: in its code, or in a stub that
    /// translates the function.
    pub(crate) fn entry(&self, defined: u32) -> *const u64 {
        let defined = defined as usize;
        match &self.kind {
            Translation::Eager(block) => block.entry(defined),
            Translation::Lazy { funcs, stubs, .. } => match funcs[defined].get() {
                Some(block) => block.entry(0),
                None => stubs[defined].as_ptr(),
            },
        }
    }

    /// Returns the fuel that calling a function takes because it has not been translated.
    pub(crate) fn fuel_to_translate(&self, defined: u32) -> u64 {
        match &self.kind {
            Translation::Lazy { source, funcs, .. } if funcs[defined as usize].get().is_none() => {
                source.fuel(defined)
            }
            _ => 0,
        }
    }

    /// Translates a function, if that has not been done, and gives its entry.
    pub(crate) fn translate(&self, defined: u32) -> Result<*const u64, SourceError> {
        if let Translation::Lazy { source, funcs, translated, .. } = &self.kind {
            funcs[defined as usize].try_call_once(|| {
                let buffer = source.translate(defined, &self.module.target)?;
                self.len_bytes.fetch_add(buffer.len_bytes(), Ordering::Relaxed);
                let block = Box::new(Block::new(buffer));
                self.bind_block(&block, 0);
                translated.write().insert(block.words().as_ptr() as usize, defined);
                Ok::<_, SourceError>(block)
            })?;
        }
        Ok(self.entry(defined))
    }

    /// Returns `true` if an address lies in this code. Lazily translated code consists of many
    /// pieces, which are not searched.
    #[cfg(loop_dispatch)]
    pub(crate) fn may_hold(&self, ip: *const u64) -> bool {
        match &self.kind {
            Translation::Eager(block) => ip.is_aligned() && block.position(ip).is_some(),
            Translation::Lazy { .. } => ip.is_aligned() && !ip.is_null(),
        }
    }

    /// Binds the function whose first instruction, which says that this is still to be done, is at
    /// an address.
    pub(crate) fn bind(&self, ip: *const u64) {
        let Translation::Eager(block) = &self.kind else { return };
        let Some(start) = block.position(ip) else { return };
        let Some(func) = block.map.func_at(start) else { return };
        let _guard = self.binding.lock();
        let waits = self.module.dispatch.head(Meaning::BindFunc.only_op());
        // Another thread may have been quicker.
        if block.words[start].load(Ordering::Acquire) == waits {
            self.bind_block(block, func);
        }
    }

    fn bind_block(&self, block: &Block, func: usize) {
        let FuncMeta { start, end, .. } = block.map.funcs()[func];
        let (start, end) = (start as usize, end as usize);
        #[cfg(burdock_mine)]
        crate::dispatch::native::mine::watch(&block.words[start..], end - start);
        #[cfg(not(burdock_mine))]
        self.module.dispatch.bind(&block.words[start..end]);
    }

    /// Returns the place of an address if it lies in this code.
    pub(crate) fn find(&self, ip: *const u64) -> Option<Position> {
        let (block, first) = self.block_at(ip)?;
        block.find(ip, first)
    }

    /// Returns what an exception finds at an instruction, if the instruction is part of this code.
    pub(crate) fn handling(&self, ip: *const u64) -> Option<Handling<'_>> {
        let (block, _) = self.block_at(ip)?;
        block.handling(ip)
    }

    /// Returns the function that an address lies in, if the address lies in this code.
    pub(crate) fn place(&self, ip: *const u64) -> Option<FuncLocation> {
        let (block, first) = self.block_at(ip)?;
        block.place(ip, first)
    }

    /// Returns the block of code that an address may lie in, and the block's first function.
    fn block_at(&self, ip: *const u64) -> Option<(&Block, u32)> {
        match &self.kind {
            Translation::Eager(block) => Some((block, 0)),
            Translation::Lazy { funcs, translated, .. } => {
                let translated = translated.read();
                let (_, &defined) = translated.range(..=ip as usize).next_back()?;
                Some((funcs[defined as usize].get()?, defined))
            }
        }
    }
}

impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Code").field("len_bytes", &self.len_bytes()).finish_non_exhaustive()
    }
}
