//! Commands that a user gives to the stub itself (`monitor`, packet `qRcmd`): values are printed
//! and written for which a debugger has no packets.

use super::debuggee::{Debuggee, FrameInfo, Space, Value};
use crate::Code;
use crate::condition::Form;
use crate::dwarf::{Call, DebugInfo, FrameAccess, Path, WasmPlace};
use burdock::{Result, bail, format_err};
use std::cell::RefCell;

/// The text of `help`.
const HELP: &str = "\
print EXPR        print a value: NAME, *X, X.FIELD, X->FIELD, X[N], $N (local),
                  $operand[N], $global[N]
set EXPR VALUE    write a number to a variable, a local, an operand or a global
frame N COMMAND   do this in the frame N of the guest, 0 for the innermost; inlined calls count not
";

/// Executes a command and returns its output.
///
/// # Errors
///
/// Fails if the command is unknown, names no value, or the value cannot be written.
pub(super) fn execute(command: &str, debuggee: &mut dyn Debuggee) -> Result<String> {
    let (number, command) = match command.trim().strip_prefix("frame ") {
        Some(rest) => {
            let (number, command) = word(rest);
            (number.parse().map_err(|_| format_err!("`{number}` is no frame"))?, command)
        }
        None => (0, command.trim()),
    };
    match word(command) {
        ("help", "") => Ok(HELP.to_owned()),
        ("print", text) if !text.is_empty() => Scope::new(debuggee, number)?.print(text),
        ("set", rest) if rest.contains(' ') => {
            let (text, value) = rest.rsplit_once(' ').unwrap_or_default();
            Scope::new(debuggee, number)?.set(text.trim(), value)
        }
        ("print" | "set", _) => bail!("`print` needs a variable, and `set` a variable and a value"),
        _ => bail!("unknown command `{command}`; `help` lists the commands"),
    }
}

/// Splits off the first word.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim())
}

/// A frame, with what the names in it mean.
struct Scope<'d> {
    access: Access<'d>,
    info: Option<DebugInfo>,
    /// The calls that the frame consists of, the innermost first.
    calls: Vec<Call>,
    code: Code,
    frame: FrameInfo,
}

impl<'d> Scope<'d> {
    fn new(debuggee: &'d mut dyn Debuggee, number: usize) -> Result<Self> {
        let frames = debuggee.frames()?;
        let frame = *frames.get(number).ok_or_else(|| format_err!("there is no frame {number}"))?;
        let modules = debuggee.modules()?;
        let module = modules.get(frame.module as usize);
        let bytes = module.and_then(|module| module.module.debug_bytecode());
        let code = Code::new(bytes.unwrap_or_default())?;
        let info = DebugInfo::new(&code);
        // The place of a caller is behind its call.
        let at = frame.pc - u32::from(number > 0);
        let calls = info.as_ref().map(|info| info.calls_at(at)).unwrap_or_default();
        let access = Access { debuggee: RefCell::new(debuggee), frame: number };
        Ok(Self { access, info, calls, code, frame })
    }

    fn print(&self, text: &str) -> Result<String> {
        if let Some(named) = self.named(text)? {
            return Ok(format!("{}\n", shown(self.access.get(named)?)));
        }
        let (info, call) = self.find(text)?;
        let found = info.evaluate(text, call, &self.access).map_err(burdock::Error::new)?;
        Ok(format!("({}) {} = {}\n", found.ty, found.name, found.value))
    }

    fn set(&self, text: &str, value: &str) -> Result<String> {
        if let Some(named) = self.named(text)? {
            let value = parsed(value, self.access.get(named)?)?;
            self.access.set(named, value)?;
        } else {
            let (info, call) = self.find(text)?;
            let path = info.resolve(text, call).map_err(burdock::Error::new)?;
            self.write(info, &path, value)?;
        }
        self.print(text)
    }

    /// Writes a variable where debug information says that it is.
    fn write(&self, info: &DebugInfo, path: &Path, value: &str) -> Result<()> {
        let (form, size) = info
            .form(path)
            .map_err(|ty| format_err!("only numbers can be written, no values of type `{ty}`"))?;
        let bits = bits(value, form, size)?;
        if let Some(place) = path.wasm_place() {
            let value = match self.access.get(place)? {
                Value::I32(_) if form != Form::Float => Value::I32(bits as u32),
                Value::I64(_) if form != Form::Float => Value::I64(bits),
                Value::F32(_) if size == 4 => Value::F32(bits as u32),
                Value::F64(_) if size == 8 => Value::F64(bits),
                _ => bail!("the value in WebAssembly is of another type"),
            };
            return self.access.set(place, value);
        }
        let address = path.address(info, &self.access).map_err(|_| {
            format_err!("the value is neither in memory nor in a local, an operand or a global")
        })?;
        let bytes = &bits.to_le_bytes()[..size as usize];
        self.access.debuggee.borrow_mut().write(self.access.space(), address, bytes)
    }

    /// Returns the call in which an expression's first name is a variable, with its meaning.
    fn find(&self, text: &str) -> Result<(&DebugInfo, Option<&Call>)> {
        let Some(info) = &self.info else {
            bail!(
                "the module has no debug information, so only $N, $operand[N] and $global[N] have \
                 values"
            )
        };
        let text = text.trim_start_matches('&').trim_start();
        let calls = self.calls.iter().map(Some).chain([None]);
        let mut first = None;
        for call in calls {
            match info.resolve(text, call) {
                Ok(_) => return Ok((info, call)),
                Err(error) => _ = first.get_or_insert(error),
            }
        }
        Err(first.map_or_else(|| format_err!("no variable is in scope"), burdock::Error::new))
    }

    /// Returns the value of WebAssembly that a text with `$` names.
    fn named(&self, text: &str) -> Result<Option<WasmPlace>> {
        let Some(name) = text.strip_prefix('$') else { return Ok(None) };
        if let Some(place) = WasmPlace::indexed(name) {
            return place.map(Some).map_err(burdock::Error::msg);
        }
        let local = self.code.local_named(self.frame.func, name).or_else(|| name.parse().ok());
        let missing = || format_err!("there is no local `{name}`");
        local.map(WasmPlace::Local).map(Some).ok_or_else(missing)
    }
}

/// The values of a frame.
struct Access<'d> {
    debuggee: RefCell<&'d mut dyn Debuggee>,
    frame: usize,
}

impl Access<'_> {
    /// Returns the memory that pointers of the frame point into.
    fn space(&self) -> Space {
        Space::Frame(self.frame)
    }

    fn get(&self, named: WasmPlace) -> Result<Value> {
        let mut debuggee = self.debuggee.borrow_mut();
        match named {
            WasmPlace::Local(index) => debuggee.local(self.frame, index),
            WasmPlace::Operand(index) => debuggee.operand(self.frame, index),
            WasmPlace::Global(index) => debuggee.global(self.frame, index),
        }
    }

    fn set(&self, named: WasmPlace, value: Value) -> Result<()> {
        let mut debuggee = self.debuggee.borrow_mut();
        match named {
            WasmPlace::Local(index) => debuggee.set_local(self.frame, index, value),
            WasmPlace::Operand(index) => debuggee.set_operand(self.frame, index, value),
            WasmPlace::Global(index) => debuggee.set_global(self.frame, index, value),
        }
    }
}

impl FrameAccess for Access<'_> {
    fn local(&self, index: u32) -> Option<Value> {
        self.get(WasmPlace::Local(index)).ok()
    }

    fn operand(&self, index: u32) -> Option<Value> {
        self.get(WasmPlace::Operand(index)).ok()
    }

    fn global(&self, index: u32) -> Option<Value> {
        self.get(WasmPlace::Global(index)).ok()
    }

    fn memory(&self, address: u64, len: usize) -> Option<Vec<u8>> {
        let bytes = self.debuggee.borrow_mut().read(self.space(), address, len).ok()?;
        (bytes.len() == len).then_some(bytes)
    }
}

/// Returns a value of WebAssembly as text.
fn shown(value: Value) -> String {
    match value {
        Value::I32(bits) => format!("(i32) {}", bits as i32),
        Value::I64(bits) => format!("(i64) {}", bits as i64),
        Value::F32(bits) => format!("(f32) {:?}", f32::from_bits(bits)),
        Value::F64(bits) => format!("(f64) {:?}", f64::from_bits(bits)),
        Value::V128(bits) => format!("(v128) {bits:#034x}"),
        Value::Ref(present) => format!("(ref) {}", if present { "not null" } else { "null" }),
    }
}

/// Returns the value that a text means, of the type of another one.
fn parsed(text: &str, old: Value) -> Result<Value> {
    Ok(match old {
        Value::I32(_) => Value::I32(bits(text, Form::Signed, 4)? as u32),
        Value::I64(_) => Value::I64(bits(text, Form::Signed, 8)?),
        Value::F32(_) => Value::F32(bits(text, Form::Float, 4)? as u32),
        Value::F64(_) => Value::F64(bits(text, Form::Float, 8)?),
        Value::V128(_) => {
            let digits = text.strip_prefix("0x").unwrap_or_default();
            let bits = u128::from_str_radix(digits, 16);
            Value::V128(bits.map_err(|_| format_err!("`{text}` is no vector: 0x and digits"))?)
        }
        Value::Ref(_) => bail!("references cannot be written"),
    })
}

/// Returns the bits of the number that a text means. A whole number may be given as a signed or an
/// unsigned one of its size.
fn bits(text: &str, form: Form, size: u64) -> Result<u64> {
    let wrong = || format_err!("`{text}` is no number of this type");
    if form == Form::Float {
        let number: f64 = text.parse().map_err(|_| wrong())?;
        return Ok(match size {
            4 => (number as f32).to_bits().into(),
            _ => number.to_bits(),
        });
    }
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let number = match digits.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let number = number.map_err(|_| wrong())?;
    let number = if is_negative { -number } else { number };
    let limit = 1_i128 << (8 * size);
    match (-limit / 2..limit).contains(&number) {
        true => Ok(number as u64),
        false => Err(wrong()),
    }
}
