//! Bytes from the wire, as a debugger or anybody else sends them: every session ends, the guest
//! continues as it would alone, and nothing panics.

use arbitrary::{Arbitrary, Unstructured};
use burdock::{Config, Engine, Linker, Module, Store};
use burdock_tools::debug::{self, Incoming, Options, Packets, encode, serve};
use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::{Arc, Mutex};

/// A guest with calls, memory, globals, a loop and a host function. Its result does not depend on
/// memory, which a debugger may write.
const GUEST: &str = r#"(module
    (import "host" "write" (func $write (param i32)))
    (memory (export "memory") 1 2) (table 1 funcref) (elem (i32.const 0) $leaf)
    (global $g (mut i64) (i64.const 1))
    (func $leaf (param i32) (result i32) (i32.store (local.get 0) (i32.const 7))
        (drop (i64.load (i32.const 4))) (global.set $g (i64.const 2)) (local.get 0))
    (func (export "run") (result i32) (local $i i32) (local $sum i32) (local v128)
        (loop
            (local.set $sum (i32.add (local.get $sum)
                (call_indirect (param i32) (result i32) (local.get $i) (i32.const 0))))
            (call $write (local.get $i))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get $i) (i32.const 20))))
        (local.get $sum)))"#;

/// The result of the guest.
const RESULT: i32 = 190;

/// Something that is sent.
#[derive(Arbitrary)]
enum Sent<'a> {
    /// Bytes that need not be packets.
    Raw(&'a [u8]),
    /// A packet of any content.
    Packet(&'a [u8]),
    /// A packet that begins like one that is understood.
    Known(u8, Vec<Word<'a>>),
    /// A command of the user, in a frame. What is written is a global, on which the result does not
    /// depend.
    Monitor(u8, u8, &'a str),
    Interrupt,
}

/// The commands of the user.
const COMMANDS: &[&str] = &["print ", "print $", "print $global[", "set $global[0] ", "help", ""];

/// A part of a packet.
#[derive(Arbitrary)]
enum Word<'a> {
    Number(u64),
    Small(u8),
    /// An address in the module.
    Code(u8),
    Separator(u8),
    Bytes(&'a [u8]),
}

/// The beginnings of packets that are understood, but for those that end the guest.
const KNOWN: &[&str] = &[
    "Z0,",
    "z0,",
    "Z2,",
    "z2,",
    "Z3,",
    "Z4,",
    "m",
    "x",
    "M",
    "X",
    "c",
    "s",
    "vCont;c",
    "vCont;s",
    "vCont;",
    "qWasmCallStack:",
    "qWasmLocal:",
    "qWasmGlobal:",
    "qWasmStackValue:",
    "p",
    "g",
    "?",
    "qXfer:libraries:read::",
    "qMemoryRegionInfo:",
    "qSupported",
    "QStartNoAckMode",
    "qHostInfo",
    "QEnableErrorStrings",
    "qRegisterInfo",
    "bc",
    "bs",
    "H",
    "q",
    "Q",
    "v",
    "Z",
    "z",
    "D",
];

impl Sent<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Raw(bytes) => bytes.to_vec(),
            Self::Packet(content) => encode(content),
            Self::Interrupt => vec![3],
            Self::Monitor(frame, which, rest) => {
                let command = COMMANDS[usize::from(*which) % COMMANDS.len()];
                let command = match frame {
                    0..128 => format!("{command}{rest}"),
                    _ => format!("frame {} {command}{rest}", frame - 128),
                };
                let digits = command.bytes().map(|byte| format!("{byte:02x}"));
                encode(format!("qRcmd,{}", digits.collect::<String>()).as_bytes())
            }
            Self::Known(kind, words) => {
                let mut content = KNOWN[usize::from(*kind) % KNOWN.len()].as_bytes().to_vec();
                for word in words.iter().take(6) {
                    match word {
                        Word::Number(number) => content.extend(format!("{number:x}").bytes()),
                        Word::Small(number) => content.extend(format!("{number:x}").bytes()),
                        Word::Code(at) => content.extend(format!("40000000000000{at:02x}").bytes()),
                        Word::Separator(which) => content.push(b",;:="[usize::from(*which) % 4]),
                        Word::Bytes(bytes) => content.extend(*bytes),
                    }
                }
                encode(&content)
            }
        }
    }

    /// Returns `true` if the guest may be ended by it.
    fn ends(bytes: &[u8]) -> bool {
        let mut packets = Packets::default();
        bytes.iter().filter_map(|byte| packets.push(*byte)).any(|incoming| match incoming {
            Incoming::Packet(content) => {
                content.first() == Some(&b'k') || content.starts_with(b"vKill")
            }
            _ => false,
        })
    }
}

/// Collects what is written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| {
        let mut config = Config::new();
        config.guest_debug(true).epoch_interruption(true);
        let engine = Engine::new(&config).expect("the configuration is supported");
        Module::new(&engine, GUEST).expect("the module is valid")
    })
}

/// Sends bytes to the debugger's end of a guest, in up to three sessions.
pub fn debugger(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let sent: Vec<Sent<'_>> = (0..12).map_while(|_| input.arbitrary().ok()).collect();
        sessions.push(sent.iter().flat_map(Sent::bytes).collect::<Vec<u8>>());
    }
    let ends = sessions.iter().any(|bytes| Sent::ends(bytes));
    let module = module();
    let mut store = Store::new(module.engine(), ());
    store.set_epoch_deadline(1 << 20);
    let (mut live, guest) = debug::attach(&mut store, module, Options::default())
        .expect("the engine is configured for debugging");
    let debugger = std::thread::spawn(move || {
        let written = Written::default();
        for bytes in sessions {
            // A session ends with an error if the guest has ended before it.
            let _ = serve(io::Cursor::new(bytes), written.clone(), &mut live);
        }
        let written = written.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut packets = Packets::default();
        let malformed = written.iter().any(|byte| packets.push(*byte) == Some(Incoming::Malformed));
        assert!(!malformed, "an answer is malformed");
    });
    let mut linker = Linker::new(module.engine());
    let write = |mut caller: burdock::Caller<'_, ()>, at: i32| {
        if let Some(memory) = caller.get_export("memory").and_then(burdock::Extern::into_memory) {
            memory.write(&mut caller, at as usize, &[1]).expect("the address is in bounds");
        }
    };
    linker.func_wrap("host", "write", write).expect("the name is new");
    let instance = linker.instantiate(&mut store, module).expect("the imports are there");
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("the export is there");
    let result = run.call(&mut store, ());
    guest.finish(0);
    debugger.join().expect("the session does not panic");
    if !ends {
        assert_eq!(result.ok(), Some(RESULT));
    }
}
