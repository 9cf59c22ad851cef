//! Programs of many kinds: `training NAME` runs one and prints a checksum. `cargo xtask mine`
//! counts what they execute.

mod compression;
mod crypto;
mod input;
mod interpreters;
mod numeric;
mod parsing;
mod pictures;
mod puzzles;
mod structures;
mod text;

/// A name, and what runs under it.
type Program = (&'static str, fn() -> u64);

const FIELDS: &[&[Program]] = &[
    compression::PROGRAMS,
    crypto::PROGRAMS,
    interpreters::PROGRAMS,
    numeric::PROGRAMS,
    parsing::PROGRAMS,
    pictures::PROGRAMS,
    puzzles::PROGRAMS,
    structures::PROGRAMS,
    text::PROGRAMS,
];

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let programs = FIELDS.iter().copied().flatten();
    match programs.clone().find(|program| program.0 == name) {
        Some((name, program)) => println!("{name} {:016x}", program()),
        None => {
            let names: Vec<&str> = programs.map(|program| program.0).collect();
            eprintln!("programs: {}", names.join(" "));
        }
    }
}
