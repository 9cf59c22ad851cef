//! `--config FILE`: the option groups as TOML, one table for each group: `[wasm]`, `[wasi]` and
//! `[debug]`. `[optimize]` and `[codegen]` are accepted and ignored, so that Wasmtime's files can
//! be used. A key's value is `true`, `false`, a number or a string.

use crate::groups::{self, Group};
use anyhow::{Context, bail};
use std::path::Path;
use toml::{Table, Value};

/// Returns the options in the file, in the form of options on the command line.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Group>> {
    let read = || -> anyhow::Result<Vec<Group>> {
        let table: Table = std::fs::read_to_string(path)?.parse()?;
        let mut groups = Vec::new();
        for (name, value) in &table {
            let Value::Table(keys) = value else {
                bail!("`{name}` is no table: options stand in `[wasm]`, `[wasi]` or `[debug]`");
            };
            group(name, keys, &mut groups).with_context(|| format!("in `[{name}]`"))?;
        }
        Ok(groups)
    };
    read().with_context(|| format!("failed to read configuration `{}`", path.display()))
}

fn group(name: &str, keys: &Table, groups: &mut Vec<Group>) -> anyhow::Result<()> {
    let make = match name {
        "wasm" => groups::wasm,
        "wasi" => groups::wasi,
        "debug" => groups::debug,
        "optimize" | "codegen" => return Ok(()),
        _ => bail!("there is no such group; there are `wasm`, `wasi` and `debug`"),
    };
    for (key, value) in keys {
        let value = match value {
            Value::Boolean(on) => if *on { "y" } else { "n" }.to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::String(text) if !text.contains(',') => text.clone(),
            _ => bail!("`{key}` is neither `true`, `false`, a number nor a string without a comma"),
        };
        groups.push(make(&format!("{key}={value}")).map_err(anyhow::Error::msg)?);
    }
    Ok(())
}
