// Types in units of their own (-fdebug-types-section), for tests of debug information; build.sh
// compiles it with DWARF 4, which has a section for them, and with DWARF 5.
namespace shop {
enum class Size : unsigned char { Small = 1, Large };

struct Price {
  int whole;
  unsigned short cents;
};

class Item {
 public:
  Item(int whole, Item *next) : price{whole, 50}, size(Size::Small), next(next) {}
  int cost() const { return price.whole * 100 + price.cents; }
  Price price;

 protected:
  Size size;
  Item *next;
};

class Book : public Item {
 public:
  struct Mark {
    short page;
    bool used;
  };
  Book(int whole, Item *next) : Item(whole, next), marks{{7, true}, {9, false}} { size = Size::Large; }
  Mark marks[2];
};

template <typename T> struct Pair { T first, second; };
}  // namespace shop

union Word {
  unsigned bits;
  float real;
};

Word last = {0x3f800000};

__attribute__((noinline)) int look(const shop::Book &book, shop::Pair<Word> *pair) {
  shop::Book::Mark mark = book.marks[1];
  shop::Price price = book.price;
  Word *word = &pair->second;
  last = *word;
  return book.cost() + mark.page + price.cents;
}

extern "C" int run() {
  shop::Item item(3, nullptr);
  shop::Book book(12, &item);
  shop::Pair<Word> pair = {{1}, {2}};
  return look(book, &pair);
}
