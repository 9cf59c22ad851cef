// Records as text: JSON parsed and printed, tables grouped, sorted and formatted, words counted.

sealed interface Json

data object Null : Json
data class Bool(val value: Boolean) : Json
data class Num(val value: Double) : Json
data class Text(val value: String) : Json
data class Items(val items: List<Json>) : Json
data class Obj(val fields: Map<String, Json>) : Json

class JsonError(message: String, val at: Int) : Exception("$message at $at")

class JsonReader(private val text: String) {
    private var at = 0

    fun read(): Json {
        val value = value()
        skip()
        if (at != text.length) fail("something behind the value")
        return value
    }

    private fun fail(what: String): Nothing = throw JsonError(what, at)

    private fun skip() {
        while (at < text.length && text[at].isWhitespace()) at++
    }

    private fun accept(c: Char): Boolean {
        skip()
        if (at >= text.length || text[at] != c) return false
        at++
        return true
    }

    private fun expect(c: Char) {
        if (!accept(c)) fail("no `$c`")
    }

    private fun word(word: String, value: Json): Json {
        if (!text.startsWith(word, at)) fail("no `$word`")
        at += word.length
        return value
    }

    private fun value(): Json {
        skip()
        if (at == text.length) fail("the end")
        return when (text[at]) {
            '{' -> obj()
            '[' -> items()
            '"' -> Text(string())
            't' -> word("true", Bool(true))
            'f' -> word("false", Bool(false))
            'n' -> word("null", Null)
            else -> number()
        }
    }

    private fun obj(): Json {
        expect('{')
        val fields = LinkedHashMap<String, Json>()
        if (accept('}')) return Obj(fields)
        do {
            skip()
            val name = string()
            expect(':')
            fields[name] = value()
        } while (accept(','))
        expect('}')
        return Obj(fields)
    }

    private fun items(): Json {
        expect('[')
        val items = mutableListOf<Json>()
        if (accept(']')) return Items(items)
        do items += value() while (accept(','))
        expect(']')
        return Items(items)
    }

    private fun string(): String {
        expect('"')
        val out = StringBuilder()
        while (true) {
            if (at == text.length) fail("an open string")
            when (val c = text[at++]) {
                '"' -> return out.toString()
                '\\' -> when (val escaped = text[at++]) {
                    'n' -> out.append('\n')
                    't' -> out.append('\t')
                    'u' -> {
                        out.append(text.substring(at, at + 4).toInt(16).toChar())
                        at += 4
                    }
                    else -> out.append(escaped)
                }
                else -> out.append(c)
            }
        }
    }

    private fun number(): Json {
        val start = at
        while (at < text.length && (text[at].isDigit() || text[at] in "+-.eE")) at++
        return Num(text.substring(start, at).toDoubleOrNull() ?: fail("no number"))
    }
}

fun print(json: Json, out: StringBuilder, indent: Int = 0) {
    fun line(depth: Int) {
        out.append('\n')
        repeat(depth) { out.append("  ") }
    }
    when (json) {
        Null -> out.append("null")
        is Bool -> out.append(json.value)
        is Num -> {
            val whole = json.value.toLong()
            if (whole.toDouble() == json.value) out.append(whole) else out.append(json.value)
        }
        is Text -> {
            out.append('"')
            for (c in json.value) when {
                c == '"' || c == '\\' -> out.append('\\').append(c)
                c == '\n' -> out.append("\\n")
                c < ' ' -> out.append("\\u").append(c.code.toString(16).padStart(4, '0'))
                else -> out.append(c)
            }
            out.append('"')
        }
        is Items -> {
            out.append('[')
            json.items.forEachIndexed { n, item ->
                if (n > 0) out.append(", ")
                print(item, out, indent + 1)
            }
            out.append(']')
        }
        is Obj -> {
            out.append('{')
            var first = true
            for ((name, value) in json.fields) {
                if (!first) out.append(',')
                first = false
                line(indent + 1)
                print(Text(name), out)
                out.append(": ")
                print(value, out, indent + 1)
            }
            line(indent)
            out.append('}')
        }
    }
}

operator fun Json.get(name: String): Json = (this as? Obj)?.fields?.get(name) ?: Null
val Json.text get() = (this as Text).value
val Json.number get() = (this as Num).value

enum class Measure(val factor: Double) {
    PIECE(1.0), DOZEN(12.0), GROSS(144.0);

    companion object {
        fun named(name: String) = entries.first { it.name.equals(name, ignoreCase = true) }
    }
}

data class Order(
    val id: Int,
    val customer: String,
    val city: String,
    val goods: List<Line>,
    val express: Boolean,
) {
    val total: Double by lazy { goods.sumOf { it.price * it.count * it.unit.factor } }
}

data class Line(val article: String, val count: Int, val unit: Measure, val price: Double)

/** Random numbers of a linear congruence. */
class Dice(private var state: Int) {
    fun next(sides: Int): Int {
        state = state * 1664525 + 1013904223
        return (state ushr 8) % sides
    }

    fun <T> of(things: List<T>): T = things[next(things.size)]
}

val cities = listOf("Bern", "Oslo", "Porto", "Graz", "Gent", "Łódź", "Malmö", "Turku", "Split")
val customers = listOf("Ada", "Björn", "Chloé", "Dmitri", "Eve", "Farid", "Gül", "Hana", "Ivo", "Jo")
val articles = listOf("lamp", "oak table", "chair", "shelf \"Ida\"", "mirror", "rug\nred", "clock")

fun document(orders: Int): String {
    val dice = Dice(2024)
    return buildString {
        append('[')
        for (n in 1..orders) {
            if (n > 1) append(",\n")
            append("""{"id": $n, "customer": "${dice.of(customers)}", "city": "${dice.of(cities)}", """)
            append(""""express": ${dice.next(3) == 0}, "note": null, "lines": [""")
            val lines = (0..dice.next(4)).map {
                val article = dice.of(articles).replace("\"", "\\\"").replace("\n", "\\n")
                val price = (dice.next(9000) + 100) / 100.0
                val unit = dice.of(Measure.entries).name.lowercase()
                """{"article": "$article", "count": ${dice.next(9) + 1}, "unit": "$unit", "price": $price}"""
            }
            append(lines.joinToString(", ")).append("]}")
        }
        append(']')
    }
}

fun orders(json: Json): List<Order> = (json as Items).items.map { order ->
    val goods = (order["lines"] as Items).items.map {
        Line(it["article"].text, it["count"].number.toInt(), Measure.named(it["unit"].text), it["price"].number)
    }
    Order(
        order["id"].number.toInt(), order["customer"].text, order["city"].text, goods,
        (order["express"] as Bool).value,
    )
}

fun money(value: Double): String {
    val cents = (value * 100 + 0.5).toLong()
    val whole = (cents / 100).toString().reversed().chunked(3).joinToString("'").reversed()
    return whole + "." + (cents % 100).toString().padStart(2, '0')
}

fun report(orders: List<Order>): String {
    val byCity = orders.groupBy { it.city }
        .mapValues { (_, orders) -> orders.sumOf { it.total } to orders.count { it.express } }
    val rows = byCity.entries.sortedWith(
        compareByDescending<Map.Entry<String, Pair<Double, Int>>> { it.value.second }
            .thenBy { it.key },
    )
    val best = orders.flatMap { order -> order.goods.map { order.customer to it } }
        .groupingBy { (customer, line) -> customer to line.article }
        .fold(0) { sum, (_, line) -> sum + line.count }
        .maxWith(compareBy({ it.value }, { it.key.first }))
    val (express, normal) = orders.partition(Order::express)
    return buildString {
        rows.forEachIndexed { n, (city, sums) ->
            appendLine("${n + 1}. ${city.padEnd(8, '.')}${money(sums.first).padStart(14)} ${sums.second}")
        }
        appendLine("${best.key.first} ${best.key.second.take(5)} ${best.value}")
        appendLine("${express.size} ${normal.size} ${orders.map { it.customer }.toSet().sorted()}")
    }
}

fun hash(text: String): Int = text.fold(7) { hash, c -> hash * 31 + c.code }

/** Prose of made-up words. */
fun prose(words: Int): String {
    val dice = Dice(7)
    val heads = listOf("br", "k", "m", "st", "l", "v", "tr", "", "sh", "p")
    val tails = listOf("a", "en", "or", "i", "um", "el", "o", "ast", "ing")
    val out = StringBuilder()
    repeat(words) { n ->
        val word = (0..dice.next(2)).joinToString("") { dice.of(heads) + dice.of(tails) }
        out.append(if (dice.next(8) == 0) word.replaceFirstChar { it.uppercase() } else word)
        if (n % 11 == 10) out.append(". ") else out.append(if (n % 7 == 6) ", " else " ")
    }
    return out.toString()
}

fun wrap(text: String, width: Int): List<String> {
    val lines = ArrayList<String>()
    var line = StringBuilder()
    for (word in text.split(' ')) {
        if (line.isNotEmpty() && line.length + word.length >= width) {
            lines.add(line.toString())
            line = StringBuilder()
        }
        if (line.isNotEmpty()) line.append(' ')
        line.append(word)
    }
    if (line.isNotEmpty()) lines.add(line.toString())
    return lines
}

fun frequencies(text: String): Map<String, Int> {
    val counts = HashMap<String, Int>()
    for (word in text.split(' ', ',', '.')) {
        if (word.isEmpty()) continue
        val lower = word.lowercase()
        counts[lower] = (counts[lower] ?: 0) + 1
    }
    return counts
}

/** Template text with `{name}` and `{name|filter}`. */
fun render(template: String, values: Map<String, Any>): String {
    val filters: Map<String, (String) -> String> = mapOf(
        "upper" to { it.uppercase() },
        "trim" to { it.trim() },
        "rev" to { it.reversed() },
        "length" to { it.length.toString() },
    )
    val pattern = Regex("""\{([a-z]+)(?:\|([a-z]+))?\}""")
    return pattern.replace(template) { found ->
        val (name, filter) = found.destructured
        val value = values[name]?.toString() ?: "?"
        if (filter.isEmpty()) value else filters.getValue(filter)(value)
    }
}

fun csv(orders: List<Order>): Int {
    val text = orders.flatMap { order ->
        order.goods.map {
            listOf(order.id, order.city, it.article, it.count, it.unit, it.price).joinToString(";")
        }
    }.joinToString("|")
    val seen = LinkedHashSet<String>()
    var sum = 0.0
    for (row in text.splitToSequence('|')) {
        val cells = row.split(';')
        seen.add(cells[2].substringBefore(' '))
        sum += cells[3].toInt() * cells[5].toDouble()
    }
    return seen.joinToString().length * 1000 + sum.toInt() % 1000
}

fun main() {
    val text = document(200)
    val json = JsonReader(text).read()
    val printed = StringBuilder().also { print(json, it) }.toString()
    val again = JsonReader(printed).read()
    val same = json == again && json.hashCode() == again.hashCode()
    println("json ${text.length} ${printed.length} ${hash(printed)} $same")
    for (bad in listOf("[1, 2", "{\"a\" 1}", "[nul]", "[1] 2", "-", "")) {
        try {
            println(JsonReader(bad).read())
        } catch (error: JsonError) {
            println(error.message)
        }
    }
    val orders = orders(json)
    print(report(orders))
    val order = compareBy<Order> { it.city }.thenByDescending { it.goods.size }.thenBy { it.id }
    val sorted = orders.sortedWith(order)
    println(sorted.take(5).map { it.id })
    val changed = orders.map { it.copy(goods = it.goods.filter { line -> line.count > 3 }) }
    println("${changed.zip(orders).count { (a, b) -> a == b }} ${changed.toSet().size} ${csv(orders)}")

    val prose = prose(5000)
    val lines = wrap(prose, 64)
    val longest = lines.maxOf { it.length }
    println("${lines.size} lines, $longest, ${hash(lines.joinToString("\n"))}")
    val counts = frequencies(prose)
    val top = counts.toList().sortedWith(compareBy({ -it.second }, { it.first })).take(6)
    println(top.joinToString { (word, count) -> "$word $count" })
    val capitals = Regex("[A-Z][a-z]+").findAll(prose).map { it.value }.distinct().sorted().toList()
    println("${capitals.size} ${hash(capitals.joinToString())}")
    val rendered = (1..40).map { n ->
        val values = mapOf("n" to n, "word" to capitals[n % capitals.size], "line" to lines[n % lines.size])
        render("{n}: {word|upper}, {word|rev} of {line|length} {none}", values)
    }
    println("${rendered[3]} ${hash(rendered.joinToString())}")
}
