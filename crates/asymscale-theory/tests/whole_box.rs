//! Properties over all of the accepted box, its edges included: every answer ends, and no number is
//! missing, negative or out of bounds. Only steep spectra may refuse a loss.

use asymscale_model::{Amplitude, Coordinates, SparseModel};
use asymscale_theory::{
    Regression, SampleTheory, TheoryError, corrected_instability_probability, crossover,
    instability_asymptote, instability_probability,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// One of some values, edges and special ones, or in between.
fn either(
    special: &'static [f64],
    others: impl Strategy<Value = f64>,
) -> impl Strategy<Value = f64> {
    prop_oneof![prop::sample::select(special), others]
}

fn model() -> impl Strategy<Value = SparseModel> {
    let log_alpha = -2.0..2.0f64;
    let alpha =
        either(&[0.01, 0.05, 0.5, 1.0, 20.0, 100.0], log_alpha.prop_map(|log| 10f64.powf(log)));
    // Near 1, 1 + α and 1 + 2α as well.
    let beta =
        (0..4u32, either(&[0.0, 1e-9, -1e-9, 1e-3, -1e-3, 0.5], -1.0..1.0f64), 0.0..100.0f64);
    let onset =
        either(&[1.0, 1.5, 3.999, 999_999.5, 1e12], (0.0..12.0f64).prop_map(|log| 10f64.powf(log)));
    let count =
        either(&[1.0, 2.0, 3.0, 9e15], (0.0..15.9f64).prop_map(|log| 10f64.powf(log).round()));
    (alpha, beta, onset, any::<bool>(), any::<bool>(), count).prop_map(
        |(alpha, (kind, near, anywhere), onset, rademacher, finite, count)| {
            let beta = match kind {
                3 => anywhere * anywhere / 100.0,
                kind => (1.0 + f64::from(kind) * alpha + near).clamp(0.0, 100.0),
            };
            let amplitude = if rademacher { Amplitude::Rademacher } else { Amplitude::Gaussian };
            let count =
                if finite { Coordinates::Finite(count as u64) } else { Coordinates::Infinite };
            let model =
                SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
            model.with_coordinates(count).unwrap()
        },
    )
}

/// Samples or features.
fn size() -> impl Strategy<Value = f64> {
    let between = (0.0..15.0f64).prop_map(|log| 10f64.powf(log).round());
    either(&[1.0, 2.0, 3.0, 1.5, 1e12, f64::INFINITY], between)
}

/// `a ≤ b` up to the accuracy that is promised.
fn at_most(a: f64, b: f64) -> bool {
    a <= b * (1.0 + 1e-6) + f64::MIN_POSITIVE
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn coverage_is_within_its_bounds(model in model(), d in size(), more in 1.0..10.0f64) {
        let (theory, total) = (SampleTheory::new(&model, d).unwrap(), model.total_variance());
        let coverage = theory.coverage();
        let most = (d * model.active_per_sample()).min(model.coordinates().as_f64());
        prop_assert!(coverage.seen >= 1.0 - 1e-9 && at_most(coverage.seen, most), "{coverage:?} {most}");
        prop_assert!(coverage.unseen_mass >= 0.0 && at_most(coverage.unseen_mass, total), "{coverage:?}");
        let later = SampleTheory::new(&model, d * more).unwrap().coverage();
        prop_assert!(at_most(coverage.seen, later.seen) && at_most(later.unseen_mass, coverage.unseen_mass));
        let rank = theory.rank();
        prop_assert!(rank >= 1.0 - 1e-6 && at_most(rank, coverage.threshold), "{rank} {coverage:?}");
    }

    #[test]
    fn losses_are_numbers_and_no_less_than_the_unseen_mass(
        model in model(), n in size(), d in size(), log_ridge in -100.0..30.0f64, noise in 0.0..2.0f64,
    ) {
        let theory = SampleTheory::new(&model, d).unwrap();
        let unseen = theory.coverage().unseen_mass;
        match theory.loss(n) {
            Ok(loss) => prop_assert!(at_most(unseen, loss), "{loss} {unseen}"),
            Err(error) => prop_assert!(matches!(error, TheoryError::Depth { .. }), "{error}"),
        }
        let loss = theory.loss_with(n, Regression::new(10f64.powf(log_ridge), noise).unwrap()).unwrap();
        prop_assert!(at_most(unseen, loss), "{loss} {unseen}");
    }

    #[test]
    fn probabilities_of_instability_grow_with_the_rate(
        model in model(), log_d in 0.0..15.9f64, rate in either(&[1e-100, 1.999_999, 2.0, 9e29], 0.0..4.0f64),
    ) {
        let (d, rate) = (10f64.powf(log_d).round(), rate.max(1e-9));
        let [law, more] = [rate, 1.1 * rate].map(|rate| instability_probability(&model, d, rate).unwrap());
        prop_assert!((0.0..=1.0).contains(&law) && at_most(law, more), "{law} {more}");
        if let Ok(corrected) = corrected_instability_probability(&model, d, rate) {
            prop_assert!(corrected <= 1.0 && at_most(law, corrected), "{law} {corrected}");
        }
        if let Ok(asymptote) = instability_asymptote(&model, d, rate) {
            prop_assert!((0.0..=1.0).contains(&asymptote.probability), "{asymptote:?}");
        }
    }

    #[test]
    fn crossovers_are_where_as_many_are_seen(model in model()) {
        let Some(samples) = crossover(&model) else { return Ok(()) };
        prop_assert!(samples >= 1.0);
        if samples < 1e29 {
            let seen = SampleTheory::new(&model, samples).unwrap().coverage().seen;
            prop_assert!((seen / samples - 1.0).abs() < 1e-6, "{seen} {samples}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn flow_stays_between_nothing_learned_and_its_end(model in model(), d in size(), log_time in -9.0..18.0f64) {
        let theory = SampleTheory::new(&model, d).unwrap();
        let losses = theory.flow(&[0.0, 10f64.powf(log_time)]).unwrap();
        let floor = theory.coverage().unseen_mass;
        // The contour: 1e-6 of the loss at the start.
        prop_assert!(losses[1] >= floor - 1e-6 * losses[0] && losses[1] <= losses[0] * (1.0 + 1e-6), "{losses:?} {floor}");
    }
}
