//! Estimates of instability: the two methods against each other, against the diagonal law, and
//! their intervals.

use asymscale_model::{Amplitude, ModelSize, SparseModel};
use asymscale_montecarlo::{
    InstabilityEstimate, InstabilityMethod, InstabilitySettings, MonteCarloError,
    simulate_instability, suggested_method,
};
use asymscale_theory::{corrected_instability_probability, instability_probability};

fn settings(samples: usize, rate: f64, repeats: usize) -> InstabilitySettings {
    InstabilitySettings { samples, rate, repeats, ..Default::default() }
}

fn planted(settings: &InstabilitySettings, threshold_share: f64) -> InstabilitySettings {
    InstabilitySettings {
        method: InstabilityMethod::ImportanceSampling,
        threshold_share,
        ..settings.clone()
    }
}

/// Distance in standard errors of the difference.
fn score(a: InstabilityEstimate, b: InstabilityEstimate) -> f64 {
    (a.probability - b.probability) / a.standard_error.hypot(b.standard_error)
}

/// Where both are feasible they agree: |z| < 3, α = 2.7e-3 a comparison, 6 of them, n = 40 000
/// plain and 4 000 planted designs, seed 1 and 2.
#[test]
fn importance_sampling_agrees_with_plain_monte_carlo() {
    for (alpha, beta, samples, rate) in
        [(0.5, 2.5, 32, 0.5), (1.0, 3.0, 32, 0.5), (0.5, 2.5, 128, 0.5)]
    {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let model = SparseModel::power_law(alpha, beta, 1.0).unwrap().with_amplitude(amplitude);
            let plain = simulate_instability(&model, &settings(samples, rate, 40_000)).unwrap();
            let rare =
                planted(&InstabilitySettings { seed: 2, ..settings(samples, rate, 4_000) }, 0.5);
            let rare = simulate_instability(&model, &rare).unwrap();
            println!("α = {alpha}, β = {beta}, D = {samples}, {amplitude}: {plain:?} {rare:?}");
            assert!(score(plain, rare).abs() < 3.0, "{plain:?} {rare:?}");
            assert!(rare.standard_error < plain.standard_error);
        }
    }
}

/// The rare case the method is for: relative standard error below 5 %, both shares agree (|z| < 3),
/// and the diagonal law, a lower bound, is at most 5 % below (at D = 4000 it differs by the first
/// correction, of order 1/D).
#[test]
fn a_probability_of_a_millionth_is_estimated_to_a_few_per_cent() {
    let model = SparseModel::power_law(0.9, 2.6, 1.0).unwrap();
    let law = instability_probability(&model, 4000.0, 0.3).unwrap();
    let of =
        |share| simulate_instability(&model, &planted(&settings(4000, 0.3, 4_000), share)).unwrap();
    let (low, high) = (of(0.5), of(0.8));
    println!("{low:?} {high:?} {law}");
    for estimate in [low, high] {
        assert!(estimate.standard_error < 0.05 * estimate.probability, "{estimate:?}");
        assert!(
            (estimate.probability - law).abs() < 3.0 * estimate.standard_error + 0.05 * law,
            "{estimate:?}"
        );
        assert!(estimate.effective_samples > 400.0);
    }
    assert!(score(low, high).abs() < 3.0, "{low:?} {high:?}");
}

/// Coverage of the 95 % intervals over 400 estimates of 250 designs each, against the value of all
/// 100 000 of them together: at least 368 must cover (α = 0.005 for a coverage of 95 %, less what
/// the value's own error of 1/20 of an interval takes). Wilson's interval is conservative for
/// weights, so there is no upper bound.
#[test]
fn intervals_cover() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    for method in [InstabilityMethod::MonteCarlo, InstabilityMethod::ImportanceSampling] {
        let base = InstabilitySettings { method, ..settings(32, 1.0, 250) };
        let estimates: Vec<InstabilityEstimate> = (0..400)
            .map(|n| {
                simulate_instability(
                    &model,
                    &InstabilitySettings { first: 250 * n, ..base.clone() },
                )
                .unwrap()
            })
            .collect();
        let truth = estimates.iter().map(|e| e.probability).sum::<f64>() / 400.0;
        let covered =
            estimates.iter().filter(|e| e.interval.0 <= truth && truth <= e.interval.1).count();
        let within = estimates
            .iter()
            .filter(|e| (e.probability - truth).abs() < 1.96 * e.standard_error)
            .count();
        println!("{method}: {truth}, interval {covered}, standard error {within} of 400");
        assert!(covered >= 368 && within >= 364, "{method}: {covered} and {within} of 400");
    }
}

/// The law counts diagonal entries only; the sampled eigenvalue lies above. n = 60 000, seed 1; the
/// law is outside the 95 % interval by several of its widths.
#[test]
fn the_diagonal_law_is_a_lower_bound_and_close() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    let law = instability_probability(&model, 32.0, 1.2).unwrap();
    let found = simulate_instability(&model, &settings(32, 1.2, 60_000)).unwrap();
    println!("η = 1.2: {found:?} {law}");
    assert!(found.interval.0 > law && found.probability < 1.3 * law, "{found:?} {law}");
}

/// The first correction accounts for what the diagonal law lacks: the law is rejected (z > 4) and
/// the corrected one is not (|z| < 3, α = 2.7e-3). n = 60 000 planted designs, seed 5.
#[test]
fn the_first_correction_stands() {
    let model = SparseModel::power_law(1.0, 3.0, 1.0).unwrap();
    let base = InstabilitySettings { seed: 5, ..settings(128, 1.2, 60_000) };
    let found = simulate_instability(&model, &planted(&base, 0.6)).unwrap();
    let score = |expected: f64| (found.probability - expected) / found.standard_error;
    let plain = score(instability_probability(&model, 128.0, 1.2).unwrap());
    let corrected = score(corrected_instability_probability(&model, 128.0, 1.2).unwrap());
    println!("{found:?}: plain {plain}, corrected {corrected}");
    assert!(plain > 4.0 && corrected.abs() < 3.0, "plain {plain}, corrected {corrected}");
}

/// Fewer features mean larger eigenvalues: `N = 16` is unstable more often than `N = ∞` on the same
/// designs.
#[test]
fn few_features_inflate_the_probability() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    let of = |features| {
        let settings = InstabilitySettings { features, ..settings(32, 0.8, 2_000) };
        simulate_instability(&model, &settings).unwrap()
    };
    let (few, many, endless) = (of(16.into()), of(2_000.into()), of(ModelSize::Infinite));
    println!("{few:?} {many:?} {endless:?}");
    assert!(few.interval.0 > endless.interval.1);
    // With 2000 features λ_max is off by a few per cent: by far less than the interval.
    assert!(score(many, endless).abs() < 3.0);
}

#[test]
fn the_number_of_threads_and_blocks_does_not_show() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    let base = planted(&settings(32, 0.5, 200), 0.5);
    let all = simulate_instability(&model, &base).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| simulate_instability(&model, &base).unwrap()), all);
    let half = |first| {
        simulate_instability(&model, &InstabilitySettings { repeats: 100, first, ..base.clone() })
            .unwrap()
            .probability
    };
    assert!((0.5 * (half(0) + half(100)) / all.probability - 1.0).abs() < 1e-14);
}

#[test]
fn bad_settings_are_refused_and_methods_suggested() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    let refused = |settings| simulate_instability(&model, &settings).unwrap_err().to_string();
    assert_eq!(refused(settings(32, 0.5, 0)), "repeats = 0: must be a whole number >= 1");
    assert_eq!(
        refused(settings(32, -0.5, 9)),
        "rate = -0.5: the step size must be a number in 1e-100..1e30"
    );
    assert_eq!(refused(settings(0, 0.5, 9)), "samples = 0: must be a whole number in 1..9e15");
    let share = refused(planted(&settings(32, 0.5, 9), 1.5));
    assert_eq!(share, "threshold_share = 1.5: must be a number in (0, 1]");
    let small = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    let error = simulate_instability(&small, &planted(&settings(32, 0.5, 9), 0.5)).unwrap_err();
    assert!(matches!(error, MonteCarloError::Theory(_)), "{error}");
    let suggested = |model: &SparseModel, settings| suggested_method(model, &settings).unwrap();
    assert_eq!(suggested(&model, settings(32, 0.5, 100_000)), InstabilityMethod::MonteCarlo);
    assert_eq!(suggested(&model, settings(32, 0.5, 1_000)), InstabilityMethod::ImportanceSampling);
    assert_eq!(suggested(&small, settings(32, 0.5, 1_000)), InstabilityMethod::MonteCarlo);
}
