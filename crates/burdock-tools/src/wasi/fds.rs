//! `Fds`: the paths of a guest's file descriptors, followed through its calls.

use super::{Call, Named, Shown};
use std::collections::HashMap;

/// The paths of a guest's file descriptors, as the guest sees them.
///
/// If every WASI call is passed to [`succeeded`](Self::succeeded), `Fds` follows which descriptors
/// are opened, renumbered and closed. Paths are joined and normalized as text; symbolic links are
/// not resolved.
///
/// # Example
///
/// ```
/// use burdock_tools::wasi::Fds;
/// let fds = Fds::preopened(["/data".to_owned()]);
/// assert_eq!(fds.join(3, b"a/../b.txt"), "/data/b.txt");
/// assert_eq!(fds.join(3, b"../etc/passwd"), "/etc/passwd");
/// assert_eq!(fds.join(9, b"x"), "<fd 9>/x");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fds {
    paths: HashMap<u32, String>,
}

impl Fds {
    /// Creates the file descriptors of a guest that is given these directories, which get the
    /// numbers from 3 on.
    pub fn preopened(dirs: impl IntoIterator<Item = String>) -> Self {
        Self { paths: (3..).zip(dirs).collect() }
    }

    /// Returns the path of a file descriptor, if known.
    pub fn path(&self, fd: u32) -> Option<&str> {
        self.paths.get(&fd).map(String::as_str)
    }

    /// Adds paths, as far as known, to the file descriptors among values.
    pub fn annotate(&self, values: &mut [Named]) {
        const FDS: [&str; 5] = ["fd", "new_fd", "to", "opened", "accepted"];
        for named in values.iter_mut().filter(|named| FDS.contains(&named.name)) {
            if let Shown::Int(fd) = named.value
                && let Ok(fd) = u32::try_from(fd)
                && let Some(path) = self.path(fd).or_else(|| stream(fd))
            {
                named.value = Shown::Fd(fd, path.to_owned());
            }
        }
    }

    /// Returns the whole path of a path relative to a directory.
    pub fn join(&self, fd: u32, path: &[u8]) -> String {
        let path = String::from_utf8_lossy(path);
        let (root, base) = match self.path(fd) {
            Some(base) if base.starts_with('/') => ("/", base.to_owned()),
            Some(base) => ("", base.to_owned()),
            None => ("", format!("<fd {fd}>")),
        };
        let mut parts: Vec<&str> = Vec::new();
        let absolute = path.starts_with('/');
        let whole = if absolute { String::new() } else { base };
        for part in whole.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
                ".." if root == "/" || absolute => {}
                part => parts.push(part),
            }
        }
        let root = if absolute { "/" } else { root };
        match parts.is_empty() {
            true if root.is_empty() => ".".to_owned(),
            _ => format!("{root}{}", parts.join("/")),
        }
    }

    /// Returns the whole paths that a call names.
    pub fn paths_of(&self, call: &Call) -> Vec<String> {
        let pairs = [("fd", "path"), ("new_fd", "new_path")];
        let one = |(fd, path)| match call.arg(path)? {
            Shown::Text(bytes) => Some(self.join(call.fd(fd)?, bytes)),
            _ => None,
        };
        pairs.into_iter().filter_map(one).collect()
    }

    /// Returns the paths that a call names, or else the path of its file descriptor.
    pub fn paths_about(&self, call: &Call) -> Vec<String> {
        let named = self.paths_of(call);
        let own = || call.fd("fd").and_then(|fd| self.path(fd)).map(str::to_owned);
        if named.is_empty() { own().into_iter().collect() } else { named }
    }

    /// Applies the effects of a successful call on file descriptors.
    pub fn succeeded(&mut self, name: &str, call: &Call, memory: &[u8]) {
        let fd = call.fd("fd");
        match (name, fd) {
            ("path_open", Some(_)) => {
                let opened = call.results(memory).into_iter().find(|out| out.name == "opened");
                if let (Some(Shown::Int(opened)), [path, ..]) =
                    (opened.map(|out| out.value), self.paths_of(call).as_slice())
                {
                    self.paths.insert(opened as u32, path.clone());
                }
            }
            ("fd_close", Some(fd)) => _ = self.paths.remove(&fd),
            ("fd_renumber", Some(fd)) => {
                let (from, to) = (self.paths.remove(&fd), call.fd("to"));
                match (from, to) {
                    (Some(path), Some(to)) => _ = self.paths.insert(to, path),
                    // A stream without a path takes the place of a file.
                    (None, Some(to)) => _ = self.paths.remove(&to),
                    (_, None) => {}
                }
            }
            _ => {}
        }
    }
}

/// Returns the name of a standard stream's file descriptor.
fn stream(fd: u32) -> Option<&'static str> {
    ["stdin", "stdout", "stderr"].get(fd as usize).copied()
}
