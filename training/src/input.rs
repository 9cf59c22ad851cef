//! What all programs share: inputs that look random and are always the same, and a checksum.

/// Numbers that look random and are always the same.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end
    }

    /// A number from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next() >> 32) as u8).collect()
    }

    pub fn word(&mut self) -> &'static str {
        const WORDS: &[&str] = &[
            "the", "burr", "of", "a", "plant", "clings", "to", "wool", "and", "hooks", "are",
            "small", "but", "many", "in", "number", "which", "is", "why", "they", "hold",
        ];
        WORDS[self.next() as usize % WORDS.len()]
    }

    pub fn text(&mut self, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            text.push_str(self.word());
            text.push(if self.next().is_multiple_of(9) { '\n' } else { ' ' });
        }
        text
    }

    /// Pixels of a picture with smooth and with rough parts, three bytes each.
    pub fn picture(&mut self, width: usize, height: usize) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                let noise = if x > width / 2 { self.below(24) } else { 0 };
                pixels.push((x * 2 + noise) as u8);
                pixels.push((y * 3 + x) as u8);
                pixels.push((x * y / 64 + noise) as u8);
            }
        }
        pixels
    }
}

/// A checksum of some of the bytes, so that it is no great part of what is executed.
pub fn sum(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100000001b3);
    bytes.into_iter().step_by(61).fold(0xcbf29ce484222325, step)
}

/// A checksum of all of the numbers.
pub fn mix(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers
        .into_iter()
        .fold(0, |hash, number| (hash ^ number).wrapping_mul(0x9e3779b97f4a7c15).rotate_left(29))
}
