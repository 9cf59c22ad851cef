//! A hook that writes down what it is told.

use burdock::*;
use std::fmt::Write as _;

pub(crate) struct Log;

impl Hook<String> for Log {
    const EVENTS: Events = Events::ALL;

    fn event(&mut self, mut store: StoreContextMut<'_, String>, event: Event<'_>) -> Result<()> {
        let mut line = String::new();
        let frame = store.frame();
        let at = match &frame {
            Some(frame) => {
                let name = frame.func_name(&store).unwrap_or("?");
                let mut depth = 0;
                let mut caller = frame.caller(&store)?;
                while let Some(frame) = caller {
                    depth += 1;
                    caller = frame.caller(&store)?;
                }
                format!("{}{name}@{}", "  ".repeat(depth), frame.offset())
            }
            None => "host".into(),
        };
        write!(line, "{at} {}", describe(&event)).unwrap();
        let wants_values = !matches!(event, Event::HostEnter(_) | Event::HostLeave(..));
        if let Some(frame) = frame.filter(|_| wants_values)
            && let (Ok(locals), Ok(operands)) =
                (frame.num_locals(&mut store), frame.num_operands(&mut store))
        {
            let locals = (0..locals).map(|i| frame.local(&mut store, i).unwrap());
            let locals = values(locals.collect::<Vec<_>>());
            let operands = (0..operands).map(|i| frame.operand(&mut store, i).unwrap());
            let operands = values(operands.collect::<Vec<_>>());
            write!(line, " | {locals} | {operands}").unwrap();
        }
        writeln!(store.data_mut(), "{line}").unwrap();
        Ok(())
    }
}

fn describe(event: &Event<'_>) -> String {
    match event {
        Event::HostEnter(call) => {
            format!("-> {}.{}{}", call.module, call.name, values(call.args.iter()))
        }
        Event::HostLeave(call, Ok(results)) => {
            format!("<- {}.{} = {}", call.module, call.name, values(results.iter()))
        }
        Event::HostLeave(call, Err(error)) => {
            format!("<- {}.{} ! {error}", call.module, call.name)
        }
        Event::FuncEnter(args) => format!("enter {}", values(args.iter())),
        Event::FuncLeave(Leave::Return(results)) => format!("return {}", values(results.iter())),
        Event::FuncLeave(how) => format!("leave {how:?}"),
        Event::GlobalSet { global, value } => {
            format!("global {global} = {}", values([*value]))
        }
        Event::Throw { tag, values: thrown } => {
            format!("throw {tag} {}", values(thrown.iter()))
        }
        Event::Catch { clause, tag, values: caught } => {
            format!("catch {clause} {tag:?} {}", values(caught.iter()))
        }
        Event::Collected(collection) => format!(
            "collected full={} {} - {} = {} in {} objects",
            collection.is_full,
            collection.bytes_before,
            collection.freed_bytes(),
            collection.live_bytes,
            collection.live_objects,
        ),
        Event::ThrowRef(exception) => format!("throw_ref {}", values([(*exception).into()])),
        Event::HostError(error) => format!("HostError {error}"),
        other => format!("{other:?}"),
    }
}

pub(crate) fn values(values: impl IntoIterator<Item = Val>) -> String {
    let texts = values.into_iter().map(|value| match value {
        Val::I32(value) => format!("{value}"),
        Val::I64(value) => format!("{value}L"),
        Val::F32(bits) => format!("{:?}f", f32::from_bits(bits)),
        Val::F64(bits) => format!("{:?}", f64::from_bits(bits)),
        Val::V128(value) => format!("{:#x}", value.as_u128()),
        Val::FuncRef(func) => format!("func:{}", func.is_some()),
        Val::ExternRef(value) => format!("extern:{}", value.is_some()),
        Val::AnyRef(value) => format!("any:{}", value.is_some()),
        Val::ExnRef(value) => format!("exn:{}", value.is_some()),
    });
    format!("({})", texts.collect::<Vec<_>>().join(" "))
}

/// Attaches one as the words say.
pub(crate) fn attach<'w>(store: &mut Store<String>, words: impl Iterator<Item = &'w str>) {
    let mut filter = Filter::new();
    let mut events = Events::NONE;
    for word in words {
        filter = match word.split_once('=') {
            None => {
                events = events | kind(word);
                filter
            }
            Some(("func", name)) => filter.func(name),
            Some(("index", index)) => filter.func_index(index.parse().unwrap()),
            Some(("import", names)) => {
                let (module, name) = names.split_once('.').unwrap();
                filter.import(module, name)
            }
            Some(("offset", offset)) => filter.offset(offset.parse().unwrap()),
            Some(("memory", text)) => match text.split_once(':') {
                Some((index, text)) => filter.memory_of(index.parse().unwrap(), range(text)),
                None => filter.memory(range(text)),
            },
            Some(_) => panic!("{word}"),
        };
    }
    store.attach(filter.events(events), Log);
}

fn range(text: &str) -> std::ops::Range<u64> {
    let (start, end) = text.split_once("..").unwrap();
    start.parse().unwrap()..end.parse().unwrap()
}

fn kind(name: &str) -> Events {
    match name {
        "CALLS" => Events::CALLS,
        "HOST_CALLS" => Events::HOST_CALLS,
        "FUNCS" => Events::FUNCS,
        "INSTRUCTIONS" => Events::INSTRUCTIONS,
        "BRANCHES" => Events::BRANCHES,
        "LOOPS" => Events::LOOPS,
        "MEMORY" => Events::MEMORY,
        "MEMORY_READS" => Events::MEMORY_READS,
        "MEMORY_WRITES" => Events::MEMORY_WRITES,
        "GROWTH" => Events::GROWTH,
        "GLOBALS" => Events::GLOBALS,
        "ALLOCATIONS" => Events::ALLOCATIONS,
        "EXCEPTIONS" => Events::EXCEPTIONS,
        "COLLECTIONS" => Events::COLLECTIONS,
        "TRAPS" => Events::TRAPS,
        "INTERRUPTS" => Events::INTERRUPTS,
        "ALL" => Events::ALL,
        _ => panic!("{name}"),
    }
}
