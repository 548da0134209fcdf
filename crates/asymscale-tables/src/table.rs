//! A table that was opened: its titles, and the columns that are asked for.

pub(crate) mod column;
pub(crate) mod filtered;
#[cfg(feature = "frames")]
pub(crate) mod frame;
pub(crate) mod lines;
pub(crate) mod names;
pub(crate) mod record;
pub(crate) mod roles;
pub(crate) mod row;
pub(crate) mod usable;

use crate::cells::marks::DecimalMark;
use crate::cells::number::{Notation, NumberFormat};
use crate::counts::interned::InternedTexts;
use crate::formats::delimited::Delimited;
use crate::formats::json::Json;
use crate::formats::parquet::Parquet;
use crate::source::decode;
use crate::source::{MOST_BYTES, Source, foreign};
use crate::table::column::{Numbers, Texts};
use crate::table::lines::{Lines, Place};
use crate::table::row::Row;
use crate::{TableError, quote};

/// How a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// The most bytes that are taken, after inflating; > 0. Memory is a small multiple of what the
    /// file holds.
    pub max_bytes: u64,
    /// Whether a row may begin with `#`, as one named so does; then a line is a comment if it has
    /// another number of fields than the titles, or a blank after the sign.
    pub hash_names: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { max_bytes: MOST_BYTES, hash_names: false }
    }
}

/// A table whose titles were read, and of which columns can be asked for.
///
/// ```
/// use asymscale_tables::{ReadOptions, Source, Table};
/// let table = Table::open(Source::bytes("runs", b"N;D;loss\n1e6;2,5e7;3,1\n".to_vec()), ReadOptions::default())?;
/// assert_eq!((table.names().len(), table.form()), (3, "semicolon-separated"));
/// # Ok::<(), asymscale_tables::TableError>(())
/// ```
pub struct Table {
    pub(crate) file: String,
    form: String,
    content: Content,
}

enum Content {
    Delimited(Delimited),
    Json(Json),
    Parquet(Box<Parquet>),
}

/// A column that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnRequest {
    pub(crate) column: usize,
    pub(crate) kind: Kind,
}

/// How a column is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Numbers, with suffixes for multiples or without, times a power of ten.
    Numbers {
        suffixes: bool,
        shift: i32,
        words: bool,
    },
    Text,
    /// Text that repeats, each held once.
    Names,
}

/// A column as it was asked for.
#[derive(Debug)]
pub(crate) enum Column {
    Numbers(Numbers),
    Texts(Texts),
    Names(InternedTexts),
}

/// Columns in the order in which they were asked for, and where their rows stand.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) columns: Vec<Column>,
    pub(crate) lines: Lines,
    pub(crate) comments: usize,
}

impl Table {
    /// Reads a source to its end, inflates it, and finds out what it is: from its bytes, not from
    /// its name.
    ///
    /// # Errors
    /// A source that is no file or cannot be read; more bytes than allowed; bytes that are no table
    /// this reader knows, with what they are; a file that breaks the rules of its format; a file
    /// without columns.
    pub fn open(source: Source, options: ReadOptions) -> Result<Self, TableError> {
        let file = source.name().to_owned();
        let (bytes, layers) = source.load(options.max_bytes)?;
        let damaged =
            |what: &str| TableError::Damaged { file: file.clone(), what: what.to_owned() };
        let content = if bytes.starts_with(b"PAR1") {
            let parquet = Parquet::new(bytes, options.max_bytes).map_err(damaged)?;
            (Content::Parquet(Box::new(parquet)), "UTF-8")
        } else {
            if [".parquet", ".pq"].iter().any(|end| file.to_lowercase().ends_with(end)) {
                return Err(foreign(
                    &file,
                    "is no Parquet file, whatever its name says: it must begin with PAR1",
                ));
            }
            text(bytes, options.hash_names).map_err(|broken| damaged(&broken))?
        };
        let ((content, encoding), compressed) = (content, layers.last());
        let mut form = match &content {
            Content::Delimited(table) => table.form(),
            Content::Json(json) => json.form(),
            Content::Parquet(_) => "Parquet",
        }
        .to_owned();
        for word in compressed.copied().into_iter().chain((encoding != "UTF-8").then_some(encoding))
        {
            form = format!("{form}, {word}");
        }
        let table = Self { file, form, content };
        if table.names().is_empty() {
            return Err(TableError::Empty { file: table.file, found: "is empty" });
        }
        Ok(table)
    }

    /// Titles of the columns, numbers from 1 where there are none.
    pub fn names(&self) -> &[String] {
        match &self.content {
            Content::Delimited(table) => &table.names,
            Content::Json(json) => &json.names,
            Content::Parquet(parquet) => &parquet.names,
        }
    }

    /// Whether the columns have titles in the file.
    pub fn titled(&self) -> bool {
        match &self.content {
            Content::Delimited(table) => table.titled,
            Content::Json(json) => json.titled,
            Content::Parquet(_) => true,
        }
    }

    /// The format in words: `comma-separated`, `JSON lines, gzip`.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// Whether the file is so large that only what must be read should be.
    pub(crate) fn large(&self) -> bool {
        const LARGE: usize = 1 << 26;
        match &self.content {
            Content::Delimited(table) => table.size() > LARGE,
            Content::Json(json) => json.size() > LARGE,
            Content::Parquet(parquet) => parquet.rows > LARGE >> 4,
        }
    }

    /// An estimate of the bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        match &self.content {
            Content::Delimited(table) => table.size(),
            Content::Json(json) => json.size(),
            Content::Parquet(parquet) => parquet.rows.saturating_mul(8 * parquet.names.len()),
        }
    }

    /// Lines above the titles that are neither blank nor comments.
    pub(crate) fn above(&self) -> usize {
        match &self.content {
            Content::Delimited(table) => table.above,
            _ => 0,
        }
    }

    /// Comments of delimited text, each with whether it stands above the rows.
    pub(crate) fn comments(&self) -> Vec<(bool, String)> {
        match &self.content {
            Content::Delimited(table) => table.comments().collect(),
            _ => Vec::new(),
        }
    }

    /// Reads some columns; nothing else of the file matters.
    pub(crate) fn read(&self, requests: &[ColumnRequest]) -> Result<Reading, TableError> {
        let reading = match &self.content {
            Content::Parquet(parquet) => self.read_parquet(parquet, requests)?,
            _ => self.read_text(requests)?,
        };
        if reading.lines.is_empty() {
            let found =
                if self.titled() { "has titles and no rows below them" } else { "has no rows" };
            return Err(TableError::Empty { file: self.file.clone(), found });
        }
        Ok(reading)
    }

    fn read_text(&self, requests: &[ColumnRequest]) -> Result<Reading, TableError> {
        let mut marks = vec![DecimalMark::Point; requests.len()];
        let reading = self.scan(requests, &marks)?;
        // The decimal mark of a column is known only when all of it was seen; most files have
        // points, so these are tried first.
        let seen: Vec<Notation> = reading.columns.iter().map(Column::seen).collect();
        let commas = matches!(&self.content, Content::Delimited(table) if table.decimal_commas());
        for (mark, own) in marks.iter_mut().zip(&seen) {
            *mark = decimal_mark(*own, &seen, commas);
        }
        if marks.contains(&DecimalMark::Comma) { self.scan(requests, &marks) } else { Ok(reading) }
    }

    fn scan(
        &self,
        requests: &[ColumnRequest],
        marks: &[DecimalMark],
    ) -> Result<Reading, TableError> {
        let mut columns: Vec<Column> = requests
            .iter()
            .zip(marks)
            .map(|(want, mark)| want.empty(*mark == DecimalMark::Comma))
            .collect();
        // A table has at most as many rows as lines. For a wide table that would reserve too much.
        if let (Content::Delimited(table), 1..=8) = (&self.content, requests.len()) {
            for column in &mut columns {
                column.reserve(table.lines());
            }
        }
        let place = match &self.content {
            Content::Json(json) if !json.by_line => Place::Entry,
            _ => Place::Line,
        };
        let mut lines = Lines::new(place);
        let mut each = |row: &Row<'_>| {
            lines.push(row.line);
            for (number, (column, want)) in columns.iter_mut().zip(requests).enumerate() {
                column.push(&row.cell(number, want.column), want.kind, marks[number]);
            }
        };
        let comments = match &self.content {
            Content::Delimited(table) => table.scan(&mut each),
            Content::Json(json) => {
                let wanted: Vec<usize> = requests.iter().map(|want| want.column).collect();
                let broken = |what| TableError::Damaged { file: self.file.clone(), what };
                json.scan(&wanted, &mut each).map_err(broken)?;
                0
            }
            Content::Parquet(_) => 0,
        };
        Ok(Reading { columns, lines, comments })
    }

    fn read_parquet(
        &self,
        parquet: &Parquet,
        requests: &[ColumnRequest],
    ) -> Result<Reading, TableError> {
        let read = |want: &ColumnRequest| match want.kind {
            Kind::Text => {
                let mut texts = Texts::default();
                parquet.cells(want.column, &mut |cell| texts.push(cell))?;
                Ok(Column::Texts(texts))
            }
            Kind::Names => {
                let mut names = InternedTexts::default();
                names.ids.reserve_exact(parquet.rows);
                parquet.cells(want.column, &mut |cell| names.push(cell))?;
                Ok(Column::Names(names))
            }
            Kind::Numbers { suffixes, shift, words } => {
                let format = NumberFormat { mark: DecimalMark::Point, suffixes, shift, words };
                parquet.numbers(want.column, format).map(Column::Numbers)
            }
        };
        let damaged = |want: &ColumnRequest, what: &str| {
            let column = quote::name(&parquet.names[want.column]);
            TableError::Damaged {
                file: self.file.clone(),
                what: format!("the column {column} {what}"),
            }
        };
        let columns = requests
            .iter()
            .map(|want| read(want).map_err(|what| damaged(want, what)))
            .collect::<Result<_, _>>()?;
        let mut lines = Lines::new(Place::Row);
        for row in 1..=parquet.rows as u64 {
            lines.push(row);
        }
        Ok(Reading { columns, lines, comments: 0 })
    }
}

/// Text as a table: JSON where it begins like it and is, and delimited otherwise.
fn text(bytes: Vec<u8>, hash_names: bool) -> Result<(Content, &'static str), String> {
    let text = decode::text(bytes);
    let json = matches!(text.bytes.trim_ascii_start().first(), Some(b'[' | b'{'));
    let content = if json {
        Content::Json(Json::new(text.bytes)?)
    } else {
        Content::Delimited(Delimited::new(text.bytes, hash_names))
    };
    Ok((content, text.encoding))
}

/// The decimal mark of a column, from its own cells, those of the others, and what separates
/// fields.
fn decimal_mark(own: Notation, all: &[Notation], semicolons: bool) -> DecimalMark {
    let (points, commas) = (all.iter().any(|seen| seen.point), all.iter().any(|seen| seen.comma));
    let elsewhere = if commas && !points {
        Some(DecimalMark::Comma)
    } else {
        points.then_some(DecimalMark::Point)
    };
    match (own.point, own.comma) {
        (false, true) => DecimalMark::Comma,
        (false, false) if own.either_comma && semicolons => elsewhere.unwrap_or(DecimalMark::Comma),
        (false, false) if own.either_comma || own.either_point => {
            elsewhere.unwrap_or(DecimalMark::Point)
        }
        _ => DecimalMark::Point,
    }
}

impl ColumnRequest {
    fn empty(&self, commas: bool) -> Column {
        match self.kind {
            Kind::Numbers { .. } => Column::Numbers(Numbers { commas, ..Numbers::default() }),
            Kind::Text => Column::Texts(Texts::default()),
            Kind::Names => Column::Names(InternedTexts::default()),
        }
    }
}

impl Column {
    fn push(&mut self, cell: &crate::table::row::Cell<'_>, kind: Kind, mark: DecimalMark) {
        match (self, kind) {
            (Self::Numbers(numbers), Kind::Numbers { suffixes, shift, words }) => {
                numbers.push(cell, NumberFormat { mark, suffixes, shift, words });
            }
            (Self::Texts(texts), _) => texts.push(cell),
            (Self::Names(names), _) => names.push(cell),
            (Self::Numbers(_), Kind::Text | Kind::Names) => {}
        }
    }

    fn reserve(&mut self, rows: usize) {
        match self {
            Self::Numbers(numbers) => numbers.values.reserve_exact(rows),
            Self::Names(names) => names.ids.reserve_exact(rows),
            Self::Texts(_) => {}
        }
    }

    fn seen(&self) -> Notation {
        match self {
            Self::Numbers(numbers) => numbers.seen,
            Self::Texts(_) | Self::Names(_) => Notation::default(),
        }
    }
}
