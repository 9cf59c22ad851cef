//! Programs that make pictures and sounds, and change them.

use crate::Program;
use crate::input::{Random, mix, sum};

pub const PROGRAMS: &[Program] = &[
    ("blur", blur),
    ("canvas", canvas),
    ("cosines", cosines),
    ("filters", filters),
    ("julia", julia),
    ("noise", noise),
    ("rays", rays),
    ("resize", resize),
    ("triangles", triangles),
];

/// A box blur with running sums, and edges by Sobel, with plain indices.
fn blur() -> u64 {
    let (width, height) = (360usize, 240usize);
    let pixels = Random(90).picture(width, height);
    let gray: Vec<u8> = (0..width * height)
        .map(|n| {
            let [r, g, b] = [pixels[n * 3], pixels[n * 3 + 1], pixels[n * 3 + 2]].map(u32::from);
            ((r * 77 + g * 150 + b * 29) >> 8) as u8
        })
        .collect();
    let mut smooth = vec![0u8; gray.len()];
    for y in 0..height {
        let mut total = 0u32;
        for x in 0..width + 3 {
            total += if x < width { u32::from(gray[y * width + x]) } else { 0 };
            total -= if x >= 7 { u32::from(gray[y * width + x - 7]) } else { 0 };
            if x >= 3 {
                smooth[y * width + x - 3] = (total / 7) as u8;
            }
        }
    }
    let mut edges = vec![0u8; gray.len()];
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let at = |dy: usize, dx: usize| i32::from(smooth[(y + dy - 1) * width + x + dx - 1]);
            let across = at(0, 2) + 2 * at(1, 2) + at(2, 2) - at(0, 0) - 2 * at(1, 0) - at(2, 0);
            let down = at(2, 0) + 2 * at(2, 1) + at(2, 2) - at(0, 0) - 2 * at(0, 1) - at(0, 2);
            edges[y * width + x] = (across.abs() + down.abs()).min(255) as u8;
        }
    }
    sum(edges)
}

fn canvas() -> u64 {
    use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Stroke, Transform};
    let mut pixmap = Pixmap::new(160, 120).expect("a size");
    pixmap.fill(Color::WHITE);
    let mut random = Random(91);
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    for n in 0..24u8 {
        let mut coordinate = || random.below(150) as f32;
        let mut path = PathBuilder::new();
        path.move_to(coordinate(), coordinate());
        path.quad_to(coordinate(), coordinate(), coordinate(), coordinate());
        path.cubic_to(
            coordinate(),
            coordinate(),
            coordinate(),
            coordinate(),
            coordinate(),
            coordinate(),
        );
        path.close();
        let path = path.finish().expect("a path");
        paint.set_color_rgba8(n * 9, 255 - n * 7, n ^ 90, 120 + n);
        if n % 2 == 0 {
            pixmap.fill_path(&path, &paint, FillRule::EvenOdd, Transform::identity(), None);
        } else {
            let stroke = Stroke { width: 2.5, ..Stroke::default() };
            pixmap.stroke_path(&path, &paint, &stroke, Transform::from_rotate(5.0), None);
        }
    }
    sum(pixmap.take())
}

/// Cosine transforms of blocks of eight by eight, with whole numbers, there and back.
fn cosines() -> u64 {
    let (width, height) = (320usize, 240usize);
    let pixels = Random(92).picture(width, height);
    let table: Vec<i32> = (0..64)
        .map(|n| {
            let (wave, at) = (f64::from(n / 8), f64::from(n % 8));
            let scale = if n < 8 { 0.125f64.sqrt() } else { 0.5 };
            ((wave * (2.0 * at + 1.0) * std::f64::consts::PI / 16.0).cos() * scale * 4096.0) as i32
        })
        .collect();
    let pass = |input: &[i32; 64], forward: bool| {
        let mut output = [0; 64];
        for row in 0..8 {
            for wave in 0..8 {
                let mut total = 2048;
                for at in 0..8 {
                    let factor = table[if forward { wave * 8 + at } else { at * 8 + wave }];
                    total += input[row * 8 + at] * factor;
                }
                // The result lies on its side, so that two passes do rows and columns.
                output[wave * 8 + row] = total >> 12;
            }
        }
        output
    };
    let mut hash = 0;
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(8) {
            let block: [i32; 64] = std::array::from_fn(|n| {
                i32::from(pixels[((top + n / 8) * width + left + n % 8) * 3]) - 128
            });
            let waves = pass(&pass(&block, true), true).map(|value| value / 12 * 12);
            let back = pass(&pass(&waves, false), false);
            hash = mix([hash, back[9] as u64, back[54] as u64]);
        }
    }
    hash
}

/// Sounds of sixteen bits through filters in fixed point: many taps, feedback, an echo, µ-law.
fn filters() -> u64 {
    let mut random = Random(93);
    let sound: Vec<i16> = (0..50_000u32)
        .map(|n| (((n * n / 50) & 8191) as i32 - 4096 + random.below(600) as i32) as i16)
        .collect();
    let taps: Vec<i32> = (0..32).map(|n| 900 - (n - 16) * (n - 16) * 3).collect();
    let mut echo = vec![0i16; 1_500];
    let mut state = [0i32; 4];
    let mut output = Vec::with_capacity(sound.len());
    for n in taps.len()..sound.len() {
        let mut total = 0i32;
        for (tap, &factor) in taps.iter().enumerate() {
            total += i32::from(sound[n - tap]) * factor;
        }
        let value = total >> 15;
        let filtered = (value * 3000 + state[0] * 6000 + state[1] * 3000 + state[2] * 7000
            - state[3] * 2900)
            >> 14;
        state = [value, state[0], filtered, state[2]];
        let place = n % echo.len();
        let mixed = (filtered + i32::from(echo[place]) / 2).clamp(-32768, 32767) as i16;
        echo[place] = mixed;
        let size = (u32::from(mixed.unsigned_abs()) + 132).min(32_767);
        let exponent = 31 - size.leading_zeros() - 7;
        let code = exponent << 4 | size >> (exponent + 3) & 15;
        output.push(!(code as u8 | if mixed < 0 { 128 } else { 0 }));
    }
    sum(output)
}

/// The set of Julia for a cubic, in `f64` and with colors.
fn julia() -> u64 {
    let mut image = Vec::new();
    for y in 0..80 {
        for x in 0..110 {
            let (mut re, mut im) = (f64::from(x) / 40.0 - 1.4, f64::from(y) / 32.0 - 1.25);
            let mut steps = 0u8;
            while re * re + im * im < 16.0 && steps < 60 {
                let (a, b) = (re * re * re - 3.0 * re * im * im, 3.0 * re * re * im - im * im * im);
                (re, im) = (a - 0.4, b + 0.59);
                steps += 1;
            }
            let smooth = f64::from(steps) - (re * re + im * im).max(1.0).ln().ln().max(0.0);
            image.push((smooth * 4.0) as u8);
        }
    }
    sum(image)
}

/// Noise by Perlin, in five octaves.
fn noise() -> u64 {
    let mut random = Random(94);
    let mut table: Vec<usize> = (0..256).collect();
    (1..256).for_each(|n| table.swap(n, random.below(n + 1)));
    let slope = |hash: usize, x: f32, y: f32| match hash & 7 {
        0 => x + y,
        1 => x - y,
        2 => y - x,
        3 => -x - y,
        4 => x * 1.4,
        5 => x * -1.4,
        6 => y * 1.4,
        _ => y * -1.4,
    };
    let value = |x: f32, y: f32| {
        let (column, row) = (x.floor(), y.floor());
        let (dx, dy) = (x - column, y - row);
        let corner = |right: u8, down: u8| {
            let place = table[(column as usize + usize::from(right)) & 255];
            let hash = table[(place + row as usize + usize::from(down)) & 255];
            slope(hash, dx - f32::from(right), dy - f32::from(down))
        };
        let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        let between = |t: f32, a: f32, b: f32| a + fade(t) * (b - a);
        between(
            dy,
            between(dx, corner(0, 0), corner(1, 0)),
            between(dx, corner(0, 1), corner(1, 1)),
        )
    };
    let mut image = Vec::new();
    for y in 0..160u16 {
        for x in 0..200u16 {
            let (mut total, mut size, mut scale) = (0.0, 1.0, 0.03);
            for _ in 0..5 {
                total += value(f32::from(x) * scale, f32::from(y) * scale) * size;
                size *= 0.5;
                scale *= 2.1;
            }
            image.push((total * 90.0 + 128.0) as u8);
        }
    }
    sum(image)
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

/// Makes a picture larger with four points each way, by Catmull and Rom.
fn resize() -> u64 {
    let (width, height) = (90usize, 60usize);
    let pixels = Random(95).picture(width, height);
    let weights = |t: f32| {
        let (t2, t3) = (t * t, t * t * t);
        [-t3 + 2.0 * t2 - t, 3.0 * t3 - 5.0 * t2 + 2.0, -3.0 * t3 + 4.0 * t2 + t, t3 - t2]
    };
    let mut output = Vec::new();
    for y in 0..height * 7 / 4 {
        for x in 0..width * 7 / 4 {
            let (fx, fy) = (x as f32 / 1.75, y as f32 / 1.75);
            let (wx, wy) = (weights(fx.fract()), weights(fy.fract()));
            let mut totals = [0f32; 3];
            for (j, wy) in wy.iter().enumerate() {
                let row = (fy as usize + j).saturating_sub(1).min(height - 1);
                for (i, wx) in wx.iter().enumerate() {
                    let column = (fx as usize + i).saturating_sub(1).min(width - 1);
                    for (channel, total) in totals.iter_mut().enumerate() {
                        *total += f32::from(pixels[(row * width + column) * 3 + channel]) * wx * wy;
                    }
                }
            }
            output.extend(totals.map(|total| (total * 0.25 + 0.5) as u8));
        }
    }
    sum(output)
}

/// Triangles that are turned, projected and drawn with depths.
fn triangles() -> u64 {
    let (width, height) = (128i32, 96i32);
    let mut random = Random(96);
    let mut depths = vec![f32::MAX; (width * height) as usize];
    let mut colors = vec![0u32; depths.len()];
    for n in 0..500u32 {
        let (sin, cos) = (n as f32 * 0.1).sin_cos();
        let corners: [[f32; 3]; 3] = std::array::from_fn(|_| {
            let [x, y, z] = [0; 3].map(|_| random.unit() as f32 * 2.0 - 1.0);
            let (x, z) = (x * cos - z * sin, x * sin + z * cos + 3.0);
            [(x / z + 0.5) * width as f32, (y / z + 0.5) * height as f32, z]
        });
        let [a, b, c] = corners;
        let side = |p: [f32; 3], q: [f32; 3], x: f32, y: f32| {
            (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])
        };
        let area = side(a, b, c[0], c[1]);
        if area <= 0.0 {
            continue;
        }
        let range = |axis: usize, end: i32| {
            let values = corners.map(|corner| corner[axis] as i32);
            let [low, high] = [values.iter().min(), values.iter().max()].map(|v| *v.unwrap_or(&0));
            low.max(0)..(high + 1).min(end)
        };
        for y in range(1, height) {
            for x in range(0, width) {
                let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
                let [u, v, w] = [side(b, c, px, py), side(c, a, px, py), side(a, b, px, py)];
                let depth = (u * a[2] + v * b[2] + w * c[2]) / area;
                let at = (y * width + x) as usize;
                if u >= 0.0 && v >= 0.0 && w >= 0.0 && depth < depths[at] {
                    depths[at] = depth;
                    colors[at] = n << 16 | (u / area * 255.0) as u32;
                }
            }
        }
    }
    mix(colors.into_iter().map(u64::from))
}
