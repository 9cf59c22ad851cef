//! A core dump as a file, in the form of the tool conventions:
//! <https://github.com/WebAssembly/tool-conventions/blob/main/Coredump.md>.

use super::WasmCoreDump;
use crate::store::StoreOpaque;
use crate::{AsContextMut, Mutability, Val};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use burdock_types::IndexType;
use wasm_encoder::{
    ConstExpr, CoreDumpInstancesSection, CoreDumpModulesSection, CoreDumpSection,
    CoreDumpStackSection, DataSection, GlobalSection, GlobalType, MemorySection, MemoryType,
    Module,
};

/// A memory is written in pieces of this size, each without the zeros at its ends.
const PIECE: usize = 4096;

/// Log2 of the size of a page that needs no mention.
const COMMON_PAGE: u8 = 16;

impl WasmCoreDump {
    /// Returns the dump as a file that tools for core dumps read. Memories and globals have their
    /// current contents; references are null. `name` is the name of the program.
    ///
    /// # Panics
    ///
    /// Panics if the store is not that of the dump.
    pub fn serialize(&self, mut store: impl AsContextMut, name: &str) -> Vec<u8> {
        let mut store = store.as_context_mut();
        let mut out = Module::new();
        out.section(&CoreDumpSection::new(name));
        let mut data = DataSection::new();
        out.section(&self.memory_section(store.opaque(), &mut data));
        out.section(&self.global_section(&mut store));
        out.section(&data);
        let mut modules = CoreDumpModulesSection::new();
        for (i, module) in self.modules.iter().enumerate() {
            let unnamed = || format!("<anonymous-module-{i}>");
            modules.module(module.name().map_or_else(unnamed, ToString::to_string).as_str());
        }
        out.section(&modules);
        out.section(&self.instance_section(store.opaque()));
        let mut stack = CoreDumpStackSection::new("main");
        for (frame, instance) in self.frames().iter().zip(&self.frame_instances) {
            let offset = frame.func_offset().unwrap_or(0) as u32;
            stack.frame(*instance, frame.func_index(), offset, [], []);
        }
        out.section(&stack);
        out.finish()
    }

    fn memory_section(&self, store: &StoreOpaque, data: &mut DataSection) -> MemorySection {
        let mut memories = MemorySection::new();
        for (index, memory) in self.memories.iter().enumerate() {
            let addr = memory.addr(store.id());
            let ty = store.vm.memory_type(addr);
            let is_64 = ty.index == IndexType::I64;
            let page = ty.page_size_log2;
            memories.memory(MemoryType {
                minimum: store.vm.memory_size(addr),
                maximum: ty.max,
                memory64: is_64,
                shared: false,
                page_size_log2: (page != COMMON_PAGE).then_some(page.into()),
            });
            for (piece, bytes) in store.vm.memory_data(addr).chunks(PIECE).enumerate() {
                let nonzero = |byte: &u8| *byte != 0;
                let Some(start) = bytes.iter().position(nonzero) else { continue };
                let end = bytes.iter().rposition(nonzero).map_or(start, |last| last + 1);
                let offset = (piece * PIECE + start) as u64;
                let offset = match is_64 {
                    true => ConstExpr::i64_const(offset as i64),
                    false => ConstExpr::i32_const(offset as i32),
                };
                data.active(index as u32, &offset, bytes[start..end].iter().copied());
            }
        }
        memories
    }

    fn global_section(&self, mut store: impl AsContextMut) -> GlobalSection {
        let mut globals = GlobalSection::new();
        for global in &self.globals {
            let ty = global.ty(&store);
            let (val_type, init) = encode(global.get(&mut store));
            let mutable = ty.mutability() == Mutability::Var;
            globals.global(GlobalType { val_type, mutable, shared: false }, &init);
        }
        globals
    }

    fn instance_section(&self, store: &StoreOpaque) -> CoreDumpInstancesSection {
        let mut instances = CoreDumpInstancesSection::new();
        for instance in store.vm.instances().take(self.instances.len()) {
            let module = &store.instance(instance).module;
            let known = self.modules.iter().position(|known| crate::Module::same(known, module));
            let known = known.expect("the modules are those of the instances") as u32;
            // Memories and globals are in the dump in the order of their addresses.
            let memories = store.vm.instance_memories(instance);
            let memories = memories.map(|addr| addr.index() as u32).collect::<Vec<_>>();
            let globals = store.vm.instance_globals(instance);
            let globals = globals.map(|addr| addr.index() as u32).collect::<Vec<_>>();
            instances.instance(known, memories, globals);
        }
        instances
    }
}

/// Returns a global's type and value; references are null.
fn encode(value: Val) -> (wasm_encoder::ValType, ConstExpr) {
    use wasm_encoder::ValType as Out;
    let null = |ty: wasm_encoder::RefType| (Out::Ref(ty), ConstExpr::ref_null(ty.heap_type));
    match value {
        Val::I32(value) => (Out::I32, ConstExpr::i32_const(value)),
        Val::I64(value) => (Out::I64, ConstExpr::i64_const(value)),
        Val::F32(bits) => (Out::F32, ConstExpr::f32_const(f32::from_bits(bits).into())),
        Val::F64(bits) => (Out::F64, ConstExpr::f64_const(f64::from_bits(bits).into())),
        Val::V128(value) => (Out::V128, ConstExpr::v128_const(value.as_u128() as i128)),
        Val::ExternRef(_) => null(wasm_encoder::RefType::EXTERNREF),
        Val::AnyRef(_) => null(wasm_encoder::RefType::ANYREF),
        Val::ExnRef(_) => null(wasm_encoder::RefType::EXNREF),
        Val::FuncRef(_) => null(wasm_encoder::RefType::FUNCREF),
    }
}
