//! Futures that calls wait for: asynchronous limiters and call hooks, and yields of the embedder's.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use wasmtime::{
    CallHook, CallHookHandler, Caller, Config, Engine, Instance, Linker, Memory, MemoryType,
    Module, Ref, RefType, ResourceLimiterAsync, Result, Store, StoreHookState, Table, TableType,
    Trap, UpdateDeadline, Val, bail,
};

/// The log of limiters and hooks, and the number of waits before each of their answers.
#[derive(Default)]
struct Data {
    log: Vec<String>,
    waits: usize,
    /// The number of transitions that a hook lets pass before its error.
    left: usize,
}

const WAT: &str = r#"(module
    (import "host" "sync" (func $sync (param i32) (result i32)))
    (import "host" "later" (func $later (param i32) (result i32)))
    (import "host" "fail" (func $fail))
    (memory (export "memory") 1 4)
    (table (export "table") 2 10 funcref)
    (func (export "memory_grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table_grow") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0)))
    (func (export "calls") (param i32) (result i32)
        (i32.add (call $sync (local.get 0)) (call $later (local.get 0))))
    (func (export "fails") (param i32) (result i32) (call $fail) (local.get 0))
    (func (export "traps") (param i32) (result i32) (unreachable))
    (func (export "spins") (param i32) (result i32) (loop $again (br $again)) (local.get 0)))"#;

/// Becomes ready when it is polled for the second time.
#[derive(Default)]
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

async fn wait(times: usize) {
    for _ in 0..times {
        Later::default().await;
    }
}

/// Returns the output of a future, and how often it was not ready.
fn block_on<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    let mut waits = 0;
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return (output, waits),
            Poll::Pending => waits += 1,
        }
    }
}

#[async_trait::async_trait]
impl ResourceLimiterAsync for Data {
    async fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        wait(self.waits).await;
        self.log.push(format!("memory {current} {desired} {maximum:?}"));
        if desired == 4 << 16 {
            bail!("not four pages");
        }
        Ok(desired <= 3 << 16)
    }

    async fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        wait(self.waits).await;
        self.log.push(format!("table {current} {desired} {maximum:?}"));
        Ok(desired <= 20)
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> Result<()> {
        self.log.push("the table has failed to grow".into());
        Ok(())
    }
}

struct Log;

#[async_trait::async_trait]
impl CallHookHandler<Data> for Log {
    async fn handle_call_event(
        &self,
        mut state: StoreHookState<'_, Data>,
        event: CallHook,
    ) -> Result<()> {
        let waits = state.data_mut().waits;
        wait(waits).await;
        let data = state.data_mut();
        data.log.push(format!("{event:?}"));
        if data.left == 0 {
            bail!("no more");
        }
        data.left -= 1;
        Ok(())
    }
}

pub fn run() -> Result<()> {
    limiter()?;
    hook()?;
    deadline()
}

fn linker(engine: &Engine) -> Result<Linker<Data>> {
    let mut linker = Linker::<Data>::new(engine);
    linker.func_wrap("host", "sync", |n: i32| n + 1)?;
    linker.func_wrap_async("host", "later", |_: Caller<'_, Data>, (n,): (i32,)| {
        Box::new(async move {
            Later::default().await;
            n + 2
        })
    })?;
    linker.func_wrap("host", "fail", || -> Result<()> { bail!("it fails") })?;
    Ok(linker)
}

/// Calls an export, and prints the result, the waits, and the log.
fn call(store: &mut Store<Data>, instance: &Instance, name: &str, n: i32) -> Result<()> {
    let func = instance.get_typed_func::<i32, i32>(&mut *store, name)?;
    let (result, waits) = block_on(func.call_async(&mut *store, n));
    let result = result.map_err(|error| error.root_cause().to_string());
    println!("{name} {n}: {result:?}, {waits} waits");
    print_log(store);
    Ok(())
}

fn print_log(store: &mut Store<Data>) {
    store.data_mut().log.drain(..).for_each(|line| println!("  {line}"));
}

fn limiter() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, WAT)?;
    for waits in [0, 2] {
        let mut store = Store::new(&engine, Data { waits, ..Data::default() });
        store.limiter_async(|data| data);
        let (instance, waited) = block_on(linker(&engine)?.instantiate_async(&mut store, &module));
        let instance = instance?;
        println!("instance: {waited} waits");
        print_log(&mut store);
        for (name, n) in
            [("memory_grow", 1), ("memory_grow", 2), ("table_grow", 5), ("table_grow", 9)]
        {
            call(&mut store, &instance, name, n)?;
        }
        let memory = instance.get_memory(&mut store, "memory").expect("an export");
        let table = instance.get_table(&mut store, "table").expect("an export");
        let null = Ref::Func(None);
        let grown = [
            block_on(memory.grow_async(&mut store, 1)),
            block_on(memory.grow_async(&mut store, 9)),
            block_on(table.grow_async(&mut store, 1, null.clone())),
            block_on(table.grow_async(&mut store, 14, null.clone())),
        ];
        for (result, waits) in grown {
            println!("{:?} {waits}", result.map_err(|error| error.to_string()));
        }
        let ty = TableType::new(RefType::FUNCREF, 3, Some(30));
        let new = block_on(Table::new_async(&mut store, ty.clone(), null.clone()));
        println!("table: {} {}", new.0?.size(&store), new.1);
        let new = block_on(Memory::new_async(&mut store, MemoryType::new(2, Some(9))));
        println!("memory: {} {}", new.0?.size(&store), new.1);
        let new = block_on(Memory::new_async(&mut store, MemoryType::new(5, Some(9))));
        println!("memory: {}", new.0.unwrap_err());
        print_log(&mut store);
        let func = instance.get_func(&mut store, "memory_grow").expect("an export");
        let mut results = [Val::I32(0)];
        let errors = [
            memory.grow(&mut store, 1).unwrap_err(),
            table.grow(&mut store, 1, null.clone()).unwrap_err(),
            Memory::new(&mut store, MemoryType::new(1, None)).unwrap_err(),
            Table::new(&mut store, ty, null).unwrap_err(),
            func.call(&mut store, &[Val::I32(1)], &mut results).unwrap_err(),
            Instance::new(&mut store, &Module::new(&engine, "(module)")?, &[]).unwrap_err(),
        ];
        errors.iter().for_each(|error| println!("without waiting: {error:#}"));
    }
    Ok(())
}

fn hook() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, WAT)?;
    for waits in [0, 1] {
        let mut store = Store::new(&engine, Data { waits, left: 100, ..Data::default() });
        store.call_hook_async(Log);
        let instance = block_on(linker(&engine)?.instantiate_async(&mut store, &module)).0?;
        for name in ["calls", "fails", "traps"] {
            call(&mut store, &instance, name, 1)?;
            for left in 0..6 {
                store.data_mut().left = left;
                call(&mut store, &instance, name, 1)?;
            }
            store.data_mut().left = 100;
        }
        let func = instance.get_typed_func::<i32, i32>(&mut store, "calls")?;
        println!("without waiting: {:#}", func.call(&mut store, 1).unwrap_err());
    }
    Ok(())
}

fn deadline() -> Result<()> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, WAT)?;
    let mut store = Store::new(&engine, Data::default());
    let mut looks = 0;
    store.epoch_deadline_callback(move |mut state| {
        looks += 1;
        state.data_mut().log.push(format!("deadline {looks}"));
        Ok(match looks {
            1 => UpdateDeadline::YieldCustom(0, Box::pin(wait(3))),
            2 => UpdateDeadline::Continue(0),
            3 => UpdateDeadline::YieldCustom(0, Box::pin(wait(2))),
            4 => UpdateDeadline::Yield(0),
            _ => UpdateDeadline::Interrupt,
        })
    });
    let instance = block_on(linker(&engine)?.instantiate_async(&mut store, &module)).0?;
    let spins = instance.get_typed_func::<i32, i32>(&mut store, "spins")?;
    let (result, waits) = block_on(spins.call_async(&mut store, 1));
    let error = result.unwrap_err();
    println!("spins: {:?}, {waits} waits", error.downcast_ref::<Trap>());
    print_log(&mut store);
    Ok(())
}
