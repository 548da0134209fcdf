//! The questions that are asked of a model, a file each. An answer is the columns, the shape, and
//! what is remarked on.

pub(crate) mod coverage;
pub(crate) mod descent;
pub(crate) mod frontier;
pub(crate) mod instability;
pub(crate) mod loss;
pub(crate) mod simulate;
pub(crate) mod train;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Columns, shape, remarks.
type Answer<'py> = PyResult<Bound<'py, PyTuple>>;

/// An argument from Python.
type Given<'a, 'py> = &'a Bound<'py, PyAny>;
