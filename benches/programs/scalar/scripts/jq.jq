# Orders with their customers: the sums of each city, the best customers, and all texts as words.
def total: .items | map(.price * .count) | add;

def words: [.orders[].note | split(" ")[] | select(length > 3) | ascii_downcase]
  | group_by(.) | map({word: .[0], count: length}) | sort_by(-.count, .word) | .[:20];

def cities: reduce .orders[] as $order ({}; .[$order.city] += ($order | total))
  | to_entries | sort_by(.key) | map("\(.key): \(.value | floor)");

def customers: .orders | group_by(.customer)
  | map({name: .[0].customer, orders: length, best: (map(total) | max)})
  | map(select(.orders > 2)) | sort_by(.best) | reverse | .[:10];

def primes($n): [range(2; $n)] | map(select(. as $k
  | all(range(2; $k) | select(. * . <= $k); $k % . != 0))) | length;

{words: words, cities: cities, customers: customers, primes: primes(120),
 deep: [paths(type == "number")] | length}
