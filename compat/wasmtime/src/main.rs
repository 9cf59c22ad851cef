//! The embedding of ../../embedding.rs, compiled against wasmtime.

#[path = "../../embedding.rs"]
mod embedding;

fn main() -> wasmtime::Result<()> {
    embedding::run()
}
