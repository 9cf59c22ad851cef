#!/bin/sh
# Debian or Ubuntu: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32
set -eu
cd "$(dirname "$0")"
clang --target=wasm32-wasi -O2 -Wall -Wextra -z stack-size=1048576 -Wl,--strip-debug \
    lisp.c -o lisp.wasm
