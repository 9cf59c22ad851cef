//! fast_image_resize resizes pictures of several types of pixels with kernels in SIMD.

use common::{Checksum, Random};
use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// The types of pixels with the filters to apply, and the new size.
const CASES: &[(PixelType, FilterType, u32, u32)] = &[
    (PixelType::U8x4, FilterType::Lanczos3, 400, 300),
    (PixelType::U8x3, FilterType::CatmullRom, 1000, 640),
    (PixelType::U8, FilterType::Bilinear, 160, 480),
    (PixelType::U16x3, FilterType::Mitchell, 240, 180),
    (PixelType::F32, FilterType::Hamming, 300, 200),
];

fn main() {
    let mut random = Random::new(8);
    let mut sum = Checksum::default();
    let mut resizer = Resizer::new();
    for &(pixels, filter, width, height) in CASES {
        let source = picture(&mut random, pixels, 1280, 800);
        let mut resized = Image::new(width, height, pixels);
        let algorithm = ResizeAlg::Convolution(filter);
        let options = ResizeOptions::new().resize_alg(algorithm).use_alpha(false);
        resizer.resize(&source, &mut resized, &options).expect("the types are the same");
        sum.add(resized.buffer());
    }
    sum.print();
}

/// Returns a picture whose rows are parts of the same noise.
fn picture(random: &mut Random, pixels: PixelType, width: u32, height: u32) -> Image<'static> {
    let mut image = Image::new(width, height, pixels);
    let row = image.buffer().len() / height as usize;
    let mut words = || match pixels {
        PixelType::F32 => random.fraction().to_le_bytes(),
        _ => (random.number() as u32).to_le_bytes(),
    };
    let noise: Vec<u8> = (0..row / 2).flat_map(|_| words()).collect();
    for (n, bytes) in image.buffer_mut().chunks_mut(row).enumerate() {
        let begin = n * 28 % row;
        bytes.copy_from_slice(&noise[begin..begin + row]);
    }
    image
}
