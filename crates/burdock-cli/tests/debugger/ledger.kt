// A program for tests of debuggers; build.sh compiles it.

class Account(val owner: String, var balance: Int)

fun deposit(account: Account, amount: Int): Int {
    val fee = amount / 10
    val credited = amount - fee
    account.balance += credited
    return account.balance
}

fun total(amounts: IntArray): Int {
    val account = Account("ada", 5)
    var last = 0
    for (amount in amounts) {
        last = deposit(account, amount)
    }
    return last
}

fun main() {
    println(total(intArrayOf(10, 20, 30)))
}
