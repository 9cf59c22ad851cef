#!/bin/sh
# Needs a Java runtime (Debian or Ubuntu: apt-get install default-jre-headless) and npm.
set -eu
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --silent --no-save --prefix "$dir" kotlin-compiler@2.4.20
kotlin="$dir/node_modules/kotlin-compiler"
compile() {
    bash "$kotlin/bin/kotlinc-wasm" -Xwasm-target=wasm-wasi -ir-output-name calc \
        -libraries "$kotlin/lib/kotlin-stdlib-wasm-wasi.klib" "$@"
}
compile -ir-output-dir "$dir/library" calc.kt
compile -ir-output-dir "$dir/program" -Xinclude="$dir/library/calc.klib" -Xir-dce
cp "$dir/program/calc.wasm" calc.wasm
