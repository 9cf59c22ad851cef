#!/bin/sh
# Compiles the programs with variables of all kinds. Needs clang, lld and the libraries for
# WebAssembly of version 22 (Debian's packages clang-22, lld-22, wasi-libc, libc++-22-dev-wasm32 and
# libclang-rt-22-dev-wasm32), Rust with the target wasm32-wasip1, and Zig 0.17.
set -eu
cd "$(dirname "$0")"
paths="-fdebug-compilation-dir=. -ffile-compilation-dir=."
for level in 0 2; do
    clang-22 --target=wasm32 -O$level -g -nostdlib $paths -Wl,--export-memory -Wl,--no-entry \
        -Wl,--export=run -Wl,--export=sum -o kinds-O$level.wasm kinds.c
done
clang-22 --target=wasm32 -O2 -g -nostdlib $paths -Wl,--export-memory -Wl,--no-entry \
    -Wl,--export=run -o operands.wasm operands.c
for version in 4 5; do
    clang++-22 --target=wasm32 -O0 -std=c++20 -fno-exceptions -fno-rtti -gdwarf-$version \
        -fdebug-types-section -nostdlib $paths -Wl,--export-memory -Wl,--no-entry \
        -Wl,--export=run -o units-dwarf$version.wasm units.cpp
done

# The debug information of the libraries would be a hundred times that of the programs.
libraries=$(mktemp -d)
trap 'rm -r "$libraries"' EXIT
sysroot=$(rustc --print sysroot)
objcopy=$(find "$sysroot" -name rust-objcopy | head -n 1)
export LD_LIBRARY_PATH="$sysroot/lib"
for library in libc++ libc++abi libc; do
    find /usr/lib -path "*wasm32-wasi/$library.a" | head -n 1 | xargs -I{} cp {} "$libraries"
    "$objcopy" --strip-debug "$libraries/$library.a"
done
clang++-22 --target=wasm32-wasi -O0 -std=c++20 -fno-exceptions -fno-rtti -g -mexec-model=reactor \
    $paths -L"$libraries" -Wl,--export=run -o kinds-cpp.wasm kinds.cpp

mkdir -p "$libraries/lib/rustlib"
cp -r "$sysroot/lib/rustlib/wasm32-wasip1" "$libraries/lib/rustlib/"
for library in "$libraries"/lib/rustlib/wasm32-wasip1/lib/*.rlib; do
    mkdir "$library.d"
    (cd "$library.d" && ar x "$library" && chmod u+rw ./* && rm "$library" &&
        find . -name '*.o' -exec "$objcopy" --strip-debug {} \; && ar rcs "$library" ./*)
done
rustc --sysroot "$libraries" --edition 2024 --target wasm32-wasip1 -g -C opt-level=0 -C panic=abort \
    -C debug-assertions=off --crate-type cdylib --remap-path-prefix "$PWD=." -A dead_code \
    -o kinds-rust.wasm kinds.rs
# Zig writes the directory into the module.
mkdir -p /tmp/src
cp kinds.zig /tmp/src
(cd /tmp/src && zig build-exe kinds.zig -target wasm32-freestanding -fno-entry -rdynamic -O Debug \
    -fllvm -fno-compiler-rt -fno-ubsan-rt)
mv /tmp/src/kinds.wasm kinds-zig.wasm
ls -l ./*.wasm
