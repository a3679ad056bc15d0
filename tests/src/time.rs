//! Times in what the program prints: they differ from run to run.

/// What stands before a time.
const BEFORE: [&str; 4] = ["PASS [", "FAIL [", "\"seconds\": ", " time=\""];

/// The text with `#` in the place of every time that `wcompose test` prints.
pub fn timeless(text: &str) -> String {
    BEFORE.iter().fold(text.to_owned(), |text, before| {
        let mut parts = text.split(before);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |made, part| {
            let time = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | 'e');
            format!("{made}{before}#{}", part.trim_start_matches(time))
        })
    })
}
