//! Lines and records of delimited text, and the fields in them.

use csv::{ReaderBuilder, Terminator};

/// The separator between the fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// One byte: a comma, a semicolon, a tabulator.
    Byte(u8),
    /// Bars, also at both ends, as in Markdown; lines that only draw a rule are none of the table.
    Bars,
    /// Any number of blanks.
    Blanks,
    /// There is no separator, and one column.
    Nothing,
}

/// How text is cut into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) separator: Separator,
    /// Whether fields in quotation marks may hold the separator and line feeds.
    pub(crate) quotes: bool,
}

impl Dialect {
    /// Hands every record that is not blank to `each`, with the number of its first line, until it
    /// says stop.
    pub(crate) fn records(self, text: &[u8], each: &mut dyn FnMut(u64, &[&[u8]]) -> bool) {
        match self.separator {
            Separator::Byte(byte) if self.quotes => quoted_records(text, byte, each),
            _ => self.plain_records(text, each),
        }
    }

    fn plain_records(self, text: &[u8], each: &mut dyn FnMut(u64, &[&[u8]]) -> bool) {
        let (mut number, mut start, mut fields) = (0, 0, Vec::new());
        for end in memchr::memchr_iter(b'\n', text) {
            let line = &text[start..end];
            (number, start) = (number + 1, end + 1);
            fields.clear();
            match self.separator {
                Separator::Nothing => fields.push(unquoted(line)),
                Separator::Byte(byte) => bytes(line, byte, &mut fields),
                Separator::Bars => bars(line, &mut fields),
                Separator::Blanks => blanks(line, &mut fields),
            }
            if !blank(&fields) && !each(number, &fields) {
                return;
            }
        }
    }
}

/// Whether all fields are blank.
fn blank(fields: &[&[u8]]) -> bool {
    fields.iter().all(|field| field.trim_ascii().is_empty())
}

fn bytes<'a>(line: &'a [u8], byte: u8, fields: &mut Vec<&'a [u8]>) {
    let mut start = 0;
    for at in memchr::memchr_iter(byte, line) {
        fields.push(&line[start..at]);
        start = at + 1;
    }
    fields.push(&line[start..]);
}

fn bars<'a>(line: &'a [u8], fields: &mut Vec<&'a [u8]>) {
    let line = line.trim_ascii();
    let rule = line.iter().all(|byte| b"|-:+= \t".contains(byte)) && line.contains(&b'-');
    if rule || line.is_empty() {
        return;
    }
    let line = line.strip_prefix(b"|").unwrap_or(line);
    bytes(line.strip_suffix(b"|").unwrap_or(line), b'|', fields);
}

fn blanks<'a>(line: &'a [u8], fields: &mut Vec<&'a [u8]>) {
    let mut rest = line.trim_ascii();
    while !rest.is_empty() {
        let closing = rest.strip_prefix(b"\"").and_then(|inner| {
            let at = memchr::memchr(b'"', inner)?;
            let ends = inner.get(at + 1).is_none_or(u8::is_ascii_whitespace);
            ends.then_some((&inner[..at], &inner[at + 1..]))
        });
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let (field, after) = closing.unwrap_or_else(|| rest.split_at(end));
        fields.push(field);
        rest = after.trim_ascii_start();
    }
}

fn unquoted(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    line.strip_prefix(b"\"").and_then(|inner| inner.strip_suffix(b"\"")).unwrap_or(line)
}

fn quoted_records(text: &[u8], byte: u8, each: &mut dyn FnMut(u64, &[&[u8]]) -> bool) {
    let mut builder = ReaderBuilder::new();
    let builder = builder.has_headers(false).flexible(true).delimiter(byte);
    let mut reader = builder.terminator(Terminator::Any(b'\n')).from_reader(text);
    let mut record = csv::ByteRecord::new();
    while let Ok(true) = reader.read_byte_record(&mut record) {
        let fields: Vec<&[u8]> = record.iter().collect();
        if blank(&fields) {
            continue;
        }
        // The reader is behind the line feed that ended the record.
        let inside: usize =
            fields.iter().map(|field| memchr::memchr_iter(b'\n', field).count()).sum();
        let line = reader.position().line().saturating_sub(1 + inside as u64);
        if !each(line, &fields) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(separator: Separator, quotes: bool, text: &str) -> Vec<(u64, Vec<String>)> {
        let mut found = Vec::new();
        Dialect { separator, quotes }.records(text.as_bytes(), &mut |line, fields| {
            let fields = fields.iter().map(|field| String::from_utf8_lossy(field).into_owned());
            found.push((line, fields.collect()));
            true
        });
        found
    }

    #[test]
    fn lines_are_numbered_as_an_editor_numbers_them() {
        let text = "a,b\n\n\"1\n2\",3\n,\n4,5\n";
        let found: Vec<u64> =
            records(Separator::Byte(b','), true, text).iter().map(|row| row.0).collect();
        assert_eq!(found, [1, 3, 6]);
        let found: Vec<u64> =
            records(Separator::Byte(b','), false, text).iter().map(|row| row.0).collect();
        assert_eq!(found, [1, 3, 4, 6]);
    }

    #[test]
    fn markdown_and_blanks() {
        let found = records(Separator::Bars, false, "| N | D |\n|---|:-:|\n| 1 | 2 |\n");
        assert_eq!(
            found,
            [(1, vec![" N ".into(), " D ".into()]), (3, vec![" 1 ".into(), " 2 ".into()])]
        );
        let found = records(Separator::Blanks, false, "  a \t \"b c\"  d\n");
        assert_eq!(found, [(1, vec!["a".into(), "b c".into(), "d".into()])]);
    }
}
