//! Programs: functions whose bodies are statements over typed locals, with loops that end. Values
//! stay on the operand stack while locals change, blocks have parameters and results, and branches
//! leave them from any depth: what a translator that delays or mirrors values must get right.

mod exceptions;
mod object_statements;
mod objects;
mod operators;
mod statements;

use ValType::{F32, F64, I32, I64, V128};
use arbitrary::{Result, Unstructured};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    Ieee32, Ieee64, ImportSection, Instruction as I, MemArg, MemArgTarget, MemorySection,
    MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};

struct Sig {
    params: Vec<ValType>,
    results: Vec<ValType>,
}

/// The language of a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Numbers, vectors and memory: all of Wasm 2.0 that has one possible outcome.
    Numbers,
    /// The same with objects, references to functions and exceptions.
    Objects,
}

impl Language {
    fn val_type(self, u: &mut Unstructured<'_>) -> Result<ValType> {
        if self == Self::Objects && u.int_in_range(0..=2)? == 0 {
            return objects::ref_type(u);
        }
        Ok(*u.choose(&[I32, I32, I32, I64, I64, F32, F64, I32, I64, V128])?)
    }

    fn val_types(self, u: &mut Unstructured<'_>, most: usize) -> Result<Vec<ValType>> {
        (0..u.int_in_range(0..=most)?).map(|_| self.val_type(u)).collect()
    }

    /// Returns the number of types that come before those of the functions.
    fn types(self) -> u32 {
        if self == Self::Objects { objects::TYPES + exceptions::TAGS } else { 0 }
    }

    /// Returns the types of the program's globals.
    fn globals(self) -> Vec<ValType> {
        let mut globals = vec![I32, I64, F32, F64, I32, I64];
        if self == Self::Objects {
            globals.extend(objects::GLOBALS);
        }
        globals
    }
}

/// Host functions, imported before the program's own.
const HOST: usize = 3;

/// A module made of such functions.
pub(crate) fn program(u: &mut Unstructured<'_>, language: Language) -> Result<Vec<u8>> {
    let sigs = signatures(u, language)?;
    let mut module = Module::new();
    let mut types = TypeSection::new();
    if language == Language::Objects {
        objects::define_types(&mut types);
        exceptions::define_types(&mut types);
    }
    for sig in &sigs {
        types.ty().function(sig.params.clone(), sig.results.clone());
    }
    // Bodies first: blocks add types.
    let mut next_type = language.types() + sigs.len() as u32;
    let mut code = CodeSection::new();
    for index in HOST..sigs.len() {
        let locals = language.val_types(u, 7)?;
        let sig = &sigs[index];
        let mut body = Body {
            u,
            language,
            globals: language.globals(),
            sigs: &sigs,
            index,
            locals: sig.params.iter().chain(&locals).copied().collect(),
            counters: Vec::new(),
            labels: vec![(sig.results.clone(), false)],
            out: Vec::new(),
            types: &mut types,
            next_type: &mut next_type,
            budget: 150,
        };
        body.statements(4)?;
        for ty in sig.results.clone() {
            body.expr(ty, 4)?;
        }
        let (out, all) = (body.out, body.locals);
        let mut func = Function::new_with_locals_types(all[sig.params.len()..].iter().copied());
        for instr in &out {
            func.instruction(instr);
        }
        func.instruction(&I::End);
        code.function(&func);
    }
    module.section(&types);
    entities(&mut module, sigs.len(), language);
    if language == Language::Objects {
        module.section(&DataCountSection { count: 2 });
    }
    module.section(&code);
    let mut datas = DataSection::new();
    datas.active(0, &ConstExpr::i32_const(16), (0..200u8).map(|x| x.wrapping_mul(37)));
    if language == Language::Objects {
        datas.passive((0..200u8).map(|x| x.wrapping_mul(91)));
    }
    module.section(&datas);
    Ok(module.finish())
}

/// Returns the types of the program's functions, those of the host first.
fn signatures(u: &mut Unstructured<'_>, language: Language) -> Result<Vec<Sig>> {
    let mut sigs = vec![
        Sig { params: vec![I32, I64], results: vec![I64] },
        Sig { params: vec![F32, I32], results: vec![I32, F64] },
        Sig { params: vec![], results: vec![] },
    ];
    if language == Language::Objects {
        sigs[1].params.extend([objects::ANY, objects::EXTERN]);
    }
    for _ in 0..u.int_in_range(1..=4)? {
        // Functions with the same results can call each other in tail position.
        let results = match u.int_in_range(0..=2)? {
            0 => u.choose(&sigs)?.results.clone(),
            _ => language.val_types(u, 3)?,
        };
        sigs.push(Sig { params: language.val_types(u, 4)?, results });
    }
    Ok(sigs)
}

/// Writes everything between the types and the code of a program with so many functions, those of
/// the host included.
fn entities(module: &mut Module, funcs: usize, language: Language) {
    let mut imports = ImportSection::new();
    for n in 0..HOST {
        imports.import(
            "host",
            ["a", "b", "c"][n],
            EntityType::Function(language.types() + n as u32),
        );
    }
    module.section(&imports);
    let mut functions = FunctionSection::new();
    for index in HOST..funcs {
        functions.function(language.types() + index as u32);
    }
    module.section(&functions);
    let mut tables = TableSection::new();
    let count = funcs as u64;
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: count,
        maximum: None,
        shared: false,
    });
    module.section(&tables);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: Some(2),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    module.section(&memories);
    if language == Language::Objects {
        module.section(&exceptions::tags());
    }
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    for (n, ty) in language.globals().into_iter().enumerate() {
        let init = initial(ty);
        globals.global(GlobalType { val_type: ty, mutable: true, shared: false }, &init);
        exports.export(&format!("g{n}"), ExportKind::Global, n as u32);
    }
    module.section(&globals);
    for index in HOST..funcs {
        exports.export(&format!("f{index}"), ExportKind::Func, index as u32);
    }
    exports.export("m", ExportKind::Memory, 0);
    module.section(&exports);
    let mut elems = ElementSection::new();
    let all: Vec<u32> = (0..funcs as u32).collect();
    elems.active(None, &ConstExpr::i32_const(0), Elements::Functions(all.into()));
    if language == Language::Objects {
        objects::segments(&mut elems);
    }
    module.section(&elems);
}

/// Returns the initial value of a global of this type.
fn initial(ty: ValType) -> ConstExpr {
    match ty {
        I32 => ConstExpr::i32_const(7),
        I64 => ConstExpr::i64_const(-9),
        F32 => ConstExpr::f32_const(1.5f32.into()),
        ValType::Ref(ty) => ConstExpr::ref_null(ty.heap_type),
        _ => ConstExpr::f64_const((-2.25f64).into()),
    }
}

struct Body<'b, 'u, 'd> {
    u: &'b mut Unstructured<'d>,
    language: Language,
    globals: Vec<ValType>,
    sigs: &'b [Sig],
    index: usize,
    locals: Vec<ValType>,
    /// Locals that count loops and that nothing else writes.
    counters: Vec<u32>,
    /// What a branch to each label takes, outermost first; whether it is a loop.
    labels: Vec<(Vec<ValType>, bool)>,
    out: Vec<I<'static>>,
    types: &'u mut TypeSection,
    next_type: &'u mut u32,
    budget: u32,
}

impl Body<'_, '_, '_> {
    fn pick(&mut self, n: u32) -> Result<u32> {
        self.u.int_in_range(0..=n - 1)
    }

    fn emit(&mut self, instr: I<'static>) {
        self.out.push(instr);
    }

    fn local_of(&mut self, ty: ValType, write: bool) -> Result<Option<u32>> {
        let fit: Vec<u32> = (0..self.locals.len() as u32)
            .filter(|n| self.locals[*n as usize] == ty)
            .filter(|n| !write || !self.counters.contains(n))
            .collect();
        Ok(if fit.is_empty() { None } else { Some(*self.u.choose(&fit)?) })
    }

    fn mem(&mut self, align: u32) -> Result<MemArg> {
        let offset = *self.u.choose(&[0, 0, 1, 4, 8, 16, 100, 60000, 70000])?;
        Ok(MemArg { offset, align, target: MemArgTarget::default(), ordering: None })
    }

    /// An address, mostly one within memory.
    fn address(&mut self, depth: u32) -> Result<()> {
        match self.pick(6)? {
            0 => {
                let at = self.pick(300)?;
                self.emit(I::I32Const(at as i32));
            }
            1 => match self.local_of(I32, false)? {
                Some(local) => self.emit(I::LocalGet(local)),
                None => self.emit(I::I32Const(8)),
            },
            2 => {
                self.expr(I32, depth)?;
                self.emit(I::I32Const(255));
                self.emit(I::I32And);
                self.expr(I32, 1)?;
                self.emit(I::I32Const(63));
                self.emit(I::I32And);
                self.emit(I::I32Add);
            }
            _ => {
                self.expr(I32, depth)?;
                self.emit(I::I32Const(0xff));
                self.emit(I::I32And);
            }
        }
        Ok(())
    }

    fn constant(&mut self, ty: ValType) -> Result<()> {
        let x: i64 = match self.pick(4)? {
            0 => i64::from(self.u.int_in_range(-4..=4)?),
            1 => i64::from(self.u.arbitrary::<i16>()?),
            2 => *self.u.choose(&[
                i64::MIN,
                i64::MAX,
                i64::from(i32::MIN),
                i64::from(i32::MAX),
                32767,
                32768,
                -32768,
                -32769,
                65535,
                65536,
                1 << 32,
            ])?,
            _ => self.u.arbitrary()?,
        };
        self.emit(match ty {
            I32 => I::I32Const(x as i32),
            I64 => I::I64Const(x),
            F32 => I::F32Const(Ieee32::from(x as f32)),
            F64 => I::F64Const(Ieee64::from(x as f64 / 2.0)),
            _ => I::V128Const(i128::from(x) * 0x1_0000_0001),
        });
        Ok(())
    }

    fn val_type(&mut self) -> Result<ValType> {
        self.language.val_type(self.u)
    }

    fn val_types(&mut self, most: usize) -> Result<Vec<ValType>> {
        self.language.val_types(self.u, most)
    }

    /// A leaf of this type.
    fn leaf(&mut self, ty: ValType) -> Result<()> {
        if self.pick(4)? != 0
            && let Some(local) = self.local_of(ty, false)?
        {
            self.emit(I::LocalGet(local));
            return Ok(());
        }
        if self.pick(4)? == 0
            && let Some(global) = self.globals.iter().position(|global| *global == ty)
        {
            self.emit(I::GlobalGet(global as u32));
            return Ok(());
        }
        if let ValType::Ref(ty) = ty {
            return self.small_object(ty.heap_type);
        }
        self.constant(ty)
    }

    /// Code that leaves a value of this type.
    fn expr(&mut self, ty: ValType, depth: u32) -> Result<()> {
        if depth == 0 || self.budget == 0 || self.u.is_empty() {
            return self.leaf(ty);
        }
        self.budget -= 1;
        let depth = depth - 1;
        let pick = self.pick(24)?;
        if let ValType::Ref(ty) = ty
            && pick >= 12
        {
            return self.object(ty.heap_type, depth);
        }
        match pick {
            0..=2 => self.leaf(ty)?,
            3 | 4 => {
                self.expr(ty, depth)?;
                match self.local_of(ty, true)? {
                    Some(local) => self.emit(I::LocalTee(local)),
                    None => self.emit(I::Nop),
                }
            }
            5 => {
                self.expr(ty, depth)?;
                self.statement(depth)?;
            }
            6 => {
                self.expr(ty, depth)?;
                self.expr(ty, depth)?;
                self.condition(depth)?;
                match ty {
                    V128 | ValType::Ref(_) => self.emit(I::TypedSelect(ty)),
                    _ => self.emit(I::Select),
                }
            }
            7 => {
                self.condition(depth)?;
                self.emit(I::If(BlockType::Result(ty)));
                self.labels.push((vec![ty], false));
                self.statement(depth)?;
                self.expr(ty, depth)?;
                self.emit(I::Else);
                self.expr(ty, depth)?;
                self.close();
            }
            8 => {
                self.emit(I::Block(BlockType::Result(ty)));
                self.labels.push((vec![ty], false));
                self.statement(depth)?;
                self.expr(ty, depth)?;
                self.condition(depth)?;
                self.emit(I::BrIf(0));
                self.statement(depth)?;
                if self.pick(2)? == 0 {
                    self.emit(I::Drop);
                    self.expr(ty, depth)?;
                }
                self.close();
            }
            9 => self.with_params(ty, depth)?,
            10 => self.looped(Some(ty), depth)?,
            11 => {
                let callee = self.callee(Some(ty))?;
                match callee {
                    Some(callee) => self.call(callee, depth)?,
                    None => self.leaf(ty)?,
                }
            }
            12..=14 if self.language == Language::Objects => self.observed(ty, depth)?,
            12 | 13 => self.load(ty, depth)?,
            14 => self.convert(ty, depth)?,
            15 => self.unary(ty, depth)?,
            _ => self.binary(ty, depth)?,
        }
        Ok(())
    }

    fn close(&mut self) {
        self.labels.pop();
        self.emit(I::End);
    }

    fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        self.types.ty().function(params.to_vec(), results.to_vec());
        *self.next_type += 1;
        BlockType::FunctionType(*self.next_type - 1)
    }

    /// A block, loop or if with parameters, and one result.
    fn with_params(&mut self, ty: ValType, depth: u32) -> Result<()> {
        let params = self.val_types(3)?;
        for &param in &params {
            self.expr(param, depth)?;
        }
        let block = self.block_type(&params, &[ty]);
        let form = self.pick(3)?;
        if form == 0 {
            self.condition(depth)?;
            self.emit(I::If(block));
        } else {
            self.emit(if form == 1 { I::Loop(block) } else { I::Block(block) });
        }
        // What branches go to are no loops: those might not end.
        self.labels.push((if form == 1 { params.clone() } else { vec![ty] }, form == 1));
        for arm in 0..2 {
            if arm == 1 {
                if form != 0 {
                    break;
                }
                self.emit(I::Else);
            }
            if self.pick(2)? == 0 {
                self.statement(depth)?;
            }
            for &param in params.iter().rev() {
                match self.local_of(param, true)? {
                    Some(local) if self.pick(3)? != 0 => self.emit(I::LocalSet(local)),
                    _ => self.emit(I::Drop),
                }
            }
            self.expr(ty, depth)?;
        }
        self.close();
        Ok(())
    }
}
