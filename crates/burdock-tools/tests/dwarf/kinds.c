/* Variables of all kinds, for tests of debug information; build.sh compiles it. */

typedef unsigned char Byte;
enum Color { RED, GREEN = 5, BLUE = -1 };
struct Node { int value; struct Node *next; };
typedef struct { Byte red, green; enum Color name; } Paint;
union Number { int whole; float real; unsigned char bytes[4]; };
struct Flags { unsigned ready : 1; int level : 4; unsigned rest : 27; };
struct Outer { int kind; union { int as_int; float as_float; }; struct { short x, y; } at; };
struct Hidden;

static int counter = 40;
const char *const title = "a \"title\"\n";
volatile double ratio = 0.25;

__attribute__((noinline)) static int look(int x) {
  counter += x;
  return counter;
}

__attribute__((noinline)) int kinds(int first, struct Node *list, struct Outer outer) {
  char letter = 'x';
  signed char small = -5;
  unsigned short port = 65535;
  long long big = -1234567890123LL;
  unsigned long long huge = 0xfedcba9876543210ULL;
  _Bool yes = 1;
  float half = 0.5f;
  double third = 1.0 / 3.0;
  enum Color color = GREEN;
  enum Color minus = BLUE;
  enum Color none = (enum Color)7;
  const char *name = "burdock";
  char buffer[16] = "text";
  int numbers[5] = { 1, 2, 3, 4, 5 };
  int grid[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
  Paint paint = { 200, 7, RED };
  union Number number = { 0x3f800000 };
  struct Flags flags = { 1, -3, 12345 };
  int (*function)(int) = look;
  void *nothing = 0;
  struct Hidden *hidden = (struct Hidden *)buffer;
  const volatile int *watched = &numbers[2];
  int longer[40] = { 9 };
  {
    int first = 77; /* hides the parameter */
    counter += first;
  }
  return look(letter + small + port + yes + color + minus + none + numbers[4] + grid[1][2]
      + paint.red + number.whole + flags.level + longer[0] + first + (int)(half + third)
      + (int)big + (int)huge + *watched + (function != 0) + (nothing == hidden) + name[0]
      + list->value + outer.kind);
}

int run(void) {
  struct Node second = { 2, 0 };
  struct Node head = { 1, &second };
  struct Outer outer = { 3, { .as_int = 4 }, { 5, 6 } };
  return kinds(10, &head, outer);
}

/* Inlined and optimized at -O2: its variables are in locals and on the operand stack. */
static inline int square(int side) {
  int result = side * side;
  return result;
}

int sum(int n) {
  int total = 0;
  for (int i = 1; i <= n; i++)
    total += square(i) ^ look(i);
  return total;
}
