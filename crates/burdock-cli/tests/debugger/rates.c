/* A library for tests of debuggers, which bill.c imports; build.sh compiles it. */

int asked = 0;

__attribute__((export_name("rate"))) int rate(int amount) {
  asked = asked + 1;
  int percent = amount > 100 ? 20 : 10;
  return percent;
}
