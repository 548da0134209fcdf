//! Tables as people have them: one reader for every file.
//!
//! A [`Source`] is a file, bytes in memory or standard input; [`Table::open`] finds out what it is
//! from its bytes: delimited text, JSON or Parquet, plain or compressed, in any common encoding.

mod cells;
mod coordinates;
mod counts;
mod error;
mod formats;
mod quote;
mod runs;
mod source;
mod table;

pub use coordinates::{CoordinateTable, CoordinateTail, read_coordinates};
pub use counts::incidence::Incidence;
pub use counts::{CountRequest, CountTable, Layout, Scale, read_counts};
pub use error::TableError;
/// The version of polars whose frames are meant.
#[cfg(feature = "frames")]
pub use polars;
pub use quote::{many, quoted};
pub use runs::extras::{Extra, Quantity, Values};
pub use runs::measures::Measure;
pub use runs::one_size::{Size, SizeTable, read_one_size};
pub use runs::{RunRequest, RunTable, read_runs};
pub use source::{MOST_BYTES, Source};
#[cfg(feature = "frames")]
pub use table::frame::read_frame;
pub use table::lines::Lines;
pub use table::names::multiple;
pub use table::record::Record;
pub use table::usable::{BadRows, Filter};
pub use table::{ReadOptions, Table};
