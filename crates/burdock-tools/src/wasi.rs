//! WASI preview 1 as a tracer shows it: what the arguments of each function are, read from a guest's
//! memory; error numbers by name; and which path a file descriptor stands for.
//!
//! Nothing here is called for WASI to work: that is `burdock-wasi`.

mod fds;
mod flags;
mod results;
mod table;

pub use fds::Fds;

use burdock::names::Escaped;
use burdock::{Val, Values};
use std::fmt::Write as _;
use table::{Param, ParamKind};

/// The name of the module that guests import from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The name that the module had before: the same functions, some with other layouts.
pub const UNSTABLE: &str = "wasi_unstable";

/// An argument or result, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A number.
    Int(i128),
    /// Words: flags, addresses, names of constants.
    Word(String),
    /// An address, or bits: shown in hexadecimal, in JSON a number if that is exact.
    Hex(u128),
    /// A file descriptor, with its path.
    Fd(u32, String),
    /// Bytes of the guest that are mostly text: paths, what is written.
    Text(Vec<u8>),
}

impl Shown {
    /// As text; of [`Shown::Text`] at most 64 bytes, quoted.
    pub fn text(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Word(word) => word.clone(),
            Self::Hex(value) => format!("{value:#x}"),
            Self::Fd(fd, path) => format!("{fd}<{}>", Escaped(path)),
            Self::Text(bytes) => quote(bytes, 64),
        }
    }

    /// As JSON.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Int(value) => match i64::try_from(*value) {
                Ok(value) => value.into(),
                Err(_) => value.to_string().into(),
            },
            Self::Word(word) => word.as_str().into(),
            // Larger ones are not exact in every reader.
            Self::Hex(value) => match u64::try_from(*value) {
                Ok(value) if value < 1 << 53 => value.into(),
                _ => format!("{value:#x}").into(),
            },
            Self::Fd(fd, path) => serde_json::json!({ "fd": fd, "path": path }),
            Self::Text(bytes) => String::from_utf8_lossy(bytes).into(),
        }
    }
}

/// A value with the name of its parameter; without one, that is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The parameter's name.
    pub name: &'static str,
    /// The value.
    pub value: Shown,
}

/// A call of a WASI function, decoded.
///
/// # Example
///
/// ```
/// use burdock::Val;
/// use burdock_tools::wasi::Call;
/// let mut memory = vec![0; 64];
/// memory[32..40].copy_from_slice(b"data.txt");
/// let args = [3, 32, 8].map(Val::I32);
/// let call = Call::new("path_unlink_file", &args, &memory).unwrap();
/// assert_eq!(call.to_string(), r#"fd=3, path="data.txt""#);
/// assert_eq!(burdock_tools::wasi::errno(44), "NOENT");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// What is given to the function.
    pub args: Vec<Named>,
    /// Whether it is of WASI before preview 1.
    unstable: bool,
    /// Its name; empty if it is none of WASI's.
    name: &'static str,
    /// Arguments as they were given, by name; with their length, those that have one.
    numbers: Vec<(&'static str, u64, u64)>,
    /// What it will write, and where.
    outs: Vec<(&'static Param, u64)>,
}

impl Call {
    /// Decodes the arguments of a function that is imported from WASI, under its present name or the
    /// one before; `None` if it is imported from elsewhere, or [`new`](Self::new) gives none.
    pub fn imported(module: &str, name: &str, args: &[Val], memory: &[u8]) -> Option<Self> {
        match module {
            MODULE => Self::decode(name, args, memory, false),
            UNSTABLE => Self::decode(name, args, memory, true),
            _ => None,
        }
    }

    /// Decodes the arguments of the function of this name; `None` if it is not one of WASI's, or is
    /// called with other arguments.
    pub fn new(name: &str, args: &[Val], memory: &[u8]) -> Option<Self> {
        Self::decode(name, args, memory, false)
    }

    fn decode(name: &str, args: &[Val], memory: &[u8], unstable: bool) -> Option<Self> {
        let (name, params) = table::params(name)?;
        let mut rest = args;
        let mut call = Self { name, unstable, ..Self::default() };
        for param in params {
            let (own, others) = rest.split_at_checked(param.kind.width())?;
            rest = others;
            let own: Vec<u64> = own.iter().map(number).collect::<Option<_>>()?;
            if param.out {
                call.outs.push((param, own[0]));
            } else {
                call.numbers.push((param.name, own[0], own.get(1).copied().unwrap_or(0)));
                call.args.push(Named { name: param.name, value: param.kind.show(&own, memory) });
            }
        }
        if name == "poll_oneoff"
            && let (Some(at), Some(count)) =
                (call.number("subscriptions"), call.number("nsubscriptions"))
            && let Some(shown) = results::subscriptions(at, count, unstable, memory)
        {
            call.args[0].value = shown;
        }
        if let (true, Some(whence)) = (unstable, call.number("whence")) {
            let shown = flags::WHENCE_UNSTABLE.get(whence as usize);
            for arg in call.args.iter_mut().filter(|arg| arg.name == "whence") {
                arg.value =
                    shown.map_or(Shown::Int(whence.into()), |name| Shown::Word((*name).into()));
            }
        }
        rest.is_empty().then_some(call)
    }

    /// What the function has written, once it has succeeded.
    pub fn results(&self, memory: &[u8]) -> Vec<Named> {
        let read = |(param, at): &(&'static Param, u64)| {
            let bytes = param.kind.size();
            let value = read(memory, *at, bytes)?;
            Some(Named { name: param.name, value: param.kind.show(&[value], memory) })
        };
        let mut outs: Vec<Named> = self.outs.iter().filter_map(read).collect();
        outs.extend(results::written(self, &outs, memory));
        outs
    }

    /// An argument of address and length.
    fn pair(&self, name: &str) -> Option<(u64, u64)> {
        let found = self.numbers.iter().find(|(own, ..)| *own == name);
        found.map(|(_, at, len)| (*at, *len))
    }

    /// An argument by its name.
    pub fn arg(&self, name: &str) -> Option<&Shown> {
        self.args.iter().find(|arg| arg.name == name).map(|arg| &arg.value)
    }

    /// An argument as the number that it was given as: flags, lengths, ...
    pub fn number(&self, name: &str) -> Option<u64> {
        self.pair(name).map(|(number, _)| number)
    }

    /// A call of a function that is none of WASI's: its arguments have no names.
    pub fn plain(args: burdock::Values<'_>) -> Self {
        Self { args: plain(args), ..Self::default() }
    }

    /// Returns `true` if the function answers with an error number.
    pub(crate) fn has_errno(&self) -> bool {
        !self.name.is_empty() && self.name != "proc_exit"
    }

    /// A file descriptor among the arguments.
    pub fn fd(&self, name: &str) -> Option<u32> {
        match self.arg(name)? {
            Shown::Int(fd) => u32::try_from(*fd).ok(),
            _ => None,
        }
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&list(&self.args))
    }
}

/// Values as a list: `fd=1, path="x"`.
pub fn list(values: &[Named]) -> String {
    let one = |named: &Named| match named.name {
        "" => named.value.text(),
        name => format!("{name}={}", named.value.text()),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Values of any function, without names.
pub fn plain(values: Values<'_>) -> Vec<Named> {
    values.iter().map(|value| Named { name: "", value: show(&value) }).collect()
}

/// A value as it is shown.
pub(crate) fn show(value: &Val) -> Shown {
    match value {
        Val::I32(value) => Shown::Int((*value).into()),
        Val::I64(value) => Shown::Int((*value).into()),
        other => Shown::Word(show_val(other)),
    }
}

/// A value as text: integers with their sign, floats as Rust writes them, vectors in hexadecimal.
pub fn show_val(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => format!("{:?}", f32::from_bits(*bits)),
        Val::F64(bits) => format!("{:?}", f64::from_bits(*bits)),
        Val::V128(value) => format!("{:#034x}", value.as_u128()),
        Val::FuncRef(None) | Val::ExternRef(None) => "null".into(),
        Val::FuncRef(_) => "funcref".into(),
        Val::ExternRef(_) => "externref".into(),
    }
}

/// The error number of this name, in capitals or not.
pub fn errno_number(name: &str) -> Option<u32> {
    let found = flags::ERRNO.iter().position(|own| own.eq_ignore_ascii_case(name));
    found.map(|number| number as u32)
}

/// The names of the parameters of a function of WASI, but for those that are results; `None` if
/// there is no such function.
pub(crate) fn param_names(name: &str) -> Option<Vec<&'static str>> {
    let (_, params) = table::params(name)?;
    Some(params.iter().filter(|param| !param.out).map(|param| param.name).collect())
}

/// The names of all functions of WASI.
pub(crate) fn func_names() -> impl Iterator<Item = &'static str> {
    table::FUNCS.iter().map(|(name, _)| *name)
}

/// The name of an error number: `SUCCESS`, `BADF`, ...
pub fn errno(number: u32) -> String {
    match flags::ERRNO.get(number as usize) {
        Some(name) => (*name).to_owned(),
        None => format!("errno {number}"),
    }
}

fn number(value: &Val) -> Option<u64> {
    match value {
        Val::I32(value) => Some(u64::from(*value as u32)),
        Val::I64(value) => Some(*value as u64),
        _ => None,
    }
}

/// A little-endian number in the guest's memory.
fn read(memory: &[u8], at: u64, bytes: usize) -> Option<u64> {
    let bytes = slice(memory, at, bytes as u64)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn slice(memory: &[u8], at: u64, len: u64) -> Option<&[u8]> {
    memory.get(usize::try_from(at).ok()?..usize::try_from(at.checked_add(len)?).ok()?)
}

/// Texts between quotes, in brackets.
fn quote_list(texts: &[&[u8]]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text, 64)).collect();
    format!("[{}]", quoted.join(", "))
}

/// Bytes between quotes, what is no printable ASCII escaped, cut off after `most`.
fn quote(bytes: &[u8], most: usize) -> String {
    let mut text = String::from('"');
    let shown = &bytes[..bytes.len().min(most)];
    match std::str::from_utf8(bytes) {
        Ok(whole) if bytes.len() <= most => text.extend(whole.chars().flat_map(char::escape_debug)),
        _ => _ = write!(text, "{}", shown.escape_ascii()),
    }
    text.push('"');
    if bytes.len() > most {
        text.push_str("...");
    }
    text
}

impl ParamKind {
    /// Shows an argument, which may lead into memory.
    fn show(self, args: &[u64], memory: &[u8]) -> Shown {
        let value = args[0];
        let flags = |names| Shown::Word(flags::show(value, names));
        match self {
            Self::Int | Self::Fd => Shown::Int(i128::from(value)),
            Self::Signed => Shown::Int(i128::from(value as i64)),
            Self::U8 => Shown::Int(i128::from(value & 0xff)),
            Self::Ptr => Shown::Word(format!("{value:#x}")),
            Self::Str => match slice(memory, value, args[1]) {
                Some(bytes) => Shown::Text(bytes.to_vec()),
                None => Shown::Word(format!("{value:#x}+{}", args[1])),
            },
            Self::Buf => Shown::Word(format!("{value:#x}+{}", args[1])),
            Self::Iovs => Shown::Word(vectors(args, memory)),
            Self::Ciovs => match gather(args, memory) {
                Some(bytes) => Shown::Text(bytes),
                None => Shown::Word(vectors(args, memory)),
            },
            Self::Name(names) => match names.get(value as usize) {
                Some(name) => Shown::Word((*name).into()),
                None => Shown::Int(i128::from(value)),
            },
            Self::Flags(names) => flags(names),
        }
    }
}

/// The addresses and lengths of an array of `iovec`.
fn vectors(args: &[u64], memory: &[u8]) -> String {
    let one = |index: u64| {
        let at = args[0] + 8 * index;
        Some(format!("{:#x}+{}", read(memory, at, 4)?, read(memory, at + 4, 4)?))
    };
    let shown: Option<Vec<_>> = (0..args[1].min(16)).map(one).collect();
    match shown {
        Some(shown) => format!("[{}{}]", shown.join(", "), if args[1] > 16 { ", ..." } else { "" }),
        None => format!("{:#x}+{}", args[0], 8 * args[1]),
    }
}

/// The bytes that an array of `ciovec` leads to, the first few thousand of them.
fn gather(args: &[u64], memory: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for index in 0..args[1].min(1024) {
        let at = args[0] + 8 * index;
        let (ptr, len) = (read(memory, at, 4)?, read(memory, at + 4, 4)?);
        bytes.extend_from_slice(slice(memory, ptr, len)?);
        if bytes.len() > 4096 {
            break;
        }
    }
    Some(bytes)
}
