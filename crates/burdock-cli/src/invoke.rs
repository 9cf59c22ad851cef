//! Calling a function with arguments from the command line, and printing its results.

use crate::engine;
use crate::report::usage_root;
use crate::state::State;
use anyhow::{Context, anyhow, bail};
use burdock::{Func, FuncType, Store, Val, ValType};
use std::ffi::OsString;
use std::io::Write;

/// Calls `func`, the export `name` or the module's start function, and prints the results to
/// standard output, one for each line, after the guest's own output.
pub(crate) fn invoke(
    store: &mut Store<State>,
    func: &Func,
    name: Option<&str>,
    args: &[OsString],
) -> anyhow::Result<()> {
    let ty = func.ty(&*store);
    let what = name.map_or("command default".to_owned(), |name| format!("`{name}`"));
    let values = arguments(&ty, name, args)?;
    let mut results = vec![Val::I32(0); ty.results().len()];
    func.call(&mut *store, &values, &mut results)
        .map_err(engine::error)
        .with_context(|| format!("failed to invoke {what}"))?;
    let mut stdout = std::io::stdout().lock();
    for result in &results {
        writeln!(stdout, "{}", show(result)).context("failed to print the results")?;
    }
    Ok(())
}

/// Parses the arguments of a function. Arguments of the start function are not parsed: the guest
/// reads them itself.
///
/// # Errors
///
/// Returns a command-line error if there are too few or too many arguments, or if one is not a
/// value of its parameter's type.
fn arguments(ty: &FuncType, name: Option<&str>, args: &[OsString]) -> anyhow::Result<Vec<Val>> {
    let types: Vec<ValType> = ty.params().collect();
    let what = name.map_or("the start function".to_owned(), |name| format!("`{name}`"));
    if args.len() < types.len() || name.is_some() && args.len() > types.len() {
        let amount = if args.len() < types.len() { "not enough" } else { "too many" };
        let takes = match &*types {
            [] => "none".to_owned(),
            types => types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let given = args.len();
        return Err(usage_root(format!(
            "{amount} arguments for {what}: it takes {takes}; {given} given"
        )));
    }
    let values = types.iter().zip(args).zip(1..);
    let value = |((ty, arg), number): ((&ValType, &OsString), usize)| {
        parse(ty, &arg.to_string_lossy())
            .map_err(|error| usage_root(format!("argument {number} of {what}: {error}")))
    };
    values.map(value).collect()
}

/// Parses a value of type `ty`: integers with or without a sign, in decimal or as `0x...`, with `_`
/// anywhere; floats in Rust's syntax.
pub(crate) fn parse(ty: &ValType, text: &str) -> anyhow::Result<Val> {
    let bad = || anyhow!("`{text}` is not of type {ty}");
    Ok(match ty {
        ValType::I32 => Val::I32(integer(text, 32).ok_or_else(bad)? as i32),
        ValType::I64 => Val::I64(integer(text, 64).ok_or_else(bad)? as i64),
        ValType::F32 => Val::F32(text.parse::<f32>().map_err(|_| bad())?.to_bits()),
        ValType::F64 => Val::F64(text.parse::<f64>().map_err(|_| bad())?.to_bits()),
        ValType::V128 => Val::V128(integer(text, 128).ok_or_else(bad)?.into()),
        other => bail!("a value of type {other} cannot be given on the command line"),
    })
}

/// Returns the `bits` low bits of an integer that fits into them, signed or unsigned.
fn integer(text: &str, bits: u32) -> Option<u128> {
    let text = text.replace('_', "");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    // from_str_radix accepts a second sign.
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let magnitude = u128::from_str_radix(digits, radix).ok()?;
    let largest = if negative { 1 << (bits - 1) } else { u128::MAX >> (128 - bits) };
    let value = if negative { magnitude.wrapping_neg() } else { magnitude };
    (magnitude <= largest).then_some(value & (u128::MAX >> (128 - bits)))
}

fn show(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => value.as_u128().to_string(),
        Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => {
            "<null>".into()
        }
        Val::FuncRef(_) => "<funcref>".into(),
        Val::ExternRef(_) => "<externref>".into(),
        Val::AnyRef(_) => "<anyref>".into(),
        Val::ExnRef(_) => "<exnref>".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, bits, expected) in [
            ("0", 32, Some(0)),
            ("-1", 32, Some(0xffff_ffff)),
            ("4294967295", 32, Some(0xffff_ffff)),
            ("4294967296", 32, None),
            ("-2147483648", 32, Some(0x8000_0000)),
            ("-2147483649", 32, None),
            ("0xff", 32, Some(255)),
            ("-0x1", 64, Some(u128::from(u64::MAX))),
            ("1_000", 64, Some(1000)),
            ("18446744073709551615", 64, Some(u128::from(u64::MAX))),
            ("-1", 128, Some(u128::MAX)),
            ("", 32, None),
            ("-", 32, None),
            ("+-1", 32, None),
            ("0x", 32, None),
            ("1.5", 32, None),
            ("one", 32, None),
        ] {
            assert_eq!(integer(text, bits), expected, "{text} in {bits} bits");
        }
    }
}
