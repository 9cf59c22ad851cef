//! What belongs to the guest as a process: arguments, environment, clocks, randomness, its end.

use crate::clocks::nanos;
use crate::ctx::WasiP1Ctx;
use crate::errno::{Errno, Result};
use crate::memory::GuestMemory;
use crate::types::Clockid;

/// The error with which a call into a guest ends when the guest called `proc_exit`.
///
/// ```
/// use burdock_wasi::I32Exit;
///
/// assert_eq!(I32Exit(3).to_string(), "Exited with i32 exit status 3");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Exited with i32 exit status {0}")]
pub struct I32Exit(pub i32);

impl I32Exit {
    /// Returns the status as an exit code of this program. Preview 1 allows codes below 126.
    pub fn process_exit_code(&self) -> std::process::ExitCode {
        std::process::ExitCode::from(u8::try_from(self.0).unwrap_or(1))
    }
}

/// Returns the end of the guest after `proc_exit`: an exit, or an error if there is no such status.
pub(crate) fn exit(status: u32) -> std::result::Result<I32Exit, &'static str> {
    match i32::try_from(status) {
        Ok(status @ 0..126) => Ok(I32Exit(status)),
        _ => Err("exit with invalid exit status outside of [0..126)"),
    }
}

impl WasiP1Ctx {
    pub(crate) fn args_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        argv: u32,
        buf: u32,
    ) -> Result<()> {
        store_strings(memory, self.args.iter().map(|arg| [arg.as_str()]), argv, buf)
    }

    pub(crate) fn args_sizes_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        argc: u32,
        size: u32,
    ) -> Result<()> {
        let bytes: usize = self.args.iter().map(|arg| arg.len() + 1).sum();
        memory.write_u32(argc, self.args.len().try_into()?)?;
        memory.write_u32(size, bytes.try_into()?)
    }

    pub(crate) fn environ_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        environ: u32,
        buf: u32,
    ) -> Result<()> {
        let vars = self.env.iter().map(|(name, value)| [name.as_str(), "=", value.as_str()]);
        store_strings(memory, vars, environ, buf)
    }

    pub(crate) fn environ_sizes_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        count: u32,
        size: u32,
    ) -> Result<()> {
        let bytes: usize = self.env.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        memory.write_u32(count, self.env.len().try_into()?)?;
        memory.write_u32(size, bytes.try_into()?)
    }

    pub(crate) fn clock_res_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        id: u32,
        resolution: u32,
    ) -> Result<()> {
        let step = match Clockid::try_from(id)? {
            Clockid::Realtime => nanos(self.wall_clock.resolution()),
            Clockid::Monotonic => self.monotonic_clock.resolution(),
            Clockid::Cputime => return Err(Errno::Badf),
        };
        memory.write_u64(resolution, step)
    }

    pub(crate) fn clock_time_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        id: u32,
        time: u32,
    ) -> Result<()> {
        let now = match Clockid::try_from(id)? {
            Clockid::Realtime => nanos(self.wall_clock.now()),
            Clockid::Monotonic => self.monotonic_clock.now(),
            Clockid::Cputime => return Err(Errno::Badf),
        };
        memory.write_u64(time, now)
    }

    pub(crate) fn random_get(
        &mut self,
        memory: &mut GuestMemory<'_>,
        buf: u32,
        len: u32,
    ) -> Result<()> {
        Ok(self.random.fill(memory.next_piece(buf, len)?)?)
    }

    /// Fails with `ENOTSUP`: there are no signals.
    pub(crate) fn proc_raise(&mut self, signal: u32) -> Result<()> {
        Err(if signal > 30 { Errno::Inval } else { Errno::Notsup })
    }

    /// Does nothing: there is no other thread to yield to.
    pub(crate) fn sched_yield(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Writes strings, each given in parts and ended by a zero, one after the other to `buf`, and their
/// addresses to the array `pointers`.
fn store_strings<'a, const N: usize>(
    memory: &mut GuestMemory<'_>,
    strings: impl Iterator<Item = [&'a str; N]>,
    pointers: u32,
    buf: u32,
) -> Result<()> {
    let step = |ptr: u32, len: usize| ptr.checked_add(u32::try_from(len).ok()?);
    let (mut pointer, mut at) = (pointers, buf);
    for parts in strings {
        memory.write_u32(pointer, at)?;
        pointer = step(pointer, 4).ok_or(Errno::Fault)?;
        for part in parts.iter().map(|part| part.as_bytes()).chain([&b"\0"[..]]) {
            memory.write(at, part)?;
            at = step(at, part.len()).ok_or(Errno::Fault)?;
        }
    }
    Ok(())
}
