//! A tool of one's own, as `burdock-tools` has them: it counts the iterations of every loop of a
//! guest, and which loop they come from is found with the names of the module.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin own_tool
//! primes: 303
//! iterations  loop
//!      13701  is_prime at 0x2c
//!       1999  primes at 0x5c
//! ```

use burdock::{Count, Counter, Engine, Events, Filter, Instance, Module, Result, Store};
use burdock_tools::Code;

const GUEST: &str = r#"(module
    (func $is_prime (param $n i32) (result i32) (local $d i32)
        (local.set $d (i32.const 2))
        (loop $divisors
            (if (i32.gt_u (i32.mul (local.get $d) (local.get $d)) (local.get $n))
                (then (return (i32.const 1))))
            (if (i32.eqz (i32.rem_u (local.get $n) (local.get $d)))
                (then (return (i32.const 0))))
            (local.set $d (i32.add (local.get $d) (i32.const 1)))
            (br $divisors))
        (unreachable))
    (func $primes (export "primes") (param $end i32) (result i32) (local $n i32) (local $count i32)
        (local.set $n (i32.const 2))
        (loop $numbers
            (local.set $count (i32.add (local.get $count) (call $is_prime (local.get $n))))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $numbers (i32.le_u (local.get $n) (local.get $end))))
        (local.get $count)))"#;

/// Counts the iterations of loops, from when it is attached.
struct Loops {
    counter: Counter,
}

impl Loops {
    /// Attaches the tool to a store, for the functions that `filter` has. The machine counts: no
    /// hook is called.
    fn attach<T: 'static>(store: &mut Store<T>, filter: Filter) -> Self {
        Self { counter: store.count(filter.events(Events::LOOPS)) }
    }

    /// Detaches the tool, and returns its report.
    fn finish<T: 'static>(self, store: &mut Store<T>) -> LoopReport {
        let mut loops = store.stop_counting(self.counter);
        loops.retain(|count| count.count > 0);
        loops.sort_by_key(|count| std::cmp::Reverse(count.count));
        LoopReport { loops }
    }
}

/// Loops that were run, those with most iterations first.
struct LoopReport {
    loops: Vec<Count>,
}

impl LoopReport {
    /// Returns the report as text. `code` names the functions.
    fn text(&self, code: &Code) -> String {
        let mut text = String::from("iterations  loop\n");
        for &Count { func_index, offset, count, .. } in &self.loops {
            let name = code.func_name(func_index);
            text += &format!("{count:>10}  {name} at {offset:#x}\n");
        }
        text
    }
}

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let code = Code::new(module.debug_bytecode().expect("the engine keeps the binary"))?;

    let mut store = Store::new(&engine, ());
    let loops = Loops::attach(&mut store, Filter::new());
    let instance = Instance::new(&mut store, &module, &[])?;
    let primes = instance.get_typed_func::<u32, u32>(&mut store, "primes")?;
    println!("primes: {}", primes.call(&mut store, 2000)?);
    print!("{}", loops.finish(&mut store).text(&code));
    Ok(())
}
