// Compiled with: clang --target=wasm32 -g -O0 -nostdlib -fdebug-compilation-dir=. -ffile-compilation-dir=.
//     -Wl,--no-entry -Wl,--export=gcd -Wl,--export=unused -o gcd.wasm gcd.c

int gcd(int a, int b) {
  while (b != 0) {
    int rest = a % b;
    a = b;
    b = rest;
  }
  if (a < 0)
    a = -a;
  return a;
}

int unused(void) {
  return 1;
}
