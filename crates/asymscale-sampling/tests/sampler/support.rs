//! Models and tests of goodness of fit that the suites share.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// A power-law model with `α = 1`; `last = ∞` for infinitely many coordinates.
pub(crate) fn power_law(beta: f64, onset: f64, last: f64) -> SparseModel {
    let model = SparseModel::power_law(1.0, beta, onset).unwrap();
    if last.is_infinite() { model } else { model.with_coordinates(finite(last)).unwrap() }
}

/// A model with `α = 1` and Gaussian amplitudes.
pub(crate) fn with_activity(activity: Activity, last: f64) -> SparseModel {
    let coordinates = if last.is_infinite() { Coordinates::Infinite } else { finite(last) };
    SparseModel::new(Spectrum::power_law(1.0).unwrap(), activity, Amplitude::Gaussian, coordinates)
        .unwrap()
}

fn finite(last: f64) -> Coordinates {
    Coordinates::Finite(last as u64)
}

/// Expected numbers below this are pooled with their neighbours.
const POOL: f64 = 10.0;

/// p-value of χ² between found and expected numbers (of equal sums), neighbours pooled to at least
/// 10 expected.
pub(crate) fn chi_square(found: &[f64], expected: &[f64]) -> f64 {
    let (mut chi2, mut cells) = (0.0, 0.0);
    let (mut pooled_found, mut pooled_expected) = (0.0, 0.0);
    let mut left: f64 = expected.iter().sum();
    for (f, e) in found.iter().zip(expected) {
        pooled_found += f;
        pooled_expected += e;
        left -= e;
        if pooled_expected >= POOL && !(1e-6..POOL).contains(&left) {
            chi2 += (pooled_found - pooled_expected).powi(2) / pooled_expected;
            cells += 1.0;
            (pooled_found, pooled_expected) = (0.0, 0.0);
        }
    }
    if pooled_expected > 1e-3 {
        chi2 += (pooled_found - pooled_expected).powi(2) / pooled_expected;
        cells += 1.0;
    }
    if cells < 2.0 { 1.0 } else { ChiSquared::new(cells - 1.0).unwrap().sf(chi2) }
}

/// p-value of χ² for values uniform on `[0, 1]`, in `bins` cells.
pub(crate) fn uniform(values: &[f64], bins: usize) -> f64 {
    let mut found = vec![0.0; bins];
    for value in values {
        found[((value * bins as f64) as usize).min(bins - 1)] += 1.0;
    }
    chi_square(&found, &vec![values.len() as f64 / bins as f64; bins])
}

/// Two-sided p-value of a standard normal deviation.
pub(crate) fn two_sided(z: f64) -> f64 {
    2.0 * Normal::standard().sf(z.abs())
}
