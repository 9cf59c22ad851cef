/* A program for tests of debuggers: calls that are inlined at -O2; build.sh compiles it. */

typedef struct { const char *bytes; unsigned len; } Piece;

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write")))
int fd_write(int fd, const Piece *pieces, unsigned count, unsigned *written);

volatile int heaviest = 0;
int values[4] = { 3, 1, 4, 1 };

static inline int weigh(int value, int weight) {
  int product = value * weight;
  if (product > heaviest)
    heaviest = product;
  return product;
}

__attribute__((noinline)) int mean(const int *values, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    int next = weigh(values[i], i + 1);
    sum += next;
  }
  return sum / count;
}

void _start(void) {
  int result = mean(values, 4);
  char text[2] = { '0' + result, '\n' };
  Piece piece = { text, 2 };
  unsigned written;
  fd_write(1, &piece, 1, &written);
}
