//! `TARGET SECONDS [SEED]`: a target on pseudo-random bytes, without the fuzzer's instrumentation:
//! many more cases a second, on a stable toolchain. Each case has its own seed; `TARGET 0 SEED`
//! runs one again.
//!
//! The cases run in a process of their own, so that what ends it is a finding with a seed; where it
//! is wasmi that ends it, the next process goes on with the next seed.

use crate::PEER_ENDED;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio, exit};
use std::time::{Duration, Instant};

/// Set for the process that runs the cases.
const WORKER: &str = "BURDOCK_SWEEP_WORKER";

/// Runs the target that the program's arguments name, among those that `find` returns.
pub fn main(find: fn(&str) -> Option<fn(&[u8])>) {
    let args: Vec<String> = std::env::args().collect();
    let target = &args[1];
    let check = find(target).expect("the name of a target");
    let seconds: f64 = args[2].parse().expect("a number of seconds");
    let first: u64 = args.get(3).map_or(1, |seed| seed.parse().expect("a seed"));
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    if std::env::var_os(WORKER).is_some() {
        work(check, end, first);
    } else {
        watch(target, end, first);
    }
}

/// Has the cases run until the time is over or one fails.
fn watch(target: &str, end: Instant, first: u64) {
    let (mut next, mut peer_ended) = (first, 0);
    loop {
        let rest = end.saturating_duration_since(Instant::now()).as_secs_f64();
        let mut worker = Command::new(std::env::current_exe().expect("this program has a path"))
            .args([target, &rest.to_string(), &next.to_string()])
            .env(WORKER, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a second process can be started");
        let seeds = BufReader::new(worker.stdout.take().expect("it is piped")).lines();
        let last = seeds.map_while(Result::ok).last().and_then(|seed| seed.parse().ok());
        let last: u64 = last.unwrap_or(next);
        let status = worker.wait().expect("it was started");
        next = last + 1;
        if status.code() == Some(PEER_ENDED) {
            peer_ended += 1;
        } else if !status.success() {
            println!("seed {last} fails: {status}");
            exit(1);
        }
        if Instant::now() >= end {
            break;
        }
    }
    println!(
        "{} cases, seeds {first} to {}, of which {peer_ended} ended wasmi",
        next - first,
        next - 1
    );
}

/// Runs cases; says on standard output, before each, which it is.
fn work(check: fn(&[u8]), end: Instant, first: u64) {
    let mut out = std::io::stdout();
    for seed in first.. {
        // Without a reader there is nobody to go on for.
        if writeln!(out, "{seed}").is_err() {
            exit(1);
        }
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
            eprintln!("{} bytes of it are enough", small.len());
            exit(1);
        }
        if Instant::now() >= end {
            break;
        }
    }
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
