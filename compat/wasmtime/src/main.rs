//! The embedding of ../../embedding.rs and ../../debugging.rs, compiled against wasmtime.

#[path = "../../embedding.rs"]
mod embedding;

#[path = "../../debugging.rs"]
mod debugging;

fn main() -> wasmtime::Result<()> {
    embedding::run()?;
    debugging::run()
}
