//! `Commands`: the answers to a debugger's packets.

use super::address::{Place, decode, of_memory, of_module};
use super::debuggee::{Access, Debuggee, Resume, Stop, Watch};
use super::packet::{from_hex, number, to_hex};
use super::stop_reply::{THREAD, stop_reply};
use burdock::{Error, Result, bail, format_err};
use std::fmt::Write as _;

/// What to do about a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Send a packet with this content.
    Reply(Vec<u8>),
    /// Send a packet with this text, which the debugger shows, and then one with this content.
    Print(String, Vec<u8>),
    /// Send a packet with this content; neither side acknowledges packets from then on.
    StopAcknowledging(Vec<u8>),
    /// Let the guest continue, and answer with [`Commands::stopped`] when it stops.
    Resume(Resume),
    /// Send a packet with this content, and end the session; the guest continues.
    Detach(Vec<u8>),
    /// End the guest and the session, after a packet with this content if there is one.
    Kill(Option<Vec<u8>>),
}

impl Answer {
    fn text(text: impl Into<String>) -> Self {
        Self::Reply(text.into().into_bytes())
    }
}

/// Answers the packets of one session.
///
/// Every packet gets an answer: one that cannot be understood an error, one of an unknown kind an
/// empty one, as the protocol wants it.
///
/// # Example
///
/// See [`serve`](super::serve), which connects this with a transport.
#[derive(Debug)]
pub struct Commands {
    /// The reason of the last stop.
    stop: Stop,
    /// The breakpoints: the number of the module, the offset asked for, and where they are.
    points: Vec<(u32, u32, u32)>,
    /// `true` if the debugger wants errors as text.
    error_texts: bool,
    /// The address at which the innermost frame stands, if it is at a breakpoint that was asked for
    /// at another address.
    shown: Option<u64>,
    /// The number of modules that the debugger has been told of, once it has asked.
    listed: Option<usize>,
}

/// The host's description: a WebAssembly machine. LLDB chooses its plugins by the triple.
const TRIPLE: &str = "wasm32-unknown-unknown-wasm";

/// The only register.
const PC: &str = "name:pc;alt-name:pc;bitsize:64;offset:0;encoding:uint;format:hex;\
                  set:General Purpose Registers;gcc:16;dwarf:16;generic:pc;";

/// The largest answer in bytes. LLDB reads whole modules.
const PACKET_SIZE: usize = 0x2_0000;

impl Commands {
    /// Creates the answers for a guest that has stopped for this reason.
    pub fn new(stop: Stop) -> Self {
        Self { stop, points: Vec::new(), error_texts: false, shown: None, listed: None }
    }

    /// Returns the answer to a packet that has let the guest continue.
    pub fn stopped(&mut self, stop: Result<Stop>, debuggee: &mut dyn Debuggee) -> Vec<u8> {
        match stop {
            Ok(stop) => {
                self.stop = stop;
                self.reason(debuggee).into_bytes()
            }
            Err(error) => self.error(&error),
        }
    }

    /// Returns the answer for a packet that has not arrived whole.
    pub fn malformed(&self) -> Vec<u8> {
        self.error(&format_err!("malformed packet"))
    }

    /// Returns the answer to a packet.
    pub fn answer(&mut self, packet: &[u8], debuggee: &mut dyn Debuggee) -> Answer {
        match self.try_answer(packet, debuggee) {
            Ok(answer) => answer,
            Err(error) => Answer::Reply(self.error(&error)),
        }
    }

    fn try_answer(&mut self, packet: &[u8], debuggee: &mut dyn Debuggee) -> Result<Answer> {
        let Some((kind, rest)) = packet.split_first() else { return Ok(Answer::text("")) };
        Ok(match kind {
            b'q' => return self.query(rest, debuggee),
            b'Q' => return Ok(self.setting(rest)),
            b'v' => return verbose(rest),
            b'?' => Answer::text(self.reason(debuggee)),
            b'c' | b'C' => Answer::Resume(Resume::Continue),
            b's' | b'S' => Answer::Resume(Resume::Step),
            b'b' => Answer::Resume(match rest {
                b"c" => Resume::BackContinue,
                b"s" => Resume::BackStep,
                _ => bail!("`bc` or `bs` expected"),
            }),
            b'D' => Answer::Detach(b"OK".to_vec()),
            b'k' => Answer::Kill(None),
            b'H' | b'T' | b'!' => Answer::text("OK"),
            b'g' => Answer::text(to_hex(&self.pc(debuggee)?.to_le_bytes())),
            b'p' => match number(rest.split(|byte| *byte == b';').next().unwrap_or_default()) {
                Some(0) => Answer::text(to_hex(&self.pc(debuggee)?.to_le_bytes())),
                _ => bail!("there is no such register"),
            },
            b'P' | b'G' => bail!("the program counter cannot be written"),
            b'm' => Answer::text(to_hex(&read(rest, debuggee)?)),
            b'x' => Answer::Reply(read_binary(rest, debuggee)?),
            b'M' => {
                let (at, digits) = split(rest, b':').ok_or_else(|| format_err!("no bytes"))?;
                let bytes = from_hex(digits).ok_or_else(|| format_err!("no hexadecimal bytes"))?;
                write(at, &bytes, debuggee)?
            }
            b'X' => {
                let (at, bytes) = split(rest, b':').ok_or_else(|| format_err!("no bytes"))?;
                write(at, bytes, debuggee)?
            }
            b'Z' | b'z' => return self.point(*kind == b'Z', rest, debuggee),
            _ => Answer::text(""),
        })
    }

    /// Answers a question.
    fn query(&mut self, rest: &[u8], debuggee: &mut dyn Debuggee) -> Result<Answer> {
        let end = rest.iter().position(|byte| b":,".contains(byte)).unwrap_or(rest.len());
        let (name, args) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
        let triple = to_hex(TRIPLE.as_bytes());
        Ok(Answer::text(match name {
            b"Supported" => {
                let back =
                    if debuggee.runs_backward() { ";ReverseContinue+;ReverseStep+" } else { "" };
                format!(
                    "PacketSize={PACKET_SIZE:x};QStartNoAckMode+;qXfer:libraries:read+;\
                     vContSupported+;swbreak+;hwbreak+{back}"
                )
            }
            b"HostInfo" => format!(
                "triple:{triple};endian:little;ptrsize:4;watchpoint_exceptions_received:after;"
            ),
            b"ProcessInfo" => {
                format!("pid:1;parent-pid:1;triple:{triple};endian:little;ptrsize:4;")
            }
            b"C" => format!("QC{THREAD}"),
            b"fThreadInfo" => format!("m{THREAD}"),
            b"sThreadInfo" => "l".to_owned(),
            b"Attached" => "1".to_owned(),
            b"Symbol" => "OK".to_owned(),
            b"WatchpointSupportInfo" => "num:32;".to_owned(),
            b"RegisterInfo0" => PC.to_owned(),
            _ if name.starts_with(b"RegisterInfo") => bail!("there is no such register"),
            b"MemoryRegionInfo" => region(args, debuggee)?,
            b"Rcmd" => return monitor(args, debuggee),
            b"Xfer" => return self.libraries(args, debuggee),
            b"WasmCallStack" => self.call_stack(debuggee)?,
            b"WasmLocal" => value(args, |frame, index| debuggee.local(frame, index))?,
            b"WasmGlobal" => value(args, |frame, index| debuggee.global(frame, index))?,
            b"WasmStackValue" => value(args, |frame, index| debuggee.operand(frame, index))?,
            _ => String::new(),
        }))
    }

    /// Changes how the session works.
    fn setting(&mut self, rest: &[u8]) -> Answer {
        match rest {
            b"StartNoAckMode" => Answer::StopAcknowledging(b"OK".to_vec()),
            b"EnableErrorStrings" => {
                self.error_texts = true;
                Answer::text("OK")
            }
            b"ListThreadsInStopReply" => Answer::text("OK"),
            _ => Answer::text(""),
        }
    }

    /// Returns the answer for an error.
    fn error(&self, error: &Error) -> Vec<u8> {
        let text = if self.error_texts { format!("{error:#}") } else { String::new() };
        let text = to_hex(text.as_bytes());
        if text.is_empty() { b"E01".to_vec() } else { format!("E01;{text}").into_bytes() }
    }

    /// Returns the reason of the last stop.
    fn reason(&mut self, debuggee: &mut dyn Debuggee) -> String {
        self.shown = None;
        let innermost = debuggee.frames().ok().and_then(|frames| frames.first().copied());
        if let (Stop::Breakpoint, Some(frame)) = (&self.stop, innermost) {
            let here =
                |(module, _, pc): &&(u32, u32, u32)| (*module, *pc) == (frame.module, frame.pc);
            let asked = self.points.iter().filter(here);
            let mut asked = asked.map(|(module, asked, _)| (*module, *asked));
            let exact = asked.clone().any(|point| point == (frame.module, frame.pc));
            if let (false, Some((module, offset))) = (exact, asked.next()) {
                // The debugger knows no breakpoint where the guest stands.
                self.shown = Some(of_module(module, offset));
            }
        }
        let pc = self.pc(debuggee).ok();
        let reply = stop_reply(&self.stop, pc);
        match self.listed {
            // LLDB asks for the modules again.
            Some(listed) if has_more(debuggee, listed) => reply + "library:1;",
            _ => reply,
        }
    }

    /// Returns the address at which the innermost frame stands.
    fn pc(&mut self, debuggee: &mut dyn Debuggee) -> Result<u64> {
        if let Some(shown) = self.shown {
            return Ok(shown);
        }
        let frames = debuggee.frames()?;
        let frame = frames.first().ok_or_else(|| format_err!("no guest runs"))?;
        Ok(of_module(frame.module, frame.pc))
    }

    fn call_stack(&mut self, debuggee: &mut dyn Debuggee) -> Result<String> {
        let frames = debuggee.frames()?;
        let pcs = frames.iter().map(|frame| of_module(frame.module, frame.pc));
        let mut stack = String::new();
        for (depth, pc) in pcs.enumerate() {
            let pc = if depth == 0 { self.shown.unwrap_or(pc) } else { pc };
            stack += &to_hex(&pc.to_le_bytes());
        }
        Ok(stack)
    }

    /// Sets or removes a breakpoint or watchpoint.
    fn point(&mut self, set: bool, rest: &[u8], debuggee: &mut dyn Debuggee) -> Result<Answer> {
        let mut parts = rest.split(|byte| *byte == b',');
        let kind = parts.next().and_then(number);
        let address = parts.next().and_then(number);
        // Conditions may follow.
        let len = parts.next().and_then(|part| number(part.split(|b| *b == b';').next()?));
        let (Some(kind), Some(address), Some(len)) = (kind, address, len) else {
            bail!("kind, address and length expected");
        };
        let access = match kind {
            0 | 1 => {
                let Some(Place::Module(module, offset)) = decode(address) else {
                    bail!("there is no code at {address:#x}");
                };
                self.breakpoint(set, module, offset, debuggee)?;
                return Ok(Answer::text("OK"));
            }
            2 => Access::Write,
            3 => Access::Read,
            4 => Access::Any,
            _ => return Ok(Answer::text("")),
        };
        let Some(Place::Memory(space, start)) = decode(address) else {
            bail!("there is no memory at {address:#x}");
        };
        let watch = Watch { space, addresses: start..start.saturating_add(len.max(1)), access };
        if set {
            debuggee.set_watch(watch)?
        } else {
            debuggee.remove_watch(&watch)?
        }
        Ok(Answer::text("OK"))
    }

    /// Returns a part of the list of modules.
    fn libraries(&mut self, args: &[u8], debuggee: &mut dyn Debuggee) -> Result<Answer> {
        let Some(part) = args.strip_prefix(b"libraries:read::") else {
            return Ok(Answer::text(""));
        };
        let (offset, len) = split(part, b',').ok_or_else(|| format_err!("no length"))?;
        let (Some(offset), Some(len)) = (number(offset), number(len)) else {
            bail!("offset and length expected");
        };
        let mut list = String::from("<library-list>");
        let modules = debuggee.modules()?;
        self.listed = Some(modules.len());
        for (number, module) in (0..).zip(modules) {
            let (name, address) = (xml(&module.name), of_module(number, 0));
            let _ = write!(
                list,
                "<library name=\"{name}\"><section address=\"{address:#x}\"/></library>"
            );
        }
        list += "</library-list>";
        let bytes = list.as_bytes();
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let end = usize::try_from(len).unwrap_or(usize::MAX).saturating_add(start).min(bytes.len());
        let more = if end < bytes.len() { b'm' } else { b'l' };
        Ok(Answer::Reply([&[more], &bytes[start..end]].concat()))
    }

    fn breakpoint(
        &mut self,
        set: bool,
        module: u32,
        offset: u32,
        debuggee: &mut dyn Debuggee,
    ) -> Result<()> {
        let own = |(m, asked, _): &(u32, u32, u32)| (*m, *asked) == (module, offset);
        let known = self.points.iter().position(own);
        match (set, known) {
            // Sent twice.
            (true, Some(_)) => {}
            (true, None) => {
                let pc = debuggee.set_breakpoint(module, offset)?;
                self.points.push((module, offset, pc));
            }
            (false, Some(known)) => {
                debuggee.remove_breakpoint(module, offset)?;
                self.points.remove(known);
            }
            (false, None) => bail!("there is no breakpoint at {offset:#x}"),
        }
        Ok(())
    }
}

/// Splits at the first `byte`.
fn split(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|own| *own == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Answers a packet that begins with `v`.
fn verbose(rest: &[u8]) -> Result<Answer> {
    if rest == b"Cont?" {
        return Ok(Answer::text("vCont;c;C;s;S"));
    }
    if let Some(actions) = rest.strip_prefix(b"Cont;") {
        // With one thread, the first action is that thread's.
        return Ok(Answer::Resume(match actions.first() {
            Some(b'c' | b'C') => Resume::Continue,
            Some(b's' | b'S') => Resume::Step,
            _ => bail!("`c` or `s` expected"),
        }));
    }
    if rest.starts_with(b"Kill") {
        return Ok(Answer::Kill(Some(b"OK".to_vec())));
    }
    Ok(Answer::text(""))
}

/// Returns an address and a length.
fn range(text: &[u8]) -> Result<(Place, usize)> {
    let (address, len) = split(text, b',').ok_or_else(|| format_err!("no length"))?;
    let (Some(address), Some(len)) = (number(address), number(len)) else {
        bail!("address and length expected");
    };
    let place = decode(address).ok_or_else(|| format_err!("nothing is at {address:#x}"))?;
    Ok((place, usize::try_from(len).unwrap_or(usize::MAX)))
}

/// Returns the bytes at an address: as many as are there, at least one.
fn read(text: &[u8], debuggee: &mut dyn Debuggee) -> Result<Vec<u8>> {
    let (place, len) = range(text)?;
    // Bytes that need to be escaped take two.
    let len = len.min(PACKET_SIZE / 2 - 16);
    match place {
        Place::Memory(space, address) => debuggee.read(space, address, len),
        Place::Module(module, offset) => {
            let modules = debuggee.modules()?;
            let module = modules.get(module as usize);
            let bytes = module.and_then(|module| module.module.debug_bytecode());
            match bytes.and_then(|bytes| bytes.get(offset as usize..)) {
                Some(bytes) if !bytes.is_empty() => Ok(bytes[..len.min(bytes.len())].to_vec()),
                _ => bail!("the module has no byte at {offset:#x}"),
            }
        }
    }
}

/// Returns the bytes at an address, as they are.
fn read_binary(text: &[u8], debuggee: &mut dyn Debuggee) -> Result<Vec<u8>> {
    // LLDB asks in this way for the packet itself.
    if text == b"0,0" {
        return Ok(b"OK".to_vec());
    }
    read(text, debuggee)
}

fn write(at: &[u8], bytes: &[u8], debuggee: &mut dyn Debuggee) -> Result<Answer> {
    let (place, len) = range(at)?;
    if len != bytes.len() {
        bail!("{len} bytes announced, {} sent", bytes.len());
    }
    let Place::Memory(space, address) = place else { bail!("code cannot be written") };
    debuggee.write(space, address, bytes)?;
    Ok(Answer::text("OK"))
}

/// Returns the value that a frame and an index name.
fn value(args: &[u8], get: impl FnOnce(usize, u32) -> Result<super::Value>) -> Result<String> {
    let mut parts = args.split(|byte| *byte == b';');
    let mut next = || std::str::from_utf8(parts.next()?).ok()?.parse::<u32>().ok();
    let (Some(frame), Some(index)) = (next(), next()) else {
        bail!("a frame and an index expected");
    };
    Ok(to_hex(&get(frame as usize, index)?.bytes()))
}

/// Executes a command of the user. Its error is text for the user, too: LLDB shows the bare packet
/// of any other answer.
fn monitor(args: &[u8], debuggee: &mut dyn Debuggee) -> Result<Answer> {
    let command = from_hex(args).and_then(|bytes| String::from_utf8(bytes).ok());
    let command = command.ok_or_else(|| format_err!("no hexadecimal text"))?;
    Ok(match super::monitor::execute(&command, debuggee) {
        Ok(output) => Answer::Print(output, b"OK".to_vec()),
        Err(error) => Answer::Print(format!("error: {error:#}\n"), b"E01".to_vec()),
    })
}

/// Describes the memory around an address.
fn region(args: &[u8], debuggee: &mut dyn Debuggee) -> Result<String> {
    let address = number(args).ok_or_else(|| format_err!("an address expected"))?;
    let (start, size, permissions) = match decode(address) {
        Some(Place::Memory(space, _)) => {
            let size = debuggee.memory_size(space)?;
            (of_memory(space, 0), size, "rw")
        }
        Some(Place::Module(number, _)) => {
            let modules = debuggee.modules()?;
            let module = modules.get(number as usize);
            let module = module.ok_or_else(|| format_err!("there is no module {number}"))?;
            let size = module.module.debug_bytecode().map_or(0, <[u8]>::len);
            (of_module(number, 0), size as u64, "rx")
        }
        None => bail!("nothing is at {address:#x}"),
    };
    let end = start.saturating_add(size);
    Ok(match address < end {
        true => format!("start:{start:x};size:{size:x};permissions:{permissions};"),
        false => format!("start:{end:x};size:{:x};", (1_u64 << 32).saturating_sub(size)),
    })
}

/// Returns `true` if a guest that has not ended has more modules than this.
fn has_more(debuggee: &mut dyn Debuggee, listed: usize) -> bool {
    debuggee.modules().is_ok_and(|modules| modules.len() > listed)
}

/// Returns text as an attribute of XML.
fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
