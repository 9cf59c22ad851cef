// A program for tests of source maps; build.sh compiles it.
function square(side: i32): i32 {
  const result = side * side;
  return result;
}

export function run(count: i32): i32 {
  let total = 0;
  for (let i = 1; i <= count; i++) {
    total += square(i);
  }
  return total;
}
