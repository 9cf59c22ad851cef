//! Programs that run programs.

use crate::Program;
use crate::input::mix;

pub const PROGRAMS: &[Program] =
    &[("register", register), ("script", script), ("stack", stack), ("tape", tape), ("wasm", wasm)];

/// A machine with registers, whose instructions are words of 32 bits as those of RISC processors.
fn register() -> u64 {
    // opcode, destination, and two operands, eight bits each.
    let word = |op: u32, d: u32, a: u32, b: u32| op << 24 | d << 16 | a << 8 | b;
    let code = [
        word(0, 1, 0, 0),   // r1 = 0
        word(0, 2, 0, 1),   // r2 = 1
        word(0, 6, 0, 251), // r6 = 251
        word(1, 1, 1, 2),   // again: r1 += r2
        word(2, 3, 1, 6),   // r3 = r1 * r6
        word(3, 4, 3, 7),   // r4 = r3 >> 7
        word(4, 3, 3, 4),   // r3 ^= r4
        word(5, 0, 3, 1),   // memory[r3] = r1
        word(6, 5, 1, 0),   // r5 = memory[r1]
        word(1, 7, 7, 5),   // r7 += r5
        word(7, 1, 8, 249), // if r1 < r8 go back by 7
        word(8, 0, 0, 0),   // stop
    ];
    let mut registers = [0u32; 16];
    registers[8] = 150_000;
    let mut memory = vec![0u32; 4096];
    let mut counter = 0usize;
    loop {
        let word = code[counter];
        let field = |shift: u32| (word >> shift & 15) as usize;
        let (d, a, b) = (field(16), field(8), field(0));
        counter += 1;
        match word >> 24 {
            0 => registers[d] = word & 255,
            1 => registers[d] = registers[a].wrapping_add(registers[b]),
            2 => registers[d] = registers[a].wrapping_mul(registers[b]),
            3 => registers[d] = registers[a] >> (word & 31),
            4 => registers[d] = registers[a] ^ registers[b],
            5 => memory[registers[a] as usize & 4095] = registers[b],
            6 => registers[d] = memory[registers[a] as usize & 4095],
            7 if registers[d] < registers[a] => {
                counter = counter.wrapping_add_signed(isize::from(word as u8 as i8) - 1);
            }
            7 => {}
            _ => return mix(registers.map(u64::from)),
        }
    }
}

fn script() -> u64 {
    const SOURCE: &str = "
        fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
        let list = []; let sum = 0;
        for n in 0..2000 { list.push(n * 7 % 31); }
        for value in list { sum += value; }
        let text = \"\"; for n in 0..200 { text += n.to_string(); }
        sum + fib(15) + text.len()";
    rhai::Engine::new().eval::<i64>(SOURCE).expect("a script") as u64
}

/// A language as small as Forth: compiled to the code of a machine with a stack, and run.
fn stack() -> u64 {
    const SOURCE: &str = "
        : step dup 31 * + 65521 mod ;
        : sum 0 begin over + step swap 1 - swap over 0 = until ;
        25000 sum swap drop";
    mix([execute(&compile(SOURCE)) as u64])
}

#[derive(Clone, Copy)]
enum Op {
    Push(i64),
    Add,
    Sub,
    Mul,
    Mod,
    Equal,
    Dup,
    Drop,
    Swap,
    Over,
    JumpIfZero(usize),
    Jump(usize),
    Call(usize),
    Return,
    Halt,
}

fn compile(source: &str) -> Vec<Op> {
    let mut code = Vec::new();
    let mut known: Vec<(&str, usize)> = Vec::new();
    let mut open = Vec::new();
    let mut words = source.split_whitespace();
    while let Some(word) = words.next() {
        let op = match word {
            "+" => Op::Add,
            "-" => Op::Sub,
            "*" => Op::Mul,
            "mod" => Op::Mod,
            "=" => Op::Equal,
            "dup" => Op::Dup,
            "drop" => Op::Drop,
            "swap" => Op::Swap,
            "over" => Op::Over,
            "begin" => {
                open.push(code.len());
                continue;
            }
            "until" => Op::JumpIfZero(open.pop().expect("a begin")),
            ":" => {
                // Where the definition ends is not known yet.
                open.push(code.len());
                known.push((words.next().expect("a name"), code.len() + 1));
                Op::Halt
            }
            ";" => {
                code[open.pop().expect("a definition")] = Op::Jump(code.len() + 1);
                Op::Return
            }
            _ => match known.iter().find(|(name, _)| *name == word) {
                Some(&(_, start)) => Op::Call(start),
                None => Op::Push(word.parse().expect("a number")),
            },
        };
        code.push(op);
    }
    code.push(Op::Halt);
    code
}

fn execute(code: &[Op]) -> i64 {
    let mut values = Vec::new();
    let mut frames = Vec::new();
    let mut counter = 0;
    loop {
        let op = code[counter];
        counter += 1;
        let mut pop = || values.pop().unwrap_or(0);
        match op {
            Op::Push(value) => values.push(value),
            Op::Add | Op::Sub | Op::Mul | Op::Mod | Op::Equal => {
                let (b, a) = (pop(), pop());
                values.push(match op {
                    Op::Add => a.wrapping_add(b),
                    Op::Sub => a.wrapping_sub(b),
                    Op::Mul => a.wrapping_mul(b),
                    Op::Mod => a.checked_rem(b).unwrap_or(0),
                    _ => i64::from(a == b),
                });
            }
            Op::Dup => {
                let a = pop();
                values.extend([a, a]);
            }
            Op::Drop => drop(pop()),
            Op::Swap => {
                let (b, a) = (pop(), pop());
                values.extend([b, a]);
            }
            Op::Over => {
                let (b, a) = (pop(), pop());
                values.extend([a, b, a]);
            }
            Op::JumpIfZero(to) if pop() == 0 => counter = to,
            Op::JumpIfZero(_) => {}
            Op::Jump(to) => counter = to,
            Op::Call(to) => {
                frames.push(counter);
                counter = to;
            }
            Op::Return => counter = frames.pop().unwrap_or(0),
            Op::Halt => return values.pop().unwrap_or(0),
        }
    }
}

/// The language of eight characters that work on a tape.
fn tape() -> u64 {
    const SOURCE: &[u8] = b"+++++++++++++++[>++++++++++++++++[>-[>+>++<<-]<-]<-]>>>.>.";
    let mut jumps = vec![0usize; SOURCE.len()];
    let mut open = Vec::new();
    for (at, &character) in SOURCE.iter().enumerate() {
        match character {
            b'[' => open.push(at),
            b']' => {
                let from = open.pop().expect("an open bracket");
                (jumps[from], jumps[at]) = (at, from);
            }
            _ => {}
        }
    }
    let mut output = Vec::new();
    for _ in 0..3 {
        let mut cells = vec![0u8; 3_000];
        let (mut cell, mut at) = (0usize, 0usize);
        while at < SOURCE.len() {
            match SOURCE[at] {
                b'>' => cell += 1,
                b'<' => cell -= 1,
                b'+' => cells[cell] = cells[cell].wrapping_add(1),
                b'-' => cells[cell] = cells[cell].wrapping_sub(1),
                b'[' if cells[cell] == 0 => at = jumps[at],
                b']' if cells[cell] != 0 => at = jumps[at],
                b'.' => output.push(cells[cell]),
                _ => {}
            }
            at += 1;
        }
    }
    mix(output.into_iter().map(u64::from))
}

fn wasm() -> u64 {
    const SOURCE: &str = r#"(module (memory 1)
        (func $gcd (param $a i32) (param $b i32) (result i32)
          (if (result i32) (i32.eqz (local.get $b)) (then (local.get $a))
            (else (call $gcd (local.get $b) (i32.rem_u (local.get $a) (local.get $b))))))
        (func (export "run") (param $n i32) (result i32) (local $sum i32)
          (loop $again
            (i32.store (i32.and (i32.mul (local.get $n) (i32.const 52)) (i32.const 0xfffc))
              (call $gcd (local.get $n) (i32.const 5040)))
            (local.set $sum (i32.add (local.get $sum)
              (i32.load8_u (i32.and (local.get $n) (i32.const 0xfff)))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $sum)))"#;
    let binary = ::wat::parse_str(SOURCE).expect("a module");
    let module = tinywasm::Module::parse_bytes(&binary).expect("a module");
    let mut store = tinywasm::Store::default();
    let instance = module.instantiate(&mut store, None).expect("an instance");
    let run = instance.exported_func::<i32, i32>(&store, "run").expect("a function");
    run.call(&mut store, 5_000).expect("a number") as u64
}
