//! Packets of the gdb-remote protocol: from bytes, and to bytes.

/// What has arrived from a debugger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A packet's content, without escapes.
    Packet(Vec<u8>),
    /// A packet with a wrong checksum, without an end, or too long.
    Malformed,
    /// The request to interrupt the guest.
    Interrupt,
    /// The debugger has not understood the last answer.
    Resend,
}

/// Reads packets from bytes that arrive in pieces.
///
/// # Example
///
/// ```
/// use burdock_tools::debug::{Incoming, Packets, encode};
/// let mut packets = Packets::default();
/// let mut found = Vec::new();
/// for byte in b"+$qC#b4\x03$qC#00" {
///     found.extend(packets.push(*byte));
/// }
/// let expected = [Incoming::Packet(b"qC".to_vec()), Incoming::Interrupt, Incoming::Malformed];
/// assert_eq!(found, expected);
/// assert_eq!(encode(b"QC1"), b"$QC1#c5");
/// ```
#[derive(Debug, Default)]
pub struct Packets {
    content: Vec<u8>,
    sum: u8,
    state: State,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Outside of packets.
    #[default]
    Between,
    Content,
    /// Behind the byte that announces an escaped one.
    Escape,
    /// Before the first digit of the checksum.
    Checksum,
    /// Behind the first digit of the checksum.
    Digit(Option<u8>),
}

/// The most bytes of a packet. LLDB asks for less; what is longer is an attack or an error.
const LONGEST: usize = 1 << 20;

impl Packets {
    /// Takes the next byte. Returns what it completes.
    pub fn push(&mut self, byte: u8) -> Option<Incoming> {
        match self.state {
            State::Between => return self.between(byte),
            State::Content | State::Escape if byte == b'$' => {
                // The packet before has lost its end.
                self.begin();
                return Some(Incoming::Malformed);
            }
            State::Content if byte == b'#' => self.state = State::Checksum,
            State::Content if byte == b'}' => {
                self.sum = self.sum.wrapping_add(byte);
                self.state = State::Escape;
            }
            State::Content | State::Escape => {
                let escaped = matches!(self.state, State::Escape);
                self.sum = self.sum.wrapping_add(byte);
                self.state = State::Content;
                self.content.push(if escaped { byte ^ 0x20 } else { byte });
                if self.content.len() > LONGEST {
                    *self = Self::default();
                    return Some(Incoming::Malformed);
                }
            }
            State::Checksum => self.state = State::Digit(digit(byte)),
            State::Digit(high) => {
                let sum = high.zip(digit(byte)).map(|(high, low)| high << 4 | low);
                let right = sum == Some(self.sum);
                let content = std::mem::take(&mut self.content);
                self.state = State::Between;
                return Some(if right { Incoming::Packet(content) } else { Incoming::Malformed });
            }
        }
        None
    }

    fn between(&mut self, byte: u8) -> Option<Incoming> {
        match byte {
            b'$' => {
                self.begin();
                None
            }
            b'-' => Some(Incoming::Resend),
            0x03 => Some(Incoming::Interrupt),
            _ => None,
        }
    }

    fn begin(&mut self) {
        *self = Self { state: State::Content, ..Self::default() };
    }
}

/// Returns the value of a hexadecimal digit.
fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Returns a packet of this content.
pub fn encode(content: &[u8]) -> Vec<u8> {
    let mut packet = vec![b'$'];
    for byte in content {
        match byte {
            b'$' | b'#' | b'}' | b'*' => packet.extend([b'}', byte ^ 0x20]),
            byte => packet.push(*byte),
        }
    }
    let sum = packet[1..].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    packet.extend(format!("#{sum:02x}").bytes());
    packet
}

/// Returns bytes as hexadecimal digits.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Returns the bytes of hexadecimal digits; `None` if they are anything else.
pub(super) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let pairs = text.chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// Returns the number that hexadecimal digits denote; `None` if they are anything else or too many.
pub(super) fn number(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    // `from_str_radix` would accept a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Incoming> {
        let mut packets = Packets::default();
        bytes.iter().filter_map(|byte| packets.push(*byte)).collect()
    }

    #[test]
    fn packets_survive_encoding() {
        let all: Vec<u8> = (0..=255).collect();
        for content in [&b""[..], b"qC", b"a}b#c$d*e", &all] {
            let packet = encode(content);
            assert_eq!(read(&packet), [Incoming::Packet(content.to_vec())]);
            // Whatever precedes a packet, the packet is found.
            let behind = [b"$x#zz$broken".to_vec(), packet].concat();
            let expected = Incoming::Packet(content.to_vec());
            assert_eq!(read(&behind), [Incoming::Malformed, Incoming::Malformed, expected]);
        }
    }

    #[test]
    fn what_is_no_packet_is_told_apart() {
        assert_eq!(read(b"++-\x03x#00"), [Incoming::Resend, Incoming::Interrupt]);
        assert_eq!(read(b"$a#6"), []);
        assert_eq!(read(b"$a#60"), [Incoming::Malformed]);
        let long = [&b"$"[..], &[b'a'; LONGEST + 1], b"#00$a#61"].concat();
        assert_eq!(read(&long), [Incoming::Malformed, Incoming::Packet(b"a".to_vec())]);
    }

    #[test]
    fn numbers_are_digits() {
        assert_eq!(number(b"ffFF"), Some(0xffff));
        for text in [&b""[..], b"+1", b"1g", b"11112222333344445"] {
            assert_eq!(number(text), None);
        }
        assert_eq!(from_hex(b"0aFf"), Some(vec![10, 255]));
        assert_eq!(from_hex(b"0aF"), None);
    }
}
