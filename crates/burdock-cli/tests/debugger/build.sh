#!/bin/sh
# Compiles the programs that tests of debuggers run. Needs clang and lld 22, npm, and Rust's target
# wasm32-wasip1.
set -eu
cd "$(dirname "$0")"
for level in 0 2; do
    clang-22 --target=wasm32 -g -O$level -nostdlib -fdebug-compilation-dir=. \
        -ffile-compilation-dir=. -Wl,--global-base=65536 -Wl,--export-memory \
        -Wl,--export=_start -o shapes-O$level.wasm shapes.c
done
clang-22 --target=wasm32 -g -O2 -nostdlib -fdebug-compilation-dir=. -ffile-compilation-dir=. \
    -Wl,--global-base=65536 -Wl,--export-memory -Wl,--export=_start -o weights-O2.wasm weights.c
for level in 0 2; do
    rustc --edition 2024 --target wasm32-wasip1 -g -C opt-level=$level -C panic=abort \
        -C debug-assertions=off --crate-type cdylib --remap-path-prefix "$PWD=." \
        -o words-O$level.wasm words.rs
done
npx --package assemblyscript@0.28.20 asc sum.ts -o sum.wasm --sourceMap --debug --runtime stub
ls -l ./*.wasm
