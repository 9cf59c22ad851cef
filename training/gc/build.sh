#!/bin/sh
# Compiles the programs in Kotlin and MoonBit. Needs a Java runtime (Debian or Ubuntu: apt-get
# install default-jre-headless), npm and Node.js.
set -eu
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --silent --no-save --prefix "$dir" kotlin-compiler@2.4.20 binaryen@132.0.0
kotlin="$dir/node_modules/kotlin-compiler"

# Compiles a program from its files.
kotlin() {
    name=$1
    shift
    compile() {
        bash "$kotlin/bin/kotlinc-wasm" -Xwasm-target=wasm-wasi -Xwasm-debug-info=false \
            -ir-output-name "$name" -libraries "$kotlin/lib/kotlin-stdlib-wasm-wasi.klib" "$@"
    }
    compile -ir-output-dir "$dir/library" "$@"
    compile -ir-output-dir "$dir" -Xinclude="$dir/library/$name.klib" -Xir-dce
}

# Optimizes a module for production: for a closed world, in several rounds, then for size.
optimize() {
    node "$dir/node_modules/binaryen/bin/wasm-opt" --enable-gc --enable-reference-types \
        --enable-exception-handling --enable-bulk-memory --enable-nontrapping-float-to-int \
        --closed-world --inline-functions-with-loops --traps-never-happen --fast-math --type-ssa \
        -O3 -O3 --gufa -O3 --type-merging -O3 -Oz "$dir/$1.wasm" -o "$1-opt.wasm"
}

kotlin numbers numbers.kt
kotlin records records.kt
kotlin script script.kt syntax.kt machine.kt
kotlin worlds worlds.kt collections.kt
for name in numbers records script worlds; do optimize "$name"; done
# The library's regular expressions make `records` too large to keep as it is.
for name in numbers script worlds; do cp "$dir/$name.wasm" "$name.wasm"; done

npm pack --silent --pack-destination "$dir" @moonbit/moonpad-monaco@0.1.202602255 >"$dir/name"
tar -xzf "$dir/$(cat "$dir/name")" -C "$dir"
for name in notes pages sheets; do
    node ../../examples/moonbit/build.cjs "$dir/package/dist" "$name.mbt" "$name.wasm"
done
