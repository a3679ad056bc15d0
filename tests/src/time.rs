//! What the program prints and a test does not compare: times, which differ from run to run, and digests, which change
//! with the release of the encoder that makes a case's components.

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

/// The text with `#` in the place of every SHA-256, and of every UUID, which are made of one.
pub fn without_digests(text: &str) -> String {
    const DIGITS: usize = 64;
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let mut parts = text.split("urn:uuid:");
    let first = parts.next().unwrap_or_default().to_owned();
    let uuid = |c: char| is_digit(c) || c == '-';
    let text = parts.fold(first, |made, part| format!("{made}urn:uuid:#{}", part.trim_start_matches(uuid)));
    let (mut made, mut rest) = (String::new(), text.as_str());
    while let Some(start) = rest.find(is_digit) {
        let digits = rest[start..].find(|c| !is_digit(c)).unwrap_or(rest.len() - start);
        made += &rest[..start];
        made += if digits == DIGITS { "#" } else { &rest[start..start + digits] };
        rest = &rest[start + digits..];
    }
    made + rest
}
