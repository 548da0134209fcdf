//! A table of delimited text: its titles, and its rows.

use crate::cells::number;
use crate::formats::dialect::{self, width};
use crate::formats::records::{Dialect, Separator};
use crate::table::row::{Cells, Row};

/// A text that was understood as a table.
#[derive(Debug)]
pub(crate) struct Delimited {
    text: Vec<u8>,
    dialect: Dialect,
    /// Whether a row may begin with `#` because its name does.
    hash_names: bool,
    /// The line of the titles and what stands above them; rows come after it.
    last_title: u64,
    /// Titles of the columns; numbers where there are none.
    pub(crate) names: Vec<String>,
    /// Whether the columns have titles.
    pub(crate) titled: bool,
    /// Lines above the titles that are no comments.
    pub(crate) above: usize,
}

/// Records above the titles that are looked at.
const ABOVE: usize = 50;
/// The number of records below them that show whether rows have names.
const BELOW: usize = 50;

/// What the first records of a text show of its titles.
#[derive(Default)]
struct TextHead {
    /// The last comment above the first record.
    comment: Option<Vec<u8>>,
    /// Lines of a single field, and the first record of several, or of the only column there is.
    records: Vec<(u64, Vec<String>, bool)>,
    /// Fields of the next ones if they have one number of them, and whether a last one holds
    /// anything.
    below: Option<(usize, bool)>,
}

impl Delimited {
    /// Finds separator and titles. `hash_names` says that only lines of another width are comments.
    pub(crate) fn new(text: Vec<u8>, hash_names: bool) -> Self {
        let (dialect, separator_named) = dialect::find(&text);
        let start = start(&text, dialect, u64::from(separator_named));
        let mut table = Self {
            text,
            dialect,
            hash_names,
            last_title: u64::from(separator_named),
            names: Vec::new(),
            titled: false,
            above: start.records.len().saturating_sub(1),
        };
        table.set_titles(start);
        table
    }

    /// Takes titles from the first record, from a comment above numbers, or counts columns.
    fn set_titles(&mut self, start: TextHead) {
        let Some((line, fields, numbers)) = start.records.into_iter().next_back() else { return };
        let mut names = fields;
        if numbers {
            self.last_title = self.last_title.max(line - 1);
            let width = names.len().max(start.below.map_or(0, |below| below.0));
            let from_comment =
                start.comment.and_then(|comment| self.comment_titles(&comment, width));
            self.titled = from_comment.is_some();
            self.names = from_comment
                .unwrap_or_else(|| (1..=width).map(|number| number.to_string()).collect());
            return;
        }
        (self.last_title, self.titled) = (line, true);
        // Names of rows have no title, in what R and pandas write; a trailing separator has no
        // field.
        if start.below.is_some_and(|(below, filled)| below == names.len() + 1 && filled) {
            names.insert(0, String::new());
        }
        self.names = names;
    }

    /// The words of `# N D loss` above numbers, if they are as many as the columns.
    fn comment_titles(&self, comment: &[u8], width: usize) -> Option<Vec<String>> {
        let line = [comment.trim_ascii_start().trim_prefix_hash(), b"\n"].concat();
        let mut names = None;
        self.dialect.records(&line, &mut |_, fields| {
            names = Some(titles(fields));
            false
        });
        names.filter(|names| names.len() == width)
    }

    /// Hands every row to `each`; returns the number of comment lines below the titles.
    pub(crate) fn scan(&self, each: &mut dyn FnMut(&Row<'_>)) -> usize {
        let mut comments = 0;
        let width = self.names.len();
        self.dialect.records(&self.text, &mut |line, fields| {
            if line > self.last_title {
                if self.is_comment(fields) {
                    comments += 1;
                } else {
                    each(&Row { line, cells: Cells::Fields(fields, width) });
                }
            }
            true
        });
        comments
    }

    fn is_comment(&self, fields: &[&[u8]]) -> bool {
        let first = fields[0].trim_ascii_start();
        first.first() == Some(&b'#')
            && (!self.hash_names
                || self.names.len() == 1
                || fields.len() != self.names.len()
                || first.starts_with(b"# "))
    }

    /// Lines that begin with `#`, each with whether it stands above the rows.
    pub(crate) fn comments(&self) -> impl Iterator<Item = (bool, String)> {
        let lines = self.text.split(|byte| *byte == b'\n').zip(1..);
        lines.filter(|(line, _)| line.trim_ascii_start().first() == Some(&b'#')).map(
            |(line, number)| {
                let text = String::from_utf8_lossy(line.trim_ascii()).into_owned();
                (number <= self.last_title, text)
            },
        )
    }

    /// Bytes of the text.
    pub(crate) fn size(&self) -> usize {
        self.text.len()
    }

    /// Lines of the text.
    pub(crate) fn lines(&self) -> usize {
        memchr::memchr_iter(b'\n', &self.text).count()
    }

    /// The separator in a word.
    pub(crate) fn form(&self) -> &'static str {
        match self.dialect.separator {
            Separator::Byte(b',') => "comma-separated",
            Separator::Byte(b';') => "semicolon-separated",
            Separator::Byte(_) => "tab-separated",
            Separator::Bars => "bar-separated",
            Separator::Blanks => "blank-separated",
            Separator::Nothing => "one column",
        }
    }

    /// Whether a comma between digits is rather a decimal comma than a group of three.
    pub(crate) fn decimal_commas(&self) -> bool {
        self.dialect.separator == Separator::Byte(b';')
    }
}

/// Bytes without the signs of a comment in front.
trait TrimHash {
    fn trim_prefix_hash(&self) -> &[u8];
}

impl TrimHash for [u8] {
    fn trim_prefix_hash(&self) -> &[u8] {
        let hashes = self.iter().take_while(|byte| **byte == b'#').count();
        self[hashes..].trim_ascii()
    }
}

fn start(text: &[u8], dialect: Dialect, skip: u64) -> TextHead {
    let mut start = TextHead::default();
    let (mut found, mut below) = (false, 0);
    dialect.records(text, &mut |line, fields| {
        if line <= skip {
            return true;
        }
        if found {
            if !fields[0].trim_ascii_start().starts_with(b"#") {
                let last = fields.last().is_some_and(|field| !field.trim_ascii().is_empty());
                let before = start.below.unwrap_or((fields.len(), false));
                start.below =
                    Some((if before.0 == fields.len() { before.0 } else { 0 }, before.1 || last));
                below += 1;
            }
            return below < BELOW;
        }
        let comment = fields[0].trim_ascii_start().starts_with(b"#");
        if comment && start.records.is_empty() {
            start.comment = Some(joined(text, line));
            return true;
        }
        let numbers = fields.iter().any(|field| number::looks_numeric(field))
            && fields
                .iter()
                .all(|field| field.trim_ascii().is_empty() || number::looks_numeric(field));
        found = width(fields) > 1 || dialect.separator == Separator::Nothing;
        start.records.push((line, titles(fields), numbers));
        found || start.records.len() < ABOVE
    });
    if !found {
        start.records.truncate(1);
    }
    start
}

/// A line of a text by its number.
fn joined(text: &[u8], line: u64) -> Vec<u8> {
    let mut lines = text.split(|byte| *byte == b'\n');
    lines.nth(line as usize - 1).unwrap_or_default().to_vec()
}

/// Fields as titles: without blanks and marks of quotation around them.
fn titles(fields: &[&[u8]]) -> Vec<String> {
    let title = |field: &&[u8]| {
        let text = String::from_utf8_lossy(field);
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\u{feff}' | '\u{a0}'))
            .to_owned()
    };
    fields.iter().map(title).collect()
}
