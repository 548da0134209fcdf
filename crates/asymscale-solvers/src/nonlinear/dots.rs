//! Inner products `x·x′` of samples with one another and with test inputs, and the matrix products
//! of frequent coordinates that they are made of.

use crate::linear_algebra::dense::{add_product, zeros};
use asymscale_sampling::{Design, TestInputs, sparse};
use faer::{Mat, MatRef};

/// A coordinate is frequent if more than this share of the samples show it; leading frequent
/// coordinates are cheaper as dense matrices.
const FREQUENT: f64 = 0.125;
/// So many frequent coordinates are multiplied at a time.
pub(super) const TILE: usize = 256;

/// Number of the leading coordinates that are frequent.
pub(super) fn frequent(design: &Design) -> usize {
    let often = |j: &usize| design.column(*j).0.len() as f64 > FREQUENT * design.samples() as f64;
    (0..design.seen()).take_while(often).count()
}

/// The position of a coordinate among the seen ones.
pub(super) fn place(design: &Design, index: f64) -> Option<usize> {
    // Before the first unseen coordinate, coordinate `i` is at position `i − 1`.
    let own = index as usize - 1;
    if design.indices().get(own) == Some(&index) {
        return Some(own);
    }
    design.indices().binary_search_by(|seen| seen.total_cmp(&index)).ok()
}

/// `X x` of every test input, a column each, in the same way.
pub(super) fn cross(design: &Design, inputs: &TestInputs) -> Mat<f64> {
    let mut cross = zeros(design.samples(), inputs.count());
    let frequent = frequent(design);
    let mut common = Tiles::new(frequent);
    for k in 0..inputs.count() {
        for (index, x) in inputs.input(k) {
            match place(design, *index) {
                Some(j) if j < frequent => common.push(j, k, *x),
                Some(j) => {
                    sparse::add_scaled(cross.col_as_slice_mut(k), *x, design.column(j));
                }
                None => {}
            }
        }
    }
    common.multiply(inputs.count(), |first, values| {
        let tile = tile(design, first, frequent);
        add_product(cross.as_mut(), tile.as_ref(), values, 1.0);
    });
    cross
}

/// At most [`TILE`] columns of the design, from `first` on and before `end`.
pub(super) fn tile(design: &Design, first: usize, end: usize) -> Mat<f64> {
    let mut tile = zeros(design.samples(), TILE.min(end - first));
    for j in 0..tile.ncols() {
        sparse::scatter(tile.col_as_slice_mut(j), design.column(first + j));
    }
    tile
}

/// Entries (coordinate, column, value) of frequent coordinates, by tile.
pub(super) struct Tiles {
    coordinates: usize,
    entries: Vec<Vec<(usize, usize, f64)>>,
}

impl Tiles {
    pub(super) fn new(coordinates: usize) -> Self {
        Self { coordinates, entries: vec![Vec::new(); coordinates.div_ceil(TILE)] }
    }

    pub(super) fn push(&mut self, j: usize, column: usize, x: f64) {
        self.entries[j / TILE].push((j % TILE, column, x));
    }

    /// Hands on every tile as a matrix, a row for each of its coordinates, after the number of the
    /// first of them.
    pub(super) fn multiply(&self, columns: usize, mut product: impl FnMut(usize, MatRef<'_, f64>)) {
        for (number, entries) in self.entries.iter().enumerate() {
            let first = number * TILE;
            let mut values = zeros(TILE.min(self.coordinates - first), columns);
            for (j, column, x) in entries {
                values[(*j, *column)] = *x;
            }
            product(first, values.as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear_algebra::dense::{mirror, product};
    use crate::linear_algebra::sparse_products::weighted_gram;
    use asymscale_model::SparseModel;
    use asymscale_sampling::Key;

    /// Rows of samples or inputs written out, a column for each seen coordinate.
    fn written_out(design: &Design, inputs: &TestInputs) -> (Mat<f64>, Mat<f64>) {
        let mut samples = zeros(design.samples(), design.seen());
        for (j, column) in design.columns().enumerate() {
            sparse::scatter(samples.col_as_slice_mut(j), column);
        }
        let mut others = zeros(inputs.count(), design.seen());
        for k in 0..inputs.count() {
            for (index, x) in inputs.input(k) {
                if let Some(j) = design.indices().iter().position(|seen| seen == index) {
                    others[(k, j)] = *x;
                }
            }
        }
        (samples, others)
    }

    /// With few frequent coordinates, with some, and with more than a tile of them.
    #[test]
    fn sparse_columns_and_tiles_give_the_inner_products() {
        for (onset, frequent_ones) in [(0.5, 0..10), (20.0, 20..100), (300.0, 300..2000)] {
            let model = SparseModel::power_law(0.5, 1.5, onset).unwrap();
            let design = Design::sample(&model, 40, &mut Key::new(1).stream()).unwrap();
            let inputs = TestInputs::draw(&model, 40, 30, &mut Key::new(2).stream()).unwrap();
            let count = frequent(&design);
            assert!(frequent_ones.contains(&count), "onset {onset}: {count} are frequent");
            let (samples, others) = written_out(&design, &inputs);
            let mut own = weighted_gram(&design, |_| 1.0);
            mirror(&mut own);
            let pairs = [
                (own, product(samples.as_ref(), samples.transpose())),
                (cross(&design, &inputs), product(samples.as_ref(), others.transpose())),
            ];
            for (found, exact) in pairs {
                let most = exact.norm_max();
                assert!(most > 0.0 && (found - exact).norm_max() < 1e-13 * most, "onset {onset}");
            }
        }
    }
}
