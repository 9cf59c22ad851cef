//! highway, a hash function made for SIMD, hashes long and short inputs.

use common::{Checksum, Random};
use highway::{HighwayHash, HighwayHasher, Key};

fn main() {
    let mut random = Random::new(7);
    let data: Vec<u8> = (0..1 << 18).map(|_| random.number() as u8).collect();
    let mut sum = Checksum::default();
    for round in 0..64 {
        let key = Key([random.number(), random.number(), round, 1]);
        let long = HighwayHasher::new(key).hash256(&data);
        sum.add(long.map(u64::to_le_bytes).as_flattened());
        for short in data.chunks(200) {
            sum.add(HighwayHasher::new(key).hash64(short).to_le_bytes());
        }
    }
    sum.print();
}
