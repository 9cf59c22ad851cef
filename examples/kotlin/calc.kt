/** An expression, as a tree of objects. */
sealed interface Expr
class Num(val value: Long) : Expr
class Bin(val op: Char, val left: Expr, val right: Expr) : Expr

class ParseError(message: String, val position: Int) : Exception(message)

/** Parses an expression: `+ - * /`, parentheses and whole numbers. */
class Parser(private val text: String) {
    private var at = 0

    fun parse(): Expr {
        val expr = sum()
        if (at < text.length) throw ParseError("unexpected `${text[at]}`", at)
        return expr
    }

    private fun sum() = chain("+-", ::product)
    private fun product() = chain("*/", ::atom)

    private fun chain(ops: String, operand: () -> Expr): Expr {
        var left = operand()
        while (peek() in ops) {
            val op = text[at++]
            left = Bin(op, left, operand())
        }
        return left
    }

    private fun atom(): Expr {
        if (peek() == '(') {
            at++
            val inner = sum()
            if (peek() != ')') throw ParseError("expected `)`", at)
            at++
            return inner
        }
        val start = at
        while (at < text.length && text[at] in '0'..'9') at++
        if (start == at) throw ParseError("expected a number", at)
        return Num(text.substring(start, at).toLong())
    }

    private fun peek(): Char {
        while (at < text.length && text[at] == ' ') at++
        return if (at < text.length) text[at] else '\u0000'
    }
}

fun eval(expr: Expr): Long = when (expr) {
    is Num -> expr.value
    is Bin -> {
        val (left, right) = eval(expr.left) to eval(expr.right)
        when (expr.op) {
            '+' -> left + right
            '-' -> left - right
            '*' -> left * right
            else -> if (right == 0L) throw ArithmeticException("division by zero") else left / right
        }
    }
}

fun main() {
    val texts = listOf("1 + 2 * 3", "(1 + 2) * 3", "100 / (5 - 5)", "2 * (3 + ", "7 & 1")
    for (text in texts) {
        val result = try {
            eval(Parser(text).parse()).toString()
        } catch (error: ParseError) {
            "${error.message} at ${error.position}"
        } catch (error: ArithmeticException) {
            error.message
        }
        println("$text = $result")
    }
    // A sum of 200 terms, whose tree becomes garbage again, a hundred times.
    val long = (1..200).joinToString(" + ")
    var total = 0L
    repeat(100) { total += eval(Parser(long).parse()) }
    println("total = $total")
}
