// Numbers and arrays: matrices, bytes, long arithmetic, sums, bits, grids, texts of numbers.

import kotlin.math.*

class Matrix(val rows: Int, val columns: Int) {
    private val cells = DoubleArray(rows * columns)

    operator fun get(row: Int, column: Int) = cells[row * columns + column]
    operator fun set(row: Int, column: Int, value: Double) {
        cells[row * columns + column] = value
    }

    operator fun times(other: Matrix): Matrix {
        require(columns == other.rows) { "$columns columns times ${other.rows} rows" }
        val product = Matrix(rows, other.columns)
        for (i in 0 until rows) for (j in 0 until other.columns) {
            var sum = 0.0
            for (k in 0 until columns) sum += this[i, k] * other[k, j]
            product[i, j] = sum
        }
        return product
    }

    fun transposed() = of(columns, rows) { i, j -> this[j, i] }

    /** The determinant, by elimination with pivots. */
    fun determinant(): Double {
        val own = Array(rows) { i -> DoubleArray(columns) { j -> this[i, j] } }
        var product = 1.0
        for (column in own.indices) {
            val pivot = (column until rows).maxByOrNull { abs(own[it][column]) }!!
            if (own[pivot][column] == 0.0) return 0.0
            if (pivot != column) {
                own[pivot] = own[column].also { own[column] = own[pivot] }
                product = -product
            }
            product *= own[column][column]
            for (row in column + 1 until rows) {
                val factor = own[row][column] / own[column][column]
                for (k in column until columns) own[row][k] -= factor * own[column][k]
            }
        }
        return product
    }

    companion object {
        inline fun of(rows: Int, columns: Int, cell: (Int, Int) -> Double): Matrix {
            val matrix = Matrix(rows, columns)
            for (i in 0 until rows) for (j in 0 until columns) matrix[i, j] = cell(i, j)
            return matrix
        }
    }
}

data class Complex(val re: Double, val im: Double) {
    operator fun plus(other: Complex) = Complex(re + other.re, im + other.im)
    operator fun minus(other: Complex) = Complex(re - other.re, im - other.im)
    operator fun times(other: Complex) = Complex(re * other.re - im * other.im, re * other.im + im * other.re)
    val length get() = hypot(re, im)
}

fun transform(values: List<Complex>): List<Complex> {
    if (values.size == 1) return values
    val (even, odd) = values.withIndex().partition { it.index % 2 == 0 }
    val evens = transform(even.map { it.value })
    val odds = transform(odd.map { it.value })
    val half = values.size / 2
    val turned = odds.mapIndexed { n, odd ->
        val angle = -2 * PI * n / values.size
        Complex(cos(angle), sin(angle)) * odd
    }
    return List(values.size) { n -> if (n < half) evens[n] + turned[n] else evens[n - half] - turned[n - half] }
}

/** Natural numbers of any size, in digits of base 10^4. */
class Natural private constructor(private val digits: IntArray) : Comparable<Natural> {
    operator fun plus(other: Natural): Natural {
        val sum = IntArray(max(digits.size, other.digits.size) + 1)
        var carry = 0
        for (n in sum.indices) {
            carry += digits.getOrElse(n) { 0 } + other.digits.getOrElse(n) { 0 }
            sum[n] = carry % BASE
            carry /= BASE
        }
        return trimmed(sum)
    }

    operator fun times(other: Natural): Natural {
        val product = IntArray(digits.size + other.digits.size)
        for (i in digits.indices) {
            var carry = 0L
            for (j in other.digits.indices) {
                carry += product[i + j] + digits[i].toLong() * other.digits[j]
                product[i + j] = (carry % BASE).toInt()
                carry /= BASE
            }
            product[i + other.digits.size] += carry.toInt()
        }
        return trimmed(product)
    }

    override fun compareTo(other: Natural): Int {
        if (digits.size != other.digits.size) return digits.size.compareTo(other.digits.size)
        for (n in digits.indices.reversed()) if (digits[n] != other.digits[n]) return digits[n] compareTo other.digits[n]
        return 0
    }

    override fun equals(other: Any?) = other is Natural && digits.contentEquals(other.digits)
    override fun hashCode() = digits.contentHashCode()
    override fun toString() =
        digits.last().toString() + digits.dropLast(1).reversed().joinToString("") { it.toString().padStart(4, '0') }

    companion object {
        private const val BASE = 10_000
        fun of(value: Int) = trimmed(intArrayOf(value % BASE, value / BASE % BASE, value / BASE / BASE))
        private fun trimmed(digits: IntArray): Natural {
            var size = digits.size
            while (size > 1 && digits[size - 1] == 0) size--
            return Natural(if (size == digits.size) digits else digits.copyOf(size))
        }
    }
}

/** Packs bytes by references to those before. */
fun pack(input: ByteArray): ByteArray {
    val heads = HashMap<Int, Int>()
    val out = ArrayList<Byte>()
    var at = 0
    while (at < input.size) {
        var length = 0
        var distance = 0
        if (at + 3 < input.size) {
            val key = (0..2).fold(0) { key, n -> (key shl 8) or (input[at + n].toInt() and 0xff) }
            val before = heads.put(key, at)
            if (before != null && at - before < 256) {
                while (length < 127 && at + length < input.size && input[before + length] == input[at + length]) length++
                distance = at - before
            }
        }
        if (length >= 3) {
            out.add((length or 128).toByte())
            out.add(distance.toByte())
            at += length
        } else {
            out.add((input[at++].toInt() and 127).toByte())
        }
    }
    return out.toByteArray()
}

fun unpack(input: ByteArray): ByteArray {
    var out = ByteArray(16)
    var size = 0
    fun add(byte: Byte) {
        if (size == out.size) out = out.copyOf(size * 2)
        out[size++] = byte
    }
    var at = 0
    while (at < input.size) {
        val byte = input[at++]
        if (byte >= 0) {
            add(byte)
        } else {
            val distance = input[at++].toUByte().toInt()
            repeat(byte.toInt() and 127) { add(out[size - distance]) }
        }
    }
    return out.copyOfRange(0, size)
}

@OptIn(ExperimentalUnsignedTypes::class)
class Crc {
    private val table = UIntArray(256) { byte ->
        (0 until 8).fold(byte.toUInt()) { crc, _ ->
            if (crc and 1u == 1u) (crc shr 1) xor 0xEDB88320u else crc shr 1
        }
    }

    fun of(bytes: ByteArray): UInt =
        bytes.fold(UInt.MAX_VALUE) { crc, byte ->
            table[((crc xor byte.toUInt()) and 255u).toInt()] xor (crc shr 8)
        }.inv()
}

fun base64(bytes: ByteArray): String {
    val letters = ('A'..'Z') + ('a'..'z') + ('0'..'9') + '+' + '/'
    val out = StringBuilder((bytes.size + 2) / 3 * 4)
    for (at in bytes.indices step 3) {
        val group = (0..2).fold(0) { sum, n -> (sum shl 8) or (bytes.getOrElse(at + n) { 0 }.toInt() and 0xff) }
        for (n in 0..3) out.append(if (at + n > bytes.size) '=' else letters[(group shr (18 - 6 * n)) and 63])
    }
    return out.toString()
}

class Xorshift(seed: Long) {
    private var a = seed
    private var b = seed.inv()

    fun long(): Long {
        var x = a
        val y = b
        a = y
        x = x xor (x shl 23)
        b = x xor y xor (x ushr 17) xor (y ushr 26)
        return b + y
    }

    fun double() = (long() ushr 11).toDouble() / (1L shl 53)
    fun int(limit: Int) = ((long() ushr 33) % limit).toInt()
}

fun modPow(base: Long, exponent: Long, modulus: Long): Long {
    var result = 1L
    var power = base % modulus
    var left = exponent
    while (left > 0) {
        if (left and 1L != 0L) result = result * power % modulus
        power = power * power % modulus
        left = left shr 1
    }
    return result
}

fun isPrime(n: Long): Boolean {
    if (n < 4) return n > 1
    if (n % 2 == 0L) return false
    val twos = (n - 1).countTrailingZeroBits()
    return listOf(2L, 3L, 5L, 7L).all { base ->
        var x = modPow(base, (n - 1) shr twos, n)
        x <= 1L || x == n - 1 || (1 until twos).any { x = x * x % n; x == n - 1 } || base % n == 0L
    }
}

/** The edit distance of two texts. */
fun distance(left: String, right: String): Int {
    var before = IntArray(right.length + 1) { it }
    for (i in left.indices) {
        val row = IntArray(right.length + 1)
        row[0] = i + 1
        for (j in right.indices) {
            val change = if (left[i] == right[j]) 0 else 1
            row[j + 1] = minOf(row[j] + 1, before[j + 1] + 1, before[j] + change)
        }
        before = row
    }
    return before.last()
}

class Grid(private val width: Int, private val height: Int, seed: Long) {
    private var cells = Xorshift(seed).let { dice -> Array(height) { BooleanArray(width) { dice.int(3) == 0 } } }

    fun step() {
        cells = Array(height) { y ->
            BooleanArray(width) { x ->
                var around = 0
                for (dy in -1..1) for (dx in -1..1) {
                    if ((dx != 0 || dy != 0) && cells[(y + dy).mod(height)][(x + dx).mod(width)]) around++
                }
                around == 3 || around == 2 && cells[y][x]
            }
        }
    }

    val alive get() = cells.sumOf { row -> row.count { it } }
    override fun toString() =
        cells.joinToString("\n") { row -> row.map { if (it) '#' else '.' }.joinToString("") }
}

class Statistics(values: DoubleArray) {
    private val sorted = values.sortedArray()
    val mean = values.average()
    val deviation = sqrt(values.sumOf { (it - mean).pow(2) } / values.size)
    val median get() = sorted[sorted.size / 2]
    fun histogram(bins: Int) = sorted.groupBy { floor(it * bins).toInt() }.mapValues { it.value.size }.toList()
}

fun integral(from: Double, to: Double, steps: Int, f: (Double) -> Double): Double {
    val width = (to - from) / steps
    return (0 until steps).sumOf { n ->
        val x = from + n * width
        (f(x) + 4 * f(x + width / 2) + f(x + width)) * width / 6
    }
}

fun fixed(value: Double, digits: Int): String {
    val factor = 10.0.pow(digits)
    val scaled = (abs(value) * factor).roundToLong()
    val unit = factor.toLong()
    val sign = if (value < 0 && scaled != 0L) "-" else ""
    return "$sign${scaled / unit}.${(scaled % unit).toString().padStart(digits, '0')}"
}

fun roman(number: Int): String {
    val signs = listOf(
        1000 to "M", 900 to "CM", 500 to "D", 400 to "CD", 100 to "C", 90 to "XC", 50 to "L",
        40 to "XL", 10 to "X", 9 to "IX", 5 to "V", 4 to "IV", 1 to "I",
    )
    var left = number
    return buildString {
        for ((value, sign) in signs) {
            while (left >= value) {
                append(sign)
                left -= value
            }
        }
    }
}

fun main() {
    val dice = Xorshift(42)
    val a = Matrix.of(28, 28) { _, _ -> dice.double() - 0.5 }
    val b = a * a.transposed()
    println("matrix ${fixed(b[3, 4], 6)} ${fixed(b.determinant() * 1e12, 3)} ${fixed((b * a)[5, 9], 6)}")
    try {
        Matrix(2, 3) * Matrix(2, 3)
    } catch (error: IllegalArgumentException) {
        println(error.message)
    }
    val signal = List(128) { n -> Complex(sin(n * 0.3) + dice.double(), 0.0) }
    val spectrum = transform(signal)
    val peak = spectrum.withIndex().drop(1).maxBy { (_, value) -> value.length }
    println("fft ${peak.index} ${fixed(peak.value.length, 5)}")
    var (low, high) = Natural.of(0) to Natural.of(1)
    repeat(300) { high = (low + high).also { low = high } }
    val factorial = (1..120).fold(Natural.of(1)) { product, n -> product * Natural.of(n) }
    println("$high ${factorial.toString().length} ${factorial > high} ${factorial.hashCode()} ${low == high}")
    val text = (1..90).joinToString { roman(it * 37 % 3000) }
    val bytes = text.encodeToByteArray()
    val packed = pack(bytes)
    val same = unpack(packed).contentEquals(bytes)
    val crc = Crc()
    val last = base64(packed).takeLast(12)
    println("${bytes.size} ${packed.size} $same ${crc.of(bytes)} ${crc.of(packed).toString(16)} $last")
    val random = ByteArray(6000) { dice.int(256).toByte() }
    val few = random.sliceArray(10..14).contentToString()
    println("${crc.of(random).toString(16)} ${base64(random).hashCode()} $few")
    println((1_000_000L..1_000_400L).filter(::isPrime).joinToString(" "))
    val names = text.split(", ")
    println(names.zipWithNext(::distance).sum() + distance(text.take(150), text.drop(150).take(150)))
    val grid = Grid(40, 24, 5)
    repeat(8) { grid.step() }
    println("${grid.alive} ${grid.toString().hashCode()}")
    val statistics = Statistics(DoubleArray(2000) { (dice.double() + dice.double() + dice.double()) / 3 })
    val values = listOf(statistics.mean, statistics.deviation, statistics.median)
    println("${values.map { fixed(it, 4) }} ${statistics.histogram(5)}")
    println(fixed(integral(0.0, PI, 800) { x -> sin(x) * exp(-x) }, 9))
    val doubles = List(150) { n -> ((dice.double() - 0.5) * 10.0.pow(n % 12 - 4)).toString() }
    println("${doubles[7]} ${doubles.sumOf { it.toDouble() }.toFloat()} ${doubles.joinToString("").length}")
    val longs = LongArray(800) { dice.long() shr it % 50 }
    longs.sort()
    val digits = longs.map { it.toString() }.sumOf { it.length }
    println("${longs.first()} ${longs.last().toString(36)} ${longs.sumOf { it.countOneBits() }} $digits")
    println(longs.asSequence().map { it.toString(16).toLong(16) }.zipWithNext { x, y -> x <= y }.all { it })
    println((1..60).scan(1L) { x, n -> x * 31 + n }.map { it.rotateLeft(7) xor (it ushr 3) }.reduce(Long::xor))
    println((1u..2000u).map { (it * 2654435761u) shr 16 }.toSet().size)
}
