//! `cargo xtask emulate PROCESSOR COMMAND ...`: runs cargo for another processor, whose programs
//! run in an emulator: `cargo xtask emulate aarch64 test -p burdock-core`. Prints the names of
//! programs that are missing.

use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::run::{answers, cargo, output, program, status};

/// A processor for which programs can be built and run.
pub(crate) struct Emulated {
    name: &'static str,
    triple: &'static str,
    linker: &'static str,
    /// The program that reads compiled code.
    pub(crate) objdump: &'static str,
    /// The names of the emulator, or of the loader where the machine itself executes the programs.
    emulators: &'static [&'static str],
    /// The arguments of the emulator or loader that precede the program.
    arguments: &'static [&'static str],
    /// Debian's directory of the processor's C library.
    libraries: &'static str,
}

const PROCESSORS: &[Emulated] = &[
    Emulated {
        name: "aarch64",
        triple: "aarch64-unknown-linux-gnu",
        linker: "aarch64-linux-gnu-gcc",
        objdump: "aarch64-linux-gnu-objdump",
        emulators: &["qemu-aarch64-static", "qemu-aarch64"],
        arguments: &[],
        libraries: "/usr/aarch64-linux-gnu",
    },
    // Pointers of 32 bits. x86-64 needs no emulator for it.
    Emulated {
        name: "i686",
        triple: "i686-unknown-linux-gnu",
        linker: "i686-linux-gnu-gcc",
        objdump: "i686-linux-gnu-objdump",
        emulators: &["/usr/i686-linux-gnu/lib/ld-linux.so.2"],
        arguments: &["--library-path", "/usr/i686-linux-gnu/lib"],
        libraries: "/usr/i686-linux-gnu",
    },
    // Big-endian byte order.
    Emulated {
        name: "s390x",
        triple: "s390x-unknown-linux-gnu",
        linker: "s390x-linux-gnu-gcc",
        objdump: "s390x-linux-gnu-objdump",
        emulators: &["qemu-s390x-static", "qemu-s390x"],
        arguments: &[],
        libraries: "/usr/s390x-linux-gnu",
    },
];

pub(crate) fn run(args: &[String]) -> Result {
    let [name, command, rest @ ..] = args else {
        return Err("say for which processor, and what cargo is to do".into());
    };
    match processor(name)?.cargo(command)? {
        Some(mut cargo) => status(cargo.args(rest)),
        None => Ok(()),
    }
}

/// Returns the processor with this name.
pub(crate) fn processor(name: &str) -> Result<&'static Emulated> {
    let known = PROCESSORS.iter().find(|processor| processor.name == name);
    known.ok_or_else(|| format!("no processor is known as {name}").into())
}

impl Emulated {
    /// Returns a command of cargo that builds for this processor and runs in an emulator, or
    /// natively on such a processor. Returns `None` after printing the reason if a program is
    /// missing.
    pub(crate) fn cargo(&self, command: &str) -> Result<Option<Command>> {
        let mut cargo = cargo();
        cargo.args([command, "--target", self.triple]);
        if cfg!(target_os = "linux") && std::env::consts::ARCH == self.name {
            return Ok(Some(cargo));
        }
        let there = |name: &&&str| answers(program(name).arg("--version"));
        let emulator = self.emulators.iter().find(there);
        let missing = match emulator {
            _ if !self.has_std()? => self.triple,
            _ if !there(&&self.linker) => self.linker,
            None => self.emulators[0],
            Some(emulator) => {
                let key = self.triple.replace('-', "_").to_uppercase();
                set(&mut cargo, &format!("CARGO_TARGET_{key}_LINKER"), self.linker);
                let runner = [&[*emulator], self.arguments].concat().join(" ");
                set(&mut cargo, &format!("CARGO_TARGET_{key}_RUNNER"), &runner);
                set(&mut cargo, "QEMU_LD_PREFIX", self.libraries);
                return Ok(Some(cargo));
            }
        };
        println!("not done: {} needs {missing}, which is not installed", self.name);
        Ok(None)
    }

    /// Returns the directory of the build within the target directory.
    pub(crate) fn directory(&self) -> &'static str {
        self.triple
    }

    /// Returns `true` if the compiler has the standard library for the processor.
    fn has_std(&self) -> Result<bool> {
        let mut rustc = program("rustc");
        let path = output(rustc.args(["--print", "target-libdir", "--target", self.triple]))?;
        Ok(Path::new(path.trim()).exists())
    }
}

/// Sets an environment variable unless the user has set it.
fn set(command: &mut Command, name: &str, value: &str) {
    if std::env::var_os(name).is_none() {
        command.env(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::{PROCESSORS, processor};

    #[test]
    fn processors_have_the_names_that_rust_has_for_them() {
        for known in PROCESSORS {
            assert!(known.triple.starts_with(known.name));
            assert!(processor(known.name).is_ok());
        }
        assert!(processor("pdp11").is_err());
    }
}
