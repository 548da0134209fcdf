//! Tables of runs and of counts, and fits that were saved.

use crate::arguments::as_arguments;
use crate::model::positives;
use crate::question::{Parameter, Question};
use crate::{refused, running};
use asymscale::answers;
use asymscale::tables::Source;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::path::PathBuf;
use std::sync::Arc;

/// A table: the path of a file, or bytes with the name that messages call them by.
#[derive(Debug, FromPyObject)]
pub(crate) enum Input {
    Memory((String, Vec<u8>)),
    Path(PathBuf),
}

impl Input {
    pub(crate) fn into_source(self) -> Source {
        match self {
            Self::Memory((name, bytes)) => Source::bytes(&name, bytes),
            Self::Path(path) => Source::path(path),
        }
    }
}

/// The answer of `fit` or `diagnose` in JSON, and what is said beside it; the arguments are those
/// of the command.
#[pyfunction]
pub(crate) fn of_table(
    py: Python<'_>,
    arguments: Vec<String>,
    table: Input,
    threads: Option<usize>,
) -> PyResult<(String, String)> {
    let source = table.into_source();
    let found = running::run(py, threads, move |_| answers::of_table(&arguments, source))?;
    let (answer, said) = found.map_err(refused)?;
    Ok((answer, as_arguments(&said)))
}

/// The flags of a subcommand as arguments of Python.
#[pyfunction]
pub(crate) fn flags(subcommand: &str) -> Vec<String> {
    answers::flags(subcommand).iter().map(|flag| as_arguments(&format!("--{flag}"))).collect()
}

/// A fit that was saved.
#[pyclass(frozen, module = "asymscale._native")]
#[derive(Debug)]
pub(crate) struct SavedFit(Arc<answers::SavedFit>);

#[pymethods]
impl SavedFit {
    /// Reads the text of a file that `asymscale fit --save` wrote; messages call it by a name.
    #[new]
    fn new(name: &str, text: &str) -> PyResult<Self> {
        let saved = answers::SavedFit::new(name, text).map_err(refused)?;
        Ok(Self(Arc::new(saved)))
    }

    fn forecast<'py>(
        &self,
        py: Python<'py>,
        features: &Bound<'py, PyAny>,
        samples: &Bound<'py, PyAny>,
        level: Option<f64>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let (features, samples) =
            (positives("features", features)?, positives("samples", samples)?);
        let parameters =
            vec![Parameter::reals("features", &features), Parameter::reals("samples", &samples)];
        let question = Question::new(parameters, None)?;
        let fit = Arc::clone(&self.0);
        let prepare = |at: &[usize]| Ok((features.values()[at[0]], samples.values()[at[1]]));
        question.answer(py, true, prepare, move |(features, samples), _, _| {
            fit.forecast(*features, *samples, level)
        })
    }

    fn allocate<'py>(
        &self,
        py: Python<'py>,
        compute: &Bound<'py, PyAny>,
        level: Option<f64>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let compute = positives("compute", compute)?;
        let question = Question::new(vec![Parameter::reals("compute", &compute)], None)?;
        let fit = Arc::clone(&self.0);
        let prepare = |at: &[usize]| Ok(compute.values()[at[0]]);
        question.answer(py, true, prepare, move |compute, _, _| fit.allocate(*compute, level))
    }
}
