//! `Sources`: the text of source files.

use burdock::names::EscapedLines;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// The source files of a module, read when they are needed.
///
/// # Example
///
/// ```
/// use burdock_tools::step::Sources;
/// let mut sources = Sources::new("modules/m.wasm", vec![("/build".into(), "src".into())]);
/// let missing = sources.lines("/build/m.c").unwrap_err();
/// assert_eq!(missing, "no source text: there is no file `src/m.c` or `modules/src/m.c`");
/// ```
#[derive(Debug, Default)]
pub struct Sources {
    /// The directory of the module.
    directory: PathBuf,
    /// Prefixes of paths, each with what replaces it.
    remap: Vec<(String, String)>,
    /// Texts that are used if there is no file, by path.
    texts: HashMap<String, String>,
    files: HashMap<String, Result<Arc<[String]>, String>>,
}

impl Sources {
    /// Creates the sources of the module in this file. Each prefix `from` of a path in the debug
    /// information is replaced by `to`.
    pub fn new(module: impl AsRef<Path>, remap: Vec<(String, String)>) -> Self {
        let directory = module.as_ref().parent().map(Path::to_owned).unwrap_or_default();
        Self { directory, remap, ..Self::default() }
    }

    /// Adds a text that is used if there is no file at a path.
    pub fn add_text(&mut self, path: &str, text: &str) {
        self.texts.insert(path.to_owned(), text.to_owned());
    }

    /// Returns the lines of a file, with spaces for tabs and with other control characters escaped.
    /// A relative path is looked up in the current directory and in that of the module.
    ///
    /// # Errors
    ///
    /// Fails with a message if the file cannot be read.
    pub fn lines(&mut self, path: &str) -> Result<Arc<[String]>, String> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        let read = self.read(path);
        self.files.insert(path.to_owned(), read.clone());
        read
    }

    fn read(&self, path: &str) -> Result<Arc<[String]>, String> {
        let replaced = self.remap.iter().find_map(|(from, to)| {
            let rest = path.strip_prefix(from.as_str())?;
            Some(format!("{to}{rest}"))
        });
        let known = self.texts.get(path);
        let path = PathBuf::from(replaced.unwrap_or_else(|| path.to_owned()));
        let mut candidates = vec![path.clone()];
        let beside = self.directory.join(&path);
        if beside != path {
            candidates.push(beside);
        }
        for candidate in &candidates {
            if candidate.metadata().is_ok_and(|data| data.is_file() && data.len() <= LONGEST)
                && let Ok(bytes) = std::fs::read(candidate)
            {
                return Ok(shown(&String::from_utf8_lossy(&bytes)));
            }
        }
        if let Some(text) = known {
            return Ok(shown(text));
        }
        let names: Vec<String> =
            candidates.iter().map(|path| format!("`{}`", path.display())).collect();
        Err(format!("no source text: there is no file {}", names.join(" or ")))
    }
}

/// Returns the lines of a text as they are shown.
fn shown(text: &str) -> Arc<[String]> {
    let line = |line: &str| EscapedLines(&line.replace('\t', "    ")).to_string();
    text.lines().map(line).collect()
}
