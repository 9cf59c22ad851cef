//! A program for tests of debuggers; build.sh compiles it.
#![no_std]
#![no_main]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_write(fd: i32, pieces: *const Piece, count: usize, len: *mut usize) -> i32;
}

#[repr(C)]
struct Piece {
    bytes: *const u8,
    len: usize,
}

struct Counter {
    letters: u32,
    words: u64,
}

static mut LAST: u32 = 0;

fn print(value: u32) {
    let text = [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8, b'\n'];
    let piece = Piece { bytes: text.as_ptr(), len: text.len() };
    let mut written = 0;
    unsafe { fd_write(1, &piece, 1, &mut written) };
}

#[inline(never)]
fn count(text: &[u8], counter: &mut Counter) {
    for byte in text {
        let letter = *byte;
        if letter == b' ' {
            counter.words += 1;
        } else {
            counter.letters += 1;
        }
    }
    unsafe { LAST = counter.letters };
}

#[unsafe(no_mangle)]
pub extern "C" fn run() -> u32 {
    let mut counter = Counter { letters: 0, words: 1 };
    let text = b"the quick fox";
    count(text, &mut counter);
    let sum = counter.letters + counter.words as u32;
    print(sum);
    sum
}
