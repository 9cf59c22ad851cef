//! Programs of cryptography, checksums and codes.

use crate::Program;
use crate::input::{Random, mix, sum};

pub const PROGRAMS: &[Program] = &[
    ("aes", aes),
    ("base64", base64),
    ("blake3", blake),
    ("chacha", chacha),
    ("checksums", checksums),
    ("curve", curve),
    ("digests", digests),
    ("modpow", modpow),
    ("qr", qr),
    ("sha2", sha),
];

fn aes() -> u64 {
    use ::aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
    let mut blocks = vec![::aes::Block::default(); 8_000];
    let cipher = ::aes::Aes128::new(&[7; 16].into());
    cipher.encrypt_blocks(&mut blocks[..6_000]);
    cipher.decrypt_blocks(&mut blocks[4_000..]);
    sum(blocks.into_iter().flatten())
}

fn base64() -> u64 {
    use ::base64::{Engine, prelude::BASE64_STANDARD};
    let bytes = Random(30).bytes(600_000);
    let text = BASE64_STANDARD.encode(&bytes);
    assert_eq!(BASE64_STANDARD.decode(&text).as_ref(), Ok(&bytes));
    let digits = b"0123456789abcdef";
    let hex: Vec<u8> = bytes
        .iter()
        .flat_map(|&b| [digits[usize::from(b >> 4)], digits[usize::from(b & 15)]])
        .collect();
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    let back = hex.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1]));
    sum(text.into_bytes()) ^ sum(back)
}

fn blake() -> u64 {
    let data = Random(5).text(400_000);
    sum(*blake3::hash(data.as_bytes()).as_bytes())
}

fn chacha() -> u64 {
    use chacha20::cipher::{KeyIvInit, StreamCipher};
    let mut data = vec![0u8; 300_000];
    chacha20::ChaCha20::new(&[7; 32].into(), &[9; 12].into()).apply_keystream(&mut data);
    sum(data)
}

fn checksums() -> u64 {
    use std::hash::Hasher;
    let bytes = Random(31).bytes(1_000_000);
    let mut sip = siphasher::sip::SipHasher13::new();
    bytes.chunks(37).for_each(|chunk| sip.write(chunk));
    // Fletcher's, a byte at a time.
    let (mut low, mut high) = (1u32, 0u32);
    for &byte in &bytes {
        low = (low + u32::from(byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    mix([
        sip.finish(),
        u64::from(high << 16 | low),
        u64::from(crc32fast::hash(&bytes)),
        xxhash_rust::xxh64::xxh64(&bytes, 3),
        bytes.chunks(200).fold(0, |hash, chunk| hash ^ xxhash_rust::xxh3::xxh3_64(chunk)),
    ])
}

/// Pairs who agree on a secret.
fn curve() -> u64 {
    use curve25519_dalek::montgomery::MontgomeryPoint;
    let secrets = [[3, 5], [7, 11], [13, 17]].map(|pair| {
        let [alice, bob] = pair.map(|byte| [byte; 32]);
        let shared = MontgomeryPoint::mul_base_clamped(alice).mul_clamped(bob);
        assert_eq!(shared, MontgomeryPoint::mul_base_clamped(bob).mul_clamped(alice));
        shared.0
    });
    mix(secrets.into_iter().flatten().map(u64::from))
}

fn digests() -> u64 {
    use sha2::Digest;
    let text = Random(32).text(250_000);
    sum(md5::Md5::digest(&text))
        ^ sum(sha1::Sha1::digest(&text)).rotate_left(1)
        ^ sum(ripemd::Ripemd160::digest(&text)).rotate_left(2)
}

/// What RSA does with a key of 1024 bits.
fn modpow() -> u64 {
    use crypto_bigint::{
        U1024,
        modular::runtime_mod::{DynResidue, DynResidueParams},
    };
    let mut random = Random(33);
    let [base, exponent, modulus] = [0, 1, 2].map(|_| {
        let mut words = [0; U1024::LIMBS];
        words.fill_with(|| random.next() as crypto_bigint::Word | 1);
        U1024::from_words(words)
    });
    let residue = DynResidue::new(&base, DynResidueParams::new(&modulus));
    mix(residue.pow(&exponent).retrieve().to_words().map(u64::from))
}

fn qr() -> u64 {
    use qrcodegen::{QrCode, QrCodeEcc};
    let code = QrCode::encode_text(&Random(34).text(700), QrCodeEcc::Quartile).expect("it fits");
    let size = code.size();
    mix((0..size).map(|y| (0..size).fold(0, |row, x| row << 1 | u64::from(code.get_module(x, y)))))
}

fn sha() -> u64 {
    use sha2::Digest;
    let text = Random(14).text(250_000);
    sum(sha2::Sha256::digest(&text)) ^ sum(sha2::Sha512::digest(&text))
}
