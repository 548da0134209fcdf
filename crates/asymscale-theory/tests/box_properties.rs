//! Properties over the whole box the theory is meant for, `M = ∞`.

use asymscale_model::{Amplitude, SparseModel};
use asymscale_theory::{SampleTheory, TheoryError, infinite_feature_loss, loss};
use proptest::prelude::*;

fn model() -> impl Strategy<Value = SparseModel> {
    let amplitude = prop_oneof![Just(Amplitude::Gaussian), Just(Amplitude::Rademacher)];
    (0.05..5.0f64, 0.0..8.0f64, 0.0..4.0f64, amplitude).prop_map(
        |(alpha, beta, log_onset, amplitude)| {
            SparseModel::power_law(alpha, beta, 10f64.powf(log_onset))
                .unwrap()
                .with_amplitude(amplitude)
        },
    )
}

/// Log-uniform in 1..1e12, whole half of the time.
fn size() -> impl Strategy<Value = f64> {
    (0.0..12.0f64, any::<bool>()).prop_map(|(log, whole)| {
        let size = 10f64.powf(log);
        if whole { size.round() } else { size }
    })
}

/// The loss, or nothing where the last of its directions are too small for floats: with a steep
/// spectrum and many samples, those between the limit that is named and the number that is seen.
fn representable(loss: Result<f64, TheoryError>) -> Option<f64> {
    match loss {
        Err(TheoryError::Depth { directions, limit, .. }) => {
            assert!(directions > limit && limit > 1e3, "{directions} {limit}");
            None
        }
        loss => Some(loss.unwrap()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_loss_is_positive_and_finite_but_at_the_threshold(model in model(), n in size(), d in size()) {
        let theory = SampleTheory::new(&model, d).unwrap();
        if let Some(loss) = representable(theory.loss(n)) {
            prop_assert!(loss > 0.0);
            prop_assert_eq!(loss.is_infinite(), n == theory.coverage().threshold);
        }
        prop_assert_eq!(theory.loss(theory.coverage().threshold).unwrap(), f64::INFINITY);
    }

    #[test]
    fn more_samples_lower_the_loss_of_infinitely_many_features(model in model(), d in size(), more in 1e-4..3.0f64) {
        let [less, more] = [d, d * (1.0 + more)].map(|d| infinite_feature_loss(&model, d).unwrap());
        prop_assert!(more < less, "{more} {less}");
        prop_assert!(less <= model.total_variance());
    }

    #[test]
    fn finite_features_never_beat_infinitely_many(model in model(), n in size(), d in size()) {
        let infinite = infinite_feature_loss(&model, d).unwrap();
        // The accuracy of either.
        prop_assert!(representable(loss(&model, n, d)).is_none_or(|loss| loss >= infinite * (1.0 - 1e-8)));
    }

    #[test]
    fn close_to_the_threshold_the_loss_stays_positive_and_finite(model in model(), d in size(), log in -15.0..-2.0f64) {
        let theory = SampleTheory::new(&model, d).unwrap();
        let threshold = theory.coverage().threshold;
        for n in [1.0 - 10f64.powf(log), 1.0 + 10f64.powf(log)].map(|factor| (threshold * factor).max(1.0)) {
            if let Some(loss) = representable(theory.loss(n)) {
                prop_assert!(loss > 0.0 && (loss.is_finite() || n == threshold), "{n} {threshold} {loss}");
            }
        }
    }

    #[test]
    fn coverage_is_consistent(model in model(), d in size()) {
        let coverage = SampleTheory::new(&model, d).unwrap().coverage();
        prop_assert!(coverage.seen >= 1.0 - 1e-12 && coverage.threshold <= d);
        prop_assert!((0.0..=model.total_variance()).contains(&coverage.unseen_mass));
    }

    #[test]
    fn ridge_and_noise_keep_the_loss_positive_and_finite(
        model in model(), n in size(), d in size(), log_ridge in -12.0..2.0f64, noise in 0.0..2.0f64,
    ) {
        let regression = asymscale_theory::Regression::new(10f64.powf(log_ridge), noise).unwrap();
        let loss = SampleTheory::new(&model, d).unwrap().loss_with(n, regression).unwrap();
        prop_assert!(loss > 0.0 && loss.is_finite(), "{loss}");
    }

    #[test]
    fn collisions_only_ever_cost_samples(model in model(), n in size(), d in size()) {
        let theory = SampleTheory::new(&model, d).unwrap();
        let effective = theory.effective_samples();
        prop_assert!((1.0..=d).contains(&effective), "{effective} of {d}");
        let threshold = SampleTheory::new(&model, effective).unwrap().coverage().threshold;
        prop_assert!((threshold / theory.rank() - 1.0).abs() < 1e-6, "{threshold} {}", theory.rank());
        prop_assert!(theory.finite_size_error(n).unwrap() > 0.0);
    }
}
