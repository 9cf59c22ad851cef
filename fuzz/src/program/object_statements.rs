//! Statements on objects: fields and elements that are set, arrays that are filled and copied.

use super::Body;
use super::objects::{ANYS, ARRAYS, BYTES, REFS, TYPES, concrete, element, fields, ref_type};
use arbitrary::Result;
use wasm_encoder::{BlockType, Instruction as I};

impl Body<'_, '_, '_> {
    /// Code that changes objects, or throws and catches.
    pub(super) fn object_statement(&mut self, depth: u32) -> Result<()> {
        match self.pick(9)? {
            0..=2 => self.set(depth),
            3 => self.bulk(depth),
            4 => {
                // A local of a reference type, set to an object.
                let ty = ref_type(self.u)?;
                self.expr(ty, depth)?;
                match self.local_of(ty, true)? {
                    Some(local) => self.emit(I::LocalSet(local)),
                    None => self.emit(I::Drop),
                }
                Ok(())
            }
            5 => {
                let ty = ref_type(self.u)?;
                self.emit(I::Block(BlockType::Empty));
                self.labels.push((vec![], false));
                self.expr(ty, depth)?;
                self.emit(I::BrOnNull(0));
                self.emit(I::Drop);
                self.statement(depth)?;
                self.close();
                Ok(())
            }
            6 => self.throw(depth),
            _ => self.catch(depth),
        }
    }

    /// Writes a field or an element.
    fn set(&mut self, depth: u32) -> Result<()> {
        let ty = self.pick(TYPES)?;
        self.not_null(ty, depth)?;
        if ARRAYS.contains(&ty) {
            self.index(ty)?;
            self.stored(element(ty), depth)?;
            self.emit(I::ArraySet(ty));
            return Ok(());
        }
        let all = fields(ty);
        let field_index = self.pick(all.len() as u32)?;
        self.stored(all[field_index as usize], depth)?;
        self.emit(I::StructSet { struct_type_index: ty, field_index });
        Ok(())
    }

    /// Fills or copies a part of an array, mostly one that both arrays have.
    fn bulk(&mut self, depth: u32) -> Result<()> {
        let ty = BYTES + self.pick(TYPES - BYTES)?;
        let length = 1 + self.pick(6)?;
        let most = if self.pick(10)? == 0 { length + 2 } else { length };
        let to = match self.pick(4)? {
            0 => {
                let to = self.array(ty, length + 1);
                self.start()?;
                self.stored(element(ty), depth)?;
                self.emit(I::I32Const(most as i32));
                self.emit(I::ArrayFill(ty));
                to
            }
            1 => {
                let to = self.array(ty, length + 1);
                self.start()?;
                self.array(ty, length + 1);
                self.start()?;
                self.emit(I::I32Const(most as i32));
                let (array_type_index_dst, array_type_index_src) = (ty, ty);
                self.emit(I::ArrayCopy { array_type_index_dst, array_type_index_src });
                to
            }
            2 => self.copy_within(ty, depth)?,
            _ => {
                let to = self.array(ty, length + 1);
                self.start()?;
                self.start()?;
                self.emit(I::I32Const(most.min(3) as i32));
                let array_type_index = ty;
                self.emit(match ty {
                    REFS | ANYS => I::ArrayInitElem { array_type_index, array_elem_index: 1 },
                    _ => I::ArrayInitData { array_type_index, array_data_index: 1 },
                });
                to
            }
        };
        // What came of it can be seen later.
        if let Some(local) = self.local_of(concrete(ty), true)? {
            self.emit(I::LocalGet(to));
            self.emit(I::LocalSet(local));
        }
        Ok(())
    }

    /// A new array, left on the operand stack and in the local that is returned.
    fn array(&mut self, ty: u32, length: u32) -> u32 {
        self.emit(I::I32Const(length as i32));
        self.emit(I::ArrayNewDefault(ty));
        self.kept(ty)
    }

    /// The reference on the operand stack, also in the new local that is returned.
    fn kept(&mut self, ty: u32) -> u32 {
        let local = self.locals.len() as u32;
        self.locals.push(concrete(ty));
        self.emit(I::LocalTee(local));
        local
    }

    /// The first element of a part.
    fn start(&mut self) -> Result<()> {
        let start = self.pick(2)?;
        self.emit(I::I32Const(start as i32));
        Ok(())
    }

    /// A copy within one array, so that the parts may overlap. Returns the array's local.
    fn copy_within(&mut self, ty: u32, depth: u32) -> Result<u32> {
        self.not_null(ty, depth)?;
        let array = self.kept(ty);
        self.start()?;
        self.emit(I::LocalGet(array));
        self.start()?;
        self.emit(I::LocalGet(array));
        self.emit(I::ArrayLen);
        self.emit(I::I32Const(1));
        self.emit(I::I32ShrU);
        let (array_type_index_dst, array_type_index_src) = (ty, ty);
        self.emit(I::ArrayCopy { array_type_index_dst, array_type_index_src });
        Ok(array)
    }
}
