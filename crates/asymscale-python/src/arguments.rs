//! Arguments from Python: a number or word, or an array of them, and how arrays of several
//! arguments go together.
//!
//! Arrays are broadcast as `NumPy` does it: shapes are aligned at their last axis, and an axis of
//! length 1 is repeated.

use numpy::PyReadonlyArrayDyn;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyString};

/// Most points of one answer, as of the command.
pub(crate) const MOST_POINTS: usize = 1_000_000;
/// Most axes of an array, those that arrays of Rust have room for.
const MOST_AXES: usize = 32;

/// One value, or an array of them in row-major order.
#[derive(Debug, Clone)]
pub(crate) enum Argument<T> {
    /// A single value: the answer has no axis for it.
    One(T),
    /// An array.
    Many {
        /// Its shape.
        shape: Vec<usize>,
        /// Its values, the last axis fastest.
        values: Vec<T>,
    },
}

impl<T> Argument<T> {
    /// The shape; none of a single value.
    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Self::One(_) => &[],
            Self::Many { shape, .. } => shape,
        }
    }

    /// All values.
    pub(crate) fn values(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many { values, .. } => values,
        }
    }

    /// The same shape with other values; the first failure is returned.
    pub(crate) fn map<U>(self, mut of: impl FnMut(T) -> PyResult<U>) -> PyResult<Argument<U>> {
        Ok(match self {
            Self::One(value) => Argument::One(of(value)?),
            Self::Many { shape, values } => {
                let values = values.into_iter().map(of).collect::<PyResult<_>>()?;
                Argument::Many { shape, values }
            }
        })
    }
}

/// Reads numbers; `name` is that of the argument.
pub(crate) fn reals(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Argument<f64>> {
    if given.is_exact_instance_of::<PyFloat>() || given.is_exact_instance_of::<PyInt>() {
        return Ok(Argument::One(given.extract()?));
    }
    let numpy = given.py().import("numpy")?;
    let wrong = |_| {
        let kind = given.get_type();
        PyTypeError::new_err(format!("{name}: must be a number or an array of numbers, not {kind}"))
    };
    let array = numpy.call_method1("asarray", (given,)).map_err(wrong)?;
    // Texts that look like numbers are not numbers.
    let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
    if !matches!(kind.as_str(), "b" | "i" | "u" | "f" | "O") {
        let message = format!("{name}: must be a number or an array of numbers");
        return Err(PyTypeError::new_err(message));
    }
    let axes: usize = array.getattr("ndim")?.extract()?;
    if axes > MOST_AXES {
        return Err(PyValueError::new_err(format!(
            "{name}: {axes} axes: must be at most {MOST_AXES}"
        )));
    }
    if kind == "O" && words_of(&array)?.try_iter()?.any(|one| one.is_ok_and(is_word)) {
        let message = format!("{name}: must be a number or an array of numbers, not of words");
        return Err(PyTypeError::new_err(message));
    }
    if numpy.getattr("ma")?.call_method1("is_masked", (given,))?.is_truthy()? {
        return Err(PyValueError::new_err(format!("{name}: some values are masked")));
    }
    let array = array.call_method1("astype", ("float64",)).map_err(wrong)?;
    let array: PyReadonlyArrayDyn<'_, f64> = array.extract()?;
    let view = array.as_array();
    if view.ndim() == 0 {
        return Ok(Argument::One(view.iter().copied().next().unwrap_or(f64::NAN)));
    }
    Ok(Argument::Many { shape: view.shape().to_vec(), values: view.iter().copied().collect() })
}

/// All objects of an array, in one list.
fn words_of<'py>(array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    array.call_method0("ravel")?.call_method0("tolist")
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that iterators want")]
fn is_word(object: Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyString>()
}

/// Reads words; `name` is that of the argument.
pub(crate) fn words(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Argument<String>> {
    if let Ok(word) = given.cast::<PyString>() {
        return Ok(Argument::One(word.to_string()));
    }
    let numpy = given.py().import("numpy")?;
    let array = numpy.call_method1("asarray", (given, "object"))?;
    let shape: Vec<usize> = array.getattr("shape")?.extract()?;
    let values: Vec<String> = words_of(&array)?.extract().map_err(|_| {
        PyTypeError::new_err(format!("{name}: must be a word or an array of words"))
    })?;
    if shape.is_empty() {
        let message = format!("{name}: must be a word or an array of words");
        return values.into_iter().next().map(Argument::One).ok_or(PyTypeError::new_err(message));
    }
    Ok(Argument::Many { shape, values })
}

/// The common shape of some arguments, and which value of each stands at a point of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Broadcast {
    shape: Vec<usize>,
}

impl Broadcast {
    /// The shape that all of these have in common; `arguments` are names and shapes.
    pub(crate) fn new(arguments: &[(&str, &[usize])]) -> PyResult<Self> {
        let axes = arguments.iter().map(|(_, shape)| shape.len()).max().unwrap_or(0);
        let mut shape = vec![1; axes];
        for (_, own) in arguments {
            let skipped = axes - own.len();
            for (length, own) in shape[skipped..].iter_mut().zip(*own) {
                if *length == 1 {
                    *length = *own;
                } else if *own != 1 && own != length {
                    return Err(PyValueError::new_err(format!(
                        "shapes do not go together: {}",
                        told(arguments)
                    )));
                }
            }
        }
        let points = shape.iter().fold(1_usize, |points, length| points.saturating_mul(*length));
        if points == 0 {
            return Err(PyValueError::new_err(format!(
                "an array without values: {}",
                told(arguments)
            )));
        }
        if points > MOST_POINTS {
            return Err(PyValueError::new_err(format!(
                "{points} points: must be at most {MOST_POINTS} in one call"
            )));
        }
        Ok(Self { shape })
    }

    /// The common shape.
    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of points.
    pub(crate) fn points(&self) -> usize {
        self.shape.iter().product()
    }

    /// Which value of an argument of this shape stands at each point, in row-major order.
    pub(crate) fn indices(&self, own: &[usize]) -> Vec<usize> {
        let mut strides = vec![0; self.shape.len()];
        let mut stride = 1;
        for (axis, length) in own.iter().enumerate().rev() {
            let at = axis + self.shape.len() - own.len();
            strides[at] = if *length == 1 { 0 } else { stride };
            stride *= length;
        }
        let mut place = vec![0; self.shape.len()];
        let mut found = Vec::with_capacity(self.points());
        for _ in 0..self.points() {
            found.push(place.iter().zip(&strides).map(|(at, stride)| at * stride).sum());
            for (at, length) in place.iter_mut().zip(&self.shape).rev() {
                *at += 1;
                if *at < *length {
                    break;
                }
                *at = 0;
            }
        }
        found
    }
}

/// Names and shapes of arrays.
fn told(arguments: &[(&str, &[usize])]) -> String {
    let shapes: Vec<String> = arguments
        .iter()
        .filter(|(_, shape)| !shape.is_empty())
        .map(|(name, shape)| {
            let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
            format!("{name} ({})", lengths.join(", "))
        })
        .collect();
    shapes.join(", ")
}

/// A message of the command in which flags are arguments of Python: `--of 3` is told as `of 3`,
/// `--count-column` as `count_column`. What stands in quotes is the user's, and stays.
pub(crate) fn as_arguments(message: &str) -> String {
    let parts = message.split('"').enumerate();
    let told =
        parts.map(|(k, part)| if k % 2 == 0 { without_dashes(part) } else { part.to_owned() });
    told.collect::<Vec<_>>().join("\"")
}

fn without_dashes(message: &str) -> String {
    let mut told = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find("--") {
        let (before, flag) = rest.split_at(at);
        let length = flag[2..]
            .find(|letter: char| !letter.is_ascii_lowercase() && letter != '-')
            .unwrap_or(flag.len() - 2);
        let (name, after) = flag[2..].split_at(length);
        told.push_str(before);
        // A command line stays one.
        let is_command = ["asymscale fit ", "asymscale diagnose "];
        if before.ends_with(|letter: char| letter.is_alphanumeric())
            || name.is_empty()
            || is_command.iter().any(|command| before.ends_with(command))
        {
            told.push_str("--");
            told.push_str(name);
        } else {
            told.push_str(&name.replace('-', "_"));
        }
        rest = after;
    }
    told + rest
}
