//! Variables of Rust, for tests of debug information; build.sh compiles it.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Gives out no memory: the values below are made of static memory.
struct Nothing;

unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Nothing = Nothing;

static mut NUMBERS: [u16; 3] = [10, 20, 30];
static mut POINT: Point = Point { x: -1, y: 0.5 };
static mut TEXT: [u8; 8] = *b"owned...";

pub struct Point {
    x: i32,
    y: f64,
}

pub struct Meters(u32);

pub struct Empty;

pub enum Shape {
    Dot,
    Circle(f32),
    Box { width: u16, height: u16 },
}

#[repr(u8)]
#[derive(Clone, Copy)]
pub enum Level {
    Low = 1,
    High = 9,
}

static LIMIT: u32 = 99;

#[inline(never)]
fn look(text: &str, points: &[Point], shape: &Shape, owner: &mut String) -> u32 {
    let length = text.len();
    let [_, point] = points else { return 0 };
    let some: Option<u32> = Some(7);
    let none: Option<u32> = None;
    let reference: Option<&u32> = Some(&LIMIT);
    let failed: Result<u8, Level> = Err(Level::High);
    let tuple = (1u8, -2i16, 'ß');
    let nested = Some(Meters(30));
    let level = Level::Low;
    let list: Vec<u16> = unsafe { Vec::from_raw_parts(&raw mut NUMBERS as *mut u16, 3, 3) };
    let boxed = unsafe { Box::from_raw(&raw mut POINT) };
    let array = [true, false];
    let unit = ();
    let empty = Empty;
    let circle = Shape::Circle(1.5);
    let wide: u128 = 1 << 100;
    let pointer: *const u32 = &LIMIT;
    let sum = (length + owner.len()) as u32 + point.x as u32 + some.unwrap_or(0) + none.unwrap_or(1);
    keep((&reference, &failed, &tuple, &nested, &level));
    keep((&list, &boxed, &array, &unit, &empty));
    keep((&circle, &wide, &pointer, shape));
    sum
}

#[inline(never)]
fn keep<T>(value: T) {
    core::hint::black_box(&value);
}

#[unsafe(no_mangle)]
pub extern "C" fn run() -> u32 {
    let points = [Point { x: 1, y: 2.5 }, Point { x: 3, y: 4.0 }];
    let shape = Shape::Box { width: 640, height: 480 };
    let mut owner = unsafe { String::from_raw_parts(&raw mut TEXT as *mut u8, 5, 8) };
    let dot = Shape::Dot;
    keep(&dot);
    look("grüße", &points, &shape, &mut owner)
}
