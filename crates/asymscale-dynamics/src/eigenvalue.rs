//! The largest eigenvalue of a design, with its residual, without a dense Gram matrix.

use crate::DynamicsError;
use crate::dense::eigen;
use crate::operator::{Covariance, Featured, Operator};
use asymscale_sampling::{Design, Key};
use faer::Mat;

/// The iteration fails if it has not ended after so many Lanczos steps.
const STEPS: usize = 400;
/// The small eigenvalue problem is solved after every so many steps.
const EVERY: usize = 6;
/// Relative residual at which the iteration ends: the error of the value is of the order of its
/// square.
const RESIDUAL: f64 = 1e-9;

/// An eigenvalue of `Σ̂`, the largest one the iteration can see, with the norm of its residual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LargestEigenvalue {
    /// `θ = vᵀΣ̂v`: up to rounding a lower bound of `λ_max`.
    pub value: f64,
    /// `|Σ̂v − θv|`: some eigenvalue lies within it of `θ`.
    pub residual: f64,
    /// Number of products with `Σ̂` that it took.
    pub products: usize,
}

/// The largest eigenvalue of `Σ̂ = XᵀX/D`, by Lanczos with full reorthogonalisation.
///
/// The start is a fixed vector with weight on every coordinate in proportion to its column norm,
/// and as much again on the largest column: where rare coordinates are large the eigenvector is
/// often that single coordinate. The enclosure `|λ − θ| ≤ residual` is rigorous for *an*
/// eigenvalue; that it is the largest holds unless the start is orthogonal to its eigenvector.
/// [`crate::is_unstable`] asks for no such trust. Relative residual 1e-9. Cost: a few dozen
/// products of `2·nonzeros` each and `steps² · seen`. A design without entries has 0.
///
/// # Errors
/// [`DynamicsError::Eigenvalue`] after 400 steps, [`DynamicsError::Tridiagonal`].
///
/// Source: Parlett, *The Symmetric Eigenvalue Problem* (1998), chapters 4 and 13.
///
/// ```
/// use asymscale_dynamics::largest_eigenvalue;
/// use asymscale_sampling::{Column, Design};
/// // XᵀX/D = [[2, 1], [1, 2]].
/// let columns = [(1.0, vec![(0, 2.0)]), (2.0, vec![(0, 1.0), (1, 3f64.sqrt())])];
/// let column = |(index, entries)| Column { index, eigenvalue: 1.0, entries };
/// let design = Design::from_columns(2, columns.map(column).to_vec(), 0.0)?;
/// let largest = largest_eigenvalue(&design)?;
/// assert!((largest.value - 3.0).abs() < 1e-12 && largest.residual < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn largest_eigenvalue(design: &Design) -> Result<LargestEigenvalue, DynamicsError> {
    lanczos(&Covariance(design), |_| false)
}

/// The largest eigenvalue of `ΦᵀΦ/D`, `Φ = X Fᵀ`, for `features` Gaussian features of variance
/// `1/N` drawn from `key`.
///
/// As [`largest_eigenvalue`], on the samples. Features are those of
/// [`feature_column`](asymscale_sampling::feature_column). Memory `N · seen`, cost `N · seen` a
/// product.
///
/// # Errors
/// As [`largest_eigenvalue`]; [`DynamicsError::Features`] for none.
pub fn largest_eigenvalue_with_features(
    design: &Design,
    features: usize,
    key: &Key,
) -> Result<LargestEigenvalue, DynamicsError> {
    lanczos(&Featured::draw(design, features, key)?, |_| false)
}

/// Runs Lanczos' iteration until the residual is small, or until `enough` holds of the value found
/// so far, which is a lower bound.
pub(crate) fn lanczos(
    operator: &impl Operator,
    enough: impl Fn(f64) -> bool,
) -> Result<LargestEigenvalue, DynamicsError> {
    let mut basis = vec![start(operator)];
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let limit = operator.size().min(STEPS);
    if norm(&basis[0]) == 0.0 {
        return Ok(LargestEigenvalue { value: 0.0, residual: 0.0, products: 0 });
    }
    loop {
        let steps = diagonal.len() + 1;
        let last = &basis[steps - 1];
        let mut next = operator.apply(last);
        diagonal.push(dot(&next, last));
        // Orthogonalising twice is enough (Parlett, section 6.9).
        for _ in 0..2 {
            orthogonalise(&mut next, &basis);
        }
        let length = norm(&next);
        let top = diagonal.iter().fold(0.0, |a: f64, b| a.max(*b));
        let closed = length <= 1e-14 * top || steps == operator.size();
        if closed || steps % EVERY == 0 || steps == limit {
            let (value, weights) = ritz(&diagonal, &beside)?;
            let estimate = length * weights[steps - 1].abs();
            if closed || estimate <= RESIDUAL * value || steps == limit || enough(value) {
                let found = verified(operator, &basis, &weights);
                let done =
                    closed || found.residual <= 10.0 * RESIDUAL * value || enough(found.value);
                let failed = DynamicsError::Eigenvalue { steps, value, residual: found.residual };
                return if done { Ok(found) } else { Err(failed) };
            }
        }
        beside.push(length);
        scale(&mut next, length.recip());
        basis.push(next);
    }
}

/// The start vector: every coordinate has a weight in proportion to the root of its scale, with a
/// sign in no order, and the largest has as much again.
fn start(operator: &impl Operator) -> Vec<f64> {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let scales = operator.scales();
    let weight =
        |(j, scale): (usize, &f64)| scale.sqrt() * (2.0 * (GOLDEN * (j + 1) as f64).fract() - 1.0);
    let mut v: Vec<f64> = scales.iter().enumerate().map(weight).collect();
    let largest = (0..v.len()).max_by(|a, b| scales[*a].total_cmp(&scales[*b]));
    if let Some(largest) = largest {
        v[largest] += norm(&v).copysign(v[largest]);
    }
    let length = norm(&v);
    if length > 0.0 {
        scale(&mut v, length.recip());
    }
    v
}

fn orthogonalise(v: &mut [f64], basis: &[Vec<f64>]) {
    for b in basis {
        let share = dot(v, b);
        v.iter_mut().zip(b).for_each(|(x, y)| *x -= share * y);
    }
}

/// The largest eigenvalue of a tridiagonal matrix, with its eigenvector.
fn ritz(diagonal: &[f64], beside: &[f64]) -> Result<(f64, Vec<f64>), DynamicsError> {
    let size = diagonal.len();
    let matrix = Mat::from_fn(size, size, |i, j| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        _ => 0.0,
    });
    let (values, vectors) = eigen(matrix.as_ref()).ok_or(DynamicsError::Tridiagonal(size))?;
    Ok((values[size - 1], vectors.col(size - 1).iter().copied().collect()))
}

/// Rayleigh quotient and residual of the Ritz vector, computed afresh.
fn verified(operator: &impl Operator, basis: &[Vec<f64>], weights: &[f64]) -> LargestEigenvalue {
    let mut v = vec![0.0; operator.size()];
    for (b, w) in basis.iter().zip(weights) {
        v.iter_mut().zip(b).for_each(|(x, y)| *x += w * y);
    }
    let length = norm(&v);
    scale(&mut v, length.recip());
    let product = operator.apply(&v);
    let value = dot(&v, &product);
    let residual: Vec<f64> = product.iter().zip(&v).map(|(y, x)| y - value * x).collect();
    LargestEigenvalue { value, residual: norm(&residual), products: basis.len() + 1 }
}

fn scale(v: &mut [f64], factor: f64) {
    for x in v {
        *x *= factor;
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

pub(crate) fn norm(v: &[f64]) -> f64 {
    dot(v, v).sqrt()
}
