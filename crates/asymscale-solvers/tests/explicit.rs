//! The explicit solver against a naive one, and against itself.

mod common;

use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::{
    DesignSpectrum, Regression, SolverError, conditional_curve, conditional_mean_curve,
    explicit_curve,
};
use common::{design, naive, zoo};

fn teachers(design: &Design) -> Teachers {
    Teachers::draw(design, 3, TeacherLaw::Gaussian, &Key::new(77))
}

/// Model sizes around a threshold, out of order and with one repeated.
fn sizes(rank: usize) -> Vec<usize> {
    let near =
        [rank + 2, rank.saturating_sub(2), rank + 3, rank.saturating_sub(3), rank / 2, rank + 9];
    let mut sizes = vec![1, 2 * rank + 5, 2, 5 * rank, 1, 20 * rank + 1];
    sizes.extend(near);
    sizes.retain(|n| *n >= 1 && n.abs_diff(rank) > 1);
    sizes
}

/// Relative to a loss, or to rounding where everything is learned and the loss is 0 but for it.
fn close(loss: f64, expected: f64, tolerance: f64) -> bool {
    (loss - expected).abs() < tolerance * expected.abs() + 1e-20
}

fn assert_agrees(regression: Regression, tolerance: f64) {
    for (name, design) in zoo() {
        let (teachers, key) = (teachers(&design), Key::new(5));
        let rank = DesignSpectrum::new(&design).unwrap().rank();
        let sizes = sizes(rank);
        let curve = explicit_curve(&design, &teachers, &sizes, regression, &key).unwrap();
        for (n, losses) in sizes.iter().zip(&curve.losses) {
            let expected = naive(&design, &teachers, *n, rank, regression, &key);
            for (loss, expected) in losses.iter().zip(&expected) {
                assert!(
                    close(*loss, *expected, tolerance),
                    "{name}, rank {rank}, N = {n}: {loss} for {expected}"
                );
            }
        }
    }
}

// 1e-8: both sides solve problems of condition up to 1e5 in double precision, and near the
// threshold losses are differences of weights that are larger than they are.
const TOLERANCE: f64 = 1e-8;

#[test]
fn ridgeless_agrees_with_the_naive_solver() {
    assert_agrees(Regression::default(), TOLERANCE);
}

#[test]
fn ridgeless_with_noise_agrees_with_the_naive_solver() {
    assert_agrees(Regression::new(0.0, 0.3).unwrap(), TOLERANCE);
}

#[test]
fn ridge_agrees_with_the_naive_solver() {
    for ridge in [1e-6, 1e-2, 10.0] {
        assert_agrees(Regression::new(ridge, 0.0).unwrap(), TOLERANCE);
    }
}

#[test]
fn ridge_with_noise_agrees_with_the_naive_solver() {
    assert_agrees(Regression::new(0.05, 0.5).unwrap(), TOLERANCE);
}

#[test]
fn a_larger_design_agrees_with_the_naive_solver() {
    // About 1200 seen coordinates, most of them in one sample: dense and sparse columns, several
    // tiles and blocks.
    let design = design(1.0, 1.5, 20.0, 0, 128, 22);
    let (teachers, key) = (teachers(&design), Key::new(9));
    let sizes = [10, 64, 120, 140, 300, 600];
    let curve = explicit_curve(&design, &teachers, &sizes, Regression::default(), &key).unwrap();
    for (n, losses) in sizes.iter().zip(&curve.losses) {
        let expected = naive(&design, &teachers, *n, 128, Regression::default(), &key);
        for (loss, expected) in losses.iter().zip(&expected) {
            assert!(close(*loss, *expected, TOLERANCE), "N = {n}: {loss} for {expected}");
        }
    }
}

#[test]
fn at_the_threshold_a_draw_has_a_finite_loss() {
    for (name, design) in zoo() {
        let rank = DesignSpectrum::new(&design).unwrap().rank();
        let sizes = [rank.max(2) - 1, rank, rank + 1];
        let curve = explicit_curve(
            &design,
            &teachers(&design),
            &sizes,
            Regression::default(),
            &Key::new(6),
        )
        .unwrap();
        for (n, losses) in sizes.iter().zip(&curve.losses) {
            let expected =
                naive(&design, &teachers(&design), *n, rank, Regression::default(), &Key::new(6));
            for (loss, expected) in losses.iter().zip(&expected) {
                // The smallest singular value may be tiny here: condition 1e10 would still pass.
                assert!(
                    loss.is_finite() && close(*loss, *expected, 1e-5),
                    "{name}, N = {n}: {loss} for {expected}"
                );
            }
        }
    }
}

#[test]
fn a_curve_does_not_depend_on_the_company_a_size_keeps() {
    let design = design(1.0, 1.5, 3.0, 0, 60, 21);
    let (teachers, key) = (teachers(&design), Key::new(8));
    let sizes = [7, 30, 90, 91, 100, 300, 1000];
    let together = explicit_curve(&design, &teachers, &sizes, Regression::default(), &key).unwrap();
    for (n, losses) in sizes.iter().zip(&together.losses) {
        let alone = explicit_curve(&design, &teachers, &[*n], Regression::default(), &key).unwrap();
        for (a, b) in alone.losses[0].iter().zip(losses) {
            assert!(
                (a / b - 1.0).abs() < 1e-10,
                "N = {n}: the order of sums differs, nothing else"
            );
        }
    }
    let again = || explicit_curve(&design, &teachers, &sizes, Regression::default(), &key).unwrap();
    assert_eq!(
        together,
        again(),
        "the same request gives the same bits, whatever was computed before"
    );
    let elsewhere = std::thread::scope(|scope| scope.spawn(again).join().unwrap());
    assert_eq!(together, elsewhere, "and on any thread");
}

#[test]
fn empty_requests_give_empty_curves() {
    let design = design(1.0, 1.5, 1.0, 0, 10, 1);
    let none = Teachers::draw(&design, 0, TeacherLaw::Gaussian, &Key::new(1));
    let regression = Regression::default();
    assert!(
        explicit_curve(&design, &none, &[], regression, &Key::new(1)).unwrap().losses.is_empty()
    );
    let curve = explicit_curve(&design, &none, &[3, 30], regression, &Key::new(1)).unwrap();
    assert_eq!(curve.losses, vec![Vec::<f64>::new(); 2]);
}

#[test]
fn bad_requests_are_named_with_value_and_range() {
    let design = design(1.0, 1.5, 1.0, 0, 10, 1);
    let attempt = |features: &[usize]| {
        explicit_curve(&design, &teachers(&design), features, Regression::default(), &Key::new(1))
            .unwrap_err()
    };
    assert_eq!(attempt(&[3, 0]), SolverError::Features(0.0));
    assert_eq!(attempt(&[0]).to_string(), "features = 0: must be a whole number >= 1");
}

#[test]
fn extreme_models_give_finite_losses_and_one_rank() {
    for alpha in [0.05, 1.0, 5.0] {
        for (beta, onset, coordinates) in [
            (0.0, 1.0, 60),
            (1.0, 2.0, 500),
            (1.15, 1.0, 0),
            (3.0, 1.0, 0),
            (8.0, 1.0, 0),
            (8.0, 100.0, 0),
        ] {
            for samples in [1, 2, 30] {
                let design = design(alpha, beta, onset, coordinates, samples, 23);
                let what = format!("alpha {alpha}, beta {beta}, onset {onset}, D = {samples}");
                let spectrum = DesignSpectrum::new(&design).unwrap();
                assert_eq!(spectrum.rank(), design.rank(), "{what}");
                assert!(spectrum.residual_mass() >= design.unseen_mass(), "{what}");
                let sizes = [1, 2, 7, 20, 31, 33, 40, 200];
                for regression in [Regression::default(), Regression::new(1e-3, 0.1).unwrap()] {
                    let (teachers, key) = (teachers(&design), Key::new(10));
                    let explicit =
                        explicit_curve(&design, &teachers, &sizes, regression, &key).unwrap();
                    let conditional =
                        conditional_curve(&design, &teachers, &sizes, regression, &key).unwrap();
                    let losses = explicit.losses.iter().chain(&conditional.losses).flatten();
                    assert!(
                        losses.clone().all(|loss| loss.is_finite() && *loss >= 0.0),
                        "{what}: {losses:?}"
                    );
                    let mean = conditional_mean_curve(&design, &sizes, regression, &key).unwrap();
                    assert!(
                        mean.iter().all(|loss| loss.is_finite() && *loss >= 0.0),
                        "{what}: {mean:?}"
                    );
                }
            }
        }
    }
}
