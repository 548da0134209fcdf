//! The effective ridge from random probes: where it exists, and where it does not.

use crate::both;
use crate::common::design;
use asymscale_sampling::{Column, Design, Key};
use asymscale_solvers::{Regression, SolverError, StochasticSpectrum};

/// At many ridges, also where a first guess is `κ` to rounding: the loss is finite, and that of the
/// decomposition, up to six standard errors (probes of a draw serve all ridges, 18 000 comparisons)
/// and, where Rademacher probes take the traces exactly, what residuals of 1e-9 leave in sums that
/// lose two digits.
#[test]
fn every_ridge_has_its_root() {
    let column =
        |index: f64, row, x| Column { index, eigenvalue: index.powi(-2), entries: vec![(row, x)] };
    let diagonal =
        (0..5).map(|k| column(f64::from(k + 1), k as u32, 1.0 / f64::from(k + 1))).collect();
    let diagonal = Design::from_columns(5, diagonal, 0.25).unwrap();
    // So small beside most ridges that κ is γ to rounding.
    let faint =
        Design::from_columns(2, vec![column(1.0, 0, 1e-7), column(2.0, 1, 1e-8)], 0.25).unwrap();
    for design in [diagonal, faint, design(1.0, 1.5, 1.0, 0, 30, 1)] {
        let (exact, probed) = both(&design, 64, 1);
        for k in 1..2000 {
            let regression =
                Regression::new(10_f64.powf(-8.0 + 0.005 * f64::from(k)), 0.1).unwrap();
            for features in [1.0, 3.0, 100.0] {
                let estimate = probed.averaged_loss(features, regression).unwrap();
                let value = exact.averaged_loss(features, regression).unwrap();
                let far = (estimate.loss - value).abs();
                assert!(
                    far <= 1e-7 * value + 6.0 * estimate.standard_error,
                    "{features} {regression:?}: {estimate:?} {value}"
                );
            }
        }
    }
}

/// One degree of freedom among 200 000 coordinates: summed as `S − κ tr(Σ̂+κ)⁻¹`, rounding would
/// move the root by more than its tolerance. Every coordinate has a sample of its own, so that
/// Rademacher probes take all traces exactly.
#[test]
fn few_features_on_many_coordinates_have_a_root() {
    let size = 200_000;
    let column = |k: u32| {
        let index = f64::from(k + 1);
        Column { index, eigenvalue: index.powi(-3), entries: vec![(k, index.powf(-1.5))] }
    };
    let design =
        Design::from_columns(size as usize, (0..size).map(column).collect(), 1e-6).unwrap();
    let probed = StochasticSpectrum::new(&design, 2, &Key::new(1)).unwrap();
    // κ and loss by bisection on the eigenvalues, smallest terms first.
    let d: Vec<f64> =
        (0..size).rev().map(|k| f64::from(k + 1).powi(-3) / f64::from(size)).collect();
    for features in [1.0, 2.0, 4.0] {
        let (mut low, mut high) = (-60.0_f64, 0.0_f64);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let df1: f64 = d.iter().map(|d| d / (d + middle.exp())).sum();
            *(if df1 < features { &mut high } else { &mut low }) = middle;
        }
        let kappa = high.exp();
        let df2: f64 = d.iter().map(|d| (d / (d + kappa)).powi(2)).sum();
        let lost: f64 = d.iter().map(|d| f64::from(size) * d * (kappa / (d + kappa)).powi(2)).sum();
        let room = f64::from(size) - features;
        let variance = df2 / (features - df2) * room / (room - 1.0);
        let loss = (1e-6 + lost) * (1.0 + variance);
        let estimate = probed.averaged_loss(features, Regression::default()).unwrap();
        assert!((estimate.loss / loss - 1.0).abs() < 1e-8, "{features}: {estimate:?} {loss}");
    }
}

/// Twenty pairs of coordinates, each pair in one sample: rank 20, which probes take for `20 ± √20`,
/// and if for less than `N` there is no `κ`.
#[test]
fn no_root_is_an_error() {
    let column =
        |k: u32| Column { index: f64::from(k + 1), eigenvalue: 1.0, entries: vec![(k / 2, 1.0)] };
    let design = Design::from_columns(20, (0..40).map(column).collect(), 0.1).unwrap();
    let losses: Vec<_> = (0..40)
        .map(|seed| StochasticSpectrum::new(&design, 2, &Key::new(seed)).unwrap())
        .map(|spectrum| spectrum.averaged_loss(18.0, Regression::default()))
        .collect();
    let none = losses
        .iter()
        .filter(|loss| matches!(loss, Err(SolverError::ProbedRank { rank: 20, .. })))
        .count();
    assert!((1..40).contains(&none), "{none}");
    assert_eq!(none, losses.iter().filter(|loss| loss.is_err()).count(), "{losses:?}");
    assert!(losses.iter().flatten().all(|estimate| estimate.loss.is_finite()));
}
