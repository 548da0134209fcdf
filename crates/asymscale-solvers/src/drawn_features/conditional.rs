//! The loss given the features on the row space of the design, everything else integrated out.
//!
//! With `X = L V`, `V` (`r × coordinates`) of orthonormal rows, the features meet the data only
//! through the standard normal `Z` of equation (S1) of [`derivations`](crate::derivations), and
//! nothing else of them is drawn. The loss is equation (S4).

pub(crate) mod graded;
pub(crate) mod mean;

use crate::design_reduction::projection::{Projection, TILE};
use crate::design_reduction::reduced::Reduced;
use crate::drawn_features::sizes::Sizes;
use crate::linear_algebra::dense::{Cholesky, Qr, product, square_norm, zeros};
use crate::linear_algebra::graded::is_graded;
use crate::{Curve, Regression, SolverError, linear_algebra::nested};
use asymscale_sampling::{Design, Key, Teachers, feature_column};
use faer::{Mat, MatRef};
pub use mean::conditional_mean_curve;

/// Diagonal ratio of the Cholesky factor of `X Xᵀ` below which a QR factorisation of `Xᵀ` replaces
/// it.
const ILL_CONDITIONED: f64 = 1e-5;

/// Losses at several model sizes for each teacher, given the design, the teachers on seen
/// coordinates, the label noise and the features **on the row space of the design**; all else is
/// integrated out: equation (S4) of [`derivations`](crate::derivations).
///
/// In distribution, [`crate::explicit_curve`] differs by the features off the row space only: means
/// agree, and this one varies less and costs less. Feature `k` is the same for all model sizes. On
/// row-space direction `d` features come from [`feature_column`] with `key.label("row space")` and
/// index `d = 1…r`; label noise as in [`crate::explicit_curve`].
///
/// `features`: model sizes `N ≥ 1`, in any order.
///
/// Accuracy: as [`crate::explicit_curve`]; for `N > r` without ridge better, since there the
/// conditioning of the design does not enter.
///
/// Cost: `r · max N` normal draws, one QR factorisation of size `r` for all `N ≤ r`, `r² N` for
/// Gram matrices and `r³/3` for each `N > r`.
///
/// # Errors
/// [`SolverError::Features`] for a size of 0;
/// [`SolverError::Memory`] if the row space of the design takes more than 8 GiB;
/// [`SolverError::Precision`] if rounding hides the loss.
///
/// # Panics
/// If `teachers` were drawn for a design with fewer seen coordinates.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
/// use asymscale_solvers::{Regression, conditional_curve};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let key = Key::new(1);
/// let design = Design::sample(&model, 64, &mut key.label("design").stream())?;
/// let teachers = Teachers::draw(&design, 4, TeacherLaw::Gaussian, &key.label("teachers"));
/// let curve = conditional_curve(&design, &teachers, &[400, 4], Regression::default(), &key)?;
/// assert!(curve.teacher_means()[0] > design.unseen_mass());
/// assert!(curve.teacher_means()[0] < curve.teacher_means()[1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn conditional_curve(
    design: &Design,
    teachers: &Teachers,
    features: &[usize],
    regression: Regression,
    key: &Key,
) -> Result<Curve, SolverError> {
    let sizes = Sizes::new(features)?;
    if is_graded(design, regression.noise() > 0.0) {
        return graded::curve(design, teachers, &sizes, regression, key);
    }
    let rows = Rows::new(design)?;
    let labels = rows.reduced.labels(design, teachers, regression.noise(), &key.label("noise"));
    let drawn = draw(rows.reduced.rank(), sizes.largest(), key);
    let solutions =
        solve(&rows, drawn.as_ref(), labels.as_ref(), &sizes.sorted, regression.ridge());
    let losses = losses(&rows, teachers, drawn.as_ref(), &solutions);
    Ok(sizes.curve(&losses, teachers.count()))
}

/// A design as `X = L V`.
struct Rows<'a> {
    design: &'a Design,
    reduced: Reduced,
    factor: Cholesky,
    /// `L⁻¹`.
    inverse: Mat<f64>,
    /// `tr Σ(I − P)`.
    residual: f64,
}

impl<'a> Rows<'a> {
    fn new(design: &'a Design) -> Result<Self, SolverError> {
        let reduced = Reduced::of(design)?;
        let factor = Cholesky::new(reduced.gram())
            .filter(|factor| factor.diagonal_ratio() > ILL_CONDITIONED)
            .unwrap_or_else(|| lower_factor(&reduced));
        let inverse = factor.inverse_factor();
        let Projection { residual, .. } = Projection::new(design, &reduced, &inverse);
        Ok(Self { design, reduced, factor, inverse, residual })
    }
}

/// `L` of `X = L V` by QR of `Xᵀ`, which does not square the condition number.
fn lower_factor(reduced: &Reduced) -> Cholesky {
    let qr = Qr::new(reduced.to_dense().transpose().to_owned());
    Cholesky::from_factor(qr.r().transpose().to_owned())
}

/// `Z`, `r × count`.
fn draw(rank: usize, count: usize, key: &Key) -> Mat<f64> {
    let key = key.label("row space");
    let mut drawn = zeros(count, rank);
    for direction in 0..rank {
        feature_column(&key, (direction + 1) as f64, drawn.col_as_slice_mut(direction));
    }
    drawn.transpose().to_owned()
}

/// `θ′` for each model size.
fn solve(
    rows: &Rows<'_>,
    z: MatRef<'_, f64>,
    labels: MatRef<'_, f64>,
    sizes: &[usize],
    ridge: f64,
) -> Vec<Mat<f64>> {
    if ridge > 0.0 {
        let shift = ridge * rows.design.samples() as f64;
        return nested::solve(rows.factor.multiply(z).as_ref(), labels, sizes, shift);
    }
    let (few, many) = sizes.split_at(sizes.partition_point(|n| *n <= z.nrows()));
    let outputs = rows.factor.multiply(z.subcols(0, few.last().copied().unwrap_or(0)));
    let mut solutions = nested::solve(outputs.as_ref(), labels, few, 0.0);
    // Interpolation does not depend on L, and without it the Gram matrix is that of a Wishart
    // matrix.
    let mut whitened = labels.to_owned();
    rows.factor.half_solve(whitened.as_mut());
    solutions.extend(nested::solve(z, whitened.as_ref(), many, 0.0));
    solutions
}

/// Losses, teachers within a size adjacent.
fn losses(
    rows: &Rows<'_>,
    teachers: &Teachers,
    z: MatRef<'_, f64>,
    solutions: &[Mat<f64>],
) -> Vec<f64> {
    let count = teachers.count();
    let mut dual = zeros(z.nrows(), solutions.len() * count);
    let mut losses = Vec::new();
    for (k, solution) in solutions.iter().enumerate() {
        let fitted = product(z.subcols(0, solution.nrows()), solution.as_ref());
        dual.as_mut().subcols_mut(k * count, count).copy_from(fitted);
        let norms = (0..count).map(|t| square_norm(solution.as_ref().subcols(t, 1)));
        losses.extend(norms.map(|norm| teachers.unseen_energy() + rows.residual * norm));
    }
    rows.factor.half_solve_transpose(dual.as_mut());
    let dual = dual.transpose().to_owned();
    for first in (0..rows.reduced.seen()).step_by(TILE) {
        let tile = first..rows.reduced.seen().min(first + TILE);
        let fitted = rows.reduced.pull_back(&dual, tile.clone());
        for j in tile {
            let column = fitted.col_as_slice(j - first);
            crate::drawn_features::curve::add_errors(
                &mut losses,
                column,
                teachers.weights(j),
                rows.design.eigenvalues()[j],
            );
        }
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_sampling::Column;

    /// `V = L⁻¹X` has orthonormal rows also where two samples differ by little, so that their Gram
    /// matrix has a condition number beyond what its Cholesky factor can carry.
    #[test]
    fn nearly_dependent_samples_have_orthonormal_directions() {
        let apart = 1e-7;
        let column = |index: f64, values: [f64; 3]| Column {
            index,
            eigenvalue: 1.0,
            entries: (0..3).zip(values).collect(),
        };
        let columns = vec![
            column(1.0, [1.0, 1.0, 0.5]),
            column(2.0, [0.7, 0.7 + apart, -1.0]),
            column(3.0, [-0.4, -0.4 + 3.0 * apart, 0.3]),
            column(4.0, [0.9, 0.9 - apart, 2.0]),
        ];
        let design = Design::from_columns(3, columns, 0.1).unwrap();
        let rows = Rows::new(&design).unwrap();
        assert_eq!(rows.reduced.rank(), 3);
        assert!(rows.factor.diagonal_ratio() < ILL_CONDITIONED);
        // The rounding of X over the distance of the two samples.
        assert!(skewness(&rows.reduced, &rows.factor) < 1e-8);
        let squared = Cholesky::new(rows.reduced.gram());
        assert!(squared.is_none_or(|factor| skewness(&rows.reduced, &factor) > 1e-5));
    }

    /// How far the rows of `L⁻¹X` are from orthonormal.
    fn skewness(reduced: &Reduced, factor: &Cholesky) -> f64 {
        let mut directions = reduced.to_dense();
        factor.half_solve(directions.as_mut());
        let gram = product(directions.as_ref(), directions.transpose().to_owned().as_ref());
        let off = |i: usize, j: usize| gram[(i, j)] - f64::from(u8::from(i == j));
        let rank = reduced.rank();
        (0..rank * rank).map(|k| off(k / rank, k % rank).abs()).fold(0.0, f64::max)
    }
}
