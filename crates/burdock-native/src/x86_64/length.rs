//! The number of bytes that a line takes when it is assembled, to keep handlers within cache
//! lines.

/// The registers whose numbers need a prefix.
const HIGH: [&str; 8] = ["r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

/// Returns the length of some lines in bytes: that of the assembler's output, or a little more.
pub(super) fn length(text: &str) -> usize {
    text.lines().map(line).sum()
}

fn line(line: &str) -> usize {
    let (mnemonic, operands) = line.split_once(' ').unwrap_or((line, ""));
    let operands: Vec<&str> = operands.split(", ").collect();
    if line.ends_with(':') || line.starts_with('.') {
        return 0;
    }
    if let Some(condition) = mnemonic.strip_prefix('j') {
        return match (condition, operands[0]) {
            // The other way of a handler is just behind it; the ways out are far away.
            ("mp", operand) if operand.starts_with("qword") => 2,
            ("mp", _) => 5,
            (_, operand) if operand.starts_with(".L") => 2,
            _ => 6,
        };
    }
    let memory = operands.iter().find_map(|operand| Some(operand.split_once('[')?.1));
    let vex = mnemonic.starts_with('v') || matches!(mnemonic, "shlx" | "sarx" | "shrx");
    let opcode = match mnemonic {
        _ if vex => 5,
        "lzcnt" | "tzcnt" | "popcnt" => 4,
        "movabs" => 10,
        "movsxd" | "cqo" => 2,
        "imul" | "movzx" | "movsx" => 3,
        _ if mnemonic.starts_with("cmov") || mnemonic.starts_with("set") => 3,
        _ => 2,
    };
    let high = |operand: &str| HIGH.iter().any(|register| operand.contains(register));
    let wide = |operand: &str| {
        operand.contains("qword") || (operand.starts_with('r') && operand.len() == 3)
    };
    let rex = !vex
        && (operands.iter().any(|operand| high(operand) || wide(operand)) || line.contains("pl"));
    let half = line.contains(" word ptr") && !matches!(mnemonic, "movzx" | "movsx");
    let fourth = usize::from(mnemonic.contains("blendv"));
    let immediate = match operands.last().map(|operand| operand.parse::<i64>()) {
        Some(Ok(-128..=127)) if mnemonic != "mov" => 1,
        Some(Ok(_)) => 4,
        // What a constant of the machine says, in a shift the count.
        _ if operands.last().is_some_and(|operand| operand.starts_with('{')) => {
            if matches!(mnemonic, "shl" | "shr") { 1 } else { 4 }
        }
        _ => 0,
    };
    opcode + fourth + usize::from(rex) + usize::from(half) + memory.map_or(0, address) + immediate
}

/// Returns the length of an address behind its first byte.
fn address(text: &str) -> usize {
    let text = text.trim_end_matches(']');
    let index =
        text.contains('*') || text.split('+').filter(|part| part.starts_with('r')).count() > 1;
    let plain = matches!(text.split('+').next(), Some("r13" | "rbp"));
    let far = match text.rsplit(['+', '-']).next().map(str::parse::<i64>) {
        // A field of the machine's, or where a constant lies.
        _ if text.contains('{') || text.contains("rip") => 4,
        Some(Ok(-128..=127)) => 1,
        Some(Ok(_)) => 4,
        _ => usize::from(plain),
    };
    usize::from(index || text.starts_with("r12")) + far
}
