//! Labels: jumps, and catch clauses, that wait for the position of a label.

use crate::func::Func;
use crate::stack::NONE;
use burdock_ir::BitField;
use burdock_ir::control::Br;

/// A jump whose distance is still open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jump {
    /// Which half of which word holds the distance: twice the word's position, and 1 more for the
    /// upper half.
    half: u32,
    /// The position of the jump, from which the distance counts.
    origin: u32,
}

impl Jump {
    /// Returns the jump that the instruction at a position makes.
    #[inline]
    pub(crate) fn at(position: usize) -> Self {
        let BitField { word, shift, .. } = const { Br::to() };
        Self::within(position, word.into(), shift.into())
    }

    /// Returns a jump of the instruction at a position. The distance is in this word, counted from
    /// the head, above so many bits.
    #[inline]
    pub(crate) fn within(position: usize, word: usize, shift: u32) -> Self {
        Self { half: 2 * (position + word) as u32 + shift / 32, origin: position as u32 }
    }

    /// Returns the position of the jump.
    #[inline]
    pub(crate) fn origin(self) -> u32 {
        self.origin
    }

    /// Returns the position of the word that holds the distance.
    #[inline]
    pub(crate) fn word(self) -> usize {
        self.half as usize / 2
    }
}

/// A word of the code that is written when its label is placed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Waiting {
    /// The distance of a jump.
    Jump(Jump),
    /// The position where the catch clause with this number continues.
    Clause(u32),
    /// The label of the pad with this number.
    Pad(u32),
}

/// Something that waits for a label.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patch {
    waiting: Waiting,
    /// The next patch for the same label.
    next: u32,
}

// Functions on the way of a jump are inlined. Clauses and pads, which are rare, would otherwise
// cost each jump a call with a `Waiting` in memory: 1 % of the instructions of translation.
impl Func<'_> {
    /// Adds a jump to those that wait for a label.
    #[inline]
    pub(crate) fn link(&mut self, list: &mut u32, jump: Jump) {
        self.link_waiting(list, Waiting::Jump(jump));
    }

    #[inline]
    fn link_waiting(&mut self, list: &mut u32, waiting: Waiting) {
        let index = self.s.patches.len() as u32;
        self.s.patches.push(Patch { waiting, next: *list });
        *list = index;
    }

    /// Places a label here: writes the distances of all jumps that wait for it.
    #[inline]
    pub(crate) fn place(&mut self, list: u32) {
        let here = self.code.position();
        let mut at = list;
        while at != NONE {
            let patch = self.s.patches[at as usize];
            self.resolve(patch.waiting, here);
            at = patch.next;
        }
        self.barrier();
    }

    /// Writes the position of a label where it is waited for.
    #[inline]
    fn resolve(&mut self, waiting: Waiting, target: usize) {
        match waiting {
            Waiting::Jump(jump) => self.set_distance(jump, target),
            Waiting::Clause(clause) => self.set_clause(clause, target as u32),
            Waiting::Pad(pad) => self.set_pad(pad, target as u32),
        }
    }

    #[inline]
    pub(crate) fn set_distance(&mut self, jump: Jump, target: usize) {
        let distance = (target as u32).wrapping_sub(jump.origin);
        let field = BitField { word: 0, shift: 32 * (jump.half % 2) as u8, width: 32 };
        self.code.set(jump.word(), field, distance.into());
    }

    #[cold]
    fn set_clause(&mut self, clause: u32, target: u32) {
        self.s.tries.clauses[clause as usize].1.to = target;
    }

    #[cold]
    fn set_pad(&mut self, pad: u32, target: u32) {
        self.s.tries.pads[pad as usize].label = target;
    }

    /// Sends a jump to a control's label, placed or not.
    #[inline]
    pub(crate) fn jump_to(&mut self, jump: Jump, control: usize) {
        self.wait_for(Waiting::Jump(jump), control);
    }

    /// Waits for a control's label, placed or not.
    #[inline]
    pub(crate) fn wait_for(&mut self, waiting: Waiting, control: usize) {
        match self.s.controls[control].placed {
            NONE => {
                let mut list = self.s.controls[control].jumps;
                self.link_waiting(&mut list, waiting);
                self.s.controls[control].jumps = list;
            }
            position => self.resolve(waiting, position as usize),
        }
    }
}
