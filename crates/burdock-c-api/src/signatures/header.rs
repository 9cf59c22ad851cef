//! The prototypes in the headers, as the compiler of C sees them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Everything that the headers declare.
const INCLUDES: &str = "#include <burdock.h>\n";

/// Beginnings of the names that count.
const PREFIXES: [&str; 4] = ["wasm_", "wasmtime_", "wasi_", "burdock_"];

/// Runs the compiler on a program. Returns its output, or `None` if there is no compiler.
fn compiler(arguments: &[&str], program: &str) -> Option<String> {
    let name = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let mut command = Command::new(name);
    command.args(["-std=c11", "-x", "c", "-I"]).arg(include).args(arguments).arg("-");
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("skipped, because there is no compiler of C: {error}");
            return None;
        }
    };
    let mut input = child.stdin.take().expect("the input is a pipe");
    input.write_all(program.as_bytes()).expect("the compiler reads its input");
    drop(input);
    let output = child.wait_with_output().expect("the compiler ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Checks that a program behind the headers compiles.
pub(super) fn compile(program: &str) {
    compiler(&["-fsyntax-only"], &format!("{INCLUDES}{program}"));
}

/// Returns the prototypes with their signatures. Returns `None` if there is no compiler.
pub(super) fn prototypes() -> Option<BTreeMap<String, String>> {
    let text = compiler(&["-E", "-P"], INCLUDES)?;
    let mut types = Types::default();
    let mut prototypes = BTreeMap::new();
    for statement in statements(&text) {
        let statement = statement.trim();
        if let Some(definition) = statement.strip_prefix("typedef ") {
            types.define(definition);
        } else if let Some((name, signature)) = types.prototype(statement) {
            prototypes.insert(name, signature);
        }
    }
    assert!(prototypes.len() > 300, "the headers have {} prototypes", prototypes.len());
    Some(prototypes)
}

/// Splits a program into statements, and leaves out bodies of functions.
fn statements(text: &str) -> Vec<String> {
    let (mut found, mut current, mut depth) = (Vec::new(), String::new(), 0);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                // The end of a function, and not of a structure.
                if depth == 0 && current.contains('(') && !current.starts_with("typedef") {
                    current.clear();
                }
            }
            ';' if depth == 0 => found.push(std::mem::take(&mut current)),
            '\n' => current.push(' '),
            _ if depth == 0 => current.push(c),
            _ => {}
        }
        if current == " " {
            current.clear();
        }
    }
    found
}

/// Names of types that stand for other types.
#[derive(Default)]
struct Types(BTreeMap<String, String>);

impl Types {
    fn define(&mut self, definition: &str) {
        if let Some((before, after)) = definition.split_once("(*") {
            let Some((name, params)) = after.split_once(')') else { return };
            let ty = format!("{}(*)({})", self.ty(before), self.params(params));
            self.0.insert(name.trim().to_owned(), ty);
        } else if !["struct", "union", "enum"].iter().any(|word| definition.contains(word))
            && let Some((ty, name)) = definition.rsplit_once(' ')
            && PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        {
            let ty = self.ty(ty);
            self.0.insert(name.to_owned(), ty);
        }
    }

    /// Returns the name and signature of a prototype.
    fn prototype(&self, statement: &str) -> Option<(String, String)> {
        let (before, after) = statement.split_once('(')?;
        let begins = before.rfind(|c: char| !c.is_alphanumeric() && c != '_')? + 1;
        let (result, name) = before.split_at(begins);
        let ours = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if !ours || result.contains("inline") {
            return None;
        }
        let signature = format!("{}({})", self.ty(result), self.params(&format!("({after}")));
        Some((name.to_owned(), signature))
    }

    /// Returns the types of parameters in parentheses.
    fn params(&self, params: &str) -> String {
        let params = params.trim().trim_start_matches('(');
        let params = params.strip_suffix(')').unwrap_or(params);
        let (mut all, mut current, mut depth) = (Vec::new(), String::new(), 0);
        for c in params.chars() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            if c == ',' && depth == 0 {
                all.push(self.param(&std::mem::take(&mut current)));
            } else {
                current.push(c);
            }
        }
        all.push(self.param(&current));
        if all == ["void"] { String::new() } else { all.join(",") }
    }

    /// Returns the type of a parameter, which may have a name.
    fn param(&self, param: &str) -> String {
        if let Some((result, rest)) = param.split_once("(*") {
            let (_, params) = rest.split_once(')').expect("parentheses match");
            return format!("{}(*)({})", self.ty(result), self.params(params));
        }
        let array = param.trim().ends_with("[]");
        let param = param.trim().trim_end_matches("[]");
        let words = |text: &str| self.ty(text);
        // A name is a last word behind another word or a star.
        let begins = param.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        let (ty, name) = param.split_at(begins);
        let has_type = ty
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| !word.is_empty() && !["const", "struct", "unsigned"].contains(&word));
        let named = has_type && !name.is_empty() && name != "const" && name != "char";
        let ty = if named { words(ty) } else { words(param) };
        if array { format!("{ty}*") } else { ty }
    }

    /// Returns a type without its qualifiers, and with what its name stands for.
    fn ty(&self, text: &str) -> String {
        let text = text.replace("unsigned char", "uint8_t").replace('*', " * ");
        let words = text.split_whitespace();
        let words = words.filter(|word| !["const", "struct", "extern"].contains(word));
        let mapped = words.map(|word| match word {
            "char" | "byte_t" => "uint8_t",
            "int" => "int32_t",
            "_Bool" => "bool",
            word => self.0.get(word).map_or(word, String::as_str),
        });
        mapped.collect()
    }
}
