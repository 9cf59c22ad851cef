//! The value of a constant expression (spec section 3.4.16).

use crate::Result;
use crate::store::StoreInner;
use alloc::vec::Vec;
use burdock_core::heap::{Object, Reference};
use burdock_core::{InstanceAddr, RawRef, Vm};
use burdock_ir::sem::{self, Scalar};
use burdock_parse::{ConstExpr, ConstOp};
use burdock_types::{DESCRIPTOR, HEADER, Storage, Trap, TypeIdx};

/// A value as it lies in two slots, of which only vectors use the second.
type Halves = [u64; 2];

/// Evaluates an expression that may make objects. `held` are references that are kept meanwhile.
///
/// # Errors
///
/// Fails if the heap has no room for an object, if the limiter fails, or if a structure's
/// descriptor is null.
pub(super) fn eval_object<T: 'static>(
    store: &mut StoreInner<T>,
    instance: InstanceAddr,
    expr: &ConstExpr,
    held: &[RawRef],
) -> Result<Halves> {
    if !expr.0.iter().any(makes_object) {
        return Ok(eval(&store.opaque.vm, instance, expr));
    }
    let module = store.opaque.instance(instance).module.clone();
    let def = module.def();
    let mut objects = Objects { store, instance, stack: Vec::new(), held };
    for op in &expr.0 {
        match *op {
            ConstOp::StructNew(ty) => {
                let fields = def.struct_fields(ty).iter().map(|field| Storage::of(field.storage));
                let offsets = def.layouts[ty.index()].offsets.iter().copied();
                objects.new_struct(ty, fields.zip(offsets))?;
            }
            ConstOp::StructNewDefault(ty) => objects.new_struct(ty, core::iter::empty())?,
            ConstOp::StructNewDesc(ty) | ConstOp::StructNewDefaultDesc(ty) => {
                objects.check_descriptor()?;
                let of = match op {
                    ConstOp::StructNewDesc(_) => def.struct_fields(ty),
                    _ => &[],
                };
                let fields = of.iter().map(|field| Storage::of(field.storage));
                let offsets = def.layouts[ty.index()].offsets.iter().copied();
                let mut fields: Vec<_> = fields.zip(offsets).collect();
                fields.push((Storage::Reference, DESCRIPTOR));
                objects.new_struct(ty, fields.into_iter())?;
            }
            ConstOp::ArrayNew(ty) => {
                let len = objects.pop()[0] as u32;
                objects.new_array(ty, len, Storage::of(def.array_element(ty).storage), true)?;
            }
            ConstOp::ArrayNewDefault(ty) => {
                let len = objects.pop()[0] as u32;
                objects.stack.push([0, 0]);
                objects.new_array(ty, len, Storage::I8, false)?;
            }
            ConstOp::ArrayNewFixed(ty, len) => {
                let storage = Storage::of(def.array_element(ty).storage);
                objects.new_fixed_array(ty, len, storage)?;
            }
            ConstOp::RefI31 => {
                let value = objects.pop()[0];
                objects.stack.push([Reference::from_i31(value as u32).to_slot(), 0]);
            }
            ConstOp::Convert => {}
            op => objects.number(op),
        }
    }
    Ok(objects.pop())
}

/// Returns `true` for an operator that `eval` does not know.
fn makes_object(op: &ConstOp) -> bool {
    use ConstOp as O;
    matches!(
        op,
        O::StructNew(_)
            | O::StructNewDefault(_)
            | O::StructNewDesc(_)
            | O::StructNewDefaultDesc(_)
            | O::ArrayNew(_)
            | O::ArrayNewDefault(_)
            | O::ArrayNewFixed(..)
            | O::RefI31
            | O::Convert
    )
}

/// The evaluation of an expression that makes objects.
struct Objects<'e, T: 'static> {
    store: &'e mut StoreInner<T>,
    instance: InstanceAddr,
    stack: Vec<Halves>,
    held: &'e [RawRef],
}

impl<T: 'static> Objects<'_, T> {
    fn pop(&mut self) -> Halves {
        self.stack.pop().unwrap_or([0, 0])
    }

    /// Fails if the topmost value, a descriptor, is null.
    fn check_descriptor(&self) -> Result<()> {
        match self.stack.last() {
            Some([0, _]) | None => Err(Trap::NullDescriptor.into()),
            Some(_) => Ok(()),
        }
    }

    /// Evaluates an operator that makes no object.
    fn number(&mut self, op: ConstOp) {
        let value = match binary(op) {
            Some(binary) => {
                let (right, left) = (self.pop(), self.pop());
                [binary(left[0], right[0]), 0]
            }
            None => operand(&self.store.opaque.vm, self.instance, op),
        };
        self.stack.push(value);
    }

    /// Allocates an object of a type. The values on the stack, which it will hold, stay alive.
    fn allocate(&mut self, ty: TypeIdx, len: Option<u32>) -> Result<Object> {
        let ty = self.store.opaque.vm.runtime_type(self.instance, ty);
        let mut held = self.held.to_vec();
        held.extend(self.stack.iter().map(|value| value[0]));
        self.store.allocate_quietly(ty, len, &held)
    }

    fn new_struct(
        &mut self,
        ty: TypeIdx,
        fields: impl ExactSizeIterator<Item = (Storage, u32)>,
    ) -> Result<()> {
        let object = self.allocate(ty, None)?;
        let first = self.stack.len().saturating_sub(fields.len());
        let vm = &mut self.store.opaque.vm;
        for ((storage, at), value) in fields.zip(self.stack.drain(first..)) {
            vm.write_field(object, at, storage, value);
        }
        self.stack.push([object.reference().to_slot(), 0]);
        Ok(())
    }

    fn new_array(&mut self, ty: TypeIdx, len: u32, storage: Storage, fill: bool) -> Result<()> {
        let array = self.allocate(ty, Some(len))?;
        let value = self.pop();
        let elements = if fill { len } else { 0 };
        for at in (HEADER..).step_by(storage.size() as usize).take(elements as usize) {
            self.store.opaque.vm.write_field(array, at, storage, value);
        }
        self.stack.push([array.reference().to_slot(), 0]);
        Ok(())
    }

    fn new_fixed_array(&mut self, ty: TypeIdx, len: u32, storage: Storage) -> Result<()> {
        let array = self.allocate(ty, Some(len))?;
        let first = self.stack.len().saturating_sub(len as usize);
        let vm = &mut self.store.opaque.vm;
        let offsets = (HEADER..).step_by(storage.size() as usize);
        for (at, value) in offsets.zip(self.stack.drain(first..)) {
            vm.write_field(array, at, storage, value);
        }
        self.stack.push([array.reference().to_slot(), 0]);
        Ok(())
    }
}

/// Evaluates a validated constant expression that makes no objects, in an instance whose functions
/// and preceding globals exist. Returns two slots, of which only vectors use the second.
pub(super) fn eval(vm: &Vm, instance: InstanceAddr, expr: &ConstExpr) -> [u64; 2] {
    if let [op] = *expr.0 {
        return operand(vm, instance, op);
    }
    let mut stack = alloc::vec::Vec::new();
    for op in &expr.0 {
        let Some(binary) = binary(*op) else {
            stack.push(operand(vm, instance, *op));
            continue;
        };
        let (right, left) = (stack.pop(), stack.pop());
        let (Some([right, _]), Some([left, _])) = (right, left) else {
            unreachable!("a valid expression has two operands here");
        };
        stack.push([binary(left, right), 0]);
    }
    stack.pop().unwrap_or([0, 0])
}

fn operand(vm: &Vm, instance: InstanceAddr, op: ConstOp) -> [u64; 2] {
    let low = match op {
        ConstOp::I32Const(value) => u64::from(value as u32),
        ConstOp::I64Const(value) => value as u64,
        ConstOp::F32Const(bits) => bits.into(),
        ConstOp::F64Const(bits) => bits,
        ConstOp::V128Const(value) => return value.to_halves(),
        ConstOp::RefNull(_) => 0,
        ConstOp::RefFunc(func) => vm.instance_func(instance, func).to_raw(),
        ConstOp::GlobalGet(global) => {
            return vm.global_get(vm.instance_global(instance, global));
        }
        _ => unreachable!("a valid expression has an operand here"),
    };
    [low, 0]
}

fn binary(op: ConstOp) -> Option<fn(u64, u64) -> u64> {
    Some(match op {
        ConstOp::I32Add => apply::<sem::I32Add>,
        ConstOp::I32Sub => apply::<sem::I32Sub>,
        ConstOp::I32Mul => apply::<sem::I32Mul>,
        ConstOp::I64Add => apply::<sem::I64Add>,
        ConstOp::I64Sub => apply::<sem::I64Sub>,
        ConstOp::I64Mul => apply::<sem::I64Mul>,
        _ => return None,
    })
}

/// Applies an op of constant expressions, none of which traps, to operands as they lie in slots.
fn apply<Op: sem::Binary<A: Scalar, B: Scalar, Out: Scalar>>(a: u64, b: u64) -> u64 {
    Op::apply(Scalar::from_slot(a), Scalar::from_slot(b)).map_or(0, Scalar::to_slot)
}
