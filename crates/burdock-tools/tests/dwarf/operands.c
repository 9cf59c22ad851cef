// Variables that an optimizing compiler keeps on WebAssembly's operand stack, for tests of debug
// information; build.sh compiles it.
int total = 5;

__attribute__((noinline)) int show(int value) {
  total += value;
  return total;
}

__attribute__((noinline)) int look(int n) {
  int tripled = n * 3;
  double half = n * 0.5;
  int shown = show(tripled);
  return shown + (int)(half * n);
}

int run(void) { return look(total); }
