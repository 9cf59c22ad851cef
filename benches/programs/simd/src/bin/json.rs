//! simd-json parses a document with SIMD, changes it, and writes it.

use std::fmt::Write;

use common::{Checksum, Random, prose};
use simd_json::prelude::*;
use simd_json::{BorrowedValue, to_borrowed_value};

fn main() {
    let document = document(2000);
    let mut sum = Checksum::default();
    for _ in 0..6 {
        let mut bytes = document.clone().into_bytes();
        let mut value = to_borrowed_value(&mut bytes).expect("the document is JSON");
        sum.add(total(&value).to_le_bytes());
        let messages = value.as_array_mut().expect("the document is an array");
        for object in messages.iter_mut().filter_map(|message| message.as_object_mut()) {
            object.remove("place");
        }
        sum.add(value.encode());
    }
    sum.print();
}

/// Returns the sum of all numbers and of the lengths of all texts.
fn total(value: &BorrowedValue) -> f64 {
    match value {
        BorrowedValue::String(text) => text.len() as f64,
        BorrowedValue::Array(values) => values.iter().map(total).sum(),
        BorrowedValue::Object(object) => object.values().map(total).sum(),
        BorrowedValue::Static(_) => value.cast_f64().unwrap_or(1.0),
    }
}

/// Returns a document with messages of users.
fn document(messages: usize) -> String {
    let mut random = Random::new(9);
    let mut text = String::from("[");
    for n in 0..messages {
        let words = prose(&mut random, 90 + n % 100).replace('\n', "\\n");
        let (x, y) = (random.below(1000) as f64 / 8.0, random.below(1000) as f64 / 16.0);
        let separator = if n == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{separator}\n  {{\"id\": {}, \"text\": \"\\u201c{words}\\u201d\", \"place\": [{x}, {y}], \
             \"user\": {{\"name\": \"user{n}\", \"verified\": {}, \"language\": null, \
             \"followers\": {}}}, \"tags\": [\"a{}\", \"Zürich\"]}}",
            random.number() >> 20,
            n % 7 == 0,
            random.below(100_000),
            n % 13,
        );
    }
    text + "\n]"
}
