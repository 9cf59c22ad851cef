//! Takes the samples: case by case and round by round, with every runtime in each round, starting
//! with another one each time. A row is the median of its rounds.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::cases::{Case, Sample, expect};
use crate::corpus::Steps;
use crate::memory;
use crate::program::{Program, Value};
use crate::runtime::{self, Compiled, Instance, Part, Runtime};
use crate::{Error, Result};

/// The minimum time of a sample; shorter work is repeated.
const SHORTEST: Duration = Duration::from_millis(20);

/// The median of a case under a runtime.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) group: &'static str,
    pub(crate) case: String,
    pub(crate) runtime: &'static str,
    /// The median in seconds; in the group `memory`, in bytes for each byte of the module.
    pub(crate) median: f64,
}

/// All measured rows, and those that could not be measured.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) rows: Vec<Row>,
    /// Rows in which a peer failed or had a wrong result.
    pub(crate) unable: Vec<String>,
    /// Rows in which Burdock failed or had a wrong result.
    pub(crate) wrong: Vec<String>,
}

pub(crate) fn all(cases: &[Case], args: &Args) -> Measured {
    let runtimes = runtime::all();
    let mut measured = Measured::default();
    for case in cases {
        eprintln!("{}/{}", case.group, case.name);
        let mut contestants = Vec::new();
        for runtime in &runtimes {
            if !fits(runtime.as_ref(), case, &runtimes)
                || !args.wants(case.group, &case.name, runtime.name())
            {
                continue;
            }
            match guarded(|| Contestant::prepare(runtime.as_ref(), case)) {
                Ok(contestant) => contestants.push(contestant),
                Err(Error(error)) => {
                    let name = runtime.name();
                    let row = format!("{}/{}/{name}: {error}", case.group, case.name);
                    match name.starts_with("burdock") {
                        true => measured.wrong.push(row),
                        false => measured.unable.push(row.replace('\n', " ")),
                    }
                }
            }
        }
        rounds(&mut contestants, case, args.rounds.min(case.rounds), &mut measured);
    }
    measured
}

/// Returns `true` if a runtime takes part in a case. The group `hook` compares runtimes that have
/// hooks with themselves.
fn fits(runtime: &dyn Runtime, case: &Case, all: &[Box<dyn Runtime>]) -> bool {
    let hooked = format!("{}+hook", runtime.name());
    match (runtime.part(), case.group) {
        // Compilers may take minutes for modules that are built to be costly.
        (Part::All | Part::Loading, "hostile" | "peak") => {
            ["burdock", "wasmi"].iter().any(|name| runtime.name().starts_with(name))
        }
        (Part::All, "hook") => all.iter().any(|other| other.name() == hooked),
        (Part::All, _) => true,
        (Part::Hook, group) => group == "hook",
        (Part::Loading, group) => group == "startup" || group == "memory",
        (Part::Startup, group) => group == "startup",
    }
}

/// Turns panics into errors, because some peers panic where others return an error.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("it panicked".into()))
}

/// A runtime that takes part in a case, with the times of its rounds.
struct Contestant<'a> {
    runtime: &'a dyn Runtime,
    compiled: Box<dyn Compiled>,
    instance: Option<Box<dyn Instance>>,
    /// The number of repetitions of the work for a sample.
    repeat: u32,
    times: Vec<f64>,
}

fn rounds(contestants: &mut Vec<Contestant<'_>>, case: &Case, rounds: usize, to: &mut Measured) {
    for round in 0..rounds {
        let mut at = 0;
        let count = contestants.len();
        let mut failed = Vec::new();
        while at < count {
            let index = (round + at) % count;
            if let Err(Error(error)) = guarded(|| contestants[index].round(case)) {
                failed.push((index, error));
            }
            at += 1;
        }
        failed.sort_by_key(|(index, _)| std::cmp::Reverse(*index));
        for (index, error) in failed {
            let runtime = contestants.remove(index).runtime.name();
            let row = format!("{}/{}/{runtime}: {error}", case.group, case.name);
            // A failure of a peer is reported; a failure of Burdock fails the run.
            let of_burdock = runtime.starts_with("burdock");
            if of_burdock { to.wrong.push(row) } else { to.unable.push(row.replace('\n', " ")) }
        }
    }
    for contestant in contestants {
        let median = median(&mut contestant.times);
        let (group, name, runtime) = (case.group, case.name.clone(), contestant.runtime.name());
        to.rows.push(Row { group, case: name, runtime, median });
    }
}

impl<'a> Contestant<'a> {
    /// Prepares a runtime for the rounds, with one sample to warm up and to estimate the time.
    fn prepare(runtime: &'a dyn Runtime, case: &Case) -> Result<Self> {
        let mut compiled = runtime.compile(&case.program)?;
        let instance = match case.sample {
            Sample::Kernel { .. }
            | Sample::CallGuest { .. }
            | Sample::Corpus(_)
            | Sample::Coremark => Some(compiled.instantiate()?),
            Sample::Link => {
                compiled.link()?;
                None
            }
            _ => None,
        };
        let mut contestant = Self { runtime, compiled, instance, repeat: 1, times: Vec::new() };
        if !matches!(
            case.sample,
            Sample::Coremark
                | Sample::Corpus(_)
                | Sample::Command { .. }
                | Sample::Memory
                | Sample::Peak
        ) {
            let once = contestant.sample(case)?.max(1e-9);
            contestant.repeat = (SHORTEST.as_secs_f64() / once).clamp(1.0, 100_000.0) as u32;
        }
        Ok(contestant)
    }

    fn round(&mut self, case: &Case) -> Result {
        let mut total = 0.0;
        for _ in 0..self.repeat {
            total += self.sample(case)?;
        }
        self.times.push(total / f64::from(self.repeat));
        Ok(())
    }

    /// Does the work once. Returns the seconds of the timed part.
    fn sample(&mut self, case: &Case) -> Result<f64> {
        let instance = || "there is no instance";
        match &case.sample {
            Sample::Kernel { size, expected } => {
                let instance = self.instance.as_mut().ok_or_else(instance)?;
                let start = Instant::now();
                let got = instance.call("run", &[Value::I32(*size)])?;
                let time = start.elapsed();
                expect("run", got, Value::I64(*expected))?;
                Ok(time.as_secs_f64())
            }
            Sample::CallGuest { times } => {
                let instance = self.instance.as_mut().ok_or_else(instance)?;
                let start = Instant::now();
                let got = instance.call_often("add_one", *times)?;
                let time = start.elapsed();
                expect("add_one", Some(Value::I32(got)), Value::I32(*times as i32))?;
                Ok(time.as_secs_f64())
            }
            Sample::Corpus(steps) => {
                corpus(self.instance.as_mut().ok_or_else(instance)?.as_mut(), steps)
            }
            Sample::Command { printed } => {
                command(self.compiled.instantiate()?.as_mut(), &case.program, printed)
            }
            Sample::Coremark => {
                let instance = self.instance.as_mut().ok_or_else(instance)?;
                match instance.call("run", &[])? {
                    Some(Value::F32(score)) if score > 0.0 => Ok(1000.0 / f64::from(score)),
                    got => Err(format!("CoreMark: no score, but {got:?}").into()),
                }
            }
            Sample::Startup => {
                let start = Instant::now();
                let mut compiled = self.runtime.compile(&case.program)?;
                let instance = black_box(compiled.instantiate()?);
                let time = start.elapsed();
                drop(instance);
                Ok(time.as_secs_f64())
            }
            Sample::Instantiate => {
                let start = Instant::now();
                drop(black_box(self.compiled.instantiate()?));
                Ok(start.elapsed().as_secs_f64())
            }
            Sample::Link => {
                let start = Instant::now();
                self.compiled.link()?;
                drop(black_box(self.compiled.instantiate()?));
                Ok(start.elapsed().as_secs_f64())
            }
            Sample::Memory | Sample::Peak => {
                let peak = matches!(case.sample, Sample::Peak);
                let bytes = memory::of(self.runtime.name(), &case.program.wasm, peak)?;
                Ok(bytes as f64 / case.program.wasm.len() as f64)
            }
        }
    }
}

/// Runs a command and compares what it prints. Returns the seconds of `_start`.
fn command(instance: &mut dyn Instance, program: &Program, printed: &[u8]) -> Result<f64> {
    let start = Instant::now();
    instance.call("_start", &[])?;
    let time = start.elapsed();
    match program.world.take_printed() == printed {
        true => Ok(time.as_secs_f64()),
        false => Err("it prints something else".into()),
    }
}

/// Runs a module of the corpus once. Returns the seconds of `run`.
fn corpus(instance: &mut dyn Instance, steps: &Steps) -> Result<f64> {
    let args: Vec<Value> = steps.setup.into_iter().collect();
    let Some(pointer) = instance.call("setup", &args)? else {
        return Err("setup gave nothing".into());
    };
    if let Some(input) = &steps.input {
        let Some(Value::I32(at)) = instance.call("input_ptr", &[pointer])? else {
            return Err("input_ptr gave no address".into());
        };
        instance.write(at as u32 as usize, input)?;
    }
    let start = Instant::now();
    instance.call("run", &[pointer])?;
    let time = start.elapsed();
    for (name, expected) in &steps.checks {
        let got = instance.call(name, &[pointer])?;
        expect(name, got, *expected)?;
    }
    instance.call("teardown", &[pointer])?;
    Ok(time.as_secs_f64())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    match times.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => times[middle],
        _ => (times[middle - 1] + times[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn medians() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
    }
}
