// Collections: a heap, a balanced tree, a cache, a trie.

interface Queue<T> {
    val size: Int
    fun push(item: T)
    fun pop(): T
}

fun Queue<*>.isNotEmpty() = size > 0

class Heap<T>(private val order: Comparator<in T>) : Queue<T> {
    private val items = ArrayList<T>()
    override val size get() = items.size

    override fun push(item: T) {
        items.add(item)
        var at = items.lastIndex
        while (at > 0) {
            val parent = (at - 1) / 2
            if (order.compare(items[parent], items[at]) <= 0) break
            items.swap(parent, at)
            at = parent
        }
    }

    override fun pop(): T {
        if (items.isEmpty()) throw NoSuchElementException("the heap is empty")
        val first = items[0]
        val last = items.removeAt(items.lastIndex)
        if (items.isNotEmpty()) {
            items[0] = last
            var at = 0
            while (true) {
                var least = at
                for (child in 2 * at + 1..2 * at + 2) {
                    if (child < items.size && order.compare(items[child], items[least]) < 0) least = child
                }
                if (least == at) break
                items.swap(least, at)
                at = least
            }
        }
        return first
    }
}

fun <T> MutableList<T>.swap(a: Int, b: Int) {
    val item = this[a]
    this[a] = this[b]
    this[b] = item
}

/** A map in the order of its keys: a balanced tree by levels (Andersson's). */
class TreeMap<K : Comparable<K>, V> : AbstractMutableMap<K, V>() {
    private inner class Node(override val key: K, override var value: V) : MutableMap.MutableEntry<K, V> {
        var left: Node? = null
        var right: Node? = null
        var level = 1

        override fun setValue(newValue: V): V = value.also { value = newValue }
        override fun toString() = "$key=$value"
    }

    private var root: Node? = null
    private var count = 0
    private var replaced: V? = null

    override fun put(key: K, value: V): V? {
        replaced = null
        root = insert(root, key, value)
        return replaced
    }

    private fun insert(node: Node?, key: K, value: V): Node {
        if (node == null) {
            count++
            return Node(key, value)
        }
        val order = key.compareTo(node.key)
        when {
            order < 0 -> node.left = insert(node.left, key, value)
            order > 0 -> node.right = insert(node.right, key, value)
            else -> replaced = node.setValue(value)
        }
        return split(skew(node))
    }

    private fun skew(node: Node): Node {
        val left = node.left
        if (left == null || left.level != node.level) return node
        node.left = left.right
        left.right = node
        return left
    }

    private fun split(node: Node): Node {
        val right = node.right ?: return node
        if (right.right?.level != node.level) return node
        node.right = right.left
        right.left = node
        right.level++
        return right
    }

    override fun get(key: K): V? {
        var node = root
        while (node != null) {
            val order = key.compareTo(node.key)
            node = if (order < 0) node.left else if (order > 0) node.right else return node.value
        }
        return null
    }

    override val entries: MutableSet<MutableMap.MutableEntry<K, V>>
        get() = object : AbstractMutableSet<MutableMap.MutableEntry<K, V>>() {
            override val size get() = count
            override fun add(element: MutableMap.MutableEntry<K, V>) = put(element.key, element.value) != element.value
            override fun iterator() = object : MutableIterator<MutableMap.MutableEntry<K, V>> {
                private val path = ArrayDeque<Node>().also { descend(it, root) }

                private fun descend(path: ArrayDeque<Node>, from: Node?) {
                    var node = from
                    while (node != null) {
                        path.addLast(node)
                        node = node.left
                    }
                }

                override fun hasNext() = path.isNotEmpty()
                override fun next(): MutableMap.MutableEntry<K, V> = path.removeLast().also { descend(path, it.right) }
                override fun remove() = throw UnsupportedOperationException()
            }
        }
}

/** A cache of the last used values, as a list that is linked in both directions. */
class Cache<K, V>(private val limit: Int, private val make: (K) -> V) {
    private class Link<K, V>(val key: K, val value: V) {
        var newer: Link<K, V>? = null
        var older: Link<K, V>? = null
    }

    private val links = HashMap<K, Link<K, V>>()
    private var newest: Link<K, V>? = null
    private var oldest: Link<K, V>? = null
    var misses = 0

    operator fun get(key: K): V {
        val link = links.getOrPut(key) {
            misses++
            Link(key, make(key))
        }
        if (link !== newest) {
            if (link === oldest) oldest = link.newer
            link.newer?.older = link.older
            link.older?.newer = link.newer
            link.newer = null
            link.older = newest
            newest?.newer = link
            newest = link
            if (oldest == null) oldest = link
        }
        if (links.size > limit) oldest?.let {
            links.remove(it.key)
            oldest = it.newer
            oldest?.older = null
        }
        return link.value
    }
}

class Trie {
    private val children = TreeMap<Char, Trie>()
    private var ends = false

    fun add(word: String) {
        word.fold(this) { node, c -> node.children.getOrPut(c) { Trie() } }.ends = true
    }

    fun words(prefix: String = ""): Sequence<String> = sequence {
        if (ends) yield(prefix)
        for ((c, child) in children) yieldAll(child.words(prefix + c))
    }
}
