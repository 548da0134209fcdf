//! One question: parameters that are broadcast, points that share work, and the columns of the
//! answer.

use crate::arguments::{Argument, Broadcast, MOST_POINTS};
use crate::refused;
use crate::running::{self, Stop};
use crate::told;
use asymscale::answers::{Refusal, Rows, Value};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rayon::prelude::*;
use std::collections::HashMap;
use std::iter;

/// A parameter of a question.
#[derive(Debug)]
pub(crate) struct Parameter {
    name: &'static str,
    shape: Vec<usize>,
    /// Equal where values are equal.
    keys: Vec<u64>,
    /// What stands in its column.
    values: Vec<Value>,
    /// Which value stands at each point, once the common shape is known.
    indices: Vec<usize>,
}

impl Parameter {
    /// A number.
    pub(crate) fn reals(name: &'static str, of: &Argument<f64>) -> Self {
        let keys = of.values().iter().map(|value| value.to_bits()).collect();
        let values = of.values().iter().map(|value| Value::Real(*value)).collect();
        Self { name, shape: of.shape().to_vec(), keys, values, indices: Vec::new() }
    }

    /// Counts.
    pub(crate) fn counts(name: &'static str, of: &Argument<usize>) -> Self {
        let keys = of.values().iter().map(|value| *value as u64).collect();
        let values = of.values().iter().map(|value| Value::Real(*value as f64)).collect();
        Self { name, shape: of.shape().to_vec(), keys, values, indices: Vec::new() }
    }

    /// A word, or what is written as one.
    pub(crate) fn words<T: ToString>(name: &'static str, of: &Argument<T>) -> Self {
        let words: Vec<String> = of.values().iter().map(ToString::to_string).collect();
        let mut known: HashMap<&str, u64> = HashMap::new();
        let keys = words
            .iter()
            .map(|word| {
                let next = known.len() as u64;
                *known.entry(word).or_insert(next)
            })
            .collect();
        let values = words.iter().map(|word| Value::Word(word.clone())).collect();
        Self { name, shape: of.shape().to_vec(), keys, values, indices: Vec::new() }
    }
}

/// Where a value stands at a point: the number of the value of each parameter, in their order.
pub(crate) type Place = Vec<usize>;

/// Points that differ in the inner parameter only.
#[derive(Debug)]
struct Group {
    place: Place,
    /// Values of the inner parameter, each once, in the order of points.
    inner: Vec<usize>,
    /// The points, each with the place of its value in `inner`.
    points: Vec<(usize, usize)>,
}

/// A question over all points of its parameters.
#[derive(Debug)]
pub(crate) struct Question {
    parameters: Vec<Parameter>,
    shape: Broadcast,
    groups: Vec<Group>,
    /// Length of the last axis of the answer, of rows that belong to one point.
    last: Option<usize>,
    threads: Option<usize>,
}

impl Question {
    /// The question of these parameters. Points that differ in the parameter `inner` alone are
    /// answered together.
    pub(crate) fn new(mut parameters: Vec<Parameter>, inner: Option<&str>) -> PyResult<Self> {
        let shapes: Vec<(&str, &[usize])> =
            parameters.iter().map(|one| (one.name, one.shape.as_slice())).collect();
        let shape = Broadcast::new(&shapes)?;
        for parameter in &mut parameters {
            parameter.indices = shape.indices(&parameter.shape);
        }
        let groups = groups(&parameters, inner, shape.points());
        Ok(Self { parameters, shape, groups, last: None, threads: None })
    }

    /// With so many rows for each point, which become the last axis of the answer.
    pub(crate) fn with_last(self, rows: usize) -> PyResult<Self> {
        let all = self.shape.points().saturating_mul(rows);
        if all > MOST_POINTS {
            return Err(PyValueError::new_err(format!(
                "{all} points: must be at most {MOST_POINTS} in one call"
            )));
        }
        Ok(Self { last: Some(rows), ..self })
    }

    /// With a row for each of these values, which must have one axis: it becomes the last one.
    pub(crate) fn with_last_axis<T>(self, name: &str, values: &Argument<T>) -> PyResult<Self> {
        match values.shape() {
            [0] => Err(PyValueError::new_err(format!("{name}: an array without values"))),
            [rows] => self.with_last(*rows),
            shape => Err(PyValueError::new_err(format!(
                "{name}: must be a number or an array of one axis, has {} axes",
                shape.len()
            ))),
        }
    }

    /// Something at the first point of every group.
    pub(crate) fn each<T>(
        &self,
        of: impl Fn(&[usize]) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        self.groups.iter().map(|group| of(&group.place)).collect()
    }

    /// On so many threads.
    pub(crate) fn on_threads(self, threads: Option<usize>) -> Self {
        Self { threads, ..self }
    }

    /// Answers. `prepare` refuses bad input at any point before work begins; `work` gets what it
    /// made and the numbers of the inner values, and returns their rows in their order. `quick`
    /// says that one group takes no noticeable time.
    pub(crate) fn answer<J: Send + Sync + 'static>(
        self,
        py: Python<'_>,
        quick: bool,
        prepare: impl Fn(&[usize]) -> Result<J, Refusal>,
        work: impl Fn(&J, &[usize], &Stop) -> Result<Rows, Refusal> + Send + Sync + 'static,
    ) -> PyResult<Bound<'_, PyTuple>> {
        let job = |group: &Group| Ok((prepare(&group.place)?, group.inner.clone()));
        let jobs = self.groups.iter().map(job).collect::<Result<Vec<_>, Refusal>>();
        let jobs = jobs.map_err(refused)?;
        let found = if let (true, [(job, inner)], None) = (quick, jobs.as_slice(), self.threads) {
            py.detach(|| work(job, inner, &Stop::default())).map(|rows| vec![rows])
        } else {
            running::run(py, self.threads, move |stop| {
                let rows = |(job, inner): &(J, Vec<usize>)| work(job, inner, stop);
                let found: Vec<Result<Rows, Refusal>> = jobs.par_iter().map(rows).collect();
                found.into_iter().collect::<Result<Vec<_>, _>>()
            })?
        };
        self.told(py, &found.map_err(refused)?)
    }

    /// Columns, shape and remarks of the rows of all groups.
    fn told<'py>(&self, py: Python<'py>, found: &[Rows]) -> PyResult<Bound<'py, PyTuple>> {
        let each = self.last.unwrap_or(1);
        let mut shape = self.shape.shape().to_vec();
        shape.extend(self.last);
        let names: &[&'static str] = found.first().map_or(&[], |rows| &rows.columns);
        let columns = PyDict::new(py);
        let is_column = |one: &&Parameter| !one.shape.is_empty() && !names.contains(&one.name);
        for parameter in self.parameters.iter().filter(is_column) {
            let at = parameter.indices.iter().flat_map(|at| iter::repeat_n(*at, each));
            let values = at.map(|at| parameter.values[at].clone()).collect();
            columns.set_item(parameter.name, told::column(py, values, &shape)?)?;
        }
        let mut places = vec![(0, 0); self.shape.points()];
        for (number, group) in self.groups.iter().enumerate() {
            for (point, inner) in &group.points {
                places[*point] = (number, *inner);
            }
        }
        for (column, name) in names.iter().enumerate() {
            let rows = places
                .iter()
                .flat_map(|(number, inner)| &found[*number].rows[inner * each..(inner + 1) * each]);
            let values = rows.map(|row| row[column].clone()).collect();
            columns.set_item(*name, told::column(py, values, &shape)?)?;
        }
        let mut notes: Vec<&str> = Vec::new();
        for note in found.iter().flat_map(|rows| &rows.notes) {
            if !notes.contains(&note.as_str()) {
                notes.push(note);
            }
        }
        (columns, PyTuple::new(py, shape)?, notes).into_pyobject(py)
    }
}

/// Points by what they share, in the order of the first of each.
fn groups(parameters: &[Parameter], inner: Option<&str>, points: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut seen: Vec<HashMap<u64, usize>> = Vec::new();
    for point in 0..points {
        let outer = parameters.iter().filter(|one| Some(one.name) != inner);
        let key: Vec<u64> = outer.map(|one| one.keys[one.indices[point]]).collect();
        let number = *known.entry(key).or_insert_with(|| {
            let place = parameters.iter().map(|one| one.indices[point]).collect();
            groups.push(Group { place, inner: Vec::new(), points: Vec::new() });
            seen.push(HashMap::new());
            groups.len() - 1
        });
        let value = parameters.iter().find(|one| Some(one.name) == inner);
        let (key, at) =
            value.map_or((0, 0), |one| (one.keys[one.indices[point]], one.indices[point]));
        let group = &mut groups[number];
        let place = *seen[number].entry(key).or_insert_with(|| {
            group.inner.push(at);
            group.inner.len() - 1
        });
        group.points.push((point, place));
    }
    groups
}
