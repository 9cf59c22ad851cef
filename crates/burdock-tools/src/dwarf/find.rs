//! Variables: those of a scope, and the global ones of all units.

use super::location::{Place, Unavailable, known};
use super::show::Show;
use super::types::Shape;
use super::{Call, DebugInfo, Die, FrameAccess, Variable};
use crate::debug::Value;
use gimli::constants;

/// The most entries of a unit among which a global variable is looked for.
const MOST_ENTRIES: usize = 1 << 20;

impl Variable {
    /// Returns a value of WebAssembly as a variable. `text` shows what a reference leads to.
    pub(crate) fn of_wasm(name: String, value: &Value, text: Option<String>) -> Self {
        let (ty, own) = match value {
            Value::I32(bits) => ("i32", (*bits as i32).to_string()),
            Value::I64(bits) => ("i64", (*bits as i64).to_string()),
            Value::F32(bits) => ("f32", format!("{:?}", f32::from_bits(*bits))),
            Value::F64(bits) => ("f64", format!("{:?}", f64::from_bits(*bits))),
            Value::V128(bits) => ("v128", format!("{bits:#034x}")),
            Value::Ref(true) => ("ref", "reference".to_owned()),
            Value::Ref(false) => ("ref", "null".to_owned()),
        };
        let (ty, value) = (ty.to_owned(), text.unwrap_or(own));
        Self { name, ty, value, address: None, is_parameter: false, die: None }
    }

    /// Returns values of WebAssembly named by their numbers. `texts` show what references lead to.
    pub(crate) fn numbered(values: &[Value], texts: &[String]) -> Vec<Self> {
        let one = |(index, value): (usize, &Value)| {
            Self::of_wasm(index.to_string(), value, texts.get(index).cloned())
        };
        values.iter().enumerate().map(one).collect()
    }

    /// Returns a variable without a type and a value.
    pub(crate) fn unknown(name: String) -> Self {
        let (ty, value) = (String::new(), String::new());
        Self { name, ty, value, address: None, is_parameter: false, die: None }
    }
}

impl DebugInfo {
    /// Returns `true` if the function of a call has a frame in which variables are.
    pub(crate) fn has_frame_base(&self, call: &Call) -> bool {
        self.attr(call.func, constants::DW_AT_frame_base).is_some()
    }

    /// Returns the variables in the scope of a call, with their values in a frame: parameters
    /// first, then by scope. Of variables of one name, the innermost one is returned.
    pub fn variables(&self, call: &Call, frame: &dyn FrameAccess) -> Vec<Variable> {
        let variable = |(name, die): (String, Die)| {
            let place = self.place(die, Some(call), frame);
            let is_parameter = self.is_parameter(die);
            Variable { is_parameter, ..self.variable(name, self.type_of(die), place, frame) }
        };
        self.visible(call).into_iter().map(variable).collect()
    }

    /// Returns what a function has returned as text, if it returns a number or a pointer; others
    /// are written to memory.
    pub(crate) fn returned(
        &self,
        call: &Call,
        value: &Value,
        frame: &dyn FrameAccess,
    ) -> Option<String> {
        let ty = self.type_of(call.func);
        match self.shape(ty) {
            Shape::Base { .. } | Shape::Pointer { .. } | Shape::Enumeration { .. } => {
                let place = Place::Bytes(known(&value.bytes()));
                Some(Show::new(self, frame).text(ty, &place))
            }
            _ => None,
        }
    }

    /// Returns a value with its type as text.
    pub(super) fn variable(
        &self,
        name: String,
        ty: Option<Die>,
        place: Result<Place, Unavailable>,
        frame: &dyn FrameAccess,
    ) -> Variable {
        let address = match &place {
            Ok(Place::Memory(start)) => {
                let size = self.size(ty).filter(|size| *size > 0);
                size.and_then(|size| Some(*start..start.checked_add(size)?))
            }
            _ => None,
        };
        let value = match &place {
            Ok(place) => Show::new(self, frame).text(ty, place),
            Err(reason) => format!("<{reason}>"),
        };
        let (name_of_type, is_parameter) = (self.type_name(ty), false);
        Variable { name, ty: name_of_type, value, address, is_parameter, die: ty }
    }

    /// Returns a variable that is in memory with the value that its memory has now.
    pub fn reread(&self, variable: &Variable, frame: &dyn FrameAccess) -> Variable {
        match &variable.address {
            Some(address) => {
                let place = Ok(Place::Memory(address.start));
                self.variable(variable.name.clone(), variable.die, place, frame)
            }
            None => variable.clone(),
        }
    }

    /// Returns the value of a variable as text when its value is in a local of WebAssembly, or
    /// `None` if debug information does not describe the variable.
    pub(crate) fn value_in_local(
        &self,
        variable: &Variable,
        value: &Value,
        frame: &dyn FrameAccess,
    ) -> Option<String> {
        variable.die?;
        let place = Place::Bytes(known(&value.bytes()));
        Some(Show::new(self, frame).text(variable.die, &place))
    }

    /// Returns the global variable of a name: the one of the call's unit, if it has one. Names of
    /// C++ and Rust may be given with their namespaces.
    pub(super) fn global_named(&self, call: Option<&Call>, name: &str) -> Option<Die> {
        let own = call.map(|call| call.func.unit);
        let units = own.into_iter().chain(0..self.units.len());
        units.into_iter().find_map(|unit| self.global_in(unit, name))
    }

    fn global_in(&self, unit: usize, name: &str) -> Option<Die> {
        let wanted: Vec<&str> = name.split("::").collect();
        // The names of the namespaces around the entry, with their depths.
        let mut path: Vec<(isize, String)> = Vec::new();
        let mut skipped = None;
        let mut entries = self.units[unit].unit.entries();
        for _ in 0..MOST_ENTRIES {
            let Ok(Some(entry)) = entries.next_dfs() else { break };
            let depth = entry.depth();
            if skipped.is_some_and(|skipped| depth > skipped) {
                continue;
            }
            skipped = None;
            path.retain(|(outer, _)| *outer < depth);
            let die = Die { unit, offset: entry.offset() };
            match entry.tag() {
                constants::DW_TAG_compile_unit => {}
                constants::DW_TAG_namespace => {
                    path.push((depth, self.name(die).unwrap_or_default()));
                }
                constants::DW_TAG_variable => {
                    let is_declaration = entry.attr_value(constants::DW_AT_declaration).is_some();
                    let (last, outer) = wanted.split_last()?;
                    if !is_declaration
                        && self.name(die).is_some_and(|own| own == *last)
                        && outer.iter().rev().zip(path.iter().rev()).all(|(a, (_, b))| a == b)
                        && outer.len() <= path.len()
                    {
                        return Some(die);
                    }
                }
                _ => skipped = Some(depth),
            }
        }
        None
    }
}
