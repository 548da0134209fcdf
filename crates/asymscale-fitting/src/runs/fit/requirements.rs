//! Which runs and options a fit refuses.

use super::FitOptions;
use crate::FittingError;
use crate::checks::check_positive_option;
use crate::runs::data::rows::Runs;
use crate::runs::law::{Floor, Law, Objective};
use crate::runs::optimiser::coordinates::centred_logs;
use crate::runs::optimiser::starts::Starts;

/// N and D are collinear when less than this share of the variance of `ln D` is not explained by
/// `ln N`: a spread of 1 % of the range is left, which does not identify two exponents.
const COLLINEAR: f64 = 1e-4;

pub(crate) fn check(runs: &Runs, options: &FitOptions) -> Result<(), FittingError> {
    check_options(options)?;
    check_floor(runs, options)?;
    let parameters = options.free_parameters();
    let needed = options.minimum_rows.max(parameters);
    if runs.len() < needed {
        return Err(FittingError::TooFewRuns { found: runs.len(), needed, parameters });
    }
    check_sizes(runs, options)
}

/// Whether the sizes of the runs identify the parameters of the law.
pub(crate) fn check_sizes(runs: &Runs, options: &FitOptions) -> Result<(), FittingError> {
    let parameters = options.free_parameters();
    let (features, samples, points) = runs.distinct();
    if options.law == Law::OneSize {
        let enough = features >= parameters;
        let found =
            FittingError::TooFewDistinct { what: "sizes", found: features, needed: parameters };
        return if enough { Ok(()) } else { Err(found) };
    }
    // Two values of one size identify an amplitude or an exponent, not both, unless the other term
    // identifies the exponent.
    let both = options.law != Law::Tied && options.floor == Floor::Free;
    let needed = if both { 3 } else { 2 };
    for (what, found) in [("features", features), ("samples", samples)] {
        if found < needed {
            return Err(FittingError::TooFewDistinct { what, found, needed });
        }
    }
    if points < parameters {
        return Err(FittingError::TooFewDistinct {
            what: "(features, samples)",
            found: points,
            needed: parameters,
        });
    }
    let unexplained = unexplained(runs);
    if unexplained < COLLINEAR {
        let ratios: Vec<f64> =
            runs.samples().iter().zip(runs.features()).map(|(d, n)| d / n).collect();
        let same = ratios.iter().all(|ratio| (ratio / ratios[0] - 1.0).abs() < SAME);
        return Err(FittingError::Collinear {
            unexplained,
            needed: COLLINEAR,
            ratio: same.then_some(ratios[0]),
        });
    }
    Ok(())
}

/// Ratios D/N that differ by less than this, relatively, count as equal.
const SAME: f64 = 0.01;

/// `1 − ρ²` of `ln N` and `ln D`.
fn unexplained(runs: &Runs) -> f64 {
    let (n, d) = (centred_logs(runs.features()), centred_logs(runs.samples()));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let slope = product(&n, &d) / product(&n, &n);
    let rest: f64 = n.iter().zip(&d).map(|(n, d)| (d - slope * n).powi(2)).sum();
    rest / product(&d, &d)
}

/// Far below 1e-12, the resolution of fits, intervals from the likelihood shrink to nothing.
pub(crate) fn check_delta(objective: Objective) -> Result<(), FittingError> {
    match objective.delta() {
        Some(delta) if !(1e-12..=1e100).contains(&delta) => Err(FittingError::Delta(delta)),
        _ => Ok(()),
    }
}

fn check_options(options: &FitOptions) -> Result<(), FittingError> {
    check_delta(options.objective)?;
    if let Objective::AsymmetricHuberLog { above, .. } = options.objective
        && !(above > 0.0 && above <= 1.0)
    {
        return Err(FittingError::Weight(above));
    }
    check_positive_option("largest exponent", options.largest_exponent)?;
    let starts = match &options.starts {
        Starts::Grid { alpha, beta } => {
            alpha
                .iter()
                .chain(beta)
                .try_for_each(|&exponent| check_positive_option("start exponent", exponent))?;
            alpha.len() * beta.len()
        }
        Starts::Given(starts) => starts.len(),
    };
    check_positive_option("number of starts", starts as f64)
}

fn check_floor(runs: &Runs, options: &FitOptions) -> Result<(), FittingError> {
    let Floor::Fixed(floor) = options.floor else { return Ok(()) };
    if !(floor.is_finite() && floor >= 0.0) {
        return Err(FittingError::Floor(floor));
    }
    let below = runs.losses().iter().enumerate().filter(|(_, loss)| **loss <= floor);
    let (rows, values): (Vec<usize>, Vec<f64>) = below.map(|(row, &loss)| (row + 1, loss)).unzip();
    if rows.is_empty() { Ok(()) } else { Err(FittingError::LossBelowFloor { floor, rows, values }) }
}
