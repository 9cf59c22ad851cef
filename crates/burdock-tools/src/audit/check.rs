//! Checks of a policy against modules. A rule that can never apply is a mistake in the policy, and
//! a dangerous one if it denies.

use super::policy::{Policy, Rule, Target};
use crate::pattern::like;
use crate::{Code, wasi};
use burdock::{Result, ensure};

impl Policy {
    /// Checks that each rule can apply to these modules, which are linked with each other.
    ///
    /// Returns warnings about rules that allow what no module can do. Such rules are harmless.
    ///
    /// # Errors
    ///
    /// Returns an error if a rule that denies, limits or watches can never apply: no module and no
    /// WASI function has a matching import, the import has no such argument, or no function or type
    /// matches.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::{Code, audit::Policy};
    /// let module = wat::parse_str(r#"(module (import "env" "pay" (func (param i32))))"#)?;
    /// let check = |policy: &str| policy.parse::<Policy>()?.check([&Code::new(&module)?]);
    /// assert!(check("deny = [{ import = 'env.pay', when = { 0 = 5 } }]")?.is_empty());
    /// assert!(check("deny = [{ import = 'env.pat' }]").is_err());
    /// assert!(check("deny = [{ import = 'env.pay', when = { sum = 5 } }]").is_err());
    /// assert_eq!(check("allow = [{ import = 'env.pat' }]")?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check<'c>(&self, modules: impl IntoIterator<Item = &'c Code>) -> Result<Vec<String>> {
        let known = Known::new(modules);
        let mut warnings = Vec::new();
        for (kind, rule) in self.rules() {
            match known.fault(rule) {
                Some(fault) if kind == "allow" => warnings.push(format!("rule `allow`: {fault}")),
                fault => ensure!(fault.is_none(), "rule `{kind}`: {}", fault.unwrap_or_default()),
            }
        }
        for import in self.limit.iter().flat_map(super::policy::Limit::imports) {
            ensure!(known.imports_like(import).next().is_some(), "limit: {}", no_import(import));
        }
        if let Some(rules) = &self.call_indirect {
            for target in &rules.allow {
                let fault = known.target_fault(target);
                warnings.extend(fault.map(|fault| format!("rule `call_indirect.allow`: {fault}")));
            }
            for (kind, targets) in [("deny", &rules.deny), ("watch", &rules.watch)] {
                for target in targets {
                    let fault = known.target_fault(target);
                    ensure!(
                        fault.is_none(),
                        "rule `call_indirect.{kind}`: {}",
                        fault.unwrap_or_default()
                    );
                }
            }
        }
        Ok(warnings)
    }
}

/// The names that rules can match.
struct Known<'c> {
    modules: Vec<&'c Code>,
    /// `module.name` of the modules' imports and of WASI's functions, with the names of the
    /// arguments of WASI's functions.
    imports: Vec<(String, Option<Vec<&'static str>>)>,
}

impl<'c> Known<'c> {
    fn new(modules: impl IntoIterator<Item = &'c Code>) -> Self {
        let modules: Vec<&Code> = modules.into_iter().collect();
        let imported = modules.iter().flat_map(|code| code.imports());
        let mut imports: Vec<_> =
            imported.map(|(module, name)| (format!("{module}.{name}"), None)).collect();
        for module in [wasi::MODULE, wasi::UNSTABLE] {
            let of_wasi = |name| (format!("{module}.{name}"), wasi::param_names(name));
            imports.retain(|(import, _)| !import.starts_with(&format!("{module}.")));
            imports.extend(wasi::func_names().map(of_wasi));
        }
        Self { modules, imports }
    }

    fn imports_like(
        &self,
        pattern: &str,
    ) -> impl Iterator<Item = &(String, Option<Vec<&'static str>>)> {
        self.imports.iter().filter(move |(import, _)| like(pattern, import))
    }

    /// Returns the reason why a rule never applies.
    fn fault(&self, rule: &Rule) -> Option<String> {
        if self.imports_like(&rule.import).next().is_none() {
            return Some(no_import(&rule.import));
        }
        let has_argument = |name: &str, params: &Option<Vec<&str>>| match params {
            Some(params) => params.contains(&name) || position(name, params.len()),
            None => position(name, usize::MAX),
        };
        for argument in rule.when.keys() {
            let mut params = self.imports_like(&rule.import).map(|(_, params)| params);
            if !params.any(|params| has_argument(argument, params)) {
                let import = &rule.import;
                return Some(format!("no import like `{import}` has an argument `{argument}`"));
            }
        }
        let has = |name: &str| {
            let mut params =
                self.imports_like(&rule.import).filter_map(|(_, params)| params.as_ref());
            params.any(|params| params.contains(&name))
        };
        if rule.rights.is_some() && !has("rights_base") {
            return Some(format!("`rights` are those of `path_open`, not of `{}`", rule.import));
        }
        if !rule.path.is_empty() && !has("path") && !has("fd") {
            return Some(format!("no import like `{}` has a path", rule.import));
        }
        None
    }

    /// Returns the reason why a rule about indirect calls never applies.
    fn target_fault(&self, target: &Target) -> Option<String> {
        let named = |pattern: &str| {
            // Host functions that are not imports go by this name.
            pattern == "*"
                || like(pattern, super::HOST_FUNC)
                || self.modules.iter().any(|code| code.has_func_like(pattern))
        };
        [&target.func, &target.from]
            .into_iter()
            .find(|pattern| !named(pattern))
            .map(|pattern| format!("no function of the module is like `{pattern}`"))
    }
}

fn position(name: &str, params: usize) -> bool {
    name.parse::<usize>().is_ok_and(|position| position < params)
}

fn no_import(pattern: &str) -> String {
    format!("neither the module nor WASI has an import like `{pattern}`")
}
