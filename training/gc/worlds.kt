// Objects that act on each other: a city whose roads are searched, a bank of accounts with events,
// tasks that are coroutines, creatures in a cellar, and rules that rewrite formulas.

import kotlin.coroutines.*
import kotlin.properties.Delegates

class Dice(seed: Long) {
    private var state = seed
    fun next(limit: Int): Int {
        state = state * 6364136223846793005L + 1442695040888963407L
        return ((state ushr 33) % limit).toInt()
    }
}

data class Place(val x: Int, val y: Int) {
    operator fun plus(other: Place) = Place(x + other.x, y + other.y)
    infix fun far(other: Place) = kotlin.math.abs(x - other.x) + kotlin.math.abs(y - other.y)
}

enum class Ground(val sign: Char, val cost: Int?) {
    ROAD('.', 1), GRASS(',', 3), MUD('~', 7), WALL('#', null);
}

class City(private val width: Int, private val height: Int, dice: Dice) {
    private val ground = List(height) { List(width) { Ground.entries[maxOf(dice.next(9) - 5, 0)] } }
    private val steps = listOf(Place(1, 0), Place(0, 1), Place(-1, 0), Place(0, -1))

    private fun at(place: Place): Ground? = ground.getOrNull(place.y)?.getOrNull(place.x)
    private fun around(place: Place) = steps.asSequence().map(place::plus).filter { at(it)?.cost != null }

    /** Dijkstra's search, or A* with an estimate. */
    fun path(from: Place, to: Place, estimate: (Place) -> Int = { 0 }): Pair<List<Place>, Int>? {
        class Step(val place: Place, val cost: Int, val rank: Int)

        val open = Heap(compareBy<Step> { it.rank }.thenBy { -it.cost })
        val before = hashMapOf<Place, Place>()
        val costs = hashMapOf(from to 0)
        open.push(Step(from, 0, estimate(from)))
        while (open.isNotEmpty()) {
            val step = open.pop()
            if (step.place == to) {
                val path = generateSequence(to) { before[it] }.toList().asReversed()
                return path to step.cost
            }
            if (step.cost > costs.getValue(step.place)) continue
            for (next in around(step.place)) {
                val cost = step.cost + at(next)!!.cost!!
                if (cost < (costs[next] ?: Int.MAX_VALUE)) {
                    costs[next] = cost
                    before[next] = step.place
                    open.push(Step(next, cost, cost + estimate(next)))
                }
            }
        }
        return null
    }

    /** The sizes of the parts that are connected. */
    fun parts(): List<Int> {
        val seen = LinkedHashSet<Place>()
        val sizes = mutableListOf<Int>()
        for (y in 0 until height) for (x in 0 until width) {
            val start = Place(x, y)
            if (at(start)?.cost == null || !seen.add(start)) continue
            val waiting = ArrayDeque(listOf(start))
            var size = 0
            while (waiting.isNotEmpty()) {
                size++
                around(waiting.removeFirst()).filter(seen::add).forEach(waiting::addLast)
            }
            sizes += size
        }
        return sizes.sortedDescending()
    }

    fun draw(path: Collection<Place>): String {
        val on = path.toSet()
        return ground.withIndex().joinToString("\n") { (y, row) ->
            row.withIndex().joinToString("") { (x, ground) ->
                if (Place(x, y) in on) "*" else ground.sign.toString()
            }
        }
    }
}

sealed interface Event {
    val account: String

    data class Opened(override val account: String, val owner: String) : Event
    data class Paid(override val account: String, val amount: Long) : Event
    data class Moved(override val account: String, val target: String, val amount: Long) : Event
    data class Closed(override val account: String) : Event
}

sealed class BankError(message: String) : Exception(message) {
    class Unknown(account: String) : BankError("no account $account")
    class Poor(account: String, val missing: Long) : BankError("$account misses $missing")
}

fun interface Listener<in E> {
    fun on(event: E)
}

abstract class Account(val name: String, val owner: String) {
    var balance: Long by Delegates.observable(0) { _, old, new -> if (new < old) drops++ }
        protected set
    var drops = 0
        private set

    abstract val limit: Long
    open fun fee(amount: Long): Long = 0

    fun add(amount: Long) {
        val after = balance + amount - if (amount < 0) fee(-amount) else 0
        if (after < -limit) throw BankError.Poor(name, -limit - after)
        balance = after
    }
}

class Savings(name: String, owner: String) : Account(name, owner) {
    override val limit get() = 0L
}

open class Current(name: String, owner: String) : Account(name, owner) {
    override val limit get() = 500L
    override fun fee(amount: Long) = 1 + amount / 100
}

class Business(name: String, owner: String) : Current(name, owner) {
    override val limit get() = 10 * super.limit
    override fun fee(amount: Long) = minOf(super.fee(amount), 5)
}

class Bank {
    private val accounts = TreeMap<String, Account>()
    private val listeners = mutableListOf<Listener<Event>>()

    operator fun plusAssign(listener: Listener<Event>) {
        listeners += listener
    }

    private fun find(name: String) = accounts[name] ?: throw BankError.Unknown(name)

    fun apply(event: Event) {
        when (event) {
            is Event.Opened -> accounts[event.account] = when (event.account.last().digitToInt() % 3) {
                0 -> Savings(event.account, event.owner)
                1 -> Current(event.account, event.owner)
                else -> Business(event.account, event.owner)
            }
            is Event.Paid -> find(event.account).add(event.amount)
            is Event.Moved -> {
                val target = find(event.target)
                find(event.account).add(-event.amount)
                target.add(event.amount)
            }
            is Event.Closed -> find(event.account).run { add(-balance) }
        }
        for (listener in listeners) listener.on(event)
    }

    fun summary() = accounts.values.groupBy({ it::class.simpleName }, { it.balance })
        .mapValues { (_, balances) -> balances.sum() to balances.size } to accounts.values.sumOf { it.drops }
}

fun events(dice: Dice, count: Int): Sequence<Event> = sequence {
    val names = List(40) { "A${it * 7919 % 1000}" }
    for (name in names) yield(Event.Opened(name, "owner of $name"))
    yieldAll(
        generateSequence {
            val name = names[dice.next(names.size)]
            when (dice.next(20)) {
                in 0..7 -> Event.Paid(name, dice.next(900).toLong())
                in 8..17 -> Event.Moved(name, names[dice.next(names.size)], dice.next(700).toLong())
                18 -> Event.Closed(name)
                else -> Event.Paid("B" + dice.next(9), 1)
            }
        }.take(count),
    )
}

/** Tasks that wait for ticks and for messages, in one thread. */
class Scheduler {
    private class Sleeper(val time: Int, val order: Int, val resume: () -> Unit)

    private val sleepers = Heap<Sleeper>(compareBy({ it.time }, { it.order }))
    private var order = 0
    var now = 0
        private set

    fun launch(task: suspend Scheduler.() -> Unit) {
        task.startCoroutine(this, Continuation(EmptyCoroutineContext) { it.getOrThrow() })
    }

    fun later(ticks: Int, resume: () -> Unit) = sleepers.push(Sleeper(now + ticks, order++, resume))

    suspend fun delay(ticks: Int) = suspendCoroutine { later(ticks) { it.resume(Unit) } }

    fun run() {
        while (sleepers.isNotEmpty()) {
            val sleeper = sleepers.pop()
            now = sleeper.time
            sleeper.resume()
        }
    }
}

class Channel<T>(private val scheduler: Scheduler) {
    private val items = ArrayDeque<T>()
    private val waiting = ArrayDeque<Continuation<T>>()

    fun send(item: T) {
        val receiver = waiting.removeFirstOrNull() ?: return items.addLast(item)
        scheduler.later(0) { receiver.resume(item) }
    }

    suspend fun receive(): T = items.removeFirstOrNull() ?: suspendCoroutine { waiting.addLast(it) }
}

fun tasks(): String {
    val scheduler = Scheduler()
    val orders = Channel<Pair<Int, Int>>(scheduler)
    val done = Channel<String>(scheduler)
    val log = StringBuilder()
    repeat(4) { cook ->
        scheduler.launch {
            while (true) {
                val (table, dishes) = orders.receive()
                if (dishes < 0) break
                for (dish in 1..dishes) delay(2 + cook)
                done.send("$cook for $table at $now")
            }
        }
    }
    scheduler.launch {
        val dice = Dice(3)
        repeat(250) {
            orders.send(it to dice.next(4) + 1)
            delay(dice.next(3) + 1)
        }
        repeat(4) { orders.send(0 to -1) }
    }
    var sum = 0
    scheduler.launch {
        repeat(250) {
            val line = done.receive()
            sum = sum * 31 + line.hashCode()
            if (it % 60 == 0) log.append(line).append("; ")
        }
        try {
            fail(this@launch)
        } catch (error: IllegalStateException) {
            log.append(error.message)
        } finally {
            log.append(", ended; ")
        }
    }
    scheduler.run()
    return "$log$sum at ${scheduler.now}"
}

suspend fun fail(scheduler: Scheduler) {
    scheduler.delay(1)
    check(scheduler.now == 0) { "late" }
}

/** Creatures: entities with components, and systems that act on those that have all of theirs. */
sealed interface Component
class Position(var x: Double, var y: Double) : Component
class Velocity(var x: Double, var y: Double) : Component
class Life(var points: Int) : Component
class Hunter(val reach: Double) : Component

class Entity(val id: Int) {
    val components = mutableMapOf<Any, Component>()
    inline fun <reified T : Component> get(): T? = components[T::class] as T?
    inline fun <reified T : Component> set(component: T) = apply { components[T::class] = component }
}

class Cellar(private val size: Double) {
    val entities = mutableListOf<Entity>()

    inline fun <reified A : Component, reified B : Component> each(act: (Entity, A, B) -> Unit) {
        for (entity in entities) {
            val a = entity.get<A>() ?: continue
            act(entity, a, entity.get<B>() ?: continue)
        }
    }

    fun step() {
        each<Position, Velocity> { _, position, velocity ->
            position.x += velocity.x
            position.y += velocity.y
            if (position.x !in 0.0..size) velocity.x = -velocity.x
            if (position.y !in 0.0..size) velocity.y = -velocity.y
        }
        each<Position, Hunter> { hunter, place, hunt ->
            each<Position, Life> { entity, position, life ->
                val dx = position.x - place.x
                val dy = position.y - place.y
                if (entity !== hunter && dx * dx + dy * dy < hunt.reach * hunt.reach) life.points--
            }
        }
        entities.removeAll { (it.get<Life>()?.points ?: 1) <= 0 }
    }
}

/** Formulas, with rules that simplify and derive them. */
sealed class Formula {
    data class Const(val value: Int) : Formula()
    data class Var(val name: String) : Formula()
    data class Sum(val left: Formula, val right: Formula) : Formula()
    data class Product(val left: Formula, val right: Formula) : Formula()
    data class Power(val base: Formula, val exponent: Int) : Formula()

    override fun toString(): String = when (this) {
        is Const -> value.toString()
        is Var -> name
        is Sum -> "($left + $right)"
        is Product -> "$left * $right"
        is Power -> "$base^$exponent"
    }

    operator fun plus(other: Formula) = Sum(this, other)
    operator fun times(other: Formula) = Product(this, other)
}

fun Formula.derived(name: String): Formula = when (this) {
    is Formula.Const -> Formula.Const(0)
    is Formula.Var -> Formula.Const(if (this.name == name) 1 else 0)
    is Formula.Sum -> left.derived(name) + right.derived(name)
    is Formula.Product -> left.derived(name) * right + left * right.derived(name)
    is Formula.Power -> Formula.Const(exponent) * Formula.Power(base, exponent - 1) * base.derived(name)
}

fun Formula.simple(): Formula = when (this) {
    is Formula.Sum -> {
        val (a, b) = left.simple() to right.simple()
        when {
            a == Formula.Const(0) -> b
            b == Formula.Const(0) -> a
            a is Formula.Const && b is Formula.Const -> Formula.Const(a.value + b.value)
            a == b -> (Formula.Const(2) * a).simple()
            else -> a + b
        }
    }
    is Formula.Product -> {
        val (a, b) = left.simple() to right.simple()
        when {
            a == Formula.Const(0) || b == Formula.Const(0) -> Formula.Const(0)
            a == Formula.Const(1) -> b
            b == Formula.Const(1) -> a
            a is Formula.Const && b is Formula.Const -> Formula.Const(a.value * b.value)
            b is Formula.Const -> (b * a).simple()
            a == b -> Formula.Power(a, 2)
            else -> a * b
        }
    }
    is Formula.Power -> when (exponent) {
        0 -> Formula.Const(1)
        1 -> base.simple()
        else -> Formula.Power(base.simple(), exponent)
    }
    else -> this
}

fun Formula.value(values: Map<String, Int>): Int = when (this) {
    is Formula.Const -> value
    is Formula.Var -> values.getValue(name)
    is Formula.Sum -> left.value(values) + right.value(values)
    is Formula.Product -> left.value(values) * right.value(values)
    is Formula.Power -> base.value(values).let { base -> (1..exponent).fold(1) { product, _ -> product * base } }
}

fun main() {
    val city = City(44, 30, Dice(11))
    val (from, to) = Place(1, 1) to Place(41, 27)
    val path = city.path(from, to)
    val same = city.path(from, to) { it far to }
    val drawn = city.draw(path?.first.orEmpty()).hashCode()
    println("${path?.second} ${same?.second} ${path?.first?.size} ${city.parts().take(4)} $drawn")

    val bank = Bank()
    val kinds = TreeMap<String, Int>()
    bank += Listener { event -> kinds[event::class.simpleName!!] = (kinds[event::class.simpleName!!] ?: 0) + 1 }
    var text = 0
    bank += Listener { text = text * 17 + it.toString().length + it.hashCode() % 2 }
    val errors = events(Dice(99), 2500).mapNotNull { runCatching { bank.apply(it) }.exceptionOrNull() }.toList()
    val missing = errors.filterIsInstance<BankError.Poor>().sumOf { it.missing }
    println("${errors.size} $missing ${errors[1].message} $kinds ${bank.summary()} $text")

    println(tasks())

    val cellar = Cellar(50.0)
    val dice = Dice(5)
    repeat(60) { n ->
        val entity = Entity(n).set(Position(dice.next(50).toDouble(), dice.next(50).toDouble()))
        if (n % 3 != 0) entity.set(Velocity(dice.next(100) / 50.0 - 1, dice.next(100) / 50.0 - 1))
        if (n % 8 == 0) entity.set(Hunter(4.0)) else entity.set(Life(12))
        cellar.entities += entity
    }
    repeat(25) { cellar.step() }
    val points = cellar.entities.sumOf { it.get<Life>()?.points ?: 0 }
    println("${cellar.entities.size} ${cellar.entities.sumOf { it.id }} $points")

    val (x, y) = Formula.Var("x") to Formula.Var("y")
    var formula: Formula = Formula.Power(x + Formula.Const(3) * y, 4) * (x * x + y) + Formula.Power(y, 6)
    repeat(4) { n ->
        formula = formula.derived(if (n % 2 == 0) "x" else "y").simple()
        println("${formula.toString().length} ${formula.value(mapOf("x" to 3, "y" to 2))} ${formula.hashCode()}")
    }

    val cache = Cache<Int, String>(40) { n -> (1..n % 9).joinToString("-") { (it * n).toString() } }
    val lengths = (1..4000).sumOf { cache[dice.next(12) * dice.next(9)].length }
    println("$lengths ${cache.misses}")
    val trie = Trie()
    repeat(400) { trie.add(dice.next(3000).toString(12)) }
    val hash = trie.words().fold(0) { hash, word -> hash * 31 + word.hashCode() }
    println("${trie.words().count()} ${trie.words().take(6).toList()} $hash")
    try {
        Heap<Int>(naturalOrder()).pop()
    } catch (error: NoSuchElementException) {
        println(error.message)
    }
}
