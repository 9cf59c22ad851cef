//! The kernels in Rust, for their expected results.

/// A kernel: name, size in a full run, size in a quick run, result for a size.
pub(crate) type Kernel = (&'static str, i32, i32, fn(i32) -> i64);

/// All kernels; the module is kernels/<name>.wat.
pub(crate) const KERNELS: &[Kernel] = &[
    ("fib", 30, 24, |n| i64::from(fib(n as u32))),
    ("matmul", 100, 48, matmul),
    ("sieve", 1_000_000, 200_000, sieve),
    ("mix", 1_000_000, 100_000, mix),
    ("copy", 100, 10, copy),
    ("indirect", 2_000_000, 200_000, indirect),
    ("scan", 40, 4, scan),
    ("nbody", 100_000, 10_000, nbody),
    ("machine", 2_000_000, 200_000, machine),
    ("mandel_float", 150, 48, mandel_float),
    ("mandel_int", 150, 48, mandel_int),
];

/// Kernels with objects and exceptions: name, size in a full run, size in a quick run. All have
/// the same result, [`gc_kernel`].
pub(crate) const GC_KERNELS: &[(&str, i32, i32)] = &[
    ("garbage", 2_000_000, 100_000),
    ("throw_one_call", 1_000_000, 50_000),
    ("return_one_call", 1_000_000, 50_000),
    ("throw_ten_calls", 200_000, 10_000),
    ("return_ten_calls", 200_000, 10_000),
];

/// Returns the sum of the numbers from 1 to n.
pub(crate) fn gc_kernel(n: i32) -> i64 {
    i64::from(n) * (i64::from(n) + 1) / 2
}

fn fib(n: u32) -> u32 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

fn matmul(n: i32) -> i64 {
    let mut total = 0.0;
    for i in 0..n {
        for j in 0..n {
            let products = (0..n).map(|k| (f64::from(i) + f64::from(k) * 0.5) * f64::from(k - j));
            total += products.fold(0.0, |sum, product| sum + product);
        }
    }
    total.to_bits() as i64
}

fn sieve(n: i32) -> i64 {
    let mut prime = vec![true; n as usize];
    let mut count = 0;
    for i in 2..n as usize {
        if prime[i] {
            count += 1;
            prime.iter_mut().skip(2 * i).step_by(i).for_each(|multiple| *multiple = false);
        }
    }
    count
}

fn mix(n: i32) -> i64 {
    let mut s = [
        0x6a09e667u32,
        0xbb67ae85,
        0x3c6ef372,
        0xa54ff53a,
        0x510e527f,
        0x9b05688c,
        0x1f83d9ab,
        0x5be0cd19,
    ];
    for i in 0..n as u32 {
        let [a, b, c, d, e, f, g, h] = s;
        let t1 = h
            .wrapping_add(e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
            .wrapping_add((e & f) ^ (!e & g))
            .wrapping_add(i.wrapping_add(0x428a2f98));
        let t2 = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22))
            .wrapping_add((a & b) ^ (a & c) ^ (b & c));
        s = [t1.wrapping_add(t2), a, b, c, d.wrapping_add(t1), e, f, g];
    }
    i64::from(s[0]) << 32 | i64::from(s[4])
}

fn copy(n: i32) -> i64 {
    // Each round trip adds two to every word of the lower half; the upper half is one behind.
    let there_and_back = 2 * i64::from(n);
    there_and_back + (there_and_back - 1)
}

fn indirect(n: i32) -> i64 {
    let mut x = 0u32;
    for i in 0..n as u32 {
        x = match i.wrapping_add(x >> 29) & 3 {
            0 => x.wrapping_add(0x9e3779b9),
            1 => x.wrapping_mul(0x85ebca6b),
            2 => x ^ (x >> 15),
            _ => x.rotate_left(7),
        };
    }
    i64::from(x)
}

/// Returns the next number of the kernels' pseudo-random generator.
fn next(x: u32) -> u32 {
    x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)
}

fn scan(n: i32) -> i64 {
    let mut x = 0u32;
    let letters = (0..65536).map(|_| {
        x = next(x);
        if x >> 29 < 1 { b' ' } else { b'a' + ((x >> 16) % 26) as u8 }
    });
    let text: Vec<u8> = letters.collect();
    let words = text.split(|letter| *letter == b' ').filter(|word| !word.is_empty()).count();
    let vowels = text.iter().filter(|letter| b"aeio".contains(letter)).count();
    (words as i64 * i64::from(n)) << 32 | (vowels as i64 * i64::from(n))
}

fn nbody(n: i32) -> i64 {
    let mut bodies = [[1.0f64, 0.0, 0.0, 0.5], [-1.0, 0.0, 0.0, -0.5], [0.0, 1.5, 0.25, 0.0]];
    for _ in 0..n {
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let (dx, dy) = (bodies[a][0] - bodies[b][0], bodies[a][1] - bodies[b][1]);
            let d2 = (dx * dx + dy * dy) + 0.01;
            let pull = 0.001 / (d2 * d2.sqrt());
            bodies[a][2] -= dx * pull;
            bodies[a][3] -= dy * pull;
            bodies[b][2] += dx * pull;
            bodies[b][3] += dy * pull;
        }
        for body in &mut bodies {
            body[0] += body[2] * 0.001;
            body[1] += body[3] * 0.001;
        }
    }
    (bodies[0][0].to_bits() ^ bodies[2][1].to_bits()) as i64
}

fn machine(n: i32) -> i64 {
    let (mut state, mut x, mut hits) = (0u32, 12345u32, 0u32);
    for _ in 0..n {
        x = next(x);
        let bit = x >> 31;
        state = match state {
            0 => bit,
            1 => 3 - bit,
            2 => {
                hits = hits.wrapping_add(1);
                bit * 4
            }
            3 => {
                hits ^= x;
                bit + 1
            }
            _ => {
                hits = hits.rotate_left(3);
                0
            }
        };
    }
    i64::from(hits) << 32 | i64::from(state)
}

fn mandel_float(n: i32) -> i64 {
    let step = 3.0 / f64::from(n);
    let point = |i: i32, j: i32| {
        let (cx, cy) = (f64::from(j) * step - 2.0, f64::from(i) * step - 1.5);
        let (mut x, mut y) = (0.0f64, 0.0f64);
        for i in 0..100 {
            let (x2, y2) = (x * x, y * y);
            if x2 + y2 > 4.0 {
                return i;
            }
            y = 2.0 * x * y + cy;
            x = x2 - y2 + cx;
        }
        100
    };
    (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| point(i, j)).sum()
}

fn mandel_int(n: i32) -> i64 {
    let step = 0x3000_0000 / i64::from(n);
    let point = |i: i32, j: i32| {
        let (cx, cy) = (i64::from(j) * step - 0x2000_0000, i64::from(i) * step - 0x1800_0000);
        let (mut x, mut y) = (0i64, 0i64);
        for i in 0..100 {
            let (x2, y2) = ((x * x) >> 28, (y * y) >> 28);
            if x2 + y2 > 0x4000_0000 {
                return i;
            }
            y = ((x * y) >> 27) + cy;
            x = x2 - y2 + cx;
        }
        100
    };
    (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| point(i, j)).sum()
}
