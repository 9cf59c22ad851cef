//! `burdock objdump`: shows the code of a module beside its translation.
//!
//! Functions are translated as the engine translates them, and disassembled. Each instruction is
//! shown at the last operator that it is known to come from. The map for backtraces has the
//! operator of every instruction that can trap or call; instructions between two of those are shown
//! at the first.

use crate::cli::ObjdumpArgs;
use crate::input::Input;
use crate::report::Failure;
use crate::{hints, output};
use anyhow::{Context, anyhow};
use burdock::names::Escaped;
use burdock_core::Dispatch;
use burdock_ir::{CodeBuffer, disassemble};
use burdock_parse::{EnforcedLimits, ExternIdx, Features, ModuleDef, Validation, func_names};
use burdock_translate::{Body, Settings, Translator};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::process::ExitCode;

/// The position of the second column, if the first one is not too long.
const COLUMN: usize = 44;

pub(crate) fn execute(args: &ObjdumpArgs) -> Result<ExitCode, Failure> {
    let input = Input::read(&args.file)?;
    let binary = &input.bytes;
    let context = || format!("failed to read `{}`", args.file.display());
    let features =
        Features { custom_page_sizes: true, custom_descriptors: true, ..Features::default() };
    let limits = EnforcedLimits::default();
    let module = burdock_parse::parse(binary, &features, &limits, Validation::Checked)
        .map_err(|error| input.place_of(&error, error.offset()))
        .with_context(context)?;
    let wanted = match &args.func {
        Some(name) => Some(find(&module, binary, name)?),
        None => None,
    };
    let mut text = String::new();
    let lines = wasmprinter::Config::new();
    let wasm = operators(&lines, binary, &mut text).with_context(context)?;
    let names: HashMap<u32, &str> =
        func_names(&module, binary).map(|(func, name)| (func.0, name)).collect();
    let mut translator = Translator::new(&Settings::default());
    let mut out = String::new();
    for defined in 0..u32::try_from(module.bodies.len()).unwrap_or(u32::MAX) {
        let index = module.imported_funcs + defined;
        if wanted.is_none_or(|wanted| wanted == index) {
            let name = names.get(&index).copied();
            let function = Function { module: &module, binary, defined, name, wasm: &wasm };
            function
                .show(&mut translator, &mut out, &input)
                .with_context(|| format!("failed to translate function {index}"))?;
        }
    }
    output::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the operators of all bodies as text, by their offset in the module.
fn operators<'t>(
    config: &wasmprinter::Config,
    binary: &[u8],
    storage: &'t mut String,
) -> anyhow::Result<BTreeMap<u64, &'t str>> {
    let lines = config.offsets_and_lines(binary, storage)?;
    let operator = |line: &'t str| match line.trim() {
        // The heading already shows this line.
        text if text.starts_with("(func ") || text == ")" => "",
        // The text indents the function's own code by two levels.
        _ => line.get(4..).unwrap_or("").trim_end(),
    };
    Ok(lines.filter_map(|(offset, line)| Some((offset?, operator(line)))).collect())
}

/// Returns the function with this name, export or index.
fn find(module: &ModuleDef, binary: &[u8], name: &str) -> Result<u32, Failure> {
    let index = name.strip_prefix('#').unwrap_or(name).parse().ok();
    let exported = match module.exports.get(name) {
        Some(ExternIdx::Func(func)) => Some(func.0),
        _ => None,
    };
    let named = func_names(module, binary).find(|(_, known)| *known == name);
    let found = exported.or(named.map(|(func, _)| func.0)).or(index);
    if found.is_some_and(|func| func < module.imported_funcs) {
        return Err(anyhow!("function `{name}` is imported: it has no code").into());
    }
    let defined =
        |func: &u32| *func >= module.imported_funcs && (*func as usize) < module.funcs.len();
    found.filter(defined).ok_or_else(|| {
        let mut failure = Failure::from(anyhow!("no function `{name}` is defined in the module"));
        let exports = module.exports.keys().map(|name| &**name);
        let names = func_names(module, binary).map(|(_, name)| name);
        if let Some(near) = hints::nearest(name, exports.chain(names)) {
            failure.hints.push(format!("there is `{near}`"));
        }
        failure
    })
}

/// One function to show.
struct Function<'a> {
    module: &'a ModuleDef,
    binary: &'a [u8],
    /// The index among defined functions, that is, without imported ones.
    defined: u32,
    name: Option<&'a str>,
    wasm: &'a BTreeMap<u64, &'a str>,
}

impl Function<'_> {
    fn show(
        &self,
        translator: &mut Translator,
        out: &mut String,
        input: &Input,
    ) -> anyhow::Result<()> {
        let target = Dispatch::default().target().numbered();
        let mut code = CodeBuffer::default();
        let body = Body {
            module: self.module,
            bytes: self.binary,
            defined: self.defined,
            validation: Validation::Checked,
        };
        translator
            .translate(&body, &target, &mut code)
            .map_err(|error| input.place_of(&error, error.offset()))?;
        let text = disassemble(&code, 0);
        self.heading(&code, out)?;
        let mut ir = self.by_offset(code, &text);
        let body = &self.module.bodies[self.defined as usize];
        let range = body.start as u64..body.end as u64;
        // Instructions before the first operator are shown at the function's beginning.
        let mut offsets: Vec<u64> = self.wasm.range(range).map(|(offset, _)| *offset).collect();
        offsets.extend(ir.keys().filter(|offset| !self.wasm.contains_key(offset)));
        offsets.sort_unstable();
        for offset in offsets {
            let operator = self.wasm.get(&offset).copied().unwrap_or("");
            let left = format!("{offset:#8x} {operator}");
            let mut instructions = ir.remove(&offset).unwrap_or_default().into_iter();
            let line = match instructions.next() {
                Some(first) => format!("{left:<COLUMN$} | {first}"),
                None => left,
            };
            writeln!(out, "{}", line.trim_end())?;
            for instruction in instructions {
                writeln!(out, "{:<COLUMN$} | {instruction}", "")?;
            }
        }
        Ok(())
    }

    fn heading(&self, code: &CodeBuffer, out: &mut String) -> std::fmt::Result {
        let index = self.module.imported_funcs + self.defined;
        let name = self.name.map_or_else(String::new, |name| format!(" ${}", Escaped(name)));
        let ty = self.module.func_type(index.into());
        let slots = code.funcs().first().map_or(0, |meta| meta.frame);
        let separator = if out.is_empty() { "" } else { "\n" };
        let wasm = self.module.bodies[self.defined as usize].len();
        let ir = code.words().len() * 8;
        writeln!(out, "{separator}func {index}{name} {ty}: {slots} slots, {wasm} -> {ir} bytes")
    }

    /// Returns the disassembled lines by the offset of the operator that each comes from.
    fn by_offset<'t>(&self, code: CodeBuffer, text: &'t str) -> BTreeMap<u64, Vec<&'t str>> {
        let start = code.funcs().first().map_or(0, |meta| meta.start as usize);
        let (_, map) = code.into_parts();
        let mut lines: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        let body = self.module.bodies[self.defined as usize].start as u64;
        for line in text.lines() {
            let position = line.split(':').next().and_then(|at| at.trim().parse::<usize>().ok());
            let offset = position.map_or(body, |at| u64::from(map.offset_of(0, start + at)));
            lines.entry(offset).or_default().push(line);
        }
        lines
    }
}
