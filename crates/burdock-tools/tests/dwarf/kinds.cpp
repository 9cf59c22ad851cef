// Variables of C++, for tests of debug information; build.sh compiles it.
#include <string>

namespace shop {
int sold = 3;

class Item {
 public:
  Item(int price) : price(price) {}
  virtual int cost() const { return price; }
  static int made;

 protected:
  int price;
};
int Item::made = 1;

class Book : public Item {
 public:
  Book(int price, const char *title) : Item(price), title(title) {}
  std::string title;
};

template <typename T> struct Pair { T first, second; };
enum class Size : unsigned char { Small = 1, Large };
}  // namespace shop

__attribute__((noinline)) int look(const shop::Book &book, shop::Pair<short> *pair) {
  std::string shortened = book.title.substr(0, 5);
  std::string empty;
  shop::Size size = shop::Size::Large;
  auto &alias = pair->second;
  int total = book.cost() + (int)shortened.size() + alias + shop::sold;
  return total;
}

extern "C" int run() {
  shop::Book book(12, "Interpreters, and how they are built");
  shop::Pair<short> pair = { -1, 2 };
  return look(book, &pair);
}
