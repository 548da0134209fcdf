//! Every combination of the values of some flags, in a fixed order, and how many there may be.
//!
//! The order is that of [`Grid::new`]: the first parameter varies slowest, the last fastest,
//! whatever the order on the command line.

use super::Failure;
use super::answer::{Answer, Column};
use super::lists::{Many, WRITTEN};
use super::output::Cell;
use serde::{Serialize, Serializer};

/// Most points, or rows, of one answer.
pub(crate) const MOST_POINTS: usize = 1_000_000;

/// How grids are answered.
const ORDER: &str = "\
Every number of the model takes a list or range; the answer is the whole grid, a row per
combination. Rows are in the order alpha, beta, onset, probability, target-exponent, amplitude,
coordinates, samples, ridge, noise, factor, epochs, batch, rule, rate, unique, activation, scale,
features, then compute, steps or design: the first of these varies slowest, the last fastest,
whatever the order of the flags. A flag with a list or range is a column of the answer. At most
1000000 rows.";

/// The end of the help of a subcommand that answers grids, after its examples.
pub(crate) fn help(examples: &str) -> String {
    format!("{examples}\n\n{WRITTEN}\n\n{ORDER}")
}

/// A parameter with its values.
#[derive(Debug)]
pub(crate) struct Axis {
    column: Column,
    cells: Vec<Cell>,
    many: bool,
}

impl Axis {
    /// A parameter under the name of its flag, and what stands in its column.
    pub(crate) fn new<T>(column: Column, of: &Many<T>, cell: impl Fn(&T) -> Cell) -> Self {
        Self { column, cells: of.values.iter().map(cell).collect(), many: of.many }
    }

    /// A parameter whose values are real numbers.
    pub(crate) fn reals(column: Column, of: &Many<f64>) -> Self {
        Self::new(column, of, |value| Cell::Given(*value))
    }
}

/// All combinations of the values of some parameters.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    axes: Vec<Axis>,
}

/// One combination.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    grid: &'a Grid,
    number: usize,
}

impl Grid {
    /// The first parameter varies slowest.
    pub(crate) fn new(axes: Vec<Axis>) -> Self {
        Self { axes }
    }

    /// Whether a list or range was written for any of them.
    pub(crate) fn many(&self) -> bool {
        self.axes.iter().any(|axis| axis.many)
    }

    /// The combinations in their order; [`bounded`] is to be asked first.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place<'_>> {
        let count = self.axes.iter().map(|axis| axis.cells.len()).product();
        (0..count).map(|number| Place { grid: self, number })
    }
}

/// Refuses more points than are answered, before any work: those of all grids together, times
/// `inner` lists (a flag and its number of values).
pub(crate) fn bounded(grids: &[&Grid], inner: &[(&str, usize)]) -> Result<(), Failure> {
    let outer = grids.iter().flat_map(|grid| &grid.axes);
    let outer = outer.map(|axis| (axis.column.name, axis.cells.len()));
    let lists: Vec<(&str, usize)> = outer.chain(inner.iter().copied()).collect();
    let points =
        lists.iter().fold(1_u128, |product, (_, count)| product.saturating_mul(*count as u128));
    if points <= MOST_POINTS as u128 {
        return Ok(());
    }
    let several = lists.iter().filter(|(_, count)| *count > 1);
    let factors: Vec<String> =
        several.map(|(name, count)| format!("--{name} ({count} values)")).collect();
    Err(Failure::input(format!(
        "{} = {points} points: must be at most {MOST_POINTS} in one call",
        factors.join(" × ")
    )))
}

impl<'a> Place<'a> {
    /// Which of the values of a list is meant here.
    pub(crate) fn of<'b, T>(&self, name: &str, many: &'b Many<T>) -> &'b T {
        &many.values[self.index(name)]
    }

    fn index(&self, name: &str) -> usize {
        let mut rest = self.number;
        for axis in self.grid.axes.iter().rev() {
            let count = axis.cells.len();
            if axis.column.name == name {
                return rest % count;
            }
            rest /= count;
        }
        // Names of flags are written beside each other in one file.
        unreachable!("the grid has no parameter {name}")
    }

    /// Columns of the parameters for which a list or range was written.
    fn swept(self) -> impl Iterator<Item = (&'static str, Cell)> + 'a {
        let many = self.grid.axes.iter().filter(|axis| axis.many);
        many.map(move |axis| {
            let name = axis.column.name;
            (name, axis.cells[self.index(name)].clone())
        })
    }
}

/// A point of an answer, with columns for the parameters that have lists and no column of its own.
#[derive(Debug, Serialize)]
pub(crate) struct Row<T> {
    #[serde(flatten)]
    swept: Swept,
    #[serde(flatten)]
    point: T,
}

impl<T: Answer> Row<T> {
    /// The point at some places of grids, the slowest first.
    pub(crate) fn new(places: &[Place], point: T) -> Self {
        let own = T::columns();
        let swept = places.iter().flat_map(|place| place.swept());
        let swept = swept.filter(|(name, _)| own.iter().all(|column| column.name != *name));
        Self { swept: Swept(swept.collect()), point }
    }
}

impl<T: Answer> Answer for Row<T> {
    fn columns() -> Vec<Column> {
        T::columns()
    }
}

#[derive(Debug)]
struct Swept(Vec<(&'static str, Cell)>);

impl Serialize for Swept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, cell)| (name, cell)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(values: &[f64]) -> Many<f64> {
        Many { values: values.to_vec(), many: values.len() > 1 }
    }

    #[test]
    fn the_first_parameter_varies_slowest_and_lists_are_columns() {
        let (a, b, c) = (many(&[1.0, 2.0]), many(&[7.0]), many(&[3.0, 4.0, 5.0]));
        let column = |name| Column::new(name, "");
        let grid = Grid::new(vec![
            Axis::reals(column("a"), &a),
            Axis::reals(column("b"), &b),
            Axis::reals(column("c"), &c),
        ]);
        let found: Vec<[f64; 3]> =
            grid.places().map(|at| [*at.of("a", &a), *at.of("b", &b), *at.of("c", &c)]).collect();
        assert_eq!(found.len(), 6);
        assert_eq!(found[1], [1.0, 7.0, 4.0]);
        assert_eq!(found[3], [2.0, 7.0, 3.0]);
        let names = |at: Place| at.swept().map(|(name, _)| name).collect::<Vec<_>>();
        assert!(grid.places().all(|at| names(at) == ["a", "c"]));
    }

    #[test]
    fn too_many_points_are_told_by_their_product() {
        let long = many(&vec![1.0; 2000]);
        let grid = || Grid::new(vec![Axis::reals(Column::new("alpha", ""), &long)]);
        assert!(bounded(&[&grid()], &[("features", 500)]).is_ok());
        let failure = bounded(&[&grid()], &[("seed", 1), ("features", 501)]).unwrap_err();
        assert_eq!(
            failure.message(&[]),
            "--alpha (2000 values) × --features (501 values) = 1002000 points: must be at most 1000000 in one call"
        );
        let huge = bounded(&[], &[("a", usize::MAX), ("b", usize::MAX), ("c", usize::MAX)]);
        assert!(huge.is_err());
    }
}
