//! The value of a constant expression (spec section 3.4.16).

use burdock_core::{InstanceAddr, Vm};
use burdock_ir::sem::{self, Scalar};
use burdock_parse::{ConstExpr, ConstOp};

/// Evaluates a validated constant expression in an instance whose functions and preceding globals
/// exist. Returns two slots, of which only vectors use the second.
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
