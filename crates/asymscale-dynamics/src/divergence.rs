//! Whether gradient descent with a fixed step diverges on a design, decided with proof.

use crate::DynamicsError;
use crate::dense::is_positive_definite;
use crate::eigenvalue::lanczos;
use crate::error::check_rate;
use crate::operator::{Covariance, Featured, sample_moments};
use asymscale_sampling::{Design, Key, sparse};
use faer::Mat;

/// Relative rounding error of a bound, which is a sum of up to some thousand terms.
const SLACK: f64 = 1e-11;
/// The bound by absolute values is sharpened at most so many times.
const ROUNDS: usize = 4;
/// Largest Gram matrix whose definiteness is tested by a Cholesky factorisation.
const LARGEST_FACTOR: usize = 4096;

/// Whether full-batch gradient descent with step `rate` diverges on this design at infinitely many
/// features: `η λ_max(XᵀX/D) > 2`.
///
/// Decided from both sides, cheap bounds first: from below the largest diagonal entries of `XᵀX`
/// and `XXᵀ`, then the Rayleigh quotient of a Lanczos vector; from above `max_i (|X|ᵀ|X|v)_i/v_i`
/// (Collatz and Wielandt: it bounds `λ_max` for every positive `v`), then the Cholesky
/// factorisation of `2D/η − XᵀX` on the smaller side, which exists just if `λ_max` is lower. Values
/// within a relative 1e-11 of the threshold are decided by rounding; only if the smaller side
/// exceeds 4096 is the Lanczos value taken without the factorisation. Cost: mostly a few passes
/// over the non-zeros.
///
/// # Errors
/// [`DynamicsError::Rate`] unless `rate` is finite and positive; as
/// [`largest_eigenvalue`](crate::largest_eigenvalue).
///
/// ```
/// use asymscale_dynamics::is_unstable;
/// use asymscale_sampling::{Column, Design};
/// // λ_max = 4/2.
/// let column = Column { index: 1.0, eigenvalue: 1.0, entries: vec![(0, 2.0)] };
/// let design = Design::from_columns(2, vec![column], 0.0)?;
/// assert!(is_unstable(&design, 1.001)? && !is_unstable(&design, 0.999)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn is_unstable(design: &Design, rate: f64) -> Result<bool, DynamicsError> {
    let threshold = threshold(rate)?;
    if lower_bound(design) > threshold {
        return Ok(true);
    }
    if upper_bound(design, threshold) < threshold {
        return Ok(false);
    }
    let found = lanczos(&Covariance(design), |value| value > threshold)?;
    if found.value > threshold {
        return Ok(true);
    }
    Ok(design.seen().min(design.samples()) <= LARGEST_FACTOR && !stays_below(design, threshold))
}

/// As [`is_unstable`], at `features` random features drawn from `key`: `η λ_max(ΦᵀΦ/D) > 2`.
///
/// Decided by Lanczos: unstable as soon as the Rayleigh quotient, a lower bound, exceeds `2/η`.
///
/// # Errors
/// As [`is_unstable`]; [`DynamicsError::Features`] for no features.
pub fn is_unstable_with_features(
    design: &Design,
    rate: f64,
    features: usize,
    key: &Key,
) -> Result<bool, DynamicsError> {
    let threshold = threshold(rate)?;
    let operator = Featured::draw(design, features, key)?;
    Ok(lanczos(&operator, |value| value > threshold)?.value > threshold)
}

fn threshold(rate: f64) -> Result<f64, DynamicsError> {
    check_rate(rate).map(|()| 2.0 / rate)
}

/// The largest diagonal entry of `XᵀX/D` or `XXᵀ/D`.
fn lower_bound(design: &Design) -> f64 {
    let largest = |norms: Vec<f64>| norms.into_iter().fold(0.0, f64::max);
    largest(design.second_moments()).max(largest(sample_moments(design))) * (1.0 - SLACK)
}

/// The bound by absolute values, sharpened round by round until it is below `threshold`.
fn upper_bound(design: &Design, threshold: f64) -> f64 {
    let mut v: Vec<f64> = design.second_moments().into_iter().map(f64::sqrt).collect();
    let mut bound = f64::INFINITY;
    for _ in 0..ROUNDS {
        let next = absolute_product(design, &v);
        let ratio = v
            .iter()
            .zip(&next)
            .map(|(x, y)| if *x > 0.0 { y / x } else { 0.0 })
            .fold(0.0, f64::max);
        bound = bound.min(ratio * (1.0 + SLACK));
        if bound < threshold {
            break;
        }
        let size = next.iter().fold(0.0, |a: f64, b| a.max(*b));
        v = next.into_iter().map(|x| x / size).collect();
    }
    bound
}

/// `|X|ᵀ|X|v/D`.
fn absolute_product(design: &Design, v: &[f64]) -> Vec<f64> {
    let absolute = |column| sparse::entries(column).map(|(row, x)| (row, x.abs()));
    let mut sums = vec![0.0; design.samples()];
    for (column, weight) in design.columns().zip(v) {
        absolute(column).for_each(|(row, x)| sums[row] += x * weight);
    }
    let back = |column| absolute(column).map(|(row, x)| x * sums[row]).sum::<f64>();
    design.columns().map(|column| back(column) / design.samples() as f64).collect()
}

/// Whether `threshold − XᵀX/D` (or `XXᵀ/D`, the smaller) is positive definite.
fn stays_below(design: &Design, threshold: f64) -> bool {
    let mut gap = if design.seen() <= design.samples() {
        minus_coordinate_gram(design)
    } else {
        minus_sample_gram(design)
    };
    for k in 0..gap.nrows() {
        gap[(k, k)] += threshold;
    }
    is_positive_definite(gap)
}

/// `−XᵀX/D`, lower triangle.
fn minus_coordinate_gram(design: &Design) -> Mat<f64> {
    let mut gram = Mat::zeros(design.seen(), design.seen());
    design.gram_terms(|j, i, term| gram[(j, i)] += term);
    for i in 0..gram.ncols() {
        for sum in &mut gram.col_as_slice_mut(i)[i..] {
            *sum = 0.0 - *sum / design.samples() as f64;
        }
    }
    gram
}

/// `−XXᵀ/D`, lower triangle. Every term is divided, so that these entries may differ from those of
/// the Gram matrix divided by `D` in their last bits.
fn minus_sample_gram(design: &Design) -> Mat<f64> {
    let mut gap = Mat::zeros(design.samples(), design.samples());
    for (row, x, below) in design.columns().flat_map(sparse::lower_triangle) {
        let column = gap.col_as_slice_mut(row);
        sparse::entries(below)
            .for_each(|(below, y)| column[below] -= x * y / design.samples() as f64);
    }
    gap
}
