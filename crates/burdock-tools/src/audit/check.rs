//! Checks of a policy against modules. A rule that can never apply is a mistake in the policy, and
//! a dangerous one if it denies.

use super::policy::{Policy, Rule, Target};
use super::types::FuncTypes;
use crate::pattern::like;
use crate::{Code, wasi};
use burdock::{Result, bail, ensure};

impl Policy {
    /// Checks that each rule can apply to some module.
    pub(super) fn ensure_possible(&self) -> Result<()> {
        let limits = self.limit.iter().flat_map(super::policy::Limit::imports);
        for import in self.rules().map(|(_, rule)| &*rule.import).chain(limits) {
            if !import.contains('.') && import != "*" {
                bail!("`{import}` is no import: write `module.name`, `*.name` or `*`");
            }
        }
        for (kind, rule) in self.rules() {
            if kind != "deny" && rule.errno.is_some() {
                bail!("`errno` is for rules that deny, not for `{kind}` of `{}`", rule.import);
            }
            if let Some(fault) = rule.impossible() {
                bail!("rule `{kind}` of `{}`: {fault}", rule.import);
            }
        }
        Ok(())
    }

    /// Checks that each rule can apply to these modules, each with the name by which the others
    /// import its functions, if they do.
    ///
    /// Returns warnings about rules that allow what no module can do. Such rules are harmless.
    ///
    /// # Errors
    ///
    /// Returns an error if a rule that denies, limits or watches can never apply: no module and no
    /// WASI function has a matching import, the import is a function of another module and not of
    /// the host, the import has no such argument, or no function or type matches.
    ///
    /// # Example
    ///
    /// ```
    /// use burdock_tools::{Code, audit::Policy};
    /// let module = wat::parse_str(r#"(module (import "env" "pay" (func (param i32))))"#)?;
    /// let check = |policy: &str| policy.parse::<Policy>()?.check([(None, &Code::new(&module)?)]);
    /// assert!(check("deny = [{ import = 'env.pay', when = { 0 = 5 } }]")?.is_empty());
    /// assert!(check("deny = [{ import = 'env.pat' }]").is_err());
    /// assert!(check("deny = [{ import = 'env.pay', when = { sum = 5 } }]").is_err());
    /// assert_eq!(check("allow = [{ import = 'env.pat' }]")?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check<'c>(
        &self,
        modules: impl IntoIterator<Item = (Option<&'c str>, &'c Code)>,
    ) -> Result<Vec<String>> {
        let known = Known::new(modules);
        let mut warnings = Vec::new();
        for (kind, rule) in self.rules() {
            match known.fault(rule) {
                Some(fault) if kind == "allow" => warnings.push(format!("rule `allow`: {fault}")),
                fault => ensure!(fault.is_none(), "rule `{kind}`: {}", fault.unwrap_or_default()),
            }
        }
        for import in self.limit.iter().flat_map(super::policy::Limit::imports) {
            let known_import = known.imports_like(import).next().is_some();
            ensure!(known_import, "limit: {}", known.no_import(import));
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

impl Rule {
    /// Returns the reason why no call of any module can match the rule.
    fn impossible(&self) -> Option<String> {
        if self.path.as_ref().is_some_and(Vec::is_empty) {
            return Some("`path` is empty: leave it out for calls with any path".to_owned());
        }
        if let Some(path) = self.path.iter().flatten().find(|path| !is_normal(path)) {
            return Some(format!(
                "no call has the path `{path}`: paths are compared without `.`, `..` and empty \
                 parts"
            ));
        }
        self.when.iter().find_map(|(name, values)| match values.values() {
            [] => Some(format!("`when.{name}` is empty: name a value or several")),
            values => {
                values.iter().find(|value| !value.is_integer() && !value.is_str()).map(|value| {
                    format!("`when.{name}`: `{value}` is neither an integer nor a string")
                })
            }
        })
    }
}

/// Returns `true` if a pattern for paths can match the paths of calls, which are normalized. A
/// relative path may begin with `..`, if a directory of the guest has such a name.
fn is_normal(pattern: &str) -> bool {
    let relative = !pattern.starts_with('/');
    let parts = pattern.strip_prefix('/').unwrap_or(pattern).split('/');
    let mut rest = parts.skip_while(|part| relative && *part == "..");
    matches!(pattern, "/" | ".") || !rest.any(|part| matches!(part, "" | "." | ".."))
}

/// The names that rules can match.
struct Known<'c> {
    modules: Vec<&'c Code>,
    /// The texts of the modules' function types.
    types: Vec<String>,
    imports: Vec<Import>,
    /// `module.name` of the imports that are functions of other modules.
    linked: Vec<String>,
}

/// An import of the modules, or a function of WASI.
struct Import {
    /// `module.name`.
    name: String,
    /// The number of parameters.
    params: usize,
    /// The names of the parameters, for functions of WASI.
    names: Vec<&'static str>,
}

impl<'c> Known<'c> {
    fn new(modules: impl IntoIterator<Item = (Option<&'c str>, &'c Code)>) -> Self {
        let named: Vec<(Option<&str>, &Code)> = modules.into_iter().collect();
        let modules: Vec<&Code> = named.iter().map(|(_, code)| *code).collect();
        let is_linked = |import: &(&str, &str)| {
            named.iter().any(|(name, code)| *name == Some(import.0) && code.exports_func(import.1))
        };
        let (mut types, mut imports, mut linked) = (Vec::new(), Vec::new(), Vec::new());
        for module in [wasi::MODULE, wasi::UNSTABLE] {
            for name in wasi::func_names().filter(|name| !is_linked(&(module, name))) {
                let names = wasi::param_names(name).unwrap_or_default();
                imports.push(Import::new(module, name, names.len(), names));
            }
        }
        for code in &modules {
            let own = FuncTypes::of(code.bytes());
            types.extend(own.texts().map(str::to_owned));
            for ((module, name), params) in code.imports().zip(own.import_params()) {
                match [wasi::MODULE, wasi::UNSTABLE].contains(&module) {
                    _ if is_linked(&(module, name)) => linked.push(format!("{module}.{name}")),
                    true => {}
                    false => imports.push(Import::new(module, name, params, Vec::new())),
                }
            }
        }
        Self { modules, types, imports, linked }
    }

    fn imports_like(&self, pattern: &str) -> impl Iterator<Item = &Import> {
        self.imports.iter().filter(move |import| like(pattern, &import.name))
    }

    /// Returns the reason why a rule never applies.
    fn fault(&self, rule: &Rule) -> Option<String> {
        let imports = || self.imports_like(&rule.import);
        if imports().next().is_none() {
            return Some(self.no_import(&rule.import));
        }
        for argument in rule.when.keys() {
            if !imports().any(|import| import.has_param(argument)) {
                let import = &rule.import;
                return Some(format!("no import like `{import}` has an argument `{argument}`"));
            }
        }
        let has = |name: &str| imports().any(|import| import.names.contains(&name));
        if rule.rights.is_some() && !has("rights_base") {
            return Some(format!("`rights` are those of `path_open`, not of `{}`", rule.import));
        }
        if rule.path.is_some() && !has("path") && !has("fd") {
            return Some(format!("no import like `{}` has a path", rule.import));
        }
        None
    }

    /// Returns the reason why a rule for imports like this never applies.
    fn no_import(&self, pattern: &str) -> String {
        match self.linked.iter().find(|import| like(pattern, import)) {
            Some(import) => format!(
                "`{import}` is a function of another module, and the rule is for those of the host"
            ),
            None => format!("neither the module nor WASI has an import like `{pattern}`"),
        }
    }

    /// Returns the reason why a rule about indirect calls never applies.
    fn target_fault(&self, target: &Target) -> Option<String> {
        let named = |pattern: &str| {
            // Host functions that are not imports go by this name.
            pattern == "*"
                || like(pattern, super::HOST_FUNC)
                || self.modules.iter().any(|code| code.has_func_like(pattern))
        };
        let unnamed = [&target.func, &target.from].into_iter().find(|pattern| !named(pattern));
        if let Some(pattern) = unnamed {
            return Some(format!("no function of the module is like `{pattern}`"));
        }
        // A host function that is called through a table has a type of the module that calls it.
        let typed = target.ty == "*" || self.types.iter().any(|ty| like(&target.ty, ty));
        (!typed).then(|| {
            let example = self.types.first().map_or("(func (param i32))", String::as_str);
            format!("no function type of the module is like `{}`: write `{example}`", target.ty)
        })
    }
}

impl Import {
    fn new(module: &str, name: &str, params: usize, names: Vec<&'static str>) -> Self {
        Self { name: format!("{module}.{name}"), params, names }
    }

    /// Returns `true` if the import has a parameter with this name or at this position.
    fn has_param(&self, name: &str) -> bool {
        let position = name.parse::<usize>();
        self.names.contains(&name) || position.is_ok_and(|position| position < self.params)
    }
}
