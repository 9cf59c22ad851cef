//! glidesort, a stable sort, sorts numbers, records and texts in several orders.

use common::{Checksum, Random, prose};

fn main() {
    let mut random = Random::new(6);
    let mut sum = Checksum::default();

    let mut numbers: Vec<u64> = (0..400_000).map(|_| random.number()).collect();
    glidesort::sort(&mut numbers);
    sum.add(numbers[200_000].to_le_bytes());

    // Mostly sorted, with runs in both directions.
    let mut runs: Vec<u32> =
        (0..400_000).map(|n| if n / 12_000 % 2 == 0 { n } else { !n }).collect();
    for _ in 0..500 {
        let at = random.below(runs.len());
        runs[at] = random.number() as u32;
    }
    glidesort::sort(&mut runs);
    sum.add(runs[200_000].to_le_bytes());

    // Few different keys.
    let mut records: Vec<(u8, f64)> =
        (0..160_000).map(|n| (random.below(50) as u8, f64::from(n) * 0.5)).collect();
    glidesort::sort_by_key(&mut records, |record| record.0);
    sum.add(records[80_000].1.to_le_bytes());
    glidesort::sort_by(&mut records, |a, b| b.1.total_cmp(&a.1));
    sum.add(records[80_000].1.to_le_bytes());

    let text = prose(&mut random, 400_000);
    let mut words: Vec<&str> = text.split(' ').collect();
    glidesort::sort(&mut words);
    sum.add(words[words.len() / 2]);
    sum.print();
}
