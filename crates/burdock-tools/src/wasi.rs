//! WASI preview 1 for tools: decodes the arguments of each function from a guest's memory, names
//! error numbers, and follows the paths of file descriptors.
//!
//! This module only observes; `burdock-wasi` implements WASI.

mod fds;
mod flags;
mod results;
mod table;

pub use fds::Fds;

use burdock::names::Escaped;
use burdock::{Val, Values};
use std::fmt::Write as _;
use table::{Param, ParamKind};

/// The name of the module that guests import WASI from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The earlier name of the module, with the same functions, some of them with other layouts.
pub const UNSTABLE: &str = "wasi_unstable";

/// An argument or result of a call, decoded for display.
///
/// # Example
///
/// ```
/// use burdock_tools::wasi::Shown;
/// let fd = Shown::Fd(4, "data/log.txt".into());
/// assert_eq!(fd.text(), "4<data/log.txt>");
/// assert_eq!(fd.json()["path"], "data/log.txt");
/// assert_eq!(Shown::Text(b"line\n".to_vec()).text(), r#""line\n""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A number.
    Int(i128),
    /// Words: names of flags and constants.
    Word(String),
    /// An address or bits, shown in hexadecimal; in JSON a number if a number is exact.
    Hex(u128),
    /// A file descriptor, with its path.
    Fd(u32, String),
    /// Bytes of the guest that are mostly text: paths, data that is written.
    Text(Vec<u8>),
}

impl Shown {
    /// Returns the value as text: at most 64 bytes of a [`Shown::Text`], in quotes.
    pub fn text(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Word(word) => word.clone(),
            Self::Hex(value) => format!("{value:#x}"),
            Self::Fd(fd, path) => format!("{fd}<{}>", Escaped(path)),
            Self::Text(bytes) => quote(bytes, 64),
        }
    }

    /// Returns the value as JSON.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Int(value) => match i64::try_from(*value) {
                Ok(value) => value.into(),
                Err(_) => value.to_string().into(),
            },
            Self::Word(word) => word.as_str().into(),
            // Larger numbers are not exact in every JSON reader.
            Self::Hex(value) => match u64::try_from(*value) {
                Ok(value) if value < 1 << 53 => value.into(),
                _ => format!("{value:#x}").into(),
            },
            Self::Fd(fd, path) => serde_json::json!({ "fd": fd, "path": path }),
            Self::Text(bytes) => String::from_utf8_lossy(bytes).into(),
        }
    }
}

/// A value with the name of its parameter. The name is empty if the parameter has none.
///
/// # Example
///
/// ```
/// use burdock_tools::wasi::{Named, Shown, list};
/// let fd = Named { name: "fd", value: Shown::Int(1) };
/// let unnamed = Named { name: "", value: Shown::Hex(64) };
/// assert_eq!(list(&[fd, unnamed]), "fd=1, 0x40");
/// ```
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
    /// The arguments that are passed to the function, without the addresses of results.
    pub args: Vec<Named>,
    /// `true` for WASI before preview 1.
    unstable: bool,
    /// The name of the function; empty if the function is not WASI's.
    name: &'static str,
    /// The raw arguments by name, with their length for those that have one.
    numbers: Vec<(&'static str, u64, u64)>,
    /// The results that the function writes to memory, with their addresses.
    outs: Vec<(&'static Param, u64)>,
}

impl Call {
    /// Decodes the arguments of a function that is imported from WASI, under its current or its
    /// earlier module name. Returns `None` if the function is imported from another module, or if
    /// [`new`](Self::new) returns `None`.
    pub fn imported(module: &str, name: &str, args: &[Val], memory: &[u8]) -> Option<Self> {
        match module {
            MODULE => Self::decode(name, args, memory, false),
            UNSTABLE => Self::decode(name, args, memory, true),
            _ => None,
        }
    }

    /// Decodes the arguments of the WASI function with this name. Returns `None` if WASI has no
    /// such function, or if the arguments do not match its parameters.
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

    /// Returns the results that the function wrote to memory, after it has succeeded.
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

    /// Returns an argument that consists of address and length.
    fn pair(&self, name: &str) -> Option<(u64, u64)> {
        let found = self.numbers.iter().find(|(own, ..)| *own == name);
        found.map(|(_, at, len)| (*at, *len))
    }

    /// Returns an argument by its name.
    pub fn arg(&self, name: &str) -> Option<&Shown> {
        self.args.iter().find(|arg| arg.name == name).map(|arg| &arg.value)
    }

    /// Returns an argument by its name as the raw number: flags, lengths, ...
    pub fn number(&self, name: &str) -> Option<u64> {
        self.pair(name).map(|(number, _)| number)
    }

    /// Creates a call of a function that is not WASI's. The arguments have no names.
    pub fn plain(args: burdock::Values<'_>) -> Self {
        Self { args: plain(args), ..Self::default() }
    }

    /// Returns `true` if the function returns an error number.
    pub(crate) fn has_errno(&self) -> bool {
        !self.name.is_empty() && self.name != "proc_exit"
    }

    /// Returns an argument by its name if it is a file descriptor.
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

/// Returns values as a list: `fd=1, path="x"`.
pub fn list(values: &[Named]) -> String {
    let one = |named: &Named| match named.name {
        "" => named.value.text(),
        name => format!("{name}={}", named.value.text()),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Returns the values of any function, without names.
pub fn plain(values: Values<'_>) -> Vec<Named> {
    values.iter().map(|value| Named { name: "", value: show(&value) }).collect()
}

/// Returns a value for display.
pub(crate) fn show(value: &Val) -> Shown {
    match value {
        Val::I32(value) => Shown::Int((*value).into()),
        Val::I64(value) => Shown::Int((*value).into()),
        other => Shown::Word(show_val(other)),
    }
}

/// Returns a value as text: integers with their sign, floats as Rust writes them, vectors in
/// hexadecimal.
pub fn show_val(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => format!("{:?}", f32::from_bits(*bits)),
        Val::F64(bits) => format!("{:?}", f64::from_bits(*bits)),
        Val::V128(value) => format!("{:#034x}", value.as_u128()),
        Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => {
            "null".into()
        }
        Val::FuncRef(_) => "funcref".into(),
        Val::ExternRef(_) => "externref".into(),
        Val::AnyRef(_) => "anyref".into(),
        Val::ExnRef(_) => "exnref".into(),
    }
}

/// Returns the error number with this name, regardless of case.
pub fn errno_number(name: &str) -> Option<u32> {
    let found = flags::ERRNO.iter().position(|own| own.eq_ignore_ascii_case(name));
    found.map(|number| number as u32)
}

/// Returns the names of the parameters of a WASI function, without those for results. Returns
/// `None` if WASI has no such function.
pub(crate) fn param_names(name: &str) -> Option<Vec<&'static str>> {
    let (_, params) = table::params(name)?;
    Some(params.iter().filter(|param| !param.out).map(|param| param.name).collect())
}

/// Returns the names of all WASI functions.
pub(crate) fn func_names() -> impl Iterator<Item = &'static str> {
    table::FUNCS.iter().map(|(name, _)| *name)
}

/// Returns the name of an error number: `SUCCESS`, `BADF`, ...
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

/// Reads a little-endian number from the guest's memory.
fn read(memory: &[u8], at: u64, bytes: usize) -> Option<u64> {
    let bytes = slice(memory, at, bytes as u64)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn slice(memory: &[u8], at: u64, len: u64) -> Option<&[u8]> {
    memory.get(usize::try_from(at).ok()?..usize::try_from(at.checked_add(len)?).ok()?)
}

/// Returns texts in quotes as a list in brackets.
fn quote_list(texts: &[&[u8]]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text, 64)).collect();
    format!("[{}]", quoted.join(", "))
}

/// Returns bytes in quotes, with everything but printable ASCII escaped, cut off after `most`
/// bytes.
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
    /// Decodes an argument, which may point into memory.
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

/// Returns the addresses and lengths of an array of `iovec` as text.
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

/// Returns the first few thousand bytes that an array of `ciovec` points to.
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
