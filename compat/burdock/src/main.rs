//! The embedding of ../../embedding.rs, compiled against burdock.

#[path = "../../embedding.rs"]
mod embedding;

fn main() -> wasmtime::Result<()> {
    embedding::run()
}
