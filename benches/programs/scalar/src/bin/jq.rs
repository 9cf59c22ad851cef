//! jaq, an implementation of the query language jq, runs a query over a document of orders.

use std::fmt::Write;

use common::{Checksum, Random, prose};
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};

fn main() {
    let query = File { code: include_str!("../../scripts/jq.jq"), path: () };
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let modules = Loader::new(defs).load(&arena, query).expect("the query can be parsed");
    let filter =
        Compiler::default().with_funs(funs).compile(modules).expect("the query can be compiled");
    let input = read::parse_single(orders(250).as_bytes()).expect("the document is JSON");
    let context = Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new([]));
    let mut sum = Checksum::default();
    for output in filter.id.run((context, input)).map(unwrap_valr) {
        sum.add(output.expect("the query succeeds").to_string());
    }
    sum.print();
}

/// Returns a document with orders.
fn orders(count: usize) -> String {
    let mut random = Random::new(1);
    let mut text = String::from("{\"orders\": [");
    for n in 0..count {
        let city = *random.pick(&["Oslo", "Lima", "Kyiv", "Rome", "Bern", "Doha", "Suva"]);
        let customer = random.below(60);
        let note = prose(&mut random, 60).replace('\n', " ");
        let _ = write!(
            text,
            "{}{{\"id\": {n}, \"city\": \"{city}\", \"customer\": \"c{customer}\", \
             \"note\": \"{note}\", \"items\": [",
            if n == 0 { "" } else { ", " },
        );
        for k in 0..1 + random.below(4) {
            let separator = if k == 0 { "" } else { ", " };
            let (price, count) = (random.below(100_000) as f64 / 100.0, 1 + random.below(9));
            let _ = write!(text, "{separator}{{\"price\": {price}, \"count\": {count}}}");
        }
        text.push_str("]}");
    }
    text + "]}"
}
