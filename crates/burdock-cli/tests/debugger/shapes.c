/* A program for tests of debuggers; build.sh compiles it. */

typedef struct { const char *bytes; unsigned len; } Piece;

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write")))
int fd_write(int fd, const Piece *pieces, unsigned count, unsigned *written);

typedef struct { int width, height; } Shape;

int total = 0;
volatile int released = 0;
volatile int ticks = 0;

static void print(const char *name, int value) {
  char text[32];
  int at = sizeof text;
  text[--at] = '\n';
  do {
    text[--at] = '0' + value % 10;
    value /= 10;
  } while (value > 0);
  text[--at] = '=';
  while (*name) {
    text[--at] = *name++;
  }
  Piece piece = { text + at, sizeof text - at };
  unsigned written;
  fd_write(1, &piece, 1, &written);
}

__attribute__((noinline)) int area(Shape shape) {
  int result = shape.width * shape.height;
  return result;
}

__attribute__((noinline)) int factorial(int n) {
  if (n <= 1)
    return 1;
  return n * factorial(n - 1);
}

__attribute__((noinline)) void add(Shape shape, double scale) {
  int one = area(shape);
  total = total + one;
  total = total + (int)scale;
}

void _start(void) {
  Shape small = { 2, 3 };
  Shape large = { 20, 30 };
  add(small, 1.5);
  add(large, 2.5);
  int product = factorial(5);
  print("t", total);
  print("p", product);
}

/* Runs until a debugger writes `released`. */
__attribute__((export_name("wait"))) int wait(void) {
  while (!released)
    ticks = ticks + 1;
  print("r", released);
  return released;
}

/* Traps for b = 0. */
__attribute__((export_name("divide"))) int divide(int a, int b) {
  int quotient = a / b;
  return quotient;
}
