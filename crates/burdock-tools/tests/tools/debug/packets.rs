//! Packets in pieces, and bytes that are no packets.

use burdock_tools::debug::{Incoming, Packets};

#[test]
fn a_session_survives_anything_between_packets() {
    let mut packets = Packets::default();
    let mut found = Vec::new();
    for byte in (0..=255_u8).cycle().take(100_000).chain(*b"#00$qC#b4") {
        found.extend(packets.push(byte));
    }
    assert_eq!(found.last(), Some(&Incoming::Packet(b"qC".to_vec())));
}
