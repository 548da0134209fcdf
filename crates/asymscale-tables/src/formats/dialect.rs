//! Detection of the separator of a text.

use crate::cells::number;
use crate::formats::records::{Dialect, Separator};

/// The number of bytes from which the separator is detected.
const SAMPLE: usize = 1 << 18;
/// The number of records from which it is detected.
const RECORDS: usize = 200;

/// Separators, the likelier first where several would do; bars first where lines begin with them.
const SEPARATORS: [Separator; 5] = [
    Separator::Byte(b'\t'),
    Separator::Byte(b';'),
    Separator::Byte(b','),
    Separator::Bars,
    Separator::Blanks,
];

/// The dialect of a text, and whether its first line only names the separator (`sep=;`, as Excel
/// has it).
pub(crate) fn find(text: &[u8]) -> (Dialect, bool) {
    let sample = sample(text);
    if let Some(byte) = named(sample) {
        return (with_quoting(text, Separator::Byte(byte)), true);
    }
    let first = sample.trim_ascii_start();
    let mut best = (0.0, Separator::Nothing);
    let bars = [Separator::Bars];
    let bars: &[Separator] =
        if first.starts_with(b"|") || first.starts_with(b"+-") { &bars } else { &[] };
    for &separator in bars.iter().chain(&SEPARATORS) {
        let score = |quotes| score(sample, Dialect { separator, quotes });
        let found = score(true).max(score(false));
        if found > best.0 {
            best = (found, separator);
        }
    }
    (with_quoting(text, best.1), false)
}

/// The head of a text, whole lines of it where there are any.
fn sample(text: &[u8]) -> &[u8] {
    let head = &text[..text.len().min(SAMPLE)];
    let end = if head.len() < text.len() { memchr::memrchr(b'\n', head) } else { None };
    end.map_or(head, |at| &head[..=at])
}

/// The separator that a first line `sep=;` names.
fn named(text: &[u8]) -> Option<u8> {
    let line = text.split(|byte| *byte == b'\n').next()?;
    let (name, byte) = (line.get(..4)?, line.get(4..)?);
    match byte {
        [byte @ (b',' | b';' | b'\t' | b'|')] if name.eq_ignore_ascii_case(b"sep=") => Some(*byte),
        _ => None,
    }
}

/// The share of records below the titles that have the most frequent number of fields; 0 where that
/// is one, or where the titles are of another number.
fn score(sample: &[u8], dialect: Dialect) -> f64 {
    let (mut widths, mut numbers) = (Vec::new(), None);
    dialect.records(sample, &mut |_, fields| {
        if !fields[0].trim_ascii_start().starts_with(b"#") {
            widths.push(width(fields));
            if width(fields) > 1 && numbers.is_none() {
                numbers = Some(fields.iter().all(|field| number::looks_numeric(field)));
            }
        }
        widths.len() < RECORDS
    });
    let Some(titles) = widths.iter().position(|width| *width > 1) else { return 0.0 };
    // A title of one word above lines such as 1,000 is that of one column.
    if titles > 0 && numbers == Some(true) {
        return 0.0;
    }
    let (titles, below) = (widths[titles], &widths[titles + 1..]);
    let number = |width: usize| below.iter().filter(|found| **found == width).count();
    let most = below
        .iter()
        .copied()
        .max_by_key(|width| (number(*width), *width == titles))
        .unwrap_or(titles);
    // One more than the titles: the names of rows have none.
    if most < 2 || !(most == titles || most == titles + 1) {
        return 0.0;
    }
    if below.is_empty() { 1.0 } else { number(most) as f64 / below.len() as f64 }
}

/// Fields without empty ones at the end.
pub(crate) fn width(fields: &[&[u8]]) -> usize {
    fields.iter().rposition(|field| !field.trim_ascii().is_empty()).map_or(0, |last| last + 1)
}

/// Whether marks of quotation quote: not where taking them as letters leaves every row as wide as
/// the titles, and quoting does not, or swallows lines.
fn with_quoting(text: &[u8], separator: Separator) -> Dialect {
    let with = |quotes| Dialect { separator, quotes };
    if memchr::memchr(b'"', text).is_none() {
        return with(false);
    }
    let (ragged, swallowed) = ragged_records(text, with(true));
    if ragged == 0 && swallowed == 0 {
        return with(true);
    }
    let (ragged_letters, _) = ragged_records(text, with(false));
    with(!(ragged_letters < ragged || ragged_letters == 0))
}

/// Records that are not as wide as the titles, and those of several lines.
fn ragged_records(text: &[u8], dialect: Dialect) -> (u64, u64) {
    let (mut titles, mut ragged, mut swallowed) = (0, 0, 0);
    dialect.records(text, &mut |_, fields| {
        if !fields[0].trim_ascii_start().starts_with(b"#") {
            if titles < 2 {
                titles = width(fields);
            }
            ragged += u64::from(width(fields) > titles || fields.len() < titles);
            swallowed +=
                u64::from(fields.iter().any(|field| memchr::memchr(b'\n', field).is_some()));
        }
        true
    });
    (ragged, swallowed)
}
