;; Texts as arrays of bytes: words are cut out of a text, counted in a table that grows, and sorted.
(module
  (type $text (array (mut i8)))
  (type $entry
    (struct
      (field $word (ref $text)) (field $hash i32) (field $count (mut i32))
      (field $next (ref null $entry))))
  (type $buckets (array (mut (ref null $entry))))
  (type $entries (array (mut (ref null $entry))))
  (type $table (struct (field $buckets (mut (ref $buckets))) (field $used (mut i32))))
  ;; Letters from a linear congruential generator, in words of 2 to 9.
  (func $make (param $length i32) (result (ref $text))
    (local $text (ref $text)) (local $at i32) (local $x i32) (local $word i32)
    (local.set $text (array.new $text (i32.const 32) (local.get $length)))
    (loop $more
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (if (local.get $word)
        (then
          (local.set $word (i32.sub (local.get $word) (i32.const 1)))
          (array.set $text (local.get $text) (local.get $at)
            (i32.add (i32.const 97)
              (i32.rem_u (i32.shr_u (local.get $x) (i32.const 20)) (i32.const 5)))))
        (else
          (local.set $word
            (i32.add (i32.const 2)
              (i32.and (i32.shr_u (local.get $x) (i32.const 28)) (i32.const 7))))))
      (br_if $more
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $length))))
    (local.get $text))
  (func $hash (param $text (ref $text)) (result i32)
    (local $at i32) (local $hash i32) (local $length i32)
    (local.set $hash (i32.const 0x811c9dc5))
    (local.set $length (array.len (local.get $text)))
    (block $end
      (loop $more
        (br_if $end (i32.ge_u (local.get $at) (local.get $length)))
        (local.set $hash
          (i32.mul
            (i32.xor (local.get $hash) (array.get_u $text (local.get $text) (local.get $at)))
            (i32.const 0x01000193)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $more)))
    (local.get $hash))
  (func $compare (param $a (ref $text)) (param $b (ref $text)) (result i32)
    (local $at i32) (local $x i32) (local $y i32) (local $length i32)
    (local.set $length (array.len (local.get $a)))
    (if (i32.gt_u (local.get $length) (array.len (local.get $b)))
      (then (local.set $length (array.len (local.get $b)))))
    (block $end
      (loop $more
        (br_if $end (i32.ge_u (local.get $at) (local.get $length)))
        (local.set $x (array.get_u $text (local.get $a) (local.get $at)))
        (local.set $y (array.get_u $text (local.get $b) (local.get $at)))
        (if (i32.ne (local.get $x) (local.get $y))
          (then (return (i32.sub (local.get $x) (local.get $y)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $more)))
    (i32.sub (array.len (local.get $a)) (array.len (local.get $b))))
  (func $slice (param $text (ref $text)) (param $from i32) (param $to i32) (result (ref $text))
    (local $word (ref $text))
    (local.set $word
      (array.new_default $text (i32.sub (local.get $to) (local.get $from))))
    (array.copy $text $text (local.get $word) (i32.const 0) (local.get $text) (local.get $from)
      (i32.sub (local.get $to) (local.get $from)))
    (local.get $word))
  (func $grow (param $table (ref $table))
    (local $old (ref $buckets)) (local $new (ref $buckets)) (local $at i32) (local $mask i32)
    (local $entry (ref null $entry)) (local $to i32)
    (local.set $old (struct.get $table $buckets (local.get $table)))
    (local.set $new
      (array.new_default $buckets (i32.shl (array.len (local.get $old)) (i32.const 1))))
    (local.set $mask (i32.sub (array.len (local.get $new)) (i32.const 1)))
    (loop $buckets
      (local.set $entry (array.get $buckets (local.get $old) (local.get $at)))
      (block $end
        (loop $entries
          (br_if $end (ref.is_null (local.get $entry)))
          (local.set $to (i32.and (struct.get $entry $hash (local.get $entry)) (local.get $mask)))
          (array.set $buckets (local.get $new) (local.get $to)
            (struct.new $entry
              (struct.get $entry $word (local.get $entry))
              (struct.get $entry $hash (local.get $entry))
              (struct.get $entry $count (local.get $entry))
              (array.get $buckets (local.get $new) (local.get $to))))
          (local.set $entry (struct.get $entry $next (local.get $entry)))
          (br $entries)))
      (br_if $buckets
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1)))
          (array.len (local.get $old)))))
    (struct.set $table $buckets (local.get $table) (local.get $new)))
  (func $count (param $table (ref $table)) (param $word (ref $text))
    (local $hash i32) (local $at i32)
    (local $entry (ref null $entry)) (local $buckets (ref $buckets))
    (local.set $hash (call $hash (local.get $word)))
    (local.set $buckets (struct.get $table $buckets (local.get $table)))
    (local.set $at
      (i32.and (local.get $hash) (i32.sub (array.len (local.get $buckets)) (i32.const 1))))
    (local.set $entry (array.get $buckets (local.get $buckets) (local.get $at)))
    (block $absent
      (loop $more
        (br_if $absent (ref.is_null (local.get $entry)))
        (if (i32.eq (struct.get $entry $hash (local.get $entry)) (local.get $hash))
          (then
            (if
              (i32.eqz
                (call $compare (struct.get $entry $word (local.get $entry)) (local.get $word)))
              (then
                (struct.set $entry $count (local.get $entry)
                  (i32.add (struct.get $entry $count (local.get $entry)) (i32.const 1)))
                (return)))))
        (local.set $entry (struct.get $entry $next (local.get $entry)))
        (br $more)))
    (array.set $buckets (local.get $buckets) (local.get $at)
      (struct.new $entry (local.get $word) (local.get $hash) (i32.const 1)
        (array.get $buckets (local.get $buckets) (local.get $at))))
    (struct.set $table $used (local.get $table)
      (i32.add (struct.get $table $used (local.get $table)) (i32.const 1)))
    (if
      (i32.gt_u (struct.get $table $used (local.get $table)) (array.len (local.get $buckets)))
      (then (call $grow (local.get $table)))))
  (func $all (param $table (ref $table)) (result (ref $entries))
    (local $all (ref $entries)) (local $at i32) (local $n i32) (local $entry (ref null $entry))
    (local.set $all (array.new_default $entries (struct.get $table $used (local.get $table))))
    (loop $buckets
      (local.set $entry
        (array.get $buckets (struct.get $table $buckets (local.get $table)) (local.get $at)))
      (block $end
        (loop $entries
          (br_if $end (ref.is_null (local.get $entry)))
          (array.set $entries (local.get $all) (local.get $n) (local.get $entry))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (local.set $entry (struct.get $entry $next (local.get $entry)))
          (br $entries)))
      (br_if $buckets
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1)))
          (array.len (struct.get $table $buckets (local.get $table))))))
    (local.get $all))
  (func $sort (param $all (ref $entries)) (param $low i32) (param $high i32)
    (local $i i32) (local $j i32) (local $pivot (ref $text)) (local $swap (ref null $entry))
    (if (i32.ge_s (local.get $low) (local.get $high)) (then (return)))
    (local.set $pivot
      (struct.get $entry $word
        (array.get $entries (local.get $all)
          (i32.shr_u (i32.add (local.get $low) (local.get $high)) (i32.const 1)))))
    (local.set $i (local.get $low))
    (local.set $j (local.get $high))
    (loop $parts
      (loop $up
        (if
          (i32.lt_s
            (call $compare
              (struct.get $entry $word (array.get $entries (local.get $all) (local.get $i)))
              (local.get $pivot))
            (i32.const 0))
          (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $up))))
      (loop $down
        (if
          (i32.gt_s
            (call $compare
              (struct.get $entry $word (array.get $entries (local.get $all) (local.get $j)))
              (local.get $pivot))
            (i32.const 0))
          (then (local.set $j (i32.sub (local.get $j) (i32.const 1))) (br $down))))
      (if (i32.le_s (local.get $i) (local.get $j))
        (then
          (local.set $swap (array.get $entries (local.get $all) (local.get $i)))
          (array.set $entries (local.get $all) (local.get $i)
            (array.get $entries (local.get $all) (local.get $j)))
          (array.set $entries (local.get $all) (local.get $j) (local.get $swap))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (local.set $j (i32.sub (local.get $j) (i32.const 1)))))
      (br_if $parts (i32.le_s (local.get $i) (local.get $j))))
    (call $sort (local.get $all) (local.get $low) (local.get $j))
    (call $sort (local.get $all) (local.get $i) (local.get $high)))
  (func (export "run") (result i32)
    (local $text (ref $text)) (local $at i32) (local $from i32) (local $table (ref $table))
    (local $all (ref $entries)) (local $sum i32) (local $entry (ref null $entry))
    (local.set $text (call $make (i32.const 300000)))
    (local.set $table
      (struct.new $table (array.new_default $buckets (i32.const 16)) (i32.const 0)))
    (loop $more
      (if (i32.eq (array.get_u $text (local.get $text) (local.get $at)) (i32.const 32))
        (then
          (if (i32.gt_u (local.get $at) (local.get $from))
            (then
              (call $count (local.get $table)
                (call $slice (local.get $text) (local.get $from) (local.get $at)))))
          (local.set $from (i32.add (local.get $at) (i32.const 1)))))
      (br_if $more
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1)))
          (array.len (local.get $text)))))
    (local.set $all (call $all (local.get $table)))
    (call $sort (local.get $all) (i32.const 0)
      (i32.sub (array.len (local.get $all)) (i32.const 1)))
    (local.set $at (i32.const 0))
    (loop $each
      (local.set $entry (array.get $entries (local.get $all) (local.get $at)))
      (local.set $sum
        (i32.add
          (i32.mul (local.get $sum) (i32.const 31))
          (i32.mul (struct.get $entry $count (local.get $entry))
            (struct.get $entry $hash (local.get $entry)))))
      (br_if $each
        (i32.lt_u
          (local.tee $at (i32.add (local.get $at) (i32.const 1)))
          (array.len (local.get $all)))))
    (local.get $sum)))
