//! Input that is always the same, and a checksum as output, for all programs.

/// A generator of numbers (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Returns a generator that begins at a seed other than 0.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (((self.number() >> 32) * end as u64) >> 32) as usize
    }

    /// Returns one of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Returns a fraction of 1.
    pub fn fraction(&mut self) -> f32 {
        (self.number() >> 40) as f32 / (1 << 24) as f32
    }
}

/// The words of [`prose`].
const WORDS: [&str; 48] = [
    "the",
    "of",
    "and",
    "to",
    "a",
    "in",
    "that",
    "is",
    "was",
    "he",
    "for",
    "it",
    "with",
    "as",
    "his",
    "on",
    "be",
    "at",
    "by",
    "had",
    "river",
    "mountain",
    "letter",
    "morning",
    "captain",
    "window",
    "garden",
    "winter",
    "question",
    "silver",
    "company",
    "evening",
    "shadow",
    "journey",
    "number",
    "village",
    "yellow",
    "between",
    "remember",
    "another",
    "without",
    "nothing",
    "something",
    "together",
    "quickly",
    "already",
    "thousand",
    "stranger",
];

/// Returns sentences of common words, with numbers among them, of about `length` bytes.
pub fn prose(random: &mut Random, length: usize) -> String {
    let mut text = String::with_capacity(length + 64);
    while text.len() < length {
        for n in 0..4 + random.below(12) {
            // Common words come first in the list and are picked more often.
            let word = WORDS[random.below(WORDS.len()).min(random.below(WORDS.len()))];
            if n > 0 {
                text.push_str(if random.below(9) == 0 { ", " } else { " " });
            }
            match (n, random.below(30)) {
                (0, _) => {
                    text.push_str(&word[..1].to_uppercase());
                    text.push_str(&word[1..]);
                }
                (_, 0) => text.push_str(&random.below(10_000).to_string()),
                _ => text.push_str(word),
            }
        }
        text.push_str(if random.below(5) == 0 { ".\n" } else { ". " });
    }
    text
}

/// A checksum of bytes (FNV-1a).
#[derive(Clone, Debug)]
pub struct Checksum(u64);

impl Default for Checksum {
    /// Returns the checksum of no bytes.
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Checksum {
    /// Adds bytes.
    pub fn add(&mut self, bytes: impl AsRef<[u8]>) {
        for byte in bytes.as_ref() {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Prints the checksum.
    pub fn print(&self) {
        println!("{:016x}", self.0);
    }
}
