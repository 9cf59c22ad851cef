// A machine with a stack, and its assembler.

/** Instructions of a machine with a stack. */
sealed interface Op {
    fun run(machine: Machine)
}

class Machine(val code: Array<Op>, registers: Int) {
    val stack = ArrayDeque<Long>()
    val registers = LongArray(registers)
    val returns = mutableListOf<Int>()
    var at = 0
    var steps = 0L

    fun run() {
        while (at in code.indices) {
            steps++
            code[at++].run(this)
        }
    }

    inline fun binary(f: (Long, Long) -> Long) {
        val right = stack.removeLast()
        stack.addLast(f(stack.removeLast(), right))
    }
}

data class Push(val value: Long) : Op {
    override fun run(machine: Machine) = machine.stack.addLast(value)
}

data class Load(val register: Int) : Op {
    override fun run(machine: Machine) = machine.stack.addLast(machine.registers[register])
}

data class Store(val register: Int) : Op {
    override fun run(machine: Machine) {
        machine.registers[register] = machine.stack.removeLast()
    }
}

data class Jump(val target: Int) : Op {
    override fun run(machine: Machine) {
        machine.at = target
    }
}

data class JumpUnless(val target: Int) : Op {
    override fun run(machine: Machine) {
        if (machine.stack.removeLast() == 0L) machine.at = target
    }
}

data class CallOp(val target: Int) : Op {
    override fun run(machine: Machine) {
        machine.returns.add(machine.at)
        machine.at = target
    }
}

data object ReturnOp : Op {
    override fun run(machine: Machine) {
        machine.at = machine.returns.removeAt(machine.returns.lastIndex)
    }
}

enum class Arithmetic : Op {
    ADD, SUBTRACT, MULTIPLY, REMAINDER, LESS, EQUAL, XOR, SHIFT;

    override fun run(machine: Machine) = when (this) {
        ADD -> machine.binary(Long::plus)
        SUBTRACT -> machine.binary(Long::minus)
        MULTIPLY -> machine.binary { a, b -> a * b }
        REMAINDER -> machine.binary { a, b -> a % b }
        LESS -> machine.binary { a, b -> if (a < b) 1 else 0 }
        EQUAL -> machine.binary { a, b -> if (a == b) 1 else 0 }
        XOR -> machine.binary { a, b -> a xor b }
        SHIFT -> machine.binary { a, b -> if (b < 0) a ushr (-b).toInt() else a shl b.toInt() }
    }
}

fun assemble(text: String): Array<Op> {
    val lines = text.lines().map { it.substringBefore(';').trim() }.filter { it.isNotEmpty() }
    val labels = mutableMapOf<String, Int>()
    var at = 0
    for (line in lines) if (line.endsWith(':')) labels[line.dropLast(1)] = at else at++
    return lines.filterNot { it.endsWith(':') }.map { line ->
        val words = line.split(' ')
        when (val name = words[0]) {
            "push" -> Push(words[1].toLong())
            "load" -> Load(words[1].toInt())
            "store" -> Store(words[1].toInt())
            "jump" -> Jump(labels.getValue(words[1]))
            "unless" -> JumpUnless(labels.getValue(words[1]))
            "call" -> CallOp(labels.getValue(words[1]))
            "return" -> ReturnOp
            else -> Arithmetic.valueOf(name.uppercase())
        }
    }.toTypedArray()
}

/** Lengths of the sequences of Collatz, in the machine. */
val collatz = """
    push 1
    store 0
outer:
    load 0
    push 300
    less
    unless end
    load 0
    store 1         ; the number
    push 0
    store 2         ; its steps
inner:
    load 1
    push 1
    equal
    push 0
    equal
    unless done
    call step
    load 2
    push 1
    add
    store 2
    jump inner
done:
    load 3
    push 5
    shift
    load 3
    push -3
    shift
    xor
    load 2
    add
    store 3
    load 0
    push 1
    add
    store 0
    jump outer
step:
    load 1
    push 2
    remainder
    unless even
    load 1
    push 3
    multiply
    push 1
    add
    store 1
    return
even:
    load 1
    push -1
    shift
    store 1
    return
end:
"""
