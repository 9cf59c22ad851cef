/* A program of two modules for tests of debuggers; build.sh compiles it. */

typedef struct { const char *bytes; unsigned len; } Piece;

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write")))
int fd_write(int fd, const Piece *pieces, unsigned count, unsigned *written);

__attribute__((import_module("rates"), import_name("rate"))) int rate(int amount);

int total = 0;

__attribute__((noinline)) void add(int amount) {
  int percent = rate(amount);
  total = total + amount * percent / 100;
}

void _start(void) {
  add(50);
  add(200);
  char text[3] = { '0' + total / 10, '0' + total % 10, '\n' };
  Piece piece = { text, 3 };
  unsigned written;
  fd_write(1, &piece, 1, &written);
}
