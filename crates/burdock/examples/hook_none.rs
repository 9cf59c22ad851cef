//! A program without a hook. It differs from `hook_calls` only in that; `cargo xtask hookfree`
//! checks that it holds no code for hooks and runs no instruction for them.

#[path = "shared/work.rs"]
mod work;

fn main() -> burdock::Result<()> {
    work::work(|_store| {})
}
