//! Names of directives, for reports.

use wast::{WastDirective, WastExecute};

/// Returns the directive's keyword, with the name of what the directive calls.
pub(super) fn directive_name(directive: &WastDirective<'_>) -> String {
    fn called(keyword: &str, exec: &WastExecute<'_>) -> String {
        match exec {
            WastExecute::Invoke(invoke) => format!("{keyword} `{}`", invoke.name),
            WastExecute::Get { global, .. } => format!("{keyword} global `{global}`"),
            WastExecute::Wat(_) => format!("{keyword} of a module"),
        }
    }
    match directive {
        WastDirective::Module(_) => "module".to_owned(),
        WastDirective::ModuleDefinition(_) => "module definition".to_owned(),
        WastDirective::ModuleInstance { .. } => "module instance".to_owned(),
        WastDirective::AssertMalformed { .. } => "assert_malformed".to_owned(),
        WastDirective::AssertInvalid { .. } => "assert_invalid".to_owned(),
        WastDirective::AssertInvalidCustom { .. } => "assert_invalid_custom".to_owned(),
        WastDirective::AssertMalformedCustom { .. } => "assert_malformed_custom".to_owned(),
        WastDirective::Register { name, .. } => format!("register `{name}`"),
        WastDirective::Invoke(invoke) => format!("invoke `{}`", invoke.name),
        WastDirective::AssertTrap { exec, .. } => called("assert_trap", exec),
        WastDirective::AssertReturn { exec, .. } => called("assert_return", exec),
        WastDirective::AssertExhaustion { call, .. } => {
            format!("assert_exhaustion `{}`", call.name)
        }
        WastDirective::AssertUnlinkable { .. } => "assert_unlinkable".to_owned(),
        WastDirective::AssertException { exec, .. } => called("assert_exception", exec),
        WastDirective::AssertSuspension { exec, .. } => called("assert_suspension", exec),
        WastDirective::Thread(_) => "thread".to_owned(),
        WastDirective::Wait { .. } => "wait".to_owned(),
    }
}
