//! Columns of an answer as Python has them: `NumPy` arrays, or plain values of a single point.

use asymscale::answers::Value;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// A column of this shape: floats, where what is not known is NaN; whole numbers; truth values; or
/// objects, where what is not known is None.
pub(crate) fn column<'py>(
    py: Python<'py>,
    values: Vec<Value>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyAny>> {
    if shape.is_empty() {
        return match values.into_iter().next() {
            Some(value) => one(py, value),
            None => Ok(py.None().into_bound(py)),
        };
    }
    // A column has values of one kind, and NaN where a number is not known.
    let reals = || values.iter().map(real).collect::<Option<Vec<f64>>>();
    let counts = || values.iter().map(count).collect::<Option<Vec<i64>>>();
    let flags = || values.iter().map(flag).collect::<Option<Vec<bool>>>();
    let flat = if let Some(counts) = counts() {
        PyArray1::from_vec(py, counts).into_any()
    } else if let Some(reals) = reals() {
        PyArray1::from_vec(py, reals).into_any()
    } else if let Some(flags) = flags() {
        PyArray1::from_vec(py, flags).into_any()
    } else {
        let objects = values.into_iter().map(|value| one(py, value).map(Bound::unbind));
        PyArray1::from_vec(py, objects.collect::<PyResult<Vec<Py<PyAny>>>>()?).into_any()
    };
    let array = flat.call_method1("reshape", (shape.to_vec(),))?;
    // An answer is not to be changed by what is done with its arrays.
    array.call_method1("setflags", (false,))?;
    Ok(array)
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(value) => Some(*value),
        Value::Whole(count) => Some(*count as f64),
        _ => None,
    }
}

fn count(value: &Value) -> Option<i64> {
    if let Value::Whole(count) = value { Some(*count as i64) } else { None }
}

fn flag(value: &Value) -> Option<bool> {
    if let Value::Flag(flag) = value { Some(*flag) } else { None }
}

fn one(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        Value::Real(value) => value.into_pyobject(py)?.into_any(),
        Value::Whole(count) => count.into_pyobject(py)?.into_any(),
        Value::Flag(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        Value::Word(word) => PyString::new(py, &word).into_any(),
        Value::Unknown => py.None().into_bound(py),
    })
}
