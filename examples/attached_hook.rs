//! A hook that is attached to one function of a guest: it draws the tree of the function's calls
//! with their arguments and results, and reads the frames of those who call.
//!
//! ```console
//! $ cargo run -p burdock-examples --bin attached_hook
//! fib(3), called by run
//!   fib(2), called by fib, whose $n is 3
//!     fib(1), called by fib, whose $n is 2
//!     = 1
//!     fib(0), called by fib, whose $n is 2
//!     = 0
//!   = 1
//!   fib(1), called by fib, whose $n is 3
//!   = 1
//! = 2
//! run(3) = 2
//! ```

use burdock::{
    Engine, Event, Events, Filter, Hook, Instance, Leave, Module, Result, Store, StoreContextMut,
};

const GUEST: &str = r#"(module
    (func $fib (param $n i32) (result i32)
        (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
            (then (local.get $n))
            (else (i32.add
                (call $fib (i32.sub (local.get $n) (i32.const 1)))
                (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
    (func $run (export "run") (param $n i32) (result i32)
        (call $fib (local.get $n))))"#;

/// Draws the calls that it is told of.
struct CallTree {
    depth: usize,
}

impl<T: 'static> Hook<T> for CallTree {
    // Code is made for these events only: no other kind costs anything.
    const EVENTS: Events = Events::FUNCS;

    fn event(&mut self, mut store: StoreContextMut<'_, T>, event: Event<'_>) -> Result<()> {
        match event {
            Event::FuncEnter(args) => {
                let frame = store.frame().expect("a guest runs");
                let name = frame.func_name(&store).unwrap_or("?").to_owned();
                let args: Vec<i32> = args.iter().map(|arg| arg.unwrap_i32()).collect();
                print!("{:1$}{name}({2})", "", 2 * self.depth, args[0]);
                if let Some(caller) = frame.caller(&store)? {
                    let name = caller.func_name(&store).unwrap_or("?");
                    print!(", called by {name}");
                    // Values are known in code that is observed, which `run` is not.
                    if let Ok(n) = caller.local(&store, 0) {
                        print!(", whose $n is {}", n.unwrap_i32());
                    }
                }
                println!();
                self.depth += 1;
            }
            Event::FuncLeave(Leave::Return(results)) => {
                self.depth -= 1;
                let result = results.get(0).expect("`fib` has a result");
                println!("{:1$}= {2}", "", 2 * self.depth, result.unwrap_i32());
            }
            _ => self.depth -= 1,
        }
        Ok(())
    }
}

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;

    let tree = store.attach(Filter::new().func("fib"), CallTree { depth: 0 });
    println!("run(3) = {}", run.call(&mut store, 3)?);

    // The hook comes back. From here on the guest runs as if there had never been one.
    let tree = store.detach(tree).expect("the hook was attached");
    assert_eq!(tree.depth, 0);
    run.call(&mut store, 3)?;
    Ok(())
}
