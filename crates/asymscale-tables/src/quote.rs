//! Text of a file inside a message: cut, escaped, and never many.

use std::fmt::Write as _;

/// Characters of a cell or a name that a message shows.
const SHOWN: usize = 40;
/// Names or values that a message lists.
const LISTED: usize = 12;

/// A number as messages show it: with an exponent where it would be long.
pub(crate) fn written(value: f64) -> String {
    let short = value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&value.abs());
    if short { value.to_string() } else { format!("{value:e}") }
}

/// Text in quotation marks: at most 40 characters, control characters and quotation marks escaped.
///
/// ```
/// assert_eq!(asymscale_tables::quoted("a\tb"), r#""a\tb""#);
/// assert_eq!(asymscale_tables::quoted(&"x".repeat(99)).chars().count(), 43); // with the marks and an ellipsis
/// ```
pub fn quoted(text: &str) -> String {
    let mut shown = String::from('"');
    let mut left = SHOWN;
    for c in text.chars() {
        let escaped: String = if invisible(c) { c.escape_default().collect() } else { escape(c) };
        let Some(rest) = left.checked_sub(escaped.chars().count()) else {
            shown.push('…');
            break;
        };
        left = rest;
        shown += &escaped;
    }
    shown + "\""
}

fn escape(c: char) -> String {
    if matches!(c, '"' | '\\') { format!("\\{c}") } else { c.to_string() }
}

/// Control characters, and those that change the direction of text or have no width.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A name of a column between backticks, cut and escaped likewise.
pub(crate) fn name(text: &str) -> String {
    let shown = quoted(text);
    format!("`{}`", &shown[1..shown.len() - 1])
}

/// Some names, and how many more there are.
pub(crate) fn names<S: AsRef<str>>(all: &[S]) -> String {
    let listed: Vec<String> = all.iter().take(LISTED).map(|text| name(text.as_ref())).collect();
    let mut text = listed.join(", ");
    if all.len() > LISTED {
        let _ = write!(text, " and {} more", all.len() - LISTED);
    }
    text
}

/// A number of things in words, for messages: of a word whose plural has an `s`.
///
/// ```
/// use asymscale_tables::many;
/// assert_eq!((many(1, "sample"), many(2, "sample")), ("1 sample".into(), "2 samples".into()));
/// ```
pub fn many(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// Ascending numbers of rows as ranges, at most eight of them: `3, 7 to 9 and 12 more`.
pub(crate) fn ranges(rows: &[u64]) -> String {
    let mut parts = Vec::new();
    let mut shown = 0;
    for run in rows.chunk_by(|a, b| *b == a + 1).take(8) {
        shown += run.len();
        parts.push(match run {
            [one] => one.to_string(),
            [one, two] => format!("{one}, {two}"),
            _ => format!("{} to {}", run[0], run[run.len() - 1]),
        });
    }
    let more = rows.len() - shown;
    parts.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_abbreviated() {
        assert_eq!(ranges(&[3, 7, 8, 9, 12, 13]), "3, 7 to 9, 12, 13");
        let odd: Vec<u64> = (0..50).map(|k| 2 * k + 1).collect();
        assert_eq!(ranges(&odd), "1, 3, 5, 7, 9, 11, 13, 15 and 42 more");
        let many: Vec<String> = (0..100).map(|k| format!("x{k}")).collect();
        assert!(names(&many).ends_with("`x11` and 88 more"));
    }

    #[test]
    fn nothing_invisible_is_shown() {
        assert_eq!(quoted("\u{1b}[31mred\u{202e}"), r#""\u{1b}[31mred\u{202e}""#);
    }
}
