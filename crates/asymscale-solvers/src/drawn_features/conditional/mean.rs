//! The conditional loss averaged over teachers and label noise in closed form: equations (S5) to
//! (S7) of [`derivations`](crate::derivations).

use super::{Rows, draw, graded};
use crate::design_reduction::projection::TILE;
use crate::drawn_features::sizes::Sizes;
use crate::linear_algebra::dense::{Cholesky, Qr, add_gram, mirror, product, square_norm, zeros};
use crate::linear_algebra::graded::is_graded;
use crate::{Regression, SolverError, linear_algebra::nested};
use asymscale_sampling::{Design, Key};
use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::{Mat, MatRef, Par};

/// [`crate::conditional_curve`] averaged over all teachers (iid weights of mean 0 and variance 1)
/// and all label noise, in closed form: given the design, only features on the row space are
/// random.
///
/// The loss is equation (S6) of [`derivations`](crate::derivations) for `N > r` without ridge,
/// whose mean is [`crate::DesignSpectrum::exact_overparameterized`], equation (S5) for `N ≤ r`, and
/// equation (S7) with ridge. The whole curve costs one QR factorisation, three products of size
/// `r`, `N² r` for each `N ≤ r` and `r³` for each `N > r`. With ridge, each `N` costs `r² N`.
///
/// `features`: model sizes `N ≥ 1`, in any order. Streams are those of
/// [`crate::conditional_curve`].
///
/// # Errors
/// [`SolverError::Features`] for a size of 0;
/// [`SolverError::Memory`] if the row space of the design takes more than 8 GiB;
/// [`SolverError::Precision`] if rounding hides the loss.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key};
/// use asymscale_solvers::{DesignSpectrum, Regression, conditional_mean_curve};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let design = Design::sample(&model, 64, &mut Key::new(1).stream())?;
/// let losses = conditional_mean_curve(&design, &[100_000], Regression::default(), &Key::new(2))?;
/// // Many features: hardly anything of their randomness is left.
/// let mean = DesignSpectrum::new(&design)?.exact_overparameterized(1e5, 0.0)?;
/// assert!((losses[0] / mean - 1.0).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn conditional_mean_curve(
    design: &Design,
    features: &[usize],
    regression: Regression,
    key: &Key,
) -> Result<Vec<f64>, SolverError> {
    let sizes = Sizes::new(features)?;
    if is_graded(design, regression.noise() > 0.0) {
        return graded::mean_curve(design, &sizes, regression, key);
    }
    let rows = Rows::new(design)?;
    let covariance = covariance(&rows);
    let z = draw(rows.reduced.rank(), sizes.largest(), key);
    let drawn = Drawn { rows, covariance, z, regression };
    let (few, many) = sizes.sorted.split_at(sizes.sorted.partition_point(|n| *n <= drawn.rank()));
    let losses = if regression.ridge() > 0.0 {
        drawn.ridge(&sizes.sorted)
    } else {
        [drawn.underparameterized(few), drawn.overparameterized(many)].concat()
    };
    Ok(sizes.restore(&losses))
}

/// `V Σ Vᵀ`, the population covariance on the row space.
fn covariance(rows: &Rows<'_>) -> Mat<f64> {
    let rank = rows.reduced.rank();
    let mut covariance = zeros(rank, rank);
    for first in (0..rows.reduced.seen()).step_by(TILE).rev() {
        let tile = first..rows.reduced.seen().min(first + TILE);
        let mut coordinates = rows.reduced.pull_back(&rows.inverse, tile.clone());
        for j in tile {
            let deviation = rows.design.eigenvalues()[j].sqrt();
            coordinates.col_mut(j - first).iter_mut().for_each(|v| *v *= deviation);
        }
        add_gram(covariance.as_mut(), coordinates.as_ref());
    }
    mirror(&mut covariance);
    covariance
}

/// A design with the features drawn on its row space: all that the mean loss depends on.
struct Drawn<'a> {
    rows: Rows<'a>,
    /// `V Σ Vᵀ`.
    covariance: Mat<f64>,
    /// `Z`, `r × max N`.
    z: Mat<f64>,
    regression: Regression,
}

impl Drawn<'_> {
    fn rank(&self) -> usize {
        self.z.nrows()
    }

    /// The first `n` features.
    fn features(&self, n: usize) -> MatRef<'_, f64> {
        self.z.as_ref().subcols(0, n)
    }

    /// Losses of sizes `N ≤ r` without ridge: equation (S5).
    fn underparameterized(&self, sizes: &[usize]) -> Vec<f64> {
        let Some(largest) = sizes.last() else { return Vec::new() };
        let (rows, rank, noise) = (&self.rows, self.rank(), self.regression.noise());
        let qr = Qr::new(rows.factor.multiply(self.features(*largest)));
        let mut data = rows.factor.multiply(Mat::identity(rank, rank).as_ref());
        qr.apply_transpose(data.as_mut());
        let mut back = rows.inverse.transpose().to_owned();
        qr.apply_transpose(back.as_mut());
        let energy = product(data.as_ref(), data.transpose());
        let cost =
            product(product(back.as_ref(), self.covariance.as_ref()).as_ref(), back.transpose());
        let at = |n: &usize| {
            let r = qr.r().submatrix(0, 0, *n, *n);
            let mut learned = data.as_ref().subrows(0, *n).to_owned();
            solve_upper_triangular_in_place(r, learned.as_mut(), Par::Seq);
            let signal = rows.residual * (1.0 + square_norm(learned.as_ref()))
                + trailing(&energy, &cost, *n);
            if noise == 0.0 {
                return signal;
            }
            let mut inverse = Mat::<f64>::identity(*n, *n);
            solve_upper_triangular_in_place(r, inverse.as_mut(), Par::Seq);
            let on: f64 = (0..*n).map(|k| cost[(k, k)]).sum();
            signal + noise * (on + rows.residual * square_norm(inverse.as_ref()))
        };
        sizes.iter().map(at).collect()
    }

    /// Losses of sizes `N > r` without ridge: equation (S6).
    fn overparameterized(&self, sizes: &[usize]) -> Vec<f64> {
        let (rows, noise) = (&self.rows, self.regression.noise());
        let on = if noise == 0.0 || sizes.is_empty() {
            0.0
        } else {
            spread(self.covariance.as_ref(), rows.inverse.as_ref())
        };
        let mut gram = zeros(self.rank(), self.rank());
        let mut used = 0;
        let at = |n: &usize| {
            add_gram(gram.as_mut(), self.z.as_ref().subcols(used, n - used));
            used = *n;
            // Two more features than rows, and the Gram matrix is singular to rounding with
            // probability below 1e-20.
            let factor =
                Cholesky::new(gram.clone()).unwrap_or_else(|| transposed_factor(self.features(*n)));
            let signal = rows.residual * (1.0 + factor.inverse_trace());
            if noise == 0.0 {
                return signal;
            }
            let mut inverse = rows.inverse.clone();
            factor.half_solve(inverse.as_mut());
            signal + noise * (on + rows.residual * square_norm(inverse.as_ref()))
        };
        sizes.iter().map(at).collect()
    }

    /// Losses of any sizes with ridge, the learner as a linear map of labels: equation (S7).
    fn ridge(&self, sizes: &[usize]) -> Vec<f64> {
        let (rows, covariance) = (&self.rows, self.covariance.as_ref());
        let shift = self.regression.ridge() * rows.design.samples() as f64;
        let identity = Mat::identity(self.rank(), self.rank());
        let data = rows.factor.multiply(identity.as_ref());
        let outputs = rows.factor.multiply(self.z.as_ref());
        let maps = nested::solve(outputs.as_ref(), identity.as_ref(), sizes, shift);
        let at = |map: &Mat<f64>| {
            let fitted = product(self.features(map.nrows()), map.as_ref());
            let lost = &identity - product(fitted.as_ref(), data.as_ref());
            let norm = square_norm(product(map.as_ref(), data.as_ref()).as_ref());
            let signal = rows.residual * (1.0 + norm) + spread(covariance, lost.as_ref());
            let noise =
                spread(covariance, fitted.as_ref()) + rows.residual * square_norm(map.as_ref());
            signal + self.regression.noise() * noise
        };
        maps.iter().map(at).collect()
    }
}

/// `Σ a_ij b_ij` over rows and columns from `n` on.
fn trailing(a: &Mat<f64>, b: &Mat<f64>, n: usize) -> f64 {
    let column =
        |j: usize| a.col_as_slice(j)[n..].iter().zip(&b.col_as_slice(j)[n..]).map(|(x, y)| x * y);
    (n..a.ncols()).rev().map(|j| column(j).sum::<f64>()).sum()
}

/// The Cholesky factor of `a aᵀ` by QR of `aᵀ`.
fn transposed_factor(a: MatRef<'_, f64>) -> Cholesky {
    Cholesky::from_factor(Qr::new(a.transpose().to_owned()).r().transpose().to_owned())
}

/// `tr bᵀ c b`.
fn spread(c: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let product = product(c, b);
    (0..b.ncols())
        .map(|j| b.col(j).iter().zip(product.col(j).iter()).map(|(x, y)| x * y).sum::<f64>())
        .sum()
}
