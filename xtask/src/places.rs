//! The table "Where is what" of ARCHITECTURE.md, which `cargo xtask tidy` checks: each file that it
//! names exists, and has the names that follow the file in the table.

/// Returns what is wrong with the table. `read` returns the text of a file in crates/.
pub(crate) fn check(page: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let section = page.split("\n## ").find(|section| section.starts_with("Where is what\n"));
    let rows: Vec<&str> =
        section.unwrap_or_default().lines().filter(|l| l.starts_with('|')).collect();
    if rows.len() < 3 {
        return vec!["ARCHITECTURE.md: has no table \"Where is what\"".to_owned()];
    }
    let mut complaints = Vec::new();
    for row in &rows[2..] {
        let answer = row.split('|').nth(2).unwrap_or_default();
        // What stands between backquotes: files, and names that are in one of the files.
        let quoted = || answer.split('`').skip(1).step_by(2);
        let mut texts = String::new();
        for path in quoted().filter(|quoted| quoted.ends_with(".rs")) {
            match read(path) {
                Some(text) => texts.push_str(&text),
                None => complaints.push(format!("ARCHITECTURE.md: no file crates/{path}")),
            }
        }
        let is_name = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
        for name in quoted().filter(is_name).filter(|name| !texts.contains(*name)) {
            complaints.push(format!("ARCHITECTURE.md: `{name}` is in no file of its row"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn files_and_names_must_exist() {
        let page = |answer: &str| {
            format!(
                "# A\n\n## Where is what\n\n| q | a |\n|---|---|\n| Where? | {answer} |\n\n## B\n"
            )
        };
        let read = |path: &str| (path == "a/b.rs").then(|| "fn here() {}".to_owned());
        let rows: &[(&str, &[&str])] = &[
            ("`a/b.rs`: `here`; `-W fuel=N`", &[]),
            ("`a/b.rs`: `gone`", &["ARCHITECTURE.md: `gone` is in no file of its row"]),
            ("`a/c.rs`", &["ARCHITECTURE.md: no file crates/a/c.rs"]),
        ];
        for (answer, complaints) in rows {
            assert_eq!(check(&page(answer), read), *complaints, "{answer}");
        }
        assert_eq!(check("# A\n", read), ["ARCHITECTURE.md: has no table \"Where is what\""]);
    }
}
