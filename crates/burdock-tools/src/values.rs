//! Values as text, references with the contents of the objects that they lead to.

use crate::wasi::{self, Named, Shown};
use burdock::{
    AnyRef, ArrayRef, AsContextMut, ExnRef, Result, RootScope, Rooted, StorageType,
    StoreContextMut, StructRef, Val, Values,
};

/// The most fields, elements and values that are shown of an object.
const MOST: usize = 8;

/// The most bytes that are shown of an array of text.
const LONGEST: u32 = 64;

/// The depth up to which objects are shown in objects.
const DEPTH: usize = 2;

/// Returns the values of any function, without names.
pub(crate) fn plain<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    values: Values<'_>,
) -> Vec<Named> {
    values.iter().map(|value| Named { name: "", value: show(store, &value) }).collect()
}

/// Returns a value for display.
pub(crate) fn show<T: 'static>(store: &mut StoreContextMut<'_, T>, value: &Val) -> Shown {
    match value {
        Val::AnyRef(Some(_)) | Val::ExnRef(Some(_)) => Shown::Word(show_val(store, value)),
        _ => wasi::show(value),
    }
}

/// Returns a value as text. Of a reference, the text shows what it leads to: `{1, null}` for a
/// structure, `{1, descriptor: {2}}` for one with a descriptor, `[1, 2]` for an array, `"text"` for
/// an array of characters, `exn(1)` for an exception. Objects within objects are shown up to a
/// depth, and of long objects the beginning.
pub(crate) fn show_val<T: 'static>(store: &mut StoreContextMut<'_, T>, value: &Val) -> String {
    let mut scope = RootScope::new(store);
    text(&mut scope.as_context_mut(), value, DEPTH)
}

fn text<T: 'static>(store: &mut StoreContextMut<'_, T>, value: &Val, depth: usize) -> String {
    let shown = match value {
        Val::AnyRef(Some(reference)) => any(store, *reference, depth),
        Val::ExnRef(Some(exception)) => exn(store, *exception, depth),
        _ => Ok(None),
    };
    // Of an object that nothing holds any more, the type is shown.
    shown.ok().flatten().unwrap_or_else(|| wasi::show_val(value))
}

/// Returns what a reference leads to as text; `None` for a value of the host.
fn any<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    reference: Rooted<AnyRef>,
    depth: usize,
) -> Result<Option<String>> {
    if let Some(number) = reference.as_i31(&*store)? {
        return Ok(Some(format!("i31({})", number.get_i32())));
    }
    if let Some(object) = reference.as_struct(&*store)? {
        return structure(store, object, depth).map(Some);
    }
    match reference.as_array(&*store)? {
        Some(elements) => array(store, elements, depth).map(Some),
        None => Ok(None),
    }
}

fn structure<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    object: Rooted<StructRef>,
    depth: usize,
) -> Result<String> {
    if depth == 0 {
        return Ok("{...}".to_owned());
    }
    let fields: Vec<Val> = object.fields(&mut *store)?.collect();
    let mut shown = list(store, &fields, fields.len(), depth);
    if let Some(descriptor) = object.descriptor(&*store)? {
        let separator = if shown.is_empty() { "" } else { ", " };
        let descriptor = structure(store, descriptor, depth - 1)?;
        shown += &format!("{separator}descriptor: {descriptor}");
    }
    Ok(format!("{{{shown}}}"))
}

fn array<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    array: Rooted<ArrayRef>,
    depth: usize,
) -> Result<String> {
    let len = array.len(&*store)?;
    let is_packed = matches!(array.ty(&*store)?.element_type(), StorageType::I8 | StorageType::I16);
    let most = if is_packed { LONGEST } else { MOST as u32 };
    let mut elements = Vec::new();
    for index in 0..len.min(most) {
        elements.push(array.get(&mut *store, index)?);
    }
    if is_packed && let Some(text) = characters(&elements) {
        return Ok(format!("{text:?}{}", if len > most { "..." } else { "" }));
    }
    if depth == 0 && len > 0 {
        return Ok("[...]".to_owned());
    }
    Ok(format!("[{}]", list(store, &elements, len as usize, depth)))
}

/// Returns packed elements as text, if all of them are printable characters.
fn characters(elements: &[Val]) -> Option<String> {
    let character = |element: &Val| {
        let number = u8::try_from(element.i32()?).ok()?;
        (number == b' ' || number.is_ascii_graphic()).then(|| char::from(number))
    };
    let text: Option<String> = elements.iter().map(character).collect();
    text.filter(|text| !text.is_empty())
}

fn exn<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    exception: Rooted<ExnRef>,
    depth: usize,
) -> Result<Option<String>> {
    if depth == 0 {
        return Ok(Some("exn(...)".to_owned()));
    }
    let values: Vec<Val> = exception.fields(store.as_context_mut())?.collect();
    Ok(Some(format!("exn({})", list(store, &values, values.len(), depth))))
}

/// Returns the first of an object's values as text, and their number if there are more.
fn list<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    values: &[Val],
    len: usize,
    depth: usize,
) -> String {
    let shown = values.iter().take(MOST).map(|value| text(store, value, depth - 1));
    let shown = shown.collect::<Vec<_>>().join(", ");
    if len > MOST { format!("{shown}, ... {len} in all") } else { shown }
}
