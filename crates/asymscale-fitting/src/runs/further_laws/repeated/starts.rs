//! Where descents of the law of repeated data start.

use super::fit::RepeatedOptions;
use super::problem::Vector;
use super::units::Units;
use super::{RepeatedLaw, RepeatedRuns};
use crate::runs::data::rows::Runs;
use crate::runs::fit::FitOptions;
use crate::runs::law::Parameters;
use crate::runs::optimiser::problem::{ExponentLink, Problem};
use crate::runs::optimiser::starts::best_amplitudes;

/// How often amplitudes are fitted to effective sizes and these found again: N' depends on A and B.
const ROUNDS: usize = 3;

/// Where the descents of [`fit_repeated`](super::fit_repeated) start.
#[derive(Debug, Clone, PartialEq)]
pub enum RepeatedStarts {
    /// Every pair of exponents (every exponent, where there is one) with every pair of `R_D` and
    /// `R_N`; E, A and B are the best for them by linear least squares of relative residuals. With
    /// the law of fresh samples held, every pair of R.
    Grid {
        /// Exponents in N' and in D', > 0.
        exponents: Vec<f64>,
        /// `R_D` and `R_N`, >= 0; may be infinite.
        repeats: Vec<f64>,
    },
    /// Parameters in the units of the data; where the law of fresh samples is held, only their R
    /// counts.
    Given(Vec<RepeatedLaw>),
}

impl Default for RepeatedStarts {
    /// Exponents 0.1, 0.2, 0.4 and 0.8, R of 2 and of 20: 64 starts with two exponents, 16 with
    /// one.
    fn default() -> Self {
        Self::Grid { exponents: vec![0.1, 0.2, 0.4, 0.8], repeats: vec![2.0, 20.0] }
    }
}

impl RepeatedStarts {
    /// Number of descents.
    pub(super) fn len(&self, options: &RepeatedOptions) -> usize {
        match self {
            Self::Grid { exponents, repeats } => {
                pairs(exponents, options).len() * repeats.len().pow(2)
            }
            Self::Given(laws) => laws.len(),
        }
    }

    pub(super) fn points(
        &self,
        runs: &RepeatedRuns,
        options: &RepeatedOptions,
        units: &Units,
    ) -> Vec<Vector> {
        let laws = match self {
            Self::Given(laws) => laws.clone(),
            Self::Grid { exponents, repeats } => grid(runs, options, units, exponents, repeats),
        };
        let held = |law: RepeatedLaw| match &options.held {
            Some(fresh) => RepeatedLaw::new(fresh, law.r_d, law.r_n),
            None => law,
        };
        laws.into_iter().map(|law| units.to_internal(&held(law))).collect()
    }
}

/// Pairs of exponents; one of no meaning where they are held.
fn pairs(exponents: &[f64], options: &RepeatedOptions) -> Vec<(f64, f64)> {
    match (&options.held, options.tied) {
        (Some(held), _) => vec![(held.alpha, held.beta)],
        (None, true) => exponents.iter().map(|&x| (x, x)).collect(),
        (None, false) => {
            exponents.iter().flat_map(|&x| exponents.iter().map(move |&y| (x, y))).collect()
        }
    }
}

fn grid(
    runs: &RepeatedRuns,
    options: &RepeatedOptions,
    units: &Units,
    exponents: &[f64],
    repeats: &[f64],
) -> Vec<RepeatedLaw> {
    let both = repeats.iter().flat_map(|&r_d| repeats.iter().map(move |&r_n| (r_d, r_n)));
    let both: Vec<(f64, f64)> = both.collect();
    let one = |(x, y): (f64, f64)| {
        both.iter().map(move |&(r_d, r_n)| amplitudes(runs, options, units, (x, y), (r_d, r_n)))
    };
    pairs(exponents, options).into_iter().flat_map(one).collect()
}

/// The best E, A and B for exponents and R.
fn amplitudes(
    runs: &RepeatedRuns,
    options: &RepeatedOptions,
    units: &Units,
    (x, y): (f64, f64),
    (r_d, r_n): (f64, f64),
) -> RepeatedLaw {
    let plain =
        FitOptions { floor: options.floor, objective: options.objective, ..FitOptions::default() };
    let domain = plain.domain(&units.centre);
    let mut law = RepeatedLaw { e: 0.0, a: 1.0, b: 1.0, alpha: x, beta: y, r_d, r_n };
    // Features count in full at first.
    let mut features = runs.runs().features().to_vec();
    let samples: Vec<f64> = runs
        .runs()
        .samples()
        .iter()
        .zip(runs.unique())
        .map(|(d, u)| law.effective_samples(*d, *u))
        .collect();
    for _ in 0..ROUNDS {
        let Ok(effective) = Runs::new(&features, &samples, runs.runs().losses()) else { break };
        let problem =
            Problem::new(&effective, units.centre, options.objective, ExponentLink::Free, None);
        let theta = best_amplitudes(&problem, &domain, x, y);
        let fresh: Parameters = units.centre.to_data(&theta, ExponentLink::Free);
        law = RepeatedLaw::new(&fresh, r_d, r_n);
        let worth = |(n, u): (&f64, &f64)| law.effective_features(*n, *u);
        features = runs.runs().features().iter().zip(runs.unique()).map(worth).collect();
    }
    law
}
