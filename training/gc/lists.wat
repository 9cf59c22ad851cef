;; Linked lists of structures: built, reversed, filtered, sorted by merging, again and again.
(module
  (rec
    (type $list (sub (struct)))
    (type $cons (sub final $list (struct (field $head i32) (field $tail (mut (ref null $list)))))))
  (func $numbers (param $n i32) (result (ref null $list))
    (local $list (ref null $list)) (local $x i32)
    (local.set $x (i32.const 12345))
    (loop $more
      (local.set $x
        (i32.add (i32.mul (local.get $x) (i32.const 1103515245)) (i32.const 12345)))
      (local.set $list
        (struct.new $cons (i32.shr_u (local.get $x) (i32.const 8)) (local.get $list)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $list))
  (func $reverse (param $list (ref null $list)) (result (ref null $list))
    (local $done (ref null $list)) (local $cell (ref $cons))
    (block $end
      (loop $more
        (local.set $cell
          (ref.cast (ref $cons) (br_on_null $end (local.get $list))))
        (local.set $list (struct.get $cons $tail (local.get $cell)))
        (local.set $done
          (struct.new $cons (struct.get $cons $head (local.get $cell)) (local.get $done)))
        (br $more)))
    (local.get $done))
  (func $reverse_in_place (param $list (ref null $list)) (result (ref null $list))
    (local $done (ref null $list)) (local $next (ref null $list)) (local $cell (ref null $cons))
    (block $end
      (loop $more
        (br_if $end (ref.is_null (local.get $list)))
        (local.set $cell (ref.cast (ref null $cons) (local.get $list)))
        (local.set $next (struct.get $cons $tail (local.get $cell)))
        (struct.set $cons $tail (local.get $cell) (local.get $done))
        (local.set $done (local.get $cell))
        (local.set $list (local.get $next))
        (br $more)))
    (local.get $done))
  (func $odd (param $list (ref null $list)) (result (ref null $list))
    (local $kept (ref null $list)) (local $head i32)
    (block $end
      (loop $more
        (br_if $end (ref.is_null (local.get $list)))
        (local.set $head (struct.get $cons $head (ref.cast (ref $cons) (local.get $list))))
        (if (i32.and (local.get $head) (i32.const 1))
          (then (local.set $kept (struct.new $cons (local.get $head) (local.get $kept)))))
        (local.set $list (struct.get $cons $tail (ref.cast (ref $cons) (local.get $list))))
        (br $more)))
    (local.get $kept))
  (func $length (param $list (ref null $list)) (result i32)
    (local $n i32)
    (block $end
      (loop $more
        (local.set $list
          (struct.get $cons $tail
            (ref.cast (ref $cons) (br_on_null $end (local.get $list)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $more)))
    (local.get $n))
  (func $merge (param $a (ref null $list)) (param $b (ref null $list)) (result (ref null $list))
    (local $first (ref $cons)) (local $last (ref $cons))
    (local $x (ref $cons)) (local $y (ref $cons))
    (local.set $first (struct.new $cons (i32.const 0) (ref.null $list)))
    (local.set $last (local.get $first))
    (block $end
      (loop $more
        (br_if $end (i32.or (ref.is_null (local.get $a)) (ref.is_null (local.get $b))))
        (local.set $x (ref.cast (ref $cons) (local.get $a)))
        (local.set $y (ref.cast (ref $cons) (local.get $b)))
        (if
          (i32.le_s
            (struct.get $cons $head (local.get $x)) (struct.get $cons $head (local.get $y)))
          (then
            (local.set $a (struct.get $cons $tail (local.get $x)))
            (struct.set $cons $tail (local.get $last) (local.get $x))
            (local.set $last (local.get $x)))
          (else
            (local.set $b (struct.get $cons $tail (local.get $y)))
            (struct.set $cons $tail (local.get $last) (local.get $y))
            (local.set $last (local.get $y))))
        (br $more)))
    (struct.set $cons $tail (local.get $last)
      (select (result (ref null $list))
        (local.get $b) (local.get $a) (ref.is_null (local.get $a))))
    (struct.get $cons $tail (local.get $first)))
  (func $sort (param $list (ref null $list)) (param $n i32) (result (ref null $list))
    (local $half i32) (local $at i32) (local $cut (ref null $list)) (local $rest (ref null $list))
    (if (i32.le_s (local.get $n) (i32.const 1)) (then (return (local.get $list))))
    (local.set $half (i32.shr_u (local.get $n) (i32.const 1)))
    (local.set $cut (local.get $list))
    (local.set $at (i32.const 1))
    (block $end
      (loop $more
        (br_if $end (i32.ge_s (local.get $at) (local.get $half)))
        (local.set $cut (struct.get $cons $tail (ref.cast (ref $cons) (local.get $cut))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $more)))
    (local.set $rest (struct.get $cons $tail (ref.cast (ref $cons) (local.get $cut))))
    (struct.set $cons $tail (ref.cast (ref $cons) (local.get $cut)) (ref.null $list))
    (call $merge
      (call $sort (local.get $list) (local.get $half))
      (call $sort (local.get $rest) (i32.sub (local.get $n) (local.get $half)))))
  (func $sum (param $list (ref null $list)) (result i32)
    (if (result i32) (ref.is_null (local.get $list))
      (then (i32.const 0))
      (else
        (i32.add
          (struct.get $cons $head (ref.cast (ref $cons) (local.get $list)))
          (i32.mul (i32.const 31)
            (call $sum (struct.get $cons $tail (ref.cast (ref $cons) (local.get $list)))))))))
  (func (export "run") (result i32)
    (local $round i32) (local $list (ref null $list)) (local $sum i32)
    (local.set $round (i32.const 300))
    (loop $more
      (local.set $list (call $numbers (i32.add (i32.const 500) (local.get $round))))
      (local.set $list (call $reverse_in_place (call $reverse (local.get $list))))
      (local.set $list (call $sort (local.get $list) (call $length (local.get $list))))
      (local.set $list (call $odd (local.get $list)))
      (local.set $sum (i32.add (local.get $sum) (call $sum (local.get $list))))
      (br_if $more (local.tee $round (i32.sub (local.get $round) (i32.const 1)))))
    (local.get $sum)))
