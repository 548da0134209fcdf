//! The loss given the features on row space, on designs whose columns have lengths over many decades.

use super::draw;
use crate::dense::{product, zeros};
use crate::graded::{Echelon, Graded, Learner, noise_in};
use crate::reduced::Reduced;
use crate::sizes::Sizes;
use crate::{Curve, Regression, SolverError};
use asymscale_sampling::{Design, Key, Teachers};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Mat, Par};

/// Teachers learned together, where the mean over all is asked for.
const TILE: usize = 256;

/// As [`crate::conditional_curve`].
pub(super) fn curve(
    design: &Design,
    teachers: &Teachers,
    sizes: &Sizes,
    regression: Regression,
    key: &Key,
) -> Result<Curve, SolverError> {
    let rows = Rows::new(design)?;
    let noise = rows.reduced.noise(design, teachers.count(), regression.noise, &key.label("noise"));
    let noise = noise_in(&rows.echelon, noise);
    let weights = Mat::from_fn(design.seen(), teachers.count(), |j, t| teachers.weights(j)[t]);
    let z = draw(rows.graded.scales.len(), sizes.largest(), key);
    let mut losses = Vec::new();
    for n in &sizes.sorted {
        losses.extend(rows.learn(&z, *n, regression.ridge, weights.clone(), &noise, true)?);
    }
    Ok(sizes.curve(&losses, teachers.count()))
}

/// As [`super::conditional_mean_curve`]: teachers are independent, so that their mean is a sum over coordinates, and
/// that of noise one over rows.
pub(super) fn mean_curve(
    design: &Design,
    sizes: &Sizes,
    regression: Regression,
    key: &Key,
) -> Result<Vec<f64>, SolverError> {
    let rows = Rows::new(design)?;
    let rank = rows.graded.scales.len();
    let z = draw(rank, sizes.largest(), key);
    let mut losses = Vec::new();
    for n in &sizes.sorted {
        let mut loss = design.unseen_mass();
        for first in (0..design.seen()).step_by(TILE) {
            let count = TILE.min(design.seen() - first);
            let one = Mat::from_fn(design.seen(), count, |j, t| f64::from(j == first + t));
            loss +=
                rows.learn(&z, *n, regression.ridge, one, &zeros(rank, count), false)?.iter().sum::<f64>();
        }
        if regression.noise > 0.0 {
            let one = Mat::identity(rank, rank);
            let learned = rows.learn(&z, *n, regression.ridge, zeros(design.seen(), rank), &one, false)?;
            loss += regression.noise * learned.iter().sum::<f64>();
        }
        losses.push(loss);
    }
    Ok(sizes.restore(&losses))
}

/// A design as `Q Λ L̂ V`.
struct Rows<'a> {
    design: &'a Design,
    reduced: Reduced,
    echelon: Echelon,
    graded: Graded,
    /// `Λ L̂`.
    factor: Mat<f64>,
    /// `tr Σ(I − P)`.
    residual: f64,
}

impl<'a> Rows<'a> {
    fn new(design: &'a Design) -> Result<Self, SolverError> {
        let reduced = Reduced::of(design)?;
        let echelon = Echelon::new(reduced.to_dense());
        let graded = Graded::new(echelon.scaled_rows(), echelon.scales())?;
        let factor = graded.scaled_factor();
        let residual = design.unseen_mass() + echelon.lost_mass(design.eigenvalues());
        Ok(Self { design, reduced, echelon, graded, factor, residual })
    }

    /// Losses of `teachers` with the first `n` features; unseen coordinates of the teachers count if `whole`.
    fn learn(
        &self,
        z: &Mat<f64>,
        n: usize,
        ridge: f64,
        teachers: Mat<f64>,
        noise: &Mat<f64>,
        whole: bool,
    ) -> Result<Vec<f64>, SolverError> {
        let z = z.as_ref().subcols(0, n);
        let basis = self.graded.basis.as_ref();
        let weights = |theta: &Mat<f64>| product(basis.transpose(), product(z, theta.as_ref()).as_ref());
        let on_rows = |errors: &Mat<f64>| product(basis, errors.as_ref());
        let labels = |errors: &Mat<f64>| product(self.factor.as_ref(), on_rows(errors).as_ref());
        // Interpolation does not depend on the factor, and without it the outputs are those of a Wishart matrix.
        let free = ridge == 0.0 && n > z.nrows();
        let outputs = if free { z.to_owned() } else { product(self.factor.as_ref(), z) };
        let mut noise = noise.clone();
        if free {
            solve_lower_triangular_in_place(self.factor.as_ref(), noise.as_mut(), Par::Seq);
        }
        let learner = Learner {
            outputs: outputs.as_ref(),
            shift: ridge * self.design.samples() as f64 * n as f64,
            observe: if free { &on_rows } else { &labels },
            weights: &weights,
        };
        let variances = self.design.eigenvalues();
        let left = learner.learn(teachers, &noise, variances, self.design.unseen_mass())?;
        let unseen = if whole { self.design.unseen_mass() } else { 0.0 };
        let norms = left.theta.col_iter().map(|theta| unseen + self.residual * theta.squared_norm_l2());
        Ok(left.losses(variances).into_iter().zip(norms).map(|(on, off)| on + off).collect())
    }
}
