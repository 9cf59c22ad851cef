#!/bin/sh
# Needs npm and Node.js. The package has MoonBit's compiler and the sources of its library.
set -eu
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm pack --silent --pack-destination "$dir" @moonbit/moonpad-monaco@0.1.202602255 >"$dir/name"
tar -xzf "$dir/$(cat "$dir/name")" -C "$dir"
node build.cjs "$dir/package/dist" lambda.mbt lambda.wasm
