//! Outputs of random features on samples and test inputs.

use super::Nonlinear;
use super::dots::{TILE, frequent, place, tile};
use crate::linear_algebra::dense::{add_product, add_scaled, zeros};
use asymscale_sampling::{Design, Key, TestInputs, feature_column, sparse};
use faer::{Mat, MatRef};

/// `s(σ f_j·x) + ℓ g_j·x` for all features `j`: a column for each sample and for each test input.
pub(super) struct Outputs {
    pub(super) samples: Mat<f64>,
    pub(super) inputs: Mat<f64>,
}

impl Outputs {
    /// Draws `count` features, those of the linear path from a key of their own.
    pub(super) fn draw(
        design: &Design,
        inputs: &TestInputs,
        learner: Nonlinear,
        count: usize,
        key: &Key,
    ) -> Self {
        let mut own = Self::linear(design, inputs, count, key);
        activate(&mut own.samples, learner);
        activate(&mut own.inputs, learner);
        if learner.path != 0.0 {
            let path = Self::linear(design, inputs, count, &key.label("path"));
            add(&mut own.samples, learner.path, &path.samples);
            add(&mut own.inputs, learner.path, &path.inputs);
        }
        own
    }

    /// `f_j·x`, drawn on the seen coordinates, and on each unseen one that a test input activates.
    /// Frequent coordinates by matrix products, the others entry by entry.
    fn linear(design: &Design, inputs: &TestInputs, count: usize, key: &Key) -> Self {
        let entries = by_coordinate(design, inputs);
        let mut samples = zeros(count, design.samples());
        let mut tests = zeros(count, inputs.count());
        let frequent = frequent(design);
        for first in (0..frequent).step_by(TILE) {
            let last = frequent.min(first + TILE);
            let mut weights = zeros(count, last - first);
            let mut seen = zeros(inputs.count(), last - first);
            for j in first..last {
                feature_column(key, design.index(j), weights.col_as_slice_mut(j - first));
                entries.seen[j].iter().for_each(|(k, x)| seen[(*k, j - first)] = *x);
            }
            let tile = tile(design, first, last);
            add_product(samples.as_mut(), weights.as_ref(), tile.transpose(), 1.0);
            add_product(tests.as_mut(), weights.as_ref(), seen.transpose(), 1.0);
        }
        let mut column = vec![0.0; count];
        for j in frequent..design.seen() {
            feature_column(key, design.index(j), &mut column);
            for (row, x) in sparse::entries(design.column(j)) {
                add_scaled(samples.col_as_slice_mut(row), x, &column);
            }
            for (k, x) in &entries.seen[j] {
                add_scaled(tests.col_as_slice_mut(*k), *x, &column);
            }
        }
        for (index, k, x) in &entries.unseen {
            feature_column(key, *index, &mut column);
            add_scaled(tests.col_as_slice_mut(*k), *x, &column);
        }
        Self { samples, inputs: tests }
    }

    /// The outputs of the first `count` features.
    pub(super) fn first(&self, count: usize) -> (MatRef<'_, f64>, MatRef<'_, f64>) {
        (self.samples.as_ref().subrows(0, count), self.inputs.as_ref().subrows(0, count))
    }
}

fn activate(outputs: &mut Mat<f64>, learner: Nonlinear) {
    for k in 0..outputs.ncols() {
        outputs
            .col_as_slice_mut(k)
            .iter_mut()
            .for_each(|u| *u = learner.activation.apply(learner.scale * *u));
    }
}

fn add(outputs: &mut Mat<f64>, weight: f64, others: &Mat<f64>) {
    for k in 0..outputs.ncols() {
        add_scaled(outputs.col_as_slice_mut(k), weight, others.col_as_slice(k));
    }
}

/// Active entries of test inputs: (input, value) for each seen coordinate, (coordinate, input,
/// value) for the others.
struct Entries {
    seen: Vec<Vec<(usize, f64)>>,
    unseen: Vec<(f64, usize, f64)>,
}

fn by_coordinate(design: &Design, inputs: &TestInputs) -> Entries {
    let mut entries = Entries { seen: vec![Vec::new(); design.seen()], unseen: Vec::new() };
    for k in 0..inputs.count() {
        for (index, x) in inputs.input(k) {
            match place(design, *index) {
                Some(j) => entries.seen[j].push((k, *x)),
                None => entries.unseen.push((*index, k, *x)),
            }
        }
    }
    entries
}
