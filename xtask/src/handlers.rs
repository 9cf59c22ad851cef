//! `cargo xtask handlers [--target PROCESSOR]`: checks in optimized code that every handler of the
//! tail-call dispatcher ends with a jump to the next one, and that every native handler does and
//! calls nothing but the host. Rust does not promise sibling calls. A handler that calls the next
//! one instead would let the native stack grow with each instruction, and lose registers. Programs
//! choose their own profiles, so those that change how handlers are compiled are checked, too.

use crate::Result;
use crate::emulate::processor;
use crate::run::{answers, cargo, option, output, program, root};
use std::process::Command;

/// Parts of the names of handlers, and of functions for an instruction's slow path.
const HANDLERS: [&str; 3] = [
    "dispatch::tail::jump::handle::<",
    "dispatch::tail::jump::handle_slow::<",
    "dispatch::tail::step::handle::<",
];

/// Settings of the release profile that change how handlers are compiled. Those in assembly stay as
/// they are, so such builds leave them out.
const PROFILES: [&[(&str, &str)]; 4] = [
    &[("PANIC", "abort")],
    &[("OPT_LEVEL", "2"), ("OVERFLOW_CHECKS", "true")],
    &[("OPT_LEVEL", "s")],
    &[("DEBUG_ASSERTIONS", "true")],
];

/// The instructions that may end a handler, those that call or return, and those that may stand
/// between a call and a return, on x86-64 and AArch64. No mnemonic of one means something else on
/// the other.
const JUMPS: &[&str] = &["jmp", "b", "br"];
const LEAVES: &[&str] = &["call", "ret", "bl", "blr"];
const CLEANUP: &[&str] = &["add", "pop", "ldp", "ldr"];
const PADDING: &[&str] = &["nop", "nopw", "nopl", "int3", "xchg", "cs", "data16"];

pub(crate) fn run(args: &[String]) -> Result {
    let (build, objdump, directory) = match option(args, "--target")? {
        Some(name) => {
            let processor = processor(name)?;
            (processor.cargo("build")?, processor.objdump, processor.directory())
        }
        None => {
            let known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
            let mut build = cargo();
            build.arg("build");
            (known.then_some(build), "objdump", "")
        }
    };
    let Some(mut build) = build.filter(|_| answers(program(objdump).arg("--version"))) else {
        println!("not checked: needs x86-64 or AArch64, and {objdump}");
        return Ok(());
    };
    build.args(["--quiet", "--release", "-p", "burdock-core", "--features", "dispatch-tail"]);
    // Symbol names then tell the instruction that a handler is for.
    build.env("RUSTFLAGS", "-C symbol-mangling-version=v0");
    let target = root().join("target/handlers");
    build.arg("--target-dir").arg(&target);
    let library = target.join(directory).join("release/libburdock_core.rlib");
    let listing = |build: &mut Command| -> Result<String> {
        output(build)?;
        output(program(objdump).args(["-d", "--no-show-raw-insn"]).arg(&library))
    };
    report("the release profile", &listing(&mut build)?)?;
    build.env("BURDOCK_WITHOUT_NATIVE", "1");
    for profile in PROFILES {
        let variable = |setting: &str| format!("CARGO_PROFILE_RELEASE_{setting}");
        for (setting, value) in profile {
            build.env(variable(setting), value);
        }
        let settings: Vec<String> =
            profile.iter().map(|(setting, value)| format!("{setting}={value}")).collect();
        report(&settings.join(" "), &listing(&mut build)?)?;
        for (setting, _) in profile {
            build.env_remove(variable(setting));
        }
    }
    Ok(())
}

/// Prints what a listing of the code of a build shows.
///
/// # Errors
///
/// Fails if a handler does not end with a jump.
fn report(build: &str, listing: &str) -> Result {
    let (handlers, calling) = check(listing);
    println!("{build}: {handlers} handlers, {} do not jump to the next one", calling.len());
    match (handlers, calling.is_empty()) {
        (0, _) => Err("found no handlers, so this proves nothing".into()),
        (_, true) => Ok(()),
        (_, false) => {
            Err(format!("these do not end with a jump:\n  {}", calling.join("\n  ")).into())
        }
    }
}

/// Returns the number of handlers in a listing, and those that do not end with a jump to the next
/// one.
fn check(listing: &str) -> (usize, Vec<String>) {
    let mut handlers = 0;
    let mut calling = Vec::new();
    for function in listing.split("\n\n") {
        let Some((head, body)) = function.trim_start().split_once('\n') else { continue };
        let symbol = head.split(['<', '>']).nth(1).unwrap_or_default();
        let name = format!("{:#}", rustc_demangle::demangle(symbol));
        let native = is_native(symbol);
        if !native && !HANDLERS.iter().any(|handler| name.contains(handler)) {
            continue;
        }
        handlers += 1;
        let instructions: Vec<&str> =
            body.lines().filter_map(|line| Some(line.split_once('\t')?.1.trim())).collect();
        let found = match native {
            true => no_jump(&instructions),
            false => call_at_the_end(&instructions),
        };
        if let Some(call) = found {
            calling.push(format!("{name}: {call}"));
        }
    }
    (handlers, calling)
}

/// Returns `true` if a symbol is the label of a native handler: `h` and its number.
fn is_native(symbol: &str) -> bool {
    let number = symbol.strip_prefix('h').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns `true` if an instruction is one of these.
fn is(text: &str, names: &[&str]) -> bool {
    text.split_whitespace().next().is_some_and(|name| names.contains(&name))
}

/// The instructions before and after a call of the host in a native handler, which align the stack
/// for the call or save the return address.
const AROUND: [[&str; 2]; 2] =
    [["sub $0x8,%rsp", "add $0x8,%rsp"], ["stp x29, x30, [sp, #-16]!", "ldp x29, x30, [sp], #16"]];

/// Returns a forbidden call or return in a native handler, or its last instruction if that is no
/// jump. A handler may call the host through a pointer that is not an instruction's head.
fn no_jump<'a>(instructions: &[&'a str]) -> Option<&'a str> {
    let at = |at: usize| instructions.get(at).copied().unwrap_or_default();
    let asks = |number: usize, text: &str| {
        let pointer = text.contains('*') && !text.contains("(%rdi)") || is(text, &["blr"]);
        let around = [at(number.wrapping_sub(1)), at(number + 1)];
        let around = around.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        pointer && AROUND.iter().any(|pair| around == *pair)
    };
    let last = instructions.iter().rev().find(|text| !is(text, PADDING));
    let falls = last.filter(|text| !is(text, JUMPS));
    let mut numbered = instructions.iter().enumerate();
    let left = numbered.find(|(number, text)| is(text, LEAVES) && !asks(*number, text));
    left.map(|(_, text)| text).or(falls).copied()
}

/// Returns an indirect call after which the function only returns.
fn call_at_the_end<'a>(instructions: &[&'a str]) -> Option<&'a str> {
    let indirect = |text: &str| is(text, &["blr"]) || is(text, &["call"]) && text.contains('*');
    let returns = |rest: &[&str]| {
        let mut rest = rest.iter().skip_while(|text| is(text, CLEANUP));
        rest.next().is_some_and(|text| is(text, &["ret"]))
    };
    let mut calls = instructions.iter().enumerate().filter(|(_, text)| indirect(text));
    calls.find(|(at, _)| returns(&instructions[at + 1..])).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn calls_at_the_end_are_found() {
        let name = "<_RINvNtNtNtCs5uJBrFFo8gU_12burdock_core8dispatch4tail4jump6handlemE>";
        let rows = [
            ("jmp    *(%rdi)", 0),
            ("call   *(%rdi)\n  4:\tadd    $0x40,%rsp\n  8:\tpop    %rbx\n  9:\tret", 1),
            ("call   *0x8(%r10)\n  4:\tret", 1),
            ("call   *0x8(%rax)\n  4:\ttest   %al,%al\n  6:\tjmp    *(%rdi)", 0),
            ("call   1234 <park>\n  4:\tret", 0),
            ("ldr\tx8, [x0, #16]!\n  4:\tbr\tx8", 0),
            ("blr\tx8\n  4:\tldp\tx29, x30, [sp], #16\n  8:\tret", 1),
            ("bl\t1234 <park>\n  4:\tldp\tx29, x30, [sp], #16\n  8:\tret", 0),
        ];
        for (code, calling) in rows {
            let listing = format!("\n0000 <other>:\n  0:\tret\n\n0000 {name}:\n  0:\t{code}\n");
            let (handlers, found) = check(&listing);
            assert_eq!((handlers, found.len()), (1, calling), "{code}");
        }
    }

    #[test]
    fn native_handlers_that_do_not_jump_are_found() {
        let rows = [
            ("add    $0x10,%rdi\n  4:\tjmp    *(%rdi)", 0),
            ("jmp    *(%rdi)\n  4:\tnopw   0x0(%rax,%rax,1)", 0),
            ("add    $0x10,%rdi", 1),
            ("call   1234 <park>\n  4:\tjmp    *(%rdi)", 1),
            ("ret\n  4:\tjmp    *(%rdi)", 1),
            (
                "sub    $0x8,%rsp\n  4:\tcall   *0x20(%rax)\n  8:\tadd    $0x8,%rsp\n  c:\tjmp    *(%rdi)",
                0,
            ),
            (
                "sub    $0x8,%rsp\n  4:\tcall   *(%rdi)\n  8:\tadd    $0x8,%rsp\n  c:\tjmp    *(%rdi)",
                1,
            ),
            ("call   *0x20(%rax)\n  4:\tjmp    *(%rdi)", 1),
            ("ldr\tx8, [x0, #16]!\n  4:\tbr\tx8\n  8:\tb\t1234 <trap_oob>", 0),
            ("cbz\tx8, 1234 <h12>", 1),
            ("bl\t1234 <park>\n  4:\tb\t1234 <trap_oob>", 1),
            (
                "stp\tx29, x30, [sp, #-16]!\n  4:\tblr\tx8\n  8:\tldp\tx29, x30, [sp], #16\n  c:\tbr\tx8",
                0,
            ),
            ("blr\tx8\n  8:\tbr\tx8", 1),
        ];
        for (code, calling) in rows {
            let listing = format!("\n0000 <h12>:\n  0:\t{code}\n\n0000 <helper>:\n  0:\tret\n");
            let (handlers, found) = check(&listing);
            assert_eq!((handlers, found.len()), (1, calling), "{code}");
        }
    }
}
