//! Results of WASI functions other than numbers: data, names, attributes of files, events.

use super::{Call, Named, Shown, flags, quote_list, read, slice};

/// The maximum number of bytes of data, or of entries, that are shown of one call.
const MOST: u64 = 4096;

/// Returns the results that a successful function wrote to memory, other than those in `outs`.
pub(super) fn written(call: &Call, outs: &[Named], memory: &[u8]) -> Vec<Named> {
    let out = |name: &str| match outs.iter().find(|out| out.name == name)?.value {
        Shown::Int(value) => u64::try_from(value).ok(),
        _ => None,
    };
    let one = |name: &'static str, value: Option<Shown>| {
        value.map(|value| Named { name, value }).into_iter().collect()
    };
    match call.name {
        "fd_read" | "fd_pread" | "sock_recv" => one("data", data(call, out("nread"), memory)),
        "fd_prestat_dir_name" => one("path", text(call, "path", None, memory)),
        "path_readlink" => one("target", text(call, "buf", out("used"), memory)),
        "fd_readdir" => one("entries", entries(call, out("used"), memory)),
        "fd_filestat_get" | "path_filestat_get" => filestat(call, memory).unwrap_or_default(),
        "fd_fdstat_get" => fdstat(call, memory).unwrap_or_default(),
        "poll_oneoff" => one("events", events(call, out("nevents"), memory)),
        _ => Vec::new(),
    }
}

/// Returns the bytes that were read.
fn data(call: &Call, read_bytes: Option<u64>, memory: &[u8]) -> Option<Shown> {
    let (at, count) = call.pair("iovs")?;
    let mut left = read_bytes?.min(MOST);
    let mut bytes = Vec::new();
    for index in 0..count {
        if left == 0 {
            break;
        }
        let at = at + 8 * index;
        let (ptr, len) = (read(memory, at, 4)?, read(memory, at + 4, 4)?.min(left));
        bytes.extend_from_slice(slice(memory, ptr, len)?);
        left -= len;
    }
    Some(Shown::Text(bytes))
}

/// Returns the text in the used part of a buffer.
fn text(call: &Call, buffer: &str, used: Option<u64>, memory: &[u8]) -> Option<Shown> {
    let (at, len) = call.pair(buffer)?;
    let len = used.unwrap_or(len).min(len).min(MOST);
    Some(Shown::Text(slice(memory, at, len)?.to_vec()))
}

/// Returns the names in a buffer of directory entries, the last of which may be cut off.
fn entries(call: &Call, used: Option<u64>, memory: &[u8]) -> Option<Shown> {
    let (at, len) = call.pair("buf")?;
    let buffer = slice(memory, at, used?.min(len))?;
    let (mut names, mut at) = (Vec::new(), 0);
    while let Some(len) = read(buffer, at + 16, 4) {
        let Some(name) = slice(buffer, at + 24, len) else { break };
        names.push(name);
        at += 24 + len;
        if at > MOST {
            break;
        }
    }
    Some(Shown::Word(quote_list(&names)))
}

/// Returns a constant by name if it has one.
fn named(names: &[&str], number: u64) -> Shown {
    match names.get(number as usize) {
        Some(name) => Shown::Word((*name).to_owned()),
        None => Shown::Int(number.into()),
    }
}

fn filestat(call: &Call, memory: &[u8]) -> Option<Vec<Named>> {
    let at = call.number("stat")?;
    // WASI before preview 1 has a 32-bit number of links here.
    let size = if call.unstable { 24 } else { 32 };
    Some(vec![
        Named { name: "filetype", value: named(flags::FILETYPE, read(memory, at + 16, 1)?) },
        Named { name: "size", value: Shown::Int(read(memory, at + size, 8)?.into()) },
    ])
}

fn fdstat(call: &Call, memory: &[u8]) -> Option<Vec<Named>> {
    let at = call.number("stat")?;
    let word = |offset, bytes, names| {
        Some(Shown::Word(flags::show(read(memory, at + offset, bytes)?, names)))
    };
    Some(vec![
        Named { name: "filetype", value: named(flags::FILETYPE, read(memory, at, 1)?) },
        Named { name: "flags", value: word(2, 2, flags::FDFLAGS)? },
        Named { name: "rights_base", value: word(8, 8, flags::RIGHTS)? },
        Named { name: "rights_inheriting", value: word(16, 8, flags::RIGHTS)? },
    ])
}

/// Returns the events that `poll_oneoff` waits for.
pub(super) fn subscriptions(at: u64, count: u64, unstable: bool, memory: &[u8]) -> Option<Shown> {
    // WASI before preview 1 has another identifier before the clock.
    let (size, clock) = if unstable { (56, 24) } else { (48, 16) };
    let one = |index: u64| {
        let at = at + size * index;
        Some(match read(memory, at + 8, 1)? {
            0 => {
                let at = at + clock;
                let clock = named(flags::CLOCK, read(memory, at, 4)?).text();
                let nanos = read(memory, at + 8, 8)?;
                let until = if read(memory, at + 24, 2)? & 1 == 1 { "until " } else { "" };
                format!("clock({clock}, {until}{nanos} ns)")
            }
            1 => format!("fd_read({})", read(memory, at + 16, 4)?),
            _ => format!("fd_write({})", read(memory, at + 16, 4)?),
        })
    };
    list(count, one)
}

/// Returns the events that `poll_oneoff` reports.
fn events(call: &Call, count: Option<u64>, memory: &[u8]) -> Option<Shown> {
    let at = call.number("events")?;
    let one = |index: u64| {
        let at = at + 32 * index;
        let kind = named(&["clock", "fd_read", "fd_write"], read(memory, at + 10, 1)?).text();
        Some(match read(memory, at + 8, 2)? {
            0 => kind,
            errno => format!("{kind}: {}", super::errno(errno as u32)),
        })
    };
    list(count?, one)
}

fn list(count: u64, one: impl Fn(u64) -> Option<String>) -> Option<Shown> {
    const ITEMS: u64 = 16;
    let items: Vec<String> = (0..count.min(ITEMS)).map(one).collect::<Option<_>>()?;
    let more = if count > ITEMS { ", ..." } else { "" };
    Some(Shown::Word(format!("[{}{more}]", items.join(", "))))
}
