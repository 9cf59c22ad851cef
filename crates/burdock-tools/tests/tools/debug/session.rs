//! Runs a guest, and sessions with its debugger as a text says they go.
//!
//! A line `> PACKET` is sent as a packet, `> ^C` as an interrupt, `> raw BYTES` as it is,
//! `> monitor COMMAND` as a command of the user. A line `< PACKET` is the answer, with the text of
//! an error or of output decoded. `---` ends a session without a word and begins another one.
//! `= TEXT` is what the guest's call returns at the end. `BLESS=1 cargo test -p burdock-tools`
//! writes the texts.

use burdock::{
    Caller, Config, Engine, Extern, Instance, Linker, Module, Result, Store, StoreLimits,
    StoreLimitsBuilder, bail,
};
use burdock_tools::debug::{
    self, Debuggee, Incoming, Options, Packets, Recorded, Run, encode, serve,
};
use burdock_tools::step::{Entry, Recorder};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

/// A guest's module, whose export `run` is called.
pub(crate) struct Guest {
    module: &'static [u8],
    fuel: Option<u64>,
    limits: fn(StoreLimitsBuilder) -> StoreLimitsBuilder,
    linked: &'static [(&'static str, &'static str)],
}

impl Guest {
    pub(crate) fn new(wat: &'static str) -> Self {
        Self::binary(wat.as_bytes())
    }

    pub(crate) fn binary(module: &'static [u8]) -> Self {
        Self { module, fuel: None, limits: |limits| limits, linked: &[] }
    }

    /// Gives the guest this fuel.
    pub(crate) fn fuel(self, fuel: u64) -> Self {
        Self { fuel: Some(fuel), ..self }
    }

    /// Limits the growth of memories and tables.
    pub(crate) fn limits(self, limits: fn(StoreLimitsBuilder) -> StoreLimitsBuilder) -> Self {
        Self { limits, ..self }
    }

    /// Instantiates these modules first, each under a name to import from. Those of the same text
    /// are instances of one module.
    pub(crate) fn linked(self, linked: &'static [(&'static str, &'static str)]) -> Self {
        Self { linked, ..self }
    }

    /// Returns the modules to instantiate first, by name.
    fn preloads(&self, engine: &Engine) -> Vec<(String, Module)> {
        let mut known: Vec<(&str, Module)> = Vec::new();
        let module = |(name, wat): &(&str, &'static str)| {
            let same = known.iter().find(|(text, _)| text == wat).map(|(_, module)| module.clone());
            let module = same.unwrap_or_else(|| Module::new(engine, wat).unwrap());
            known.push((wat, module.clone()));
            ((*name).to_owned(), module)
        };
        self.linked.iter().map(module).collect()
    }

    /// Returns a store for the guest, and its module.
    fn store(&self) -> (Store<StoreLimits>, Module) {
        let mut config = Config::new();
        config.guest_debug(true).epoch_interruption(true).consume_fuel(self.fuel.is_some());
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, (self.limits)(StoreLimitsBuilder::new()).build());
        store.limiter(|limits| limits);
        store.set_epoch_deadline(1);
        if let Some(fuel) = self.fuel {
            store.set_fuel(fuel).unwrap();
        }
        (store, Module::new(&engine, self.module).unwrap())
    }
}

/// One end of a transport in memory.
struct Pipe(Receiver<Vec<u8>>, Vec<u8>);

impl Read for Pipe {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            match self.0.recv() {
                Ok(bytes) => self.1 = bytes,
                Err(_) => return Ok(0),
            }
        }
        let len = to.len().min(self.1.len());
        to[..len].copy_from_slice(&self.1[..len]);
        self.1.drain(..len);
        Ok(len)
    }
}

struct Into(Sender<Vec<u8>>);

impl Write for Into {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The time after which a silent session counts as hanging.
const LONGEST: Duration = Duration::from_secs(60);

/// Checks that the sessions with a guest's debugger go as a file says.
#[track_caller]
pub(crate) fn check(guest: &Guest, name: &str) {
    let (mut store, module) = guest.store();
    let (live, own) = debug::attach(&mut store, &module, Options::default()).unwrap();
    let (path, script) = script(name);
    let sessions = script.rsplit_once("= ").expect("a result is missing").0.to_owned();
    let debugger = std::thread::spawn(move || talk_about(live, &sessions));
    let preloads = guest.preloads(store.engine());
    let run = AssertUnwindSafe(|| run(&mut store, &module, &preloads));
    let result = match catch_unwind(run) {
        Ok(Ok(value)) => {
            own.finish(0);
            value.to_string()
        }
        Ok(Err(error)) => {
            own.finish(134);
            error.root_cause().to_string()
        }
        Err(_) => {
            drop(own);
            "a panic".to_owned()
        }
    };
    compare(&path, &script, &format!("{}= {result}\n", debugger.join().unwrap()));
}

/// Checks that the sessions with the debugger of a recorded run go as a file says.
#[track_caller]
pub(crate) fn check_recorded(guest: &Guest, name: &str) {
    check_changed(guest, name, |file| file);
}

/// Checks that the sessions with the debugger of a recorded run, whose file has been changed, go as
/// a file says.
#[track_caller]
pub(crate) fn check_changed(guest: &Guest, name: &str, change: fn(String) -> String) {
    let recorded = recorded(guest, change);
    let (path, script) = script(name);
    compare(&path, &script, &talk_about(recorded, &script));
}

/// Records a run, and returns the run that a changed file of it repeats.
pub(crate) fn recorded(guest: &Guest, change: impl FnOnce(String) -> String) -> Recorded {
    let (mut store, module) = guest.store();
    let recorder = Recorder::attach(&mut store, &module);
    let preloads = guest.preloads(store.engine());
    let result = run(&mut store, &module, &preloads);
    let ending = result.as_ref().err().map(|error| error.root_cause().to_string());
    let status = if result.is_ok() { 0 } else { 134 };
    let recording = recorder.finish(&mut store, ending);
    let entries = vec![Entry { name: "run".into(), args: Vec::new() }];
    let engine = module.engine().clone();
    let run = Run { module, name: "m".to_owned(), preloads, recording, entries, status };
    // A run that was written to a file and read is the same.
    let bytes = run.to_bytes().unwrap();
    let mut json = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut json).unwrap();
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    file.write_all(change(json).as_bytes()).unwrap();
    let run = Run::from_bytes(&engine, &file.finish().unwrap()).unwrap();
    Recorded::new(run, Box::new(|_| None)).unwrap()
}

/// Returns the path of a text and the text.
fn script(name: &str) -> (String, String) {
    let path = format!("{}/tests/debug/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(&path).unwrap();
    (path, script)
}

#[track_caller]
fn compare(path: &str, script: &str, went: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, went).unwrap();
    } else {
        assert!(went == script, "{path} went otherwise:\n{went}");
    }
}

/// Holds sessions with a debuggee. Returns them as they went.
fn talk_about(mut debuggee: impl Debuggee, sessions: &str) -> String {
    let mut went = Vec::new();
    for session in sessions.split("---\n") {
        let (to_stub, reader) = mpsc::channel();
        let (writer, from_stub) = mpsc::channel();
        let lines = session.to_owned();
        let client = std::thread::spawn(move || talk(&lines, &to_stub, &from_stub));
        // The transport ends where the session does.
        let _ = serve(Pipe(reader, Vec::new()), Into(writer), &mut debuggee);
        went.push(client.join().unwrap());
    }
    went.join("---\n")
}

/// Sends the packets of a session. Returns the session as it went.
fn talk(lines: &str, to: &Sender<Vec<u8>>, from: &Receiver<Vec<u8>>) -> String {
    let mut went = String::new();
    let mut packets = Packets::default();
    let mut arrived = Vec::new();
    for line in lines.lines() {
        if let Some(packet) = line.strip_prefix("> ") {
            let bytes = match packet.split_once(' ') {
                Some(("raw", raw)) => raw.as_bytes().to_vec(),
                Some(("monitor", command)) => {
                    let digits = command.bytes().map(|byte| format!("{byte:02x}"));
                    encode(format!("qRcmd,{}", digits.collect::<String>()).as_bytes())
                }
                _ if packet == "^C" => vec![3],
                _ => encode(packet.as_bytes()),
            };
            if to.send(bytes).is_err() {
                return went + "the session is over\n";
            }
            went += &format!("{line}\n");
        } else if line.starts_with("< ") {
            let answer = loop {
                if let Some(incoming) = arrived.pop() {
                    break incoming;
                }
                match from.recv_timeout(LONGEST) {
                    Ok(bytes) => {
                        arrived.extend(bytes.iter().filter_map(|byte| packets.push(*byte)));
                        arrived.reverse();
                    }
                    Err(_) => return went + "no answer\n",
                }
            };
            went += &match answer {
                Incoming::Packet(content) => format!("< {}\n", shown(&content)),
                other => format!("< {other:?}\n"),
            };
        } else {
            went += &format!("{line}\n");
        }
    }
    went
}

/// Returns the text of an answer.
fn shown(content: &[u8]) -> String {
    let decoded = |prefix: &str| {
        let hex = content.strip_prefix(prefix.as_bytes())?;
        let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        let text: Vec<u8> = hex.chunks(2).map(|pair| digits(pair).ok()).collect::<Option<_>>()?;
        Some(format!("{prefix}{}", text.escape_ascii()))
    };
    let text = decoded("E01;").or_else(|| decoded("O"));
    text.unwrap_or_else(|| content.escape_ascii().to_string())
}

fn run(
    store: &mut Store<StoreLimits>,
    module: &Module,
    preloads: &[(String, Module)],
) -> Result<i32> {
    let mut linker = Linker::new(store.engine());
    let late = Module::new(store.engine(), "(module $late (func (export \"f\")))")?;
    linker.func_wrap("host", "link", move |mut caller: Caller<'_, StoreLimits>| -> Result<()> {
        Instance::new(&mut caller, &late, &[]).map(|_| ())
    })?;
    for (name, preload) in preloads {
        linker.module(&mut *store, name, preload)?;
    }
    linker.func_wrap("host", "panic", || -> () { panic!("the host panics") })?;
    linker.func_wrap("host", "fail", || -> Result<()> { bail!("the host fails") })?;
    linker.func_wrap(
        "host",
        "write",
        |mut caller: Caller<'_, StoreLimits>, at: i32| -> Result<()> {
            let memory = caller.get_export("memory").and_then(Extern::into_memory);
            memory.unwrap().write(&mut caller, at as usize, &[7]).map_err(burdock::Error::new)
        },
    )?;
    linker.func_wrap("host", "grow", |mut caller: Caller<'_, StoreLimits>| -> Result<()> {
        let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
        memory.grow(&mut caller, 1)?;
        let last = memory.data_size(&caller) - 1;
        memory.write(&mut caller, last, &[7]).map_err(burdock::Error::new)
    })?;
    let instance = linker.instantiate(&mut *store, module)?;
    instance.get_typed_func::<(), i32>(&mut *store, "run")?.call(store, ())
}
