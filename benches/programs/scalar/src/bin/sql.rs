//! GlueSQL, a database, fills two tables in memory and answers queries.

use std::fmt::Write;

use common::{Checksum, Random, prose};
use gluesql::gluesql_memory_storage::MemoryStorage;
use gluesql::prelude::Glue;

const TABLES: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, price FLOAT, note TEXT);";

const QUERIES: &[&str] = &[
    "SELECT city, COUNT(*), MAX(name) FROM customer GROUP BY city ORDER BY city",
    "SELECT customer, SUM(price) AS total FROM orders GROUP BY customer
         HAVING COUNT(*) > 5 ORDER BY customer LIMIT 20",
    "SELECT c.name, o.price FROM orders o JOIN customer c ON c.id = o.customer
         WHERE o.price > 900 ORDER BY o.id LIMIT 50",
    // Without LIKE, which is the work of the crate regex.
    "SELECT id, UPPER(note) FROM orders WHERE note > 'The' AND price BETWEEN 100 AND 400
         ORDER BY price DESC LIMIT 20",
    "SELECT id FROM orders WHERE customer IN (SELECT id FROM customer WHERE city = 'Oslo')
         ORDER BY id",
    "UPDATE orders SET price = price * 1.1 WHERE id % 3 = 0",
    "DELETE FROM orders WHERE price < 50",
    "SELECT COUNT(*), AVG(price), MIN(price), MAX(id) FROM orders",
];

fn main() {
    let mut glue = Glue::new(MemoryStorage::default());
    let mut sum = Checksum::default();
    let mut run = |sql: &str| {
        let payloads = glue.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        for payload in payloads {
            sum.add(format!("{payload:?}"));
        }
    };
    run(TABLES);
    for statement in rows(120, 1000) {
        run(&statement);
    }
    for query in QUERIES {
        run(query);
    }
    sum.print();
}

/// Returns the statements that fill the tables, some rows each.
fn rows(customers: usize, orders: usize) -> Vec<String> {
    let mut random = Random::new(2);
    let mut all = Vec::new();
    for n in 0..customers {
        let city = random.pick(&["Oslo", "Lima", "Kyiv", "Rome", "Bern", "Doha", "Suva"]);
        all.push(format!("INSERT INTO customer VALUES ({n}, 'customer {n}', '{city}')"));
    }
    for first in (0..orders).step_by(20) {
        let mut statement = String::from("INSERT INTO orders VALUES ");
        for n in first..first + 20 {
            let (customer, price) = (random.below(customers), random.below(100_000) as f64 / 100.0);
            let note = prose(&mut random, 40);
            let separator = if n == first { "" } else { ", " };
            let _ =
                write!(statement, "{separator}({n}, {customer}, {price:.2}, '{}')", note.trim());
        }
        all.push(statement);
    }
    all
}
