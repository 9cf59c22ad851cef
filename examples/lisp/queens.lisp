; The eight queens: how many ways are there, and which is the first?

(define (safe? row distance placed)
  (cond ((null? placed) t)
        ((= (car placed) row) nil)
        ((= (car placed) (+ row distance)) nil)
        ((= (car placed) (- row distance)) nil)
        (else (safe? row (+ distance 1) (cdr placed)))))

(define solutions 0)
(define example nil)

(define (place column size placed)
  (if (= column size)
      (begin
        (if (null? example) (set! example placed))
        (set! solutions (+ solutions 1)))
      (try-rows 0 column size placed)))

(define (try-rows row column size placed)
  (if (< row size)
      (begin
        (if (safe? row 1 placed) (place (+ column 1) size (cons row placed)))
        (try-rows (+ row 1) column size placed))))

(define (draw-row row column size)
  (if (< column size)
      (cons (if (= row column) 'Q '-) (draw-row row (+ column 1) size))))

(define (draw placed size)
  (if placed
      (begin
        (print (draw-row (car placed) 0 size))
        (draw (cdr placed) size))))

(place 0 8 nil)
(draw example 8)
(print "solutions:" solutions)
