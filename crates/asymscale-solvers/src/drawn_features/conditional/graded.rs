//! The loss given the features on row space, on designs whose columns have lengths over many
//! decades.

use super::draw;
use crate::design_reduction::reduced::Reduced;
use crate::drawn_features::sizes::Sizes;
use crate::linear_algebra::dense::{product, zeros};
use crate::linear_algebra::graded::{Echelon, Graded, Learner, noise_in, weighted_squares};
use crate::{Curve, Regression, SolverError};
use asymscale_sampling::{Design, Key, Teachers};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Mat, MatRef, Par};

/// As [`crate::conditional_curve`].
pub(super) fn curve(
    design: &Design,
    teachers: &Teachers,
    sizes: &Sizes,
    regression: Regression,
    key: &Key,
) -> Result<Curve, SolverError> {
    let rows = Rows::new(design)?;
    let noise =
        rows.reduced.noise(design, teachers.count(), regression.noise(), &key.label("noise"));
    let noise = noise_in(&rows.echelon, noise);
    let weights = Mat::from_fn(design.seen(), teachers.count(), |j, t| teachers.weights(j)[t]);
    let z = draw(rows.rank(), sizes.largest(), key);
    let (basis, unseen) = (rows.graded.basis.as_ref(), design.unseen_mass());
    let mut losses = Vec::new();
    for n in &sizes.sorted {
        let features = Features::of(&rows, z.as_ref().subcols(0, *n), regression.ridge());
        let learner = Learner {
            outputs: features.outputs.as_ref(),
            shift: features.shift,
            observe: &|errors| features.labels(product(basis, errors.as_ref())),
            weights: &|theta| {
                product(basis.transpose(), product(features.z, theta.as_ref()).as_ref())
            },
            cost: &|errors| weighted_squares(errors, design.eigenvalues()),
        };
        let left = learner.learn(weights.clone(), &features.noise(&noise), unseen)?;
        let energy = teachers.unseen_energy();
        let norms =
            left.theta.col_iter().map(|theta| energy + rows.residual * theta.squared_norm_l2());
        losses.extend(left.losses.into_iter().zip(norms).map(|(on, off)| on + off));
    }
    Ok(sizes.curve(&losses, teachers.count()))
}

/// As [`super::conditional_mean_curve`]: teachers are independent, so that their mean is a sum over
/// directions of row space and the residual mass, and that of noise one over rows.
pub(super) fn mean_curve(
    design: &Design,
    sizes: &Sizes,
    regression: Regression,
    key: &Key,
) -> Result<Vec<f64>, SolverError> {
    let rows = Rows::new(design)?;
    let covariance = rows.graded.covariance(design.eigenvalues());
    let z = draw(rows.rank(), sizes.largest(), key);
    let (none, each) = (zeros(rows.rank(), rows.rank()), Mat::identity(rows.rank(), rows.rank()));
    let mut losses = Vec::new();
    for n in &sizes.sorted {
        let features = Features::of(&rows, z.as_ref().subcols(0, *n), regression.ridge());
        let learner = Learner {
            outputs: features.outputs.as_ref(),
            shift: features.shift,
            observe: &|errors| features.labels(errors.clone()),
            weights: &|theta| product(features.z, theta.as_ref()),
            cost: &|errors| forms(&covariance, errors),
        };
        let sum = |teachers: &Mat<f64>, noise: &Mat<f64>| -> Result<f64, SolverError> {
            let left = learner.learn(teachers.clone(), noise, rows.residual)?;
            Ok(left.losses.iter().sum::<f64>() + rows.residual * left.theta.squared_norm_l2())
        };
        let mut loss = rows.residual + sum(&each, &none)?;
        if regression.noise() > 0.0 {
            loss += regression.noise() * sum(&none, &features.noise(&each))?;
        }
        losses.push(loss);
    }
    Ok(sizes.restore(&losses))
}

/// `eᵀ C e` of each column of errors.
fn forms(covariance: &Mat<f64>, errors: &Mat<f64>) -> Vec<f64> {
    let images = product(covariance.as_ref(), errors.as_ref());
    let form = |t: usize| -> f64 {
        errors
            .col_as_slice(t)
            .iter()
            .zip(images.col_as_slice(t))
            .rev()
            .map(|(e, image)| e * image)
            .sum()
    };
    (0..errors.ncols()).map(|t| form(t).max(0.0)).collect()
}

/// A design as `Q Λ L̂ V`.
struct Rows {
    samples: f64,
    reduced: Reduced,
    echelon: Echelon,
    graded: Graded,
    /// `Λ L̂`.
    factor: Mat<f64>,
    /// `tr Σ(I − P)`.
    residual: f64,
}

impl Rows {
    fn new(design: &Design) -> Result<Self, SolverError> {
        let reduced = Reduced::of(design)?;
        let echelon = Echelon::new(reduced.to_dense());
        let graded = Graded::new(echelon.scaled_rows(), echelon.scales())?;
        let factor = graded.scaled_factor();
        let residual = design.unseen_mass() + echelon.lost_mass(design.eigenvalues())?;
        Ok(Self { samples: design.samples() as f64, reduced, echelon, graded, factor, residual })
    }

    fn rank(&self) -> usize {
        self.graded.scales.len()
    }
}

/// The features of one model size. Interpolation does not depend on `Λ L̂`: without it the outputs
/// are those of a Wishart matrix, so where a learner interpolates, labels and noise are those of
/// `V` alone.
struct Features<'a> {
    rows: &'a Rows,
    z: MatRef<'a, f64>,
    outputs: Mat<f64>,
    shift: f64,
    interpolates: bool,
}

impl<'a> Features<'a> {
    fn of(rows: &'a Rows, z: MatRef<'a, f64>, ridge: f64) -> Self {
        let interpolates = ridge == 0.0 && z.ncols() > z.nrows();
        let outputs = if interpolates { z.to_owned() } else { product(rows.factor.as_ref(), z) };
        Self { rows, z, outputs, shift: ridge * rows.samples * z.ncols() as f64, interpolates }
    }

    /// Labels of given weights on row space.
    fn labels(&self, weights: Mat<f64>) -> Mat<f64> {
        if self.interpolates {
            weights
        } else {
            product(self.rows.factor.as_ref(), weights.as_ref())
        }
    }

    /// Label noise in the units of the labels.
    fn noise(&self, noise: &Mat<f64>) -> Mat<f64> {
        let mut noise = noise.clone();
        if self.interpolates {
            solve_lower_triangular_in_place(self.rows.factor.as_ref(), noise.as_mut(), Par::Seq);
        }
        noise
    }
}
