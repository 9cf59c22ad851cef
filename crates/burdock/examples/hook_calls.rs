//! A program with a hook that counts the crossings between host and guest. It differs from
//! `hook_none` only in that.

#[path = "shared/work.rs"]
mod work;

fn main() -> burdock::Result<()> {
    work::work(|store| {
        store.call_hook(|mut store, _| {
            *store.data_mut() += 1;
            Ok(())
        });
    })
}
