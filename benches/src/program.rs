//! A module to run, with its imports. Every import is a function whose behavior depends only on its
//! name, so that each runtime can define it in its own way.

use std::time::Instant;

use wasmparser::{CompositeInnerType, Parser, Payload, TypeRef, ValType};

use crate::Result;
use crate::wasi::{GuestMemory, World};

/// A value of one of the four types that every runtime knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
}

/// The type of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    I32,
    I64,
    F32,
    F64,
}

impl Type {
    /// Returns zero of this type.
    pub(crate) fn zero(self) -> Value {
        match self {
            Self::I32 => Value::I32(0),
            Self::I64 => Value::I64(0),
            Self::F32 => Value::F32(0.0),
            Self::F64 => Value::F64(0.0),
        }
    }
}

/// An imported function.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) params: Vec<Type>,
    pub(crate) result: Option<Type>,
    world: World,
}

impl Import {
    /// Returns `true` for `bench.add`, which measures calls of the host. Runtimes define it with
    /// static types.
    pub(crate) fn is_add(&self) -> bool {
        self.module == "bench" && self.name == "add"
    }

    /// Returns `true` if the import is a function of WASI.
    pub(crate) fn is_wasi(&self) -> bool {
        self.module == "wasi_snapshot_preview1"
    }

    /// Calls a function of WASI in the program's world. Each of them returns an error number or
    /// nothing.
    pub(crate) fn call(&self, args: &[Value], memory: &mut dyn GuestMemory) -> Option<Value> {
        let errno = self.world.call(&self.name, args, memory);
        self.result.map(|_| Value::I32(errno))
    }

    /// Returns the result of any other import: the time in milliseconds for `clock_ms`, zero
    /// otherwise.
    pub(crate) fn result(&self, start: Instant) -> Option<Value> {
        if self.name == "clock_ms" {
            return Some(Value::I32(start.elapsed().as_millis() as i32));
        }
        self.result.map(Type::zero)
    }
}

/// A module and its imports.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) wasm: Vec<u8>,
    pub(crate) imports: Vec<Import>,
    pub(crate) world: World,
}

impl Program {
    /// Reads the imports of a module. Returns an error if one is not a function of plain types.
    pub(crate) fn new(wasm: Vec<u8>) -> Result<Self> {
        Self::in_world(wasm, World::default())
    }

    /// Does as [`Self::new`], for a program that uses WASI.
    pub(crate) fn in_world(wasm: Vec<u8>, world: World) -> Result<Self> {
        let mut types = Vec::new();
        let mut imports = Vec::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        types.extend(group?.into_types().map(|ty| ty.composite_type.inner));
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        let TypeRef::Func(index) = import.ty else {
                            return Err(format!("{} is not a function", import.name).into());
                        };
                        let Some(CompositeInnerType::Func(ty)) = types.get(index as usize) else {
                            return Err(format!("{} has no function type", import.name).into());
                        };
                        imports.push(Import {
                            module: import.module.to_owned(),
                            name: import.name.to_owned(),
                            params: ty.params().iter().map(plain).collect::<Result<_>>()?,
                            result: ty.results().first().map(plain).transpose()?,
                            world: world.clone(),
                        });
                    }
                    break;
                }
                _ => {}
            }
        }
        Ok(Self { wasm, imports, world })
    }
}

fn plain(ty: &ValType) -> Result<Type> {
    match ty {
        ValType::I32 => Ok(Type::I32),
        ValType::I64 => Ok(Type::I64),
        ValType::F32 => Ok(Type::F32),
        ValType::F64 => Ok(Type::F64),
        other => Err(format!("an import uses the type {other}").into()),
    }
}
