//! What points of one model and number of samples share is what each computes alone, to the bit.

use asymscale_model::{Amplitude, Coordinates, Regression, SparseModel, Teacher};
use asymscale_theory::{SampleTheory, TheoryError};

/// Sparse, with amplitudes of one size, of finitely many coordinates, with a teacher of its own,
/// and with infinitely many seen coordinates.
fn models() -> Vec<SparseModel> {
    let sparse = SparseModel::power_law(1.0, 1.5, 4.0).unwrap();
    let finite = sparse.clone().with_coordinates(Coordinates::Finite(300)).unwrap();
    vec![
        sparse.clone(),
        sparse.clone().with_amplitude(Amplitude::Rademacher),
        finite,
        sparse.with_teacher(Teacher::power_law(1.5).unwrap()).unwrap(),
        SparseModel::power_law(0.5, 0.5, 1.0).unwrap(),
    ]
}

/// Ridgeless, noisy, ridged, and both.
fn regressions() -> [Regression; 4] {
    [(0.0, 0.0), (0.0, 0.3), (1e-3, 0.0), (1e-6, 0.3)]
        .map(|(ridge, noise)| Regression::new(ridge, noise).unwrap())
}

/// On both sides of thresholds, at `N = D`, and without end.
const FEATURES: [f64; 9] = [1.0, 7.0, 40.0, 63.5, 64.0, 65.0, 200.0, 1e6, f64::INFINITY];

#[test]
fn shared_errors_are_those_of_single_points() {
    for model in models() {
        for samples in [64.0, 5000.0, f64::INFINITY] {
            let shared = SampleTheory::new(&model, samples).unwrap();
            for regression in regressions() {
                let together = shared.finite_size_errors_with(&FEATURES, regression).unwrap();
                for (n, together) in FEATURES.iter().zip(together) {
                    let alone = SampleTheory::new(&model, samples)
                        .unwrap()
                        .finite_size_error_with(*n, regression)
                        .unwrap();
                    let at = format!("N={n} D={samples} {regression:?} {model:?}");
                    assert_eq!(together.to_bits(), alone.to_bits(), "{at}");
                }
            }
        }
    }
}

#[test]
fn shared_regimes_are_those_of_single_points() {
    for model in models() {
        let theory = SampleTheory::new(&model, 5000.0).unwrap();
        for regression in regressions() {
            let together = theory.regimes_with(&FEATURES, regression).unwrap();
            let alone: Result<Vec<_>, _> =
                FEATURES.iter().map(|n| theory.regime_with(*n, regression)).collect();
            assert_eq!(together, alone.unwrap());
        }
    }
}

/// What was asked before leaves no trace: a copy that has kept nothing says the same.
#[test]
fn what_is_kept_does_not_depend_on_the_order_of_questions() {
    let theory = SampleTheory::new(&models()[1], 64.0).unwrap();
    let fresh = theory.clone();
    let noisy = regressions()[1];
    let first = theory.finite_size_error_with(200.0, noisy).unwrap();
    for n in FEATURES {
        assert_eq!(
            theory.finite_size_error(n).unwrap().to_bits(),
            fresh.clone().finite_size_error(n).unwrap().to_bits(),
            "{n}"
        );
    }
    assert_eq!(theory.finite_size_error_with(200.0, noisy).unwrap(), first);
    assert_eq!(theory.rank_spread(), fresh.rank_spread());
}

#[test]
fn all_sizes_are_checked_before_any_is_computed() {
    let theory = SampleTheory::new(&models()[0], 64.0).unwrap();
    let plain = Regression::default();
    assert_eq!(
        theory.finite_size_errors_with(&[8.0, 0.5, -1.0], plain),
        Err(TheoryError::Features(0.5))
    );
    assert_eq!(theory.regimes_with(&[8.0, 0.5], plain), Err(TheoryError::Features(0.5)));
    assert_eq!(theory.finite_size_errors_with(&[], plain), Ok(Vec::new()));
}

#[test]
fn threads_may_share_a_theory() {
    let theory = SampleTheory::new(&models()[0], 5000.0).unwrap();
    let alone = theory.clone().finite_size_error(40.0).unwrap();
    let ask = || theory.finite_size_error(40.0).unwrap();
    let answers = std::thread::scope(|scope| {
        [scope.spawn(ask), scope.spawn(ask)].map(|thread| thread.join().unwrap())
    });
    assert_eq!(answers, [alone; 2]);
}
