//! The run of a module through an API that has the shape of Wasmtime's, and its observable outcome.

/// The outcome of a run, one line for each observation. Equal runs have equal lines.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Outcome(pub Vec<String>);

impl Outcome {
    /// Returns `true` if the engines may differ from here on, because they count fuel and stack
    /// differently.
    pub fn unfit(&self) -> bool {
        let limits = [
            "StackOverflow",
            "OutOfFuel",
            "OutOfMemory",
            "OutOfSystemMemory",
            "AllocationTooLarge",
            "refused",
        ];
        self.0.iter().any(|line| limits.iter().any(|limit| line.contains(limit)))
    }
}

/// Returns a pseudo-random number, for arguments and the results of host functions.
fn mix(seed: u64) -> u64 {
    let x = (seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ x >> 29
}

/// Returns a pseudo-random number, often a small one.
pub fn number(seed: u64) -> u64 {
    let x = mix(seed);
    match x % 4 {
        0 => (x >> 8) % 8,
        1 => ((x >> 8) % 8).wrapping_neg(),
        2 => (x >> 8) & 0xffff,
        _ => x,
    }
}

/// Returns a hash of the bytes.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(14695981039346656037, |h, &b| (h ^ u64::from(b)).wrapping_mul(1099511628211))
}

/// Returns a value as text, in which all NaNs are equal.
pub fn f32_text(bits: u32) -> String {
    if f32::from_bits(bits).is_nan() { "f32 nan".into() } else { format!("f32 {bits:#x}") }
}

/// Returns a value as text, in which all NaNs are equal.
pub fn f64_text(bits: u64) -> String {
    if f64::from_bits(bits).is_nan() { "f64 nan".into() } else { format!("f64 {bits:#x}") }
}

/// Returns the values as text.
pub fn texts<V>(vals: &[V], text: impl Fn(&V) -> String) -> String {
    vals.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// The number of exported functions that are called, and the number of calls of each.
pub const FUNCS: usize = 8;

/// Defines a function that runs a module: `$krate` is the engine's crate, `$list` the method that
/// makes a `Vec` of a type's parameters, `$instantiate` the one of the linker.
#[macro_export]
macro_rules! runner {
    ($name:ident, $krate:ident, $data:ty, $list:ident, $instantiate:ident, $log:expr) => {
        fn $name(
            engine: &$krate::Engine,
            module: &$krate::Module,
            make_store: impl Fn() -> $krate::Store<$data>,
            text: fn(&$krate::Val) -> String,
            default: fn($krate::ValType, u64) -> Option<$krate::Val>,
            trap: fn(&$krate::Error) -> Option<String>,
            call: impl Fn(
                &$krate::Func,
                &mut $krate::Store<$data>,
                &[$krate::Val],
                &mut [$krate::Val],
            ) -> Result<(), $krate::Error>,
            left: impl Fn(&$krate::Store<$data>) -> Option<String>,
            out: &mut $crate::runner::Outcome,
        ) -> $krate::Store<$data> {
            let mut linker = <$krate::Linker<$data>>::new(engine);
            for import in module.imports() {
                let $krate::ExternType::Func(ty) = import.ty().clone() else {
                    continue;
                };
                let results: Vec<$krate::ValType> = ty.results().$list();
                let label = import.name().to_string();
                let _ = linker.func_new(
                    import.module(),
                    import.name(),
                    ty,
                    move |mut caller, params, outs| {
                        let line = format!("{label}({})", $crate::runner::texts(params, text));
                        let seed = $crate::runner::hash(line.as_bytes());
                        for (i, (slot, ty)) in outs.iter_mut().zip(&results).enumerate() {
                            let value = default(ty.clone(), seed.wrapping_add(i as u64));
                            *slot = value.expect("the host returns no type without a default");
                        }
                        #[allow(clippy::redundant_closure_call)]
                        $log(caller.data_mut(), line);
                        Ok(())
                    },
                );
            }
            let mut names: Vec<String> = module.exports().map(|e| e.name().to_string()).collect();
            // wasmi returns exports in another order.
            names.sort();
            let mut calls = 0;
            let mut last = make_store();
            for (index, name) in names.iter().enumerate() {
                let Some($krate::ExternType::Func(ty)) = module.get_export(name) else { continue };
                if calls == $crate::runner::FUNCS {
                    break;
                }
                // Without values for all parameters, nothing can be called.
                let types: Vec<$krate::ValType> = ty.params().$list();
                if types.into_iter().any(|ty| default(ty, 0).is_none()) {
                    continue;
                }
                calls += 1;
                let mut store = make_store();
                let instance = match linker.$instantiate(&mut store, module) {
                    Ok(instance) => instance,
                    Err(error) => {
                        // The engines have different texts for a segment out of bounds.
                        out.0.push(match trap(&error) {
                            Some(t) if !t.contains("OutOfBounds") => format!("start: {t}"),
                            _ => "not instantiated".into(),
                        });
                        return store;
                    }
                };
                let func = instance.get_func(&mut store, name).expect("an exported function");
                for round in 0..3u64 {
                    let seed = (index as u64 * 64 + round) * 64;
                    let types: Vec<$krate::ValType> = ty.params().$list();
                    let params = types.into_iter().enumerate();
                    let params = params.map(|(i, ty)| default(ty, seed + i as u64));
                    let params: Vec<_> = params.flatten().collect();
                    let types: Vec<$krate::ValType> = ty.results().$list();
                    let zero = |ty| default(ty, 0).unwrap_or($krate::Val::I32(0));
                    let mut results: Vec<_> = types.into_iter().map(zero).collect();
                    let done = call(&func, &mut store, &params, &mut results);
                    out.0.push(match done {
                        Ok(()) => format!("{name}: {}", $crate::runner::texts(&results, text)),
                        Err(error) => match trap(&error) {
                            Some(trap) => format!("{name}: {trap}"),
                            None => {
                                if std::env::var_os("SHOW").is_some() {
                                    eprintln!("{name}: {error:?}");
                                }
                                format!("{name}: error")
                            }
                        },
                    });
                    #[allow(clippy::redundant_closure_call)]
                    out.0.push($log(store.data_mut(), String::new()));
                }
                for name in &names {
                    if let Some(memory) = instance.get_memory(&mut store, name) {
                        let data = memory.data(&store);
                        out.0.push(format!(
                            "memory {name}: {} {:x}",
                            data.len(),
                            $crate::runner::hash(data)
                        ));
                    } else if let Some(global) = instance.get_global(&mut store, name) {
                        let value = global.get(&mut store);
                        out.0.push(format!("global {name}: {}", text(&value)));
                    } else if let Some(table) = instance.get_table(&mut store, name) {
                        out.0.push(format!("table {name}: {}", table.size(&store)));
                    }
                }
                out.0.extend(left(&store));
                last = store;
            }
            last
        }
    };
}
