//! Checks of the files that tools write: each file is parsed in its own format.

/// Fails unless a file is complete, as if the run had ended by itself.
pub(crate) fn check_file(name: &str, text: &str) {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).map(|_| ());
    let at = |error: &dyn std::fmt::Display| -> ! { panic!("{name}: {error}\n{text:.500}") };
    assert!(!text.is_empty(), "{name} is empty");
    let raw =
        text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t') || *c == '\u{202e}');
    assert_eq!(raw, None, "{name}: {text:.500}");
    match name.rsplit('.').next().unwrap() {
        "lines" => text.lines().for_each(|line| json(line).unwrap_or_else(|error| at(&error))),
        "json" => json(text).unwrap_or_else(|error| at(&error)),
        "svg" => {
            let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
            roxmltree::Document::parse_with_options(text, options)
                .map(|_| ())
                .unwrap_or_else(|error| at(&error));
        }
        "info" => {
            let reader = lcov::Reader::new(text.as_bytes());
            reader.for_each(|record| _ = record.unwrap_or_else(|error| at(&error)));
            assert!(text.ends_with("end_of_record\n"), "{name}");
        }
        "folded" => text.lines().for_each(|line| {
            let (stack, weight) = line.rsplit_once(' ').unwrap();
            assert!(!stack.is_empty() && weight.parse::<u64>().is_ok(), "{line}");
        }),
        "toml" => _ = text.parse::<toml::Table>().unwrap_or_else(|error| at(&error)),
        "html" => assert!(text.trim_end().ends_with("</html>"), "{name}"),
        _ => {}
    }
}
