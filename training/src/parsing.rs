//! Programs that read and write the formats of data and of languages.

use serde::{Deserialize, Serialize};

use crate::Program;
use crate::input::{Random, mix, sum};

pub const PROGRAMS: &[Program] = &[
    ("csv", csv),
    ("postcard", postcard),
    ("rust", rust),
    ("template", template),
    ("toml", toml),
    ("wat", wat),
    ("xml", xml),
];

/// What several formats are given to hold.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Record {
    number: u32,
    name: String,
    weight: f64,
    kind: Kind,
    parts: Vec<i64>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Kind {
    Burr,
    Hook { length: u8 },
    Other(String),
}

impl Record {
    fn random(random: &mut Random) -> Self {
        let kind = match random.below(3) {
            0 => Kind::Burr,
            1 => Kind::Hook { length: random.below(200) as u8 },
            _ => Kind::Other(random.word().to_owned()),
        };
        Self {
            number: random.next() as u32,
            name: random.text(12),
            weight: random.below(100_000) as f64 / 16.0,
            kind,
            parts: (0..random.below(9)).map(|_| random.next() as i64 >> random.below(60)).collect(),
        }
    }
}

fn csv() -> u64 {
    let mut random = Random(40);
    let mut writer = csv::Writer::from_writer(Vec::new());
    for n in 0..6_000u32 {
        let quoted = format!("{}, \"{}\"", random.word(), random.word());
        let number = random.below(1_000_000) as f64 / 8.0;
        writer.serialize((n, random.word(), number, quoted)).expect("a row");
    }
    let text = writer.into_inner().expect("all rows");
    let rows =
        csv::ReaderBuilder::new().has_headers(false).from_reader(&text[..]).into_deserialize();
    rows.fold(0, |sum, row| {
        let (n, word, number, quoted): (u64, String, f64, String) = row.expect("a row");
        mix([sum, n, number.to_bits(), (word.len() + quoted.len()) as u64])
    })
}

fn postcard() -> u64 {
    let mut random = Random(41);
    let records: Vec<Record> = (0..5_000).map(|_| Record::random(&mut random)).collect();
    let bytes = ::postcard::to_allocvec(&records).expect("records");
    let back: Vec<Record> = ::postcard::from_bytes(&bytes).expect("the same records");
    assert_eq!(back, records);
    sum(bytes)
}

/// Parses Rust and prints it again.
fn rust() -> u64 {
    let mut random = Random(42);
    let mut source = String::new();
    for n in 0..60 {
        let [a, b] = [random.below(99), random.below(9)];
        source.push_str(&format!(
            "/// The {n}th.\npub fn f{n}<T: Into<u64> + Copy>(x: T, list: &mut Vec<u64>) -> Option<u64> {{
                let mut y = x.into() * {a} + (1 << {b}) - list.len() as u64;
                for (n, item) in list.iter_mut().enumerate().skip({b}) {{
                    if *item % 2 == 0 && n != {a} {{ *item += y; continue; }}
                    y = match *item {{ 0..=9 => y / 3, {a} | 77 => return None, z => z ^ y }};
                }}
                Some(list.iter().map(|v| v & !{a}).max()?.wrapping_add(y))
            }}
            struct S{n} {{ name: &'static str, at: [f64; {b}], next: Option<Box<S{n}>> }}\n"
        ));
    }
    let file = syn::parse_file(&source).expect("it is Rust");
    sum(prettyplease::unparse(&file).into_bytes())
}

fn template() -> u64 {
    const SOURCE: &str = "
        {%- macro line(item) -%}<li class='{{ loop_class }}'>{{ item.name|trim|title }}:
            {{ (item.weight * 2)|round(1) }}</li>{%- endmacro -%}
        {% for record in records if record.number % 3 != 0 %}
          {{ loop.index }} {{ line(record) }}
          {% for part in record.parts|sort %}{{ part }}{% if not loop.last %}, {% endif %}{% endfor %}
          {% set size = record.parts|length %}{{ 'many' if size > 4 else 'few' }}
        {% else %}none{% endfor %}";
    let mut random = Random(43);
    let records: Vec<Record> = (0..300).map(|_| Record::random(&mut random)).collect();
    let mut environment = minijinja::Environment::new();
    environment.add_template("page", SOURCE).expect("a template");
    let page = environment.get_template("page").expect("the template");
    sum(page.render(minijinja::context! { records }).expect("a page").into_bytes())
}

fn toml() -> u64 {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct File {
        title: String,
        records: Vec<Record>,
    }
    let mut random = Random(44);
    let records = (0..400).map(|_| Record::random(&mut random)).collect();
    let file = File { title: random.text(40), records };
    let text = ::toml::to_string_pretty(&file).expect("a file");
    let back: File = ::toml::from_str(&text).expect("the same file");
    assert_eq!(back, file);
    sum(text.into_bytes())
}

fn wat() -> u64 {
    let mut random = Random(45);
    let mut text = String::from("(module (memory 1) (global $g (mut i64) (i64.const 5))\n");
    for n in 0..400 {
        let [a, b] = [random.below(5000), random.below(64)];
        text.push_str(&format!(
            "(func $f{n} (export \"f{n}\") (param $x i32) (result i32) (local $y i32)
              (loop $again (local.set $y (i32.add (local.get $y) (i32.const {a})))
                (i32.store offset={b} (local.get $x) (i32.shl (local.get $y) (i32.const {b})))
                (br_if $again (i32.lt_u (local.get $y) (i32.const 0x{a}))))
              (if (i64.eqz (global.get $g)) (then (return (call $f{n} (i32.const {b})))))
              local.get $y f64.convert_i32_s f64.const {a}.{b} f64.mul i32.trunc_sat_f64_s)\n"
        ));
    }
    text.push(')');
    sum(::wat::parse_str(&text).expect("a module"))
}

fn xml() -> u64 {
    use quick_xml::{Reader, Writer, events::Event};
    let mut random = Random(46);
    let mut text = String::from("<?xml version=\"1.0\"?>\n<list>");
    for n in 0..4_000 {
        text.push_str(&format!(
            "<item id=\"{n}\" kind='{}'><!-- {} --><b>{} &amp; {}</b><empty/></item>\n",
            random.word(),
            random.word(),
            random.text(30),
            random.word(),
        ));
    }
    text.push_str("</list>");
    let mut reader = Reader::from_str(&text);
    let mut writer = Writer::new(Vec::new());
    let mut attributes = 0;
    loop {
        match reader.read_event().expect("well formed") {
            Event::Eof => break,
            event => {
                if let Event::Start(start) = &event {
                    attributes +=
                        start.attributes().flatten().map(|a| a.value.len() as u64).sum::<u64>();
                }
                writer.write_event(event).expect("an event");
            }
        }
    }
    attributes ^ sum(writer.into_inner())
}
