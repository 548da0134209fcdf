//! Kernels without a closed form, from the Hermite series of the activation: equation (S33) of
//! [`derivations`](crate::derivations).
//!
//! `s(q g) = Σ h_n(q) He_n(g)/√n!` for a normal `g`, and `k = Σ h_n(|x|) h_n(|x′|) ρ^n` with the
//! cosine `ρ` of the angle (Mehler). A series that is cut off is the kernel of a learner as well:
//! every term is positive semidefinite. What is left out follows from `Σ h_n² = E s²`.

use super::activation::Activation;
use crate::SolverError;
use crate::linear_algebra::dense::{add_scaled, product};
use faer::Mat;
use std::f64::consts::TAU;

/// The most terms of a series.
const MOST: usize = 2048;
/// Distance of the points of the trapezoidal rule in `g`, and how far they reach: beyond, the
/// normal density is below 1e-32. For functions analytic within `y` of the real line the rule errs
/// by `e^{−2πy/0.02}` and less.
const STEP: f64 = 0.02;
const REACH: f64 = 12.0;
/// What of `E s²` may be left out at the largest norm of a sample.
const LEFT_OUT: f64 = 1e-12;
/// Norms below are taken as this, where activations are linear to rounding.
const LEAST: f64 = 1e-7;
/// A degree whose coefficients are below this share of the largest is left out: rounding.
const NEGLIGIBLE: f64 = 1e-15;

/// The coefficients of inputs of given norms: a row for each input, a column for each degree kept.
pub(super) struct Series {
    norms: Vec<f64>,
    coefficients: Mat<f64>,
    degrees: Vec<usize>,
}

/// The Hermite functions of an activation, as many as the largest norm of a sample needs.
pub(super) struct Basis {
    activation: Activation,
    /// Of even and of odd degrees: a row for each point from 0 on, a column for each degree. On the
    /// other side of 0 they are the same and the opposite.
    halves: [Mat<f64>; 2],
}

impl Basis {
    pub(super) fn new(activation: Activation, samples: &[f64]) -> Result<Self, SolverError> {
        let largest = samples.iter().copied().fold(LEAST, f64::max);
        let columns = functions(activation, largest)?;
        let half = |parity: usize| {
            let own: Vec<&Vec<f64>> = columns.iter().skip(parity).step_by(2).collect();
            Mat::from_fn(middle() + 1, own.len(), |k, n| own[n][middle() + k])
        };
        Ok(Self { activation, halves: [half(0), half(1)] })
    }

    /// The series of inputs of these norms, from the even and the odd part of the activation, each
    /// with the degrees of its own parity: half the work, and a quarter where one part is 0.
    pub(super) fn series(&self, norms: &[f64]) -> Series {
        let norms: Vec<f64> = norms.iter().map(|norm| norm.max(LEAST)).collect();
        let mut parts = [(); 2].map(|()| Mat::zeros(norms.len(), middle() + 1));
        for k in 0..=middle() {
            // The point at 0 is there once, not on both sides.
            let sides = if k == 0 { 0.5 } else { 1.0 };
            for (row, norm) in norms.iter().enumerate() {
                let (right, left) = self.activation.both(norm * point(middle() + k));
                parts[0][(row, k)] = sides * (right + left);
                parts[1][(row, k)] = sides * (right - left);
            }
        }
        let degrees = self.halves.iter().map(Mat::ncols).sum();
        let mut coefficients = Mat::zeros(norms.len(), degrees);
        for (parity, (part, half)) in parts.iter().zip(&self.halves).enumerate() {
            if part.col_iter().any(|column| column.iter().any(|x| *x != 0.0)) {
                let own = product(part.as_ref(), half.as_ref());
                for n in 0..half.ncols() {
                    coefficients.col_mut(2 * n + parity).copy_from(own.col(n));
                }
            }
        }
        Series::of(norms, coefficients)
    }
}

/// The series of one sample and of one other input.
pub(super) fn pair(
    activation: Activation,
    sample: f64,
    other: f64,
) -> Result<(Series, Series), SolverError> {
    let basis = Basis::new(activation, &[sample])?;
    Ok((basis.series(&[sample]), basis.series(&[other])))
}

impl Series {
    fn of(norms: Vec<f64>, coefficients: Mat<f64>) -> Self {
        let degrees = degrees(&coefficients);
        Self { norms, coefficients, degrees }
    }

    /// The series of the kernel of `s′`: `h′_n = √(n+1) h_{n+1}/q`.
    pub(super) fn derivative(&self) -> Self {
        let terms = self.coefficients.ncols() - 1;
        let coefficients = Mat::from_fn(self.norms.len(), terms, |row, n| {
            ((n + 1) as f64).sqrt() * self.coefficients[(row, n + 1)] / self.norms[row]
        });
        Self::of(self.norms.clone(), coefficients)
    }

    /// How many of these degrees input `j` needs: the larger it is, the more.
    fn needed(&self, degrees: &[usize], j: usize) -> usize {
        let sizes = || degrees.iter().map(|n| self.coefficients[(j, *n)].abs());
        let largest = sizes().fold(0.0, f64::max);
        sizes().rposition(|size| size > NEGLIGIBLE * largest).map_or(0, |last| last + 1)
    }

    /// `x·x′` for a column of samples, from number `first` on, and input `j` of the others is
    /// replaced by `k`.
    pub(super) fn replace(&self, dots: &mut [f64], first: usize, others: &Self, j: usize) {
        let rows = first..first + dots.len();
        let cosines: Vec<f64> = dots
            .iter()
            .zip(&self.norms[rows.clone()])
            .map(|(dot, norm)| (dot / (norm * others.norms[j])).clamp(-1.0, 1.0))
            .collect();
        let squares: Vec<f64> = cosines.iter().map(|cosine| cosine * cosine).collect();
        dots.fill(0.0);
        let degrees = &self.degrees[..others.needed(&self.degrees, j)];
        for (number, n) in degrees.iter().enumerate().rev() {
            let factor = others.coefficients[(j, *n)];
            let own = &self.coefficients.col_as_slice(*n)[rows.clone()];
            let below = number.checked_sub(1).map_or(0, |k| degrees[k]);
            match n - below {
                0 => add_scaled(dots, factor, own),
                1 => add_and_multiply(dots, factor, own, &cosines),
                2 => add_and_multiply(dots, factor, own, &squares),
                gap => {
                    let powers: Vec<f64> = cosines.iter().map(|u| u.powi(gap as i32)).collect();
                    add_and_multiply(dots, factor, own, &powers);
                }
            }
        }
    }
}

/// `(sum + factor · vector) · multiplier` in place of `sum`, as wide as the processor's registers;
/// the same bits as one after the other, as nothing is fused.
fn add_and_multiply(sums: &mut [f64], factor: f64, vector: &[f64], multipliers: &[f64]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let entries = sums.iter_mut().zip(vector).zip(multipliers);
            entries.for_each(|((sum, x), u)| *sum = (*sum + factor * x) * u);
        },
    );
}

/// Degrees that are there at all: an odd function has no even ones.
fn degrees(coefficients: &Mat<f64>) -> Vec<usize> {
    let size =
        |n: usize| coefficients.col_as_slice(n).iter().fold(0.0, |most: f64, h| most.max(h.abs()));
    let sizes: Vec<f64> = (0..coefficients.ncols()).map(size).collect();
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    (0..sizes.len()).filter(|n| sizes[*n] > NEGLIGIBLE * largest).collect()
}

pub(super) fn points() -> usize {
    2 * (REACH / STEP).round() as usize + 1
}

/// The number of the point at 0.
fn middle() -> usize {
    points() / 2
}

/// As many points on either side of 0.
pub(super) fn point(k: usize) -> f64 {
    STEP * (k as f64 - (REACH / STEP).round())
}

/// The weight of a point in a mean over the normal density.
pub(super) fn weight(k: usize) -> f64 {
    STEP * (-0.5 * point(k).powi(2)).exp() / TAU.sqrt()
}

/// `He_n(g)/√n!` times the normal density and the distance of the points, at all points, degree by
/// degree; as many degrees as leave out no more than [`LEFT_OUT`] of `E s²`, and one more for the
/// derivative.
fn functions(activation: Activation, norm: f64) -> Result<Vec<Vec<f64>>, SolverError> {
    let outputs: Vec<f64> = (0..points()).map(|k| activation.apply(norm * point(k))).collect();
    let square = |(k, output): (usize, &f64)| weight(k) * output.powi(2);
    let whole: f64 = outputs.iter().enumerate().map(square).sum();
    let (mut degrees, mut columns, mut left) = (Hermite::new(), Vec::new(), whole);
    for _ in 0..MOST {
        let column = degrees.next();
        let own: f64 = outputs.iter().zip(&column).map(|(s, h)| s * h).sum();
        columns.push(column);
        left -= own.powi(2);
        if left <= LEFT_OUT * whole {
            columns.push(degrees.next());
            return Ok(columns);
        }
    }
    Err(SolverError::Series { activation: activation.name(), norm, most: MOST })
}

/// Hermite functions at all points, degree by degree.
struct Hermite {
    degree: usize,
    points: Vec<f64>,
    /// The square root of the density, which the two last degrees have as a factor, so that none
    /// overflows.
    roots: Vec<f64>,
    before: Vec<f64>,
    own: Vec<f64>,
}

impl Hermite {
    fn new() -> Self {
        let points: Vec<f64> = (0..points()).map(point).collect();
        let roots: Vec<f64> = points.iter().map(|g| (-0.25 * g * g).exp()).collect();
        Self { degree: 0, before: vec![0.0; points.len()], own: roots.clone(), points, roots }
    }

    /// The functions of the next degree, and a step of the recurrence.
    fn next(&mut self) -> Vec<f64> {
        let n = self.degree as f64;
        let (below, above) = (n.sqrt(), (n + 1.0).sqrt());
        let values = self.own.iter().zip(&self.roots);
        let values = values.map(|(own, root)| own * root * STEP / TAU.sqrt()).collect();
        for ((before, own), g) in self.before.iter_mut().zip(&mut self.own).zip(&self.points) {
            let next = (g * *own - below * *before) / above;
            (*before, *own) = (*own, next);
        }
        self.degree += 1;
        values
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernel;
    use super::*;

    /// Erf, GELU and sin have closed forms as well. Of inputs no larger than the sample 1e-12 is
    /// left out, and the error function of statrs is good to 1e-11; the derivative weighs degree
    /// `n` by `n/|x||x′|`, a hundred here. Of larger inputs 1e-6 may be left out.
    #[test]
    fn the_series_is_the_closed_form() {
        for activation in [Activation::Erf, Activation::Gelu, Activation::Sin] {
            let far = |norm: f64, other: f64, cosine: f64| {
                let dot = [norm * other * cosine];
                let (own, others) = pair(activation, norm, other).unwrap();
                let (mut entry, mut exact) = (dot, dot);
                own.replace(&mut entry, 0, &others, 0);
                kernel::replace(activation, &mut exact, &[norm], other);
                let (mut slope, mut exact_slope) = (dot, dot);
                own.derivative().replace(&mut slope, 0, &others.derivative(), 0);
                kernel::replace_derivative(activation, &mut exact_slope, &[norm], other);
                ((entry[0] - exact[0]).abs(), (slope[0] - exact_slope[0]).abs())
            };
            for (norm, other, cosine) in [(1.0, 1.0, 0.9), (0.5, 0.5, -1.0), (2.0, 1.0, 1.0)] {
                let (entry, slope) = far(norm, other, cosine);
                assert!(entry < 3e-11 && slope < 1e-9, "{activation} {norm}: {entry} {slope}");
            }
            assert!(far(0.3, 1.0, -1.0).0 < 1e-6, "{activation}");
        }
    }

    /// An odd function has no even degrees, and softplus no odd one but the first.
    #[test]
    fn degrees_that_are_not_there() {
        let degrees = |activation| pair(activation, 1.0, 1.0).unwrap().0.degrees;
        assert!(degrees(Activation::Tanh).iter().all(|n| n % 2 == 1));
        assert!(degrees(Activation::Softplus).iter().all(|n| n % 2 == 0 || *n == 1));
    }

    #[test]
    fn a_kink_takes_too_many_terms() {
        let clipped = Activation::given("clipped", |u: f64| u.clamp(-1.0, 1.0));
        let error = pair(clipped, 1.0, 1.0).err().unwrap();
        assert!(matches!(error, SolverError::Series { activation: "clipped", .. }), "{error}");
    }
}
