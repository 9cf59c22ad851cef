//! Programs on text: searching, comparing, converting.

use crate::Program;
use crate::input::{Random, mix, sum};

pub const PROGRAMS: &[Program] = &[
    ("cipher", cipher),
    ("dates", dates),
    ("decimals", decimals),
    ("diff", diff),
    ("floats", floats),
    ("regex", regex),
    ("similarity", similarity),
    ("strings", strings),
    ("unicode", unicode),
];

/// Counts pairs of letters and turns letters by Vigenère's cipher, as a C program would: by index.
fn cipher() -> u64 {
    let mut text = Random(50).text(250_000).into_bytes();
    let key = b"burdock";
    let mut pairs = vec![0u32; 32 * 32];
    let mut at = 0;
    let mut position = 0;
    while position < text.len() {
        let letter = text[position];
        if letter.is_ascii_lowercase() {
            text[position] = (letter - b'a' + key[at] - b'a') % 26 + b'a';
            at = if at + 1 == key.len() { 0 } else { at + 1 };
        }
        if position > 0 {
            let pair = usize::from(text[position - 1] & 31) * 32 + usize::from(text[position] & 31);
            pairs[pair] += 1;
        }
        position += 1;
    }
    mix(pairs.into_iter().map(u64::from)) ^ sum(text)
}

fn dates() -> u64 {
    use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
    let mut random = Random(51);
    let start = NaiveDate::from_ymd_opt(1970, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let start = start.expect("a date");
    let mut hash = 0;
    for _ in 0..6_000 {
        let time = start + TimeDelta::seconds(random.below(4_000_000_000) as i64);
        let text = time.format("%Y-%m-%d %H:%M:%S %j %a").to_string();
        let back = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S %j %a");
        assert_eq!(back, Ok(time));
        hash = mix([hash, u64::from(time.iso_week().week()), u64::from(time.ordinal())]);
    }
    hash
}

fn decimals() -> u64 {
    use rust_decimal::Decimal;
    let mut random = Random(52);
    let mut total = Decimal::ONE;
    let mut hash = 0;
    for _ in 0..25_000 {
        let price = Decimal::new(random.below(1_000_000) as i64 + 1, 2);
        let rate = Decimal::new(random.below(2_000) as i64 + 1, 4);
        total = (total + price * rate).round_dp(6);
        hash = mix([hash, (price / total).mantissa() as u64]);
    }
    hash ^ sum(total.to_string().into_bytes())
}

fn diff() -> u64 {
    use similar::{ChangeTag, TextDiff};
    let mut random = Random(53);
    let old = random.text(40_000);
    let mut new: Vec<&str> = old.lines().collect();
    for _ in 0..new.len() / 8 {
        let [from, to] = [random.below(new.len()), random.below(new.len())];
        new.swap(from, to);
    }
    let new = new.join("\n");
    let lines = TextDiff::from_lines(&old, &new);
    let words = TextDiff::from_words(&old[..6_000], &new[..6_000]);
    let code = |tag| match tag {
        ChangeTag::Equal => 1,
        ChangeTag::Delete => 2,
        ChangeTag::Insert => 3,
    };
    mix(lines.iter_all_changes().chain(words.iter_all_changes()).map(|change| code(change.tag())))
}

fn floats() -> u64 {
    let mut random = Random(54);
    let mut buffer = ryu::Buffer::new();
    let mut hash = 0;
    for _ in 0..10_000 {
        let exponent = random.below(60) as i32 - 30;
        let number = (random.unit() - 0.5) * 10f64.powi(exponent);
        let text = buffer.format(number);
        assert_eq!(text.parse(), Ok(number));
        hash = mix([hash, sum(format!("{number:.3e} {}", number as f32).into_bytes())]);
    }
    hash
}

fn regex() -> u64 {
    let text = Random(13).text(60_000);
    let pattern =
        regex_lite::Regex::new(r"(\w+)ing|h(oo|ol)\w*\s+(are|is)|[a-c]{2,}").expect("a pattern");
    pattern.find_iter(&text).map(|found| found.start() as u64).sum()
}

fn similarity() -> u64 {
    let mut random = Random(56);
    let names: Vec<String> = (0..24).map(|_| random.text(18)).collect();
    let mut hash = 0;
    for a in &names {
        for b in &names {
            hash = mix([
                hash,
                strsim::damerau_levenshtein(a, b) as u64,
                strsim::levenshtein(a, b) as u64,
                strsim::jaro_winkler(a, b).to_bits(),
                strsim::sorensen_dice(a, b).to_bits(),
            ]);
        }
    }
    hash
}

fn strings() -> u64 {
    let text = Random(16).text(120_000);
    let upper: String = text.chars().rev().flat_map(char::to_uppercase).collect();
    let lines: Vec<&str> =
        upper.lines().filter(|line| line.contains("HOOK") || line.ends_with('B')).collect();
    sum(lines.join("-").replace("THE", "a").into_bytes())
        ^ format!("{:?}", &lines[..3]).len() as u64
}

fn unicode() -> u64 {
    use unicode_normalization::UnicodeNormalization;
    use unicode_segmentation::UnicodeSegmentation;
    const WORDS: &[&str] = &[
        "Klette",
        "häkchen",
        "ﬁbre",
        "ブルドック",
        "лопух",
        "e\u{301}te\u{301}",
        "👩‍🌾",
        "क्षत्रिय",
        "한글",
    ];
    let mut random = Random(57);
    let mut text = String::new();
    for _ in 0..5_000 {
        text.push_str(WORDS[random.below(WORDS.len())]);
        text.push(' ');
    }
    let composed: String = text.nfkc().collect();
    let decomposed: String = composed.nfd().filter(|c| c.is_alphanumeric()).collect();
    let graphemes = text.graphemes(true).map(|cluster| cluster.len() as u64);
    mix(graphemes.chain([text.unicode_words().count() as u64]))
        ^ sum(decomposed.to_lowercase().into_bytes())
}
