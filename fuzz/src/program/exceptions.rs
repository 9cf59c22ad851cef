//! Exceptions: thrown with values of several types, caught in all ways.

use super::Body;
use super::objects::{ANY, EXN, TYPES, concrete};
use ValType::{F64, I32, I64};
use arbitrary::Result;
use wasm_encoder::{
    BlockType, Catch, Instruction as I, TagKind, TagSection, TagType, TypeSection, ValType,
};

/// The number of tags.
pub(super) const TAGS: u32 = 4;

/// Returns the types of the values of exceptions with this tag.
fn values(tag: u32) -> Vec<ValType> {
    match tag {
        0 => vec![],
        1 => vec![I32],
        2 => vec![I64, concrete(0)],
        _ => vec![F64, I32, ANY],
    }
}

/// Returns the section of tags, whose types follow those of objects.
pub(super) fn tags() -> TagSection {
    let mut tags = TagSection::new();
    for tag in 0..TAGS {
        tags.tag(TagType { kind: TagKind::Exception, func_type_idx: TYPES + tag });
    }
    tags
}

/// Writes the types of the tags.
pub(super) fn define_types(types: &mut TypeSection) {
    for tag in 0..TAGS {
        types.ty().function(values(tag), []);
    }
}

impl Body<'_, '_, '_> {
    /// Throws if a condition holds.
    pub(super) fn throw(&mut self, depth: u32) -> Result<()> {
        self.condition(depth)?;
        self.emit(I::If(BlockType::Empty));
        self.labels.push((vec![], false));
        if self.pick(4)? == 0
            && let Some(local) = self.local_of(EXN, false)?
        {
            // A null reference would be a trap.
            self.emit(I::LocalGet(local));
            self.emit(I::BrOnNull(0));
            self.emit(I::ThrowRef);
        } else {
            let tag = self.pick(TAGS)?;
            for ty in values(tag) {
                self.expr(ty, depth)?;
            }
            self.emit(I::Throw(tag));
        }
        self.close();
        Ok(())
    }

    /// Statements in which exceptions are caught: with or without their values, with or without a
    /// reference to the exception.
    pub(super) fn catch(&mut self, depth: u32) -> Result<()> {
        let tag = self.pick(TAGS)?;
        let form = self.pick(4)?;
        let mut types = if form < 2 { values(tag) } else { vec![] };
        if form % 2 == 1 {
            types.push(EXN);
        }
        let block = self.block_type(&[], &types);
        self.emit(I::Block(block));
        self.labels.push((types.clone(), false));
        let catch = match form {
            0 => Catch::One { tag, label: 0 },
            1 => Catch::OneRef { tag, label: 0 },
            2 => Catch::All { label: 0 },
            _ => Catch::AllRef { label: 0 },
        };
        self.emit(I::TryTable(BlockType::Empty, vec![catch].into()));
        self.labels.push((vec![], false));
        self.statements(depth)?;
        if self.pick(2)? == 0 {
            self.throw(depth)?;
        }
        self.close();
        for &ty in &types {
            self.leaf(ty)?;
        }
        self.close();
        for &ty in types.iter().rev() {
            match self.local_of(ty, true)? {
                Some(local) => self.emit(I::LocalSet(local)),
                None if ty == EXN => {
                    let local = self.locals.len() as u32;
                    self.locals.push(EXN);
                    self.emit(I::LocalSet(local));
                }
                None => self.emit(I::Drop),
            }
        }
        Ok(())
    }
}
