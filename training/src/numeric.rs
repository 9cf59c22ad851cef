//! Programs that compute with numbers.

use crate::Program;
use crate::input::{Random, mix, sum};

pub const PROGRAMS: &[Program] = &[
    ("bigint", bigint),
    ("bits", bits),
    ("cloth", cloth),
    ("eigen", eigen),
    ("fft", fft),
    ("fluid", fluid),
    ("gradient", gradient),
    ("kmeans", kmeans),
    ("matrix", matrix),
    ("neural", neural),
    ("options", options),
    ("primes", primes),
    ("quantized", quantized),
    ("simplex", simplex),
    ("vectors", vectors),
];

fn bigint() -> u64 {
    let mut a = num_bigint::BigUint::from(1u32);
    for n in 1..900u32 {
        a *= n;
    }
    sum(a.to_string().bytes())
}

fn bits() -> u64 {
    let mut random = Random(80);
    let mut hash = 0u64;
    for n in 0..200_000u64 {
        let x = random.next();
        let morton = (0..4).fold(0, |code, bit| code | (x >> bit & 1) << (2 * bit));
        let reversed = ((x & 0x5555555555555555) << 1) | (x >> 1 & 0x5555555555555555);
        let gray = n ^ n >> 1;
        hash = hash.rotate_left(x as u32 & 31)
            ^ morton
            ^ reversed.swap_bytes()
            ^ u64::from(x.count_ones() + gray.leading_zeros() * (x | 1 << 40).trailing_zeros());
        let byte = (x as u8).reverse_bits() as i8;
        hash = hash.wrapping_add(i64::from(byte) as u64).wrapping_mul(u64::from(x as u32 | 1));
    }
    hash
}

/// A cloth of springs that falls, with plain indices.
fn cloth() -> u64 {
    const SIZE: usize = 24;
    let mut place = vec![[0f32; 3]; SIZE * SIZE];
    for (n, place) in place.iter_mut().enumerate() {
        *place = [(n % SIZE) as f32, 0.0, (n / SIZE) as f32];
    }
    let mut before = place.clone();
    for _ in 0..120 {
        for n in SIZE..place.len() {
            let old = place[n];
            for axis in 0..3 {
                place[n][axis] += (place[n][axis] - before[n][axis]) * 0.99;
            }
            place[n][1] -= 0.01;
            before[n] = old;
        }
        for n in 0..place.len() {
            for (other, inside) in
                [(n + 1, n % SIZE + 1 < SIZE), (n + SIZE, n + SIZE < place.len())]
            {
                if !inside {
                    continue;
                }
                let apart: [f32; 3] =
                    std::array::from_fn(|axis| place[other][axis] - place[n][axis]);
                let length =
                    (apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2]).sqrt();
                let pull = (length - 1.0) / length * 0.5;
                for axis in 0..3 {
                    place[n][axis] += if n < SIZE { 0.0 } else { apart[axis] * pull };
                    place[other][axis] -= if other < SIZE { 0.0 } else { apart[axis] * pull };
                }
            }
        }
    }
    mix(place.as_flattened().iter().map(|x| u64::from(x.to_bits())))
}

fn eigen() -> u64 {
    use nalgebra::DMatrix;
    let mut random = Random(81);
    let a = DMatrix::<f32>::from_fn(64, 64, |_, _| random.unit() as f32);
    let values = (&a + a.transpose()).symmetric_eigen().eigenvalues;
    let qr = a.qr();
    mix(values.iter().chain(qr.r().iter()).map(|value| u64::from(value.to_bits())))
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

/// A fluid on a lattice, by Boltzmann's equation in two dimensions with nine directions.
fn fluid() -> u64 {
    const WIDTH: usize = 48;
    const HEIGHT: usize = 32;
    const WEIGHTS: [f64; 9] = [16., 4., 4., 4., 4., 1., 1., 1., 1.];
    const STEPS: [(i32, i32); 9] =
        [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)];
    let mut now = vec![[0f64; 9]; WIDTH * HEIGHT];
    let mut next = now.clone();
    for (n, cell) in now.iter_mut().enumerate() {
        *cell = WEIGHTS.map(|weight| weight / 36.0 * (1.0 + (n % 13) as f64 / 100.0));
    }
    for _ in 0..25 {
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let cell = now[y * WIDTH + x];
                let density: f64 = cell.iter().sum();
                let speed = |axis: fn(&(i32, i32)) -> i32| {
                    let parts =
                        STEPS.iter().zip(&cell).map(|(step, part)| f64::from(axis(step)) * part);
                    parts.sum::<f64>() / density
                };
                let (u, v) = (speed(|step| step.0) + 0.001, speed(|step| step.1));
                for n in 0..9 {
                    let (dx, dy) = STEPS[n];
                    let along = 3.0 * (f64::from(dx) * u + f64::from(dy) * v);
                    let rest = 1.0 + along + along * along * 0.5 - 1.5 * (u * u + v * v);
                    let value = cell[n] + (WEIGHTS[n] / 36.0 * density * rest - cell[n]) * 0.8;
                    let tx = (x as i32 + dx).rem_euclid(WIDTH as i32) as usize;
                    let ty = (y as i32 + dy).rem_euclid(HEIGHT as i32) as usize;
                    next[ty * WIDTH + tx][n] = value;
                }
            }
        }
        std::mem::swap(&mut now, &mut next);
    }
    mix(now.as_flattened().iter().map(|value| value.to_bits()))
}

/// Poisson's equation as a sparse matrix of rows, by conjugate gradients.
fn gradient() -> u64 {
    const SIZE: usize = 40;
    let (mut starts, mut columns, mut values) = (vec![0usize], Vec::new(), Vec::new());
    for cell in 0..SIZE * SIZE {
        let (x, y) = (cell % SIZE, cell / SIZE);
        let mut entry = |inside: bool, column: usize, value: f64| {
            if inside {
                columns.push(column as u32);
                values.push(value);
            }
        };
        entry(y > 0, cell.wrapping_sub(SIZE), -1.0);
        entry(x > 0, cell.wrapping_sub(1), -1.0);
        entry(true, cell, 4.0);
        entry(x + 1 < SIZE, cell + 1, -1.0);
        entry(y + 1 < SIZE, cell + SIZE, -1.0);
        starts.push(columns.len());
    }
    let product = |x: &[f64]| -> Vec<f64> {
        let row =
            |n: usize| (starts[n]..starts[n + 1]).map(|k| values[k] * x[columns[k] as usize]).sum();
        (0..x.len()).map(row).collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut solution = vec![0.0; SIZE * SIZE];
    let mut residual: Vec<f64> = (0..SIZE * SIZE).map(|n| (n % 7) as f64 - 3.0).collect();
    let mut direction = residual.clone();
    let mut norm = dot(&residual, &residual);
    for _ in 0..60 {
        let image = product(&direction);
        let step = norm / dot(&direction, &image);
        for n in 0..solution.len() {
            solution[n] += step * direction[n];
            residual[n] -= step * image[n];
        }
        let (old, new) = (norm, dot(&residual, &residual));
        norm = new;
        for n in 0..direction.len() {
            direction[n] = residual[n] + norm / old * direction[n];
        }
    }
    mix(solution.into_iter().map(f64::to_bits))
}

fn kmeans() -> u64 {
    const CENTERS: usize = 12;
    let mut random = Random(82);
    let points: Vec<[f64; 4]> = (0..2_500).map(|_| [0; 4].map(|_| random.unit())).collect();
    let mut centers: Vec<[f64; 4]> = points[..CENTERS].to_vec();
    let mut nearest = vec![0; points.len()];
    for _ in 0..12 {
        let mut sums = [[0.0; 5]; CENTERS];
        for (n, point) in points.iter().enumerate() {
            let distance = |center: &[f64; 4]| {
                point.iter().zip(center).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
            };
            let mut best = f64::MAX;
            for (k, center) in centers.iter().enumerate() {
                let distance = distance(center);
                if distance < best {
                    best = distance;
                    nearest[n] = k;
                }
            }
            let total = &mut sums[nearest[n]];
            (0..4).for_each(|axis| total[axis] += point[axis]);
            total[4] += 1.0;
        }
        for (center, total) in centers.iter_mut().zip(&sums) {
            *center = std::array::from_fn(|axis| total[axis] / total[4].max(1.0));
        }
    }
    mix(centers.as_flattened().iter().map(|value| value.to_bits()))
}

fn matrix() -> u64 {
    let a = nalgebra::DMatrix::<f64>::from_fn(70, 70, |r, c| {
        ((r * 7 + c * 3) % 11) as f64 + if r == c { 20.0 } else { 0.0 }
    });
    let inverse = a.clone().try_inverse().expect("dominant diagonal");
    let product = &a * &inverse * &a;
    product.iter().fold(0, |sum, value| sum ^ value.to_bits())
}

/// A network of two layers that learns where a point is in a circle.
fn neural() -> u64 {
    const WIDTH: usize = 24;
    let mut random = Random(83);
    let mut weight = || random.unit() as f32 - 0.5;
    let mut first: Vec<[f32; 3]> = (0..WIDTH).map(|_| [0; 3].map(|_| weight())).collect();
    let mut second: Vec<f32> = (0..=WIDTH).map(|_| weight()).collect();
    let mut hidden = [1f32; WIDTH + 1];
    for _ in 0..12_000 {
        let input = [weight() * 2.0, weight() * 2.0, 1.0];
        for n in 0..WIDTH {
            let value = input[0] * first[n][0] + input[1] * first[n][1] + first[n][2];
            hidden[n] = if value > 0.0 { value } else { value * 0.1 };
        }
        let output: f32 = hidden.iter().zip(&second).map(|(h, w)| h * w).sum();
        let wanted = if input[0] * input[0] + input[1] * input[1] < 0.5 { 1.0 } else { -1.0 };
        let error = (wanted - output / (1.0 + output.abs())) * 0.02;
        for n in 0..WIDTH {
            let slope = error * second[n] * if hidden[n] > 0.0 { 1.0 } else { 0.1 };
            (0..3).for_each(|k| first[n][k] += slope * input[k]);
        }
        (0..=WIDTH).for_each(|n| second[n] += error * hidden[n]);
    }
    mix(second.into_iter().map(|weight| u64::from(weight.to_bits())))
}

/// The price of options, by a tree and by random walks.
fn options() -> u64 {
    let mut random = Random(84);
    let mut hash = 0;
    for strike in [90.0, 100.0, 110.0] {
        let (up, rate) = (1.01f64, 1.0001);
        let chance = (rate - 1.0 / up) / (up - 1.0 / up);
        let mut values: Vec<f64> =
            (0..=400).map(|n| (strike - 100.0 * up.powi(2 * n - 400)).max(0.0)).collect();
        for step in (0..400).rev() {
            for n in 0..=step {
                let wait = (values[n + 1] * chance + values[n] * (1.0 - chance)) / rate;
                let price = 100.0 * up.powi(2 * n as i32 - step as i32);
                values[n] = wait.max(strike - price);
            }
        }
        let mut total = 0.0;
        for _ in 0..8_000 {
            // A normal number from two even ones, by Box and Muller.
            let [a, b] = [0, 1].map(|_| random.unit().max(1e-9));
            let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
            total += (strike - 100.0 * (0.2 * normal - 0.02).exp()).max(0.0);
        }
        hash = mix([hash, values[0].to_bits(), total.to_bits()]);
    }
    hash
}

/// Primes of 64 bits by Miller and Rabin, and factors by Pollard.
fn primes() -> u64 {
    fn times(a: u64, b: u64, modulus: u64) -> u64 {
        (u128::from(a) * u128::from(b) % u128::from(modulus)) as u64
    }
    fn power(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
        let mut result = 1;
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = times(result, base, modulus);
            }
            base = times(base, base, modulus);
            exponent >>= 1;
        }
        result
    }
    fn is_prime(n: u64) -> bool {
        let odd = (n - 1) >> (n - 1).trailing_zeros();
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|&witness| {
            let mut x = power(witness, odd, n);
            let mut exponent = odd;
            while exponent != n - 1 && x != 1 && x != n - 1 {
                x = times(x, x, n);
                exponent *= 2;
            }
            x == n - 1 || exponent == odd && x == 1
        })
    }
    fn gcd(a: u64, b: u64) -> u64 {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    fn factor(n: u64) -> u64 {
        let step = |x: u64| (x * x + 1) % n;
        let (mut slow, mut fast, mut found) = (2, 2, 1);
        while found == 1 {
            slow = step(slow);
            fast = step(step(fast));
            found = gcd(slow.abs_diff(fast), n);
        }
        found
    }
    let mut random = Random(85);
    let mut hash = 0;
    let start = random.next() | 1 << 63 | 1;
    let large =
        (0..60).map(|n| start.saturating_add(n * 2)).filter(|&n| is_prime(n)).count() as u64;
    for _ in 0..60 {
        hash = mix([hash, factor(random.next() >> 34 | 1), large]);
    }
    hash
}

/// Two layers of a network with weights of eight bits, and a convolution with sums of sixteen.
fn quantized() -> u64 {
    let mut random = Random(86);
    let weights: Vec<i8> = random.bytes(96 * 128).into_iter().map(|byte| byte as i8).collect();
    let mut values: Vec<i8> = random.bytes(128).into_iter().map(|byte| byte as i8).collect();
    let mut hash = 0;
    for _ in 0..150 {
        let mut outputs = vec![0i8; 128];
        for row in 0..96 {
            let mut total = 0i32;
            for column in 0..128 {
                total += i32::from(weights[row * 128 + column]) * i32::from(values[column]);
            }
            outputs[row] = (total >> 9).clamp(-128, 127) as i8;
        }
        for n in 0..126 {
            let window = [values[n], values[n + 1], values[n + 2]].map(i16::from);
            let smooth = (window[0] + 2 * window[1] + window[2] + 2) >> 2;
            outputs[n] = outputs[n].wrapping_add(smooth as i8);
        }
        values = outputs;
        hash = mix([hash, values[5] as u64, values[90] as u64]);
    }
    hash
}

/// A linear program, by pivots in a table.
fn simplex() -> u64 {
    const ROWS: usize = 80;
    const COLUMNS: usize = 120;
    const WIDTH: usize = COLUMNS + ROWS + 1;
    let mut random = Random(87);
    let mut table = vec![0f64; (ROWS + 1) * WIDTH];
    for row in 0..ROWS {
        (0..COLUMNS).for_each(|column| table[row * WIDTH + column] = random.unit());
        table[row * WIDTH + COLUMNS + row] = 1.0;
        table[row * WIDTH + WIDTH - 1] = 10.0 + random.unit();
    }
    (0..COLUMNS).for_each(|column| table[ROWS * WIDTH + column] = -random.unit());
    for _ in 0..200 {
        let costs = &table[ROWS * WIDTH..(ROWS + 1) * WIDTH - 1];
        let Some(enter) = (0..WIDTH - 1).min_by(|&a, &b| costs[a].total_cmp(&costs[b])) else {
            break;
        };
        if costs[enter] > -1e-9 {
            break;
        }
        let ratio = |row: usize| table[row * WIDTH + WIDTH - 1] / table[row * WIDTH + enter];
        let rows = (0..ROWS).filter(|&row| table[row * WIDTH + enter] > 1e-9);
        let Some(leave) = rows.min_by(|&a, &b| ratio(a).total_cmp(&ratio(b))) else { break };
        let pivot = table[leave * WIDTH + enter];
        (0..WIDTH).for_each(|column| table[leave * WIDTH + column] /= pivot);
        for row in (0..=ROWS).filter(|&row| row != leave) {
            let factor = table[row * WIDTH + enter];
            for column in 0..WIDTH {
                table[row * WIDTH + column] -= factor * table[leave * WIDTH + column];
            }
        }
    }
    table[(ROWS + 1) * WIDTH - 1].to_bits()
}

/// Kernels that the compiler turns into vectors of 128 bits.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn kernels(rounds: usize) -> u64 {
    let mut random = Random(88);
    let bytes = random.bytes(4096);
    let mut floats: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let mut numbers: Vec<i32> = bytes.iter().map(|&byte| i32::from(byte) - 100).collect();
    let mut blend = bytes.clone();
    let mut total = 0u32;
    for round in 0..rounds {
        let factor = 0.9 + round as f32 / 1000.0;
        floats.iter_mut().for_each(|x| *x = (*x * factor + 0.25).min(1.5).sqrt());
        numbers.iter_mut().for_each(|n| *n = (*n).wrapping_mul(7).max(-5000) ^ (*n >> 3));
        for (out, &byte) in blend.iter_mut().zip(&bytes) {
            *out = (*out).saturating_add(byte >> 2).min(250) - (*out >> 3);
        }
        total = total.wrapping_add(blend.iter().map(|&byte| u32::from(byte)).sum());
    }
    mix([u64::from(total), u64::from(floats[77].to_bits()), numbers[99] as u64])
}

fn vectors() -> u64 {
    kernels(150)
}
