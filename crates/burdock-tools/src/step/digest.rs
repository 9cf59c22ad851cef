//! Digests of a store's state, by which a repeated run is compared with the recorded one.

use crate::debug::Value;
use burdock::{
    AnyRef, AsContextMut, ExnRef, ExternType, Func, HostCall, Instance, Ref, Result, RootScope,
    Rooted, StoreContextMut, Val,
};
use crc32fast::Hasher;
use std::collections::{HashMap, VecDeque};

/// The number of host calls at the beginning of a run that are all compared whole. Later, every
/// `OFTEN`th one is, because it costs a pass over the memories.
const OFTEN: usize = 64;

/// The most elements of a table that are compared, and the most fields and elements of objects.
const ELEMENTS: u64 = 1 << 16;
const FIELDS: usize = 1 << 12;

/// Returns a digest of a guest that calls the host: of the arguments, and now and then also of all
/// memories, globals and tables, of the position, locals and operands of each frame, and of the
/// objects to which they lead. `number` is the number of the call in the run.
pub(super) fn of_call<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    call: &HostCall<'_>,
    number: usize,
) -> Result<u32> {
    let mut digest = Digest::default();
    call.args.iter().for_each(|arg| digest.hasher.update(&Value::from(&arg).bytes()));
    if number < OFTEN || number.is_multiple_of(OFTEN) {
        let mut scope = RootScope::new(store);
        digest.add_store(&mut scope.as_context_mut())?;
    }
    Ok(digest.hasher.finalize())
}

#[derive(Default)]
struct Digest {
    hasher: Hasher,
    /// The objects that have been reached, by their references, with numbers in this order.
    reached: HashMap<(bool, u32), u32>,
    /// The objects whose fields are to be added.
    waiting: VecDeque<Object>,
}

enum Object {
    Any(Rooted<AnyRef>),
    Exn(Rooted<ExnRef>),
}

impl Digest {
    fn add_store<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>) -> Result<()> {
        for memory in store.debug_all_memories() {
            self.hasher.update(memory.data(&*store));
        }
        for instance in store.debug_all_instances() {
            self.add_instance(store, instance)?;
        }
        let mut next = store.frame();
        while let Some(frame) = next {
            self.number(frame.instance().debug_index_in_store());
            self.number(frame.func_index());
            self.number(frame.offset());
            let values = frame.locals(&*store)?.into_iter().chain(frame.operands(&*store)?);
            for value in values.collect::<Vec<_>>() {
                self.add(store, &value)?;
            }
            next = frame.caller(&*store)?;
        }
        self.add_objects(store)
    }

    /// Adds the globals of an instance, and the tables that it defines.
    fn add_instance<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        instance: Instance,
    ) -> Result<()> {
        let imports = instance.module(&*store).imports();
        let tables = imports.filter(|import| matches!(import.ty(), ExternType::Table(_)));
        let imported = tables.count() as u32;
        for index in 0.. {
            let Some(global) = instance.debug_global(&*store, index) else { break };
            let value = global.get(&mut *store);
            self.add(store, &value)?;
        }
        for index in imported.. {
            let Some(table) = instance.debug_table(&*store, index) else { break };
            let size = table.size(&*store);
            self.hasher.update(&size.to_le_bytes());
            for index in 0..size.min(ELEMENTS) {
                let Some(element) = table.get(&*store, index) else { break };
                self.add(store, &val(element))?;
            }
        }
        Ok(())
    }

    /// Adds a value. An object is added as the number in whose order it is reached, its contents
    /// later.
    fn add<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>, value: &Val) -> Result<()> {
        match value {
            Val::FuncRef(Some(func)) => self.add_func(store, *func),
            Val::AnyRef(Some(object)) => match object.as_i31(&*store)? {
                Some(number) => self.number(number.get_u32()),
                None => {
                    let raw = object.to_raw(&mut *store)?;
                    self.reach((false, raw), Object::Any(*object));
                }
            },
            Val::ExnRef(Some(exception)) => {
                let raw = exception.to_raw(&mut *store)?;
                self.reach((true, raw), Object::Exn(*exception));
            }
            _ => self.hasher.update(&Value::from(value).bytes()),
        }
        Ok(())
    }

    fn add_func<T: 'static>(&mut self, store: &StoreContextMut<'_, T>, func: Func) {
        match func.debug_definition(store) {
            Some((instance, index)) => {
                self.number(instance.debug_index_in_store());
                self.number(index);
            }
            None => self.number(u32::MAX),
        }
    }

    fn reach(&mut self, reference: (bool, u32), object: Object) {
        let next = self.reached.len() as u32;
        let number = *self.reached.entry(reference).or_insert(next);
        self.number(number);
        if number == next {
            self.waiting.push_back(object);
        }
    }

    /// Adds the contents of the objects that have been reached, and of those to which they lead, up
    /// to a number of fields.
    fn add_objects<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>) -> Result<()> {
        let mut left = FIELDS;
        while let Some(object) = self.waiting.pop_front() {
            let fields = fields(store, &object, left)?;
            for field in &fields {
                self.add(store, field)?;
            }
            left = left.saturating_sub(fields.len() + 1);
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    fn number(&mut self, number: u32) {
        self.hasher.update(&number.to_le_bytes());
    }
}

/// Returns the first fields or elements of an object, at most so many, with the length of an array
/// in front. An object of the host has none.
fn fields<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    object: &Object,
    most: usize,
) -> Result<Vec<Val>> {
    let object = match object {
        Object::Exn(exception) => return Ok(exception.fields(&mut *store)?.take(most).collect()),
        Object::Any(object) => object,
    };
    if let Some(object) = object.as_struct(&*store)? {
        return Ok(object.fields(&mut *store)?.take(most).collect());
    }
    let Some(array) = object.as_array(&*store)? else { return Ok(Vec::new()) };
    let len = Val::I32(array.len(&*store)? as i32);
    Ok([len].into_iter().chain(array.elems(&mut *store)?.take(most)).collect())
}

fn val(reference: Ref) -> Val {
    match reference {
        Ref::Func(func) => Val::FuncRef(func),
        Ref::Extern(value) => Val::ExternRef(value),
        Ref::Any(value) => Val::AnyRef(value),
        Ref::Exn(value) => Val::ExnRef(value),
    }
}
