//! Tables as people have them: one reader for every file.
//!
//! A [`Source`] is a file, bytes in memory or standard input; [`Table::open`] finds out what it is from its bytes:
//! delimited text, JSON or Parquet, plain or compressed, in any common encoding.

mod at_least;
mod chosen;
mod column;
mod compute;
mod counts;
mod decode;
mod delimited;
mod dialect;
mod error;
mod events;
mod extras;
mod foreign;
#[cfg(feature = "frames")]
mod frame;
mod frequencies;
mod incidence;
mod interned;
mod json;
mod json_values;
mod kinds;
mod lines;
mod marks;
mod matrix;
mod measures;
mod names;
mod number;
mod one_size;
mod parquet;
mod quiet;
mod quote;
mod record;
mod roles;
mod row;
mod runs;
mod source;
mod split;
mod table;
mod usable;

pub use counts::{CountRequest, CountTable, Layout, Scale, read_counts};
pub use error::TableError;
pub use extras::{Extra, Quantity, Values};
#[cfg(feature = "frames")]
pub use frame::read_frame;
pub use incidence::Incidence;
pub use lines::Lines;
pub use measures::Measure;
pub use names::multiple;
pub use one_size::{Size, SizeTable, read_one_size};
/// The version of polars whose frames are meant.
#[cfg(feature = "frames")]
pub use polars;
pub use quote::quoted;
pub use record::Record;
pub use runs::{RunRequest, RunTable, read_runs};
pub use source::{MOST_BYTES, Source};
pub use table::{ReadOptions, Table};
pub use usable::{BadRows, Filter};
