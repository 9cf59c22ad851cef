;; Values of a dynamic language: small integers in references, pairs, boxed floats and symbols. An
;; evaluator computes Fibonacci numbers and sums of lists from expressions made of pairs; errors are
;; exceptions.
(module
  (type $pair (struct (field $car (mut (ref null eq))) (field $cdr (mut (ref null eq)))))
  (type $float (struct (field $value f64)))
  (type $symbol (struct (field $number i32)))
  (type $lambda
    (struct (field $params (ref null eq)) (field $body (ref null eq)) (field $env (ref null eq))))
  (type $primitive (struct (field $which i32)))
  (tag $error (param (ref null eq)))
  (global $fib (mut (ref null $lambda)) (ref.null $lambda))
  (global $n (ref $symbol) (struct.new $symbol (i32.const 0)))
  (global $self (ref $symbol) (struct.new $symbol (i32.const 1)))
  (global $if (ref $symbol) (struct.new $symbol (i32.const 2)))
  (global $add (ref $symbol) (struct.new $symbol (i32.const 3)))
  (global $sub (ref $symbol) (struct.new $symbol (i32.const 4)))
  (global $less (ref $symbol) (struct.new $symbol (i32.const 5)))
  (global $true (ref eq) (ref.i31 (i32.const 1)))
  (func $cons (param (ref null eq) (ref null eq)) (result (ref null eq))
    (struct.new $pair (local.get 0) (local.get 1)))
  (func $list3 (param (ref null eq) (ref null eq) (ref null eq)) (result (ref null eq))
    (call $cons (local.get 0)
      (call $cons (local.get 1) (call $cons (local.get 2) (ref.null none)))))
  (func $int (param $n i32) (result (ref null eq)) (ref.i31 (local.get $n)))
  (func $car (param $value (ref null eq)) (result (ref null eq))
    (block $pair (result (ref $pair))
      (throw $error (br_on_cast $pair (ref null eq) (ref $pair) (local.get $value))))
    (struct.get $pair $car))
  (func $cdr (param $value (ref null eq)) (result (ref null eq))
    (block $pair (result (ref $pair))
      (throw $error (br_on_cast $pair (ref null eq) (ref $pair) (local.get $value))))
    (struct.get $pair $cdr))
  (func $lookup (param $symbol (ref $symbol)) (param $env (ref null eq)) (result (ref null eq))
    (local $binding (ref $pair)) (local $rest (ref $pair))
    (loop $more
      (if (ref.is_null (local.get $env)) (then (throw $error (local.get $symbol))))
      (local.set $rest (ref.cast (ref $pair) (local.get $env)))
      (local.set $binding (ref.cast (ref $pair) (struct.get $pair $car (local.get $rest))))
      (if (ref.eq (struct.get $pair $car (local.get $binding)) (local.get $symbol))
        (then (return (struct.get $pair $cdr (local.get $binding)))))
      (local.set $env (struct.get $pair $cdr (local.get $rest)))
      (br $more))
    (unreachable))
  (func $float_of (param $value (ref null eq)) (result f64)
    (block $small (result (ref i31))
      (block $float (result (ref $float))
        (throw $error
          (br_on_cast $float (ref null eq) (ref $float)
            (br_on_cast $small (ref null eq) (ref i31) (local.get $value)))))
      (return (struct.get $float $value)))
    (f64.convert_i32_s (i31.get_s)))
  (func $arithmetic (param $op (ref $symbol)) (param $a (ref null eq)) (param $b (ref null eq))
    (result (ref null eq))
    (local $x i32) (local $y i32)
    (block $floats
      (br_if $floats (i32.eqz (ref.test (ref i31) (local.get $a))))
      (br_if $floats (i32.eqz (ref.test (ref i31) (local.get $b))))
      (local.set $x (i31.get_s (ref.cast (ref i31) (local.get $a))))
      (local.set $y (i31.get_s (ref.cast (ref i31) (local.get $b))))
      (if (ref.eq (local.get $op) (global.get $add))
        (then (return (ref.i31 (i32.add (local.get $x) (local.get $y))))))
      (if (ref.eq (local.get $op) (global.get $sub))
        (then (return (ref.i31 (i32.sub (local.get $x) (local.get $y))))))
      (return
        (if (result (ref null eq)) (i32.lt_s (local.get $x) (local.get $y))
          (then (global.get $true)) (else (ref.null none)))))
    (if (ref.eq (local.get $op) (global.get $add))
      (then
        (return
          (struct.new $float
            (f64.add (call $float_of (local.get $a)) (call $float_of (local.get $b)))))))
    (if (ref.eq (local.get $op) (global.get $sub))
      (then
        (return
          (struct.new $float
            (f64.sub (call $float_of (local.get $a)) (call $float_of (local.get $b)))))))
    (if (result (ref null eq))
      (f64.lt (call $float_of (local.get $a)) (call $float_of (local.get $b)))
      (then (global.get $true)) (else (ref.null none))))
  (func $eval (param $expr (ref null eq)) (param $env (ref null eq)) (result (ref null eq))
    (local $head (ref null eq)) (local $args (ref null eq)) (local $symbol (ref $symbol))
    (local $lambda (ref null $lambda))
    (loop $again
      (if (ref.test (ref i31) (local.get $expr)) (then (return (local.get $expr))))
      (if (ref.test (ref $float) (local.get $expr)) (then (return (local.get $expr))))
      (block $other
        (block $symbol (result (ref $symbol))
          (drop (br_on_cast $symbol (ref null eq) (ref $symbol) (local.get $expr)))
          (br $other))
        (return (call $lookup (local.get $env))))
      (local.set $head (call $car (local.get $expr)))
      (local.set $args (call $cdr (local.get $expr)))
      (if (ref.eq (local.get $head) (global.get $if))
        (then
          (local.set $expr
            (if (result (ref null eq))
              (ref.is_null (call $eval (call $car (local.get $args)) (local.get $env)))
              (then (call $car (call $cdr (call $cdr (local.get $args)))))
              (else (call $car (call $cdr (local.get $args))))))
          (br $again)))
      (if (ref.eq (local.get $head) (global.get $self))
        (then
          (local.set $lambda (global.get $fib))
          (local.set $env
            (call $cons
              (call $cons
                (struct.get $lambda $params (local.get $lambda))
                (call $eval (call $car (local.get $args)) (local.get $env)))
              (struct.get $lambda $env (local.get $lambda))))
          (local.set $expr (struct.get $lambda $body (local.get $lambda)))
          (br $again)))
      (local.set $symbol (ref.cast (ref $symbol) (local.get $head)))
      (return
        (call $arithmetic (local.get $symbol)
          (call $eval (call $car (local.get $args)) (local.get $env))
          (call $eval (call $car (call $cdr (local.get $args))) (local.get $env)))))
    (unreachable))
  (func $sum_of (param $list (ref null eq)) (result (ref null eq))
    (local $sum (ref null eq))
    (local.set $sum (ref.i31 (i32.const 0)))
    (loop $more
      (if (i32.eqz (ref.is_null (local.get $list)))
        (then
          (local.set $sum
            (call $arithmetic (global.get $add) (local.get $sum) (call $car (local.get $list))))
          (local.set $list (call $cdr (local.get $list)))
          (br $more))))
    (local.get $sum))
  ;; The number of lists that are no lists to their end: what was thrown is caught.
  (func $improper (param $list (ref null eq)) (result i32)
    (block $caught (result (ref null eq))
      (try_table (catch $error $caught)
        (drop (call $sum_of (local.get $list)))
        (return (i32.const 0)))
      (unreachable))
    (drop)
    (i32.const 1))
  (func (export "run") (result i32)
    (local $body (ref null eq)) (local $list (ref null eq)) (local $at i32) (local $errors i32)
    ;; (if (< n 2) n (+ (self (- n 1)) (self (- n 2))))
    (local.set $body
      (call $cons (global.get $if)
        (call $list3
          (call $list3 (global.get $less) (global.get $n) (call $int (i32.const 2)))
          (global.get $n)
          (call $list3 (global.get $add)
            (call $cons (global.get $self)
              (call $cons
                (call $list3 (global.get $sub) (global.get $n) (call $int (i32.const 1)))
                (ref.null none)))
            (call $cons (global.get $self)
              (call $cons
                (call $list3 (global.get $sub) (global.get $n) (call $int (i32.const 2)))
                (ref.null none)))))))
    (global.set $fib (struct.new $lambda (global.get $n) (local.get $body) (ref.null none)))
    (loop $more
      (local.set $list
        (call $cons
          (if (result (ref null eq)) (i32.and (local.get $at) (i32.const 1))
            (then (struct.new $float (f64.convert_i32_u (local.get $at))))
            (else (ref.i31 (local.get $at))))
          (if (result (ref null eq)) (i32.and (local.get $at) (i32.const 1023))
            (then (local.get $list))
            (else
              (select (result (ref null eq))
                (global.get $true) (ref.null none)
                (i32.and (local.get $at) (i32.const 1024)))))))
      (if (i32.eqz (i32.and (local.get $at) (i32.const 127)))
        (then
          (local.set $errors
            (i32.add (local.get $errors) (call $improper (local.get $list))))))
      (br_if $more
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 100000))))
    (i32.add (local.get $errors)
      (i31.get_s
        (ref.cast (ref i31)
          (call $eval
            (call $cons (global.get $self)
              (call $cons (call $int (i32.const 22)) (ref.null none)))
            (ref.null none)))))))
