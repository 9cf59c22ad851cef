//! The signatures of Rust functions, in C.

use std::any::type_name;

/// Returns the signature of a function with so many parameters: the result's type, and the
/// parameters' types in parentheses.
macro_rules! signature {
    (0 $function:ident) => {
        $crate::signatures::rust::with_0($function)
    };
    (1 $function:ident) => {
        $crate::signatures::rust::with_1($function)
    };
    (2 $function:ident) => {
        $crate::signatures::rust::with_2($function)
    };
    (3 $function:ident) => {
        $crate::signatures::rust::with_3($function)
    };
    (4 $function:ident) => {
        $crate::signatures::rust::with_4($function)
    };
    (5 $function:ident) => {
        $crate::signatures::rust::with_5($function)
    };
    (6 $function:ident) => {
        $crate::signatures::rust::with_6($function)
    };
    (7 $function:ident) => {
        $crate::signatures::rust::with_7($function)
    };
    (8 $function:ident) => {
        $crate::signatures::rust::with_8($function)
    };
    (9 $function:ident) => {
        $crate::signatures::rust::with_9($function)
    };
}
pub(super) use signature;

macro_rules! functions {
    ($($name:ident $($param:ident)*;)*) => {$(
        pub(super) fn $name<R, $($param),*>(_: extern "C" fn($($param),*) -> R) -> String {
            let params: Vec<String> = vec![$(c_type(type_name::<$param>())),*];
            format!("{}({})", c_type(type_name::<R>()), params.join(","))
        }
    )*};
}

functions! {
    with_0;
    with_1 A;
    with_2 A B;
    with_3 A B C;
    with_4 A B C D;
    with_5 A B C D E;
    with_6 A B C D E F;
    with_7 A B C D E F G;
    with_8 A B C D E F G H;
    with_9 A B C D E F G H I;
}

/// Returns the type of C that a type of Rust stands for.
fn c_type(ty: &str) -> String {
    let ty = ty.trim();
    let inside = |prefix: &str| ty.strip_prefix(prefix)?.strip_suffix('>');
    if let Some(some) = inside("core::option::Option<") {
        return c_type(some);
    }
    if let Some(place) = inside("core::mem::maybe_uninit::MaybeUninit<") {
        return c_type(place);
    }
    if let Some(elements) = inside("burdock_c_api::vecs::CVec<") {
        let element = c_type(elements);
        let name = element.trim_end_matches('*').trim_end_matches("_t");
        return format!("{}_vec_t", if name == "uint8" { "wasm_byte" } else { name });
    }
    if let Some(kind) = inside("burdock_c_api::wasmtime::reference::Reference<") {
        return format!("wasmtime_{}_t", c_type(kind).to_lowercase());
    }
    let pointers = ["&mut ", "&'_ mut ", "&'_ ", "&", "*const ", "*mut "];
    let behind = pointers.iter().find_map(|prefix| ty.strip_prefix(prefix));
    if let Some(behind) = behind.or(inside("alloc::boxed::Box<")) {
        return format!("{}*", c_type(behind));
    }
    if let Some((_, function)) = ty.split_once("extern \"C-unwind\" fn(") {
        return pointer_to(function);
    }
    let ty = ty.split('<').next().unwrap_or(ty);
    match ty.rsplit("::").next().unwrap_or(ty) {
        "()" | "c_void" => "void",
        "u8" => "uint8_t",
        "u16" => "uint16_t",
        "u32" => "uint32_t",
        "u64" => "uint64_t",
        "i32" => "int32_t",
        "i64" => "int64_t",
        "usize" => "size_t",
        "isize" => "ptrdiff_t",
        "StoreCell" => "wasmtime_context_t",
        name => name,
    }
    .to_owned()
}

/// Returns the type of C of a function pointer, whose text begins behind the parenthesis.
fn pointer_to(function: &str) -> String {
    let mut depth = 0;
    let end = function.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth < 0
    });
    let end = end.expect("parentheses match");
    let result = function[end..].split_once("-> ").map_or("void".to_owned(), |(_, ty)| c_type(ty));
    let params = function[..end].split(", ").map(c_type);
    format!("{result}(*)({})", params.collect::<Vec<_>>().join(","))
}
