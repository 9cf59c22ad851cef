; Prints the primes below 30.
(define (divides d n) (= n (* d (/ n d))))
(define (prime n d) (cond ((< n (* d d)) 't) ((divides d n) '()) (else (prime n (+ d 1)))))
(define (primes n end)
  (if (< n end) (if (prime n 2) (cons n (primes (+ n 1) end)) (primes (+ n 1) end)) '()))
(print (primes 2 30))
