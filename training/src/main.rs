//! Programs of many kinds: `training NAME` runs one and prints a checksum. `cargo xtask mine` counts
//! what they execute.

use std::collections::{BTreeMap, HashMap};

type Program = (&'static str, fn() -> u64);

const PROGRAMS: &[Program] = &[
    ("bigint", bigint),
    ("blake3", blake),
    ("bst", btree),
    ("chacha", chacha),
    ("deflate", deflate),
    ("fft", fft),
    ("graph", graph),
    ("hash", hash_map),
    ("json", json),
    ("lz4", lz4),
    ("markdown", markdown),
    ("matrix", matrix),
    ("png", png_image),
    ("rays", rays),
    ("regex", regex),
    ("script", script),
    ("sha2", sha),
    ("sorts", sorts),
    ("strings", strings),
    ("life", life),
];

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    match PROGRAMS.iter().find(|program| program.0 == name) {
        Some((name, program)) => println!("{name} {:016x}", program()),
        None => {
            let names: Vec<&str> = PROGRAMS.iter().map(|program| program.0).collect();
            eprintln!("programs: {}", names.join(" "));
        }
    }
}

/// Numbers that look random and are always the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn text(&mut self, length: usize) -> String {
        const WORDS: &[&str] = &[
            "the", "burr", "of", "a", "plant", "clings", "to", "wool", "and", "hooks", "are",
            "small", "but", "many", "in", "number", "which", "is", "why", "they", "hold",
        ];
        let mut text = String::new();
        while text.len() < length {
            text.push_str(WORDS[self.next() as usize % WORDS.len()]);
            text.push(if self.next() % 9 == 0 { '\n' } else { ' ' });
        }
        text
    }
}

/// A checksum of some of the bytes, so that it is no great part of what is executed.
fn sum(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100000001b3);
    bytes.into_iter().step_by(61).fold(0xcbf29ce484222325, step)
}

fn bigint() -> u64 {
    let mut a = num_bigint::BigUint::from(1u32);
    for n in 1..900u32 {
        a *= n;
    }
    sum(a.to_string().bytes())
}

fn blake() -> u64 {
    let data = Random(5).text(400_000);
    sum(*blake3::hash(data.as_bytes()).as_bytes())
}

fn btree() -> u64 {
    let mut random = Random(6);
    let mut map = BTreeMap::new();
    for _ in 0..30_000 {
        *map.entry(random.next() % 20_000).or_insert(0u64) += 1;
        map.remove(&(random.next() % 20_000));
    }
    map.iter().fold(0, |sum, (key, value)| sum ^ key.wrapping_mul(*value + 1))
}

fn chacha() -> u64 {
    use chacha20::cipher::{KeyIvInit, StreamCipher};
    let mut data = vec![0u8; 300_000];
    chacha20::ChaCha20::new(&[7; 32].into(), &[9; 12].into()).apply_keystream(&mut data);
    sum(data)
}

fn deflate() -> u64 {
    let text = Random(7).text(150_000);
    let packed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6);
    let unpacked = miniz_oxide::inflate::decompress_to_vec(&packed).unwrap_or_default();
    assert_eq!(unpacked, text.as_bytes());
    sum(packed)
}

fn fft() -> u64 {
    use rustfft::num_complex::Complex;
    let mut data: Vec<Complex<f64>> =
        (0..8192).map(|n| Complex::new(f64::from(n % 17), f64::from(n % 5))).collect();
    let fft = rustfft::FftPlanner::new().plan_fft_forward(data.len());
    for _ in 0..6 {
        fft.process(&mut data);
        data.iter_mut().for_each(|value| *value /= 90.0);
    }
    data.iter().fold(0, |sum, value| sum ^ value.re.to_bits())
}

fn graph() -> u64 {
    let mut random = Random(8);
    let mut graph = petgraph::graph::UnGraph::<(), u32>::new_undirected();
    let nodes: Vec<_> = (0..3000).map(|_| graph.add_node(())).collect();
    for _ in 0..15_000 {
        let [a, b] = [0, 1].map(|_| nodes[random.next() as usize % nodes.len()]);
        graph.add_edge(a, b, (random.next() % 100) as u32);
    }
    let distances = petgraph::algo::dijkstra(&graph, nodes[0], None, |edge| *edge.weight());
    distances.values().map(|&distance| u64::from(distance)).sum()
}

fn hash_map() -> u64 {
    let text = Random(9).text(200_000);
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    counts.values().fold(0, |sum, count| sum + count * count)
}

fn json() -> u64 {
    let mut random = Random(10);
    let items: Vec<String> = (0..2500)
        .map(|n| {
            format!(
                "{{\"id\":{n},\"name\":\"{}\",\"x\":{}.5,\"tags\":[true,null,\"\\u00e4\"]}}",
                random.text(20).trim().replace('\n', " "),
                random.next() % 1000
            )
        })
        .collect();
    let text = format!("[{}]", items.join(","));
    let value: serde_json::Value = serde_json::from_str(&text).expect("valid");
    sum(serde_json::to_string_pretty(&value).expect("printable").bytes())
}

fn lz4() -> u64 {
    let text = Random(11).text(400_000);
    let packed = lz4_flex::compress_prepend_size(text.as_bytes());
    sum(lz4_flex::decompress_size_prepended(&packed).expect("what was packed"))
}

fn markdown() -> u64 {
    let mut text = String::new();
    let mut random = Random(12);
    for n in 0..400 {
        text.push_str(&format!(
            "# Part {n}\n\n* one *two* `three`\n* [four](http://five.six)\n\n{}\n\n",
            random.text(300)
        ));
    }
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&text));
    sum(html.into_bytes())
}

fn matrix() -> u64 {
    let a = nalgebra::DMatrix::<f64>::from_fn(70, 70, |r, c| {
        ((r * 7 + c * 3) % 11) as f64 + if r == c { 20.0 } else { 0.0 }
    });
    let inverse = a.clone().try_inverse().expect("dominant diagonal");
    let product = &a * &inverse * &a;
    product.iter().fold(0, |sum, value| sum ^ value.to_bits())
}

fn png_image() -> u64 {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 160, 120);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = (0..160 * 120 * 3u32).map(|n| (n % 251 ^ n / 480) as u8).collect();
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .expect("a picture");
    let mut reader = png::Decoder::new(&out[..]).read_info().expect("the picture");
    let mut data = vec![0; reader.output_buffer_size()];
    reader.next_frame(&mut data).expect("its frame");
    sum(data)
}

fn rays() -> u64 {
    let mut image = 0u64;
    let spheres: Vec<[f32; 4]> =
        (0..9).map(|n| [(n % 3) as f32 - 1.0, (n / 3) as f32 - 1.0, 4.0, 0.4]).collect();
    for y in 0..90 {
        for x in 0..120 {
            let direction = [x as f32 / 60.0 - 1.0, y as f32 / 45.0 - 1.0, 1.0];
            let length = direction.iter().map(|d| d * d).sum::<f32>().sqrt();
            let direction = direction.map(|d| d / length);
            let mut nearest = f32::INFINITY;
            for [cx, cy, cz, radius] in &spheres {
                let along = cx * direction[0] + cy * direction[1] + cz * direction[2];
                let distance = cx * cx + cy * cy + cz * cz - along * along;
                if distance < radius * radius {
                    nearest = nearest.min(along - (radius * radius - distance).sqrt());
                }
            }
            image = image.rotate_left(5) ^ u64::from(nearest.min(9.0).to_bits());
        }
    }
    image
}

fn regex() -> u64 {
    let text = Random(13).text(60_000);
    let pattern =
        regex_lite::Regex::new(r"(\w+)ing|h(oo|ol)\w*\s+(are|is)|[a-c]{2,}").expect("a pattern");
    pattern.find_iter(&text).map(|found| found.start() as u64).sum()
}

fn script() -> u64 {
    const SOURCE: &str = "
        fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
        let list = []; let sum = 0;
        for n in 0..2000 { list.push(n * 7 % 31); }
        for value in list { sum += value; }
        let text = \"\"; for n in 0..200 { text += n.to_string(); }
        sum + fib(15) + text.len()";
    rhai::Engine::new().eval::<i64>(SOURCE).expect("a script") as u64
}

fn sha() -> u64 {
    use sha2::Digest;
    let text = Random(14).text(250_000);
    sum(sha2::Sha256::digest(&text)) ^ sum(sha2::Sha512::digest(&text))
}

fn sorts() -> u64 {
    let mut random = Random(15);
    let mut numbers: Vec<u64> = (0..60_000).map(|_| random.next()).collect();
    let mut floats: Vec<f64> = numbers.iter().map(|&n| n as f64 / 3.0).collect();
    numbers.sort();
    floats.sort_by(f64::total_cmp);
    numbers.dedup_by_key(|n| *n >> 50);
    numbers.iter().fold(0, |sum, n| sum ^ n) ^ floats[100].to_bits()
}

fn strings() -> u64 {
    let text = Random(16).text(120_000);
    let upper: String = text.chars().rev().flat_map(char::to_uppercase).collect();
    let lines: Vec<&str> =
        upper.lines().filter(|line| line.contains("HOOK") || line.ends_with('B')).collect();
    sum(lines.join("-").replace("THE", "a").into_bytes())
        ^ format!("{:?}", &lines[..3]).len() as u64
}

fn life() -> u64 {
    let (width, height) = (96usize, 64usize);
    let mut random = Random(17);
    let mut cells = fixedbitset::FixedBitSet::with_capacity(width * height);
    (0..width * height).for_each(|n| cells.set(n, random.next() % 3 == 0));
    for _ in 0..30 {
        let mut next = cells.clone();
        for y in 0..height {
            for x in 0..width {
                let mut near = 0;
                for (dy, dx) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)] {
                    let (y, x) = ((y + dy + height - 1) % height, (x + dx + width - 1) % width);
                    near += usize::from(cells[y * width + x]);
                }
                next.set(y * width + x, near == 3 || near == 2 && cells[y * width + x]);
            }
        }
        cells = next;
    }
    cells.count_ones(..) as u64
}
