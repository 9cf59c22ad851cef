//! `HeapProfile`: the objects that live, by type, and what holds them.

use crate::Symbols;
use burdock::{HeapType, Holder, LiveType, Result, RootKind, Store};
use serde_json::{Value, json};

/// The most holders that a table shows of a type.
const HOLDERS: usize = 4;

/// The objects that live in a store, by type, and what holds them.
///
/// # Example
///
/// ```
/// use burdock::*;
/// use burdock_tools::{Symbols, profile::HeapProfile};
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (type $list (struct (field $next (ref null $list))))
///     (global $kept (ref $list) (struct.new $list (struct.new $list (ref.null $list)))))"#)?;
/// let mut store = Store::new(&engine, ());
/// Instance::new(&mut store, &module, &[])?;
/// let profile = HeapProfile::new(&mut store, &mut Symbols::default())?;
/// assert!(profile.table(10).contains("list          globals 1, list.next 1"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeapProfile {
    types: Vec<Row>,
}

/// The objects of a type.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    objects: u64,
    bytes: u64,
    /// The number of bytes that would be freed with the objects.
    retained: u64,
    /// The number of references, by the place of the references, most first.
    held_by: Vec<(String, u64)>,
}

impl HeapProfile {
    /// Collects all garbage in a store, and counts what is left.
    ///
    /// # Errors
    ///
    /// Fails if the system is out of memory, or with the error of a hook.
    pub fn new<T: 'static>(store: &mut Store<T>, symbols: &mut Symbols) -> Result<Self> {
        let types = store.live_types()?;
        let names: Vec<String> = types.iter().map(|ty| name(store, symbols, ty)).collect();
        let mut holder = |holder: Holder| match holder {
            Holder::Root(kind) => root_name(kind).to_owned(),
            Holder::Type(ty) => names.get(ty).cloned().unwrap_or_default(),
            Holder::Descriptor(ty) => {
                format!("{} as descriptor", names.get(ty).map_or("", String::as_str))
            }
            Holder::Field { ty, field } => {
                let own = names.get(ty).cloned().unwrap_or_default();
                let defined = types.get(ty).and_then(|ty| ty.defined);
                let field = match defined {
                    Some((instance, ty)) => {
                        let module = symbols.module(instance.module(&*store));
                        symbols.field_name(module, ty, field)
                    }
                    None => field.to_string(),
                };
                format!("{own}.{field}")
            }
        };
        let rows = types.iter().zip(&names).map(|(ty, name)| Row {
            name: name.clone(),
            objects: ty.objects,
            bytes: ty.bytes,
            retained: ty.retained_bytes,
            held_by: ty.held_by.iter().map(|(from, count)| (holder(*from), *count)).collect(),
        });
        Ok(Self { types: rows.collect() })
    }

    /// Returns a table of at most `rows` types, those with the most bytes first.
    pub fn table(&self, rows: usize) -> String {
        let all: u64 = self.types.iter().map(|row| row.bytes).sum();
        let objects: u64 = self.types.iter().map(|row| row.objects).sum();
        let width = self.types.iter().take(rows).map(|row| row.name.chars().count());
        let width = width.max().unwrap_or(0).clamp(12, 40);
        let mut text = [("bytes", 14), ("%", 7), ("retained", 14), ("objects", 12)]
            .map(|(name, width)| format!("{name:>width$}"))
            .join(" ")
            + &format!("  {:<width$}  held by\n", "type");
        for row in self.types.iter().take(rows) {
            let percent = 100.0 * row.bytes as f64 / all as f64;
            let held_by = row.held_by.iter().take(HOLDERS);
            let held_by: Vec<_> = held_by.map(|(name, count)| format!("{name} {count}")).collect();
            let more = match row.held_by.len().saturating_sub(HOLDERS) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let Row { name, objects, bytes, retained, .. } = row;
            text += &format!("{bytes:>14} {percent:>7.2} {retained:>14} {objects:>12}");
            text += &format!("  {name:<width$}  {}{more}\n", held_by.join(", "));
        }
        match self.types.len().saturating_sub(rows) {
            0 => {}
            more => text += &format!("and {more} more types\n"),
        }
        text + &format!("{all:>14} bytes in {objects} objects\n")
    }

    /// Returns all types as JSON.
    pub fn json(&self) -> Value {
        let row = |row: &Row| {
            let held_by = row.held_by.iter();
            let held_by: Vec<Value> = held_by
                .map(|(name, count)| json!({ "holder": name, "references": count }))
                .collect();
            let Row { name, objects, bytes, retained, .. } = row;
            json!({
                "type": name,
                "objects": objects,
                "bytes": bytes,
                "retained": retained,
                "held_by": held_by,
            })
        };
        json!({ "types": self.types.iter().map(row).collect::<Vec<_>>() })
    }
}

/// Returns the name of a type.
fn name<T: 'static>(store: &Store<T>, symbols: &mut Symbols, ty: &LiveType) -> String {
    match (&ty.defined, &ty.ty) {
        (Some((instance, index)), _) => {
            let module = symbols.module(instance.module(store));
            symbols.type_name(module, *index)
        }
        (None, HeapType::Exn) => "exception".to_owned(),
        (None, HeapType::Extern) => "host value".to_owned(),
        (None, other) => other.to_string(),
    }
}

fn root_name(kind: RootKind) -> &'static str {
    match kind {
        RootKind::Frame => "frames",
        RootKind::Global => "globals",
        RootKind::Table => "tables",
        RootKind::ElementSegment => "element segments",
        RootKind::Host => "the host",
        RootKind::PendingException => "the pending exception",
        RootKind::Snapshot => "snapshots",
    }
}
