//! wasmparser's validator alone: the time that reading a module takes an engine that validates it
//! before anything else. It runs nothing.

use wasmparser::Validator;

use super::{Compiled, Instance, Part, Runtime};
use crate::Result;
use crate::program::{Program, Value};

pub(crate) struct Wasmparser;

impl Runtime for Wasmparser {
    fn name(&self) -> &'static str {
        "wasmparser"
    }

    fn part(&self) -> Part {
        Part::Startup
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Compiled>> {
        Validator::new().validate_all(&program.wasm)?;
        Ok(Box::new(Validated))
    }
}

struct Validated;

impl Compiled for Validated {
    fn instantiate(&mut self) -> Result<Box<dyn Instance>> {
        Ok(Box::new(Self))
    }
}

impl Instance for Validated {
    fn call(&mut self, _: &str, _: &[Value]) -> Result<Option<Value>> {
        Err("it runs nothing".into())
    }

    fn call_often(&mut self, _: &str, _: u32) -> Result<i32> {
        Err("it runs nothing".into())
    }

    fn write(&mut self, _: usize, _: &[u8]) -> Result {
        Err("it runs nothing".into())
    }
}
