//! Benchmarks of Burdock's parts with criterion: `cargo bench` in benches/. README.md there
//! describes baselines, filters and the report.
#![forbid(unsafe_code)]

mod calls;
mod guest;
mod heap;
mod hooks;
mod load;
mod memory;
mod ops;
mod programs;

criterion::criterion_group!(
    benches,
    load::benches,
    calls::benches,
    hooks::benches,
    ops::benches,
    memory::benches,
    heap::benches,
    programs::benches,
);
criterion::criterion_main!(benches);
