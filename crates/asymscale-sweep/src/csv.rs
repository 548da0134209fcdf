//! Tables as CSV, exact in both directions.

use crate::{Provenance, SweepError, Table, Value};
use std::io::{Read, Write};

/// Writes a table as CSV (RFC 4180, but with `\n` for line ends) after the lines `# key: value` of
/// its provenance.
///
/// Floats are the shortest text that reads back to the same bits, with a point or an exponent to
/// tell them from whole numbers; infinity is `inf`, nothing is empty. A text is quoted where it
/// must be and where it would read back as something else. So [`read_csv`] restores every type and
/// every bit (all NaN are one).
///
/// ```
/// use asymscale_sweep::{Provenance, Table, read_csv, row, write_csv};
/// let mut table = Table::default();
/// table.push(row! { label: "a, \"b\"", samples: 64, loss: 1.0, error: None::<f64> })?;
/// let mut bytes = Vec::new();
/// write_csv(&mut bytes, &Provenance::default().with("seed", 1), &table)?;
/// assert_eq!(bytes, b"# seed: 1\nlabel,samples,loss,error\n\"a, \"\"b\"\"\",64,1.0,\n");
/// assert_eq!(read_csv(&bytes[..])?.1, table);
/// # Ok::<(), asymscale_sweep::SweepError>(())
/// ```
pub fn write_csv(
    mut out: impl Write,
    provenance: &Provenance,
    table: &Table,
) -> Result<(), SweepError> {
    let mut text = String::new();
    for (key, value) in provenance.lines() {
        text.extend(["# ", key, ": ", value, "\n"]);
    }
    if !table.columns().is_empty() {
        let columns: Vec<Value> = table.columns().iter().map(|name| name.as_str().into()).collect();
        write_record(&mut text, &columns);
    }
    table.rows().for_each(|row| write_record(&mut text, row.values()));
    Ok(out.write_all(text.as_bytes())?)
}

/// Reads what [`write_csv`] wrote, and other CSV with a line of column names: unquoted fields that
/// look like a number are numbers, empty ones nothing, quoted ones text; lines that start with `#`
/// ahead of the names are provenance.
pub fn read_csv(mut input: impl Read) -> Result<(Provenance, Table), SweepError> {
    let mut text = String::new();
    input.read_to_string(&mut text)?;
    let mut reader = Reader { rest: &text, line: 1 };
    let provenance = reader.provenance();
    let Some(names) = reader.record()? else { return Ok((provenance, Table::default())) };
    let empty = Table::with_columns(names.into_iter().map(|field| field.text))?;
    let mut rows = Vec::new();
    loop {
        let line = reader.line;
        let Some(fields) = reader.record()? else { break };
        if fields.len() != empty.columns().len() {
            let reason = format!("{} fields, {} columns", fields.len(), empty.columns().len());
            return Err(SweepError::Csv { line, reason });
        }
        rows.push(fields.into_iter().map(Field::value).collect());
    }
    Ok((provenance, empty.with_rows(rows)))
}

fn write_record(text: &mut String, values: &[Value]) {
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        let field = value.to_string();
        if value.as_text().is_some_and(needs_quotes) {
            text.extend(["\"", &field.replace('"', "\"\""), "\""]);
        } else {
            text.push_str(&field);
        }
    }
    text.push('\n');
}

fn needs_quotes(text: &str) -> bool {
    text.contains([',', '"', '\n', '\r'])
        || text.starts_with('#')
        || text.trim() != text
        || Value::of_field(text).as_text().is_none()
}

struct Field {
    text: String,
    quoted: bool,
}

impl Field {
    fn value(self) -> Value {
        if self.quoted { Value::Text(self.text) } else { Value::of_field(&self.text) }
    }
}

struct Reader<'a> {
    rest: &'a str,
    /// Line at which `rest` starts, from 1.
    line: usize,
}

impl Reader<'_> {
    fn provenance(&mut self) -> Provenance {
        let mut provenance = Provenance::default();
        while self.eat("#") {
            let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            provenance = provenance.with(key, value);
            self.rest = rest;
            self.line += 1;
        }
        provenance
    }

    /// The fields up to the end of the line, `None` at the end of the text.
    fn record(&mut self) -> Result<Option<Vec<Field>>, SweepError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            fields.push(if self.eat("\"") { self.quoted()? } else { self.bare() });
            if self.eat(",") {
                continue;
            }
            if self.eat("\r\n") || self.eat("\n") || self.rest.is_empty() {
                self.line += 1;
                return Ok(Some(fields));
            }
            let found = self.rest.chars().next().unwrap_or_default();
            return Err(self.error(format!("{found:?} where a comma or a line end should be")));
        }
    }

    fn bare(&mut self) -> Field {
        let end = self.rest.find([',', '"', '\n', '\r']).unwrap_or(self.rest.len());
        Field { text: self.take(end).into(), quoted: false }
    }

    /// The rest of a field whose opening quote is eaten. Two quotes stand for one.
    fn quoted(&mut self) -> Result<Field, SweepError> {
        let mut text = String::new();
        loop {
            let end =
                self.rest.find('"').ok_or_else(|| self.error("a quote is not closed".into()))?;
            text.push_str(self.take(end));
            self.take(1);
            if !self.eat("\"") {
                self.line += text.matches('\n').count();
                return Ok(Field { text, quoted: true });
            }
            text.push('"');
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest.starts_with(token);
        if found {
            self.take(token.len());
        }
        found
    }

    fn take(&mut self, length: usize) -> &str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn error(&self, reason: String) -> SweepError {
        SweepError::Csv { line: self.line, reason }
    }
}
