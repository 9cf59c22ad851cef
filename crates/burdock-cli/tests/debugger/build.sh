#!/bin/sh
# Compiles the programs that tests of debuggers run. Needs clang and lld 22, npm, a JRE, and Rust's
# target wasm32-wasip1.
set -eu
cd "$(dirname "$0")"
for level in 0 2; do
    clang-22 --target=wasm32 -g -O$level -nostdlib -fdebug-compilation-dir=. \
        -ffile-compilation-dir=. -Wl,--global-base=65536 -Wl,--export-memory \
        -Wl,--export=_start -o shapes-O$level.wasm shapes.c
done
clang-22 --target=wasm32 -g -O2 -nostdlib -fdebug-compilation-dir=. -ffile-compilation-dir=. \
    -Wl,--global-base=65536 -Wl,--export-memory -Wl,--export=_start -o weights-O2.wasm weights.c
for module in rates bill; do
    clang-22 --target=wasm32 -g -O0 -nostdlib -fdebug-compilation-dir=. \
        -ffile-compilation-dir=. -Wl,--global-base=65536 -Wl,--export-memory -Wl,--no-entry \
        -Wl,--export-if-defined=_start -o $module.wasm $module.c
done
for level in 0 2; do
    rustc --edition 2024 --target wasm32-wasip1 -g -C opt-level=$level -C panic=abort \
        -C debug-assertions=off --crate-type cdylib --remap-path-prefix "$PWD=." \
        -o words-O$level.wasm words.rs
done
# Kotlin's compiler, of npm, needs a JRE (Debian's package openjdk-17-jre-headless).
kotlin=$(mktemp -d)
trap 'rm -r "$kotlin"' EXIT
npm install --silent --prefix "$kotlin" kotlin-compiler@2.4.20
library=$kotlin/node_modules/kotlin-compiler/lib/kotlin-stdlib-wasm-wasi.klib
kotlinc() {
    bash "$kotlin/node_modules/kotlin-compiler/bin/kotlinc-wasm" -Xwasm-target=wasm-wasi \
        -libraries "$library" -ir-output-name ledger "$@"
}
kotlinc -ir-output-dir "$kotlin/library" ledger.kt
kotlinc -Xir-produce-js -Xir-dce -Xwasm-use-new-exception-proposal -Xwasm-generate-dwarf \
    -Xwasm-debug-friendly -Xinclude="$kotlin/library/ledger.klib" -ir-output-dir "$kotlin/module"
cp "$kotlin/module/ledger.wasm" .
npx --package assemblyscript@0.28.20 asc sum.ts -o sum.wasm --sourceMap --debug --runtime stub
ls -l ./*.wasm
