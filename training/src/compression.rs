//! Programs of compression, of data and of pictures.

use std::io::{Read, Write};

use crate::Program;
use crate::input::{Random, sum};

pub const PROGRAMS: &[Program] = &[
    ("jpeg", jpeg),
    ("lz4", lz4),
    ("lzma", lzma),
    ("lzw", lzw),
    ("snappy", snappy),
    ("zstd", zstd),
];

fn jpeg() -> u64 {
    let (width, height) = (240, 160);
    let pixels = Random(20).picture(width, height);
    let mut packed = Vec::new();
    jpeg_encoder::Encoder::new(&mut packed, 85)
        .encode(&pixels, width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
        .expect("a picture");
    let unpacked = zune_jpeg::JpegDecoder::new(&packed).decode().expect("the picture");
    assert_eq!(unpacked.len(), pixels.len());
    sum(unpacked)
}

fn lz4() -> u64 {
    let text = Random(11).text(400_000);
    let packed = lz4_flex::compress_prepend_size(text.as_bytes());
    sum(lz4_flex::decompress_size_prepended(&packed).expect("what was packed"))
}

fn lzma() -> u64 {
    let text = Random(21).text(60_000);
    let mut packed = Vec::new();
    lzma_rs::lzma_compress(&mut text.as_bytes(), &mut packed).expect("a text");
    let mut unpacked = Vec::new();
    lzma_rs::lzma_decompress(&mut &packed[..], &mut unpacked).expect("what was packed");
    assert_eq!(unpacked, text.as_bytes());
    sum(packed)
}

fn lzw() -> u64 {
    use weezl::{BitOrder, decode, encode};
    let pixels = Random(22).picture(240, 160);
    let packed = encode::Encoder::new(BitOrder::Lsb, 8).encode(&pixels).expect("a picture");
    let unpacked = decode::Decoder::new(BitOrder::Lsb, 8).decode(&packed).expect("the picture");
    assert_eq!(unpacked, pixels);
    sum(packed)
}

fn snappy() -> u64 {
    let mut input = Random(23).text(500_000).into_bytes();
    input.extend(Random(24).picture(200, 200));
    let mut writer = snap::write::FrameEncoder::new(Vec::new());
    writer.write_all(&input).expect("bytes");
    let packed = writer.into_inner().expect("all of them");
    let mut unpacked = Vec::new();
    snap::read::FrameDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("what was packed");
    assert_eq!(unpacked, input);
    sum(packed)
}

fn zstd() -> u64 {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    let text = Random(25).text(250_000);
    let packed = compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
    let mut unpacked = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(&packed[..])
        .expect("a frame")
        .read_to_end(&mut unpacked)
        .expect("what was packed");
    assert_eq!(unpacked, text.as_bytes());
    sum(packed)
}
