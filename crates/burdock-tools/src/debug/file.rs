//! Recorded runs as files, which repeat the run anywhere: the modules, what the host did, and what
//! it called.

use super::recorded::Run;
use crate::step::{Entry, HostAnswer, Recording};
use burdock::{Engine, Module, Result, Val, bail, ensure, format_err};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The format's number, which changes when a file cannot be read any more.
const FORMAT: u32 = 3;

/// The most bytes of an uncompressed file. A malformed one must not fill the memory.
const LONGEST: u64 = 1 << 32;

#[derive(Serialize, Deserialize)]
struct File {
    /// The number of the format; its name identifies the file.
    burdock_recording: u32,
    name: String,
    module: Bytes,
    preloads: Vec<(String, Bytes)>,
    entries: Vec<(String, Vec<Scalar>)>,
    calls: Vec<Call>,
    steps: u64,
    ticks: u64,
    refused: Vec<(usize, u64)>,
    ending: Option<String>,
    status: u8,
}

#[derive(Serialize, Deserialize)]
struct Call {
    name: String,
    state: u32,
    results: Result<Vec<Scalar>, String>,
    writes: Vec<(usize, Bytes)>,
    output: Bytes,
}

/// Bytes, as hexadecimal digits.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct Bytes(Vec<u8>);

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        super::packet::to_hex(&bytes.0)
    }
}

impl TryFrom<String> for Bytes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        super::packet::from_hex(text.as_bytes()).map(Self).ok_or("no hexadecimal digits")
    }
}

/// A value that is no reference. Floating-point numbers are given by their bits.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scalar {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    /// As hexadecimal digits, because JSON has no such numbers.
    V128(String),
}

impl Scalar {
    fn new(value: &Val) -> Result<Self> {
        Ok(match value {
            Val::I32(value) => Self::I32(*value),
            Val::I64(value) => Self::I64(*value),
            Val::F32(bits) => Self::F32(*bits),
            Val::F64(bits) => Self::F64(*bits),
            Val::V128(bits) => Self::V128(format!("{:x}", bits.as_u128())),
            _ => bail!("references cannot be written to a file"),
        })
    }

    fn value(&self) -> Result<Val> {
        Ok(match self {
            Self::I32(value) => Val::I32(*value),
            Self::I64(value) => Val::I64(*value),
            Self::F32(bits) => Val::F32(*bits),
            Self::F64(bits) => Val::F64(*bits),
            Self::V128(bits) => {
                Val::V128(u128::from_str_radix(bits, 16).map_err(burdock::Error::new)?.into())
            }
        })
    }
}

fn scalars(values: &[Val]) -> Result<Vec<Scalar>> {
    values.iter().map(Scalar::new).collect()
}

fn values(scalars: &[Scalar]) -> Result<Vec<Val>> {
    scalars.iter().map(Scalar::value).collect()
}

fn bytes_of(module: &Module) -> Bytes {
    Bytes(module.debug_bytecode().unwrap_or_default().to_vec())
}

impl Run {
    /// Returns the run as a file.
    ///
    /// # Errors
    ///
    /// Fails if values of the run are references.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let entry = |entry: &Entry| Ok((entry.name.clone(), scalars(&entry.args)?));
        let call = |call: &HostAnswer| {
            let results = match &call.results {
                Ok(values) => Ok(scalars(values)?),
                Err(error) => Err(error.clone()),
            };
            let writes = call.writes.iter().map(|(at, bytes)| (*at, Bytes(bytes.clone())));
            let (name, output) = (call.name.clone(), Bytes(call.output.clone()));
            Ok(Call { name, state: call.state, results, writes: writes.collect(), output })
        };
        let preloads = self.preloads.iter().map(|(name, own)| (name.clone(), bytes_of(own)));
        let file = File {
            burdock_recording: FORMAT,
            name: self.name.clone(),
            module: bytes_of(&self.module),
            preloads: preloads.collect(),
            entries: self.entries.iter().map(entry).collect::<Result<_>>()?,
            calls: self.recording.calls.iter().map(call).collect::<Result<_>>()?,
            steps: self.recording.steps,
            ticks: self.recording.ticks,
            refused: self.recording.refused.clone(),
            ending: self.recording.ending.clone(),
            status: self.status,
        };
        let json = serde_json::to_vec(&file).map_err(burdock::Error::new)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let written = gzip.write_all(&json).and_then(|()| gzip.finish());
        written.map_err(burdock::Error::new)
    }

    /// Reads a run from a file.
    ///
    /// # Errors
    ///
    /// Fails if the file is no recording, or its modules are invalid.
    pub fn from_bytes(engine: &Engine, bytes: &[u8]) -> Result<Self> {
        let mut json = Vec::new();
        let read = GzDecoder::new(bytes).take(LONGEST).read_to_end(&mut json);
        read.map_err(|error| format_err!("not a recording of Burdock: {error}"))?;
        let file: File = serde_json::from_slice(&json)
            .map_err(|error| format_err!("not a recording of Burdock: {error}"))?;
        let format = file.burdock_recording;
        ensure!(format == FORMAT, "a recording of format {format}; this version reads {FORMAT}");
        let mut preloads: Vec<(String, Module)> = Vec::new();
        for (name, bytes) in file.preloads {
            // Instances of one module are again instances of one module.
            let own = |known: &&Module| known.debug_bytecode() == Some(&bytes.0);
            let known = preloads.iter().map(|(_, module)| module).find(own).cloned();
            let module = known.map_or_else(|| Module::from_binary(engine, &bytes.0), Ok)?;
            preloads.push((name, module));
        }
        let entry = |(name, args): &(String, Vec<Scalar>)| {
            Ok(Entry { name: name.clone(), args: values(args)? })
        };
        let call = |call: Call| {
            let results = match &call.results {
                Ok(scalars) => Ok(values(scalars)?),
                Err(error) => Err(error.clone()),
            };
            let writes = call.writes.into_iter().map(|(at, bytes)| (at, bytes.0)).collect();
            let Call { name, state, output, .. } = call;
            Ok(HostAnswer { name, state, results, writes, output: output.0 })
        };
        let calls = file.calls.into_iter().map(call).collect::<Result<_>>()?;
        Ok(Self {
            module: Module::from_binary(engine, &file.module.0)?,
            name: file.name,
            preloads,
            recording: Recording {
                calls,
                steps: file.steps,
                ticks: file.ticks,
                refused: file.refused,
                ending: file.ending,
            },
            entries: file.entries.iter().map(entry).collect::<Result<_>>()?,
            status: file.status,
        })
    }
}
