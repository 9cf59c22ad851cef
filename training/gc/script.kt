// A small language of dynamic values (syntax.kt): closures, and an evaluator of trees. And a program
// of a machine (machine.kt).

class Frame(size: Int, val outer: Frame?) {
    val slots = arrayOfNulls<Any?>(size)
}

fun interface Builtin {
    fun call(arguments: List<Any?>): Any?
}

class Closure(val function: Node.Function, val frame: Frame)

class Thrown(val value: Any?) : RuntimeException()

/** What a statement does to those behind it. */
enum class Flow { NEXT, BREAK, RETURN }

fun truth(value: Any?): Boolean = value != null && value != false

fun show(value: Any?): String = when (value) {
    null -> "nil"
    is List<*> -> value.joinToString(", ", "[", "]") { show(it) }
    is Closure -> value.function.name
    else -> value.toString()
}

fun binary(op: String, left: Any?, right: Any?): Any? = when (op) {
    "==" -> left == right
    "!=" -> left != right
    else -> if (left is Long && right is Long) {
        when (op) {
            "+" -> left + right
            "-" -> left - right
            "*" -> left * right
            "/" -> if (right == 0L) throw Thrown("division by zero") else left / right
            "%" -> left % right
            "<" -> left < right
            ">" -> left > right
            "<=" -> left <= right
            else -> left >= right
        }
    } else if (left is Number && right is Number) {
        val (a, b) = left.toDouble() to right.toDouble()
        when (op) {
            "+" -> a + b
            "-" -> a - b
            "*" -> a * b
            "/" -> a / b
            "%" -> a % b
            "<" -> a < b
            ">" -> a > b
            "<=" -> a <= b
            else -> a >= b
        }
    } else if (op == "+") {
        if (left is List<*> && right is List<*>) (left + right).toMutableList() else show(left) + show(right)
    } else if (left is String && right is String && op == "<") {
        left < right
    } else {
        throw Thrown("no `$op` of ${show(left)} and ${show(right)}")
    }
}

class Evaluator {
    private var result: Any? = null
    private var flow = Flow.NEXT
    var calls = 0

    fun run(node: Node, frame: Frame): Any? = eval(node, frame)

    @Suppress("UNCHECKED_CAST")
    private fun eval(node: Node, frame: Frame): Any? = when (node) {
        is Node.Constant -> node.value
        is Node.Local -> outer(frame, node.depth).slots[node.slot]
        is Node.Assign -> eval(node.value, frame).also { outer(frame, node.depth).slots[node.slot] = it }
        is Node.Binary -> binary(node.op, eval(node.left, frame), eval(node.right, frame))
        is Node.Logic -> {
            val left = eval(node.left, frame)
            if (truth(left) == node.and) eval(node.right, frame) else left
        }
        is Node.Not -> !truth(eval(node.value, frame))
        is Node.Call -> call(eval(node.callee, frame), node.arguments.map { eval(it, frame) }, node.line)
        is Node.Index -> index(eval(node.list, frame), eval(node.index, frame))
        is Node.SetIndex -> {
            val value = eval(node.value, frame)
            when (val list = eval(node.list, frame)) {
                is MutableList<*> -> (list as MutableList<Any?>)[(eval(node.index, frame) as Long).toInt()] = value
                is MutableMap<*, *> -> (list as MutableMap<Any?, Any?>)[eval(node.index, frame)] = value
                else -> throw Thrown("no list")
            }
            value
        }
        is Node.ListOf -> node.items.mapTo(ArrayList()) { eval(it, frame) }
        is Node.Function -> Closure(node, frame)
        is Node.Block -> {
            var last: Any? = null
            for (inner in node.nodes) {
                last = eval(inner, frame)
                if (flow != Flow.NEXT) break
            }
            last
        }
        is Node.If ->
            if (truth(eval(node.test, frame))) eval(node.yes, frame) else node.no?.let { eval(it, frame) }
        is Node.While -> {
            while (truth(eval(node.test, frame))) {
                eval(node.body, frame)
                if (flow == Flow.BREAK) {
                    flow = Flow.NEXT
                    break
                }
                if (flow == Flow.RETURN) break
            }
            null
        }
        is Node.Return -> {
            result = eval(node.value, frame)
            flow = Flow.RETURN
            null
        }
        is Node.Try -> try {
            eval(node.body, frame)
        } catch (thrown: Thrown) {
            frame.slots[node.slot] = thrown.value
            eval(node.handler, frame)
        }
        is Node.Throw -> throw Thrown(eval(node.value, frame))
        Node.Break -> {
            flow = Flow.BREAK
            null
        }
    }

    private fun outer(frame: Frame, depth: Int): Frame {
        var at = frame
        repeat(depth) { at = at.outer!! }
        return at
    }

    private fun index(list: Any?, index: Any?): Any? = when (list) {
        is List<*> -> list.getOrNull((index as Long).toInt()) ?: throw Thrown("no item $index")
        is Map<*, *> -> list[index]
        is String -> list[(index as Long).toInt()].toString()
        else -> throw Thrown("no index in ${show(list)}")
    }

    fun call(callee: Any?, arguments: List<Any?>, line: Int): Any? {
        calls++
        if (callee is Builtin) return callee.call(arguments)
        val closure = callee as? Closure ?: throw ScriptError("${show(callee)} is no function", line)
        val function = closure.function
        if (function.arity != arguments.size) throw ScriptError("${function.name} got ${arguments.size}", line)
        val frame = Frame(function.slots, closure.frame)
        arguments.forEachIndexed { n, argument -> frame.slots[n] = argument }
        val last = eval(function.body, frame)
        if (flow != Flow.RETURN) return last
        flow = Flow.NEXT
        return result.also { result = null }
    }
}

val output = StringBuilder()

fun run(source: String): String {
    output.clear()
    val evaluator = Evaluator()
    val builtins = linkedMapOf<String, Builtin>(
        "print" to Builtin { arguments ->
            output.append(arguments.joinToString(" ") { show(it) }).append('\n')
            null
        },
        "len" to Builtin { (value) ->
            if (value is String) value.length.toLong() else (value as Collection<*>).size.toLong()
        },
        "push" to Builtin { (list, value) -> @Suppress("UNCHECKED_CAST") (list as MutableList<Any?>).add(value) },
        "pop" to Builtin { (list) -> (list as MutableList<*>).removeLast() },
        "map" to Builtin { HashMap<Any?, Any?>() },
        "keys" to Builtin { (map) -> (map as Map<*, *>).keys.map { show(it) }.sorted().toMutableList() },
        "sort" to Builtin { (list, less) ->
            (list as List<Any?>).sortedWith { a, b ->
                fun less(a: Any?, b: Any?) = truth(evaluator.call(less, listOf(a, b), 0))
                if (less(a, b)) -1 else if (less(b, a)) 1 else 0
            }.toMutableList()
        },
        "split" to Builtin { (text, by) -> (text as String).split(by as String).toMutableList() },
    )
    val parser = Parser(source, builtins.keys)
    try {
        val program = parser.program()
        val frame = Frame(parser.slots, null)
        builtins.values.forEachIndexed { n, builtin -> frame.slots[n] = builtin }
        evaluator.run(program, frame)
    } catch (error: ScriptError) {
        output.append("line ${error.line}: ${error.message}\n")
    } catch (thrown: Thrown) {
        output.append("not caught: ${show(thrown.value)}\n")
    }
    return "$output${evaluator.calls} calls"
}

fun main() {
    val source = """
        let range = fn(n) { let out = [] for i in 0, n { push(out, i) } return out }
        let each = fn(list, f) { let out = [] for i in 0, len(list) { push(out, f(list[i])) } return out }
        let fold = fn(list, start, f) { let sum = start for i in 0, len(list) { sum = f(sum, list[i]) } return sum }
        let counter = fn() { let n = 0 return fn() { n = n + 1 return n } }
        let tick = counter() tick() tick()
        print("counter", tick())
        let ack = fn(m, n) {
            if m == 0 { return n + 1 }
            if n == 0 { return ack(m - 1, 1) }
            return ack(m - 1, ack(m, n - 1))
        }
        print("ack", ack(2, 9))
        print("squares", fold(each(range(300), fn(x) => x * x), 0, fn(a, b) => a + b))
        let words = split("the quick brown fox jumps over the lazy dog and the cat", " ")
        let counts = map()
        for i in 0, len(words) {
            let word = words[i]
            if counts[word] == nil { counts[word] = 0 }
            counts[word] = counts[word] + 1
        }
        print(keys(counts), counts["the"])
        print(sort(words, fn(a, b) => len(a) < len(b) || len(a) == len(b) && a < b))
        # Roots by Newton's method
        let root = fn(x) { let r = x while r * r - x > 0.000001 { r = (r + x / r) / 2.0 } return r }
        print("root", fold(each(range(40), fn(x) => root(x + 1.5)), 0.0, fn(a, b) => a + b) > 100.0)
        let caught = 0
        for i in 0, 60 {
            try { if i % 3 == 0 { 1 / 0 } else { if i % 3 == 1 { throw i } } } catch e { caught = caught + 1 }
        }
        print("caught", caught)
        let queens = fn(n, row, places) {
            if row == n { return 1 }
            let sum = 0
            for column in 0, n {
                let free = true
                for i in 0, row {
                    let d = places[i] - column
                    if d == 0 || d == row - i || d == i - row { free = false break }
                }
                if free { places[row] = column sum = sum + queens(n, row + 1, places) }
            }
            return sum
        }
        print("queens", queens(6, 0, range(6)))
        let text = "" let i = 0
        while true { if i > 120 { break } text = text + i i = i + 7 }
        print(text)
        let compose = fn(f, g) => fn(x) => f(g(x))
        let twice = fn(f) => compose(f, f)
        print("twice", twice(twice(twice(fn(x) => x + 3)))(1), [1, [2.5, nil]] + [true])
        1 + nil
    """
    val printed = run(source)
    println(printed)
    println(run("let a = 1\nlet b = (a + c)"))
    println(run("let f = fn(x) => x\nf(1, 2)"))
    println(run("let s = [1, 2"))
    println(run("throw [1, \"two\"]"))
    val code = assemble(collatz)
    val machine = Machine(code, 4)
    machine.run()
    val registers = machine.registers.toList()
    println("${code.size} ${code.toSet().size} ${code.take(4)} ${machine.steps} $registers")
}
