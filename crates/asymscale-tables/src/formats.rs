//! The formats of tables: delimited text, JSON and Parquet, each read into rows or columns of
//! cells.

pub(crate) mod delimited;
pub(crate) mod dialect;
pub(crate) mod json;
pub(crate) mod json_values;
pub(crate) mod panics;
pub(crate) mod parquet;
pub(crate) mod records;
pub(crate) mod thrift;
