//! `cargo run --release --example sweep -- TARGET SECONDS [SEED]`: a target on pseudo-random bytes,
//! without the fuzzer's instrumentation: many more cases a second, on a stable toolchain. Each case
//! has its own seed; `--example sweep -- TARGET 0 SEED` runs one again.

use std::time::{Duration, Instant};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let check = burdock_fuzz::target(&args[1]).expect("the name of a target");
    let seconds: u64 = args[2].parse().expect("a number of seconds");
    let first: u64 = args.get(3).map_or(1, |seed| seed.parse().expect("a seed"));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut seed = first;
    loop {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let words = 32 + next() % 1024;
        let data: Vec<u8> = (0..words).flat_map(|_| next().to_le_bytes()).collect();
        if std::panic::catch_unwind(|| check(&data)).is_err() {
            std::panic::set_hook(Box::new(|_| {}));
            let small = shrink(data, |data| std::panic::catch_unwind(|| check(data)).is_err());
            let _ = std::panic::take_hook();
            let _ = std::panic::catch_unwind(|| check(&small));
            println!("seed {seed} fails, with {} bytes of it", small.len());
            std::process::exit(1);
        }
        if Instant::now() >= end {
            break;
        }
        seed += 1;
    }
    println!("{} cases, seeds {first} to {seed}", seed - first + 1);
}

/// Makes an input that fails shorter and emptier.
fn shrink(mut data: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut cut = data.len() / 2;
    while cut > 0 {
        let less = &data[..data.len() - cut];
        if fails(less) { data = less.to_vec() } else { cut /= 2 }
    }
    for _ in 0..2 {
        for size in [256, 64, 16, 4, 2, 1] {
            let mut at = 1;
            while at < data.len() {
                let end = data.len().min(at + size);
                let mut removed = data.clone();
                removed.drain(at..end);
                let mut zeroed = data.clone();
                zeroed[at..end].fill(0);
                if fails(&removed) {
                    data = removed;
                    continue;
                }
                if zeroed != data && fails(&zeroed) {
                    data = zeroed;
                }
                at += size;
            }
        }
    }
    data
}
