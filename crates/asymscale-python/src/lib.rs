//! Python bindings: `import asymscale` answers what the `asymscale` command answers, as arrays.
//!
//! Here are arguments from Python, broadcasting, threads and columns; every number comes from
//! [`asymscale::answers`], which the command's own answers are made of. What a user sees, names,
//! documentation and the objects that hold answers, is in `python/asymscale`.

mod arguments;
mod model;
mod question;
mod questions;
mod running;
mod tables;
mod told;

use asymscale::answers::Refusal;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

/// Bad input is a `ValueError`, failed work a `RuntimeError`, in the words of the command.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
pub(crate) fn refused(refusal: Refusal) -> PyErr {
    let message = arguments::as_arguments(&refusal.to_string());
    if refusal.is_invalid_input() {
        PyValueError::new_err(message)
    } else {
        PyRuntimeError::new_err(message)
    }
}

/// What the package `asymscale` is made of.
#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use crate::model::Model;
    #[pymodule_export]
    use crate::questions::{
        coverage::coverage, descent::descent, frontier::frontier, instability::instability,
        loss::loss, simulate::simulate, train::train,
    };
    #[pymodule_export]
    use crate::tables::{SavedFit, flags, of_table};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
