//! Statistical agreement of the solvers, and the exact identity above the threshold.
//!
//! Every comparison of means is a two-sided test at 4.5 standard errors, α = 7e-6 each, with a
//! fixed seed: about 60 of them make a false alarm with probability 4e-4 for a new seed.

mod common;

use asymscale_numerics::mean_and_standard_error;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::{
    DesignSpectrum, Regression, conditional_curve, conditional_mean_curve, explicit_curve,
};
use common::{design, rademacher};

const Z: f64 = 4.5;

fn assert_mean(values: &[f64], expected: f64, what: &str) {
    let (mean, error) = mean_and_standard_error(values);
    let z = (mean - expected) / error;
    assert!(z.abs() < Z, "{what}: mean {mean} ± {error}, expected {expected}, z = {z}");
}

/// Mean over features, teachers and noise of explicit losses, `draws` times with one teacher each.
fn explicit_losses(
    design: &Design,
    features: usize,
    regression: Regression,
    draws: u64,
    seed: u64,
) -> Vec<f64> {
    let one = |n: u64| {
        let key = Key::new(seed).index(n);
        let teachers = Teachers::draw(design, 1, TeacherLaw::Rademacher, &key.label("teachers"));
        explicit_curve(design, &teachers, &[features], regression, &key).unwrap().losses[0][0]
    };
    (0..draws).map(one).collect()
}

#[test]
fn the_overparameterized_identity_is_exact_at_small_sizes() {
    // N = 40, D = 10: nothing asymptotic. n = 4000 draws each, seed 3.
    let designs = [
        ("dense", design(1.0, 0.0, 1.0, 25, 10, 31)),
        ("sparse", design(1.0, 1.5, 1.0, 0, 10, 32)),
        ("sparse, S > D", design(0.5, 1.5, 5.0, 0, 10, 33)),
        ("Rademacher", rademacher(1.0, 2.0, 1.0, 10, 34)),
    ];
    for (name, design) in designs {
        for noise in [0.0, 0.25] {
            let spectrum = DesignSpectrum::new(&design).unwrap();
            let expected = spectrum.exact_overparameterized(40.0, noise).unwrap();
            let losses =
                explicit_losses(&design, 40, Regression::new(0.0, noise).unwrap(), 4000, 3);
            assert_mean(&losses, expected, &format!("{name}, noise {noise}"));
        }
    }
}

#[test]
fn conditional_and_explicit_means_agree() {
    // n = 3000 draws of each, seeds 4 and 5.
    let design = design(1.0, 1.5, 1.0, 0, 30, 41);
    let rank = DesignSpectrum::new(&design).unwrap().rank();
    for regression in [
        Regression::default(),
        Regression::new(0.0, 0.1).unwrap(),
        Regression::new(0.01, 0.1).unwrap(),
    ] {
        for n in [2, rank - 4, rank + 5, 3 * rank] {
            let explicit = explicit_losses(&design, n, regression, 3000, 4);
            let one = |k: u64| {
                let key = Key::new(5).index(k);
                conditional_mean_curve(&design, &[n], regression, &key).unwrap()[0]
            };
            let conditional: Vec<f64> = (0..3000).map(one).collect();
            let (mean, error) = mean_and_standard_error(&conditional);
            let (other, other_error) = mean_and_standard_error(&explicit);
            let z = (mean - other) / error.hypot(other_error);
            assert!(z.abs() < Z, "N = {n}, {regression:?}: {mean} and {other}, z = {z}");
        }
    }
}

#[test]
fn averaging_over_teachers_in_closed_form_is_averaging_over_teachers() {
    // The same features on both sides; 4000 Gaussian teachers and noises on one, seed 6.
    for design in [design(1.0, 1.5, 1.0, 0, 30, 51), design(1.0, 0.0, 1.0, 50, 20, 52)] {
        let rank = DesignSpectrum::new(&design).unwrap().rank();
        let teachers = Teachers::draw(&design, 4000, TeacherLaw::Gaussian, &Key::new(7));
        let sizes = [3 * rank, 1, rank / 2, rank - 2, rank, rank + 3];
        for regression in [
            Regression::default(),
            Regression::new(0.0, 0.2).unwrap(),
            Regression::new(0.03, 0.2).unwrap(),
        ] {
            let drawn =
                conditional_curve(&design, &teachers, &sizes, regression, &Key::new(6)).unwrap();
            let closed = conditional_mean_curve(&design, &sizes, regression, &Key::new(6)).unwrap();
            for ((n, losses), expected) in sizes.iter().zip(&drawn.losses).zip(&closed) {
                assert_mean(losses, *expected, &format!("N = {n}, {regression:?}"));
            }
        }
    }
}

#[test]
fn the_conditional_mean_averages_to_the_exact_identity() {
    // D = 10, n = 20000 draws of the features on the row space, seed 8; N − r ≥ 5 for a finite
    // variance.
    let design = design(1.0, 1.5, 2.0, 0, 10, 61);
    let spectrum = DesignSpectrum::new(&design).unwrap();
    let sizes = [spectrum.rank() + 5, 40];
    for noise in [0.0, 0.25] {
        let regression = Regression::new(0.0, noise).unwrap();
        let curves: Vec<Vec<f64>> = (0..20_000)
            .map(|k| {
                conditional_mean_curve(&design, &sizes, regression, &Key::new(8).index(k)).unwrap()
            })
            .collect();
        for (k, n) in sizes.iter().enumerate() {
            let losses: Vec<f64> = curves.iter().map(|curve| curve[k]).collect();
            let expected = spectrum.exact_overparameterized(*n as f64, noise).unwrap();
            assert_mean(&losses, expected, &format!("N = {n}, noise {noise}"));
        }
    }
}

#[test]
fn a_vanishing_ridge_is_ridgeless() {
    let design = design(1.0, 1.5, 3.0, 0, 40, 71);
    let sizes = [5, 20, 60, 200];
    let ridgeless =
        conditional_mean_curve(&design, &sizes, Regression::new(0.0, 0.1).unwrap(), &Key::new(9))
            .unwrap();
    let ridge =
        conditional_mean_curve(&design, &sizes, Regression::new(1e-12, 0.1).unwrap(), &Key::new(9))
            .unwrap();
    for (a, b) in ridgeless.iter().zip(&ridge) {
        // First order in γ over the smallest eigenvalue of Σ̂, which is about 1e-4 here.
        assert!((a / b - 1.0).abs() < 1e-6, "{a} and {b}");
    }
}
