//! JSON as a table: objects in an array or one after the other, arrays of rows, or an object of
//! columns.

use std::collections::HashMap;

use crate::cells::number;
use crate::formats::json_values::{
    Broken, cell, cells_of_keys, column_values, keys, pairs, stream, values,
};
use crate::table::row::{Cell, Cells, Row};

/// A text of JSON that was understood as a table.
#[derive(Debug)]
pub(crate) struct Json {
    text: String,
    shape: Shape,
    /// Whether rows are found by their line; otherwise by their number.
    pub(crate) by_line: bool,
    pub(crate) names: Vec<String>,
    pub(crate) titled: bool,
}

/// Where rows and columns are. Ranges are those of a JSON value in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Values one after the other, mostly a line each.
    Stream,
    /// The values of an array.
    Array { start: usize, end: usize, titles: bool },
    /// The values of an object are the columns.
    Columns { start: usize, end: usize },
    /// The values of an object are the rows, and its names those of the rows.
    Named { start: usize, end: usize },
}

impl Json {
    /// Understands a text that begins with a bracket or a brace.
    pub(crate) fn new(text: Vec<u8>) -> Result<Self, Broken> {
        let text = String::from_utf8_lossy(&quote_non_finite(text)).into_owned();
        let mut json =
            Self { shape: Shape::Stream, by_line: true, names: Vec::new(), titled: true, text };
        let first = json.text.trim_start().chars().next();
        let values = stream(&json.text)?;
        if let [only] = values[..] {
            let at = place(&json.text, only);
            (json.shape, json.names) = if first == Some('[') {
                (Shape::Array { start: at, end: at + only.len(), titles: false }, Vec::new())
            } else {
                locate_rows(&json.text, only)?
            };
        }
        json.set_titles()?;
        Ok(json)
    }

    fn set_titles(&mut self) -> Result<(), Broken> {
        if let Shape::Columns { start, end } = self.shape {
            self.by_line = false;
            self.names = pairs(&self.text[start..end])?.into_iter().map(|pair| pair.0).collect();
            return Ok(());
        }
        let entries = self.entries()?;
        let lines = entries.len() < 2
            || self.text[place(&self.text, entries[0])..place(&self.text, entries[1])]
                .contains('\n');
        let first = entries.first().map(|entry| entry.as_bytes()[0]);
        let (names, titled) = match first {
            Some(b'{') => (keys(&entries)?, true),
            Some(b'[') => Self::array_names(&entries)?,
            Some(_) => (vec!["1".to_owned()], false),
            None => (Vec::new(), true),
        };
        if let (Shape::Array { start, end, titles: false }, Some(b'['), true) =
            (self.shape, first, titled)
        {
            // Names from elsewhere are those of `split`, whose data have no row of titles.
            let titles = !names.is_empty() && self.names.is_empty();
            self.shape = Shape::Array { start, end, titles };
        }
        self.titled = titled || !self.names.is_empty();
        if self.names.is_empty() {
            self.names = names;
        }
        self.by_line = lines;
        Ok(())
    }

    /// Words in the first row are titles.
    fn array_names(entries: &[&str]) -> Result<(Vec<String>, bool), Broken> {
        let first = values(entries[0])?;
        let cells: Vec<Cell<'_>> = first.iter().map(|value| cell(value)).collect();
        let word = |cell: &Cell<'_>| match cell {
            Cell::Text(text) => {
                (!number::looks_numeric(text)).then(|| String::from_utf8_lossy(text).into_owned())
            }
            _ => None,
        };
        match cells.iter().map(word).collect() {
            Some(names) => Ok((names, true)),
            None => Ok(((1..=cells.len()).map(|number| number.to_string()).collect(), false)),
        }
    }

    fn entries(&self) -> Result<Vec<&str>, Broken> {
        match self.shape {
            Shape::Array { start, end, .. } => values(&self.text[start..end]),
            Shape::Named { start, end } => column_values(&self.text[start..end]),
            _ => stream(&self.text),
        }
    }

    /// Hands every row to `each`, with the cells of the wanted columns.
    pub(crate) fn scan(
        &self,
        wanted: &[usize],
        each: &mut dyn FnMut(&Row<'_>),
    ) -> Result<(), Broken> {
        if let Shape::Columns { start, end } = self.shape {
            return self.scan_columns(&self.text[start..end], wanted, each);
        }
        let names: HashMap<&str, usize> = wanted
            .iter()
            .enumerate()
            .map(|(number, &column)| (self.names[column].as_str(), number))
            .collect();
        let skip = usize::from(matches!(self.shape, Shape::Array { titles: true, .. }));
        let (mut line, mut seen) = (1, 0);
        for (number, entry) in self.entries()?.into_iter().enumerate().skip(skip) {
            let at = place(&self.text, entry);
            line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[seen..at]).count() as u64;
            seen = at;
            let line = if self.by_line { line } else { number as u64 + 1 };
            let cells = match entry.as_bytes()[0] {
                b'{' => cells_of_keys(entry, &names, wanted.len())?,
                b'[' => {
                    let values = values(entry)?;
                    wanted
                        .iter()
                        .map(|&column| {
                            values.get(column).map_or(Cell::Missing, |value| cell(value))
                        })
                        .collect()
                }
                _ => wanted.iter().map(|_| cell(entry)).collect(),
            };
            each(&Row { line, cells: Cells::Wanted(&cells) });
        }
        Ok(())
    }

    fn scan_columns(
        &self,
        text: &str,
        wanted: &[usize],
        each: &mut dyn FnMut(&Row<'_>),
    ) -> Result<(), Broken> {
        let pairs = pairs(text)?;
        let columns = wanted
            .iter()
            .map(|&column| column_values(pairs[column].1))
            .collect::<Result<Vec<_>, _>>()?;
        let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
        if let Some(short) = columns.iter().position(|column| column.len() != rows) {
            let (found, name) = (columns[short].len(), &self.names[wanted[short]]);
            return Err(format!(
                "the column {} has {found} values where another has {rows}",
                crate::quote::name(name)
            ));
        }
        for row in 0..rows {
            let cells: Vec<Cell<'_>> = columns.iter().map(|column| cell(column[row])).collect();
            each(&Row { line: row as u64 + 1, cells: Cells::Wanted(&cells) });
        }
        Ok(())
    }

    /// Bytes of the text.
    pub(crate) fn size(&self) -> usize {
        self.text.len()
    }

    /// The form in a word.
    pub(crate) fn form(&self) -> &'static str {
        match self.shape {
            Shape::Stream => "JSON lines",
            _ => "JSON",
        }
    }
}

/// Where the table is in a single object: its columns, its rows by name, rows under one of its
/// names, or nowhere but in itself; and names that stand apart from the rows.
fn locate_rows(text: &str, object: &str) -> Result<(Shape, Vec<String>), Broken> {
    let pairs = pairs(object)?;
    let range = |part: &str| (place(text, part), place(text, part) + part.len());
    let (start, end) = range(object);
    let all = |bracket: char| {
        !pairs.is_empty() && pairs.iter().all(|(_, value)| value.starts_with(bracket))
    };
    let split = pairs.iter().find(|(name, _)| name == "columns").map(|(_, names)| names);
    if let (Some(names), Some((_, rows))) = (split, pairs.iter().find(|(name, _)| name == "data")) {
        let (start, end) = range(rows);
        let names = serde_json::from_str::<Vec<String>>(names).unwrap_or_default();
        return Ok((Shape::Array { start, end, titles: false }, names));
    }
    if all('{') {
        let inner = crate::formats::json_values::pairs(pairs[0].1)?;
        let numbered = inner.iter().all(|(name, _)| name.bytes().all(|byte| byte.is_ascii_digit()));
        let shape =
            if numbered { Shape::Columns { start, end } } else { Shape::Named { start, end } };
        return Ok((shape, Vec::new()));
    }
    if pairs.len() > 1 && all('[') {
        return Ok((Shape::Columns { start, end }, Vec::new()));
    }
    let of_rows = |value: &str| {
        let inner = value.strip_prefix('[').map(str::trim_start);
        inner.is_some_and(|inner| inner.starts_with(['{', '[']))
    };
    if let Some((_, rows)) = pairs.iter().find(|(_, value)| of_rows(value)) {
        let (start, end) = range(rows);
        return Ok((Shape::Array { start, end, titles: false }, Vec::new()));
    }
    let listed = pairs.iter().any(|(_, value)| value.starts_with(['[', '{']));
    Ok((if listed { Shape::Columns { start, end } } else { Shape::Stream }, Vec::new()))
}

/// Where a part of a text begins in it.
fn place(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

/// `NaN`, `Infinity` and `-Infinity` outside of strings, which Python writes though JSON has none,
/// as strings.
fn quote_non_finite(text: Vec<u8>) -> Vec<u8> {
    const WORDS: [&[u8]; 3] = [b"NaN", b"-Infinity", b"Infinity"];
    if WORDS.iter().all(|word| memchr::memmem::find(&text, word).is_none()) {
        return text;
    }
    let (mut out, mut at, mut inside) = (Vec::with_capacity(text.len() + 64), 0, false);
    while at < text.len() {
        let word = WORDS.iter().find(|word| !inside && text[at..].starts_with(word));
        if let Some(word) = word {
            out.push(b'"');
            out.extend_from_slice(word);
            out.push(b'"');
            at += word.len();
            continue;
        }
        let escape = usize::from(inside && text[at] == b'\\' && at + 1 < text.len());
        inside ^= text[at] == b'"';
        out.extend_from_slice(&text[at..=at + escape]);
        at += 1 + escape;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> (Vec<String>, Vec<(u64, String)>) {
        let json = Json::new(text.as_bytes().to_vec()).unwrap();
        let wanted: Vec<usize> = (0..json.names.len()).collect();
        let mut rows = Vec::new();
        json.scan(&wanted, &mut |row| {
            let cells = wanted.iter().map(|&column| match row.cell(column, column) {
                Cell::Text(text) => String::from_utf8_lossy(&text).into_owned(),
                other => format!("{other:?}"),
            });
            rows.push((row.line, cells.collect::<Vec<_>>().join(" ")));
        })
        .unwrap();
        (json.names, rows)
    }

    #[test]
    fn every_shape_is_the_same_table() {
        let texts = [
            r#"[{"N":1,"loss":2.5},{"N":3,"loss":null}]"#,
            "{\"N\":1,\"loss\":2.5}\n{\"N\":3,\"loss\":null}\n",
            r#"{"N":[1,3],"loss":[2.5,null]}"#,
            r#"{"N":{"0":1,"1":3},"loss":{"0":2.5,"1":null}}"#,
            r#"{"a":{"N":1,"loss":2.5},"b":{"N":3}}"#,
            r#"{"columns":["N","loss"],"index":[0,1],"data":[[1,2.5],[3,null]]}"#,
            r#"{"runs":[{"N":1,"loss":2.5},{"N":3}]}"#,
            r#"{"schema":{"fields":[]},"data":[{"N":1,"loss":2.5},{"N":3}]}"#,
            r#"[["N","loss"],[1,2.5],[3,null]]"#,
        ];
        for text in texts {
            let (names, rows) = table(text);
            assert_eq!(names, ["N", "loss"], "{text}");
            let rows: Vec<String> = rows.into_iter().map(|row| row.1).collect();
            assert_eq!(rows, ["1 2.5", "3 Missing"], "{text}");
        }
        assert_eq!(table("[1, 2.5]").1, [(1, "1".into()), (2, "2.5".into())]);
    }

    #[test]
    fn python_writes_what_json_has_not() {
        let (_, rows) =
            table("[{\"a\": NaN, \"b\": \"NaN \\\" x\"},\n {\"a\": -Infinity, \"b\": [1, [2]]}]");
        assert_eq!(rows, [(1, "NaN NaN \" x".into()), (2, "-Infinity Nested".into())]);
    }

    #[test]
    fn broken_json_has_a_place() {
        let error = Json::new(b"[{\"a\": 1},\n {\"a\": }]".to_vec()).unwrap_err();
        assert_eq!(error, "line 2, column 8: is no valid JSON");
    }
}
