//! Programs: functions whose bodies are statements over typed locals, with loops that end. Values
//! stay on the operand stack while locals change, blocks have parameters and results, and branches
//! leave them from any depth: what a translator that delays or mirrors values must get right.

mod operators;

use ValType::{F32, F64, I32, I64, V128};
use arbitrary::{Result, Unstructured};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType, Ieee32,
    Ieee64, ImportSection, Instruction as I, MemArg, MemArgTarget, MemorySection, MemoryType,
    Module, RefType, TableSection, TableType, TypeSection, ValType,
};

struct Sig {
    params: Vec<ValType>,
    results: Vec<ValType>,
}

fn val_type(u: &mut Unstructured<'_>) -> Result<ValType> {
    Ok(*u.choose(&[I32, I32, I32, I64, I64, F32, F64, I32, I64, V128])?)
}

fn val_types(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<ValType>> {
    (0..u.int_in_range(0..=most)?).map(|_| val_type(u)).collect()
}

/// Types of the program's globals.
const GLOBALS: [ValType; 6] = [I32, I64, F32, F64, I32, I64];
/// Host functions, imported before the program's own.
const HOST: usize = 3;

/// A module made of such functions.
pub(crate) fn program(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut sigs = vec![
        Sig { params: vec![I32, I64], results: vec![I64] },
        Sig { params: vec![F32, I32], results: vec![I32, F64] },
        Sig { params: vec![], results: vec![] },
    ];
    for _ in 0..u.int_in_range(1..=4)? {
        // Functions with the same results can call each other in tail position.
        let results = match u.int_in_range(0..=2)? {
            0 => u.choose(&sigs)?.results.clone(),
            _ => val_types(u, 3)?,
        };
        sigs.push(Sig { params: val_types(u, 4)?, results });
    }
    let mut module = Module::new();
    let mut types = TypeSection::new();
    for sig in &sigs {
        types.ty().function(sig.params.clone(), sig.results.clone());
    }
    // Bodies first: blocks add types.
    let mut next_type = sigs.len() as u32;
    let mut code = CodeSection::new();
    for index in HOST..sigs.len() {
        let locals = val_types(u, 7)?;
        let sig = &sigs[index];
        let mut body = Body {
            u,
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
    let mut imports = ImportSection::new();
    for n in 0..HOST {
        imports.import("host", ["a", "b", "c"][n], EntityType::Function(n as u32));
    }
    module.section(&imports);
    let mut funcs = FunctionSection::new();
    for index in HOST..sigs.len() {
        funcs.function(index as u32);
    }
    module.section(&funcs);
    let mut tables = TableSection::new();
    let count = sigs.len() as u64;
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
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    for (n, ty) in GLOBALS.into_iter().enumerate() {
        let init = match ty {
            I32 => ConstExpr::i32_const(7),
            I64 => ConstExpr::i64_const(-9),
            F32 => ConstExpr::f32_const(1.5f32.into()),
            _ => ConstExpr::f64_const((-2.25f64).into()),
        };
        globals.global(GlobalType { val_type: ty, mutable: true, shared: false }, &init);
        exports.export(&format!("g{n}"), ExportKind::Global, n as u32);
    }
    module.section(&globals);
    for index in HOST..sigs.len() {
        exports.export(&format!("f{index}"), ExportKind::Func, index as u32);
    }
    exports.export("m", ExportKind::Memory, 0);
    module.section(&exports);
    let mut elems = ElementSection::new();
    let all: Vec<u32> = (0..sigs.len() as u32).collect();
    elems.active(None, &ConstExpr::i32_const(0), Elements::Functions(all.into()));
    module.section(&elems);
    module.section(&code);
    let mut datas = DataSection::new();
    datas.active(0, &ConstExpr::i32_const(16), (0..200u8).map(|x| x.wrapping_mul(37)));
    module.section(&datas);
    Ok(module.finish())
}

struct Body<'b, 'u, 'd> {
    u: &'b mut Unstructured<'d>,
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

    /// A leaf of this type.
    fn leaf(&mut self, ty: ValType) -> Result<()> {
        if self.pick(4)? != 0
            && let Some(local) = self.local_of(ty, false)?
        {
            self.emit(I::LocalGet(local));
            return Ok(());
        }
        if self.pick(4)? == 0
            && let Some(global) = GLOBALS.iter().position(|global| *global == ty)
        {
            self.emit(I::GlobalGet(global as u32));
            return Ok(());
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
        match self.pick(24)? {
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
                if ty == V128 {
                    self.emit(I::TypedSelect(V128));
                } else {
                    self.emit(I::Select);
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
        let params = val_types(self.u, 3)?;
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

    /// A loop of a few rounds that counts a local of its own down, or a memory cell.
    fn looped(&mut self, result: Option<ValType>, depth: u32) -> Result<()> {
        let counter = self.locals.len() as u32;
        self.locals.push(I32);
        self.counters.push(counter);
        let rounds = self.pick(5)? as i32 + 1;
        let up = self.pick(2)? == 0;
        self.emit(I::I32Const(if up { 0 } else { rounds }));
        self.emit(I::LocalSet(counter));
        // What the loop carries on the operand stack.
        let carried = match result {
            Some(ty) if self.pick(2)? == 0 => vec![ty],
            _ => vec![],
        };
        for &ty in &carried {
            self.expr(ty, depth)?;
        }
        let results: Vec<ValType> = result.into_iter().collect();
        let block = self.block_type(&carried, &results);
        self.emit(I::Loop(block));
        self.labels.push((carried.clone(), true));
        if carried.is_empty() {
            self.statements(depth)?;
            if let Some(ty) = result {
                self.expr(ty, depth)?;
            }
        } else {
            self.statement(depth)?;
            let ty = carried[0];
            if let Some(local) = self.local_of(ty, true)? {
                self.emit(I::LocalTee(local));
            }
            self.expr(ty, depth)?;
            self.combine(ty)?;
        }
        // With a result and nothing carried, the result is put away before the branch.
        let aside = match result {
            Some(ty) if carried.is_empty() => {
                let local = self.locals.len() as u32;
                self.locals.push(ty);
                self.emit(I::LocalSet(local));
                Some(local)
            }
            _ => None,
        };
        self.emit(I::LocalGet(counter));
        self.emit(I::I32Const(1));
        self.emit(if up { I::I32Add } else { I::I32Sub });
        if self.pick(2)? == 0 {
            self.emit(I::LocalTee(counter));
        } else {
            self.emit(I::LocalSet(counter));
            self.emit(I::LocalGet(counter));
        }
        if up {
            self.emit(I::I32Const(rounds));
            let instr = self.u.choose(&[I::I32LtS, I::I32LtU, I::I32Ne])?.clone();
            self.emit(instr);
        }
        self.emit(I::BrIf(0));
        if let Some(local) = aside {
            self.emit(I::LocalGet(local));
        }
        self.close();
        Ok(())
    }

    /// A function with this one result, or any; only later ones, so that no call recurs.
    fn callee(&mut self, result: Option<ValType>) -> Result<Option<usize>> {
        let fit: Vec<usize> = (0..self.sigs.len())
            .filter(|n| *n < HOST || *n > self.index)
            .filter(|n| result.is_none_or(|ty| self.sigs[*n].results == [ty]))
            .collect();
        Ok(if fit.is_empty() { None } else { Some(*self.u.choose(&fit)?) })
    }

    fn call(&mut self, callee: usize, depth: u32) -> Result<()> {
        for ty in self.sigs[callee].params.clone() {
            self.expr(ty, depth)?;
        }
        if self.pick(4)? == 0 {
            self.emit(I::I32Const(callee as i32));
            self.emit(I::CallIndirect { type_index: callee as u32, table_index: 0 });
        } else {
            self.emit(I::Call(callee as u32));
        }
        Ok(())
    }

    /// Half the time, a tail call of a function with the same results, if there is one.
    fn tail_call(&mut self, depth: u32) -> Result<bool> {
        let results = &self.sigs[self.index].results;
        let fit: Vec<usize> = (0..self.sigs.len())
            .filter(|&n| (n < HOST || n > self.index) && self.sigs[n].results == *results)
            .collect();
        if fit.is_empty() || self.pick(2)? == 0 {
            return Ok(false);
        }
        let callee = *self.u.choose(&fit)?;
        for ty in self.sigs[callee].params.clone() {
            self.expr(ty, depth)?;
        }
        if self.pick(2)? == 0 {
            self.emit(I::I32Const(callee as i32));
            let type_index = callee as u32;
            self.emit(I::ReturnCallIndirect { type_index, table_index: 0 });
        } else {
            self.emit(I::ReturnCall(callee as u32));
        }
        Ok(true)
    }

    /// Something to branch on.
    fn condition(&mut self, depth: u32) -> Result<()> {
        let depth = depth.min(2);
        match self.pick(8)? {
            0 => self.expr(I32, depth)?,
            1 => {
                self.expr(I32, depth)?;
                self.emit(I::I32Eqz);
            }
            2 => {
                self.expr(I64, depth)?;
                self.emit(I::I64Eqz);
            }
            3 => {
                self.expr(I32, depth)?;
                self.expr(I32, 1)?;
                self.emit(I::I32And);
                if self.pick(2)? == 0 {
                    self.emit(I::I32Eqz);
                }
            }
            4 => {
                self.expr(I64, depth)?;
                self.expr(I64, 1)?;
                self.emit(I::I64And);
                self.emit(I::I64Eqz);
            }
            5 => {
                let ty = *self.u.choose(&[F32, F64])?;
                self.compare(ty, depth)?;
                if self.pick(2)? == 0 {
                    self.emit(I::I32Eqz);
                }
            }
            _ => {
                let ty = *self.u.choose(&[I32, I32, I64])?;
                self.compare(ty, depth)?;
                if self.pick(3)? == 0 {
                    self.emit(I::I32Eqz);
                }
            }
        }
        Ok(())
    }

    fn statements(&mut self, depth: u32) -> Result<()> {
        for _ in 0..self.u.int_in_range(1..=4)? {
            self.statement(depth)?;
        }
        Ok(())
    }

    /// Code that leaves the operand stack as it was.
    fn statement(&mut self, depth: u32) -> Result<()> {
        if depth == 0 || self.budget == 0 || self.u.is_empty() {
            return Ok(());
        }
        self.budget -= 1;
        let depth = depth - 1;
        match self.pick(20)? {
            0..=6 => {
                let ty = val_type(self.u)?;
                let Some(local) = self.local_of(ty, true)? else { return Ok(()) };
                if self.pick(4)? == 0 {
                    // x = x op y, the commonest of statements.
                    self.emit(I::LocalGet(local));
                    self.expr(ty, depth)?;
                    self.combine(ty)?;
                } else {
                    self.expr(ty, depth)?;
                }
                self.emit(I::LocalSet(local));
            }
            7 => {
                let global = self.pick(GLOBALS.len() as u32)?;
                self.expr(GLOBALS[global as usize], depth)?;
                self.emit(I::GlobalSet(global));
            }
            8 | 9 => {
                let ty = val_type(self.u)?;
                self.address(depth)?;
                self.expr(ty, depth)?;
                if matches!(ty, F32 | F64) {
                    self.canonical(ty);
                }
                let m = self.mem(0)?;
                let pick = self.pick(6)?;
                self.emit(match (ty, pick) {
                    (I32, 0) => I::I32Store8(m),
                    (I32, 1) => I::I32Store16(m),
                    (I32, _) => I::I32Store(m),
                    (I64, 0) => I::I64Store8(m),
                    (I64, 1) => I::I64Store16(m),
                    (I64, 2) => I::I64Store32(m),
                    (I64, _) => I::I64Store(m),
                    (F32, _) => I::F32Store(m),
                    (F64, _) => I::F64Store(m),
                    _ => I::V128Store(m),
                });
            }
            10 | 11 => {
                self.condition(depth)?;
                self.emit(I::If(BlockType::Empty));
                self.labels.push((vec![], false));
                self.statements(depth)?;
                if self.pick(2)? == 0 {
                    self.emit(I::Else);
                    self.statements(depth)?;
                }
                self.close();
            }
            12 => {
                self.emit(I::Block(BlockType::Empty));
                self.labels.push((vec![], false));
                self.statements(depth)?;
                self.close();
            }
            13 => self.looped(None, depth)?,
            14 | 15 => self.branch(depth)?,
            16 => {
                let ty = val_type(self.u)?;
                self.expr(ty, depth)?;
                self.emit(I::Drop);
            }
            17 => {
                let ty = val_type(self.u)?;
                let Some(a) = self.local_of(ty, true)? else { return Ok(()) };
                let Some(b) = self.local_of(ty, true)? else { return Ok(()) };
                // An exchange: both are read before either is written.
                self.emit(I::LocalGet(a));
                self.emit(I::LocalGet(b));
                self.emit(I::LocalSet(a));
                self.emit(I::LocalSet(b));
            }
            _ => {
                if let Some(callee) = self.callee(None)? {
                    self.call(callee, depth)?;
                    for ty in self.sigs[callee].results.clone().into_iter().rev() {
                        match self.local_of(ty, true)? {
                            Some(local) => self.emit(I::LocalSet(local)),
                            None => self.emit(I::Drop),
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// A branch, conditional in one way or other, to a label that is no loop's.
    fn branch(&mut self, depth: u32) -> Result<()> {
        let fit: Vec<usize> = (0..self.labels.len()).filter(|n| !self.labels[*n].1).collect();
        let label = *self.u.choose(&fit)?;
        let types = self.labels[label].0.clone();
        let distance = (self.labels.len() - 1 - label) as u32;
        match self.pick(4)? {
            0 => {
                for &ty in &types {
                    self.expr(ty, depth)?;
                }
                self.condition(depth)?;
                self.emit(I::BrIf(distance));
                for _ in &types {
                    self.emit(I::Drop);
                }
            }
            1 => {
                self.condition(depth)?;
                self.emit(I::If(BlockType::Empty));
                self.labels.push((vec![], false));
                self.statement(depth)?;
                for &ty in &types {
                    self.expr(ty, depth)?;
                }
                self.emit(I::Br(distance + 1));
                self.close();
            }
            2 => {
                let fit: Vec<usize> =
                    fit.into_iter().filter(|n| self.labels[*n].0 == types).collect();
                // Out of a block of its own, so that code goes on behind it.
                let block = self.block_type(&[], &types);
                self.emit(I::Block(block));
                self.labels.push((types.clone(), false));
                for &ty in &types {
                    self.expr(ty, depth)?;
                }
                self.expr(I32, depth)?;
                let all = self.labels.len() as u32;
                let mut targets = vec![0];
                for _ in 0..self.u.int_in_range(0..=4)? {
                    targets.push(all - 1 - *self.u.choose(&fit)? as u32);
                }
                let last = *self.u.choose(&targets)?;
                self.emit(I::BrTable(targets.into(), last));
                self.close();
                for _ in &types {
                    self.emit(I::Drop);
                }
            }
            _ => {
                self.condition(depth)?;
                self.emit(I::If(BlockType::Empty));
                self.labels.push((vec![], false));
                if !self.tail_call(depth)? {
                    for ty in self.sigs[self.index].results.clone() {
                        self.expr(ty, depth)?;
                    }
                    self.emit(I::Return);
                }
                self.close();
            }
        }
        Ok(())
    }
}
