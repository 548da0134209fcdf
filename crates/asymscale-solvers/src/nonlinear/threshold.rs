//! The threshold of the even modes of a kernel on a design.

use super::pairs::Pairs;
use super::{Activation, Nonlinear, factor};
use crate::SolverError;
use crate::linear_algebra::dense::Cholesky;
use crate::linear_algebra::sparse_products::weighted_gram;
use asymscale_sampling::Design;
use faer::Mat;

/// `tr E⁻¹` of the even part `E = [k(x, x′) + k(x, −x′)]/2` of the kernel matrix on a design of `n`
/// samples.
///
/// On data as likely as their mirror image, even and odd functions are orthogonal. The odd part of
/// `ReLU` features is linear. Averaged over designs this is `1/κ(n)`, equation (S30) of
/// [`derivations`](crate::derivations), with `κ(n)` the threshold above which the even modes have
/// `n` degrees of freedom (Jacot et al. 2020, arXiv 2006.09796). Samples on one ray are one
/// equation; therefore, as for losses, a ridge of 1e-10 of the diagonal takes the place of none.
/// Cost: `2n³/3`, memory `2n²`.
///
/// # Errors
/// [`SolverError::Series`] where the kernel has no closed form and the largest sample needs too
/// many terms of its series; a failed factorisation.
///
/// ```
/// use asymscale_model::{Coordinates, SparseModel};
/// use asymscale_sampling::{Design, Key};
/// use asymscale_solvers::{Activation, even_trace};
/// let dense = SparseModel::power_law(1.0, 0.0, 1.0)?.with_coordinates(Coordinates::Finite(200))?;
/// let trace = |samples| {
///     let design = Design::sample(&dense, samples, &mut Key::new(1).stream())?;
///     Ok::<_, Box<dyn std::error::Error>>(even_trace(&design, Activation::Relu)?)
/// };
/// // More samples reach smaller modes.
/// assert!(trace(64)? > 2.0 * trace(32)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn even_trace(design: &Design, activation: Activation) -> Result<f64, SolverError> {
    let mut even = weighted_gram(design, |_| 1.0);
    let norms: Vec<f64> = (0..design.samples()).map(|k| even[(k, k)].sqrt()).collect();
    let pairs = Pairs::of_samples(Nonlinear::new(activation), &norms)?;
    for j in 0..design.samples() {
        let column = &mut even.col_as_slice_mut(j)[j..];
        let mut opposite: Vec<f64> = column.iter().map(|dot| -dot).collect();
        pairs.replace(column, j, j);
        pairs.replace(&mut opposite, j, j);
        column.iter_mut().zip(opposite).for_each(|(part, other)| *part = 0.5 * (*part + other));
    }
    Ok(inverse_trace(&factor(even, 0.0)?, design.samples()))
}

/// `tr (L Lᵀ)⁻¹ = |L⁻¹|²`.
fn inverse_trace(factor: &Cholesky, size: usize) -> f64 {
    let mut inverse = Mat::identity(size, size);
    factor.half_solve(inverse.as_mut());
    inverse.squared_norm_l2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::SparseModel;
    use asymscale_sampling::Key;

    /// Two samples with all coordinates active: a 2 × 2 matrix, inverted by hand.
    #[test]
    fn the_trace_of_two_samples() {
        let model = SparseModel::power_law(1.0, 1.5, 3.0).unwrap();
        let design = Design::sample(&model, 2, &mut Key::new(5).stream()).unwrap();
        let dot = |a: usize, b: usize| -> f64 {
            let entry = |row: usize, j: usize| {
                let (rows, values) = design.column(j);
                rows.iter().position(|r| *r as usize == row).map_or(0.0, |n| values[n])
            };
            (0..design.seen()).map(|j| entry(a, j) * entry(b, j)).sum()
        };
        let (a, b) = (dot(0, 0).sqrt(), dot(1, 1).sqrt());
        let u = dot(0, 1) / (a * b);
        // Of |x||x′|(sin θ + (π − θ) cos θ)/2π the even part.
        let even = |u: f64| (u * u.asin() + (1.0 - u * u).sqrt()) / std::f64::consts::TAU;
        let (p, q, r) = (a * a / 4.0, b * b / 4.0, a * b * even(u));
        let trace = (p + q) / (p * q - r * r);
        let found = even_trace(&design, Activation::Relu).unwrap();
        assert!((found / trace - 1.0).abs() < 1e-8, "{found} {trace}");
    }

    #[test]
    fn a_sample_too_large_for_a_series_is_named() {
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
        let design = Design::sample(&model, 8, &mut Key::new(1).stream()).unwrap();
        assert!(even_trace(&design, Activation::Softplus).unwrap() > 0.0);
        let steep = Activation::given("steep", |u: f64| (100.0 * u).tanh());
        let error = even_trace(&design, steep).unwrap_err();
        assert!(matches!(error, SolverError::Series { activation: "steep", .. }), "{error}");
    }
}
