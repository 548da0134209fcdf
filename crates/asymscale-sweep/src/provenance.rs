//! Where a table comes from: the `# key: value` lines ahead of a CSV.

use std::fmt::Display;

/// Ordered lines `# key: value` ahead of a CSV: chapter, parameters, seed, fingerprint.
///
/// ```
/// use asymscale_sweep::Provenance;
/// let lines = Provenance::default().with("seed", 7).with("note", "two\nlines");
/// assert_eq!(lines.get("seed"), Some("7"));
/// assert_eq!(lines.get("note"), Some("two lines"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    lines: Vec<(String, String)>,
}

impl Provenance {
    /// One more line. Line breaks and runs of white space become one space; a colon in the key
    /// becomes `_`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Display) -> Self {
        self.lines.push((one_line(&key.replace(':', "_")), one_line(&value.to_string())));
        self
    }

    /// The value of the first line with this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.lines().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// All lines in their order.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
