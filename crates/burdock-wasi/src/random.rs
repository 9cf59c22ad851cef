//! Where a guest's random bytes come from: the operating system, or a repeatable source.

use std::io;

/// A source of random bytes. Closures of the form `FnMut(&mut [u8])` are one, so that any generator
/// fits: `move |bytes: &mut [u8]| rng.fill_bytes(bytes)`.
///
/// ```
/// use burdock_wasi::WasiCtxBuilder;
///
/// let zeros = |bytes: &mut [u8]| bytes.fill(0);
/// let ctx = WasiCtxBuilder::new().secure_random(zeros).build();
/// ```
pub trait RandomSource: Send + 'static {
    /// Fills all of `bytes`.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()>;
}

impl<F: FnMut(&mut [u8]) + Send + 'static> RandomSource for F {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self(bytes);
        Ok(())
    }
}

/// The operating system's secure generator.
pub(crate) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(io::Error::other)
    }
}

/// Hands out the same bytes over and over, as Wasmtime's type of that name.
///
/// ```
/// use burdock_wasi::{Deterministic, RandomSource};
///
/// let mut bytes = [0; 5];
/// Deterministic::new(vec![1, 2]).fill(&mut bytes)?;
/// assert_eq!(bytes, [1, 2, 1, 2, 1]);
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct Deterministic {
    bytes: std::iter::Cycle<std::vec::IntoIter<u8>>,
}

impl Deterministic {
    /// Creates a source that repeats `bytes`, or zeros if `bytes` is empty.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into_iter().cycle() }
    }
}

impl RandomSource for Deterministic {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        for byte in bytes {
            *byte = self.bytes.next().unwrap_or(0);
        }
        Ok(())
    }
}

/// The generator SplitMix64 (Steele, Lea, Flood 2014): repeatable from a seed, and **not** secure.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(pub(crate) u64);

impl RandomSource for SplitMix64 {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = self.0;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
