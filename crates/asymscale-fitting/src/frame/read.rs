//! Frames from readers of CSV and Parquet.

use std::io::{Cursor, Read};

use polars::prelude::DataFrame;
use polars_io::SerReader;
use polars_io::prelude::{CsvReadOptions, ParquetReader};

use crate::FittingError;

/// A frame from CSV with a header line; types are inferred from all rows, empty fields are null. Reads to the end.
///
/// # Errors
/// A reader that fails; text that is no such table.
///
/// ```
/// let frame = asymscale_fitting::frame::read_csv("samples,loss\n64,0.5\n128,\n".as_bytes())?;
/// assert_eq!(frame.shape(), (2, 2));
/// assert_eq!(frame.column("loss").expect("named in the header").null_count(), 1);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn read_csv(reader: impl Read) -> Result<DataFrame, FittingError> {
    // From all rows: a word far down makes a column text, and whoever wants numbers of it can be told the row.
    let options = CsvReadOptions::default().with_infer_schema_length(None);
    let csv = options.into_reader_with_file_handle(buffer(reader)?);
    csv.finish().map_err(|error| FittingError::Frame(error.to_string()))
}

/// A frame from Parquet. Reads to the end. Of a damaged file the panic hook may hear before the error is returned.
///
/// # Errors
/// A reader that fails; bytes that are no Parquet file.
///
/// ```
/// let refused = asymscale_fitting::frame::read_parquet("no parquet".as_bytes());
/// assert!(refused.is_err());
/// ```
pub fn read_parquet(reader: impl Read) -> Result<DataFrame, FittingError> {
    let buffer = buffer(reader)?;
    // A damaged file can break assertions inside the reader, which owns all that it had touched by then.
    let read = std::panic::catch_unwind(move || ParquetReader::new(buffer).finish());
    let damaged = |_| FittingError::Frame("parquet: the file is damaged".to_owned());
    read.map_err(damaged)?.map_err(|error| FittingError::Frame(error.to_string()))
}

/// Both formats are read from their end or in parts, which a plain reader does not allow.
fn buffer(mut reader: impl Read) -> Result<Cursor<Vec<u8>>, FittingError> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| FittingError::Frame(error.to_string()))?;
    Ok(Cursor::new(bytes))
}
