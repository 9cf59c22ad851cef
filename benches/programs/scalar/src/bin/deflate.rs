//! zopfli compresses text, and zune-inflate decompresses it, often.

use std::num::NonZeroU64;

use common::{Checksum, Random, prose};
use zopfli::{Format, Options};
use zune_inflate::DeflateDecoder;

fn main() {
    let text = prose(&mut Random::new(5), 10_000);
    let options =
        Options { iteration_count: NonZeroU64::MIN, maximum_block_splits: 4, ..Options::default() };
    let mut compressed = Vec::new();
    zopfli::compress(options, Format::Zlib, text.as_bytes(), &mut compressed)
        .expect("memory can be written");
    let mut sum = Checksum::default();
    sum.add(&compressed);
    for _ in 0..1500 {
        let decompressed = DeflateDecoder::new(&compressed).decode_zlib();
        let decompressed = decompressed.expect("the data is compressed");
        assert_eq!(decompressed.len(), text.len());
        sum.add(&decompressed[decompressed.len() - 64..]);
    }
    sum.print();
}
