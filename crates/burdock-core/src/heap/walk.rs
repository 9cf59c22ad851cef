//! A walk over the objects that the last collection of all objects has found.

use super::Heap;
use super::blocks::{Granule, State, cells_of, offset_of};
use super::layout::HEADER;
use super::object::{Object, Reference};
use super::types::Kind;

impl Heap {
    /// Calls `visit` with each object that the last collection has found and that still exists.
    /// What was allocated since then is left out.
    pub fn each_live_object(&self, mut visit: impl FnMut(Object)) {
        for (index, block) in self.blocks.table.iter().enumerate() {
            match block.state {
                State::Fresh | State::Free | State::Continued => {}
                State::Large => {
                    let offset = offset_of(index);
                    let granule = Granule::at(offset);
                    let cell = self.blocks.cells.get(granule.cell()).copied().unwrap_or_default();
                    if cell.live & granule.bit() != 0 {
                        visit(Object::at(offset));
                    }
                }
                State::Shared => {
                    for cell in cells_of(index) {
                        let mut live =
                            self.blocks.cells[cell].starts & self.blocks.cells[cell].live;
                        while live != 0 {
                            let granule = Granule::of_cell(cell, live.trailing_zeros());
                            live &= live - 1;
                            visit(Object::at(granule.offset()));
                        }
                    }
                }
            }
        }
    }

    /// Returns the number of bytes of an object.
    pub fn size_of(&self, object: Object) -> u64 {
        self.types.row(self.type_of(object)).size_of(self.array_len(object))
    }

    /// Calls `visit` with each reference in an object, and its offset there.
    pub fn each_reference_in(&self, object: Object, mut visit: impl FnMut(u32, Reference)) {
        let row = self.types.row(self.type_of(object));
        match row.kind {
            Kind::Array if row.references != 0 => {
                for element in 0..self.array_len(object) {
                    let at = HEADER + 4 * element;
                    visit(at, self.read_reference(object, at));
                }
            }
            Kind::Struct | Kind::Exception => {
                let look = |at| visit(at, self.read_reference(object, at));
                self.types.each_reference(row, look);
            }
            _ => {}
        }
    }
}
