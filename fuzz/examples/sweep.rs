//! `cargo run --release --example sweep -- TARGET SECONDS [SEED]`; see `burdock_fuzz::sweep`.

fn main() {
    burdock_fuzz::sweep::main(burdock_fuzz::target);
}
