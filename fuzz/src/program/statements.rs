//! Statements: what a body does, with loops that end and branches to every depth.

use super::{Body, F32, F64, HOST, I, I32, I64, Language, ValType};
use arbitrary::Result;
use wasm_encoder::BlockType;

impl Body<'_, '_, '_> {
    /// A loop of a few rounds that counts a local of its own down, or a memory cell.
    pub(super) fn looped(&mut self, result: Option<ValType>, depth: u32) -> Result<()> {
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
    pub(super) fn callee(&mut self, result: Option<ValType>) -> Result<Option<usize>> {
        let fit: Vec<usize> = (0..self.sigs.len())
            .filter(|n| *n < HOST || *n > self.index)
            .filter(|n| result.is_none_or(|ty| self.sigs[*n].results == [ty]))
            .collect();
        Ok(if fit.is_empty() { None } else { Some(*self.u.choose(&fit)?) })
    }

    /// Returns the index of a function's type.
    fn func_type(&self, func: usize) -> u32 {
        self.language.types() + func as u32
    }

    pub(super) fn call(&mut self, callee: usize, depth: u32) -> Result<()> {
        for ty in self.sigs[callee].params.clone() {
            self.expr(ty, depth)?;
        }
        if self.pick(4)? == 0 {
            self.emit(I::I32Const(callee as i32));
            self.emit(I::CallIndirect { type_index: self.func_type(callee), table_index: 0 });
        } else if self.language == Language::Objects && self.pick(4)? == 0 {
            self.emit(I::RefFunc(callee as u32));
            self.emit(I::CallRef(self.func_type(callee)));
        } else {
            self.emit(I::Call(callee as u32));
        }
        Ok(())
    }

    /// Half the time, a tail call of a function with the same results, if there is one.
    pub(super) fn tail_call(&mut self, depth: u32) -> Result<bool> {
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
            let type_index = self.func_type(callee);
            self.emit(I::ReturnCallIndirect { type_index, table_index: 0 });
        } else if self.language == Language::Objects && self.pick(2)? == 0 {
            self.emit(I::RefFunc(callee as u32));
            self.emit(I::ReturnCallRef(self.func_type(callee)));
        } else {
            self.emit(I::ReturnCall(callee as u32));
        }
        Ok(true)
    }

    /// Something to branch on.
    pub(super) fn condition(&mut self, depth: u32) -> Result<()> {
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

    pub(super) fn statements(&mut self, depth: u32) -> Result<()> {
        for _ in 0..self.u.int_in_range(1..=4)? {
            self.statement(depth)?;
        }
        Ok(())
    }

    /// Code that leaves the operand stack as it was.
    pub(super) fn statement(&mut self, depth: u32) -> Result<()> {
        if depth == 0 || self.budget == 0 || self.u.is_empty() {
            return Ok(());
        }
        self.budget -= 1;
        let depth = depth - 1;
        if self.language == Language::Objects && self.pick(3)? == 0 {
            return self.object_statement(depth);
        }
        match self.pick(20)? {
            0..=6 => {
                let ty = self.val_type()?;
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
                let global = self.pick(self.globals.len() as u32)?;
                self.expr(self.globals[global as usize], depth)?;
                self.emit(I::GlobalSet(global));
            }
            8 | 9 => {
                let ty = Language::Numbers.val_type(self.u)?;
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
                let ty = self.val_type()?;
                self.expr(ty, depth)?;
                self.emit(I::Drop);
            }
            17 => {
                let ty = self.val_type()?;
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
    pub(super) fn branch(&mut self, depth: u32) -> Result<()> {
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
