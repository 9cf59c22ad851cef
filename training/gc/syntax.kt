// The language of script.kt: tokens, syntax trees, and a parser by precedence, which resolves names
// to slots.

enum class Kind { NUMBER, STRING, NAME, SIGN, KEYWORD, END }

data class Token(val kind: Kind, val text: String, val line: Int)

class ScriptError(message: String, val line: Int = 0) : RuntimeException(message)

val keywords = setOf(
    "let", "fn", "if", "else", "while", "for", "in", "return", "break", "nil", "true", "false", "try",
    "catch", "throw",
)

fun tokens(source: String): Sequence<Token> = sequence {
    var at = 0
    var line = 1
    fun word(test: (Char) -> Boolean): String {
        val start = at
        while (at < source.length && test(source[at])) at++
        return source.substring(start, at)
    }
    while (at < source.length) {
        val c = source[at]
        when {
            c == '\n' -> { line++; at++ }
            c.isWhitespace() -> at++
            c == '#' -> word { it != '\n' }
            c in '0'..'9' -> yield(Token(Kind.NUMBER, word { it in '0'..'9' || it == '.' }, line))
            c.isLetter() || c == '_' -> {
                val word = word { it.isLetterOrDigit() || it == '_' }
                yield(Token(if (word in keywords) Kind.KEYWORD else Kind.NAME, word, line))
            }
            c == '"' -> {
                at++
                yield(Token(Kind.STRING, word { it != '"' }, line))
                at++
            }
            else -> {
                val two = source.substring(at, minOf(at + 2, source.length))
                val sign = if (two in twoSigns) two else c.toString()
                at += sign.length
                yield(Token(Kind.SIGN, sign, line))
            }
        }
    }
    yield(Token(Kind.END, "the end", line))
}

val twoSigns = hashSetOf("==", "!=", "<=", ">=", "&&", "||", "=>")

sealed class Node {
    class Constant(val value: Any?) : Node()
    class Local(val depth: Int, val slot: Int) : Node()
    class Assign(val depth: Int, val slot: Int, val value: Node) : Node()
    class Binary(val op: String, val left: Node, val right: Node) : Node()
    class Logic(val and: Boolean, val left: Node, val right: Node) : Node()
    class Not(val value: Node) : Node()
    class Call(val callee: Node, val arguments: List<Node>, val line: Int) : Node()
    class Index(val list: Node, val index: Node) : Node()
    class SetIndex(val list: Node, val index: Node, val value: Node) : Node()
    class ListOf(val items: List<Node>) : Node()
    class Function(val name: String, val arity: Int, var slots: Int, val body: Node) : Node()
    class Block(val nodes: List<Node>) : Node()
    class If(val test: Node, val yes: Node, val no: Node?) : Node()
    class While(val test: Node, val body: Node) : Node()
    class Return(val value: Node) : Node()
    class Try(val body: Node, val slot: Int, val handler: Node) : Node()
    class Throw(val value: Node) : Node()
    object Break : Node()
}

/** The names of a function, by slot. */
class Scope(val outer: Scope?) {
    val names = ArrayList<String>()
    var slots = 0
    fun declare(name: String): Int {
        names.add(name)
        slots = maxOf(slots, names.size)
        return names.lastIndex
    }
}

class Parser(source: String, builtins: Collection<String>) {
    private val input = tokens(source).iterator()
    private var token = input.next()
    private var scope = Scope(null).also { scope -> builtins.forEach(scope::declare) }

    val slots get() = scope.slots

    fun program(): Node {
        val nodes = ArrayList<Node>()
        while (token.kind != Kind.END) nodes += statement()
        return Node.Block(nodes)
    }

    private fun advance(): Token = token.also { if (input.hasNext()) token = input.next() }

    private fun accept(text: String): Boolean =
        ((token.kind == Kind.SIGN || token.kind == Kind.KEYWORD) && token.text == text).also { if (it) advance() }

    private fun expect(text: String) {
        if (!accept(text)) throw ScriptError("`$text` expected, not `${token.text}`", token.line)
    }

    private fun name(): String =
        if (token.kind == Kind.NAME) advance().text
        else throw ScriptError("a name expected, not `${token.text}`", token.line)

    private fun block(): Node {
        expect("{")
        val before = scope.names.size
        val nodes = ArrayList<Node>()
        while (!accept("}")) nodes += statement()
        while (scope.names.size > before) scope.names.removeAt(scope.names.lastIndex)
        return if (nodes.size == 1) nodes[0] else Node.Block(nodes)
    }

    private fun statement(): Node = when {
        accept("let") -> {
            val name = name()
            if (accept("=")) {
                // A function may call itself.
                val slot = scope.declare(name)
                Node.Assign(0, slot, expression())
            } else Node.Assign(0, scope.declare(name), Node.Constant(null))
        }
        accept("if") -> ifNode()
        accept("while") -> Node.While(expression(), block())
        accept("for") -> forNode()
        accept("return") -> Node.Return(if (token.text == "}") Node.Constant(null) else expression())
        accept("break") -> Node.Break
        accept("throw") -> Node.Throw(expression())
        accept("try") -> {
            val body = block()
            expect("catch")
            val slot = scope.declare(name())
            Node.Try(body, slot, block())
        }
        else -> expression()
    }

    private fun ifNode(): Node {
        val test = expression()
        val yes = block()
        val no = if (!accept("else")) null else if (accept("if")) ifNode() else block()
        return Node.If(test, yes, no)
    }

    /** `for x in from, to`, by a loop of its own. */
    private fun forNode(): Node {
        val slot = scope.declare(name())
        expect("in")
        val from = expression()
        expect(",")
        val limit = scope.declare("")
        val to = expression()
        val variable = Node.Local(0, slot)
        val body = block()
        val step = Node.Assign(0, slot, Node.Binary("+", variable, Node.Constant(1L)))
        val loop = Node.While(Node.Binary("<", variable, Node.Local(0, limit)), Node.Block(listOf(body, step)))
        return Node.Block(listOf(Node.Assign(0, slot, from), Node.Assign(0, limit, to), loop))
    }

    private fun expression(): Node {
        val left = binary(0)
        if (!accept("=")) return left
        val value = expression()
        return when (left) {
            is Node.Local -> Node.Assign(left.depth, left.slot, value)
            is Node.Index -> Node.SetIndex(left.list, left.index, value)
            else -> throw ScriptError("no place to assign to", token.line)
        }
    }

    private fun binary(level: Int): Node {
        if (level == levels.size) return unary()
        var left = binary(level + 1)
        while (token.kind == Kind.SIGN && token.text in levels[level]) {
            val op = advance().text
            val right = binary(level + 1)
            left = when (op) {
                "&&", "||" -> Node.Logic(op == "&&", left, right)
                else -> Node.Binary(op, left, right)
            }
        }
        return left
    }

    private fun unary(): Node = when {
        accept("!") -> Node.Not(unary())
        accept("-") -> Node.Binary("-", Node.Constant(0L), unary())
        else -> postfix(primary())
    }

    private fun postfix(start: Node): Node {
        var node = start
        while (true) {
            val line = token.line
            node = when {
                accept("(") -> Node.Call(node, list(")"), line)
                accept("[") -> Node.Index(node, expression()).also { expect("]") }
                else -> return node
            }
        }
    }

    private fun list(end: String): List<Node> = buildList {
        if (accept(end)) return@buildList
        do add(expression()) while (accept(","))
        expect(end)
    }

    private fun primary(): Node {
        val token = advance()
        return when (token.kind) {
            Kind.NUMBER -> Node.Constant(if ('.' in token.text) token.text.toDouble() else token.text.toLong())
            Kind.STRING -> Node.Constant(token.text)
            Kind.NAME -> local(token)
            else -> when (token.text) {
                "nil" -> Node.Constant(null)
                "true" -> Node.Constant(true)
                "false" -> Node.Constant(false)
                "(" -> expression().also { expect(")") }
                "[" -> Node.ListOf(list("]"))
                "fn" -> function()
                else -> throw ScriptError("an expression expected, not `${token.text}`", token.line)
            }
        }
    }

    private fun local(token: Token): Node {
        var depth = 0
        var at: Scope? = scope
        while (at != null) {
            val slot = at.names.lastIndexOf(token.text)
            if (slot >= 0) return Node.Local(depth, slot)
            at = at.outer
            depth++
        }
        throw ScriptError("`${token.text}` is not declared", token.line)
    }

    private fun function(): Node {
        val inner = Scope(scope)
        scope = inner
        expect("(")
        if (!accept(")")) {
            do inner.declare(name()) while (accept(","))
            expect(")")
        }
        val arity = inner.names.size
        val body = if (accept("=>")) expression() else block()
        scope = inner.outer!!
        return Node.Function("fn/$arity", arity, inner.slots, body)
    }

    companion object {
        val levels = listOf(
            setOf("||"), setOf("&&"), setOf("==", "!="), setOf("<", ">", "<=", ">="), setOf("+", "-"),
            setOf("*", "/", "%"),
        )
    }
}
