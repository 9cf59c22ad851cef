//! Koto, a scripting language, runs a script.

use common::Checksum;
use koto::Koto;

fn main() {
    let mut koto = Koto::default();
    let script = include_str!("../../scripts/koto.koto");
    koto.compile(script).unwrap_or_else(|error| panic!("the script is invalid: {error}"));
    let value = koto.run().unwrap_or_else(|error| panic!("the script fails: {error}"));
    let mut sum = Checksum::default();
    sum.add(value.to_string());
    sum.print();
}
