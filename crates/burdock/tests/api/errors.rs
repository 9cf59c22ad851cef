//! The error type: contexts, what can be asked for, and how it is printed.

use burdock::error::Context;
use burdock::*;
use std::fmt;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("outer")]
struct Outer(#[source] Inner);
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("inner")]
struct Inner;

#[test]
fn an_error_prints_in_the_usual_forms() {
    let check = |error: Error, short: &str, long: &str, debug: &str| {
        assert_eq!(format!("{error}"), short);
        assert_eq!(format!("{error:#}"), long);
        assert_eq!(format!("{error:?}"), debug);
    };
    check(Error::msg("one"), "one", "one", "one");
    check(Error::new(Inner).context("two"), "two", "two: inner", "two\n\nCaused by:\n    inner");
    check(
        Error::new(Outer(Inner)).context("three"),
        "three",
        "three: outer: inner",
        "three\n\nCaused by:\n    0: outer\n    1: inner",
    );
    check(
        Error::msg("first\nsecond").context("top").context("over"),
        "over",
        "over: top: first\nsecond",
        "over\n\nCaused by:\n    0: top\n    1: first\n       second",
    );
    check(
        format_err!("a\nb").context("top"),
        "top",
        "top: a\nb",
        "top\n\nCaused by:\n    a\n    b",
    );
}

#[test]
fn links_are_found_by_type() {
    let error = Error::new(Outer(Inner)).context("text").context(7_u8);
    assert!(error.is::<Outer>() && error.is::<&str>() && error.is::<u8>());
    assert!(!error.is::<Inner>(), "a source is not a link");
    assert_eq!(error.downcast_ref(), Some(&Outer(Inner)));
    assert_eq!(error.root_cause().to_string(), "inner");
    let chain: Vec<_> = error.chain().map(ToString::to_string).collect();
    assert_eq!(chain, ["7", "text", "outer", "inner"]);
    let mut error = error.downcast::<u16>().unwrap_err();
    *error.downcast_mut::<u8>().unwrap() += 1;
    assert_eq!(error.to_string(), "8");
    assert_eq!(error.downcast::<Outer>().unwrap(), Outer(Inner));
    let message = Error::msg(String::from("owned"));
    assert_eq!(message.downcast::<String>().unwrap(), "owned");
}

#[test]
fn macros_and_contexts_make_errors() {
    fn check(n: i32) -> Result<i32> {
        ensure!(n != 1, "{n} is one");
        if n == 2 {
            bail!("two: {}", n);
        }
        if n == 3 {
            bail!(Trap::Interrupt);
        }
        Ok(n)
    }
    assert_eq!(check(0).unwrap(), 0);
    assert_eq!(check(1).unwrap_err().to_string(), "1 is one");
    assert_eq!(check(2).unwrap_err().to_string(), "two: 2");
    assert!(check(3).unwrap_err().is::<Trap>());
    let missing: Option<i32> = None;
    assert_eq!(missing.context("missing").unwrap_err().to_string(), "missing");
    let error = check(2).with_context(|| format!("call {}", 2)).unwrap_err();
    assert_eq!(format!("{error:#}"), "call 2: two: 2");
    let error = Err::<(), _>(Inner).context("text").unwrap_err();
    assert!(error.is::<Inner>());
    let error = None::<i32>.with_context(|| 7_u8).unwrap_err();
    assert_eq!((error.downcast_ref(), format!("{error:?}")), (Some(&7_u8), "7".to_owned()));
}

/// A type that can be displayed and is not an error.
#[derive(Debug, PartialEq)]
struct Shown;

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shown")
    }
}

#[test]
fn macros_take_a_value() {
    let error = format_err!(Outer(Inner));
    assert_eq!((error.downcast_ref(), error.chain().count()), (Some(&Outer(Inner)), 2));
    assert_eq!(format_err!(Shown).downcast_ref(), Some(&Shown));
    let text = String::from("{braces}");
    assert_eq!(format_err!(text).downcast::<String>().unwrap(), "{braces}");
    let n = 3;
    assert_eq!(format_err!("{n} and {}", 4).to_string(), "3 and 4");
    assert_eq!(format_err!("{m} and {n}", m = 2,).to_string(), "2 and 3");

    fn check(n: &i32) -> Result<()> {
        ensure!(*n != 1);
        ensure!(&(*n != 2), Shown);
        if *n == 3 {
            bail!(Inner);
        }
        match n {
            4 => bail!("four"),
            _ => Ok(()),
        }
    }
    assert_eq!(check(&1).unwrap_err().to_string(), "Condition failed: `*n != 1`");
    assert!(check(&2).unwrap_err().is::<Shown>());
    assert!(check(&3).unwrap_err().is::<Inner>());
    assert_eq!(check(&4).unwrap_err().to_string(), "four");
    assert!(check(&5).is_ok());
}

#[cfg(feature = "anyhow")]
#[test]
fn errors_of_anyhow_come_and_go() {
    fn go(error: Error) -> anyhow::Result<()> {
        Err(error)?;
        Ok(())
    }
    let check = |error: Error, long: &str| {
        let gone = go(error).unwrap_err();
        assert_eq!(format!("{gone:#}"), long);
        gone
    };
    let gone = check(Error::new(Outer(Inner)).context(Shown), "shown: outer: inner");
    assert!(gone.is::<Outer>() && gone.is::<Shown>());
    assert!(check(Error::msg(Shown), "shown").is::<Shown>());
    check(Error::from_boxed(Box::new(Inner)), "inner");
    check(None::<()>.context(Shown).unwrap_err(), "shown");

    let mut come = Error::from_anyhow(gone).context("here");
    assert!(come.is::<Outer>() && come.is::<Shown>() && !come.is::<Inner>());
    come.downcast_mut::<Outer>().unwrap().0 = Inner;
    let come = come.downcast::<u8>().unwrap_err();
    assert_eq!(format!("{come:#}"), "here: shown: outer: inner");
    assert_eq!(come.downcast_ref::<anyhow::Error>().unwrap().downcast_ref(), Some(&Outer(Inner)));
    assert!(check(come, "here: shown: outer: inner").is::<Outer>(), "there and back");
    let come = Error::from_anyhow(anyhow::Error::new(Inner).context(Shown));
    assert_eq!(come.downcast::<Inner>().unwrap(), Inner);

    assert!(format_err!(anyhow::Error::new(Inner)).is::<anyhow::Error>());
    let result: Result<()> = Err(anyhow::anyhow!("text")).to_wasmtime_result();
    assert_eq!(result.unwrap_err().to_string(), "text");
    let result: Result<i32> = Ok(1);
    assert_eq!(result.to_wasmtime_result().unwrap(), 1);
}

#[test]
fn errors_become_standard_errors() {
    let boxed: Box<dyn std::error::Error + Send + Sync> = Error::new(Inner).context("text").into();
    assert_eq!(boxed.to_string(), "text");
    assert_eq!(boxed.source().unwrap().to_string(), "inner");
    let error = Error::from_boxed(boxed);
    assert_eq!(format!("{error:#}"), "text: inner");
    fn through() -> Result<(), Box<dyn std::error::Error>> {
        Err(Error::msg("text"))?;
        Ok(())
    }
    assert_eq!(through().unwrap_err().to_string(), "text");
}
