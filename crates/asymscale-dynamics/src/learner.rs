//! The learners that descend: linear regression in the coordinates, and one of drawn features.

use crate::DynamicsError;
use crate::dense::product;
use asymscale_sampling::{Design, Key, Teachers, feature_column, sparse};
use asymscale_solvers::Curve;
use faer::{Mat, MatRef};

/// The functions of an input that the parameters multiply.
#[derive(Debug, Clone, Copy)]
pub enum Learner<'a> {
    /// The coordinates themselves, `φ(x) = x`: infinitely many features.
    Coordinates,
    /// `N` drawn features.
    Features(&'a FeatureMap),
}

/// `N` Gaussian features `φ(x) = F x`, `F_ji ~ N(0, 1/N)`, on the seen coordinates of a design.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMap {
    /// `Fᵀ`, `seen × N`.
    weights: Mat<f64>,
    /// `Φ = X Fᵀ`, `D × N`.
    outputs: Mat<f64>,
}

impl FeatureMap {
    /// Draws `features` features. Their weights come from `key.label("features")`, as those of
    /// [`asymscale_solvers::explicit_curve`]: the same key, the same learner.
    ///
    /// Cost: `seen · N` normal draws and `nonzeros · N`. Memory: `8 (seen + D) N` bytes.
    ///
    /// # Errors
    /// [`DynamicsError::Features`] for none.
    pub fn draw(design: &Design, features: usize, key: &Key) -> Result<Self, DynamicsError> {
        if features == 0 {
            return Err(DynamicsError::Features(features));
        }
        let (key, scale) = (key.label("features"), (features as f64).sqrt().recip());
        let mut weights = Mat::zeros(design.seen(), features);
        let mut column = vec![0.0; features];
        for j in 0..design.seen() {
            feature_column(&key, design.index(j), &mut column);
            column.iter().enumerate().for_each(|(k, weight)| weights[(j, k)] = scale * weight);
        }
        let outputs = apply(design, weights.as_ref());
        Ok(Self { weights, outputs })
    }

    /// `N`.
    pub fn features(&self) -> usize {
        self.outputs.ncols()
    }

    /// `Φ`, `D × N`.
    pub fn outputs(&self) -> MatRef<'_, f64> {
        self.outputs.as_ref()
    }
}

impl Learner<'_> {
    /// Number of parameters: the seen coordinates, or the features.
    pub(crate) fn parameters(self, design: &Design) -> usize {
        match self {
            Self::Coordinates => design.seen(),
            Self::Features(map) => map.features(),
        }
    }

    /// `Φθ`.
    pub(crate) fn predict(self, design: &Design, theta: MatRef<'_, f64>) -> Mat<f64> {
        match self {
            Self::Coordinates => apply(design, theta),
            Self::Features(map) => product(map.outputs(), theta),
        }
    }

    /// `Φᵀ residuals`.
    pub(crate) fn gradient(self, design: &Design, residuals: MatRef<'_, f64>) -> Mat<f64> {
        match self {
            Self::Coordinates => apply_transpose(design, residuals),
            Self::Features(map) => product(map.outputs().transpose(), residuals),
        }
    }

    /// `Φ` as a dense matrix.
    pub(crate) fn dense(self, design: &Design) -> Mat<f64> {
        match self {
            Self::Coordinates => to_dense(design),
            Self::Features(map) => map.outputs.clone(),
        }
    }

    /// `Σ λ_i (w_i − ŵ_i)²` of each teacher, unseen coordinates in expectation over their features
    /// and teacher.
    pub(crate) fn losses(
        self,
        design: &Design,
        teachers: MatRef<'_, f64>,
        theta: MatRef<'_, f64>,
    ) -> Vec<f64> {
        let mapped = match self {
            Self::Coordinates => None,
            Self::Features(map) => {
                Some((product(map.weights.as_ref(), theta), map.features() as f64))
            }
        };
        let fitted = mapped.as_ref().map_or(theta, |(fitted, _)| fitted.as_ref());
        let loss = |t: usize| {
            let error =
                |j: usize| design.eigenvalues()[j] * (teachers[(j, t)] - fitted[(j, t)]).powi(2);
            let spread = mapped.as_ref().map_or(0.0, |(_, n)| theta.col(t).squared_norm_l2() / n);
            (0..design.seen()).map(error).sum::<f64>() + design.unseen_mass() * (1.0 + spread)
        };
        (0..teachers.ncols()).map(loss).collect()
    }
}

/// Losses of teachers whose energy on unseen coordinates is not the variance there, from those that
/// take it for that.
pub(crate) fn with_unseen_energy(
    design: &Design,
    teachers: &Teachers,
    losses: Vec<Vec<f64>>,
) -> Curve {
    let more = teachers.unseen_energy() - design.unseen_mass();
    let shifted = |losses: Vec<f64>| losses.into_iter().map(|loss| loss + more).collect();
    Curve { losses: losses.into_iter().map(shifted).collect() }
}

/// The teachers' weights on seen coordinates, `seen × teachers`.
pub(crate) fn weights_of(design: &Design, teachers: &Teachers) -> Mat<f64> {
    Mat::from_fn(design.seen(), teachers.count(), |j, t| teachers.weights(j)[t])
}

/// `X a`, by non-zeros; `a` is stored by columns.
pub(crate) fn apply(design: &Design, a: MatRef<'_, f64>) -> Mat<f64> {
    by_columns(design.samples(), a, |column| design.apply(column))
}

/// `Xᵀ b`, by non-zeros; `b` is stored by columns.
fn apply_transpose(design: &Design, b: MatRef<'_, f64>) -> Mat<f64> {
    by_columns(design.seen(), b, |column| design.apply_transpose(column))
}

/// A linear map to vectors of length `size`, of each column of `a`.
fn by_columns(size: usize, a: MatRef<'_, f64>, map: impl Fn(&[f64]) -> Vec<f64>) -> Mat<f64> {
    let mut out = Mat::zeros(size, a.ncols());
    for t in 0..a.ncols() {
        let column = a.col(t).try_as_col_major().expect("a column is contiguous");
        out.col_as_slice_mut(t).copy_from_slice(&map(column.as_slice()));
    }
    out
}

fn to_dense(design: &Design) -> Mat<f64> {
    let mut dense = Mat::zeros(design.samples(), design.seen());
    for (j, column) in design.columns().enumerate() {
        sparse::scatter(dense.col_as_slice_mut(j), column);
    }
    dense
}
