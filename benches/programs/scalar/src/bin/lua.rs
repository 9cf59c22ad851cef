//! piccolo, an interpreter of Lua, runs a script.

use common::Checksum;
use piccolo::{Closure, Executor, Lua};

fn main() {
    let mut lua = Lua::core();
    let executor = lua
        .try_enter(|ctx| {
            let script = &include_bytes!("../../scripts/lua.lua")[..];
            let closure = Closure::load(ctx, Some("lua.lua"), script)?;
            Ok(ctx.stash(Executor::start(ctx, closure.into(), ())))
        })
        .expect("the script is valid");
    let text: String = lua.execute(&executor).expect("the script succeeds");
    let mut sum = Checksum::default();
    sum.add(&text);
    sum.print();
}
